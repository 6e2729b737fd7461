//go:build unix

package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
	"github.com/natsuin/natsuin/verify"
)

// signedWith has the card sign a file, and returns the path of the result.
func (s *shell) signedWith(name string, content []byte, flags ...string) string {
	s.t.Helper()
	out := filepath.Join(s.t.TempDir(), name)
	args := append([]string{"sign", "--in", write(s.t, name, content), "--out", out}, flags...)
	require.Zero(s.t, s.run("ABC123", args...), s.stderr.String())
	return out
}

// as has a subtest answer for what the shell requires, until the function that it returns is called.
func (s *shell) as(t *testing.T) func() {
	parent := s.t
	s.t = t
	return func() { s.t = parent }
}

// tells runs verify or check and asks for an exit code and texts on standard output.
func (s *shell) tells(exit int, args []string, says ...string) {
	s.t.Helper()
	require.Equal(s.t, exit, s.run("", args...), "%s%s", s.stdout.String(), s.stderr.String())
	require.Empty(s.t, s.stderr.String())
	for _, text := range says {
		require.Contains(s.t, s.stdout.String(), text)
	}
}

func TestVerifyDocuments(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	trust := s.trust()
	once := s.signedWith("定款.pdf", pdftest.File(pdftest.Document(2), ""), "--format", "pdf", "--profile", "moj")
	original, err := os.ReadFile(once)
	require.NoError(t, err)
	twice := s.signedWith("twice.pdf", original, "--format", "pdf")
	content := write(t, "申請書.txt", []byte("申請書\n"))
	detached := s.signedWith("申請書.txt", []byte("申請書\n"), "--format", "cms")
	inXML := s.signedWith("申請.xml", []byte("<a>甲</a>"), "--format", "xml")

	s.tells(0, []string{"verify", once, "--trust", trust},
		"定款.pdf: PDF, ", "Revisions: 2, pages: 2", "Signature 1 of 1: field ", "It meets every rule that was checked.",
		"Covers: revision 2 (bytes 0 to ", "Nothing was added later.", "(added with --trust or by an administrator), SHA-256 ", "Validity: from ",
		"What the signer claims, which is not proven:", "Signing time: ",
		"pass the document is the one that was signed [document]", "---- the certificate was not revoked [revocation]",
		"Accepted: ", "what was not checked.\nNote: the root \"J-LIS 利用者証明用 02\" (valid from 2019-09-14 to 2029-09-14) is not in Natsuin. It is one for logins, ")
	require.NotContains(t, s.stdout.String(), "Address")
	s.tells(0, []string{"verify", twice, "--trust", trust}, "Signature 2 of 2", "Added later, as is allowed: signatures 1, time stamps 0, validation data no, metadata no, PDF version no")
	s.tells(0, []string{"verify", once, "--trust", trust, "--attributes"}, "Signer, as the certificate has it:", "Address: ", "Sex: ")
	s.tells(0, []string{"verify", once, "--trust", trust, "--lang", "ja"}, "確認した規則はすべて満たしています。", "受け入れ: ", "－ 電子証明書が失効していない", "（2019年9月14日から2029年9月14日まで有効）はNatsuinに入っていませんが、ログイン用のもので、")
	s.tells(0, []string{"verify", detached, "--content", content, "--trust", trust}, "signed message (CMS)", "Covers: all of the file given as --content")
	s.tells(0, []string{"verify", inXML, "--trust", trust}, "Covers: all of the document", `Covers: document, URI ""`)

	s.tells(10, []string{"verify", once}, "Reason: The certificate's issuer is not J-LIS. (ISSUER_FOREIGN)", "As it is refused, it proves nothing", "revocation among them, were not looked at.", "Not accepted: ")
	s.tells(10, []string{"verify", once, "--trust", trust, "--at", "2050-01-01T00:00:00Z"}, "(CERTIFICATE_EXPIRED)", "Judged as of: 2050-01-01")
	spoiled := write(t, "spoiled.pdf", append(bytes.Clone(original), "%more"...))
	s.tells(10, []string{"verify", spoiled, "--trust", trust, "--lang", "ja"}, "× 署名の後に、許されない変更がない [unchanged]", "（CHANGED_AFTER_SIGNING）")

	require.Equal(t, 10, s.run("", "verify", spoiled, "--trust", trust, "--json"))
	var found verify.Document
	require.NoError(t, json.Unmarshal(s.stdout.Bytes(), &found))
	require.False(t, found.Accepted)
	require.Equal(t, verify.ChangedAfterSigning, found.Signatures[0].Reason)
	require.Nil(t, found.Signatures[0].Attributes)
}

