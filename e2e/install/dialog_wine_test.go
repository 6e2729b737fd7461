//go:build install && linux

package install

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/prompt"
)

var signatureRequest = prompt.Request{
	PIN: prompt.Signature, Operation: prompt.Sign, Origin: "https://shinsei.example", Documents: 3,
	Digest: strings.Repeat("0123456789abcdef", 4), TriesLeft: 4, MaxTries: 5, Lang: prompt.English,
}

// TestDialogOfWindows types into the Windows program's own dialog, in Wine on a display of its own. The tests of
// internal/prompt, built for Windows, ask the questions.
func TestDialogOfWindows(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	d := newWindowsDesk(t, ctx)
	program := d.questions()

	login := prompt.Request{
		PIN: prompt.Authentication, Operation: prompt.Login, Origin: "https://shinsei.example", TriesLeft: 3, MaxTries: 3, Lang: prompt.Japanese,
	}
	signature := signatureRequest
	signature.Origin, signature.Wrong, signature.Foreign, signature.NoPad = "https://"+strings.Repeat("a&b_<i>.", 14)+"example", true, true, true
	change := prompt.Request{
		PIN: prompt.Signature, Operation: prompt.ChangePIN, Purpose: prompt.New, OwnPage: true, Malformed: prompt.Different, Lang: prompt.Japanese,
	}
	for name, c := range map[string]struct {
		q    wineQuestion
		keys func(a *asking)
		want string
	}{
		"typed":      {wineQuestion{Request: login}, func(a *asking) { a.shot("dialog-login-ja"); a.types("1234"); a.presses("Return") }, `typed "1234"`},
		"corrected":  {wineQuestion{Request: login}, func(a *asking) { a.types("1235"); a.presses("BackSpace", "4", "Return") }, `typed "1234"`},
		"by the Tab": {wineQuestion{Request: signature}, func(a *asking) { a.types("aB3k7Z"); a.shot("dialog-sign-en"); a.presses("Tab", "space") }, `typed "aB3k7Z"`},
		"a new one":  {wineQuestion{Request: change}, func(a *asking) { a.shot("dialog-new-ja"); a.types("k7q2x9"); a.presses("Return") }, `typed "k7q2x9"`},
		"pasted":     {wineQuestion{Request: login, Paste: "１２é😀"}, func(*asking) {}, `typed "１２é😀"`},
		"too long":   {wineQuestion{Request: login}, func(a *asking) { a.types(strings.Repeat("12345", 14)); a.presses("Return") }, `typed "` + strings.Repeat("12345", 12) + `1234"`},
		"Escape":     {wineQuestion{Request: login}, func(a *asking) { a.types("12"); a.presses("Escape") }, "cancelled"},
		"cancel":     {wineQuestion{Request: login}, func(a *asking) { a.types("12"); a.presses("Tab", "Tab", "space") }, "cancelled"},
		"called off": {wineQuestion{Request: login}, func(a *asking) { a.types("12"); a.callOff() }, "cancelled"},
		// Enter in an empty field is no answer.
		"nobody is there":   {wineQuestion{Request: login, FirstKey: 4 * time.Second}, func(a *asking) { a.presses("Return") }, "timeout"},
		"typing has an end": {wineQuestion{Request: login, Typing: 6 * time.Second}, func(a *asking) { a.types("12") }, "timeout"},
		"over the browser's window": {wineQuestion{Request: login, Browser: "Notepad"}, func(a *asking) { a.types("1234"); a.presses("Return") },
			"owned true, enabled true\ntyped \"1234\""},
	} {
		t.Run(name, func(t *testing.T) {
			if c.q.Browser != "" {
				d.startBrowser(t, ctx)
			}
			a := d.ask(t, ctx, program, c.q)
			c.keys(a)
			require.Equal(t, c.want, a.answer())
			_, err := d.xdotool(ctx, "search", "--onlyvisible", "--name", "Natsuin")
			require.Error(t, err, "the dialog is gone")
		})
	}
}

// TestDialogOfWindowsForgets looks for a PIN in the memory of the program that has asked for it, the field's included.
func TestDialogOfWindowsForgets(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	d := newWindowsDesk(t, ctx)
	const pin = "q7zkx93wvj5prthn"
	a := d.ask(t, ctx, d.questions(), wineQuestion{Request: signatureRequest, Hold: true})
	a.types(pin)
	require.Eventually(t, func() bool { // while it stands in the field
		return len(inMemory(t, a.cmd.Process.Pid, pin[:8], pin[8:])) == 2
	}, 20*time.Second, 100*time.Millisecond)
	a.presses("Return")
	require.Eventually(t, func() bool { return a.printed() == "wiped" }, 20*time.Second, 50*time.Millisecond)
	require.Equal(t, []string{"shinsei.example"}, inMemory(t, a.cmd.Process.Pid, "shinsei.example", pin[:8], pin[8:]))
	a.callOff()
	a.answer()
}

