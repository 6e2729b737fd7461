package pdf_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
)

// requireFirst asks how the signature of the second revision, the first one, comes out.
func requireFirst(t *testing.T, want pdf.Reason, file []byte) *pdf.Signature {
	t.Helper()
	for _, s := range verify(t, file).Signatures {
		if s.Revision == 2 && s.Field == "Signature1" {
			requireReason(t, want, s)
			return s
		}
	}
	t.Fatal("the first signature is not found")
	return nil
}

// contract is a document that is prepared for each class of shadow attacks (NDSS 2021): an overlay that hides, a
// form field and a font that can be replaced, and a page that nothing leads to.
func contract() pdftest.Objects {
	return pdftest.Document(1).With(pdftest.Objects{
		1: "<</Type/Catalog/Pages 2 0 R/AcroForm 8 0 R/OCProperties<</OCGs[14 0 R]/D<</ON[14 0 R]>>>>>>",
		3: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots[9 0 R 10 0 R]" +
			"/Resources<</XObject<</Cover 11 0 R>>/Font<</F 12 0 R>>/Properties<</L 14 0 R>>>>>>",
		4:  pdftest.Stream("", "BT/F 9 Tf(Pay 100)Tj ET/Cover Do\n"),
		8:  "<</Fields[9 0 R 10 0 R]/NeedAppearances true>>",
		9:  "<</FT/Tx/T(Amount)/V(100)/DA(/F 9 Tf)/Type/Annot/Subtype/Widget/Rect[0 0 99 9]/AP<</N 13 0 R>>>>",
		10: "<</FT/Sig/T(Empty)/Type/Annot/Subtype/Widget/Rect[0 0 400 400]/F 4>>",
		11: pdftest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]", "1 g 0 0 9 9 re f"),
		12: "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
		13: pdftest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 99 9]", "BT/F 9 Tf(100)Tj ET"),
		14: "<</Type/OCG/Name(Cover)>>",
		30: pdftest.Stream("", "BT/F 9 Tf(Pay 900)Tj ET\n"), // nothing leads here
		31: "<</Type/Pages/Count 1/Kids[32 0 R]>>",
		32: "<</Type/Page/Parent 31 0 R/MediaBox[0 0 595 842]/Contents 30 0 R>>",
	})
}

