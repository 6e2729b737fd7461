package pdf

import (
	"encoding/asn1"
	"fmt"
	"io"
	"slices"

	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// A Rule is one requirement of 登記・供託オンライン申請 on a signed PDF, as a closed list. What is
// published of them are the keys of the signature dictionary and the PKCS#7 format; the rest is what
// accepted files have in common.
type Rule string

// The rules.
const (
	RuleOneSignature Rule = "c1-one-signature" // one new signature dictionary in the revision, /Type /Sig
	RuleSubFilter    Rule = "c2-sub-filter"    // /SubFilter /adbe.pkcs7.detached, and no /Reference
	RuleName         Rule = "c3-name"          // /Name is there and not empty
	RuleTime         Rule = "c4-time"          // /M is a complete date with a time zone
	RuleByteRange    Rule = "c5-byte-range"    // all is signed but /Contents
	RuleContents     Rule = "c6-contents"      // DER in hexadecimal digits, then zeros
	RuleMessage      Rule = "c7-message"       // the structure of the CMS
	RuleAlgorithms   Rule = "c8-algorithms"    // SHA-256 with RSA
	RuleIncremental  Rule = "c9-incremental"   // the signature is an incremental update
	RuleVerifies     Rule = "c10-verifies"     // digest and signature are correct
)

// A Verdict says how a rule came out.
type Verdict string

// The verdicts. Unknown is for what cannot be looked at because of what else is wrong.
const (
	Pass    Verdict = "pass"
	Fail    Verdict = "fail"
	Unknown Verdict = "unknown"
)

// A Remedy names what helps, as a closed list; whoever shows it has the words.
type Remedy string

// The remedies.
const (
	RemedyNone       Remedy = ""
	RemedySign       Remedy = "sign"               // sign the document with the profile moj
	RemedySignAgain  Remedy = "sign-original"      // take the document from before this signature and sign that
	RemedyUseLast    Remedy = "use-signed-version" // take the file as it was right after signing
	RemedyOtherMaker Remedy = "other-program"      // sign again with a program that writes this correctly
	RemedyUndamaged  Remedy = "undamaged-copy"     // take a copy that was not changed
)

// A Finding is one rule's verdict with what proves it.
type Finding struct {
	Rule    Rule
	Verdict Verdict
	// Offset is where in the file the proof stands, in bytes.
	Offset int64
	// Evidence is what stands there, or what is missing.
	Evidence string
	Remedy   Remedy
}

// Check holds the newest signature of a file against the rules of profile MOJ. Like Verify it fails
// where the file cannot be read at all.
func Check(source io.ReaderAt, size int64) ([]Finding, error) {
	v, err := newVerifier(source, size)
	if err != nil {
		return nil, err
	}
	c := &checker{verifier: v}
	for _, s := range v.signatures {
		if s.dict != nil && v.readByteRange(s) == nil {
			v.checkRevision(s)
		}
		if s.dict != nil && (c.s == nil || s.Offset > c.s.Offset) && (s.Field != "" || c.s == nil) {
			c.s = s
		}
	}
	rules := []struct {
		rule   Rule
		remedy Remedy
		check  func() (Verdict, int64, string)
	}{
		{RuleOneSignature, RemedySignAgain, c.oneSignature},
		{RuleSubFilter, RemedySignAgain, c.subFilter},
		{RuleName, RemedySignAgain, c.name},
		{RuleTime, RemedySignAgain, c.time},
		{RuleByteRange, RemedyUseLast, c.byteRange},
		{RuleContents, RemedyOtherMaker, c.contents},
		{RuleMessage, RemedyOtherMaker, c.message},
		{RuleAlgorithms, RemedyOtherMaker, c.algorithms},
		{RuleIncremental, RemedyOtherMaker, c.incremental},
		{RuleVerifies, RemedyUndamaged, c.verifies},
	}
	var findings []Finding
	for _, r := range rules {
		f := Finding{Rule: r.rule, Verdict: Unknown, Evidence: "no signature dictionary"}
		if c.s != nil {
			f.Verdict, f.Offset, f.Evidence = r.check()
		} else if r.rule == RuleOneSignature {
			f.Verdict, f.Remedy = Fail, RemedySign
		}
		if f.Verdict == Fail && f.Remedy == RemedyNone {
			f.Remedy = r.remedy
		}
		findings = append(findings, f)
	}
	return findings, nil
}

// A checker holds the rules against one signature. Each rule looks at its own part alone.
type checker struct {
	*verifier
	s *Signature
}

// value reports a rule about the value of one key, with the value as evidence.
func (c *checker) value(key syntax.Name, fine bool) (Verdict, int64, string) {
	o, ok := c.s.dict[key]
	if !ok {
		return verdict(fine), c.s.Offset, fmt.Sprintf("/%s is missing", key)
	}
	text := syntax.Append(nil, o)
	if len(text) > 200 {
		text = append(text[:200], "…"...)
	}
	return verdict(fine), c.s.spans[key].Start, fmt.Sprintf("/%s %s", key, text)
}

func verdict(fine bool) Verdict {
	if fine {
		return Pass
	}
	return Fail
}

// oneSignature counts the dictionaries between the revision's cross-reference section and the one
// before it.
func (c *checker) oneSignature() (Verdict, int64, string) {
	revision := c.doc
	if c.s.end != 0 {
		if signed, err := c.documentAt(c.s.end); err == nil {
			revision = signed
		}
	}
	sections := revision.Sections()
	from := int64(0)
	if len(sections) > 1 {
		from = sections[1].Offset
	}
	count := 0
	for _, s := range c.signatures {
		if s.Offset > from && s.Offset < max(sections[0].Offset, c.s.Offset+1) {
			count++
		}
	}
	if count != 1 {
		return Fail, c.s.Offset, fmt.Sprintf("%d signature dictionaries in one revision", count)
	}
	return c.value("Type", c.s.Type == "Sig")
}

func (c *checker) subFilter() (Verdict, int64, string) {
	if _, ok := c.s.dict["Reference"]; ok {
		return c.value("Reference", false)
	}
	return c.value("SubFilter", c.s.dict["SubFilter"] == detachedPKCS7)
}

func (c *checker) name() (Verdict, int64, string) {
	return c.value("Name", c.s.Name != "")
}

func (c *checker) time() (Verdict, int64, string) {
	m, _ := c.s.dict["M"].(syntax.String)
	_, err := decodeTime(m)
	return c.value("M", err == nil)
}

// byteRange looks at this signature and at all before it, which must end with their revisions.
func (c *checker) byteRange() (Verdict, int64, string) {
	for _, s := range c.signatures {
		if s.Field == "" && s != c.s {
			continue // RuleOneSignature's
		}
		if p := c.readByteRange(s); p != nil {
			return Fail, s.Offset, p.Err.Error()
		}
		if p := c.checkGap(s); p != nil && p.Reason == ReasonGap {
			return Fail, s.Offset, p.Err.Error()
		}
		if s.end == 0 && s != c.s {
			return Fail, s.Offset, fmt.Sprintf("the signature %v does not end with its revision", s.ref)
		}
	}
	if covered := c.s.ByteRange[2] + c.s.ByteRange[3]; covered != c.doc.Size() {
		return Fail, covered, fmt.Sprintf("%d bytes follow what is signed", c.doc.Size()-covered)
	}
	return c.value("ByteRange", true)
}

func (c *checker) contents() (Verdict, int64, string) {
	if p := c.checkGap(c.s); p != nil && p.Reason == ReasonContents {
		return Fail, c.s.spans["Contents"].Start, p.Err.Error()
	}
	message, structure, p := readContents(c.s.dict)
	if p != nil {
		return Fail, c.s.spans["Contents"].Start, p.Err.Error()
	}
	if !structure.DER {
		return Fail, c.s.spans["Contents"].Start, "the CMS is not in DER"
	}
	return Pass, c.s.spans["Contents"].Start, fmt.Sprintf("CMS of %d bytes in DER, %d zeros", structure.Length, len(message)-structure.Length)
}

// structure returns the CMS, or that a rule about it cannot be judged.
func (c *checker) structure() *cms.Structure {
	contents, _ := c.s.dict["Contents"].(syntax.String)
	structure, err := cms.Inspect([]byte(contents))
	if err != nil {
		return nil
	}
	return structure
}

// Object identifiers that the rules name (RFC 5652 §4, §11; RFC 5754 §2.2, §3.2; RFC 3370 §3.2).
var (
	oidData            = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidContentType     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidSHA256          = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidSHA256WithRSA   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}
	oidRSA             = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	requiredAttributes = []asn1.ObjectIdentifier{oidContentType, oidMessageDigest, oidSigningTime}
)

