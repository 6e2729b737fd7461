package installer

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// A session is one change to what is registered for a scope. Nobody else changes it meanwhile.
type session struct {
	Target
	*files
	at     place // of the record
	record record
	before []byte // the record's text when the session began; nil where there was none
	unlock func() error

	made     []place  // folders
	madeKeys []string // of the registry, the outermost first

	leftover    place   // of the list of folders that are left over when the record goes
	hasLeftover bool    // whether there is that list
	unknown     []place // what is in it that this run cannot judge
}

var errLocked = errors.New("locked by another installation")

// begin waits for its turn and reads the record.
func (t Target) begin() (*session, error) {
	state, err := t.stateFolder(t.Scope)
	if err != nil {
		return nil, err
	}
	held, err := t.lockPlace()
	if err != nil {
		return nil, err
	}
	leftover, err := t.leftoverPlace()
	if err != nil {
		return nil, err
	}
	s := &session{Target: t, files: t.files(), at: place{state.base, path.Join(state.rel, recordName)}, leftover: leftover}
	if err := s.lock(held); err != nil {
		_, cleared := s.removeFolders(s.made)
		s.close()
		return nil, errors.Join(err, cleared)
	}
	err = s.makeFolders(s.at)
	if err == nil {
		s.record, s.before, err = s.recordAt(s.at, s.check)
	}
	if err == nil {
		err = s.readLeftover()
	}
	if err != nil {
		return nil, errors.Join(err, s.end())
	}
	return s, nil
}

// lockPlace is where the lock of a scope is. A person's is right in the home, so that whoever has it knows who made every
// folder below, and so that there is one, wherever the environment puts the record. Everybody's is where nobody but an
// administrator can put anything.
func (t Target) lockPlace() (place, error) {
	if t.Scope == User {
		base, err := t.base(User)
		return place{base, ".natsuin.lock"}, err
	}
	state, err := t.stateFolder(t.Scope)
	return place{state.base, path.Join(state.rel, "registered.lock")}, err
}

const lockPoll = 20 * time.Millisecond

// lock takes the lock. The one who had it may be removing the folder in which it is.
func (s *session) lock(p place) error {
	for deadline := time.Now().Add(s.Wait); ; time.Sleep(lockPoll) {
		root, err := s.root(p.Base)
		if err != nil {
			return err
		}
		if err = s.makeFolders(p); err == nil {
			s.unlock, err = takeLock(root, p.Path)
			if errors.Is(err, errNoFile) {
				err = &Conflict{s.machine.Join(p.Base, p.Path), NotFile}
			}
			err = s.explained(p, err)
		}
		passing := errors.Is(err, errLocked) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist)
		switch {
		case !passing:
			return err
		case time.Now().After(deadline):
			return fmt.Errorf("%w: %w", ErrBusy, err)
		}
	}
}

// takeLock takes the lock that has a name, unless that is another thing's: errNoFile. A lock is an empty file.
func takeLock(root *os.Root, name string) (unlock func() error, err error) {
	info, err := root.Lstat(name)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > 0) {
		return nil, errNoFile
	}
	return tryLock(root, name)
}

// errAnothers is for a record that somebody else wrote.
var errAnothers = errors.New("it belongs to another user")

// recordAt reads a record of this account's or root's that passes a check, and its text, which is nil where there is none.
func (s *session) recordAt(p place, check func(record) error) (r record, text []byte, err error) {
	text, there, err := s.look(p)
	if err != nil || !there {
		return record{}, nil, err
	}
	switch r, err = readRecord(text); {
	case err == nil && s.isAnothers(p):
		err = errAnothers
	case err == nil:
		err = check(r)
	}
	if err != nil {
		return record{}, nil, fmt.Errorf("%w: %w", &Conflict{s.machine.Join(p.Base, p.Path), Damaged}, err)
	}
	return s.moved(r), text, nil
}

// save writes the record down, or removes it where nothing stands in it.
func (s *session) save() error {
	if len(s.record.Entries) > 0 {
		if text := s.record.write(); string(text) != string(s.before) { // a disk that is full keeps nobody from changing nothing
			return s.put(s.at, text)
		}
		return nil
	}
	s.keepFolders()
	return errors.Join(s.remove(s.at), s.unstage(s.at))
}

// end lets the others go on. Where nothing is registered any more, nothing is left of the record.
func (s *session) end() error {
	defer s.close()
	text, there, err := s.look(s.at)
	switch {
	case err != nil:
		return errors.Join(err, s.unlock())
	case there && string(text) == string(s.record.write()): // with the folders that were left over
		return errors.Join(s.dropLeftover(), s.unlock())
	case there:
		return s.unlock()
	}
	own := place{s.at.Base, path.Dir(s.at.Path)} // even one that somebody who was stopped had made
	left, err := s.removeFolders(slices.Concat(s.record.Folders, s.made, []place{own}))
	if s.Scope == User {
		return errors.Join(err, s.dropLeftover(), s.unlock())
	}
	err = errors.Join(err, s.unlock())
	// The lock was in one of them. Whoever makes another lock there meanwhile keeps it.
	_, last := s.removeFolders(slices.DeleteFunc(left, func(p place) bool {
		return p.Base != s.at.Base || !strings.HasPrefix(s.at.Path, p.Path+"/")
	}))
	return errors.Join(err, last, s.dropLeftover())
}

// makeFolders makes what is missing above a file.
func (s *session) makeFolders(p place) error {
	missing, err := s.missing(p)
	if err != nil {
		return err
	}
	for _, folder := range missing {
		if err := s.make(folder); err != nil {
			return err
		}
		s.made = append(s.made, folder)
	}
	return nil
}

// removeFolders removes folders, the innermost first, as far as they are empty, and returns the others, in their order.
func (s *session) removeFolders(all []place) (left []place, failed error) {
	defer func() {
		isGone := func(p place) bool { return !slices.Contains(left, p) }
		left = slices.DeleteFunc(slices.Clone(all), isGone)
	}()
	folders := slices.Clone(all)
	length := func(p place) int { return len(s.machine.Join(p.Base, p.Path)) }
	slices.SortStableFunc(folders, func(a, b place) int { return length(b) - length(a) })
	for _, folder := range folders {
		empty, err := s.empty(folder)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil || !empty:
			left = append(left, folder) // somebody uses it, or nobody can tell
		default:
			err := s.remove(folder)
			if errors.Is(err, fs.ErrExist) { // somebody has put something into it meanwhile
				left = append(left, folder)
			} else {
				failed = errors.Join(failed, err)
			}
		}
	}
	return left, failed
}

// empty says whether a folder is there, no link has taken its place, and it has nothing in it.
func (f *files) empty(p place) (bool, error) {
	root, err := f.root(p.Base)
	if err != nil {
		return false, err
	}
	if info, err := root.Lstat(p.Path); err != nil || !info.IsDir() {
		return false, err
	}
	folder, err := root.Open(p.Path)
	if err != nil {
		return false, err
	}
	defer folder.Close()
	names, err := folder.Readdirnames(1)
	if errors.Is(err, io.EOF) {
		return true, nil
	}
	return len(names) == 0, err
}
