// Package manufacture makes the combination code that government pages ask for: a hash over a number that a card
// has for life, and an identifier of 16 bytes. The number and the code are dangerous: whoever has the code and the
// identifier finds the number by trying all of the 13 digits, and the number names the card for ever.
//
// So the number is read for this code and for nothing else, no PIN guards it, and it never leaves this package: it
// is neither returned nor kept, and stands in no error. A test proves that no other file, record or application is
// read on the way.
//
// The facts come from efiling-pages.md §1.7 and jpki-card.md §1. They are those of one program that government
// pages take, not of a document by the card's makers.
package manufacture

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/application"
)

// aid is the name of the 共通カードAP.
var aid = []byte{0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x01, 0x00}

// readRecord is READ RECORD of record 1 in the file with short identifier 1 (ISO/IEC 7816-4 §11.4.3).
var readRecord = card.Command{INS: 0xB2, P1: 0x01, P2: 1<<3 | 4, Le: card.MaxLe}

// salt is what every combination code begins with.
var salt = []byte{0x2E, 0x71, 0xF6, 0x62, 0x0B, 0xC6, 0x54, 0xCE, 0xD4, 0x94, 0xE5, 0xEC, 0x34, 0xFE, 0x03, 0xC8}

// A Code is the combination code of one card and one identifier.
type Code [sha256.Size]byte

// CombinationCode returns the code of the card behind t for an identifier, which is random and of one site alone.
// Whatever PIN was verified before is forgotten by the card, and its current application is another one
// afterwards. It fails with application.ErrNoApplication when the card, or phone, has no such number.
func CombinationCode(t card.Transport, id [16]byte) (Code, error) {
	app, err := application.Select(t, aid)
	if err != nil {
		return Code{}, fmt.Errorf("共通カードAP: %w", err)
	}
	record, err := app.Send(readRecord)
	defer clear(record)
	if err != nil {
		return Code{}, fmt.Errorf("共通カードAP: read the record: %w", err)
	}
	number, err := numberIn(record)
	if err != nil {
		return Code{}, fmt.Errorf("共通カードAP: the record: %w", err)
	}
	return combine(number, id), nil
}

// combine is the code, as the program that pages take computes it.
func combine(number []byte, id [16]byte) (code Code) {
	h := sha256.New()
	h.Write(salt)
	h.Write(number)
	h.Write(id[:])
	h.Sum(code[:0])
	return code
}

// The place of the number in the record's value: the last 13 of the 15 digits of the card's serial number.
const (
	numberStart = 2
	numberEnd   = 15
)

// numberIn returns the number in a record: an element with a tag and a length of one byte each. What
// follows the number is not looked at.
func numberIn(record []byte) ([]byte, error) {
	const header = 2
	if len(record) < header || record[1] >= 0x80 || int(record[1]) > len(record)-header {
		return nil, errors.New("no element")
	}
	value := record[header : header+int(record[1])]
	if len(value) < numberEnd {
		return nil, fmt.Errorf("%d bytes", len(value))
	}
	number := value[numberStart:numberEnd]
	for _, digit := range number {
		if digit < '0' || digit > '9' {
			return nil, errors.New("something else than digits")
		}
	}
	return number, nil
}
