package simcard

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Faults are the ways in which a card misbehaves on request (jpki-card.md §7.5). The zero value is a
// sound card. ParseFaults reads them from words; FaultHelp explains each word.
type Faults struct {
	// Tries presets what is left of a PIN's tries when the faults are set.
	Tries map[PIN]int

	NoSignCertificate    bool   // EF 0001 does not exist
	BlankSignCertificate bool   // EF 0001 holds FF
	NoAuthCertificate    bool   // EF 000A does not exist
	GarbageCertificate   bool   // the end-entity certificates are DER on the outside only
	NotDER               bool   // the end-entity certificates are text
	TruncatedCertificate bool   // the end-entity certificates end after half of their bytes
	OverlongLength       bool   // the end-entity certificates claim 65,535 bytes
	Padding              bool   // 300 bytes FF follow each certificate, and the attributes, in the file
	Hint                 []byte // what EF 0008 holds instead of the truth
	Phone                bool   // the certificates of a smartphone: EF 000A needs the PIN, no other applications
	Label                string // the token's label instead of the card's, or the Android phone's
	NoSurface            bool   // there is no 券面事項入力補助AP
	Attributes           string // how EF 0002 of the 券面事項入力補助AP is wrong: one of AttributeFaults

	ShortReads  bool // READ BINARY gives 100 bytes at most, whatever Le
	GetResponse bool // response data is announced by 61xx and fetched in parts of 128 bytes at most
	WrongLe     bool // an Le other than the length of the data is answered 6Cxx
	TrailingSW  bool // a second status word follows the first
	First6F00   bool // the first command after each power-up is answered 6F00, unexecuted

	Blocked6983  bool          // VERIFY with a blocked PIN is answered 6983 instead of 6984
	VerifyEach   bool          // a signature uses the VERIFY up: the next one needs another
	KeepOnReset  bool          // a reset keeps the application and the PIN state, as real cards do
	WrongKey     bool          // signatures are made with the key of the other slot
	RefuseChange bool          // a new PIN is refused with 6985
	CountAnswer  []byte        // what a question for the tries left is answered with instead of the truth
	ChangeAnswer []byte        // what a new PIN is answered with, taken or refused, instead of the truth
	SlowSign     time.Duration // how long a signature takes
	Slow         time.Duration // how long every command takes
	RemoveBefore int           // the card leaves before it executes command n, counted from 1
	RemoveAfter  int           // the card leaves after it executed command n, its response lost
	RemoveVerify bool          // the card leaves after it executed a VERIFY with a PIN, its response lost
	RemoveChange bool          // the card leaves after it executed a CHANGE REFERENCE DATA, its response lost
	RemoveSign   bool          // the card leaves while it computes a signature
}

// faultWords is the vocabulary of ParseFaults.
var faultWords = []struct {
	word string
	help string
	set  func(f *Faults, value string) error
}{
	{"auth-tries=N", "preset the tries left of the authentication PIN", presetTries(PINAuth)},
	{"sign-tries=N", "preset the tries left of the signature PIN", presetTries(PINSign)},
	{"attributes-tries=N", "preset the tries left of the card-surface PIN", presetTries(PINAttributes)},
	{"no-sign-cert", "there is no signature certificate (EF 0001)", flag(func(f *Faults) *bool { return &f.NoSignCertificate })},
	{"blank-sign-cert", "the signature certificate's file holds FF", flag(func(f *Faults) *bool { return &f.BlankSignCertificate })},
	{"no-auth-cert", "there is no authentication certificate (EF 000A)", flag(func(f *Faults) *bool { return &f.NoAuthCertificate })},
	{"garbage-cert", "both certificates have a DER header and garbage behind it", flag(func(f *Faults) *bool { return &f.GarbageCertificate })},
	{"not-der", "both certificates are text", flag(func(f *Faults) *bool { return &f.NotDER })},
	{"truncated", "both certificates end after half of their bytes", flag(func(f *Faults) *bool { return &f.TruncatedCertificate })},
	{"overlong", "both certificates claim 65,535 bytes", flag(func(f *Faults) *bool { return &f.OverlongLength })},
	{"padding", "300 bytes FF follow each certificate and the attributes", flag(func(f *Faults) *bool { return &f.Padding })},
	{"hint=HEX", "what EF 0008 says of the certificates", func(f *Faults, value string) (err error) {
		f.Hint, err = hex.DecodeString(value)
		return err
	}},
	{"phone", "an Android phone's certificates: EF 000A needs the PIN", flag(func(f *Faults) *bool { return &f.Phone })},
	{"iphone", "an iPhone's, likewise", func(f *Faults, _ string) error {
		f.Phone = true
		return f.setLabel(labelIPhone)
	}},
	{"old-card", "the label of a 住民基本台帳カード", func(f *Faults, _ string) error { return f.setLabel(labelJukiCard) }},
	{"label=TEXT", "the token's label", (*Faults).setLabel},
	{"control-label", "control characters in the token's label", func(f *Faults, _ string) error { return f.setLabel("JPKI\x1b[2J\r\nTOKEN\x9b") }},
	{"no-surface", "there is no 券面事項入力補助 application", flag(func(f *Faults) *bool { return &f.NoSurface })},
	{"attributes=HOW", "the attributes (EF 0002) are wrong or unusual:\n" + attributeFaultList(), func(f *Faults, value string) error {
		if attributeFaults[value] == nil {
			return fmt.Errorf("%q is none of %s", value, attributeFaultList())
		}
		f.Attributes = value
		return nil
	}},
	{"short-reads", "READ BINARY gives 100 bytes at most", flag(func(f *Faults) *bool { return &f.ShortReads })},
	{"61xx", "response data must be fetched with GET RESPONSE", flag(func(f *Faults) *bool { return &f.GetResponse })},
	{"6cxx", "an inexact Le is answered 6Cxx", flag(func(f *Faults) *bool { return &f.WrongLe })},
	{"trailing-sw", "a second status word follows the first", flag(func(f *Faults) *bool { return &f.TrailingSW })},
	{"6f00", "the first command after power-up is answered 6F00", flag(func(f *Faults) *bool { return &f.First6F00 })},
	{"6983", "a blocked PIN answers 6983 instead of 6984", flag(func(f *Faults) *bool { return &f.Blocked6983 })},
	{"verify-each", "every signature needs a VERIFY of its own", flag(func(f *Faults) *bool { return &f.VerifyEach })},
	{"keep-on-reset", "a reset keeps the PIN state", flag(func(f *Faults) *bool { return &f.KeepOnReset })},
	{"wrong-key", "signatures are made with the other slot's key", flag(func(f *Faults) *bool { return &f.WrongKey })},
	{"refuse-change", "a new PIN is refused with 6985", flag(func(f *Faults) *bool { return &f.RefuseChange })},
	{"count=HEX", "a question for the tries left is answered with these bytes", func(f *Faults, value string) (err error) {
		f.CountAnswer, err = hex.DecodeString(value)
		return err
	}},
	{"change-answer=HEX", "a new PIN, taken or refused, is answered with these bytes", func(f *Faults, value string) (err error) {
		f.ChangeAnswer, err = hex.DecodeString(value)
		return err
	}},
	{"slow-sign=DURATION", "a signature takes that long", duration(func(f *Faults) *time.Duration { return &f.SlowSign })},
	{"slow=DURATION", "every command takes that long", duration(func(f *Faults) *time.Duration { return &f.Slow })},
	{"remove-before=N", "the card leaves before command N", count(func(f *Faults) *int { return &f.RemoveBefore })},
	{"remove-after=N", "the card leaves after command N, before its response", count(func(f *Faults) *int { return &f.RemoveAfter })},
	{"remove-at-verify", "the card leaves between a VERIFY and its response", flag(func(f *Faults) *bool { return &f.RemoveVerify })},
	{"remove-at-change", "the card leaves between a change of PIN and its response", flag(func(f *Faults) *bool { return &f.RemoveChange })},
	{"remove-at-sign", "the card leaves while it signs", flag(func(f *Faults) *bool { return &f.RemoveSign })},
}

