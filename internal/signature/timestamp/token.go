package timestamp

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"io"
	"math/big"
	"slices"
	"time"

	"github.com/natsuin/natsuin/internal/signature/cms"
)

// A Token is a time stamp whose signature is correct and bound to its certificate. Whether the
// certificate is to be trusted, Verify says.
type Token struct {
	// Raw is the token in DER.
	Raw     []byte
	Imprint Imprint
	// Policy is under which the TSA made it.
	Policy asn1.ObjectIdentifier
	Serial *big.Int
	// Time is the TSA's, in UTC, and true within Accuracy; an accuracy of 0 says nothing.
	Time     time.Time
	Accuracy time.Duration
	// Ordering tells that the TSA's tokens can be ordered by their times alone.
	Ordering bool
	// Nonce is that of the query, nil for none.
	Nonce *big.Int
	// Certificate is the TSA's.
	Certificate *x509.Certificate
	// Certificates are all in the token, any of which may lead to a root.
	Certificates []*x509.Certificate
}

// tstInfo is TSTInfo (RFC 3161 §2.4.2). TSA is a GeneralName in [0].
type tstInfo struct {
	Version    int
	Policy     asn1.ObjectIdentifier
	Imprint    messageImprint
	Serial     *big.Int
	Time       asn1.RawValue
	Accuracy   accuracy         `asn1:"optional"`
	Ordering   bool             `asn1:"optional"`
	Nonce      *big.Int         `asn1:"optional"`
	TSA        asn1.RawValue    `asn1:"optional,tag:0"`
	Extensions []pkix.Extension `asn1:"optional,tag:1"`
}

// accuracy is Accuracy. What is absent is 0.
type accuracy struct {
	Seconds *big.Int `asn1:"optional"`
	Millis  *big.Int `asn1:"optional,tag:0"`
	Micros  *big.Int `asn1:"optional,tag:1"`
}

// maxAccuracy is the greatest number of seconds that is taken for an accuracy: a year.
const maxAccuracy = 366 * 24 * 60 * 60

// ParseToken reads a time-stamp token in DER and checks its signature: what cms.VerifyToken checks, and
// that every byte of the TSTInfo is understood.
func ParseToken(der []byte) (*Token, error) {
	if len(der) > cms.MaxStructure {
		return nil, ErrTooLarge
	}
	signature, err := cms.VerifyToken(der)
	if err != nil {
		return nil, err
	}
	t, err := parseInfo(signature.Content, signature.Certificate)
	if err != nil {
		return nil, err
	}
	t.Raw, t.Certificate, t.Certificates = der, signature.Certificate, signature.Certificates
	return t, nil
}

// parseInfo reads a TSTInfo that cert's key signed.
func parseInfo(der []byte, cert *x509.Certificate) (*Token, error) {
	var info tstInfo
	if err := decode(der, &info, func() ([]byte, error) { return asn1.Marshal(info) }); err != nil {
		return nil, err
	}
	if info.Version != 1 {
		return nil, fmt.Errorf("%w: a TSTInfo of version %d", ErrMalformed, info.Version)
	}
	t := &Token{Policy: info.Policy, Serial: info.Serial, Ordering: info.Ordering, Nonce: info.Nonce}
	var err error
	if t.Imprint, err = info.Imprint.decode(); err != nil {
		return nil, err
	}
	if t.Time, err = parseTime(info.Time); err != nil {
		return nil, err
	}
	if t.Accuracy, err = info.Accuracy.duration(); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(info.Extensions, func(e pkix.Extension) bool { return e.Critical }) {
		return nil, ErrExtension
	}
	if len(info.TSA.FullBytes) > 0 && !names(cert, info.TSA.Bytes) {
		return nil, fmt.Errorf("%w: tsa names another than the certificate", ErrMalformed)
	}
	return t, nil
}

// parseTime reads a GeneralizedTime in UTC, with or without a fraction of a second that does not end
// with zeros.
func parseTime(v asn1.RawValue) (time.Time, error) {
	var t time.Time
	if v.Tag != asn1.TagGeneralizedTime || !bytes.HasSuffix(v.Bytes, []byte("Z")) {
		return t, fmt.Errorf("%w: genTime", ErrMalformed)
	}
	if _, err := asn1.UnmarshalWithParams(v.FullBytes, &t, "generalized"); err != nil {
		return t, fmt.Errorf("%w: genTime: %v", ErrMalformed, err)
	}
	return t.UTC(), nil
}

