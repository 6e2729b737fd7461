package verify

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/printable"
	"github.com/natsuin/natsuin/internal/signature/cms"
)

// A judge checks the signatures of one file.
type judge struct {
	ctx      context.Context
	options  DocumentOptions
	document *Document
}

// add notes a signature with what came of its rules.
func (j *judge) add(s DocumentSignature, checks report) {
	s.Checks = checks
	if s.Outcome == "" {
		s.Outcome = Passed
	}
	j.document.Signatures = append(j.document.Signatures, s)
}

// refuse notes the first reason why a signature fails, and returns the checks so far.
func (s *DocumentSignature) refuse(refusal *Refusal) report {
	if s.Outcome != Failed {
		s.Outcome, s.Reason, s.Detail, s.Err = Failed, refusal.Reason, printable.Text(refusal.cause.Error()), refusal.cause
	}
	return refusal.Checks
}

// signer goes through the rules about a certificate whose key made the signature, and about what its holder
// claims. Times are those that are claimed, of which zero ones are not.
func (j *judge) signer(s *DocumentSignature, r *report, cert *x509.Certificate, times ...time.Time) error {
	checked, anchor, err := r.checkCertificate(cert.Raw, certificate.Signature, j.document.At, j.options.Trust)
	s.Signer = describe(cert, anchor)
	if err == nil {
		err = j.claims(s, r, checked, times)
	}
	if err == nil {
		s.Revocation, err = r.checkRevocation(j.ctx, j.options.Revocation, checked, anchor, j.document.At)
	}
	var refusal *Refusal
	if errors.As(err, &refusal) {
		*r = s.refuse(refusal)
		return nil
	}
	return err
}

func (j *judge) claims(s *DocumentSignature, r *report, cert *certificate.Certificate, times []time.Time) error {
	attributes, err := cert.Attributes()
	if err != nil {
		return r.fail(RuleAttributes, CertificateMalformed, err)
	}
	r.pass(RuleAttributes, "")
	if j.options.Attributes {
		s.Attributes = &attributes
	}
	var claimed []string
	for _, t := range times {
		if t.IsZero() {
			continue
		}
		if err := certificate.CheckValidity(cert, t); err != nil {
			return r.fail(RuleSigningTime, SigningTimeOutside, fmt.Errorf("as of the signing time: %w", err))
		}
		claimed = append(claimed, stamp(t))
	}
	if len(claimed) == 0 {
		r.skip(RuleSigningTime, "the signer claims no time")
		return nil
	}
	r.pass(RuleSigningTime, "claimed: "+strings.Join(slices.Compact(claimed), ", "))
	return nil
}

// describe says whose key it was, without what tells of the holder.
func describe(cert *x509.Certificate, anchor certificate.Anchor) *Signer {
	sum := sha256.Sum256(cert.Raw)
	s := &Signer{
		Certificate: cert,
		Serial:      strings.ToUpper(cert.SerialNumber.Text(16)),
		SHA256:      strings.ToUpper(hex.EncodeToString(sum[:])),
		NotBefore:   cert.NotBefore,
		NotAfter:    cert.NotAfter,
		Policies:    (&certificate.Certificate{X509: cert}).Policies(),
	}
	if root := anchor.Certificate; root != nil {
		s.Anchor = &Anchor{
			Origin:    string(anchor.Origin),
			Name:      anchor.Name,
			Hierarchy: string(anchor.Hierarchy),
			SHA256:    anchor.Fingerprint(),
			Obtained:  anchor.Obtained,
		}
	}
	return s
}

// failFinding refuses a signature for an error of a format's package. Of the rules before, only that of the
// message is known to hold: others may not have been looked at to their end. An error that is not in the
// list is not the document's fault, and is returned as it is.
func (r *report) failFinding(findings []finding, err error) error {
	for _, f := range findings {
		if !errors.Is(err, f.err) {
			continue
		}
		if f.rule != RuleMessage {
			r.pass(RuleMessage, "")
		}
		return r.fail(f.rule, f.reason, err)
	}
	return err
}

// passMessage notes the rules that a correct message in CMS meets.
func (r *report) passMessage(m *cms.Signature) {
	r.pass(RuleMessage, m.Hash.String())
	r.bound(m.Bound)
	r.pass(RuleDocument, "")
	r.pass(RuleSignature, "")
}

func (r *report) bound(bound bool) {
	if bound {
		r.pass(RuleCertificateBound, "")
	} else {
		r.skip(RuleCertificateBound, "no signed property names the certificate")
	}
}
