package doctor_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/doctor"
	"github.com/natsuin/natsuin/manifests"
)

func TestBrowsers(t *testing.T) {
	for name, c := range map[string]struct {
		set  func(*machine)
		id   string
		want []string
	}{
		"none":        {func(*machine) {}, "browsers", []string{"failure no-browser"}},
		"a package":   {func(m *machine) { m.program("/usr/bin/chromium", "") }, "browser", []string{"ok"}},
		"in a folder": {func(m *machine) { m.program("/opt/google/chrome/chrome", "") }, "browser", []string{"ok"}},
		"two names of one": {func(m *machine) {
			m.program("/usr/bin/firefox-esr", "")
			m.link("/usr/bin/firefox", "/usr/bin/firefox-esr")
		}, "browser", []string{"ok"}},
		"Firefox as a snap": {func(m *machine) { m.program("/usr/bin/snap", ""); m.link("/snap/bin/firefox", "/usr/bin/snap") }, "browser", []string{"info snap-portal"}},
		"Ubuntu's placeholder": {func(m *machine) {
			m.program("/usr/bin/chromium-browser", "#!/bin/sh\nexec /snap/bin/chromium \"$@\"\n")
		}, "browser", []string{"failure snap"}},
		"snap beside a package": {func(m *machine) {
			m.program("/usr/bin/firefox", "")
			m.program("/snap/bin/chromium", "")
		}, "browser", []string{"warning snap", "ok"}},
		"flatpak": {func(m *machine) { m.program("/var/lib/flatpak/exports/bin/org.mozilla.firefox", "") }, "browser", []string{"failure flatpak"}},
		"flatpak of one person": {func(m *machine) { m.program("/home/taro/.local/share/flatpak/exports/bin/com.google.Chrome", "") },
			"browser", []string{"failure flatpak"}},
		"a folder": {func(m *machine) { m.folder("/usr/bin/chromium") }, "browsers", []string{"failure no-browser"}},
		"others": {func(m *machine) {
			m.program("/usr/bin/vivaldi", "")
			m.program("/opt/brave.com/brave/brave-browser", "")
		}, "browser", []string{"ok", "ok"}},
		"on a Mac":  {func(m *machine) { m.OS = "darwin"; m.folder("/Applications/Arc.app") }, "browser", []string{"ok"}},
		"elsewhere": {func(m *machine) { m.OS = "plan9" }, "browsers", []string{"unknown"}},
		"flatpak with the proxy": {func(m *machine) {
			m.program("/var/lib/flatpak/exports/bin/org.mozilla.firefox", "")
			m.file("/usr/share/dbus-1/services/org.freedesktop.NativeMessagingProxy.service", "")
			m.file("/home/taro/.local/share/flatpak/overrides/org.mozilla.firefox", "[Session Bus Policy]\norg.freedesktop.NativeMessagingProxy=talk\n")
		}, "browser", []string{"info flatpak-proxy"}},
		"flatpak that may not": {func(m *machine) {
			m.program("/var/lib/flatpak/exports/bin/org.mozilla.firefox", "")
			m.file("/usr/share/dbus-1/services/org.freedesktop.NativeMessagingProxy.service", "")
		}, "browser", []string{"failure flatpak-forbidden"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			c.set(m)
			require.Equal(t, c.want, m.found(c.id))
		})
	}
}

// hostProgram is a program that was built from the host's package.
var hostProgram = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "doctor")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "natsuin")
	if out, err := exec.Command("go", "build", "-o", program, "../../host").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	return os.ReadFile(program)
})

// registered is a machine with Chromium, on which this very program is registered with it.
func registered(t *testing.T) *machine {
	t.Helper()
	image, err := hostProgram()
	require.NoError(t, err)
	m := newMachine(t)
	m.program("/usr/bin/chromium", "")
	m.program(m.Program, string(image))
	m.file(chromiumManifest, string(manifests.Host(manifests.Chromium, m.Program)))
	return m
}

const (
	chromiumManifest   = "/home/taro/.config/chromium/NativeMessagingHosts/" + manifests.HostName + ".json"
	everybodysManifest = "/etc/chromium/native-messaging-hosts/" + manifests.HostName + ".json"
)

// edit changes one key of a manifest.
func (m *machine) edit(path, key string, value any) {
	m.t.Helper()
	text, err := os.ReadFile(filepath.Join(m.Root, path))
	require.NoError(m.t, err)
	var content map[string]any
	require.NoError(m.t, json.Unmarshal(text, &content))
	content[key] = value
	text, err = json.Marshal(content)
	require.NoError(m.t, err)
	m.file(path, string(text))
}

