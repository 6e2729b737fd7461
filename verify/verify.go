// Package verify is what a relying party needs of Natsuin: it issues challenges, checks
// authentication tokens, checks documents signed as CMS, PDF or XML, and holds these against the rules of the
// services that take them. It makes no network connection;
// package verify/online below it does, for those who may ask J-LIS about revocation.
//
// A login has three steps. The server issues a challenge (Challenges.Issue), the page has the card
// answer it (authenticate of natsuin.js), and the server takes the challenge back, once, and checks
// the token against it (Challenges.Redeem, VerifyToken). A filing has two: the page has the citizen
// sign the document, and the server checks the message (VerifyCMS).
//
// # What a success says
//
// That the key of the certificate signed this challenge for this site, or this document; that the
// certificate is of the hierarchy made for it, issued by one of the roots that Trust holds; and that
// both were within their validity at the time asked about. It does not say that the certificate is
// still in force: J-LIS tells of revocation only to notified verifiers, so that each result lists the
// rule "revocation" as not checked unless VerifyDocument was given a Revocation, and nothing here is ever
// called valid.
//
// Nor does it say who had the card sign. The card signs any digest with the PIN, and government pages choose
// theirs: those that a citizen switched on in Natsuin (hosts below go.jp and lg.jp), and all of the authorities' own
// programs. A page of those that goes bad, with a challenge of this site's, can get a token for this site in the
// citizen's name, and a signature over a document that the citizen never saw. Both are RSASSA-PKCS1-v1_5
// signatures as any other: no verifier can tell them from what its own page asked for. Each takes a consent
// and a PIN at that moment, so that short-lived challenges, used once, leave such a page little; docs/verify.md says
// what else a server can do.
//
// # What a failure says
//
// An error that a token or a message is to blame for is a *Refusal, whose Reason is one of a closed
// list of words. Other errors are the caller's, or those of reading the document.
package verify

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/natsuin/natsuin/internal/certificate"
)

// A Reason is why something was refused: a word for programs, stable, never translated.
type Reason string

// The reasons of VerifyToken alone.
const (
	// TokenMalformed: the token is not the JSON that it should be, or too short or long.
	TokenMalformed Reason = "TOKEN_MALFORMED"
	// FormatUnsupported: it is of a version that this package does not know.
	FormatUnsupported Reason = "FORMAT_UNSUPPORTED"
	// OriginMismatch: the card signed the challenge for another of this site's origins.
	OriginMismatch Reason = "ORIGIN_MISMATCH"
	// ChallengeMismatch: the card signed for this site, but another of its challenges.
	ChallengeMismatch Reason = "CHALLENGE_MISMATCH"
	// OriginOrChallengeMismatch: the card signed for another origin, or another challenge, or both. A
	// token holds nothing but a hash over both; see TokenOptions.
	OriginOrChallengeMismatch Reason = "ORIGIN_OR_CHALLENGE_MISMATCH"
)

// The reasons of Challenges.Redeem.
const (
	// ChallengeUnknown: none was issued to this session, or long ago.
	ChallengeUnknown Reason = "CHALLENGE_UNKNOWN"
	// ChallengeUsed: it was taken back before, as in a replay.
	ChallengeUsed Reason = "CHALLENGE_USED"
	// ChallengeExpired: the citizen took too long.
	ChallengeExpired Reason = "CHALLENGE_EXPIRED"
)

// The reasons that concern the certificate, of a token as of a message.
const (
	// CertificateMalformed: it is not a certificate.
	CertificateMalformed Reason = "CERTIFICATE_MALFORMED"
	// KeyUnsupported: its key is not RSA of 2048 to 4096 bits.
	KeyUnsupported Reason = "KEY_UNSUPPORTED"
	// WrongHierarchy: a signature certificate was used to log in, or an authentication certificate to sign.
	WrongHierarchy Reason = "WRONG_HIERARCHY"
	// CertificateForged: it names a trusted root's key, which did not sign it; or it is damaged.
	CertificateForged Reason = "CERTIFICATE_FORGED"
	// IssuerNotShipped: the issuer has J-LIS's name, but its key is not among the roots of Trust. The
	// certificate may be genuine and cannot be confirmed here: the 2019 authentication root, under
	// which cards are in use until 2028, is in no public source. Add it with Trust.WithDir.
	IssuerNotShipped Reason = "ISSUER_NOT_SHIPPED"
	// IssuerForeign: anybody else issued it, such as the maker of a simulated card.
	IssuerForeign Reason = "ISSUER_FOREIGN"
	// CertificateUnsupported: it has a critical extension that is not understood.
	CertificateUnsupported Reason = "CERTIFICATE_UNSUPPORTED"
	// CertificateNotYetValid: its validity begins later.
	CertificateNotYetValid Reason = "CERTIFICATE_NOT_YET_VALID"
	// CertificateExpired: its validity has ended.
	CertificateExpired Reason = "CERTIFICATE_EXPIRED"
	// IssuerExpired: the time is outside the validity of the root.
	IssuerExpired Reason = "ISSUER_EXPIRED"
)

