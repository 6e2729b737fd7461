package prompt

import (
	"encoding/binary"
	"unicode/utf16"
)

// The controls of the dialog. idOK and idCancel are what Enter, Escape and the cross in the corner send.
const (
	idOK      = 1 // IDOK
	idCancel  = 2 // IDCANCEL
	idProblem = 101
	idText    = 102
	idPrompt  = 103
	idPIN     = 104
)

// Styles (winuser.h).
const (
	wsPopup, wsChild, wsVisible, wsCaption, wsSysMenu, wsTabStop = 0x80000000, 0x40000000, 0x10000000, 0x00C00000, 0x00080000, 0x00010000

	dsSetFont, dsModalFrame, dsSetForeground, dsCenter, dsFixedSys = 0x40, 0x80, 0x200, 0x800, 0x8

	esPassword, esAutoHScroll = 0x20, 0x80
	bsPush, bsDefault         = 0x0, 0x1
	ssLeft, ssNoPrefix        = 0x0, 0x80 // without ssNoPrefix an ampersand would vanish and underline what follows

	wsExTopmost, wsExClientEdge = 0x8, 0x200
)

// The window classes of controls, as a template may name them.
const (
	classButton, classEdit, classStatic uint16 = 0x80, 0x81, 0x82
)

// A control is one item of a template. Its place is given when the dialog is there: it depends on how long the
// texts are in the font of this system.
type control struct {
	id      uint32
	class   uint16
	style   uint32
	exStyle uint32
	text    string
}

// controls are those of a question, in the order of the Tab key. The label of the PIN stands right before it: so
// a screen reader knows what it is.
func controls(r Request) []control {
	t := r.Lang.texts()
	var problem []control
	if text := r.problem(); text != "" {
		problem = []control{{idProblem, classStatic, ssLeft | ssNoPrefix, 0, text}}
	}
	return append(problem, []control{
		{idText, classStatic, ssLeft | ssNoPrefix, 0, r.description(0, unmeasured)},
		{idPrompt, classStatic, ssLeft | ssNoPrefix, 0, t.prompt[r.Purpose]},
		{idPIN, classEdit, esPassword | esAutoHScroll | wsTabStop, wsExClientEdge, ""},
		{idOK, classButton, bsDefault | wsTabStop, 0, r.accept()},
		{idCancel, classButton, bsPush | wsTabStop, 0, t.cancel},
	}...)
}

// fonts are those of Windows 10 and 11. Where one is missing the system takes another.
var fonts = map[Lang]string{Japanese: "Yu Gothic UI", English: "Segoe UI"}

// template is a dialog in memory: DLGTEMPLATEEX, then one DLGITEMTEMPLATEEX for each control, each on a boundary of
// four bytes ("Dialog Box Templates in Memory").
func template(r Request, topmost bool) []byte {
	const (
		signature  = 0xFFFF
		version    = 1
		pointSize  = 9
		normal     = 400
		anyCharset = 1
	)
	var b []byte
	word := func(values ...uint16) {
		for _, v := range values {
			b = binary.LittleEndian.AppendUint16(b, v)
		}
	}
	long := func(values ...uint32) {
		for _, v := range values {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
	}
	text := func(s string) { word(append(utf16.Encode([]rune(s)), 0)...) }

	var exStyle uint32
	if topmost {
		exStyle = wsExTopmost
	}
	items := controls(r)
	word(version, signature)
	long(0, exStyle, wsPopup|wsCaption|wsSysMenu|dsSetFont|dsFixedSys|dsModalFrame|dsSetForeground|dsCenter) // no help
	word(uint16(len(items)))
	word(0, 0, widthUnits, heightUnits) // x, y and the size
	word(0, 0)                          // no menu, the class of dialogs
	text(r.Lang.texts().title)
	word(pointSize, normal, anyCharset<<8) // not italic
	if font, ok := fonts[r.Lang]; ok {
		text(font)
	} else {
		text(fonts[Japanese])
	}
	for _, c := range items {
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
		long(0, c.exStyle, c.style|wsChild|wsVisible)
		word(0, 0, 0, 0)
		long(c.id)
		word(0xFFFF, c.class)
		text(c.text)
		word(0) // no data of its own
	}
	return b
}
