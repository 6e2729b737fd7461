//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/settings"
	"github.com/natsuin/natsuin/manifests"
)

const mihon = `{"desks":[{"municipality":{"ja":"見本市","en":"Mihon"},"office":{"ja":"市民課","en":"Citizens"},"telephone":"03-1234-5678"}]}`

// The command line believes in the roots that an administrator settled as in those of --trust, and lists the help desks.
func TestSettledCommandLine(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	require.Zero(t, s.run("1234", authArgs...), s.stderr.String())
	token := filepath.Join(t.TempDir(), "token.json")
	require.NoError(t, os.WriteFile(token, s.stdout.Bytes(), 0o600))
	verify := []string{"verify-token", "--origin", "https://shinsei.example", "--challenge", challenge, token}
	require.Equal(t, 10, s.run("", verify...))
	s.settled.Trust = s.trust()
	s.tells(0, verify, "anchor: added")
	s.settled.Trust = t.TempDir()
	require.Equal(t, 1, s.run("", verify...))
	require.Contains(t, s.stderr.String(), s.settled.Trust)

	s.settled = settings.Settings{HelpDesks: filepath.Join(t.TempDir(), "desks.json")}
	require.NoError(t, os.WriteFile(s.settled.HelpDesks, []byte(mihon), 0o600))
	s.tells(0, []string{"explain", "desks", "--lang", "ja"}, "見本市  市民課  03-1234-5678", "北九州市")
	s.tells(0, []string{"explain", "見本市", "--lang", "ja"}, "見本市  市民課  03-1234-5678")
}

// A browser's host does so, too, and has no PIN typed into the window where that is forbidden.
func TestSettledBrowser(t *testing.T) {
	c, err := simcard.New(simcard.Options{})
	require.NoError(t, err)
	open := func() (card.Readers, error) { return simcard.NewReaders(c), nil }
	dir := t.TempDir()
	require.NoError(t, c.WriteTrust(dir))
	desks := filepath.Join(dir, "desks.json")
	require.NoError(t, os.WriteFile(desks, []byte(mihon), 0o600))

	e := serve(t, open, nil, settings.Settings{Prompt: settings.System, HelpDesks: desks})
	e.send(`{"type":"request","id":"a","command":"authenticate","lang":"ja","origin":"https://shinsei.example","challenge":"%s","windowPin":true}`, challenge)
	code, _ := e.untilError()
	require.Equal(t, "PROMPT_UNAVAILABLE", code)
	e.send(`{"type":"request","id":"b","command":"desks","lang":"ja"}`)
	listed := e.until("result")["result"].(object)["desks"].([]any)
	require.Equal(t, "03-1234-5678", listed[len(listed)-1].(object)["telephone"])

	e = serve(t, open, &dialog{pins: []string{"ABC123"}}, settings.Settings{Trust: filepath.Join(dir, "trust")})
	text := content{name: "契約.txt", bytes: []byte("契約")}
	signatures, _, _ := e.signs(wish{members: fromSite + `,"format":"cms","attached":true`, documents: []content{text}})
	result := e.verifies(wish{members: ownVerify, documents: []content{{name: "signed", bytes: signatures[0]}}})
	signature := result["document"].(object)["signatures"].([]any)[0].(object)
	require.Equal(t, "added", signature["signer"].(object)["anchor"].(object)["origin"])

	e = serve(t, open, nil, settings.Settings{Trust: filepath.Join(dir, "nothing")})
	e.ask(wish{members: ownVerify, documents: []content{text}})
	code, _ = e.untilError()
	require.Equal(t, "FILE_FAILED", code)
}

// The settings below the root are those of the machine that is prepared: their ids go into its manifests.
func TestSettledInstallation(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	newHome(t)
	root := t.TempDir()
	file := root + settings.Load(root).Path
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, []byte(`{"extensionIds":{"firefox":["natsuin@example.jp"]}}`), 0o644))
	s.tells(0, []string{"install", "--root", root, "--browser", "firefox", "--program", "/usr/bin/natsuin"}, "Firefox: registered (/")
	found, err := filepath.Glob(root + "/*/*/*/*/" + manifests.HostName + ".json")
	require.NoError(t, err)
	require.NotEmpty(t, found)
	for _, place := range found {
		text, err := os.ReadFile(place)
		require.NoError(t, err)
		m, err := manifests.ReadHost(text)
		require.NoError(t, err)
		require.Equal(t, []string{"natsuin@natsuin.github.io", "natsuin@example.jp"}, m.AllowedExtensions)
	}
}

// Where the settings do not hold, what is registered for everybody stays as it is; one person is warned.
func TestVoidSettings(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	home, root := newHome(t), t.TempDir()
	require.NoError(t, os.MkdirAll(root+home, 0o755))
	file := root + settings.Load(root).Path
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	write := func(text string) { require.NoError(t, os.WriteFile(file, []byte(text), 0o644)) }
	everybody := []string{"install", "--system", "--root", root, "--browser", "firefox", "--program", "/usr/bin/natsuin"}
	person := []string{"install", "--user", "--root", root, "--browser", "firefox", "--program", "/usr/bin/natsuin"}

	write(`{"extensionIds":{"firefox":["natsuin@example.jp"]}}`)
	s.tells(0, everybody, "Firefox: registered (/")
	write(`{"extensionIds":{"firefox":["natsuin@example.jp"]},}`)
	before := contents(t, root)
	for lang, says := range map[string][]string{
		"ja": {"settings.jsonを設定として読み取れません（JSONとして正しくありません（1行目））", "何も変えていません。\nこのファイルを直すか"},
		"en": {"settings.json cannot be read as settings (it is not JSON (line 1))", "Nothing was changed.\nPut this file right"},
	} {
		require.Equal(t, 1, s.run("", append(everybody, "--lang", lang)...))
		for _, part := range says {
			require.Contains(t, s.stderr.String(), part)
		}
		require.NotContains(t, s.stderr.String(), "%!")
		require.Empty(t, s.stdout.String())
		require.Equal(t, before, contents(t, root))
	}

	for lang, says := range map[string]string{"ja": "警告: 管理者の設定が使えません: ", "en": "Warning: the administrator's settings do not hold: "} {
		require.Zero(t, s.run("", append(person, "--lang", lang)...))
		require.Contains(t, s.stdout.String(), "Firefox: ")
		require.Contains(t, s.stderr.String(), says)
		require.Contains(t, s.stderr.String(), "settings.json")
	}
	for _, scope := range []string{"--user", "--system"} { // for which the ids do not matter
		s.tells(0, []string{"uninstall", scope, "--root", root, "--program", "/usr/bin/natsuin"}, "Firefox: registration removed")
		require.Empty(t, s.stderr.String())
	}
	require.NoError(t, os.Remove(file))
	s.tells(0, everybody, "Firefox: registered (/")
	require.Empty(t, s.stderr.String())

	// What only its trust anchors lack says nothing of the extension.
	write(`{"extensionIds":{"firefox":["natsuin@example.jp"]},"trust":"/nowhere"}`)
	require.False(t, settings.Load(root).Void)
	s.tells(0, everybody, "Firefox: registered (/")
}

// contents are those of the regular files below a folder.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, path := range listed(t, dir) {
		if text, err := os.ReadFile(dir + path); err == nil {
			found[path] = string(text)
		}
	}
	return found
}
