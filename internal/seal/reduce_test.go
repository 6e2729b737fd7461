package seal

import (
	"image"
	"image/color"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReduce: a pixel is the mean of its square, and at the right and lower edge of what is left of one.
func TestReduce(t *testing.T) {
	red, blue := color.NRGBA{R: 255, A: 255}, color.NRGBA{B: 255, A: 255}
	for name, test := range map[string]struct {
		size    image.Point
		longest int
		want    image.Point
	}{
		"small enough": {image.Pt(4, 3), 4, image.Pt(4, 3)},
		"by half":      {image.Pt(8, 6), 4, image.Pt(4, 3)},
		"not evenly":   {image.Pt(9, 2), 4, image.Pt(3, 1)},
		"one pixel":    {image.Pt(9, 1), 1, image.Pt(1, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			p := image.NewNRGBA(image.Rectangle{Max: test.size}.Add(image.Pt(3, 5)))
			for y := range test.size.Y {
				for x := range test.size.X {
					p.Set(3+x, 5+y, red)
				}
			}
			got := Reduce(p, test.longest)
			require.Equal(t, image.Rectangle{Max: test.want}, got.Bounds())
			for y := range test.want.Y {
				for x := range test.want.X {
					require.Equal(t, red, got.At(x, y))
				}
			}
		})
	}

	p := image.NewNRGBA(image.Rect(0, 0, 5, 1))
	for x, c := range []color.NRGBA{red, blue, red, {}, blue} {
		p.Set(x, 0, c)
	}
	got := Reduce(p, 3)
	require.Equal(t, color.NRGBA{R: 127, B: 127, A: 255}, got.At(0, 0))
	require.Equal(t, color.NRGBA{R: 255, A: 127}, got.At(1, 0), "what is clear has no colour")
	require.Equal(t, blue, got.At(2, 0))
}
