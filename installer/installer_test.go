package installer_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/manifests"
)

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if path != dir {
			names = append(names, path[len(dir)+1:])
		}
		return err
	}))
	return names
}

func outcomes(actions []installer.Action) map[string]installer.Outcome {
	m := map[string]installer.Outcome{}
	for _, a := range actions {
		m[a.Browser] = a.Done
	}
	return m
}

func TestInstallTwiceThenUninstallLeavesNothing(t *testing.T) {
	home := t.TempDir()
	target := installer.Target{Home: home, Program: "/opt/natsuin/natsuin"}

	first, err := installer.Install(target)
	require.NoError(t, err)
	require.Equal(t, map[string]installer.Outcome{"chromium": "written", "chrome": "written", "edge": "written", "firefox": "written"}, outcomes(first))
	for _, a := range first {
		text, err := os.ReadFile(a.Path)
		require.NoError(t, err)
		var m struct{ Path string }
		require.NoError(t, json.Unmarshal(text, &m))
		require.Equal(t, target.Program, m.Path)
	}
	installed := files(t, home)

	second, err := installer.Install(target)
	require.NoError(t, err)
	require.Equal(t, installer.Unchanged, outcomes(second)["firefox"])
	require.Equal(t, installed, files(t, home))

	_, err = installer.Uninstall(target)
	require.NoError(t, err)
	require.Empty(t, files(t, home), "uninstall removes exactly what install wrote")
	again, err := installer.Uninstall(target)
	require.NoError(t, err)
	require.Equal(t, installer.Absent, outcomes(again)["chromium"])
}

func TestUninstallLeavesWhatOthersWrote(t *testing.T) {
	home := t.TempDir()
	other := filepath.Join(home, ".mozilla", "native-messaging-hosts", "other.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(other), 0o700))
	require.NoError(t, os.WriteFile(other, []byte("{}"), 0o600))
	target := installer.Target{Home: home, Program: "/opt/natsuin", Names: []string{"firefox"}}
	_, err := installer.Install(target)
	require.NoError(t, err)
	_, err = installer.Uninstall(target)
	require.NoError(t, err)
	require.FileExists(t, other)
	require.NoFileExists(t, filepath.Join(filepath.Dir(other), manifests.HostName+".json"))
}

func TestUninstallKeepsAnotherInstallation(t *testing.T) {
	home := t.TempDir()
	_, err := installer.Install(installer.Target{Home: home, Program: "/opt/other/natsuin", Names: []string{"chromium"}})
	require.NoError(t, err)
	actions, err := installer.Uninstall(installer.Target{Home: home, Program: "/opt/natsuin/natsuin"})
	require.NoError(t, err)
	require.Equal(t, installer.Kept, outcomes(actions)["chromium"])
	require.FileExists(t, actions[0].Path)
}

func TestInstallRefuses(t *testing.T) {
	_, err := installer.Install(installer.Target{Home: t.TempDir(), Program: "natsuin"})
	require.ErrorContains(t, err, "not absolute")
	_, err = installer.Install(installer.Target{Home: t.TempDir(), Program: "/opt/natsuin", Names: []string{"lynx"}})
	require.ErrorIs(t, err, installer.ErrUnknownBrowser)
}

func TestCaller(t *testing.T) {
	id := manifests.IDs(manifests.Chromium)[0]
	for name, c := range map[string]struct {
		args          []string
		browser, ours bool
	}{
		"a person":                {[]string{"status", "--json"}, false, false},
		"nobody":                  {nil, false, false},
		"Chromium":                {[]string{"chrome-extension://" + id + "/"}, true, true},
		"Chromium on Windows":     {[]string{"chrome-extension://" + id + "/", "--parent-window=0"}, true, true},
		"another extension":       {[]string{"chrome-extension://abcdefghijklmnopabcdefghijklmnop/"}, true, false},
		"our id as a prefix":      {[]string{"chrome-extension://" + id + "/x"}, true, false},
		"Firefox":                 {[]string{"/home/x/.mozilla/native-messaging-hosts/a.json", "natsuin@natsuin.github.io"}, true, true},
		"another add-on":          {[]string{"/home/x/a.json", "other@example.com"}, true, false},
		"a person verifying JSON": {[]string{"verify-token", "a.json"}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			browser, ours := installer.Caller(c.args)
			require.Equal(t, c.browser, browser)
			require.Equal(t, c.ours, ours)
		})
	}
}
