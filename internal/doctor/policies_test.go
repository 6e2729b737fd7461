package doctor_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/doctor"
	"github.com/natsuin/natsuin/manifests"
)

func TestPolicies(t *testing.T) {
	const folder = "/etc/chromium/policies/managed/"
	for name, c := range map[string]struct {
		set  func(*machine)
		want []string
	}{
		"none":            {func(*machine) {}, nil},
		"all blocked":     {func(m *machine) { m.file(folder+"a.json", `{"NativeMessagingBlocklist":["*"]}`) }, []string{"failure blocked"}},
		"Natsuin blocked": {func(m *machine) { m.file(folder+"a.json", `{"NativeMessagingBlocklist":["`+manifests.HostName+`"]}`) }, []string{"failure blocked"}},
		"of a type that blocks nothing": {func(m *machine) {
			m.file(folder+"a.json", `{"NativeMessagingUserLevelHosts":"false","ExtensionInstallBlocklist":"*"}`)
		}, nil},
		"in small letters, which are other keys": {func(m *machine) {
			m.file(folder+"a.json", `{"nativemessagingblocklist":["*"],"nativemessaginguserlevelhosts":false,"extensioninstallblocklist":["*"],"extensionsettings":{"*":{"installation_mode":"blocked"}}}`)
			m.file(folder+"b.json", `{"ExtensionSettings":{"*":{"Installation_Mode":"blocked"}},"3RDPARTY":{"extensions":{"`+manifests.IDs(manifests.Chromium)[0]+`":{"allowWindowPin":"false"}}}}`)
		}, nil},
		"others blocked": {func(m *machine) { m.file(folder+"a.json", `{"NativeMessagingBlocklist":["io.github.other"]}`) }, nil},
		"allowed": {func(m *machine) {
			m.file(folder+"a.json", `{"NativeMessagingBlocklist":["*"],"NativeMessagingAllowlist":["`+manifests.HostName+`"]}`)
		}, nil},
		"in two files": {func(m *machine) {
			m.file(folder+"a.json", `{"NativeMessagingBlocklist":["*"]}`)
			m.file(folder+"b.json", `{"NativeMessagingAllowlist":["`+manifests.HostName+`"]}`)
		}, nil},
		"for persons": {func(m *machine) { m.file(folder+"a.json", `{"NativeMessagingUserLevelHosts":false}`) }, []string{"failure user-level"}},
		"for everybody": {func(m *machine) {
			m.file(folder+"a.json", `{"NativeMessagingUserLevelHosts":false}`)
			m.file("/etc/chromium/native-messaging-hosts/"+manifests.HostName+".json", "{}")
		}, nil},
		"of a wrong type":    {func(m *machine) { m.file(folder+"a.json", extensionPolicy(`{"allowWindowPin":"false"}`)) }, []string{"failure mistyped"}},
		"of the right types": {func(m *machine) { m.file(folder+"a.json", extensionPolicy(`{"allowWindowPin":false}`)) }, nil},
		"of a wrong type, and blocked": {func(m *machine) {
			m.file(folder+"a.json", extensionPolicy(`{"allowWindowPin":"false"}`))
			m.file(folder+"b.json", `{"NativeMessagingBlocklist":["*"]}`)
		}, []string{"failure mistyped", "failure blocked"}},
		"of another extension": {func(m *machine) {
			m.file(folder+"a.json", `{"3rdparty":{"extensions":{"ponmlkjihgfedcbaponmlkjihgfedcba":{"allowWindowPin":"false"}}}}`)
		}, nil},
		"not JSON":     {func(m *machine) { m.file(folder+"a.json", `{`) }, []string{"warning not-json"}},
		"another file": {func(m *machine) { m.file(folder+"a.txt", `{`) }, nil},
		"a folder":     {func(m *machine) { m.folder(folder + "a.json") }, []string{"warning unreadable"}},
		"a template":   {func(m *machine) { m.template(folder+"natsuin.json", "chromium.json") }, []string{"warning template"}},
		"a template, half filled": {func(m *machine) {
			m.file(folder+"natsuin.json", `{"ExtensionSettings":{"`+manifests.IDs(manifests.Chromium)[0]+`":{"installation_mode":"force_installed","update_url":"UPDATE_URL"}}}`)
		}, []string{"warning template"}},
		"all extensions blocked": {func(m *machine) {
			m.file(folder+"a.json", `{"ExtensionSettings":{"*":{"installation_mode":"blocked"}}}`)
		}, []string{"failure extension-blocked"}},
		"all but ours": {func(m *machine) {
			m.file(folder+"a.json", `{"ExtensionSettings":{"*":{"installation_mode":"blocked"},"`+ownID+`,`+manifests.IDs(manifests.Chromium)[0]+`":{"installation_mode":"allowed"}}}`)
		}, nil},
		"ours in another file, which alone holds": {func(m *machine) {
			m.file(folder+"a.json", `{"ExtensionSettings":{"`+manifests.IDs(manifests.Chromium)[0]+`":{"installation_mode":"allowed"}}}`)
			m.file(folder+"b.json", `{"ExtensionSettings":{"*":{"installation_mode":"blocked"}}}`)
		}, []string{"failure extension-blocked"}},
		"all but an administrator's own": {func(m *machine) {
			m.Settings.ExtensionIDs = map[manifests.Family][]string{manifests.Chromium: {ownID}}
			m.file(folder+"a.json", `{"ExtensionSettings":{"*":{"installation_mode":"blocked"},"`+ownID+`":{"installation_mode":"force_installed"}}}`)
		}, nil},
		"ours blocked": {func(m *machine) {
			m.file(folder+"a.json", `{"ExtensionSettings":{"`+manifests.IDs(manifests.Chromium)[0]+`":{"installation_mode":"removed"}}}`)
		}, []string{"failure extension-blocked"}},
		"all on the old list": {func(m *machine) { m.file(folder+"a.json", `{"ExtensionInstallBlocklist":["*"]}`) }, []string{"failure extension-blocked"}},
		"ours on the old list": {func(m *machine) {
			m.file(folder+"a.json", `{"ExtensionInstallBlocklist":["`+manifests.IDs(manifests.Chromium)[0]+`"]}`)
		}, []string{"failure extension-blocked"}},
		"allowed on the old list": {func(m *machine) {
			m.file(folder+"a.json", `{"ExtensionInstallBlocklist":["*"],"ExtensionInstallAllowlist":["`+manifests.IDs(manifests.Chromium)[0]+`"]}`)
		}, nil},
		"on both old lists": {func(m *machine) {
			m.file(folder+"a.json", `{"ExtensionInstallBlocklist":["`+manifests.IDs(manifests.Chromium)[0]+`"],"ExtensionInstallAllowlist":["`+manifests.IDs(manifests.Chromium)[0]+`"]}`)
		}, []string{"failure extension-blocked"}},
		"forced on the old list": {func(m *machine) {
			m.file(folder+"a.json", `{"ExtensionInstallBlocklist":["*"],"ExtensionInstallForcelist":["`+manifests.IDs(manifests.Chromium)[0]+`;https://a.example/"]}`)
		}, nil},
		"other shapes": {func(m *machine) { m.file(folder+"a.json", `{"ExtensionSettings":{"*":5}}`) }, nil},
		"Firefox's": {func(m *machine) {
			m.program("/usr/bin/firefox", "")
			m.file("/etc/firefox/policies/policies.json", `{"policies":{"ExtensionSettings":{"*":{"installation_mode":"blocked"}}}}`)
			m.file("/usr/lib/firefox/distribution/policies.json", `{"policies":{"ExtensionSettings":{"natsuin@natsuin.github.io":{"installation_mode":"allowed"}}}}`)
		}, []string{"failure extension-blocked"}},
		"Firefox's, all but ours": {func(m *machine) {
			m.program("/usr/bin/firefox", "")
			m.file("/etc/firefox/policies/policies.json", `{"policies":{"ExtensionSettings":{"*":{"installation_mode":"blocked"},"natsuin@natsuin.github.io":{"installation_mode":"allowed"}}}}`)
		}, nil},
		"Firefox's, in other letters": {func(m *machine) {
			m.program("/usr/bin/firefox", "")
			m.file("/etc/firefox/policies/policies.json", `{"Policies":{"ExtensionSettings":{"*":{"installation_mode":"blocked"}}}}`)
		}, nil},
		"Firefox's, which is there twice": {func(m *machine) {
			m.program("/usr/bin/firefox", "")
			m.program("/snap/bin/firefox", "")
			m.file("/etc/firefox/policies/policies.json", `{`)
		}, []string{"warning not-json"}},
		"Firefox's templates": {func(m *machine) {
			m.program("/usr/bin/firefox", "")
			m.template("/etc/firefox/policies/policies.json", "firefox.json")
			m.template("/usr/lib/mozilla/managed-storage/EXTENSION_ID.json", "firefox-managed-storage.json")
		}, []string{"warning template", "warning template"}},
		"Firefox's, not JSON": {func(m *machine) {
			m.program("/usr/bin/firefox", "")
			m.file("/etc/firefox/policies/policies.json", `{"policies":{},}`)
		}, []string{"warning not-json"}},
		"in a place that is not known": {func(m *machine) { m.program("/usr/bin/vivaldi", "") }, []string{"unknown not-looked-at"}},
		"of Firefox, which has none":   {func(m *machine) { m.program("/usr/bin/firefox", "") }, nil},
		"on macOS": {func(m *machine) {
			m.OS = "darwin"
			m.folder("/Applications/Google Chrome.app")
			m.folder("/Applications/Microsoft Edge.app")
		}, []string{"unknown not-looked-at"}},
		"of a browser that starts nothing": {func(m *machine) { m.program("/snap/bin/vivaldi", "") }, nil},
		"another browser's": {func(m *machine) {
			m.file("/etc/opt/chrome/policies/managed/a.json", `{"NativeMessagingBlocklist":["*"]}`)
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.program("/usr/bin/chromium", "")
			c.set(m)
			require.Equal(t, c.want, m.found("policy"))
		})
	}
}

