package simcard

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
)

// An attribute of EF 0002, a TLV of the card's kind (jpki-card.md §4.1).
type cardAttribute struct {
	tag   uint16
	value string
}

func attributesOf(p Person) []cardAttribute {
	return []cardAttribute{{0xDF22, p.Name}, {0xDF23, p.Address}, {0xDF24, p.Birth}, {0xDF25, p.Sex}}
}

// fourAttributes encodes name, address, birth date and sex behind a table of the offsets at which the
// four stand in the file.
func fourAttributes(p Person) []byte { return attributesFile(attributesOf(p)) }

func attributesFile(attributes []cardAttribute) []byte {
	var elements [][]byte
	length := 2 + 1 + 2*len(attributes) // the table's tag, length and offsets
	table := length
	for _, a := range attributes {
		element := cardTLV(a.tag, []byte(a.value))
		elements = append(elements, element)
		length += len(element)
	}
	header := len(cardTLV(0xFF20, make([]byte, length))) - length

	var offsets []byte
	at := header + table
	for _, element := range elements {
		offsets = binary.BigEndian.AppendUint16(offsets, uint16(at))
		at += len(element)
	}
	return cardTLV(0xFF20, append(cardTLV(0xDF21, offsets), bytes.Join(elements, nil)...))
}

// attributeFaults are the ways in which the file of the attributes can be wrong, or unusual: what it is
// instead, where the card's holder is p.
var attributeFaults = map[string]func(p Person) []byte{
	"absent": func(Person) []byte { return nil },
	"blank":  func(p Person) []byte { return bytes.Repeat([]byte{0xFF}, len(fourAttributes(p))) },
	"cut":    func(p Person) []byte { file := fourAttributes(p); return file[:len(file)/2] },
	"overlong": func(p Person) []byte {
		file := fourAttributes(p)
		return append([]byte{0xFF, 0x20, 0x82, 0xFF, 0xFF}, file[outerHeader(file):]...)
	},
	"more":        spoiled(func(file []byte) { file[outerHeader(file)-1] += 16 }),
	"less":        spoiled(func(file []byte) { file[outerHeader(file)-1]-- }),
	"inner":       spoiled(func(file []byte) { file[bytes.Index(file, []byte{0xDF, 0x23})+2] = 0x7F }),
	"offset":      spoiled(func(file []byte) { file[outerHeader(file)+6]++ }),
	"duplicate":   unusual(func(a []cardAttribute) { a[1] = a[0] }),
	"unknown-tag": unusual(func(a []cardAttribute) { a[1].tag = 0xDF2A }),
	"surplus": func(p Person) []byte {
		file := append(fourAttributes(p), cardTLV(0xDF26, []byte("0"))...)
		file[outerHeader(file)-1] += 4
		return file
	},
	"not-utf8":    unusual(func(a []cardAttribute) { a[0].value = "\x8C\xA9\x96\x7B" }), // 見本 in Shift_JIS
	"control":     unusual(func(a []cardAttribute) { a[0].value += "\x1b[2J" }),
	"unknown-sex": unusual(func(a []cardAttribute) { a[3].value = "3" }),
	"byte-sex":    unusual(func(a []cardAttribute) { a[3].value = "\x07" }),
	"zero-date":   unusual(func(a []cardAttribute) { a[2].value = "00000000" }),
	"zero-day":    unusual(func(a []cardAttribute) { a[2].value = a[2].value[:6] + "00" }),
	"bad-date":    unusual(func(a []cardAttribute) { a[2].value = a[2].value[:4] + "1305" }),
}

// outerHeader returns how long the file's tag and length are. The last of these bytes is the length's
// lowest.
func outerHeader(file []byte) int {
	if file[2] < 0x80 {
		return 3
	}
	return 3 + int(file[2]&0x7F)
}

func spoiled(spoil func(file []byte)) func(Person) []byte {
	return func(p Person) []byte {
		file := fourAttributes(p)
		spoil(file)
		return file
	}
}

func unusual(change func([]cardAttribute)) func(Person) []byte {
	return func(p Person) []byte {
		attributes := attributesOf(p)
		change(attributes)
		return attributesFile(attributes)
	}
}

// AttributeFaults returns the words that the fault "attributes" knows, in alphabetical order.
func AttributeFaults() []string { return slices.Sorted(maps.Keys(attributeFaults)) }

func attributeFaultList() string { return strings.Join(AttributeFaults(), ", ") }
