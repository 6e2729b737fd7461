package cms_test

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/cms"
)

var text = []byte("<申請>住民票の写しの交付</申請>\n")

// counting is a signer that counts its calls and may spoil what it signs, as a card might.
type counting struct {
	*rsa.PrivateKey
	calls int
	spoil bool
	err   error
}

func (c *counting) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	c.calls++
	if c.err != nil {
		return nil, c.err
	}
	if len(digest) != opts.HashFunc().Size() {
		return nil, fmt.Errorf("asked to sign %d bytes with %v", len(digest), opts)
	}
	signature, err := c.PrivateKey.Sign(random, digest, opts)
	if c.spoil && err == nil {
		signature[0] ^= 1
	}
	return signature, err
}

func signer(t testing.TB) (*counting, *x509.Certificate, *certtest.CA) {
	t.Helper()
	ca := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1")
	key := certtest.Key(t, "card")
	return &counting{PrivateKey: key}, ca.Signature(t, key), ca
}

func detached(content []byte) cms.Document {
	digest := sha256.Sum256(content)
	return cms.Document{Digest: digest[:]}
}

// detachedBy returns a document of which a longer digest is known.
func detachedBy(hash crypto.Hash, content []byte) cms.Document {
	h := hash.New()
	h.Write(content)
	return cms.Document{Digest: h.Sum(nil)}
}

func attached(content []byte) cms.Document {
	doc := detached(content)
	doc.Content = content
	return doc
}

func sign(t testing.TB, doc cms.Document) []byte {
	t.Helper()
	key, cert, _ := signer(t)
	der, err := cms.Sign(key, cert, doc, certtest.Now)
	require.NoError(t, err)
	return der
}

func TestSignAndVerify(t *testing.T) {
	for name, test := range map[string]struct {
		doc     cms.Document
		content io.Reader
		inside  []byte
		hash    crypto.Hash
	}{
		"detached":       {detached(text), bytes.NewReader(text), nil, crypto.SHA256},
		"detached empty": {detached(nil), bytes.NewReader(nil), nil, crypto.SHA256},
		"attached":       {attached(text), nil, text, crypto.SHA256},
		"attached empty": {attached([]byte{}), nil, []byte{}, crypto.SHA256},
		"SHA-384":        {detachedBy(crypto.SHA384, text), bytes.NewReader(text), nil, crypto.SHA384},
		"SHA-512":        {detachedBy(crypto.SHA512, text), bytes.NewReader(text), nil, crypto.SHA512},
	} {
		t.Run(name, func(t *testing.T) {
			key, cert, _ := signer(t)
			der, err := cms.Sign(key, cert, test.doc, certtest.Now.Add(time.Millisecond))
			require.NoError(t, err)
			require.Equal(t, 1, key.calls)

			got, err := cms.Verify(der, test.content)
			require.NoError(t, err)
			require.Equal(t, cert.Raw, got.Certificate.Raw)
			require.Equal(t, certtest.Now, got.SigningTime)
			require.Equal(t, test.hash, got.Hash)
			require.Equal(t, test.inside == nil, got.Detached)
			require.Equal(t, test.inside, got.Content)
		})
	}
}

func TestSignRefused(t *testing.T) {
	key, cert, ca := signer(t)
	broken := errors.New("card removed")
	otherDigest := attached(text)
	otherDigest.Digest = detached([]byte("another")).Digest

	for name, test := range map[string]struct {
		signer *counting
		cert   *x509.Certificate
		doc    cms.Document
		want   error
		calls  int
	}{
		"no digest":             {&counting{PrivateKey: key.PrivateKey}, cert, cms.Document{}, cms.ErrDocument, 0},
		"digest of SHA-1":       {&counting{PrivateKey: key.PrivateKey}, cert, cms.Document{Digest: make([]byte, 20)}, cms.ErrDocument, 0},
		"digest of another":     {&counting{PrivateKey: key.PrivateKey}, cert, otherDigest, cms.ErrDocument, 0},
		"content too large":     {&counting{PrivateKey: key.PrivateKey}, cert, cms.Document{Digest: make([]byte, 32), Content: make([]byte, cms.MaxContent+1)}, cms.ErrTooLarge, 0},
		"another's certificate": {&counting{PrivateKey: key.PrivateKey}, ca.Signature(t, certtest.Key(t, "other")), detached(text), cms.ErrKeyMismatch, 0},
		"signer fails":          {&counting{PrivateKey: key.PrivateKey, err: broken}, cert, detached(text), broken, 1},
		"signer signs nonsense": {&counting{PrivateKey: key.PrivateKey, spoil: true}, cert, detached(text), cms.ErrSignature, 1},
	} {
		t.Run(name, func(t *testing.T) {
			der, err := cms.Sign(test.signer, test.cert, test.doc, certtest.Now)
			require.ErrorIs(t, err, test.want)
			require.Nil(t, der)
			require.Equal(t, test.calls, test.signer.calls)
		})
	}
}

func TestVerifyContent(t *testing.T) {
	_, err := cms.Verify(sign(t, detached(text)), nil)
	require.ErrorIs(t, err, cms.ErrContentMissing)
	_, err = cms.Verify(sign(t, attached(text)), bytes.NewReader(text))
	require.ErrorIs(t, err, cms.ErrContentAttached)
	_, err = cms.Verify(sign(t, detached(text)), strings.NewReader("another document"))
	require.ErrorIs(t, err, cms.ErrMessageDigest)
	_, err = cms.Verify(sign(t, detached(text)), iotest.ErrReader(io.ErrClosedPipe))
	require.ErrorIs(t, err, io.ErrClosedPipe)
}

