package cms

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"slices"
	"time"
)

// Options say what a message holds beside what RFC 5652 asks for. The zero value is a message that
// claims no time and binds its certificate.
type Options struct {
	// SigningTime is claimed to the second. The zero time leaves the attribute out, as PAdES wants (ETSI
	// EN 319 142-1 §6.3).
	SigningTime time.Time
	// Unbound leaves signing-certificate-v2 out.
	Unbound bool
}

// Sign returns the DER of a CMS message in which signer, whose certificate is cert, signs doc. The certificate is the
// only one in it.
//
// The signer is called exactly once, with the digest of the signed attributes. Nothing of the
// arguments is wrong by then: Sign fails with ErrDocument, ErrTooLarge or ErrKeyMismatch before. A
// signer's own error is wrapped. The message is checked as Verify does before it is returned, so that
// a card that computed a wrong signature ends in ErrSignature.
func Sign(signer crypto.Signer, cert *x509.Certificate, doc Document, o Options) ([]byte, error) {
	alg, err := checkDocument(doc)
	if err != nil {
		return nil, err
	}
	if key, ok := signer.Public().(*rsa.PublicKey); !ok || !key.Equal(cert.PublicKey) {
		return nil, ErrKeyMismatch
	}

	attributes, err := signedAttributes(cert, doc.Digest, o)
	if err != nil {
		return nil, fmt.Errorf("encode signed attributes: %w", err)
	}
	// What is signed is the SET OF, although the message holds it under the tag [0] (RFC 5652 §5.4).
	signed, err := asn1.Marshal(attributes)
	if err != nil {
		return nil, fmt.Errorf("encode signed attributes: %w", err)
	}
	value, err := signer.Sign(rand.Reader, sum(alg.hash, signed), alg.hash)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}

	der, err := encode(cert, doc.Content, alg, attributes, value)
	if err != nil {
		return nil, fmt.Errorf("encode message: %w", err)
	}
	m, err := read(der, !o.Unbound)
	if err != nil {
		return nil, fmt.Errorf("check what was signed: %w", err)
	}
	if err := m.check(doc.Digest); err != nil {
		return nil, fmt.Errorf("check what was signed: %w", err)
	}
	return der, nil
}

// Size returns the length in bytes of the message that Sign will return, of which everything but
// the signature's value is known beforehand. It fails as Sign does before the signer is called.
func Size(cert *x509.Certificate, doc Document, o Options) (int, error) {
	der, err := encodeDraft(cert, doc, o)
	return len(der), err
}

// encodeDraft returns a message with zeros for the signature's value.
func encodeDraft(cert *x509.Certificate, doc Document, o Options) ([]byte, error) {
	alg, err := checkDocument(doc)
	if err != nil {
		return nil, err
	}
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok {
		return nil, ErrKeyMismatch
	}
	attributes, err := signedAttributes(cert, doc.Digest, o)
	if err != nil {
		return nil, fmt.Errorf("encode signed attributes: %w", err)
	}
	der, err := encode(cert, doc.Content, alg, attributes, make([]byte, key.Size()))
	if err != nil {
		return nil, fmt.Errorf("encode message: %w", err)
	}
	return der, nil
}

// checkDocument returns the algorithm to sign the document with.
func checkDocument(doc Document) (algorithm, error) {
	i := slices.IndexFunc(algorithms, func(a algorithm) bool { return a.hash.Size() == len(doc.Digest) })
	if i < 0 {
		return algorithm{}, fmt.Errorf("%w: it has %d bytes", ErrDocument, len(doc.Digest))
	}
	if len(doc.Content) > MaxContent {
		return algorithm{}, fmt.Errorf("%w: its content has more than %d bytes", ErrTooLarge, MaxContent)
	}
	if doc.Content != nil && !bytes.Equal(sum(algorithms[i].hash, doc.Content), doc.Digest) {
		return algorithm{}, ErrDocument
	}
	return algorithms[i], nil
}

// signedAttributes returns the SET OF the attributes of CAdES-BES, without those that were not wanted.
// The signing-certificate-v2 leaves out its hash algorithm, as DER does with a default, and the issuer
// and serial number, which the SignerInfo names and the certificate's hash covers (RFC 5035 §4).
func signedAttributes(cert *x509.Certificate, digest []byte, o Options) (asn1.RawValue, error) {
	type valued struct {
		oid   asn1.ObjectIdentifier
		value any
	}
	attributes := []valued{{oidContentType, oidData}, {oidMessageDigest, digest}}
	if !o.SigningTime.IsZero() {
		attributes = append(attributes, valued{oidSigningTime, o.SigningTime.UTC()}) // UTCTime through 2049, as RFC 5652 §11.3 wants
	}
	if !o.Unbound {
		hash := sha256.Sum256(cert.Raw)
		attributes = append(attributes, valued{oidSigningCertificateV2, signingCertificateV2{Certs: []essCertIDv2{{Hash: hash[:]}}}})
	}
	var encoded [][]byte
	for _, a := range attributes {
		value, err := asn1.Marshal(a.value)
		if err != nil {
			return asn1.RawValue{}, err
		}
		der, err := asn1.Marshal(attribute{Type: a.oid, Values: set(value)})
		if err != nil {
			return asn1.RawValue{}, err
		}
		encoded = append(encoded, der)
	}
	return set(encoded...), nil
}

// encode puts the message together. Digest algorithms go without parameters (RFC 5754 §2), the
// signature algorithm with NULL (RFC 5754 §3.2), and both versions are 1, as id-data and an issuer
// with a serial number want (RFC 5652 §5.1, §5.3).
func encode(cert *x509.Certificate, content []byte, alg algorithm, attributes asn1.RawValue, value []byte) ([]byte, error) {
	digestAlgorithm := pkix.AlgorithmIdentifier{Algorithm: alg.digest}
	digestAlgorithms, err := asn1.Marshal(digestAlgorithm)
	if err != nil {
		return nil, err
	}
	info, err := asn1.Marshal(signerInfo{
		Version:            1,
		SID:                issuerAndSerial{Issuer: asn1.RawValue{FullBytes: cert.RawIssuer}, Serial: cert.SerialNumber},
		DigestAlgorithm:    digestAlgorithm,
		SignedAttributes:   tagged(0, attributes.Bytes),
		SignatureAlgorithm: pkix.AlgorithmIdentifier{Algorithm: alg.signature, Parameters: asn1.NullRawValue},
		Signature:          value,
	})
	if err != nil {
		return nil, err
	}
	sd := signedData{
		Version:          1,
		DigestAlgorithms: set(digestAlgorithms),
		Content:          encapsulated{Type: oidData},
		Certificates:     tagged(0, set(cert.Raw).Bytes),
		SignerInfos:      set(info),
	}
	if content != nil {
		octets, err := asn1.Marshal(content)
		if err != nil {
			return nil, err
		}
		sd.Content.Content = tagged(0, octets)
	}
	return sd.marshal()
}

// marshal returns the DER of the whole message.
func (sd signedData) marshal() ([]byte, error) {
	inner, err := asn1.Marshal(sd)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(contentInfo{Type: oidSignedData, Content: tagged(0, inner)})
}
