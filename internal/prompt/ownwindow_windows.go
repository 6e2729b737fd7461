package prompt

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"

	"golang.org/x/sys/windows"
)

// An ownWindow is Natsuin's own dialog on Windows. Why it looks and behaves as it does, docs/decisions/0009-dialogs.md
// says.
type ownWindow struct {
	request  Request
	browser  uintptr
	firstKey time.Duration
	pin      *PIN

	ctx    context.Context
	ignore func() bool // takes no more notice of ctx
	answer error       // once answered
	done   bool        // answered

	mu     sync.Mutex
	dialog uintptr // 0 while there is none
}

var (
	// One dialog stands at a time, and Windows is given no pointer of Go to find it by.
	oneAtATime sync.Mutex
	shown      *ownWindow

	// Callbacks are never freed, so there is one.
	dialogProcedure = sync.OnceValue(func() uintptr {
		return windows.NewCallback(func(dialog, message, wParam, lParam uintptr) uintptr {
			return shown.handle(dialog, uint32(message), wParam)
		})
	})
)

// ask shows the dialog until it is answered, and adds what was typed to pin.
func (w *ownWindow) ask(ctx context.Context) error {
	oneAtATime.Lock()
	defer oneAtATime.Unlock()
	runtime.LockOSThread() // a window belongs to the thread that made it
	defer runtime.UnlockOSThread()
	defer sharp()()

	w.ctx = ctx
	w.browser = topLevel(w.browser)
	shown = w
	defer func() { shown = nil }()
	memory := template(w.request, w.browser == 0)
	var module windows.Handle
	if err := windows.GetModuleHandleEx(0, nil, &module); err != nil {
		return fmt.Errorf("%w: %v", ErrUnavailable, err)
	}
	_, _, err := procDialogBoxIndirectParam.Call(uintptr(module), uintptr(unsafe.Pointer(&memory[0])), 0, dialogProcedure(), 0)
	switch {
	case w.done:
		return w.answer
	case w.ignore == nil:
		return fmt.Errorf("%w: no dialog: %v", ErrUnavailable, err)
	}
	return fmt.Errorf("%w: the dialog went by itself", ErrBroken)
}

// handle is the dialog procedure: it reports whether a message needs nothing more.
func (w *ownWindow) handle(dialog uintptr, message uint32, wParam uintptr) uintptr {
	const handled, passedOn = 1, 0
	switch message {
	case wmInitDialog:
		w.open(dialog)
		return passedOn // the keyboard is where it belongs
	case wmCommand:
		switch id, what := wParam&0xFFFF, wParam>>16; {
		case id == idPIN && what == enChange:
			w.typed(dialog)
		case id == idOK:
			w.accept(dialog)
		case id == idCancel: // Escape and the cross, too
			w.end(dialog, ErrCancelled)
		}
		return handled
	case wmTimer:
		w.end(dialog, ErrTimeout)
		return handled
	case wmCalledOff:
		w.end(dialog, ended(w.ctx))
		return handled
	case wmDestroy:
		w.closed()
	}
	return passedOn
}

// open completes the dialog before it is seen. A window of the browser becomes the owner only now: had the dialog
// been made with it, the browser's window would be disabled until the dialog ends, and for ever if this process
// were killed. The human may also want to compare the digest in there.
func (w *ownWindow) open(dialog uintptr) {
	if w.browser != 0 {
		_, _, _ = procSetWindowLongPtr.Call(dialog, ownerOfWindow, w.browser)
	}
	w.layOut(dialog)
	edit := item(dialog, idPIN)
	_, _, _ = procImmAssociateContext.Call(edit, 0) // no input method: none of a PIN's characters needs one
	send(edit, emLimitText, MaxTyped, 0)
	_, _, _ = procEnableWindow.Call(item(dialog, idOK), 0)
	_, _, _ = procSetTimer.Call(dialog, 1, uintptr(w.firstKey/time.Millisecond), 0)
	_, _, _ = procSetForegroundWindow.Call(dialog)
	_, _, _ = procSetFocus.Call(edit)

	w.mu.Lock()
	w.dialog = dialog
	w.mu.Unlock()
	w.ignore = context.AfterFunc(w.ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.dialog != 0 { // its handle may belong to others later
			_, _, _ = procPostMessage.Call(w.dialog, wmCalledOff, 0, 0)
		}
	})
}

