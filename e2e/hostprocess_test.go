//go:build linux

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/e2e/reader"
	"github.com/natsuin/natsuin/internal/nativemsg"
	"github.com/natsuin/natsuin/manifests"
)

// chromiumArguments are what a browser of Chromium's family starts our host with.
func chromiumArguments() []string {
	return []string{manifests.ChromiumOrigin(manifests.IDs(manifests.Chromium)[0])}
}

// hostCommand is the shipped program with next to no environment: no display, and no PC/SC service, so
// that a test reaches no other reader than the one it adds.
func hostCommand(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	program, err := natsuinProgram()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, program, args...)
	home := t.TempDir()
	cmd.Env = []string{"LC_ALL=C.UTF-8", "HOME=" + home, "PCSCLITE_CSOCK_NAME=" + filepath.Join(home, "no-pcscd")}
	return cmd
}

// inspectable lets the test look into a hardened process that it starts. An ordinary user can do so only
// from above the process's user namespace.
func inspectable(cmd *exec.Cmd) {
	if os.Geteuid() == 0 {
		return
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
}

// A hostProcess is a running host, seen from its browser.
type hostProcess struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	frames *nativemsg.Reader
	writer *nativemsg.Writer
	said   bytes.Buffer // every payload so far
	stderr bytes.Buffer // whole once end has returned
}

type object = map[string]any

// startHost starts a host and takes its greeting, which it returns too.
func startHost(t *testing.T, cmd *exec.Cmd) (*hostProcess, object) {
	t.Helper()
	h := &hostProcess{t: t, cmd: cmd}
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = &h.stderr
	h.stdin, h.frames = stdin, nativemsg.NewReader(stdout, nativemsg.MaxToBrowser)
	h.writer = nativemsg.NewWriter(stdin, nativemsg.MaxFromBrowser)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	hello := h.receive()
	require.Equal(t, "hello", hello["type"])
	return h, hello
}

// connect starts a host as Chromium would, on the reader and with the dialog; nil is none.
func connect(t *testing.T, r *reader.Reader, d *dialog) *hostProcess {
	t.Helper()
	cmd := hostCommand(t, chromiumArguments()...)
	cmd.Env = append(cmd.Env, r.Env())
	if d != nil {
		cmd.Env = append(cmd.Env, d.env()...)
	}
	h, _ := startHost(t, cmd)
	return h
}

func (h *hostProcess) send(message object) {
	h.t.Helper()
	payload, err := json.Marshal(message)
	require.NoError(h.t, err)
	require.NoError(h.t, h.writer.Write(payload))
}

func (h *hostProcess) receive() object {
	h.t.Helper()
	message, err := h.next()
	require.NoError(h.t, err)
	return message
}

// next returns the next frame's message, or the error of the stream.
func (h *hostProcess) next() (object, error) {
	h.t.Helper()
	payload, err := h.frames.Next()
	if err != nil {
		return nil, err
	}
	h.said.Write(payload)
	var message object
	require.NoError(h.t, json.Unmarshal(payload, &message), "%q", payload)
	require.NotEmpty(h.t, message["type"])
	return message, nil
}

// until receives messages up to one of that type. A request that ends before is a failure.
func (h *hostProcess) until(kind string) object {
	h.t.Helper()
	for {
		m := h.receive()
		if m["type"] == kind {
			return m
		}
		require.NotContains(h.t, []string{"error", "result"}, m["type"], "%v", m)
	}
}

// untilError receives messages up to an error, which it returns.
func (h *hostProcess) untilError() object {
	h.t.Helper()
	return h.until("error")["error"].(object)
}

// outcome receives messages up to the result or the error that ends the request.
func (h *hostProcess) outcome() object {
	h.t.Helper()
	for {
		if m := h.receive(); m["type"] == "result" || m["type"] == "error" {
			return m
		}
	}
}

// requestLogin asks for an authentication token.
func (h *hostProcess) requestLogin() {
	h.t.Helper()
	h.send(object{"type": "request", "id": "login", "command": "authenticate", "lang": "ja", "origin": origin, "challenge": challenge})
}

// requestStatus asks for the status of readers and cards.
func (h *hostProcess) requestStatus() {
	h.t.Helper()
	h.send(object{"type": "request", "id": "status", "command": "status", "lang": "ja"})
}

// firstReader takes the answer to requestStatus and returns the reader that the card of most tests is in.
func (h *hostProcess) firstReader() object {
	h.t.Helper()
	readers := h.until("result")["result"].(object)["readers"].([]any)
	require.Equal(h.t, reader.Name, readers[0].(object)["name"])
	return readers[0].(object)
}

