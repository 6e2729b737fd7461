package pdf_test

import (
	"bytes"
	"fmt"
	"image"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
)

func checkIssued(file, issued []byte) error {
	return pdf.CheckIssued(bytes.NewReader(file), int64(len(file)), issued)
}

// TestIssuedCorpus takes every kind of file as itself, and signed: with a seal, and by two.
func TestIssuedCorpus(t *testing.T) {
	for name, issued := range pdftest.Corpus(t) {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, checkIssued(issued, issued))
			seal := &pdf.Seal{Page: 1, X: 10, Y: 10, Size: 40, Ring: true, Picture: image.NewNRGBA(image.Rect(0, 0, 9, 9))}
			once := sign(t, issued, pdf.Options{Profile: pdf.PAdES, Seal: seal})
			require.NoError(t, checkIssued(once, issued))
			require.NoError(t, checkIssued(sign(t, once, pdf.Options{Profile: pdf.MOJ}), issued))
		})
	}
}

// TestIssuedChanged has the signer's own update change the document. The signature is correct and covers the whole
// file, and what it signs is not what was issued.
func TestIssuedChanged(t *testing.T) {
	issued := pdftest.File(pdftest.Document(2), "")
	objects := pdftest.SignatureObjects(pdftest.SignatureDict())
	for name, more := range map[string]pdftest.Objects{
		"":                  {},
		"a page's content":  {4: pdftest.Stream("", "1 g")},
		"a page's box":      {3: strings.Replace(objects[3], "595", "200", 1)},
		"a page more":       {2: "<</Type/Pages/Count 3/Kids[3 0 R 5 0 R 30 0 R]>>", 30: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"},
		"an annotation":     {3: strings.Replace(objects[3], "[20 0 R]", "[20 0 R 30 0 R]", 1), 30: "<</Type/Annot/Subtype/FreeText/Rect[0 0 9 9]>>"},
		"a text field":      {1: strings.Replace(objects[1], "[20 0 R]", "[20 0 R 30 0 R]", 1), 30: "<</FT/Tx/T(X)/Type/Annot/Subtype/Widget/Rect[0 0 9 9]>>"},
		"an opening action": {1: strings.Replace(objects[1], "/AcroForm", "/OpenAction[5 0 R/Fit]/AcroForm", 1)},
		"a mark twice":      {3: strings.Replace(objects[3], "[20 0 R]", "[20 0 R 20 0 R]", 1)},
		"a mark on two pages": {
			5: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents 6 0 R/Annots[20 0 R]>>",
		},
		"one signature, two fields": {
			1: strings.Replace(objects[1], "[20 0 R]", "[20 0 R 30 0 R]", 1), 3: strings.Replace(objects[3], "[20 0 R]", "[20 0 R 30 0 R]", 1),
			30: strings.Replace(objects[20], "[0 0 0 0]", "[0 0 595 842]", 1),
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := pdftest.Complete(pdftest.Update(issued, objects.With(more), ""), nil, message(t))
			report := verify(t, file)
			require.Len(t, report.Signatures, 1)
			if name == "one signature, two fields" {
				requireReason(t, pdf.ReasonShared, report.Signatures[0])
			} else {
				requireReason(t, "", report.Signatures[0])
				require.True(t, report.Signatures[0].Whole)
			}
			requireProblem(t, map[bool]pdf.Reason{false: pdf.ReasonChanged}[name == ""], checkIssued(file, issued))
		})
	}
}

func requireProblem(t *testing.T, want pdf.Reason, err error) {
	t.Helper()
	if want == "" {
		require.NoError(t, err)
		return
	}
	var problem *pdf.Problem
	require.ErrorAs(t, err, &problem)
	require.Equal(t, want, problem.Reason, "%v", problem)
}

// TestIssuedOther gives a file that does not build on the document.
func TestIssuedOther(t *testing.T) {
	issued := pdftest.File(pdftest.Document(1), "")
	signed := sign(t, issued, pdf.Options{Profile: pdf.MOJ})
	replaced := bytes.Replace(signed, []byte("0.5 g"), []byte("0.9 g"), 1)
	require.NotEqual(t, signed, replaced)
	another := pdftest.File(pdftest.Document(1), "/Mark 1")
	for name, test := range map[string]struct {
		file []byte
		want pdf.Reason
	}{
		"a byte is another":   {replaced, pdf.ReasonRevision},
		"shorter":             {issued[:len(issued)-1], pdf.ReasonRevision},
		"empty":               {nil, pdf.ReasonRevision},
		"another document":    {sign(t, another, pdf.Options{Profile: pdf.MOJ}), pdf.ReasonRevision},
		"a line end behind":   {append(bytes.Clone(signed), '\n'), pdf.ReasonAppended},
		"another behind it":   {withoutHistory(issued), pdf.ReasonRevision},
		"as it was issued":    {issued, ""},
		"signed, as it is":    {signed, ""},
		"signed, then stamps": {pdftest.Update(signed, pdftest.Objects{}, ""), ""},
	} {
		t.Run(name, func(t *testing.T) { requireProblem(t, test.want, checkIssued(test.file, issued)) })
	}
	err := checkIssued(signed, []byte("%PDF-1.7"))
	require.ErrorContains(t, err, "as issued")
	require.NotErrorIs(t, err, pdf.ErrBroken, "the file is not to blame")
	require.ErrorIs(t, checkIssued(append(bytes.Clone(issued), "startxref\n5\n%%EOF\n"...), issued), pdf.ErrBroken)
}

// withoutHistory puts a document of its own behind another, whose bytes are still there and mean nothing.
func withoutHistory(file []byte) []byte {
	out := bytes.Clone(file)
	var table bytes.Buffer
	for number, body := range pdftest.Document(1) {
		fmt.Fprintf(&table, "%d 1\n%010d 00000 n \n", number, len(out))
		out = fmt.Appendf(out, "%d 0 obj\n%s\nendobj\n", number, body)
	}
	return fmt.Appendf(out, "xref\n%strailer\n<</Size 9/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", table.String(), len(out))
}
