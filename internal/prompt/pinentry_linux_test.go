package prompt

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// Variables that make the test binary a pinentry. A wrapper script sets them, because a pinentry gets next
// to none of the environment.
const (
	fakeAnswer = "PROMPT_TEST_ANSWER" // what it sends for GETPIN; "hang" and "exit" are deeds
	fakeGreet  = "PROMPT_TEST_GREET"  // instead of the greeting
	fakeFlavor = "PROMPT_TEST_FLAVOR" // its answer to GETINFO flavor; none: an error, as from an old one
	fakeForm   = "PROMPT_TEST_FORM"   // makes it a program of one question: see beForm
	fakeLog    = "PROMPT_TEST_LOG"    // a file for what it gets: process id, environment, lines
)

func TestMain(m *testing.M) {
	if os.Getenv(fakeLog) != "" {
		bePinentry()
		return
	}
	os.Exit(m.Run())
}

func bePinentry() {
	log, err := os.OpenFile(os.Getenv(fakeLog), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		panic(err)
	}
	session, _ := unix.Getsid(0)
	fmt.Fprintln(log, "pid", os.Getpid(), session)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "PROMPT_TEST_") {
			fmt.Fprintln(log, "env", variable)
		}
	}
	if _, ok := os.LookupEnv(fakeForm); ok {
		beForm(log)
	}
	if greet, ok := os.LookupEnv(fakeGreet); ok {
		deed(greet)
	} else {
		fmt.Println("OK Pleased to meet you")
	}
	var line string
	for c := make([]byte, 1); ; {
		if n, _ := os.Stdin.Read(c); n == 0 {
			return
		}
		if c[0] != '\n' {
			line += string(c)
			continue
		}
		fmt.Fprintln(log, line)
		switch {
		case line == "GETPIN":
			deed(os.Getenv(fakeAnswer))
		case line == "GETINFO flavor" && os.Getenv(fakeFlavor) != "":
			fmt.Print("D " + os.Getenv(fakeFlavor) + "\nOK\n")
		case line == "GETINFO flavor" || strings.HasPrefix(line, "OPTION"):
			fmt.Println("ERR 83886360 IPC parameter error <Pinentry>")
		default:
			fmt.Println("OK")
		}
		line = ""
	}
}

func deed(what string) {
	switch what {
	case "hang":
		time.Sleep(time.Hour)
	case "silent":
		os.Stdout.Close()
		time.Sleep(time.Hour)
	case "exit":
		os.Exit(1)
	case "endless":
		for junk := strings.Repeat("D 1", 1<<12); ; {
			if _, err := fmt.Print(junk); err != nil {
				os.Exit(1)
			}
		}
	default:
		fmt.Print(what)
	}
}

// A fake is a pinentry that the test binary plays.
type fake struct {
	program string
	log     string
}

func newFake(t *testing.T, env map[string]string) fake {
	t.Helper()
	dir := t.TempDir()
	f := fake{program: filepath.Join(dir, "pinentry-test"), log: filepath.Join(dir, "log")}
	script := "#!/bin/sh\n"
	for name, value := range env {
		script += fmt.Sprintf("export %s='%s'\n", name, value)
	}
	self, err := os.Executable()
	require.NoError(t, err)
	script += fmt.Sprintf("export %s='%s'\nexec '%s' \"$@\"\n", fakeLog, f.log, self)
	require.NoError(t, os.WriteFile(f.program, []byte(script), 0o700))
	return f
}

// answering is a fake with an answer to the question.
func answering(t *testing.T, answer string) fake {
	return newFake(t, map[string]string{fakeAnswer: answer, fakeFlavor: "gtk2"})
}

func (f fake) pinentry() Desktop { return f.as(Pinentry) }

// as is a desktop whose only dialog is the fake, taken for that tool.
func (f fake) as(tool Tool) Desktop {
	return Desktop{Dialogs: []Dialog{{tool, f.program}}, Env: os.Getenv}
}

// lines returns what the fake got that begins with a word.
func (f fake) lines(word string) []string {
	log, _ := os.ReadFile(f.log)
	var found []string
	for line := range strings.Lines(string(log)) {
		if rest, ok := strings.CutPrefix(line, word); ok {
			found = append(found, strings.TrimSuffix(rest, "\n"))
		}
	}
	return found
}

// environment is what the fake got, without what its wrapper's shell adds.
func (f fake) environment() (vars []string) {
	for _, variable := range f.lines("env ") {
		if !strings.HasPrefix(variable, "PWD=") && !strings.HasPrefix(variable, "_=") {
			vars = append(vars, variable)
		}
	}
	return vars
}

