package seal

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"os"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

const (
	// maxFont is more than any font file has; collections of CJK fonts have 30 MB.
	maxFont = 256 << 20
	// openingRation and glyphRation are how many bytes may be read to open a font, and for one character.
	// A large CJK font takes 1 MB and 10 kB.
	openingRation = 16 << 20
	glyphRation   = 512 << 10
	// readCost is what a read costs at least: subroutines that call each other without end read little.
	readCost = 64
	// maxSegments is more than the outline of any character has.
	maxSegments = 10_000
	// em is the resolution at which outlines are taken.
	em = 1024
	// ascent is how much of the em square of a CJK font stands above the baseline.
	ascent = 0.88
)

// A glyph is the outline of a character, in 1/1024 of an em from its origin on the baseline, downward.
type glyph struct {
	segments sfnt.Segments
	advance  float64 // in em
	placing  placing
}

// outlines returns the outlines of all the characters from one font file, or ErrGlyph.
func outlines(path string, characters []rune) ([]glyph, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFont {
		return nil, errors.New("not a font file")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return outlinesIn(io.NewSectionReader(file, 0, info.Size()), characters)
}

// outlinesIn takes the first font of a collection that has all the characters; a single font is a collection
// of one. ErrGlyph tells that the last has not.
func outlinesIn(file io.ReaderAt, characters []rune) (glyphs []glyph, err error) {
	defer func() {
		if p := recover(); p != nil { // package sfnt calls these ordinary bugs; another font may do
			glyphs, err = nil, fmt.Errorf("%v", p)
		}
	}()
	source := &rationed{file: file, left: openingRation}
	collection, err := sfnt.ParseCollectionReaderAt(source)
	if err != nil {
		return nil, err
	}
	for i := range collection.NumFonts() {
		source.left = openingRation
		var f *sfnt.Font
		if f, err = collection.Font(i); err != nil {
			continue
		}
		if glyphs, err = source.load(f, characters); err == nil {
			return glyphs, nil
		}
	}
	return nil, err
}

// load takes the characters' outlines from one font.
func (source *rationed) load(f *sfnt.Font, characters []rune) ([]glyph, error) {
	glyphs := make([]glyph, 0, len(characters))
	for _, r := range characters {
		source.left = glyphRation
		var b sfnt.Buffer // of its own: segments stay in it
		index, err := f.GlyphIndex(&b, r)
		if err != nil {
			return nil, err
		}
		if index == 0 {
			return nil, fmt.Errorf("%w %q", ErrGlyph, r)
		}
		advance, err := f.GlyphAdvance(&b, index, fixed.I(em), font.HintingNone)
		if err != nil {
			return nil, err
		}
		segments, err := f.LoadGlyph(&b, index, fixed.I(em), nil)
		if errors.Is(err, sfnt.ErrColoredGlyph) {
			return nil, fmt.Errorf("%w %q in outlines", ErrGlyph, r)
		}
		if err != nil {
			return nil, err
		}
		if len(segments) == 0 || len(segments) > maxSegments {
			return nil, fmt.Errorf("%w %q in outlines that can be drawn", ErrGlyph, r)
		}
		glyphs = append(glyphs, glyph{segments, float64(advance) / (64 * em), placingOf(r)})
	}
	return glyphs, nil
}

// A rationed file fails when more was read of it than was granted.
type rationed struct {
	file io.ReaderAt
	left int
}

func (source *rationed) ReadAt(p []byte, offset int64) (int, error) {
	if source.left -= max(len(p), readCost); source.left < 0 {
		return 0, errors.New("the font makes too much reading")
	}
	return source.file.ReadAt(p, offset)
}

// A placing is how a character stands in a column where that differs from a line.
type placing int

const (
	asInLine placing = iota
	turned           // a quarter, clockwise
	raised           // a small kana stands above and at the right of its place
)

// placingOf stands in for the forms that fonts have for columns (OpenType's "vert"), which package sfnt does
// not reach.
func placingOf(r rune) placing {
	switch {
	case strings.ContainsRune("ー―－‐–—〜～…‥＝（）「」『』［］〔〕【】", r):
		return turned
	case strings.ContainsRune("ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ", r):
		return raised
	}
	return asInLine
}

// small is how far a raised character moves, in em: those of the usual fonts are as much off the middle.
const small = 0.12

// A canvas takes outlines and becomes a picture.
type canvas struct {
	raster *vector.Rasterizer
	size   image.Point
}

func newCanvas(size image.Point) canvas {
	return canvas{vector.NewRasterizer(size.X, size.Y), size}
}

// add draws a character so that its em square fills the cell.
func (c canvas) add(g glyph, cell image.Rectangle) {
	width := max(g.advance, 1) // a narrow one stands in the middle
	place := func(p fixed.Point26_6) (x, y float32) {
		across := (float64(p.X)/(64*em) + (width-g.advance)/2) / width
		down := float64(p.Y)/(64*em) + ascent
		switch g.placing {
		case turned:
			across, down = 1-down, across
		case raised:
			across, down = across+small, down-small
		}
		return float32(float64(cell.Min.X) + across*float64(cell.Dx())), float32(float64(cell.Min.Y) + down*float64(cell.Dy()))
	}
	for _, s := range g.segments {
		x0, y0 := place(s.Args[0])
		x1, y1 := place(s.Args[1])
		x2, y2 := place(s.Args[2])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			c.raster.ClosePath()
			c.raster.MoveTo(x0, y0)
		case sfnt.SegmentOpLineTo:
			c.raster.LineTo(x0, y0)
		case sfnt.SegmentOpQuadTo:
			c.raster.QuadTo(x0, y0, x1, y1)
		case sfnt.SegmentOpCubeTo:
			c.raster.CubeTo(x0, y0, x1, y1, x2, y2)
		}
	}
	c.raster.ClosePath()
}

// picture returns what was drawn, in vermilion.
func (c canvas) picture() image.Image {
	ink := image.NewAlpha(image.Rectangle{Max: c.size})
	c.raster.Draw(ink, ink.Bounds(), image.Opaque, image.Point{})
	out := image.NewNRGBA(ink.Bounds())
	for i, a := range ink.Pix {
		if a > 0 {
			out.SetNRGBA(i%ink.Stride, i/ink.Stride, color.NRGBA{vermilion.R, vermilion.G, vermilion.B, a})
		}
	}
	return out
}