// spoilCertificate returns what is read in the place of an end-entity certificate.
func (f Faults) spoilCertificate(der []byte) []byte {
	switch {
	case f.GarbageCertificate:
		return append(bytes.Clone(der[:4]), bytes.Repeat([]byte{0xA5}, len(der)-4)...)
	case f.OverlongLength:
		return append([]byte{0x30, 0x82, 0xFF, 0xFF}, der[4:]...)
	case f.TruncatedCertificate:
		return der[:len(der)/2]
	case f.NotDER:
		return []byte("no certificate")
	}
	return der
}

// ParseFaults reads faults from words with commas between them, such as "padding,remove-before=7".
// "" and "none" are no fault.
func ParseFaults(s string) (Faults, error) {
	var f Faults
	if s == "" || s == "none" {
		return f, nil
	}
	for text := range strings.SplitSeq(s, ",") {
		if err := f.parse(text); err != nil {
			return Faults{}, err
		}
	}
	return f, nil
}

func (f *Faults) parse(text string) error {
	word, value, hasValue := strings.Cut(text, "=")
	for _, w := range faultWords {
		known, _, takesValue := strings.Cut(w.word, "=")
		if word != known {
			continue
		}
		if hasValue != takesValue {
			return fmt.Errorf("fault %q: write %s", text, w.word)
		}
		if err := w.set(f, value); err != nil {
			return fmt.Errorf("fault %q: %w", text, err)
		}
		return nil
	}
	return fmt.Errorf("no fault %q", text)
}

// FaultHelp explains every word that ParseFaults knows, one a line.
func FaultHelp() string {
	var b strings.Builder
	for _, w := range faultWords {
		fmt.Fprintf(&b, "  %-20s %s\n", w.word, strings.ReplaceAll(w.help, "\n", "\n"+strings.Repeat(" ", 23)))
	}
	return b.String()
}

func flag(field func(*Faults) *bool) func(*Faults, string) error {
	return func(f *Faults, _ string) error {
		*field(f) = true
		return nil
	}
}

func count(field func(*Faults) *int) func(*Faults, string) error {
	return func(f *Faults, value string) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 {
			return fmt.Errorf("%q is not a number from 1", value)
		}
		*field(f) = n
		return nil
	}
}

func duration(field func(*Faults) *time.Duration) func(*Faults, string) error {
	return func(f *Faults, value string) (err error) {
		*field(f), err = time.ParseDuration(value)
		return err
	}
}

func (f *Faults) setLabel(label string) error {
	if label == "" || len(label) > lenLabel {
		return fmt.Errorf("a label has 1 to %d bytes", lenLabel)
	}
	f.Label = label
	return nil
}

func presetTries(pin PIN) func(*Faults, string) error {
	return func(f *Faults, value string) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || n > pinRules[pin].tries {
			return fmt.Errorf("%q is not a number from 0 to %d", value, pinRules[pin].tries)
		}
		if f.Tries == nil {
			f.Tries = map[PIN]int{}
		}
		f.Tries[pin] = n
		return nil
	}
}
