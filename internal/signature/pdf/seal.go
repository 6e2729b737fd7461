package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"

	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// Limits of a seal.
const (
	// MaxPicture bounds a picture's width and height, in pixels.
	MaxPicture = 1024
	// MinSeal and MaxSeal bound a seal's width, in points of 1/72 inch.
	MinSeal, MaxSeal = 8, 600
	// maxCoordinate is far beyond the largest page (ISO 32000-1 annex C).
	maxCoordinate = 1e6
)

// A Seal is the visible mark of a signature on a page: a picture, a ring in vermilion, or the picture in
// the ring as on a 印影.
type Seal struct {
	// Page is the number of the page, from 1 up.
	Page int
	// X and Y are the distance of the seal's lower left corner from that of the page as it is displayed,
	// cropped and turned, in points of 1/72 inch; where the page has a /UserUnit, in that.
	X, Y float64
	// Size is the seal's width and height in points.
	Size float64
	// Ring asks for the ring.
	Ring bool
	// Picture is drawn as large as fits, upright and in the middle; what is transparent in it stays so.
	Picture image.Image
}

// DecodePNG reads a picture for a seal, of MaxPicture at most.
func DecodePNG(data []byte) (image.Image, error) {
	config, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrSeal, err)
	}
	if config.Width > MaxPicture || config.Height > MaxPicture {
		return nil, fmt.Errorf("%w: a picture of %d×%d pixels", ErrSeal, config.Width, config.Height)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrSeal, err)
	}
	return picture, nil
}

// A stamp is a seal ready to be written.
type stamp struct {
	rect    syntax.Array
	matrix  syntax.Array
	content []byte
	size    float64
	picture []byte // samples, deflated; nil for none
	mask    []byte // opacity, deflated; nil for none
	pixels  image.Point
}

// newStamp places a seal on a page.
func (d *document) newStamp(s *Seal, p page) (*stamp, error) {
	if !(s.Size >= MinSeal && s.Size <= MaxSeal) || !s.Ring && s.Picture == nil { // NaN is refused as well
		return nil, fmt.Errorf("%w: a seal of %v points", ErrSeal, s.Size)
	}
	box, err := d.box(p)
	if err != nil {
		return nil, err
	}
	turn, err := d.rotation(p)
	if err != nil {
		return nil, err
	}
	out := &stamp{size: s.Size}
	if out.rect, err = rectangle(box, turn, s); err != nil {
		return nil, err
	}
	sin, cos := []int{0, 1, 0, -1}[turn], []int{1, 0, -1, 0}[turn]
	out.matrix = syntax.Array{syntax.Integer(cos), syntax.Integer(sin), syntax.Integer(-sin), syntax.Integer(cos), syntax.Integer(0), syntax.Integer(0)}
	if s.Picture != nil {
		if err := out.take(s.Picture); err != nil {
			return nil, err
		}
	}
	out.content = s.draw(out.pixels)
	return out, nil
}

// box returns the visible part of a page: left, bottom, right, top (§14.11.2).
func (d *document) box(p page) ([4]float64, error) {
	o := p.get("CropBox")
	if o == nil {
		o = p.get("MediaBox")
	}
	array, err := d.Array(o)
	if err != nil {
		return [4]float64{}, err
	}
	var box [4]float64
	if len(array) != 4 {
		return box, fmt.Errorf("%w: a page has no size", ErrBroken)
	}
	for i, item := range array {
		if item, err = d.Resolve(item); err != nil {
			return box, err
		}
		n, ok := syntax.Number(item)
		if !ok || math.Abs(n) > maxCoordinate {
			return box, fmt.Errorf("%w: a page has no size", ErrBroken)
		}
		box[i] = n
	}
	return [4]float64{min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3])}, nil
}

// rotation returns how many quarters a page is turned clockwise when it is displayed.
func (d *document) rotation(p page) (int, error) {
	o, err := d.Resolve(p.get("Rotate"))
	if err != nil {
		return 0, err
	}
	n, ok := o.(syntax.Integer)
	if o != nil && !ok || n%90 != 0 {
		return 0, fmt.Errorf("%w: a page turned by %v", ErrBroken, o)
	}
	return int((n/90%4 + 4) % 4), nil
}

// rectangle returns the seal's rectangle in the space of the page, which is displayed turned.
func rectangle(box [4]float64, turn int, s *Seal) (syntax.Array, error) {
	width, height := box[2]-box[0], box[3]-box[1]
	x, y := s.X, s.Y
	switch turn {
	case 1:
		x, y = width-s.Y-s.Size, s.X
	case 2:
		x, y = width-s.X-s.Size, height-s.Y-s.Size
	case 3:
		x, y = s.Y, height-s.X-s.Size
	}
	if !(x >= 0 && y >= 0 && x+s.Size <= width && y+s.Size <= height) {
		return nil, fmt.Errorf("%w: it would lie outside the page", ErrSeal)
	}
	return syntax.Array{points(box[0] + x), points(box[1] + y), points(box[0] + x + s.Size), points(box[1] + y + s.Size)}, nil
}

