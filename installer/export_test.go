package installer

import (
	"os"
	"slices"
)

// WithWrite returns the target with another way of writing to files.
func (t Target) WithWrite(write func(f *os.File, content []byte) error) Target {
	t.write = write
	return t
}

// WithErase returns the target with another way of removing.
func (t Target) WithErase(erase func(root *os.Root, name string) error) Target {
	t.erase = erase
	return t
}

// Erase is the usual one.
var Erase = removeIn

// Reread reads a record and writes it again.
func Reread(text []byte) ([]byte, error) {
	r, err := readRecord(text)
	return r.write(), err
}

// RecordPlaces are the bases and the paths below them that a record names: of folders, then of files.
func RecordPlaces(text []byte) (places [][2]string, err error) {
	r, err := readRecord(text)
	for _, p := range slices.Concat(r.Folders, r.files()) {
		places = append(places, [2]string{p.Base, p.Path})
	}
	return places, err
}

// RecordFile is where the record is.
func (t Target) RecordFile() string {
	state, err := t.stateFolder(t.Scope)
	if err != nil {
		return ""
	}
	return t.in(state, recordName)
}

// TryLock takes the lock.
func (t Target) TryLock() (unlock func() error, err error) {
	held, err := t.lockPlace()
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(t.Disk(held.Base))
	if err != nil {
		return nil, err
	}
	return tryLock(root, held.Path)
}

// With returns the target with browsers.
func (t Target) With(names ...string) Target {
	t.Browsers = names
	return t
}
