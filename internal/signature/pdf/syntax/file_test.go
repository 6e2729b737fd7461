package syntax_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

func open(file []byte) (*syntax.File, error) {
	return syntax.Open(bytes.NewReader(file), int64(len(file)))
}

// TestCorpus opens every kind of file, reads each of its objects and finds the catalog.
func TestCorpus(t *testing.T) {
	for name, file := range pdftest.Corpus(t) {
		t.Run(name, func(t *testing.T) {
			f, err := open(file)
			require.NoError(t, err)
			require.NoError(t, f.CheckOffsets())
			catalog, err := f.Dict(f.Trailer()["Root"])
			require.NoError(t, err)
			require.Equal(t, syntax.Name("Catalog"), catalog["Type"])
			require.Equal(t, map[bool]int{false: 1, true: 2}[name == "two revisions"], f.Revisions())
			seen := 0
			for ref, at := range f.History() {
				_, _, err := f.GetAt(ref, at)
				require.NoError(t, err)
				require.Less(t, ref.Number, f.NextNumber())
				seen++
			}
			require.Positive(t, seen)
		})
	}
}

// TestPrefix opens a file as it was before its last update.
func TestPrefix(t *testing.T) {
	first := pdftest.File(pdftest.Document(1), "")
	both := pdftest.Update(first, pdftest.Objects{4: pdftest.Stream("", "")}, "")
	f, err := open(both)
	require.NoError(t, err)
	before, err := syntax.Open(bytes.NewReader(both), int64(len(first)))
	require.NoError(t, err)
	require.Equal(t, int64(len(first)), before.End())
	require.Equal(t, f.Sections()[1].Offset, before.Sections()[0].Offset)
	ref := syntax.Ref{Number: 4}
	require.NotEqual(t, before.Locate(ref), f.Locate(ref))
	require.Equal(t, syntax.Location{}, f.Locate(syntax.Ref{Number: 4, Generation: 1}))
	require.Equal(t, syntax.Location{}, f.Locate(syntax.Ref{Number: 99}))
}

// TestHidden finds in a hybrid file what its table says is free.
func TestHidden(t *testing.T) {
	f, err := open(pdftest.Hybrid(pdftest.Document(1), pdftest.Objects{9: "(hidden)", 10: "<</A 9 0 R>>"}))
	require.NoError(t, err)
	o, err := f.Resolve(syntax.Ref{Number: 9})
	require.NoError(t, err)
	require.Equal(t, syntax.String("hidden"), o)
	_, _, err = f.GetAt(syntax.Ref{Number: 9}, f.Locate(syntax.Ref{Number: 9}))
	require.ErrorIs(t, err, syntax.ErrBroken)

	// The table has one object of the number, and the stream another.
	file := pdftest.Hybrid(pdftest.Document(1), pdftest.Objects{9: "(hidden)"})
	entry := []byte("\n9 1\n0000000000 00000 f ")
	require.Equal(t, 1, bytes.Count(file, entry))
	_, err = open(bytes.Replace(file, entry, fmt.Appendf(nil, "\n9 1\n%010d 00000 n ", bytes.Index(file, []byte("4 0 obj"))), 1))
	require.ErrorIs(t, err, syntax.ErrBroken)
}

func deflate(t testing.TB, data string) string {
	t.Helper()
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	_, err := w.Write([]byte(data))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.String()
}

// withStream returns a file whose object 9 is a stream.
func withStream(t testing.TB, entries, data string) (*syntax.File, *syntax.Stream) {
	t.Helper()
	f, err := open(pdftest.File(pdftest.Document(1).With(pdftest.Objects{9: pdftest.Stream(entries, data)}), ""))
	require.NoError(t, err)
	o, err := f.Get(syntax.Ref{Number: 9})
	require.NoError(t, err)
	return f, o.(*syntax.Stream)
}

