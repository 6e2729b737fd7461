package installer

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/natsuin/natsuin/manifests"
)

// A Target is where to install to.
type Target struct {
	Home    string   // the person's home
	Program string   // the host's absolute path
	Names   []string // browsers; none is every browser of the table
}

// An Action tells what became of one manifest.
type Action struct {
	Browser string
	Path    string // the manifest's
	Done    Outcome
}

// An Outcome is what was done.
type Outcome string

// The outcomes.
const (
	Written   Outcome = "written"
	Unchanged Outcome = "unchanged"
	Removed   Outcome = "removed"
	Absent    Outcome = "absent"
	// Kept is a manifest that does not name this program: another installation's.
	Kept Outcome = "kept"
)

// ErrUnknownBrowser wraps the name that is not in the table.
var ErrUnknownBrowser = errors.New("not a browser that can be installed for")

// Install writes the manifest of every browser asked for. A browser that is started for the first time
// later finds it there, so none has to be present. Doing it again changes nothing.
func Install(t Target) ([]Action, error) {
	if !filepath.IsAbs(t.Program) {
		return nil, fmt.Errorf("the program's path %q is not absolute", t.Program)
	}
	return t.each(func(b Browser, path string) (Outcome, error) {
		want := manifests.Host(b.Family, t.Program)
		if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, want) {
			return Unchanged, nil
		}
		return Written, writeFile(path, want)
	})
}

// Uninstall removes what Install wrote, and the folders that this leaves empty.
func Uninstall(t Target) ([]Action, error) {
	return t.each(func(b Browser, path string) (Outcome, error) {
		have, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return Absent, nil
		case err != nil:
			return "", err
		case !bytes.Equal(have, manifests.Host(b.Family, t.Program)):
			return Kept, nil
		}
		if err := os.Remove(path); err != nil {
			return "", err
		}
		removeEmpty(t.Home, filepath.Dir(path))
		return Removed, nil
	})
}

func (t Target) each(do func(Browser, string) (Outcome, error)) ([]Action, error) {
	browsers, err := t.browsers()
	if err != nil {
		return nil, err
	}
	var actions []Action
	for _, b := range browsers {
		path := filepath.Join(t.Home, b.Manifests, manifests.HostName+".json")
		outcome, err := do(b, path)
		if err != nil {
			return actions, fmt.Errorf("%s: %w", b.Name, err)
		}
		actions = append(actions, Action{Browser: b.Name, Path: path, Done: outcome})
	}
	return actions, nil
}

func (t Target) browsers() ([]Browser, error) {
	if len(t.Names) == 0 {
		return Browsers, nil
	}
	var browsers []Browser
	for _, name := range t.Names {
		b, ok := byName(name)
		if !ok {
			return nil, fmt.Errorf("%s: %w", name, ErrUnknownBrowser)
		}
		browsers = append(browsers, b)
	}
	return browsers, nil
}

func byName(name string) (Browser, bool) {
	for _, b := range Browsers {
		if b.Name == name {
			return b, true
		}
	}
	return Browser{}, false
}

// writeFile puts a file in place in one step: a browser reads the old one or the new one whole.
func writeFile(path string, content []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".natsuin-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	if err := errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// removeEmpty removes dir and the folders above it, as long as they are empty and below home.
func removeEmpty(home, dir string) {
	for dir != home && len(dir) > len(home) && os.Remove(dir) == nil {
		dir = filepath.Dir(dir)
	}
}
