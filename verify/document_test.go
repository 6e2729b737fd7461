package verify_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"io/fs"
	"maps"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
	xmldsig "github.com/natsuin/natsuin/internal/signature/xml"
	"github.com/natsuin/natsuin/verify"
)

// options trust the CA of the tests at their time.
func options(t testing.TB) verify.DocumentOptions {
	return verify.DocumentOptions{At: certtest.Now, Trust: trust(t, authCA(t), signCA(t))}
}

func verifyDocument(t testing.TB, file []byte, o verify.DocumentOptions) (*verify.Document, error) {
	t.Helper()
	return verify.VerifyDocument(t.Context(), bytes.NewReader(file), int64(len(file)), o)
}

// read is verifyDocument for files that can be read.
func read(t testing.TB, file []byte, o verify.DocumentOptions) *verify.Document {
	t.Helper()
	found, err := verifyDocument(t, file, o)
	require.NoError(t, err)
	require.NotEmpty(t, found.Signatures)
	return found
}

// run calls a program that judges or signs, in a folder.
func run(t testing.TB, dir, program string, args ...string) {
	t.Helper()
	path, err := exec.LookPath(program)
	require.NoError(t, err, "%s is needed: run make deps", program)
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s %s\n%s", program, strings.Join(args, " "), out)
}

// folder writes a certificate and the key of the card, the CA's certificate and more files for other
// programs. They claim the time of their clock, at which the certificate is valid.
func folder(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	key := certtest.Key(t, "card")
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	all := map[string][]byte{
		"card.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cardCert(t, validity(certtest.Now.AddDate(-20, 0, 0), certtest.Now.AddDate(60, 0, 0))).Raw}),
		"key.pem":  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
		"ca.pem":   pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signCA(t).Certificate.Raw}),
		"document": document,
	}
	for name, content := range files {
		all[name] = content
	}
	for name, content := range all {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	return dir
}

// openssl has OpenSSL sign the document.
func openssl(t testing.TB, args ...string) []byte {
	t.Helper()
	return written(t, append([]string{"cms", "-sign", "-binary", "-in", "document", "-signer", "card.pem", "-inkey", "key.pem", "-out", "signed"}, args...)...)
}

// signPDF adds a signature by a certificate of the key "card".
func signPDF(t testing.TB, file []byte, cert *x509.Certificate, o pdf.Options) []byte {
	t.Helper()
	update, err := pdf.Prepare(bytes.NewReader(file), int64(len(file)), o)
	require.NoError(t, err)
	appended, err := update.Sign(pdf.Signer{Signer: certtest.Key(t, "card"), Certificate: cert, Name: "見本 太郎", Time: certtest.Now})
	require.NoError(t, err)
	return append(bytes.Clone(file), appended...)
}

func signXML(t testing.TB, cert *x509.Certificate, request xmldsig.Request) []byte {
	t.Helper()
	signed, err := xmldsig.Sign(certtest.Key(t, "card"), cert, request)
	require.NoError(t, err)
	return signed
}

// cardCert is the certificate of the key "card".
func cardCert(t testing.TB, edit ...func(*x509.Certificate)) *x509.Certificate {
	return signCA(t).Signature(t, certtest.Key(t, "card"), edit...)
}

func onePage() []byte { return pdftest.File(pdftest.Document(1), "") }

const etax = `<?xml version="1.0" encoding="UTF-8"?><DATA xmlns="http://xml.e-tax.nta.go.jp/XSD/kyotsu" id="DATA"><PTE0010 id="PTE0010">甲</PTE0010></DATA>`

// attachment is a file that XML signatures name.
const attachment = "添付.pdf"

func attached() fs.FS { return fstest.MapFS{attachment: {Data: document}, "別": {Data: []byte("x")}} }

func signedFile(t testing.TB) []byte {
	digest := sha256.Sum256(document)
	return signXML(t, cardCert(t), xmldsig.Request{Profile: xmldsig.Detached, Files: []xmldsig.File{{Name: attachment, Digest: digest[:]}}})
}