// TestDecode undoes each of PNG's filters, in rows of two samples of one byte.
func TestDecode(t *testing.T) {
	parameters := "/DecodeParms<</Predictor 12/Columns 2>>"
	for name, test := range map[string]struct{ entries, data, want string }{
		"no filter":        {"", "abc", "abc"},
		"an empty list":    {"/Filter[]", "abc", "abc"},
		"Flate":            {"/Filter/FlateDecode", deflate(t, "abc"), "abc"},
		"Flate in a list":  {"/Filter[/FlateDecode]/DecodeParms[null]", deflate(t, "abc"), "abc"},
		"predictor 1":      {"/Filter/FlateDecode/DecodeParms<</Predictor 1>>", deflate(t, "abc"), "abc"},
		"none":             {"/Filter/FlateDecode" + parameters, deflate(t, "\x00ab\x00cd"), "abcd"},
		"sub":              {"/Filter/FlateDecode" + parameters, deflate(t, "\x01\x05\x03"), "\x05\x08"},
		"up":               {"/Filter/FlateDecode" + parameters, deflate(t, "\x00\x05\x03\x02\x01\xFF"), "\x05\x03\x06\x02"},
		"average":          {"/Filter/FlateDecode" + parameters, deflate(t, "\x00\x04\x06\x03\x01\x01"), "\x04\x06\x03\x05"},
		"Paeth":            {"/Filter/FlateDecode" + parameters, deflate(t, "\x00\x04\x06\x04\x01\x01"), "\x04\x06\x05\x07"},
		"Paeth's left":     {"/Filter/FlateDecode" + parameters, deflate(t, "\x00\x01\x01\x04\x08\x01"), "\x01\x01\x09\x0A"},
		"Paeth's corner":   {"/Filter/FlateDecode" + parameters, deflate(t, "\x00\x05\x03\x04\x00\x01"), "\x05\x03\x05\x04"},
		"samples of 3 × 4": {"/Filter/FlateDecode/DecodeParms<</Predictor 15/Colors 3/BitsPerComponent 4>>", deflate(t, "\x01ab"), "ab"},
	} {
		t.Run(name, func(t *testing.T) {
			f, s := withStream(t, test.entries, test.data)
			data, err := f.Decode(s)
			require.NoError(t, err)
			require.Equal(t, test.want, string(data))
		})
	}
}

func TestDecodeRefused(t *testing.T) {
	flate := func(parameters string) string { return "/Filter/FlateDecode/DecodeParms<<" + parameters + ">>" }
	for name, test := range map[string]struct {
		entries, data string
		want          error
	}{
		"another filter":    {"/Filter/LZWDecode", "", syntax.ErrBroken},
		"two filters":       {"/Filter[/FlateDecode/FlateDecode]", "", syntax.ErrBroken},
		"no parameters":     {"/Filter/FlateDecode/DecodeParms 7", "", syntax.ErrBroken},
		"not compressed":    {"/Filter/FlateDecode", "abc", syntax.ErrBroken},
		"cut":               {"/Filter/FlateDecode", deflate(t, "abcdefgh")[:9], syntax.ErrBroken},
		"a bomb":            {"/Filter/FlateDecode", deflate(t, strings.Repeat("\x00", syntax.MaxDecoded+1)), syntax.ErrTooLarge},
		"predictor 2":       {flate("/Predictor 2"), deflate(t, "abc"), syntax.ErrBroken},
		"columns":           {flate("/Predictor 12/Columns 99999999"), deflate(t, "abc"), syntax.ErrBroken},
		"a row too short":   {flate("/Predictor 12/Columns 5"), deflate(t, "\x00abc"), syntax.ErrBroken},
		"an unknown filter": {flate("/Predictor 12/Columns 1"), deflate(t, "\x05a"), syntax.ErrBroken},
	} {
		t.Run(name, func(t *testing.T) {
			f, s := withStream(t, test.entries, test.data)
			_, err := f.Decode(s)
			require.ErrorIs(t, err, test.want)
		})
	}
}

// xrefStream returns a file that is a cross-reference stream, a catalog and nothing else.
func xrefStream(entries, rows string) []byte {
	file := []byte("%PDF-1.5\n1 0 obj\n<<>>\nendobj\n")
	return fmt.Appendf(file, "2 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n", pdftest.Stream("/Type/XRef/Root 1 0 R"+entries, rows), len(file))
}

