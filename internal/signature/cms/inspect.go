package cms

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"io"
	"slices"
)

// maxCertificates bounds the certificates that a message of others may hold.
const maxCertificates = 64

// A Structure is what a message of anybody's looks like, whether or not its signature is correct.
type Structure struct {
	// Length is how many bytes the message takes of what was given.
	Length int
	// DER tells that these bytes are what DER makes of them, sets in order.
	DER bool
	// Version and SignerVersion are those of SignedData and of SignerInfo.
	Version, SignerVersion int
	ContentType            asn1.ObjectIdentifier
	Detached               bool
	// ByIssuer tells that the signer is named by issuer and serial number, not by a key identifier.
	ByIssuer bool
	// Certificate is the signer's, nil where the message does not hold it; Certificates are all.
	Certificate  *x509.Certificate
	Certificates []*x509.Certificate
	// SignedAttributes are the types, in the order of the message.
	SignedAttributes []asn1.ObjectIdentifier
	// UTCTime tells that there is a signingTime and that it is a UTCTime.
	UTCTime                             bool
	DigestAlgorithm, SignatureAlgorithm asn1.ObjectIdentifier
}

// Inspect reads the message at the beginning of data, in DER or BER, with exactly one signer.
func Inspect(data []byte) (*Structure, error) {
	f, err := readForeign(data)
	if err != nil {
		return nil, err
	}
	return &f.Structure, nil
}

// VerifyForeign is Verify for messages of other makers: it takes BER, signers named by key identifier
// and messages without a signing-certificate-v2 as well (one that is there must be right), and zero
// bytes after the message, with which a PDF fills a signature's place.
func VerifyForeign(data []byte, content io.Reader) (*Signature, error) {
	f, err := readForeign(data)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimLeft(data[f.Length:], "\x00")) > 0 {
		return nil, fmt.Errorf("%w: something follows it", ErrMalformed)
	}
	m, err := f.message(oidData)
	if err != nil {
		return nil, err
	}
	return m.verify(content)
}

// foreignInfo is SignerInfo (RFC 5652 §5.3) whose signer is named in either way.
type foreignInfo struct {
	Version            int
	SID                asn1.RawValue
	DigestAlgorithm    pkix.AlgorithmIdentifier
	SignedAttributes   asn1.RawValue `asn1:"optional,tag:0"`
	SignatureAlgorithm pkix.AlgorithmIdentifier
	Signature          []byte
	UnsignedAttributes asn1.RawValue `asn1:"optional,tag:1"`
}

// foreign is a message of others, decoded.
type foreign struct {
	Structure
	info       foreignInfo
	attributes []attribute
	content    []byte
	timestamps [][]byte
}

func readForeign(data []byte) (*foreign, error) {
	der, length, err := fromBER(data)
	if err != nil {
		return nil, err
	}
	var outer contentInfo
	var sd signedData
	if err := unmarshal(der, &outer); err != nil || !outer.Type.Equal(oidSignedData) {
		return nil, fmt.Errorf("%w: no SignedData", ErrMalformed)
	}
	if err := unmarshal(outer.Content.Bytes, &sd); err != nil || !isSet(sd.SignerInfos) {
		return nil, fmt.Errorf("%w: SignedData", ErrMalformed)
	}
	content, detached, err := sd.Content.octets()
	if err != nil {
		return nil, err
	}
	if len(der)-len(content) > MaxStructure {
		return nil, fmt.Errorf("%w: more than %d bytes beside the content", ErrTooLarge, MaxStructure)
	}
	certs, err := certificates(sd.Certificates.Bytes)
	if err != nil {
		return nil, err
	}
	var info asn1.RawValue
	rest, err := asn1.Unmarshal(sd.SignerInfos.Bytes, &info)
	if len(sd.SignerInfos.Bytes) == 0 || err == nil && len(rest) > 0 {
		return nil, ErrSigners
	}
	f, err := decodeSigner(sd.SignerInfos.Bytes, certs)
	if err != nil {
		return nil, err
	}
	f.Length, f.Version, f.ContentType, f.Detached, f.content = length, sd.Version, sd.Content.Type, detached, content
	f.DER = bytes.Equal(der, data[:length]) && f.sorted()
	return f, nil
}

