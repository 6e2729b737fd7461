//go:build install && linux

package install

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/manifests"
)

// A manager of packages, by its own program: no dependencies are looked for.
type manager interface {
	// install installs a version, or upgrades to it; dist says where its packages are.
	install(t *testing.T, dist func() (string, error)) (out string, err error)
	remove(t *testing.T) (out string, err error)
	// clean holds that nothing of Natsuin's is known, not even half.
	clean(t *testing.T)
}

type debian struct{ root }

func (d debian) install(t *testing.T, dist func() (string, error)) (string, error) {
	return d.try(t, "dpkg", "--install", insideRoot(t, onePackage(t, dist, "_amd64.deb")))
}

func (d debian) remove(t *testing.T) (string, error) { return d.try(t, "dpkg", "--purge", "natsuin") }

func (d debian) clean(t *testing.T) {
	require.Empty(t, d.run(t, "dpkg", "--audit"))
	status, err := d.try(t, "dpkg-query", "--show", "--showformat", "${db:Status-Status}", "natsuin")
	if err == nil {
		require.Equal(t, "not-installed", status)
	}
}

type redHat struct{ root }

// rpmIn are the arguments by which rpm works in a root.
func rpmIn(r root) []string { return []string{"--root", r.path, "--dbpath", "/var/lib/rpm"} }

func (h redHat) install(t *testing.T, dist func() (string, error)) (string, error) {
	return h.rpm(t, "--upgrade", "--nodeps", onePackage(t, dist, ".x86_64.rpm"))
}

func (h redHat) remove(t *testing.T) (string, error) { return h.rpm(t, "--erase", "natsuin") }

// rpm does without what a running system has, as where an image is made.
func (h redHat) rpm(t *testing.T, args ...string) (string, error) {
	out, err := exec.CommandContext(t.Context(), "rpm", append(rpmIn(h.root), args...)...).CombinedOutput()
	return string(out), err
}

func (h redHat) clean(t *testing.T) {
	require.NotContains(t, call(t, nil, "rpm", append(rpmIn(h.root), "--query", "--all")...), "natsuin")
}

// insideRoot is where a root has a file of this repository.
func insideRoot(t *testing.T, path string) string {
	t.Helper()
	repository, err := filepath.Abs("../..")
	require.NoError(t, err)
	below, err := filepath.Rel(repository, path)
	require.NoError(t, err)
	return filepath.Join(repositoryInside, below)
}

const (
	// complaint begins a line in which a package's script says what it could not do.
	complaint        = "natsuin: "
	chromiumManifest = "etc/chromium/native-messaging-hosts/io.github.natsuin.json"
	// byHand is where an administrator has put the program that they had before the package.
	byHand = "usr/local/bin/natsuin"
	// furtherID is of an extension that this administrator's machines have.
	furtherID = "abcdefghijklmnopabcdefghijklmnop"
)

