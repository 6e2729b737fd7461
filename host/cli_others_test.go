//go:build unix

package main

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
	"github.com/natsuin/natsuin/verify"
)

// An office is a folder in which other programs sign and say what was revoked: ca.pem and card.pem with their keys,
// valid at those programs' time, and the document.
type office struct {
	t    *testing.T
	dir  string
	card *x509.Certificate
	// trust is a folder with the CA's certificate alone.
	trust string
}

func newOffice(t *testing.T) *office {
	t.Helper()
	long := func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().AddDate(-20, 0, 0), time.Now().AddDate(20, 0, 0)
	}
	ca := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1", long)
	o := &office{t: t, dir: t.TempDir(), trust: t.TempDir(), card: ca.Signature(t, certtest.Key(t, "card"), long)}
	o.certificate("ca", ca.Certificate, ca.Key)
	o.certificate("card", o.card, certtest.Key(t, "card"))
	o.certificate("responder", ca.Authentication(t, certtest.Key(t, "responder"), long, func(c *x509.Certificate) {
		c.SerialNumber, c.ExtKeyUsage = big.NewInt(3), []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
	}), certtest.Key(t, "responder"))
	stranger := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "stranger", long)
	o.certificate("stranger", stranger.Certificate, stranger.Key)
	o.write("crlnumber", []byte("01\n"))
	o.write("ca.conf", []byte("[ca]\ndefault_ca=x\n[x]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256\n"))
	o.write("document", []byte("申請書\n"))
	require.NoError(t, os.WriteFile(filepath.Join(o.trust, "ca.der"), ca.Certificate.Raw, 0o600))
	return o
}

func (o *office) write(name string, content []byte) {
	o.t.Helper()
	require.NoError(o.t, os.WriteFile(o.path(name), content, 0o600))
}

func (o *office) path(name string) string { return filepath.Join(o.dir, name) }

