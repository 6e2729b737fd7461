package installer

import "os"

// WithWrite returns the target with another way of writing to files.
func (t Target) WithWrite(write func(f *os.File, content []byte) error) Target {
	t.write = write
	return t
}

// Reread reads a record and writes it again.
func Reread(text []byte) ([]byte, error) {
	r, err := readRecord(text)
	return r.write(), err
}

// TryLock takes the lock.
func (t Target) TryLock() (unlock func() error, err error) {
	state, err := t.stateFolder(t.Scope)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(t.Disk(state.base))
	if err != nil {
		return nil, err
	}
	return tryLock(root, t.lockIn(state).Path)
}

// With returns the target with browsers.
func (t Target) With(names ...string) Target {
	t.Browsers = names
	return t
}
