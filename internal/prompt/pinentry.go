package prompt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

const (
	// dialogTimeout is how long a dialog waits for a first key.
	dialogTimeout = 2 * time.Minute

	// typingTimeout is how long a dialog stays in all. Pinentry stops its own clock at the first key.
	typingTimeout = 3 * time.Minute
)

// Causes in libgpg-error's list of codes with which a pinentry ends a dialog.
const (
	causeTimeout        = 62
	causeCancelled      = 99
	causeNotConfirmed   = 114
	causeFullyCancelled = 198
)

// Pinentry asks in the graphical dialog of GnuPG's pinentry, one process per question.
type Pinentry struct {
	// Programs are absolute paths, best first, as FindPinentry returns them. Where one cannot show a
	// dialog the next is tried; where none can, the answer is ErrUnavailable.
	Programs []string

	// Env looks a variable of the environment up: os.Getenv. Only a few are passed on.
	Env func(string) string

	timeout time.Duration // typingTimeout when 0
}

// Ask implements Asker.
func (p Pinentry) Ask(ctx context.Context, r Request) (*PIN, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	t := r.Lang.texts()
	lines := []string{
		set("SETTITLE", t.title),
		set("SETDESC", r.description(maxCommandLine, descLength)),
		set("SETPROMPT", t.prompt[r.Purpose]),
		set("SETOK", r.accept()),
		set("SETCANCEL", t.cancel),
	}
	if problem := r.problem(); problem != "" {
		lines = append(lines, set("SETERROR", problem))
	}
	pin := emptyPIN()
	if err := p.dialog(ctx, lines, pin); err != nil {
		pin.Wipe()
		return nil, err
	}
	return pin, nil
}

func set(command, text string) string { return command + " " + encode(text) }

// descLength is the length of the line that carries a description.
func descLength(text string) int { return len(set("SETDESC", text)) }

// dialog shows one dialog in the first program that can, and adds what was typed to pin.
func (p Pinentry) dialog(ctx context.Context, lines []string, pin *PIN) error {
	timeout := p.timeout
	if timeout == 0 {
		timeout = typingTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	err := ErrUnavailable
	for _, program := range p.Programs {
		pin.reset()
		err = p.run(ctx, program, lines, pin)
		if ctx.Err() != nil {
			return ended(ctx)
		}
		if !errors.Is(err, ErrUnavailable) {
			return err
		}
	}
	return err
}

// run starts a program, shows one dialog and ends the program.
func (p Pinentry) run(ctx context.Context, program string, lines []string, pin *PIN) error {
	process, err := startPinentry(program, environment(p.Env))
	if err != nil {
		return err
	}
	defer process.stop()
	defer context.AfterFunc(ctx, process.kill)()
	server := newAssuan(process.out, process.in)
	defer server.wipe()
	return converse(server, lines, pin)
}

// converse carries one dialog through. Until the question is put the human has seen nothing, so whatever
// fails before it is ErrUnavailable.
func converse(server *assuan, lines []string, pin *PIN) error {
	if err := prepare(server, lines); err != nil {
		return fmt.Errorf("%w: pinentry: %v", ErrUnavailable, err)
	}
	err := server.command("GETPIN", pin.append)
	var refused *assuanError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &refused):
		return fmt.Errorf("%w: pinentry: %v", ErrBroken, err)
	}
	switch refused.cause() {
	case causeCancelled, causeFullyCancelled, causeNotConfirmed:
		return ErrCancelled
	case causeTimeout:
		return ErrTimeout
	}
	// Everything else means that it found no way to show the dialog, such as a locked screen.
	return fmt.Errorf("%w: %v", ErrUnavailable, refused)
}

// prepare takes the greeting, makes sure of a graphical dialog, and sets what it shows.
func prepare(server *assuan, lines []string) error {
	if err := server.answer(nil); err != nil {
		return err
	}
	if err := refuseTextMode(server); err != nil {
		return err
	}
	options := []string{
		"OPTION lc-ctype=C.UTF-8",
		// The keyboard goes to the dialog alone: no page that opens a window meanwhile gets the PIN.
		"OPTION grab",
		fmt.Sprintf("SETTIMEOUT %d", int(dialogTimeout/time.Second)),
	}
	for _, line := range options {
		var unknown *assuanError
		if err := server.command(line, nil); err != nil && !errors.As(err, &unknown) {
			return err
		}
	}
	for _, line := range lines {
		if err := server.command(line, nil); err != nil {
			return err
		}
	}
	return nil
}

// refuseTextMode ends with an error when a graphical pinentry has fallen back to text mode: it then calls
// itself, for example, "gtk2:curses". One that does not know the question is too old to fall back unasked.
func refuseTextMode(server *assuan) error {
	var flavor strings.Builder
	err := server.command("GETINFO flavor", func(c byte) { flavor.WriteByte(c) })
	var unknown *assuanError
	if err != nil && !errors.As(err, &unknown) {
		return err
	}
	if textMode(flavor.String()) {
		return errors.New("it would ask in text mode")
	}
	return nil
}

// textMode reports whether the name of a pinentry, or the flavor it reports, stands for one that asks on a
// terminal or inside another program.
func textMode(name string) bool {
	for _, kind := range []string{"curses", "tty", "loopback", "emacs"} {
		if strings.Contains(name, kind) {
			return true
		}
	}
	return false
}

// pinentryProcess is a pinentry that runs.
type pinentryProcess struct {
	in  io.Writer
	out io.Reader

	kill func() // ends it at once, from any goroutine
	stop func() // ends it and waits until it is gone; from the goroutine that started it
}

// environment is the whole environment that a pinentry gets: what it needs to reach the display, and no
// terminal (GPG_TTY), so that it cannot ask on the one that the browser was started from.
func environment(env func(string) string) []string {
	vars := []string{"LC_ALL=C.UTF-8"} // our texts come in UTF-8, whatever the user's locale
	for _, name := range []string{
		"DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "XDG_SESSION_TYPE",
		"DBUS_SESSION_BUS_ADDRESS", "HOME", "PATH",
	} {
		if value := env(name); value != "" {
			vars = append(vars, name+"="+value)
		}
	}
	return vars
}
