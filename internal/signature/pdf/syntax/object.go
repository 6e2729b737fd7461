// Package syntax reads the objects of a PDF file and its history of incremental updates, and writes
// objects (ISO 32000-1 clause 7). It knows nothing of signatures.
//
// It reads from an io.ReaderAt what it is asked for and keeps next to nothing, so that memory does not
// grow with the file. It repairs nothing: where other programs would guess, it refuses, because two
// readers that guess differently see different documents under one signature.
package syntax

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// An Object is nil, bool, Integer, Real, Name, String, Array, Dict, Ref or *Stream (ISO 32000-1 §7.3).
type Object any

// An Integer is a number without a decimal point.
type Integer int64

// A Real is a number with a decimal point, as it was written.
type Real string

// A Name is a name without its solidus, its #xx decoded.
type Name string

// A String is the bytes of a literal or hexadecimal string.
type String string

// An Array is a sequence of objects.
type Array []Object

// A Dict is a dictionary. No entry is nil: null says that the key is absent (§7.3.7).
type Dict map[Name]Object

// A Ref is an indirect reference.
type Ref struct {
	Number     uint32
	Generation uint16
}

// A Stream is a dictionary and where its data is in the file, encoded as its filters say.
type Stream struct {
	Dict           Dict
	Offset, Length int64
}

// A Span is a range of bytes of the file, from Start up to but without End.
type Span struct{ Start, End int64 }

func (r Ref) String() string { return fmt.Sprintf("%d %d R", r.Number, r.Generation) }

// Number returns an Integer or Real as a number of the user's space.
func Number(o Object) (float64, bool) {
	switch n := o.(type) {
	case Integer:
		return float64(n), true
	case Real:
		f, err := strconv.ParseFloat(string(n), 64)
		return f, err == nil
	}
	return 0, false
}

// Append writes an object to the end of dst. The keys of a dictionary are sorted, and strings are
// hexadecimal where a reader could mistake them. A *Stream cannot be written.
func Append(dst []byte, o Object) []byte {
	switch o := o.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, o)
	case Integer:
		return strconv.AppendInt(dst, int64(o), 10)
	case Real:
		return append(dst, o...)
	case Name:
		return appendName(dst, o)
	case String:
		return appendString(dst, o)
	case Ref:
		return fmt.Appendf(dst, "%d %d R", o.Number, o.Generation)
	case Array:
		dst = append(dst, '[')
		for i, item := range o {
			if i > 0 {
				dst = append(dst, ' ')
			}
			dst = Append(dst, item)
		}
		return append(dst, ']')
	case Dict:
		dst = append(dst, "<<"...)
		for _, key := range slices.Sorted(maps.Keys(o)) {
			dst = append(appendName(append(dst, '\n'), key), ' ')
			dst = Append(dst, o[key])
		}
		return append(dst, "\n>>"...)
	}
	panic(fmt.Sprintf("syntax: cannot write a %T", o))
}

func appendName(dst []byte, name Name) []byte {
	dst = append(dst, '/')
	for _, c := range []byte(name) {
		if c == '#' || c <= ' ' || c > '~' || isDelimiter(c) {
			dst = fmt.Appendf(dst, "#%02X", c)
		} else {
			dst = append(dst, c)
		}
	}
	return dst
}

func appendString(dst []byte, s String) []byte {
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' || c == '(' || c == ')' || c == '\\' {
			dst = append(dst, '<')
			dst = hex.AppendEncode(dst, []byte(s))
			return append(dst, '>')
		}
	}
	return append(append(append(dst, '('), s...), ')')
}
