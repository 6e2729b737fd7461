package verify

import (
	"errors"
	"io"
	"strconv"

	"github.com/natsuin/natsuin/internal/signature/cms"
)

// cmsFindings are what package cms finds. A signature here needs no signing-certificate-v2.
var cmsFindings = []finding{
	{cms.ErrMalformed, RuleMessage, MessageMalformed},
	{cms.ErrTooLarge, RuleMessage, MessageTooLarge},
	{cms.ErrSigners, RuleMessage, SignerCount},
	{cms.ErrAlgorithm, RuleMessage, AlgorithmUnsupported},
	{cms.ErrNoCertificate, RuleMessage, SignerCertificateAbsent},
	{cms.ErrSignedAttributes, RuleMessage, SignedAttributesInvalid},
	{cms.ErrContentType, RuleMessage, ContentTypeMismatch},
	{cms.ErrSigningCertificate, RuleCertificateBound, CertificateNotBound},
	{cms.ErrContentMissing, RuleDocument, ContentMissing},
	{cms.ErrContentAttached, RuleDocument, ContentUnexpected},
	{cms.ErrMessageDigest, RuleDocument, DocumentChanged},
	{cms.ErrSignature, RuleSignature, SignatureInvalid},
}

// cms checks every signature of a message in DER or BER.
func (j *judge) cms(message io.Reader) error {
	j.document.Format = CMS
	found, err := cms.VerifyStream(message, j.options.Content)
	switch {
	case errors.Is(err, cms.ErrSigners):
		return refuse(SignatureAbsent, err)
	case err != nil:
		var r report
		return r.failFinding(cmsFindings, err)
	}
	for i, signer := range found.Signers {
		var r report
		s := DocumentSignature{Place: strconv.Itoa(i + 1)}
		s.Covers = Coverage{Whole: true, Detached: found.Detached, Content: found.Size}
		if signer.Problem != nil {
			var refusal *Refusal
			if err := r.failFinding(cmsFindings, signer.Problem); !errors.As(err, &refusal) {
				return err
			}
			j.add(s, s.refuse(refusal))
			continue
		}
		m := signer.Signature
		r.passMessage(m)
		s.Claims.SigningTime = m.SigningTime
		j.timeStamps(&s, &r, m)
		if err := j.signer(&s, &r, m.Certificate, m.SigningTime); err != nil {
			return err
		}
		j.add(s, r)
	}
	return nil
}
