package pdf

import (
	"errors"
	"fmt"

	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// A Cause says what a rule found, as a closed list, so that whoever shows it can have sentences of their own.
type Cause string

// The causes, with values in the order of the verbs in evidence; then those that problems and errors stand for, without.
const (
	CauseValue       Cause = "value"
	CauseMissingKey  Cause = "missing-key"
	CauseNoSignature Cause = "no-signature"
	CauseSeveral     Cause = "several-signatures"
	CauseNotLast     Cause = "not-last"
	CauseAppended    Cause = "appended"
	CauseCMS         Cause = "cms-and-zeros"
	CauseNotDER      Cause = "not-der"
	CauseNoCMS       Cause = "no-cms"
	CauseAttribute   Cause = "missing-attribute"
	CauseVersions    Cause = "versions"
	CauseNotDetached Cause = "not-detached"
	CauseNotByIssuer Cause = "not-by-issuer"
	CauseNoSigner    Cause = "no-signer-certificate"
	CauseNoUTCTime   Cause = "no-utc-time"
	CauseMessage     Cause = "message"
	CauseAlgorithms  Cause = "algorithms"
	CauseEarlier     Cause = "earlier-section"
	CauseRewritten   Cause = "rewritten"
	CauseVerifies    Cause = "verifies"

	CauseByteRange    = Cause(ReasonByteRange)
	CauseGap          = Cause(ReasonGap)
	CauseContents     = Cause(ReasonContents)
	CausePadding      = Cause(ReasonPadding)
	CauseBadCMS       = Cause(ReasonCMS)
	CauseDigest       = Cause(ReasonDigest)
	CauseBadSignature = Cause("bad-signature")
)

// evidence are the causes' English sentences, with a verb for each value.
var evidence = map[Cause]string{
	CauseValue:       "%s",
	CauseMissingKey:  "%s is missing",
	CauseNoSignature: "no signature dictionary",
	CauseSeveral:     "%s signature dictionaries in one revision",
	CauseNotLast:     "the signature %s does not end with its revision",
	CauseAppended:    "%s bytes follow what is signed",
	CauseCMS:         "CMS of %s bytes in DER, %s zeros",
	CauseNotDER:      "the CMS is not in DER",
	CauseNoCMS:       "the CMS or the byte range cannot be read",
	CauseAttribute:   "the signed attribute %s is missing",
	CauseVersions:    "SignedData of version %s with a SignerInfo of version %s",
	CauseNotDetached: "the CMS is not detached id-data",
	CauseNotByIssuer: "the signer is not named by issuer and serial number",
	CauseNoSigner:    "the signer's certificate is missing",
	CauseNoUTCTime:   "signingTime is no UTCTime",
	CauseMessage:     "SignedData version 1, detached, %s signed attributes, %s certificates",
	CauseAlgorithms:  "digest %s, signature %s",
	CauseEarlier:     "the cross-reference section before the signature is at byte %s",
	CauseRewritten:   "the file was written anew with the signature in it",
	CauseVerifies:    "%s with the key of certificate %s",
}

// found is a finding without its rule.
func found(v Verdict, proof syntax.Span, cause Cause, values ...any) Finding {
	f := Finding{Verdict: v, Proof: proof, Cause: cause}
	args := make([]any, len(values))
	for i, value := range values {
		f.Values = append(f.Values, fmt.Sprint(value))
		args[i] = f.Values[i]
	}
	f.Evidence = fmt.Sprintf(evidence[cause], args...)
	return f
}

// foundProblem is the finding that a problem is.
func foundProblem(proof syntax.Span, p *Problem) Finding {
	return Finding{Verdict: Fail, Proof: proof, Cause: Cause(p.Reason), Evidence: p.Err.Error()}
}

// foundWrong is the finding that a CMS does not verify.
func foundWrong(proof syntax.Span, err error) Finding {
	cause := CauseBadSignature
	if errors.Is(err, cms.ErrMessageDigest) {
		cause = CauseDigest
	}
	return Finding{Verdict: Fail, Proof: proof, Cause: cause, Evidence: err.Error()}
}
