package manifests_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/manifests"
)

func TestHostNameIsOneThatEveryBrowserTakes(t *testing.T) {
	require.Regexp(t, regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)*$`), manifests.HostName)
}

func TestHostManifestsNameTheExtensionOfTheirFamily(t *testing.T) {
	var chromium, firefox map[string]any
	require.NoError(t, json.Unmarshal(manifests.Host(manifests.Chromium, "/opt/natsuin"), &chromium))
	require.NoError(t, json.Unmarshal(manifests.Host(manifests.Firefox, "/opt/natsuin"), &firefox))
	for _, m := range []map[string]any{chromium, firefox} {
		require.Equal(t, "stdio", m["type"])
		require.Equal(t, "/opt/natsuin", m["path"])
		require.Equal(t, manifests.HostName, m["name"])
	}
	require.NotContains(t, chromium, "allowed_extensions")
	require.NotContains(t, firefox, "allowed_origins")
	for _, origin := range chromium["allowed_origins"].([]any) {
		require.Regexp(t, `^chrome-extension://[a-p]{32}/$`, origin)
	}
	require.Equal(t, []any{"natsuin@natsuin.github.io"}, firefox["allowed_extensions"])
}

func TestIDs(t *testing.T) {
	require.Equal(t, []string{manifests.ID(manifests.Chromium, manifests.Developer)}, manifests.IDs(manifests.Chromium))
	require.Empty(t, manifests.ID(manifests.Firefox, manifests.Edge))
	require.Empty(t, manifests.IDs("netscape"))
}

// What is generated is taken, and every single fault in it is named.
func TestCheck(t *testing.T) {
	programs := map[string]string{"linux": "/home/見本 太郎/natsuin", "darwin": "/usr/local/bin/natsuin", "windows": `C:\Program Files\Natsuin\natsuin.exe`}
	for goos, program := range programs {
		for _, family := range []manifests.Family{manifests.Chromium, manifests.Firefox} {
			m, err := manifests.ReadHost(manifests.Host(family, program))
			require.NoError(t, err)
			require.NoError(t, m.Check(family, goos))
			require.Equal(t, manifests.Ours(family), m.Allowed(family))
			other := manifests.Firefox
			if family == other {
				other = manifests.Chromium
			}
			require.Error(t, m.Check(other, goos))
		}
	}
	for name, c := range map[string]struct {
		family manifests.Family
		goos   string
		change func(*manifests.HostManifest)
		rule   manifests.Rule
	}{
		"name":                {manifests.Chromium, "linux", func(m *manifests.HostManifest) { m.Name = "Io.Github.Natsuin" }, manifests.RuleName},
		"type":                {manifests.Chromium, "linux", func(m *manifests.HostManifest) { m.Type = "pipe" }, manifests.RuleType},
		"relative":            {manifests.Firefox, "linux", func(m *manifests.HostManifest) { m.Path = "natsuin" }, manifests.RulePath},
		"of another system":   {manifests.Chromium, "linux", func(m *manifests.HostManifest) { m.Path = programs["windows"] }, manifests.RulePath},
		"without a drive":     {manifests.Chromium, "windows", func(m *manifests.HostManifest) { m.Path = `\natsuin.exe` }, manifests.RulePath},
		"relative on a drive": {manifests.Chromium, "windows", func(m *manifests.HostManifest) { m.Path = `C:natsuin.exe` }, manifests.RulePath},
		"nobody":              {manifests.Firefox, "linux", func(m *manifests.HostManifest) { m.AllowedExtensions = nil }, manifests.RuleAllowed},
		"wildcard":            {manifests.Chromium, "linux", func(m *manifests.HostManifest) { m.AllowedOrigins = []string{"chrome-extension://*/"} }, manifests.RuleForm},
		"no slash":            {manifests.Chromium, "linux", func(m *manifests.HostManifest) { m.AllowedOrigins[0] = m.AllowedOrigins[0][:51] }, manifests.RuleForm},
		"an id alone":         {manifests.Chromium, "linux", func(m *manifests.HostManifest) { m.AllowedOrigins = manifests.IDs(manifests.Chromium) }, manifests.RuleForm},
		"letters of no id": {manifests.Chromium, "linux", func(m *manifests.HostManifest) {
			m.AllowedOrigins[0] = "chrome-extension://zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz/"
		}, manifests.RuleForm},
		"an add-on's name":       {manifests.Firefox, "linux", func(m *manifests.HostManifest) { m.AllowedExtensions[0] = "natsuin" }, manifests.RuleForm},
		"an add-on's bad GUID":   {manifests.Firefox, "linux", func(m *manifests.HostManifest) { m.AllowedExtensions[0] = "{0-0}" }, manifests.RuleForm},
		"the second of two bad":  {manifests.Firefox, "linux", func(m *manifests.HostManifest) { m.AllowedExtensions = append(m.AllowedExtensions, "*") }, manifests.RuleForm},
		"a GUID is fine as such": {manifests.Firefox, "linux", func(m *manifests.HostManifest) { m.AllowedExtensions[0] = "{a6ec9a3a-8b0b-4a43-9f2f-0d2f2f2f2f2f}" }, ""},
		"a share is fine":        {manifests.Firefox, "windows", func(m *manifests.HostManifest) { m.Path = `\\server\share\natsuin.exe` }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := manifests.ReadHost(manifests.Host(c.family, programs[c.goos]))
			require.NoError(t, err)
			m.AllowedOrigins, m.AllowedExtensions = slices.Clone(m.AllowedOrigins), slices.Clone(m.AllowedExtensions)
			c.change(&m)
			err = m.Check(c.family, c.goos)
			if c.rule == "" {
				require.NoError(t, err)
				return
			}
			var broken *manifests.BrokenRule
			require.ErrorAs(t, err, &broken)
			require.Equal(t, c.rule, broken.Rule)
		})
	}
}