// xmlsec1 has xmlsec1 sign a document.
func xmlsec1(t testing.TB) []byte {
	t.Helper()
	const dsig = "http://www.w3.org/2000/09/xmldsig#"
	template := `<a xmlns="urn:x"><b/><Signature xmlns="` + dsig + `"><SignedInfo>` +
		`<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>` +
		`<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"/><Reference URI="">` +
		`<Transforms><Transform Algorithm="` + dsig + `enveloped-signature"/></Transforms>` +
		`<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference></SignedInfo><SignatureValue/>` +
		`<KeyInfo><X509Data><X509Certificate/></X509Data></KeyInfo></Signature></a>`
	dir := folder(t, map[string][]byte{"template": []byte(template)})
	run(t, dir, "xmlsec1", "--sign", "--privkey-pem", "key.pem,card.pem", "--output", "signed", "template")
	signed, err := os.ReadFile(filepath.Join(dir, "signed"))
	require.NoError(t, err)
	return signed
}

// TestVerifyDocument accepts what we, OpenSSL and xmlsec1 sign, and says what each signature covers.
func TestVerifyDocument(t *testing.T) {
	cert := cardCert(t)
	digest := sha256.Sum256(document)
	twice, err := cms.AddSigner(signCMS(t, cert, true, certtest.Now), certtest.Key(t, "other"),
		signCA(t).Signature(t, certtest.Key(t, "other"), func(c *x509.Certificate) { c.SerialNumber = big.NewInt(7) }), digest[:], cms.Options{SigningTime: certtest.Now})
	require.NoError(t, err)
	etaxSigned := signXML(t, cert, xmldsig.Request{Profile: xmldsig.ETax, Document: []byte(etax)})
	bound, unbound := "certificate-bound: passed", "certificate-bound: not-checked"

	for name, test := range map[string]struct {
		file    []byte
		content io.Reader
		files   fs.FS
		format  verify.Format
		bound   string
		covers  []verify.Coverage
	}{
		"CMS":                    {signCMS(t, cert, true, certtest.Now), nil, nil, verify.CMS, bound, []verify.Coverage{{Whole: true, Content: int64(len(document))}}},
		"CMS, detached":          {signCMS(t, cert, false, certtest.Now), bytes.NewReader(document), nil, verify.CMS, bound, []verify.Coverage{{Whole: true, Detached: true}}},
		"CMS of two":             {twice, nil, nil, verify.CMS, bound, []verify.Coverage{{Whole: true, Content: int64(len(document))}, {Whole: true, Content: int64(len(document))}}},
		"OpenSSL":                {openssl(t, "-outform", "DER", "-nodetach"), nil, nil, verify.CMS, unbound, []verify.Coverage{{Whole: true, Content: int64(len(document))}}},
		"OpenSSL, streamed":      {openssl(t, "-outform", "DER", "-nodetach", "-stream", "-cades"), nil, nil, verify.CMS, bound, []verify.Coverage{{Whole: true, Content: int64(len(document))}}},
		"OpenSSL, PEM":           {openssl(t, "-outform", "PEM", "-md", "sha384", "-keyid"), bytes.NewReader(document), nil, verify.CMS, unbound, []verify.Coverage{{Whole: true, Detached: true}}},
		"PDF for the registry":   {signPDF(t, onePage(), cert, pdf.Options{Profile: pdf.MOJ}), nil, nil, verify.PDF, unbound, nil},
		"PAdES":                  {signPDF(t, onePage(), cert, pdf.Options{Profile: pdf.PAdES}), nil, nil, verify.PDF, bound, nil},
		"e-Tax":                  {etaxSigned, nil, nil, verify.XML, unbound, nil},
		"with a byte order mark": {append([]byte("\xEF\xBB\xBF"), etaxSigned...), nil, nil, verify.XML, unbound, nil},
		"XAdES": {signXML(t, cert, xmldsig.Request{Profile: xmldsig.Enveloped, Document: []byte("<a/>"), XAdES: true, Time: certtest.Now}),
			nil, nil, verify.XML, bound, nil},
		"a file":  {signedFile(t), nil, attached(), verify.XML, unbound, nil},
		"xmlsec1": {xmlsec1(t), nil, nil, verify.XML, unbound, nil},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			o.Content, o.Files = test.content, test.files
			got := read(t, test.file, o)
			require.True(t, got.Accepted, "%+v", got.Signatures)
			require.Equal(t, test.format, got.Format)
			require.Equal(t, int64(len(test.file)), got.Size)
			require.Equal(t, certtest.Now, got.At)
			for i, s := range got.Signatures {
				require.Equal(t, verify.Passed, s.Outcome)
				require.Contains(t, rules(s.Checks), test.bound)
				require.Contains(t, rules(s.Checks), "revocation: not-checked")
				require.Equal(t, "added", s.Signer.Anchor.Origin)
				require.Nil(t, s.Attributes, "they were not asked for")
				if test.covers != nil {
					require.Equal(t, test.covers[i], s.Covers)
				}
			}
			if test.covers != nil {
				require.Len(t, got.Signatures, len(test.covers))
			}
			o.Attributes = true
			if test.content != nil {
				o.Content = bytes.NewReader(document)
			}
			require.Equal(t, "見本　太郎", read(t, test.file, o).Signatures[0].Attributes.Name)
		})
	}
}