func TestPinentryAsk(t *testing.T) {
	f := answering(t, "D 12%%34\nOK\n")
	pin, err := f.pinentry().Ask(t.Context(), loginRequest)
	require.Error(t, err, "a percent sign alone is not Assuan")
	require.Nil(t, pin)

	f = answering(t, "D 12%334\nOK\n")
	pin, err = f.pinentry().Ask(t.Context(), loginRequest)
	require.NoError(t, err)
	defer pin.Wipe()
	require.Equal(t, "1234", string(pin.Bytes()))

	require.Equal(t, []string{" Natsuin：暗証番号の入力"}, f.lines("SETTITLE"))
	require.Equal(t, []string{" " + encode(loginRequest.description(0, unmeasured))}, f.lines("SETDESC"))
	require.Equal(t, []string{" 暗証番号："}, f.lines("SETPROMPT"))
	require.Equal(t, []string{" ログインする"}, f.lines("SETOK"))
	require.Equal(t, []string{" キャンセル"}, f.lines("SETCANCEL"))
	require.Equal(t, []string{" 120"}, f.lines("SETTIMEOUT"))
	require.Empty(t, f.lines("SETERROR"))
	require.Equal(t, []string{" lc-ctype=C.UTF-8", " grab"}, f.lines("OPTION"), "and no cache")
	require.Empty(t, f.lines("SETKEYINFO"))
}

// A change of a PIN is three dialogs, each of which says which PIN belongs there; the last button changes it.
func TestPinentryAsksForAChange(t *testing.T) {
	f := answering(t, "D 1234\nOK\n")
	for _, purpose := range []Purpose{Current, New, Repeat} {
		r := with(loginRequest, func(r *Request) { r.Operation, r.Purpose, r.Origin, r.OwnPage = ChangePIN, purpose, "", true })
		pin, err := f.pinentry().Ask(t.Context(), r)
		require.NoError(t, err)
		pin.Wipe()
	}
	require.Equal(t, []string{" 現在の暗証番号：", " 新しい暗証番号：", " 確認のためもう一度："}, f.lines("SETPROMPT"))
	require.Equal(t, []string{" 次へ", " 次へ", " 変更する"}, f.lines("SETOK"))
	require.Empty(t, f.lines("SETREPEAT"), "which not every pinentry has")
}

// A wrong PIN is asked for again with the count that is left, a malformed one with its reason.
func TestPinentryAsksAgain(t *testing.T) {
	f := answering(t, "D 1234\nOK\n")
	wrong := with(loginRequest, func(r *Request) { r.Wrong, r.TriesLeft = true, 1 })
	malformed := with(loginRequest, func(r *Request) { r.Malformed, r.Lang = TooShort, English })
	for _, r := range []Request{loginRequest, wrong, malformed} {
		pin, err := f.pinentry().Ask(t.Context(), r)
		require.NoError(t, err)
		pin.Wipe()
	}
	require.Equal(t, []string{
		" 暗証番号が違います。残り1回です。",
		" The PIN is too short.%0AIt was not sent to the card, so no try was spent.",
	}, f.lines("SETERROR"))
	descriptions := f.lines("SETDESC")
	require.Len(t, descriptions, 3)
	require.Contains(t, descriptions[1], "残り1回です。間違えるとロックされ、")
}

