package verify_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
	"github.com/natsuin/natsuin/internal/signature/signtest"
	xmldsig "github.com/natsuin/natsuin/internal/signature/xml"
	"github.com/natsuin/natsuin/verify"
)

// edited replaces a text, which must be there.
func edited(t testing.TB, file []byte, old, with string) []byte {
	t.Helper()
	require.Contains(t, string(file), old)
	return bytes.Replace(file, []byte(old), []byte(with), 1)
}

// TestFilesRefused refuses files as a whole.
func TestFilesRefused(t *testing.T) {
	encrypted := pdftest.File(pdftest.Document(1), "/Encrypt<</Filter/Standard>>/ID[(1)(2)]")
	deep := strings.Repeat("<a>", 100_000)
	for name, test := range map[string]struct {
		file []byte
		want verify.Reason
		rule string
	}{
		"empty":              {nil, verify.FormatUnknown, verify.RuleFormat},
		"text":               {[]byte("hello"), verify.FormatUnknown, verify.RuleFormat},
		"an archive":         {[]byte("PK\x03\x04"), verify.FormatUnknown, verify.RuleFormat},
		"a PDF header later": {append([]byte("x"), onePage()...), verify.FormatUnknown, verify.RuleFormat},
		"a certificate":      {pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cardCert(t).Raw}), verify.FormatUnknown, verify.RuleFormat},
		"PEM, cut":           {openssl(t, "-outform", "PEM")[:200], verify.DocumentMalformed, verify.RuleFormat},
		"PEM, twice":         {bytes.Repeat(openssl(t, "-outform", "PEM"), 2), verify.DocumentMalformed, verify.RuleFormat},
		"DER, cut":           {signCMS(t, cardCert(t), true, certtest.Now)[:500], verify.MessageMalformed, verify.RuleMessage},
		"DER of a key":       {cardCert(t).RawSubjectPublicKeyInfo, verify.MessageMalformed, verify.RuleMessage},
		"DER, with more":     {append(signCMS(t, cardCert(t), true, certtest.Now), 0), verify.MessageMalformed, verify.RuleMessage},
		"detached, alone":    {signCMS(t, cardCert(t), false, certtest.Now), verify.ContentMissing, verify.RuleDocument},
		"PDF, not signed":    {onePage(), verify.SignatureAbsent, verify.RuleFormat},
		"PDF, cut":           {onePage()[:300], verify.DocumentMalformed, verify.RuleFormat},
		"PDF, encrypted":     {encrypted, verify.DocumentEncrypted, verify.RuleFormat},
		"PDF of many revisions": {func() []byte {
			file := onePage()
			for range 2000 {
				file = pdftest.Update(file, pdftest.Objects{4: pdftest.Stream("", "")}, "")
			}
			return file
		}(), verify.DocumentTooLarge, verify.RuleFormat},
		"XML, not signed": {[]byte("<a/>"), verify.SignatureAbsent, verify.RuleFormat},
		"XML, cut":        {[]byte("<a>"), verify.DocumentMalformed, verify.RuleFormat},
		"XML, deep":       {[]byte(deep), verify.DocumentMalformed, verify.RuleFormat},
		"XML with DOCTYPE": {[]byte(`<!DOCTYPE a [<!ENTITY b "c">]><a/>`),
			verify.DocumentMalformed, verify.RuleFormat},
		"XML with 10⁹ laughs":      {[]byte(billionLaughs()), verify.DocumentMalformed, verify.RuleFormat},
		"XML in UTF-16":            {[]byte("\xFF\xFE<\x00a\x00/\x00>\x00"), verify.DocumentMalformed, verify.RuleFormat},
		"XML with many signatures": {[]byte("<a>" + strings.Repeat(`<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>`, 65) + "</a>"), verify.DocumentTooLarge, verify.RuleFormat},
		"XML of too many bytes":    {append([]byte("<a>"), bytes.Repeat([]byte(" "), 33<<20)...), verify.DocumentTooLarge, verify.RuleFormat},
		"HTML":                     {[]byte("<!doctype html><title>x"), verify.DocumentMalformed, verify.RuleFormat},
		"CMS that is not signed":   {written(t, "cms", "-data_create", "-in", "document", "-outform", "DER", "-out", "signed"), verify.MessageMalformed, verify.RuleMessage},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := verifyDocument(t, test.file, options(t))
			require.Nil(t, got)
			refusal := refused(t, test.want, err)
			require.Equal(t, test.rule, refusal.Checks[len(refusal.Checks)-1].Rule)
		})
	}
}

