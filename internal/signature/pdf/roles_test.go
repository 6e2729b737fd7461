package pdf_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
)

// A second is a document of one page, which is signed, and what a later revision says of it.
type second struct {
	base  pdftest.Objects
	later func(file []byte) pdftest.Objects
	want  pdf.Reason
}

// drawing is the base of documents that say on their page how much to pay, in the form XObject 40: the page with its
// resources, its content, and further objects.
func drawing(resources, content string, more pdftest.Objects) pdftest.Objects {
	return pdftest.Document(1).With(pdftest.Objects{
		3: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources " + resources + ">>",
		4: pdftest.Stream("", content), 40: pay("100"),
	}).With(more)
}

// pay is a form XObject that says so.
func pay(amount string) string {
	return pdftest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</Font<</H 41 0 R>>>>", "BT/H 40 Tf 50 500 Td(Pay "+amount+")Tj ET")
}

// instead has a later revision put something into an object in the place of something else; 90 says to pay more.
func instead(t *testing.T, number int, old, new string) func([]byte) pdftest.Objects {
	return func(file []byte) pdftest.Objects {
		return pdftest.Objects{90: pay("900"), number: replacedIn(t, lastBody(t, file, number), old, new)}
	}
}

// written has a later revision say so.
func written(o pdftest.Objects) func([]byte) pdftest.Objects {
	return func([]byte) pdftest.Objects { return o }
}

func requireSecond(t *testing.T, test second, sign func(t *testing.T, base []byte) []byte) {
	t.Helper()
	file := sign(t, pdftest.File(test.base, "/Info 12 0 R"))
	requireFirst(t, "", file)
	requireFirst(t, test.want, pdftest.Update(file, test.later(file), "/Info 12 0 R"))
}

func signedByUs(t *testing.T, base []byte) []byte {
	return sign(t, base, pdf.Options{Profile: pdf.MOJ})
}

// metadata is a metadata stream.
func metadata(text string) string { return pdftest.Stream("/Type/Metadata/Subtype/XML", text) }

