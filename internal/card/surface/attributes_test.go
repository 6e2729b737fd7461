package surface

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var taro = Attributes{Name: "見本　太郎", Address: "東京都千代田区見本一丁目２番３号", BirthDate: "19800505", Sex: Male}

// A piece is an element of two-byte tag, its length in the shortest form that has at least form bytes.
type piece struct {
	tag   uint16
	form  int // 0, 1 or 2 bytes behind the first of the length
	value string
}

func (p piece) bytes() []byte {
	b := binary.BigEndian.AppendUint16(nil, p.tag)
	switch n := len(p.value); {
	case p.form == 0 && n < 0x80:
		b = append(b, byte(n))
	case p.form < 2 && n < 0x100:
		b = append(b, 0x81, byte(n))
	default:
		b = append(b, 0x82, byte(n>>8), byte(n))
	}
	return append(b, p.value...)
}

// encode builds the file of the attributes from pieces, with the right offsets. outer is the form of the
// outer length.
func encode(outer int, pieces ...piece) []byte {
	body := bytes.Buffer{}
	var starts []int
	for _, p := range pieces {
		starts = append(starts, body.Len())
		body.Write(p.bytes())
	}
	table := 2 + 1 + 2*len(pieces)
	whole := piece{tagAttributes, outer, strings.Repeat(" ", table) + body.String()}
	header := len(whole.bytes()) - len(whole.value)
	var offsets []byte
	for _, start := range starts {
		offsets = binary.BigEndian.AppendUint16(offsets, uint16(header+table+start))
	}
	whole.value = string(piece{tagOffsets, 0, string(offsets)}.bytes()) + body.String()
	return whole.bytes()
}

// pieces are a person's attributes, with lengths in their shortest form.
func pieces(a Attributes) []piece {
	return []piece{{0xDF22, 0, a.Name}, {0xDF23, 0, a.Address}, {0xDF24, 0, string(a.BirthDate)}, {0xDF25, 0, string(a.Sex)}}
}

// The sample offsets of jpki-card.md §4.1, with texts of those lengths.
func TestSampleOffsets(t *testing.T) {
	a := Attributes{Name: "見本　太郎", Address: strings.Repeat("見", 18), BirthDate: "19900131", Sex: Female}
	file := encode(0, pieces(a)...)
	require.Equal(t, []byte{0xFF, 0x20, 0x65, 0xDF, 0x21, 0x08, 0x00, 0x0E, 0x00, 0x20, 0x00, 0x59, 0x00, 0x64}, file[:14])
	parsed, err := parse(file)
	require.NoError(t, err)
	require.Equal(t, a, parsed)
}

func TestParse(t *testing.T) {
	with := func(change func(*Attributes)) Attributes {
		a := taro
		change(&a)
		return a
	}
	for name, a := range map[string]Attributes{
		"specimen":        taro,
		"long address":    with(func(a *Attributes) { a.Address = strings.Repeat("見", 70) }),
		"longer address":  with(func(a *Attributes) { a.Address = strings.Repeat("見", 400) }),
		"no address":      with(func(a *Attributes) { a.Address = "" }),
		"unknown day":     with(func(a *Attributes) { a.BirthDate = "19400200" }),
		"unknown month":   with(func(a *Attributes) { a.BirthDate = "19400029" }),
		"only a year":     with(func(a *Attributes) { a.BirthDate = "19400000" }),
		"only a day":      with(func(a *Attributes) { a.BirthDate = "00000031" }),
		"no year":         with(func(a *Attributes) { a.BirthDate = "00000229" }),
		"nothing":         with(func(a *Attributes) { a.BirthDate = "00000000" }),
		"leap day":        with(func(a *Attributes) { a.BirthDate = "20000229" }),
		"sex unknown":     with(func(a *Attributes) { a.Sex = UnknownSex }),
		"not applicable":  with(func(a *Attributes) { a.Sex = NotApplicable }),
		"sex of no table": with(func(a *Attributes) { a.Sex = "3" }),
		"sex of letters":  with(func(a *Attributes) { a.Sex = "X" }),
	} {
		t.Run(name, func(t *testing.T) {
			parsed, err := parse(encode(0, pieces(a)...))
			require.NoError(t, err)
			require.Equal(t, a, parsed)
		})
	}
	for outer := range 3 {
		for form := range 3 {
			long := pieces(taro)
			for i := range long {
				long[i].form = form
			}
			parsed, err := parse(encode(outer, long...))
			require.NoError(t, err)
			require.Equal(t, taro, parsed)
		}
	}
	require.Equal(t, "1940-00-00", BirthDate("19400000").Date())
}

