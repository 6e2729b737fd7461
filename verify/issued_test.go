package verify_test

import (
	"bytes"
	"crypto"
	"encoding/json"
	"fmt"
	"image"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
	"github.com/natsuin/natsuin/verify"
)

func verifyIssued(file, issued []byte) ([]verify.Mark, error) {
	return verify.VerifyIssued(bytes.NewReader(file), int64(len(file)), issued)
}

// TestVerifyIssued takes a document that its signer changed before signing: every signature in it is in order.
func TestVerifyIssued(t *testing.T) {
	issued := onePage()
	marks, err := verifyIssued(issued, issued)
	require.NoError(t, err)
	require.Empty(t, marks)

	seal := &pdf.Seal{Page: 1, X: 100, Y: 200, Size: 50, Ring: true, Picture: image.NewNRGBA(image.Rect(0, 0, 9, 9))}
	marks, err = verifyIssued(signPDF(t, issued, cardCert(t), pdf.Options{Profile: pdf.PAdES, Seal: seal}), issued)
	require.NoError(t, err)
	require.Equal(t, []verify.Mark{{Page: 1, Rect: [4]float64{100, 200, 150, 250}}}, marks)

	changed := pdftest.Update(issued, pdftest.Objects{4: pdftest.Stream("", "1 g")}, "")
	signed := signPDF(t, changed, cardCert(t), pdf.Options{Profile: pdf.PAdES})
	found := read(t, signed, options(t))
	require.True(t, found.Accepted)
	require.True(t, found.Signatures[0].Covers.Whole)
	_, err = verifyIssued(signed, issued)
	requireRefused(t, err, verify.DocumentChanged)
	require.ErrorContains(t, err, "object 4 0 R")

	_, err = verifyIssued(signed[len(issued):], issued)
	requireRefused(t, err, verify.DocumentChanged)
	_, err = verifyIssued(append(bytes.Clone(issued), "startxref\n5\n%%EOF\n"...), issued)
	requireRefused(t, err, verify.DocumentMalformed)
}

// signed fills in the signature that an update keeps a place for.
func signed(t *testing.T, update []byte) []byte {
	t.Helper()
	return pdftest.Complete(update, nil, registryMessage(t, crypto.SHA256, cms.Options{SigningTime: certtest.Now, Unbound: true}))
}

// TestVerifyIssuedHiddenMarks: no mark but those that are told comes with a signature. What a second field shows of
// it, or its widget on further pages, is a change; the first is no signature to rely on, either.
func TestVerifyIssuedHiddenMarks(t *testing.T) {
	issued := pdftest.File(pdftest.Document(3), "")
	objects := pdftest.SignatureObjects(pdftest.SignatureDict())
	seen := strings.Replace(objects[20], "[0 0 0 0]", "[10 10 30 30]", 1)
	both := func(s string) string { return strings.Replace(s, "[20 0 R]", "[30 0 R 20 0 R]", 1) }

	twice := signed(t, pdftest.Update(issued, objects.With(pdftest.Objects{1: both(objects[1]), 3: both(objects[3]), 20: seen,
		30: strings.Replace(seen, "[10 10 30 30]", "[0 0 595 842]", 1)}), ""))
	_, err := verifyIssued(twice, issued)
	requireRefused(t, err, verify.DocumentChanged)
	found := read(t, twice, options(t))
	require.Len(t, found.Signatures, 1)
	require.Equal(t, verify.SignatureMalformed, found.Signatures[0].Reason)
	require.Len(t, found.Signatures[0].Marks, 2)

	everywhere := objects.With(pdftest.Objects{20: seen})
	for _, n := range []int{5, 7} {
		everywhere[n] = strings.TrimSuffix(pdftest.Document(3)[n], ">>") + "/Annots[20 0 R]>>"
	}
	file := signed(t, pdftest.Update(issued, everywhere, ""))
	_, err = verifyIssued(file, issued)
	requireRefused(t, err, verify.DocumentChanged)
	require.Len(t, read(t, file, options(t)).Signatures[0].Marks, 3)
}

