//go:build linux

package e2e

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/e2e/reader"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/manifests"
)

const origin = "https://shinsei.example"

// However a browser starts it, the host greets, and ends with the browser.
func TestHostGreets(t *testing.T) {
	t.Parallel()
	d := scriptedDialog(t)
	firefox := []string{"/home/taro/.mozilla/native-messaging-hosts/io.github.natsuin.json", manifests.IDs(manifests.Firefox)[0]}
	for name, test := range map[string]struct {
		args, env []string
		prompt    string
	}{
		"Chromium":                {chromiumArguments(), d.env(), "dialog"},
		"Chromium with a window":  {append(chromiumArguments(), "--parent-window=0"), d.env(), "dialog"},
		"Firefox":                 {firefox, d.env(), "dialog"},
		"a desktop portal":        {nil, d.env(), "dialog"},
		"no display":              {firefox, append(d.env(), "DISPLAY="), "window"},
		"a display, no pinentry":  {nil, []string{"DISPLAY=:0", "PATH=/nonexistent"}, "window"},
		"no environment to speak": {chromiumArguments(), nil, "window"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := hostCommand(t, test.args...)
			cmd.Env = append(cmd.Env, test.env...)
			h, hello := startHost(t, cmd)
			require.EqualValues(t, protocol.Version, hello["protocol"])
			require.Equal(t, test.prompt, hello["capabilities"].(object)["prompt"])
			h.disconnect()
		})
	}
	require.Empty(t, d.log(), "no dialog without a request")
}

// Started for somebody else's extension it says nothing at all to that extension.
func TestHostRefusesOtherExtensions(t *testing.T) {
	t.Parallel()
	ours := chromiumArguments()[0]
	for name, args := range map[string][]string{
		"Chromium":           {"chrome-extension://abcdefghijklmnopabcdefghijklmnop/"},
		"without its slash":  {strings.TrimSuffix(ours, "/")},
		"with a longer name": {ours + "natsuin"},
		"Firefox":            {"/etc/hosts.json", "other@example.org"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := hostCommand(t, args...)
			var stdout, stderr bytes.Buffer
			cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(""), &stdout, &stderr
			require.Error(t, cmd.Run())
			require.Equal(t, 2, cmd.ProcessState.ExitCode())
			require.Empty(t, stdout.String())
			require.Equal(t, "natsuin: started by an extension that is not Natsuin's\n", stderr.String())
		})
	}
}

// Whatever ends the host, the dialog goes with it and the card is free: another program uses it at once.
func TestHostEndsWithItsBrowser(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	cut := binary.NativeEndian.AppendUint32(nil, 100)
	cutWith := func(bytes []byte) func(*testing.T, *hostProcess) {
		return func(t *testing.T, h *hostProcess) {
			_, err := h.stdin.Write(bytes)
			require.NoError(t, err)
			require.NoError(t, h.stdin.Close())
		}
	}
	signal := func(s syscall.Signal) func(*testing.T, *hostProcess) {
		return func(t *testing.T, h *hostProcess) { require.NoError(t, h.cmd.Process.Signal(s)) }
	}
	verifies := 0
	for _, test := range []struct {
		name string
		end  func(*testing.T, *hostProcess)
		exit int
	}{
		{"standard input ends", cutWith(nil), 0},
		{"SIGTERM", signal(syscall.SIGTERM), 0},
		{"SIGINT", signal(syscall.SIGINT), 0},
		{"SIGHUP", signal(syscall.SIGHUP), 0},
		{"SIGQUIT", signal(syscall.SIGQUIT), 0},
		{"SIGKILL", signal(syscall.SIGKILL), -1},
		{"a length is cut", cutWith(cut[:2]), 1},
		{"a frame is cut", cutWith(append(cut, `{"type":"pin","id":"login"`...)), 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := scriptedDialog(t, "wait")
			h := connect(t, r, d)
			h.requestLogin()
			require.EqualValues(t, 3, h.until("dialog")["triesLeft"])
			d.waitUntilOpen()
			test.end(t, h)
			require.Equal(t, test.exit, h.end(), h.stderr.String())
			d.waitUntilGone()
			verifies++
			requireCardIsFree(t, r)
			require.Equal(t, verifies, r.Verifies(), "the host sent no PIN")
		})
	}

	t.Run("while the card signs", func(t *testing.T) {
		r.Order("fault slow-sign=1s")
		h := connect(t, r, scriptedDialog(t, "pin 1234"))
		h.requestLogin()
		require.Eventually(t, func() bool { return r.Verifies() > verifies }, 20*time.Second, 10*time.Millisecond)
		require.NoError(t, h.stdin.Close())
		require.Zero(t, h.end(), h.stderr.String())
		commands := strings.Split(r.Trace(), "> ")
		require.Regexp(t, "^00A4040C", commands[len(commands)-1], "the last act is to select the application anew, which takes the PIN back")
		requireCardIsFree(t, r)
	})
}

func requireCardIsFree(t *testing.T, r *reader.Reader) {
	t.Helper()
	status, log, exit := natsuin(t, r, "", "status", "--reader", reader.Name)
	require.Zero(t, exit, log)
	require.Contains(t, status, "3 of 3 tries left")
	_, log, exit = natsuin(t, r, "1234", "auth", "--origin", origin, "--challenge", challenge, "--reader", reader.Name)
	require.Zero(t, exit, log)
}