// The reasons that concern the signature, of a token as of a message.
const (
	// AlgorithmUnsupported: it is made in a way that this package does not take.
	AlgorithmUnsupported Reason = "ALGORITHM_UNSUPPORTED"
	// SignatureInvalid: the certificate's key did not make it; or it is damaged.
	SignatureInvalid Reason = "SIGNATURE_INVALID"
)

// The reasons of VerifyCMS alone.
const (
	// MessageMalformed: it is not a CMS SignedData in DER.
	MessageMalformed Reason = "MESSAGE_MALFORMED"
	// MessageTooLarge: it is beyond 1 MiB beside the content, or 64 MiB of content.
	MessageTooLarge Reason = "MESSAGE_TOO_LARGE"
	// SignerCount: it has no signer or several.
	SignerCount Reason = "SIGNER_COUNT"
	// SignerCertificateAbsent: the signer's certificate is not in it.
	SignerCertificateAbsent Reason = "SIGNER_CERTIFICATE_ABSENT"
	// SignedAttributesInvalid: a signed attribute is missing, there twice or unreadable.
	SignedAttributesInvalid Reason = "SIGNED_ATTRIBUTES_INVALID"
	// ContentTypeMismatch: the type of the content is not the one that was signed.
	ContentTypeMismatch Reason = "CONTENT_TYPE_MISMATCH"
	// CertificateNotBound: no signing-certificate-v2 binds the signature to its certificate.
	CertificateNotBound Reason = "CERTIFICATE_NOT_BOUND"
	// ContentMissing: the signature is detached, and no document was given.
	ContentMissing Reason = "CONTENT_MISSING"
	// ContentUnexpected: the message holds a document, and one was given as well.
	ContentUnexpected Reason = "CONTENT_UNEXPECTED"
	// DocumentChanged: the document is not the one that was signed; of VerifyIssued, not the one that was issued.
	DocumentChanged Reason = "DOCUMENT_CHANGED"
	// SigningTimeOutside: the time that the signer claims is outside the certificate's validity.
	SigningTimeOutside Reason = "SIGNING_TIME_OUTSIDE"
)

// The rules, in the words that Check.Rule has. Each result lists those that apply, in order.
const (
	RuleToken               = "token"                // the token can be read, and its version and algorithm are known
	RuleMessage             = "message"              // the message can be read, and its algorithms are known
	RuleCertificate         = "certificate"          // the certificate can be read, and its kind of key is known
	RuleIssuer              = "issuer"               // a trusted root of the right hierarchy issued it
	RuleKeyUsage            = "key-usage"            // it is made for this use
	RuleCertificateValidity = "certificate-validity" // the time is within its validity
	RuleIssuerValidity      = "issuer-validity"      // the time is within the root's validity
	RuleCertificateBound    = "certificate-bound"    // the signature names its certificate under its own protection
	RuleDocument            = "document"             // the document is the one that was signed
	RuleSignature           = "signature"            // the certificate's key made the signature
	RuleOriginAndChallenge  = "origin-and-challenge" // what it signed is this site's origin and this challenge
	RuleAttributes          = "attributes"           // the holder's attributes can be read
	RuleSigningTime         = "signing-time"         // the claimed time is within the certificate's validity
	RuleRevocation          = "revocation"           // it was not revoked; checked by VerifyDocument alone, and on request
)

// An Outcome is what came of one rule.
type Outcome string

const (
	Passed     Outcome = "passed"
	Failed     Outcome = "failed"
	NotChecked Outcome = "not-checked"
)

// A Check is one rule and what came of it. Detail is for people who look closely, in English. It has
// no personal data, and text that others chose, such as a file's name, stands quoted in it as Go
// quotes strings, without control characters.
type Check struct {
	Rule    string  `json:"rule"`
	Outcome Outcome `json:"outcome"`
	Detail  string  `json:"detail,omitempty"`
}

