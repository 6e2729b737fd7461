package command

import (
	"bytes"
	"errors"
	"image"
	"image/png"

	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/seal"
	"github.com/natsuin/natsuin/internal/signature/pdf"
)

// A Seal is the visible mark of a signature on a page of a PDF: a picture or a text, in a ring or not. One that
// several documents get is drawn once.
type Seal struct {
	// Page is the page's number, from 1 up.
	Page int
	// X and Y are where the lower left corner is, and Size is width and height: points of 1/72 inch, on the page as
	// it is displayed.
	X, Y, Size int
	Ring       bool
	// Picture is a PNG of pdf.MaxPicture pixels at most each way.
	Picture []byte
	// Text, of 1 to 8 characters, is drawn where there is no picture.
	Text string

	drawn image.Image
}

// sealOf takes what a page asks for; nil for no seal.
func sealOf(s *protocol.Seal) *Seal {
	if s == nil {
		return nil
	}
	return &Seal{Page: s.Page, X: s.X, Y: s.Y, Size: s.Size, Ring: s.Ring, Picture: s.Picture, Text: s.Text}
}

// sealRefusals are why a seal's text is not drawn.
var sealRefusals = []refusal{{seal.ErrNoFont, protocol.NoFont}, {seal.ErrGlyph, protocol.NoFont}}

// forPDF returns the seal as package pdf takes it. It is a DocumentRefused where it cannot be drawn, and Invalid in
// seal.text for what is no text of a seal.
func (s *Seal) forPDF() (*pdf.Seal, error) {
	if s.drawn == nil {
		if err := s.draw(); err != nil {
			return nil, err
		}
	}
	return &pdf.Seal{Page: s.Page, X: float64(s.X), Y: float64(s.Y), Size: float64(s.Size), Ring: s.Ring, Picture: s.drawn}, nil
}

func (s *Seal) draw() (err error) {
	if s.Picture != nil {
		s.drawn, err = pdf.DecodePNG(s.Picture)
		return refused("seal", err, pdfRefusals)
	}
	s.drawn, err = seal.Draw(s.Text)
	if errors.Is(err, seal.ErrText) {
		return protocol.Invalid("seal.text", "%w", err)
	}
	return refused("seal", err, sealRefusals)
}

// maxPreview is the longer side of a preview, in pixels: as PNG it is smaller than a frame, whatever it shows.
const maxPreview = 256

// Preview returns a PNG of what stands inside the seal of a document: made from the very picture that is drawn, and
// not the one that was given, which may hold what other programs show and this one does not.
func (s *Seal) Preview() ([]byte, error) {
	var out bytes.Buffer
	if err := png.Encode(&out, seal.Reduce(s.drawn, maxPreview)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
