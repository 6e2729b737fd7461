package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"slices"
	"time"

	"github.com/natsuin/natsuin/verify"
)

// A way is what of an application is signed.
type way string

const (
	wayData way = "data" // the XML document, by a detached CMS message
	wayPDF  way = "pdf"  // the PDF, by a signature inside it
)

// A proof is what a signature told the server, in whatever way it was made.
type proof struct {
	Certificate *x509.Certificate
	Attributes  verify.Attributes
	Anchor      string    // "j-lis" or "added"
	Claimed     time.Time // when the signer's machine says that it signed, zero where it does not
	Checks      []verify.Check
}

// A refusal is why this site, rather than package verify, takes no signature: a code that has a sentence.
type refusal string

func (r refusal) Error() string { return string(r) }

// verifyData checks a detached CMS message against the document that the server issued.
func (s *site) verifyData(_ context.Context, d *draft, message []byte, now time.Time) (*filing, error) {
	found, err := verify.VerifyCMS(message, bytes.NewReader(d.Document), verify.CMSOptions{At: now, Trust: s.trust})
	if err != nil {
		return nil, err
	}
	return &filing{
		draft: *d, Received: now, Way: wayData, Signed: message,
		Proof: proof{found.Certificate, found.Attributes, found.Anchor, found.SigningTime, found.Checks},
	}, nil
}

// verifyPDF checks what Natsuin appends to the PDF that the server issued: one signature, which covers all, and
// besides it nothing but a seal in the place that is kept for one. Without a look at that, a citizen could sign a
// PDF that shows another application than the one on file.
func (s *site) verifyPDF(ctx context.Context, d *draft, appended []byte, now time.Time) (*filing, error) {
	signed := slices.Concat(d.PDF, appended)
	file, size := bytes.NewReader(signed), int64(len(signed))
	marks, err := verify.VerifyIssued(file, size, d.PDF)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(marks, func(m verify.Mark) bool { return !holdsSeal(m) }) {
		return nil, refusal("SEAL_MISPLACED")
	}
	found, err := verify.VerifyDocument(ctx, file, size, verify.DocumentOptions{At: now, Trust: s.trust, Attributes: true})
	if err != nil {
		return nil, err
	}
	signature := &found.Signatures[0]
	switch {
	case len(found.Signatures) > 1 || signature.DocumentTimeStamp:
		return nil, refusal(verify.SignerCount)
	case signature.Outcome != verify.Passed:
		return nil, refusal(signature.Reason)
	case !signature.Covers.Whole:
		return nil, refusal(verify.ChangedAfterSigning)
	}
	claimed := signature.Claims.SigningTime
	if claimed.IsZero() {
		claimed = signature.Claims.Time
	}
	return &filing{
		draft: *d, Received: now, Way: wayPDF, Signed: signed,
		Proof: proof{signature.Signer.Certificate, *signature.Attributes, signature.Signer.Anchor.Origin, claimed, signature.Checks},
	}, nil
}
