package installer_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/manifests"
)

// On every system and for both scopes: all browsers find a manifest that they take and that leads to the program, doing
// it again changes nothing, and nothing is left afterwards.
func TestInstallTwiceThenUninstallLeavesNothing(t *testing.T) {
	for goos := range systems {
		for _, scope := range []installer.Scope{installer.User, installer.System} {
			t.Run(goos+" "+string(scope), func(t *testing.T) {
				r := newRig(t, goos, scope)
				before := r.state()
				first := r.install(installer.AllBrowsers)
				registered := 0
				for _, b := range installer.Browsers {
					if !b.On(goos).Exists() {
						continue
					}
					found := r.manifestsOf(b.Name)
					require.NotEmpty(t, found, b.Name)
					for _, m := range found {
						require.Equal(t, r.Program, m.Path)
						require.Equal(t, manifests.Ours(b.Family), m.Allowed(b.Family))
					}
					require.Contains(t, outcomes(first), b.Name+" written")
					registered++
				}
				require.Len(t, outcomes(first), registered)
				installed := r.state()

				second := r.install(installer.AllBrowsers)
				require.Equal(t, installed, r.state())
				for _, a := range second.Actions {
					require.Equal(t, installer.Unchanged, a.Done, a.Browser)
				}

				removed := r.uninstall()
				require.Equal(t, before, r.state(), "uninstall removes exactly what install wrote")
				require.Len(t, removed.Actions, len(first.Actions))
				require.Equal(t, []string{"firefox absent"}, outcomes(r.uninstall("firefox")))
				require.Empty(t, r.uninstall().Actions)
				require.Equal(t, before, r.state())
			})
		}
	}
}

// An administrator's own ids of the extension stand in the manifests, and go from them when the settings do not name them
// any longer.
func TestFurtherExtensionIDs(t *testing.T) {
	const own = "ponmlkjihgfedcbaponmlkjihgfedcba"
	r := newRig(t, "linux", installer.System)
	before := r.state()
	r.install("chrome", "firefox")
	r.ExtensionIDs = map[manifests.Family][]string{manifests.Chromium: {own}, manifests.Firefox: {"natsuin@example.jp"}}
	require.Equal(t, []string{"chrome written", "firefox written"}, outcomes(r.install("chrome", "firefox")))
	require.Equal(t, []string{manifests.ChromiumOrigin(manifests.IDs(manifests.Chromium)[0]), manifests.ChromiumOrigin(own)}, r.manifestsOf("chrome")[0].AllowedOrigins)
	require.Equal(t, []string{"natsuin@natsuin.github.io", "natsuin@example.jp"}, r.manifestsOf("firefox")[0].AllowedExtensions)
	require.Equal(t, []string{"chrome unchanged", "firefox unchanged"}, outcomes(r.install("chrome", "firefox")))
	r.ExtensionIDs = nil
	require.Equal(t, []string{"chrome written", "firefox written"}, outcomes(r.install("chrome", "firefox")))
	require.Len(t, r.manifestsOf("chrome")[0].AllowedOrigins, 1)
	r.uninstall()
	require.Equal(t, before, r.state())
}

