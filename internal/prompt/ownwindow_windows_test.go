package prompt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// A question is what e2e/install/dialog_wine_test.go has this test binary ask, in the variable PROMPT_TEST_QUESTION:
// that test types the answer.
type question struct {
	Request  Request
	FirstKey time.Duration
	Typing   time.Duration
	Browser  string // the class of a window that plays the browser's
	Hold     bool   // does not print what was typed, and stays until standard input ends
	Paste    string // set and sent at once, because a keyboard does not have all characters
}

func TestMain(m *testing.M) {
	if text := os.Getenv("PROMPT_TEST_QUESTION"); text != "" {
		ask(text)
		return
	}
	os.Exit(m.Run())
}

// ask asks until standard input ends, and prints how it went.
func ask(text string) {
	var q question
	if err := json.Unmarshal([]byte(text), &q); err != nil {
		panic(err)
	}
	d := Desktop{Dialogs: FindDialogs(os.Getenv), Env: os.Getenv, firstKey: q.FirstKey, typing: q.Typing}
	if q.Browser != "" {
		d.Browser = findWindow(q.Browser, "")
		go tellOwner(d.Browser, q.Request.Lang.texts().title)
	}
	if q.Paste != "" {
		go paste(q.Paste, q.Request.Lang.texts().title)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	pin, err := d.Ask(ctx, q.Request)
	switch {
	case err == nil && q.Hold:
		pin.Wipe()
		fmt.Println("wiped")
		<-ctx.Done()
	case err == nil:
		fmt.Printf("typed %q\n", pin.Bytes())
		pin.Wipe()
	case errors.Is(err, ErrCancelled):
		fmt.Println("cancelled")
	case errors.Is(err, ErrTimeout):
		fmt.Println("timeout")
	default:
		fmt.Println("error", err)
	}
}

// tellOwner prints what the dialog has done to the window of the browser.
func tellOwner(browser uintptr, title string) {
	const gwOwner = 4
	dialog := waitForDialog(title)
	owner, _, _ := user32.NewProc("GetWindow").Call(dialog, gwOwner)
	enabled, _, _ := user32.NewProc("IsWindowEnabled").Call(browser)
	fmt.Printf("owned %t, enabled %t\n", browser != 0 && owner == browser, enabled != 0)
}

func paste(text, title string) {
	dialog := waitForDialog(title)
	wide, _ := windows.UTF16FromString(text)
	_, _, _ = procSetWindowText.Call(item(dialog, idPIN), uintptr(unsafe.Pointer(&wide[0])))
	send(dialog, wmCommand, idOK, 0)
}

func waitForDialog(title string) (dialog uintptr) {
	for dialog == 0 || !windows.IsWindowVisible(windows.HWND(dialog)) {
		time.Sleep(20 * time.Millisecond)
		dialog = findWindow("#32770", title) // the class of dialogs
	}
	return dialog
}

func findWindow(class, title string) uintptr {
	wideClass, _ := windows.UTF16PtrFromString(class)
	var wideTitle *uint16
	if title != "" {
		wideTitle, _ = windows.UTF16PtrFromString(title)
	}
	found, _, _ := user32.NewProc("FindWindowW").Call(uintptr(unsafe.Pointer(wideClass)), uintptr(unsafe.Pointer(wideTitle)))
	return found
}
