package seal

import (
	"image"
	"image/color"
)

// Reduce returns a picture made smaller so that neither side has more than longest pixels, each of them the mean of a
// square of the original's. One that is small enough comes out as it is, pixel by pixel.
func Reduce(picture image.Image, longest int) image.Image {
	from := picture.Bounds()
	side := max(1, (max(from.Dx(), from.Dy())+longest-1)/longest)
	out := image.NewNRGBA(image.Rect(0, 0, (from.Dx()+side-1)/side, (from.Dy()+side-1)/side))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			square := image.Rect(0, 0, side, side).Add(from.Min).Add(image.Pt(x*side, y*side)).Intersect(from)
			out.Set(x, y, mean(picture, square))
		}
	}
	return out
}

// mean returns the mean colour of a part of a picture. RGBA gives each colour weighted with its opacity, so that what is
// transparent adds no colour.
func mean(picture image.Image, part image.Rectangle) color.Color {
	var sum [4]uint64
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			r, g, b, a := picture.At(x, y).RGBA()
			sum[0], sum[1], sum[2], sum[3] = sum[0]+uint64(r), sum[1]+uint64(g), sum[2]+uint64(b), sum[3]+uint64(a)
		}
	}
	n := uint64(part.Dx() * part.Dy())
	return color.RGBA64{uint16(sum[0] / n), uint16(sum[1] / n), uint16(sum[2] / n), uint16(sum[3] / n)}
}
