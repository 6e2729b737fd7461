package verify

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/signature/cms"
)

// Attributes are what a signature certificate says of its holder: name, birth date, sex and address
// as registered when it was issued. Where a substitute flag is set, the character differs from the
// register's.
type Attributes = certificate.Attributes

// CMSOptions says how a message is to be judged.
type CMSOptions struct {
	// At is the time at which the certificate must be valid. The zero time is now. For a document from
	// the past give the time at which it was received, which the signer's claim does not prove.
	At time.Time
	// Trust holds the roots. The zero value is J-LIS's.
	Trust Trust
}

// A Signature is what a signed message proved.
type Signature struct {
	// Certificate is the signature certificate.
	Certificate *x509.Certificate
	// Attributes are the holder's, read from the certificate.
	Attributes Attributes
	// SigningTime is what the signer's machine claims, the zero time when it claims nothing.
	SigningTime time.Time
	// Content is the document inside the message, nil for a detached signature.
	Content []byte
	// Anchor is where the root comes from: "j-lis" or "added".
	Anchor string
	Checks []Check
}

// VerifyCMS checks a signed document in CMS. For a detached signature the document is read from
// content to its end, whatever its size; for one with the document inside content is nil. The error
// is a *Refusal, or that of reading the content.
func VerifyCMS(der []byte, content io.Reader, o CMSOptions) (*Signature, error) {
	var r report
	message, err := cms.Verify(der, content)
	if err != nil {
		return nil, r.failMessage(err)
	}
	for _, rule := range messageRules {
		r.pass(rule, "")
	}
	cert, anchor, err := r.checkCertificate(message.Certificate.Raw, certificate.Signature, timeOr(o.At), o.Trust)
	if err != nil {
		return nil, err
	}
	attributes, err := cert.Attributes()
	if err != nil {
		return nil, r.fail(RuleAttributes, CertificateMalformed, err)
	}
	r.pass(RuleAttributes, "")
	if message.SigningTime.IsZero() {
		r.skip(RuleSigningTime, "the signer claims no time")
	} else if err := certificate.CheckValidity(cert, message.SigningTime); err != nil {
		return nil, r.fail(RuleSigningTime, SigningTimeOutside, fmt.Errorf("as of the signing time: %w", err))
	} else {
		r.pass(RuleSigningTime, "claimed: "+message.SigningTime.Format(time.RFC3339))
	}
	r.revocation()
	return &Signature{
		Certificate: cert.X509,
		Attributes:  attributes,
		SigningTime: message.SigningTime,
		Content:     message.Content,
		Anchor:      string(anchor.Origin),
		Checks:      r,
	}, nil
}

// messageRules are the rules that package cms looks at, in its order.
var messageRules = []string{RuleMessage, RuleCertificateBound, RuleDocument, RuleSignature}

// failMessage turns an error of package cms into a Refusal. Others come from reading the content, and
// are the caller's.
func (r *report) failMessage(err error) error {
	for _, f := range cmsFindings {
		if !errors.Is(err, f.err) {
			continue
		}
		for _, rule := range messageRules[:slices.Index(messageRules, f.rule)] {
			r.pass(rule, "")
		}
		return r.fail(f.rule, f.reason, err)
	}
	return err
}
