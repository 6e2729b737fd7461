package pdf_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
)

// TestCosignUnusual signs signed files whose form and annotations are where few programs put them: no earlier
// signature breaks, and a seal shows on its page alone.
func TestCosignUnusual(t *testing.T) {
	o := pdftest.SignatureObjects(pdftest.SignatureDict())
	second := "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents 6 0 R/Annots 60 0 R>>"
	for name, more := range map[string]pdftest.Objects{
		"as usual":                       {},
		"no form":                        {1: "<</Type/Catalog/Pages 2 0 R>>"},
		"a form that is nowhere":         {1: "<</Type/Catalog/Pages 2 0 R/AcroForm 99 0 R>>"},
		"a form that is null":            {1: "<</Type/Catalog/Pages 2 0 R/AcroForm 60 0 R>>", 60: "null"},
		"fields that are nowhere":        {1: "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields 99 0 R>>>>"},
		"fields that are null, indirect": {1: "<</Type/Catalog/Pages 2 0 R/AcroForm 60 0 R>>", 60: "<</Fields 61 0 R>>", 61: "null"},
		"annotations that are nowhere":   {3: strings.Replace(o[3], "[20 0 R]", " 99 0 R", 1)},
		"annotations of two pages":       {3: strings.Replace(o[3], "[20 0 R]", " 60 0 R", 1), 5: second, 60: "[20 0 R]"},
		"no annotations, of two pages":   {3: strings.Replace(o[3], "[20 0 R]", " 60 0 R", 1), 5: second, 60: "[]"},
	} {
		t.Run(name, func(t *testing.T) {
			file := pdftest.Complete(pdftest.Update(pdftest.File(pdftest.Document(2), ""), o.With(more), ""), nil, message(t))
			report := verify(t, file)
			if name != "no form" && strings.Contains(o.With(more)[3], "20 0 R") || name == "annotations of two pages" {
				requireReason(t, "", report.Signatures[0])
			}
			for i, seal := range []*pdf.Seal{nil, {Page: 1, X: 100, Y: 100, Size: 40, Ring: true}} {
				signed := sign(t, file, pdf.Options{Profile: pdf.Profiles()[i], Seal: seal})
				after := verify(t, signed).Signatures
				requireReason(t, "", after[len(after)-1])
				require.Len(t, after[len(after)-1].Marks, i)
				if report.Signatures[0].Problem == nil {
					requireReason(t, "", after[0])
				}
				pdftest.Check(t, signed)
			}
		})
	}
}

// TestSealOnOnePage: two pages with one list of annotations do not both get the seal, nor is that a change.
func TestSealOnOnePage(t *testing.T) {
	page := func(content string) string {
		return "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents " + content + "/Annots 60 0 R>>"
	}
	issued := pdftest.File(pdftest.Document(2).With(pdftest.Objects{3: page("4 0 R"), 5: page("6 0 R"), 60: "[]"}), "")
	signed := sign(t, issued, pdf.Options{Profile: pdf.PAdES, Seal: &pdf.Seal{Page: 2, X: 100, Y: 100, Size: 40, Ring: true}})
	require.Equal(t, []pdf.Mark{{Page: 2, Rect: [4]float64{100, 100, 140, 140}}}, judge(t, signed, 1).Signatures[0].Marks)
	require.NoError(t, checkIssued(signed, issued))
}

// TestPrepareBreaks refuses a file in which an earlier signature stands only as long as nothing is added: its page uses
// the form for something else, so that another form could be another page.
func TestPrepareBreaks(t *testing.T) {
	base := pdftest.File(drawing("<</XObject 8 0 R>>", "", pdftest.Objects{1: "<</Type/Catalog/Pages 2 0 R/AcroForm 8 0 R>>", 8: "<</Fields[]>>"}), "")
	signed := sign(t, base, pdf.Options{Profile: pdf.MOJ})
	requireReason(t, "", verify(t, signed).Signatures[0])
	_, err := prepare(signed, pdf.Options{Profile: pdf.MOJ})
	require.ErrorIs(t, err, pdf.ErrBreaks)

	// What does not stand cannot be broken.
	broken := pdftest.Update(signed, pdftest.Objects{4: pdftest.Stream("", "1 g")}, "")
	again := sign(t, broken, pdf.Options{Profile: pdf.MOJ})
	require.Len(t, verify(t, again).Signatures, 2)
}
