package cms

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"time"

	"github.com/digitorus/pkcs7"
)

// A message is a SignedData read completely, with all its checks but those that need the document.
type message struct {
	certificate   *x509.Certificate
	algorithm     algorithm
	messageDigest []byte
	signingTime   time.Time
	signed        []byte // the DER of the signed attributes as a SET OF
	signature     []byte
	bound         bool // by a signing-certificate-v2
	detached      bool
	content       []byte // nil when detached
	certificates  []*x509.Certificate
	timestamps    [][]byte
}

// read decodes a message. The outline is read here; what is in it, by pkcs7, which gets the message
// without its content, because it would copy the content six times. pkcs7 passes over what it does
// not expect, so that its reading counts only when it encodes to the very bytes it was read from. With
// bound the message must hold a signing-certificate-v2.
func read(der []byte, bound bool) (*message, error) {
	sd, err := readOutline(der)
	if err != nil {
		return nil, err
	}
	content, detached, err := sd.Content.octets()
	if err != nil {
		return nil, err
	}
	if len(der)-len(content) > MaxStructure {
		return nil, fmt.Errorf("%w: more than %d bytes beside the content", ErrTooLarge, MaxStructure)
	}

	bare := sd
	bare.Content.Content = asn1.RawValue{}
	structure, err := bare.marshal()
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	p7, err := pkcs7.Parse(structure)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	info, attributes, err := soleSigner(p7)
	if err != nil {
		return nil, err
	}
	if encoded, err := asn1.Marshal(info); err != nil || !bytes.Equal(encoded, sd.SignerInfos.Bytes) {
		return nil, fmt.Errorf("%w: SignerInfo", ErrMalformed)
	}

	m := &message{detached: detached, content: content, signature: info.Signature, certificates: p7.Certificates}
	if m.algorithm, err = scheme(info.DigestAlgorithm, info.SignatureAlgorithm); err != nil {
		return nil, err
	}
	if m.certificate = signerCertificate(p7.Certificates, info.SID); m.certificate == nil {
		return nil, ErrNoCertificate
	}
	if m.signed, err = asn1.Marshal(asn1.RawValue{Tag: asn1.TagSet, IsCompound: true, Bytes: info.SignedAttributes.Bytes}); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrSignedAttributes, err)
	}
	if m.timestamps, err = timestamps(info.UnsignedAttributes.Bytes); err != nil {
		return nil, err
	}
	if err := m.readAttributes(attributes, sd.Content.Type, oidData, bound); err != nil {
		return nil, err
	}
	return m, checkUnsigned(sd, info, m.algorithm)
}

