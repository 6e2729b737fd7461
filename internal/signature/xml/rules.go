package xmldsig

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/natsuin/natsuin/internal/signature/xml/c14n"
	"github.com/natsuin/natsuin/internal/signature/xml/tree"
)

// unreadable finds fault with bytes that cannot be read for one of the reasons, and is otherwise content.
func (c *checked) unreadable(mine func(reason error) bool) Finding {
	switch {
	case c.refusal == nil:
		return Finding{Verdict: Pass, Start: 0, End: c.document.DeclarationEnd}
	case mine(c.refusal.Reason):
		return c.explained(failAt(c.refusal.Offset), c.refusal)
	default:
		return skipped(CauseUnreadable)
	}
}

func (c *checked) wellFormed() Finding {
	return c.unreadable(func(reason error) bool { return reason != tree.ErrEncoding && reason != tree.ErrDoctype })
}

func (c *checked) encoding() Finding {
	return c.unreadable(func(reason error) bool { return reason == tree.ErrEncoding })
}

func (c *checked) doctype() Finding {
	return c.unreadable(func(reason error) bool { return reason == tree.ErrDoctype })
}

func (c *checked) declaration() Finding {
	if c.document.DeclarationEnd == 0 {
		return failAt(0).because(CauseDeclaration)
	}
	return Finding{Verdict: Pass, Start: 0, End: c.document.DeclarationEnd}
}

func (c *checked) root() Finding {
	root := c.document.Root
	switch {
	case root.Local != c.profile.root:
		return fail(root, CauseRoot, root.QName(), c.profile.root)
	case !strings.HasPrefix(root.Space, c.profile.space):
		return fail(root, CauseRootSpace, root.Space, c.profile.space)
	}
	return pass(root)
}

func (c *checked) target() Finding {
	if c.signed == nil {
		return c.explained(failing(c.document.Root), c.signedErr)
	}
	return pass(c.signed)
}

func (c *checked) uniqueID() Finding {
	if c.signed == nil {
		return skipped(CauseNoElement)
	}
	id, _ := c.signed.Attribute("", c.profile.idName)
	if _, err := c.verifier.ids.one(id); err != nil {
		return c.explained(failing(c.signed), err)
	}
	return pass(c.signed)
}

func (c *checked) signature() Finding {
	if c.node == nil {
		return failAt(c.document.Root.ContentEnd).because(CauseNoSignature)
	}
	return pass(c.node)
}

// structure leaves to other rules what they find fault with themselves.
func (c *checked) structure() Finding {
	switch {
	case c.node == nil:
		return skipped(CauseNoSignature)
	case c.readErr == nil, errors.Is(c.readErr, ErrTransform), errors.Is(c.readErr, ErrAlgorithm), errors.Is(c.readErr, ErrCertificate):
		return pass(c.node)
	}
	return c.explained(failing(c.node), c.readErr)
}

func (c *checked) place() Finding {
	switch {
	case c.node == nil:
		return skipped(CauseNoSignature)
	case c.profile.idName != "" && c.signed == nil:
		return skipped(CauseNoElement)
	case !c.inPlace(c.node):
		return fail(c.node, CausePlace, c.verifier.path.of(c.node))
	}
	return pass(c.node)
}

func (c *checked) signatureID() Finding {
	if c.node == nil {
		return skipped(CauseNoSignature)
	}
	if id, _ := c.node.Attribute("", "Id"); id == "" || strings.Trim(id, "0123456789") != "" {
		return fail(c.node, CauseID, id)
	}
	return pass(c.node)
}

// reference wants the first one to be to what the profile signs.
func (c *checked) reference() Finding {
	switch {
	case c.main == nil:
		return skipped(CauseNoReference)
	case c.profile.idName != "" && c.signed == nil:
		return skipped(CauseNoElement)
	}
	if n := c.references[0]; n != c.main || !c.isMain(n) {
		return fail(n, CauseFirst, uriOf(n))
	}
	return pass(c.main)
}

// others wants no other reference but to files, where the profile has files, and to properties.
func (c *checked) others() Finding {
	if len(c.references) == 0 {
		return skipped(CauseNoReference)
	}
	for _, n := range c.references {
		if n != c.main && !(c.profile.files && isFile(n)) && !(c.profile.xades && isProperties(n)) {
			return fail(n, CauseOther, uriOf(n))
		}
	}
	return pass(c.references[len(c.references)-1])
}

// escaped wants URIs of nothing but ASCII, and files by names that stay in their folder.
func (c *checked) escaped() Finding {
	for _, n := range c.references {
		uri, _ := n.Attribute("", "URI")
		if strings.ContainsFunc(uri, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return fail(n, CauseNotEscaped, uri)
		}
		if !isFile(n) {
			continue
		}
		if _, err := fileName(uri); err != nil {
			return c.explained(failing(n), err)
		}
	}
	if len(c.references) == 0 {
		return skipped(CauseNoReference)
	}
	return pass(c.references[0])
}

// transformsOf lists the algorithms of a Reference's transforms.
func transformsOf(n *tree.Node) []string {
	var uris []string
	if transforms := first(n, spaceDSig, "Transforms"); transforms != nil {
		for t := range transforms.Elements() {
			uris = append(uris, algorithm(t))
		}
	}
	return uris
}

// transforms wants the profile's canonical form alone where an element is signed beside the signature, and any after
// the enveloped-signature transform where the signature stands within.
func (c *checked) transforms() Finding {
	if c.main == nil {
		return skipped(CauseNoReference)
	}
	uris := transformsOf(c.main)
	var good bool
	if c.profile.idName != "" {
		good = slices.Equal(uris, []string{string(c.profile.canonical)})
	} else {
		good = len(uris) > 0 && uris[0] == transformEnveloped &&
			(len(uris) == 1 || len(uris) == 2 && c14n.Algorithm(uris[1]).Known())
	}
	if !good {
		return fail(c.main, CauseTransforms, strings.Join(uris, " "))
	}
	return pass(c.main)
}