func TestManifests(t *testing.T) {
	origin := manifests.ChromiumOrigin(manifests.IDs(manifests.Chromium)[0])
	for name, c := range map[string]struct {
		set  func(*machine)
		want []string
	}{
		"registered": {func(*machine) {}, []string{"ok"}},
		"absent":     {func(m *machine) { m.remove(chromiumManifest) }, []string{"failure absent"}},
		"for everybody": {func(m *machine) {
			m.move(chromiumManifest, everybodysManifest)
		}, []string{"ok"}},
		"one's own is first": {func(m *machine) { m.file(everybodysManifest, "{") }, []string{"ok"}},
		"another browser":    {func(m *machine) { m.program("/usr/bin/firefox", "") }, []string{"ok", "warning absent"}},
		"another XDG folder": {func(m *machine) { m.env["XDG_CONFIG_HOME"] = "/home/taro/conf" }, []string{"failure absent"}},
		"in that folder": {func(m *machine) {
			m.env["XDG_CONFIG_HOME"] = "/home/taro/conf"
			m.move(chromiumManifest, "/home/taro/conf/chromium/NativeMessagingHosts/"+manifests.HostName+".json")
		}, []string{"ok"}},
		"a folder":        {func(m *machine) { m.remove(chromiumManifest); m.folder(chromiumManifest) }, []string{"failure unreadable"}},
		"a dangling link": {func(m *machine) { m.remove(chromiumManifest); m.link(chromiumManifest, "/nowhere") }, []string{"failure unreadable"}},
		"not JSON":        {func(m *machine) { m.file(chromiumManifest, "{") }, []string{"failure not-json"}},
		"another shape":   {func(m *machine) { m.file(chromiumManifest, `{"name":1}`) }, []string{"failure not-json"}},
		"another name":    {func(m *machine) { m.edit(chromiumManifest, "name", "io.github.other") }, []string{"failure wrong-name"}},
		"another type":    {func(m *machine) { m.edit(chromiumManifest, "type", "pipe") }, []string{"failure wrong-type"}},
		"in other letters": {func(m *machine) {
			m.file(chromiumManifest, strings.Replace(string(manifests.Host(manifests.Chromium, m.Program)), `"path"`, `"PATH"`, 1))
		}, []string{"failure relative-path"}},
		"origins in other letters": {func(m *machine) {
			m.file(chromiumManifest, strings.Replace(string(manifests.Host(manifests.Chromium, m.Program)), `"allowed_origins"`, `"Allowed_Origins"`, 1))
		}, []string{"failure wrong-extension"}},
		"relative":        {func(m *machine) { m.edit(chromiumManifest, "path", "natsuin") }, []string{"failure relative-path"}},
		"dangling":        {func(m *machine) { m.edit(chromiumManifest, "path", "/opt/gone") }, []string{"failure dangling"}},
		"below a file":    {func(m *machine) { m.edit(chromiumManifest, "path", m.Program+"/natsuin") }, []string{"failure dangling"}},
		"too long a name": {func(m *machine) { m.edit(chromiumManifest, "path", "/opt/"+strings.Repeat("x", 300)) }, []string{"failure unreachable"}},
		"not executable":  {func(m *machine) { m.mode(m.Program, 0o644) }, []string{"failure not-executable"}},
		"a folder to run": {func(m *machine) { m.edit(chromiumManifest, "path", "/opt/natsuin") }, []string{"failure not-executable"}},
		"program for all": {func(m *machine) { m.mode(m.Program, 0o777) }, []string{"failure world-writable"}},
		"folder for all":  {func(m *machine) { m.mode("/opt/natsuin", 0o777) }, []string{"failure world-writable"}},
		"folder above":    {func(m *machine) { m.mode("/opt", 0o777) }, []string{"failure world-writable"}},
		"where a link is": {func(m *machine) {
			m.link("/srv/natsuin", m.Program)
			m.edit(chromiumManifest, "path", "/srv/natsuin")
			m.mode("/srv", 0o777)
		}, []string{"failure world-writable"}},
		"where a link leads": {func(m *machine) {
			m.link("/srv/natsuin", m.Program)
			m.edit(chromiumManifest, "path", "/srv/natsuin")
			m.mode("/opt", 0o777)
		}, []string{"failure world-writable"}},
		"where a link in the middle is": {func(m *machine) {
			m.link("/mnt/natsuin", m.Program)
			m.link("/srv/natsuin", "/mnt/natsuin")
			m.edit(chromiumManifest, "path", "/srv/natsuin")
			m.mode("/mnt", 0o777)
		}, []string{"failure world-writable"}},
		"everybody's, a group's": {func(m *machine) { m.move(chromiumManifest, everybodysManifest); m.mode("/opt/natsuin", 0o775) }, []string{"failure writable"}},
		"everybody's, sticky":    {func(m *machine) { m.move(chromiumManifest, everybodysManifest); m.mode("/opt", os.ModeSticky|0o777) }, []string{"failure writable"}},
		"everybody's, its file":  {func(m *machine) { m.move(chromiumManifest, everybodysManifest); m.mode(everybodysManifest, 0o664) }, []string{"failure writable"}},
		"everybody's, a sticky program": {func(m *machine) {
			m.move(chromiumManifest, everybodysManifest)
			m.mode(m.Program, os.ModeSticky|0o777)
		}, []string{"failure writable"}},
		"everybody's, by a link": {func(m *machine) {
			m.move(chromiumManifest, everybodysManifest)
			m.link("/mnt/natsuin", m.Program)
			m.link("/srv/natsuin", "/mnt/natsuin")
			m.edit(everybodysManifest, "path", "/srv/natsuin")
			m.mode("/mnt", 0o775)
		}, []string{"failure writable"}},
		"a group's":        {func(m *machine) { m.mode("/opt/natsuin", 0o775) }, []string{"ok"}},
		"sticky folder":    {func(m *machine) { m.mode("/opt/natsuin", os.ModeSticky|0o777) }, []string{"ok"}},
		"sticky program":   {func(m *machine) { m.mode(m.Program, os.ModeSticky|0o777) }, []string{"failure world-writable"}},
		"sticky manifest":  {func(m *machine) { m.mode(chromiumManifest, os.ModeSticky|0o666) }, []string{"failure world-writable"}},
		"manifest for all": {func(m *machine) { m.mode(chromiumManifest, 0o666) }, []string{"failure world-writable"}},
		"somebody else's": {func(m *machine) {
			m.program("/opt/other", "#!/bin/sh\n")
			m.edit(chromiumManifest, "path", "/opt/other")
		}, []string{"failure foreign-program"}},
		"another Natsuin": {func(m *machine) { m.Program = "/usr/bin/natsuin" }, []string{"warning other-installation"}},
		"through a link": {func(m *machine) {
			m.link("/usr/bin/natsuin", m.Program)
			m.edit(chromiumManifest, "path", "/usr/bin/natsuin")
		}, []string{"ok"}},
		"by another name": {func(m *machine) { m.edit(chromiumManifest, "path", "//opt/../"+m.Program) }, []string{"ok"}},
		"no extension":    {func(m *machine) { m.edit(chromiumManifest, "allowed_origins", []string{}) }, []string{"failure wrong-extension"}},
		"Firefox's key":   {func(m *machine) { m.edit(chromiumManifest, "allowed_origins", nil) }, []string{"failure wrong-extension"}},
		"one too many": {func(m *machine) {
			m.edit(chromiumManifest, "allowed_origins", []string{origin, "chrome-extension://other/"})
		},
			[]string{"failure other-extension"}},
		"a snap that can start nothing": {func(m *machine) { m.remove("/usr/bin/chromium"); m.program("/snap/bin/chromium", "") }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			m := registered(t)
			c.set(m)
			require.Equal(t, c.want, m.found("manifest"))
		})
	}
}

