// Package seal draws the text of a visible seal, as on a 印影: a few characters in vermilion, in columns from
// top to bottom and from right to left. The ring around them is drawn where the page is, by package pdf.
//
// No font is shipped: Draw takes one that the system has. golang.org/x/image/font/sfnt reads it, which is not
// made for hostile files; what a font can cost is therefore bounded here, and one that it cannot read is passed
// over.
package seal

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"os"
	"runtime"
	"unicode"
	"unicode/utf8"
)

const (
	// MaxText is the most characters of a seal's text.
	MaxText = 8
	// pixels is the longer side of what is drawn.
	pixels = 512
)

// Why a text is not drawn.
var (
	ErrText   = errors.New("the text of a seal is 1 to 8 letters, digits or signs, without spaces and combining characters")
	ErrNoFont = errors.New("no Japanese font that can be read is installed on this system")
	ErrGlyph  = errors.New("no font of this system has the character")
)

// vermilion is the colour of 朱肉, and of the ring that package pdf draws.
var vermilion = color.NRGBA{R: 198, G: 40, B: 40, A: 255}

// Draw returns the text on a transparent ground, its longer side 512 pixels. One or two characters stand in
// one column, up to six in two, the rest in three; in a shorter column the characters are stretched to its
// height, as a seal's are. Errors wrap ErrText, ErrNoFont or ErrGlyph.
func Draw(text string) (image.Image, error) {
	return draw(text, find(folders(runtime.GOOS, os.Getenv)))
}

// draw takes the first of the fonts that has every character.
func draw(text string, paths []string) (image.Image, error) {
	characters, err := readable(text)
	if err != nil {
		return nil, err
	}
	failure := ErrNoFont
	for _, path := range paths {
		glyphs, err := outlines(path, characters)
		if err == nil {
			return arrange(glyphs), nil
		}
		if errors.Is(err, ErrGlyph) {
			failure = err
		}
	}
	return nil, failure
}

// readable takes the characters that stand for themselves: a mark would have to be put onto the character
// before, and nobody sees a space, a control character or one of private use.
func readable(text string) ([]rune, error) {
	if !utf8.ValidString(text) {
		return nil, fmt.Errorf("%w: it is not UTF-8", ErrText)
	}
	characters := []rune(text)
	if len(characters) == 0 || len(characters) > MaxText {
		return nil, fmt.Errorf("%w: it has %d", ErrText, len(characters))
	}
	for _, r := range characters {
		if !unicode.IsGraphic(r) || unicode.IsMark(r) || unicode.IsSpace(r) {
			return nil, fmt.Errorf("%w: %U", ErrText, r)
		}
	}
	return characters, nil
}

// columnsFor is how many columns a text of so many characters takes.
var columnsFor = [MaxText + 1]int{0, 1, 1, 2, 2, 2, 2, 3, 3}

// arrange draws the characters in columns of equal width, each of which they fill.
func arrange(glyphs []glyph) image.Image {
	columns := columnsFor[len(glyphs)]
	longest := (len(glyphs) + columns - 1) / columns
	side := pixels / max(longest, columns)
	size := image.Pt(columns*side, longest*side)
	c := newCanvas(size)
	for column, right := 0, size.X; column < columns; column, right = column+1, right-side {
		rows := (len(glyphs) + columns - column - 1) / (columns - column)
		for row, g := range glyphs[:rows] {
			c.add(g, image.Rect(right-side, row*size.Y/rows, right, (row+1)*size.Y/rows))
		}
		glyphs = glyphs[rows:]
	}
	return c.picture()
}