// Of keys that name an extension the last by their bytes decides, as far as it says anything; one with a space names nothing.
func TestExtensionInSeveralKeys(t *testing.T) {
	id := manifests.IDs(manifests.Chromium)[0]
	const first, last = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "pppppppppppppppppppppppppppppppp"
	const allowed, blocked, silent = `{"installation_mode":"allowed"}`, `{"installation_mode":"blocked"}`, `{"blocked_permissions":[]}`
	for name, c := range map[string]struct {
		settings map[string]string
		want     []string
	}{
		"behind another":    {map[string]string{first + "," + id: blocked, id: allowed}, nil},
		"before another":    {map[string]string{id + "," + last: blocked, id: allowed}, []string{"failure extension-blocked"}},
		"the other way":     {map[string]string{id + "," + last: allowed, id: blocked}, nil},
		"without a mode":    {map[string]string{id: blocked, id + "," + last: silent}, []string{"failure extension-blocked"}},
		"only without one":  {map[string]string{"*": blocked, id: silent}, []string{"failure extension-blocked"}},
		"behind a space":    {map[string]string{"*": blocked, first + ", " + id: allowed}, []string{"failure extension-blocked"}},
		"behind no space":   {map[string]string{"*": blocked, first + "," + id: allowed}, nil},
		"of all the others": {map[string]string{"*": blocked, first + "," + last: allowed}, []string{"failure extension-blocked"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.program("/usr/bin/chromium", "")
			raw := map[string]json.RawMessage{}
			for key, value := range c.settings {
				raw[key] = json.RawMessage(value)
			}
			text, err := json.Marshal(map[string]any{"ExtensionSettings": raw})
			require.NoError(t, err)
			m.file("/etc/chromium/policies/managed/a.json", string(text))
			for range 8 { // maps have no order
				require.Equal(t, c.want, m.found("policy"))
			}
		})
	}
}

