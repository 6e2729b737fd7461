package revocation

import (
	"bytes"
	"crypto"
	"crypto/sha1"
	_ "crypto/sha256" // for crypto.SHA256
	_ "crypto/sha512" // for crypto.SHA384 and crypto.SHA512
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"
)

var (
	oidBasicResponse = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1} // RFC 6960 §4.2.1
	oidNonce         = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2} // RFC 6960 §4.4.1
)

// A signatureAlgorithm is one that a response may be signed with.
type signatureAlgorithm struct {
	oid  asn1.ObjectIdentifier
	x509 x509.SignatureAlgorithm
}

// A hashAlgorithm serves to name issuers. SHA-1 protects nothing here.
type hashAlgorithm struct {
	oid  asn1.ObjectIdentifier
	hash crypto.Hash
}

var hashAlgorithms = []hashAlgorithm{
	{asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, crypto.SHA1},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}, crypto.SHA256},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}, crypto.SHA384},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}, crypto.SHA512},
}

// signatureAlgorithms are those of RSA with SHA-2 (RFC 4055 §5).
var signatureAlgorithms = []signatureAlgorithm{
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, x509.SHA256WithRSA},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12}, x509.SHA384WithRSA},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 13}, x509.SHA512WithRSA},
}

// The structures of RFC 6960 §4.2.1, with CertID from §4.1.1.
type (
	ocspResponse struct {
		Status asn1.Enumerated
		Bytes  responseBytes `asn1:"optional,explicit,tag:0"`
	}
	responseBytes struct {
		Type     asn1.ObjectIdentifier
		Response []byte
	}
	basicResponse struct {
		Data         responseData
		Algorithm    pkix.AlgorithmIdentifier
		Signature    asn1.BitString
		Certificates []asn1.RawValue `asn1:"optional,explicit,tag:0"`
	}
	responseData struct {
		Raw        asn1.RawContent
		Version    int `asn1:"optional,explicit,tag:0"`
		Responder  asn1.RawValue
		ProducedAt time.Time `asn1:"generalized"`
		Responses  []singleResponse
		Extensions []pkix.Extension `asn1:"optional,explicit,tag:1"`
	}
	singleResponse struct {
		ID         certID
		Status     asn1.RawValue
		ThisUpdate time.Time        `asn1:"generalized"`
		NextUpdate time.Time        `asn1:"optional,generalized,explicit,tag:0"`
		Extensions []pkix.Extension `asn1:"optional,explicit,tag:1"`
	}
	certID struct {
		Hash   pkix.AlgorithmIdentifier
		Name   []byte
		Key    []byte
		Serial *big.Int
	}
	revokedInfo struct {
		At     time.Time       `asn1:"generalized"`
		Reason asn1.Enumerated `asn1:"optional,explicit,tag:0"`
	}
)

// Tags of CertStatus and of ResponderID.
const (
	statusGood, statusRevoked, statusUnknown = 0, 1, 2
	responderName, responderKey              = 1, 2
)

// Limits of a response.
const (
	maxResponses    = 256
	maxCertificates = 16
)

// A response is a successful OCSP response.
type response struct {
	basicResponse
	certificates []*x509.Certificate
}

// parseDER tells a response, which begins with its status, from a CRL.
func parseDER(der []byte) (Statement, error) {
	var outer, first asn1.RawValue
	if err := unmarshal(der, &outer); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	if _, err := asn1.Unmarshal(outer.Bytes, &first); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	if first.Class == asn1.ClassUniversal && first.Tag == asn1.TagEnum {
		return parseOCSP(der)
	}
	return parseCRL(der)
}