// decodeSigner decodes one SignerInfo and finds its certificate among those of the message. What is
// said of the message around it is left to the caller.
func decodeSigner(der []byte, certs []*x509.Certificate) (*foreign, error) {
	f := &foreign{Structure: Structure{Certificates: certs}}
	if err := unmarshal(der, &f.info); err != nil {
		return nil, fmt.Errorf("%w: SignerInfo: %v", ErrMalformed, err)
	}
	f.SignerVersion = f.info.Version
	f.DigestAlgorithm, f.SignatureAlgorithm = f.info.DigestAlgorithm.Algorithm, f.info.SignatureAlgorithm.Algorithm
	f.findSigner()
	if err := f.readAttributes(); err != nil {
		return nil, err
	}
	var err error
	f.timestamps, err = timestamps(f.info.UnsignedAttributes.Bytes)
	return f, err
}

// certificates parses the certificates among CertificateChoices (RFC 5652 §10.2.2).
func certificates(der []byte) ([]*x509.Certificate, error) {
	var found []*x509.Certificate
	for len(der) > 0 {
		var raw asn1.RawValue
		rest, err := asn1.Unmarshal(der, &raw)
		if err != nil {
			return nil, fmt.Errorf("%w: certificates: %v", ErrMalformed, err)
		}
		der = rest
		if raw.Class != asn1.ClassUniversal || raw.Tag != asn1.TagSequence {
			continue
		}
		cert, err := x509.ParseCertificate(raw.FullBytes)
		if err != nil {
			return nil, fmt.Errorf("%w: certificate: %v", ErrMalformed, err)
		}
		if found = append(found, cert); len(found) > maxCertificates {
			return nil, fmt.Errorf("%w: more than %d certificates", ErrTooLarge, maxCertificates)
		}
	}
	return found, nil
}

// findSigner looks for the certificate that the SignerInfo names.
func (f *foreign) findSigner() {
	sid := f.info.SID
	var named issuerAndSerial
	f.ByIssuer = sid.Class == asn1.ClassUniversal && unmarshal(sid.FullBytes, &named) == nil
	if f.ByIssuer {
		f.Certificate = signerCertificate(f.Certificates, named)
		return
	}
	if sid.Class == asn1.ClassContextSpecific && sid.Tag == 0 && len(sid.Bytes) > 0 {
		i := slices.IndexFunc(f.Certificates, func(c *x509.Certificate) bool { return bytes.Equal(c.SubjectKeyId, sid.Bytes) })
		if i >= 0 {
			f.Certificate = f.Certificates[i]
		}
	}
}

func (f *foreign) readAttributes() error {
	var err error
	if f.attributes, err = decodeAttributes(f.info.SignedAttributes.Bytes); err != nil {
		return err
	}
	for _, a := range f.attributes {
		f.SignedAttributes = append(f.SignedAttributes, a.Type)
		if a.Type.Equal(oidSigningTime) && len(a.Values.Bytes) > 0 {
			f.UTCTime = a.Values.Bytes[0] == asn1.TagUTCTime
		}
	}
	return nil
}

// decodeAttributes decodes the attributes that stand one behind the other in der.
func decodeAttributes(der []byte) ([]attribute, error) {
	var attributes []attribute
	for len(der) > 0 {
		var a attribute
		rest, err := asn1.Unmarshal(der, &a)
		if err != nil {
			return nil, fmt.Errorf("%w: %v", ErrSignedAttributes, err)
		}
		der = rest
		attributes = append(attributes, a)
	}
	return attributes, nil
}

// sorted reports whether the signed attributes stand in the order of DER.
func (f *foreign) sorted() bool {
	ordered, err := attributeSet(0, f.attributes)
	return err == nil && bytes.Equal(ordered.Bytes, f.info.SignedAttributes.Bytes)
}

// message makes of it what Verify checks. Its content must be of the type wanted.
func (f *foreign) message(wanted asn1.ObjectIdentifier) (*message, error) {
	m := &message{detached: f.Detached, content: f.content, signature: f.info.Signature, certificate: f.Certificate,
		certificates: f.Certificates, timestamps: f.timestamps}
	var err error
	if m.algorithm, err = scheme(f.info.DigestAlgorithm, f.info.SignatureAlgorithm); err != nil {
		return nil, err
	}
	if m.certificate == nil {
		return nil, ErrNoCertificate
	}
	if len(f.attributes) == 0 {
		return nil, fmt.Errorf("%w: there are none", ErrSignedAttributes)
	}
	signed := asn1.RawValue{Tag: asn1.TagSet, IsCompound: true, Bytes: f.info.SignedAttributes.Bytes}
	if m.signed, err = asn1.Marshal(signed); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrSignedAttributes, err)
	}
	return m, m.readAttributes(f.attributes, f.ContentType, wanted, false)
}
