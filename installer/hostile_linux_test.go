package installer_test

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/manifests"
)

const hostFile = "/" + manifests.HostName + ".json"

// Two places of the table that a link makes one are written once and recorded once, for all who look there.
func TestPlacesThatAreOne(t *testing.T) {
	s := newRig(t, "linux", installer.System)
	s.folder("/usr/lib")
	s.link("/usr/lib64", "lib")
	before := s.state()
	require.Equal(t, []string{"firefox written"}, outcomes(s.install("firefox")))
	require.FileExists(t, s.Disk("/usr/lib/mozilla/native-messaging-hosts"+hostFile))
	require.Equal(t, []string{"firefox unchanged"}, outcomes(s.install("firefox")))
	require.Equal(t, []string{"firefox removed"}, outcomes(s.uninstall()))
	require.Equal(t, before, s.state())

	r := newRig(t, "linux", installer.User)
	r.folder(r.Home + "/.config/google-chrome")
	r.link(r.Home+"/.config/chromium", "google-chrome")
	before = r.state()
	r.install("chromium")
	require.Equal(t, []string{"chrome unchanged"}, outcomes(r.install("chrome")))
	for _, name := range []string{"chrome", "chromium"} {
		b, _ := installer.Named(name)
		all, err := r.Registrations(b, r.Program)
		require.NoError(t, err)
		require.Equal(t, installer.Registered, all[0].State)
		require.Equal(t, installer.ByInstaller, all[0].By)
	}
	require.Equal(t, []string{"chrome shared"}, outcomes(r.uninstall("chrome")))
	require.Equal(t, []string{"chromium removed"}, outcomes(r.uninstall("chromium")))
	require.Equal(t, before, r.state())

	r.link(r.Home+"/.mozilla", ".config/google-chrome")
	r.link(r.Home+"/.config/google-chrome/native-messaging-hosts", "NativeMessagingHosts")
	before = r.state()
	_, err := installer.Install(r.With("firefox", "chrome"))
	require.Error(t, err, "no file is for both families")
	require.Equal(t, before, r.state())
}

// The way up from behind a link begins where the link leads.
func TestLinkBehindALink(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	r.folder(r.Home + "/e/f")
	r.folder(r.Home + "/d")
	r.link(r.Home+"/d/l", "../e/f")
	r.link(r.Home+"/.config", "d/l/..")
	before := r.state()
	require.Equal(t, []string{"chromium written"}, outcomes(r.install("chromium")))
	require.FileExists(t, r.Disk(r.Home+"/e/chromium/NativeMessagingHosts"+hostFile))
	b, _ := installer.Named("chromium")
	all, err := r.Registrations(b, r.Program)
	require.NoError(t, err)
	require.Equal(t, installer.Registered, all[0].State)
	require.Equal(t, []string{"chromium removed"}, outcomes(r.uninstall()))
	require.Equal(t, before, r.state())
}

// Nobody waits for a pipe's other end.
func TestPipes(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	pipe := func(path string) {
		r.folder(path[:strings.LastIndex(path, "/")])
		require.NoError(t, syscall.Mkfifo(r.Disk(path), 0o600))
	}
	pipe("/opt/pipe")
	require.False(t, r.IsNatsuin("/opt/pipe"))
	r.file(r.Home+chromiumPath, string(manifests.Host(manifests.Chromium, "/opt/pipe")))
	pipe(r.Home + "/.local/share/flatpak/overrides/global")
	r.file(r.Home+"/.local/share/dbus-1/services/org.freedesktop.NativeMessagingProxy.service", "")
	r.file(r.Home+"/.local/share/flatpak/exports/bin/org.mozilla.firefox", "")
	_, err := installer.List(r.Machine, r.Program, nil)
	require.NoError(t, err)
	_, err = installer.Install(r.With("chromium"))
	require.Equal(t, []*installer.Conflict{{Path: r.Home + chromiumPath, Reason: installer.Foreign}}, installer.Conflicts(err))
}

// What has the lock's name and is no lock is neither followed nor waited for nor removed.
func TestLockThatIsNone(t *testing.T) {
	for name, set := range map[string]func(r *rig, lock string){
		"a link":      func(r *rig, lock string) { r.link(lock, "created-by-natsuin") },
		"a pipe":      func(r *rig, lock string) { require.NoError(r.t, syscall.Mkfifo(r.Disk(lock), 0o600)) },
		"notes":       func(r *rig, lock string) { r.file(lock, "notes") },
		"a folder":    func(r *rig, lock string) { r.folder(lock) },
		"a link back": func(r *rig, lock string) { r.file(r.Home+"/empty", ""); r.link(lock, "empty") },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, "linux", installer.User)
			lock := r.Home + "/.natsuin.lock"
			set(r, lock)
			before := r.state()
			for _, do := range []func(installer.Target) (installer.Report, error){installer.Install, installer.Uninstall} {
				_, err := do(r.With("chromium"))
				require.Equal(t, []*installer.Conflict{{Path: lock, Reason: installer.NotFile}}, installer.Conflicts(err))
				require.Equal(t, before, r.state())
			}
		})
	}
}

// JSON holds no other path: what is written would lead elsewhere.
func TestPathsThatAreNotUTF8(t *testing.T) {
	for name, change := range map[string]func(r *rig){
		"the program": func(r *rig) { r.Program = "/opt/\xff/natsuin" },
		"the home":    func(r *rig) { r.Home = "/home/\xff"; r.folder(r.Home) },
		"a folder":    func(r *rig) { r.env["XDG_CONFIG_HOME"] = "/data/\xff"; r.folder("/data/\xff") },
		"the record":  func(r *rig) { r.env["XDG_STATE_HOME"] = "/data/\xff"; r.folder("/data/\xff") },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, "linux", installer.User)
			change(r)
			before := r.state()
			_, err := installer.Install(r.With("chromium"))
			require.ErrorIs(t, err, installer.ErrNotUTF8)
			require.Equal(t, before, r.state())
		})
	}
}

// A folder of the environment's that is gone has taken with it what was registered there, and keeps nobody from
// uninstalling the rest.
func TestBaseThatIsGone(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	r.env["XDG_CONFIG_HOME"] = "/data"
	before := r.state()
	r.folder("/data")
	r.install("chromium", "firefox")
	require.NoError(t, os.RemoveAll(r.Disk("/data")))
	require.Equal(t, []string{"chromium absent", "firefox removed"}, outcomes(r.uninstall()))
	require.Equal(t, before, r.state())

	r.env["XDG_STATE_HOME"] = "/state"
	require.Equal(t, []string{"chromium absent"}, outcomes(r.uninstall("chromium")), "nothing was ever registered")
	require.Equal(t, before, r.state())
}
