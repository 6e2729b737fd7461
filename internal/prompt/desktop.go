package prompt

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// dialogTimeout is how long a dialog waits for a first key, where it can tell.
	dialogTimeout = 2 * time.Minute

	// typingTimeout is how long a dialog stays in all.
	typingTimeout = 3 * time.Minute
)

// A Tool is what shows a dialog.
type Tool string

const (
	Pinentry  Tool = "pinentry"  // one of GnuPG's, which keep a PIN in memory of their own that they wipe
	Zenity    Tool = "zenity"    // GNOME's dialogs for scripts
	KDialog   Tool = "kdialog"   // KDE's
	OSAScript Tool = "osascript" // AppleScript's "display dialog"
	OwnWindow Tool = "natsuin"   // a window of this very process, on Windows
)

// A Dialog is a way to show one here.
type Dialog struct {
	Tool    Tool
	Program string // the absolute path; "" for OwnWindow
}

// A Desktop asks in the dialogs of the system.
type Desktop struct {
	// Dialogs are the ways to show one, best first, as FindDialogs returns them. Where one cannot, the next is
	// tried; where none can, the answer is ErrUnavailable.
	Dialogs []Dialog

	// Env looks a variable of the environment up: os.Getenv. Only a few are passed on to programs.
	Env func(string) string

	// Browser is a window of the browser that the dialog stays in front of, where the browser named one (on
	// Windows only); 0 for none.
	Browser uintptr

	firstKey, typing time.Duration // dialogTimeout and typingTimeout when 0
}

// Ask implements Asker.
func (d Desktop) Ask(ctx context.Context, r Request) (*PIN, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	if d.firstKey == 0 {
		d.firstKey = dialogTimeout
	}
	if d.typing == 0 {
		d.typing = typingTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, d.typing)
	defer cancel()
	for _, dialog := range d.Dialogs {
		pin := emptyPIN()
		err := d.show(ctx, dialog, r, pin)
		if err == nil && ctx.Err() == nil {
			return pin, nil
		}
		pin.Wipe()
		if ctx.Err() != nil {
			return nil, ended(ctx)
		}
		if !errors.Is(err, ErrUnavailable) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: no dialog of the system can be shown", ErrUnavailable)
}
