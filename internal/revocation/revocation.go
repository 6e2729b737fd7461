// Package revocation reads certificate revocation lists (RFC 5280 §5) and OCSP responses (RFC 6960), and
// says what they tell of one certificate at one time. It fetches nothing, and believes nothing that the
// certificate's issuer did not sign.
package revocation

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"
)

// Limits of what Parse reads, in bytes.
const (
	MaxCRL  = 16 << 20
	MaxOCSP = 256 << 10
)

// skew is how far clocks of others may be ahead of ours.
const skew = 5 * time.Minute

// Why a statement does not decide about a certificate. Each error of Parse and of Status wraps one of
// these.
var (
	// ErrMalformed: it is neither a CRL nor an OCSP response that says anything.
	ErrMalformed = errors.New("neither a CRL nor a successful OCSP response")
	// ErrUnsupported: it has a critical extension, a scope or an algorithm that is not understood.
	ErrUnsupported = errors.New("the statement is of a kind that is not supported")
	// ErrOther: it is about other certificates.
	ErrOther = errors.New("the statement is not about this certificate")
	// ErrUntrusted: neither the issuer nor a responder that it delegated signed it.
	ErrUntrusted = errors.New("the issuer of the certificate did not sign the statement")
	// ErrStale: there is a newer one by now, or it is from the future.
	ErrStale = errors.New("the statement does not speak of that time")
	// ErrUnknown: it says that the certificate is not known, or nothing speaks of it.
	ErrUnknown = errors.New("nothing is said of the certificate")
)

// A Query asks about one certificate.
type Query struct {
	// Certificate and Issuer are known to belong together: the chain has been checked.
	Certificate, Issuer *x509.Certificate
	// At is the time in question: was the certificate revoked by then?
	At time.Time
	// Now is the time of asking. Statements from later than it are not believed.
	Now time.Time
}

// A Source is a kind of statement.
type Source string

const (
	CRL  Source = "crl"
	OCSP Source = "ocsp"
)

// A Status is what a statement said.
type Status struct {
	// Revoked tells that the certificate was revoked, or on hold, at the time in question.
	Revoked bool   `json:"revoked"`
	Source  Source `json:"source"`
	// RevokedAt is when it was, also where that is after the time in question: the certificate then
	// was in force at that time. The zero time where it was not revoked at all.
	RevokedAt time.Time `json:"revokedAt,omitzero"`
	// Reason is the reason code's name in RFC 5280 §5.3.1, empty where none is given.
	Reason string `json:"reason,omitempty"`
	// ThisUpdate and NextUpdate are the statement's own times. NextUpdate may be zero.
	ThisUpdate time.Time `json:"thisUpdate"`
	NextUpdate time.Time `json:"nextUpdate,omitzero"`
}

// A Statement is one CRL or one OCSP response, read and not yet trusted.
type Statement interface {
	// Status says what the statement tells of a certificate, if its signature and its times allow.
	Status(Query) (Status, error)
	// NextUpdate is when a newer one will be there, the zero time where it does not say.
	NextUpdate() time.Time
}

// Parse reads one statement in DER, or CRLs in PEM. An OCSP response that reports an error is malformed.
func Parse(text []byte) ([]Statement, error) {
	if len(text) > MaxCRL*4/3+MaxCRL/32 { // as PEM
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrMalformed, MaxCRL)
	}
	if len(text) > 0 && text[0] == 0x30 {
		s, err := parseDER(text)
		if err != nil {
			return nil, err
		}
		return []Statement{s}, nil
	}
	var statements []Statement
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "X509 CRL" {
			continue
		}
		s, err := parseCRL(block.Bytes)
		if err != nil {
			return nil, err
		}
		statements = append(statements, s)
	}
	if len(statements) == 0 {
		return nil, ErrMalformed
	}
	return statements, nil
}

// Decide asks all statements. One that says revoked decides; otherwise the newest that says good. Where
// none does, the error joins why not, those about other certificates aside.
func Decide(statements []Statement, q Query) (Status, error) {
	var good *Status
	var later Status // a revocation after the time in question
	var errs []error
	for _, s := range statements {
		status, err := s.Status(q)
		switch {
		case errors.Is(err, ErrOther):
		case err != nil:
			errs = append(errs, err)
		case status.Revoked:
			return status, nil
		case good == nil || status.ThisUpdate.After(good.ThisUpdate):
			good = &status
		}
		if err == nil && !status.RevokedAt.IsZero() {
			later = status
		}
	}
	switch {
	case !later.RevokedAt.IsZero():
		return later, nil
	case good != nil:
		return *good, nil
	case len(errs) > 0:
		return Status{}, errors.Join(errs...)
	}
	return Status{}, fmt.Errorf("%w: no statement is about it", ErrUnknown)
}

// An entry is what a statement has about a revoked certificate.
type entry struct {
	at     time.Time // of revocation, or the earlier time since which the key is not to be trusted
	reason int
}

// judge makes the status of what an authentic statement says; e is nil for good.
//
// That a certificate was revoked stays true when the statement is old. That it was not is only as good
// as the statement's times: it must not be superseded at the time in question, nor be from the future,
// nor be so new that it may have left out a certificate that had expired (RFC 5280 §3.3).
func judge(q Query, status Status, e *entry) (Status, error) {
	if e != nil {
		status.RevokedAt, status.Reason = e.at, reasons[e.reason]
		if status.Revoked = !e.at.After(q.At); status.Revoked {
			return status, nil
		}
	}
	switch this, next := status.ThisUpdate, status.NextUpdate; {
	case this.After(q.Now.Add(skew)):
		return Status{}, fmt.Errorf("%w: it is from %s, in the future", ErrStale, stamp(this))
	case next.IsZero() && this.Before(q.At.Add(-skew)):
		return Status{}, fmt.Errorf("%w: it is from %s, without a time for the next", ErrStale, stamp(this))
	case !next.IsZero() && next.Before(q.At):
		return Status{}, fmt.Errorf("%w: it was to be replaced by %s", ErrStale, stamp(next))
	case e == nil && this.After(q.Certificate.NotAfter):
		return Status{}, fmt.Errorf("%w: it is from %s, when the certificate had expired", ErrStale, stamp(this))
	}
	return status, nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// reasons are the names of the reason codes (RFC 5280 §5.3.1). 0, unspecified, is as good as none.
var reasons = map[int]string{
	1: "keyCompromise", 2: "cACompromise", 3: "affiliationChanged", 4: "superseded", 5: "cessationOfOperation",
	6: "certificateHold", 8: "removeFromCRL", 9: "privilegeWithdrawn", 10: "aACompromise",
}

// minKey and maxKey bound an RSA key that signs statements, in bits.
const minKey, maxKey = 2048, 4096

// checkSignature verifies with an RSA key and SHA-2 alone, whatever crypto/x509 would take.
func checkSignature(signer *x509.Certificate, algorithm x509.SignatureAlgorithm, signed, signature []byte) error {
	switch algorithm {
	case x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA:
	default:
		return fmt.Errorf("%w: signed with %v", ErrUnsupported, algorithm)
	}
	key, ok := signer.PublicKey.(*rsa.PublicKey)
	if !ok || key.N.BitLen() < minKey || key.N.BitLen() > maxKey {
		return fmt.Errorf("%w: the signer's key is no RSA key of %d to %d bits", ErrUnsupported, minKey, maxKey)
	}
	if err := signer.CheckSignature(algorithm, signed, signature); err != nil {
		return fmt.Errorf("%w: %v", ErrUntrusted, err)
	}
	return nil
}