func (o *office) certificate(name string, cert *x509.Certificate, key *rsa.PrivateKey) {
	o.t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(o.t, err)
	o.write(name+".pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}))
	o.write(name+".key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// run has a program work in the folder.
func (o *office) run(program string, args ...string) {
	o.t.Helper()
	path, err := exec.LookPath(program)
	require.NoError(o.t, err, "%s is needed: run make deps", program)
	cmd := exec.CommandContext(o.t.Context(), path, args...)
	cmd.Dir = o.dir
	out, err := cmd.CombinedOutput()
	require.NoError(o.t, err, "%s %v\n%s", program, args, out)
}

// openssl has OpenSSL sign the document, and returns the message's path.
func (o *office) openssl(name string, args ...string) string {
	o.t.Helper()
	o.run("openssl", append([]string{"cms", "-sign", "-binary", "-in", "document", "-signer", "card.pem", "-inkey", "card.key", "-out", name}, args...)...)
	return o.path(name)
}

// xmlsec1 has xmlsec1 sign a document, all of it.
func (o *office) xmlsec1() string {
	o.t.Helper()
	const dsig = "http://www.w3.org/2000/09/xmldsig#"
	o.write("template", []byte(`<申請 xmlns="urn:example:mihon" id="a"><氏名>見本　太郎</氏名><Signature xmlns="`+dsig+`"><SignedInfo>`+
		`<CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>`+
		`<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><Reference URI="">`+
		`<Transforms><Transform Algorithm="`+dsig+`enveloped-signature"/></Transforms>`+
		`<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference></SignedInfo><SignatureValue/>`+
		`<KeyInfo><X509Data><X509Certificate/></X509Data></KeyInfo></Signature></申請>`))
	o.run("xmlsec1", "--sign", "--privkey-pem", "card.key,card.pem", "--output", "signed.xml", "template")
	return o.path("signed.xml")
}

// poppler has pdfsig sign a PDF, with the certificate in a database of NSS.
func (o *office) poppler() string {
	o.t.Helper()
	o.write("in.pdf", pdftest.File(pdftest.Document(2), ""))
	o.run("openssl", "pkcs12", "-export", "-in", "card.pem", "-inkey", "card.key", "-certfile", "ca.pem", "-name", "card", "-passout", "pass:", "-out", "card.p12")
	o.run("certutil", "-N", "-d", "sql:.", "--empty-password")
	o.run("pk12util", "-i", "card.p12", "-d", "sql:.", "-W", "", "-K", "")
	o.run("pdfsig", "-nssdir", o.dir, "-add-signature", "-nick", "card", "in.pdf", "signed.pdf")
	return o.path("signed.pdf")
}

// TestVerifyOthers verifies what OpenSSL, xmlsec1 and poppler sign, and names the first byte that is another.
func TestVerifyOthers(t *testing.T) {
	o, s := newOffice(t), newShell(t, "", simcard.Options{})
	document := o.path("document")
	for name, test := range map[string]struct {
		file string
		args []string
		says string
	}{
		"OpenSSL":            {o.openssl("a.p7s", "-outform", "DER"), []string{"--content", document}, "Covers: all of the file given as --content"},
		"OpenSSL, CAdES":     {o.openssl("b.p7m", "-outform", "DER", "-nodetach", "-cades", "-md", "sha512"), nil, "Covers: all of the document in the message (10 bytes)"},
		"OpenSSL, streamed":  {o.openssl("c.p7m", "-outform", "DER", "-nodetach", "-stream"), nil, "Covers: all of the document in the message (10 bytes)"},
		"OpenSSL, in armour": {o.openssl("d.pem", "-outform", "PEM", "-keyid"), []string{"--content", document}, "signed message (CMS)"},
		"xmlsec1":            {o.xmlsec1(), nil, "Covers: all of the document"},
		"poppler":            {o.poppler(), nil, "Nothing was added later."},
	} {
		t.Run(name, func(t *testing.T) {
			defer s.as(t)()
			args := append([]string{"verify", test.file, "--trust", o.trust}, test.args...)
			s.tells(0, args, test.says, "Accepted: ", "---- the certificate was not revoked [revocation]")
			s.tells(10, append([]string{"verify", test.file}, test.args...), "(ISSUER_FOREIGN)")
		})
	}
	spoiled, err := os.ReadFile(o.path("signed.pdf"))
	require.NoError(t, err)
	s.tells(10, []string{"verify", write(t, "a.pdf", bytes.Replace(spoiled, []byte("0.5 g"), []byte("0.6 g"), 1)), "--trust", o.trust}, "(DOCUMENT_CHANGED)")
	inXML, err := os.ReadFile(o.path("signed.xml"))
	require.NoError(t, err)
	s.tells(10, []string{"verify", write(t, "a.xml", bytes.Replace(inXML, []byte(`id="a"`), []byte(`id="b"`), 1)), "--trust", o.trust}, "(DOCUMENT_CHANGED)")
	s.tells(10, []string{"verify", o.path("a.p7s"), "--content", o.path("ca.conf"), "--trust", o.trust}, "(DOCUMENT_CHANGED)")
}

// TestCheckOthers: what others sign is not what a service wants, and check says in what.
func TestCheckOthers(t *testing.T) {
	o, s := newOffice(t), newShell(t, "", simcard.Options{})
	s.tells(10, []string{"check", "--profile", "moj", o.poppler()}, "pass ", "FAIL ", "[c6-contents]", "the CMS is not in DER", "[c7-message]", "1.2.840.113549.1.9.5 is missing")
	s.tells(10, []string{"check", "--profile", "etax", o.xmlsec1()}, "FAIL ")
	require.Equal(t, 10, s.run("", "check", "--profile", "moj", o.openssl("a.p7s", "-outform", "DER")))
	require.Contains(t, s.stderr.String(), "The file is a signed message (CMS)")
}

// revoked writes the CA's database: the card as good, or as revoked at that time, or not at all.
func (o *office) revoked(state string, at time.Time) {
	o.t.Helper()
	const form = "060102150405Z"
	when := ""
	if state == "R" {
		when = at.UTC().Format(form) + ",keyCompromise"
	}
	row := fmt.Sprintf("%s\t%s\t%s\t%02X\tunknown\t/CN=card\n", state, o.card.NotAfter.UTC().Format(form), when, o.card.SerialNumber.Bytes())
	if state == "" {
		row = ""
	}
	o.write("index.txt", []byte(row))
}

// crl has OpenSSL make a list that is in force for so many days from yesterday on, and returns its path.
func (o *office) crl(by string, days int, form string) string {
	o.t.Helper()
	yesterday := time.Now().UTC().AddDate(0, 0, -1)
	o.run("openssl", "ca", "-gencrl", "-config", "ca.conf", "-cert", by+".pem", "-keyfile", by+".key", "-out", "crl",
		"-crl_lastupdate", yesterday.Format("060102150405Z"), "-crl_nextupdate", yesterday.AddDate(0, 0, days).Format("060102150405Z"))
	o.run("openssl", "crl", "-in", "crl", "-outform", form, "-out", "crl.out")
	return o.taken("crl.out")
}

// ocsp has OpenSSL answer for the card, in force for a day from now on.
func (o *office) ocsp(by string) string {
	o.t.Helper()
	o.run("openssl", "ocsp", "-issuer", "ca.pem", "-cert", "card.pem", "-no_nonce", "-reqout", "request")
	o.run("openssl", "ocsp", "-index", "index.txt", "-CA", "ca.pem", "-reqin", "request", "-rsigner", by+".pem", "-rkey", by+".key", "-ndays", "1", "-respout", "response")
	return o.taken("response")
}

// taken puts a file where the next one does not overwrite it.
func (o *office) taken(name string) string {
	o.t.Helper()
	content, err := os.ReadFile(o.path(name))
	require.NoError(o.t, err)
	return write(o.t, name, content)
}

// TestVerifyRevocation: what lists and responders of OpenSSL say of a certificate decides, and what they cannot say
// is not taken for good.
func TestVerifyRevocation(t *testing.T) {
	o, s := newOffice(t), newShell(t, "", simcard.Options{})
	signed := o.openssl("a.p7m", "-outform", "DER", "-nodetach")
	yesterday := time.Now().AddDate(0, 0, -1)

	o.revoked("V", time.Time{})
	goodList, goodPEM, goodAnswer, delegated := o.crl("ca", 3, "DER"), o.crl("ca", 3, "PEM"), o.ocsp("ca"), o.ocsp("responder")
	staleList, strangeList, strangeAnswer := o.crl("ca", 0, "DER"), o.crl("stranger", 3, "DER"), o.ocsp("stranger")
	o.revoked("R", yesterday)
	badList, badAnswer := o.crl("ca", 3, "DER"), o.ocsp("ca")
	o.revoked("", time.Time{})
	unknownAnswer := o.ocsp("ca")
	at := func(when time.Time) []string { return []string{"--at", when.Format(time.RFC3339)} }

	for name, c := range map[string]struct {
		args []string
		exit int
		says []string
	}{
		"list, good":                    {[]string{"--crl", goodList}, 0, []string{"pass the certificate was not revoked [revocation]", "crl of "}},
		"list in PEM, good":             {[]string{"--crl", goodPEM}, 0, []string{"crl of "}},
		"list, revoked":                 {[]string{"--crl", badList}, 10, []string{"(CERTIFICATE_REVOKED)", "keyCompromise", "FAIL the certificate was not revoked"}},
		"list, revoked later than that": {append(at(yesterday.Add(-time.Hour)), "--crl", badList), 0, []string{"revoked later, since "}},
		"list, out of date":             {[]string{"--crl", staleList}, 10, []string{"(REVOCATION_STALE)"}},
		"list of before that time":      {append(at(time.Now().AddDate(0, 0, 5)), "--crl", goodList), 10, []string{"(REVOCATION_STALE)"}},
		"list of another CA":            {[]string{"--crl", strangeList}, 10, []string{"(REVOCATION_UNTRUSTED)"}},
		"answer, good":                  {[]string{"--ocsp", goodAnswer}, 0, []string{"pass the certificate was not revoked [revocation]", "ocsp of "}},
		"answer by a responder":         {[]string{"--ocsp", delegated}, 0, []string{"ocsp of "}},
		"answer, revoked":               {[]string{"--ocsp", badAnswer}, 10, []string{"(CERTIFICATE_REVOKED)"}},
		"answer, unknown":               {[]string{"--ocsp", unknownAnswer}, 10, []string{"(REVOCATION_UNKNOWN)"}},
		"answer, out of date":           {append(at(time.Now().AddDate(0, 0, 3)), "--ocsp", goodAnswer), 10, []string{"(REVOCATION_STALE)"}},
		"answer of another CA":          {[]string{"--ocsp", strangeAnswer}, 10, []string{"(REVOCATION_UNTRUSTED)"}},
		"both good":                     {[]string{"--crl", goodList, "--ocsp", goodAnswer}, 0, nil},
		"one good, one out of date":     {[]string{"--crl", staleList, "--ocsp", goodAnswer}, 0, []string{"ocsp of "}},
		"one says revoked":              {[]string{"--crl", badList, "--ocsp", goodAnswer}, 10, []string{"(CERTIFICATE_REVOKED)"}},
		"in the other's place":          {[]string{"--crl", goodAnswer, "--ocsp", goodList}, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			defer s.as(t)()
			s.tells(c.exit, append([]string{"verify", signed, "--trust", o.trust}, c.args...), c.says...)
		})
	}

	require.Equal(t, 10, s.run("", "verify", signed, "--trust", o.trust, "--ocsp", badAnswer, "--json"))
	var found verify.Document
	require.NoError(t, json.Unmarshal(s.stdout.Bytes(), &found))
	require.True(t, found.Signatures[0].Revocation.Revoked)
	s.tells(10, []string{"verify", signed, "--ocsp", goodAnswer}, "(ISSUER_FOREIGN)")
}
