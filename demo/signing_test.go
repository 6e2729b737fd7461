package main

import (
	"bytes"
	"crypto/x509"
	"image"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
)

// signPDF returns what Natsuin appends to a PDF.
func signPDF(t testing.TB, certificate *x509.Certificate, issued []byte, o pdf.Options, at time.Time) []byte {
	t.Helper()
	update, err := pdf.Prepare(bytes.NewReader(issued), int64(len(issued)), o)
	require.NoError(t, err)
	appended, err := update.Sign(pdf.Signer{Signer: certtest.Key(t, "card"), Certificate: certificate, Name: "見本　太郎", Time: at})
	require.NoError(t, err)
	return appended
}

// issuedPDF fetches the PDF of a draft.
func (c *browser) issuedPDF(number string) []byte {
	c.t.Helper()
	return c.download("/drafts/"+number+"/pdf", pdfName)
}

// sealed is the seal of the example, drawn as a black square.
func sealed() *pdf.Seal {
	picture := image.NewGray(image.Rect(0, 0, 9, 9))
	return &pdf.Seal{Page: 1, X: sealX, Y: sealY, Size: sealSize, Ring: true, Picture: picture}
}

func TestPDFFiling(t *testing.T) {
	b := newBench(t)
	for name, test := range map[string]struct {
		options pdf.Options
		bound   string // what comes of the rule certificate-bound
	}{
		"pades":             {pdf.Options{Profile: pdf.PAdES}, "passed"},
		"moj":               {pdf.Options{Profile: pdf.MOJ}, "not-checked"},
		"pades with a seal": {pdf.Options{Profile: pdf.PAdES, Seal: sealed()}, "passed"},
		"moj with a seal":   {pdf.Options{Profile: pdf.MOJ, Seal: sealed()}, "not-checked"},
	} {
		t.Run(name, func(t *testing.T) {
			c := b.loggedIn(t)
			number, _ := c.draft(exampleForm())
			issued := c.issuedPDF(number)
			appended := signPDF(t, b.signCertificate(t), issued, test.options, b.now())
			status, answer := c.post("/filings/pdf?draft="+number, appended)
			require.Equal(t, http.StatusCreated, status, answer)

			_, body := c.open(answer["next"])
			for _, rule := range []string{"document", "signature", "coverage", "unchanged", "signing-time"} {
				require.Contains(t, body, `data-rule="`+rule+`" data-outcome="passed"`)
			}
			require.Contains(t, body, `data-rule="certificate-bound" data-outcome="`+test.bound+`"`)
			require.Contains(t, body, `data-attribute="name" data-comparison="same"`)
			require.Contains(t, body, "natsuin verify "+signedPDFName)
			require.NotContains(t, body, "/filings/"+number+"/document", "the data was not signed")

			signed := c.download("/filings/"+number+"/signature", signedPDFName)
			require.Equal(t, string(issued)+string(appended), string(signed))
			pdftest.Check(t, signed)
			said := pdftest.Signatures(t, signed)
			require.Contains(t, said, "Signature is Valid.")
			require.Contains(t, said, "Total document signed")
		})
	}
}

func TestPDFFilingIsRefused(t *testing.T) {
	b := newBench(t)
	c := b.loggedIn(t)
	number, document := c.draft(exampleForm())
	issued := c.issuedPDF(number)
	now, certificate := b.now(), b.signCertificate(t)
	pades := pdf.Options{Profile: pdf.PAdES}
	stranger := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "stranger").Signature(t, certtest.Key(t, "card"))

	good := signPDF(t, certificate, issued, pades, now)
	flipped := bytes.Clone(good)
	flipped[bytes.Index(flipped, []byte("/Name"))+6] ^= 1
	twice := append(bytes.Clone(good), signPDF(t, certificate, append(bytes.Clone(issued), good...), pades, now)...)
	seal := func(edit func(*pdf.Seal)) []byte {
		s := sealed()
		edit(s)
		return signPDF(t, certificate, issued, pdf.Options{Profile: pdf.PAdES, Seal: s}, now)
	}
	// The signer's program changes what the page shows, and signs that.
	content := strings.Replace(string(issued), "(1) Tj", "(9) Tj", 1)
	require.NotEqual(t, string(issued), content)
	start := strings.Index(content, "stream\n") + len("stream\n")
	changed := pdftest.Update(issued, pdftest.Objects{4: pdftest.Stream("", content[start:strings.Index(content, "\nendstream")])}, "")
	changed = append(changed, signPDF(t, certificate, changed, pades, now)...)
	more := pdftest.Update(append(bytes.Clone(issued), good...), pdftest.Objects{9: "<< /Title (other) >>"}, "/Info 9 0 R")

	for name, test := range map[string]struct {
		appended []byte
		reason   string
	}{
		"nothing":                       {nil, "SIGNATURE_ABSENT"},
		"a message for the data":        {sign(t, certificate, document, false, now), "DOCUMENT_MALFORMED"},
		"a flipped bit":                 {flipped, "DOCUMENT_CHANGED"},
		"for another draft":             {signPDF(t, certificate, pdftest.File(pdftest.Document(1), ""), pades, now), "DOCUMENT_MALFORMED"},
		"another page":                  {changed[len(issued):], "DOCUMENT_CHANGED"},
		"metadata behind it":            {more[len(issued):], "CHANGED_AFTER_SIGNING"},
		"two signatures":                {twice, "SIGNER_COUNT"},
		"a seal too far to the left":    {seal(func(s *pdf.Seal) { s.X-- }), "SEAL_MISPLACED"},
		"a seal that is too large":      {seal(func(s *pdf.Seal) { s.Size++ }), "SEAL_MISPLACED"},
		"an authentication certificate": {signPDF(t, b.authCertificate(t), issued, pades, now), "WRONG_HIERARCHY"},
		"a foreign issuer":              {signPDF(t, stranger, issued, pades, now), "ISSUER_FOREIGN"},
		"a clock of last century":       {signPDF(t, certificate, issued, pades, now.AddDate(-30, 0, 0)), "SIGNING_TIME_OUTSIDE"},
	} {
		t.Run(name, func(t *testing.T) {
			c.refused("/filings/pdf?draft="+number, test.appended, http.StatusUnprocessableEntity, test.reason)
			response, _ := c.open("/filings/" + number)
			require.Equal(t, http.StatusNotFound, response.StatusCode)
		})
	}
	tooMuch := bytes.Repeat([]byte("a"), maxAppended+1)
	c.refused("/filings/pdf?draft="+number, tooMuch, http.StatusRequestEntityTooLarge, "TOO_LARGE")
	status, _ := c.post("/filings/pdf?draft="+number, good)
	require.Equal(t, http.StatusCreated, status, "the draft survived all that")
}

// What the page's script needs to ask for the seal stands on the confirmation, where there can be one.
func TestSealIsOffered(t *testing.T) {
	c := newBench(t).loggedIn(t)
	number, _ := c.draft(exampleForm())
	_, body := c.open("/drafts/" + number)
	require.Contains(t, body, `data-seal="{&#34;page&#34;:1,&#34;x&#34;:461,&#34;y&#34;:566,&#34;size&#34;:64,&#34;ring&#34;:true,&#34;text&#34;:&#34;見本&#34;}"`)
	require.Contains(t, body, `id="seal"`)

	form := exampleForm()
	form.Set("name", "ABCDEFGHI JOHN")
	number, _ = c.draft(form)
	_, body = c.open("/drafts/" + number)
	require.Contains(t, body, `data-seal=""`)
	require.NotContains(t, body, `id="seal"`)
}
