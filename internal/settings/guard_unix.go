//go:build !windows

package settings

import (
	"io/fs"
	"os"
	"runtime"
	"syscall"

	"github.com/natsuin/natsuin/internal/way"
)

// filePath is where the settings are.
func filePath() string {
	if runtime.GOOS == "darwin" {
		return "/Library/Application Support/Natsuin/settings.json"
	}
	return "/etc/natsuin/settings.json"
}

// guard makes sure that nobody but administrators can change what is at a path, or put something else there: every folder
// and every link on the way belongs to root and is nobody else's to write, but for folders with the sticky bit that are not
// closed. It returns where all links lead. The error is a *looseError, or one of way.Walk's.
func (m machine) guard(file string, closed closure) (end string, err error) {
	end, err = way.Walk(m.root, file, func(at string, info fs.FileInfo) error {
		if m.isLoose(info, closed == allClosed) {
			return &looseError{at}
		}
		return nil
	})
	if err != nil || closed != lastClosed {
		return end, err
	}
	info, err := os.Lstat(m.disk(end))
	if err == nil && m.isLoose(info, true) {
		err = &looseError{end}
	}
	return end, err
}

// macOS's group of administrators.
const adminGroup = 80

// isLoose says whether others than administrators can change what a file, a folder or a link is. Where an access-control
// list lets others write, Linux shows it in the bits of the group.
func (m machine) isLoose(info fs.FileInfo, closed bool) bool {
	stat, mode := info.Sys().(*syscall.Stat_t), info.Mode()
	if stat.Uid != 0 && (m.root == "" || int(stat.Uid) != os.Getuid()) {
		return true
	}
	administrators := runtime.GOOS == "darwin" && (stat.Gid == 0 || stat.Gid == adminGroup)
	switch {
	case mode&fs.ModeSymlink != 0: // whose bits mean nothing
		return false
	case mode.Perm()&0o002 == 0 && (mode.Perm()&0o020 == 0 || administrators):
		return false
	}
	return closed || !mode.IsDir() || mode&fs.ModeSticky == 0
}
