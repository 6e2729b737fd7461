//go:build unix

package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
)

// drawn has poppler draw a page of a file, one pixel for each point.
func drawn(t *testing.T, path, page string) image.Image {
	t.Helper()
	out := filepath.Join(t.TempDir(), "page")
	printed, err := pdftest.Run(t, "pdftoppm", "-r", "72", "-png", "-singlefile", "-f", page, path, out)
	require.NoError(t, err, printed)
	data, err := os.ReadFile(out + ".png")
	require.NoError(t, err)
	picture, err := png.Decode(bytes.NewReader(data))
	require.NoError(t, err)
	return picture
}

// vermilion returns which part of a rectangle is of that colour, in percent.
func vermilion(picture image.Image, r image.Rectangle) int {
	n := 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if c := color.NRGBAModel.Convert(picture.At(x, y)).(color.NRGBA); c.R > 150 && c.G < 140 && c.B < 140 {
				n++
			}
		}
	}
	return 100 * n / (r.Dx() * r.Dy())
}

// TestSignWithSeal has poppler draw what was signed: the seal stands where it was asked for, and nowhere else. pdfsig
// and qpdf judge the file.
func TestSignWithSeal(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	in := write(t, "申請書.pdf", pdftest.File(pdftest.Document(2), ""))
	picture := image.NewNRGBA(image.Rect(0, 0, 100, 100))
	for i := range picture.Pix {
		picture.Pix[i] = []byte{198, 40, 40, 255}[i%4]
	}
	var square bytes.Buffer
	require.NoError(t, png.Encode(&square, picture))
	blank := drawn(t, in, "2").Bounds()

	const x, y, size = 400, 600, 72
	place := image.Rect(x, blank.Dy()-y-size, x+size, blank.Dy()-y)
	for name, c := range map[string]struct {
		flags           []string
		atLeast, atMost int // of the seal's place, in percent
	}{
		"two characters in a ring": {[]string{"--seal-text", "見本", "--seal-ring"}, 15, 60},
		"four characters":          {[]string{"--seal-text", "見本太郎"}, 20, 70},
		"a picture":                {[]string{"--seal-picture", write(t, "seal.png", square.Bytes())}, 98, 100},
		"a picture in a ring":      {[]string{"--seal-picture", write(t, "seal.png", square.Bytes()), "--seal-ring"}, 30, 70},
	} {
		for _, profile := range []string{"pades", "moj"} {
			t.Run(name+", "+profile, func(t *testing.T) {
				out := s.signed(append([]string{"--format", "pdf", "--profile", profile, "--in", in, "--seal-at", "2,400,600,72"}, c.flags...)...)
				require.Contains(t, s.stderr.String(), "Pages: 2\n  Seal on page: 2\n")
				signed, err := os.ReadFile(out)
				require.NoError(t, err)
				report := pdftest.Signatures(t, signed)
				require.Contains(t, report, "Signature is Valid.")
				require.Contains(t, report, "Total document signed")
				pdftest.Check(t, signed)
				page := drawn(t, out, "2")
				share := vermilion(page, place)
				require.True(t, share >= c.atLeast && share <= c.atMost, "%d %%", share)
				require.Zero(t, vermilion(page, image.Rect(0, 0, x-1, blank.Dy())))
				require.Zero(t, vermilion(page, image.Rect(0, 0, blank.Dx(), place.Min.Y-1)))
				require.Zero(t, vermilion(drawn(t, out, "1"), blank))
				s.tells(0, []string{"verify", out, "--trust", s.trust()}, "Pages that show it: 2", "Accepted: ")
			})
		}
	}
}

func TestSealRefused(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	in := write(t, "in.pdf", pdftest.File(pdftest.Document(1), ""))
	at := []string{"--seal-at", "1,10,10,40"}
	for name, c := range map[string]struct {
		flags  []string
		exit   int
		reason protocol.Refusal
		says   string
	}{
		"no place":         {[]string{"--seal-text", "見本"}, 2, "", "--seal-at is missing"},
		"nothing to draw":  {append([]string{"--seal-ring"}, at...), 2, "", "--seal-text or --seal-picture is missing"},
		"text and picture": {append([]string{"--seal-text", "見本", "--seal-picture", in}, at...), 2, "", "exclude each other"},
		"three numbers":    {[]string{"--seal-text", "見本", "--seal-at", "1,10,10"}, 2, "", "PAGE,X,Y,SIZE"},
		"no whole numbers": {[]string{"--seal-text", "見本", "--seal-at", "1,10,10,4.5"}, 2, "", "PAGE,X,Y,SIZE"},
		"nine characters":  {append([]string{"--seal-text", "一二三四五六七八九"}, at...), 2, "", "1 to 8"},
		"a new line":       {append([]string{"--seal-text", "見\n本"}, at...), 2, "", "1 to 8"},
		"a combining mark": {append([]string{"--seal-text", "か\u3099"}, at...), 2, "", "1 to 8"},
		"no glyph":         {append([]string{"--seal-text", "𐘀"}, at...), 1, protocol.NoFont, ""},
		"no PNG":           {append([]string{"--seal-picture", in}, at...), 1, protocol.BadSeal, ""},
		"no such picture":  {append([]string{"--seal-picture", in + ".absent"}, at...), 1, "", "is not there"},
		"page 2 of 1":      {[]string{"--seal-text", "見本", "--seal-at", "2,10,10,40"}, 1, protocol.NoPage, ""},
		"page 0":           {[]string{"--seal-text", "見本", "--seal-at", "0,10,10,40"}, 1, protocol.NoPage, ""},
		"beside the page":  {[]string{"--seal-text", "見本", "--seal-at", "1,590,10,40"}, 1, protocol.BadSeal, ""},
		"too large":        {[]string{"--seal-text", "見本", "--seal-at", "1,0,0,601"}, 1, protocol.BadSeal, ""},
		"in XML":           {append([]string{"--format", "xml", "--seal-text", "見本"}, at...), 2, "", "--seal-at"},
	} {
		t.Run(name, func(t *testing.T) {
			s.refuses(t, c.exit, c.reason, c.says, append([]string{"--format", "pdf", "--in", in}, c.flags...)...)
		})
	}
	require.Zero(t, s.card.Tally(simcard.PINSign), "nothing of it reached the card")
}