// A Refusal is the error for a token, challenge or message that is not accepted. Checks lists the
// rules that were looked at: the last one failed.
type Refusal struct {
	Reason Reason
	Checks []Check

	cause error
}

func (r *Refusal) Error() string { return fmt.Sprintf("%s: %v", r.Reason, r.cause) }

// Unwrap returns what was found in detail.
func (r *Refusal) Unwrap() error { return r.cause }

// report collects the checks of one verification.
type report []Check

func (r *report) pass(rule, detail string) {
	*r = append(*r, Check{Rule: rule, Outcome: Passed, Detail: detail})
}

func (r *report) skip(rule, detail string) {
	*r = append(*r, Check{Rule: rule, Outcome: NotChecked, Detail: detail})
}

// fail closes the report with the rule that failed.
func (r *report) fail(rule string, reason Reason, cause error) *Refusal {
	checks := append(*r, Check{Rule: rule, Outcome: Failed, Detail: string(reason)})
	return &Refusal{Reason: reason, Checks: checks, cause: cause}
}

// certificateRules are the rules that certificate.Check looks at, in its order.
var certificateRules = []string{RuleIssuer, RuleKeyUsage, RuleCertificateValidity, RuleIssuerValidity}

// A finding says which error of a package below breaks which rule for which reason.
type finding struct {
	err    error
	rule   string
	reason Reason
}

var certificateFindings = []finding{
	{certificate.ErrKeyUsage, RuleKeyUsage, WrongHierarchy}, // before ErrWrongHierarchy, which it is, too
	{certificate.ErrWrongHierarchy, RuleIssuer, WrongHierarchy},
	{certificate.ErrIssuerSignature, RuleIssuer, CertificateForged},
	{certificate.ErrIssuerNotShipped, RuleIssuer, IssuerNotShipped},
	{certificate.ErrIssuerForeign, RuleIssuer, IssuerForeign},
	{certificate.ErrCriticalExtension, RuleKeyUsage, CertificateUnsupported},
	{certificate.ErrNotYetValid, RuleCertificateValidity, CertificateNotYetValid},
	{certificate.ErrExpired, RuleCertificateValidity, CertificateExpired},
	{certificate.ErrAnchorExpired, RuleIssuerValidity, IssuerExpired},
}

// checkCertificate goes through the rules about a certificate for one hierarchy. It returns the root also
// with an error, if it was found by then.
func (r *report) checkCertificate(der []byte, h certificate.Hierarchy, at time.Time, trust Trust) (*certificate.Certificate, certificate.Anchor, error) {
	cert, err := certificate.Parse(der)
	if errors.Is(err, certificate.ErrUnsupportedKey) {
		return nil, certificate.Anchor{}, r.fail(RuleCertificate, KeyUnsupported, err)
	}
	if err != nil {
		return nil, certificate.Anchor{}, r.fail(RuleCertificate, CertificateMalformed, err)
	}
	r.pass(RuleCertificate, "")

	anchor, err := certificate.Check(cert, h, at, trust.anchors())
	details := map[string]string{
		RuleKeyUsage:            fmt.Sprintf("%s, policies %s", h, strings.Join(cert.Policies(), ", ")),
		RuleCertificateValidity: period(cert.X509),
	}
	if anchor.Certificate != nil {
		details[RuleIssuer] = fmt.Sprintf("anchor: %s, %q, SHA-256 %s", anchor.Origin, anchor.Name, anchor.Fingerprint())
		details[RuleIssuerValidity] = period(anchor.Certificate)
	}
	broken, reason := "", Reason("")
	if err != nil {
		i := slices.IndexFunc(certificateFindings, func(f finding) bool { return errors.Is(err, f.err) })
		if i < 0 {
			return nil, anchor, err
		}
		broken, reason = certificateFindings[i].rule, certificateFindings[i].reason
	}
	if reason == IssuerNotShipped {
		err = trust.explain(err, h)
	}
	for _, rule := range certificateRules {
		if rule == broken {
			return nil, anchor, r.fail(rule, reason, err)
		}
		r.pass(rule, details[rule])
	}
	return cert, anchor, nil
}

func period(cert *x509.Certificate) string {
	return cert.NotBefore.Format(time.RFC3339) + " to " + cert.NotAfter.Format(time.RFC3339)
}

// revocation is what every result ends with.
func (r *report) revocation() {
	r.skip(RuleRevocation, "J-LIS tells of revocation to notified verifiers only")
}

// timeOr returns the time to verify at: now where none was asked for.
func timeOr(at time.Time) time.Time {
	if at.IsZero() {
		return time.Now()
	}
	return at
}
