package doctor_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/doctor"
	"github.com/natsuin/natsuin/manifests"
)

var hanako = doctor.Person{User: "hanako", Name: "Hanako Yamada", Host: "hanako-pc.example"}

// discreet is the report for others, as one text.
func (m *machine) discreet(p doctor.Person) string {
	m.t.Helper()
	text, err := json.Marshal(doctor.Discreet(m.System, doctor.Run(m.System), "en", p))
	require.NoError(m.t, err)
	return string(text)
}

// Each of these is shown to the person, and not to others.
func TestDiscreetOnPaths(t *testing.T) {
	for name, c := range map[string]struct {
		set  func(*machine)
		says string // in the report for others
	}{
		"the home":                   {func(m *machine) { m.Program = "/home/taro/.local/bin/natsuin" }, "~/.local/bin/natsuin"},
		"a folder in the home":       {func(m *machine) { m.Program = "/home/taro/hanako/secret/natsuin" }, " ~/…/natsuin"},
		"the home itself":            {func(m *machine) { m.Program = "/home/taro/natsuin" }, " ~/natsuin"},
		"a home that begins like it": {func(m *machine) { m.Program = "/home/taroyama/natsuin" }, "~other/…/natsuin"},
		"somebody's home":            {func(m *machine) { m.Program = "/home/hanako/secret/natsuin" }, "~other/…/natsuin"},
		"on macOS":                   {func(m *machine) { m.Program = "/Users/secret/natsuin" }, "~other/…/natsuin"},
		"a home that is a link": {func(m *machine) {
			m.remove(m.Home)
			m.folder("/data/secret")
			m.link(m.Home, "/data/secret")
			m.Program = "/data/secret/.local/bin/natsuin"
		}, "~/.local/bin/natsuin"},
		"another XDG folder": {func(m *machine) {
			m.env["XDG_CONFIG_HOME"] = "/data/secret/conf"
			m.program("/usr/bin/chromium", "")
		}, "$XDG_CONFIG_HOME/chromium/NativeMessagingHosts/" + manifests.HostName + ".json"},
		"and in the home": {func(m *machine) {
			m.env["XDG_CONFIG_HOME"] = "/home/taro/secret"
			m.program("/usr/bin/chromium", "")
		}, "$XDG_CONFIG_HOME/chromium/NativeMessagingHosts/" + manifests.HostName + ".json"},
		"a folder's unknown content": {func(m *machine) {
			m.env["XDG_DATA_HOME"] = "/data/secret"
			m.Program = "/data/secret/hanako/natsuin"
		}, "$XDG_DATA_HOME/…/natsuin"},
		"a socket of one's own": {func(m *machine) {
			m.env["PCSCLITE_CSOCK_NAME"] = "/run/user/1000/secret.sock"
			m.Service = errNoService
		}, "no socket …\""},
		"in the runtime folder": {func(m *machine) {
			m.env["PCSCLITE_CSOCK_NAME"], m.env["XDG_RUNTIME_DIR"] = "/run/user/1000/secret.sock", "/run/user/1000"
			m.Service = errNoService
		}, "no socket $XDG_RUNTIME_DIR/…\""},
		"a socket of a known name": {func(m *machine) {
			m.env["PCSCLITE_CSOCK_NAME"] = "/run/user/1000/secret/pcscd.comm"
			m.Service = errNoService
		}, "no socket …/pcscd.comm"},
		"a memory stick":          {func(m *machine) { m.Program = "/media/hanako/SECRET USB/natsuin" }, " …/natsuin"},
		"the system's own":        {func(m *machine) { m.Program = "/usr/lib/natsuin/natsuin" }, " /usr/lib/natsuin/natsuin"},
		"a name in a system path": {func(m *machine) { m.Program = "/usr/local/Hanako-Yamada/natsuin" }, "/usr/local/<user>-<name>/natsuin"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			c.set(m)
			report := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(m.discreet(hanako))
			require.Contains(t, report, c.says)
			for _, trace := range []string{"taro", "hanako", "secret", "1000"} {
				require.NotContains(t, strings.ToLower(strings.ReplaceAll(report, manifests.HostName, "")), trace)
			}
		})
	}
}