func TestXRefStreams(t *testing.T) {
	for name, test := range map[string]struct {
		entries, rows string
		want          error
	}{
		"as it should be":         {"/Size 2/W[1 1 1]", "\x00\x00\x00\x01\x09\x00", nil},
		"no types":                {"/Size 9/W[0 1 1]/Index[1 1]", "\x09\x00", nil},
		"an unknown type":         {"/Size 9/W[1 1 1]/Index[1 1]", "\x07\xFF\xFF", nil},
		"no widths":               {"/Size 2", "", syntax.ErrBroken},
		"two widths":              {"/Size 2/W[1 1]", "", syntax.ErrBroken},
		"widths of nothing":       {"/Size 2/W[0 0 0]", "", syntax.ErrBroken},
		"a width of nine":         {"/Size 2/W[1 9 1]", "", syntax.ErrBroken},
		"no size":                 {"/W[1 1 1]", "", syntax.ErrBroken},
		"an odd index":            {"/Size 2/W[1 1 1]/Index[1]", "", syntax.ErrBroken},
		"too short":               {"/Size 3/W[1 1 1]", "\x00\x00\x00", syntax.ErrBroken},
		"beyond the file":         {"/Size 1/W[1 3 1]", "\x01\xFF\xFF\xFF\x00", syntax.ErrBroken},
		"beyond 63 bits":          {"/Size 1/W[1 8 1]", "\x01" + strings.Repeat("\xFF", 8) + "\x00", syntax.ErrBroken},
		"a number beyond measure": {"/Size 2/W[1 1 1]/Index[8388607 2]", "\x00\x00\x00\x00\x00\x00", syntax.ErrTooLarge},
		"a number twice":          {"/Size 2/W[1 1 1]/Index[1 1 1 1]", "\x01\x09\x00\x01\x0A\x00", syntax.ErrBroken},
		"encrypted":               {"/Size 2/W[1 1 1]/Encrypt 1 0 R", "\x00\x00\x00\x01\x09\x00", syntax.ErrEncrypted},
		"too many entries":        {"/Size 2/W[1 0 0]/Index[0 1048577]", strings.Repeat("\x00", 1<<20+1), syntax.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := open(xrefStream(test.entries, test.rows))
			require.ErrorIs(t, err, test.want)
		})
	}
	_, err := open(bytes.Replace(xrefStream("/Size 2/W[1 1 1]", "\x00\x00\x00\x01\x09\x00"), []byte("/XRef"), []byte("/Mine"), 1))
	require.ErrorIs(t, err, syntax.ErrBroken)
}

// TestTables breaks a table and its trailer.
func TestTables(t *testing.T) {
	file := string(pdftest.File(pdftest.Objects{1: "<<>>"}, ""))
	for name, change := range map[string][3]string{
		"as it should be":         {"", "", "fine"},
		"an entry unused":         {"1 1\n0000000015 00000 n", "1 1\n0000000000 00000 n", "fine"},
		"an entry twice, alike":   {"1 1\n0000000015 00000 n \n", "1 1\n0000000015 00000 n \n1 1\n0000000015 00000 n \n", "fine"},
		"an entry twice":          {"1 1\n0000000015 00000 n \n", "1 1\n0000000015 00000 n \n1 1\n0000000014 00000 n \n", ""},
		"another kind":            {"00000 n", "00000 x", ""},
		"beyond the file":         {"0000000015 00000 n", "0000009999 00000 n", ""},
		"an offset of letters":    {"0000000015 00000 n", "000000001x 00000 n", ""},
		"a generation of letters": {"0000000015 00000 n", "0000000015 0000x n", ""},
		"a generation too high":   {"0000000015 00000 n", "0000000015 65536 n", ""},
		"a number of letters":     {"1 1\n", "x 1\n", ""},
		"a count of letters":      {"1 1\n", "1 x\n", ""},
		"another word":            {"xref\n0", "xrex\n0", ""},
		"another trailer":         {"trailer", "trailex", ""},
		"a trailer that is none":  {"<</Size 2/Root 1 0 R>>", "[2]", ""},
		"a trailer that is open":  {"<</Size 2/Root 1 0 R>>", "<</Size 2", ""},
		"no catalog":              {"/Root 1 0 R", "", ""},
		"a catalog in itself":     {"/Root 1 0 R", "/Root<<>>", ""},
		"a hybrid of nothing":     {"/Root 1 0 R", "/Root 1 0 R/XRefStm/X", ""},
		"a hybrid of an object":   {"/Root 1 0 R", "/Root 1 0 R/XRefStm 15", ""},
		"startxref of letters":    {"startxref\n", "startxref\nx", ""},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, file, change[0])
			_, err := open([]byte(strings.Replace(file, change[0], change[1], 1)))
			if change[2] == "fine" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, syntax.ErrBroken)
		})
	}
}

