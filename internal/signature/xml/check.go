package xmldsig

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/natsuin/natsuin/internal/signature/xml/tree"
)

// A Finding is what one rule of a profile's checklist has to say of a document.
type Finding struct {
	Rule    Rule
	Verdict Verdict
	// Start and End are the bytes of the document that prove the verdict; both are the same where something is missing
	// there, and 0 where the rule was skipped.
	Start, End int
	// Cause and Values say what was found, where the rule is broken or skipped; Detail is the same in a few English
	// words. The values and the detail may hold names out of the document.
	Cause  Cause
	Values []string
	Detail string
}

// A Verdict is how a rule came out.
type Verdict string

// The verdicts. Skipped is a rule that could not be held against the document because another is broken.
const (
	Pass    Verdict = "pass"
	Fail    Verdict = "fail"
	Skipped Verdict = "skipped"
)

// A Rule is the closed id of a rule, by which callers know its sentence and its remedy.
type Rule string

// The rules, in the order in which they are checked. Which of them a profile has, Rules tells.
const (
	RuleWellFormed       Rule = "well-formed"      // XML 1.0 and its namespaces, within the limits
	RuleEncoding         Rule = "encoding"         // UTF-8
	RuleDoctype          Rule = "doctype"          // no document type declaration
	RuleDeclaration      Rule = "xml-declaration"  // begins with an XML declaration
	RuleRoot             Rule = "root"             // the root element has the profile's name, and is in its namespace
	RuleTarget           Rule = "target"           // there is one element that the profile signs, with its id
	RuleID               Rule = "id"               // no other element has that id
	RuleSignature        Rule = "signature"        // there is a signature
	RuleStructure        Rule = "structure"        // it is built as XML Signature 1.1 wants, from known algorithms
	RulePlace            Rule = "place"            // it stands where the profile wants it
	RuleSignatureID      Rule = "signature-id"     // its Id is of digits
	RuleReference        Rule = "reference"        // the first reference is to what the profile signs
	RuleReferences       Rule = "references"       // there are no other references, or only to files
	RuleEscaped          Rule = "escaped"          // URIs are percent-encoded
	RuleTransforms       Rule = "transforms"       // what is signed of the document is transformed as the profile says
	RuleFileTransforms   Rule = "file-transforms"  // files are signed as they are
	RuleCanonicalization Rule = "canonicalization" // SignedInfo is in the profile's canonical form
	RuleDigestMethod     Rule = "digest-method"    // SHA-256
	RuleSignatureMethod  Rule = "signature-method" // RSA with SHA-256
	RuleCertificate      Rule = "certificate"      // the signer's certificate is in KeyInfo
	RuleDigest           Rule = "digest"           // what is signed of the document has not been changed
	RuleFilesGiven       Rule = "files-given"      // every signed file is there
	RuleFilesSigned      Rule = "files-signed"     // every file that is there is signed
	RuleFileDigest       Rule = "file-digest"      // files have not been changed
	RuleSignatureValue   Rule = "signature-value"  // the certificate's key made the signature
)

// Check holds a document against the checklist of a profile and returns a finding for every rule of it, in order. Names
// are those of the files that go with the document, and open opens them. Of several signatures it looks at the first
// that stands where the profile wants it. An error is one of reading a file.
func Check(p Profile, document []byte, names []string, open Opener) ([]Finding, error) {
	c := &checked{profile: p, source: document, names: names}
	c.load(open)
	var findings []Finding
	for _, r := range p.rules() {
		f := skipped(CauseUnreadable)
		if c.document != nil || r.raw {
			f = r.check(c)
		}
		if c.err != nil {
			return nil, c.err
		}
		f.Rule = r.id
		findings = append(findings, f)
	}
	return findings, nil
}

// Rules returns the ids of a profile's rules, in order.
func Rules(p Profile) []Rule {
	var ids []Rule
	for _, r := range p.rules() {
		ids = append(ids, r.id)
	}
	return ids
}

// A rule is one line of a checklist.
type rule struct {
	id    Rule
	raw   bool // it looks at bytes that may not be XML
	when  func(Profile) bool
	check func(*checked) Finding
}

func always(Profile) bool       { return true }
func inDocument(p Profile) bool { return !p.alone }
func byID(p Profile) bool       { return p.idName != "" }
func wrapped(p Profile) bool    { return p.wrapper != "" }
func withFiles(p Profile) bool  { return p.files }

var checklist = []rule{
	{RuleWellFormed, true, always, (*checked).wellFormed},
	{RuleEncoding, true, always, (*checked).encoding},
	{RuleDoctype, true, always, (*checked).doctype},
	{RuleDeclaration, false, wrapped, (*checked).declaration},
	{RuleRoot, false, byID, (*checked).root},
	{RuleTarget, false, byID, (*checked).target},
	{RuleID, false, byID, (*checked).uniqueID},
	{RuleSignature, false, always, (*checked).signature},
	{RuleStructure, false, always, (*checked).structure},
	{RulePlace, false, inDocument, (*checked).place},
	{RuleSignatureID, false, func(p Profile) bool { return p.dated }, (*checked).signatureID},
	{RuleReference, false, inDocument, (*checked).reference},
	{RuleReferences, false, func(p Profile) bool { return p.idName != "" || p.alone }, (*checked).others},
	{RuleEscaped, false, withFiles, (*checked).escaped},
	{RuleTransforms, false, inDocument, (*checked).transforms},
	{RuleFileTransforms, false, withFiles, (*checked).fileTransforms},
	{RuleCanonicalization, false, always, (*checked).canonicalization},
	{RuleDigestMethod, false, always, (*checked).digestMethod},
	{RuleSignatureMethod, false, always, (*checked).signatureMethod},
	{RuleCertificate, false, always, (*checked).certificate},
	{RuleDigest, false, inDocument, (*checked).digest},
	{RuleFilesGiven, false, withFiles, (*checked).filesGiven},
	{RuleFilesSigned, false, withFiles, (*checked).filesSigned},
	{RuleFileDigest, false, withFiles, (*checked).fileDigest},
	{RuleSignatureValue, false, always, (*checked).signatureValue},
}

