package doctor_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/settings"
	"github.com/natsuin/natsuin/internal/way"
	"github.com/natsuin/natsuin/manifests"
)

const (
	settingsFile = "/etc/natsuin/settings.json"
	ownID        = "ponmlkjihgfedcbaponmlkjihgfedcba"
)

func TestSettings(t *testing.T) {
	desks := `{"desks":[{"municipality":{"ja":"見本市","en":"Mihon"},"office":{"ja":"市民課","en":"Citizens"},"telephone":"03-1234-5678"}]}`
	for name, c := range map[string]struct {
		file settings.File
		want []string
		says string
	}{
		"none":          {settings.File{Path: settingsFile}, nil, ""},
		"in order":      {settings.File{Path: settingsFile, There: true, Settings: settings.Settings{Prompt: settings.System, HelpDesks: "/etc/natsuin/desks.json"}}, []string{"info"}, "helpDesks, prompt"},
		"others write":  {settings.File{Path: settingsFile, There: true, Problems: []settings.Problem{{Cause: settings.Writable, Path: "/etc/natsuin"}}}, []string{"warning writable"}, "change /etc/natsuin"},
		"not readable":  {settings.File{Path: settingsFile, There: true, Problems: []settings.Problem{{Cause: settings.Unreadable, Path: settingsFile, Err: fs.ErrPermission}}}, []string{"warning unreadable"}, "it is not used, and the extension's window takes no PIN"},
		"what it names": {settings.File{Path: settingsFile, There: true, Problems: []settings.Problem{{Cause: settings.Unreadable, Path: "/etc/natsuin/trust", Err: fs.ErrPermission}}}, []string{"warning unreadable"}, "/etc/natsuin/trust cannot be read (permission denied): it is not used"},
		"no settings":   {settings.File{Path: settingsFile, There: true, Problems: []settings.Problem{{Cause: settings.NotSettings, Path: settingsFile, Err: &settings.Fault{Rule: settings.UnknownKey, Key: "prmpt"}}}}, []string{"warning not-settings"}, "settings (there is no setting “prmpt”): the extension's window takes no PIN"},
		"not mounted": {settings.File{Path: settingsFile, There: true, Problems: []settings.Problem{{Cause: settings.Unreadable, Path: settingsFile, Err: &way.Dangling{Link: "/etc/natsuin", Err: fs.ErrNotExist}}}},
			[]string{"warning unreadable"}, settingsFile + " cannot be read (the link /etc/natsuin leads nowhere): it is not used, and"},
		"two things": {settings.File{Path: settingsFile, There: true, Settings: settings.Settings{HelpDesks: "/etc/natsuin/broken.json"},
			Problems: []settings.Problem{{Cause: settings.Writable, Path: "/srv/trust"}}}, []string{"warning writable", "warning help-desks-unusable"}, "change /srv/trust"},
		"no roots": {settings.File{Path: settingsFile, There: true, Settings: settings.Settings{Trust: "/etc/natsuin/trust"}}, []string{"warning trust-unusable"}, "/etc/natsuin/trust"},
		"no desks": {settings.File{Path: settingsFile, There: true, Settings: settings.Settings{HelpDesks: "/etc/natsuin/broken.json"}}, []string{"warning help-desks-unusable"}, "/etc/natsuin/broken.json"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.folder("/etc/natsuin/trust")
			m.file("/etc/natsuin/desks.json", desks)
			m.file("/etc/natsuin/broken.json", "{")
			m.Settings = c.file
			require.Equal(t, c.want, m.found("settings"))
			if c.want != nil {
				require.Contains(t, m.checks("settings")[0].Evidence.In("en"), c.says)
			}
		})
	}
}