// readOutline decodes the outer structures, whose every byte must be where DER puts it.
func readOutline(der []byte) (signedData, error) {
	if len(der) > MaxStructure+MaxContent {
		return signedData{}, ErrTooLarge
	}
	if err := scan(der); err != nil {
		return signedData{}, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	var outer contentInfo
	if err := unmarshal(der, &outer); err != nil || !outer.Type.Equal(oidSignedData) {
		return signedData{}, fmt.Errorf("%w: no SignedData", ErrMalformed)
	}
	var sd signedData
	if err := unmarshal(outer.Content.Bytes, &sd); err != nil {
		return signedData{}, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	if !isSet(sd.DigestAlgorithms) || !isSet(sd.SignerInfos) {
		return signedData{}, fmt.Errorf("%w: SignedData", ErrMalformed)
	}
	if encoded, err := sd.marshal(); err != nil || !bytes.Equal(encoded, der) {
		return signedData{}, fmt.Errorf("%w: SignedData", ErrMalformed)
	}
	return sd, nil
}

// octets returns the document inside the message, or that there is none.
func (e encapsulated) octets() (content []byte, detached bool, err error) {
	if len(e.Content.FullBytes) == 0 {
		return nil, true, nil
	}
	var octets asn1.RawValue
	if err := unmarshal(e.Content.Bytes, &octets); err != nil ||
		!e.Content.IsCompound || octets.Class != asn1.ClassUniversal || octets.Tag != asn1.TagOctetString || octets.IsCompound {
		return nil, false, fmt.Errorf("%w: the content is no OCTET STRING", ErrMalformed)
	}
	if len(octets.Bytes) > MaxContent {
		return nil, false, fmt.Errorf("%w: the content has more than %d bytes", ErrTooLarge, MaxContent)
	}
	return octets.Bytes, false, nil
}

// soleSigner returns the one SignerInfo that pkcs7 read, in our own structure, and its signed attributes.
func soleSigner(p7 *pkcs7.PKCS7) (signerInfo, []attribute, error) {
	if len(p7.Signers) != 1 {
		return signerInfo{}, nil, fmt.Errorf("%w: %d", ErrSigners, len(p7.Signers))
	}
	s := p7.Signers[0]
	info := signerInfo{
		Version:            s.Version,
		SID:                issuerAndSerial{Issuer: s.IssuerAndSerialNumber.IssuerName, Serial: s.IssuerAndSerialNumber.SerialNumber},
		DigestAlgorithm:    s.DigestAlgorithm,
		SignatureAlgorithm: s.DigestEncryptionAlgorithm,
		Signature:          s.EncryptedDigest,
	}
	var signed, unsigned []attribute
	for _, a := range s.AuthenticatedAttributes {
		signed = append(signed, attribute{Type: a.Type, Values: a.Value})
	}
	for _, a := range s.UnauthenticatedAttributes {
		unsigned = append(unsigned, attribute{Type: a.Type, Values: a.Value})
	}
	var err error
	if info.SignedAttributes, err = attributeSet(0, signed); err != nil {
		return signerInfo{}, nil, err
	}
	if info.UnsignedAttributes, err = attributeSet(1, unsigned); err != nil {
		return signerInfo{}, nil, err
	}
	if len(signed) == 0 {
		return signerInfo{}, nil, fmt.Errorf("%w: there are none", ErrSignedAttributes)
	}
	return info, signed, nil
}

// attributeSet encodes attributes in DER order under the tag [n], and nothing where there are none.
func attributeSet(n int, attributes []attribute) (asn1.RawValue, error) {
	if len(attributes) == 0 {
		return asn1.RawValue{}, nil
	}
	var encoded [][]byte
	for _, a := range attributes {
		der, err := asn1.Marshal(a)
		if err != nil {
			return asn1.RawValue{}, fmt.Errorf("%w: attributes: %v", ErrMalformed, err)
		}
		encoded = append(encoded, der)
	}
	return tagged(n, set(encoded...).Bytes), nil
}

// signerCertificate picks the certificate that the SignerInfo names.
func signerCertificate(certs []*x509.Certificate, sid issuerAndSerial) *x509.Certificate {
	for _, cert := range certs {
		if bytes.Equal(cert.RawIssuer, sid.Issuer.FullBytes) && cert.SerialNumber.Cmp(sid.Serial) == 0 {
			return cert
		}
	}
	return nil
}

// checkUnsigned holds what no signature covers against what follows from the rest, so that nobody can
// change it: both versions are 1, as id-data and an issuer with a serial number want (RFC 5652 §5.1,
// §5.3), and the digest algorithms are the one signer's.
func checkUnsigned(sd signedData, info signerInfo, alg algorithm) error {
	if sd.Version != 1 || info.Version != 1 {
		return fmt.Errorf("%w: version %d with a SignerInfo of version %d", ErrMalformed, sd.Version, info.Version)
	}
	for _, parameters := range []asn1.RawValue{{}, asn1.NullRawValue} { // RFC 5754 §2
		only, err := asn1.Marshal(pkix.AlgorithmIdentifier{Algorithm: alg.digest, Parameters: parameters})
		if err == nil && bytes.Equal(only, sd.DigestAlgorithms.Bytes) {
			return nil
		}
	}
	return fmt.Errorf("%w: the digest algorithms are not the signer's alone", ErrMalformed)
}

// readAttributes takes the four signed attributes that matter, and passes over others. The message and
// its signed attributes must agree that the content is of the type wanted.
func (m *message) readAttributes(attributes []attribute, contentType, wanted asn1.ObjectIdentifier, bound bool) error {
	values := map[string][]byte{}
	for _, a := range attributes {
		oid := a.Type.String()
		if !isSet(a.Values) || values[oid] != nil {
			return fmt.Errorf("%w: %s is there twice or no SET", ErrSignedAttributes, oid)
		}
		values[oid] = a.Values.Bytes
	}

	var signedType asn1.ObjectIdentifier
	if err := unmarshal(values[oidContentType.String()], &signedType); err != nil {
		return fmt.Errorf("%w: contentType: %v", ErrSignedAttributes, err)
	}
	if !signedType.Equal(contentType) || !signedType.Equal(wanted) {
		return fmt.Errorf("%w: %v and %v", ErrContentType, contentType, signedType)
	}
	if err := unmarshal(values[oidMessageDigest.String()], &m.messageDigest); err != nil {
		return fmt.Errorf("%w: messageDigest: %v", ErrSignedAttributes, err)
	}
	if claimed, ok := values[oidSigningTime.String()]; ok {
		var err error
		if m.signingTime, err = parseTime(claimed); err != nil {
			return err
		}
	}
	binding, ok := values[oidSigningCertificateV2.String()]
	switch {
	case ok:
		m.bound = true
		return checkSigningCertificate(binding, m.certificate)
	case bound:
		return fmt.Errorf("%w: signing-certificate-v2 is missing", ErrSigningCertificate)
	}
	return nil
}
