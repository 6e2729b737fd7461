package pinpad

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The expected bytes are synthetic: written out by hand from the fields' definitions, not recorded
// from a reader.

func TestVerifyStructure(t *testing.T) {
	require.Equal(t, []byte{
		60,   // bTimeOut: seconds
		60,   // bTimeOut2: the same, where the pad does not tell the two apart
		0x82, // bmFormatString: bit 7 bytes, bits 6-3 offset 0, bit 2 left, bits 1-0 ASCII
		0x04, // bmPINBlockString: bits 7-4 no PIN length, bits 3-0 a frame of 4 bytes
		0x00, // bmPINLengthFormat: no PIN length, so no position of one
		0x04, // wPINMaxExtraDigit, low byte: 4 digits at most
		0x04, // wPINMaxExtraDigit, high byte: 4 digits at least
		0x02, // bEntryValidationCondition: the validation key
		0x01, // bNumberMessage: one
		0x11, // wLangId, low byte: Japanese is 0411
		0x04, // wLangId, high byte
		0x00, // bMsgIndex: the prompt for a PIN
		0x00, // bTeoPrologue: the driver's
		0x00,
		0x00,
		0x09, // ulDataLength: nine bytes follow
		0x00,
		0x00,
		0x00,
		0x00, // abData: CLA
		0x20, // INS VERIFY
		0x00, // P1
		0x80, // P2: the current file
		0x04, // Lc
		0xFF, // the frame of the PIN
		0xFF,
		0xFF,
		0xFF,
	}, verifyStructure(properties{display: true}, Japanese, time.Minute))
}

func TestModifyStructure(t *testing.T) {
	require.Equal(t, []byte{
		30,   // bTimeOut: seconds, for each of two entries
		30,   // bTimeOut2
		0x82, // bmFormatString: bytes, offset 0, left, ASCII
		0x04, // bmPINBlockString: no PIN length, a frame of 4 bytes
		0x00, // bmPINLengthFormat
		0x00, // bInsertionOffsetOld: there is no old PIN in the data
		0x00, // bInsertionOffsetNew: the new one begins the data
		0x04, // wPINMaxExtraDigit, low byte: 4 digits at most
		0x04, // wPINMaxExtraDigit, high byte: 4 digits at least
		0x01, // bConfirmPIN: bit 0 new one twice, bit 1 no old one
		0x02, // bEntryValidationCondition: the validation key
		0x02, // bNumberMessage: two
		0x09, // wLangId, low byte: English is 0409
		0x04, // wLangId, high byte
		0x01, // bMsgIndex1: the prompt for a new PIN
		0x02, // bMsgIndex2: the prompt to repeat it
		0x02, // bMsgIndex3: not shown
		0x00, // bTeoPrologue: the driver's
		0x00,
		0x00,
		0x09, // ulDataLength: nine bytes follow
		0x00,
		0x00,
		0x00,
		0x00, // abData: CLA
		0x24, // INS CHANGE REFERENCE DATA
		0x01, // P1: the new value only
		0x80, // P2: the current file
		0x04, // Lc
		0xFF, // the frame of the PIN
		0xFF,
		0xFF,
		0xFF,
	}, modifyStructure(properties{display: true}, English, time.Minute))
}

// What the properties of a pad change, and nothing else.
func TestStructuresByProperties(t *testing.T) {
	without := func(b []byte, fields ...int) []byte {
		for _, i := range fields {
			b[i] = 0xEE
		}
		return b
	}

	verify := verifyStructure(properties{timeOut2: true}, Japanese, time.Minute)
	require.Equal(t, []byte{30, 30}, verify[:2], "bTimeOut, bTimeOut2: together 60 seconds")
	require.EqualValues(t, 0, verify[8], "bNumberMessage: there is no display")
	require.Equal(t, without(verifyStructure(properties{display: true}, Japanese, time.Minute), 0, 1, 8), without(verify, 0, 1, 8))

	modify := modifyStructure(properties{timeOut2: true}, Japanese, time.Minute)
	require.Equal(t, []byte{15, 15}, modify[:2], "bTimeOut, bTimeOut2: together 30 seconds, twice")
	require.EqualValues(t, 0, modify[11], "bNumberMessage: there is no display")
	require.Equal(t, without(modifyStructure(properties{display: true}, Japanese, time.Minute), 0, 1, 11), without(modify, 0, 1, 11))
}
