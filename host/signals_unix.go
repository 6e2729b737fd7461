//go:build unix

package main

import (
	"errors"
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
)

// endings are the signals that end the program in order, with the card locked again: a closed terminal and
// Ctrl-\ too, which would leave it open.
var endings = []os.Signal{os.Interrupt, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT}

// ignoreSIGPIPE makes a reader that is gone the error of a write, and no sudden end.
func ignoreSIGPIPE() { signal.Ignore(unix.SIGPIPE) }

// unstoppable keeps Ctrl-Z from stopping the program until the returned function is called: stopped within a
// transaction it would keep the card, unlocked, from everybody.
func unstoppable() (stoppable func()) {
	if signal.Ignored(unix.SIGTSTP) {
		return func() {}
	}
	signal.Ignore(unix.SIGTSTP)
	return func() { signal.Reset(unix.SIGTSTP) }
}

// nobodyReads reports an error of writing to a pipe that its reader closed.
func nobodyReads(err error) bool { return errors.Is(err, unix.EPIPE) }
