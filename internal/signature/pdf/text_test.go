package pdf

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// dates are what /M may say, and the time in UTC that it means; "" where it means none.
var dates = map[syntax.String]string{
	"D:20261123120000+09'00'":         "2026-11-23T03:00:00Z",
	"D:20261123120000+09'00":          "2026-11-23T03:00:00Z",
	"D:20261123120000-03'30'":         "2026-11-23T15:30:00Z",
	"D:20261123120000Z":               "2026-11-23T12:00:00Z",
	"D:20240229235959+00'00'":         "2024-02-29T23:59:59Z",
	"":                                "",
	"D:":                              "",
	"20261123120000Z":                 "",
	"D:20261123120000":                "", // no zone
	"D:20261123120000'":               "",
	"D:20261123120000+":               "",
	"D:20261123120000+0":              "",
	"D:20261123120000+09":             "",
	"D:20261123120000+0900":           "",
	"D:20261123120000+09'":            "",
	"D:20261123120000+09'00''":        "",
	"D:20261123120000+24'00'":         "",
	"D:20261123120000+09'60'":         "",
	"D:20261123120000++9'00'":         "",
	"D:20261123120000 09'00'":         "",
	"D:20261123120000z":               "",
	"D:20261123120000Z'":              "",
	"D:20261123120000Z\n":             "",
	"D:20261323120000Z":               "", // month 13
	"D:20260229120000Z":               "", // no leap year
	"D:20261123240000Z":               "",
	"D:20261123126000Z":               "",
	"D:2026112312000Z":                "",
	"D:202611231200000Z":              "",
	"D:２０２６1123120000Z":               "",
	"\xFE\xFF\x00D\x00:\x002\x000":    "", // a date is ASCII
	"D:20261123120000.5+09'00'":       "",
	"D:20261123120000+09'00'and more": "",
}

func TestDecodeTime(t *testing.T) {
	for date, want := range dates {
		got, err := decodeTime(date)
		if want == "" {
			require.Error(t, err, "%q", date)
			require.Zero(t, got)
			continue
		}
		require.NoError(t, err, "%q", date)
		require.Equal(t, want, got.UTC().Format(time.RFC3339))
	}
}

// FuzzDecodeTime asks that what is read as a date is written as the same time.
func FuzzDecodeTime(f *testing.F) {
	for date := range dates {
		f.Add(string(date))
	}
	f.Fuzz(func(t *testing.T, date string) {
		got, err := decodeTime(syntax.String(date))
		if err != nil || got.In(japan).Year() < 0 || got.In(japan).Year() > 9999 {
			return
		}
		again, err := decodeTime(encodeTime(got))
		require.NoError(t, err)
		require.True(t, got.Equal(again))
	})
}

// texts are names as signers have them.
var texts = []string{"", "Taro Mihon", "見本　太郎", "𠮟る", "a\\(b)", "\n", "é", "\uFEFFx", "þÿ", "ï»¿"}

// FuzzText asks that a text comes back as it was written, and that whatever stands for a text in a file is read
// as one.
func FuzzText(f *testing.F) {
	for _, text := range texts {
		f.Add(text)
	}
	f.Add("\xFE\xFF\xD8\x00")
	f.Add("\xEF\xBB\xBF\xFF")
	f.Fuzz(func(t *testing.T, text string) {
		require.True(t, utf8.ValidString(decodeText(syntax.String(text))))
		text = strings.ToValidUTF8(text, "?")
		require.Equal(t, text, decodeText(encodeText(text)))
	})
}

// TestText reads names as other programs write them, and writes ASCII as it is.
func TestText(t *testing.T) {
	for written, want := range map[syntax.String]string{
		"Taro":                             "Taro",
		"\xE9":                             "é",
		"\xEF\xBB\xBF見本":                   "見本",
		"\xFE\xFF\x89\x8B\x67\x2C":         "見本",
		"\xFE\xFF\xD8\x42\xDF\x9F\x30\x8B": "𠮟る",
	} {
		require.Equal(t, want, decodeText(written))
	}
	require.Equal(t, syntax.String("Taro (a)"), encodeText("Taro (a)"))
	require.Equal(t, syntax.String("\xFE\xFF\x89\x8B"), encodeText("見"))
}
