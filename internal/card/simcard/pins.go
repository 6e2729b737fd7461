package simcard

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
)

// A PIN names one of the card's PINs, in the words of the command line.
type PIN string

const (
	PINAuth       PIN = "auth"       // 利用者証明用電子証明書の暗証番号, EF 0018
	PINSign       PIN = "sign"       // 署名用電子証明書の暗証番号, EF 001B
	PINAttributes PIN = "attributes" // 券面事項入力補助用の暗証番号, EF 0011
)

// pinRules says, for each PIN, its value on a new card, how many wrong tries it bears, and which bytes
// the card takes as a new value.
var pinRules = map[PIN]struct {
	initial string
	tries   int
	accepts func(value []byte) bool
}{
	PINAuth:       {"1234", 3, fourDigits},
	PINSign:       {"ABC123", 5, upperCaseOrDigits},
	PINAttributes: {"4321", 3, fourDigits},
}

func fourDigits(value []byte) bool {
	return len(value) == 4 && consistsOf(value, isDigit)
}

func upperCaseOrDigits(value []byte) bool {
	return len(value) >= 6 && len(value) <= 16 &&
		consistsOf(value, func(c byte) bool { return isDigit(c) || c >= 'A' && c <= 'Z' })
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func consistsOf(value []byte, ok func(byte) bool) bool {
	for _, c := range value {
		if !ok(c) {
			return false
		}
	}
	return true
}

// A reference is what a PIN is compared with, and how often it may still be compared. The values are
// those of a simulated card: they protect nothing and are kept as plain text.
type reference struct {
	Value string `json:"value"`
	Tries int    `json:"tries"`
}

// A pinStore is the card's EEPROM: the references. With a path they live in that file, which is read
// before every use and replaced as a whole before the card answers, so that they outlive the process
// and cards in several processes share them.
type pinStore struct {
	path string
	pins map[PIN]reference
}

func openPINStore(path string, values map[PIN]string) (*pinStore, error) {
	s := &pinStore{path: path, pins: map[PIN]reference{}}
	for pin, rule := range pinRules {
		s.pins[pin] = reference{Value: rule.initial, Tries: rule.tries}
	}
	for pin, value := range values {
		rule, ok := pinRules[pin]
		if !ok || !rule.accepts([]byte(value)) {
			return nil, fmt.Errorf("not a value for the PIN %q", pin)
		}
		s.pins[pin] = reference{Value: value, Tries: rule.tries}
	}
	if _, err := s.get(PINAuth); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *pinStore) get(pin PIN) (reference, error) {
	if s.path == "" {
		return s.pins[pin], nil
	}
	text, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return s.pins[pin], nil
	}
	if err != nil {
		return reference{}, err
	}
	pins := map[PIN]reference{}
	if err := json.Unmarshal(text, &pins); err != nil {
		return reference{}, fmt.Errorf("%s: %w", s.path, err)
	}
	for pin := range pinRules {
		if _, ok := pins[pin]; !ok {
			return reference{}, fmt.Errorf("%s: the PIN %q is missing", s.path, pin)
		}
	}
	s.pins = pins
	return pins[pin], nil
}

func (s *pinStore) set(pin PIN, r reference) error {
	pins := maps.Clone(s.pins)
	pins[pin] = r
	if s.path != "" {
		text, err := json.MarshalIndent(pins, "", "\t")
		if err != nil {
			return err
		}
		temporary, err := writeTemporary(s.path, append(text, '\n'))
		if err != nil {
			return err
		}
		if err := os.Rename(temporary, s.path); err != nil {
			os.Remove(temporary)
			return err
		}
	}
	s.pins = pins
	return nil
}
