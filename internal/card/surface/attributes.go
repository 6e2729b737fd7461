package surface

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Attributes are the 基本4情報 as the card has them: text is neither trimmed nor normalised. It holds no
// control characters; it may be empty.
type Attributes struct {
	Name      string // 氏 and 名 with U+3000 between them
	Address   string
	BirthDate BirthDate
	Sex       Sex
}

// A BirthDate is YYYYMMDD in the Gregorian calendar, with zeros for the parts that the register does not
// know.
type BirthDate string

// Date returns the date as YYYY-MM-DD with its zeros kept.
func (b BirthDate) Date() string { return string(b[:4] + "-" + b[4:6] + "-" + b[6:]) }

// A Sex is a code of one printable character. Those of JIS X 0303 are named; another is kept as it is.
type Sex string

// The codes.
const (
	UnknownSex    Sex = "0" // 不明
	Male          Sex = "1" // 男
	Female        Sex = "2" // 女
	NotApplicable Sex = "9" // 適用不能
)

// The structure of EF 0002 (jpki-card.md §4.1).
const (
	tagAttributes = 0xFF20
	tagOffsets    = 0xDF21
)

// elements are the four attributes in the order in which they stand behind the table of offsets.
var elements = []struct {
	tag   uint16
	name  string
	parse func(a *Attributes, value string) error
}{
	{0xDF22, "name", func(a *Attributes, value string) error { a.Name = value; return checkText(value) }},
	{0xDF23, "address", func(a *Attributes, value string) error { a.Address = value; return checkText(value) }},
	{0xDF24, "birth date", func(a *Attributes, value string) error { a.BirthDate = BirthDate(value); return checkDate(value) }},
	{0xDF25, "sex", func(a *Attributes, value string) error { a.Sex = Sex(value); return checkSex(value) }},
}

// objectLength returns the length of the object whose header, or more, is given, header included.
func objectLength(start []byte) (int, error) {
	tag, length, header, err := readHeader(start)
	switch {
	case err != nil:
		return 0, err
	case tag != tagAttributes:
		return 0, fmt.Errorf("tag %04X in the place of %04X", tag, tagAttributes)
	}
	return header + length, nil
}

// parse decodes the object: FF20 with a table DF21 of the offsets, in the file, at which DF22 to DF25
// stand, and these, each once, in that order, and nothing else.
func parse(file []byte) (Attributes, error) {
	body, rest, err := readElement(file, tagAttributes)
	switch {
	case err != nil:
		return Attributes{}, err
	case len(rest) > 0:
		return Attributes{}, fmt.Errorf("%d bytes behind it", len(rest))
	}
	offsets, body, err := readElement(body, tagOffsets)
	switch {
	case err != nil:
		return Attributes{}, fmt.Errorf("the offsets: %w", err)
	case len(offsets) != 2*len(elements):
		return Attributes{}, fmt.Errorf("the offsets: %d bytes", len(offsets))
	}

	var a Attributes
	for i, element := range elements {
		at := len(file) - len(body)
		if offset := int(binary.BigEndian.Uint16(offsets[2*i:])); offset != at {
			return Attributes{}, fmt.Errorf("the %s: at offset %d, not %d", element.name, at, offset)
		}
		var value []byte
		if value, body, err = readElement(body, element.tag); err != nil {
			return Attributes{}, fmt.Errorf("the %s: %w", element.name, err)
		}
		if err := element.parse(&a, string(value)); err != nil {
			return Attributes{}, fmt.Errorf("the %s: %w", element.name, err)
		}
	}
	if len(body) > 0 {
		return Attributes{}, fmt.Errorf("%d bytes behind the last attribute", len(body))
	}
	return a, nil
}

func checkText(s string) error {
	switch {
	case !utf8.ValidString(s):
		return errors.New("not UTF-8")
	case strings.ContainsFunc(s, unicode.IsControl):
		return errors.New("a control character")
	}
	return nil
}

// checkDate takes zeros for any of year, month and day; the rest must be possible.
func checkDate(s string) error {
	if len(s) != 8 || strings.Trim(s, "0123456789") != "" {
		return errors.New("not eight digits")
	}
	possible := s
	if s[:4] == "0000" {
		possible = "2000" + possible[4:] // a leap year
	}
	if s[4:6] == "00" {
		possible = possible[:4] + "01" + possible[6:] // a long month
	}
	if s[6:] == "00" {
		possible = possible[:6] + "01"
	}
	if _, err := time.Parse("20060102", possible); err != nil {
		return errors.New("not a date")
	}
	return nil
}

func checkSex(s string) error {
	if len(s) != 1 || s[0] <= ' ' || s[0] > '~' {
		return errors.New("not one printable character")
	}
	return nil
}