func (p Profile) rules() []rule {
	return slices.DeleteFunc(slices.Clone(checklist), func(r rule) bool { return !r.when(p) })
}

// checked is a document on the way through the rules. SHA-1 is read here, so that it is found by the rules about it
// alone.
type checked struct {
	profile    Profile
	source     []byte
	names      []string
	refusal    *tree.Error // why there is no document
	document   *tree.Document
	verifier   *verifier
	node       *tree.Node // the signature that is checked, or nil
	info       *tree.Node // its SignedInfo, or nil
	references []*tree.Node
	main       *tree.Node // the reference that should be to what the profile signs, or nil
	read       *read      // incomplete where readErr says why
	readErr    error
	signed     *tree.Node // what the profile signs, or nil
	signedErr  error
	err        error // that nothing in the document explains
}

func (c *checked) load(open Opener) {
	d, err := parse(c.source)
	if err != nil {
		errors.As(err, &c.refusal)
		return
	}
	c.document, c.verifier = d, newVerifier(d, open.digest)
	c.verifier.weak = true
	if c.profile.idName != "" {
		c.signed, c.signedErr = c.profile.find(d.Root)
	}
	signatures, err := signatureElements(d)
	if err != nil || len(signatures) == 0 {
		return
	}
	c.node = signatures[0]
	for _, n := range signatures {
		if c.inPlace(n) {
			c.node = n
			break
		}
	}
	c.read, c.readErr = readSignature(d, c.node, true)
	if c.info = first(c.node, spaceDSig, "SignedInfo"); c.info == nil {
		return
	}
	for n := range c.info.Elements() {
		if n.Is(spaceDSig, "Reference") && len(c.references) < MaxReferences {
			c.references = append(c.references, n)
		}
	}
	if len(c.references) > 0 && !c.profile.alone {
		c.main = c.references[max(0, slices.IndexFunc(c.references, c.isMain))]
	}
}

// isMain reports whether a Reference is to what the profile signs: its element, or the document by "" or by its root's
// id.
func (c *checked) isMain(n *tree.Node) bool {
	uri, found := n.Attribute("", "URI")
	if c.profile.idName == "" && uri == "" {
		return found
	}
	if !strings.HasPrefix(uri, "#") {
		return false
	}
	if c.profile.idName != "" {
		if c.signed == nil {
			return false
		}
		id, _ := c.signed.Attribute("", c.profile.idName)
		return idIn(n) == id
	}
	element, err := c.verifier.ids.one(idIn(n))
	return err == nil && element == c.document.Root
}

// inPlace reports whether a signature stands where the profile puts it.
func (c *checked) inPlace(n *tree.Node) bool {
	parent, root := n.Parent, c.document.Root
	switch {
	case c.profile.alone:
		return parent == nil
	case c.profile.wrapper != "":
		return parent != nil && parent.Local == c.profile.wrapper && parent.Parent == root &&
			c.signed != nil && parent.Start >= c.signed.End
	case c.profile.idName != "":
		return parent == root && c.signed != nil && n.Start >= c.signed.End
	default:
		return parent == root
	}
}

func pass(n *tree.Node) Finding { return Finding{Verdict: Pass, Start: n.Start, End: tagEnd(n)} }

// failing is a finding against an element, without its cause.
func failing(n *tree.Node) Finding {
	return Finding{Verdict: Fail, Start: n.Start, End: tagEnd(n)}
}

func fail(n *tree.Node, cause Cause, values ...string) Finding {
	return failing(n).because(cause, values...)
}

func failAt(offset int) Finding { return Finding{Verdict: Fail, Start: offset, End: offset} }

func skipped(cause Cause) Finding { return Finding{Verdict: Skipped}.because(cause) }

// tagEnd is where the start tag of an element ends: enough to show which one is meant.
func tagEnd(n *tree.Node) int { return n.ContentStart }

// isFile reports whether a Reference is to something outside the document.
func isFile(n *tree.Node) bool {
	uri, _ := n.Attribute("", "URI")
	return uri != "" && !strings.HasPrefix(uri, "#")
}

// isProperties reports whether a Reference is to what XAdES adds.
func isProperties(n *tree.Node) bool {
	kind, _ := n.Attribute("", "Type")
	return kind == typeProperties
}

// idIn returns the id that a same-document Reference names.
func idIn(n *tree.Node) string {
	uri, _ := n.Attribute("", "URI")
	id, err := url.PathUnescape(strings.TrimPrefix(uri, "#"))
	if err != nil {
		return ""
	}
	return id
}
