//go:build install && linux

package install

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/manifests"
)

// linuxPackages is where the packages for Linux are, from the repository.
const linuxPackages = "/build/e2e/linux"

// linuxDist are the packages of what is in the repository, olderLinuxDist those of an older version.
var (
	linuxDist      = sync.OnceValues(func() (string, error) { return runDist("../.."+linuxPackages, "extension,linux,archives") })
	olderLinuxDist = sync.OnceValues(func() (string, error) { return olderDist("../.."+linuxPackages+"-older", "linux") })
)

// hostManifests are where the packages register the program, and with what kind of browser.
var hostManifests = map[string]manifests.Family{
	"etc/chromium/native-messaging-hosts/io.github.natsuin.json":        manifests.Chromium,
	"etc/opt/chrome/native-messaging-hosts/io.github.natsuin.json":      manifests.Chromium,
	"etc/opt/edge/native-messaging-hosts/io.github.natsuin.json":        manifests.Chromium,
	"etc/opt/vivaldi/native-messaging-hosts/io.github.natsuin.json":     manifests.Chromium,
	"usr/lib/librewolf/native-messaging-hosts/io.github.natsuin.json":   manifests.Firefox,
	"usr/lib/mozilla/native-messaging-hosts/io.github.natsuin.json":     manifests.Firefox,
	"usr/lib64/librewolf/native-messaging-hosts/io.github.natsuin.json": manifests.Firefox,
	"usr/lib64/mozilla/native-messaging-hosts/io.github.natsuin.json":   manifests.Firefox,
	"usr/share/librewolf/native-messaging-hosts/io.github.natsuin.json": manifests.Firefox,
}

// metadata is what software centres read.
const metadata = "usr/share/metainfo/io.github.natsuin.natsuin.metainfo.xml"

// documents are for people and software centres, in packages of either kind.
var documents = []string{
	metadata,
	"usr/share/doc/natsuin/administrators.ja.md", "usr/share/doc/natsuin/administrators.md", "usr/share/doc/natsuin/policy/chromium.json",
	"usr/share/doc/natsuin/policy/firefox-managed-storage.json", "usr/share/doc/natsuin/policy/firefox.json",
}

// installed holds the files that an installation made against what they should be.
func (r root) installed(t *testing.T, before, after map[string]string, others ...string) {
	t.Helper()
	want := append([]string{"usr/bin/natsuin", "usr/share/man/ja/man1/natsuin.1.gz", "usr/share/man/man1/natsuin.1.gz"}, others...)
	for name, family := range hostManifests {
		want = append(want, name)
		text, err := os.ReadFile(filepath.Join(r.path, name))
		require.NoError(t, err)
		manifest, err := manifests.ReadHost(text)
		require.NoError(t, err)
		require.NoError(t, manifest.Check(family, "linux"), name)
		require.Equal(t, manifests.Ours(family), manifest.Allowed(family), name)
		require.Equal(t, "/usr/bin/natsuin", manifest.Path)
	}
	var made []string
	for name, is := range after {
		if old, ok := before[name]; ok {
			require.Equal(t, old, is, name)
		} else if !strings.HasPrefix(is, "d") {
			made = append(made, name)
			if name == "usr/bin/natsuin" {
				require.Regexp(t, "^-rwxr-xr-x 0:0 ", is)
			} else {
				require.Regexp(t, "^-rw-r--r-- 0:0 ", is, name)
			}
		} else {
			require.Equal(t, "drwxr-xr-x 0:0", is, name)
		}
	}
	slices.Sort(want)
	slices.Sort(made)
	require.Equal(t, want, made)
}

// toldAsByTemplates holds that a package tells software centres what scripts/templates writes for them.
func (r root) toldAsByTemplates(t *testing.T) {
	t.Helper()
	packages, err := linuxDist()
	require.NoError(t, err)
	out := filepath.Join(t.TempDir(), "templates")
	_, err = output(nil, "../..", "go", "run", "./scripts/templates", "-dist", packages, "-out", out)
	require.NoError(t, err)
	want, err := os.ReadFile(filepath.Join(out, "flathub", filepath.Base(metadata)))
	require.NoError(t, err)
	got, err := os.ReadFile(filepath.Join(r.path, metadata))
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
}

