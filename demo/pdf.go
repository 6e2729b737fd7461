package main

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"strings"
	"time"
	"unicode/utf16"
)

// The size of A4 in points of 1/72 inch, in which all lengths of a sheet are given. Y grows upwards from the lower
// edge.
const (
	sheetWidth  = 595
	sheetHeight = 842
)

// A sheet is one page of text and lines, being drawn.
//
// No font is shipped in the file. Latin comes from Helvetica, which every viewer has (ISO 32000-1 §9.6.2.2). All
// else is named by its character in the predefined CMap UniJIS-UTF16-H, for whose glyphs, those of the collection
// Adobe-Japan1, viewers choose a font of the system (§9.7.5.2).
type sheet struct{ content bytes.Buffer }

// drawableSet holds a bit for each character up to U+2FFFF: whether that CMap has a glyph for it in Adobe-Japan1-6.
//
//go:embed unijis-utf16.bits
var drawableSet []byte

// drawable tells whether a viewer finds a glyph for the character. It would leave a blank for others.
func drawable(r rune) bool {
	return r >= 0 && int(r>>3) < len(drawableSet) && drawableSet[r>>3]&(1<<(r&7)) != 0
}

// line draws a thin line.
func (s *sheet) line(x1, y1, x2, y2 float64) {
	fmt.Fprintf(&s.content, "%.1f %.1f m %.1f %.1f l S\n", x1, y1, x2, y2)
}

// dashedSquare draws the outline of a place to be filled.
func (s *sheet) dashedSquare(x, y, size float64) {
	fmt.Fprintf(&s.content, "q [3 3] 0 d 0.5 G %.1f %.1f %.1f %.1f re S Q\n", x, y, size, size)
}

// text writes one line whose baseline begins at x and y. All its characters must be drawable.
func (s *sheet) text(x, y, size float64, text string) {
	fmt.Fprintf(&s.content, "BT %.1f %.1f Td", x, y)
	for run := range runs(text) {
		if isLatin(rune(run[0])) {
			fmt.Fprintf(&s.content, " /L %.1f Tf (%s) Tj", size, escapeLiteral.Replace(run))
		} else {
			fmt.Fprintf(&s.content, " /J %.1f Tf <%s> Tj", size, utf16Hex(run))
		}
	}
	s.content.WriteString(" ET\n")
}

// isLatin tells what Helvetica draws. The first byte of any other character in UTF-8 is beyond it.
func isLatin(r rune) bool { return r >= ' ' && r <= '~' }

// runs yields the longest pieces of a text that one font draws.
func runs(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		start, latin := 0, false
		for i, r := range text {
			if i > start && isLatin(r) != latin {
				if !yield(text[start:i]) {
					return
				}
				start = i
			}
			latin = isLatin(r)
		}
		if start < len(text) {
			yield(text[start:])
		}
	}
}

var escapeLiteral = strings.NewReplacer(`\`, `\\`, `(`, `\(`, `)`, `\)`)

// utf16Hex writes text as the digits of a hexadecimal string in UTF-16, high byte first.
func utf16Hex(text string) string {
	var digits strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&digits, "%04X", unit)
	}
	return digits.String()
}

// helvetica holds the widths of ' ' to '~' in thousandths of the size, as Adobe's font metrics give them.
var helvetica = [...]int{
	278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
	556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
	1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
	667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
	333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
	556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
}

// width returns how wide a character is drawn, in thousandths of the size. The Japanese font is told by the file to
// leave that much room: a whole square but for half-width katakana.
func width(r rune) int {
	switch {
	case isLatin(r):
		return helvetica[r-' ']
	case r >= '｡' && r <= 'ﾟ':
		return 500
	}
	return 1000
}

// textWidth returns how wide a text of that size is drawn.
func textWidth(text string, size float64) float64 {
	sum := 0
	for _, r := range text {
		sum += width(r)
	}
	return float64(sum) * size / 1000
}

// wrap breaks a text into lines of at most that width, between any two characters. The lines together are the text.
func wrap(text string, size, most float64) []string {
	var lines []string
	start, filled := 0, 0.0
	for i, r := range text {
		step := float64(width(r)) * size / 1000
		if filled+step > most && i > start {
			lines = append(lines, text[start:i])
			start, filled = i, 0
		}
		filled += step
	}
	return append(lines, text[start:])
}

// file returns the sheet as a PDF of one page (ISO 32000-1), the same bytes each time.
func (s *sheet) file(title string, at time.Time) []byte {
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R /Lang (ja-JP) /ViewerPreferences << /DisplayDocTitle true >> >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R /Resources << /Font << /L 5 0 R /J 6 0 R >> >> >>",
			sheetWidth, sheetHeight),
		fmt.Sprintf("<< /Length %d >>\nstream\n%sendstream", s.content.Len(), s.content.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
		"<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiKakuGo-W5-UniJIS-UTF16-H /Encoding /UniJIS-UTF16-H /DescendantFonts [7 0 R] >>",
		// CIDs 327 to 389 are the half-width katakana; see width.
		"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiKakuGo-W5 /FontDescriptor 8 0 R /DW 1000 /W [327 389 500]" +
			" /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 6 >> >>",
		"<< /Type /FontDescriptor /FontName /HeiseiKakuGo-W5 /Flags 4 /FontBBox [0 -120 1000 880] /ItalicAngle 0" +
			" /Ascent 880 /Descent -120 /CapHeight 740 /StemV 90 >>",
		fmt.Sprintf("<< /Title <FEFF%s> /CreationDate (D:%s+09'00') >>", utf16Hex(title), at.In(japan).Format("20060102150405")),
	}
	var out bytes.Buffer
	out.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n") // four bytes beyond ASCII: not a text file (§7.5.2)
	offsets := make([]int, len(objects))
	for i, object := range objects {
		offsets[i] = out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	id := sha256.Sum256(out.Bytes())
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R /ID [<%X> <%X>] >>\nstartxref\n%d\n%%%%EOF\n",
		len(objects)+1, len(objects), id[:16], id[:16], start)
	return out.Bytes()
}
