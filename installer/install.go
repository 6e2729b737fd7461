package installer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/natsuin/natsuin/manifests"
)

// Install registers the program with browsers. Doing it again changes nothing, and what an earlier version or another
// copy of Natsuin registered is brought up to date, with browsers that are not there as well. It is all done or nothing: what
// is in the way of one browser (a *Conflict), or a disk that is full, leaves everything as it was. A program that no browser
// could start is not registered, unless it is below a root.
func Install(t Target) (report Report, err error) {
	if !manifests.IsAbs(t.OS, t.Program) {
		return report, fmt.Errorf("the program's path %q is not absolute", t.Program)
	}
	for _, p := range append(t.bases(t.Scope), t.Program) {
		if !utf8.ValidString(p) {
			return report, fmt.Errorf("%q: %w", p, ErrNotUTF8)
		}
	}
	if t.Root == "" { // what is packaged comes to its place later
		if err := t.CheckProgram(t.Program, t.Scope); err != nil {
			return report, &NoProgram{t.Program, err}
		}
	}
	found := t.Find()
	browsers, err := t.chosen(found)
	if err != nil {
		return report, err
	}
	defer func() { report.Confined = confined(t.Find(), browsers, t.Browsers) }() // as it is afterwards
	items, err := t.plan(browsers, found)
	if err != nil || len(items) == 0 {
		return report, err
	}
	s, err := t.begin()
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, s.end()) }()
	steps, err := s.examine(items)
	if err != nil {
		return report, err
	}
	if err := s.carryOut(steps); err != nil {
		return report, err
	}
	report.Actions = t.told(steps)
	return report, nil
}

// told is what was done, browser by browser. On Windows a browser is registered by a key, to which belongs the file that
// it leads to.
func (t Target) told(steps []step) (actions []Action) {
	written := map[string]bool{}
	for _, st := range steps {
		written[t.path(st.item)] = st.outcome == Written
	}
	for _, st := range steps {
		if st.key == "" && t.Registry != nil {
			continue
		}
		done := Unchanged
		if st.outcome == Written || written[st.item.value] {
			done = Written
		}
		for _, name := range st.browsers {
			actions = append(actions, Action{Browser: name, Path: t.path(st.item), Done: done})
		}
	}
	return actions
}

// confined are those of the browsers found that were asked for, or could have been, and do not start hosts directly.
func confined(found []Found, chosen []Browser, asked []string) (some []Found) {
	for _, f := range found {
		concerns := len(asked) == 0 || slices.ContainsFunc(chosen, func(b Browser) bool { return b.Name == f.Name })
		if concerns && f.Reach != Direct {
			some = append(some, f)
		}
	}
	return some
}

// A step puts one item in place.
type step struct {
	item
	outcome Outcome
	there   bool   // something was there before
	before  []byte // its content, or
	value   string // its value
}

// examine looks at what is there and says what is to be done. What is in the way is named, all of it.
func (s *session) examine(items []item) (steps []step, err error) {
	var conflicts []error
	for _, i := range items {
		st := step{item: i, outcome: Written}
		var own, same bool
		if i.key != "" {
			st.value, st.there, err = s.Registry.Get(i.key)
			same = st.there && st.value == i.value
			own = s.ownsKey(i, st.value)
		} else {
			st.before, st.there, err = s.look(i.place())
			same = st.there && string(st.before) == string(i.content)
			own = s.ownsFile(i, st.before)
		}
		switch {
		case err != nil:
			conflicts = append(conflicts, err)
		case same, i.modest && st.there && !own:
			st.outcome = Unchanged
		case st.there && !own:
			conflicts = append(conflicts, &Conflict{s.path(i), Foreign})
		}
		steps = append(steps, st)
	}
	return steps, errors.Join(conflicts...)
}

// ownsFile says whether what is in an item's place may be overwritten: it is as an installation like this one wrote it, or
// it is a manifest of Natsuin's.
func (s *session) ownsFile(i item, content []byte) bool {
	if e := s.record.of(i); e != nil && e.Value == digest(content) {
		return true
	}
	if i.modest {
		return false
	}
	h, err := manifests.ReadHost(content)
	return err == nil && s.isOurs(h.In(s.OS, s.path(i)), i.family, s.Program)
}

// ownsKey says the same of a key.
func (s *session) ownsKey(i item, value string) bool {
	if e := s.record.of(i); e != nil && e.Value == value {
		return true
	}
	text, err := s.read(value)
	if err != nil {
		return false
	}
	h, err := manifests.ReadHost(text)
	return err == nil && s.isOurs(h.In(s.OS, value), i.family, s.Program)
}

