package prompt

import "golang.org/x/sys/unix"

// lockPage keeps the page out of swap and out of core dumps, where the system permits it.
func lockPage(page []byte) {
	_ = unix.Mlock(page)
	_ = unix.Madvise(page, unix.MADV_DONTDUMP)
}

func unlockPage(page []byte) {
	_ = unix.Madvise(page, unix.MADV_DODUMP)
	_ = unix.Munlock(page)
}
