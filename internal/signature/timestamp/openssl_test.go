package timestamp_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
	"github.com/natsuin/natsuin/internal/signature/timestamp"
)

var text = []byte("<申請>住民票の写しの交付</申請>\n")

func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	path, err := exec.LookPath("openssl")
	require.NoError(t, err, "openssl is needed as the authority of these tests, and their judge: install it")
	out, err := exec.Command(path, args...).CombinedOutput()
	return string(out), err
}

func openssl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := run(t, args...)
	require.NoError(t, err, "openssl %s: %s", strings.Join(args, " "), out)
	return out
}

// An authority is OpenSSL as a TSA. Its certificates are valid for so long that the clock, which is the
// machine's, does not matter.
type authority struct {
	dir   string
	roots *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	dir := t.TempDir()
	rootKey, key := certtest.Key(t, "tsa root"), certtest.Key(t, "tsa")
	purposes, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}}) // timeStamping
	require.NoError(t, err)
	from, to := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Root of test time stamps"},
		NotBefore: from, NotAfter: to, BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Test time stamps"},
		NotBefore: from, NotAfter: to, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: purposes}}}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, &rootKey.PublicKey, rootKey)
	require.NoError(t, err)
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, root, &key.PublicKey, rootKey)
	require.NoError(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)

	a := &authority{dir: dir, roots: x509.NewCertPool()}
	parsed, err := x509.ParseCertificate(rootDER)
	require.NoError(t, err)
	a.roots.AddCert(parsed)
	a.writePEM(t, "root.pem", "CERTIFICATE", rootDER)
	a.writePEM(t, "tsa.pem", "CERTIFICATE", leafDER)
	a.writePEM(t, "key.pem", "PRIVATE KEY", keyDER)
	a.write(t, "serial", []byte("01\n"))
	return a
}

func (a *authority) write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(a.dir, name)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

