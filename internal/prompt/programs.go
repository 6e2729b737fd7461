//go:build linux || darwin

package prompt

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
)

// show asks in one dialog and adds what was typed to pin.
func (d Desktop) show(ctx context.Context, dialog Dialog, r Request, pin *PIN) error {
	switch dialog.Tool {
	case Pinentry:
		return askPinentry(ctx, dialog.Program, environment(d.Env), r, pin)
	case Zenity:
		return zenity.ask(ctx, dialog.Program, environment(d.Env), r, pin)
	case KDialog:
		return kdialog.ask(ctx, dialog.Program, environment(d.Env), r, pin)
	case OSAScript:
		return osascript.ask(ctx, dialog.Program, environment(d.Env), r, pin)
	}
	return fmt.Errorf("%w: %q shows no dialog on this system", ErrUnavailable, dialog.Tool)
}

// programs returns those programs of names that are in the folders, in the order of the names, each once.
func programs(tool Tool, names, folders []string) (found []Dialog) {
	seen := map[string]bool{}
	for _, name := range names {
		for _, folder := range folders {
			program, ok := graphical(folder, name)
			if ok && !seen[program] {
				seen[program] = true
				found = append(found, Dialog{tool, program})
			}
		}
	}
	return found
}

// graphical returns the program behind a name, unless it asks in text mode. Relative folders are passed over:
// what they mean changes with the current one.
func graphical(folder, name string) (string, bool) {
	if !filepath.IsAbs(folder) {
		return "", false
	}
	program, err := filepath.EvalSymlinks(filepath.Join(folder, name))
	if err != nil || textMode(filepath.Base(program)) {
		return "", false
	}
	if _, err := exec.LookPath(program); err != nil {
		return "", false
	}
	return program, true
}

// environment is the whole environment that a dialog's program gets: what it needs to reach the display, and no
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
