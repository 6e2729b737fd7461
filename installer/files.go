package installer

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// maxManifest is more than any manifest or record has, in bytes.
const maxManifest = 1 << 20

// files reaches what is below bases, and never what a link out of one leads to.
type files struct {
	machine Machine
	roots   map[string]*os.Root
	private bool // folders that are made are the person's alone
	write   func(f *os.File, content []byte) error
	erase   func(root *os.Root, name string) error
}

func (t Target) files() *files {
	f := &files{machine: t.Machine, roots: map[string]*os.Root{}, private: t.Scope == User, write: t.write, erase: t.erase}
	if f.erase == nil {
		f.erase = removeIn
	}
	if f.write == nil {
		f.write = func(f *os.File, content []byte) error {
			_, err := f.Write(content)
			return err
		}
	}
	return f
}

func (f *files) close() {
	for _, root := range f.roots {
		root.Close()
	}
}

// root opens a base.
func (f *files) root(base string) (*os.Root, error) {
	if root, ok := f.roots[base]; ok {
		return root, nil
	}
	root, err := f.open(base)
	if err != nil {
		return nil, err
	}
	f.roots[base] = root
	return root, nil
}

// open opens a base. Where the machine is a folder, no link on the way is followed out of that.
func (f *files) open(base string) (*os.Root, error) {
	if f.machine.Root == "" {
		return os.OpenRoot(base)
	}
	machine, err := os.OpenRoot(f.machine.Root)
	if err != nil {
		return nil, err
	}
	defer machine.Close()
	below, err := filepath.Rel(f.machine.Root, f.machine.Disk(base))
	if err != nil {
		return nil, err
	}
	root, err := machine.OpenRoot(below)
	if err == nil {
		return root, nil
	}
	if conflict := f.obstacle(machine, place{"/", filepath.ToSlash(below)}); conflict != nil {
		return nil, conflict
	}
	return nil, err
}

// explained names what is in the way where a path below a base cannot be reached: a link that leads out or nowhere, or
// a file in a folder's place.
func (f *files) explained(p place, err error) error {
	root := f.roots[p.Base]
	var known *Conflict
	if err == nil || root == nil || errors.As(err, &known) {
		return err
	}
	if conflict := f.obstacle(root, p); conflict != nil {
		return conflict
	}
	return f.named(p, err)
}

// obstacle is what keeps a path below a base from being reached; nil where that is something else.
func (f *files) obstacle(root *os.Root, p place) *Conflict {
	below := ""
	for part := range strings.SplitSeq(p.Path, "/") {
		below = path.Join(below, part)
		info, lerr := root.Lstat(below)
		if lerr != nil {
			break
		}
		there := f.machine.Join(p.Base, below)
		if _, serr := root.Stat(below); serr != nil && info.Mode()&fs.ModeSymlink != 0 {
			if p.Base == "/" {
				return &Conflict{there, Unfollowed}
			}
			return &Conflict{there, Outside}
		}
		if info.Mode().IsRegular() && below != p.Path {
			return &Conflict{there, NotFile}
		}
	}
	return nil
}

// named is a file's error with the machine's path in it.
func (f *files) named(p place, err error) error {
	named := &fs.PathError{Op: "write", Path: f.machine.Join(p.Base, p.Path), Err: err}
	var inner *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &inner):
		named.Op, named.Err = inner.Op, inner.Err
	case errors.As(err, &link):
		named.Op, named.Err = link.Op, link.Err
	}
	return named
}

