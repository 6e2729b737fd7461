package prompt

import (
	"context"
	"fmt"
)

// FindDialogs returns the one dialog that is shown here, Natsuin's own; none where nobody can see one: in a
// service, or over SSH.
func FindDialogs(func(string) string) []Dialog {
	if !onScreen() {
		return nil
	}
	return []Dialog{{Tool: OwnWindow}}
}

// show asks in a dialog and adds what was typed to pin.
func (d Desktop) show(ctx context.Context, dialog Dialog, r Request, pin *PIN) error {
	if dialog.Tool != OwnWindow {
		return fmt.Errorf("%w: %q shows no dialog on this system", ErrUnavailable, dialog.Tool)
	}
	w := &ownWindow{request: r, browser: d.Browser, firstKey: d.firstKey, pin: pin}
	return w.ask(ctx)
}