// carryOut puts everything in place, or leaves everything as it was.
func (s *session) carryOut(steps []step) error {
	old := s.record.clone()
	var todo []step
	for _, st := range steps {
		if st.outcome == Written {
			todo = append(todo, st)
		}
		if st.outcome == Written || s.record.of(st.item) != nil {
			s.record.add(st.item, s.Program, s.packaged(st))
		}
	}
	err := s.prepare(todo)
	if err == nil {
		err = s.enter(todo)
	}
	if err != nil {
		s.record = old
		return errors.Join(err, s.undo(todo))
	}
	return nil
}

// packaged is the program of a package's manifest that a step writes over, or an earlier one wrote over: for everybody, without
// an administrator's ids, and put there by nobody whom the record knows.
func (s *session) packaged(st step) string {
	if s.Scope != System || st.key != "" || !st.there {
		return ""
	}
	e := s.record.of(st.item)
	h, err := manifests.ReadHost(st.before)
	switch {
	case (e == nil || e.Value != digest(st.before)) && err == nil && string(st.before) == string(manifests.Host(st.family, h.Path)):
		return h.Path
	case e != nil:
		return e.Packaged
	}
	return ""
}

// prepare writes the record, and next to each file its new content. Nobody reads any of it yet.
func (s *session) prepare(todo []step) error {
	if len(s.record.Entries) == 0 {
		return nil
	}
	s.record.Folders = union(s.record.Folders, s.made)
	for _, st := range todo {
		if st.key != "" {
			keys, err := s.missingKeys(st.key)
			if err != nil {
				return err
			}
			s.madeKeys = union(s.madeKeys, keys)
			s.record.Keys = union(s.record.Keys, keys)
			continue
		}
		folders, err := s.missing(st.place())
		if err != nil {
			return err
		}
		s.record.Folders = union(s.record.Folders, folders)
	}
	if text := s.record.write(); string(text) != string(s.before) {
		if err := s.put(s.at, text); err != nil {
			return err
		}
	}
	for _, st := range todo {
		if st.key != "" {
			continue
		}
		if err := s.makeFolders(st.place()); err != nil {
			return err
		}
		if err := s.stage(st.place(), st.content); err != nil {
			return err
		}
	}
	return nil
}

// missingKeys lists the keys that have to be made for one, the outermost first.
func (s *session) missingKeys(key string) (missing []string, err error) {
	for ; strings.Contains(key, `\`); key = key[:strings.LastIndex(key, `\`)] {
		there, err := s.Registry.Has(key)
		if err != nil {
			return nil, err
		}
		if there {
			break
		}
		missing = append([]string{key}, missing...)
	}
	return missing, nil
}

// enter makes everything known to the browsers: the files first, to which the keys lead.
func (s *session) enter(todo []step) error {
	for _, st := range todo {
		if st.key != "" {
			continue
		}
		if err := s.commit(st.place()); err != nil {
			return err
		}
	}
	for _, st := range todo {
		if st.key == "" {
			continue
		}
		if err := s.Registry.Set(st.key, st.item.value); err != nil {
			return fmt.Errorf("%s: %w", st.key, err)
		}
	}
	return nil
}

// undo brings back what was there before, as far as the disk lets it.
func (s *session) undo(todo []step) error {
	var failed error
	for _, st := range slices.Backward(todo) {
		if st.key != "" {
			failed = errors.Join(failed, s.restoreKey(st))
		} else {
			failed = errors.Join(failed, s.restoreFile(st))
		}
	}
	failed = errors.Join(failed, s.unstage(s.at))
	if s.before != nil {
		text, _, err := s.look(s.at)
		if err == nil && string(text) != string(s.before) {
			err = s.put(s.at, s.before)
		}
		failed = errors.Join(failed, err)
	} else {
		failed = errors.Join(failed, s.remove(s.at))
	}
	_, err := s.removeFolders(s.made)
	return errors.Join(failed, err)
}

func (s *session) restoreFile(st step) error {
	p := st.place()
	if err := s.unstage(p); err != nil {
		return err
	}
	now, there, err := s.look(p)
	switch {
	case err != nil:
		return err
	case !st.there && there:
		return s.remove(p)
	case st.there && string(now) != string(st.before):
		return s.put(p, st.before)
	}
	return nil
}

func (s *session) restoreKey(st step) error {
	if st.there {
		return s.Registry.Set(st.key, st.value)
	}
	err := s.Registry.Clear(st.key)
	for _, key := range slices.Backward(s.madeKeys) {
		err = errors.Join(err, s.Registry.Remove(key))
	}
	return err
}
