package surface

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// maxHeader is the length of the longest tag and length that are understood: FF20 82 xx xx.
const maxHeader = 5

var errCut = errors.New("cut short")

// readHeader reads the tag and the length at the start of b, and returns with them the bytes that they
// take. Tags have two bytes; lengths are 00 to 7F, 81 xx or 82 xx xx, not always in their shortest form.
// encoding/asn1 refuses both (jpki-card.md §4).
func readHeader(b []byte) (tag uint16, length, header int, err error) {
	if len(b) < 3 {
		return 0, 0, 0, errCut
	}
	if b[0]&0x1F != 0x1F || b[1]&0x80 != 0 {
		return 0, 0, 0, errors.New("a tag that has not two bytes")
	}
	tag = binary.BigEndian.Uint16(b)
	switch form := b[2]; {
	case form < 0x80:
		return tag, int(form), 3, nil
	case form == 0x81 && len(b) >= 4:
		return tag, int(b[3]), 4, nil
	case form == 0x82 && len(b) >= 5:
		return tag, int(binary.BigEndian.Uint16(b[3:])), 5, nil
	case form == 0x81, form == 0x82:
		return 0, 0, 0, errCut
	default:
		return 0, 0, 0, fmt.Errorf("a length in the form %02X", form)
	}
}

// readElement reads the element at the start of b, which must have that tag.
func readElement(b []byte, want uint16) (value, rest []byte, err error) {
	tag, length, header, err := readHeader(b)
	switch {
	case err != nil:
		return nil, nil, err
	case tag != want:
		return nil, nil, fmt.Errorf("tag %04X in the place of %04X", tag, want)
	case length > len(b)-header:
		return nil, nil, fmt.Errorf("a length of %d with %d bytes there", length, len(b)-header)
	}
	return b[header : header+length], b[header+length:], nil
}
