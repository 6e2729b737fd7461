package installer

import "errors"

// The folder of the record, and those above it, cannot be removed while the record is there, and are known from nothing else
// once it is gone. So before it goes, what is left of its folders is written down outside of all of them, as a record without
// entries. That list goes last. Whoever is stopped between leaves it to the next one who installs or uninstalls.

// leftoverPlace is where that list is.
func (t Target) leftoverPlace() (place, error) {
	base, err := t.base(t.Scope)
	return place{base, ".natsuin.folders"}, err
}

// readLeftover takes the list's folders over. One of which nobody here knows whether an installation can have made it is
// left to whoever has the environment with which it was made.
func (s *session) readLeftover() error {
	list, text, err := s.recordAt(s.leftover, onlyFolders)
	if err != nil || text == nil {
		return err
	}
	s.hasLeftover = true
	var known []place
	for _, folder := range list.Folders {
		if s.canHaveMade(folder) {
			known = append(known, folder)
		} else {
			s.unknown = append(s.unknown, folder)
		}
	}
	s.record.Folders = union(s.record.Folders, known)
	return nil
}

// onlyFolders holds that a record is such a list.
func onlyFolders(r record) error {
	if len(r.Entries)+len(r.Keys) > 0 {
		return errRecord
	}
	return nil
}

// keepFolders writes the list anew, with what is left of the record's folders. A disk that is too full for it keeps nobody
// from removing the rest.
func (s *session) keepFolders() {
	if len(s.record.Folders) > 0 && s.writeLeftover(union(s.record.Folders, s.unknown)) == nil {
		s.hasLeftover = true
	}
}

// dropLeftover removes the list, but for what it has for others.
func (s *session) dropLeftover() error {
	switch {
	case !s.hasLeftover:
		return nil
	case len(s.unknown) > 0:
		return s.writeLeftover(s.unknown)
	}
	return errors.Join(s.remove(s.leftover), s.unstage(s.leftover))
}

func (s *session) writeLeftover(folders []place) error {
	return s.put(s.leftover, record{Folders: folders}.write())
}
