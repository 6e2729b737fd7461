package pdf_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
)

// TestMarks finds every mark of a signature: one widget on several pages, several widgets of one field, and one whose
// extent nobody can tell.
func TestMarks(t *testing.T) {
	page := func(n int, annotations string) string {
		return strings.Replace(pdftest.Document(3)[n], ">>/Contents", ">>/Annots["+annotations+"]/Contents", 1)
	}
	o := pdftest.SignatureObjects(pdftest.SignatureDict())
	seen := strings.Replace(o[20], "[0 0 0 0]", "[300 10 10 200]", 1)
	big := [4]float64{10, 10, 300, 200}
	kid := func(rect string) string { return "<</Type/Annot/Subtype/Widget/Parent 20 0 R/Rect" + rect + ">>" }
	parent := strings.Replace(o[20], "/FT", "/Kids[22 0 R 23 0 R]/FT", 1)
	for name, test := range map[string]struct {
		objects pdftest.Objects
		want    []pdf.Mark
	}{
		"none":                     {pdftest.Objects{}, nil},
		"on no page":               {pdftest.Objects{20: seen, 3: page(3, "")}, nil},
		"one":                      {pdftest.Objects{20: seen}, []pdf.Mark{{Page: 1, Rect: big}}},
		"on every page":            {pdftest.Objects{20: seen, 5: page(5, "20 0 R"), 7: page(7, "20 0 R")}, []pdf.Mark{{Page: 1, Rect: big}, {Page: 2, Rect: big}, {Page: 3, Rect: big}}},
		"twice":                    {pdftest.Objects{20: seen, 3: page(3, "20 0 R 20 0 R")}, []pdf.Mark{{Page: 1, Rect: big}, {Page: 1, Rect: big}}},
		"two widgets of the field": {pdftest.Objects{20: parent, 22: kid("[0 0 9 9]"), 23: kid("[0.5 -1 2 2.]"), 3: page(3, "22 0 R"), 7: page(7, "23 0 R")}, []pdf.Mark{{Page: 1, Rect: [4]float64{0, 0, 9, 9}}, {Page: 3, Rect: [4]float64{0.5, -1, 2, 2}}}},
		"no rectangle":             {pdftest.Objects{20: strings.Replace(o[20], "/Rect[0 0 0 0]", "", 1)}, []pdf.Mark{{Page: 1}}},
		"half a rectangle":         {pdftest.Objects{20: strings.Replace(o[20], "[0 0 0 0]", "[0 0]", 1)}, []pdf.Mark{{Page: 1}}},
		"a rectangle of names":     {pdftest.Objects{20: strings.Replace(o[20], "[0 0 0 0]", "[0 0 9/X]", 1)}, []pdf.Mark{{Page: 1}}},
		"a line":                   {pdftest.Objects{20: strings.Replace(o[20], "[0 0 0 0]", "[0 5 100 5]", 1)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			file := pdftest.Complete(pdftest.Update(pdftest.File(pdftest.Document(3), ""), o.With(test.objects), ""), nil, message(t))
			report := verify(t, file)
			require.Len(t, report.Signatures, 1)
			requireReason(t, "", report.Signatures[0])
			require.Equal(t, test.want, report.Signatures[0].Marks)
		})
	}

	// A file with more marks than anybody looks at.
	o[3] = strings.Replace(o[3], "[20 0 R]", "["+strings.Repeat("20 0 R ", pdf.MaxMarks+1)+"]", 1)
	o[20] = seen
	file := pdftest.Complete(pdftest.Update(pdftest.File(pdftest.Document(1), ""), o, ""), nil, message(t))
	_, err := pdf.Verify(strings.NewReader(string(file)), int64(len(file)))
	require.ErrorIs(t, err, pdf.ErrTooLarge)
}

// TestSharedSignature: of two fields that hold one dictionary, a reader may show either; it counts once.
func TestSharedSignature(t *testing.T) {
	o := pdftest.SignatureObjects(pdftest.SignatureDict())
	o[1] = strings.Replace(o[1], "[20 0 R]", "[30 0 R 20 0 R]", 1)
	o[3] = strings.Replace(o[3], "[20 0 R]", "[30 0 R 20 0 R]", 1)
	o[30] = strings.NewReplacer("[0 0 0 0]", "[0 0 595 842]", "Signature1", "Other").Replace(o[20])
	o[20] = strings.Replace(o[20], "[0 0 0 0]", "[10 10 30 30]", 1)
	file := pdftest.Complete(pdftest.Update(pdftest.File(pdftest.Document(1), ""), o, ""), nil, message(t))
	report := verify(t, file)
	require.Len(t, report.Signatures, 1)
	requireReason(t, pdf.ReasonShared, report.Signatures[0])
	require.Equal(t, []pdf.Mark{{Page: 1, Rect: [4]float64{0, 0, 595, 842}}, {Page: 1, Rect: [4]float64{10, 10, 30, 30}}}, report.Signatures[0].Marks)
	require.NotNil(t, report.Signatures[0].CMS)
}

// TestNewField holds a field that came later to the keys that signers write.
func TestNewField(t *testing.T) {
	file := sign(t, pdftest.File(pdftest.Document(1), ""), pdf.Options{Profile: pdf.MOJ})
	form := lastBody(t, file, 1)
	field := "<</FT/Sig/T(New)/Subtype/Widget/Rect[0 0 0 0]/V 201 0 R>>"
	for more, want := range map[string]pdf.Reason{
		"": "", "/Type/Annot": "", "/TU(t)": "", "/P 3 0 R": "", "/F 132": "", "/AP<</N 202 0 R>>": "", "/AS/N": "", "/M(D:2026)": "", "/Lock<</Action/All>>": "",
		"/SV<<>>": "", "/MK<<>>": "", "/DA(/F 0 Tf)": "", "/NM(n)": "", "/Border[0 0 0]": "",
		"/Border[0 0 9]": pdf.ReasonChanged, "/Border[0 0 0[3]]": pdf.ReasonChanged, "/Border 0": pdf.ReasonChanged, "/BS<</W 9>>": pdf.ReasonChanged,
		"/Type/Page": pdf.ReasonChanged, "/OC 203 0 R": pdf.ReasonChanged, "/Popup 202 0 R": pdf.ReasonChanged, "/Dest[3 0 R/Fit]": pdf.ReasonChanged, "/PMD<<>>": pdf.ReasonChanged,
		"/A<<>>": pdf.ReasonChanged, "/AA<<>>": pdf.ReasonChanged, "/Kids[]": pdf.ReasonChanged, "/Parent 202 0 R": pdf.ReasonChanged, "/Ff 1": pdf.ReasonChanged, "/RV(t)": pdf.ReasonChanged,
	} {
		t.Run(more, func(t *testing.T) {
			file := pdftest.Update(file, pdftest.Objects{1: replacedIn(t, form, "/Fields [", "/Fields [200 0 R "), 200: replacedIn(t, field, ">>", more+">>"),
				201: pdftest.SignatureDict(), 202: pdftest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 0 0]", ""), 203: "<</Type/OCG/Name(x)>>"}, "")
			requireFirst(t, want, pdftest.Complete(file, nil, message(t)))
		})
	}
	for _, name := range []string{"", "/T()", "/T/New"} {
		file := pdftest.Update(file, pdftest.Objects{1: replacedIn(t, form, "/Fields [", "/Fields [200 0 R "), 200: replacedIn(t, field, "/T(New)", name), 201: pdftest.SignatureDict()}, "")
		requireFirst(t, pdf.ReasonChanged, pdftest.Complete(file, nil, message(t)))
	}
}
