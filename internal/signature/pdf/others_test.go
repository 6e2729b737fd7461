package pdf_test

import (
	"bytes"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
	"github.com/natsuin/natsuin/internal/signature/signtest"
)

// pdfsigSigner is poppler's signer: the folder of an NSS database that holds the key "card" and a certificate
// that is valid by any clock.
func pdfsigSigner(t *testing.T) string {
	t.Helper()
	key := certtest.Key(t, "card")
	ca := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1")
	cert := ca.Signature(t, key, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = certtest.Now.AddDate(-20, 0, 0), certtest.Now.AddDate(60, 0, 0)
	})
	dir := t.TempDir()
	database, bundle := "sql:"+dir, filepath.Join(dir, "card.p12")
	for _, args := range [][]string{
		{"openssl", "pkcs12", "-export", "-out", bundle, "-name", "card", "-passout", "pass:",
			"-in", signtest.WriteCertificates(t, dir, "card.pem", cert),
			"-inkey", signtest.WriteKey(t, dir, "key.pem", key)},
		{"certutil", "-N", "-d", database, "--empty-password"},
		{"pk12util", "-i", bundle, "-d", database, "-W", ""},
	} {
		printed, err := pdftest.Run(t, args[0], args[1:]...)
		require.NoError(t, err, printed)
	}
	return database
}

// byPdfsig has poppler sign a file.
func byPdfsig(t *testing.T, database string, file []byte, args ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	in, out := signtest.Write(t, dir, "in.pdf", file), filepath.Join(dir, "out.pdf")
	printed, err := pdftest.Run(t, "pdfsig", append([]string{"-nssdir", database, "-nick", "card", "-reason", "試験"}, append(args, in, out)...)...)
	require.NoError(t, err, printed)
	signed, err := os.ReadFile(out)
	require.NoError(t, err, printed)
	return signed
}

// TestVerifiesPoppler verifies what poppler signs, alone, behind our signature and in front of it. Its CMS is NSS's: in
// BER, every frame of indefinite length, without a signingTime; so the registry's rules about these are broken. Where
// a form is there it leaves its field out of it.
func TestVerifiesPoppler(t *testing.T) {
	database := pdfsigSigner(t)
	for name, file := range pdftest.Corpus(t) {
		if name == "hybrid" || strings.HasSuffix(name, "linearized") || strings.HasPrefix(name, "nested") {
			continue // it spoils the first, as qpdf says, and to the others they are as any file
		}
		t.Run(name, func(t *testing.T) {
			theirs := byPdfsig(t, database, file, "-add-signature")
			s := judge(t, theirs, 1).Signatures[0]
			require.Equal(t, "adbe.pkcs7.detached", s.SubFilter)
			require.Equal(t, "試験", s.Reason)
			require.Equal(t, []pdf.Rule{pdf.RuleContents, pdf.RuleMessage}, failed(t, theirs))
			judge(t, sign(t, theirs, pdf.Options{Profile: pdf.MOJ}), 2)

			ours := sign(t, file, pdf.Options{Profile: pdf.PAdES})
			both := byPdfsig(t, database, ours, "-add-signature")
			require.True(t, bytes.HasPrefix(both, ours))
			judge(t, both, 2)
		})
	}
}

// TestFilledByPoppler has poppler fill a field that waited for a signature when we signed.
func TestFilledByPoppler(t *testing.T) {
	file := pdftest.File(pdftest.Document(1).With(pdftest.Objects{
		1:  "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[10 0 R]>>>>",
		3:  "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots[10 0 R]>>",
		10: "<</FT/Sig/T(Waiting)/Type/Annot/Subtype/Widget/Rect[10 10 200 90]/F 4/P 3 0 R>>",
	}), "")
	ours := sign(t, file, pdf.Options{Profile: pdf.MOJ})
	report := judge(t, byPdfsig(t, pdfsigSigner(t), ours, "-sign", "Waiting"), 2)
	require.Equal(t, "Waiting", report.Signatures[1].Field)
	require.Equal(t, 1, report.Signatures[1].Marks[0].Page)
}
