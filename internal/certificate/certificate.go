// Package certificate knows the JPKI certificate profile: the two hierarchies, the four attributes,
// J-LIS's roots, and what makes a certificate acceptable at a given time. It never looks at
// revocation, which J-LIS answers to notified verifiers only (jpki-card.md §6).
package certificate

import (
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
)

// maxSize is the longest DER certificate that Parse reads, in bytes. Real ones have about 1,600.
const maxSize = 8192

// Bounds of the RSA keys that Parse takes. Cards carry RSA-2048; the upper bound keeps a verification cheap.
const (
	minKeyBits  = 2048
	maxKeyBits  = 4096
	minExponent = 65537
)

var (
	// ErrMalformed is wrapped by every error about bytes that are not one DER certificate.
	ErrMalformed = errors.New("not a certificate")
	// ErrUnsupportedKey is wrapped when the key is of a kind or size this version does not take: the
	// next generation of cards will bring such keys (jpki-card.md §5.7).
	ErrUnsupportedKey = errors.New("key type not supported")
)

// A Certificate is an end-entity certificate that Parse took. Nothing about it is trusted yet; see Check.
type Certificate struct {
	X509 *x509.Certificate
}

// Parse decodes exactly one DER certificate with an RSA key of 2048 to 4096 bits. It fails with
// ErrMalformed or ErrUnsupportedKey.
func Parse(der []byte) (*Certificate, error) {
	if len(der) > maxSize {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrMalformed, maxSize)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	if err := checkKey(cert); err != nil {
		return nil, err
	}
	return &Certificate{X509: cert}, nil
}

func checkKey(cert *x509.Certificate) error {
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok {
		return fmt.Errorf("%w: %v", ErrUnsupportedKey, cert.PublicKeyAlgorithm)
	}
	if bits := key.N.BitLen(); bits < minKeyBits || bits > maxKeyBits {
		return fmt.Errorf("%w: RSA of %d bits", ErrUnsupportedKey, bits)
	}
	if key.E < minExponent || key.E%2 == 0 {
		return fmt.Errorf("%w: RSA with public exponent %d", ErrUnsupportedKey, key.E)
	}
	return nil
}

// Policies returns the certificate policies in dotted form. They are reported and never decide
// anything: which of them exist is known for some cards only (jpki-card.md §5.4).
func (c *Certificate) Policies() []string {
	policies := make([]string, len(c.X509.Policies))
	for i, oid := range c.X509.Policies {
		policies[i] = oid.String()
	}
	return policies
}
