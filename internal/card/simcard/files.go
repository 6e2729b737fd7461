package simcard

import (
	"bytes"
	"crypto/rsa"
	"encoding/binary"
	"strings"
)

// An application is one of the card's applications: files by identifier, selected by name.
type application struct {
	aid     []byte
	files   map[uint16]*file
	records [][]byte // of the file with short identifier 1, where there is one
}

// plasticOnly reports whether a telephone lacks the application.
func (a *application) plasticOnly() bool { return !bytes.Equal(a.aid, aidJPKI) }

// A file is an elementary file: one of content, pin and key is set.
type file struct {
	content []byte
	kind    contentKind
	pin     PIN
	key     *rsa.PrivateKey

	// guard is the PIN that must have been verified to read the content or to use the key.
	guard PIN
}

// A contentKind is what faults look at before they change a file's content.
type contentKind int

const (
	otherContent contentKind = iota
	caCertificate
	endEntityCertificate
	attributesContent
)

// The applications' names (jpki-card.md §1).
var (
	aidJPKI       = []byte{0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01}
	aidAttributes = []byte{0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08}
	aidCommon     = []byte{0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x01, 0x00}
)

// File identifiers of the JPKI application that faults touch (jpki-card.md §2).
const (
	efSignCertificate = 0x0001
	efTokenInfo       = 0x0006
	efAvailability    = 0x0008
	efAuthCertificate = 0x000A
)

// The labels of tokens (jpki-card.md §2.1).
const (
	labelCard     = "JPKIAPICCTOKEN2"
	labelJukiCard = "JPKIAPICCTOKEN"
	labelAndroid  = "JPKIAPGPSETOKEN"
	labelIPhone   = "JPKIAPIOSTOKEN"
	lenLabel      = 32
)

// jpki builds the 公的個人認証AP (jpki-card.md §2).
func (h *holder) jpki() *application {
	return &application{aid: aidJPKI, files: map[uint16]*file{
		efSignCertificate: {content: h.certificates.Sign, kind: endEntityCertificate, guard: PINSign},
		0x0002:            {content: h.certificates.SignCA[h.certificates.Issuing], kind: caCertificate},
		efTokenInfo:       {content: tokenInfo(labelCard)},
		efAvailability:    {content: []byte{0x8F, 0x8F, 0x00}},
		efAuthCertificate: {content: h.certificates.Auth, kind: endEntityCertificate},
		0x000B:            {content: h.certificates.AuthCA[h.certificates.Issuing], kind: caCertificate},
		0x0017:            {key: h.authKey, guard: PINAuth},
		0x0018:            {pin: PINAuth},
		0x001A:            {key: h.signKey, guard: PINSign},
		0x001B:            {pin: PINSign},
	}}
}

// cardSurface builds the 券面事項入力補助AP (jpki-card.md §4.1). EF 0001, the place of the 個人番号,
// holds twelve zeros, which is nobody's number, so that tests can prove that it is never read.
func (h *holder) cardSurface() *application {
	number := append([]byte{0xFF, 0x10, 12}, strings.Repeat("0", 12)...)
	return &application{aid: aidAttributes, files: map[uint16]*file{
		0x0001: {content: append(number, 0xFF, 0xFF), guard: PINAttributes},
		0x0002: {content: fourAttributes(h.person), kind: attributesContent, guard: PINAttributes},
		0x0011: {pin: PINAttributes},
	}}
}

// ManufactureNumber is the number of every simulated card, which no real card's maker gave out: that of the test value in
// efiling-pages.md §1.7.
const ManufactureNumber = "1234567890123"

// common builds the 共通カードAP with a record that names the card: a serial number whose end is the number,
// a municipality, and a date of expiry (jpki-card.md §1).
func (h *holder) common() *application {
	record := append([]byte{0x01, 28}, "00"+ManufactureNumber+"00000"+"20991231"...)
	return &application{aid: aidCommon, records: [][]byte{record}}
}

