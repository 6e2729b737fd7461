package cms

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestToDER(t *testing.T) {
	nested := append(bytes.Repeat([]byte{0x30, 0x80}, maxDepth+2), make([]byte, 2*(maxDepth+2))...)
	for name, test := range map[string]struct {
		ber, der, rest []byte
	}{
		"already":           {[]byte{0x30, 0x02, 0x05, 0x00}, []byte{0x30, 0x02, 0x05, 0x00}, nil},
		"padded":            {[]byte{0x05, 0x00, 0x00}, []byte{0x05, 0x00}, []byte{0x00}},
		"indefinite":        {[]byte{0x30, 0x80, 0x05, 0x00, 0x00, 0x00, 0x09}, []byte{0x30, 0x02, 0x05, 0x00}, []byte{0x09}},
		"long length":       {[]byte{0x04, 0x82, 0x00, 0x01, 0x07}, []byte{0x04, 0x01, 0x07}, nil},
		"divided":           {[]byte{0x24, 0x80, 0x04, 0x01, 0x07, 0x04, 0x01, 0x08, 0x00, 0x00}, []byte{0x04, 0x02, 0x07, 0x08}, nil},
		"divided in two":    {[]byte{0x24, 0x05, 0x24, 0x03, 0x04, 0x01, 0x07}, []byte{0x04, 0x01, 0x07}, nil},
		"divided otherwise": {[]byte{0x24, 0x03, 0x02, 0x01, 0x07}, nil, nil},
		"no end":            {[]byte{0x30, 0x80, 0x05, 0x00}, nil, nil},
		"indefinite string": {[]byte{0x04, 0x80, 0x00, 0x00}, nil, nil},
		"cut":               {[]byte{0x30, 0x03, 0x05, 0x00}, nil, nil},
		"cut length":        {[]byte{0x30, 0x82, 0x00}, nil, nil},
		"too deep":          {nested, nil, nil},
		"empty":             {nil, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			der, rest, err := toDER(test.ber)
			require.Equal(t, test.der == nil, err != nil)
			require.Equal(t, test.der, der)
			require.Equal(t, string(test.rest), string(rest))
		})
	}
}

// FuzzToDER asks that what was rewritten passes for DER, and stays as it is when rewritten again.
func FuzzToDER(f *testing.F) {
	f.Add([]byte{0x30, 0x80, 0x24, 0x80, 0x04, 0x01, 0x07, 0x00, 0x00, 0x00, 0x00})
	f.Add(newForger(f).message(f))
	f.Fuzz(func(t *testing.T, ber []byte) {
		der, _, err := toDER(ber)
		if err != nil {
			return
		}
		require.NoError(t, scan(der))
		again, rest, err := toDER(der)
		require.NoError(t, err)
		require.Empty(t, rest)
		require.Equal(t, der, again)
	})
}

// FuzzVerifyForeign asks that what verifies strictly verifies here as well, to the same result.
func FuzzVerifyForeign(f *testing.F) {
	f.Add(newForger(f).message(f))
	f.Add([]byte{0x30, 0x80, 0x06, 0x00, 0x00, 0x00})
	f.Fuzz(func(t *testing.T, der []byte) {
		foreign, err := VerifyForeign(der, nil)
		strict, strictErr := Verify(der, nil)
		if strictErr == nil {
			require.NoError(t, err)
			require.Equal(t, strict, foreign)
		}
	})
}
