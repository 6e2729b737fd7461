package installer

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/natsuin/natsuin/manifests"
)

// Uninstall removes what Install wrote, as the record has it, or brings a package's own manifest back that was written over,
// and removes the folders that were made for it, as far as they are empty. What somebody changed meanwhile is left to them,
// and what belongs to another copy of Natsuin to that. What is behind a link now (a *Conflict) stays in the record. Stopped in
// its middle it can be done again.
func Uninstall(t Target) (report Report, err error) {
	names, err := t.removable()
	if err != nil {
		return report, err
	}
	if began, err := t.began(); err != nil || !began {
		report.Actions = t.unrecorded(names)
		return absent(report, t.Browsers), err
	}
	s, err := t.begin()
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, s.end()) }()
	var failed [4]error
	report.Actions, failed[0] = s.removeEntries(names)
	failed[1] = s.removeKeys()
	s.record.Folders, failed[2] = s.removeFolders(s.record.Folders)
	failed[3] = s.save()
	if s.before == nil {
		report.Actions = t.unrecorded(names)
	}
	return absent(report, t.Browsers), errors.Join(failed[:]...)
}

// unrecorded tells of the registrations of Natsuin's that are there for browsers of those names, nil being all, without a
// record.
func (t Target) unrecorded(names []string) (actions []Action) {
	for _, b := range Browsers {
		if names != nil && !slices.Contains(names, b.Name) {
			continue
		}
		registrations, _ := t.Registrations(b, t.Program) // of what cannot be read there is nothing to tell
		for _, r := range registrations {
			if r.Scope == t.Scope && r.By == ByPackage {
				actions = append(actions, Action{Browser: b.Name, Path: cmp.Or(r.Key, r.Path), Program: r.Program, Done: Unrecorded})
			}
		}
	}
	return actions
}

// removable returns the names of the browsers of which the registration is to be removed; nil is all.
func (t Target) removable() ([]string, error) {
	for _, name := range t.Browsers {
		if _, ok := Named(name); !ok && name != AllBrowsers {
			return nil, fmt.Errorf("%q: %w", name, ErrUnknownBrowser)
		}
	}
	if slices.Contains(t.Browsers, AllBrowsers) {
		return nil, nil
	}
	return t.Browsers, nil
}

// absent adds the browsers of which nothing was registered.
func absent(r Report, names []string) Report {
	for _, name := range names {
		if name != AllBrowsers && !slices.ContainsFunc(r.Actions, func(a Action) bool { return a.Browser == name }) {
			r.Actions = append(r.Actions, Action{Browser: name, Done: Absent})
		}
	}
	return r
}

// began says whether anything was ever begun: whether there is a folder for the record, a lock, or a list of folders that are
// left over.
func (t Target) began() (bool, error) {
	state, err := t.stateFolder(t.Scope)
	if err != nil {
		return false, err
	}
	f := t.files()
	defer f.close()
	missing, err := f.missing(place{state.base, state.rel + "/" + recordName})
	if errors.Is(err, fs.ErrNotExist) { // the base itself
		return false, nil
	}
	if err != nil || len(missing) == 0 {
		return err == nil, err
	}
	for _, at := range []func() (place, error){t.lockPlace, t.leftoverPlace} {
		p, err := at()
		if err != nil {
			return false, err
		}
		if _, there, err := f.look(p); err != nil || there {
			return there, err
		}
	}
	return false, nil
}

// removeEntries removes what was registered for the browsers of those names; the record says afterwards what is left.
func (s *session) removeEntries(names []string) (actions []Action, err error) {
	var left []entry
	// The keys first: a browser must not be led to a file that is gone.
	slices.SortStableFunc(s.record.Entries, func(a, b entry) int { return ranked(a) - ranked(b) })
	for _, e := range s.record.Entries {
		gone, others := split(e.Browsers, names)
		if len(gone) == 0 {
			left = append(left, e)
			continue
		}
		action := Action{Path: s.pathOf(e), Done: Shared, Sharing: others}
		if len(others) > 0 {
			e.Browsers = others
			left = append(left, e)
		} else {
			var removeErr error
			action.Done, removeErr = s.removeEntry(e)
			if err = errors.Join(err, removeErr); removeErr != nil || action.Done == Kept {
				left = append(left, e)
			}
			if removeErr != nil {
				continue
			}
		}
		if action.Done == Kept {
			action.Program = e.Program
		}
		for _, name := range gone {
			if e.Key != "" || s.Registry == nil || action.Done == Restored {
				action.Browser = name
				actions = append(actions, action)
			}
		}
	}
	s.record.Entries = left
	return actions, err
}