// Where a policy forbids one person's registration, the browser passes over it, and the doctor does.
func TestManifestsWherePersonsAreForbidden(t *testing.T) {
	m := registered(t)
	m.file("/etc/chromium/policies/managed/a.json", `{"NativeMessagingUserLevelHosts":false}`)
	require.Equal(t, []string{"failure absent"}, m.found("manifest"))
	require.Equal(t, []string{"failure user-level"}, m.found("policy"))
	absent := m.checks("manifest")[0]
	require.Contains(t, absent.Evidence.In("en"), everybodysManifest)
	require.Equal(t, "Run sudo natsuin install --system.", absent.Remedy.In("en"))

	m.file(everybodysManifest, string(manifests.Host(manifests.Chromium, "/opt/gone/natsuin")))
	require.Equal(t, []string{"failure dangling"}, m.found("manifest"))
	require.Empty(t, m.found("policy"))
	m.file(everybodysManifest, string(manifests.Host(manifests.Chromium, m.Program)))
	require.Equal(t, []string{"ok"}, m.found("manifest"))

	m.program("/usr/bin/google-chrome", "") // of whose policies nothing is said
	m.file("/home/taro/.config/google-chrome/NativeMessagingHosts/"+manifests.HostName+".json", string(manifests.Host(manifests.Chromium, m.Program)))
	require.Equal(t, []string{"ok", "ok"}, m.found("manifest"))
}

