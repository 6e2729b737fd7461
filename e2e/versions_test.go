//go:build linux

package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/e2e/reader"
	"github.com/natsuin/natsuin/internal/protocol"
)

// Extensions of other ages against the program as it is shipped: docs/protocol.md, "Versions that differ".
func TestHostMeetsExtensionsOfOtherVersions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		greeting string // "" is none
		update   string // which of the two is too old; "" is neither
	}{
		"one version less":            {`{"type":"hello","version":"0.0.9","protocol":0}`, "extension"},
		"the same":                    {`{"type":"hello","version":"0.1.0","protocol":1}`, ""},
		"a newer one that speaks it":  {`{"type":"hello","version":"9.9.9","protocol":1,"channel":"beta","capabilities":{"windows":2}}`, ""},
		"one version more":            {`{"type":"hello","version":"9.9.9","protocol":2}`, "host"},
		"one version more, with more": {`{"id":"r-1","type":"hello","version":"9.9.9","protocol":2,"oldest":2}`, "host"},
		"none that it tells of":       {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			h, hello := startHost(t, hostCommand(t, chromiumArguments()...))
			require.EqualValues(t, protocol.Version, hello["protocol"])
			require.EqualValues(t, protocol.Oldest, hello["oldest"])
			require.NotEmpty(t, hello["version"])
			if test.greeting != "" {
				require.NoError(t, h.writer.Write([]byte(test.greeting)))
			}
			if test.update == "" {
				h.requestDesks()
				h.disconnect()
				return
			}
			message := h.receive()
			require.Equal(t, object{"type": "error", "error": object{"code": "VERSION_MISMATCH", "update": test.update}}, message)
			require.Equal(t, 1, h.end(), "nothing more is heard")
			require.Contains(t, h.stderr.String(), "the "+test.update+" is too old")
		})
	}
}

// What is no greeting at all, or asks for what this host does not know, is refused by the rules of any message,
// and what comes next works.
func TestHostHearsOutWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	const greeting = `{"type":"hello","version":"0.1.0","protocol":1}`
	for name, test := range map[string]struct {
		frames []string
		field  string
		id     any
	}{
		"not JSON":                       {[]string{`hello`}, "frame", nil},
		"a greeting without a version":   {[]string{`{"type":"hello","protocol":1}`}, "version", nil},
		"a greeting without a protocol":  {[]string{`{"type":"hello","version":"0.1.0"}`}, "protocol", nil},
		"a protocol in words":            {[]string{`{"type":"hello","version":"0.1.0","protocol":"1"}`}, "protocol", nil},
		"a version of another kind":      {[]string{`{"type":"hello","version":"<b>","protocol":1}`}, "version", nil},
		"two greetings":                  {[]string{greeting, greeting}, "type", nil},
		"a greeting of another time":     {[]string{greeting, `{"type":"hello","version":"0.1.0","protocol":2}`}, "type", nil},
		"an unknown command":             {[]string{greeting, `{"type":"request","id":"r-1","command":"seal","lang":"ja"}`}, "command", "r-1"},
		"an unknown key of a known one":  {[]string{greeting, `{"type":"request","id":"r-1","command":"status","lang":"ja","quick":true}`}, "quick", "r-1"},
		"an unknown message":             {[]string{greeting, `{"type":"pause","id":"r-1"}`}, "type", "r-1"},
		"an unknown word of a known key": {[]string{greeting, `{"type":"request","id":"r-1","command":"status","lang":"ko"}`}, "lang", "r-1"},
	} {
		t.Run(name, func(t *testing.T) {
			h, _ := startHost(t, hostCommand(t, chromiumArguments()...))
			for _, frame := range test.frames {
				require.NoError(t, h.writer.Write([]byte(frame)))
			}
			message := h.receive()
			require.Equal(t, object{"code": "INVALID_REQUEST", "field": test.field}, message["error"])
			require.Equal(t, test.id, message["id"])
			h.requestDesks()
			h.disconnect()
		})
	}
}

// requestDesks asks for what needs no card, and takes the answer.
func (h *hostProcess) requestDesks() {
	h.t.Helper()
	h.send(object{"type": "request", "id": "desks", "command": "desks", "lang": "ja"})
	require.NotEmpty(h.t, h.until("result")["result"].(object)["desks"])
}

