package prompt

import (
	"bytes"
	"fmt"
)

// A Weakness is why somebody else might guess a PIN. The card takes a weak PIN all the same.
type Weakness int

const (
	Repeated  Weakness = iota + 1 // 0000, 1212, AAA111
	Sequence                      // 1234, 4321, 7890, ABC123
	Common                        // one of those that many people choose, such as 2580 and PASSWORD1
	BirthDate                     // it contains the day, month or year of the holder's birth
)

var weaknessNames = map[Weakness]string{
	Repeated:  "repeated",
	Sequence:  "sequence",
	Common:    "common",
	BirthDate: "birth-date",
}

// String returns the weakness's name in docs/protocol.md.
func (w Weakness) String() string { return weaknessNames[w] }

// A Date is a day of the Gregorian calendar. A part that is 0 is unknown: a card can hold a birth date without
// day and month.
type Date struct{ Year, Month, Day int }

// Weaknesses returns what speaks against pin as a new PIN, each weakness once, in the order of the constants;
// nothing for one that only its holder knows. pin is in the form into which Policy.Normalize brings it, and is
// looked at where it lies: no copy of it is made. birth is the holder's; zero when it is unknown.
func Weaknesses(pin *PIN, birth Date) []Weakness {
	var found []Weakness
	if w := pattern(pin.Bytes()); w != 0 {
		found = append(found, w)
	}
	if common(pin.Bytes()) {
		found = append(found, Common)
	}
	if birth.in(pin.Bytes()) {
		found = append(found, BirthDate)
	}
	return found
}

// pattern returns Repeated or Sequence for a PIN that a finger types by itself, and 0 for any other. Letters
// and digits are looked at apart, and may change once: ABC123 is a sequence, and A1B2C3 is none.
func pattern(pin []byte) Weakness {
	if periodic(pin) {
		return Repeated
	}
	n := 0
	for n < len(pin) && isDigit(pin[n]) == isDigit(pin[0]) {
		n++
	}
	head, headStraight := step(pin[:n])
	tail, tailStraight := step(pin[n:])
	switch {
	case !headStraight || !tailStraight:
		return 0
	case head == 0 && tail == 0:
		return Repeated
	}
	return Sequence
}

// periodic reports a part that is repeated until the end, as in 1212.
func periodic(pin []byte) bool {
	for n := 1; n <= len(pin)/2; n++ {
		if len(pin)%n == 0 && bytes.Equal(pin[n:], pin[:len(pin)-n]) {
			return true
		}
	}
	return false
}

// step returns by how much each character of a run follows the one before, and whether that is the same all
// along: 0, 1 or -1.
func step(run []byte) (by int, straight bool) {
	for i := 1; i < len(run); i++ {
		var next int
		switch {
		case run[i] == run[i-1]:
			next = 0
		case run[i] == successor(run[i-1]):
			next = 1
		case run[i-1] == successor(run[i]):
			next = -1
		default:
			return 0, false
		}
		if i > 1 && next != by {
			return 0, false
		}
		by = next
	}
	return by, true
}

// successor is the next character of the alphabet, and 0 after 9, as on a keyboard.
func successor(c byte) byte {
	if c == '9' {
		return '0'
	}
	return c + 1
}

// commonParts are what many people choose: words, ways over a keyboard, and numbers that read as words
// (4649 よろしく, 5963 ご苦労さん, 1192 いい国).
var commonParts = [][]byte{
	[]byte("2580"), []byte("0852"), []byte("4649"), []byte("5963"), []byte("1192"),
	[]byte("123456"), []byte("ABC123"), []byte("ABCD123"),
	[]byte("QWERTY"), []byte("ASDF"), []byte("ZXCV"), []byte("1QAZ"), []byte("QAZWSX"), []byte("1Q2W3E"), []byte("Q1W2E3"),
	[]byte("PASS"), []byte("PASSWORD"), []byte("ADMIN"), []byte("LOGIN"), []byte("WELCOME"), []byte("TEST"),
	[]byte("MYNA"), []byte("MYNUMBER"), []byte("JPKI"), []byte("NATSUIN"), []byte("JAPAN"), []byte("NIPPON"),
}

// common reports a PIN that is, by half at least, one of the common parts: what stands around it is seldom
// more than a digit or a year.
func common(pin []byte) bool {
	for _, part := range commonParts {
		if 2*len(part) >= len(pin) && bytes.Contains(pin, part) {
			return true
		}
	}
	return false
}

// in reports whether pin contains the date in one of the forms YYYY, YYMM, MMDD and DDMM. Longer forms, such as
// YYMMDD and YYYYMMDD, contain one of those.
func (d Date) in(pin []byte) bool {
	for _, form := range d.forms() {
		if bytes.Contains(pin, form) {
			return true
		}
	}
	return false
}

// forms returns the date's forms of four digits, as far as its parts are known.
func (d Date) forms() [][]byte {
	year, month, day := d.Year > 0, d.Month > 0, d.Day > 0
	var forms [][]byte
	if year {
		forms = append(forms, fmt.Appendf(nil, "%04d", d.Year))
	}
	if year && month {
		forms = append(forms, fmt.Appendf(nil, "%02d%02d", d.Year%100, d.Month))
	}
	if month && day {
		forms = append(forms, fmt.Appendf(nil, "%02d%02d", d.Month, d.Day), fmt.Appendf(nil, "%02d%02d", d.Day, d.Month))
	}
	return forms
}