// look reads a file. there is false where nothing is; something else than a regular file is a Conflict.
func (f *files) look(p place) (content []byte, there bool, err error) {
	defer func() { err = f.explained(p, err) }()
	root, err := f.root(p.Base)
	if errors.Is(err, fs.ErrNotExist) { // the base itself is gone
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	info, err := root.Lstat(p.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	case !info.Mode().IsRegular():
		return nil, false, &Conflict{f.machine.Join(p.Base, p.Path), NotFile}
	}
	file, err := root.OpenFile(p.Path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, false, err
	}
	defer file.Close()
	content, err = io.ReadAll(io.LimitReader(file, maxManifest))
	return content, true, err
}

// isAnothers says whether a file that is there belongs to somebody other than this account and root.
func (f *files) isAnothers(p place) bool {
	info, err := f.roots[p.Base].Lstat(p.Path)
	return err != nil || isStrangers(info)
}

// resolved is a folder without the links that lead to it from its base, so that one folder has one name. A link that leads
// out or nowhere stays in the name.
func (f *files) resolved(at folder) folder {
	root, err := f.root(at.base)
	if err != nil || f.machine.OS == "windows" {
		return at
	}
	done, rest := ".", strings.Split(at.rel, "/")
	for len(rest) > 0 {
		part := rest[0]
		rest = rest[1:]
		if part == ".." { // only ever within a link's target, which has been seen to stay inside
			done = path.Dir(done)
			continue
		}
		next := path.Join(done, part)
		info, err := root.Lstat(next)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 { // what is not there leads nowhere
			done = next
			continue
		}
		if _, err := root.Stat(next); err != nil {
			return at
		}
		target, err := root.Readlink(next)
		if err != nil {
			return at
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	return folder{at.base, done}
}

// missing lists the folders above a file that are not there, the outermost first.
func (f *files) missing(p place) (folders []place, err error) {
	defer func() { err = f.explained(p, err) }()
	root, err := f.root(p.Base)
	if errors.Is(err, fs.ErrNotExist) && slices.Contains(f.machine.elsewhere(), p.Base) {
		return f.missingBase(p)
	}
	if err != nil {
		return nil, err
	}
	for below := path.Dir(p.Path); below != "."; below = path.Dir(below) {
		info, err := root.Stat(below)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			folders = append([]place{{p.Base, below}}, folders...)
			continue
		case err != nil:
			return nil, err
		case !info.IsDir():
			return nil, &Conflict{f.machine.Join(p.Base, below), NotFile}
		}
		break
	}
	return folders, nil
}

// missingBase lists the same where the base itself, which the environment names, is not there: "an attempt should be made
// to create it" (XDG Base Directory Specification 0.8, "Referencing this specification"). A folder of the base, or above it,
// is reached from the nearest one that is there.
func (f *files) missingBase(p place) (folders []place, err error) {
	above := path.Dir(p.Base)
	_, err = f.root(above)
	for above != "/" && errors.Is(err, fs.ErrNotExist) {
		above = path.Dir(above)
		_, err = f.root(above)
	}
	if err != nil {
		return nil, err
	}
	for at := p.Base; at != above; at = path.Dir(at) {
		folders = append([]place{{above, strings.TrimPrefix(strings.TrimPrefix(at, above), "/")}}, folders...)
	}
	var inside []place
	for below := path.Dir(p.Path); below != "."; below = path.Dir(below) {
		inside = append([]place{{p.Base, below}}, inside...)
	}
	return append(folders, inside...), nil
}

// make makes a folder. It is there for everybody to look into, whatever the umask, unless it is a person's.
func (f *files) make(p place) (err error) {
	defer func() { err = f.explained(p, err) }()
	root, err := f.root(p.Base)
	if err != nil {
		return err
	}
	mode := fs.FileMode(0o755)
	if f.private {
		mode = 0o700
	}
	if err := root.Mkdir(p.Path, mode); err != nil {
		return err
	}
	return root.Chmod(p.Path, mode)
}

// remove removes a file or an empty folder. What is gone already is no error.
func (f *files) remove(p place) error {
	root, err := f.root(p.Base)
	if err == nil {
		err = f.erase(root, p.Path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return f.explained(p, err)
}

// beside is the file in which new content waits. Whoever writes holds the lock, so that what is left of it is from
// somebody who was stopped.
func beside(p place) place {
	dir, name := path.Split(p.Path)
	return place{p.Base, dir + "." + name + ".new"}
}

// unstage removes what is left of that file. A folder with something in it is not.
func (f *files) unstage(p place) error {
	next := beside(p)
	err := f.remove(next)
	if errors.Is(err, fs.ErrExist) {
		return &Conflict{f.machine.Join(next.Base, next.Path), NotFile}
	}
	return err
}

// stage writes new content beside a file, down to the disk.
func (f *files) stage(p place, content []byte) (err error) {
	next := beside(p)
	if err := f.unstage(p); err != nil {
		return err
	}
	defer func() { err = f.explained(p, err) }()
	root, err := f.root(p.Base)
	if err != nil {
		return err
	}
	file, err := root.OpenFile(next.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	err = f.write(file, content)
	if err = errors.Join(err, file.Chmod(0o644), file.Sync(), file.Close()); err != nil {
		return errors.Join(f.named(p, err), f.remove(next))
	}
	return nil
}

// commit gives staged content its name: who reads has the old content or the new one whole.
func (f *files) commit(p place) error {
	root, err := f.root(p.Base)
	if err != nil {
		return err
	}
	return f.explained(p, root.Rename(beside(p).Path, p.Path))
}

// put stages and commits.
func (f *files) put(p place, content []byte) error {
	if err := f.stage(p, content); err != nil {
		return err
	}
	return f.commit(p)
}