// TestShadowAttacks hides, replaces, and hides and replaces, by what a later revision says of objects that were there
// when the document was signed.
func TestShadowAttacks(t *testing.T) {
	base := pdftest.File(contract(), "")
	file := sign(t, base, pdf.Options{Profile: pdf.PAdES})
	requireFirst(t, "", file)
	o := contract()
	catalog := func(old, new string) pdftest.Objects {
		return pdftest.Objects{1: replacedIn(t, o[1], old, new)}
	}
	formOf := func(file []byte) string { return lastBody(t, file, 8) }
	form := func(old, new string) pdftest.Objects {
		return pdftest.Objects{8: replacedIn(t, formOf(file), old, new)}
	}
	field := "<</FT/Sig/T(New)/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/V 201 0 R>>"
	nobody := strings.Replace(pdftest.SignatureDict(), pdftest.ByteRange, "/ByteRange[0 1 2 3]", 1)
	newField := func(field string) pdftest.Objects {
		return pdftest.Objects{8: replacedIn(t, formOf(file), "[9 0 R", "[9 0 R 200 0 R"), 200: field, 201: nobody}
	}
	for name, objects := range map[string]pdftest.Objects{
		"hide: the cover is gone":              {11: "null"},
		"hide: the cover covers nothing":       {11: pdftest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]", "1 g 0 0 0 0 re f")},
		"hide: the cover shrinks":              {11: pdftest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 0 0]", "1 g 0 0 9 9 re f")},
		"hide: its layer is off":               catalog("/ON[14 0 R]", "/OFF[14 0 R]"),
		"hide: its layer is another":           {14: "<</Type/OCG/Name(Other)>>"},
		"hide: the page is cropped":            {3: replacedIn(t, lastBody(t, file, 3), "/MediaBox", "/CropBox [0 0 9 9] /MediaBox")},
		"replace: a field's appearance":        {13: pdftest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 99 9]", "BT/F 9 Tf(900)Tj ET")},
		"replace: a field's value":             {9: replacedIn(t, o[9], "(100)", "(900)")},
		"replace: a font":                      {12: "<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]>>"},
		"replace: appearances are not needed":  form("/NeedAppearances true", "/NeedAppearances false"),
		"hide and replace: the page tree":      catalog("/Pages 2 0 R", "/Pages 31 0 R"),
		"hide and replace: its root":           {2: o[31]},
		"hide and replace: a page":             {2: "<</Type/Pages/Count 1/Kids[32 0 R]>>"},
		"hide and replace: a page's content":   {3: replacedIn(t, lastBody(t, file, 3), "4 0 R", "30 0 R")},
		"hide and replace: in its place":       {4: o[30]},
		"an action of a new field":             newField(replacedIn(t, field, "/V", "/A<</S/JavaScript/JS(x)>>/V")),
		"an action when its page is opened":    newField(replacedIn(t, field, "/V", "/AA<</PO<</S/JavaScript/JS(x)>>>>/V")),
		"an action of the document":            catalog("/Pages", "/AA<</DC<</S/JavaScript/JS(x)>>>>/Pages"),
		"a script in the names":                catalog("/Pages", "/Names<</JavaScript<</Names[(x)<</S/JavaScript/JS(x)>>]>>>>/Pages"),
		"a certification, in hindsight":        catalog("/Pages", "/Perms<</DocMDP 201 0 R>>/Pages"),
		"the empty field, seen, signed by one": {10: replacedIn(t, o[10], "/F 4", "/V 201 0 R/AP<</N 30 0 R>>"), 201: nobody},
		"the empty field made larger":          {10: replacedIn(t, o[10], "400 400", "595 842")},
		"the empty field acts":                 {10: replacedIn(t, o[10], "/F 4", "/V 201 0 R/A<</S/JavaScript/JS(x)>>"), 201: nobody},
		"a loose field, seen": {3: replacedIn(t, lastBody(t, file, 3), "[9 0 R", "[9 0 R 200 0 R"),
			200: replacedIn(t, field, "[0 0 0 0]", "[0 0 400 400]"), 201: nobody},
		"a loose field that acts": {3: replacedIn(t, lastBody(t, file, 3), "[9 0 R", "[9 0 R 200 0 R"),
			200: replacedIn(t, field, "/V", "/AA<</PO<</S/JavaScript/JS(x)>>>>/V"), 201: nobody},
		"two fields with one signature": {8: replacedIn(t, formOf(file), "[9 0 R", "[9 0 R 200 0 R 202 0 R"), 200: field, 201: nobody,
			202: replacedIn(t, field, "(New)", "(Newer)")},
		"a field twice": {8: replacedIn(t, formOf(file), "[9 0 R", "[9 0 R 200 0 R"), 200: field, 201: nobody,
			3: replacedIn(t, lastBody(t, file, 3), "[9 0 R", "[9 0 R 200 0 R 200 0 R")},
		"a loose field twice": {3: replacedIn(t, lastBody(t, file, 3), "[9 0 R", "[9 0 R 200 0 R 200 0 R"), 200: field, 201: nobody},
		"a loose field, not signed": {3: replacedIn(t, lastBody(t, file, 3), "[9 0 R", "[9 0 R 200 0 R"),
			200: replacedIn(t, field, "/V 201 0 R", "")},
	} {
		t.Run(name, func(t *testing.T) {
			requireFirst(t, pdf.ReasonChanged, pdftest.Update(file, objects, ""))
		})
	}
	t.Run("nothing that is seen", func(t *testing.T) {
		s := requireFirst(t, "", pdftest.Update(file, newField(field), ""))
		require.Equal(t, pdf.Additions{Signatures: 1}, s.Later)
	})
}