// billionLaughs is a document whose entities stand for 10⁹ words.
func billionLaughs() string {
	declared := "<!ENTITY l0 'ha'>"
	for i := 1; i < 10; i++ {
		declared += fmt.Sprintf("<!ENTITY l%d '%s'>", i, strings.Repeat(fmt.Sprintf("&l%d;", i-1), 10))
	}
	return "<?xml version='1.0'?><!DOCTYPE a [" + declared + "]><a>&l9;</a>"
}

// TestCAInside: the certificate of a CA that a document brings along is no anchor, in whatever format, although the
// chain in it is right.
func TestCAInside(t *testing.T) {
	stranger := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "stranger")
	key := certtest.Key(t, "card")
	cert := stranger.Signature(t, key)
	message := func(doc cms.Document) []byte {
		der, err := cms.Sign(key, cert, doc, cms.Options{})
		require.NoError(t, err)
		return signtest.WithCertificates(t, der, stranger.Certificate)
	}
	signed := signXML(t, cert, xmldsig.Request{Profile: xmldsig.Enveloped, Document: []byte("<a/>")})
	ca := "<ds:X509Certificate>" + base64.StdEncoding.EncodeToString(stranger.Certificate.Raw) + "</ds:X509Certificate>"
	for name, file := range map[string][]byte{
		"CMS": message(cms.Document{Digest: sha256Of(document), Content: document}),
		"PDF": registryPDF(t, nil, nil, func(content []byte) []byte { return message(cms.Document{Digest: sha256Of(content)}) }),
		"XML": edited(t, signed, "</ds:X509Data>", ca+"</ds:X509Data>"),
	} {
		t.Run(name, func(t *testing.T) {
			failsFor(t, read(t, file, options(t)), verify.IssuerForeign, verify.RuleIssuer)
			o := options(t)
			o.Trust = trust(t, stranger)
			require.True(t, read(t, file, o).Accepted, "it is an anchor only where the caller says so")
		})
	}
}

// TestNoSigner: a message that only carries certificates is not signed by anybody.
func TestNoSigner(t *testing.T) {
	o := options(t)
	o.Content = bytes.NewReader(document)
	_, err := verifyDocument(t, written(t, "crl2pkcs7", "-nocrl", "-certfile", "card.pem", "-outform", "DER", "-out", "signed"), o)
	refused(t, verify.SignatureAbsent, err)
}

// TestUnreadable: what cannot be read is no fault of the document.
func TestUnreadable(t *testing.T) {
	broken := errors.New("the disk is broken")
	var refusal *verify.Refusal

	_, err := verify.VerifyDocument(t.Context(), failingAt{broken}, 100, options(t))
	require.ErrorIs(t, err, broken)
	require.NotErrorAs(t, err, &refusal)
	_, err = verify.VerifyDocument(t.Context(), bytes.NewReader(onePage()), 1<<20, options(t))
	require.Error(t, err, "a file that became shorter")

	o := options(t)
	o.Content = iotest.ErrReader(broken)
	_, err = verifyDocument(t, signCMS(t, cardCert(t), false, certtest.Now), o)
	require.ErrorIs(t, err, broken)
	require.NotErrorAs(t, err, &refusal)
}

// failingAt is a file that cannot be read.
type failingAt struct{ err error }

func (f failingAt) ReadAt([]byte, int64) (int, error) { return 0, f.err }

