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
	// Proof is where in the file the proof stands; where something is missing, it begins and ends there.
	Proof syntax.Span
	// Cause and Values say what stands there, or what is missing; Evidence is the same in English.
	Cause    Cause
	Values   []string
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
		if s.dict != nil && (c.s == nil || s.Offset > c.s.Offset) && (s.held || c.s == nil) {
			c.s = s
		}
	}
	rules := []struct {
		rule   Rule
		remedy Remedy
		check  func() Finding
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
		f := found(Unknown, syntax.Span{}, CauseNoSignature)
		if c.s != nil {
			f = r.check()
		} else if r.rule == RuleOneSignature {
			f.Verdict, f.Remedy = Fail, RemedySign
		}
		f.Rule = r.rule
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
func (c *checker) value(key syntax.Name, fine bool) Finding {
	o, ok := c.s.dict[key]
	if !ok {
		return found(verdict(fine), at(c.s.Offset), CauseMissingKey, "/"+key)
	}
	text := syntax.Append(nil, o)
	if len(text) > 200 {
		text = append(text[:200], "…"...)
	}
	return found(verdict(fine), c.s.spans[key], CauseValue, fmt.Sprintf("/%s %s", key, text))
}

// at is a place without extent.
func at(offset int64) syntax.Span { return syntax.Span{Start: offset, End: offset} }

func verdict(fine bool) Verdict {
	if fine {
		return Pass
	}
	return Fail
}

// oneSignature counts the dictionaries between the revision's cross-reference section and the one
// before it.
func (c *checker) oneSignature() Finding {
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
		return found(Fail, at(c.s.Offset), CauseSeveral, count)
	}
	return c.value("Type", c.s.Type == "Sig")
}

func (c *checker) subFilter() Finding {
	if _, ok := c.s.dict["Reference"]; ok {
		return c.value("Reference", false)
	}
	return c.value("SubFilter", c.s.dict["SubFilter"] == detachedPKCS7)
}

func (c *checker) name() Finding {
	return c.value("Name", c.s.Name != "")
}

func (c *checker) time() Finding {
	m, _ := c.s.dict["M"].(syntax.String)
	_, err := decodeTime(m)
	return c.value("M", err == nil)
}

// byteRange looks at this signature and at all before it, which must end with their revisions.
func (c *checker) byteRange() Finding {
	for _, s := range c.signatures {
		if !s.held && s != c.s {
			continue // RuleOneSignature's
		}
		if p := c.readByteRange(s); p != nil {
			return foundProblem(at(s.Offset), p)
		}
		if p := c.checkGap(s); p != nil && p.Reason == ReasonGap {
			return foundProblem(at(s.Offset), p)
		}
		if s.end == 0 && s != c.s {
			return found(Fail, at(s.Offset), CauseNotLast, s.ref)
		}
	}
	if covered := c.s.ByteRange[2] + c.s.ByteRange[3]; covered != c.doc.Size() {
		return found(Fail, syntax.Span{Start: covered, End: c.doc.Size()}, CauseAppended, c.doc.Size()-covered)
	}
	return c.value("ByteRange", true)
}

func (c *checker) contents() Finding {
	if p := c.checkGap(c.s); p != nil && p.Reason == ReasonContents {
		return foundProblem(c.s.spans["Contents"], p)
	}
	message, structure, p := readContents(c.s.dict)
	if p != nil {
		return foundProblem(c.s.spans["Contents"], p)
	}
	if !structure.DER {
		return found(Fail, c.s.spans["Contents"], CauseNotDER)
	}
	return found(Pass, c.s.spans["Contents"], CauseCMS, structure.Length, len(message)-structure.Length)
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

func (c *checker) message() Finding {
	place := c.s.spans["Contents"]
	m := c.structure()
	if m == nil {
		return found(Unknown, place, CauseNoCMS)
	}
	for _, oid := range requiredAttributes {
		if !slices.ContainsFunc(m.SignedAttributes, oid.Equal) {
			return found(Fail, place, CauseAttribute, oid)
		}
	}
	switch {
	case m.Version != 1 || m.SignerVersion != 1:
		return found(Fail, place, CauseVersions, m.Version, m.SignerVersion)
	case !m.Detached || !m.ContentType.Equal(oidData):
		return found(Fail, place, CauseNotDetached)
	case !m.ByIssuer:
		return found(Fail, place, CauseNotByIssuer)
	case m.Certificate == nil:
		return found(Fail, place, CauseNoSigner)
	case !m.UTCTime:
		return found(Fail, place, CauseNoUTCTime)
	}
	return found(Pass, place, CauseMessage, len(m.SignedAttributes), len(m.Certificates))
}

func (c *checker) algorithms() Finding {
	place := c.s.spans["Contents"]
	m := c.structure()
	if m == nil {
		return found(Unknown, place, CauseNoCMS)
	}
	fine := m.DigestAlgorithm.Equal(oidSHA256) && (m.SignatureAlgorithm.Equal(oidSHA256WithRSA) || m.SignatureAlgorithm.Equal(oidRSA))
	return found(verdict(fine), place, CauseAlgorithms, m.DigestAlgorithm, m.SignatureAlgorithm)
}

// incremental asks for a revision before the one that brought the signature.
func (c *checker) incremental() Finding {
	sections := c.doc.Sections()
	for i, s := range sections {
		if s.Offset > c.s.Offset || i == 0 {
			continue
		}
		return found(Pass, at(s.Offset), CauseEarlier, s.Offset)
	}
	return found(Fail, at(c.s.Offset), CauseRewritten)
}

// verifies checks digest and signature over the byte range, whatever that is.
func (c *checker) verifies() Finding {
	place := c.s.spans["Contents"]
	contents, _ := c.s.dict["Contents"].(syntax.String)
	m := c.structure()
	if m == nil || c.readByteRange(c.s) != nil {
		return found(Unknown, place, CauseNoCMS)
	}
	signature, err := cms.VerifyForeign([]byte(contents)[:m.Length], c.s.SignedBytes(c.source))
	if err != nil {
		return foundWrong(place, err)
	}
	return found(Pass, place, CauseVerifies, signature.Hash, fmt.Sprintf("%x", signature.Certificate.SerialNumber))
}
