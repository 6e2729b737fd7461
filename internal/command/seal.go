package command

import (
	"image"

	"github.com/natsuin/natsuin/internal/signature/pdf"
)

// A Seal is the visible mark of a signature on a page of a PDF: a picture or a text, in a ring or not.
type Seal struct {
	// Page is the page's number, from 1 up.
	Page int
	// X and Y are where the lower left corner is, and Size is width and height: points of 1/72 inch, on the page as
	// it is displayed.
	X, Y, Size int
	Ring       bool
	// Picture is a PNG of pdf.MaxPicture pixels at most each way.
	Picture []byte
	// Text, of 1 to 8 characters, is drawn instead of a picture.
	Text string
}

// forPDF reads the picture.
func (s *Seal) forPDF() (*pdf.Seal, error) {
	seal := &pdf.Seal{Page: s.Page, X: float64(s.X), Y: float64(s.Y), Size: float64(s.Size), Ring: s.Ring}
	var err error
	if s.Picture != nil {
		seal.Picture, err = s.decode()
	}
	return seal, err
}

func (s *Seal) decode() (image.Image, error) {
	picture, err := pdf.DecodePNG(s.Picture)
	if err != nil {
		return nil, refused("seal", err, pdfRefusals)
	}
	return picture, nil
}
