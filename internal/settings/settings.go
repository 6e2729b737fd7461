// Package settings reads what an administrator has settled for the host on a machine: one JSON file, where only
// administrators can write. docs/administrators.md explains its keys.
package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

const (
	maxFile = 64 << 10 // bytes
	maxIDs  = 20       // for one family
)

// Read reads settings strictly: UTF-8, at most 64 KiB, one JSON object in which every key is known and stands once.
// Paths must be absolute on the operating system, named as runtime.GOOS does.
func Read(text []byte, goos string) (s Settings, err error) {
	if len(text) > maxFile {
		return s, fmt.Errorf("longer than %d bytes", maxFile)
	}
	if !utf8.Valid(text) {
		return s, errors.New("not UTF-8")
	}
	err = members(text, func(key string, value []byte) error {
		switch key {
		case "extensionIds":
			s.ExtensionIDs, err = readIDs(value)
		case "trust":
			s.Trust, err = readPath(value, goos)
		case "helpDesks":
			s.HelpDesks, err = readPath(value, goos)
		case "prompt":
			s.Prompt, err = readPrompt(value)
		default:
			return errUnknownKey
		}
		return err
	})
	if err != nil {
		return Settings{}, err
	}
	return s, nil
}

var (
	errUnknownKey = errors.New("is no key of the settings")
	errTwice      = errors.New("stands twice")
)

// members hands over each member of an object, which is all that the text holds. An error names the key.
func members(text []byte, member func(key string, value []byte) error) error {
	d := json.NewDecoder(bytes.NewReader(text))
	open, err := d.Token()
	if err != nil {
		return err
	}
	if open != json.Delim('{') {
		return errors.New("not an object")
	}
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		key := token.(string) // the decoder lets nothing else stand there
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		err = member(key, value)
		if seen[key] {
			err = errTwice
		}
		if err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
		seen[key] = true
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one object")
	}
	return nil
}

func readIDs(text []byte) (map[manifests.Family][]string, error) {
	ids := map[manifests.Family][]string{}
	err := members(text, func(key string, value []byte) error {
		family := manifests.Family(key)
		if family != manifests.Chromium && family != manifests.Firefox {
			return errUnknownKey
		}
		var list []*string
		if json.Unmarshal(value, &list) != nil || list == nil || len(list) > maxIDs {
			return fmt.Errorf("is not a list of at most %d ids", maxIDs)
		}
		for _, id := range list {
			if id == nil || !manifests.IsID(family, *id) {
				return errors.New("holds what is no id of an extension")
			}
			ids[family] = append(ids[family], *id)
		}
		return nil
	})
	return ids, err
}

func readPath(value []byte, goos string) (path string, err error) {
	if json.Unmarshal(value, &path) != nil || !manifests.IsAbs(goos, path) {
		return "", errors.New("is not an absolute path")
	}
	return path, nil
}

func readPrompt(value []byte) (Prompt, error) {
	var word string
	if json.Unmarshal(value, &word) == nil {
		switch word {
		case "any":
			return Any, nil
		case "system":
			return System, nil
		}
	}
	return Any, errors.New(`is neither "system" nor "any"`)
}