// TestTwoRoles has an object of which some parts may differ, or what such a part leads to, used for something else as
// well: there it must not differ.
func TestTwoRoles(t *testing.T) {
	const catalog, waiting = "<</Type/Catalog/Pages 2 0 R", "<</FT/Sig/T(E)/Type/Annot/Subtype/Widget/Rect[0 0 0 0]"
	form := func(rest string, more pdftest.Objects) pdftest.Objects {
		return pdftest.Objects{1: catalog + "/AcroForm 8 0 R>>", 8: "<</Fields[]" + rest + ">>"}.With(more)
	}
	field := func(resources, content, rest string) pdftest.Objects {
		return drawing(resources, content, pdftest.Objects{1: catalog + "/AcroForm 8 0 R>>", 8: "<</Fields[10 0 R]>>", 10: waiting + rest + ">>"})
	}
	stamped := "<</Type/DocTimeStamp/SubFilter/ETSI.RFC3161/Contents<00>/ByteRange[0 1 2 3]>>"
	fill := func(old, new string) func([]byte) pdftest.Objects {
		return func(file []byte) pdftest.Objects {
			o := instead(t, 10, old, new)(file).With(pdftest.Objects{91: stamped})
			o[10] = replacedIn(t, o[10], "/FT", "/V 91 0 R/FT")
			return o
		}
	}
	const font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
	for name, test := range map[string]second{
		"another generation": {drawing("<</XObject<</Im 40 0 R>>>>", "/Im Do", pdftest.Objects{1: catalog + "/Foo 40 1 R>>"}),
			written(pdftest.Objects{40: pay("900")}), pdf.ReasonChanged},
		"the catalog by another generation": {drawing("<</XObject 1 1 R>>", "/Metadata Do", pdftest.Objects{1: catalog + "/Metadata 40 0 R>>"}),
			instead(t, 1, "/Metadata 40", "/Metadata 90"), pdf.ReasonChanged},
		"metadata that are drawn": {drawing("<</XObject 1 0 R>>", "/Metadata Do", pdftest.Objects{1: catalog + "/Metadata 40 0 R>>"}),
			instead(t, 1, "/Metadata 40", "/Metadata 90"), pdf.ReasonChanged},
		"metadata that are drawn, of the type": {drawing("<</XObject 1 0 R>>", "/Metadata Do", pdftest.Objects{1: catalog + "/Metadata 50 0 R>>", 50: metadata("100")}),
			func([]byte) pdftest.Objects {
				return pdftest.Objects{1: catalog + "/Metadata 90 0 R>>", 90: metadata("900")}
			}, pdf.ReasonChanged},
		"metadata that are content": {drawing("<<>>", "", pdftest.Objects{1: catalog + "/Metadata 4 0 R>>", 4: metadata("0 g")}),
			written(pdftest.Objects{4: metadata("1 g")}), pdf.ReasonChanged},
		"metadata that were none": {drawing("<<>>", "", pdftest.Objects{1: catalog + "/Metadata 40 0 R>>"}),
			instead(t, 1, "/Metadata 40", "/Metadata 90"), pdf.ReasonChanged},
		"validation data": {drawing("<</XObject 1 0 R>>", "/DSS Do", pdftest.Objects{1: catalog + "/DSS 40 0 R>>"}),
			instead(t, 1, "/DSS 40", "/DSS 90"), pdf.ReasonChanged},
		"validation data, of the type": {drawing("50 0 R", "/Im Do", pdftest.Objects{1: catalog + "/DSS 50 0 R>>", 50: "<</XObject<</Im 40 0 R>>>>"}),
			instead(t, 50, "40 0 R", "90 0 R"), pdf.ReasonChanged},
		"extensions": {drawing("<</XObject 1 0 R>>", "/Extensions Do", pdftest.Objects{1: catalog + "/Extensions 40 0 R>>"}),
			instead(t, 1, "/Extensions 40", "/Extensions 90"), pdf.ReasonChanged},
		"a version": {drawing("<</XObject 1 0 R>>", "/Version Do", pdftest.Objects{1: catalog + "/Version 40 0 R>>"}),
			instead(t, 1, "/Version 40", "/Version 90"), pdf.ReasonChanged},
		"information": {drawing("<</XObject 12 0 R>>", "/Title Do", pdftest.Objects{12: "<</Title 40 0 R>>"}),
			instead(t, 12, "/Title 40", "/Title 90"), pdf.ReasonChanged},
		"the form's flags": {drawing("<</XObject 8 0 R>>", "/SigFlags Do", form("/SigFlags 3", nil)),
			instead(t, 8, "/SigFlags 3", "/SigFlags 90 0 R"), pdf.ReasonChanged},
		"the form's flags alone": {drawing("<<>>", "", form("/SigFlags 3", nil)),
			instead(t, 8, "/SigFlags 3", "/SigFlags 90 0 R"), pdf.ReasonChanged},
		"the form's style": {drawing("<</XObject 8 0 R>>", "/DA Do", form("", nil)),
			instead(t, 8, "/Fields", "/DA 90 0 R/Fields"), pdf.ReasonChanged},
		"the form's style, of the type": {drawing("8 0 R", "", form("", nil)), instead(t, 8, "/Fields", "/DA(x)/Fields"), pdf.ReasonChanged},
		"the form's fonts": {drawing("<</Font 9 0 R>>", "BT/Z 40 Tf(0)Tj ET", form("/DR<</Font 9 0 R>>", pdftest.Objects{9: "<</H " + font + ">>"})),
			instead(t, 9, "/H", "/Z "+font+"/H"), pdf.ReasonChanged},
		"the form's resources": {drawing("9 0 R", "BT/Z 40 Tf(0)Tj ET", form("/DR 9 0 R", pdftest.Objects{9: "<</Font<</H " + font + ">>>>"})),
			instead(t, 9, "/H", "/Z "+font+"/H"), pdf.ReasonChanged},
		"a field's flags":       {field("<</XObject 10 0 R>>", "/F Do", "/F 40 0 R"), fill("/F 40", "/F 90"), pdf.ReasonChanged},
		"a field's flags alone": {field("<<>>", "", "/F 40 0 R"), fill("/F 40", "/F 90"), pdf.ReasonChanged},
		"a field's time":        {field("<<>>", "", ""), fill("/FT", "/M 90 0 R/FT"), pdf.ReasonChanged},
		"a field":               {field("<</XObject 10 0 R>>", "/AP Do", ""), fill("/FT", "/AP<<>>/FT"), pdf.ReasonChanged},
		"a field's appearance": {field("<</XObject<</Im 40 0 R>>>>", "/Im Do", "/AP<</N 40 0 R>>"), func(file []byte) pdftest.Objects {
			return fill("/FT", "/FT")(file).With(pdftest.Objects{40: pay("900")})
		}, pdf.ReasonChanged},
		"a field's appearance, its own": {field("<<>>", "", "/AP<</N 40 0 R>>"), func(file []byte) pdftest.Objects {
			return fill("/FT", "/FT")(file).With(pdftest.Objects{40: pay("900")})
		}, ""},
		"an object that nothing leads to": {drawing("<<>>", "", nil),
			written(pdftest.Objects{40: pay("900")}), pdf.ReasonChanged},
		"an object that nothing leads to, the same": {drawing("<<>>", "", nil), written(pdftest.Objects{40: pay("100")}), ""},
		"metadata in their place":                   {drawing("<<>>", "", pdftest.Objects{1: catalog + "/Metadata 50 0 R>>", 50: metadata("100")}), written(pdftest.Objects{50: metadata("900")}), ""},
		"information in its place":                  {drawing("<<>>", "", pdftest.Objects{12: "<</Title 50 0 R>>", 50: "(100)"}), written(pdftest.Objects{50: "(900)"}), ""},
		"validation data in their place": {drawing("<<>>", "", pdftest.Objects{1: catalog + "/DSS 50 0 R>>", 50: "<</Certs 51 0 R>>", 51: "[]"}),
			written(pdftest.Objects{51: "[90 0 R]", 90: pdftest.Stream("", "x")}), ""},
	} {
		t.Run(name, func(t *testing.T) { requireSecond(t, test, signedByUs) })
	}
}

