// Package settings reads what an administrator has settled for the host on a machine: one JSON file, where only
// administrators can write. docs/administrators.md explains its keys.
package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/natsuin/natsuin/manifests"
)

// Settings are what an administrator has settled. Nothing is settled by the zero value.
type Settings struct {
	// ExtensionIDs are further ids of the extension, for those who host or sign it themselves.
	ExtensionIDs map[manifests.Family][]string
	// Trust is a folder with trust anchors besides J-LIS's, as --trust takes one; "" is none.
	Trust string
	// HelpDesks is a file with further help desks, as --desks takes one; "" is none.
	HelpDesks string
	Prompt    Prompt
}

// A Prompt says where a PIN may be typed.
type Prompt string

// The prompts.
const (
	Any    Prompt = ""       // in the system's dialog, and in the extension's window where no dialog can start
	System Prompt = "system" // never in the extension's window
)

// How much may stand in settings.
const (
	MaxFile = 64 << 10 // bytes
	MaxIDs  = 20       // of one family
)

// A Fault is what is wrong with a text that is to be settings.
type Fault struct {
	Rule Rule
	Key  string // where: "prompt", or "extensionIds.firefox"; "" is the whole
	Line int    // of NotJSON: that in which it ends to be JSON, from 1 up
}

func (f *Fault) Error() string {
	what := faultTexts[f.Rule]
	switch {
	case f.Key != "":
		return fmt.Sprintf("%q %s", f.Key, what)
	case f.Rule == NotJSON:
		return fmt.Sprintf("%s (line %d)", what, f.Line)
	}
	return what
}

// A Rule is one that a text breaks.
type Rule string

// The rules. The first are about the whole, the others about a key.
const (
	TooLong   Rule = "too-long"
	NotUTF8   Rule = "not-utf-8"
	Empty     Rule = "empty"
	NotJSON   Rule = "not-json"
	NotObject Rule = "not-object"
	Several   Rule = "several" // objects

	UnknownKey Rule = "unknown-key"
	Twice      Rule = "twice"
	NotIDs     Rule = "not-ids" // no list, or one that is too long
	NotID      Rule = "not-id"
	NotPath    Rule = "not-path"
	NotPrompt  Rule = "not-prompt"
)

var faultTexts = map[Rule]string{
	TooLong:    fmt.Sprintf("longer than %d bytes", MaxFile),
	NotUTF8:    "not UTF-8",
	Empty:      "nothing stands in it",
	NotJSON:    "not JSON",
	NotObject:  "not an object",
	Several:    "more than one object",
	UnknownKey: "is no key of the settings",
	Twice:      "stands twice",
	NotIDs:     fmt.Sprintf("is not a list of at most %d ids", MaxIDs),
	NotID:      "holds what is no id of an extension",
	NotPath:    "is not an absolute path",
	NotPrompt:  `is neither "system" nor "any"`,
}

// Read reads settings strictly: UTF-8, at most 64 KiB, one JSON object in which every key is known and stands once.
// Paths must be absolute on the operating system, named as runtime.GOOS does. A byte order mark, which editors on Windows
// write, is passed over (RFC 8259 §8.1 allows it). The error is a *Fault.
func Read(text []byte, goos string) (s Settings, err error) {
	if len(text) > MaxFile {
		return s, &Fault{Rule: TooLong}
	}
	if !utf8.Valid(text) {
		return s, &Fault{Rule: NotUTF8}
	}
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	if len(bytes.TrimSpace(text)) == 0 {
		return s, &Fault{Rule: Empty}
	}
	fault := members(text, func(key string, value []byte) (fault *Fault) {
		switch key {
		case "extensionIds":
			s.ExtensionIDs, fault = readIDs(value)
		case "trust":
			s.Trust, fault = readPath(value, goos)
		case "helpDesks":
			s.HelpDesks, fault = readPath(value, goos)
		case "prompt":
			s.Prompt, fault = readPrompt(value)
		default:
			fault = &Fault{Rule: UnknownKey}
		}
		return fault
	})
	if fault != nil {
		return Settings{}, fault
	}
	return s, nil
}

// members hands over each member of an object, which is all that the text holds. A fault of a member gets its key.
func members(text []byte, member func(key string, value []byte) *Fault) *Fault {
	d := json.NewDecoder(bytes.NewReader(text))
	notJSON := func() *Fault {
		fault := &Fault{Rule: NotJSON, Line: 1}
		var syntax *json.SyntaxError
		if errors.As(json.Unmarshal(text, new(json.RawMessage)), &syntax) { // a decoder does not tell where
			fault.Line += bytes.Count(text[:syntax.Offset], []byte("\n"))
		}
		return fault
	}
	open, err := d.Token()
	if err != nil {
		return notJSON()
	}
	if open != json.Delim('{') {
		return &Fault{Rule: NotObject}
	}
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return notJSON()
		}
		key := token.(string) // the decoder lets nothing else stand there
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return notJSON()
		}
		fault := member(key, value)
		if seen[key] {
			fault = &Fault{Rule: Twice}
		}
		if fault != nil {
			fault.Key = strings.TrimSuffix(key+"."+fault.Key, ".")
			return fault
		}
		seen[key] = true
	}
	if _, err := d.Token(); err != nil {
		return notJSON()
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &Fault{Rule: Several}
	}
	return nil
}

func readIDs(text []byte) (map[manifests.Family][]string, *Fault) {
	ids := map[manifests.Family][]string{}
	fault := members(text, func(key string, value []byte) *Fault {
		family := manifests.Family(key)
		if family != manifests.Chromium && family != manifests.Firefox {
			return &Fault{Rule: UnknownKey}
		}
		var list []*string
		if json.Unmarshal(value, &list) != nil || list == nil || len(list) > MaxIDs {
			return &Fault{Rule: NotIDs}
		}
		for _, id := range list {
			if id == nil || !manifests.IsID(family, *id) {
				return &Fault{Rule: NotID}
			}
			ids[family] = append(ids[family], *id)
		}
		return nil
	})
	return ids, fault
}

func readPath(value []byte, goos string) (path string, fault *Fault) {
	if json.Unmarshal(value, &path) != nil || !manifests.IsAbs(goos, path) {
		return "", &Fault{Rule: NotPath}
	}
	return path, nil
}

func readPrompt(value []byte) (Prompt, *Fault) {
	var word string
	if json.Unmarshal(value, &word) == nil {
		switch word {
		case "any":
			return Any, nil
		case "system":
			return System, nil
		}
	}
	return Any, &Fault{Rule: NotPrompt}
}
