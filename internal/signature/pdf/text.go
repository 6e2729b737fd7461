package pdf

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// encodeText writes a text string: ASCII as it is, and else UTF-16BE behind its byte order mark
// (ISO 32000-1 §7.9.2.2).
func encodeText(text string) syntax.String {
	ascii := true
	for _, r := range text {
		ascii = ascii && r >= ' ' && r <= '~'
	}
	if ascii {
		return syntax.String(text)
	}
	out := []byte{0xFE, 0xFF}
	for _, unit := range utf16.Encode([]rune(text)) {
		out = append(out, byte(unit>>8), byte(unit))
	}
	return syntax.String(out)
}

// decodeText reads a text string: UTF-16BE or UTF-8 behind a byte order mark (the latter of ISO 32000-2
// §7.9.2.2), and else single bytes, which are taken for Latin-1 where PDFDocEncoding differs.
func decodeText(s syntax.String) string {
	if rest, ok := strings.CutPrefix(string(s), "\xFE\xFF"); ok {
		var units []uint16
		for ; len(rest) >= 2; rest = rest[2:] {
			units = append(units, uint16(rest[0])<<8|uint16(rest[1]))
		}
		return string(utf16.Decode(units))
	}
	if rest, ok := strings.CutPrefix(string(s), "\xEF\xBB\xBF"); ok {
		return strings.ToValidUTF8(rest, string(utf8.RuneError))
	}
	var out strings.Builder
	for _, b := range []byte(s) {
		out.WriteRune(rune(b))
	}
	return out.String()
}

// japan is where the receivers are; /M is written in their time.
var japan = time.FixedZone("JST", 9*60*60)

// encodeTime writes a date (ISO 32000-1 §7.9.4).
func encodeTime(t time.Time) syntax.String {
	return syntax.String(t.In(japan).Format("D:20060102150405") + "+09'00'")
}

// datePattern is a complete date. The apostrophe at the end may be absent (ISO 32000-2 §7.9.4).
var datePattern = regexp.MustCompile(`^D:([0-9]{14})(?:Z|([+-])([01][0-9]|2[0-3])'([0-5][0-9])'?)$`)

// decodeTime reads a complete date with a time zone, the only kind that a signature should have.
func decodeTime(s syntax.String) (time.Time, error) {
	parts := datePattern.FindStringSubmatch(string(s))
	if parts == nil {
		return time.Time{}, fmt.Errorf("%q is not a complete date with a time zone", s)
	}
	hours, _ := strconv.Atoi(parts[3]) // digits, or nothing for Z
	minutes, _ := strconv.Atoi(parts[4])
	offset := hours*3600 + minutes*60
	if parts[2] == "-" {
		offset = -offset
	}
	t, err := time.ParseInLocation("20060102150405", parts[1], time.FixedZone("", offset))
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a date", s)
	}
	return t, nil
}