// On Windows, and there alone, a program may be named from the folder that its manifest is in.
func TestIn(t *testing.T) {
	for _, c := range []struct{ goos, file, path, want string }{
		{"windows", `D:\Natsuin\m.json`, `natsuin.exe`, `D:\Natsuin\natsuin.exe`},
		{"windows", `D:\Natsuin\m.json`, `../bin/natsuin.exe`, `D:\Natsuin\..\bin\natsuin.exe`},
		{"windows", `D:/Natsuin/m.json`, `natsuin.exe`, `D:/Natsuin/natsuin.exe`},
		{"windows", `D:\Natsuin\m.json`, `C:\natsuin.exe`, `C:\natsuin.exe`},
		{"windows", `D:\Natsuin\m.json`, `\\server\share\natsuin.exe`, `\\server\share\natsuin.exe`},
		{"windows", `D:\Natsuin\m.json`, `\natsuin.exe`, `\natsuin.exe`},
		{"windows", `D:\Natsuin\m.json`, `C:natsuin.exe`, `C:natsuin.exe`},
		{"windows", `D:\Natsuin\m.json`, ``, ``},
		{"windows", `m.json`, `natsuin.exe`, `natsuin.exe`},
		{"linux", `/etc/m.json`, `natsuin`, `natsuin`},
		{"darwin", `/etc/m.json`, `natsuin`, `natsuin`},
	} {
		m, err := manifests.ReadHost(manifests.Host(manifests.Firefox, c.path))
		require.NoError(t, err)
		require.Equal(t, c.want, m.In(c.goos, c.file).Path, c)
		require.Equal(t, manifests.IsAbs(c.goos, c.want), m.In(c.goos, c.file).Check(manifests.Firefox, c.goos) == nil, c)
	}
}

// A key counts as it is written, and what is of another type is found where it stands.
func TestReadHost(t *testing.T) {
	m, err := manifests.ReadHost([]byte(`{"PATH":5,"path":"/a","Path":"/b","Name":"n","Allowed_Origins":["a"],"ALLOWED_EXTENSIONS":["b"],"further":{}}`))
	require.NoError(t, err)
	require.Equal(t, manifests.HostManifest{Path: "/a"}, m)
	for text, at := range map[string]int64{`{"path":"/a", "name":1}`: 22, `{"allowed_origins":[1]}`: 21, `[]`: 1} {
		_, err := manifests.ReadHost([]byte(text))
		var kind *json.UnmarshalTypeError
		require.ErrorAs(t, err, &kind, text)
		require.Equal(t, at, kind.Offset, text)
	}
}

// Whatever stands in a file: what is read and written again reads the same.
func FuzzReadHost(f *testing.F) {
	f.Add(string(manifests.Host(manifests.Chromium, "/opt/natsuin")))
	f.Add(string(manifests.Host(manifests.Firefox, "/opt/natsuin")))
	f.Add(`{"name":1}`)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := manifests.ReadHost([]byte(text))
		if err != nil {
			return
		}
		again, err := json.Marshal(m)
		require.NoError(t, err)
		same, err := manifests.ReadHost(again)
		require.NoError(t, err)
		if len(m.AllowedOrigins) == 0 {
			m.AllowedOrigins = nil
		}
		if len(m.AllowedExtensions) == 0 {
			m.AllowedExtensions = nil
		}
		require.Equal(t, m, same)
	})
}
