//go:build linux || darwin

package prompt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A form is a program that shows one question, prints what was typed and ends: every text is an argument of its
// own, and none is read by a shell. Unlike a pinentry it leaves what was typed in its memory, unwiped, and takes
// no hold of the keyboard.
type form struct {
	arguments func(r Request) []string
	env       []string // besides environment
	// judge says what a program has said that ended with a code and printed a line: nil, with the bytes of line
	// that are the PIN, or one of the errors that Ask returns.
	judge func(code int, line []byte) ([]byte, error)
}

// ask shows the question and adds what was typed to pin.
func (f form) ask(ctx context.Context, program string, env []string, r Request, pin *PIN) error {
	process, err := startProcess(program, f.arguments(r), append(env, f.env...))
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, process.kill)()
	page := secretPage()
	defer releaseSecretPage(page)
	printed, err := readToEnd(process.out, page)
	if err != nil {
		process.stop()
		return fmt.Errorf("%w: %v", ErrBroken, err)
	}
	state, err := process.end()
	if err != nil {
		return fmt.Errorf("%w: %v", ErrBroken, err)
	}
	return f.take(state, printed, pin)
}

// take adds the PIN to pin that a program has printed, when it has.
func (f form) take(state *os.ProcessState, printed []byte, pin *PIN) error {
	if err := endedBySignal(state); err != nil {
		return err
	}
	line, rest, whole := bytes.Cut(printed, []byte("\n"))
	typed, err := f.judge(state.ExitCode(), line)
	switch {
	case err != nil:
		return err
	case !whole || len(rest) > 0:
		return fmt.Errorf("%w: the program printed no line, or more than one", ErrBroken)
	}
	for _, c := range typed {
		pin.append(c)
	}
	return nil
}

// endedBySignal is the error of a program that a signal has ended. Qt and GTK abort where they find no display;
// after any other signal nobody knows whether the human was typing.
func endedBySignal(state *os.ProcessState) error {
	status, ok := state.Sys().(syscall.WaitStatus)
	switch {
	case !ok || !status.Signaled():
		return nil
	case status.Signal() == syscall.SIGABRT:
		return fmt.Errorf("%w: the program gave up", ErrUnavailable)
	}
	return fmt.Errorf("%w: ended by signal %d", ErrBroken, int(status.Signal()))
}

// readToEnd reads a stream into page, byte for byte into this memory and no other. One that does not fit is an
// error: no PIN is as long.
func readToEnd(r io.Reader, page []byte) ([]byte, error) {
	n, err := io.ReadFull(r, page)
	if err == nil {
		return nil, errors.New("the program prints without end")
	}
	if err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	return page[:n], nil
}

// question is all that is said, for a dialog that has one text only: first why it asks again.
func (r Request) question() string {
	text := r.description(0, unmeasured)
	if problem := r.problem(); problem != "" {
		text = problem + "\n\n" + text
	}
	return text
}

// Zenity takes the code of each ending from its environment (zenity(1), "ENVIRONMENT"), so that a no is told from
// a display that is not there.
const zenityCancelled = 70

// zenity is GNOME's (3 and 4). Its entry undoes C's escapes in the text (g_strcompress) and takes an underscore for
// the mark of a key; markup it takes for text (src/entry.c).
var zenity = form{
	arguments: func(r Request) []string {
		t := r.Lang.texts()
		text := strings.NewReplacer(`\`, `\\`, "_", "__").Replace(r.question())
		return []string{
			"--entry", "--hide-text", "--title=" + t.title, "--text=" + text, "--ok-label=" + r.accept(), "--cancel-label=" + t.cancel,
		}
	},
	env: []string{fmt.Sprint("ZENITY_CANCEL=", zenityCancelled), fmt.Sprint("ZENITY_ESC=", zenityCancelled)},
	judge: func(code int, line []byte) ([]byte, error) {
		switch code {
		case 0:
			return line, nil
		case zenityCancelled:
			return nil, ErrCancelled
		}
		return nil, fmt.Errorf("%w: zenity ended with %d", ErrUnavailable, code)
	},
}

// kdialog is KDE's. It undoes \n and \\ in the text and shows it as rich text, where a line ends with a tag. What
// stands on its buttons is its own.
var kdialog = form{
	arguments: func(r Request) []string {
		text := strings.NewReplacer(`\`, `\\`, "\n", "<br>").Replace(html.EscapeString(r.question()))
		return []string{"--title", r.Lang.texts().title, "--password", text}
	},
	judge: func(code int, line []byte) ([]byte, error) {
		switch code {
		case 0:
			return line, nil
		case 1:
			return nil, ErrCancelled
		}
		return nil, fmt.Errorf("%w: kdialog ended with %d", ErrUnavailable, code)
	},
}

// dialogScript is the same for every question: what is said are its arguments. The answer's first word tells what
// happened. Activating brings the dialog before the browser; where the system does not let it, the dialog is
// shown all the same. It goes by itself when nobody is left to end it.
var dialogScript = `on run argv
	try
		activate
	end try
	try
		set answer to display dialog (item 1 of argv) with title (item 2 of argv) default answer "" buttons {item 3 of argv, item 4 of argv} default button 2 cancel button 1 giving up after ` + strconv.Itoa(int(typingTimeout/time.Second)) + ` with hidden answer
	on error number -128
		return "cancelled"
	end try
	if gave up of answer then return "timeout"
	return "typed " & text returned of answer
end run`

// osascript is the part of macOS that runs AppleScript. Where there is no session with a screen it ends with a
// code of its own and has shown nothing.
var osascript = form{
	arguments: func(r Request) []string {
		t := r.Lang.texts()
		return []string{"-e", dialogScript, r.question() + "\n\n" + t.prompt[r.Purpose], t.title, t.cancel, r.accept()}
	},
	judge: func(code int, line []byte) ([]byte, error) {
		word, typed, _ := bytes.Cut(line, []byte(" "))
		switch {
		case code != 0:
			return nil, fmt.Errorf("%w: osascript ended with %d", ErrUnavailable, code)
		case string(word) == "typed":
			return typed, nil
		case string(word) == "cancelled":
			return nil, ErrCancelled
		case string(word) == "timeout":
			return nil, ErrTimeout
		}
		return nil, fmt.Errorf("%w: osascript printed something else", ErrBroken)
	},
}