func (c *checked) fileTransforms() Finding {
	for _, n := range c.references {
		if uris := transformsOf(n); isFile(n) && len(uris) > 0 {
			return fail(n, CauseTransforms, strings.Join(uris, " "))
		}
	}
	if len(c.references) == 0 {
		return skipped(CauseNoReference)
	}
	return pass(c.references[len(c.references)-1])
}

// method holds the algorithm of an element in SignedInfo against what is allowed.
func method(n *tree.Node, allowed func(uri string) bool) Finding {
	if n == nil {
		return skipped(CauseNoAlgorithm)
	}
	if uri := algorithm(n); !allowed(uri) {
		return fail(n, CauseAlgorithm, uri)
	}
	return pass(n)
}

// inInfo returns an element of SignedInfo, or nil.
func (c *checked) inInfo(local string) *tree.Node {
	if c.info == nil {
		return nil
	}
	return first(c.info, spaceDSig, local)
}

func (c *checked) canonicalization() Finding {
	return method(c.inInfo("CanonicalizationMethod"), func(uri string) bool {
		if c.profile.idName == "" {
			return c14n.Algorithm(uri).Known()
		}
		return uri == string(c.profile.canonical)
	})
}

// strong reports whether an algorithm is one that the profile takes: SHA-256, or any SHA-2 where nobody has said so.
func (c *checked) strong(uri string, of func(suite) string) bool {
	s, err := suiteOf(uri, of, false)
	return err == nil && (c.profile.idName == "" || of(s) == of(suites[0]))
}

func (c *checked) signatureMethod() Finding {
	return method(c.inInfo("SignatureMethod"), func(uri string) bool { return c.strong(uri, signatureURI) })
}

func (c *checked) digestMethod() Finding {
	found := skipped(CauseNoReference)
	for _, n := range c.references {
		found = method(first(n, spaceDSig, "DigestMethod"), func(uri string) bool { return c.strong(uri, digestURI) })
		if found.Verdict != Pass {
			return found
		}
	}
	return found
}

func (c *checked) certificate() Finding {
	switch {
	case c.node == nil:
		return skipped(CauseNoSignature)
	case errors.Is(c.readErr, ErrCertificate):
		return c.explained(failing(c.node), c.readErr)
	case c.read == nil:
		return skipped(CauseIncomplete)
	case len(c.read.certificates) == 0:
		return fail(c.node, CauseNoCertificate)
	}
	return pass(c.node)
}

// digest checks the references within the document.
func (c *checked) digest() Finding {
	return c.compare(func(n *tree.Node) bool { return !isFile(n) })
}

// fileDigest checks the files that are there.
func (c *checked) fileDigest() Finding {
	return c.compare(func(n *tree.Node) bool {
		name, err := fileName(uriOf(n))
		return isFile(n) && err == nil && slices.Contains(c.names, name)
	})
}

// compare makes the digests of those references that are chosen.
func (c *checked) compare(chosen func(*tree.Node) bool) Finding {
	if c.read == nil || c.readErr != nil {
		return skipped(CauseIncomplete)
	}
	last := c.info
	for _, r := range c.read.references {
		if !chosen(r.node) {
			continue
		}
		last = r.node
		_, err := c.verifier.reference(c.read, r)
		if errors.Is(err, ErrDigest) {
			return c.explained(failing(r.node), err)
		}
		if errors.Is(err, ErrFile) { // it has gone since it was listed
			return Finding{Verdict: Skipped}.because(CauseFileMissing, uriOf(r.node))
		}
		if err != nil {
			return c.explained(Finding{Verdict: Skipped}, err)
		}
	}
	return pass(last)
}

func (c *checked) filesGiven() Finding {
	for _, n := range c.references {
		if name, err := fileName(uriOf(n)); isFile(n) && err == nil && !slices.Contains(c.names, name) {
			return fail(n, CauseFileMissing, name)
		}
	}
	if len(c.references) == 0 {
		return skipped(CauseNoReference)
	}
	return pass(c.references[len(c.references)-1])
}

func (c *checked) filesSigned() Finding {
	if len(c.references) == 0 {
		return skipped(CauseNoReference)
	}
	for _, name := range c.names {
		signs := func(n *tree.Node) bool {
			signed, err := fileName(uriOf(n))
			return isFile(n) && err == nil && signed == name
		}
		if !slices.ContainsFunc(c.references, signs) {
			return fail(c.info, CauseFileUnsigned, name)
		}
	}
	return pass(c.references[len(c.references)-1])
}

func uriOf(n *tree.Node) string {
	uri, _ := n.Attribute("", "URI")
	return uri
}

func (c *checked) signatureValue() Finding {
	if c.read == nil || c.readErr != nil || len(c.read.certificates) == 0 {
		return skipped(CauseIncomplete)
	}
	var b bytes.Buffer
	if err := c.verifier.write(&b, c.read.form, c14n.Selection{Document: c.document, Apex: c.read.signedInfo}); err != nil {
		return c.explained(Finding{Verdict: Skipped}, unlessTooMany(err, ErrMalformed))
	}
	if _, err := signer(c.read, sum(c.read.suite.hash, b.Bytes())); err != nil {
		return c.explained(failing(c.node), err)
	}
	return pass(first(c.node, spaceDSig, "SignatureValue"))
}