// TestFlippedBits flips every bit of a message, alone: none verifies.
func TestFlippedBits(t *testing.T) {
	for name, test := range map[string]struct {
		der     []byte
		content []byte
	}{
		"attached": {sign(t, attached(text)), nil},
		"detached": {sign(t, detached(text)), text},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			verify := func() error {
				var content io.Reader
				if test.content != nil {
					content = bytes.NewReader(test.content)
				}
				_, err := cms.Verify(test.der, content)
				return err
			}
			require.NoError(t, verify())
			for i := range test.der {
				for bit := range 8 {
					test.der[i] ^= 1 << bit
					if verify() == nil {
						require.Fail(t, "verifies", "byte %d, bit %d", i, bit)
					}
					test.der[i] ^= 1 << bit
				}
			}
		})
	}
}

// openssl runs the program that judges our messages.
func openssl(t *testing.T, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("openssl")
	require.NoError(t, err, "openssl is needed to judge what this package writes: install it")
	out, err := exec.Command(path, args...).CombinedOutput()
	require.NoError(t, err, "openssl %s: %s", strings.Join(args, " "), out)
	return string(out)
}

func write(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

// TestOpenSSLVerifies has OpenSSL check signature, chain and, with -cades, the signing-certificate-v2.
func TestOpenSSLVerifies(t *testing.T) {
	_, _, ca := signer(t)
	dir := t.TempDir()
	root := write(t, dir, "ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Certificate.Raw}))
	content := write(t, dir, "document.xml", text)
	at := fmt.Sprint(certtest.Now.Unix())

	out := filepath.Join(dir, "out")
	openssl(t, "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-CAfile", root, "-attime", at, "-out", out,
		"-in", write(t, dir, "detached.p7s", sign(t, detached(text))), "-content", content)
	verified, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Equal(t, text, verified)

	for _, hash := range []crypto.Hash{crypto.SHA384, crypto.SHA512} {
		openssl(t, "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-CAfile", root, "-attime", at, "-out", out,
			"-in", write(t, dir, "longer.p7s", sign(t, detachedBy(hash, text))), "-content", content)
	}

	openssl(t, "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-CAfile", root, "-attime", at, "-out", out,
		"-in", write(t, dir, "attached.p7m", sign(t, attached(text))))
	verified, err = os.ReadFile(out)
	require.NoError(t, err)
	require.Equal(t, text, verified)
}

// TestOpenSSLParses looks at the parameters of the algorithms: none for the digest (RFC 5754 §2), NULL
// for the signature (RFC 5754 §3.2).
func TestOpenSSLParses(t *testing.T) {
	message := write(t, t.TempDir(), "m.p7s", sign(t, detached(text)))
	listing := openssl(t, "asn1parse", "-inform", "DER", "-in", message)

	lines := strings.Split(strings.TrimSpace(listing), "\n")
	last := lines[len(lines)-3:] // the end of the SignerInfo: algorithm, NULL, signature
	require.Contains(t, last[0], ":sha256WithRSAEncryption")
	require.Contains(t, last[1], "NULL")
	require.Contains(t, last[2], "OCTET STRING")
	for i, line := range lines {
		if strings.HasSuffix(line, ":sha256") {
			require.NotContains(t, lines[i+1], "NULL")
		}
	}
	require.Contains(t, listing, "id-smime-aa-signingCertificateV2")
}

// TestVerifiesOpenSSL reads what OpenSSL signs: SHA-2 of any length is taken with -cades, which
// makes it add a signing-certificate, and refused without.
func TestVerifiesOpenSSL(t *testing.T) {
	key, cert, _ := signer(t)
	dir := t.TempDir()
	keyDER, err := x509.MarshalPKCS8PrivateKey(key.PrivateKey)
	require.NoError(t, err)
	common := []string{
		"cms", "-sign", "-binary", "-outform", "DER",
		"-signer", write(t, dir, "card.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})),
		"-inkey", write(t, dir, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})),
		"-in", write(t, dir, "document.xml", text),
	}
	for name, test := range map[string]struct {
		args     []string
		detached bool
		want     error
	}{
		"detached SHA-256":       {[]string{"-cades", "-md", "sha256"}, true, nil},
		"attached SHA-384":       {[]string{"-cades", "-md", "sha384", "-nodetach"}, false, nil},
		"attached SHA-512":       {[]string{"-cades", "-md", "sha512", "-nodetach"}, false, nil},
		"SHA-1":                  {[]string{"-cades", "-md", "sha1"}, true, cms.ErrAlgorithm},
		"RSASSA-PSS":             {[]string{"-cades", "-md", "sha256", "-keyopt", "rsa_padding_mode:pss"}, true, cms.ErrAlgorithm},
		"certificate not bound":  {[]string{"-md", "sha256"}, true, cms.ErrSigningCertificate},
		"no certificate":         {[]string{"-cades", "-md", "sha256", "-nocerts"}, true, cms.ErrNoCertificate},
		"no signed attributes":   {[]string{"-md", "sha256", "-noattr"}, true, cms.ErrSignedAttributes},
		"signer named by key id": {[]string{"-cades", "-md", "sha256", "-keyid"}, true, cms.ErrMalformed},
		"indefinite lengths":     {[]string{"-cades", "-md", "sha256", "-nodetach", "-indef", "-stream"}, false, cms.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "m.p7m")
			openssl(t, append(append([]string{}, common...), append(test.args, "-out", path)...)...)
			der, err := os.ReadFile(path)
			require.NoError(t, err)
			var content io.Reader
			if test.detached {
				content = bytes.NewReader(text)
			}
			got, err := cms.Verify(der, content)
			require.ErrorIs(t, err, test.want)
			if test.want == nil {
				require.Equal(t, cert.Raw, got.Certificate.Raw)
			}
		})
	}
}
