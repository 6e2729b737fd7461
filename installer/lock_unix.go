//go:build unix

package installer

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// tryLock takes the lock on a file, which it makes, or returns errLocked. Unlock removes the file again. Whoever waited
// for a file that was removed meanwhile holds the lock on nothing, and tries again.
func tryLock(root *os.Root, name string) (unlock func() error, err error) {
	f, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		f, err = root.OpenFile(name, os.O_RDWR|syscall.O_NONBLOCK, 0)
	}
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = errLocked
		}
		return nil, err
	}
	held, err := f.Stat()
	if err == nil {
		var named os.FileInfo
		if named, err = root.Lstat(name); err != nil || !os.SameFile(held, named) {
			err = errLocked
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return func() error { return errors.Join(root.Remove(name), f.Close()) }, nil
}