// template puts one of ours in place as it is.
func (m *machine) template(path, name string) {
	m.t.Helper()
	text, err := os.ReadFile("../../manifests/policy/" + name)
	require.NoError(m.t, err)
	m.file(path, string(text))
}

// A policy file that cannot be used is named, and what is wrong with it.
func TestPolicyFilesAreNamed(t *testing.T) {
	const file = "/etc/chromium/policies/managed/natsuin.json"
	m := newMachine(t)
	m.program("/usr/bin/chromium", "")
	m.template(file, "chromium.json")
	require.Equal(t, file+" still holds “EXTENSION_ID”, as the template does: a browser can make no use of that", m.checks("policy")[0].Evidence.In("en"))
	m.file(file, "{")
	require.Contains(t, m.checks("policy")[0].Evidence.In("ja"), file+"はJSONとして正しくないため（1バイト目）")

	m.file(file, `"`+strings.Repeat("x", 1<<20)+`"`)
	require.Equal(t, []string{"unknown not-looked-at"}, m.found("policy"))
	require.Equal(t, file+" was not looked at here (longer than 1024 KiB)", m.checks("policy")[0].Evidence.In("en"))
	require.Equal(t, file+"は調べていません（1024 KiBを超えています）", m.checks("policy")[0].Evidence.In("ja"))
	require.Contains(t, m.checks("policy")[0].Remedy.In("en"), "chrome://policy")
	m.remove(file)
	m.folder(file)
	require.Contains(t, m.checks("policy")[0].Remedy.In("ja"), "直すよう")
}

// extensionPolicy is a file of policies with settings of the extension.
func extensionPolicy(settings string) string {
	return `{"3rdparty":{"extensions":{"` + manifests.IDs(manifests.Chromium)[0] + `":` + settings + `}}}`
}

// The doctor goes by the schema that the extension has.
func TestManagedSchema(t *testing.T) {
	text, err := os.ReadFile("../../extension/static/managed_schema.json")
	require.NoError(t, err)
	want, err := doctor.ReadSchema(text)
	require.NoError(t, err)
	require.Equal(t, want, doctor.ManagedSchema)
}