// TestForbidden: what a certification and a lock forbid is against the signature when it is added all the same.
func TestForbidden(t *testing.T) {
	for name, reference := range map[string]string{
		"certified": "DocMDP/TransformParams<</P 1>>",
		"locked":    "FieldMDP/TransformParams<</Action/All>>",
	} {
		t.Run(name, func(t *testing.T) {
			first := registryPDF(t, func(dict string) string {
				return strings.Replace(dict, pdftest.ByteRange, "/Reference[<</TransformMethod/"+reference+">>]"+pdftest.ByteRange, 1)
			}, nil, nil)
			require.True(t, read(t, first, options(t)).Accepted)
			objects := pdftest.SignatureObjects("")
			second := signed(t, pdftest.Update(first, pdftest.Objects{
				1:  strings.Replace(objects[1], "20 0 R", "20 0 R 30 0 R", 1),
				30: strings.NewReplacer("Signature1", "Signature2", "21 0 R", "31 0 R").Replace(objects[20]), 31: pdftest.SignatureDict(),
			}, ""))
			failsFor(t, read(t, second, options(t)), verify.ChangedAfterSigning, verify.RuleUnchanged)
		})
	}
}

func requireRefused(t *testing.T, err error, want verify.Reason) {
	t.Helper()
	var refusal *verify.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, want, refusal.Reason)
}

// A mark's rectangle is told in order however the document gives its corners; what the site issued is not the
// signer's fault.
func TestVerifyIssuedMarks(t *testing.T) {
	issued := onePage()
	objects := pdftest.SignatureObjects(pdftest.SignatureDict())
	objects[20] = strings.Replace(objects[20], "[0 0 0 0]", "[30 9 10 40]", 1)
	marks, err := verifyIssued(signed(t, pdftest.Update(issued, objects, "")), issued)
	require.NoError(t, err)
	require.Equal(t, []verify.Mark{{Page: 1, Rect: [4]float64{10, 9, 30, 40}}}, marks)

	// Every widget of a field that waited for the signature is a mark.
	kid := func(page int, rect string) string {
		return fmt.Sprintf("<</Type/Annot/Subtype/Widget/Parent 20 0 R/P %d 0 R/Rect%s>>", page, rect)
	}
	page := func(number, annotations string) string {
		return "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents " + number + " 0 R/Annots[" + annotations + "]>>"
	}
	const field = "<</FT/Sig/T(Signature1)/Kids[22 0 R 23 0 R 24 0 R]"
	waiting := pdftest.File(pdftest.Document(2).With(pdftest.Objects{
		1: "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[20 0 R]>>>>", 3: page("4", "22 0 R 23 0 R"), 5: page("6", "24 0 R"),
		20: field + ">>", 22: kid(3, "[0 0 9 9]"), 23: kid(3, "[20 20 0.5 9]"), 24: kid(5, "[0 0 595 842]"),
	}), "")
	filled := signed(t, pdftest.Update(waiting, pdftest.Objects{20: field + "/V 21 0 R>>", 21: pdftest.SignatureDict()}, ""))
	marks, err = verifyIssued(filled, waiting)
	require.NoError(t, err)
	want := []verify.Mark{{Page: 1, Rect: [4]float64{0, 0, 9, 9}}, {Page: 1, Rect: [4]float64{0.5, 9, 20, 20}}, {Page: 2, Rect: [4]float64{0, 0, 595, 842}}}
	require.Equal(t, want, marks)
	found := read(t, filled, options(t))
	require.True(t, found.Accepted)
	require.Equal(t, want, found.Signatures[0].Marks)
	text, err := json.Marshal(found.Signatures[0].Marks[1])
	require.NoError(t, err)
	require.JSONEq(t, `{"page":1,"rect":[0.5,9,20,20]}`, string(text))

	_, err = verifyIssued(issued, []byte("%PDF-1.7\n"))
	require.ErrorContains(t, err, "as issued")
	var refusal *verify.Refusal
	require.NotErrorAs(t, err, &refusal)
}
