package xmldsig

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/natsuin/natsuin/internal/signature/xml/c14n"
	"github.com/natsuin/natsuin/internal/signature/xml/tree"
)

// A read is one Signature element, taken apart but not checked (XML Signature 1.1 §4).
type read struct {
	document     *tree.Document
	node         *tree.Node
	signedInfo   *tree.Node
	form         c14n.Form
	suite        suite
	references   []readReference
	value        []byte
	certificates []*x509.Certificate
	properties   *tree.Node // SignedProperties of XAdES, or nil
}

// A readReference is one Reference element.
type readReference struct {
	node       *tree.Node
	uri, kind  string
	transforms []string // URIs
	enveloped  bool
	form       c14n.Form
	suite      suite
	digest     []byte
}

// readSignature takes a Signature element apart.
func readSignature(d *tree.Document, n *tree.Node, weak bool) (*read, error) {
	r := &read{document: d, node: n}
	c, err := open(n)
	if err != nil {
		return nil, err
	}
	if r.signedInfo, err = c.take("SignedInfo"); err != nil {
		return nil, err
	}
	value, err := c.take("SignatureValue")
	if err != nil {
		return nil, err
	}
	if r.value, err = binary(value); err != nil {
		return nil, err
	}
	if keyInfo := c.maybe("KeyInfo"); keyInfo != nil {
		if r.certificates, err = readCertificates(keyInfo); err != nil {
			return nil, err
		}
	}
	for object := c.maybe("Object"); object != nil; object = c.maybe("Object") {
		if err := r.readObject(object); err != nil {
			return nil, err
		}
	}
	if err := c.end(); err != nil {
		return nil, err
	}
	return r, r.readSignedInfo(weak)
}

func (r *read) readSignedInfo(weak bool) error {
	c, err := open(r.signedInfo)
	if err != nil {
		return err
	}
	method, err := c.take("CanonicalizationMethod")
	if err != nil {
		return err
	}
	if r.form, err = readForm(method); err != nil {
		return err
	}
	method, err = c.take("SignatureMethod")
	if err != nil {
		return err
	}
	if r.suite, err = suiteOf(algorithm(method), signatureURI, weak); err != nil {
		return err
	}
	if len(method.Children) > 0 {
		return fmt.Errorf("%w: a signature method with parameters", ErrAlgorithm)
	}
	for n := c.maybe("Reference"); n != nil; n = c.maybe("Reference") {
		if len(r.references) == MaxReferences {
			return ErrTooMany
		}
		reference, err := readReferenceElement(n, weak)
		if err != nil {
			return err
		}
		r.references = append(r.references, reference)
	}
	if len(r.references) == 0 {
		return malformed(r.signedInfo, "no Reference")
	}
	return c.end()
}

func readReferenceElement(n *tree.Node, weak bool) (readReference, error) {
	r := readReference{node: n}
	var found bool
	if r.uri, found = n.Attribute("", "URI"); !found {
		return r, fmt.Errorf("%w: it has no URI", ErrReference)
	}
	r.kind, _ = n.Attribute("", "Type")
	c, err := open(n)
	if err != nil {
		return r, err
	}
	if transforms := c.maybe("Transforms"); transforms != nil {
		if err := r.readTransforms(transforms); err != nil {
			return r, err
		}
	}
	method, err := c.take("DigestMethod")
	if err != nil {
		return r, err
	}
	if r.suite, err = suiteOf(algorithm(method), digestURI, weak); err != nil {
		return r, err
	}
	value, err := c.take("DigestValue")
	if err != nil {
		return r, err
	}
	if r.digest, err = binary(value); err != nil {
		return r, err
	}
	return r, c.end()
}

// readTransforms takes the enveloped-signature transform, a canonicalization, or both in this order. All others
// (XSLT, XPath, base64, decryption) let a signature mean something else than what the eye sees.
func (r *readReference) readTransforms(n *tree.Node) error {
	c, err := open(n)
	if err != nil {
		return err
	}
	for t := c.maybe("Transform"); t != nil; t = c.maybe("Transform") {
		if len(r.transforms) == maxTransforms {
			return fmt.Errorf("%w: there are more than %d", ErrTransform, maxTransforms)
		}
		uri := algorithm(t)
		switch {
		case uri == transformEnveloped && len(r.transforms) == 0 && len(t.Children) == 0:
			r.enveloped = true
		case c14n.Algorithm(uri).Known() && r.form.Algorithm == "":
			if r.form, err = readForm(t); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%w: %q", ErrTransform, shortened(uri))
		}
		r.transforms = append(r.transforms, uri)
	}
	if len(r.transforms) == 0 {
		return malformed(n, "no Transform")
	}
	return c.end()
}