// inMemory returns those of the texts that stand in the memory of a process, in UTF-8 or UTF-16.
func inMemory(t *testing.T, pid int, texts ...string) (found []string) {
	t.Helper()
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	require.NoError(t, err)
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	require.NoError(t, err)
	defer memory.Close()
	for line := range strings.Lines(string(maps)) {
		var start, end uint64
		var rights string
		_, err := fmt.Sscanf(line, "%x-%x %s", &start, &end, &rights)
		require.NoError(t, err)
		if !strings.HasPrefix(rights, "rw") || end-start > 1<<28 {
			continue
		}
		part := make([]byte, end-start)
		n, _ := memory.ReadAt(part, int64(start)) // some of it has nothing behind it
		for _, text := range texts {
			wide := strings.Join(strings.Split(text, ""), "\x00")
			if !slices.Contains(found, text) && (bytes.Contains(part[:n], []byte(text)) || bytes.Contains(part[:n], []byte(wide))) {
				found = append(found, text)
			}
		}
	}
	slices.Sort(found)
	return found
}

// A wineQuestion is question in internal/prompt/ownwindow_windows_test.go.
type wineQuestion struct {
	Request  prompt.Request
	FirstKey time.Duration
	Typing   time.Duration
	Browser  string
	Hold     bool
	Paste    string
}

// A windowsDesk is a machine with a display of its own.
type windowsDesk struct {
	*windows
	display string
}

func newWindowsDesk(t *testing.T, ctx context.Context) *windowsDesk {
	t.Helper()
	for _, tool := range []string{"Xvfb", "xdotool", "import"} {
		_, err := exec.LookPath(tool)
		require.NoError(t, err, "run `scripts/deps install`")
	}
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	server := exec.CommandContext(ctx, "Xvfb", "-noreset", "-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp")
	server.ExtraFiles = []*os.File{w}
	require.NoError(t, server.Start())
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	w.Close()
	var number int
	_, err = fmt.Fscan(r, &number)
	require.NoError(t, err)
	display := fmt.Sprint(":", number)
	return &windowsDesk{newWindows(t, display), display}
}

// questions builds the tests of internal/prompt for Windows.
func (d *windowsDesk) questions() (program string) {
	d.t.Helper()
	program = filepath.Join(d.t.TempDir(), "prompt.test.exe")
	call(d.t, []string{"GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0"}, "go", "test", "-c", "-o", program, "../../internal/prompt")
	return program
}

// xdotool does what a human does at the display.
func (d *windowsDesk) xdotool(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "xdotool", args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+d.display)
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// startBrowser opens a window of another program.
func (d *windowsDesk) startBrowser(t *testing.T, ctx context.Context) {
	t.Helper()
	notepad := d.command("notepad")
	require.NoError(t, notepad.Start())
	t.Cleanup(func() { _ = notepad.Process.Kill(); _ = notepad.Wait() })
	out, err := d.xdotool(ctx, "search", "--sync", "--onlyvisible", "--name", "Notepad")
	require.NoError(t, err, out)
}

// An asking is a question under way.
type asking struct {
	t      *testing.T
	ctx    context.Context
	desk   *windowsDesk
	cmd    *exec.Cmd
	stdin  io.Closer
	stdout string // a file
}

// ask puts a question and waits until its dialog is there.
func (d *windowsDesk) ask(t *testing.T, ctx context.Context, program string, q wineQuestion) *asking {
	t.Helper()
	text, err := json.Marshal(q)
	require.NoError(t, err)
	a := &asking{t: t, ctx: ctx, desk: d, cmd: d.command(program)}
	a.cmd.Env = append(a.cmd.Env, "PROMPT_TEST_QUESTION="+string(text))
	a.stdout = filepath.Join(t.TempDir(), "stdout")
	stdout, err := os.Create(a.stdout)
	require.NoError(t, err)
	defer stdout.Close()
	a.cmd.Stdout, a.cmd.Stderr = stdout, os.Stderr
	a.stdin, err = a.cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, a.cmd.Start())
	if q.Paste != "" {
		return a // which nobody has to type, and which is soon gone
	}
	window, err := d.xdotool(ctx, "search", "--sync", "--onlyvisible", "--name", "Natsuin")
	require.NoError(t, err, window)
	// No window manager gives the dialog the keyboard here.
	out, err := d.xdotool(ctx, "windowfocus", "--sync", window)
	require.NoError(t, err, out)
	return a
}

func (a *asking) types(text string) {
	out, err := a.desk.xdotool(a.ctx, "type", "--delay", "30", text)
	require.NoError(a.t, err, out)
}

func (a *asking) presses(keys ...string) {
	out, err := a.desk.xdotool(a.ctx, append([]string{"key", "--delay", "60"}, keys...)...)
	require.NoError(a.t, err, out)
}

func (a *asking) callOff() { require.NoError(a.t, a.stdin.Close()) }

// shot keeps a picture of the screen for people to look at.
func (a *asking) shot(name string) {
	folder := "../../build/screenshots"
	require.NoError(a.t, os.MkdirAll(folder, 0o755))
	call(a.t, []string{"DISPLAY=" + a.desk.display}, "import", "-window", "root", filepath.Join(folder, "windows-"+name+".png"))
}

// answer is what the program printed.
func (a *asking) answer() string {
	_ = a.cmd.Wait() // a kill by the context shows in what was printed
	return a.printed()
}

func (a *asking) printed() string {
	out, err := os.ReadFile(a.stdout)
	require.NoError(a.t, err)
	return strings.TrimSpace(string(out))
}
