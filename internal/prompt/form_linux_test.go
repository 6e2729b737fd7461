package prompt

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// beForm plays a program of one question: it notes its arguments, a line each, and prints or does what the answer
// says, "code:" and what it prints.
func beForm(log *os.File) {
	for _, arg := range os.Args[1:] {
		_, _ = log.WriteString("arg " + strings.ReplaceAll(arg, "\n", "|") + "\n")
	}
	_, _ = log.WriteString("GETPIN\n") // the question stands
	code, what, _ := strings.Cut(os.Getenv(fakeForm), ":")
	if signal, ok := strings.CutPrefix(code, "signal "); ok {
		number, _ := strconv.Atoi(signal)
		_ = unix.Kill(os.Getpid(), unix.Signal(number))
		time.Sleep(time.Hour)
	}
	deed(what)
	number, err := strconv.Atoi(code)
	if err != nil {
		panic(err)
	}
	os.Exit(number)
}

func printing(t *testing.T, answer string) fake {
	return newFake(t, map[string]string{fakeForm: answer})
}

func TestForms(t *testing.T) {
	hostile := with(loginRequest, func(r *Request) { r.Origin = "https://a_b\\n<b>&lt;.example" })
	question := strings.ReplaceAll(loginRequest.question(), "\n", "|")
	for name, test := range map[string]struct {
		tool    Tool
		request Request
		want    []string
	}{
		"zenity": {Zenity, loginRequest, []string{
			"--entry", "--hide-text", "--title=Natsuin：暗証番号の入力", "--text=" + question, "--ok-label=ログインする", "--cancel-label=キャンセル"}},
		"kdialog": {KDialog, loginRequest, []string{"--title", "Natsuin：暗証番号の入力", "--password", strings.ReplaceAll(question, "|", "<br>")}},
		"osascript": {OSAScript, loginRequest, []string{
			"-e", strings.ReplaceAll(dialogScript, "\n", "|"), question + "||暗証番号：", "Natsuin：暗証番号の入力", "キャンセル", "ログインする"}},
		"zenity, hostile": {Zenity, hostile, []string{
			"--entry", "--hide-text", "--title=Natsuin：暗証番号の入力",
			"--text=" + strings.ReplaceAll(question, "shinsei.example", "a__b%5Cn%3Cb%3E%26lt%3B.example"), "--ok-label=ログインする", "--cancel-label=キャンセル"}},
		"kdialog, hostile": {KDialog, hostile, []string{"--title", "Natsuin：暗証番号の入力", "--password",
			strings.ReplaceAll(strings.ReplaceAll(question, "|", "<br>"), "shinsei.example", "a_b%5Cn%3Cb%3E%26lt%3B.example")}},
	} {
		t.Run(name, func(t *testing.T) {
			answer := "0:12%34\n"
			if test.tool == OSAScript {
				answer = "0:typed 12%34\n"
			}
			f := printing(t, answer)
			pin, err := f.as(test.tool).Ask(t.Context(), test.request)
			require.NoError(t, err)
			require.Equal(t, "12%34", string(pin.Bytes()))
			pin.Wipe()
			require.Equal(t, test.want, f.lines("arg "))
			process := strings.Fields(f.lines("pid ")[0])
			require.Equal(t, process[0], process[1], "leads its session")
		})
	}
	again := with(loginRequest, func(r *Request) { r.Wrong, r.TriesLeft = true, 1 })
	require.True(t, strings.HasPrefix(again.question(), "暗証番号が違います。残り1回です。\n\n要求元：https://shinsei.example\n"))
}

// No text of ours holds what one of the programs takes for more than text, and none looks like an option.
func TestTextsArePlain(t *testing.T) {
	for _, lang := range []Lang{Japanese, English} {
		for operation := Login; operation <= PortalAttributes; operation++ {
			for _, kind := range []Kind{Authentication, Signature, CardSurface} {
				for reason := Reason(0); reason <= Same; reason++ {
					r := with(signRequest, func(r *Request) {
						r.PIN, r.Operation, r.Malformed, r.Foreign, r.NoPad, r.Lang, r.Origin = kind, operation, reason, true, true, lang, "https://_-<a&b\\>.example"
					})
					if operation == ChangePIN {
						r.Purpose = New
					}
					texts := lang.texts()
					for _, text := range []string{r.question(), r.accept(), texts.title, texts.cancel, texts.prompt[r.Purpose]} {
						require.NotContains(t, text, "\\")
						require.NotContains(t, strings.ReplaceAll(text, "https://_-", ""), "_")
						require.False(t, strings.ContainsAny(text, "<&\x00"), text)
						require.NotEqual(t, byte('-'), text[0])
					}
				}
			}
		}
	}
}