// nextProgram is the program of a later release.
var nextProgram = sync.OnceValues(func() (string, error) {
	program, err := filepath.Abs("../build/e2e/natsuin-next")
	if err != nil {
		return "", err
	}
	output, err := exec.Command("go", "build", "-ldflags", "-X main.version="+nextVersion, "-o", program, "../host").CombinedOutput()
	return program, errors.Join(err, textError(output))
})

const nextVersion = "9.9.9"

// A package upgrade while the citizen is asked for a PIN: the operation goes on with the program that it began
// with, and the next one is carried out by the new program.
func TestUpgradeDuringAnOperation(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	old, err := natsuinProgram()
	require.NoError(t, err)
	next, err := nextProgram()
	require.NoError(t, err)
	for _, test := range []struct {
		name    string
		upgrade func(t *testing.T, installed string)
		after   string // the version of the next host; "" where there is none
	}{
		{"the new program gets the old one's name, as dpkg and rpm do it", func(t *testing.T, installed string) {
			copyProgram(t, next, installed+".dpkg-new")
			require.NoError(t, os.Rename(installed+".dpkg-new", installed))
		}, nextVersion},
		{"the old program is removed before the new one is written", func(t *testing.T, installed string) {
			require.NoError(t, os.Remove(installed))
			copyProgram(t, next, installed)
		}, nextVersion},
		{"the program is removed for good", func(t *testing.T, installed string) {
			require.NoError(t, os.Remove(installed))
		}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			installed := filepath.Join(t.TempDir(), "natsuin")
			copyProgram(t, old, installed)
			home := t.TempDir()
			register(t, home, installed)
			verifies := r.Verifies()
			h, hello := startInstalled(t, r, installed)
			h.requestLogin()
			prompt := h.until("prompt")

			test.upgrade(t, installed)
			if test.after != "" {
				register(t, home, installed)
			}
			h.answerPIN(prompt, "1234")
			token := h.until("result")["result"].(object)
			require.Equal(t, "https://github.com/natsuin/natsuin/releases/"+hello["version"].(string), token["appVersion"])
			h.disconnect()
			require.Equal(t, verifies+1, r.Verifies(), "the PIN was shown to the card once")
			requireCardIsFree(t, r)

			if test.after != "" {
				h, hello := startInstalled(t, r, installed)
				require.Equal(t, test.after, hello["version"])
				h.requestStatus()
				h.firstReader()
				h.disconnect()
			}
		})
	}
}

// An installer that writes into the file of a running program is refused by Linux. Where a system lets it, the
// program ends, which its extension reports as HOST_FAILED, and no result was made of half a program.
func TestTruncationDuringAnOperation(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	old, err := natsuinProgram()
	require.NoError(t, err)
	installed := filepath.Join(t.TempDir(), "natsuin")
	copyProgram(t, old, installed)
	h, _ := startInstalled(t, r, installed)
	h.requestLogin()
	prompt := h.until("prompt")

	err = os.Truncate(installed, 0)
	h.answerPIN(prompt, "1234")
	if err == nil {
		require.NotZero(t, h.end())
	} else {
		require.ErrorIs(t, err, syscall.ETXTBSY)
		h.until("result")
		h.disconnect()
	}
	requireCardIsFree(t, r)
}

// startInstalled starts that program as Chromium would, where no dialog can start.
func startInstalled(t *testing.T, r *reader.Reader, program string) (*hostProcess, object) {
	t.Helper()
	cmd := hostCommand(t, chromiumArguments()...)
	cmd.Path, cmd.Args[0] = program, program
	cmd.Env = append(cmd.Env, r.Env())
	return startHost(t, cmd)
}

// register has the program write its manifest for Chromium into that home.
func register(t *testing.T, home, program string) {
	t.Helper()
	cmd := exec.Command(program, "install", "--user", "--browser", "chromium")
	cmd.Env = []string{"HOME=" + home, "LC_ALL=C.UTF-8"}
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", output)
	manifest, err := os.ReadFile(filepath.Join(home, ".config/chromium/NativeMessagingHosts/io.github.natsuin.json"))
	require.NoError(t, err)
	require.Contains(t, string(manifest), program)
}
