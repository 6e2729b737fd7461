package cms

import (
	"encoding/asn1"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestScan(t *testing.T) {
	nested := func(depth int) []byte {
		der := []byte{0x05, 0x00}
		for range depth {
			der = value(t, asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: der})
		}
		return der
	}
	for name, test := range map[string]struct {
		der  []byte
		fine bool
	}{
		"null":                   {[]byte{0x05, 0x00}, true},
		"empty sequence":         {[]byte{0x30, 0x00}, true},
		"long octets":            {value(t, make([]byte, 70000)), true},
		"deep enough":            {nested(maxDepth), true},
		"too deep":               {nested(maxDepth + 1), false},
		"empty":                  {nil, false},
		"tag alone":              {[]byte{0x30}, false},
		"cut":                    {[]byte{0x04, 0x02, 0x00}, false},
		"cut length":             {[]byte{0x04, 0x82, 0x01}, false},
		"cut inside":             {[]byte{0x30, 0x02, 0x04, 0x01}, false},
		"two values":             {[]byte{0x05, 0x00, 0x05, 0x00}, false},
		"indefinite":             {[]byte{0x30, 0x80, 0x00, 0x00}, false},
		"indefinite inside":      {[]byte{0x30, 0x04, 0x30, 0x80, 0x00, 0x00}, false},
		"length longer than due": {[]byte{0x04, 0x81, 0x01, 0x00}, false},
		"length with a zero":     {append([]byte{0x04, 0x82, 0x00, 0x80}, make([]byte, 128)...), false},
		"length of five bytes":   {[]byte{0x04, 0x85, 1, 0, 0, 0, 0}, false},
		"a divided string":       {[]byte{0x24, 0x03, 0x04, 0x01, 0x07}, false},
		"a divided name":         {[]byte{0x30, 0x02, 0x2C, 0x00}, false},
		"tag of two bytes":       {[]byte{0x1F, 0x81, 0x00}, false},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.fine, scan(test.der) == nil)
		})
	}
}

// FuzzScan asks that what passes is what encoding/asn1 takes as one value that encodes to itself.
func FuzzScan(f *testing.F) {
	f.Add([]byte{0x30, 0x02, 0x05, 0x00})
	f.Add([]byte{0x04, 0x81, 0x80})
	f.Fuzz(func(t *testing.T, der []byte) {
		if scan(der) != nil {
			return
		}
		var raw asn1.RawValue
		require.NoError(t, unmarshal(der, &raw))
		raw.FullBytes = nil
		require.Equal(t, der, value(t, raw))
	})
}