func TestFormEndings(t *testing.T) {
	for name, test := range map[string]struct {
		tool   Tool
		answer string
		want   error
	}{
		"zenity: cancelled":            {Zenity, "70:", ErrCancelled},
		"zenity: no display":           {Zenity, "1:", ErrUnavailable},
		"zenity: unknown option":       {Zenity, "255:", ErrUnavailable},
		"zenity: aborts":               {Zenity, "signal 6:", ErrUnavailable},
		"zenity: killed":               {Zenity, "signal 9:", ErrBroken},
		"zenity: no line":              {Zenity, "0:1234", ErrBroken},
		"zenity: nothing":              {Zenity, "0:", ErrBroken},
		"zenity: two lines":            {Zenity, "0:1234\n1234\n", ErrBroken},
		"zenity: without end":          {Zenity, "0:endless", ErrBroken},
		"kdialog: cancelled":           {KDialog, "1:\n", ErrCancelled},
		"kdialog: unknown option":      {KDialog, "254:", ErrUnavailable},
		"osascript: cancelled":         {OSAScript, "0:cancelled\n", ErrCancelled},
		"osascript: gave up":           {OSAScript, "0:timeout\n", ErrTimeout},
		"osascript: no screen":         {OSAScript, "1:", ErrUnavailable},
		"osascript: something else":    {OSAScript, "0:1234\n", ErrBroken},
		"osascript: killed":            {OSAScript, "signal 9:", ErrBroken},
		"a window of our own on Linux": {OwnWindow, "0:1234\n", ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			pin, err := printing(t, test.answer).as(test.tool).Ask(t.Context(), loginRequest)
			require.Nil(t, pin)
			require.ErrorIs(t, err, test.want)
			require.NotContains(t, err.Error(), "1234")
		})
	}
}

// A form's empty answer and an overlong one are answers: the human is told what is wrong with them.
func TestFormAnswersThatAreNoPIN(t *testing.T) {
	for answer, want := range map[string]Reason{"0:\n": TooShort, "0:" + strings.Repeat("1", MaxTyped+1) + "\n": TooLong, "0:１２３４\n": FullWidth} {
		pin, err := printing(t, answer).as(Zenity).Ask(t.Context(), loginRequest)
		require.NoError(t, err)
		require.Equal(t, &MalformedError{Authentication, want}, AuthenticationPIN.Normalize(pin))
		pin.Wipe()
	}
}

// A dialog that cannot be shown gives way to the next, of whatever kind; a no does not.
func TestDialogsOfSeveralKinds(t *testing.T) {
	locked, noDisplay, typed := answering(t, "ERR 83886252 Locked <Pinentry>\n"), printing(t, "1:"), printing(t, "0:1234\n")
	d := Desktop{Dialogs: []Dialog{{Pinentry, locked.program}, {Zenity, noDisplay.program}, {KDialog, typed.program}}, Env: os.Getenv}
	pin, err := d.Ask(t.Context(), loginRequest)
	require.NoError(t, err)
	require.Equal(t, "1234", string(pin.Bytes()))
	pin.Wipe()

	no := printing(t, "70:")
	d.Dialogs[1].Program = no.program
	_, err = d.Ask(t.Context(), loginRequest)
	require.ErrorIs(t, err, ErrCancelled)
}

// When the context ends, or too much time has gone by, the form is gone by the time Ask returns; also when it has
// closed its output and stays.
func TestFormsGo(t *testing.T) {
	for name, answer := range map[string]string{"asking": "0:hang", "silent": "0:silent"} {
		t.Run(name, func(t *testing.T) {
			for _, tool := range []Tool{Zenity, KDialog, OSAScript} {
				f := printing(t, answer)
				ctx, end := context.WithCancel(t.Context())
				go func() {
					for len(f.lines("GETPIN")) == 0 {
						time.Sleep(5 * time.Millisecond)
					}
					end()
				}()
				_, err := f.as(tool).Ask(ctx, loginRequest)
				require.ErrorIs(t, err, ErrCancelled)
				requireGone(t, f)

				d := f.as(tool)
				d.typing = time.Second
				_, err = d.Ask(t.Context(), loginRequest)
				require.ErrorIs(t, err, ErrTimeout)
				requireGone(t, f)
			}
		})
	}
}

// The codes that tell a no from a missing display are part of what zenity is given.
func TestZenitySurroundings(t *testing.T) {
	f := printing(t, "0:1234\n")
	d := f.as(Zenity)
	d.Env = func(name string) string {
		return map[string]string{"DISPLAY": ":7", "LANG": "de_DE", "ZENITY_OK": "3", "SECRET": "1234", "PATH": "/bin:/usr/bin"}[name]
	}
	pin, err := d.Ask(t.Context(), loginRequest)
	require.NoError(t, err)
	pin.Wipe()
	require.ElementsMatch(t, []string{"LC_ALL=C.UTF-8", "DISPLAY=:7", "PATH=/bin:/usr/bin", "ZENITY_CANCEL=70", "ZENITY_ESC=70"}, f.environment())
}
