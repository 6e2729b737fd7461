package installer_test

import (
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/manifests"
)

const (
	ownID      = "ponmlkjihgfedcbaponmlkjihgfedcba"
	chromePath = "/etc/opt/chrome/native-messaging-hosts/" + manifests.HostName + ".json"
)

// packaged is a machine with one browser on which a package has registered the program with all, and the settings that an
// administrator made for it.
func packaged(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, "linux", installer.System)
	r.file("/usr/bin/firefox", "")
	r.unpack()
	r.ExtensionIDs = map[manifests.Family][]string{manifests.Chromium: {ownID}}
	return r
}

// unpack puts a package's manifests in place, whatever is there.
func (r *rig) unpack() {
	r.t.Helper()
	for _, b := range installer.Browsers {
		for _, folder := range b.On("linux").System {
			file := folder + "/" + manifests.HostName + ".json"
			r.file(file, string(manifests.Host(b.Family, r.Program)))
			require.NoError(r.t, os.Chmod(r.Disk(file), 0o644))
		}
	}
}

func (r *rig) allowed(browser string) []string { return r.manifestsOf(browser)[0].AllowedOrigins }

// What a package registered gets an administrator's ids, with browsers that are not there yet as well; after an upgrade,
// which brings the package's own manifests back, once more. What is right already is left to the package.
func TestPackagesRegistrationsAreBroughtUpToDate(t *testing.T) {
	r := packaged(t)
	want := manifests.Ours(manifests.Chromium, ownID)
	done := outcomes(r.install())
	require.Subset(t, done, []string{"chrome written", "chromium written", "edge written", "firefox unchanged"})
	require.Equal(t, want, r.allowed("chrome"))
	require.NotContains(t, r.read("/var/lib/natsuin/registered.json"), "mozilla")
	r.unpack()
	r.remove("/usr/bin/firefox")
	r.file("/usr/bin/chromium", "") // no root without browsers, which would be a packager's
	r.install()
	require.Equal(t, want, r.allowed("chrome"))
	require.Equal(t, want, r.allowed("vivaldi"))

	r.ExtensionIDs = nil
	before := packaged(t)
	require.Subset(t, outcomes(r.install()), []string{"chrome written"})
	require.Equal(t, before.read(chromePath), r.read(chromePath))
}

