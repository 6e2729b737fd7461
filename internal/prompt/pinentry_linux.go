package prompt

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// The graphical pinentries as distributions install them. The last two of others are alternatives that may
// lead anywhere.
var (
	gnomePinentries = []string{"pinentry-gnome3"}
	qtPinentries    = []string{"pinentry-qt", "pinentry-qt5", "pinentry-qt4"}
	otherPinentries = []string{"pinentry-gtk-2", "pinentry-gtk", "pinentry-fltk", "pinentry-x11", "pinentry"}
)

// pinentryNames returns the names of pinentries, that of the desktop first.
func pinentryNames(desktop string) []string {
	if slices.Contains(strings.Split(desktop, ":"), "KDE") {
		return slices.Concat(qtPinentries, gnomePinentries, otherPinentries)
	}
	return slices.Concat(gnomePinentries, qtPinentries, otherPinentries)
}

// FindPinentry returns the absolute paths of the graphical pinentries in PATH, the desktop's own first. It returns none
// when there is no display to show one on. env looks up a variable of the environment: os.Getenv.
func FindPinentry(env func(string) string) []string {
	if env("DISPLAY") == "" && env("WAYLAND_DISPLAY") == "" {
		return nil
	}
	var found []string
	seen := map[string]bool{}
	for _, name := range pinentryNames(env("XDG_CURRENT_DESKTOP")) {
		for _, dir := range filepath.SplitList(env("PATH")) {
			program, ok := graphicalPinentry(dir, name)
			if ok && !seen[program] {
				seen[program] = true
				found = append(found, program)
			}
		}
	}
	return found
}

// graphicalPinentry returns the program behind a name, unless it asks in text mode. Relative folders are
// passed over: what they mean changes with the current one.
func graphicalPinentry(dir, name string) (string, bool) {
	if !filepath.IsAbs(dir) {
		return "", false
	}
	program, err := filepath.EvalSymlinks(filepath.Join(dir, name))
	if err != nil || textMode(filepath.Base(program)) {
		return "", false
	}
	if _, err := exec.LookPath(program); err != nil {
		return "", false
	}
	return program, true
}

// startPinentry starts a pinentry in a session of its own: it has no controlling terminal to ask on, and
// all that it starts ends with it. It also ends when this process is killed; the kernel ties that to the
// thread that started it, which is therefore kept until stop.
func startPinentry(program string, env []string) (*pinentryProcess, error) {
	cmd := exec.Command(program)
	cmd.Env = env
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("prompt: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("prompt: %w", err)
	}
	runtime.LockOSThread()
	if err := cmd.Start(); err != nil {
		runtime.UnlockOSThread()
		return nil, fmt.Errorf("%w: %v", ErrUnavailable, err)
	}

	// The process group may be signalled only until it is reaped: then its number can belong to others.
	var mu sync.Mutex
	reaped := false
	kill := func() {
		mu.Lock()
		defer mu.Unlock()
		if !reaped {
			_ = unix.Kill(-cmd.Process.Pid, unix.SIGKILL)
			_ = out.Close()
		}
	}
	stop := func() {
		kill() // it has answered or failed: nothing is left for it to do
		mu.Lock()
		defer mu.Unlock()
		_ = cmd.Wait()
		reaped = true
		runtime.UnlockOSThread()
	}
	return &pinentryProcess{in: in, out: out, kill: kill, stop: stop}, nil
}