// What is registered for everybody is the administrators' own, as natsuin install wants it.
func TestEverybodysProgramIsAnAdministrators(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("root is missing: the program is nobody's to give away")
	}
	m := registered(t)
	m.move(chromiumManifest, everybodysManifest)
	require.Equal(t, []string{"ok"}, m.found("manifest"))
	for _, place := range []string{"/opt/natsuin", m.Program, everybodysManifest, filepath.Dir(everybodysManifest)} {
		require.NoError(t, os.Chown(filepath.Join(m.Root, place), 1000, 1000))
		found := m.checks("manifest")[0]
		require.Equal(t, "writable", found.Cause)
		require.Equal(t, "others than administrators can change "+place+", and what is registered for everybody with it", found.Evidence.In("en"))
		require.Contains(t, found.Remedy.In("en"), "sudo chown root")
		require.NoError(t, os.Chown(filepath.Join(m.Root, place), 0, 1000))
		require.Equal(t, []string{"ok"}, m.found("manifest"), "of a group that cannot write")
	}
	m.mode(everybodysManifest, 0o775)
	require.Equal(t, []string{"failure writable"}, m.found("manifest"), "of one that can")
}

// On other systems the same is looked at, as far as it means anything there.
func TestManifestsElsewhere(t *testing.T) {
	image, err := hostProgram()
	require.NoError(t, err)
	mac := newMachine(t)
	mac.OS = "darwin"
	mac.folder("/Applications/Google Chrome.app")
	mac.program(mac.Program, string(image))
	require.Equal(t, []string{"failure absent"}, mac.found("manifest"))
	place := "/Library/Google/Chrome/NativeMessagingHosts/" + manifests.HostName + ".json"
	mac.file(place, string(manifests.Host(manifests.Chromium, mac.Program)))
	require.Equal(t, []string{"ok"}, mac.found("manifest"))
	mac.mode(mac.Program, 0o777)
	require.Equal(t, []string{"failure writable"}, mac.found("manifest"))

	windows := newMachine(t)
	windows.OS, windows.Home, windows.Program = "windows", `C:\Users\見本 太郎`, `C:\Program Files\Natsuin\natsuin.exe`
	windows.env["LOCALAPPDATA"] = `C:\Users\見本 太郎\AppData\Local`
	keys := fakeRegistry{}
	windows.Registry = keys
	windows.file("/C/Program Files/Microsoft/Edge/Application/msedge.exe", "")
	windows.file("/C/Program Files/Natsuin/natsuin.exe", string(image))
	require.Equal(t, []string{"failure absent"}, windows.found("manifest"))
	require.Contains(t, windows.checks("manifest")[0].Evidence.In("en"), `HKCU\Software\Microsoft\Edge`)
	key := `HKLM\SOFTWARE\Microsoft\Edge\NativeMessagingHosts\` + manifests.HostName
	keys[key] = `C:\manifest.json`
	require.Equal(t, []string{"failure unreadable"}, windows.found("manifest"))
	windows.file("/C/manifest.json", string(manifests.Host(manifests.Chromium, windows.Program)))
	require.Equal(t, []string{"ok"}, windows.found("manifest"))
	windows.file("/C/manifest.json", string(manifests.Host(manifests.Chromium, `Program Files\Natsuin\natsuin.exe`)))
	require.Equal(t, []string{"ok"}, windows.found("manifest"), "from the manifest's folder")
	windows.file("/C/manifest.json", string(manifests.Host(manifests.Chromium, `\Program Files\Natsuin\natsuin.exe`)))
	require.Equal(t, []string{"failure relative-path"}, windows.found("manifest"))
	windows.file("/C/manifest.json", string(manifests.Host(manifests.Chromium, `C:\gone.exe`)))
	require.Equal(t, []string{"failure dangling"}, windows.found("manifest"))
	windows.file("/C/manifest.json", strings.ReplaceAll(string(manifests.Host(manifests.Chromium, windows.Program)), manifests.IDs(manifests.Chromium)[0], strings.Repeat("a", 32)))
	require.Equal(t, []string{"failure wrong-extension"}, windows.found("manifest"))
}

// A fakeRegistry has keys with default values, and nobody writes to it.
type fakeRegistry map[string]string

func (r fakeRegistry) Get(key string) (string, bool, error) {
	value, ok := r[key]
	return value, ok, nil
}
func (r fakeRegistry) Has(key string) (bool, error) { _, ok := r[key]; return ok, nil }
func (r fakeRegistry) Set(string, string) error     { return errors.ErrUnsupported }
func (r fakeRegistry) Clear(string) error           { return errors.ErrUnsupported }
func (r fakeRegistry) Remove(string) error          { return errors.ErrUnsupported }

func (m *machine) remove(path string) {
	m.t.Helper()
	require.NoError(m.t, os.Remove(filepath.Join(m.Root, path)))
}

func (m *machine) move(from, to string) {
	m.t.Helper()
	m.folder(filepath.Dir(to))
	require.NoError(m.t, os.Rename(filepath.Join(m.Root, from), filepath.Join(m.Root, to)))
}

func TestExtensions(t *testing.T) {
	id := manifests.IDs(manifests.Chromium)[0]
	addon := manifests.IDs(manifests.Firefox)[0]
	chromium := func(m *machine, profile, version string) {
		m.file("/home/taro/.config/chromium/"+profile+"/Extensions/"+id+"/"+version+"_0/manifest.json", `{"version":"`+version+`"}`)
	}
	unpacked := func(m *machine, entry string) {
		m.file("/home/taro/src/manifest.json", `{"version":"0.1.0"}`)
		m.file("/home/taro/.config/chromium/Default/Secure Preferences", `{"extensions":{"settings":{"other":{},"`+id+`":`+entry+`}}}`)
	}
	for name, c := range map[string]struct {
		set      func(*machine)
		want     []string
		evidence string
	}{
		"none":             {func(*machine) {}, []string{"warning absent"}, ""},
		"same version":     {func(m *machine) { chromium(m, "Default", "0.1.0") }, []string{"ok"}, "version 0.1.0 (profiles: 1)"},
		"patch level":      {func(m *machine) { chromium(m, "Default", "0.1.7") }, []string{"ok"}, ""},
		"two profiles":     {func(m *machine) { chromium(m, "Default", "0.1.0"); chromium(m, "Profile 1", "0.2.0") }, []string{"warning other-version"}, "(profiles: 2)"},
		"being updated":    {func(m *machine) { chromium(m, "Default", "0.1.9"); chromium(m, "Default", "0.1.10") }, []string{"ok"}, "0.1.10 (profiles: 1)"},
		"another protocol": {func(m *machine) { chromium(m, "Default", "1.0.0") }, []string{"warning other-version"}, ""},
		"unpacked":         {func(m *machine) { unpacked(m, `{"location":4,"path":"/home/taro/src"}`) }, []string{"ok"}, "0.1.0"},
		"switched off":     {func(m *machine) { unpacked(m, `{"location":4,"path":"/home/taro/src","disable_reasons":[1]}`) }, []string{"warning disabled"}, ""},
		"from elsewhere":   {func(m *machine) { unpacked(m, `{"location":8,"path":"/home/taro/src"}`) }, []string{"warning absent"}, ""},
		"relative path":    {func(m *machine) { unpacked(m, `{"location":4,"path":"src"}`) }, []string{"warning absent"}, ""},
		"other folder": {func(m *machine) {
			m.env["XDG_CONFIG_HOME"] = "/x"
			m.file("/x/chromium/Default/Extensions/"+id+"/0.1.0_0/manifest.json", `{"version":"0.1.0"}`)
		}, []string{"ok"}, ""},
		"in Firefox": {func(m *machine) {
			m.program("/usr/bin/firefox", "")
			m.file("/home/taro/.config/mozilla/firefox/x.default/extensions.json", `{"addons":[{"id":"other@example","version":"9"},{"id":"`+addon+`","version":"0.1.0","active":true}]}`)
		}, []string{"info absent", "ok"}, ""},
		"switched off in Firefox": {func(m *machine) {
			m.remove("/usr/bin/chromium")
			m.program("/usr/bin/firefox", "")
			m.file("/home/taro/.mozilla/firefox/x.default/extensions.json", `{"addons":[{"id":"`+addon+`","version":"0.1.0","active":false}]}`)
		}, []string{"warning disabled"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.program("/usr/bin/chromium", "")
			c.set(m)
			require.Equal(t, c.want, m.found("extension"))
			require.Contains(t, m.checks("extension")[0].Evidence.In("en"), c.evidence)
		})
	}
}

// A folder's name is no pattern, even where it looks like one.
func TestHomesWithCharactersOfPatterns(t *testing.T) {
	id := manifests.IDs(manifests.Chromium)[0]
	addon := manifests.IDs(manifests.Firefox)[0]
	for _, home := range []string{"/home/[taro", "/home/t*ro", "/home/t?ro", "/home/[a-z]", "/home/{taro}", `/home/ta\ro`} {
		m := newMachine(t)
		m.Home = home
		m.program("/usr/bin/chromium", "")
		m.program("/usr/bin/firefox", "")
		m.file("/home/taro/.config/chromium/Default/Extensions/"+id+"/7.0.0_0/manifest.json", `{"version":"7.0.0"}`)
		m.file(home+"/.config/chromium/Default/Extensions/"+id+"/0.1.0_0/manifest.json", `{"version":"0.1.0"}`)
		m.file(home+"/.mozilla/firefox/x.default/extensions.json", `{"addons":[{"id":"`+addon+`","version":"0.1.0","active":true}]}`)
		require.Equal(t, []string{"ok", "ok"}, m.found("extension"), home)
	}
}

// Where nobody knows the home, what is everybody's is still looked at.
func TestWithoutAHome(t *testing.T) {
	m := registered(t)
	m.Home = ""
	require.Equal(t, []string{"warning home-unknown"}, m.found("home"))
	require.Equal(t, []string{"failure absent"}, m.found("manifest"))
	require.Equal(t, []string{"warning absent"}, m.found("extension"))
	m.move(chromiumManifest, everybodysManifest)
	require.Equal(t, []string{"ok"}, m.found("manifest"))
	for _, l := range doctor.Discreet(m.System, doctor.Run(m.System), "en", doctor.Person{}) {
		require.NotContains(t, l.Evidence, "~", l)
	}
	require.Empty(t, registered(t).found("home"))
}

// pinentries are programs in a folder of this machine: what finds them does not know Root.
func TestPrompt(t *testing.T) {
	for name, c := range map[string]struct {
		programs []string
		display  string
		policy   string
		want     string
	}{
		"graphical":             {programs: []string{"pinentry-gtk-2"}, display: ":0", want: "ok"},
		"zenity after it":       {programs: []string{"pinentry-gtk-2", "zenity"}, display: ":0", want: "ok"},
		"zenity alone":          {programs: []string{"pinentry-curses", "zenity"}, display: ":0", want: "info plain-dialog"},
		"kdialog alone":         {programs: []string{"kdialog"}, display: ":0", want: "info plain-dialog"},
		"zenity, no display":    {programs: []string{"zenity"}, want: "warning no-display"},
		"no display":            {programs: []string{"pinentry-gtk-2"}, want: "warning no-display"},
		"nothing at all":        {want: "warning no-display"},
		"none":                  {display: ":0", want: "warning no-pinentry"},
		"on a terminal only":    {programs: []string{"pinentry-curses"}, display: ":0", want: "warning text-only"},
		"forbidden window":      {display: ":0", policy: `{"3rdparty":{"extensions":{"` + manifests.IDs(manifests.Chromium)[0] + `":{"allowWindowPin":false}}}}`, want: "failure window-forbidden"},
		"forbidden, not needed": {programs: []string{"pinentry-qt"}, display: ":0", policy: `{"3rdparty":{"extensions":{"` + manifests.IDs(manifests.Chromium)[0] + `":{"allowWindowPin":false}}}}`, want: "ok"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.env["PATH"], m.env["DISPLAY"] = t.TempDir(), c.display
			for _, p := range c.programs {
				program := filepath.Join(m.env["PATH"], p)
				require.NoError(t, os.WriteFile(program, nil, 0o755))
				m.program(program, "")
			}
			m.program("/usr/bin/chromium", "")
			if c.policy != "" {
				m.file("/etc/chromium/policies/managed/a.json", c.policy)
			}
			require.Equal(t, []string{c.want}, m.found("prompt"))
		})
	}
}
