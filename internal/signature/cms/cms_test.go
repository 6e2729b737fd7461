package cms_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/signtest"
)

var text = []byte("<申請>住民票の写しの交付</申請>\n")

func signer(t testing.TB) (*signtest.Key, *x509.Certificate, *certtest.CA) {
	t.Helper()
	ca := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1")
	key := certtest.Key(t, "card")
	return &signtest.Key{PrivateKey: key}, ca.Signature(t, key), ca
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
	der, err := cms.Sign(key, cert, doc, cms.Options{SigningTime: certtest.Now})
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
			der, err := cms.Sign(key, cert, test.doc, cms.Options{SigningTime: certtest.Now.Add(time.Millisecond)})
			require.NoError(t, err)
			require.Equal(t, 1, key.Calls)

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
		signer *signtest.Key
		cert   *x509.Certificate
		doc    cms.Document
		want   error
		calls  int
	}{
		"no digest":             {&signtest.Key{PrivateKey: key.PrivateKey}, cert, cms.Document{}, cms.ErrDocument, 0},
		"digest of SHA-1":       {&signtest.Key{PrivateKey: key.PrivateKey}, cert, cms.Document{Digest: make([]byte, 20)}, cms.ErrDocument, 0},
		"digest of another":     {&signtest.Key{PrivateKey: key.PrivateKey}, cert, otherDigest, cms.ErrDocument, 0},
		"content too large":     {&signtest.Key{PrivateKey: key.PrivateKey}, cert, cms.Document{Digest: make([]byte, 32), Content: make([]byte, cms.MaxContent+1)}, cms.ErrTooLarge, 0},
		"another's certificate": {&signtest.Key{PrivateKey: key.PrivateKey}, ca.Signature(t, certtest.Key(t, "other")), detached(text), cms.ErrKeyMismatch, 0},
		"signer fails":          {&signtest.Key{PrivateKey: key.PrivateKey, Err: broken}, cert, detached(text), broken, 1},
		"signer signs nonsense": {&signtest.Key{PrivateKey: key.PrivateKey, Spoil: true}, cert, detached(text), cms.ErrSignature, 1},
	} {
		t.Run(name, func(t *testing.T) {
			der, err := cms.Sign(test.signer, test.cert, test.doc, cms.Options{SigningTime: certtest.Now})
			require.ErrorIs(t, err, test.want)
			require.Nil(t, der)
			require.Equal(t, test.calls, test.signer.Calls)
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

// TestOpenSSLVerifies has OpenSSL check signature, chain and, with -cades, the signing-certificate-v2.
func TestOpenSSLVerifies(t *testing.T) {
	_, _, ca := signer(t)
	dir := t.TempDir()
	root := signtest.WriteCertificates(t, dir, "ca.pem", ca.Certificate)
	content := signtest.Write(t, dir, "document.xml", text)
	at := fmt.Sprint(certtest.Now.Unix())

	out := filepath.Join(dir, "out")
	signtest.OpenSSL(t, "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-CAfile", root, "-attime", at, "-out", out,
		"-in", signtest.Write(t, dir, "detached.p7s", sign(t, detached(text))), "-content", content)
	verified, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Equal(t, text, verified)

	for _, hash := range []crypto.Hash{crypto.SHA384, crypto.SHA512} {
		signtest.OpenSSL(t, "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-CAfile", root, "-attime", at, "-out", out,
			"-in", signtest.Write(t, dir, "longer.p7s", sign(t, detachedBy(hash, text))), "-content", content)
	}

	signtest.OpenSSL(t, "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-CAfile", root, "-attime", at, "-out", out,
		"-in", signtest.Write(t, dir, "attached.p7m", sign(t, attached(text))))
	verified, err = os.ReadFile(out)
	require.NoError(t, err)
	require.Equal(t, text, verified)
}

// TestOpenSSLParses looks at the parameters of the algorithms: none for the digest (RFC 5754 §2), NULL
// for the signature (RFC 5754 §3.2).
func TestOpenSSLParses(t *testing.T) {
	message := signtest.Write(t, t.TempDir(), "m.p7s", sign(t, detached(text)))
	listing := signtest.OpenSSL(t, "asn1parse", "-inform", "DER", "-in", message)

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
	common := []string{
		"cms", "-sign", "-binary", "-outform", "DER",
		"-signer", signtest.WriteCertificates(t, dir, "card.pem", cert),
		"-inkey", signtest.WriteKey(t, dir, "key.pem", key.PrivateKey),
		"-in", signtest.Write(t, dir, "document.xml", text),
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
			signtest.OpenSSL(t, append(append([]string{}, common...), append(test.args, "-out", path)...)...)
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