// TestHeaders looks for objects where they are not.
func TestHeaders(t *testing.T) {
	file := string(pdftest.File(pdftest.Objects{1: "<<>>"}, ""))
	for _, header := range []string{"2 0 obj", "1 1 obj", "x 0 obj", "1 x obj", "1 0 obx", "1" + strings.Repeat(" ", 99) + "0 obj"} {
		changed := strings.Replace(file, "1 0 obj", header, 1)
		changed = strings.Replace(changed, fmt.Sprintf("startxref\n%d", pdftest.LastXref([]byte(file))), fmt.Sprintf("startxref\n%d", strings.Index(changed, "xref\n")), 1)
		f, err := open([]byte(changed))
		require.NoError(t, err)
		require.ErrorIs(t, f.CheckOffsets(), syntax.ErrBroken)
		_, err = f.Get(syntax.Ref{Number: 1})
		require.ErrorIs(t, err, syntax.ErrBroken)
	}
}

// TestObjectStreams breaks object streams in a hybrid file, where they are easily made.
func TestObjectStreams(t *testing.T) {
	file := pdftest.Hybrid(pdftest.Document(1), pdftest.Objects{9: "(hidden)", 10: "<</A 9 0 R>>"})
	for name, change := range map[string][2]string{
		"another number":        {"9 0 10 9 ", "8 0 10 9 "},
		"an offset beyond":      {"9 0 10 9 ", "9 99 10 9"},
		"another type":          {"/Type/ObjStm", "/Type/ObjXxx"},
		"no numbers":            {"/N 2", "/M 2"},
		"a first object beyond": {"/First 9", "/First99"},
		"more than there are":   {"/N 2", "/N 7"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, string(file), change[0])
			f, err := open(bytes.Replace(file, []byte(change[0]), []byte(change[1]), 1))
			require.NoError(t, err)
			_, err = f.Get(syntax.Ref{Number: 9})
			require.ErrorIs(t, err, syntax.ErrBroken)
		})
	}
}

// TestStreams reads lengths from elsewhere, and refuses what does not end where it should.
func TestStreams(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		fine bool
	}{
		"a length elsewhere":   {"<</Length 10 0 R>>\nstream\nabc\nendstream", true},
		"line ends of Windows": {"<</Length 3>>\r\nstream\r\nabc\r\nendstream", true},
		"no line end":          {"<</Length 3>>stream\nabcendstream", true},
		"a length too short":   {"<</Length 2>>\nstream\nabc\nendstream", false},
		"a length too long":    {"<</Length 9>>\nstream\nabc\nendstream", false},
		"beyond the file":      {"<</Length 99999>>\nstream\nabc\nendstream", false},
		"negative":             {"<</Length -1>>\nstream\nabc\nendstream", false},
		"no length":            {"<<>>\nstream\nabc\nendstream", false},
		"a length by a name":   {"<</Length/X>>\nstream\nabc\nendstream", false},
		"a length nowhere":     {"<</Length 99 0 R>>\nstream\nabc\nendstream", false},
		"its own length":       {"<</Length 9 0 R>>\nstream\nabc\nendstream", false},
		"a space before":       {"<</Length 3>>\nstream abc\nendstream", false},
		"not a stream":         {"<</Length 3>>\nstreet\nabc\nendstream", false},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := open(pdftest.File(pdftest.Objects{1: "<<>>", 9: test.body, 10: "3"}, ""))
			require.NoError(t, err)
			o, err := f.Get(syntax.Ref{Number: 9})
			if !test.fine {
				require.ErrorIs(t, err, syntax.ErrBroken)
				return
			}
			require.NoError(t, err)
			data, err := io.ReadAll(f.Reader(o.(*syntax.Stream)))
			require.NoError(t, err)
			require.Equal(t, "abc", string(data))
		})
	}
}

