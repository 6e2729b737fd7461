package settings

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/natsuin/natsuin/internal/way"
)

// A File is the settings file of a machine, as it was found.
type File struct {
	Settings
	Path  string // where it is, or would be
	There bool
	Void  bool // nothing of it holds, for the one problem that there is
	// Problems are why it does not hold as it stands: one where nothing of it does, else those of what it names.
	Problems []Problem
}

// A Problem is why a settings file, or what it names, does not hold.
type Problem struct {
	Cause Cause
	Path  string // what it is about: the file, a folder above it, or what the file names
	Err   error  // nil for Writable
}

// A Cause is what is wrong.
type Cause string

// The causes. A file that others can write says nothing: they could have made it. One that administrators alone can write,
// but that cannot be read as settings, says nothing but that PINs are not for the extension's window: it may have said so.
const (
	Writable    Cause = "writable"     // others than administrators can change it, or put something else in its place
	Unreadable  Cause = "unreadable"   // the system does not hand it out
	NotSettings Cause = "not-settings" // not in the form of Settings
)

// Load reads the settings file of this machine, or of the one whose files are in the folder root: what is there belongs to
// whoever runs the program.
func Load(root string) File {
	m := machine{root: root}
	f := File{Path: filePath()}
	path, err := m.guard(f.Path, open)
	var dangling *way.Dangling // to a disk that is not there, perhaps
	if errors.Is(err, fs.ErrNotExist) && !errors.As(err, &dangling) {
		return f
	}
	f.There = true
	var text []byte
	if err == nil {
		text, err = m.read(path)
	}
	if err != nil {
		f.void(problem(f.Path, err))
		return f
	}
	if f.Settings, err = Read(text, runtime.GOOS); err != nil {
		f.void(Problem{NotSettings, f.Path, err})
		return f
	}
	f.guardNamed(m)
	return f
}

// guardNamed drops what the file names and others can change: a trust anchor or a telephone number of theirs would count
// as the administrator's.
func (f *File) guardNamed(m machine) {
	if err := m.guardFolder(f.Trust); err != nil {
		f.note(problem(f.Trust, err))
		f.Trust = ""
	}
	if f.HelpDesks == "" {
		return
	}
	if _, err := m.guard(f.HelpDesks, open); err != nil {
		f.note(problem(f.HelpDesks, err))
		f.HelpDesks = ""
	}
}

// note notes a problem, once: one folder may be above all that is named.
func (f *File) note(p Problem) {
	if !slices.Contains(f.Problems, p) {
		f.Problems = append(f.Problems, p)
	}
}

// void notes why nothing of the file holds.
func (f *File) void(p Problem) {
	f.Void = true
	f.note(p)
	if p.Cause != Writable {
		f.Prompt = System
	}
}

// problem is the problem that an error of guard or of the system is.
func problem(path string, err error) Problem {
	var loose *looseError
	if errors.As(err, &loose) {
		return Problem{Cause: Writable, Path: loose.path}
	}
	return Problem{Unreadable, path, err}
}

// Loose returns what others than administrators can change of a file of this machine, or put something else in the place
// of, now or once it is gone: the file itself, a link to it, or a folder above. "" is nothing. The machine is the one that
// Load takes.
func Loose(root, file string) (place string, err error) {
	_, err = machine{root}.guard(file, allClosed)
	var loose *looseError
	if errors.As(err, &loose) {
		return loose.path, nil
	}
	return "", err
}

// A looseError says that others than administrators can change what is at a path.
type looseError struct{ path string }

func (e *looseError) Error() string { return e.path + " can be changed by others than administrators" }

// A machine is the one whose settings are read. Its paths are looked up below root, which is "" on the machine itself.
type machine struct{ root string }

func (m machine) disk(path string) string {
	if m.root == "" {
		return path
	}
	return filepath.Join(m.root, path)
}

// guardFolder guards a folder together with the files in it; "" is no folder.
func (m machine) guardFolder(folder string) error {
	if folder == "" {
		return nil
	}
	folder, err := m.guard(folder, lastClosed)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(m.disk(folder))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if _, err := m.guard(filepath.Join(folder, e.Name()), open); err != nil {
			return err
		}
	}
	return nil
}

var errNoFile = errors.New("not a regular file")

// read returns a regular file, up to a byte more than settings may have.
func (m machine) read(path string) ([]byte, error) {
	info, err := os.Stat(m.disk(path))
	if err == nil && !info.Mode().IsRegular() {
		err = errNoFile
	}
	if err != nil {
		return nil, err
	}
	if info.Size() > MaxFile {
		return make([]byte, MaxFile+1), nil
	}
	return os.ReadFile(m.disk(path))
}
