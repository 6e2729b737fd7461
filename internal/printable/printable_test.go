package printable

import (
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

func TestText(t *testing.T) {
	for given, want := range map[string]string{
		"":                          "",
		"見本　太郎":                     "見本　太郎",
		"申請書 (1).pdf":               "申請書 (1).pdf",
		"a\nb\r\tc":                 "a\uFFFDb\uFFFD\uFFFDc",
		"\x1B[2J\u009B2J":           "\uFFFD[2J\uFFFD2J",
		"fdp.\u202Etxt\u2066\uFEFF": "fdp.\uFFFDtxt\uFFFD\uFFFD",
		"\xFF\u2028\uE000":          "\uFFFD\uFFFD\uFFFD",
	} {
		require.Equal(t, want, Text(given))
	}
}

// FuzzText: what is shown is graphic, and shown again is the same.
func FuzzText(f *testing.F) {
	f.Add("見本　太郎\x1B[2J\u202E")
	f.Fuzz(func(t *testing.T, s string) {
		shown := Text(s)
		require.Equal(t, shown, Text(shown))
		for _, r := range shown {
			require.True(t, unicode.IsGraphic(r) || r == unicode.ReplacementChar)
		}
	})
}
