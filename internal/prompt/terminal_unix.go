//go:build unix

package prompt

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// Terminal asks on the terminal that the command line runs on, and shows nothing of what is typed.
type Terminal struct {
	Device string // "" for the process's own, /dev/tty
}

// Ask implements Asker. Ctrl-C and Ctrl-D are ErrCancelled; without a terminal the error is ErrUnavailable.
func (t Terminal) Ask(ctx context.Context, r Request) (*PIN, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	tty, err := openTTY(t.Device)
	if err != nil {
		return nil, err
	}
	defer tty.close()
	pin := emptyPIN()
	if err := tty.readHidden(ctx, r.onTerminal(), pin); err != nil {
		pin.Wipe()
		return nil, err
	}
	return pin, nil
}

// A tty is a terminal's descriptor. It is not an os.File, because its reads must end with a context.
type tty int

func openTTY(device string) (tty, error) {
	if device == "" {
		device = "/dev/tty"
	}
	fd, err := unix.Open(device, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("%w: opening %s: %v", ErrUnavailable, device, err)
	}
	if !term.IsTerminal(fd) {
		unix.Close(fd)
		return 0, fmt.Errorf("%w: %s is not a terminal", ErrUnavailable, device)
	}
	return tty(fd), nil
}

func (t tty) close() { _ = unix.Close(int(t)) }

func (t tty) Write(p []byte) (int, error) { return unix.Write(int(t), p) }

// readHidden asks the question and reads a line into pin in raw mode: without echo, and with Ctrl-C as a key,
// so that the terminal is put right again before the program ends. The answer begins after the question: what
// was typed before stood on the screen, and nobody meant it to go to the card. What is typed behind the answer
// is no command for the shell either.
func (t tty) readHidden(ctx context.Context, question string, pin *PIN) error {
	state, err := term.MakeRaw(int(t))
	if err != nil {
		return fmt.Errorf("prompt: switching the terminal's echo off: %w", err)
	}
	defer fmt.Fprintln(t)
	defer term.Restore(int(t), state)
	if err := t.discardInput(); err != nil {
		return fmt.Errorf("prompt: discarding what was typed before: %w", err)
	}
	defer t.discardInput()
	// A raw terminal does not return its carriage by itself.
	fmt.Fprint(t, strings.ReplaceAll(question, "\n", "\r\n"))
	for {
		if err := t.readByte(ctx, pin.scratch()); err != nil {
			return err
		}
		if done, err := edit(pin, pin.scratch()[0]); done || err != nil {
			return err
		}
	}
}

// readByte reads one byte into b. The end of input is ErrCancelled.
func (t tty) readByte(ctx context.Context, b []byte) error {
	const slice = 50 // milliseconds between two looks at ctx
	for ctx.Err() == nil {
		ready, err := unix.Poll([]unix.PollFd{{Fd: int32(t), Events: unix.POLLIN}}, slice)
		if err == nil && ready > 0 {
			var n int
			n, err = unix.Read(int(t), b[:1])
			if err == nil && n == 0 {
				return fmt.Errorf("%w: the terminal's input has ended", ErrCancelled)
			}
			if err == nil {
				return nil
			}
		}
		if err != nil && err != unix.EINTR {
			return fmt.Errorf("prompt: reading the terminal: %w", err)
		}
	}
	return ended(ctx)
}
