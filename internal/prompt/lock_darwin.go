package prompt

import "golang.org/x/sys/unix"

// lockPage keeps the page out of swap, where the system permits it.
func lockPage(page []byte) { _ = unix.Mlock(page) }

func unlockPage(page []byte) { _ = unix.Munlock(page) }