// TestPackagesOfLinux installs, uses and removes the packages on a fresh Debian. The browsers there log in and sign with a
// simulated card (e2e/browser/installed). Its pcscd runs only while they do, without systemd, and what the .deb recommends
// is left out: the PIN is given by a script.
func TestPackagesOfLinux(t *testing.T) {
	t.Parallel()
	deb := insideRoot(t, onePackage(t, linuxDist, "_amd64.deb"))
	rpm := onePackage(t, linuxDist, ".x86_64.rpm")
	r := newRoot(t)
	bare := r.files(t)

	t.Run("the deb brings what it needs, and leaves nothing", func(t *testing.T) {
		r.apt(t, "install", deb)
		require.Equal(t, "install ok installed", r.run(t, "dpkg-query", "--show", "--showformat", "${Status}", "pcscd"))
		r.apt(t, "purge", "--autoremove", "natsuin")
		require.Equal(t, bare, r.files(t))
	})

	r.apt(t, "install", "vsmartcard-vpcd")
	before := r.files(t)

	t.Run("deb", func(t *testing.T) {
		r.apt(t, "install", deb)
		r.installed(t, before, r.files(t), append(slices.Clone(documents), "usr/share/doc/natsuin/changelog.gz", "usr/share/doc/natsuin/copyright", "usr/share/lintian/overrides/natsuin")...)
		require.Empty(t, r.run(t, "dpkg", "--verify", "natsuin"))
		call(t, nil, "appstreamcli", "validate", "--no-net", "--pedantic", "--strict", filepath.Join(r.path, metadata))
		r.toldAsByTemplates(t)
		asked := r.run(t, "dpkg-query", "--show", "--showformat", "${Recommends} ${Suggests}", "natsuin")
		for _, name := range regexp.MustCompile(`[a-z0-9-]+`).FindAllString(asked, -1) {
			r.run(t, "apt-cache", "show", name) // Debian has it
		}
		r.tests(t, "everybody.test.mjs")
		require.Contains(t, r.files(t), "var/lib/natsuin/registered.json", "of what the administrator registered")
		r.apt(t, "remove", "natsuin")
		require.Equal(t, before, r.files(t))
		r.apt(t, "purge", "natsuin")
		require.Equal(t, before, r.files(t))
	})

	t.Run("tar.gz", func(t *testing.T) {
		r.tests(t, "person.test.mjs")
		require.Equal(t, before, r.files(t))
	})

	t.Run("deb, over others", func(t *testing.T) { r.overOthers(t, debian{r}) })

	t.Run("rpm", func(t *testing.T) {
		// Of these, systems with RPM have all, and no package of ours owns them.
		for _, folder := range []string{"etc/opt", "usr/share/licenses", "usr/share/man/ja/man1", "usr/share/metainfo"} {
			require.NoError(t, os.MkdirAll(filepath.Join(r.path, folder), 0o755))
		}
		// RPM's database does not know what is on this Debian of what the package needs.
		manage := func(args ...string) string { return call(t, nil, "rpm", append(rpmIn(r), args...)...) }
		manage("--initdb")
		before := r.files(t)
		manage("--install", "--nodeps", rpm)
		after := r.files(t)
		r.installed(t, before, after, append(slices.Clone(documents), "usr/share/licenses/natsuin/LICENSE", "usr/share/licenses/natsuin/NOTICE", "usr/share/licenses/natsuin/THIRD-PARTY-LICENSES")...)
		var listed, made []string
		for path := range strings.Lines(manage("--query", "--list", "natsuin")) {
			path = strings.Trim(path, "/\n")
			if _, ok := before[path]; !ok { // a browser's folder that was there
				listed = append(listed, path)
			}
		}
		for path := range after {
			if _, ok := before[path]; !ok {
				made = append(made, path)
			}
		}
		require.ElementsMatch(t, made, listed)
		manage("--verify", "--nodeps", "natsuin")
		require.Contains(t, r.run(t, "/usr/bin/natsuin", "version"), "natsuin")
		manage("--erase", "natsuin")
		require.Equal(t, before, r.files(t))
	})

	t.Run("rpm, over others", func(t *testing.T) { r.overOthers(t, redHat{r}) })
}
