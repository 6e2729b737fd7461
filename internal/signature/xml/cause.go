package xmldsig

import (
	"errors"
	"fmt"
)

// A Cause says what a rule found, as a closed list, so that callers can have sentences of their own for it.
type Cause string

// The causes. The values of a finding, in the order of the verbs in details, go with those of the first group.
const (
	CauseDeclaration   Cause = "no-declaration"
	CauseRoot          Cause = "root"
	CauseRootSpace     Cause = "root-namespace"
	CauseNoSignature   Cause = "no-signature"
	CauseNoElement     Cause = "no-element"
	CauseNoReference   Cause = "no-reference"
	CauseNoAlgorithm   Cause = "no-algorithm"
	CauseNoCertificate Cause = "no-certificate"
	CauseUnreadable    Cause = "unreadable"
	CauseIncomplete    Cause = "incomplete"
	CausePlace         Cause = "place"
	CauseID            Cause = "signature-id"
	CauseFirst         Cause = "first-reference"
	CauseOther         Cause = "other-reference"
	CauseNotEscaped    Cause = "not-escaped"
	CauseTransforms    Cause = "transforms"
	CauseAlgorithm     Cause = "algorithm"
	CauseFileMissing   Cause = "file-missing"
	CauseFileUnsigned  Cause = "file-unsigned"

	CauseTooLarge    Cause = "too-large"
	CauseEncoding    Cause = "encoding"
	CauseDoctype     Cause = "doctype"
	CauseSyntax      Cause = "syntax"
	CauseMalformed   Cause = "malformed"
	CauseReference   Cause = "bad-reference"
	CauseDuplicateID Cause = "duplicate-id"
	CauseTarget      Cause = "no-target"
	CauseCertificate Cause = "bad-certificate"
	CauseDigest      Cause = "changed"
	CauseSignature   Cause = "bad-signature"
)

// details are the causes' English sentences, with a verb for each value.
var details = map[Cause]string{
	CauseDeclaration:   "no XML declaration",
	CauseRoot:          "the root element is %s, not %s",
	CauseRootSpace:     "the root element's namespace is %q, not one of %s",
	CauseNoSignature:   "no signature",
	CauseNoElement:     "no single element to sign",
	CauseNoReference:   "no reference",
	CauseNoAlgorithm:   "no algorithm",
	CauseNoCertificate: "KeyInfo holds no certificate",
	CauseUnreadable:    "the document cannot be read",
	CauseIncomplete:    "a broken rule leaves this open",
	CausePlace:         "the signature stands at %s",
	CauseID:            "the signature's Id is %q",
	CauseFirst:         "the first reference is to %q",
	CauseOther:         "a reference to %q",
	CauseNotEscaped:    "the URI %q is not percent-encoded",
	CauseTransforms:    "the transforms are %q",
	CauseAlgorithm:     "the algorithm is %q",
	CauseFileMissing:   "the file %q is not there",
	CauseFileUnsigned:  "the file %q is not signed",
}

// meanings are the causes that errors stand for; their sentences are the errors' own.
var meanings = []struct {
	err   error
	cause Cause
}{
	{ErrTooLarge, CauseTooLarge}, {ErrDepth, CauseTooLarge}, {ErrTooMany, CauseTooLarge},
	{ErrEncoding, CauseEncoding},
	{ErrDoctype, CauseDoctype},
	{ErrVersion, CauseSyntax}, {ErrSyntax, CauseSyntax}, {ErrNamespace, CauseSyntax},
	{ErrDuplicateID, CauseDuplicateID}, {ErrAmbiguousID, CauseDuplicateID}, {ErrWrapped, CauseDuplicateID},
	{ErrReference, CauseReference}, {ErrTransform, CauseReference},
	{ErrPlace, CauseTarget},
	{ErrCertificate, CauseCertificate}, {ErrSigningCertificate, CauseCertificate},
	{ErrDigest, CauseDigest},
	{ErrSignature, CauseSignature}, {ErrAlgorithm, CauseSignature},
	{ErrMalformed, CauseMalformed},
}

// because completes a finding with its cause.
func (f Finding) because(cause Cause, values ...string) Finding {
	args := make([]any, len(values))
	for i := range values {
		values[i] = shortened(values[i])
		args[i] = values[i]
	}
	f.Cause, f.Values, f.Detail = cause, values, fmt.Sprintf(details[cause], args...)
	return f
}

// explained completes a finding with the cause that an error stands for. An error that stands for none, as when a file
// cannot be read, is not the document's, and ends the check.
func (c *checked) explained(f Finding, err error) Finding {
	for _, w := range meanings {
		if errors.Is(err, w.err) {
			f.Cause, f.Detail = w.cause, err.Error()
			return f
		}
	}
	c.err = err
	return f
}