// points writes a length or coordinate.
func points(f float64) syntax.Object { return syntax.Real(fmt.Sprintf("%.3f", f)) }

// take turns a picture into samples of RGB and, where anything is transparent, opacity.
func (st *stamp) take(picture image.Image) error {
	bounds := picture.Bounds()
	if bounds.Empty() || bounds.Dx() > MaxPicture || bounds.Dy() > MaxPicture {
		return fmt.Errorf("%w: a picture of %d×%d pixels", ErrSeal, bounds.Dx(), bounds.Dy())
	}
	st.pixels = bounds.Size()
	samples := make([]byte, 0, 3*bounds.Dx()*bounds.Dy())
	opacity := make([]byte, 0, bounds.Dx()*bounds.Dy())
	opaque := true
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := color.NRGBAModel.Convert(picture.At(x, y)).(color.NRGBA)
			samples = append(samples, c.R, c.G, c.B)
			opacity = append(opacity, c.A)
			opaque = opaque && c.A == 0xFF
		}
	}
	st.picture = deflate(samples)
	if !opaque {
		st.mask = deflate(opacity)
	}
	return nil
}

func deflate(data []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	_, _ = w.Write(data) // a bytes.Buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// draw returns the content of the seal's appearance: the picture, scaled to fit into the ring or the
// square, and the ring, of four Bézier curves (ISO 32000-1 §8.5.2).
func (s *Seal) draw(pixels image.Point) []byte {
	var out bytes.Buffer
	if s.Picture != nil {
		longer := float64(max(pixels.X, pixels.Y))
		scale := s.Size / longer
		if s.Ring { // the diagonal within seven eighths of the ring
			scale = s.Size * 7 / 8 / math.Hypot(float64(pixels.X), float64(pixels.Y))
		}
		w, h := float64(pixels.X)*scale, float64(pixels.Y)*scale
		fmt.Fprintf(&out, "q %.3f 0 0 %.3f %.3f %.3f cm /Picture Do Q\n", w, h, (s.Size-w)/2, (s.Size-h)/2)
	}
	if s.Ring {
		const kappa = 0.5523 // of a quarter of a circle
		line := s.Size / 24
		c, r := s.Size/2, s.Size/2-line/2
		k := r * kappa
		fmt.Fprintf(&out, "q %.3f w 0.776 0.157 0.157 RG %.3f %.3f m\n", line, c+r, c)
		for _, p := range [4][6]float64{
			{c + r, c + k, c + k, c + r, c, c + r},
			{c - k, c + r, c - r, c + k, c - r, c},
			{c - r, c - k, c - k, c - r, c, c - r},
			{c + k, c - r, c + r, c - k, c + r, c},
		} {
			fmt.Fprintf(&out, "%.3f %.3f %.3f %.3f %.3f %.3f c\n", p[0], p[1], p[2], p[3], p[4], p[5])
		}
		out.WriteString("s Q\n")
	}
	return out.Bytes()
}

// write puts the seal's appearance into an update and returns its reference.
func (st *stamp) write(u *update) syntax.Ref {
	resources := syntax.Dict{}
	if st.picture != nil {
		picture := st.image(st.picture, "DeviceRGB")
		if st.mask != nil {
			mask := u.number()
			u.stream(mask, st.image(st.mask, "DeviceGray"), st.mask)
			picture["SMask"] = mask
		}
		ref := u.number()
		u.stream(ref, picture, st.picture)
		resources["XObject"] = syntax.Dict{"Picture": ref}
	}
	form := u.number()
	u.stream(form, syntax.Dict{
		"Type": syntax.Name("XObject"), "Subtype": syntax.Name("Form"),
		"BBox":   syntax.Array{syntax.Integer(0), syntax.Integer(0), points(st.size), points(st.size)},
		"Matrix": st.matrix, "Resources": resources,
	}, st.content)
	return form
}

func (st *stamp) image(data []byte, space syntax.Name) syntax.Dict {
	return syntax.Dict{
		"Type": syntax.Name("XObject"), "Subtype": syntax.Name("Image"), "Filter": syntax.Name("FlateDecode"),
		"Width": syntax.Integer(st.pixels.X), "Height": syntax.Integer(st.pixels.Y),
		"ColorSpace": space, "BitsPerComponent": syntax.Integer(8), "Length": syntax.Integer(len(data)),
	}
}
