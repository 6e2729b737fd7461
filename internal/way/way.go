// Package way goes to a file as the system does: through every folder and every link on the way. Whoever may change one of
// them says what the file is, and whoever may not pass one does not reach it.
package way

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
)

// Dangling is returned for a way that a link leads to where nothing is. It is an fs.ErrNotExist.
type Dangling struct {
	Link string // its path, without further links
	Err  error
}

func (e *Dangling) Error() string { return e.Link + " leads nowhere: " + e.Err.Error() }

func (e *Dangling) Unwrap() error { return e.Err }

const maxLinks = 40 // as Linux follows in one path

// Walk goes to the file of an absolute path, with slashes, and hands over whatever it passes, from / to where the path ends:
// each by its path without links, and links as links. Something can be handed over more than once. Paths are looked up
// below the folder root, also those to which links lead; "" is the machine itself. Walk returns the path of the end, without
// links. The error is visit's, a *Dangling, or the system's.
func Walk(root, file string, visit func(at string, info fs.FileInfo) error) (end string, err error) {
	w := walk{root: root, visit: visit}
	if _, err := w.pass("/"); err != nil {
		return "", err
	}
	return w.from("/", file)
}

type walk struct {
	root  string
	visit func(at string, info fs.FileInfo) error
	links int // followed
}

func (w *walk) disk(at string) string {
	if w.root == "" {
		return at
	}
	return filepath.Join(w.root, at)
}

// pass hands over what is at a path, and says whether it is a link.
func (w *walk) pass(at string) (link bool, err error) {
	info, err := os.Lstat(w.disk(at))
	if err != nil {
		return false, err
	}
	return info.Mode()&fs.ModeSymlink != 0, w.visit(at, info)
}

// from goes on by a path that is relative to where it is.
func (w *walk) from(at, rest string) (end string, err error) {
	for part := range strings.SplitSeq(rest, "/") {
		if part == "" || part == "." {
			continue
		}
		at = path.Join(at, part)
		link, err := w.pass(at)
		if err == nil && link {
			at, err = w.follow(at)
		}
		if err != nil {
			return "", err
		}
	}
	return at, nil
}

// follow goes to where a link leads.
func (w *walk) follow(link string) (end string, err error) {
	if w.links++; w.links > maxLinks {
		return "", &fs.PathError{Op: "open", Path: link, Err: syscall.ELOOP}
	}
	target, err := os.Readlink(w.disk(link))
	if err != nil {
		return "", err
	}
	at := path.Dir(link)
	if path.IsAbs(target) {
		at = "/"
	}
	end, err = w.from(at, target)
	var inner *Dangling
	if errors.Is(err, fs.ErrNotExist) && !errors.As(err, &inner) {
		err = &Dangling{link, err}
	}
	return end, err
}