func parseOCSP(der []byte) (Statement, error) {
	if len(der) > MaxOCSP {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrMalformed, MaxOCSP)
	}
	var outer ocspResponse
	if err := unmarshal(der, &outer); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	if outer.Status != 0 {
		return nil, fmt.Errorf("%w: the responder answers with status %d", ErrMalformed, outer.Status)
	}
	if !outer.Bytes.Type.Equal(oidBasicResponse) {
		return nil, fmt.Errorf("%w: a response of type %v", ErrUnsupported, outer.Bytes.Type)
	}
	r := &response{}
	if err := unmarshal(outer.Bytes.Response, &r.basicResponse); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	switch {
	case r.Data.Version != 0:
		return nil, fmt.Errorf("%w: a response of version %d", ErrUnsupported, r.Data.Version)
	case len(r.Data.Responses) == 0, len(r.Data.Responses) > maxResponses, len(r.Certificates) > maxCertificates:
		return nil, fmt.Errorf("%w: %d answers and %d certificates", ErrMalformed, len(r.Data.Responses), len(r.Certificates))
	}
	for _, e := range r.Data.Extensions {
		if e.Critical && !e.Id.Equal(oidNonce) {
			return nil, fmt.Errorf("%w: the response has the critical extension %v", ErrUnsupported, e.Id)
		}
	}
	for _, raw := range r.Certificates {
		cert, err := x509.ParseCertificate(raw.FullBytes)
		if err != nil {
			return nil, fmt.Errorf("%w: certificate: %v", ErrMalformed, err)
		}
		r.certificates = append(r.certificates, cert)
	}
	return r, nil
}

// NextUpdate is the earliest of the answers'.
func (r *response) NextUpdate() time.Time {
	next := r.Data.Responses[0].NextUpdate
	for _, s := range r.Data.Responses {
		if s.NextUpdate.Before(next) {
			next = s.NextUpdate
		}
	}
	return next
}

// Status picks the answer whose CertID is the certificate's: serial number, issuer's name and issuer's
// key, because the generations of a hierarchy share a name and may share numbers.
func (r *response) Status(q Query) (Status, error) {
	i := slices.IndexFunc(r.Data.Responses, func(s singleResponse) bool { return s.ID.names(q) })
	if i < 0 {
		return Status{}, fmt.Errorf("%w: an OCSP response", ErrOther)
	}
	answer := r.Data.Responses[i]
	if slices.ContainsFunc(r.Data.Responses[i+1:], func(s singleResponse) bool { return s.ID.names(q) }) {
		return Status{}, fmt.Errorf("%w: two answers about one certificate", ErrMalformed)
	}
	for _, e := range answer.Extensions {
		if e.Critical && !e.Id.Equal(oidInvalidityDate) {
			return Status{}, fmt.Errorf("%w: the answer has the critical extension %v", ErrUnsupported, e.Id)
		}
	}
	if err := r.checkSigner(q); err != nil {
		return Status{}, err
	}
	e, err := answer.entry()
	if err != nil {
		return Status{}, err
	}
	return judge(q, Status{Source: OCSP, ThisUpdate: answer.ThisUpdate, NextUpdate: answer.NextUpdate}, e)
}

// names reports whether a CertID is that of the certificate asked about.
func (id certID) names(q Query) bool {
	i := slices.IndexFunc(hashAlgorithms, func(h hashAlgorithm) bool { return h.oid.Equal(id.Hash.Algorithm) })
	if i < 0 || id.Serial == nil || id.Serial.Cmp(q.Certificate.SerialNumber) != 0 {
		return false
	}
	hash := hashAlgorithms[i].hash
	return bytes.Equal(id.Name, sum(hash, q.Issuer.RawSubject)) && bytes.Equal(id.Key, sum(hash, publicKey(q.Issuer)))
}

// entry reads CertStatus; it is nil for good.
func (s singleResponse) entry() (*entry, error) {
	if s.Status.Class != asn1.ClassContextSpecific {
		return nil, fmt.Errorf("%w: no status", ErrMalformed)
	}
	switch s.Status.Tag {
	case statusGood:
		return nil, nil
	case statusUnknown:
		return nil, fmt.Errorf("%w: the responder does not know it", ErrUnknown)
	case statusRevoked:
		var info revokedInfo
		if rest, err := asn1.UnmarshalWithParams(s.Status.FullBytes, &info, "tag:1"); err != nil || len(rest) > 0 {
			return nil, fmt.Errorf("%w: revokedInfo: %v", ErrMalformed, err)
		}
		at, err := invalidSince(info.At, s.Extensions)
		return &entry{at: at, reason: int(info.Reason)}, err
	}
	return nil, fmt.Errorf("%w: status %d", ErrMalformed, s.Status.Tag)
}

