package xmldsig

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
)

// cut takes out what stands between two texts, with them.
func cut(t *testing.T, document, from, to string) string {
	return strings.Replace(document, between(t, document, from, to), "", 1)
}

// twice repeats what stands between two texts, with them.
func twice(t *testing.T, document, from, to string) string {
	part := between(t, document, from, to)
	return strings.Replace(document, part, part+part, 1)
}

// changeValue turns one bit of the SignatureValue.
func changeValue(t *testing.T, document string) string {
	_, n := firstSignature(t, document)
	value := first(n, spaceDSig, "SignatureValue")
	data, err := binary(value)
	require.NoError(t, err)
	data[0] ^= 1
	return content(document, value, encode(data))
}

// withCertificates puts certificates in the place of the one in a document.
func withCertificates(t *testing.T, document string, certs ...[]byte) string {
	var b strings.Builder
	for _, der := range certs {
		b.WriteString("<ds:X509Certificate>" + encode(der) + "</ds:X509Certificate>")
	}
	return strings.Replace(document, between(t, document, "<ds:X509Certificate>", "</ds:X509Certificate>"), b.String(), 1)
}

// own returns the DER of the certificate in a document.
func own(t *testing.T, document string) []byte {
	text := between(t, document, "<ds:X509Certificate>", "</ds:X509Certificate>")
	text = strings.TrimSuffix(strings.TrimPrefix(text, "<ds:X509Certificate>"), "</ds:X509Certificate>")
	der, err := base64.StdEncoding.DecodeString(text)
	require.NoError(t, err)
	return der
}

// certificate is the DER of the one that sign puts into documents.
func certificate(t *testing.T) []byte {
	return own(t, signedPlain(t))
}

// other is the certificate of another key, again a second one of the signer's key, and authority that of the CA.
func other(t *testing.T) []byte {
	_, _, ca := card(t)
	return ca.Signature(t, certtest.Key(t, "other")).Raw
}

func again(t *testing.T) []byte {
	key, _, ca := card(t)
	return ca.Signature(t, key.PrivateKey, func(c *x509.Certificate) { c.SerialNumber = big.NewInt(7) }).Raw
}

func authority(t *testing.T) []byte {
	_, _, ca := card(t)
	return ca.Certificate.Raw
}

// ellipticKey and weakKey return certificates of keys that no signature here is taken from.
func ellipticKey(t *testing.T) []byte {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	return der
}

func weakKey(t *testing.T) []byte {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	return der
}

// indefinite writes the outermost length of a DER value of more than 255 bytes as BER may.
func indefinite(der []byte) []byte {
	return append(append([]byte{der[0], 0x80}, der[4:]...), 0, 0)
}

// edits returns the change that replaces texts, in pairs; cutting that which takes out what stands between two texts, with
// them; doubling that which repeats it.
func edits(pairs ...string) func(*testing.T, string) string {
	return func(t *testing.T, document string) string {
		for i := 0; i < len(pairs); i += 2 {
			document = replaced(t, document, pairs[i], pairs[i+1])
		}
		return document
	}
}

func cutting(from, to string) func(*testing.T, string) string {
	return func(t *testing.T, document string) string { return cut(t, document, from, to) }
}

func doubling(from, to string) func(*testing.T, string) string {
	return func(t *testing.T, document string) string { return twice(t, document, from, to) }
}
