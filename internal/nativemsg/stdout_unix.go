//go:build unix

package nativemsg

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// takeStdout moves standard output to a new descriptor, which programs started later do not inherit, and
// makes descriptor 1 a second name of standard error.
func takeStdout() (*os.File, error) {
	const firstFree = 3 // above the three standard descriptors
	fd, err := unix.FcntlInt(1, unix.F_DUPFD_CLOEXEC, firstFree)
	if err != nil {
		return nil, fmt.Errorf("nativemsg: duplicating standard output: %w", err)
	}
	if err := redirect(2, 1); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("nativemsg: pointing standard output at standard error: %w", err)
	}
	return os.NewFile(uintptr(fd), "frames"), nil
}