// What is wrong with a text that is no settings is said in both languages, each rule with what it is about.
func TestFaultsOfSettings(t *testing.T) {
	for text, want := range map[string][2]string{
		"":                                   {"何も書かれていません", "nothing stands in it"},
		"[]":                                 {"（{ } で囲まれたオブジェクトではありません）", "(it is not an object, in braces)"},
		"{}{}":                               {"オブジェクトの後に、余分なものがあります", "there is more behind the object"},
		"{\n\"prompt\" 1}":                   {"JSONとして正しくありません（2行目）", "it is not JSON (line 2)"},
		"{\"trust\":\"\xff\"}":               {"文字コードがUTF-8ではありません", "it is not UTF-8"},
		strings.Repeat(" ", 64<<10+1):        {"64 KiBを超えています", "it is longer than 64 KiB"},
		`{"prmpt":"any"}`:                    {"「prmpt」という項目はありません", "there is no setting “prmpt”"},
		`{"prompt":"any","prompt":"any"}`:    {"「prompt」が重複しています", "“prompt” stands twice"},
		`{"prompt":1}`:                       {`「prompt」が"system"でも"any"でもありません`, `“prompt” is neither "system" nor "any"`},
		`{"trust":"a"}`:                      {"「trust」が絶対パスではありません", "“trust” is not an absolute path"},
		`{"extensionIds":[]}`:                {"「extensionIds」が、{ } で囲まれたオブジェクトではありません", "“extensionIds”: it is not an object, in braces"},
		`{"extensionIds":{"firefox":1}}`:     {"「extensionIds.firefox」が、20個までのIDの一覧ではありません", "“extensionIds.firefox” is not a list of at most 20 ids"},
		`{"extensionIds":{"firefox":["*"]}}`: {"「extensionIds.firefox」に、拡張機能のIDではないものがあります", "“extensionIds.firefox” holds what is no id of an extension"},
	} {
		_, err := settings.Read([]byte(text), "linux")
		require.Error(t, err)
		m := newMachine(t)
		m.Settings = settings.File{Path: settingsFile, There: true, Problems: []settings.Problem{{Cause: settings.NotSettings, Path: settingsFile, Err: err}}}
		found := m.checks("settings")[0]
		require.Contains(t, found.Evidence.In("ja"), want[0])
		require.Contains(t, found.Evidence.In("en"), want[1])
		require.NotContains(t, found.Evidence.In("ja")+found.Evidence.In("en"), "%!")
	}
}

// An administrator's own id of the extension is one of ours, wherever the doctor looks for one.
func TestFurtherExtensionIDs(t *testing.T) {
	m := registered(t)
	require.Equal(t, []string{"ok"}, m.found("manifest"))
	m.Settings.ExtensionIDs = map[manifests.Family][]string{manifests.Chromium: {ownID}}
	require.Equal(t, []string{"failure wrong-extension"}, m.found("manifest"), "registered before the settings named it")
	m.file(chromiumManifest, string(manifests.Host(manifests.Chromium, m.Program, ownID)))
	require.Equal(t, []string{"ok"}, m.found("manifest"))
	m.file("/home/taro/.config/chromium/Default/Extensions/"+ownID+"/0.1.0_0/manifest.json", `{"version":"0.1.0"}`)
	require.Equal(t, []string{"ok"}, m.found("extension"))
	m.Settings.ExtensionIDs = nil
	require.Equal(t, []string{"failure other-extension"}, m.found("manifest"))
	require.Equal(t, []string{"warning absent"}, m.found("extension"))
}

// Where an administrator forbids the window, in the host's settings or in Firefox's policies, and no dialog can start, no
// PIN can be typed.
func TestForbiddenWindow(t *testing.T) {
	m := newMachine(t)
	m.env["PATH"], m.env["DISPLAY"] = t.TempDir(), ":0"
	require.Equal(t, []string{"warning no-pinentry"}, m.found("prompt"))
	m.Settings = settings.File{Path: settingsFile, There: true, Settings: settings.Settings{Prompt: settings.System}}
	require.Equal(t, []string{"failure window-forbidden"}, m.found("prompt"))
	require.Contains(t, m.checks("prompt")[0].Evidence.In("en"), settingsFile)

	m.Settings = settings.File{}
	m.program("/usr/bin/firefox-esr", "")
	for value, want := range map[string]string{"false": "failure window-forbidden", "0": "failure window-forbidden", `"no"`: "failure window-forbidden", "true": "warning no-pinentry", "1": "warning no-pinentry"} {
		m.file("/etc/firefox/policies/policies.json", `{"policies":{"3rdparty":{"Extensions":{"natsuin@natsuin.github.io":{"allowWindowPin":`+value+`}}}}}`)
		require.Equal(t, []string{want}, m.found("prompt"), value)
	}
	const addon, managed = `"natsuin@natsuin.github.io"`, "/usr/lib/mozilla/managed-storage/natsuin@natsuin.github.io.json"
	m.file("/etc/firefox/policies/policies.json", `{"policies":{"3rdparty":{"extensions":{`+addon+`:{"allowWindowPin":false}}}}}`)
	require.Equal(t, []string{"warning no-pinentry"}, m.found("prompt"), "Firefox reads no key in other letters")
	m.file(managed, `{"Data":{"allowWindowPin":false}}`)
	require.Equal(t, []string{"warning no-pinentry"}, m.found("prompt"), "nor there")
	m.file(managed, `{"data":{"allowWindowPin":false}}`)
	require.Equal(t, []string{"failure window-forbidden"}, m.found("prompt"))
}
