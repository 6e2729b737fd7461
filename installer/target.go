package installer

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/natsuin/natsuin/manifests"
)

// A Target is where to register what.
type Target struct {
	Machine
	Scope   Scope
	Program string // the host's absolute path, as the machine has it
	// Browsers are names of the table, or AllBrowsers. None is every browser that is there or registered to install for, and
	// every one that is registered to uninstall.
	Browsers []string
	// Wait is how long to wait for another installation that is under way.
	Wait time.Duration

	write func(f *os.File, content []byte) error // in place of writing, to make it fail
	erase func(root *os.Root, name string) error // in place of removing, likewise
}

// AllBrowsers stands for every browser of the table.
const AllBrowsers = "all"

// Errors of a Target.
var (
	// ErrUnknownBrowser wraps a name that is not in the table.
	ErrUnknownBrowser = errors.New("not a browser that can be registered with")
	// ErrNotHere wraps the name of a browser that does not exist on this operating system.
	ErrNotHere = errors.New("there is no such browser on this operating system")
	// ErrNotUTF8 wraps a path that JSON cannot hold, in which manifests and the record are written.
	ErrNotUTF8 = errors.New("the path is not UTF-8")
	// ErrOneFolder wraps the place of a manifest in which browsers of both families look, by way of a link.
	ErrOneFolder = errors.New("browsers that need different manifests look in this one folder")
	// ErrBusy says that another installation is under way and took longer than Wait.
	ErrBusy = errors.New("another installation is under way")
)

// A Report tells what was done.
type Report struct {
	Actions []Action
	// Confined are the browsers that are there in a form that cannot start other programs, or only by a detour.
	Confined []Found
}

// An Action tells what became of one file, or of one key of the registry.
type Action struct {
	Browser string // its name
	Path    string // of the file, or the key
	Done    Outcome
	// Program is the one that a registration which was kept, or is unrecorded, leads to.
	Program string
	// Sharing are the browsers for which something was left that this one used, too.
	Sharing []string
}

// An Outcome is what was done.
type Outcome string

// The outcomes.
const (
	Written   Outcome = "written"
	Unchanged Outcome = "unchanged"
	Removed   Outcome = "removed"
	Restored  Outcome = "restored" // brought back to what a package had registered
	Absent    Outcome = "absent"
	Shared    Outcome = "shared"  // left, because other browsers use it, too
	Kept      Outcome = "kept"    // left to another copy of Natsuin, which was registered later
	Changed   Outcome = "changed" // left to whoever changed it after it had been written
	// Unrecorded is a registration of Natsuin's that was left, because no record says that it was written here: a
	// package's, or one whose record the environment had put elsewhere.
	Unrecorded Outcome = "unrecorded"
)

// A Conflict is something that is in the way. Install changed nothing then, and Uninstall nothing there.
type Conflict struct {
	Path   string // of the machine, or a key of the registry
	Reason Reason
}

// A Reason says what is in the way.
type Reason string

// The reasons.
const (
	Foreign Reason = "foreign"  // a registration under our name that is not Natsuin's
	NotFile Reason = "not-file" // something else than a file
	Outside Reason = "outside"  // a link that leads nowhere, or out of the folder in which everything is to be written
	Damaged Reason = "damaged"  // a record that cannot be read
	// Unfollowed is a link below the machine's / that is absolute or leads nowhere, or out of the folder in which the machine is.
	Unfollowed Reason = "unfollowed"
)

func (c *Conflict) Error() string { return fmt.Sprintf("%s is in the way: %s", c.Path, c.Reason) }

// Conflicts lists everything that is in the way, as an error of Install tells it.
func Conflicts(err error) (all []*Conflict) {
	switch e := err.(type) {
	case *Conflict:
		return []*Conflict{e}
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			all = append(all, Conflicts(inner)...)
		}
	case interface{ Unwrap() error }:
		return Conflicts(e.Unwrap())
	}
	return all
}

// An item is one thing to be put in place: a file with its content, or a key of the registry with its value.
type item struct {
	folder
	name    string
	content []byte
	key     string
	value   string

	family   manifests.Family // of a manifest, or of the manifest that a key leads to
	browsers []string         // that look there
	// modest items give way to whatever is there already.
	modest bool
}

// path is where the item is.
func (t Target) path(i item) string {
	if i.key != "" {
		return i.key
	}
	return t.in(i.folder, i.name)
}

// chosen returns the browsers to register with: those asked for, else those that are there and can start the host, and those
// with which Natsuin is registered already, so that nothing of it falls behind. Below a root in which no browser is, which
// is what a packager fills, it is every browser.
func (t Target) chosen(found []Found) ([]Browser, error) {
	var names []string
	for _, f := range found {
		if f.Reach.StartsHosts() || f.Reach == ProxyForbidden {
			names = append(names, f.Name)
		}
	}
	switch {
	case len(t.Browsers) > 0:
		names = t.Browsers
	case t.Root != "" && len(found) == 0:
		names = []string{AllBrowsers}
	default:
		registered, err := t.registered()
		if err != nil {
			return nil, err
		}
		names = append(names, registered...)
	}
	all := slices.Contains(names, AllBrowsers)
	for _, name := range t.Browsers {
		if b, ok := Named(name); !ok && name != AllBrowsers {
			return nil, fmt.Errorf("%q: %w", name, ErrUnknownBrowser)
		} else if ok && !b.On(t.OS).Exists() {
			return nil, fmt.Errorf("%s: %w", b.Title, ErrNotHere)
		}
	}
	var browsers []Browser
	for _, b := range Browsers {
		if (all || slices.Contains(names, b.Name)) && b.On(t.OS).Exists() {
			browsers = append(browsers, b)
		}
	}
	return browsers, nil
}

