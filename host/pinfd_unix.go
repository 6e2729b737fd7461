//go:build unix

package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// suppliedFile returns the file that the caller passed as a descriptor. It is asked for before this program
// opens anything of its own, and takes neither those descriptors that are closed nor the runtime's own.
func suppliedFile(fd int) (*os.File, error) {
	var info unix.Stat_t
	if err := unix.Fstat(fd, &info); err != nil {
		return nil, fmt.Errorf("descriptor %d: %w", fd, err)
	}
	switch info.Mode & unix.S_IFMT {
	case unix.S_IFIFO, unix.S_IFREG, unix.S_IFSOCK, unix.S_IFCHR:
		return os.NewFile(uintptr(fd), "--pin-fd"), nil
	}
	return nil, fmt.Errorf("descriptor %d is nothing to read a PIN from", fd)
}
