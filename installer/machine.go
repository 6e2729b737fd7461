package installer

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/natsuin/natsuin/internal/way"
	"github.com/natsuin/natsuin/manifests"
)

// A Machine is what is installed on, from where one person stands. All paths are the machine's own, in
// the form of its operating system.
type Machine struct {
	OS   string              // as runtime.GOOS has it: "linux", "darwin" or "windows"
	Root string              // a folder in which the machine's files are looked up; "" on the machine itself
	Home string              // the person's home; "" where nobody knows it
	Env  func(string) string // os.Getenv
	// Registry is that of Windows; nil elsewhere.
	Registry Registry
	// ExtensionIDs are further ids of the extension, from an administrator who hosts it.
	ExtensionIDs map[manifests.Family][]string
}

// A Scope says for whom something is registered.
type Scope string

// The scopes.
const (
	User   Scope = "user"   // one person
	System Scope = "system" // everybody on the machine
)

// ErrNoHome is returned where something is to be registered for a person whose home nobody knows.
var ErrNoHome = errors.New("the home folder is not known")

// Disk is where a path of the machine is to be found from here.
func (m Machine) Disk(p string) string {
	switch {
	case m.Root == "":
		return p
	case m.OS == "windows": // C:\x is in the folder C
		p = strings.Replace(strings.ReplaceAll(p, `\`, "/"), ":", "", 1)
	}
	return filepath.Join(m.Root, p)
}

// Join puts a path of the machine together.
func (m Machine) Join(first string, rest ...string) string {
	if m.OS != "windows" {
		return path.Join(append([]string{first}, rest...)...)
	}
	joined := strings.TrimRight(first, `\`)
	for _, part := range rest {
		joined += `\` + strings.ReplaceAll(part, "/", `\`)
	}
	return joined
}

// A folder of the machine is reached from a base, out of which no link is followed. The base is there
// already, unless the environment names it.
type folder struct {
	base string // a path of the machine
	rel  string // below it, with slashes
}

// in returns what has that name in the folder, as a path of the machine.
func (m Machine) in(f folder, name string) string { return m.Join(f.base, f.rel, name) }

// base is the folder that holds all that is written for a scope.
func (m Machine) base(s Scope) (string, error) {
	switch {
	case m.OS == "windows" && s == User:
		if local := m.Env("LOCALAPPDATA"); local != "" {
			return local, nil
		}
		if m.Home != "" {
			return m.Join(m.Home, `AppData\Local`), nil
		}
		return "", ErrNoHome
	case m.OS == "windows":
		return m.programFiles(), nil
	case s == System:
		return "/", nil
	case m.Home == "":
		return "", ErrNoHome
	}
	return path.Clean(m.Home), nil
}

// programFiles is the folder into which administrators alone can put programs. A 32-bit process is told another in
// ProgramFiles.
func (m Machine) programFiles() string {
	for _, name := range []string{"ProgramW6432", "ProgramFiles"} {
		if p := m.Env(name); p != "" {
			return p
		}
	}
	return `C:\Program Files`
}

// xdg are the folders of a home that the environment can put elsewhere (XDG Base Directory Specification).
var xdg = []struct{ below, variable string }{
	{".config", "XDG_CONFIG_HOME"}, {".local/state", "XDG_STATE_HOME"}, {".local/share", "XDG_DATA_HOME"},
}

// bases are all folders that can be the base of something that is written for a scope.
func (m Machine) bases(s Scope) (all []string) {
	base, err := m.base(s)
	if err != nil {
		return nil
	}
	all = append(all, base)
	if s == User {
		all = append(all, m.elsewhere()...)
	}
	return all
}

// Homes are the folders below which a person's registrations are: the home, and those that the environment names in place of
// some of it. They need not be there.
func (m Machine) Homes() []string { return m.bases(User) }

// elsewhere are the folders that the environment names in place of some of the home. They need not be there.
func (m Machine) elsewhere() (all []string) {
	if m.OS != "linux" {
		return nil
	}
	for _, x := range xdg {
		if named := m.Env(x.variable); path.IsAbs(named) && path.Clean(named) != path.Clean(m.Home) {
			all = append(all, path.Clean(named))
		}
	}
	return all
}

// personal is a folder below the person's home, or wherever the environment puts that.
func (m Machine) personal(below string) (folder, error) {
	base, err := m.base(User)
	if err != nil || m.OS != "linux" {
		return folder{base, below}, err
	}
	for _, x := range xdg {
		rest, ok := strings.CutPrefix(below, x.below+"/")
		elsewhere := m.Env(x.variable)
		if !ok || !path.IsAbs(elsewhere) {
			continue
		}
		if inside, ok := strings.CutPrefix(path.Clean(elsewhere), base+"/"); ok {
			return folder{base, path.Join(inside, rest)}, nil
		}
		return folder{path.Clean(elsewhere), rest}, nil
	}
	return folder{base, below}, nil
}

// Personal is a folder below the person's home as a path: none where nobody knows the home.
func (m Machine) Personal(below string) []string {
	f, err := m.personal(below)
	if err != nil {
		return nil
	}
	return []string{m.Join(f.base, f.rel)}
}

// unlinked is a folder's path without links, as far as the folder is there.
func (m Machine) unlinked(folder string) string {
	end, err := way.Walk(m.Root, folder, func(string, fs.FileInfo) error { return nil })
	if err != nil && folder != "/" {
		return path.Join(m.unlinked(path.Dir(folder)), path.Base(folder))
	}
	return end
}

// everybodys is a folder of the whole machine.
func everybodys(p string) folder { return folder{"/", strings.TrimPrefix(p, "/")} }

// Commands are the folders in which the machine's commands are: those of PATH, then the usual ones, which a
// browser's or a service's own PATH has even where this one lacks them.
func (m Machine) Commands() []string {
	var folders []string
	for _, folder := range strings.Split(m.Env("PATH"), ":") {
		if path.IsAbs(folder) {
			folders = append(folders, folder)
		}
	}
	return append(folders, "/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin", "/run/current-system/sw/bin")
}
