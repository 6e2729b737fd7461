package cms

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"io"
	"time"
)

// Verify checks the one signature of a message. For a detached one it reads the document from content
// to its end; for one with the document inside content is nil. Required are, beyond RFC 5652 §5.6:
// strict DER, one signer, RSA with SHA-2, and a signing-certificate-v2 that names the signer's
// certificate. It fails with one of the errors at the top of this package.
//
// Verify decides nothing about the certificate, and nothing about the time that the signer claims.
func Verify(der []byte, content io.Reader) (*Signature, error) {
	m, err := read(der, true)
	if err != nil {
		return nil, err
	}
	return m.verify(content)
}

// verify is what a message is asked once it was read.
func (m *message) verify(content io.Reader) (*Signature, error) {
	switch {
	case m.detached && content == nil:
		return nil, ErrContentMissing
	case !m.detached && content != nil:
		return nil, ErrContentAttached
	case !m.detached:
		content = bytes.NewReader(m.content)
	}
	hash := m.algorithm.hash.New()
	if _, err := io.Copy(hash, content); err != nil {
		return nil, fmt.Errorf("read the document: %w", err)
	}
	return m.finish(hash.Sum(nil))
}

// finish checks the message with the document's digest, and returns what it proved.
func (m *message) finish(digest []byte) (*Signature, error) {
	if err := m.check(digest); err != nil {
		return nil, err
	}
	return &Signature{
		Certificate:  m.certificate,
		SigningTime:  m.signingTime,
		Hash:         m.algorithm.hash,
		Detached:     m.detached,
		Bound:        m.bound,
		Content:      m.content,
		Certificates: m.certificates,
		Value:        m.signature,
		Timestamps:   m.timestamps,
	}, nil
}

// maxKey bounds the signer's RSA key, in bits.
const maxKey = 8192

// check is what remains once the document's digest is known: that it is the signed one, and that the
// certificate's key signed it.
func (m *message) check(digest []byte) error {
	if !bytes.Equal(digest, m.messageDigest) {
		return ErrMessageDigest
	}
	// How long one exponentiation takes grows with the cube of the key's length, which the message chooses.
	if key, ok := m.certificate.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() > maxKey {
		return fmt.Errorf("%w: an RSA key of %d bits", ErrAlgorithm, key.N.BitLen())
	}
	if err := m.certificate.CheckSignature(m.algorithm.x509, m.signed, m.signature); err != nil {
		return fmt.Errorf("%w: %v", ErrSignature, err)
	}
	return nil
}

// scheme returns the algorithm of a SignerInfo. The signature algorithm may be plain rsaEncryption
// (RFC 3370 §3.2), and parameters may be NULL or absent, as RFC 5754 §2 asks of whoever reads.
func scheme(digest, signature pkix.AlgorithmIdentifier) (algorithm, error) {
	if !plain(digest) || !plain(signature) {
		return algorithm{}, fmt.Errorf("%w: it has parameters", ErrAlgorithm)
	}
	for _, a := range algorithms {
		if digest.Algorithm.Equal(a.digest) && (signature.Algorithm.Equal(a.signature) || signature.Algorithm.Equal(oidRSA)) {
			return a, nil
		}
	}
	return algorithm{}, fmt.Errorf("%w: %v with %v", ErrAlgorithm, signature.Algorithm, digest.Algorithm)
}

func plain(id pkix.AlgorithmIdentifier) bool {
	return len(id.Parameters.FullBytes) == 0 || bytes.Equal(id.Parameters.FullBytes, asn1.NullBytes)
}

// checkSigningCertificate holds cert against the first entry of a signing-certificate-v2, which must
// be the signer's (RFC 5035 §3).
func checkSigningCertificate(value []byte, cert *x509.Certificate) error {
	var ess signingCertificateV2
	if err := unmarshal(value, &ess); err != nil || len(ess.Certs) == 0 {
		return fmt.Errorf("%w: signing-certificate-v2 cannot be read", ErrSigningCertificate)
	}
	id := ess.Certs[0]
	if id.HashAlgorithm.Algorithm == nil {
		id.HashAlgorithm.Algorithm = oidSHA256
	}
	alg, ok := digestAlgorithm(id.HashAlgorithm.Algorithm)
	if !ok {
		return fmt.Errorf("%w: signing-certificate-v2 uses hash %v", ErrSigningCertificate, id.HashAlgorithm.Algorithm)
	}
	if !bytes.Equal(sum(alg.hash, cert.Raw), id.Hash) || !id.IssuerSerial.fits(cert) {
		return fmt.Errorf("%w: signing-certificate-v2 names another certificate", ErrSigningCertificate)
	}
	return nil
}

// fits reports whether the issuer and serial number, where given, are cert's. The issuer is one
// directoryName, which GeneralName puts under [4] (RFC 5280 §4.2.1.6).
func (s issuerSerial) fits(cert *x509.Certificate) bool {
	if s.Serial == nil {
		return true
	}
	return s.Serial.Cmp(cert.SerialNumber) == 0 && len(s.Issuer) == 1 &&
		s.Issuer[0].Class == asn1.ClassContextSpecific && s.Issuer[0].Tag == 4 &&
		bytes.Equal(s.Issuer[0].Bytes, cert.RawIssuer)
}

// parseTime reads a signingTime, a UTCTime or GeneralizedTime (RFC 5652 §11.3).
func parseTime(value []byte) (time.Time, error) {
	var t time.Time
	if err := unmarshal(value, &t); err != nil {
		return time.Time{}, fmt.Errorf("%w: signingTime: %v", ErrSignedAttributes, err)
	}
	return t.UTC(), nil
}