// A whole login, judged by the program's own verifier with the simulated CA as an anchor.
func TestHostLogsInWithTheDialog(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	d := scriptedDialog(t, "pin 9999", "pin 1234")
	h := connect(t, r, d)
	h.requestLogin()
	require.Equal(t, reader.Name, h.until("card")["reader"])
	first, second := h.until("dialog"), h.until("dialog")
	require.EqualValues(t, 3, first["triesLeft"])
	require.NotContains(t, first, "problem")
	require.Equal(t, object{"token": "card", "issuer": "foreign"}, first["card"])
	require.EqualValues(t, 2, second["triesLeft"])
	require.Equal(t, "wrong", second["problem"])
	requireToken(t, r, h.until("result"))
	h.disconnect()
	require.Equal(t, 2, r.Verifies())
	require.Equal(t, 2, strings.Count(d.log(), "SETDESC 要求元："+origin+"%0A操作：マイナンバーカードによるログイン"))
}

// Where no display is, the extension's window takes the PIN, and no pinentry is started.
func TestHostLogsInWithTheWindow(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	d := scriptedDialog(t)
	cmd := hostCommand(t, chromiumArguments()...)
	cmd.Env = append(append(cmd.Env, d.env()...), "DISPLAY=", r.Env())
	h, _ := startHost(t, cmd)
	h.requestLogin()
	h.typePIN("9999")
	h.typePIN("1234")
	requireToken(t, r, h.until("result"))
	h.disconnect()
	require.Equal(t, 2, r.Verifies())
	require.Empty(t, d.log())
}

func requireToken(t *testing.T, r *reader.Reader, result object) {
	t.Helper()
	token, err := json.Marshal(result["result"])
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "token.json")
	require.NoError(t, os.WriteFile(file, token, 0o600))
	_, log, exit := natsuin(t, r, "", "verify-token", "--origin", origin, "--challenge", challenge,
		"--trust", filepath.Join(r.Certificates(), "trust"), file)
	require.Zero(t, exit, log)
	_, _, exit = natsuin(t, r, "", "verify-token", "--origin", "https://other.example", "--challenge", challenge,
		"--trust", filepath.Join(r.Certificates(), "trust"), file)
	require.Equal(t, 10, exit)
}

// A typed PIN stands in no process's arguments or environment, and on no stream. The PINs are long ones,
// so that nothing else looks like them. The processes are searched for the wrong one, while the host and
// its next dialog are there: the right one is an argument of the simulated card.
func TestPINGoesNowhere(t *testing.T) {
	t.Parallel()
	const wrong, right = "WRONG7ZKX93WVJ5P", "RIGHT4HQ2N8TBC6Y"
	r := reader.Start(t, "--pins", "sign:"+right)
	d := scriptedDialog(t, "pin "+wrong, "wait", "pin "+right)
	h := connect(t, r, d)
	h.requestSignature("first")
	h.until("dialog")
	require.Equal(t, "wrong", h.until("dialog")["problem"])
	d.waitUntilOpen()
	requireInNoProcess(t, wrong)
	h.send(object{"type": "cancel", "id": "first"})
	require.Equal(t, object{"code": "CANCELLED"}, h.untilError())
	d.waitUntilGone()

	h.requestSignature("second")
	require.Equal(t, "second", h.until("result")["id"])
	h.disconnect() // and nothing stands on standard error
	for _, text := range []string{h.said.String(), d.log(), r.Trace()} {
		require.NotEmpty(t, text)
		require.NotContains(t, text, wrong)
		require.NotContains(t, text, right)
	}
}

// requireInNoProcess looks into every process whose surroundings this one may read.
func requireInNoProcess(t *testing.T, secret string) {
	t.Helper()
	for _, name := range []string{"cmdline", "environ"} {
		files, err := filepath.Glob("/proc/[0-9]*/" + name)
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			text, _ := os.ReadFile(file) // not of processes that have ended or are another user's
			require.False(t, bytes.Contains(text, []byte(secret)), file)
		}
	}
}

// What prints to standard output without asking, such as a C library, does not reach the browser:
// descriptor 1 is standard error, and the frames have one of their own.
func TestStandardOutputIsForFrames(t *testing.T) {
	t.Parallel()
	cmd := hostCommand(t, chromiumArguments()...)
	inspectable(cmd)
	h, _ := startHost(t, cmd)
	descriptor := func(n int) string {
		target, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", cmd.Process.Pid, n))
		require.NoError(t, err)
		return target
	}
	require.Equal(t, descriptor(2), descriptor(1))
	require.NotEqual(t, descriptor(0), descriptor(1))
	h.disconnect()
}

// The memory that may hold a PIN goes into no core dump, and no other program of the same user reads it:
// the kernel shows such a process as root's.
func TestHostIsHardened(t *testing.T) {
	t.Parallel()
	cmd := hostCommand(t, chromiumArguments()...)
	if os.Geteuid() == 0 {
		becomeNobody(t, cmd)
	}
	h, _ := startHost(t, cmd)
	proc := func(name string) string { return fmt.Sprintf("/proc/%d/%s", cmd.Process.Pid, name) }
	limits, err := os.ReadFile(proc("limits"))
	require.NoError(t, err)
	require.Regexp(t, `(?m)^Max core file size +0 +0 `, string(limits))
	info, err := os.Stat(proc("mem"))
	require.NoError(t, err)
	require.Zero(t, info.Sys().(*syscall.Stat_t).Uid)
	h.disconnect()
}

// becomeNobody lets root's test run a program as an ordinary user, from a folder that everybody reads.
func becomeNobody(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	const nobody = 65534
	folder, err := os.MkdirTemp("", "nobody")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(folder) })
	require.NoError(t, os.Chmod(folder, 0o755))
	program := filepath.Join(folder, "natsuin")
	copyProgram(t, cmd.Path, program)
	cmd.Path = program
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
}
