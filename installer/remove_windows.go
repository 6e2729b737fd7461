package installer

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// removeIn removes a file or an empty folder. Where the system does not know the way in which os.Root removes things, as
// Wine 8 does not, it is done by the path: os.Root has then just been in that folder, and found no link that leads out.
func removeIn(root *os.Root, name string) error {
	err := root.Remove(name)
	if errors.Is(err, windows.ERROR_INVALID_FUNCTION) {
		return os.Remove(filepath.Join(root.Name(), filepath.FromSlash(name)))
	}
	return err
}