func (a *authority) writePEM(t *testing.T, name, kind string, der []byte) {
	t.Helper()
	a.write(t, name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// reply answers a query, with more lines in the configuration.
func (a *authority) reply(t *testing.T, query []byte, more ...string) []byte {
	t.Helper()
	settings := []string{"[tsa]", "default_tsa = this", "[this]",
		"serial = " + filepath.Join(a.dir, "serial"),
		"signer_cert = " + filepath.Join(a.dir, "tsa.pem"),
		"signer_key = " + filepath.Join(a.dir, "key.pem"),
		"certs = " + filepath.Join(a.dir, "root.pem"),
		"default_policy = 1.2.3.4.1", "other_policies = 1.2.3.4.5", "digests = sha256, sha512"}
	config := a.write(t, "tsa.cnf", []byte(strings.Join(append(settings, more...), "\n")+"\n"))
	out := filepath.Join(a.dir, "reply.tsr")
	openssl(t, "ts", "-reply", "-config", config, "-queryfile", a.write(t, "query.tsq", query), "-out", out)
	answer, err := os.ReadFile(out)
	require.NoError(t, err)
	return answer
}

// TestOpenSSL asks OpenSSL for time stamps of many forms, by queries that it understands, and takes the
// answers, of which it thinks the same.
func TestOpenSSL(t *testing.T) {
	a := newAuthority(t)
	for name, test := range map[string]struct {
		settings []string
		hash     crypto.Hash
		policy   asn1.ObjectIdentifier
		check    func(t *testing.T, token *timestamp.Token)
	}{
		"plain": {[]string{"signer_digest = sha256"}, crypto.SHA256, nil, func(t *testing.T, token *timestamp.Token) {
			require.Equal(t, "1.2.3.4.1", token.Policy.String())
			require.Zero(t, token.Accuracy)
		}},
		"everything": {[]string{"signer_digest = sha512", "accuracy = secs:1, millisecs:500, microsecs:100", "clock_precision_digits = 3",
			"ordering = yes", "tsa_name = yes", "ess_cert_id_chain = yes", "ess_cert_id_alg = sha512"}, crypto.SHA512, asn1.ObjectIdentifier{1, 2, 3, 4, 5},
			func(t *testing.T, token *timestamp.Token) {
				require.Equal(t, "1.2.3.4.5", token.Policy.String())
				require.Equal(t, 1500*time.Millisecond+100*time.Microsecond, token.Accuracy)
				require.True(t, token.Ordering)
				require.Len(t, token.Certificates, 2)
			}},
		"bound by SHA-1": {[]string{"signer_digest = sha256", "ess_cert_id_alg = sha1"}, crypto.SHA256, nil, func(*testing.T, *timestamp.Token) {}},
	} {
		t.Run(name, func(t *testing.T) {
			q, err := timestamp.NewQuery(test.hash, text, rand.Reader)
			require.NoError(t, err)
			q.Policy = test.policy
			query, err := q.DER()
			require.NoError(t, err)
			answer := a.reply(t, query, test.settings...)
			require.Contains(t, openssl(t, "ts", "-query", "-text", "-in", filepath.Join(a.dir, "query.tsq")), fmt.Sprintf("Nonce: 0x%X", q.Nonce.Bytes()))

			token, err := timestamp.ParseResponse(answer)
			require.NoError(t, err)
			require.NoError(t, token.Answers(q))
			require.NoError(t, token.Covers(text))
			require.NoError(t, token.Verify(a.roots, token.Time))
			require.ErrorIs(t, token.Verify(a.roots, token.Time.AddDate(-10, 0, 0)), timestamp.ErrTime)
			test.check(t, token)

			root := filepath.Join(a.dir, "root.pem")
			openssl(t, "ts", "-verify", "-CAfile", root, "-queryfile", filepath.Join(a.dir, "query.tsq"),
				"-in", a.write(t, "token", token.Raw), "-token_in")
			openssl(t, "ts", "-verify", "-CAfile", root, "-data", a.write(t, "data", text), "-in", filepath.Join(a.dir, "reply.tsr"))
		})
	}
}

// TestOpenSSLRefuses takes the answers to what the authority does not want.
func TestOpenSSLRefuses(t *testing.T) {
	a := newAuthority(t)
	for failure, edit := range map[string]func(q *timestamp.Query){
		"badAlg":           func(q *timestamp.Query) { q.Imprint = imprint(crypto.SHA384) },
		"unacceptedPolicy": func(q *timestamp.Query) { q.Policy = asn1.ObjectIdentifier{1, 2, 3} },
	} {
		t.Run(failure, func(t *testing.T) {
			q, err := timestamp.NewQuery(crypto.SHA256, text, rand.Reader)
			require.NoError(t, err)
			edit(q)
			query, err := q.DER()
			require.NoError(t, err)
			_, err = timestamp.ParseResponse(a.reply(t, query, "signer_digest = sha256"))
			var rejection *timestamp.Rejection
			require.ErrorAs(t, err, &rejection)
			require.Equal(t, []string{failure}, rejection.Failures)
			require.Equal(t, 2, rejection.Status)
			require.NotEmpty(t, rejection.Text)
		})
	}
}

func imprint(hash crypto.Hash) timestamp.Imprint {
	h := hash.New()
	h.Write(text)
	return timestamp.Imprint{Hash: hash, Digest: h.Sum(nil)}
}

// stamp has the authority stamp a signature's value.
func (a *authority) stamp(t *testing.T, value []byte) *timestamp.Token {
	t.Helper()
	q, err := timestamp.NewQuery(crypto.SHA256, value, rand.Reader)
	require.NoError(t, err)
	query, err := q.DER()
	require.NoError(t, err)
	token, err := timestamp.ParseResponse(a.reply(t, query, "signer_digest = sha256"))
	require.NoError(t, err)
	require.NoError(t, token.Answers(q))
	return token
}

// TestAttach stamps both signatures of a message, the first one twice: both still verify, here and by
// OpenSSL, and the tokens that OpenSSL finds are about the values that it finds.
func TestAttach(t *testing.T) {
	a := newAuthority(t)
	ca := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1")
	digest := sha256.Sum256(text)
	for _, attached := range []bool{false, true} {
		t.Run(fmt.Sprint("attached ", attached), func(t *testing.T) {
			doc := cms.Document{Digest: digest[:]}
			if attached {
				doc.Content = text
			}
			first, second := certtest.Key(t, "card"), certtest.Key(t, "second")
			message, err := cms.Sign(first, ca.Signature(t, first), doc, certtest.Now)
			require.NoError(t, err)
			before, err := cms.SignerInfos(bytes.NewReader(message))
			require.NoError(t, err)
			token := a.stamp(t, before[0].Value)
			message, err = timestamp.Attach(message, token)
			require.NoError(t, err)
			requireTimestamps(t, a, message, attached, 1)
			_, err = cms.Verify(message, content(attached))
			require.NoError(t, err)

			cert := ca.Signature(t, second, func(c *x509.Certificate) { c.SerialNumber = big.NewInt(2) })
			message, err = cms.AddSigner(message, second, cert, digest[:], cms.Options{})
			require.NoError(t, err)
			requireTimestamps(t, a, message, attached, 1)
			signers, err := cms.SignerInfos(bytes.NewReader(message))
			require.NoError(t, err)
			for _, s := range signers {
				message, err = timestamp.Attach(message, a.stamp(t, s.Value))
				require.NoError(t, err)
			}
			requireTimestamps(t, a, message, attached, 3)

			args := []string{"cms", "-verify", "-cades", "-binary", "-inform", "DER", "-attime", fmt.Sprint(certtest.Now.Unix()),
				"-in", a.write(t, "message", message), "-out", os.DevNull}
			a.writePEM(t, "ca.pem", "CERTIFICATE", ca.Certificate.Raw)
			args = append(args, "-CAfile", filepath.Join(a.dir, "ca.pem"))
			if !attached {
				args = append(args, "-content", a.write(t, "content", text))
			}
			openssl(t, args...)
			listing := openssl(t, "cms", "-cmsout", "-print", "-noout", "-inform", "DER", "-in", filepath.Join(a.dir, "message"))
			require.Equal(t, 3, strings.Count(listing, "id-smime-aa-timeStampToken"))

			_, err = timestamp.Attach(message, a.stamp(t, []byte("another")))
			require.ErrorIs(t, err, timestamp.ErrImprint)
			_, err = timestamp.Attach(text, token)
			require.ErrorIs(t, err, cms.ErrMalformed)
		})
	}
}

// content is what is given to Verify.
func content(attached bool) io.Reader {
	if attached {
		return nil
	}
	return bytes.NewReader(text)
}

// requireTimestamps asks that all signatures verify, with n time stamps in all that are about them, of
// which OpenSSL thinks so too.
func requireTimestamps(t *testing.T, a *authority, message []byte, attached bool, n int) {
	t.Helper()
	report, err := cms.VerifyStream(bytes.NewReader(message), content(attached))
	require.NoError(t, err)
	found := 0
	for _, s := range report.Signers {
		require.NoError(t, s.Problem)
		for _, der := range s.Signature.Timestamps {
			token, err := timestamp.ParseToken(der)
			require.NoError(t, err)
			require.NoError(t, token.Covers(s.Signature.Value))
			require.NoError(t, token.Verify(a.roots, token.Time))
			openssl(t, "ts", "-verify", "-CAfile", filepath.Join(a.dir, "root.pem"), "-data", a.write(t, "value", s.Signature.Value),
				"-in", a.write(t, "token", der), "-token_in")
			found++
		}
	}
	require.Equal(t, n, found)
}

// TestAttachPDF puts a time stamp into the signature of a PDF file, within its place: PAdES B-T.
func TestAttachPDF(t *testing.T) {
	a := newAuthority(t)
	ca := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1")
	key := certtest.Key(t, "card")
	file := pdftest.File(pdftest.Document(1), "")
	update, err := pdf.Prepare(bytes.NewReader(file), int64(len(file)), pdf.Options{Profile: pdf.PAdES, Placeholder: 8192})
	require.NoError(t, err)
	appended, err := update.Sign(pdf.Signer{Signer: key, Certificate: ca.Signature(t, key), Name: "見本 太郎", Time: certtest.Now})
	require.NoError(t, err)
	file = append(file, appended...)
	verify := func() *pdf.Signature {
		report, err := pdf.Verify(bytes.NewReader(file), int64(len(file)))
		require.NoError(t, err)
		require.Len(t, report.Signatures, 1)
		require.Nil(t, report.Signatures[0].Problem)
		return report.Signatures[0]
	}

	r := verify().ByteRange
	place := file[r[1]+1 : r[2]-1]
	padded := make([]byte, len(place)/2)
	_, err = hex.Decode(padded, place)
	require.NoError(t, err)
	structure, err := cms.Inspect(padded)
	require.NoError(t, err)
	message, err := timestamp.Attach(padded[:structure.Length], a.stamp(t, verify().CMS.Value))
	require.NoError(t, err)
	require.LessOrEqual(t, 2*len(message), len(place))
	hex.Encode(place, message)

	signed := verify()
	require.True(t, signed.Whole)
	token, err := timestamp.ParseToken(signed.CMS.Timestamps[0])
	require.NoError(t, err)
	require.NoError(t, token.Covers(signed.CMS.Value))
	out, err := exec.Command("pdfsig", "-nocert", a.write(t, "signed.pdf", file)).CombinedOutput()
	require.NoError(t, err, "pdfsig, which is needed to judge: %s", out)
	require.Contains(t, string(out), "Signature is Valid")
	require.Contains(t, string(out), "Total document signed")
}
