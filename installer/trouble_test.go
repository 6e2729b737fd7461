package installer_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/manifests"
)

const chromiumPath = "/.config/chromium/NativeMessagingHosts/" + manifests.HostName + ".json"

// What is in the way is named, nothing is written for any browser, and no link is followed out of the target.
func TestInTheWay(t *testing.T) {
	foreign := strings.ReplaceAll(string(manifests.Host(manifests.Chromium, "/opt/other")), manifests.IDs(manifests.Chromium)[0], strings.Repeat("a", 32))
	for name, c := range map[string]struct {
		set    func(r *rig)
		path   string // below the home
		reason installer.Reason
	}{
		"somebody else's manifest": {func(r *rig) { r.file(r.Home+chromiumPath, foreign); r.file("/opt/other", "x") }, chromiumPath, installer.Foreign},
		"somebody else's program": {func(r *rig) {
			r.file(r.Home+chromiumPath, string(manifests.Host(manifests.Chromium, "/opt/other")))
			r.file("/opt/other", "#!/bin/sh\n")
		}, chromiumPath, installer.Foreign},
		"somebody else's, dangling": {func(r *rig) { r.file(r.Home+chromiumPath, foreign) }, chromiumPath, installer.Foreign},
		"no manifest":               {func(r *rig) { r.file(r.Home+chromiumPath, "notes") }, chromiumPath, installer.Foreign},
		"an empty file":             {func(r *rig) { r.file(r.Home+chromiumPath, "") }, chromiumPath, installer.Foreign},
		"a folder":                  {func(r *rig) { r.folder(r.Home + chromiumPath) }, chromiumPath, installer.NotFile},
		"a file for a folder":       {func(r *rig) { r.file(r.Home+"/.config/chromium", "") }, "/.config/chromium", installer.NotFile},
		"a link to a file":          {func(r *rig) { r.link(r.Home+chromiumPath, "../../../victim") }, chromiumPath, installer.NotFile},
		"a link to a file outside":  {func(r *rig) { r.link(r.Home+chromiumPath, r.Disk("/etc/victim")) }, chromiumPath, installer.NotFile},
		"a folder that is a link":   {func(r *rig) { r.link(r.Home+"/.config/chromium", r.Disk("/outside")) }, "/.config/chromium", installer.Outside},
		"a relative way out":        {func(r *rig) { r.link(r.Home+"/.config/chromium", "../../../outside") }, "/.config/chromium", installer.Outside},
		"the record's folder":       {func(r *rig) { r.link(r.Home+"/.local/state", r.Disk("/outside")) }, "/.local/state", installer.Outside},
		"the record is a link":      {func(r *rig) { r.link(r.Home+"/.local/state/natsuin/registered.json", r.Disk("/etc/victim")) }, "/.local/state/natsuin/registered.json", installer.NotFile},
		"a record of another kind":  {func(r *rig) { r.file(r.Home+"/.local/state/natsuin/registered.json", `{"version":9}`) }, "/.local/state/natsuin/registered.json", installer.Damaged},
		"a link that leads nowhere": {func(r *rig) { r.link(r.Home+"/.config/chromium", "nowhere") }, "/.config/chromium", installer.Outside},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, "linux", installer.User)
			r.folder("/outside")
			r.file("/etc/victim", "precious")
			r.file(r.Home+"/victim", "precious")
			c.set(r)
			before := r.state()
			_, err := installer.Install(r.With("firefox", "chromium", "edge"))
			var conflict *installer.Conflict
			require.ErrorAs(t, err, &conflict)
			require.Equal(t, installer.Conflict{Path: r.Home + c.path, Reason: c.reason}, *conflict)
			require.Equal(t, before, r.state())
		})
	}
}

