package pinpad

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// A feature is a kind of request that a reader may take (the numbers are PC/SC part 10's, also in
// pcsclite's reader.h).
type feature byte

const (
	verifyDirect     feature = 0x06 // FEATURE_VERIFY_PIN_DIRECT
	modifyDirect     feature = 0x07 // FEATURE_MODIFY_PIN_DIRECT
	pinProperties    feature = 0x0A // FEATURE_IFD_PIN_PROPERTIES
	getTLVProperties feature = 0x12 // FEATURE_GET_TLV_PROPERTIES
)

// featureSize is the size of one entry of a feature list: tag, length, control code.
const featureSize = 1 + 1 + 4

// parseFeatures reads the answer to GET_FEATURE_REQUEST: for each feature its tag, the length 4 and the
// control code, which is big-endian on every machine (PC/SC part 10 §2.2). A tag that stands there
// twice makes the whole list unusable: nobody could say which code is meant.
func parseFeatures(list []byte) (map[feature]uint32, error) {
	if len(list)%featureSize != 0 {
		return nil, fmt.Errorf("%d bytes are no list of features", len(list))
	}
	features := map[feature]uint32{}
	for ; len(list) > 0; list = list[featureSize:] {
		tag := feature(list[0])
		if list[1] != 4 {
			return nil, fmt.Errorf("feature %02X: a control code of %d bytes", tag, list[1])
		}
		if _, repeated := features[tag]; repeated {
			return nil, fmt.Errorf("feature %02X stands there twice", tag)
		}
		features[tag] = binary.BigEndian.Uint32(list[2:])
	}
	return features, nil
}

// properties are what a reader tells of its PIN pad. The zero value is a pad of which nothing is known.
type properties struct {
	display  bool // it can show messages
	timeOut2 bool // it counts the time to the first key and the time from there separately

	// The fewest and the most digits that it takes; 0 is unknown.
	minDigits, maxDigits byte

	vendor, product uint16 // USB numbers of the reader; 0 is unknown
}

// parsePINProperties reads PIN_PROPERTIES_STRUCTURE: wLcdLayout (two bytes, 0 without a display),
// bEntryValidationCondition, bTimeOut2 (PC/SC part 10 §2.5).
func parsePINProperties(b []byte) (properties, error) {
	if len(b) != 4 {
		return properties{}, fmt.Errorf("%d bytes are no PIN properties", len(b))
	}
	return properties{display: b[0] != 0 || b[1] != 0, timeOut2: b[3] != 0}, nil
}

var errTLV = errors.New("the properties of the reader end too early")

// parseTLVProperties reads the answer to GET_TLV_PROPERTIES (PC/SC part 10): tag, length, value, the
// numbers little-endian. Properties that do not matter here are passed over; one in
// another length than it has in the standard is an error.
func parseTLVProperties(b []byte) (properties, error) {
	var p properties
	for len(b) > 0 {
		if len(b) < 2 || len(b) < 2+int(b[1]) {
			return properties{}, errTLV
		}
		tag, value := b[0], b[2:2+int(b[1])]
		b = b[2+len(value):]

		var err error
		switch tag {
		case 0x01: // wLcdLayout
			var layout uint16
			layout, err = word(value)
			p.display = layout != 0
		case 0x03: // bTimeOut2
			var n byte
			n, err = octet(value)
			p.timeOut2 = n != 0
		case 0x06: // bMinPINSize
			p.minDigits, err = octet(value)
		case 0x07: // bMaxPINSize
			p.maxDigits, err = octet(value)
		case 0x0B: // wIdVendor
			p.vendor, err = word(value)
		case 0x0C: // wIdProduct
			p.product, err = word(value)
		}
		if err != nil {
			return properties{}, fmt.Errorf("property %02X: %w", tag, err)
		}
	}
	return p, nil
}

func octet(value []byte) (byte, error) {
	if len(value) != 1 {
		return 0, fmt.Errorf("%d bytes instead of 1", len(value))
	}
	return value[0], nil
}

func word(value []byte) (uint16, error) {
	if len(value) != 2 {
		return 0, fmt.Errorf("%d bytes instead of 2", len(value))
	}
	return binary.LittleEndian.Uint16(value), nil
}

// fits reports whether the pad takes PINs of that many digits.
func (p properties) fits(digits byte) bool {
	return p.minDigits <= digits && (p.maxDigits == 0 || p.maxDigits >= digits)
}

// padless are readers whose driver reports a pad that they do not have, by their USB numbers. Both are
// HID Global's: OMNIKEY 3x21 and OMNIKEY 6121 (Web eID's libelectronic-id excepts the same two).
var padless = map[[2]uint16]bool{
	{0x076B, 0x3031}: true,
	{0x076B, 0x6632}: true,
}