// What a package registered is brought back, and not removed: whatever was changed in it, before an upgrade or after it, and
// also once there is nothing of an administrator's in it any more.
func TestUninstallBringsPackagesRegistrationsBack(t *testing.T) {
	for name, change := range map[string]func(r *rig){
		"ids":                        func(*rig) {},
		"ids, again":                 func(r *rig) { r.install() },
		"ids and an upgrade":         func(r *rig) { r.unpack(); r.install() },
		"ids, and none any more":     func(r *rig) { r.ExtensionIDs = nil; r.install() },
		"ids, and the package's own": func(r *rig) { r.unpack() },
	} {
		t.Run(name, func(t *testing.T) {
			r := packaged(t)
			before := r.state()
			r.install()
			change(r)
			require.Subset(t, outcomes(r.uninstall()), []string{"chrome restored", "chromium restored", "edge restored", "vivaldi restored"})
			require.Equal(t, before, r.state())
			require.Equal(t, []string{"edge unrecorded"}, outcomes(r.uninstall("edge")))
		})
	}
	for name, change := range map[string]func(r *rig){
		"the package is gone": func(r *rig) { r.remove(r.Program) },
		"its manifest was":    func(r *rig) { r.remove(chromePath); r.install() },
	} {
		t.Run(name, func(t *testing.T) {
			r := packaged(t)
			r.install()
			change(r)
			require.Contains(t, outcomes(r.uninstall("chrome", "brave", "opera")), "chrome removed")
			require.False(t, r.isThere(chromePath))
		})
	}

	r := newRig(t, "linux", installer.System) // what the record knows is no package's
	before := r.state()
	r.install("edge")
	r.ExtensionIDs = map[manifests.Family][]string{manifests.Chromium: {ownID}}
	r.install("edge")
	require.Equal(t, []string{"edge removed"}, outcomes(r.uninstall()))
	require.Equal(t, before, r.state())

	w := newRig(t, "windows", installer.System) // where a package's manifest leads to the program beside it
	w.Program = `C:\Program Files\Natsuin\natsuin.exe`
	w.file(w.Program, "the host")
	w.install("edge")
	w.remove(w.RecordFile())
	w.file(`C:\Program Files\Natsuin\`+installer.ManifestName("windows", manifests.Chromium), string(manifests.Host(manifests.Chromium, "natsuin.exe")))
	require.NoError(t, os.Chmod(w.Disk(`C:\Program Files\Natsuin\`+installer.ManifestName("windows", manifests.Chromium)), 0o644))
	before = w.state()
	w.ExtensionIDs = r.ExtensionIDs
	require.Equal(t, []string{"edge written"}, outcomes(w.install("edge")))
	require.Equal(t, []string{"edge restored"}, outcomes(w.uninstall()))
	require.Equal(t, before, w.state())
}

// What stands in the record is refreshed, also where it was lost meanwhile, and nothing else is added.
func TestInstallKeepsWhatIsRecorded(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	r.file("/usr/bin/firefox", "")
	r.install("chrome", "edge")
	edge := r.Home + "/.config/microsoft-edge/NativeMessagingHosts/" + manifests.HostName + ".json"
	r.remove(edge)
	r.ExtensionIDs = map[manifests.Family][]string{manifests.Chromium: {ownID}}
	require.Equal(t, []string{"chrome written", "edge written", "firefox written"}, outcomes(r.install()), "Opera, which shares Chrome's place, was not asked for")
	require.Equal(t, manifests.Ours(manifests.Chromium, ownID), r.allowed("edge"))
	require.Equal(t, []string{"firefox unchanged"}, outcomes(r.install("firefox")), "who names browsers means these alone")
	require.Equal(t, []string{"edge removed"}, outcomes(r.uninstall("edge")))
	require.Equal(t, []string{"chrome unchanged", "firefox unchanged"}, outcomes(r.install()))

	w := newRig(t, "windows", installer.User)
	w.file(`C:\Program Files\Mozilla Firefox\firefox.exe`, "")
	w.install("edge")
	require.Equal(t, []string{"edge unchanged", "firefox written"}, outcomes(w.install()))
}

// A program is the same by whatever name: a package manager's link, or a path with detours.
func TestProgramByAnotherName(t *testing.T) {
	for name, by := range map[string]string{"a link": "/usr/local/bin/natsuin", "detours": "//opt/../opt/natsuin/natsuin"} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, "linux", installer.User)
			r.file("/opt/natsuin/natsuin", "the host")
			r.link("/usr/local/bin/natsuin", "../../../opt/natsuin/natsuin")
			before := r.state()
			r.Program = by
			r.install("chromium")
			r.Program = "/opt/natsuin/natsuin"
			require.Equal(t, []string{"chromium removed"}, outcomes(r.uninstall()))
			require.Equal(t, before, r.state())
		})
	}
}

// A copy is gone where a file has taken the place of its folder.
func TestProgramBelowAFile(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	first := r.Program
	r.install("chromium")
	r.Program = "/opt/natsuin"
	r.file(r.Program, "the host")
	require.NoError(t, os.RemoveAll(filepath.Dir(r.Disk(first))))
	r.file(path.Dir(first), "notes")
	chromium, _ := installer.Named("chromium")
	registered, err := r.Registrations(chromium, r.Program)
	require.NoError(t, err)
	require.Equal(t, installer.Dangling, registered[0].State)
	require.Equal(t, []string{"chromium removed"}, outcomes(r.uninstall()))
}

// Where all is another copy's there is nothing to write, so that a full disk does not matter.
func TestNothingToRemoveOnFullDisk(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	r.install("chromium")
	r.Program = "/opt/natsuin"
	r.file(r.Program, "the host")
	before := r.state()
	report, err := installer.Uninstall(r.With().WithWrite(func(*os.File, []byte) error { return errFull }))
	require.NoError(t, err)
	require.Equal(t, []string{"chromium kept"}, outcomes(report))
	require.Equal(t, before, r.state())
}

// A manifest that somebody else wrote over ours is theirs, whether their program is there or not, or comes back.
func TestUninstallLeavesWhatLeadsToAProgramThatIsAbsent(t *testing.T) {
	for name, content := range map[string]string{
		"without more": `{"name":"` + manifests.HostName + `","path":"/opt/other"}`,
		"of another extension": `{"name":"` + manifests.HostName + `","path":"/opt/other","type":"stdio","allowed_origins":["` +
			manifests.ChromiumOrigin(ownID) + `"]}`,
		"of ours and another": `{"name":"` + manifests.HostName + `","path":"/opt/other","type":"stdio","allowed_origins":["` +
			manifests.Ours(manifests.Chromium)[0] + `","` + manifests.ChromiumOrigin(ownID) + `"]}`,
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, "linux", installer.User)
			r.install("chromium")
			r.file(r.Home+chromiumPath, content)
			require.Equal(t, []string{"chromium changed"}, outcomes(r.uninstall()))
			require.Equal(t, content, r.read(r.Home+chromiumPath))
		})
	}
	r := newRig(t, "linux", installer.User)
	r.install("chromium")
	r.file(r.Home+chromiumPath, string(manifests.Host(manifests.Chromium, "/opt/older")))
	require.Equal(t, []string{"chromium removed"}, outcomes(r.uninstall()), "an older one of Natsuin's, whose program is gone")
}