// TestSignaturesRefused spoils one thing at a time, of which the result names reason and rule.
func TestSignaturesRefused(t *testing.T) {
	key, now := certtest.Key(t, "card"), certtest.Now
	stranger := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "stranger")
	likeJLIS := certtest.NewCA(t, "JPKI", certtest.SignatureUnit, "2027")
	auth := authCA(t).Authentication(t, key)
	certs := map[string]struct {
		cert *x509.Certificate
		want verify.Reason
		rule string
	}{
		"expired":             {cardCert(t, validity(now.AddDate(-1, 0, 0), now.AddDate(0, 0, -1))), verify.CertificateExpired, verify.RuleCertificateValidity},
		"not yet valid":       {cardCert(t, validity(now.AddDate(0, 0, 1), now.AddDate(1, 0, 0))), verify.CertificateNotYetValid, verify.RuleCertificateValidity},
		"wrong hierarchy":     {auth, verify.WrongHierarchy, verify.RuleIssuer},
		"usage of the other":  {signCA(t).Authentication(t, key), verify.WrongHierarchy, verify.RuleKeyUsage},
		"stranger":            {stranger.Signature(t, key), verify.IssuerForeign, verify.RuleIssuer},
		"not shipped":         {likeJLIS.Signature(t, key), verify.IssuerNotShipped, verify.RuleIssuer},
		"a CA's":              {signCA(t).Signature(t, key, func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true }), verify.WrongHierarchy, verify.RuleKeyUsage},
		"no attributes":       {cardCert(t, func(c *x509.Certificate) { c.ExtraExtensions = []pkix.Extension{} }), verify.CertificateMalformed, verify.RuleAttributes},
		"not yet when signed": {cardCert(t, validity(now.Add(1e9), now.AddDate(1, 0, 0))), verify.SigningTimeOutside, verify.RuleSigningTime},
	}
	sign := map[verify.Format]func(*x509.Certificate) []byte{
		verify.CMS: func(cert *x509.Certificate) []byte { return signCMS(t, cert, true, now) },
		verify.PDF: func(cert *x509.Certificate) []byte {
			return signPDF(t, onePage(), cert, pdf.Options{Profile: pdf.PAdES})
		},
		verify.XML: func(cert *x509.Certificate) []byte {
			return signXML(t, cert, xmldsig.Request{Profile: xmldsig.Enveloped, Document: []byte("<a/>"), XAdES: true, Time: now})
		},
	}
	for name, test := range certs {
		for format, file := range sign {
			t.Run(fmt.Sprint(name, " ", format), func(t *testing.T) {
				o := options(t)
				if test.want == verify.SigningTimeOutside {
					o.At = now.AddDate(0, 0, 1)
				}
				failsFor(t, read(t, file(test.cert), o), test.want, test.rule)
			})
		}
	}

	plain := signCMS(t, cardCert(t), true, now)
	signedPDF := signPDF(t, onePage(), cardCert(t), pdf.Options{Profile: pdf.MOJ})
	shadow := pdftest.Update(signedPDF, pdftest.Objects{4: pdftest.Stream("", "1 g 0 0 600 900 re f\n")}, "")
	enveloped := signXML(t, cardCert(t), xmldsig.Request{Profile: xmldsig.Enveloped, Document: []byte(`<a Id="r"><b Id="b">甲</b><c Id="c"/></a>`), Elements: []string{"b"}})
	rsaSHA256, sha256URI := "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256"
	for name, test := range map[string]struct {
		file []byte
		want verify.Reason
		rule string
	}{
		"CMS: content":             {edited(t, plain, string(document), strings.Replace(string(document), "<", "[", 1)), verify.DocumentChanged, verify.RuleDocument},
		"CMS: value":               {flipped(plain), verify.SignatureInvalid, verify.RuleSignature},
		"CMS: SHA-1":               {openssl(t, "-outform", "DER", "-nodetach", "-md", "sha1"), verify.AlgorithmUnsupported, verify.RuleMessage},
		"CMS: PSS":                 {openssl(t, "-outform", "DER", "-nodetach", "-keyopt", "rsa_padding_mode:pss"), verify.AlgorithmUnsupported, verify.RuleMessage},
		"CMS: no certificate":      {openssl(t, "-outform", "DER", "-nodetach", "-nocerts"), verify.SignerCertificateAbsent, verify.RuleMessage},
		"CMS: no attributes":       {openssl(t, "-outform", "DER", "-nodetach", "-noattr"), verify.SignedAttributesInvalid, verify.RuleMessage},
		"PDF: signed bytes":        {edited(t, signedPDF, "0.5 g", "0.9 g"), verify.DocumentChanged, verify.RuleDocument},
		"PDF: byte range":          {edited(t, signedPDF, "/ByteRange [0 ", "/ByteRange [1 "), verify.CoverageInvalid, verify.RuleCoverage},
		"PDF: later revision":      {shadow, verify.ChangedAfterSigning, verify.RuleUnchanged},
		"PDF: something behind":    {append(bytes.Clone(signedPDF), "%more"...), verify.ChangedAfterSigning, verify.RuleUnchanged},
		"PDF: old kind":            {edited(t, signedPDF, "/adbe.pkcs7.detached", "/adbe.x509.rsa_sha1."), verify.AlgorithmUnsupported, verify.RuleMessage},
		"XML: text":                {edited(t, enveloped, "甲", "乙"), verify.DocumentChanged, verify.RuleDocument},
		"XML: duplicate id":        {edited(t, enveloped, `<c Id="c"/>`, `<c Id="b"/>`), verify.CoverageInvalid, verify.RuleCoverage},
		"XML: no such element":     {edited(t, enveloped, `URI="#b"`, `URI="#x"`), verify.CoverageInvalid, verify.RuleCoverage},
		"XML: file above":          {edited(t, enveloped, `URI="#b"`, `URI="../b"`), verify.CoverageInvalid, verify.RuleCoverage},
		"XML: HMAC":                {edited(t, enveloped, rsaSHA256, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"), verify.AlgorithmUnsupported, verify.RuleMessage},
		"XML: SHA-1":               {edited(t, enveloped, sha256URI, "http://www.w3.org/2000/09/xmldsig#sha1"), verify.AlgorithmUnsupported, verify.RuleMessage},
		"XML: other hash":          {edited(t, enveloped, "#rsa-sha256", "#rsa-sha512"), verify.SignatureInvalid, verify.RuleSignature},
		"XML: no SignedInfo":       {[]byte(`<a><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></a>`), verify.SignatureMalformed, verify.RuleMessage},
		"XML: file that is absent": {signedFile(t), verify.ContentMissing, verify.RuleDocument},
	} {
		t.Run(name, func(t *testing.T) { failsFor(t, read(t, test.file, options(t)), test.want, test.rule) })
	}
}

// failsFor asks that a file is not accepted, and that its first signature says why.
func failsFor(t *testing.T, got *verify.Document, want verify.Reason, rule string) {
	t.Helper()
	require.False(t, got.Accepted)
	s := got.Signatures[0]
	require.Equal(t, verify.Failed, s.Outcome)
	require.Equal(t, want, s.Reason, "%v", s.Err)
	require.Error(t, s.Err)
	require.NotEmpty(t, s.Detail)
	require.Nil(t, s.Revocation)
	var failed []string
	seen := map[string]bool{}
	for _, check := range s.Checks {
		require.False(t, seen[check.Rule], "%s twice", check.Rule)
		seen[check.Rule] = true
		if check.Outcome == verify.Failed {
			failed = append(failed, check.Rule)
		}
	}
	require.Equal(t, []string{rule}, failed)
}

// TestContentUnexpected: content that is given must be what is checked.
func TestContentUnexpected(t *testing.T) {
	for _, file := range [][]byte{signCMS(t, cardCert(t), true, certtest.Now), signPDF(t, onePage(), cardCert(t), pdf.Options{Profile: pdf.MOJ}), signedFile(t)} {
		o := options(t)
		o.Content = bytes.NewReader(document)
		_, err := verifyDocument(t, file, o)
		refused(t, verify.ContentUnexpected, err)
	}
	_, err := verify.VerifyDocument(t.Context(), bytes.NewReader(nil), -1, options(t))
	require.Error(t, err)
}

// TestFlippedBytes changes single bits of accepted files: what still is accepted says the same of the same
// signer.
func TestFlippedBytes(t *testing.T) {
	for name, file := range map[string][]byte{
		"CMS": signCMS(t, cardCert(t), true, certtest.Now),
		"PDF": signPDF(t, onePage(), cardCert(t), pdf.Options{Profile: pdf.PAdES}),
		"XML": signXML(t, cardCert(t), xmldsig.Request{Profile: xmldsig.Enveloped, Document: []byte("<a>甲</a>"), XAdES: true, Time: certtest.Now}),
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			o.Attributes = true
			want := read(t, file, o).Signatures[0]
			refused := 0
			for at := 0; at < len(file); at += 5 {
				spoiled := bytes.Clone(file)
				spoiled[at] ^= 1 << (at % 8)
				got, err := verifyDocument(t, spoiled, o)
				if err != nil || !got.Accepted {
					refused++
					continue
				}
				require.Equal(t, want.Signer.SHA256, got.Signatures[0].Signer.SHA256, "byte %d", at)
				require.Equal(t, want.Claims, got.Signatures[0].Claims, "byte %d", at)
				require.Equal(t, want.Attributes, got.Signatures[0].Attributes, "byte %d", at)
				require.Equal(t, want.Covers.Whole, got.Signatures[0].Covers.Whole, "byte %d", at)
			}
			require.Greater(t, refused, len(file)/5*2/5, "of the bytes that were changed")
		})
	}
}