// TestPDFByOpenSSL accepts a PDF whose CMS OpenSSL made, which pdfsig calls valid.
func TestPDFByOpenSSL(t *testing.T) {
	file := pdftest.Update(onePage(), pdftest.SignatureObjects(pdftest.SignatureDict()), "")
	file = pdftest.Complete(file, nil, func(content []byte) []byte {
		dir := folder(t, map[string][]byte{"content": content})
		run(t, dir, "openssl", "cms", "-sign", "-binary", "-in", "content", "-outform", "DER", "-signer", "card.pem", "-inkey", "key.pem", "-out", "signed")
		message, err := os.ReadFile(filepath.Join(dir, "signed"))
		require.NoError(t, err)
		return message
	})
	require.Equal(t, 1, strings.Count(pdftest.Signatures(t, file), "Signature is Valid."))
	got := read(t, file, options(t))
	require.True(t, got.Accepted, "%v", got.Signatures[0].Err)
	require.Equal(t, "Mihon", got.Signatures[0].Claims.Name)
}

// TestPDFByPoppler accepts a PDF that poppler signed with NSS, as a whole: field, update, and CMS.
func TestPDFByPoppler(t *testing.T) {
	dir := folder(t, map[string][]byte{"in.pdf": onePage()})
	run(t, dir, "openssl", "pkcs12", "-export", "-in", "card.pem", "-inkey", "key.pem", "-certfile", "ca.pem", "-name", "card", "-passout", "pass:", "-out", "card.p12")
	run(t, dir, "certutil", "-N", "-d", "sql:.", "--empty-password")
	run(t, dir, "pk12util", "-i", "card.p12", "-d", "sql:.", "-W", "", "-K", "")
	run(t, dir, "pdfsig", "-nssdir", dir, "-add-signature", "-nick", "card", "-reason", "申請", "in.pdf", "out.pdf")
	file, err := os.ReadFile(filepath.Join(dir, "out.pdf"))
	require.NoError(t, err)

	got := read(t, file, options(t))
	require.True(t, got.Accepted, "%v", got.Signatures[0].Err)
	require.Equal(t, "申請", got.Signatures[0].Claims.Reason)
	require.True(t, got.Signatures[0].Covers.Whole)
	require.Contains(t, rules(got.Signatures[0].Checks), "certificate-bound: passed")

	report, err := verify.Conformance(t.Context(), verify.MOJ, bytes.NewReader(file), int64(len(file)), nil, nil)
	require.NoError(t, err)
	var broken []string
	for _, check := range report.Checks {
		if check.Outcome == verify.Failed {
			broken = append(broken, check.Rule)
		}
	}
	require.Equal(t, []string{"c6-contents", "c7-message"}, broken, "BER, and no signing time: not for the registry")

	file[bytes.Index(file, []byte("0.5 g"))+2] ^= 1
	require.Equal(t, verify.DocumentChanged, read(t, file, options(t)).Signatures[0].Reason)
}