// checkSigner verifies the response with the key of the issuer, or with that of a responder in the
// response to which the issuer itself, and nobody between, delegated the task (RFC 6960 §4.2.2.2). Whether the
// responder's own certificate was revoked is not looked at.
func (r *response) checkSigner(q Query) error {
	i := slices.IndexFunc(signatureAlgorithms, func(a signatureAlgorithm) bool { return a.oid.Equal(r.Algorithm.Algorithm) })
	if i < 0 {
		return fmt.Errorf("%w: signed with %v", ErrUnsupported, r.Algorithm.Algorithm)
	}
	verify := func(signer *x509.Certificate) error {
		return checkSignature(signer, signatureAlgorithms[i].x509, r.Data.Raw, r.Signature.RightAlign())
	}
	if r.isBy(q.Issuer) {
		return verify(q.Issuer)
	}
	var errs []error
	for _, cert := range r.certificates {
		if !r.isBy(cert) {
			continue
		}
		err := delegated(cert, q.Issuer, r.Data.ProducedAt)
		if err == nil {
			err = verify(cert)
		}
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	if len(errs) == 0 {
		return fmt.Errorf("%w: the certificate of the responder is missing", ErrUntrusted)
	}
	return errors.Join(errs...)
}

// isBy reports whether the ResponderID names the certificate: by subject, or by the SHA-1 of its key.
func (r *response) isBy(cert *x509.Certificate) bool {
	id := r.Data.Responder
	if id.Class != asn1.ClassContextSpecific {
		return false
	}
	switch id.Tag {
	case responderName:
		return bytes.Equal(id.Bytes, cert.RawSubject)
	case responderKey:
		var key []byte
		return unmarshal(id.Bytes, &key) == nil && bytes.Equal(key, sum(crypto.SHA1, publicKey(cert)))
	}
	return false
}

// delegated checks the certificate of a responder.
func delegated(cert, issuer *x509.Certificate, at time.Time) error {
	switch {
	case !bytes.Equal(cert.RawIssuer, issuer.RawSubject):
		return fmt.Errorf("%w: the responder's certificate is of another issuer", ErrUntrusted)
	case !slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning):
		return fmt.Errorf("%w: the responder's certificate is not for OCSP", ErrUntrusted)
	case cert.KeyUsage != 0 && cert.KeyUsage&x509.KeyUsageDigitalSignature == 0, cert.IsCA:
		return fmt.Errorf("%w: the responder's certificate is not for signatures", ErrUntrusted)
	case len(cert.UnhandledCriticalExtensions) > 0:
		return fmt.Errorf("%w: the responder's certificate has a critical extension", ErrUnsupported)
	case at.Before(cert.NotBefore) || at.After(cert.NotAfter):
		return fmt.Errorf("%w: the responder's certificate was not valid", ErrUntrusted)
	}
	return checkSignature(issuer, cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature)
}

// publicKey returns the bits of a certificate's subjectPublicKey, over which hashes of keys are made.
func publicKey(cert *x509.Certificate) []byte {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if err := unmarshal(cert.RawSubjectPublicKeyInfo, &info); err != nil {
		return nil // crypto/x509 has read it before
	}
	return info.Key.RightAlign()
}

func sum(hash crypto.Hash, data []byte) []byte {
	h := hash.New()
	h.Write(data)
	return h.Sum(nil)
}

// ocspRequest is OCSPRequest without a signature (RFC 6960 §4.1.1).
type ocspRequest struct {
	TBS struct {
		Requests []struct{ ID certID }
	}
}

// Request returns the DER of an OCSP request about a certificate. It names the issuer with SHA-1, which every
// responder takes (RFC 5019 §2.1.1), and has no nonce, so that responders may answer with what they have
// signed before.
func Request(cert, issuer *x509.Certificate) ([]byte, error) {
	name, key := sha1.Sum(issuer.RawSubject), sha1.Sum(publicKey(issuer))
	var r ocspRequest
	r.TBS.Requests = []struct{ ID certID }{{certID{
		Hash: pkix.AlgorithmIdentifier{Algorithm: hashAlgorithms[0].oid, Parameters: asn1.NullRawValue},
		Name: name[:], Key: key[:], Serial: cert.SerialNumber,
	}}}
	return asn1.Marshal(r)
}
