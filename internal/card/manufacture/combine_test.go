package manufacture

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The test value of efiling-pages.md §1.7.
func TestCombine(t *testing.T) {
	id := [16]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	code := combine([]byte("1234567890123"), id)
	require.Equal(t, "25fefd1edd16ed47fe1f05a91ae0f7b0d1bde1196c539466e68c3b9acdb2950a", hex.EncodeToString(code[:]))
}

func TestNumberIn(t *testing.T) {
	number := func(record string) (string, error) {
		found, err := numberIn([]byte(record))
		return string(found), err
	}
	usual := "\x01\x1c" + "001234567890123" + "13101" + "20351231"
	for name, record := range map[string]string{
		"the usual one":        usual,
		"filler behind":        usual + "\xff\xff",
		"a second status word": usual + "\x90\x00",
		"the serial alone":     "\x01\x0f001234567890123",
		"another tag":          "\x04\x0f001234567890123",
		"other first digits":   "\x01\x0fZZ1234567890123",
	} {
		found, err := number(record)
		require.NoError(t, err, name)
		require.Equal(t, "1234567890123", found, name)
	}
	for record, want := range map[string]string{
		"":                                 "no element",
		"\x01":                             "no element",
		"\x01\x00":                         "0 bytes",
		"\x01\x1c0012345678901231":         "no element",
		"\x01\x0e00123456789012":           "14 bytes",
		"\x01\x81\x0f00123456789012":       "no element",
		"\x01\x0f00123456789012A":          "something else than digits",
		"\x01\x0f00 234567890123":          "something else than digits",
		"\x01\x0f001234567890\xef\xbc\x91": "something else than digits",
		strings.Repeat("\xff", 30):         "no element",
		strings.Repeat("\x00", 30):         "0 bytes",
	} {
		_, err := number(record)
		require.EqualError(t, err, want, "%q", record)
	}
}

// FuzzNumberIn: a number is 13 digits that stand in the record, and no error holds digits of it.
func FuzzNumberIn(f *testing.F) {
	f.Add([]byte("\x01\x1c001234567890123131012035123100"))
	f.Add([]byte("\x01\x0f00123456789012A"))
	f.Fuzz(func(t *testing.T, record []byte) {
		number, err := numberIn(record)
		if err != nil {
			require.LessOrEqual(t, len(err.Error()), len("something else than digits"))
			return
		}
		require.Regexp(t, `^[0-9]{13}$`, string(number))
		require.Equal(t, string(record[4:17]), string(number))
	})
}
