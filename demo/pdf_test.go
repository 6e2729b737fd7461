package main

import (
	"bytes"
	"encoding/hex"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write unijis-utf16.bits anew")

// TestDrawable holds the set of characters against the CMap itself, as the package poppler-data has it.
func TestDrawable(t *testing.T) {
	source, err := os.ReadFile("/usr/share/poppler/cMap/Adobe-Japan1/UniJIS-UTF16-H")
	require.NoError(t, err, "poppler-data (make deps installs it)")
	set := make([]byte, 0x30000/8)
	for r, cid := range readCMap(t, string(source)) {
		if int(r>>3) < len(set) && cid > 0 && cid <= 23057 { // the last glyph of Adobe-Japan1-6
			set[r>>3] |= 1 << (r & 7)
		}
	}
	if *update {
		require.NoError(t, os.WriteFile("unijis-utf16.bits", set, 0o644))
	}
	require.True(t, bytes.Equal(set, drawableSet), "go test ./demo -run TestDrawable -update")

	for r, want := range map[rune]bool{
		' ': true, '~': true, '\n': false, 'é': true, '本': true, '髙': true, '𠮷': true, '　': true, 'ｱ': true,
		'각': false, '😀': false, '\u200b': false, '\U000e0100': false, '\U00030000': false, -1: false,
	} {
		require.Equal(t, want, drawable(r), "%q", r)
	}
}

// readCMap returns the CID of each character (Adobe Technical Note 5014).
func readCMap(t *testing.T, source string) map[rune]int {
	t.Helper()
	character := func(digits string) rune {
		unit, err := hex.DecodeString(digits)
		require.NoError(t, err)
		r := rune(unit[0])<<8 | rune(unit[1])
		if len(unit) == 4 {
			return utf16.DecodeRune(r, rune(unit[2])<<8|rune(unit[3]))
		}
		return r
	}
	found := map[rune]int{}
	for _, block := range regexp.MustCompile(`(?s)begincid(?:char|range)\n(.*?)endcid`).FindAllStringSubmatch(source, -1) {
		for _, line := range regexp.MustCompile(`<([0-9a-f]+)> *(?:<([0-9a-f]+)>)? *(\d+)`).FindAllStringSubmatch(block[1], -1) {
			cid, err := strconv.Atoi(line[3])
			require.NoError(t, err)
			first := character(line[1])
			last := first
			if line[2] != "" {
				last = character(line[2])
			}
			for r := first; r <= last; r++ {
				found[r] = cid + int(r-first)
			}
		}
	}
	require.NotEmpty(t, found)
	return found
}

// TestWidths lets pdftotext measure what we think that we have drawn: Latin in Helvetica, whose widths the file does
// not give, half-width katakana, and squares.
func TestWidths(t *testing.T) {
	var ascii strings.Builder
	for r := '!'; r <= '~'; r++ {
		ascii.WriteRune(r)
	}
	texts := []string{ascii.String(), "ｱｲｳﾟ", "住民票の写し𠮷", `(a\b)あ(`, "MihonＡ1番"}
	var s sheet
	for i, text := range texts {
		s.text(50, 700-float64(20*i), 5, text)
	}
	out := judged(t, s.file("幅", today), "pdftotext", "-bbox", "-", "-")
	words := regexp.MustCompile(`<word xMin="([\d.]+)" yMin="[\d.]+" xMax="([\d.]+)" yMax="[\d.]+">`).FindAllStringSubmatch(out, -1)
	require.Len(t, words, len(texts), out)
	for i, word := range words {
		from, err := strconv.ParseFloat(word[1], 64)
		require.NoError(t, err)
		to, err := strconv.ParseFloat(word[2], 64)
		require.NoError(t, err)
		require.InDelta(t, 50, from, 0.01, texts[i])
		require.InDelta(t, textWidth(texts[i], 5), to-from, 0.01, texts[i])
	}
}

func TestWrap(t *testing.T) {
	for _, test := range []struct {
		text string
		want []string
	}{
		{"", []string{""}},
		{"見本", []string{"見本"}},
		{"東京都千代田区", []string{"東京都", "千代田", "区"}},
		{"iiiii東京都", []string{"iiiii東", "京都"}},
		{"ｱｲｳｴｵｶｷ", []string{"ｱｲｳｴｵｶ", "ｷ"}},
	} {
		require.Equal(t, test.want, wrap(test.text, 10, 30), test.text)
	}
	require.Equal(t, []string{"見", "本"}, wrap("見本", 10, 1), "a line holds one character at least")
}

// TestFile asks qpdf for anything that is wrong with a sheet.
func TestFile(t *testing.T) {
	var s sheet
	s.line(1, 2, 3, 4)
	s.dashedSquare(5, 6, 7)
	file := s.file("題名 1", today)
	require.Equal(t, file, s.file("題名 1", today))
	judged(t, file, "qpdf", "--check", "-")
	info := judged(t, file, "pdfinfo", "-")
	require.Regexp(t, `Title: +題名 1\n`, info)
	require.Regexp(t, `Page size: +595 x 842 pts \(A4\)`, info)
	require.Regexp(t, `Pages: +1\n`, info)
	fonts := judged(t, file, "pdffonts", "-")
	require.NotContains(t, fonts, "yes", "no font is in the file: %s", fonts)
}

// judged writes a file and returns what a program says of it, in place of the first "-"; a program that complains fails the test.
func judged(t testing.TB, file []byte, program string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.pdf")
	require.NoError(t, os.WriteFile(path, file, 0o600))
	for i, arg := range args {
		if arg == "-" {
			args[i] = path
			break
		}
	}
	command := exec.CommandContext(t.Context(), program, args...)
	command.Env = append(os.Environ(), "TZ=Asia/Tokyo", "LC_ALL=C.UTF-8")
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.Output()
	require.NoError(t, err, "%s (make deps installs it): %s%s", program, out, complaints.String())
	require.Empty(t, complaints.String(), "%s", program)
	return string(out)
}

// drawn reads back the characters that a sheet shows, in the order in which they were drawn.
func drawn(t testing.TB, file []byte) string {
	t.Helper()
	var text strings.Builder
	unescape := strings.NewReplacer(`\\`, `\`, `\(`, `(`, `\)`, `)`)
	for _, piece := range regexp.MustCompile(` Tf (?:<([0-9A-F]+)>|\(((?:[^\\()]|\\.)*)\)) Tj`).FindAllStringSubmatch(string(file), -1) {
		text.WriteString(unescape.Replace(piece[2]))
		digits, err := hex.DecodeString(piece[1])
		require.NoError(t, err)
		units := make([]uint16, len(digits)/2)
		for i := range units {
			units[i] = uint16(digits[2*i])<<8 | uint16(digits[2*i+1])
		}
		text.WriteString(string(utf16.Decode(units)))
	}
	return text.String()
}
