package c14n

import (
	"bufio"
	"cmp"
	"slices"

	"github.com/natsuin/natsuin/internal/signature/xml/tree"
)

// A writer writes one canonical form. Errors of out stay in it until it is flushed.
type writer struct {
	out       *bufio.Writer
	exclusive bool
	comments  bool
	without   *tree.Node
	listed    map[string]bool     // prefixes that an exclusive form treats as an inclusive one does
	rendered  map[string][]string // URIs by prefix, as written on the ancestors, the nearest last
}

// declared returns the namespaces that have to be written on an element: of candidates, which hold for it, those
// that the form treats inclusively, and those that the element uses, less what is written already. Candidates are
// what an apex has in scope, and what any other element declares: nothing else can differ from what its parent wrote.
func (w *writer) declared(n *tree.Node, candidates []tree.Namespace) []tree.Namespace {
	var declared []tree.Namespace
	add := func(d tree.Namespace) {
		if d.Prefix != "xml" && w.holds(d.Prefix) != d.URI {
			declared = append(declared, d)
		}
	}
	for _, d := range candidates {
		if !w.exclusive || w.listed[d.Prefix] {
			add(d)
		}
	}
	if w.exclusive {
		add(tree.Namespace{Prefix: n.Prefix, URI: n.Space})
		for _, a := range n.Attributes {
			if a.Prefix != "" {
				add(tree.Namespace{Prefix: a.Prefix, URI: a.Space})
			}
		}
	}
	slices.SortFunc(declared, func(a, b tree.Namespace) int { return cmp.Compare(a.Prefix, b.Prefix) })
	return slices.Compact(declared)
}

// holds returns what a prefix means in the output so far, empty for nothing.
func (w *writer) holds(prefix string) string {
	uris := w.rendered[prefix]
	if len(uris) == 0 {
		return ""
	}
	return uris[len(uris)-1]
}

// element writes an element with all in it (Canonical XML 1.0 §2.3).
func (w *writer) element(n *tree.Node, declared []tree.Namespace, attributes []tree.Attribute) error {
	if hasRelative(n) {
		return ErrRelativeNamespace
	}
	name := n.QName()
	w.out.WriteByte('<')
	w.out.WriteString(name)
	for _, d := range declared {
		w.rendered[d.Prefix] = append(w.rendered[d.Prefix], d.URI)
		w.out.WriteString(" xmlns")
		if d.Prefix != "" {
			w.out.WriteByte(':')
			w.out.WriteString(d.Prefix)
		}
		w.value(d.URI)
	}
	w.attributes(attributes)
	w.out.WriteByte('>')
	for _, child := range n.Children {
		if err := w.child(child); err != nil {
			return err
		}
	}
	w.out.WriteString("</")
	w.out.WriteString(name)
	w.out.WriteByte('>')
	for _, d := range declared {
		w.rendered[d.Prefix] = w.rendered[d.Prefix][:len(w.rendered[d.Prefix])-1]
	}
	return nil
}

func (w *writer) child(n *tree.Node) error {
	switch {
	case n == w.without, n.Kind == tree.Comment && !w.comments:
		return nil
	case n.Kind == tree.Element:
		return w.element(n, w.declared(n, n.Namespaces), n.Attributes)
	default:
		w.leaf(n)
		return nil
	}
}

// attributes writes them by namespace, those without first, then by local name.
func (w *writer) attributes(attributes []tree.Attribute) {
	sorted := slices.SortedFunc(slices.Values(attributes), func(a, b tree.Attribute) int {
		return cmp.Or(cmp.Compare(a.Space, b.Space), cmp.Compare(a.Local, b.Local))
	})
	for _, a := range sorted {
		w.out.WriteByte(' ')
		if a.Prefix != "" {
			w.out.WriteString(a.Prefix)
			w.out.WriteByte(':')
		}
		w.out.WriteString(a.Local)
		w.value(a.Value)
	}
}

// leaf writes a text, a comment or a processing instruction.
func (w *writer) leaf(n *tree.Node) {
	switch n.Kind {
	case tree.Text:
		for _, c := range n.Value {
			switch c {
			case '>':
				w.out.WriteString("&gt;")
			case '"', '\t', '\n':
				w.out.WriteByte(c)
			default:
				w.escaped(c)
			}
		}
	case tree.Comment:
		w.out.WriteString("<!--")
		w.out.Write(n.Value)
		w.out.WriteString("-->")
	case tree.Instruction:
		w.out.WriteString("<?")
		w.out.WriteString(n.Local)
		if len(n.Value) > 0 {
			w.out.WriteByte(' ')
			w.out.Write(n.Value)
		}
		w.out.WriteString("?>")
	}
}

// value writes an equals sign and the value of an attribute.
func (w *writer) value(value string) {
	w.out.WriteString(`="`)
	for _, c := range []byte(value) {
		w.escaped(c)
	}
	w.out.WriteByte('"')
}

// escaped writes a byte as the value of an attribute holds it (Canonical XML 1.0 §2.3).
func (w *writer) escaped(c byte) {
	switch c {
	case '&':
		w.out.WriteString("&amp;")
	case '<':
		w.out.WriteString("&lt;")
	case '"':
		w.out.WriteString("&quot;")
	case '\t':
		w.out.WriteString("&#x9;")
	case '\n':
		w.out.WriteString("&#xA;")
	case '\r':
		w.out.WriteString("&#xD;")
	default:
		w.out.WriteByte(c)
	}
}
