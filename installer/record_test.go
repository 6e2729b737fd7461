package installer_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/manifests"
)

// A record that names what no installation for its scope can have written is not obeyed, wherever it leads.
func TestRecordThatLeadsElsewhere(t *testing.T) {
	const precious = "precious"
	entry := func(base, path string) string {
		return fmt.Sprintf(`{"version":1,"entries":[{"file":{"base":%q,"path":%q},"value":"%x","program":"/gone","browsers":["edge"]}]}`, base, path, sha256.Sum256([]byte(precious)))
	}
	folder := func(base, path string) string {
		return fmt.Sprintf(`{"version":1,"entries":[],"folders":[{"base":%q,"path":%q}]}`, base, path)
	}
	key := func(key string) string {
		return fmt.Sprintf(`{"version":1,"entries":[{"key":%q,"value":"x","program":"C:\\gone","browsers":["edge"]}]}`, key)
	}
	home := systems["linux"].home
	for name, c := range map[string]struct {
		goos   string
		scope  installer.Scope
		record string
	}{
		"a file out of the root":         {"linux", installer.System, entry("/..", "victim")},
		"a file by way of its path":      {"linux", installer.System, entry("/", "../victim")},
		"an absolute path":               {"linux", installer.System, entry("/", "/../victim")},
		"a folder out of the root":       {"linux", installer.System, folder("/..", "dir")},
		"a folder by way of its path":    {"linux", installer.System, folder("/", "/../dir")},
		"a base that is none":            {"linux", installer.System, folder("", "dir")},
		"a base of the home for all":     {"linux", installer.System, entry(home, "victim")},
		"a person's outside of the home": {"linux", installer.User, entry("/", "victim")},
		"a person's folder outside":      {"linux", installer.User, folder("/etc", "dir")},
		"a file where a folder may be":   {"linux", installer.User, entry("/", "victim")},
		"the base itself":                {"linux", installer.User, folder(home, ".")},
		"a file that is no manifest":     {"linux", installer.User, entry(home, "victim")},
		"everybody's, likewise":          {"linux", installer.System, entry("/", "victim")},
		"a key where there is none":      {"linux", installer.User, key(`HKCU\Software\Mozilla`)},
		"everybody's key for a person":   {"windows", installer.User, key(`HKLM\SOFTWARE\Mozilla`)},
		"another part of the registry":   {"windows", installer.User, key(`HKCU\Environment`)},
		"a path of Windows":              {"windows", installer.User, entry(systems["windows"].home+`\AppData\Local`, `..\victim`)},
		"another disk of Windows":        {"windows", installer.User, entry(`D:\`, "victim")},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, c.goos, c.scope)
			outside := r.Root
			r.Root = filepath.Join(outside, "root")
			around := func() map[string]string {
				whole := *r
				whole.Root = outside
				return whole.state()
			}
			if name == "a file where a folder may be" {
				r.env["XDG_DATA_HOME"] = "/victim/share"
			}
			r.folder("/dir")
			r.folder("/etc/dir")
			r.folder(r.Home)
			for _, place := range []string{outside + "/victim", r.Root + "/victim", r.Disk(r.Home) + "/victim"} {
				require.NoError(t, os.WriteFile(place, []byte(precious), 0o600))
			}
			require.NoError(t, os.Mkdir(outside+"/dir", 0o700))
			state := map[string]string{
				"linux" + string(installer.User): r.Home + "/.local/state/natsuin", "linux" + string(installer.System): "/var/lib/natsuin",
				"windows" + string(installer.User): r.env["LOCALAPPDATA"] + `\Natsuin`,
			}[c.goos+string(c.scope)]
			r.file(r.Join(state, "registered.json"), c.record)
			before := around()
			for _, do := range []func(installer.Target) (installer.Report, error){installer.Install, installer.Uninstall} {
				_, err := do(r.With("firefox", "edge"))
				require.Equal(t, []*installer.Conflict{{Path: r.Join(state, "registered.json"), Reason: installer.Damaged}}, installer.Conflicts(err))
				require.Equal(t, before, around())
			}
		})
	}
}

// Nothing is done by a record that another person can have written.
func TestRecordOfAnother(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("root is missing: no file can be made another's")
	}
	r := newRig(t, "linux", installer.User)
	r.install("firefox")
	const state = "/.local/state/natsuin/registered.json"
	require.NoError(t, os.Chown(r.Disk(r.Home+state), 64123, 64123))
	before := r.state()
	for _, do := range []func(installer.Target) (installer.Report, error){installer.Install, installer.Uninstall} {
		_, err := do(r.With("firefox"))
		require.Equal(t, []*installer.Conflict{{Path: r.Home + state, Reason: installer.Damaged}}, installer.Conflicts(err))
		require.ErrorContains(t, err, "belongs to another user")
	}
	require.Equal(t, before, r.state())
}

// A link that a person put in the place of a folder is theirs.
func TestUninstallLeavesALinkInAFoldersPlace(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	r.install("chromium")
	r.move(r.Home+"/.config", r.Home+"/elsewhere", "elsewhere")
	require.Equal(t, []string{"chromium removed"}, outcomes(r.uninstall()))
	to, err := os.Readlink(r.Disk(r.Home + "/.config"))
	require.NoError(t, err)
	require.Equal(t, "elsewhere", to)
	require.Empty(t, r.uninstall().Actions)
}

// Wherever the environment puts the record, there is one lock, in the home.
func TestLockIsInTheHome(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	r.folder("/data/state")
	unlock, err := r.TryLock()
	require.NoError(t, err)
	require.FileExists(t, r.Disk(r.Home+"/.natsuin.lock"))
	r.env["XDG_STATE_HOME"] = "/data/state"
	_, err = installer.Install(r.With("firefox"))
	require.ErrorIs(t, err, installer.ErrBusy)
	require.NoError(t, unlock())
	before := r.state()
	r.install("firefox")
	r.uninstall()
	require.Equal(t, before, r.state())
}

// Where the record is elsewhere, uninstalling leaves what is registered, and says so.
func TestUninstallWithoutTheRecord(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	r.folder("/data/state")
	r.env["XDG_STATE_HOME"] = "/data/state"
	r.install("firefox", "chromium")
	delete(r.env, "XDG_STATE_HOME")
	before := r.state()
	require.Equal(t, []string{"chromium unrecorded", "firefox unrecorded"}, outcomes(r.uninstall()))
	require.Equal(t, []string{"chrome absent", "firefox unrecorded"}, outcomes(r.uninstall("firefox", "chrome")))
	require.Equal(t, before, r.state())
	for _, a := range r.uninstall().Actions {
		require.Equal(t, r.Program, a.Program)
	}
	r.folder(r.Home + "/.local/state/natsuin") // as somebody who was stopped leaves it
	require.Equal(t, []string{"chromium unrecorded", "firefox unrecorded"}, outcomes(r.uninstall()))
	r.env["XDG_STATE_HOME"] = "/data/state"
	require.Equal(t, []string{"chromium removed", "firefox removed"}, outcomes(r.uninstall()))
	require.Empty(t, outcomes(r.uninstall()))

	p := newRig(t, "linux", installer.System) // a package's
	p.file("/etc/opt/edge/native-messaging-hosts/"+manifests.HostName+".json", string(manifests.Host(manifests.Chromium, p.Program)))
	require.Equal(t, []string{"edge unrecorded"}, outcomes(p.uninstall()))

	w := newRig(t, "windows", installer.User)
	w.install("edge")
	w.remove(w.env["LOCALAPPDATA"] + `\Natsuin\registered.json`)
	report := w.uninstall("edge")
	require.Len(t, report.Actions, 1)
	require.True(t, strings.HasPrefix(report.Actions[0].Path, `HKCU\Software\Microsoft\Edge\`))
}