// TestFormFonts adds to the fonts and the style of a form, which its fields may be drawn anew with: those that no field
// can be drawn with are what signers bring.
func TestFormFonts(t *testing.T) {
	var many strings.Builder
	for i := range 17 {
		fmt.Fprintf(&many, "/N%d 12 0 R", i)
	}
	const text, signature = "<</FT/Tx/T(x)/DA(/F 9 Tf)>>", "<</FT/Sig/T(x)>>"
	for name, test := range map[string]struct {
		field, before, after string // a field, and what the form says beside it
		want                 pdf.Reason
	}{
		"a font that no field has":    {text, "", "/DR<</Font<</Other 12 0 R>>>>", ""},
		"one more":                    {text, "/DR<</Font<</F 12 0 R>>>>", "/DR<</Font<</F 12 0 R/Other 12 0 R>>>>", ""},
		"one more, indirect":          {text, "/DR 15 0 R", "/DR 15 0 R", ""},
		"an encoding":                 {text, "", "/DR<</Encoding<</E 12 0 R>>>>", ""},
		"a style, of signatures only": {signature, "", "/DA(/Helv 0 Tf 0 g)/DR<</Font<</Helv 12 0 R>>>>", ""},
		"a style":                     {text, "", "/DA(/F 0 Tf)", pdf.ReasonChanged},
		"another style":               {signature, "/DA(/F 9 Tf)", "/DA(/F 0 Tf)", pdf.ReasonChanged},
		"a field's font":              {text, "", "/DR<</Font<</F 12 0 R>>>>", pdf.ReasonChanged},
		"the form's font":             {"<</FT/Tx/T(x)>>", "/DA(/F 9 Tf)", "/DA(/F 9 Tf)/DR<</Font<</F 12 0 R>>>>", pdf.ReasonChanged},
		"a widget's font":             {"<</FT/Tx/T(x)/Kids[16 0 R]>>", "", "/DR<</Font<</W 12 0 R>>>>", pdf.ReasonChanged},
		"a font with escapes":         {"<</FT/Tx/T(x)/DA(/#46 9 Tf)>>", "", "/DR<</Font<</F 12 0 R>>>>", pdf.ReasonChanged},
		"another font of the name":    {text, "/DR<</Font<</O 12 0 R>>>>", "/DR<</Font<</O 13 0 R>>>>", pdf.ReasonChanged},
		"a font less":                 {text, "/DR<</Font<</O 12 0 R>>>>", "/DR<</Font<<>>>>", pdf.ReasonChanged},
		"no fonts any more":           {text, "/DR<</Font<</O 12 0 R>>>>", "", pdf.ReasonChanged},
		"other resources":             {text, "", "/DR<</XObject<</X 12 0 R>>>>", pdf.ReasonChanged},
		"many fonts":                  {text, "", "/DR<</Font<<" + many.String() + ">>>>", pdf.ReasonChanged},
		"resources that were there":   {text, "", "/DR 15 0 R", pdf.ReasonChanged},
		"resources that are none":     {text, "", "/DR 7", pdf.ReasonChanged},
	} {
		t.Run(name, func(t *testing.T) {
			base := pdftest.File(pdftest.Document(1).With(pdftest.Objects{
				1: "<</Type/Catalog/Pages 2 0 R/AcroForm 8 0 R>>", 8: "<<" + test.before + "/Fields[9 0 R]>>", 9: test.field,
				12: "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", 13: "<</Type/Font/Subtype/Type1/BaseFont/Courier>>",
				15: "<</Font<</O 12 0 R>>>>", 16: "<</Subtype/Widget/Rect[0 0 9 9]/DA(/W 9 Tf)/Parent 9 0 R>>",
			}), "")
			file := sign(t, base, pdf.Options{Profile: pdf.MOJ})
			_, fields, _ := strings.Cut(lastBody(t, file, 8), "/Fields")
			fields, _, _ = strings.Cut(fields, "]")
			more := pdftest.Objects{8: "<<" + test.after + "/SigFlags 3/Fields" + fields + "]>>"}
			if name == "one more, indirect" {
				more[15] = "<</Font<</O 12 0 R/Other 13 0 R>>>>"
			}
			requireFirst(t, test.want, pdftest.Update(file, more, ""))
		})
	}
}

