package installer

import (
	"errors"
	"io"
	"os"
	"syscall"
)

var errNoFile = errors.New("no regular file")

// openRegular opens a regular file to read. Anything else is errNoFile, and nobody waits for a pipe's other end, even where
// a pipe takes the file's place meanwhile.
func openRegular(path string) (f *os.File, size int64, err error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errNoFile
	}
	if err != nil {
		return nil, 0, err
	}
	if f, err = os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0); err != nil {
		return nil, 0, err
	}
	if info, err = f.Stat(); err == nil && !info.Mode().IsRegular() {
		err = errNoFile
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// read returns the start of a regular file of the machine, which is all of any manifest.
func (m Machine) read(p string) ([]byte, error) {
	f, _, err := openRegular(m.Disk(p))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxManifest))
}
