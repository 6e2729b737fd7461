package installer

import (
	"debug/buildinfo"
	"errors"
	"io/fs"
	"os"
	"slices"

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

// isOurs says whether a manifest under our name is Natsuin's: it leads to this program or to another that is Natsuin,
// or to one that is gone, and then lets nobody but our extension start it.
func (m Machine) isOurs(h manifests.HostManifest, f manifests.Family, program string) bool {
	switch {
	case h.Name != manifests.HostName:
		return false
	case h.Path == program, m.IsNatsuin(h.Path):
		return true
	}
	allowed := h.Allowed(f)
	ours := manifests.Ours(f, m.ExtensionIDs[f]...)
	stranger := func(id string) bool { return !slices.Contains(ours, id) }
	return !m.isThere(h.Path) && len(allowed) > 0 && !slices.ContainsFunc(allowed, stranger)
}

// isThere says whether there is something at a path, or whether nobody can tell.
func (m Machine) isThere(p string) bool {
	_, err := os.Stat(m.Disk(p))
	return !errors.Is(err, fs.ErrNotExist)
}