// overOthers installs where something is already: an older version, what an administrator has registered, and what is
// somebody else's.
func (r root) overOthers(t *testing.T, m manager) {
	untouched := r.files(t)

	t.Run("an older version", func(t *testing.T) {
		r.installs(t, m, olderLinuxDist)
		require.Contains(t, r.run(t, "/usr/bin/natsuin", "version"), "natsuin "+olderVersion)
		r.installs(t, m, linuxDist)
		require.NotContains(t, r.run(t, "/usr/bin/natsuin", "version"), olderVersion)
		require.Equal(t, manifests.Ours(manifests.Chromium), r.manifest(t, chromiumManifest).Allowed(manifests.Chromium))
		r.removes(t, m)
		require.Equal(t, untouched, r.files(t))
	})

	t.Run("a registration by hand", func(t *testing.T) {
		r.registerByHand(t)
		manifest := r.manifest(t, chromiumManifest)
		require.Equal(t, "/"+byHand, manifest.Path)
		require.Equal(t, manifests.Ours(manifests.Chromium, furtherID), manifest.Allowed(manifests.Chromium))
		r.keepsFurtherID(t, m)
		r.delete(t, "etc/natsuin", byHand)
		require.Equal(t, untouched, r.files(t))
	})

	t.Run("settings alone", func(t *testing.T) {
		r.settings(t)
		r.keepsFurtherID(t, m)
		r.delete(t, "etc/natsuin")
		require.Equal(t, untouched, r.files(t))
	})

	t.Run("settings that cannot be read", func(t *testing.T) {
		r.settings(t)
		require.NoError(t, os.WriteFile(filepath.Join(r.path, "etc/natsuin/settings.json"), []byte("{,}"), 0o644))
		out, err := m.install(t, linuxDist)
		require.NoError(t, err, out)
		require.Contains(t, out, "/etc/natsuin/settings.json")
		require.Contains(t, out, "「/usr/bin/natsuin install --system」を実行")
		require.Contains(t, out, "run '/usr/bin/natsuin install --system'")
		require.Equal(t, manifests.Ours(manifests.Chromium), r.manifest(t, chromiumManifest).Allowed(manifests.Chromium))
		r.removes(t, m)
		r.delete(t, "etc/natsuin")
		require.Equal(t, untouched, r.files(t))
	})

	t.Run("a record that cannot be read", func(t *testing.T) {
		record := filepath.Join(r.path, "var/lib/natsuin/registered.json")
		require.NoError(t, os.MkdirAll(filepath.Dir(record), 0o755))
		require.NoError(t, os.WriteFile(record, []byte("{"), 0o600))
		before := r.files(t)
		out, err := m.install(t, linuxDist)
		require.NoError(t, err, out)
		require.Contains(t, out, "「/usr/bin/natsuin install --system」を実行")
		require.Contains(t, out, "run '/usr/bin/natsuin install --system'")
		require.Equal(t, "/usr/bin/natsuin", r.manifest(t, chromiumManifest).Path)
		out, err = m.remove(t)
		require.NoError(t, err, out)
		require.Contains(t, out, "/var/lib/natsuin/registered.json にあります")
		require.Contains(t, out, "/var/lib/natsuin/registered.json says what is left")
		require.Equal(t, before, r.files(t))
		r.delete(t, "var/lib/natsuin")
		require.Equal(t, untouched, r.files(t))
	})

	for name, put := range map[string]func(t *testing.T, path string){
		"somebody else's": func(t *testing.T, path string) {
			require.NoError(t, os.WriteFile(path, manifests.Host(manifests.Chromium, "/opt/other/host"), 0o644))
		},
		"a link that leads nowhere": func(t *testing.T, path string) { require.NoError(t, os.Symlink("nowhere", path)) },
		"a folder":                  func(t *testing.T, path string) { require.NoError(t, os.Mkdir(path, 0o755)) },
	} {
		for _, recorded := range []bool{false, true} {
			t.Run(name+map[bool]string{true: ", in place of what was registered by hand"}[recorded], func(t *testing.T) {
				if recorded {
					r.registerByHand(t)
					r.delete(t, chromiumManifest)
				}
				path := filepath.Join(r.path, chromiumManifest)
				require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
				put(t, path)
				before := r.files(t)
				out, err := m.install(t, linuxDist)
				require.Error(t, err, out)
				require.Contains(t, out, "/"+chromiumManifest+" belongs to no package")
				require.Contains(t, out, "「/"+chromiumManifest+"」は")
				require.Equal(t, before, r.files(t))
				m.clean(t)
				for name := range before {
					if _, ok := untouched[name]; !ok {
						r.delete(t, name)
					}
				}
				require.Equal(t, untouched, r.files(t))
			})
		}
	}
}

// installs installs to a good end.
func (r root) installs(t *testing.T, m manager, dist func() (string, error)) {
	t.Helper()
	out, err := m.install(t, dist)
	require.NoError(t, err, out)
	require.NotContains(t, out, complaint)
}

// removes removes to a good end.
func (r root) removes(t *testing.T, m manager) {
	t.Helper()
	out, err := m.remove(t)
	require.NoError(t, err, out)
	require.NotContains(t, out, complaint)
}

// keepsFurtherID installs where an administrator's settings are, upgrades and removes. Every browser of the package's knows
// the further id all the while, one that is not there as well: neither Chrome, nor Edge, nor Vivaldi is.
func (r root) keepsFurtherID(t *testing.T, m manager) {
	t.Helper()
	further := map[manifests.Family][]string{manifests.Chromium: {furtherID}}
	for _, dist := range []func() (string, error){olderLinuxDist, linuxDist} {
		r.installs(t, m, dist)
		for name, family := range hostManifests {
			manifest := r.manifest(t, name)
			require.Equal(t, "/usr/bin/natsuin", manifest.Path, name)
			require.Equal(t, manifests.Ours(family, further[family]...), manifest.Allowed(family), name)
		}
	}
	r.removes(t, m)
}

// settings are an administrator's, of machines with an extension of their own.
func (r root) settings(t *testing.T) {
	t.Helper()
	require.NoError(t, os.Mkdir(filepath.Join(r.path, "etc/natsuin"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(r.path, "etc/natsuin/settings.json"), []byte(`{"extensionIds": {"chromium": ["`+furtherID+`"]}}`), 0o644))
}

// registerByHand is what an administrator did before there was a package: settings, the program, natsuin install --system.
func (r root) registerByHand(t *testing.T) {
	t.Helper()
	r.settings(t)
	call(t, nil, "cp", "../../build/natsuin", filepath.Join(r.path, byHand))
	r.run(t, "/"+byHand, "install", "--system")
}

func (r root) delete(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		require.NoError(t, os.RemoveAll(filepath.Join(r.path, name)))
	}
}

func (r root) manifest(t *testing.T, name string) manifests.HostManifest {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(r.path, name))
	require.NoError(t, err)
	manifest, err := manifests.ReadHost(text)
	require.NoError(t, err)
	return manifest
}
