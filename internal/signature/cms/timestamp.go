package cms

import (
	"bytes"
	"crypto/sha1"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"io"
)

// A SignerInfo is a signer as the message has it. Nothing of it is checked.
type SignerInfo struct {
	// Certificate is the signer's, nil where the message does not hold it.
	Certificate *x509.Certificate
	// Value is the signature itself, which is what time stamps are about.
	Value []byte
	// Timestamps are the tokens that the signer has, in DER.
	Timestamps [][]byte
}

// SignerInfos returns the signers of a message of any size, in BER or DER, in its order. There is at least one.
// One that cannot be copied as it is, so that nothing can be added to it, is an error (ErrRewritten).
func SignerInfos(message io.Reader) ([]SignerInfo, error) {
	p, _, err := takeApart(message, io.Discard)
	switch {
	case err != nil:
		return nil, err
	case p.rewritten:
		return nil, ErrRewritten
	}
	signers, err := p.decode()
	if err != nil {
		return nil, err
	}
	var infos []SignerInfo
	for _, f := range signers {
		infos = append(infos, SignerInfo{f.Certificate, f.info.Signature, f.timestamps})
	}
	return infos, nil
}

// AttachTimestamp returns the message with a time-stamp token as an unsigned attribute of one of its
// signers, signature-time-stamp (RFC 3161 appendix A, RFC 5126 §6.1.1): the signer's place is that of
// SignerInfos. Tokens that are there stay. Nothing that is signed changes, and what is in BER is
// treated as AddSigner does.
//
// Whether the token is about that signature is for the caller to check. A message taken from a PDF
// file comes without the padding (Structure.Length), and must fit into its place again.
func AttachTimestamp(message []byte, signer int, token []byte) ([]byte, error) {
	if err := scan(token); err != nil {
		return nil, fmt.Errorf("%w: the time stamp: %v", ErrMalformed, err)
	}
	p, content, err := open(message)
	if err != nil {
		return nil, err
	}
	if _, err := p.decode(); err != nil {
		return nil, err
	}
	if signer < 0 || signer >= len(p.signers) {
		return nil, fmt.Errorf("%w: it has %d, and not one more", ErrSigners, len(p.signers))
	}
	if p.signers[signer], err = withTimestamp(p.signers[signer], token); err != nil {
		return nil, err
	}
	return p.encode(content)
}

// withTimestamp adds the attribute to a SignerInfo that encodes to itself.
func withTimestamp(der, token []byte) ([]byte, error) {
	var info foreignInfo
	if err := unmarshal(der, &info); err != nil {
		return nil, fmt.Errorf("%w: SignerInfo: %v", ErrMalformed, err)
	}
	if same, err := asn1.Marshal(info); err != nil || !bytes.Equal(same, der) {
		return nil, fmt.Errorf("%w: SignerInfo", ErrMalformed)
	}
	attributes, err := unsignedAttributes(info.UnsignedAttributes.Bytes)
	if err != nil {
		return nil, err
	}
	attributes = append(attributes, attribute{Type: oidSignatureTimestamp, Values: set(token)})
	if info.UnsignedAttributes, err = attributeSet(1, attributes); err != nil {
		return nil, err
	}
	return asn1.Marshal(info)
}

func unsignedAttributes(der []byte) ([]attribute, error) {
	attributes, err := decodeAttributes(der)
	if err != nil {
		return nil, fmt.Errorf("%w: unsigned attributes: %v", ErrMalformed, err)
	}
	return attributes, nil
}

// timestamps returns the tokens among unsigned attributes.
func timestamps(der []byte) ([][]byte, error) {
	attributes, err := unsignedAttributes(der)
	if err != nil {
		return nil, err
	}
	var tokens [][]byte
	for _, a := range attributes {
		if !a.Type.Equal(oidSignatureTimestamp) {
			continue
		}
		for rest := a.Values.Bytes; len(rest) > 0; {
			var token asn1.RawValue
			if rest, err = asn1.Unmarshal(rest, &token); err != nil || !isSet(a.Values) {
				return nil, fmt.Errorf("%w: signature-time-stamp", ErrMalformed)
			}
			tokens = append(tokens, token.FullBytes)
		}
	}
	return tokens, nil
}

// VerifyToken checks the one signature of a time-stamp token (RFC 3161 §2.4.2), whose Content is a
// TSTInfo that package timestamp reads. Beyond what VerifyForeign asks it must be in DER, and a
// signing-certificate, of either version, must name its signer (RFC 5816 §2.2).
func VerifyToken(der []byte) (*Signature, error) {
	if err := scan(der); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	f, err := readForeign(der)
	if err != nil {
		return nil, err
	}
	m, err := f.message(oidTSTInfo)
	if err != nil {
		return nil, err
	}
	if err := m.checkNamed(f.attributes); err != nil {
		return nil, err
	}
	return m.verify(nil)
}

// checkNamed asks for a signing-certificate. That of version 2 was looked at with the other attributes;
// that of version 1 has a SHA-1 of the certificate (RFC 2634 §5.4), against which nobody can make a
// second certificate.
func (m *message) checkNamed(attributes []attribute) error {
	for _, a := range attributes {
		if !a.Type.Equal(oidSigningCertificate) {
			continue
		}
		var ess signingCertificate
		if err := unmarshal(a.Values.Bytes, &ess); err != nil || len(ess.Certs) == 0 {
			return fmt.Errorf("%w: signing-certificate cannot be read", ErrSigningCertificate)
		}
		hash := sha1.Sum(m.certificate.Raw)
		if !bytes.Equal(ess.Certs[0].Hash, hash[:]) || !ess.Certs[0].IssuerSerial.fits(m.certificate) {
			return fmt.Errorf("%w: signing-certificate names another certificate", ErrSigningCertificate)
		}
		m.bound = true
	}
	if !m.bound {
		return fmt.Errorf("%w: signing-certificate is missing", ErrSigningCertificate)
	}
	return nil
}