func (w *ownWindow) closed() {
	w.mu.Lock()
	w.dialog = 0
	w.mu.Unlock()
	if w.ignore != nil {
		w.ignore()
	}
}

// typed lets something be sent as soon as there is something. Whether it can be a PIN is judged afterwards, in
// words: a grey button gives no reason.
func (w *ownWindow) typed(dialog uintptr) {
	if w.done {
		return
	}
	_, _, _ = procKillTimer.Call(dialog, 1)
	length, _, _ := procGetWindowTextLength.Call(item(dialog, idPIN))
	_, _, _ = procEnableWindow.Call(item(dialog, idOK), min(length, 1))
}

// accept takes what was typed: through memory that is wiped, and never as a string.
func (w *ownWindow) accept(dialog uintptr) {
	page := secretPage()
	defer releaseSecretPage(page)
	wide, narrow := wideCharacters(page), page[len(page)-utf8.UTFMax:]
	length, _, _ := procGetWindowText.Call(item(dialog, idPIN), uintptr(unsafe.Pointer(&wide[0])), uintptr(len(wide)))
	if length == 0 {
		return
	}
	for i := 0; i < int(length); i++ {
		r := rune(wide[i])
		if utf16.IsSurrogate(r) && i+1 < int(length) {
			i++
			r = utf16.DecodeRune(r, rune(wide[i]))
		}
		for _, c := range narrow[:utf8.EncodeRune(narrow, r)] {
			w.pin.append(c)
		}
	}
	w.end(dialog, nil)
}

// end ends the dialog with the error that Ask returns, or nil. What stands in the field is overwritten first: its
// memory is the system's, and nobody clears it.
func (w *ownWindow) end(dialog uintptr, answer error) {
	if w.done {
		return
	}
	w.done, w.answer = true, answer
	edit := item(dialog, idPIN)
	var zeros [MaxTyped + 1]uint16
	length, _, _ := procGetWindowTextLength.Call(edit)
	for i := range min(int(length), MaxTyped) {
		zeros[i] = '0'
	}
	_, _, _ = procSetWindowText.Call(edit, uintptr(unsafe.Pointer(&zeros[0])))
	send(edit, emEmptyUndo, 0, 0)
	const any = 1
	_, _, _ = procEndDialog.Call(dialog, any)
}

// wideCharacters is the room in page for what the field can hold, and its end.
func wideCharacters(page []byte) []uint16 {
	return unsafe.Slice((*uint16)(unsafe.Pointer(&page[0])), MaxTyped+1)
}

// Sizes in units of a dialog: a quarter of a character's width, an eighth of its height.
const (
	widthUnits, heightUnits   = 320, 120 // the height until all is laid out
	marginUnits, gapUnits     = 9, 6
	fieldWidth, fieldHeight   = 120, 14
	buttonWidth, buttonHeight = 70, 15
)

// layOut puts the controls below each other, each as high as its text is in this font, and fits the dialog around them.
func (w *ownWindow) layOut(dialog uintptr) {
	width, margin := pixels(dialog, widthUnits, marginUnits)
	_, gap := pixels(dialog, 0, gapUnits)
	inner := width - 2*margin
	y := margin
	for _, c := range controls(w.request) {
		if c.class != classStatic {
			continue
		}
		static := item(dialog, uintptr(c.id))
		height := heightOf(static, c.text, inner)
		move(static, margin, y, inner, height)
		y += height
		if c.id != idPrompt {
			y += gap
		}
	}
	fieldX, fieldY := pixels(dialog, fieldWidth, fieldHeight)
	y += gap / 2
	move(item(dialog, idPIN), margin, y, fieldX, fieldY)
	y += fieldY + 2*gap
	buttonX, buttonY := pixels(dialog, buttonWidth, buttonHeight)
	move(item(dialog, idCancel), width-margin-buttonX, y, buttonX, buttonY)
	move(item(dialog, idOK), width-margin-2*buttonX-gap, y, buttonX, buttonY)
	y += buttonY + margin

	outside, inside := rectOf(procGetWindowRect, dialog), rectOf(procGetClientRect, dialog)
	grow := y - inside.Bottom
	move(dialog, outside.Left, outside.Top-grow/2, outside.Right-outside.Left+width-inside.Right, outside.Bottom-outside.Top+grow)
	send(dialog, dmReposition, 0, 0) // where it does not fit on the screen
}
