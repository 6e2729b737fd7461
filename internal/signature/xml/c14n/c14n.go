// Package c14n writes XML in canonical form: Canonical XML 1.0 and 1.1 and Exclusive XML Canonicalization 1.0, with
// and without comments, of whole documents and of single elements with all in them, less one element (a signature).
package c14n

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/natsuin/natsuin/internal/signature/xml/tree"
)

// An Algorithm is the URI by which signatures name a canonical form (XML Signature 1.1 §6.5).
type Algorithm string

// The algorithms. Each is there with comments too.
const (
	Inclusive10         Algorithm = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
	Inclusive10Comments Algorithm = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"
	Inclusive11         Algorithm = "http://www.w3.org/2006/12/xml-c14n11"
	Inclusive11Comments Algorithm = "http://www.w3.org/2006/12/xml-c14n11#WithComments"
	Exclusive           Algorithm = "http://www.w3.org/2001/10/xml-exc-c14n#"
	ExclusiveComments   Algorithm = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"
)

// Known reports whether the algorithm is one of the above.
func (a Algorithm) Known() bool {
	switch a {
	case Inclusive10, Inclusive10Comments, Inclusive11, Inclusive11Comments, Exclusive, ExclusiveComments:
		return true
	}
	return false
}

// Exclusive reports whether the form writes only namespaces that are visibly used.
func (a Algorithm) Exclusive() bool { return a == Exclusive || a == ExclusiveComments }

func (a Algorithm) comments() bool {
	return strings.HasSuffix(string(a), "#WithComments") || a == ExclusiveComments
}

// Why there is no canonical form.
var (
	ErrAlgorithm = errors.New("not a canonicalization algorithm that is known")
	// ErrRelativeNamespace: Canonical XML 1.0 §1.3 wants this failure.
	ErrRelativeNamespace = errors.New("a namespace is a relative URI")
	// ErrBase: Canonical XML 1.1 §2.4 would join the xml:base of an element with those of its ancestors, which is not
	// done here (docs/decisions/0005-xml.md).
	ErrBase = errors.New("xml:base stands above an element that is canonicalized alone")
)

// A Form is an algorithm with its parameter.
type Form struct {
	Algorithm Algorithm
	// Prefixes is the PrefixList of InclusiveNamespaces, for exclusive forms alone; "#default" is the default
	// namespace (Exclusive XML Canonicalization 1.0 §3).
	Prefixes []string
}

// A Selection is what is to be written.
type Selection struct {
	Document *tree.Document
	// Apex is the element that is written with all in it; nil for the whole document.
	Apex *tree.Node
	// Without is an element left out with all in it, or nil.
	Without *tree.Node
	// NoComments leaves comments out whatever the form says, as references within a document do (XML Signature
	// 1.1 §4.4.3.3).
	NoComments bool
}

// Write writes the canonical form. Its errors are those above and the writer's.
func (f Form) Write(to io.Writer, s Selection) error {
	if !f.Algorithm.Known() {
		return ErrAlgorithm
	}
	w := &writer{
		out:       bufio.NewWriter(to),
		exclusive: f.Algorithm.Exclusive(),
		comments:  f.Algorithm.comments() && !s.NoComments,
		without:   s.Without,
		listed:    map[string]bool{},
		rendered:  map[string][]string{"": {""}},
	}
	if w.exclusive {
		for _, prefix := range f.Prefixes {
			if prefix == "#default" {
				prefix = ""
			}
			w.listed[prefix] = true
		}
	}
	var err error
	if s.Apex == nil {
		err = w.document(s.Document)
	} else {
		err = w.apex(s.Apex, f.Algorithm)
	}
	if err != nil {
		return err
	}
	return w.out.Flush()
}

// document writes the root element and what stands around it, each on a line of its own (Canonical XML 1.0 §2.3).
func (w *writer) document(d *tree.Document) error {
	before := true
	for _, n := range d.Nodes {
		if n == w.without || n.Kind == tree.Comment && !w.comments {
			continue
		}
		if n == d.Root {
			before = false
			if err := w.element(n, w.declared(n, n.InScope()), n.Attributes); err != nil {
				return err
			}
			continue
		}
		if !before {
			w.out.WriteByte('\n')
		}
		w.leaf(n)
		if before {
			w.out.WriteByte('\n')
		}
	}
	return nil
}

// apex writes one element of which no ancestor is written, with what it inherits from them.
func (w *writer) apex(n *tree.Node, a Algorithm) error {
	attributes := slices.Clip(n.Attributes)
	taken := map[attributeName]bool{}
	for _, attribute := range attributes {
		taken[nameOf(attribute)] = true
	}
	for e := n.Parent; e != nil; e = e.Parent {
		if hasRelative(e) {
			return ErrRelativeNamespace
		}
		if w.exclusive {
			continue
		}
		for _, attribute := range e.Attributes {
			inherited, err := inherits(attribute, a)
			if err != nil {
				return err
			}
			if inherited && !taken[nameOf(attribute)] {
				taken[nameOf(attribute)] = true
				attributes = append(attributes, attribute)
			}
		}
	}
	return w.element(n, w.declared(n, n.InScope()), attributes)
}

// inherits says whether an attribute of an ancestor that is not written belongs to the apex: all of the namespace
// SpaceXML in Canonical XML 1.0 §2.4, xml:lang and xml:space in Canonical XML 1.1 §2.4.
func inherits(a tree.Attribute, algorithm Algorithm) (bool, error) {
	switch {
	case a.Space != tree.SpaceXML:
		return false, nil
	case algorithm == Inclusive10 || algorithm == Inclusive10Comments:
		return true, nil
	case a.Local == "base":
		return false, ErrBase
	default:
		return a.Local == "lang" || a.Local == "space", nil
	}
}

// An attributeName is an expanded name (Namespaces in XML 1.0 §2.1).
type attributeName struct{ space, local string }

func nameOf(a tree.Attribute) attributeName { return attributeName{a.Space, a.Local} }

// hasRelative looks for a declaration whose URI has no scheme (RFC 3986 §3.1).
func hasRelative(n *tree.Node) bool {
	for _, d := range n.Namespaces {
		if d.URI != "" && !hasScheme(d.URI) {
			return true
		}
	}
	return false
}

func hasScheme(uri string) bool {
	scheme, _, found := strings.Cut(uri, ":")
	if !found || scheme == "" {
		return false
	}
	for i, c := range []byte(scheme) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.')) {
			return false
		}
	}
	return true
}