// TestReferencesBack leads from all over a document back to its pages, its fields and its catalog, of which some parts
// then differ.
func TestReferencesBack(t *testing.T) {
	base := pdftest.Document(2).With(pdftest.Objects{
		1: "<</Type/Catalog/Pages 2 0 R/AcroForm 8 0 R/OpenAction[3 0 R/Fit]/Outlines 20 0 R/Names<</Dests 21 0 R/IDS<</Names[(x)<</Type/SpiderContentSet/S/SPS/O[3 0 R]>>]>>>>/StructTreeRoot 22 0 R/MarkInfo<</Marked true>>>>",
		3: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots 13 0 R/StructParents 0/SeparationInfo<</Pages[3 0 R]>>>>",
		8: "<</Fields 12 0 R/CO[10 0 R]>>", 12: "[9 0 R]",
		9: "<</T(Group)/Kids 14 0 R/Type/Annot/Subtype/Link/Rect[0 0 9 9]/Dest[3 0 R/XYZ 0 0 0]>>", 14: "[10 0 R]",
		10: "<</FT/Sig/T(E)/Parent 9 0 R/P 3 0 R/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/StructParent 1>>",
		11: "<</Type/Annot/Subtype/Link/P 3 0 R/Rect[0 0 9 9]/A<</S/Hide/T[10 0 R]>>>>",
		13: "[9 0 R 11 0 R]",
		20: "<</Type/Outlines/First 23 0 R/Last 23 0 R/Count 1>>", 23: "<</Title(x)/Parent 20 0 R/A<</S/GoTo/D[5 0 R/FitH 9]>>>>",
		21: "<</Names[(a)[3 0 R/Fit](b)24 0 R]>>", 24: "[3 0 R/FitB]",
		22: "<</Type/StructTreeRoot/K 25 0 R/ParentTree<</Nums[0[25 0 R]1 25 0 R]>>>>",
		25: "<</S/Form/P 22 0 R/Pg 3 0 R/K[0<</Type/OBJR/Obj 10 0 R/Pg 3 0 R>>]>>",
	})
	file := sign(t, pdftest.File(base, ""), pdf.Options{Profile: pdf.MOJ})
	file = sign(t, file, pdf.Options{Profile: pdf.PAdES, Seal: &pdf.Seal{Page: 2, X: 10, Y: 10, Size: 40, Ring: true}})
	for _, s := range judge(t, file, 2).Signatures {
		require.Nil(t, s.Problem)
	}
	filled := replacedIn(t, base[10], "/FT", "/V 91 0 R/FT")
	stamp := "<</Type/DocTimeStamp/SubFilter/ETSI.RFC3161/Contents<00>/ByteRange[0 1 2 3]>>"
	s := requireFirst(t, "", pdftest.Update(file, pdftest.Objects{10: filled, 91: stamp}, ""))
	require.Equal(t, pdf.Additions{Signatures: 1, TimeStamps: 1}, s.Later)
}

