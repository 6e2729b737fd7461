package seal

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/font/gofont/goregular"
)

// inked returns the share of a rectangle that has ink.
func inked(picture image.Image, r image.Rectangle) float64 {
	n := 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if _, _, _, a := picture.At(x, y).RGBA(); a > 0x7FFF {
				n++
			}
		}
	}
	return float64(n) / float64(r.Dx()*r.Dy())
}

// TestDraw draws with a font of this system (Debian's fonts-noto-cjk in `make test`): every cell has its ink,
// in the one colour.
func TestDraw(t *testing.T) {
	for text, want := range map[string]struct {
		size    image.Point
		columns []int // characters, from the right
	}{
		"印":        {image.Pt(512, 512), []int{1}},
		"見本":       {image.Pt(256, 512), []int{2}},
		"佐々木":      {image.Pt(512, 512), []int{2, 1}},
		"見本太郎":     {image.Pt(512, 512), []int{2, 2}},
		"ニューマン":    {image.Pt(340, 510), []int{3, 2}},
		"小鳥遊美智子":   {image.Pt(340, 510), []int{3, 3}},
		"勅使河原太郎印":  {image.Pt(510, 510), []int{3, 2, 2}},
		"MIHONTAR": {image.Pt(510, 510), []int{3, 3, 2}},
		"𠮷田":       {image.Pt(256, 512), []int{2}},
	} {
		t.Run(text, func(t *testing.T) {
			picture, err := Draw(text)
			require.NoError(t, err)
			require.Equal(t, image.Rectangle{Max: want.size}, picture.Bounds())
			for y := range want.size.Y {
				for x := range want.size.X {
					c := picture.(*image.NRGBA).NRGBAAt(x, y)
					if c.A == 0 {
						require.Zero(t, c)
					} else {
						require.Equal(t, vermilion, color.NRGBA{c.R, c.G, c.B, 255})
					}
				}
			}
			side := want.size.X / len(want.columns)
			for i, rows := range want.columns {
				for row := range rows {
					cell := image.Rect(want.size.X-(i+1)*side, row*want.size.Y/rows, want.size.X-i*side, (row+1)*want.size.Y/rows)
					share := inked(picture, cell)
					require.True(t, share > 0.05 && share < 0.7, "column %d, row %d: %v", i, row, share)
				}
			}
		})
	}
}

// TestUpright holds that a long vowel runs down its column, and that a small kana stands at the right.
func TestUpright(t *testing.T) {
	picture, err := Draw("ー")
	require.NoError(t, err)
	require.Greater(t, inked(picture, image.Rect(206, 100, 306, 412)), 0.2)
	require.Zero(t, inked(picture, image.Rect(0, 0, 150, 512)))
	picture, err = Draw("ョ")
	require.NoError(t, err)
	require.Greater(t, inked(picture, image.Rect(256, 0, 512, 512)), inked(picture, image.Rect(0, 0, 256, 512)))
	require.Greater(t, inked(picture, image.Rect(256, 64, 512, 448)), 0.1)
}

func TestTextRefused(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":           "",
		"nine":              "一二三四五六七八九",
		"a space":           "見本 太郎",
		"a wide space":      "見本\u3000太郎",
		"a new line":        "見本\n",
		"a control":         "見\x00本",
		"an escape":         "\x1b[31m",
		"a combining mark":  "か\u3099",
		"a variation":       "辻\U000E0100",
		"a direction":       "\u202E本見",
		"no width":          "見\u200D本",
		"a private one":     "\uE000",
		"none of Unicode's": "\U000FFFFF",
		"broken UTF-8":      "\xE8\xA6",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Draw(text)
			require.ErrorIs(t, err, ErrText)
			require.False(t, strings.ContainsAny(err.Error(), "\x00\x1b\n\u202E"))
		})
	}
}

func TestMissingGlyph(t *testing.T) {
	for _, text := range []string{"見𐘀", "😀\U0001F9FF"} { // Linear A; pictures
		_, err := Draw(text)
		require.ErrorIs(t, err, ErrGlyph)
	}
}

// TestFind looks for the fonts of a folder: known names, in the order of their families.
func TestFind(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(slices.Repeat([]string{"d"}, maxDepth+2)...)
	for _, name := range []string{"truetype/msgothic.ttc", "noto/NotoSansCJK-Regular.ttc", "noto/NotoSerifCJK-Bold.ttc", "noto/NotoSerifCJK-Bold.ttc.bak",
		"Roman.ttf", "ipa/ipaexm.ttf", "ヒラキ\u3099ノ明朝 ProN.ttc", filepath.Join(deep, "NotoSerifCJK-Bold.otf")} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	var found []string
	for _, path := range find([]string{filepath.Join(dir, "absent"), dir}) {
		found = append(found, filepath.Base(path))
	}
	require.Equal(t, []string{"NotoSerifCJK-Bold.ttc", "ヒラキ\u3099ノ明朝 ProN.ttc", "ipaexm.ttf", "NotoSansCJK-Regular.ttc", "msgothic.ttc"}, found)
}