// requestSignature asks for a signature and agrees to it.
func (h *hostProcess) requestSignature(id string) {
	h.t.Helper()
	h.send(object{"type": "request", "id": id, "command": "sign", "lang": "ja", "origin": origin, "format": "raw",
		"documents": []object{{"name": "申請書.xml", "digest": strings.Repeat("00", 32), "hash": "SHA-256"}}})
	p := h.until("prompt")
	require.Equal(h.t, "consent", p["kind"])
	h.send(object{"type": "answer", "id": id, "prompt": p["prompt"], "accept": true})
}

// typePIN answers the window's next prompt for a PIN, in the one form that docs/protocol.md gives.
func (h *hostProcess) typePIN(pin string) {
	h.t.Helper()
	h.answerPIN(h.until("prompt"), pin)
}

// answerPIN answers a prompt for a PIN.
func (h *hostProcess) answerPIN(p object, pin string) {
	h.t.Helper()
	require.Equal(h.t, "pin", p["kind"])
	require.NoError(h.t, h.writer.Write(fmt.Appendf(nil, `{"type":"pin","id":"%s","prompt":%.0f,"pin":[%s]}`,
		p["id"], p["prompt"], numbers(pin))))
}

// numbers writes the bytes of a PIN as its frame does.
func numbers(pin string) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint([]byte(pin)), " ", ","), "[]")
}

// end takes all that the host still says, waits until it is gone, and returns its exit code. Nothing but
// whole frames may come, and no result any more.
func (h *hostProcess) end() (exit int) {
	h.t.Helper()
	for {
		message, err := h.next()
		if err != nil {
			require.Equal(h.t, io.EOF, err, "standard output ends between two frames")
			break
		}
		require.NotEqual(h.t, "result", message["type"])
	}
	_ = h.cmd.Wait()
	return h.cmd.ProcessState.ExitCode()
}

// disconnect ends the host as a browser does.
func (h *hostProcess) disconnect() {
	h.t.Helper()
	require.NoError(h.t, h.stdin.Close())
	require.Zero(h.t, h.end(), h.stderr.String())
	require.Empty(h.t, h.stderr.String())
}

// fakePinentry builds the pinentry whose human is a script.
var fakePinentry = sync.OnceValues(func() (string, error) { return build("fakepinentry", "./fakepinentry") })

// A dialog is the only pinentry of a host, and its script: see the command fakepinentry.
type dialog struct {
	t       *testing.T
	folder  string
	program string
}

// scriptedDialog gives those answers, one for each question.
func scriptedDialog(t *testing.T, answers ...string) *dialog {
	t.Helper()
	source, err := fakePinentry()
	require.NoError(t, err)
	d := &dialog{t: t, folder: t.TempDir()}
	d.program = filepath.Join(d.folder, "pinentry-gtk-2")
	copyProgram(t, source, d.program)
	require.NoError(t, os.WriteFile(filepath.Join(d.folder, "answers"), []byte(strings.Join(answers, "\n")+"\n"), 0o600))
	return d
}

func copyProgram(t *testing.T, from, to string) {
	t.Helper()
	code, err := os.ReadFile(from)
	require.NoError(t, err)
	writeProgram(t, to, code)
}

// writeProgram writes a program, for everybody to run. No other test may fork meanwhile: its child would
// hold the file open for writing, and a file that is being written cannot be executed (ETXTBSY).
func writeProgram(t *testing.T, to string, code []byte) {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	require.NoError(t, os.WriteFile(to, code, 0o755))
	require.NoError(t, os.Chmod(to, 0o755)) // whatever the umask
}

// env makes a host find this pinentry alone, and a display that it never opens.
func (d *dialog) env() []string { return []string{"PATH=" + d.folder, "DISPLAY=:0"} }

// log returns what the host sent, and "# " with the kind of each answer.
func (d *dialog) log() string {
	log, err := os.ReadFile(filepath.Join(d.folder, "log"))
	if !os.IsNotExist(err) {
		require.NoError(d.t, err)
	}
	return string(log)
}

// waitUntilOpen waits until a question stands open that nobody will answer.
func (d *dialog) waitUntilOpen() {
	d.t.Helper()
	require.Eventually(d.t, func() bool { return strings.HasSuffix(d.log(), "# wait\n") }, 20*time.Second, 20*time.Millisecond)
	require.Equal(d.t, 1, d.running())
}

// running counts the processes of this pinentry.
func (d *dialog) running() (processes int) {
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	require.NoError(d.t, err)
	for _, link := range links {
		if program, err := os.Readlink(link); err == nil && program == d.program {
			processes++
		}
	}
	return processes
}

func (d *dialog) waitUntilGone() {
	d.t.Helper()
	require.Eventually(d.t, func() bool { return d.running() == 0 }, 20*time.Second, 20*time.Millisecond)
}