// maxPrefixes bounds a PrefixList.
const maxPrefixes = 256

// readForm reads a CanonicalizationMethod, or a Transform that is one.
func readForm(n *tree.Node) (c14n.Form, error) {
	f := c14n.Form{Algorithm: c14n.Algorithm(algorithm(n))}
	if !f.Algorithm.Known() {
		return f, fmt.Errorf("%w: %q is no canonicalization that is accepted", ErrAlgorithm, shortened(string(f.Algorithm)))
	}
	c, err := open(n)
	if err != nil {
		return f, err
	}
	if f.Algorithm.Exclusive() {
		if list := c.element(string(c14n.Exclusive), "InclusiveNamespaces"); list != nil {
			prefixes, _ := list.Attribute("", "PrefixList")
			f.Prefixes = fields(prefixes)
		}
	}
	if len(f.Prefixes) > maxPrefixes {
		return f, ErrTooMany
	}
	return f, c.end()
}

// readCertificates collects what stands in X509Data of a KeyInfo. Other kinds of keys in it are passed over: they
// could only repeat what the certificate says.
func readCertificates(keyInfo *tree.Node) ([]*x509.Certificate, error) {
	var certs []*x509.Certificate
	for data := range keyInfo.Elements() {
		if !data.Is(spaceDSig, "X509Data") {
			continue
		}
		for n := range data.Elements() {
			if !n.Is(spaceDSig, "X509Certificate") {
				continue
			}
			if len(certs) == MaxCertificates {
				return nil, ErrTooMany
			}
			der, err := binary(n)
			if err != nil {
				return nil, err
			}
			if len(der) > maxCertificate {
				return nil, fmt.Errorf("%w: it has %d bytes", ErrCertificate, len(der))
			}
			cert, err := x509.ParseCertificate(der)
			if err != nil {
				return nil, fmt.Errorf("%w: %v", ErrCertificate, err)
			}
			certs = append(certs, cert)
		}
	}
	return certs, nil
}

// algorithm returns the attribute Algorithm, empty where it is missing.
func algorithm(n *tree.Node) string {
	uri, _ := n.Attribute("", "Algorithm")
	return uri
}

// binary reads an element that holds base64 and nothing else: with an element or a comment inside, readers differ in
// which part of the text they take.
func binary(n *tree.Node) ([]byte, error) {
	var text strings.Builder
	for _, child := range n.Children {
		if child.Kind != tree.Text {
			return nil, malformed(child, "markup inside base64")
		}
		text.Write(child.Value)
	}
	data, err := base64.StdEncoding.Strict().DecodeString(strings.Join(fields(text.String()), ""))
	if err != nil || len(data) == 0 {
		return nil, malformed(n, "no base64")
	}
	return data, nil
}

// fields splits at what XML takes for white space.
func fields(s string) []string { return strings.FieldsFunc(s, isSpace) }

func isSpace(c rune) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// blank reports whether a text is nothing but white space.
func blank(n *tree.Node) bool {
	return bytes.IndexFunc(n.Value, func(c rune) bool { return !isSpace(c) }) < 0
}

func malformed(n *tree.Node, detail string) error {
	return fmt.Errorf("%w: %s (at byte %d)", ErrMalformed, detail, n.Start)
}

// A cursor takes the child elements of an element one after the other.
type cursor struct {
	parent *tree.Node
	rest   []*tree.Node
}

// open begins with the first child. Between elements only white space, comments and instructions may stand.
func open(n *tree.Node) (*cursor, error) {
	c := &cursor{parent: n}
	for _, child := range n.Children {
		switch {
		case child.Kind == tree.Element:
			c.rest = append(c.rest, child)
		case child.Kind == tree.Text && !blank(child):
			return nil, malformed(child, "text between elements")
		}
	}
	return c, nil
}

// element takes the next element if it has that name, and otherwise returns nil.
func (c *cursor) element(space, local string) *tree.Node {
	if len(c.rest) == 0 || !c.rest[0].Is(space, local) {
		return nil
	}
	n := c.rest[0]
	c.rest = c.rest[1:]
	return n
}

func (c *cursor) maybe(local string) *tree.Node { return c.element(spaceDSig, local) }

func (c *cursor) take(local string) (*tree.Node, error) {
	if n := c.maybe(local); n != nil {
		return n, nil
	}
	return nil, malformed(c.parent, "no "+local+" where it should be")
}

func (c *cursor) end() error {
	if len(c.rest) > 0 {
		return malformed(c.rest[0], "an element out of place")
	}
	return nil
}