func (a accuracy) duration() (time.Duration, error) {
	total := time.Duration(0)
	for _, part := range []struct {
		n        *big.Int
		unit     time.Duration
		min, max int64
	}{{a.Seconds, time.Second, 0, maxAccuracy}, {a.Millis, time.Millisecond, 1, 999}, {a.Micros, time.Microsecond, 1, 999}} {
		if part.n == nil {
			continue
		}
		if !part.n.IsInt64() || part.n.Int64() < part.min || part.n.Int64() > part.max {
			return 0, fmt.Errorf("%w: accuracy", ErrMalformed)
		}
		total += time.Duration(part.n.Int64()) * part.unit
	}
	return total, nil
}

// oidSubjectAltName is assigned in RFC 5280 §4.2.1.6.
var oidSubjectAltName = asn1.ObjectIdentifier{2, 5, 29, 17}

// names reports whether a GeneralName is the certificate's subject or one of its other names.
func names(cert *x509.Certificate, name []byte) bool {
	var found []asn1.RawValue
	for _, e := range cert.Extensions {
		if e.Id.Equal(oidSubjectAltName) {
			if _, err := asn1.Unmarshal(e.Value, &found); err != nil {
				return false
			}
		}
	}
	subject := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: cert.RawSubject} // directoryName
	der, err := asn1.Marshal(subject)
	return err == nil && bytes.Equal(der, name) ||
		slices.ContainsFunc(found, func(v asn1.RawValue) bool { return bytes.Equal(v.FullBytes, name) })
}

// Answers asks that the token answers the query: about the same, with the same nonce, and of the policy
// that was asked for, if one was.
func (t *Token) Answers(q *Query) error {
	switch {
	case !t.Imprint.equal(q.Imprint):
		return ErrImprint
	case (t.Nonce == nil) != (q.Nonce == nil) || t.Nonce != nil && t.Nonce.Cmp(q.Nonce) != 0:
		return ErrNonce
	case q.Policy != nil && !t.Policy.Equal(q.Policy):
		return fmt.Errorf("%w: %v", ErrPolicy, t.Policy)
	}
	return nil
}

// Covers asks that the token is about data, such as a signature's value.
func (t *Token) Covers(data []byte) error { return t.CoversContent(bytes.NewReader(data)) }

// CoversContent asks that the token is about content, which is read to its end.
func (t *Token) CoversContent(content io.Reader) error {
	imprint, err := newImprint(t.Imprint.Hash, content)
	if err != nil {
		return err
	}
	if !t.Imprint.equal(imprint) {
		return ErrImprint
	}
	return nil
}

// oidExtendedKeyUsage is assigned in RFC 5280 §4.2.1.12.
var oidExtendedKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}

// CheckCertificate asks that the TSA's certificate is for time stamps alone, which a critical extended key
// usage says (RFC 3161 §2.3), and that it was valid at the token's own time, which must not lie after at. Who
// issued the certificate is not looked at.
func (t *Token) CheckCertificate(at time.Time) error {
	cert := t.Certificate
	i := slices.IndexFunc(cert.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oidExtendedKeyUsage) })
	if i < 0 || !cert.Extensions[i].Critical || len(cert.UnknownExtKeyUsage) > 0 ||
		!slices.Equal(cert.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}) {
		return ErrUsage
	}
	if cert.KeyUsage != 0 && cert.KeyUsage&^(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) != 0 {
		return fmt.Errorf("%w: its key is for other things too", ErrUsage)
	}
	switch {
	case t.Time.Add(-t.Accuracy).After(at):
		return fmt.Errorf("%w: %v lies after %v", ErrTime, t.Time, at)
	case t.Time.Before(cert.NotBefore) || t.Time.After(cert.NotAfter):
		return fmt.Errorf("%w: the certificate is not valid at %v", ErrTime, t.Time)
	}
	return nil
}

// Verify asks what CheckCertificate does, and that the certificate leads to one of the roots at the time at.
// Revocation is not looked at.
//
// The time at is now, or the time up to which later proof shows the token to have been there.
func (t *Token) Verify(roots *x509.CertPool, at time.Time) error {
	if err := t.CheckCertificate(at); err != nil {
		return err
	}
	intermediates := x509.NewCertPool()
	for _, c := range t.Certificates {
		intermediates.AddCert(c)
	}
	_, err := t.Certificate.Verify(x509.VerifyOptions{Roots: roots, Intermediates: intermediates, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}})
	if err != nil {
		return fmt.Errorf("%w: %v", ErrUntrusted, err)
	}
	return nil
}
