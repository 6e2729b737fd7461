//go:build !windows

package settings

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"runtime"
	"strings"
	"syscall"
)

// filePath is where the settings are.
func filePath() string {
	if runtime.GOOS == "darwin" {
		return "/Library/Application Support/Natsuin/settings.json"
	}
	return "/etc/natsuin/settings.json"
}

const maxLinks = 40 // as Linux follows in one path

// guard makes sure that nobody but administrators can change what is at a path, or put something else there: every folder
// and every link on the way belongs to root and is nobody else's to write, but for folders with the sticky bit that are not
// closed. It returns where all links lead. The error is a *looseError, or the system's.
func (m machine) guard(file string, closed closure) (end string, err error) {
	at, rest := "/", strings.Split(file, "/")
	for links := 0; links <= maxLinks; {
		info, err := os.Lstat(m.disk(at))
		if err != nil {
			return "", err
		}
		for len(rest) > 0 && (rest[0] == "" || rest[0] == ".") {
			rest = rest[1:]
		}
		link := info.Mode()&fs.ModeSymlink != 0
		if m.isLoose(info, closed == allClosed || closed == lastClosed && len(rest) == 0) {
			return "", &looseError{at}
		}
		switch {
		case link:
			target, err := os.Readlink(m.disk(at))
			if err != nil {
				return "", err
			}
			at, rest = path.Dir(at), append(strings.Split(target, "/"), rest...)
			if path.IsAbs(target) {
				at = "/"
			}
			links++
		case len(rest) == 0:
			return at, nil
		default:
			at, rest = path.Join(at, rest[0]), rest[1:]
		}
	}
	return "", errors.New("too many links")
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
