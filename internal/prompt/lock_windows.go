package prompt

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// lockPage keeps the page in memory, where the system permits it.
func lockPage(page []byte) {
	_ = windows.VirtualLock(uintptr(unsafe.Pointer(&page[0])), uintptr(len(page)))
}

func unlockPage(page []byte) {
	_ = windows.VirtualUnlock(uintptr(unsafe.Pointer(&page[0])), uintptr(len(page)))
}