// TestNoTimeClaimed: a signature that claims no time is accepted, and the result says that the rule says nothing.
func TestNoTimeClaimed(t *testing.T) {
	message, err := cms.Sign(certtest.Key(t, "card"), cardCert(t), cms.Document{Digest: sha256Of(document), Content: document}, cms.Options{})
	require.NoError(t, err)
	got := read(t, message, options(t))
	require.True(t, got.Accepted)
	require.Contains(t, rules(got.Signatures[0].Checks), "signing-time: not-checked")
	require.Equal(t, verify.Claims{}, got.Signatures[0].Claims)
}

// TestDocumentJSON: what a program reads has no attributes unless they were asked for, and the certificate
// never.
func TestDocumentJSON(t *testing.T) {
	file := signPDF(t, onePage(), cardCert(t), pdf.Options{Profile: pdf.MOJ})
	got := read(t, file, options(t))
	text, err := json.MarshalIndent(got, "", "  ")
	require.NoError(t, err)
	require.NotContains(t, string(text), "東京都")
	require.NotContains(t, string(text), "見本　太郎") // the name that was claimed has another space

	var shape struct {
		Accepted     bool
		Signatures   []map[string]any
		MissingRoots []verify.Root
	}
	require.NoError(t, json.Unmarshal(text, &shape))
	require.True(t, shape.Accepted)
	require.Len(t, shape.MissingRoots, 1)
	require.Equal(t, "02", shape.MissingRoots[0].Generation)
	s := shape.Signatures[0]
	require.Equal(t, "passed", s["outcome"])
	require.Equal(t, map[string]any{"signingTime": "2026-11-23T03:00:00Z", "time": s["claims"].(map[string]any)["time"], "name": "見本 太郎"}, s["claims"])
	require.Equal(t, []string{"checks", "claims", "covers", "outcome", "place", "signer"}, slices.Sorted(maps.Keys(s)))
	require.Equal(t, []string{"anchor", "notAfter", "notBefore", "policies", "serial", "sha256"}, slices.Sorted(maps.Keys(s["signer"].(map[string]any))))
	require.Equal(t, map[string]any{"whole": true, "revision": 2.0, "byteRange": s["covers"].(map[string]any)["byteRange"]}, s["covers"])
}

// TestLaterAdditions: what a second signature adds is told of the first, and both are looked at.
func TestLaterAdditions(t *testing.T) {
	first := signPDF(t, onePage(), cardCert(t), pdf.Options{Profile: pdf.PAdES})
	got := read(t, signPDF(t, first, cardCert(t), pdf.Options{Profile: pdf.PAdES}), options(t))
	require.True(t, got.Accepted)
	require.Equal(t, 3, got.Revisions)
	require.Equal(t, 1, got.Pages)
	require.Equal(t, &verify.Later{Signatures: 1}, got.Signatures[0].Covers.Later)
	require.False(t, got.Signatures[0].Covers.Whole)
	require.Equal(t, 2, got.Signatures[0].Covers.Revision)
	require.Nil(t, got.Signatures[1].Covers.Later)
	require.True(t, got.Signatures[1].Covers.Whole)
	require.Equal(t, []int64{0, got.Signatures[1].Covers.ByteRange[1], got.Signatures[1].Covers.ByteRange[2], got.Signatures[1].Covers.ByteRange[3]}, got.Signatures[1].Covers.ByteRange)
}