// The same in the registry.
func TestInTheWayInTheRegistry(t *testing.T) {
	key := `HKCU\Software\Google\Chrome\NativeMessagingHosts\` + manifests.HostName
	for name, content := range map[string]string{
		"somebody else's": string(manifests.Host(manifests.Chromium, `C:\other.exe`)), "no manifest": "x", "dangling": "",
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, "windows", installer.User)
			require.NoError(t, r.registry.Set(key, `C:\other.json`))
			r.file(`C:\other.exe`, "x")
			if content != "" {
				r.file(`C:\other.json`, content)
			}
			before := r.state()
			_, err := installer.Install(r.With("firefox", "chrome"))
			var conflict *installer.Conflict
			require.ErrorAs(t, err, &conflict)
			require.Equal(t, installer.Conflict{Path: key, Reason: installer.Foreign}, *conflict)
			require.Equal(t, before, r.state())
		})
	}
}

// What Natsuin itself left in any state is put right by installing again.
func TestRepair(t *testing.T) {
	ids := manifests.IDs(manifests.Chromium)
	for name, c := range map[string]struct {
		recorded bool
		content  func(r *rig) string
	}{
		"another id": {true, func(r *rig) string {
			return strings.ReplaceAll(string(manifests.Host(manifests.Chromium, r.Program)), ids[0], strings.Repeat("a", 32))
		}},
		"a program gone": {false, func(*rig) string { return string(manifests.Host(manifests.Chromium, "/opt/gone")) }},
		"without a record": {false, func(r *rig) string {
			return strings.ReplaceAll(string(manifests.Host(manifests.Chromium, r.Program)), "Natsuin", "an older Natsuin")
		}},
		"relative, as nothing": {true, func(*rig) string { return string(manifests.Host(manifests.Chromium, "natsuin")) }},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, "linux", installer.User)
			if c.recorded {
				r.install("chromium")
			}
			r.file(r.Home+chromiumPath, c.content(r))
			require.Equal(t, []string{"chromium written"}, outcomes(r.install("chromium")))
			require.Equal(t, string(manifests.Host(manifests.Chromium, r.Program)), r.read(r.Home+chromiumPath))
			require.Equal(t, []string{"chromium removed"}, outcomes(r.uninstall()))
			require.NoFileExists(t, r.Disk(r.Home+chromiumPath))
		})
	}
}

// What somebody changed after it had been written is left to them.
func TestUninstallLeavesWhatWasChanged(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	r.install("chromium", "firefox")
	r.file("/opt/other", "x")
	r.file(r.Home+chromiumPath, string(manifests.Host(manifests.Chromium, "/opt/other")))
	require.Equal(t, []string{"chromium changed", "firefox removed"}, outcomes(r.uninstall()))
	require.FileExists(t, r.Disk(r.Home+chromiumPath))
	require.NoDirExists(t, r.Disk(r.Home+"/.local"), "what is not ours any more is in no record")

	w := newRig(t, "windows", installer.User)
	w.install("chrome")
	key := `HKCU\Software\Google\Chrome\NativeMessagingHosts\` + manifests.HostName
	require.NoError(t, w.registry.Set(key, `C:\other.json`))
	require.Equal(t, []string{"chrome changed"}, outcomes(w.uninstall()))
	require.Equal(t, `C:\other.json`, *w.registry.keys[key])

	n := newRig(t, "linux", installer.User)
	n.install("chromium", "firefox")
	n.file(n.Home+chromiumPath, "notes of mine")
	_, err := installer.Install(n.With("chromium"))
	require.Equal(t, []*installer.Conflict{{Path: n.Home + chromiumPath, Reason: installer.Foreign}}, installer.Conflicts(err), "nor installed over")
	require.Equal(t, []string{"chromium changed", "firefox removed"}, outcomes(n.uninstall()))
	require.Equal(t, "notes of mine", n.read(n.Home+chromiumPath))

	l := newRig(t, "linux", installer.User)
	l.install("chromium")
	require.NoError(t, os.RemoveAll(l.Disk(l.Home+"/.config/chromium")))
	l.file("/outside/NativeMessagingHosts/"+manifests.HostName+".json", string(manifests.Host(manifests.Chromium, l.Program)))
	l.link(l.Home+"/.config/chromium", l.Disk("/outside"))
	_, err = installer.Uninstall(l.With())
	require.Equal(t, []*installer.Conflict{{Path: l.Home + "/.config/chromium", Reason: installer.Outside}}, installer.Conflicts(err), "nobody can tell whose that is")
	require.FileExists(t, l.Disk("/outside/NativeMessagingHosts/"+manifests.HostName+".json"))
}

var errFull = errors.New("no space left on device")

// A disk that fills up at whatever write leaves everything as it was: nothing registered, or what was registered before.
func TestFullDisk(t *testing.T) {
	for goos := range systems {
		for _, registered := range []bool{false, true} {
			failed := 0
			for after := 0; ; after++ {
				r := newRig(t, goos, installer.User)
				if registered {
					r.install("firefox")
					r.Program += "2" // so that there is something to write for Firefox, too
				}
				before := r.state()
				writes := 0
				full := r.With("firefox", "chromium", "edge").WithWrite(func(f *os.File, content []byte) error {
					if writes++; writes == after+1 {
						f.Write(content[:len(content)/2])
						return errFull
					}
					_, err := f.Write(content)
					return err
				})
				_, err := installer.Install(full)
				if err == nil {
					break
				}
				failed++
				require.ErrorIs(t, err, errFull)
				require.Equal(t, before, r.state(), "%s, after %d writes", goos, after)
			}
			require.Greater(t, failed, 1, "there were writes to fail")
		}
	}
}

// The registry likewise.
func TestRegistryThatRefuses(t *testing.T) {
	for _, registered := range []bool{false, true} {
		for after := 1; ; after++ {
			r := newRig(t, "windows", installer.User)
			if registered {
				r.install("firefox")
			}
			before := r.state()
			r.registry.writes, r.registry.fail = 0, after
			_, err := installer.Install(r.With("firefox", "chrome", "edge", "chromium"))
			if err == nil {
				require.Greater(t, after, 1)
				break
			}
			require.ErrorIs(t, err, errRegistry)
			r.registry.fail = 0
			require.Equal(t, before, r.state(), "after %d writes", after)
		}
	}
}

// A folder into which nothing can be written. For root there is none: TestReadOnlyDisk is for root.
func TestReadOnlyFolder(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	r.folder(r.Home + "/.config/chromium")
	locked := r.Disk(r.Home + "/.config/chromium")
	if os.Geteuid() == 0 {
		t.Skip("root may write into every folder")
	}
	require.NoError(t, os.Chmod(locked, 0o500))
	defer os.Chmod(locked, 0o700)
	before := r.state()
	_, err := installer.Install(r.With("firefox", "chromium"))
	require.ErrorIs(t, err, os.ErrPermission)
	require.Equal(t, before, r.state())
}

// A name that is too long for any disk.
func TestNameTooLong(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	r.env["XDG_CONFIG_HOME"] = r.Home + "/" + strings.Repeat("x", 300)
	before := r.state()
	_, err := installer.Install(r.With("firefox", "chromium"))
	require.Error(t, err)
	require.Equal(t, before, r.state())
}

// Of several browsers one refuses: the others' registrations are removed, which is told, and the next time the last one is.
func TestUninstallAroundARefusal(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	before := r.state()
	r.install("firefox", "chromium", "edge")
	refused := errors.New("refused")
	report, err := installer.Uninstall(r.With().WithErase(func(root *os.Root, name string) error {
		if strings.Contains(name, "mozilla") && filepath.Base(name) == manifests.HostName+".json" {
			return refused
		}
		return installer.Erase(root, name)
	}))
	require.ErrorIs(t, err, refused)
	require.Equal(t, []string{"chromium removed", "edge removed"}, outcomes(report))
	require.Equal(t, []string{"firefox removed"}, outcomes(r.uninstall()))
	require.Equal(t, before, r.state())
}

// Many at once: each one finishes or is refused, and what is there afterwards is whole.
func TestTwoAtOnce(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	before := r.state()
	var all sync.WaitGroup
	failures := make(chan error, 40)
	for n := range 20 {
		all.Go(func() {
			target := r.With(installer.AllBrowsers)
			target.Wait = time.Minute
			do := installer.Install
			if n%4 == 3 {
				do = installer.Uninstall
			}
			if _, err := do(target); err != nil {
				failures <- fmt.Errorf("%d: %w", n, err)
			}
		})
	}
	all.Wait()
	close(failures)
	for err := range failures {
		require.NoError(t, err)
	}
	r.install(installer.AllBrowsers)
	require.Len(t, r.manifestsOf("firefox"), 1)
	unlock, err := r.TryLock()
	require.NoError(t, err)
	for _, do := range []func(installer.Target) (installer.Report, error){installer.Install, installer.Uninstall} {
		_, err = do(r.With("chrome"))
		require.ErrorIs(t, err, installer.ErrBusy)
	}
	require.NoError(t, unlock())
	r.uninstall()
	require.Equal(t, before, r.state())
}

func TestRefused(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	before := r.state()
	for name, c := range map[string]struct {
		change func(t *installer.Target)
		err    error
	}{
		"an unknown browser":       {func(t *installer.Target) { t.Browsers = []string{"lynx"} }, installer.ErrUnknownBrowser},
		"one of another system":    {func(t *installer.Target) { t.Browsers = []string{"arc"} }, installer.ErrNotHere},
		"an unknown one among all": {func(t *installer.Target) { t.Browsers = []string{"all", "lynx"} }, installer.ErrUnknownBrowser},
		"no home":                  {func(t *installer.Target) { t.Home = "" }, installer.ErrNoHome},
		"a home that is not there": {func(t *installer.Target) { t.Home = "/home/nobody" }, os.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			target := r.With("chromium")
			c.change(&target)
			_, err := installer.Install(target)
			require.ErrorIs(t, err, c.err)
			require.Equal(t, before, r.state())
		})
	}
	target := r.With("chromium")
	target.Program = "natsuin"
	_, err := installer.Install(target)
	require.ErrorContains(t, err, "not absolute")
	_, err = installer.Uninstall(r.With("lynx"))
	require.ErrorIs(t, err, installer.ErrUnknownBrowser)
	_, err = installer.List(r.Machine, r.Program, []string{"lynx"})
	require.ErrorIs(t, err, installer.ErrUnknownBrowser)
}

// A program that no browser could start is not registered, except below a root, where it comes later.
func TestProgramThatIsNone(t *testing.T) {
	for name, c := range map[string]struct {
		program func(dir string) string
		mode    os.FileMode // of what is in the program's place; 0 where nothing is there
	}{
		"missing":        {func(dir string) string { return dir + "/gone" }, 0},
		"below a file":   {func(dir string) string { return dir + "/natsuin/natsuin" }, 0},
		"a folder":       {func(dir string) string { return dir }, os.ModeDir | 0o755},
		"not executable": {func(dir string) string { return dir + "/natsuin" }, 0o644},
		"a link to it":   {func(dir string) string { return dir + "/link" }, 0o644},
	} {
		t.Run(name, func(t *testing.T) {
			dir, home := filepath.Join(t.TempDir(), "bin"), t.TempDir()
			require.NoError(t, os.Mkdir(dir, 0o755))
			require.NoError(t, os.WriteFile(dir+"/natsuin", nil, 0o644))
			require.NoError(t, os.Symlink("natsuin", dir+"/link"))
			target := installer.Target{Machine: installer.Machine{OS: "linux", Home: home, Env: func(string) string { return "" }},
				Scope: installer.User, Program: c.program(dir), Browsers: []string{"firefox"}}
			_, err := installer.Install(target)
			var none *installer.NoProgram
			require.ErrorAs(t, err, &none)
			require.Equal(t, target.Program, none.Program)
			var unfit *installer.NotExecutable
			require.Equal(t, c.mode != 0, errors.As(err, &unfit))
			if unfit != nil {
				require.Equal(t, c.mode, unfit.Mode)
			}
			entries, err := os.ReadDir(home)
			require.NoError(t, err)
			require.Empty(t, entries)

			r := newRig(t, "linux", installer.System)
			r.Program = target.Program
			require.Equal(t, []string{"firefox written"}, outcomes(r.install("firefox")))
		})
	}
}

// A record that is read is written again as it was.
func FuzzRecord(f *testing.F) {
	dir := f.TempDir()
	target := installer.Target{Machine: installer.Machine{OS: "linux", Home: dir, Env: func(string) string { return "" }}, Scope: installer.User, Program: os.Args[0], Browsers: []string{"firefox", "opera"}}
	_, err := installer.Install(target)
	require.NoError(f, err)
	text, err := os.ReadFile(filepath.Join(dir, ".local/state/natsuin/registered.json"))
	require.NoError(f, err)
	f.Add(text)
	f.Add([]byte(`{"version":1,"entries":[{"key":"HKCU\\x","value":"C:\\x","program":"C:\\y","browsers":["edge"]}],"keys":["HKCU\\x"]}`))
	f.Add([]byte(`{"version":1,"entries":[{"file":{"base":"/..","path":"victim"},"value":"x","program":"/y","browsers":["edge"]}],"folders":[{"base":"/","path":"../dir"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		again, err := installer.Reread(text)
		if err != nil {
			return
		}
		third, err := installer.Reread(again)
		require.NoError(t, err)
		require.Equal(t, string(again), string(third))
		places, err := installer.RecordPlaces(text)
		require.NoError(t, err)
		for _, p := range places {
			if base := p[0]; strings.HasPrefix(base, "/") {
				disk := filepath.Join("/image", base, p[1])
				require.True(t, strings.HasPrefix(disk, "/image/"), "%q leads out", p)
				require.NotEqual(t, filepath.Join("/image", base), disk)
			} else {
				require.True(t, manifests.IsAbs("windows", base))
			}
			require.NotContains(t, strings.FieldsFunc(p[0]+"/"+p[1], func(r rune) bool { return r == '/' }), "..")
		}
	})
}
