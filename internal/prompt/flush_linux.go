package prompt

import "golang.org/x/sys/unix"

// discardInput throws away what was typed and not read yet (tcflush with TCIFLUSH, POSIX.1-2017 §11.2.2).
func (t tty) discardInput() error { return unix.IoctlSetInt(int(t), unix.TCFLSH, unix.TCIFLUSH) }