// TestSpoiledAndForeign: where the key's signature is correct, the certificate is looked at although the document
// was changed, and the first reason stands.
func TestSpoiledAndForeign(t *testing.T) {
	stranger := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "stranger").Signature(t, certtest.Key(t, "card"))
	file := append(signPDF(t, onePage(), stranger, pdf.Options{Profile: pdf.PAdES}), "%more"...)
	s := read(t, file, options(t)).Signatures[0]
	require.Equal(t, verify.ChangedAfterSigning, s.Reason)
	require.Equal(t, []string{"message: passed", "certificate-bound: passed", "document: passed", "signature: passed",
		"unchanged: failed", "certificate: passed", "issuer: failed"}, rules(s.Checks))
	require.Nil(t, s.Signer.Anchor)
	require.Nil(t, s.Attributes)
}

// TestMissingRoot: a certificate of J-LIS's name and another key is told from a stranger's, and a root that is
// missing is named until it is added.
func TestMissingRoot(t *testing.T) {
	key := certtest.Key(t, "card")
	ca := certtest.NewCA(t, "JPKI", certtest.AuthenticationUnit, "2019", func(c *x509.Certificate) { c.SerialNumber.SetString("133C349", 16) })
	token := toJSON(t, makeToken(t, ca.Authentication(t, key), key, origin, challenge))
	o := verify.TokenOptions{Origin: origin, Challenge: challenge, At: certtest.Now}
	_, err := verify.VerifyToken(token, o)
	refused(t, verify.IssuerNotShipped, err)
	require.ErrorContains(t, err, "J-LIS 利用者証明用 02, valid from 2019-09-14 to 2029-09-14, is not shipped")
	require.Len(t, o.Trust.Missing(), 1)

	o.Trust = trust(t, ca)
	require.Empty(t, o.Trust.Missing())
	_, err = verify.VerifyToken(token, o)
	require.NoError(t, err)
	require.Len(t, verify.Roots(), 6)
}