// TestUnreadable has a reader that repairs find in an object what nobody can read here: nothing may come behind it.
func TestUnreadable(t *testing.T) {
	for name, object := range map[string]string{
		"a key twice":    "<</XObject<</Im 40 0 R>>/Dup 1/Dup 1>>",
		"no end":         "<</XObject<</Im 40 0 R>>",
		"a long header":  strings.Repeat(" ", 64) + "<</XObject<</Im 40 0 R>>>>obj",
		"a wrong length": "<</XObject<</Im 40 0 R>>/Length 9>>\nstream\nx\nendstream",
	} {
		base := drawing("6 0 R", "/Im Do", pdftest.Objects{6: object})
		page := replacedIn(t, base[3], "/Type", "/Annots[20 0 R]/Type")
		signedByOthers := func(t *testing.T, file []byte) []byte {
			objects := pdftest.SignatureObjects(pdftest.SignatureDict()).With(pdftest.Objects{3: page})
			return pdftest.Complete(pdftest.Update(file, objects, ""), nil, message(t))
		}
		t.Run(name, func(t *testing.T) {
			for _, later := range []pdftest.Objects{{40: pay("900")}, {6: object}, {6: "<<>>"}, {200: "<<>>"}} {
				requireSecond(t, second{base, written(later), pdf.ReasonChanged}, signedByOthers)
			}
			_, err := prepare(pdftest.File(base, ""), pdf.Options{Profile: pdf.MOJ})
			require.ErrorIs(t, err, pdf.ErrBroken)
		})
	}
	t.Run("where nothing leads to it", func(t *testing.T) {
		base := drawing("<<>>", "", pdftest.Objects{6: "<</Dup 1/Dup 1>>"})
		requireSecond(t, second{base, written(pdftest.Objects{200: "<<>>"}), ""}, signedByUs)
		requireSecond(t, second{base, written(pdftest.Objects{6: base[6]}), pdf.ReasonChanged}, signedByUs)
	})
}

// TestOverlappingStreams compares streams that all hold those behind them: the end comes by what is read, and not by
// what is there.
func TestOverlappingStreams(t *testing.T) {
	const n, head = 4000, "%8d 0 obj<</Length %010d>>stream\n"
	size := len(fmt.Sprintf(head, 1, 1))
	add := func(file []byte) []byte {
		previous := pdftest.LastXref(file)
		var table bytes.Buffer
		for i := range n {
			fmt.Fprintf(&table, "%010d 00000 n \n", len(file))
			file = fmt.Appendf(file, head, 100+i, (n-1-i)*size)
		}
		file = append(file, "\nendstream endobj\n"...)
		return fmt.Appendf(file, "xref\n100 %d\n%strailer\n<</Root 1 0 R/Size %d/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", n, table.String(), 100+n, previous, len(file))
	}
	var all strings.Builder
	for i := range n {
		fmt.Fprintf(&all, "%d 0 R ", 100+i)
	}
	base := pdftest.File(pdftest.Document(1).With(pdftest.Objects{1: "<</Type/Catalog/Pages 2 0 R/X[" + all.String() + "]>>"}), "")
	file := sign(t, add(base), pdf.Options{Profile: pdf.MOJ})
	s := verify(t, add(file)).Signatures[0]
	requireReason(t, pdf.ReasonChanged, s)
	require.ErrorIs(t, s.Problem, pdf.ErrTooLarge)
}
