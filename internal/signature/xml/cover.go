package xmldsig

import (
	"fmt"
	"slices"
	"strings"

	"github.com/natsuin/natsuin/internal/signature/xml/tree"
)

// MaxUnsigned bounds the parts that are listed as not signed.
const MaxUnsigned = 64

// paths remembers the positions of elements among those siblings that share their names, 0 for an only one, for every
// parent that was asked about.
type paths map[*tree.Node]int

// maxSteps bounds a path: of a longer one the beginning is left out.
const maxSteps = 32

// of returns the place of a node as an XPath of its document: names as they are written, with a position where
// siblings share one.
func (p paths) of(n *tree.Node) string {
	var steps []string
	for ; n != nil && len(steps) < maxSteps; n = n.Parent {
		steps = append(steps, "/"+p.step(n))
	}
	if n != nil {
		steps = append(steps, "…")
	}
	slices.Reverse(steps)
	return strings.Join(steps, "")
}

func (p paths) step(n *tree.Node) string {
	switch n.Kind {
	case tree.Comment:
		return "comment()"
	case tree.Text:
		return "text()"
	case tree.Instruction:
		return "processing-instruction()"
	}
	name := shortened(n.QName())
	if n.Parent == nil {
		return name
	}
	if _, known := p[n]; !known {
		p.number(n.Parent)
	}
	if p[n] == 0 {
		return name
	}
	return fmt.Sprintf("%s[%d]", name, p[n])
}

// number gives the children of an element their positions.
func (p paths) number(parent *tree.Node) {
	count := map[string]int{}
	for n := range parent.Elements() {
		count[n.QName()]++
	}
	position := map[string]int{}
	for n := range parent.Elements() {
		name := n.QName()
		position[name]++
		p[n] = position[name]
		if count[name] == 1 {
			p[n] = 0
		}
	}
}

// A cover tells signed parts of a document from the rest.
type cover struct {
	path     paths
	self     *tree.Node // the signature
	document bool       // a reference signs the whole
	elements map[*tree.Node]bool
	above    map[*tree.Node]bool // elements with signed ones in them, and those of the signature
	parts    []Part
	more     bool
}

// unsigned lists what references leave out, the signature's own parts aside but for its Objects.
func (v *verifier) unsigned(self *tree.Node, references []Reference) (parts []Part, more bool) {
	c := &cover{path: v.path, self: self, elements: map[*tree.Node]bool{}, above: map[*tree.Node]bool{}}
	for _, r := range references {
		switch {
		case r.Scope == ScopeDocument:
			c.document = true
		case r.selection.Apex != nil:
			c.elements[r.selection.Apex] = true
			for n := r.selection.Apex.Parent; n != nil; n = n.Parent {
				c.above[n] = true
			}
		}
	}
	for n := self.Parent; n != nil; n = n.Parent {
		c.above[n] = true
	}
	for _, n := range v.document.Nodes {
		c.visit(n, c.document)
	}
	return c.parts, c.more
}

// visit lists what of a node is not signed.
func (c *cover) visit(n *tree.Node, signed bool) {
	signed = signed || c.elements[n]
	switch {
	case c.more:
	case n == c.self:
		for child := range n.Elements() {
			if child.Is(spaceDSig, "Object") {
				c.object(child)
			}
		}
	case n.Kind == tree.Comment:
		c.list(n, PartComment, n.End) // no reference within a document signs comments
	case signed:
		c.children(n, true)
	case n.Kind == tree.Text:
		if !blank(n) {
			c.list(n, PartText, n.End)
		}
	case n.Kind == tree.Instruction:
		c.list(n, PartInstruction, n.End)
	case c.above[n]:
		c.list(n, PartTag, n.ContentStart)
		c.children(n, false)
	default:
		c.list(n, PartElement, n.End)
	}
}

// object lists an Object of the signature itself, the wrapping around signed properties aside.
func (c *cover) object(n *tree.Node) {
	switch {
	case c.elements[n]:
		c.children(n, true)
	case c.above[n]:
		for child := range n.Elements() {
			c.object(child)
		}
	default:
		c.list(n, PartElement, n.End)
	}
}

func (c *cover) children(n *tree.Node, signed bool) {
	for _, child := range n.Children {
		c.visit(child, signed)
	}
}

func (c *cover) list(n *tree.Node, kind PartKind, end int) {
	if len(c.parts) == MaxUnsigned {
		c.more = true
		return
	}
	c.parts = append(c.parts, Part{Start: n.Start, End: end, Path: c.path.of(n), Kind: kind})
}
