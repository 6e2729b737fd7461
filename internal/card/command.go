package card

import (
	"errors"
	"fmt"
	"io"
)

// Instruction bytes that this package must know by meaning (ISO/IEC 7816-4 §11).
const (
	insVerify              = 0x20
	insChangeReferenceData = 0x24
	insReadBinary          = 0xB0
	insGetResponse         = 0xC0
)

// MaxData is the longest command data, and MaxLe the largest Le, of a short APDU (ISO/IEC 7816-4 §5.2).
const (
	MaxData = 255
	MaxLe   = 256
)

var errMalformed = errors.New("not a short command APDU")

// A Command is a command APDU in its short form. Extended length is left out on purpose: My Number
// Cards and readers support it only in part (jpki-card.md §3.2).
type Command struct {
	CLA, INS, P1, P2 byte

	// Data is the command data field, at most MaxData bytes. Lc is absent when it is empty.
	Data []byte

	// Le is the greatest number of response bytes asked for, 1 to MaxLe. 0 means that the Le field is
	// absent: a command without data and without Le is four bytes long and stays so, because a card
	// takes the fifth byte of a PIN status query for an error (jpki-card.md §3.3).
	Le int
}

// ParseCommand decodes a short command APDU of any of the four cases of ISO/IEC 7816-4 §5.2. Data is a
// slice of b.
func ParseCommand(b []byte) (Command, error) {
	if len(b) < 4 {
		return Command{}, errMalformed
	}
	c := Command{CLA: b[0], INS: b[1], P1: b[2], P2: b[3]}
	body := b[4:]

	switch len(body) {
	case 0:
		return c, nil
	case 1:
		c.Le = decodeLe(body[0])
		return c, nil
	}

	lc := int(body[0])
	if lc == 0 || len(body) < 1+lc {
		return Command{}, errMalformed
	}
	c.Data = body[1 : 1+lc]

	switch rest := body[1+lc:]; len(rest) {
	case 0:
		return c, nil
	case 1:
		c.Le = decodeLe(rest[0])
		return c, nil
	default:
		return Command{}, errMalformed
	}
}

// Bytes encodes the command. It panics when Data or Le is beyond a short APDU, which is a mistake in
// the calling code and never a matter of input.
func (c Command) Bytes() []byte {
	if len(c.Data) > MaxData || c.Le < 0 || c.Le > MaxLe {
		panic(fmt.Sprintf("card: %d data bytes with Le %d do not fit a short APDU", len(c.Data), c.Le))
	}
	b := make([]byte, 0, 4+1+len(c.Data)+1)
	b = append(b, c.CLA, c.INS, c.P1, c.P2)
	if len(c.Data) > 0 {
		b = append(b, byte(len(c.Data)))
		b = append(b, c.Data...)
	}
	if c.Le > 0 {
		b = append(b, byte(c.Le)) // 256 is written as 00
	}
	return b
}

// CarriesPIN reports whether the data field of the command is, or may be, a PIN.
func (c Command) CarriesPIN() bool { return c.concernsPIN() && len(c.Data) > 0 }

// concernsPIN reports whether the command presents or changes a PIN, or asks about one.
func (c Command) concernsPIN() bool { return c.INS == insVerify || c.INS == insChangeReferenceData }

// String prints the command in hexadecimal. A PIN, and its length, is printed as ***.
func (c Command) String() string {
	if c.CarriesPIN() {
		return fmt.Sprintf("%02X%02X%02X%02X ***", c.CLA, c.INS, c.P1, c.P2)
	}
	return fmt.Sprintf("%X", c.Bytes())
}

// Format makes every verb of package fmt, %#v and %x among them, print what String prints, so that no
// format string can show a PIN.
func (c Command) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, c.String())
}

func decodeLe(b byte) int {
	if b == 0 {
		return MaxLe
	}
	return int(b)
}