// cardTLV encodes a BER element with a tag of two bytes (jpki-card.md §4).
func cardTLV(tag uint16, value []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, tag)
	switch n := len(value); {
	case n < 0x80:
		b = append(b, byte(n))
	case n < 0x100:
		b = append(b, 0x81, byte(n))
	default:
		b = append(b, 0x82, byte(n>>8), byte(n))
	}
	return append(b, value...)
}

// tokenInfo encodes the 160 bytes of EF 0006 (jpki-card.md §2.1). The label is that of real tokens, by
// which programs tell card from telephone; everything else says that the card is simulated.
func tokenInfo(label string) []byte {
	b := make([]byte, 0, 160)
	text := func(s string, width int) { b = append(b, s+strings.Repeat(" ", width-len(s))...) }
	number := func(values ...uint32) {
		for _, v := range values {
			b = binary.BigEndian.AppendUint32(b, v)
		}
	}
	const unknown = 0xFFFFFFFF

	text(label, lenLabel)
	text("NATSUIN SIMULATED CARD", 32)
	text("SIMULATED", 16)
	text(strings.Repeat("0", 16), 16)
	number(0x0000040D)                         // flags
	number(1, 0, 1, 0)                         // sessions: at most, open, for writing at most, open
	number(16, 6)                              // PIN length, longest and shortest
	number(unknown, unknown, unknown, unknown) // memory
	text("03", 2)                              // hardware version
	text("01", 2)                              // firmware version
	text(strings.Repeat("9", 16), 16)          // time
	return b
}

// lacks reports whether the card does not have one of its applications, faults included.
func (c *Card) lacks(app *application) bool {
	return c.faults.Phone && app.plasticOnly() || c.faults.NoSurface && bytes.Equal(app.aid, aidAttributes)
}

// contentOf returns what the file reads as, faults included.
func (c *Card) contentOf(f *file) []byte {
	content := f.content
	switch f.kind {
	case endEntityCertificate:
		content = c.faults.spoilCertificate(content)
	case attributesContent:
		if c.faults.Attributes != "" {
			content = attributeFaults[c.faults.Attributes](c.holder.person)
		}
	}
	if f.kind != otherContent && c.faults.Padding {
		content = append(bytes.Clone(content), bytes.Repeat([]byte{0xFF}, 300)...)
	}
	return content
}

// find returns the file of the application, faults included, or nil.
func (c *Card) find(app *application, id uint16) *file {
	f := app.files[id]
	if f == nil {
		return nil
	}
	if f.kind == attributesContent && c.contentOf(f) == nil {
		return nil
	}
	if !bytes.Equal(app.aid, aidJPKI) {
		return f
	}
	switch {
	case id == efSignCertificate && c.faults.NoSignCertificate:
		return nil
	case id == efSignCertificate && c.faults.BlankSignCertificate:
		return &file{content: bytes.Repeat([]byte{0xFF}, len(f.content)), guard: f.guard}
	case id == efAuthCertificate && c.faults.NoAuthCertificate:
		return nil
	case id == efAvailability:
		return &file{content: c.availability()}
	case id == efTokenInfo:
		return &file{content: tokenInfo(c.label())}
	case id == efAuthCertificate && c.faults.Phone:
		return &file{content: f.content, kind: f.kind, guard: PINAuth}
	}
	return f
}

// availability is the content of EF 0008: which certificates there are (jpki-card.md §2).
func (c *Card) availability() []byte {
	if len(c.faults.Hint) > 0 {
		return c.faults.Hint
	}
	content := []byte{0x8F, 0x8F, 0x00}
	if c.faults.NoSignCertificate || c.faults.BlankSignCertificate {
		content[0] = 0x00
	}
	if c.faults.NoAuthCertificate {
		content[1] = 0x00
	}
	return content
}

// label is that of the token information.
func (c *Card) label() string {
	switch {
	case c.faults.Label != "":
		return c.faults.Label
	case c.faults.Phone:
		return labelAndroid
	}
	return labelCard
}
