package protocol

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/natsuin/natsuin/internal/rules"
)

// An object is one JSON object read strictly: encoding/json alone lets keys repeat, matches them
// without regard to case and passes over the ones it does not know. The first fault wins; take it
// from err once every key was asked for.
type object struct {
	path string
	keys map[string]json.RawMessage
	err  error
}

// readObject splits one object into its keys. path is "" for the frame itself.
func readObject(path string, text []byte) *object {
	o := &object{path: path, keys: map[string]json.RawMessage{}}
	d := json.NewDecoder(bytes.NewReader(text))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		o.fail("", "not a JSON object")
		return o
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			o.fail("", "not JSON")
			return o
		}
		name := key.(string) // a key of a JSON object is always a string
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			o.fail("", "not JSON")
			return o
		}
		if _, twice := o.keys[name]; twice {
			o.fail(briefKey(name), "stands twice")
		}
		o.keys[name] = value
	}
	if _, err := d.Token(); err != nil {
		o.fail("", "not JSON")
	} else if _, err := d.Token(); err != io.EOF {
		o.fail("", "more than one JSON object")
	}
	return o
}

// briefKey keeps a stranger's key short and harmless enough to be named in an error.
func briefKey(key string) string {
	if len(key) > 40 {
		key = strings.ToValidUTF8(key[:40], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return '?'
		}
		return r
	}, key)
}

func (o *object) fail(key, rule string, args ...any) {
	if o.err != nil {
		return
	}
	path := o.path
	if path != "" && key != "" {
		path += "."
	}
	path += key
	if path == "" {
		path = "frame"
	}
	o.err = Invalid(path, rule, args...)
}

// take removes and returns a key's value; a missing one is a fault unless it is optional.
func (o *object) take(key string, optional bool) (json.RawMessage, bool) {
	value, ok := o.keys[key]
	delete(o.keys, key)
	if !ok && !optional {
		o.fail(key, "is missing")
	}
	return value, ok
}

// decode reads a value whose JSON type is told by its first byte, so that null never passes for an
// empty one.
func (o *object) decode(key string, value json.RawMessage, first string, into any, kind string) {
	if len(value) == 0 || !strings.ContainsRune(first, rune(value[0])) || json.Unmarshal(value, into) != nil {
		o.fail(key, "is not %s", kind)
	}
}

func (o *object) text(key string) (s string) {
	if value, ok := o.take(key, false); ok {
		o.decode(key, value, `"`, &s, "a string")
	}
	return s
}

// optionalText reads a string of max bytes at most; absent is "".
func (o *object) optionalText(key string, max int) (s string) {
	if value, ok := o.take(key, true); ok {
		o.decode(key, value, `"`, &s, "a string")
		if len(s) > max {
			o.fail(key, "is longer than %d bytes", max)
		}
	}
	return s
}

func (o *object) boolean(key string, absent bool) bool {
	value, ok := o.take(key, true)
	if !ok {
		return absent
	}
	var b bool
	o.decode(key, value, "tf", &b, "true or false")
	return b
}

func (o *object) integer(key string, max int64) (n int64) {
	if value, ok := o.take(key, false); ok {
		o.decode(key, value, "0123456789", &n, fmt.Sprintf("a whole number from 0 to %d", max))
		if n > max {
			o.fail(key, "is more than %d", max)
		}
	}
	return n
}

// base64 reads standard base64 with padding, of 1 to max bytes.
func (o *object) base64(key string, max int) (b []byte) {
	if value, ok := o.take(key, false); ok {
		o.decode(key, value, `"`, &b, "base64")
		if len(b) == 0 || len(b) > max {
			o.fail(key, "is not 1 to %d bytes", max)
		}
	}
	return b
}

// list reads a list of 1 to most entries.
func (o *object) list(key string, most int) (entries []json.RawMessage) {
	value, _ := o.take(key, false)
	o.decode(key, value, "[", &entries, "a list")
	if len(entries) < 1 || len(entries) > most {
		o.fail(key, "is not a list of 1 to %d", most)
		return nil
	}
	return entries
}

func (o *object) oneOf(key string, allowed ...string) string { return oneOf(o, key, allowed...) }

// oneOf reads a word of a closed list.
func oneOf[T ~string](o *object, key string, allowed ...T) T {
	s := T(o.text(key))
	words := make([]string, len(allowed))
	for i, a := range allowed {
		if s == a {
			return s
		}
		words[i] = string(a)
	}
	o.fail(key, "is none of %s", strings.Join(words, ", "))
	return ""
}

// date reads YYYY-MM-DD; an absent one, where it may be, is the zero Date.
func (o *object) date(key string, optional bool) (d rules.Date) {
	value, ok := o.take(key, optional)
	if !ok {
		return d
	}
	var text string
	o.decode(key, value, `"`, &text, "a string")
	d, err := rules.ParseDate(text)
	if err != nil {
		o.fail(key, "%v", err)
	}
	return d
}

// done reports the first fault, and a key that nobody asked for as one.
func (o *object) done() error {
	for key := range o.keys {
		o.fail(briefKey(key), "is not a key of this message")
	}
	return o.err
}
