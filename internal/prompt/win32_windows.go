package prompt

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// What the dialog needs of Windows and golang.org/x/sys does not have.
var (
	user32 = windows.NewLazySystemDLL("user32.dll")
	gdi32  = windows.NewLazySystemDLL("gdi32.dll")
	imm32  = windows.NewLazySystemDLL("imm32.dll")

	procDialogBoxIndirectParam           = user32.NewProc("DialogBoxIndirectParamW")
	procDrawText                         = user32.NewProc("DrawTextW")
	procEnableWindow                     = user32.NewProc("EnableWindow")
	procEndDialog                        = user32.NewProc("EndDialog")
	procGetAncestor                      = user32.NewProc("GetAncestor")
	procGetClientRect                    = user32.NewProc("GetClientRect")
	procGetDC                            = user32.NewProc("GetDC")
	procGetDlgItem                       = user32.NewProc("GetDlgItem")
	procGetProcessWindowStation          = user32.NewProc("GetProcessWindowStation")
	procGetUserObjectInformation         = user32.NewProc("GetUserObjectInformationW")
	procGetWindowRect                    = user32.NewProc("GetWindowRect")
	procGetWindowText                    = user32.NewProc("GetWindowTextW")
	procGetWindowTextLength              = user32.NewProc("GetWindowTextLengthW")
	procKillTimer                        = user32.NewProc("KillTimer")
	procMapDialogRect                    = user32.NewProc("MapDialogRect")
	procMoveWindow                       = user32.NewProc("MoveWindow")
	procPostMessage                      = user32.NewProc("PostMessageW")
	procReleaseDC                        = user32.NewProc("ReleaseDC")
	procSendMessage                      = user32.NewProc("SendMessageW")
	procSetFocus                         = user32.NewProc("SetFocus")
	procSetForegroundWindow              = user32.NewProc("SetForegroundWindow")
	procSetThreadDpiAwareness            = user32.NewProc("SetThreadDpiAwarenessContext") // since Windows 10 1607
	procSetTimer                         = user32.NewProc("SetTimer")
	procSetWindowLongPtr                 = user32.NewProc("SetWindowLongPtrW")
	procSetWindowText                    = user32.NewProc("SetWindowTextW")
	procSelectObject                     = gdi32.NewProc("SelectObject")
	procImmAssociateContext              = imm32.NewProc("ImmAssociateContext")
	perMonitorV2                 uintptr = ^uintptr(3) // DPI_AWARENESS_CONTEXT_PER_MONITOR_AWARE_V2, -4
	ownerOfWindow                uintptr = ^uintptr(7) // GWLP_HWNDPARENT, -8
)

// Messages and their parts (winuser.h).
const (
	wmDestroy    = 0x0002
	wmGetFont    = 0x0031
	wmInitDialog = 0x0110
	wmCommand    = 0x0111
	wmTimer      = 0x0113
	wmCalledOff  = 0x8000 // WM_APP: the context has ended
	enChange     = 0x0300
	emLimitText  = 0x00C5
	emEmptyUndo  = 0x00CD
	dmReposition = 0x0402

	gaRoot = 2

	dtWordBreak, dtCalcRect, dtNoPrefix, dtEditControl = 0x10, 0x400, 0x800, 0x2000
)

// onScreen reports whether this process may show windows that a human sees: a service may not, nor may what
// somebody started over SSH.
func onScreen() bool {
	const (
		uoiFlags   = 1
		wsfVisible = 1
	)
	var flags struct {
		inherit, reserved int32
		flags             uint32
	}
	station, _, _ := procGetProcessWindowStation.Call()
	ok, _, _ := procGetUserObjectInformation.Call(station, uoiFlags, uintptr(unsafe.Pointer(&flags)), unsafe.Sizeof(flags), 0)
	return ok != 0 && flags.flags&wsfVisible != 0
}

// sharp lets this thread's windows be drawn in the resolution of each monitor rather than be enlarged as
// pictures. It returns what undoes it.
func sharp() func() {
	if procSetThreadDpiAwareness.Find() != nil {
		return func() {}
	}
	before, _, _ := procSetThreadDpiAwareness.Call(perMonitorV2)
	return func() { _, _, _ = procSetThreadDpiAwareness.Call(before) }
}

// topLevel is the window on the desktop that a window is in; 0 where there is no such window any more.
func topLevel(window uintptr) uintptr {
	if window == 0 || !windows.IsWindow(windows.HWND(window)) {
		return 0
	}
	root, _, _ := procGetAncestor.Call(window, gaRoot)
	return root
}

func item(dialog uintptr, id uintptr) uintptr {
	control, _, _ := procGetDlgItem.Call(dialog, id)
	return control
}

func send(window uintptr, message, wParam, lParam uintptr) uintptr {
	answer, _, _ := procSendMessage.Call(window, message, wParam, lParam)
	return answer
}

// rectOf is a window's place on the screen, or, of procGetClientRect, the size inside of its frame.
func rectOf(proc *windows.LazyProc, window uintptr) (r windows.Rect) {
	_, _, _ = proc.Call(window, uintptr(unsafe.Pointer(&r)))
	return r
}

// pixels turns a size in units of a dialog, which follow its font, into pixels.
func pixels(dialog uintptr, width, height int32) (int32, int32) {
	r := windows.Rect{Right: width, Bottom: height}
	_, _, _ = procMapDialogRect.Call(dialog, uintptr(unsafe.Pointer(&r)))
	return r.Right, r.Bottom
}

// heightOf is how many pixels a text needs in the control that shows it, broken into lines of that width.
func heightOf(control uintptr, text string, width int32) int32 {
	wide, err := windows.UTF16FromString(text)
	if err != nil {
		return 0
	}
	dc, _, _ := procGetDC.Call(control)
	defer procReleaseDC.Call(control, dc)
	before, _, _ := procSelectObject.Call(dc, send(control, wmGetFont, 0, 0))
	defer procSelectObject.Call(dc, before)
	r := windows.Rect{Right: width}
	_, _, _ = procDrawText.Call(dc, uintptr(unsafe.Pointer(&wide[0])), ^uintptr(0), uintptr(unsafe.Pointer(&r)),
		dtWordBreak|dtCalcRect|dtNoPrefix|dtEditControl)
	return r.Bottom
}

func move(window uintptr, x, y, width, height int32) {
	const repaint = 1
	_, _, _ = procMoveWindow.Call(window, uintptr(x), uintptr(y), uintptr(width), uintptr(height), repaint)
}