func (c *checker) message() (Verdict, int64, string) {
	at := c.s.spans["Contents"].Start
	m := c.structure()
	if m == nil {
		return Unknown, at, "the CMS cannot be read"
	}
	for _, oid := range requiredAttributes {
		if !slices.ContainsFunc(m.SignedAttributes, oid.Equal) {
			return Fail, at, fmt.Sprintf("the signed attribute %v is missing", oid)
		}
	}
	switch {
	case m.Version != 1 || m.SignerVersion != 1:
		return Fail, at, fmt.Sprintf("SignedData of version %d with a SignerInfo of version %d", m.Version, m.SignerVersion)
	case !m.Detached || !m.ContentType.Equal(oidData):
		return Fail, at, "the CMS is not detached id-data"
	case !m.ByIssuer:
		return Fail, at, "the signer is not named by issuer and serial number"
	case m.Certificate == nil:
		return Fail, at, "the signer's certificate is missing"
	case !m.UTCTime:
		return Fail, at, "signingTime is no UTCTime"
	}
	return Pass, at, fmt.Sprintf("SignedData version 1, detached, %d signed attributes, %d certificates", len(m.SignedAttributes), len(m.Certificates))
}

func (c *checker) algorithms() (Verdict, int64, string) {
	at := c.s.spans["Contents"].Start
	m := c.structure()
	if m == nil {
		return Unknown, at, "the CMS cannot be read"
	}
	fine := m.DigestAlgorithm.Equal(oidSHA256) && (m.SignatureAlgorithm.Equal(oidSHA256WithRSA) || m.SignatureAlgorithm.Equal(oidRSA))
	return verdict(fine), at, fmt.Sprintf("digest %v, signature %v", m.DigestAlgorithm, m.SignatureAlgorithm)
}

// incremental asks for a revision before the one that brought the signature.
func (c *checker) incremental() (Verdict, int64, string) {
	sections := c.doc.Sections()
	for i, s := range sections {
		if s.Offset > c.s.Offset || i == 0 {
			continue
		}
		return Pass, s.Offset, fmt.Sprintf("the cross-reference section before the signature is at byte %d", s.Offset)
	}
	return Fail, c.s.Offset, "the file was written anew with the signature in it"
}

// verifies checks digest and signature over the byte range, whatever that is.
func (c *checker) verifies() (Verdict, int64, string) {
	at := c.s.spans["Contents"].Start
	contents, _ := c.s.dict["Contents"].(syntax.String)
	m := c.structure()
	if m == nil || c.readByteRange(c.s) != nil {
		return Unknown, at, "the CMS or the byte range cannot be read"
	}
	signature, err := cms.VerifyForeign([]byte(contents)[:m.Length], c.s.SignedBytes(c.source))
	if err != nil {
		return Fail, at, err.Error()
	}
	return Pass, at, fmt.Sprintf("%v with the key of certificate %x", signature.Hash, signature.Certificate.SerialNumber)
}
