package command_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
)

// picture is a PNG of that many pixels, of which no two are alike to the eye of a compressor.
func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	p := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range p.Pix {
		p.Pix[i] = byte(random.Uint32())
	}
	return encoded(t, p)
}

func encoded(t *testing.T, p image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, png.Encode(&out, p))
	return out.Bytes()
}

// sealed prepares a page with a seal.
func sealed(t *testing.T, s *command.Seal) (command.Document, error) {
	t.Helper()
	file := pdftest.File(pdftest.Document(1), "")
	return command.PDFDocument("a.pdf", bytes.NewReader(file), int64(len(file)), command.PDFOptions{Seal: s})
}

// The window is shown what the page gets, and not the bytes that a site gave: small enough for a frame, whatever it is.
func TestPreviewOfASeal(t *testing.T) {
	for name, s := range map[string]*command.Seal{
		"the largest picture": {Page: 1, Size: 60, Picture: picture(t, 1024, 1024)},
		"a wide one":          {Page: 1, Size: 60, Picture: picture(t, 1023, 3)},
		"a small one":         {Page: 1, Size: 60, Picture: picture(t, 3, 2)},
		"a text":              {Page: 1, Size: 60, Ring: true, Text: "見本"},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := sealed(t, s)
			require.NoError(t, err)
			preview, err := d.Seal.Preview()
			require.NoError(t, err)
			require.LessOrEqual(t, len(preview), protocol.MaxPicture)
			shown, err := png.DecodeConfig(bytes.NewReader(preview))
			require.NoError(t, err)
			require.LessOrEqual(t, max(shown.Width, shown.Height), 256)
		})
	}

	// Half of it red, half of it clear.
	p := image.NewNRGBA(image.Rect(0, 0, 512, 512))
	for y := range 512 {
		for x := range 256 {
			p.Set(x, y, color.NRGBA{R: 255, A: 255})
		}
	}
	d, err := sealed(t, &command.Seal{Page: 1, Size: 60, Picture: encoded(t, p)})
	require.NoError(t, err)
	preview, err := d.Seal.Preview()
	require.NoError(t, err)
	shown, err := png.Decode(bytes.NewReader(preview))
	require.NoError(t, err)
	require.Equal(t, image.Rect(0, 0, 256, 256), shown.Bounds())
	require.Equal(t, color.NRGBA{R: 255, A: 255}, color.NRGBAModel.Convert(shown.At(127, 200)))
	require.Equal(t, color.NRGBA{}, color.NRGBAModel.Convert(shown.At(128, 200)))
}

func TestTextThatIsNoSeal(t *testing.T) {
	for _, text := range []string{"", "一二三四五六七八九", "見 本", "e\u0301"} {
		_, err := sealed(t, &command.Seal{Page: 1, Size: 60, Text: text})
		require.Equal(t, "seal.text", requireCode(t, protocol.InvalidRequest, err).Field)
	}
}