// TestNumbersWrittenAnew takes a number for what it is, in a dictionary that a later program wrote anew.
func TestNumbersWrittenAnew(t *testing.T) {
	for _, test := range []struct {
		before, after string
		want          pdf.Reason
	}{
		{".5", "0.50", ""}, {"-.5", "-0.5", ""}, {"1.", "1", ""}, {"+7", "7.0", ""}, {"-0.0", "0", ""}, {"100", "100.0", ""}, {"0.05", ".05", ""},
		{".5", ".51", pdf.ReasonChanged}, {".5", "-.5", pdf.ReasonChanged}, {"1", "10", pdf.ReasonChanged}, {"10", "1", pdf.ReasonChanged},
		{"0.05", "0.5", pdf.ReasonChanged}, {"1", "true", pdf.ReasonChanged}, {"1", "(1)", pdf.ReasonChanged},
	} {
		catalog := func(number string) string {
			return "<</Type/Catalog/Pages 2 0 R/AcroForm 8 0 R/X<</N[" + number + "]>>>>"
		}
		base := pdftest.File(pdftest.Document(1).With(pdftest.Objects{1: catalog(test.before), 8: "<</Fields[]>>"}), "")
		file := sign(t, base, pdf.Options{Profile: pdf.MOJ})
		requireFirst(t, test.want, pdftest.Update(file, pdftest.Objects{1: catalog(test.after)}, ""))
	}
}

// TestTwoOfOneNumber hides a second object under a number that is in use, which a later table alone, without any
// object, makes the one that counts.
func TestTwoOfOneNumber(t *testing.T) {
	base := pdftest.File(pdftest.Document(1), "")
	hidden := "4 0 obj\n" + pdftest.Stream("", "0.9 g 50 100 200 300 re f\n") + "\nendobj\n"
	at := bytes.Index(base, []byte("1 0 obj"))
	// In front of all other objects, whose offsets grow.
	shifted := append(append(bytes.Clone(base[:at]), hidden...), base[at:]...)
	for i := 4; i > 0; i-- {
		old := bytes.Index(base, fmt.Appendf(nil, "%d 0 obj", i))
		shifted = bytes.Replace(shifted, fmt.Appendf(nil, "%010d 00000 n", old), fmt.Appendf(nil, "%010d 00000 n", old+len(hidden)), 1)
	}
	start := pdftest.LastXref(base)
	shifted = bytes.Replace(shifted, fmt.Appendf(nil, "startxref\n%d", start), fmt.Appendf(nil, "startxref\n%d", start+len(hidden)), 1)
	file := sign(t, shifted, pdf.Options{Profile: pdf.MOJ})
	requireFirst(t, "", file)

	table := fmt.Appendf(bytes.Clone(file), "xref\n4 1\n%010d 00000 n \ntrailer\n<</Size 99/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n",
		at, pdftest.LastXref(file), len(file))
	requireFirst(t, pdf.ReasonChanged, table)
}