// TestPrintable: what a document wrote can be shown, without line ends and without marks that turn the
// direction of writing.
func TestPrintable(t *testing.T) {
	file := signPDF(t, onePage(), cardCert(t), pdf.Options{Profile: pdf.MOJ})
	file = edited(t, file, "/adbe.pkcs7.detached", "/a#0Ab#E2#80#AEkcs7x")
	s := read(t, file, options(t)).Signatures[0]
	require.Equal(t, verify.AlgorithmUnsupported, s.Reason)
	require.Contains(t, s.Detail, "a\uFFFDb\uFFFDkcs7x")
	require.Contains(t, s.Err.Error(), "\n")
}

// FuzzVerifyDocument: nothing of the corpus, changed in one byte, is accepted as what it was not.
func FuzzVerifyDocument(f *testing.F) {
	files := [][]byte{
		signCMS(f, cardCert(f), true, certtest.Now),
		signPDF(f, onePage(), cardCert(f), pdf.Options{Profile: pdf.PAdES}),
		signXML(f, cardCert(f), xmldsig.Request{Profile: xmldsig.Enveloped, Document: []byte("<a>甲</a>")}),
	}
	for _, file := range files {
		require.True(f, read(f, file, options(f)).Accepted)
		f.Add(file)
	}
	f.Add([]byte(etax))
	o := options(f)
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := verifyDocument(t, file, o)
		if err != nil {
			return
		}
		require.NotEmpty(t, got.Signatures)
		for _, s := range got.Signatures {
			require.NotEmpty(t, s.Checks)
			if s.Outcome != verify.Passed {
				continue
			}
			require.Equal(t, "added", s.Signer.Anchor.Origin)
			require.Equal(t, "revocation: not-checked", rules(s.Checks)[len(s.Checks)-1])
		}
	})
}
