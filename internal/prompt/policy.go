package prompt

import (
	"fmt"
	"unicode/utf8"
)

// A Kind is one of the card's PINs.
type Kind int

const (
	Authentication Kind = iota + 1 // 利用者証明用電子証明書の暗証番号
	Signature                      // 署名用電子証明書の暗証番号
	CardSurface                    // 券面事項入力補助用の暗証番号
)

var kindNames = map[Kind]string{
	Authentication: "authentication",
	Signature:      "signature",
	CardSurface:    "card-surface",
}

// String returns the PIN's name in docs/protocol.md.
func (k Kind) String() string { return kindNames[k] }

// A Policy is what one of the card's PINs can look like. A PIN that breaks it can only be wrong, and would
// cost a try.
type Policy struct {
	Kind    Kind
	Min     int  // characters
	Max     int  // characters
	Letters bool // A to Z, besides digits
	Mixed   bool // at least one letter and at least one digit
}

// The PINs of the card (jpki-card.md §3.3), as it may want them now. A signature PIN holds at least one letter
// and one digit when it is registered; that is demanded of a new one only (ForNew), because the card decides
// which PIN is the right one.
var (
	AuthenticationPIN = Policy{Kind: Authentication, Min: 4, Max: 4}
	SignaturePIN      = Policy{Kind: Signature, Min: 6, Max: 16, Letters: true}
	CardSurfacePIN    = Policy{Kind: CardSurface, Min: 4, Max: 4}
)

// ForNew returns what a PIN must look like to be registered in the place of the present one.
func (p Policy) ForNew() Policy {
	p.Mixed = p.Letters
	return p
}

// A Reason is why a PIN was not sent to the card. A Policy finds all but the last two, which come of comparing
// PINs with each other.
type Reason int

const (
	TooShort Reason = iota + 1
	TooLong
	BadCharacter // a character that this PIN cannot have
	FullWidth    // a full-width character, as a Japanese input method types them
	NoLetter     // a new PIN without the letter that it must have
	NoDigit      // a new PIN without the digit that it must have
	Different    // the new PIN and its repetition differ
	Same         // the new PIN is the current one
)

var reasonNames = map[Reason]string{
	TooShort:     "too-short",
	TooLong:      "too-long",
	BadCharacter: "bad-character",
	FullWidth:    "full-width",
	NoLetter:     "no-letter",
	NoDigit:      "no-digit",
	Different:    "different",
	Same:         "same",
}

// String returns the problem's name in docs/protocol.md.
func (r Reason) String() string { return reasonNames[r] }

// A MalformedError is a PIN that no card would take. It was not sent to one, and no try was spent.
type MalformedError struct {
	Kind   Kind
	Reason Reason
}

func (e *MalformedError) Error() string {
	return fmt.Sprintf("prompt: malformed %s PIN: %s", e.Kind, e.Reason)
}

// Normalize brings pin, in place, into the form in which the card compares it: a to z become A to Z where
// letters are allowed. The error is a *MalformedError, and pin is then unchanged. An empty PIN breaks every
// policy: sent to a card, it would turn a question into a try.
func (p Policy) Normalize(pin *PIN) error {
	if reason := p.judge(pin); reason != 0 {
		return &MalformedError{Kind: p.Kind, Reason: reason}
	}
	for i, c := range pin.Bytes() {
		pin.Bytes()[i] = upper(c)
	}
	return nil
}

// judge names what would help the human most: a full-width PIN also has the wrong length in bytes.
func (p Policy) judge(pin *PIN) Reason {
	bad, letter, digit := false, false, false
	for rest := pin.Bytes(); len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if fullWidth(r) {
			return FullWidth
		}
		c := upper(rest[0])
		bad = bad || size > 1 || !p.allows(c)
		letter, digit = letter || isLetter(c), digit || isDigit(c)
		rest = rest[size:]
	}
	switch {
	case bad:
		return BadCharacter
	case pin.held().tooLong || pin.Len() > p.Max:
		return TooLong
	case pin.Len() < max(p.Min, 1):
		return TooShort
	case p.Mixed && !letter:
		return NoLetter
	case p.Mixed && !digit:
		return NoDigit
	}
	return 0
}

func (p Policy) allows(c byte) bool {
	return isDigit(c) || p.Letters && isLetter(c)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'A' <= c && c <= 'Z' }

// upper folds ASCII letters only: the card compares bytes, and knows no others.
func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// fullWidth reports the ideographic space and the forms U+FF01 to U+FF5E of the printable ASCII characters.
func fullWidth(r rune) bool {
	return r == '\u3000' || '\uff01' <= r && r <= '\uff5e'
}