// TestSignatureWrapping moves the second part of what is signed behind objects that are not signed (CCS 2019). A byte
// range in the gap says where it went, so that the digest is right; a table stands where the moved startxref says.
func TestSignatureWrapping(t *testing.T) {
	// The byte range stands behind the contents, so that another can come first, and room is kept before the table.
	dict := strings.Replace(strings.Replace(pdftest.SignatureDict(), pdftest.ByteRange, "", 1), pdftest.Contents, pdftest.Contents+pdftest.ByteRange, 1)
	base := pdftest.File(pdftest.Document(2), "")
	file := pdftest.Complete(pdftest.Update(base, pdftest.SignatureObjects(dict).With(pdftest.Objects{22: pdftest.Stream("", strings.Repeat(" ", 900))}), ""), nil, message(t))
	requireFirst(t, "", file)
	r := verify(t, file).Signatures[0].ByteRange
	start := pdftest.LastXref(file)

	// Contents and all in front of it stay; what follows is the attacker's, up to the bytes that moved.
	wrapped := bytes.Clone(file[:r[2]])
	placeOfRange := len(wrapped)
	wrapped = append(wrapped, strings.Repeat(" ", 60)+">>\nendobj\n"...)
	offsets := map[int]int{4: len(wrapped)}
	wrapped = append(wrapped, "4 0 obj\n"+pdftest.Stream("", "0.9 g 50 100 200 300 re f\n")+"\nendobj\n"...)
	require.Less(t, len(wrapped), start)
	wrapped = append(wrapped, strings.Repeat(" ", start-len(wrapped))+"xref\n"...)
	for _, number := range []int{1, 3, 20, 21} {
		offsets[number] = bytes.LastIndex(file, fmt.Appendf(nil, "\n%d 0 obj\n", number)) + 1
	}
	for number, offset := range offsets {
		wrapped = fmt.Appendf(wrapped, "%d 1\n%010d 00000 n \n", number, offset)
	}
	wrapped = fmt.Appendf(wrapped, "trailer\n<</Size 99/Root 1 0 R/Prev %d>>\n", pdftest.LastXref(base))
	copy(wrapped[placeOfRange:], fmt.Sprintf("/ByteRange[0 %d %d %d]", r[1], len(wrapped), r[3]))
	wrapped = append(wrapped, file[r[2]:]...)

	report := verify(t, wrapped)
	require.Len(t, report.Signatures, 1)
	requireReason(t, pdf.ReasonGap, report.Signatures[0])
	require.Contains(t, failed(t, wrapped), pdf.RuleByteRange)
	require.NotContains(t, failed(t, wrapped), pdf.RuleVerifies, "the digest is right")
}

// TestIncrementalSaving appends what viewers of old took for the document although its signature did not cover it:
// without a table, without a trailer, and with a copy of the signature so that one seems to cover the end.
func TestIncrementalSaving(t *testing.T) {
	file := signed(t, pdftest.SignatureDict())
	content := "4 0 obj\n" + pdftest.Stream("", "0.9 g 50 100 200 300 re f\n") + "\nendobj\n"
	start := pdftest.LastXref(file)
	for name, more := range map[string]string{
		"an object":                content,
		"an object and a trailer":  content + fmt.Sprintf("trailer\n<</Size 99/Root 1 0 R/Prev %d>>\n", start),
		"with an end":              content + fmt.Sprintf("trailer\n<</Size 99/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", start),
		"a table that nobody uses": content + fmt.Sprintf("xref\n4 1\n%010d 00000 n \ntrailer\n<</Size 99/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", len(file), start, start),
	} {
		t.Run(name, func(t *testing.T) { requireFirst(t, pdf.ReasonAppended, append(bytes.Clone(file), more...)) })
	}
	t.Run("with a copy of the signature", func(t *testing.T) {
		dict := lastBody(t, file, 21)
		later := pdftest.Update(file, pdftest.Objects{4: pdftest.Stream("", "0.9 g"), 22: dict,
			20: "<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/Rect[0 0 0 0]/F 132/P 3 0 R/V 22 0 R>>"}, "")
		report := verify(t, later)
		require.Len(t, report.Signatures, 2)
		for _, s := range report.Signatures {
			require.NotNil(t, s.Problem)
		}
	})
}

