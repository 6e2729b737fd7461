//go:build install

package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The PKGBUILD's own functions build the real archive of sources, with nothing to fetch, as makepkg would call them.
func TestBuildsAsForArch(t *testing.T) {
	work := t.TempDir()
	dist, to, packaged := filepath.Join(work, "dist"), filepath.Join(work, "templates"), filepath.Join(work, "pkg")
	t.Chdir("../..")
	judge(t, ".", "go", "run", "./scripts/dist", "-steps", "source", "-out", dist)
	r, err := newRelease(dist)
	require.NoError(t, err)
	_, _, err = r.fill(os.DirFS(source), to)
	require.NoError(t, err)
	archive, err := r.asset(r.Version + "-source.tar.gz")
	require.NoError(t, err)

	judge(t, work, "tar", "xzf", archive.path)
	judge(t, work, "bash", "-euc", `export GOPROXY=off GOFLAGS=
		srcdir=$PWD pkgdir=$1 CPPFLAGS= CFLAGS=-O2 LDFLAGS=-Wl,-z,relro,-z,now
		. templates/aur/PKGBUILD
		(cd "$srcdir" && build)
		(cd "$srcdir" && package)`, "bash", packaged)

	require.Contains(t, judge(t, work, filepath.Join(packaged, "usr/bin/natsuin"), "version"), "natsuin "+r.Version+" ")
	const manifest = "/native-messaging-hosts/io.github.natsuin.json"
	require.Equal(t, []string{
		"etc/chromium" + manifest, "etc/opt/chrome" + manifest, "etc/opt/edge" + manifest, "etc/opt/vivaldi" + manifest,
		"usr/bin/natsuin", "usr/lib/librewolf" + manifest, "usr/lib/mozilla" + manifest,
		"usr/share/librewolf" + manifest, "usr/share/licenses/natsuin/NOTICE", "usr/share/licenses/natsuin/THIRD-PARTY-LICENSES",
	}, regularFiles(t, packaged))
	require.Contains(t, read(t, packaged, "usr/lib/mozilla"+manifest), `"path": "/usr/bin/natsuin"`)
}

func regularFiles(t *testing.T, folder string) (found []string) {
	require.NoError(t, fs.WalkDir(os.DirFS(folder), ".", func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			found = append(found, path)
		}
		return err
	}))
	return found
}