// TestForeignMark: a seal that somebody put over a page with a signature of no worth spoils the signature
// below it; without a seal it fails alone.
func TestForeignMark(t *testing.T) {
	first := signPDF(t, onePage(), cardCert(t), pdf.Options{Profile: pdf.PAdES})
	stranger := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "stranger").Signature(t, certtest.Key(t, "card"))
	for _, seal := range []*pdf.Seal{nil, {Page: 1, X: 10, Y: 10, Size: 400, Ring: true}} {
		got := read(t, signPDF(t, first, stranger, pdf.Options{Profile: pdf.PAdES, Seal: seal}), options(t))
		require.False(t, got.Accepted)
		require.Equal(t, verify.IssuerForeign, got.Signatures[1].Reason)
		if seal == nil {
			require.Equal(t, verify.Passed, got.Signatures[0].Outcome)
			continue
		}
		require.Equal(t, verify.ChangedAfterSigning, got.Signatures[0].Reason)
		require.Equal(t, "unchanged: failed", rules(got.Signatures[0].Checks)[len(got.Signatures[0].Checks)-1])
	}
}

// TestXMLCoverage: of an XML document the parts that are not signed are told.
func TestXMLCoverage(t *testing.T) {
	file := signXML(t, cardCert(t), xmldsig.Request{Profile: xmldsig.ETax, Document: []byte(etax)})
	got := read(t, file, options(t)).Signatures[0].Covers
	require.False(t, got.Whole)
	require.Equal(t, []verify.Reference{{URI: "#PTE0010", Scope: "element", Start: strings.Index(etax, "<PTE"), End: strings.Index(etax, "</DATA"), Path: "/DATA/PTE0010"}}, got.References)
	require.Equal(t, []verify.Part{{Kind: "tag", Start: strings.Index(etax, "<DATA"), End: strings.Index(etax, "<PTE"), Path: "/DATA"}}, got.Unsigned)

	o := options(t)
	o.Files = attached()
	require.Equal(t, []verify.Reference{{URI: "%E6%B7%BB%E4%BB%98.pdf", Scope: "file", File: attachment}}, read(t, signedFile(t), o).Signatures[0].Covers.References)
}

// TestFilesStayInside: what a document names is opened in the folder alone, and only if it is a file.
func TestFilesStayInside(t *testing.T) {
	dir := t.TempDir()
	inside := filepath.Join(dir, "inside")
	require.NoError(t, os.Mkdir(inside, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, attachment), document, 0o600))
	root, err := os.OpenRoot(inside)
	require.NoError(t, err)
	defer root.Close()
	o := options(t)
	o.Files = root.FS()

	for name, place := range map[string]func(path string) error{
		"nothing":  func(string) error { return nil },
		"a link":   func(path string) error { return os.Symlink(filepath.Join(dir, attachment), path) },
		"a folder": func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(inside, attachment)
			require.NoError(t, place(path))
			defer os.RemoveAll(path)
			got := read(t, signedFile(t), o).Signatures[0]
			require.Equal(t, verify.ContentMissing, got.Reason)
			require.Equal(t, []string{attachment}, got.Covers.Missing)
		})
	}
	require.NoError(t, os.WriteFile(filepath.Join(inside, attachment), document, 0o600))
	require.True(t, read(t, signedFile(t), o).Accepted)
	require.NoError(t, os.WriteFile(filepath.Join(inside, attachment), []byte("x"), 0o600))
	require.Equal(t, verify.DocumentChanged, read(t, signedFile(t), o).Signatures[0].Reason)
}

// written runs OpenSSL in a folder and returns the file "signed" that it writes there.
func written(t testing.TB, args ...string) []byte {
	t.Helper()
	dir := folder(t, nil)
	run(t, dir, "openssl", args...)
	signed, err := os.ReadFile(filepath.Join(dir, "signed"))
	require.NoError(t, err)
	return signed
}

func sha256Of(data []byte) []byte {
	sum := sha256.Sum256(data)
	return sum[:]
}

// flipped changes the last bit, which is one of the signature's value.
func flipped(file []byte) []byte {
	spoiled := bytes.Clone(file)
	spoiled[len(spoiled)-1] ^= 1
	return spoiled
}
