package installer_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/installer"
)

// A folder that became a link after something was registered below it is not followed, and what is registered there not
// forgotten: whoever names the other folder finds and removes it. One that is in the home as well nobody has to name.
func TestFolderThatBecameALink(t *testing.T) {
	for name, to := range map[string]string{"to another disk": "/disk/設定", "inside the home": systems["linux"].home + "/設定"} {
		inside := name == "inside the home"
		for _, again := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				r := newRig(t, "linux", installer.User)
				r.folder(r.Home + "/.config")
				r.folder("/disk")
				r.install("firefox", "chromium", "edge")
				r.move(r.Home+"/.config", to, to)
				outside := []*installer.Conflict{{Path: r.Home + "/.config", Reason: installer.Outside}, {Path: r.Home + "/.config", Reason: installer.Outside}}

				for n := 0; n < 2 && !inside; n++ {
					_, err := installer.Uninstall(r.With())
					require.Equal(t, outside, installer.Conflicts(err))
					require.Empty(t, r.manifestsOf("firefox"), "which is not behind the link")
					require.True(t, r.isThere(to+"/chromium/NativeMessagingHosts"+hostFile))
				}

				r.env["XDG_CONFIG_HOME"] = to
				r.uninstall("firefox")
				chromium, _ := installer.Named("chromium")
				registered, err := r.Registrations(chromium, r.Program)
				require.NoError(t, err)
				require.Equal(t, installer.ByInstaller, registered[0].By)
				if inside {
					r.env["XDG_CONFIG_HOME"] = ""
				}
				if again && !inside {
					require.Equal(t, []string{"chromium unchanged", "edge unchanged"}, outcomes(r.install("chromium", "edge")))
					r.requireEachOnce(r.RecordFile())
				}
				require.Equal(t, []string{"chromium removed", "edge removed"}, outcomes(r.uninstall()))
				left, err := os.ReadDir(r.Disk(to))
				require.NoError(t, err)
				require.Empty(t, left)
				require.False(t, r.isThere(r.Home+"/.local"))
			})
		}
	}
}

// No variable names Firefox's folder. What was registered there is forgotten once it is gone, and not where the link leads
// nowhere: then the disk may come back.
func TestFolderThatNoVariableNames(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	r.folder(r.Home + "/.mozilla")
	r.install("firefox")
	r.move(r.Home+"/.mozilla", "/mozilla", "../../mozilla")
	refused := func() {
		_, err := installer.Uninstall(r.With())
		require.Equal(t, installer.Conflict{Path: r.Home + "/.mozilla", Reason: installer.Outside}, firstConflict(t, err))
	}
	refused()
	require.NoError(t, os.Rename(r.Disk("/mozilla"), r.Disk("/unmounted")))
	refused()
	require.NoError(t, os.Rename(r.Disk("/unmounted"), r.Disk("/mozilla")))
	r.remove("/mozilla/native-messaging-hosts" + hostFile)
	require.Equal(t, []string{"firefox absent"}, outcomes(r.uninstall()))
	require.False(t, r.isThere(r.Home+"/.local"))
}

// The folder that holds the record may be that link, too.
func TestRecordThatMoved(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	r.folder(r.Home + "/.local/state")
	r.install("firefox")
	r.move(r.Home+"/.local/state", "/state", "/state")
	before := r.state()
	_, err := installer.Uninstall(r.With())
	require.Equal(t, installer.Conflict{Path: r.Home + "/.local/state", Reason: installer.Outside}, firstConflict(t, err))
	require.Equal(t, before, r.state())
	r.env["XDG_STATE_HOME"] = "/state"
	require.Equal(t, []string{"firefox removed"}, outcomes(r.uninstall()))
	left, err := os.ReadDir(r.Disk("/state"))
	require.NoError(t, err)
	require.Empty(t, left)
}

// No link is followed out of --root, on the way to a home or to a folder that the environment names neither.
func TestLinkOutOfTheRoot(t *testing.T) {
	outside := t.TempDir()
	for name, c := range map[string]struct {
		home, config string
		link, to     string
	}{
		"the home":            {"/home/me", "", "/home/me", outside},
		"above the home":      {"/home/me", "", "/home", outside},
		"by a relative way":   {"/home/me", "", "/home/me", "../../outside"},
		"of the environment":  {"/home/you", "/xdg", "/xdg", outside},
		"below such a folder": {"/home/you", "/xdg/config", "/xdg", outside},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, "linux", installer.User)
			require.NoError(t, os.MkdirAll(outside+"/me", 0o755))
			r.Home, r.Program = c.home, "/usr/bin/natsuin"
			r.folder("/home/you")
			r.env["XDG_CONFIG_HOME"] = c.config
			require.NoError(t, os.RemoveAll(r.Disk(c.link)))
			r.link(c.link, c.to)
			before := r.state()
			for _, do := range []func(installer.Target) (installer.Report, error){installer.Install, installer.Uninstall} {
				_, err := do(r.With("chromium"))
				if c.config == "" || err != nil { // of a folder of the environment's, uninstall asks only what is recorded there
					require.Equal(t, installer.Conflict{Path: c.link, Reason: installer.Unfollowed}, firstConflict(t, err))
				}
				require.Equal(t, before, r.state())
				require.Empty(t, entries(t, outside+"/me"))
			}
			_, err := installer.Install(r.With("chromium"))
			require.Error(t, err)
		})
	}

	r := newRig(t, "linux", installer.User)
	r.folder("/data/me")
	r.link("/home/me", "../data/me")
	r.Home = "/home/me"
	require.Equal(t, []string{"chromium written"}, outcomes(r.install("chromium")), "a link that stays inside is as good as its folder")
	require.Equal(t, []string{"chromium removed"}, outcomes(r.uninstall()))
	require.Empty(t, entries(t, r.Disk("/data/me")))
}

func firstConflict(t *testing.T, err error) installer.Conflict {
	t.Helper()
	var conflict *installer.Conflict
	require.ErrorAs(t, err, &conflict)
	return *conflict
}

func entries(t *testing.T, folder string) []os.DirEntry {
	t.Helper()
	all, err := os.ReadDir(folder)
	require.NoError(t, err)
	return all
}

// What is no file of Natsuin's has the name under which new content waits.
func TestFolderBeside(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	beside := r.Home + "/.config/chromium/NativeMessagingHosts/." + hostFile[1:] + ".new"
	r.file(beside+"/notes", "mine")
	before := r.state()
	_, err := installer.Install(r.With("firefox", "chromium"))
	require.Equal(t, installer.Conflict{Path: beside, Reason: installer.NotFile}, firstConflict(t, err))
	require.Equal(t, before, r.state())
}