func TestKinds(t *testing.T) {
	f, err := open(pdftest.File(pdftest.Objects{1: "<<>>", 2: "3 0 R", 3: "7"}, ""))
	require.NoError(t, err)
	for _, o := range []syntax.Object{syntax.Ref{Number: 2}, syntax.Ref{Number: 3}, syntax.Integer(1)} {
		_, err := f.Dict(o)
		require.ErrorIs(t, err, syntax.ErrBroken)
		_, err = f.Array(o)
		require.ErrorIs(t, err, syntax.ErrBroken)
	}
	dict, err := f.Dict(nil)
	require.NoError(t, err)
	require.Nil(t, dict)
}

// failing is a source that fails behind a place.
type failing struct {
	io.ReaderAt
	from int64
}

func (f failing) ReadAt(p []byte, at int64) (int, error) {
	if at+int64(len(p)) > f.from {
		return iotest.ErrReader(io.ErrClosedPipe).Read(p)
	}
	return f.ReaderAt.ReadAt(p, at)
}

func TestReadErrors(t *testing.T) {
	file := pdftest.File(pdftest.Document(3), "")
	for from := range file {
		_, err := syntax.Open(failing{bytes.NewReader(file), int64(from)}, int64(len(file)))
		require.ErrorIs(t, err, io.ErrClosedPipe)
	}
}

// FuzzOpen asks that every object of a file that opens is read or refused, and that what was read is
// written and read the same.
func FuzzOpen(f *testing.F) {
	seeds := pdftest.Corpus(f)
	require.NotEmpty(f, seeds)
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := open(data)
		if err != nil {
			return
		}
		require.LessOrEqual(t, file.End(), file.Size())
		require.Positive(t, file.Revisions())
		for ref, at := range file.History() {
			o, _, err := file.GetAt(ref, at)
			if err != nil {
				continue
			}
			if stream, ok := o.(*syntax.Stream); ok {
				require.LessOrEqual(t, stream.Offset+stream.Length, file.Size())
				_, _ = file.Decode(stream)
				o = stream.Dict
			}
			text := append([]byte("1 0 obj\n"), syntax.Append(nil, o)...)
			again, err := open(fmt.Appendf([]byte("%PDF-1.5\n"), "%s\nendobj\nxref\n1 1\n0000000009 00000 n \ntrailer\n<</Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", text, 9+len(text)+8))
			require.NoError(t, err)
			same, err := again.Get(syntax.Ref{Number: 1})
			require.NoError(t, err)
			require.Equal(t, o, same)
		}
	})
}

// TestCurrent asks for the objects that count: of two entries the newer, whatever its generation, and none that is free.
func TestCurrent(t *testing.T) {
	base := pdftest.File(pdftest.Document(1).With(pdftest.Objects{5: "(old)", 6: "(freed)"}), "")
	at := len(base)
	file := fmt.Appendf(base, "5 3 obj(new)endobj\nxref\n5 2\n%010d 00003 n \n0000000000 00001 f \ntrailer\n<</Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n",
		at, pdftest.LastXref(base), at+len("5 3 obj(new)endobj\n"))
	f, err := syntax.Open(bytes.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	var all []syntax.Ref
	for ref, location := range f.Objects() {
		all = append(all, ref)
		current, same := f.Current(ref.Number)
		require.Equal(t, ref, current)
		require.Equal(t, location, same)
		require.Equal(t, location, f.Locate(ref))
	}
	require.Equal(t, []syntax.Ref{{Number: 1}, {Number: 2}, {Number: 3}, {Number: 4}, {Number: 5, Generation: 3}}, all)
	for _, number := range []uint32{0, 6, 7} {
		ref, location := f.Current(number)
		require.Equal(t, syntax.Ref{Number: number}, ref)
		require.Zero(t, location)
	}
	require.Zero(t, f.Locate(syntax.Ref{Number: 5}))
}
