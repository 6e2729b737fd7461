package installer

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"

	"github.com/natsuin/natsuin/manifests"
)

// A Listed is a browser of the table, and how it stands with the host.
type Listed struct {
	Browser
	Found         []Found // how it is there; none where it is not
	Registrations []Registration
}

// A Registration is one place where a browser looks for the host.
type Registration struct {
	Scope Scope
	Key   string // of the registry, on Windows
	Path  string // of the manifest; "" for a key without a value
	State State
	// Program is the one that the manifest leads to, as far as it can be read.
	Program string
	By      Author
}

// A State says what is registered in a place.
type State string

// The states.
const (
	Registered   State = "registered" // a manifest of Natsuin's that browsers take
	NothingThere State = "absent"
	// Dangling is a manifest of Natsuin's whose program is gone.
	Dangling State = "dangling"
	// Broken is what browsers do not take, or cannot read.
	Broken State = "broken"
	// SomebodyElses is a manifest under our name that leads to another program.
	SomebodyElses State = "foreign"
)

// An Author is who wrote a registration.
type Author string

// The authors.
const (
	Nobody      Author = ""
	ByInstaller Author = "natsuin" // natsuin install, by its record
	ByPackage   Author = "package" // it is Natsuin's, and not in the record: a package's, for example
	ByOthers    Author = "other"
)

// List tells of every browser of the table, or of those named, where it looks for the host and what is there. It
// changes nothing.
func List(m Machine, program string, names []string) (list []Listed, err error) {
	if _, err := (Target{Browsers: names}).removable(); err != nil {
		return nil, err
	}
	found := m.Find()
	for _, b := range Browsers {
		if len(names) > 0 && !slices.Contains(names, b.Name) && !slices.Contains(names, AllBrowsers) || !b.On(m.OS).Exists() {
			continue
		}
		l := Listed{Browser: b}
		for _, f := range found {
			if f.Name == b.Name {
				l.Found = append(l.Found, f)
			}
		}
		if l.Registrations, err = m.Registrations(b, program); err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	return list, nil
}

// Registrations are the places where a browser looks for the host, in its order: the person's own first, as far as
// anybody knows the home.
func (m Machine) Registrations(b Browser, program string) (all []Registration, err error) {
	for _, scope := range []Scope{User, System} {
		places, err := m.places(b, scope)
		if errors.Is(err, ErrNoHome) {
			continue
		}
		if err != nil {
			return nil, err
		}
		t := Target{Machine: m, Scope: scope}
		record := t.record()
		for _, p := range places {
			r := Registration{Scope: scope, Key: p.key, Path: m.in(p.folder, p.name)}
			if p.key != "" {
				if r.Path, _, err = m.Registry.Get(p.key); err != nil {
					return nil, err
				}
			}
			at := t.movedPlace(p.place()) // as the record has it
			p.folder = folder{at.Base, path.Dir(at.Path)}
			m.judge(&r, p, record, program)
			all = append(all, r)
		}
	}
	return all, nil
}

// record reads what is recorded for the target's scope, as far as it can be read.
func (t Target) record() record {
	state, err := t.stateFolder(t.Scope)
	if err != nil {
		return record{}
	}
	text, err := t.read(t.in(state, recordName))
	if err != nil {
		return record{}
	}
	r, _ := readRecord(text) // what is no record records nothing
	return t.moved(r)
}

// judge says what is in a place, and by whom.
func (m Machine) judge(r *Registration, p item, recorded record, program string) {
	if r.Path == "" {
		r.State = NothingThere
		return
	}
	text, err := m.read(r.Path)
	if _, gone := os.Lstat(m.Disk(r.Path)); errors.Is(gone, fs.ErrNotExist) && r.Key == "" {
		r.State = NothingThere
		return
	}
	r.State, r.By = Broken, ByOthers
	e := recorded.of(p)
	if e != nil {
		r.By = ByInstaller
	}
	h, readErr := manifests.ReadHost(text)
	if err != nil || readErr != nil {
		return
	}
	h = h.In(m.OS, r.Path)
	r.Program = h.Path
	ours := m.isOurs(h, p.family, program)
	switch {
	case !ours:
		r.State, r.By = SomebodyElses, ByOthers
		return
	case h.Check(p.family, m.OS) != nil:
	case !m.isThere(h.Path):
		r.State = Dangling
	default:
		r.State = Registered
	}
	if e == nil {
		r.By = ByPackage
	}
}
