package pinpad

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseFeatures(t *testing.T) {
	// Synthetic, in the form that libccid answers in.
	list := []byte{
		0x06, 0x04, 0x42, 0x33, 0x00, 0x06,
		0x07, 0x04, 0x42, 0x33, 0x00, 0x07,
		0x13, 0x04, 0x42, 0x00, 0x00, 0x01, // another feature, of no interest here
		0x12, 0x04, 0x42, 0x33, 0x00, 0x12,
	}
	features, err := parseFeatures(list)
	require.NoError(t, err)
	require.Equal(t, map[feature]uint32{
		verifyDirect: 0x42330006, modifyDirect: 0x42330007, getTLVProperties: 0x42330012, 0x13: 0x42000001,
	}, features)

	features, err = parseFeatures(nil)
	require.NoError(t, err)
	require.Empty(t, features)

	for name, bad := range map[string][]byte{
		"truncated":             list[:len(list)-1],
		"only a tag":            {0x06},
		"one byte too many":     append(list[:len(list):len(list)], 0x00),
		"length 3":              {0x06, 0x03, 0x42, 0x33, 0x00, 0x06},
		"length 8":              {0x06, 0x08, 0x42, 0x33, 0x00, 0x06, 0x07, 0x04, 0x42, 0x33, 0x00, 0x07},
		"length 255":            {0x06, 0xFF, 0x42, 0x33, 0x00, 0x06},
		"repeated, other code":  {0x06, 0x04, 0x42, 0x33, 0x00, 0x06, 0x06, 0x04, 0x42, 0x33, 0x00, 0x07},
		"repeated, of interest": {0x06, 0x04, 0x42, 0x33, 0x00, 0x06, 0x06, 0x04, 0x42, 0x33, 0x00, 0x06},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseFeatures(bad)
			require.Error(t, err)
		})
	}
}

func FuzzParseFeatures(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0x06, 0x04, 0x42, 0x33, 0x00, 0x06, 0x07, 0x04, 0x42, 0x33, 0x00, 0x07})
	f.Add([]byte{0x06, 0x04, 0x42, 0x33, 0x00, 0x06, 0x06, 0x04, 0x42, 0x33, 0x00, 0x06})
	f.Add([]byte{0x06, 0x05, 0x42, 0x33, 0x00, 0x06})
	f.Fuzz(func(t *testing.T, list []byte) {
		features, err := parseFeatures(list)
		if err != nil {
			return
		}
		// What was read, written in the order in which it stood, is what was there.
		var again []byte
		for i := 0; i < len(list); i += featureSize {
			again = append(again, list[i], 4)
			again = binary.BigEndian.AppendUint32(again, features[feature(list[i])])
		}
		require.Equal(t, list, append([]byte{}, again...))
		require.Len(t, features, len(list)/featureSize)
	})
}

func TestParseProperties(t *testing.T) {
	p, err := parsePINProperties([]byte{0x10, 0x02, 0x07, 0x01}) // 2 lines of 16 characters
	require.NoError(t, err)
	require.Equal(t, properties{display: true, timeOut2: true}, p)
	p, err = parsePINProperties([]byte{0x00, 0x00, 0x02, 0x00})
	require.NoError(t, err)
	require.Equal(t, properties{}, p)
	for _, bad := range [][]byte{nil, {0x10, 0x02, 0x07}, {0x10, 0x02, 0x07, 0x00, 0x00}} {
		_, err = parsePINProperties(bad)
		require.Error(t, err)
	}

	p, err = parseTLVProperties([]byte{
		0x01, 2, 0x10, 0x02,
		0x02, 1, 0x07, // bEntryValidationCondition
		0x03, 1, 0x01,
		0x06, 1, 4,
		0x07, 1, 8,
		0x08, 3, 'v', '1', '0', // sFirmwareID
		0x0A, 4, 0x00, 0x00, 0x01, 0x00, // dwMaxAPDUDataSize
		0x0B, 2, 0x6B, 0x07,
		0x0C, 2, 0x31, 0x30,
	})
	require.NoError(t, err)
	require.Equal(t, properties{display: true, timeOut2: true, minDigits: 4, maxDigits: 8, vendor: 0x076B, product: 0x3031}, p)

	for name, bad := range map[string][]byte{
		"only a tag":             {0x01},
		"value missing":          {0x06, 1},
		"value truncated":        {0x01, 2, 0x10},
		"lying length":           {0x08, 0xFF, 'v'},
		"vendor of one byte":     {0x0B, 1, 0x6B},
		"minimum of two bytes":   {0x06, 2, 4, 0},
		"time-out of no bytes":   {0x03, 0},
		"layout of three bytes":  {0x01, 3, 0x10, 0x02, 0x00},
		"product of four bytes":  {0x0C, 4, 0x31, 0x30, 0, 0},
		"second one is cut off":  {0x06, 1, 4, 0x07, 1},
		"maximum of no bytes":    {0x07, 0},
		"rest of a single byte ": {0x06, 1, 4, 0x07},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseTLVProperties(bad)
			require.Error(t, err)
		})
	}
}

func FuzzParseTLVProperties(f *testing.F) {
	f.Add([]byte{0x01, 2, 0x10, 0x02, 0x06, 1, 4, 0x07, 1, 8, 0x0B, 2, 0x6B, 0x07})
	f.Add([]byte{0x08, 0xFF, 'v'})
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := parseTLVProperties(b); err != nil {
			return
		}
		// The lengths lead from one property to the next, and from the last to the end exactly.
		i := 0
		for i < len(b) {
			i += 2 + int(b[i+1])
		}
		require.Equal(t, len(b), i)
	})
}

func TestFits(t *testing.T) {
	for _, test := range []struct {
		min, max byte
		want     bool
	}{{0, 0, true}, {4, 4, true}, {1, 12, true}, {4, 0, true}, {5, 8, false}, {1, 3, false}, {6, 0, false}} {
		require.Equal(t, test.want, properties{minDigits: test.min, maxDigits: test.max}.fits(digits), "%+v", test)
	}
}
