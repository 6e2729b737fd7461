//go:build unix && !linux

package prompt

import "golang.org/x/sys/unix"

// discardInput throws away what was typed and not read yet.
func (t tty) discardInput() error {
	const read = 1 // FREAD of <sys/file.h>
	return unix.IoctlSetPointerInt(int(t), unix.TIOCFLUSH, read)
}