func TestFolders(t *testing.T) {
	set := func(variable string) string {
		return map[string]string{"HOME": "/home/mihon", "WINDIR": "/Windows", "LOCALAPPDATA": "/Users/mihon/Local", "XDG_DATA_HOME": "relative"}[variable]
	}
	require.Equal(t, []string{"/usr/share/fonts", "/usr/local/share/fonts", "/run/current-system/sw/share/X11/fonts",
		"/home/mihon/.local/share/fonts", "/home/mihon/.fonts"}, folders("linux", set))
	require.Equal(t, []string{"/Windows/Fonts", "/Users/mihon/Local/Microsoft/Windows/Fonts"}, folders("windows", set))
	require.Equal(t, []string{"/System/Library/Fonts", "/Library/Fonts", "/home/mihon/Library/Fonts"}, folders("darwin", set))
	require.Empty(t, folders("windows", func(string) string { return "" }))
}

// TestOtherFont holds that files that are no fonts, or broken ones, are passed over for the next, and that a
// character that one font lacks is taken from another.
func TestOtherFont(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, data, 0o600))
		return path
	}
	huge := write("huge", goregular.TTF)
	require.NoError(t, os.Truncate(huge, maxFont+1))
	broken := []string{dir, os.DevNull, huge, filepath.Join(dir, "absent"), write("empty", nil), write("text", []byte("no font")),
		write("short", goregular.TTF[:1000]), write("cut", goregular.TTF[:len(goregular.TTF)/2])}
	for _, path := range broken {
		_, err := draw("A", []string{path})
		require.ErrorIs(t, err, ErrNoFont, path)
	}
	_, err := draw("A", nil)
	require.ErrorIs(t, err, ErrNoFont)

	whole := write("whole", goregular.TTF)
	_, err = draw("A", append(broken, whole))
	require.NoError(t, err)
	_, err = draw("見", append(broken, whole))
	require.ErrorIs(t, err, ErrGlyph)
	require.ErrorContains(t, err, `'見'`)
	_, err = draw("見", append([]string{whole}, find(folders("linux", os.Getenv))...))
	require.NoError(t, err)
}

// TestBomb draws with a font whose characters are made of eight others each, seven times over: two million in
// all. It is given up when its ration is read.
func TestBomb(t *testing.T) {
	bomb := bytes.Clone(goregular.TTF)
	table := func(tag string) uint32 {
		at := bytes.Index(bomb[:512], []byte(tag))
		require.Positive(t, at)
		return binary.BigEndian.Uint32(bomb[at+8:])
	}
	glyf, loca := table("glyf"), table("loca")
	offset := func(i int) uint32 { return 2 * uint32(binary.BigEndian.Uint16(bomb[loca+2*uint32(i):])) }
	var large []int // glyphs whose place is long enough, 'A' the first
	for i := 36; len(large) < 7; i++ {
		if offset(i+1)-offset(i) >= 10+8*6 {
			large = append(large, i)
		}
	}
	for i, g := range large[:6] {
		compound := []byte{0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0}
		for component := range 8 {
			const moreComponents, argsAreXY = 1 << 5, 1 << 1
			flags := uint16(moreComponents | argsAreXY)
			if component == 7 {
				flags = argsAreXY
			}
			compound = binary.BigEndian.AppendUint16(compound, flags)
			compound = binary.BigEndian.AppendUint16(compound, uint16(large[i+1]))
			compound = append(compound, 0, 0)
		}
		copy(bomb[glyf+offset(g):], compound)
	}
	for r := 'A'; r <= 'z'; r++ {
		source := &rationed{file: bytes.NewReader(bomb), left: openingRation}
		_, err := outlinesIn(source.file, []rune{r})
		if err != nil {
			require.ErrorContains(t, err, "too much")
			return
		}
	}
	require.Fail(t, "no character was the bomb")
}

// FuzzFont holds that whatever a font file holds is passed over, or drawn within bounds.
func FuzzFont(f *testing.F) {
	f.Add(goregular.TTF)
	f.Add(goregular.TTF[:4096])
	for _, path := range find(folders("linux", os.Getenv))[:1] { // a collection in CFF, its beginning
		head, err := fs.ReadFile(os.DirFS(filepath.Dir(path)), filepath.Base(path))
		require.NoError(f, err)
		f.Add(head[:64<<10])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		glyphs, err := outlinesIn(bytes.NewReader(data), []rune("Aé"))
		if err != nil {
			require.Nil(t, glyphs)
			return
		}
		require.Len(t, glyphs, 2)
		require.Equal(t, image.Rect(0, 0, 256, 512), arrange(glyphs).Bounds())
	})
}