func ranked(e entry) int {
	if e.Key != "" {
		return 0
	}
	return 1
}

// split parts the browsers of an entry into those of the names, and the others.
func split(browsers, names []string) (gone, others []string) {
	for _, b := range browsers {
		if names == nil || slices.Contains(names, b) {
			gone = append(gone, b)
		} else {
			others = append(others, b)
		}
	}
	return gone, others
}

func (s *session) pathOf(e entry) string {
	if e.File == nil {
		return e.Key
	}
	return s.machine.Join(e.File.Base, e.File.Path)
}

// removeEntry removes a file or the value of a key, if it is still what was written.
func (s *session) removeEntry(e entry) (Outcome, error) {
	if !s.SameProgram(e.Program, s.Program) && s.isThere(e.Program) {
		return Kept, nil
	}
	if e.File == nil {
		value, there, err := s.Registry.Get(e.Key)
		switch {
		case err != nil:
			return "", err
		case !there:
			return Absent, nil
		case value != e.Value:
			return Changed, nil
		}
		return Removed, s.Registry.Clear(e.Key)
	}
	content, there, err := s.look(*e.File)
	var conflict *Conflict
	switch {
	case errors.As(err, &conflict) && conflict.Reason == NotFile:
		return Changed, nil
	case conflict != nil && s.isThere(conflict.Path) && !s.isThere(s.pathOf(e)): // somebody has removed it behind the link
		return Absent, nil
	case err != nil:
		return "", err
	case !there:
		return Absent, s.unstage(*e.File)
	case digest(content) != e.Value && !s.stillOurs(e, content):
		return Changed, nil
	}
	if own := s.packagesOwn(e); own != nil {
		if string(content) != string(own) {
			err = s.put(*e.File, own)
		}
		return Restored, err
	}
	return Removed, errors.Join(s.remove(*e.File), s.unstage(*e.File))
}

// packagesOwn is the manifest of the package's in whose place an entry is; nil where there was none, or its program is gone.
func (s *session) packagesOwn(e entry) []byte {
	if e.Packaged == "" {
		return nil
	}
	b, _ := Named(e.Browsers[0])
	text := manifests.Host(b.Family, e.Packaged)
	h, err := manifests.ReadHost(text)
	h = h.In(s.OS, s.pathOf(e))
	if err != nil || !s.isThere(h.Path) || !s.isOurs(h, b.Family, s.Program) {
		return nil
	}
	return text
}

// stillOurs says whether a file that is not as it was written is still a manifest for this program, or one of Natsuin's for a
// program that is gone: an installation that was stopped leaves the old one.
func (s *session) stillOurs(e entry, content []byte) bool {
	h, err := manifests.ReadHost(content)
	if err != nil || h.Name != manifests.HostName {
		return false
	}
	b, _ := Named(e.Browsers[0]) // all that look in one place are of one family
	return s.SameProgram(h.Path, s.Program) || s.isOrphan(h, b.Family)
}

// removeKeys removes the keys that were made, the innermost first, as far as nothing is in them.
func (s *session) removeKeys() (failed error) {
	if s.Registry == nil {
		return nil
	}
	keys := slices.Clone(s.record.Keys)
	s.record.Keys = nil
	slices.SortFunc(keys, func(a, b string) int { return len(b) - len(a) })
	for _, key := range keys {
		there, err := true, s.Registry.Remove(key)
		if err == nil {
			there, err = s.Registry.Has(key)
		}
		if failed = errors.Join(failed, err); there {
			s.record.Keys = append(s.record.Keys, key)
		}
	}
	return failed
}