// A file that cannot be judged is told on standard error, with the reason in words.
func TestVerifyUnjudged(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	plain := write(t, "plain.pdf", pdftest.File(pdftest.Document(1), ""))
	detached := s.signedWith("a.txt", []byte("a"), "--format", "cms")
	pipe := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, unix.Mkfifo(pipe, 0o600))
	for name, c := range map[string]struct {
		args []string
		exit int
		says string
	}{
		"not signed":        {[]string{plain}, 10, "The file holds no signature."},
		"no content":        {[]string{detached}, 10, "give the document with --content"},
		"not asked for":     {[]string{plain, "--content", plain}, 10, "SIGNATURE_ABSENT"},
		"no such document":  {[]string{write(t, "x", []byte("hello"))}, 10, "neither CMS nor PDF nor XML"},
		"no file":           {nil, 2, "FILE"},
		"two files":         {[]string{plain, plain}, 2, "arguments"},
		"absent":            {[]string{plain + ".absent"}, 1, "is not there"},
		"a folder":          {[]string{t.TempDir()}, 1, "is a folder"},
		"a pipe":            {[]string{pipe}, 1, "is not a regular file"},
		"absent content":    {[]string{detached, "--content", plain + ".absent"}, 1, "is not there"},
		"absent files":      {[]string{plain, "--files", plain + ".absent"}, 1, "is not there"},
		"no time":           {[]string{plain, "--at", "tomorrow"}, 2, "--at"},
		"no anchors":        {[]string{plain, "--trust", t.TempDir()}, 2, "--trust"},
		"absent CRL":        {[]string{plain, "--crl", plain + ".absent"}, 1, "is not there"},
		"no CRL":            {[]string{plain, "--crl", plain}, 2, "--crl"},
		"no OCSP response":  {[]string{plain, "--ocsp", plain}, 2, "--ocsp"},
		"refused, as JSON":  {[]string{plain, "--json"}, 10, ""},
		"a flag of another": {[]string{plain, "--profile", "moj"}, 2, "--profile"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.exit, s.run("", append([]string{"verify"}, c.args...)...), s.stderr.String())
			require.Contains(t, s.stderr.String(), c.says)
		})
	}
	require.Equal(t, 10, s.run("", "verify", plain, "--json"))
	require.Contains(t, s.stdout.String(), `"reason": "SIGNATURE_ABSENT"`)
}

// TestVerifyWithCRL: whoever gives a CRL gets an answer from it.
func TestVerifyWithCRL(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	key, now := certtest.Key(t, "card"), certtest.Now
	ca := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1")
	cert := ca.Signature(t, key)
	digest := sha256.Sum256([]byte("a"))
	signed, err := cms.Sign(key, cert, cms.Document{Digest: digest[:], Content: []byte("a")}, cms.Options{SigningTime: now})
	require.NoError(t, err)
	list := func(revoked ...x509.RevocationListEntry) string {
		der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
			Number: big.NewInt(1), ThisUpdate: now.AddDate(0, 0, -1), NextUpdate: now.AddDate(0, 0, 1), RevokedCertificateEntries: revoked,
		}, ca.Certificate, ca.Key)
		require.NoError(t, err)
		return write(t, "list.crl", der)
	}
	root := write(t, "root.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Certificate.Raw}))
	args := []string{"verify", write(t, "a.p7m", signed), "--trust", filepath.Dir(root), "--at", now.Format(time.RFC3339)}

	s.tells(0, append(args, "--crl", list()), "pass the certificate was not revoked [revocation]", "crl of 2026-11-22", "Covers: all of the document in the message (1 bytes)")
	s.tells(10, append(args, "--crl", list(x509.RevocationListEntry{SerialNumber: cert.SerialNumber, RevocationTime: now.Add(-time.Hour)})), "(CERTIFICATE_REVOKED)")
}

// TestVerifyHostile: what a document wrote commands no terminal.
func TestVerifyHostile(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	key := certtest.Key(t, "card")
	cert := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1").Signature(t, key)
	file := pdftest.File(pdftest.Document(1), "")
	dict := strings.Replace(pdftest.SignatureDict(), "/Name(Mihon)", "/Name"+pdftest.Text("見本\r太郎")+
		"/Reason"+pdftest.Text("a\x1b[2J\u202e")+"/Location"+pdftest.Text("\u2066b"), 1)
	file = pdftest.Complete(pdftest.Update(file, pdftest.SignatureObjects(dict), ""), nil, func(content []byte) []byte {
		digest := sha256.Sum256(content)
		message, err := cms.Sign(key, cert, cms.Document{Digest: digest[:]}, cms.Options{SigningTime: certtest.Now})
		require.NoError(t, err)
		return message
	})
	path := write(t, "a\u202e.pdf", file)
	for _, args := range [][]string{{"verify", path}, {"verify", path, "--json"}, {"check", path, "--profile", "moj"}, {"check", path, "--profile", "moj", "--json"}} {
		s.run("", args...)
		require.NotEmpty(t, s.stdout.String())
		require.False(t, strings.ContainsAny(s.stdout.String(), "\x1b\r\u202e\u2066"), "%q", s.stdout.String())
	}
}

// TestVerifyFiles opens what an XML signature names in the folder that is given, and nowhere else.
func TestVerifyFiles(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	folder := egovFolder(t)
	kousei := filepath.Join(folder, "kousei.xml")
	s.tells(10, []string{"verify", kousei}, "(CONTENT_MISSING)")
	s.tells(10, []string{"verify", kousei, "--files", folder}, "(ISSUER_FOREIGN)", "Covers: file, URI ", "添付.pdf", "NOT covered: /DataRoot (start tag of an element, bytes 38 to 47)")
}
