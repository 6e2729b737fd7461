// Package tsatest has OpenSSL be a time-stamping authority for tests, with a root and a certificate of their
// own. Its time is the machine's; the certificates are valid for so long that it does not matter.
package tsatest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
)

// An Authority makes time stamps.
type Authority struct {
	// Root is the certificate that its own leads to.
	Root *x509.Certificate
	// Trust is a folder with that root alone.
	Trust string

	dir string
}

// The validity of the certificates.
var (
	From = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	To   = time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Usage is the extension that makes a certificate one for time stamps alone (RFC 3161 §2.3).
func Usage(t testing.TB) pkix.Extension {
	t.Helper()
	purposes, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	require.NoError(t, err)
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: purposes}
}

// New returns an authority whose certificate is as it should be, but for what edit changes.
func New(t testing.TB, edit ...func(*x509.Certificate)) *Authority {
	t.Helper()
	rootKey, key := certtest.Key(t, "tsa root"), certtest.Key(t, "tsa")
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Root of test time stamps"},
		NotBefore: From, NotAfter: To, BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Test time stamps"},
		NotBefore: From, NotAfter: To, KeyUsage: x509.KeyUsageDigitalSignature, ExtraExtensions: []pkix.Extension{Usage(t)}}
	for _, change := range edit {
		change(leaf)
	}
	a := &Authority{Trust: t.TempDir(), dir: t.TempDir()}
	a.Root = issue(t, root, root, rootKey, rootKey)
	a.writePEM(t, "root.pem", "CERTIFICATE", a.Root.Raw)
	a.writePEM(t, "tsa.pem", "CERTIFICATE", issue(t, leaf, root, key, rootKey).Raw)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	a.writePEM(t, "key.pem", "PRIVATE KEY", der)
	a.Write(t, "serial", []byte("01\n"))
	text, err := os.ReadFile(a.Path("root.pem"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(a.Trust, "root.pem"), text, 0o600))
	return a
}

func issue(t testing.TB, template, parent *x509.Certificate, key, by *rsa.PrivateKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	require.NoError(t, err)
	c, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return c
}

// Pool returns the root as those who verify want it.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.Root)
	return pool
}

// Path returns that of a file in the authority's folder, in which root.pem is its root.
func (a *Authority) Path(name string) string { return filepath.Join(a.dir, name) }

// Write writes a file into that folder and returns its path.
func (a *Authority) Write(t testing.TB, name string, content []byte) string {
	t.Helper()
	require.NoError(t, os.WriteFile(a.Path(name), content, 0o600))
	return a.Path(name)
}

func (a *Authority) writePEM(t testing.TB, name, kind string, der []byte) {
	t.Helper()
	a.Write(t, name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// Reply answers a query, with more lines in the configuration. Query and answer stay in the folder as
// query.tsq and reply.tsr.
func (a *Authority) Reply(t testing.TB, query []byte, more ...string) []byte {
	t.Helper()
	settings := []string{"[tsa]", "default_tsa = this", "[this]",
		"serial = " + a.Path("serial"), "signer_cert = " + a.Path("tsa.pem"), "signer_key = " + a.Path("key.pem"), "certs = " + a.Path("root.pem"),
		"signer_digest = sha256", "default_policy = 1.2.3.4.1", "other_policies = 1.2.3.4.5", "digests = sha256, sha512"}
	config := a.Write(t, "tsa.cnf", []byte(strings.Join(append(settings, more...), "\n")+"\n"))
	OpenSSL(t, "ts", "-reply", "-config", config, "-queryfile", a.Write(t, "query.tsq", query), "-out", a.Path("reply.tsr"))
	return a.read(t, "reply.tsr")
}

// Resign returns an answer with its time stamp signed anew by this authority, of whose certificate OpenSSL's
// cms, in contrast to its ts, asks nothing.
func (a *Authority) Resign(t testing.TB, answer []byte) []byte {
	t.Helper()
	OpenSSL(t, "ts", "-reply", "-in", a.Write(t, "reply.tsr", answer), "-token_out", "-out", a.Path("token"))
	OpenSSL(t, "cms", "-verify", "-noverify", "-inform", "DER", "-in", a.Path("token"), "-out", a.Path("info"))
	OpenSSL(t, "cms", "-sign", "-cades", "-nodetach", "-binary", "-econtent_type", "1.2.840.113549.1.9.16.1.4", "-in", a.Path("info"),
		"-signer", a.Path("tsa.pem"), "-inkey", a.Path("key.pem"), "-outform", "DER", "-out", a.Path("token"))
	OpenSSL(t, "ts", "-reply", "-in", a.Path("token"), "-token_in", "-out", a.Path("reply.tsr"))
	return a.read(t, "reply.tsr")
}

// Judge has OpenSSL verify a time-stamp token about data.
func (a *Authority) Judge(t testing.TB, token, data []byte) {
	t.Helper()
	OpenSSL(t, "ts", "-verify", "-CAfile", a.Path("root.pem"), "-data", a.Write(t, "data", data), "-in", a.Write(t, "token", token), "-token_in")
}

func (a *Authority) read(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(a.Path(name))
	require.NoError(t, err)
	return content
}

// OpenSSL runs OpenSSL, which must do it, and returns what it prints.
func OpenSSL(t testing.TB, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("openssl")
	require.NoError(t, err, "openssl is needed as the authority of these tests, and their judge: run make deps")
	out, err := exec.CommandContext(t.Context(), path, args...).CombinedOutput()
	require.NoError(t, err, "openssl %s: %s", strings.Join(args, " "), out)
	return string(out)
}