func TestDiscreetOnDevices(t *testing.T) {
	for device, shown := range map[string]string{
		"Yubico YubiKey OTP+FIDO+CCID (0012345678) 00 00":                                  "Yubico YubiKey OTP+FIDO+CCID (…) 00 00",
		"Identiv uTrust 3700 F CL Reader [uTrust 3700 F CL Reader] (55041234567890) 01 00": "Identiv uTrust 3700 F CL Reader [uTrust 3700 F CL Reader] (…) 01 00",
		"SONY FeliCa RC-S300/S (ABC DEF) 0A 00":                                            "SONY FeliCa RC-S300/S (…) 0A 00",
		"Reader (AB:12:34) 00 00":                                                          "Reader (…) 00 00",
		"Reader ((AB:12:34)) 00 00":                                                        "Reader (…) 00 00",
		"Reader ((AB:12:34), (12 34)) 00 00":                                               "Reader (…) 00 00",
		"Reader (AB12 00 00":                                                               "Reader (…",
		"Reader 00:1A:7D:DA 1":                                                             "Reader … 1",
		"Reader SN1234567X 0":                                                              "Reader … 0",
		"Reader of hanako 0":                                                               "Reader of <user> 0",
		"Virtual PCD 00 00":                                                                "Virtual PCD 00 00",
	} {
		m := newMachine(t)
		m.Readers = []doctor.Reader{{Name: device, Card: true, Problem: "NOT_JPKI"}}
		named := 0
		for _, l := range doctor.Discreet(m.System, doctor.Run(m.System), "en", hanako) {
			if l.Reader != "" {
				named++
				require.Equal(t, shown, l.Reader)
				require.Contains(t, l.Title, shown)
			}
		}
		require.NotZero(t, named)
	}
}

// A person's names are nowhere, and the same report always comes out.
func TestDiscreetOnNames(t *testing.T) {
	m := newMachine(t)
	m.file("/etc/os-release", `PRETTY_NAME="hanako-pc, hanako-pc.example, HANAKO YAMADA, hanako,hanako, hanakos, 花子のパソコン"`)
	p := doctor.Person{User: `HOME\hanako`, Name: "Hanako Yamada 花子", Host: "hanako-pc.example"}
	for range 20 {
		line := doctor.Discreet(m.System, doctor.Run(m.System), "en", p)[0]
		require.Contains(t, line.Evidence, "<host>, <host>, <user> <name>, <user>,<user>, hanakos, <name>のパソコン")
	}
	m.file("/etc/os-release", `PRETTY_NAME="Debian GNU/Linux"`)
	line := doctor.Discreet(m.System, doctor.Run(m.System), "en", doctor.Person{User: "root", Name: "root", Host: "debian"})[0]
	require.Contains(t, line.Evidence, "Debian GNU/Linux", "which names nobody")
}

// What a stranger put into a manifest is cut on the screen, and left out of a report for others.
func TestStrangersManifests(t *testing.T) {
	flood := "hanako" + strings.Repeat("あ", 900_000)
	for key, value := range map[string]any{
		"name": flood, "type": flood, "allowed_origins": []string{manifests.ChromiumOrigin(manifests.IDs(manifests.Chromium)[0]), flood},
	} {
		strangersManifest(t, key, value)
	}
	for _, path := range []string{flood, "/" + flood, "/hanako/" + strings.Repeat("a/", 400), "/opt/natsuin/natsuin/hanako", "/opt/natsuin", "/etc/hanako"} {
		strangersManifest(t, "path", path)
	}
}

func strangersManifest(t *testing.T, key string, value any) {
	t.Helper()
	m := registered(t)
	m.program("/etc/hanako", "#!/bin/sh\n")
	content := map[string]any{}
	require.NoError(t, json.Unmarshal(manifests.Host(manifests.Chromium, m.Program), &content))
	content[key] = value
	text, err := json.Marshal(content)
	require.NoError(t, err)
	m.file(chromiumManifest, string(text[:min(len(text), 3<<20)]))
	require.Equal(t, "failure", strings.Fields(m.found("manifest")[0])[0], key)
	for _, lang := range []string{"ja", "en"} {
		for _, l := range doctor.Lines(doctor.Run(m.System), lang) {
			require.Less(t, utf8.RuneCountInString(l.Title+l.Evidence+l.Remedy), 2000, l.ID)
		}
	}
	require.NotContains(t, m.discreet(doctor.Person{}), "hanako")
	require.NotContains(t, m.discreet(doctor.Person{}), "ああ")
}

// Versions are the browsers' kind of numbers, or nothing that is repeated.
func TestStrangersVersions(t *testing.T) {
	m := newMachine(t)
	m.program("/usr/bin/chromium", "")
	file := filepath.Join("/home/taro/.config/chromium/Default/Extensions", manifests.IDs(manifests.Chromium)[0], "1_0/manifest.json")
	for _, version := range []string{"hanako", strings.Repeat("1", 900), "0.1.0\u202e", ""} {
		text, err := json.Marshal(map[string]string{"version": version})
		require.NoError(t, err)
		m.file(file, string(text))
		require.Equal(t, "version ? (profiles: 1)", m.checks("extension")[0].Evidence.In("en"))
	}
}
