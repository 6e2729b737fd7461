package verify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/revocation"
)

// A Revocation says whether certificates were revoked: Statements from CRLs and OCSP responses at hand,
// package verify/online by asking services. J-LIS lets notified verifiers have either.
//
// Status fails where it cannot say; what fails because nobody could be asked wraps none of the errors
// beginning with ErrStatement.
type Revocation interface {
	Status(context.Context, RevocationQuery) (RevocationStatus, error)
}

type (
	// A RevocationQuery asks whether a certificate was revoked by a time.
	RevocationQuery = revocation.Query
	// A RevocationStatus is what a CRL or an OCSP response said of a certificate.
	RevocationStatus = revocation.Status
)

// Why CRLs and OCSP responses do not decide about a certificate.
var (
	// ErrStatementMalformed: neither a CRL nor a successful OCSP response.
	ErrStatementMalformed = revocation.ErrMalformed
	// ErrStatementUnsupported: of a kind, scope or algorithm that is not understood.
	ErrStatementUnsupported = revocation.ErrUnsupported
	// ErrStatementUntrusted: neither the certificate's issuer signed it nor a responder it delegated.
	ErrStatementUntrusted = revocation.ErrUntrusted
	// ErrStatementStale: not of the time asked about.
	ErrStatementStale = revocation.ErrStale
	// ErrStatementUnknown: the certificate is not known, or nothing is said of it.
	ErrStatementUnknown = revocation.ErrUnknown
)

// Statements are CRLs and OCSP responses that the caller has. The zero value holds none. It is a
// Revocation.
type Statements struct {
	all []revocation.Statement
}

var _ Revocation = Statements{}

// maxStatements bounds them: each is asked about each certificate.
const maxStatements = 1024

// With returns s with those in text added: one CRL (RFC 5280) of at most 16 MiB or one OCSP response
// (RFC 6960) of at most 256 KiB in DER, or CRLs in PEM. They are trusted only when a certificate is held
// against them: its issuer must have signed them.
func (s Statements) With(text []byte) (Statements, error) {
	more, err := revocation.Parse(text)
	if err != nil {
		return Statements{}, err
	}
	if len(s.all)+len(more) > maxStatements {
		return Statements{}, fmt.Errorf("%w: more than %d", ErrStatementMalformed, maxStatements)
	}
	return Statements{append(s.all[:len(s.all):len(s.all)], more...)}, nil
}

// Status asks all of them. One that says revoked decides, however old it is; that a certificate was not
// revoked is taken only from one that is of the time asked about.
func (s Statements) Status(_ context.Context, q RevocationQuery) (RevocationStatus, error) {
	return revocation.Decide(s.all, q)
}

// NextUpdate returns the earliest time at which one of them is to be replaced, the zero time where there is
// none or one does not say.
func (s Statements) NextUpdate() time.Time {
	var earliest time.Time
	for i, statement := range s.all {
		if next := statement.NextUpdate(); i == 0 || next.Before(earliest) {
			earliest = next
		}
	}
	return earliest
}

var revocationReasons = []struct {
	finding error
	reason  Reason
}{
	{ErrStatementUntrusted, RevocationUntrusted},
	{ErrStatementStale, RevocationStale},
	{ErrStatementUnsupported, RevocationUnknown},
	{ErrStatementMalformed, RevocationUnknown},
	{ErrStatementUnknown, RevocationUnknown},
}

// checkRevocation asks source about a certificate whose chain has been checked. Whoever gives a source wants
// an answer: none is a failure.
func (r *report) checkRevocation(ctx context.Context, source Revocation, cert *certificate.Certificate, anchor certificate.Anchor, at time.Time) (*RevocationStatus, error) {
	if source == nil {
		r.revocation()
		return nil, nil
	}
	now := time.Now()
	if now.Before(at) {
		now = at
	}
	status, err := source.Status(ctx, RevocationQuery{Certificate: cert.X509, Issuer: anchor.Certificate, At: at, Now: now})
	if err != nil {
		for _, known := range revocationReasons {
			if errors.Is(err, known.finding) {
				return nil, r.fail(RuleRevocation, known.reason, err)
			}
		}
		return nil, r.fail(RuleRevocation, RevocationUnavailable, err)
	}
	if status.Revoked {
		return &status, r.fail(RuleRevocation, CertificateRevoked, fmt.Errorf("revoked since %s%s", stamp(status.RevokedAt), because(status)))
	}
	detail := fmt.Sprintf("%s of %s", status.Source, stamp(status.ThisUpdate))
	if !status.RevokedAt.IsZero() {
		detail += fmt.Sprintf(", revoked later, since %s%s", stamp(status.RevokedAt), because(status))
	}
	r.pass(RuleRevocation, detail)
	return &status, nil
}

func because(s RevocationStatus) string {
	if s.Reason == "" {
		return ""
	}
	return ": " + s.Reason
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
