package installer

import (
	"debug/buildinfo"
	"errors"
	"io/fs"
	"os"
	"slices"
	"syscall"

	"github.com/natsuin/natsuin/internal/way"
	"github.com/natsuin/natsuin/manifests"
)

// hostPackage is the path of the host's package, as the Go toolchain writes it into the program.
const hostPackage = "github.com/natsuin/natsuin/host"

// maxProgram is far more than the host has, in bytes.
const maxProgram = 1 << 28

// IsNatsuin says whether a program of the machine is the host, of whatever version: by what the compiler wrote into it.
// Nothing is started.
func (m Machine) IsNatsuin(program string) bool {
	f, size, err := openRegular(m.Disk(program))
	if err != nil {
		return false
	}
	defer f.Close()
	if size > maxProgram {
		return false
	}
	built, err := buildinfo.Read(f)
	return err == nil && built.Path == hostPackage
}

// isOurs says whether a manifest under our name is Natsuin's: it leads to this program or to another that is Natsuin, or it
// is an orphan.
func (m Machine) isOurs(h manifests.HostManifest, f manifests.Family, program string) bool {
	switch {
	case h.Name != manifests.HostName:
		return false
	case h.Path == program, m.IsNatsuin(h.Path):
		return true
	}
	return m.isOrphan(h, f)
}

// isOrphan says whether a manifest leads to a program that is gone, and lets nobody but our extension start it.
func (m Machine) isOrphan(h manifests.HostManifest, f manifests.Family) bool {
	allowed := h.Allowed(f)
	ours := manifests.Ours(f, m.ExtensionIDs[f]...)
	stranger := func(id string) bool { return !slices.Contains(ours, id) }
	return !m.isThere(h.Path) && len(allowed) > 0 && !slices.ContainsFunc(allowed, stranger)
}

// NotExecutable is returned for a program that cannot be started as its file, or a folder on the way to it, is.
type NotExecutable struct {
	Path string // of the file or the folder
	Mode fs.FileMode
}

func (e *NotExecutable) Error() string { return e.Path + " cannot be executed: " + e.Mode.String() }

// NoProgram is returned for a program that no browser could start. Err is CheckProgram's.
type NoProgram struct {
	Program string // its path
	Err     error
}

func (e *NoProgram) Error() string { return e.Program + " cannot be started: " + e.Err.Error() }

func (e *NoProgram) Unwrap() error { return e.Err }

// CheckProgram says why a browser could not start a program of the machine: this account's, or, where the scope is System,
// that of somebody who has no rights of their own on the way to it. The error is a *NotExecutable, or the system's where
// nothing is at its path.
func (m Machine) CheckProgram(program string, s Scope) error {
	info, err := os.Stat(m.Disk(program))
	if err != nil {
		return err
	}
	switch {
	case !info.Mode().IsRegular():
		return &NotExecutable{program, info.Mode()}
	case m.OS == "windows":
		return nil
	case info.Mode().Perm()&0o111 == 0, s == User && !mayExecute(m.Disk(program)):
		return &NotExecutable{program, info.Mode()}
	case s == User:
		return nil
	}
	return m.checkForEverybody(program)
}

// checkForEverybody makes sure that everybody may execute a file, and pass every folder on the way to it.
func (m Machine) checkForEverybody(program string) error {
	_, err := way.Walk(m.Root, program, func(at string, info fs.FileInfo) error {
		if info.Mode()&fs.ModeSymlink == 0 && info.Mode().Perm()&0o001 == 0 { // a link's own bits mean nothing
			return &NotExecutable{at, info.Mode()}
		}
		return nil
	})
	return err
}

// isThere says whether there is something at a path, or whether nobody can tell.
func (m Machine) isThere(p string) bool {
	_, err := os.Stat(m.Disk(p))
	return !IsGone(err)
}

// IsGone says whether an error is for a path at which nothing is. One below a file is such a path as well.
func IsGone(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) }

// SameProgram says whether two paths of the machine lead to one program. A package manager may have it under several names.
func (m Machine) SameProgram(a, b string) bool {
	if a == b {
		return true
	}
	one, err := os.Stat(m.Disk(a))
	other, otherErr := os.Stat(m.Disk(b))
	return err == nil && otherErr == nil && os.SameFile(one, other)
}