// What Chromium passes over is named, however deep in it the fault is.
func TestMistypedPolicies(t *testing.T) {
	for settings, want := range map[string]string{
		`{"allowWindowPin":"false","allowRecordings":0,"blockedSites":"a.example","allowedSites":["a.example",5],"bridges":5,"bridgeSites":[]}`: "allowRecordings, allowWindowPin, allowedSites, blockedSites, bridgeSites, bridges",
		`{"allowWindowPin":null,"allowedSites":null,"bridges":null}`:                                                                            "allowWindowPin, allowedSites, bridges",
		`{"blockedSites":["a.example",null]}`:                                                                                                   "blockedSites",
		`{"bridgeSites":{"myna":null}}`:                                                                                                         "bridgeSites",
		`{"bridgeSites":{"myna":[null]}}`:                                                                                                       "bridgeSites",
		`{"bridges":{"myna":null}}`:                                                                                                             "bridges",
		`{"bridges":{"myna":{"maxDigests":"5"}}}`:                                                                                               "bridges",
		`{"bridges":{"myna":{"maxDigests":5.0}}}`:                                                                                               "bridges",
		`{"bridges":{"myna":{"maxDigests":3000000000}}}`:                                                                                        "bridges",
		`{"bridges":{"myna":{"inputs":[{"id":null}]}}}`:                                                                                         "bridges",
		`{"bridges":{"myna":{"errors":{"codes":{"x":5}}}}}`:                                                                                     "bridges",
		`{"bridges":{"myna":{"digests":{"sha1":"no"}}}}`:                                                                                        "bridges",
		`{"bridges":{"myna":{"maxDigests":5,"other":null,"inputs":[{"id":"a"}],"modes":{"x":"y"}}},"other":null}`:                               "",
		`{"allowWindowPin":false,"blockedSites":[],"bridgeSites":{}}`:                                                                           "",
		`5`: "",
	} {
		t.Run(settings, func(t *testing.T) {
			m := newMachine(t)
			m.program("/usr/bin/chromium", "")
			m.file("/etc/chromium/policies/managed/a.json", extensionPolicy(settings))
			checks := m.checks("policy")
			if want == "" {
				require.Empty(t, checks)
				return
			}
			require.Len(t, checks, 1)
			require.Contains(t, checks[0].Evidence.In("en"), ": "+want+" (")
			require.Contains(t, checks[0].Remedy.In("en"), "does not hold")
			require.Contains(t, checks[0].Remedy.In("ja"), "効きません")
		})
	}
}

// Of several files Chromium takes each key of the extension's from the last that has it.
func TestPolicyFilesAreMerged(t *testing.T) {
	for name, c := range map[string]struct {
		a, b string
		want []string
	}{
		"of different keys":    {`{"allowWindowPin":"no"}`, `{"allowedSites":["a.example"]}`, []string{"failure mistyped"}},
		"put right by a later": {`{"allowWindowPin":"no"}`, `{"allowWindowPin":false}`, nil},
		"spoiled by a later":   {`{"allowWindowPin":false}`, `{"allowWindowPin":"no"}`, []string{"failure mistyped"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.program("/usr/bin/chromium", "")
			m.file("/etc/chromium/policies/managed/a.json", extensionPolicy(c.a))
			m.file("/etc/chromium/policies/managed/b.json", extensionPolicy(c.b))
			require.Equal(t, c.want, m.found("policy"))
		})
	}
	m := newMachine(t)
	m.program("/usr/bin/chromium", "")
	m.file("/etc/chromium/policies/managed/a.json", extensionPolicy(`{"allowWindowPin":false}`))
	m.file("/etc/chromium/policies/managed/b.json", extensionPolicy(`{"allowRecordings":false}`))
	require.Contains(t, strings.Join(m.found("prompt"), " "), "window-forbidden")
}

// A browser that is there twice, and so has its policies twice, is named once.
func TestForbiddingBrowserIsNamedOnce(t *testing.T) {
	m := newMachine(t)
	m.env["PATH"], m.env["DISPLAY"] = t.TempDir(), ":0"
	m.program("/usr/bin/firefox", "")
	m.program("/usr/bin/snap", "")
	m.link("/snap/bin/firefox", "/usr/bin/snap")
	m.file("/etc/firefox/policies/policies.json", `{"policies":{"3rdparty":{"Extensions":{"`+manifests.IDs(manifests.Firefox)[0]+`":{"allowWindowPin":false}}}}}`)
	require.Contains(t, m.checks("prompt")[0].Evidence.In("en"), "forbids (Firefox)")
}