// The table says on paper what it says in the code.
func TestPlaces(t *testing.T) {
	name := manifests.HostName + ".json"
	for title, c := range map[string]struct {
		goos    string
		scope   installer.Scope
		browser string
		want    []string
	}{
		"Firefox":              {"linux", installer.User, "firefox", []string{"/home/見本 太郎/.mozilla/native-messaging-hosts/" + name}},
		"Chrome for all":       {"linux", installer.System, "chrome", []string{"/etc/opt/chrome/native-messaging-hosts/" + name}},
		"Firefox for all":      {"linux", installer.System, "firefox", []string{"/usr/lib/mozilla/native-messaging-hosts/" + name, "/usr/lib64/mozilla/native-messaging-hosts/" + name}},
		"Brave":                {"linux", installer.User, "brave", []string{"/home/見本 太郎/.config/BraveSoftware/Brave-Browser/NativeMessagingHosts/" + name}},
		"LibreWolf":            {"linux", installer.User, "librewolf", []string{"/home/見本 太郎/.librewolf/native-messaging-hosts/" + name}},
		"Edge on a Mac":        {"darwin", installer.User, "edge", []string{"/Users/見本 太郎/Library/Application Support/Microsoft Edge/NativeMessagingHosts/" + name}},
		"Chrome for all Macs":  {"darwin", installer.System, "chrome", []string{"/Library/Google/Chrome/NativeMessagingHosts/" + name}},
		"Arc on a Mac":         {"darwin", installer.User, "arc", []string{"/Users/見本 太郎/Library/Application Support/Arc/User Data/NativeMessagingHosts/" + name}},
		"Firefox on Windows":   {"windows", installer.User, "firefox", []string{`HKCU\Software\Mozilla\NativeMessagingHosts\` + manifests.HostName}},
		"Edge for all Windows": {"windows", installer.System, "edge", []string{`HKLM\SOFTWARE\Microsoft\Edge\NativeMessagingHosts\` + manifests.HostName}},
		"Brave on Windows":     {"windows", installer.User, "brave", []string{`HKCU\Software\Google\Chrome\NativeMessagingHosts\` + manifests.HostName}},
	} {
		t.Run(title, func(t *testing.T) {
			r := newRig(t, c.goos, c.scope)
			var paths []string
			for _, a := range r.install(c.browser).Actions {
				require.Equal(t, c.browser, a.Browser)
				paths = append(paths, a.Path)
			}
			require.Equal(t, c.want, paths)
			for _, path := range paths {
				if c.goos != "windows" {
					require.FileExists(t, r.Disk(path))
				}
			}
		})
	}
	r := newRig(t, "windows", installer.User)
	r.install("firefox", "chrome")
	require.Equal(t, `C:\Users\見本 太郎\AppData\Local\Natsuin\io.github.natsuin.firefox.json`, *r.registry.keys[`HKCU\Software\Mozilla\NativeMessagingHosts\io.github.natsuin`])
	require.Equal(t, `C:\Users\見本 太郎\AppData\Local\Natsuin\io.github.natsuin.chromium.json`, *r.registry.keys[`HKCU\Software\Google\Chrome\NativeMessagingHosts\io.github.natsuin`])
	r = newRig(t, "windows", installer.System)
	r.install("firefox")
	require.Equal(t, `C:\Program Files\Natsuin\io.github.natsuin.firefox.json`, *r.registry.keys[`HKLM\SOFTWARE\Mozilla\NativeMessagingHosts\io.github.natsuin`])
}

// What a person writes is the person's; what everybody needs can be read by everybody, whatever the umask.
func TestModes(t *testing.T) {
	for scope, want := range map[installer.Scope]os.FileMode{installer.User: 0o700, installer.System: 0o755} {
		r := newRig(t, "linux", scope)
		path := r.Disk(r.install("chromium").Actions[0].Path)
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o644), info.Mode().Perm())
		info, err = os.Stat(filepath.Dir(path))
		require.NoError(t, err)
		require.Equal(t, want, info.Mode().Perm())
	}
}

func TestXDGFolders(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	r.env["XDG_CONFIG_HOME"], r.env["XDG_STATE_HOME"] = "/data/設定", r.Home+"/状態/"
	r.folder("/data/設定")
	before := r.state()
	require.Equal(t, "/data/設定/google-chrome/NativeMessagingHosts/"+manifests.HostName+".json", r.install("chrome").Actions[0].Path)
	require.FileExists(t, r.Disk(r.Home+"/状態/natsuin/registered.json"))
	r.install("firefox")
	require.FileExists(t, r.Disk(r.Home+"/.mozilla/native-messaging-hosts/"+manifests.HostName+".json"))
	r.uninstall()
	require.Equal(t, before, r.state())
}

// Folders of the environment's that are not there yet are made, for the person alone, and removed again.
func TestXDGFoldersThatAreNotThere(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	r.folder("/data")
	r.env["XDG_CONFIG_HOME"], r.env["XDG_STATE_HOME"] = "/data/太郎/設定", "/data/太郎/状態"
	before := r.state()
	require.Empty(t, outcomes(r.uninstall()))
	require.Equal(t, before, r.state(), "nothing is made to remove something")
	require.Equal(t, []string{"chrome written", "firefox written"}, outcomes(r.install("chrome", "firefox")))
	for _, folder := range []string{"/data/太郎", "/data/太郎/設定", "/data/太郎/状態", "/data/太郎/状態/natsuin"} {
		info, err := os.Stat(r.Disk(folder))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o700), info.Mode().Perm(), folder)
	}
	require.Equal(t, []string{"chrome unchanged", "firefox unchanged"}, outcomes(r.install("chrome", "firefox")))
	require.Equal(t, []string{"chrome removed", "firefox removed"}, outcomes(r.uninstall()))
	require.Equal(t, before, r.state())

	r.install("firefox")
	r.file("/data/太郎/notes", "mine")
	r.uninstall()
	require.Equal(t, "mine", r.read("/data/太郎/notes"))
	require.NoDirExists(t, r.Disk("/data/太郎/状態"))

	r.env["XDG_STATE_HOME"] = "/data/太郎/notes/状態"
	before = r.state()
	_, err := installer.Install(r.With("firefox"))
	require.Error(t, err, "a file stands in the way")
	require.Equal(t, before, r.state())
	r.Root += "/gone"
	_, err = installer.Install(r.With("firefox"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// Folders that were there before stay, even empty ones, and so does what others put into ours.
func TestUninstallLeavesWhatOthersMade(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	r.folder(r.Home + "/.config/chromium/NativeMessagingHosts")
	r.file(r.Home+"/.mozilla/native-messaging-hosts/other.json", "{}")
	before := r.state()
	r.install("chromium", "firefox", "brave")
	profile := r.Home + "/.config/BraveSoftware/Brave-Browser/Local State"
	r.file(profile, "{}")
	r.uninstall()
	after := r.state()
	for path, content := range before {
		require.Equal(t, content, after[path], path)
	}
	require.FileExists(t, r.Disk(profile))
	require.NoDirExists(t, r.Disk(r.Home+"/.config/BraveSoftware/Brave-Browser/NativeMessagingHosts"))
	require.NoDirExists(t, r.Disk(r.Home+"/.local"))
}

// What several browsers read stays until the last of them is uninstalled.
func TestSharedPlaces(t *testing.T) {
	r := newRig(t, "linux", installer.System)
	before := r.state()
	r.install("chrome", "brave")
	require.Equal(t, []string{"brave shared"}, outcomes(r.uninstall("brave")))
	require.Len(t, r.manifestsOf("chrome"), 1)
	require.Equal(t, []string{"chrome removed"}, outcomes(r.uninstall("chrome")))
	require.Equal(t, before, r.state())

	w := newRig(t, "windows", installer.User)
	before = w.state()
	w.install("chrome", "edge", "vivaldi")
	require.Equal(t, []string{"edge removed"}, outcomes(w.uninstall("edge")))
	require.Empty(t, w.manifestsOf("firefox"))
	require.NotContains(t, w.registry.keys, `HKCU\Software\Microsoft`)
	require.Len(t, w.manifestsOf("vivaldi"), 1)
	require.Equal(t, []string{"chrome shared"}, outcomes(w.uninstall("chrome")))
	require.Equal(t, []string{"vivaldi removed"}, outcomes(w.uninstall("vivaldi")))
	require.Equal(t, before, w.state())
}

// A newer version, or one that was moved, takes the place of the older.
func TestUpgrade(t *testing.T) {
	for goos := range systems {
		r := newRig(t, goos, installer.User)
		before := r.state()
		r.install("firefox", "chromium")
		old := r.Program
		r.Program = strings.Replace(old, "natsuin", "新しいnatsuin", 1)
		require.Equal(t, []string{"chromium written", "firefox written"}, outcomes(r.install("firefox", "chromium")))
		require.Equal(t, r.Program, r.manifestsOf("firefox")[0].Path)
		r.uninstall()
		require.Equal(t, before, r.state())
	}
}

// Another copy that was registered later is not taken from under its browsers.
func TestUninstallKeepsAnotherCopy(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	first := r.Program
	r.install("chromium")
	second := r.Home + "/別のnatsuin"
	r.file(second, "another host")
	r.Program = second
	r.install("chromium")
	r.Program = first
	report := r.uninstall()
	require.Equal(t, []string{"chromium kept"}, outcomes(report))
	require.Equal(t, second, report.Actions[0].Program)
	require.Len(t, r.manifestsOf("chromium"), 1)
	r.remove(second)
	require.Equal(t, []string{"chromium removed"}, outcomes(r.uninstall()), "once it is gone, nobody needs it")
	require.NoDirExists(t, r.Disk(r.Home+"/.config"))
}

// Only browsers that are there, unless asked.
func TestOnlyBrowsersThatAreThere(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	require.Len(t, outcomes(r.install()), 8, "a root without browsers is a packager's")
	r.uninstall()

	r.file("/usr/bin/brave-browser", "")
	require.Equal(t, []string{"brave written"}, outcomes(r.install()))
	require.Equal(t, []string{"edge written"}, outcomes(r.install("edge")))
	require.Equal(t, []string{"brave removed", "edge removed"}, outcomes(r.uninstall()))

	real := installer.Target{Machine: r.Machine, Scope: installer.User, Program: os.Args[0]}
	real.Root, real.Home = "", t.TempDir()
	real.Env = func(string) string { return "" }
	here := map[string]bool{}
	for _, f := range real.Find() {
		here[f.Name] = true
	}
	report, err := installer.Install(real)
	require.NoError(t, err)
	done := map[string]bool{}
	for _, a := range report.Actions {
		done[a.Browser] = true
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(here)), slices.Collect(maps.Keys(done)), "on this machine itself")
	_, err = installer.Uninstall(real)
	require.NoError(t, err)
	entries, err := os.ReadDir(real.Home)
	require.NoError(t, err)
	require.Empty(t, entries)
}
