package verify_test

import (
	"bytes"
	"image"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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
	update := pdftest.Complete(pdftest.Update(issued, objects, ""), nil, func([]byte) []byte { return nil })
	marks, err := verifyIssued(update, issued)
	require.NoError(t, err)
	require.Equal(t, []verify.Mark{{Page: 1, Rect: [4]float64{10, 9, 30, 40}}}, marks)

	_, err = verifyIssued(issued, []byte("%PDF-1.7\n"))
	require.ErrorContains(t, err, "as issued")
	var refusal *verify.Refusal
	require.NotErrorAs(t, err, &refusal)
}
