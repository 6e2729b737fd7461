package rules

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"
)

// A Desk is an office that a citizen can ask. The citizen chooses it: nothing is looked up by what a
// card holds.
type Desk struct {
	Municipality Text   `json:"municipality"`
	Office       Text   `json:"office"`
	Telephone    string `json:"telephone"` // Japanese, with its area code: 093-331-1661
}

const (
	maxDeskFile = 1 << 20 // bytes
	maxDesks    = 2000    // entries in all: more than one for every municipality of Japan
	maxNames    = 800_000 // bytes of all names in all: a browser takes messages of 1 MiB (docs/protocol.md)
	maxName     = 200     // characters
	maxMarks    = 2       // combining marks on one character: a dakuten and one more
)

//go:embed desks.json
var desksJSON []byte

// Desks returns the built-in directory.
func Desks() []Desk {
	desks, err := ReadDesks(bytes.NewReader(desksJSON))
	if err != nil {
		panic("rules: desks.json, built into the program: " + err.Error())
	}
	return desks
}

// LoadDesks returns the built-in directory together with those in files, in this order. An entry for
// the same office of the same municipality takes the place of an earlier one, so that a file can correct
// a number. A file that is not there adds nothing; the error names one that cannot be read, is broken, or
// makes the directory too long.
func LoadDesks(paths ...string) ([]Desk, error) {
	desks, at := Desks(), map[office]int{}
	for i, d := range desks {
		at[d.key()] = i
	}
	for _, path := range paths {
		more, err := readDeskFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("help desks in %s: %w", path, err)
		}
		for _, d := range more {
			if i, known := at[d.key()]; known {
				desks[i] = d
				continue
			}
			at[d.key()] = len(desks)
			desks = append(desks, d)
		}
		if err := checkSize(desks); err != nil {
			return nil, fmt.Errorf("help desks in %s: %w", path, err)
		}
	}
	return desks, nil
}

func checkSize(desks []Desk) error {
	names := 0
	for _, d := range desks {
		names += len(d.Municipality.JA) + len(d.Municipality.EN) + len(d.Office.JA) + len(d.Office.EN)
	}
	if len(desks) > maxDesks || names > maxNames {
		return fmt.Errorf("more than %d entries, or %d bytes of names, with all before", maxDesks, maxNames)
	}
	return nil
}

// readDeskFile reads a regular file. Opened without waiting, a pipe with nobody at its other end holds up
// nobody.
func readDeskFile(path string) ([]Desk, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	return ReadDesks(f)
}

// An office is what two entries have in common that speak of the same desk: its official names.
type office struct{ municipality, office string }

func (d Desk) key() office { return office{d.Municipality.JA, d.Office.JA} }

// ReadDesks reads a directory strictly: one JSON object of at most 1 MiB with the key "desks", an array
// of objects in the form of Desk. Every key stands once and nothing else does; names are of 1 to 200
// visible characters; a telephone number is 10 or 11 digits in groups, from 0; no office stands twice.
func ReadDesks(r io.Reader) ([]Desk, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxDeskFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxDeskFile {
		return nil, fmt.Errorf("more than %d bytes", maxDeskFile)
	}
	if !utf8.Valid(text) {
		return nil, errors.New("not UTF-8")
	}
	file, err := object(text, "desks")
	if err != nil {
		return nil, err
	}
	var entries []json.RawMessage
	if json.Unmarshal(file["desks"], &entries) != nil || entries == nil {
		return nil, errors.New("desks is not an array")
	}
	desks, known := []Desk{}, map[office]bool{}
	for i, entry := range entries {
		d, err := readDesk(entry)
		if err != nil {
			return nil, fmt.Errorf("desks[%d]: %w", i, err)
		}
		if known[d.key()] {
			return nil, fmt.Errorf("desks[%d]: the office stands twice", i)
		}
		known[d.key()] = true
		desks = append(desks, d)
	}
	return desks, nil
}

func readDesk(entry []byte) (d Desk, err error) {
	keys, err := object(entry, "municipality", "office", "telephone")
	if err != nil {
		return d, err
	}
	if d.Municipality, err = readNames(keys["municipality"]); err != nil {
		return d, fmt.Errorf("municipality: %w", err)
	}
	if d.Office, err = readNames(keys["office"]); err != nil {
		return d, fmt.Errorf("office: %w", err)
	}
	if json.Unmarshal(keys["telephone"], &d.Telephone) != nil || !isTelephone(d.Telephone) {
		return d, errors.New("telephone is not a Japanese number with area code and hyphens")
	}
	return d, nil
}

func readNames(value []byte) (t Text, err error) {
	keys, err := object(value, "ja", "en")
	if err != nil {
		return t, err
	}
	if json.Unmarshal(keys["ja"], &t.JA) != nil || !isName(t.JA) {
		return t, errors.New("ja is not a name")
	}
	if json.Unmarshal(keys["en"], &t.EN) != nil || !isName(t.EN) {
		return t, errors.New("en is not a name")
	}
	return t, nil
}

var telephoneForm = regexp.MustCompile(`^0[0-9]{1,4}-[0-9]{1,4}-[0-9]{3,4}$`)

func isTelephone(s string) bool {
	digits := len(s) - strings.Count(s, "-")
	return telephoneForm.MatchString(s) && (digits == 10 || digits == 11)
}

// isName says whether a person sees exactly what stands there: no control characters, none that turn
// or hide text, none that are blank or choose another form of what is before them (Default_Ignorable_Code_Point
// of UAX #44), none that stand for broken ones, and no piles of combining marks.
func isName(s string) bool {
	if s == "" || utf8.RuneCountInString(s) > maxName || strings.TrimSpace(s) != s {
		return false
	}
	marks := 0
	for _, r := range s {
		if !unicode.IsPrint(r) && r != '　' || r == unicode.ReplacementChar ||
			unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) || r == braillePatternBlank {
			return false
		}
		marks++
		if !unicode.Is(unicode.M, r) {
			marks = 0
		}
		if marks > maxMarks {
			return false
		}
	}
	return !unicode.Is(unicode.M, []rune(s)[0])
}

// braillePatternBlank is printable and looks like a space.
const braillePatternBlank = '\u2800'

// object reads one JSON object that has exactly these keys. encoding/json alone lets keys repeat,
// matches them without regard to case and passes over the ones it does not know.
func object(text []byte, keys ...string) (map[string]json.RawMessage, error) {
	values := map[string]json.RawMessage{}
	d := json.NewDecoder(bytes.NewReader(text))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, errors.New("not JSON")
		}
		key := token.(string) // the key of a JSON object is always a string
		if _, twice := values[key]; twice || !slices.Contains(keys, key) {
			return nil, fmt.Errorf("%q stands twice, or is none of %s", key, strings.Join(keys, ", "))
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, errors.New("not JSON")
		}
		values[key] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, errors.New("not JSON")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more than one JSON object")
	}
	for _, key := range keys {
		if _, ok := values[key]; !ok {
			return nil, fmt.Errorf("%s is missing", key)
		}
	}
	return values, nil
}
