package cms

import (
	"bytes"
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestForgedForOthers gives the forgeries to the readers of what other makers write, which take more than Verify does:
// what no signature covers is not held to one form, and a certificate need not be bound.
func TestForgedForOthers(t *testing.T) {
	differing := map[string]struct{ foreign, stream error }{
		"certificate not bound":                 {nil, nil},
		"SignedData of version 3":               {nil, nil},
		"SignerInfo of version 3":               {nil, nil},
		"no digest algorithm":                   {nil, ErrAlgorithm},
		"a digest algorithm more":               {nil, nil},
		"the signer's digest algorithm twice":   {nil, nil},
		"another digest algorithm":              {nil, ErrAlgorithm},
		"digest algorithm with parameters":      {nil, nil},
		"signed attributes not in order":        {ErrSignature, ErrSignature},
		"two signers":                           {ErrSigners, nil},
		"something behind the SignerInfo's end": {nil, nil},
		"certificate is garbage":                {ErrNoCertificate, ErrNoCertificate},
	}
	seen := 0
	for name, test := range forgeries() {
		want, ok := differing[name]
		if !ok {
			want.foreign, want.stream = test.want, test.want
		} else {
			seen++
		}
		t.Run(name, func(t *testing.T) {
			f := newForger(t)
			test.forge(t, f)
			message := f.message(t)
			_, err := VerifyForeign(message, nil)
			require.ErrorIs(t, err, want.foreign)
			report, err := VerifyStream(bytes.NewReader(message), nil)
			if err == nil {
				err = report.Signers[0].Problem
			}
			require.ErrorIs(t, err, want.stream)
		})
	}
	require.Len(t, differing, seen)
}

// TestLongInput gives readers input of 2 MiB that a reader whose work grows with the square would not end with: many
// frames, deep ones, a content in pieces of one byte. Whether it is refused does not matter here.
func TestLongInput(t *testing.T) {
	const size = 2 << 20
	fill := func(pattern ...byte) []byte { return bytes.Repeat(pattern, size/len(pattern)) }
	deep := bytes.Repeat([]byte{0x30, 0x80}, maxDepth)
	oid := value(t, oidSignedData)
	content := slices.Concat(value(t, 1), []byte{0x31, 0}, []byte{0x30, 0x80}, value(t, oidData), []byte{0xA0, 0x80, 0x24, 0x80})
	for name, input := range map[string][]byte{
		"empty frames":            append([]byte{0x30, 0x80}, fill(0x30, 0x80, 0, 0)...),
		"frames that do not end":  fill(0x30, 0x80),
		"deep frames":             append(deep, fill(0x05, 0x00)...),
		"deep frames of zeros":    append(deep, fill(0x00)...),
		"nested sequences":        nested(size),
		"certificates of nothing": slices.Concat([]byte{0x30, 0x80}, oid, []byte{0xA0, 0x80, 0x30, 0x80}, value(t, 1), []byte{0x31, 0}, value(t, encapsulated{Type: oidData}), []byte{0xA0, 0x80}, fill(0x30, 0x00)),
		"pieces of a content":     slices.Concat([]byte{0x30, 0x80}, oid, []byte{0xA0, 0x80, 0x30, 0x80}, content, fill(0x04, 0x01, 'x')),
		"pieces of nothing":       slices.Concat([]byte{0x30, 0x80}, oid, []byte{0xA0, 0x80, 0x30, 0x80}, content, fill(0x24, 0x80, 0, 0)),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Verify(input, nil)
			require.Error(t, err)
			_, err = VerifyForeign(input, nil)
			require.Error(t, err)
			_, err = VerifyStream(bytes.NewReader(input), nil)
			require.Error(t, err)
			_, err = Detach(io.Discard, bytes.NewReader(input))
			require.Error(t, err)
		})
	}
}

// nested returns sequences of definite length in each other, of about size bytes.
func nested(size int) []byte {
	var heads [][]byte
	for n := 0; n < size; {
		h := header(0x30, int64(n))
		heads = append(heads, h)
		n += len(h)
	}
	slices.Reverse(heads)
	return bytes.Join(heads, nil)
}
