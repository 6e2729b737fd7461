// Package tree reads an XML 1.0 document (fifth edition, with Namespaces in XML 1.0) into a tree that knows where in
// the source every part of it stands. It is as strict as a signature needs: what is not well-formed, not
// namespace-well-formed or not in UTF-8 is refused, and so is a document type declaration, without which no entity
// and no default attribute can change what the bytes mean. docs/decisions/0005-xml.md tells why encoding/xml is not
// used.
package tree

import (
	"errors"
	"fmt"
	"iter"
)

// Limits of every document; its size is bounded by the caller.
const (
	// MaxDepth is how deep elements may nest.
	MaxDepth = 1000
	// MaxNodes bounds elements, attributes, declarations, texts, comments and processing instructions together.
	MaxNodes = 1 << 20
)

// Namespaces that are bound without a declaration (Namespaces in XML 1.0 §3).
const (
	SpaceXML   = "http://www.w3.org/XML/1998/namespace"
	SpaceXMLNS = "http://www.w3.org/2000/xmlns/"
)

// Why a document is refused. Each error of Parse is an *Error that wraps one of these.
var (
	ErrTooLarge  = errors.New("the document is too large")
	ErrEncoding  = errors.New("the document is not in UTF-8")
	ErrVersion   = errors.New("the document is not XML 1.0")
	ErrDoctype   = errors.New("the document has a document type declaration")
	ErrDepth     = errors.New("elements nest too deep")
	ErrSyntax    = errors.New("the document is not well-formed XML")
	ErrNamespace = errors.New("the document is not namespace-well-formed XML")
)

// An Error is a refusal and its place.
type Error struct {
	// Offset is the byte of the source where the fault was noticed.
	Offset int
	// Reason is one of the errors above.
	Reason error
	// Detail says more, in a few words; it may be empty.
	Detail string
}

func (e *Error) Error() string {
	if e.Detail == "" {
		return fmt.Sprintf("%v (at byte %d)", e.Reason, e.Offset)
	}
	return fmt.Sprintf("%v: %s (at byte %d)", e.Reason, e.Detail, e.Offset)
}

func (e *Error) Unwrap() error { return e.Reason }

// A Document is what was read, and from what.
type Document struct {
	Source []byte
	// DeclarationEnd is where the XML declaration ends, 0 without one; it begins at the first byte, or after the
	// byte order mark.
	DeclarationEnd int
	// Nodes are the comments and processing instructions outside the root element, and that element, in order.
	Nodes []*Node
	Root  *Node
}

// Kind is what a Node is.
type Kind uint8

// The kinds of nodes. Character data and CDATA sections are both Text.
const (
	Element Kind = iota + 1
	Text
	Comment
	Instruction
)

// A Node is a part of the tree. Strings and values may share the source's memory: neither may be changed.
type Node struct {
	Kind   Kind
	Parent *Node // nil outside the root element, and for it
	// The node is Source[Start:End]. An element's content is Source[ContentStart:ContentEnd]; for an empty-element
	// tag (<a/>) both are End.
	Start, End               int
	ContentStart, ContentEnd int

	// An element's name. Space is its namespace, empty for none; Local of an instruction is its target.
	Prefix, Local, Space string
	Attributes           []Attribute
	Namespaces           []Namespace // declared by this very element
	Children             []*Node

	// Value is a text with references resolved, a comment's content or an instruction's data. Line ends are LF,
	// as XML 1.0 §2.11 wants.
	Value []byte
}

// An Attribute is one that declares no namespace. Value is normalised as XML 1.0 §3.3.3 wants for CDATA.
type Attribute struct {
	Prefix, Local, Space string
	Value                string
}

// A Namespace is a declaration: of the default namespace with an empty prefix, of none with an empty URI.
type Namespace struct {
	Prefix, URI string
}

// Is reports whether the node is an element of that name.
func (n *Node) Is(space, local string) bool {
	return n.Kind == Element && n.Local == local && n.Space == space
}

// SelfClosed reports whether the element is an empty-element tag, as <a/>.
func (n *Node) SelfClosed() bool { return n.ContentStart == n.End }

// QName returns an element's name as it is written.
func (n *Node) QName() string {
	if n.Prefix == "" {
		return n.Local
	}
	return n.Prefix + ":" + n.Local
}

// Attribute returns the value of an attribute; space is empty for one without a prefix.
func (n *Node) Attribute(space, local string) (value string, found bool) {
	for _, a := range n.Attributes {
		if a.Local == local && a.Space == space {
			return a.Value, true
		}
	}
	return "", false
}

// Contains reports whether other is this node or stands within it.
func (n *Node) Contains(other *Node) bool { return n.Start <= other.Start && other.End <= n.End }

// Elements yields the child elements in order.
func (n *Node) Elements() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		for _, child := range n.Children {
			if child.Kind == Element && !yield(child) {
				return
			}
		}
	}
}

// All yields the node and all within it in document order.
func (n *Node) All() iter.Seq[*Node] {
	return func(yield func(*Node) bool) { n.walk(yield) }
}

func (n *Node) walk(yield func(*Node) bool) bool {
	if !yield(n) {
		return false
	}
	for _, child := range n.Children {
		if !child.walk(yield) {
			return false
		}
	}
	return true
}

// InScope returns the namespaces that hold within an element, each prefix once, in no order. No default namespace
// is among them where there is none.
func (n *Node) InScope() []Namespace {
	var scope []Namespace
	seen := map[string]bool{}
	for e := n; e != nil; e = e.Parent {
		for _, d := range e.Namespaces {
			if !seen[d.Prefix] && d.URI != "" {
				scope = append(scope, d)
			}
			seen[d.Prefix] = true
		}
	}
	return scope
}
