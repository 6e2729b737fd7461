package pinpad

import (
	"encoding/binary"
	"time"
)

// A Language is the one in which a pad with a display speaks: a Windows language identifier, as
// wLangId wants it.
type Language uint16

const (
	English  Language = 0x0409
	Japanese Language = 0x0411
)

// digits is the length of every PIN that a pad is asked for here. The signature password has letters,
// which a pad has not.
const digits = 4

// The command APDUs that the pad completes (ISO/IEC 7816-4 §11.5.6 and §11.5.7; jpki-card.md §3.3,
// §3.4). PINs are ASCII without padding, and all of them have the same length: so the frame that the
// digits go into is exactly the data field, and Lc is right from the start. The standard has the pad
// compute Lc anew where the length varies, which readers do in different ways or not at all; this form
// leaves them nothing to compute.
//
// FF is the filler because it is no digit: should a pad send the frame unfilled, it is nobody's PIN.
var (
	verifyAPDU = []byte{0x00, 0x20, 0x00, 0x80, digits, 0xFF, 0xFF, 0xFF, 0xFF}
	changeAPDU = []byte{0x00, 0x24, 0x01, 0x80, digits, 0xFF, 0xFF, 0xFF, 0xFF} // P1=01: the new value only
)

// Values of the fields that both structures have (PC/SC part 10 §2.5).
const (
	formatASCIIInBytes = 1<<7 | 0<<3 | 0<<2 | 2 // offsets in bytes, frame at offset 0 of the data, left-justified, ASCII
	blockOfFrameOnly   = 0<<4 | digits          // no PIN length in the data, a frame of 4 bytes
	noLengthPosition   = 0x00                   // because there is no PIN length in the data
	exactlyFour        = digits<<8 | digits     // wPINMaxExtraDigit: the minimum above, the maximum below
	onValidationKey    = 0x02                   // bEntryValidationCondition: the key of the pad that says "done"
)

// Messages that a pad shows, by their index in its table.
const (
	askPIN     = 0x00
	askNewPIN  = 0x01
	askConfirm = 0x02
)

// confirmNew is bConfirmPIN: the new PIN is asked twice, the old one not at all, because the card has
// verified it already.
const confirmNew = 0x01

// verifyStructure is PIN_VERIFY_STRUCTURE (PC/SC part 10 §2.5). Numbers are little-endian, as all
// the machines are that this program runs on.
func verifyStructure(p properties, language Language, within time.Duration) []byte {
	messages := byte(0)
	if p.display {
		messages = 1
	}
	b := p.timeOuts(within)
	b = append(b, formatASCIIInBytes, blockOfFrameOnly, noLengthPosition)
	b = binary.LittleEndian.AppendUint16(b, exactlyFour)
	b = append(b, onValidationKey, messages)
	b = binary.LittleEndian.AppendUint16(b, uint16(language))
	b = append(b, askPIN)
	return appendAPDU(b, verifyAPDU)
}

// modifyStructure is PIN_MODIFY_STRUCTURE (PC/SC part 10 §2.5).
func modifyStructure(p properties, language Language, within time.Duration) []byte {
	messages := byte(0)
	if p.display {
		messages = 2
	}
	// Whether the time is one entry's or that of both, the standard does not say.
	b := p.timeOuts(within / 2)
	b = append(b, formatASCIIInBytes, blockOfFrameOnly, noLengthPosition)
	b = append(b, 0, 0) // bInsertionOffsetOld, bInsertionOffsetNew: no old PIN, and the new one is all the data
	b = binary.LittleEndian.AppendUint16(b, exactlyFour)
	b = append(b, confirmNew, onValidationKey, messages)
	b = binary.LittleEndian.AppendUint16(b, uint16(language))
	b = append(b, askNewPIN, askConfirm, askConfirm) // the third is not shown
	return appendAPDU(b, changeAPDU)
}

// timeOuts returns bTimeOut and bTimeOut2. A pad that counts twice gets half of the time to the first
// key, and half from there.
func (p properties) timeOuts(whole time.Duration) []byte {
	if p.timeOut2 {
		whole /= 2
	}
	return []byte{byte(whole / time.Second), byte(whole / time.Second)}
}

// appendAPDU ends a structure: bTeoPrologue, which the driver fills in for T=1, ulDataLength, abData.
func appendAPDU(b, apdu []byte) []byte {
	b = append(b, 0, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(apdu)))
	return append(b, apdu...)
}