func TestPinentryEndings(t *testing.T) {
	const locked = "ERR 83886252 Locked <Pinentry>\n"
	for name, test := range map[string]struct {
		env  map[string]string
		want error // nil: an error that is none of the sentinels
	}{
		"cancelled":         {map[string]string{fakeAnswer: "ERR 83886179 Operation cancelled <Pinentry>\n"}, ErrCancelled},
		"not confirmed":     {map[string]string{fakeAnswer: "ERR 83886194 Not confirmed <Pinentry>\n"}, ErrCancelled},
		"window closed":     {map[string]string{fakeAnswer: "S BUTTON_INFO close\nERR 83886278 cancelled <Pinentry>\n"}, ErrCancelled},
		"no source":         {map[string]string{fakeAnswer: "ERR 99 cancelled\n"}, ErrCancelled},
		"timeout":           {map[string]string{fakeAnswer: "S ERROR gtk2.? 83886142\nERR 83886142 Timeout <Pinentry>\n"}, ErrTimeout},
		"screen locked":     {map[string]string{fakeAnswer: locked}, ErrUnavailable},
		"data, then error":  {map[string]string{fakeAnswer: "D 12\n" + locked}, ErrUnavailable},
		"ends at once":      {map[string]string{fakeGreet: "exit"}, ErrUnavailable},
		"cannot start":      {map[string]string{fakeGreet: "ERR 1 no display\n"}, ErrUnavailable},
		"talks nonsense":    {map[string]string{fakeGreet: "hello\n"}, ErrUnavailable},
		"greets endlessly":  {map[string]string{fakeGreet: "endless"}, ErrUnavailable},
		"text mode":         {map[string]string{fakeFlavor: "gtk2:curses", fakeAnswer: "D 1234\nOK\n"}, ErrUnavailable},
		"dies while asking": {map[string]string{fakeAnswer: "exit"}, ErrBroken},
		"cut in the answer": {map[string]string{fakeAnswer: "D 1234\n"}, ErrTimeout},
		"junk":              {map[string]string{fakeAnswer: "1234\n"}, ErrBroken},
		"endless line":      {map[string]string{fakeAnswer: "endless"}, ErrBroken},
		"long PIN line":     {map[string]string{fakeAnswer: "D " + strings.Repeat("1", 2100) + "\nOK\n"}, ErrBroken},
		"from a cache":      {map[string]string{fakeAnswer: "S PASSWORD_FROM_CACHE\nD 1234\nOK\n"}, ErrBroken},
	} {
		t.Run(name, func(t *testing.T) {
			p := newFake(t, test.env).pinentry()
			if name == "cut in the answer" {
				p.typing = time.Second // the fake waits for more
			}
			pin, err := p.Ask(t.Context(), loginRequest)
			require.Nil(t, pin)
			require.ErrorIs(t, err, test.want)
			require.NotContains(t, err.Error(), "1234")
		})
	}
}

// What is too long for any PIN is handed over as that, not as an error: the human can be told.
func TestPinentryOverlongPIN(t *testing.T) {
	pin, err := answering(t, "D "+strings.Repeat("1", MaxTyped+1)+"\nOK\n").pinentry().Ask(t.Context(), loginRequest)
	require.NoError(t, err)
	require.Equal(t, &MalformedError{Authentication, TooLong}, AuthenticationPIN.Normalize(pin))
}

func TestPinentryWithoutFlavorIsAnOldOne(t *testing.T) {
	pin, err := newFake(t, map[string]string{fakeAnswer: "D 1234\nOK\n"}).pinentry().Ask(t.Context(), loginRequest)
	require.NoError(t, err)
	pin.Wipe()
}

// One that cannot show a dialog gives way to the next, and leaves nothing of its answer behind.
func TestPinentryTriesTheNext(t *testing.T) {
	bad := answering(t, "D 99\nERR 83886252 Locked <Pinentry>\n")
	good := answering(t, "D 1234\nOK\n")
	p := Desktop{Dialogs: []Dialog{{Pinentry, "/nonexistent/pinentry"}, {Pinentry, bad.program}, {Pinentry, good.program}}, Env: os.Getenv}
	pin, err := p.Ask(t.Context(), loginRequest)
	require.NoError(t, err)
	require.Equal(t, "1234", string(pin.Bytes()))
	pin.Wipe()

	_, err = Desktop{Env: os.Getenv}.Ask(t.Context(), loginRequest)
	require.ErrorIs(t, err, ErrUnavailable)

	no := answering(t, "ERR 83886179 cancelled\n")
	p.Dialogs = []Dialog{{Pinentry, no.program}, {Pinentry, good.program}}
	_, err = p.Ask(t.Context(), loginRequest)
	require.ErrorIs(t, err, ErrCancelled, "a no is an answer")
}

func TestRequestIsCheckedBeforeAnythingIsShown(t *testing.T) {
	f := answering(t, "D 1234\nOK\n")
	_, err := f.pinentry().Ask(t.Context(), Request{})
	require.Error(t, err)
	require.NoFileExists(t, f.log)
}

// When the context ends, the dialog is gone by the time Ask returns.
func TestPinentryGoesWithTheContext(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(t *testing.T) (context.Context, func())
		want error
	}{
		"cancelled": {func(t *testing.T) (context.Context, func()) { return context.WithCancel(t.Context()) }, ErrCancelled},
		"deadline": {func(t *testing.T) (context.Context, func()) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			t.Cleanup(cancel)
			return ctx, func() {}
		}, ErrTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			f := answering(t, "hang")
			ctx, end := test.end(t)
			go func() {
				for len(f.lines("GETPIN")) == 0 && ctx.Err() == nil {
					time.Sleep(5 * time.Millisecond)
				}
				end()
			}()
			_, err := f.pinentry().Ask(ctx, loginRequest)
			require.ErrorIs(t, err, test.want)
			requireGone(t, f)
		})
	}
}

