package pdf_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
)

// arrow is a picture that is blue above and green below, transparent at the left.
func arrow() image.Image {
	picture := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	for y := range 40 {
		for x := 20; x < 40; x++ {
			c := color.NRGBA{B: 255, A: 255}
			if y >= 20 {
				c = color.NRGBA{G: 255, A: 255}
			}
			picture.SetNRGBA(x, y, c)
		}
	}
	return picture
}

// render has poppler draw a page, one pixel for each point.
func render(t *testing.T, file []byte, page int) image.Image {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "f.pdf")
	require.NoError(t, os.WriteFile(path, file, 0o600))
	printed, err := pdftest.Run(t, "pdftoppm", "-r", "72", "-cropbox", "-png", "-singlefile", "-f", fmt.Sprint(page), path, filepath.Join(dir, "out"))
	require.NoError(t, err, printed)
	drawn, err := os.ReadFile(filepath.Join(dir, "out.png"))
	require.NoError(t, err)
	picture, err := png.Decode(bytes.NewReader(drawn))
	require.NoError(t, err)
	return picture
}

// near says which of white, red, blue and green a pixel is, "" for none.
func near(c color.Color) string {
	r, g, b, _ := c.RGBA()
	for name, want := range map[string][3]int{"white": {255, 255, 255}, "red": {198, 40, 40}, "blue": {0, 0, 255}, "green": {0, 255, 0}} {
		distance := 0.0
		for i, have := range []uint32{r, g, b} {
			distance += math.Abs(float64(have>>8) - float64(want[i]))
		}
		if distance < 60 {
			return name
		}
	}
	return ""
}

// TestSeal has poppler draw seals on pages that are turned and cropped: always upright, always at the
// distance from the lower left corner that was asked for.
func TestSeal(t *testing.T) {
	for turn := 0; turn < 360; turn += 90 {
		t.Run(fmt.Sprint(turn), func(t *testing.T) {
			file := pdftest.File(pdftest.Document(2).With(pdftest.Objects{
				5: fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[-20 -30 400 500]/CropBox[0 10 300 410]/Rotate %d/Contents 6 0 R>>", turn-360),
				6: pdftest.Stream("", ""),
			}), "")
			signed := sign(t, file, pdf.Options{Profile: pdf.MOJ, Seal: &pdf.Seal{Page: 2, X: 100, Y: 50, Size: 48, Ring: true, Picture: arrow()}})
			report := judge(t, signed, 1)
			require.Len(t, report.Signatures[0].Marks, 1)
			mark := report.Signatures[0].Marks[0]
			require.Equal(t, 2, mark.Page)
			require.InDelta(t, 48, mark.Rect[2]-mark.Rect[0], 0.01)

			drawn := render(t, signed, 2)
			height := drawn.Bounds().Dy()
			require.Equal(t, map[bool]int{true: 400, false: 300}[turn%180 == 0], height)
			at := func(x, y int) string { return near(drawn.At(x, height-1-y)) }
			require.Equal(t, "red", at(101, 74), "the ring's left")
			require.Equal(t, "red", at(146, 74), "the ring's right")
			require.Equal(t, "red", at(124, 51), "the ring's bottom")
			require.Equal(t, "white", at(101, 51), "outside the ring")
			require.Equal(t, "white", at(116, 80), "what is transparent")
			require.Equal(t, "blue", at(132, 80), "the picture's top")
			require.Equal(t, "green", at(132, 66), "the picture's bottom")
		})
	}
}

// TestSealAlone draws a picture without a ring, opaque and not square, and a ring without a picture.
func TestSealAlone(t *testing.T) {
	wide := image.NewGray(image.Rect(3, 3, 43, 23))
	file := pdftest.File(pdftest.Document(1).With(pdftest.Objects{4: pdftest.Stream("", "")}), "")
	drawn := render(t, sign(t, file, pdf.Options{Profile: pdf.PAdES, Seal: &pdf.Seal{Page: 1, X: 10, Y: 10, Size: 40, Picture: wide}}), 1)
	r, g, b, _ := drawn.At(30, 842-30).RGBA()
	require.Zero(t, r+g+b)
	require.Equal(t, "white", near(drawn.At(30, 842-15)), "a picture keeps its shape")

	drawn = render(t, sign(t, file, pdf.Options{Profile: pdf.PAdES, Seal: &pdf.Seal{Page: 1, X: 10, Y: 10, Size: 48, Ring: true}}), 1)
	require.Equal(t, "red", near(drawn.At(11, 842-34)))
	require.Equal(t, "white", near(drawn.At(34, 842-34)))
}

