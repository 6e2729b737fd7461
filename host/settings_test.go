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