// registered names the browsers for which the record has something, and those that find Natsuin in all of their places without
// the record knowing of each: by a package, which registers with all. One that shares a place with another is not meant by
// what was written there for that.
func (t Target) registered() (names []string, err error) {
	for _, e := range t.record().Entries {
		names = append(names, e.Browsers...)
	}
	for _, b := range Browsers {
		registrations, err := t.Registrations(b, t.Program)
		if err != nil {
			return nil, err
		}
		packaged, all := false, true
		for _, r := range registrations {
			if r.Scope == t.Scope {
				packaged = packaged || r.By == ByPackage
				all = all && (r.By == ByPackage || r.By == ByInstaller)
			}
		}
		if packaged && all {
			names = append(names, b.Name)
		}
	}
	return names, nil
}

// plan lists what has to be in place for browsers, each thing once.
func (t Target) plan(browsers []Browser, found []Found) (items []item, err error) {
	f := t.files()
	defer f.close()
	var clash error
	add := func(b Browser, i item) {
		i.browsers = []string{b.Name}
		for n := range items {
			if t.path(items[n]) == t.path(i) {
				if string(items[n].content) != string(i.content) {
					clash = fmt.Errorf("%s: %w", t.path(i), ErrOneFolder)
				}
				items[n].browsers = union(items[n].browsers, i.browsers)
				return
			}
		}
		items = append(items, i)
	}
	for _, b := range browsers {
		places, err := t.places(b, t.Scope)
		if err != nil {
			return nil, err
		}
		for _, p := range places {
			p.folder = f.resolved(p.folder)
			p.content = manifests.Host(b.Family, t.Program, t.ExtensionIDs[b.Family]...)
			add(b, p.file())
			if p.key != "" {
				p.value = t.path(p.file())
				p.content = nil
				add(b, p)
			}
		}
		for _, f := range found {
			if f.Name == b.Name && f.Reach == ProxyForbidden {
				overrides, err := t.overrideFolder(t.Scope)
				if err != nil {
					return nil, err
				}
				add(b, item{folder: overrides, name: b.On(t.OS).Flatpak, content: proxyOverride, modest: true})
			}
		}
	}
	for _, i := range items {
		if p := t.in(i.folder, i.name); !utf8.ValidString(p) {
			return nil, fmt.Errorf("%q: %w", p, ErrNotUTF8)
		}
	}
	return items, clash
}

// file is the file that an item is, or to which its key leads.
func (i item) file() item {
	i.key, i.value = "", ""
	return i
}

// places are where a browser looks for the host, in its order: with a key on Windows, all of whose browsers of a family
// are led to one file.
func (m Machine) places(b Browser, s Scope) (places []item, err error) {
	facts := b.On(m.OS)
	below := facts.User
	if s == System {
		below = facts.System
	}
	for _, p := range below {
		i := item{name: ManifestName(m.OS, b.Family), family: b.Family}
		switch {
		case m.OS == "windows":
			i.folder, err = m.stateFolder(s)
			i.key = hive(s) + p + `\` + manifests.HostName
		case s == System:
			i.folder = everybodys(p)
		default:
			i.folder, err = m.personal(p)
		}
		if err != nil {
			return nil, err
		}
		places = append(places, i)
	}
	return places, nil
}

// hive is the key of the registry below which everything is that is registered for a scope.
func hive(s Scope) string {
	if s == System {
		return `HKLM\SOFTWARE\`
	}
	return `HKCU\Software\`
}

// ManifestName is the name of a family's manifest on an operating system. On Windows those of all families are in one folder.
func ManifestName(goos string, f manifests.Family) string {
	if goos == "windows" {
		return fmt.Sprintf("%s.%s.json", manifests.HostName, f)
	}
	return manifests.HostName + ".json"
}

// stateFolder is where the record is, and on Windows the manifests.
func (m Machine) stateFolder(s Scope) (folder, error) {
	base, err := m.base(s)
	if err != nil {
		return folder{}, err
	}
	switch {
	case m.OS == "windows":
		return folder{base, "Natsuin"}, nil
	case m.OS == "darwin":
		return folder{base, support + "Natsuin"}, nil
	case s == System:
		return everybodys("/var/lib/natsuin"), nil
	}
	return m.personal(".local/state/natsuin")
}

// union joins two lists without naming anything twice.
func union[T comparable](a, b []T) []T {
	joined := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(joined, s) {
			joined = append(joined, s)
		}
	}
	return joined
}