func TestPinentryTypingHasAnEnd(t *testing.T) {
	f := answering(t, "hang")
	p := f.pinentry()
	p.typing = time.Second
	_, err := p.Ask(t.Context(), loginRequest)
	require.ErrorIs(t, err, ErrTimeout)
	requireGone(t, f)
}

func requireGone(t *testing.T, f fake) {
	t.Helper()
	for _, started := range f.lines("pid ") {
		pid, err := strconv.Atoi(strings.Fields(started)[0])
		require.NoError(t, err)
		require.ErrorIs(t, unix.Kill(pid, 0), unix.ESRCH)
	}
}

// The pinentry leads a session of its own, without terminal, and learns of the environment only what a
// display needs.
func TestPinentrySurroundings(t *testing.T) {
	env := map[string]string{
		"DISPLAY": ":7", "WAYLAND_DISPLAY": "wayland-0", "XAUTHORITY": "/x", "HOME": "/home/taro", "PATH": "/bin:/usr/bin",
		"GPG_TTY": "/dev/pts/0", "TERM": "xterm", "LANG": "ja_JP.eucJP", "LD_PRELOAD": "/evil.so", "SECRET": "1234",
	}
	f := answering(t, "D 1234\nOK\n")
	p := f.pinentry()
	p.Env = func(name string) string { return env[name] }
	pin, err := p.Ask(t.Context(), loginRequest)
	require.NoError(t, err)
	pin.Wipe()

	require.ElementsMatch(t, []string{
		"LC_ALL=C.UTF-8", "DISPLAY=:7", "WAYLAND_DISPLAY=wayland-0", "XAUTHORITY=/x", "HOME=/home/taro", "PATH=/bin:/usr/bin",
	}, f.environment())
	process := strings.Fields(f.lines("pid ")[0])
	require.Equal(t, process[0], process[1], "leads its session")
}

func TestFindDialogs(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	program := func(dir, name string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"), mode))
		return path
	}
	link := func(target, name string) {
		require.NoError(t, os.Symlink(target, filepath.Join(dir, name)))
	}
	gtk := program(dir, "pinentry-gtk-2", 0o700)
	curses := program(dir, "pinentry-curses", 0o700)
	tty := program(dir, "pinentry-tty", 0o700)
	gnome := program(other, "pinentry-gnome3", 0o700)
	program(dir, "pinentry-qt", 0o600)
	qt := program(other, "pinentry-qt5", 0o700)
	zenity := program(dir, "zenity", 0o700)
	kdialog := program(other, "kdialog", 0o700)
	program(other, "osascript", 0o700)
	link(curses, "pinentry-x11")
	link(tty, "pinentry")

	find := func(env map[string]string) (found []string) {
		for _, d := range FindDialogs(func(name string) string { return env[name] }) {
			require.True(t, strings.HasPrefix(filepath.Base(d.Program), string(d.Tool)))
			found = append(found, d.Program)
		}
		return found
	}
	path := "relative:" + dir + "::/nonexistent:" + other
	require.Equal(t, []string{gnome, qt, gtk, zenity, kdialog}, find(map[string]string{"PATH": path, "DISPLAY": ":0"}))
	require.Equal(t, []string{gnome, qt, gtk, zenity, kdialog}, find(map[string]string{"PATH": path, "WAYLAND_DISPLAY": "wayland-0"}))
	require.Equal(t, []string{qt, gnome, gtk, kdialog, zenity}, find(map[string]string{"PATH": path, "DISPLAY": ":0", "XDG_CURRENT_DESKTOP": "KDE"}))
	require.Empty(t, find(map[string]string{"PATH": path}), "no display")
	require.Empty(t, find(map[string]string{"DISPLAY": ":0"}), "no PATH")

	require.NoError(t, os.Remove(filepath.Join(dir, "pinentry-x11")))
	link(gtk, "pinentry-x11")
	require.Equal(t, []string{gtk, zenity}, find(map[string]string{"PATH": dir, "DISPLAY": ":0"}), "one program once")
	t.Chdir(dir)
	require.Empty(t, find(map[string]string{"PATH": ".", "DISPLAY": ":0"}))
}