func TestParseRefuses(t *testing.T) {
	sound := encode(0, pieces(taro)...)
	at := func(tag uint16) int { return bytes.Index(sound, binary.BigEndian.AppendUint16(nil, tag)) }
	set := func(i int, bs ...byte) []byte {
		b := bytes.Clone(sound)
		copy(b[i:], bs)
		return b
	}
	replaced := func(i int, p piece) []byte {
		ps := pieces(taro)
		ps[i] = p
		return encode(0, ps...)
	}
	for name, test := range map[string]struct {
		file []byte
		want string
	}{
		"nothing":                  {nil, "cut short"},
		"FF":                       {bytes.Repeat([]byte{0xFF}, 20), "a tag that has not two bytes"},
		"00":                       {make([]byte, 20), "a tag that has not two bytes"},
		"another file":             {set(1, 0x10), "tag FF10 in the place of FF20"},
		"a certificate":            {[]byte{0x30, 0x82, 0x01, 0x00}, "a tag that has not two bytes"},
		"a tag of three bytes":     {set(1, 0xA0), "a tag that has not two bytes"},
		"a length of three bytes":  {set(2, 0x83), "in the form 83"},
		"no definite length":       {set(2, 0x80), "in the form 80"},
		"a length cut short":       {[]byte{0xFF, 0x20, 0x82, 0x01}, "cut short"},
		"an outer length too long": {set(2, sound[2]+1), "a length of 96 with 95 bytes there"},
		"an outer length too short": {
			append(set(2, sound[2]-1), 0xFF), "2 bytes behind it"},
		"something behind":        {append(bytes.Clone(sound), 0xFF), "1 bytes behind it"},
		"no offsets":              {set(4, 0x22), "the offsets: tag DF22 in the place of DF21"},
		"a table too short":       {encode(0, pieces(taro)[:3]...), "the offsets: 6 bytes"},
		"a table too long":        {encode(0, append(pieces(taro), piece{0xDF26, 0, "x"})...), "the offsets: 10 bytes"},
		"name's offset":           {set(7, 0x0F), "the name: at offset 14, not 15"},
		"address's offset":        {set(8, 0x01), "the address: at offset 32, not 288"},
		"sex's offset":            {set(12, 0xFF, 0xFF), "the sex: at offset 94, not 65535"},
		"name's length":           {set(at(0xDF22)+2, 0x10), "the name: not UTF-8"},
		"name's length, less":     {set(at(0xDF22)+2, 0x0C), "the address: at offset 29, not 32"},
		"address's length":        {set(at(0xDF23)+2, 0x7F), "the address: a length of 127"},
		"sex's length":            {set(at(0xDF25)+2, 0x02), "the sex: a length of 2 with 1 bytes"},
		"an unknown tag":          {replaced(1, piece{0xDF2A, 0, "x"}), "the address: tag DF2A in the place of DF23"},
		"a duplicate":             {replaced(1, piece{0xDF22, 0, taro.Name}), "the address: tag DF22 in the place of DF23"},
		"one more":                {surplus(piece{0xDF26, 0, "x"}), "4 bytes behind the last attribute"},
		"one twice":               {surplus(piece{0xDF25, 0, "1"}), "4 bytes behind the last attribute"},
		"name not UTF-8":          {replaced(0, piece{0xDF22, 0, "\x8C\xA9\x96\x7B"}), "the name: not UTF-8"},
		"line break in the name":  {replaced(0, piece{0xDF22, 0, "見本\n太郎"}), "the name: a control character"},
		"escape in the address":   {replaced(1, piece{0xDF23, 0, "\x1b[2J"}), "the address: a control character"},
		"C1 control":              {replaced(1, piece{0xDF23, 0, "\u009b2J"}), "the address: a control character"},
		"no birth date":           {replaced(2, piece{0xDF24, 0, ""}), "the birth date: not eight digits"},
		"birth date of an era":    {replaced(2, piece{0xDF24, 0, "319800505"}), "the birth date: not eight digits"},
		"birth date not digits":   {replaced(2, piece{0xDF24, 0, "1980-5-5"}), "the birth date: not eight digits"},
		"thirteenth month":        {replaced(2, piece{0xDF24, 0, "19801305"}), "the birth date: not a date"},
		"thirty-second day":       {replaced(2, piece{0xDF24, 0, "19800032"}), "the birth date: not a date"},
		"30 February":             {replaced(2, piece{0xDF24, 0, "00000230"}), "the birth date: not a date"},
		"29 February of the year": {replaced(2, piece{0xDF24, 0, "19810229"}), "the birth date: not a date"},
		"no sex":                  {replaced(3, piece{0xDF25, 0, ""}), "the sex: not one"},
		"two sexes":               {replaced(3, piece{0xDF25, 0, "12"}), "the sex: not one"},
		"sex a control":           {replaced(3, piece{0xDF25, 0, "\a"}), "the sex: not one"},
		"sex a byte":              {replaced(3, piece{0xDF25, 0, "\xFF"}), "the sex: not one"},
	} {
		t.Run(name, func(t *testing.T) {
			parsed, err := parse(test.file)
			require.ErrorContains(t, err, test.want)
			require.Empty(t, parsed)
		})
	}
	for n := range sound {
		_, err := parse(sound[:n])
		require.Error(t, err, "the first %d bytes", n)
	}
}

// surplus builds a file with a fifth element that the table of offsets does not name.
func surplus(p piece) []byte {
	file := encode(0, pieces(taro)...)
	file[2] += byte(len(p.bytes()))
	return append(file, p.bytes()...)
}

// FuzzParse: what is parsed encodes to the very same bytes, or, where lengths were not in their shortest
// form, to fewer bytes with the same attributes.
func FuzzParse(f *testing.F) {
	f.Add(encode(0, pieces(taro)...))
	f.Add(encode(2, piece{0xDF22, 2, "見本　花子"}, piece{0xDF23, 1, ""}, piece{0xDF24, 0, "00000000"}, piece{0xDF25, 1, "9"}))
	f.Add(encode(1, append(pieces(taro), piece{0xDF26, 0, "x"})...))
	f.Fuzz(func(t *testing.T, file []byte) {
		a, err := parse(file)
		if err != nil {
			require.Empty(t, a)
			return
		}
		n, err := objectLength(file)
		require.NoError(t, err)
		require.Equal(t, len(file), n)
		again := encode(0, pieces(a)...)
		if len(again) == len(file) {
			require.Equal(t, file, again)
			return
		}
		require.Less(t, len(again), len(file))
		parsed, err := parse(again)
		require.NoError(t, err)
		require.Equal(t, a, parsed)
	})
}