// TestApple verifies a CMS as macOS writes it: every frame of indefinite length.
func TestApple(t *testing.T) {
	plain := pdftest.Update(pdftest.File(pdftest.Document(2), ""), pdftest.SignatureObjects(pdftest.SignatureDict()), "")
	file := pdftest.Complete(plain, nil, func(content []byte) []byte { return framesInBER(t, message(t)(content), 4) })
	requireFirst(t, "", file)
	require.Equal(t, []pdf.Rule{pdf.RuleContents}, failed(t, file))
	require.Equal(t, 1, strings.Count(pdftest.Signatures(t, file), "Signature is Valid."))
	judge(t, sign(t, file, pdf.Options{Profile: pdf.MOJ}), 2)
}

// framesInBER writes the constructed values of a message with indefinite lengths, down to a depth, but not what is
// signed: an implicit tag within a SignerInfo, and certificates.
func framesInBER(t *testing.T, der []byte, depth int) []byte {
	t.Helper()
	var out []byte
	for len(der) > 0 {
		head, length := 2, int(der[1])
		if size := int(der[1] & 0x7F); der[1] > 0x80 {
			head, length = 2+size, 0
			for _, b := range der[2:head] {
				length = length<<8 | int(b)
			}
		}
		body, whole := der[head:head+length], der[:head+length]
		if der[0]&0x20 == 0 || depth == 0 {
			out = append(out, whole...)
		} else {
			out = append(append(append(out, der[0], 0x80), framesInBER(t, body, depth-1)...), 0, 0)
		}
		der = der[head+length:]
	}
	return out
}

// TestContentsAsText writes the CMS as a literal string, of which readers differ about escapes and line ends.
func TestContentsAsText(t *testing.T) {
	file := signed(t, pdftest.SignatureDict())
	r := verify(t, file).Signatures[0].ByteRange
	cms, err := hex.DecodeString(string(file[r[1]+1 : r[2]-1]))
	require.NoError(t, err)
	text := []byte{'('}
	for _, b := range bytes.TrimRight(cms, "\x00") {
		text = fmt.Appendf(text, "\\%03o", b)
	}
	text = append(text, bytes.Repeat([]byte{0}, int(r[2]-r[1])-len(text)-1)...)
	require.Less(t, len(text), int(r[2]-r[1]))
	literal := append(append(append(bytes.Clone(file[:r[1]]), text...), ')'), file[r[2]:]...)
	requireFirst(t, pdf.ReasonContents, literal)
	require.Equal(t, []pdf.Rule{pdf.RuleContents}, failed(t, literal))
}

// TestCoSignedByOthers has two others sign after us, one with a mark on a page: every signature stands.
func TestCoSignedByOthers(t *testing.T) {
	file := sign(t, pdftest.File(pdftest.Document(2), ""), pdf.Options{Profile: pdf.MOJ})
	for i := 2; i <= 4; i++ {
		file = sign(t, file, pdf.Options{Profile: pdf.Profiles()[i%2], Seal: &pdf.Seal{Page: 1, X: 10, Y: float64(100 * i), Size: 40, Ring: true}})
		report := judge(t, file, i)
		require.Equal(t, certtest.Now, report.Signatures[i-1].Claimed.UTC())
		require.Equal(t, []pdf.Mark{{Page: 1, Rect: [4]float64{10, float64(100 * i), 50, float64(100*i + 40)}}}, report.Signatures[i-1].Marks)
	}
}

// replacedIn changes one place of a text, which must be there.
func replacedIn(t *testing.T, text, old, new string) string {
	t.Helper()
	require.Contains(t, text, old)
	return strings.Replace(text, old, new, 1)
}

// lastBody returns the newest body of an object that a file has.
func lastBody(t *testing.T, file []byte, number int) string {
	t.Helper()
	_, after, found := strings.Cut(string(file[bytes.LastIndex(file, fmt.Appendf(nil, "\n%d 0 obj\n", number)):]), "obj\n")
	require.True(t, found)
	body, _, found := strings.Cut(after, "\nendobj")
	require.True(t, found)
	return body
}