func TestSealRefused(t *testing.T) {
	file := pdftest.File(pdftest.Document(1), "")
	certified := signed(t, certifying(2))
	for name, test := range map[string]struct {
		file []byte
		seal pdf.Seal
		want error
	}{
		"no page 0":            {file, pdf.Seal{Page: 0, Size: 40, Ring: true}, pdf.ErrPage},
		"no page 2":            {file, pdf.Seal{Page: 2, Size: 40, Ring: true}, pdf.ErrPage},
		"nothing to draw":      {file, pdf.Seal{Page: 1, Size: 40}, pdf.ErrSeal},
		"too small":            {file, pdf.Seal{Page: 1, Size: 1, Ring: true}, pdf.ErrSeal},
		"too large":            {file, pdf.Seal{Page: 1, Size: 900, Ring: true}, pdf.ErrSeal},
		"no size":              {file, pdf.Seal{Page: 1, Size: math.NaN(), Ring: true}, pdf.ErrSeal},
		"beside the page":      {file, pdf.Seal{Page: 1, X: 590, Size: 40, Ring: true}, pdf.ErrSeal},
		"below the page":       {file, pdf.Seal{Page: 1, Y: -1, Size: 40, Ring: true}, pdf.ErrSeal},
		"nowhere":              {file, pdf.Seal{Page: 1, X: math.Inf(1), Size: 40, Ring: true}, pdf.ErrSeal},
		"an empty picture":     {file, pdf.Seal{Page: 1, Size: 40, Picture: image.NewGray(image.Rectangle{})}, pdf.ErrSeal},
		"a huge picture":       {file, pdf.Seal{Page: 1, Size: 40, Picture: image.NewUniform(color.Black)}, pdf.ErrSeal},
		"the document forbids": {certified, pdf.Seal{Page: 1, Size: 40, Ring: true}, pdf.ErrCertified},
		"a page of no size": {pdftest.File(pdftest.Document(1).With(pdftest.Objects{3: "<</Type/Page/Parent 2 0 R>>"}), ""),
			pdf.Seal{Page: 1, Size: 40, Ring: true}, pdf.ErrBroken},
		"a page beyond measure": {pdftest.File(pdftest.Document(1).With(pdftest.Objects{3: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 1" + strings.Repeat("0", 60) + ". 99]>>"}), ""),
			pdf.Seal{Page: 1, Size: 40, Ring: true}, pdf.ErrBroken},
		"a page turned a little": {pdftest.File(pdftest.Document(1).With(pdftest.Objects{3: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Rotate 45>>"}), ""),
			pdf.Seal{Page: 1, Size: 40, Ring: true}, pdf.ErrBroken},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := prepare(test.file, pdf.Options{Profile: pdf.MOJ, Seal: &test.seal})
			require.ErrorIs(t, err, test.want)
		})
	}
}

func TestDecodePNG(t *testing.T) {
	encode := func(picture image.Image) []byte {
		var out bytes.Buffer
		require.NoError(t, png.Encode(&out, picture))
		return out.Bytes()
	}
	picture, err := pdf.DecodePNG(encode(arrow()))
	require.NoError(t, err)
	require.Equal(t, arrow(), picture)
	for name, data := range map[string][]byte{
		"nothing":  nil,
		"cut":      encode(arrow())[:60],
		"too wide": encode(image.NewGray(image.Rect(0, 0, pdf.MaxPicture+1, 1))),
	} {
		_, err := pdf.DecodePNG(data)
		require.ErrorIs(t, err, pdf.ErrSeal, name)
	}
}
