package installer

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// tryLock makes a file that nobody else can open and that goes when it is closed, or returns errLocked.
func tryLock(root *os.Root, name string) (unlock func() error, err error) {
	path, err := windows.UTF16PtrFromString(filepath.Join(root.Name(), name))
	if err != nil {
		return nil, err
	}
	const nobody = 0
	handle, err := windows.CreateFile(path, windows.GENERIC_WRITE, nobody, nil, windows.CREATE_ALWAYS,
		windows.FILE_ATTRIBUTE_HIDDEN|windows.FILE_FLAG_DELETE_ON_CLOSE|windows.FILE_FLAG_OPEN_REPARSE_POINT, 0)
	if errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_DELETE_PENDING) {
		return nil, errLocked
	}
	if err != nil {
		return nil, err
	}
	return func() error { return windows.CloseHandle(handle) }, nil
}
