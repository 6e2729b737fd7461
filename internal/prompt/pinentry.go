//go:build linux || darwin

package prompt

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Causes in libgpg-error's list of codes with which a pinentry ends a dialog.
const (
	causeTimeout        = 62
	causeCancelled      = 99
	causeNotConfirmed   = 114
	causeFullyCancelled = 198
)

// askPinentry asks in the graphical dialog of GnuPG's pinentry, one process per question.
func askPinentry(ctx context.Context, program string, env []string, r Request, pin *PIN) error {
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
	process, err := startProcess(program, nil, env)
	if err != nil {
		return err
	}
	defer process.stop()
	defer context.AfterFunc(ctx, process.kill)()
	server := newAssuan(process.out, process.in)
	defer server.wipe()
	return converse(server, lines, pin)
}

func set(command, text string) string { return command + " " + encode(text) }

// descLength is the length of the line that carries a description.
func descLength(text string) int { return len(set("SETDESC", text)) }

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
