package tree

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// Parse reads a document of at most limit bytes.
func Parse(source []byte, limit int) (*Document, error) {
	p := &parser{
		source: source,
		doc:    &Document{Source: source},
		scope:  map[string][]string{"": {""}, "xml": {SpaceXML}},
		names:  map[string]string{},
		seen:   map[Namespace]bool{},
	}
	if err := p.document(limit); err != nil {
		return nil, err
	}
	return p.doc, nil
}

// A parser stands at pos. Every character of the source has been seen to be one that XML allows.
type parser struct {
	source []byte
	pos    int
	doc    *Document
	open   *Node // the innermost element that has not ended
	depth  int
	nodes  int
	scope  map[string][]string // URIs by prefix, the one that holds last
	names  map[string]string   // every name once
	seen   map[Namespace]bool  // the attributes of one element, by local name and namespace
}

func (p *parser) fail(reason error, detail string) error {
	return &Error{Offset: p.pos, Reason: reason, Detail: detail}
}

func (p *parser) document(limit int) error {
	if len(p.source) > limit {
		return p.fail(ErrTooLarge, "")
	}
	if err := p.characters(); err != nil {
		return err
	}
	p.skip("\uFEFF") // XML 1.0 §4.3.3
	if err := p.declaration(); err != nil {
		return err
	}
	for p.pos < len(p.source) {
		if err := p.next(); err != nil {
			return err
		}
	}
	if p.open != nil {
		return p.fail(ErrSyntax, "an element has no end")
	}
	if p.doc.Root == nil {
		return p.fail(ErrSyntax, "no element")
	}
	return nil
}

// characters holds every character against the production Char (XML 1.0 §2.2).
func (p *parser) characters() error {
	for p.pos < len(p.source) {
		c, size := utf8.DecodeRune(p.source[p.pos:])
		if c == utf8.RuneError && size == 1 {
			return p.fail(ErrEncoding, "")
		}
		if !isChar(c) {
			if bytes.HasPrefix(p.source, []byte("<\x00")) || bytes.HasPrefix(p.source, []byte("\x00<")) {
				return p.fail(ErrEncoding, "")
			}
			return p.fail(ErrSyntax, "a character that XML does not allow")
		}
		p.pos += size
	}
	p.pos = 0
	return nil
}

// next reads one piece of markup, or the text before it.
func (p *parser) next() error {
	switch rest := p.source[p.pos:]; {
	case rest[0] != '<':
		return p.text()
	case bytes.HasPrefix(rest, []byte("<!--")):
		return p.comment()
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		return p.cdata()
	case bytes.HasPrefix(rest, []byte("<!DOCTYPE")):
		return p.fail(ErrDoctype, "")
	case bytes.HasPrefix(rest, []byte("<?")):
		return p.instruction()
	case bytes.HasPrefix(rest, []byte("</")):
		return p.endTag()
	default:
		return p.startTag()
	}
}

// count takes n more nodes into account.
func (p *parser) count(n int) error {
	if p.nodes += n; p.nodes > MaxNodes {
		return p.fail(ErrTooLarge, "too many nodes")
	}
	return nil
}

// add puts a complete node into the tree, or an element as soon as its start tag has been read.
func (p *parser) add(n *Node) error {
	if err := p.count(1); err != nil {
		return err
	}
	n.Parent = p.open
	if p.open == nil {
		p.doc.Nodes = append(p.doc.Nodes, n)
	} else {
		p.open.Children = append(p.open.Children, n)
	}
	return nil
}

// text reads character data up to the next markup. Outside the root element only white space may stand.
func (p *parser) text() error {
	start := p.pos
	end := bytes.IndexByte(p.source[start:], '<')
	if end < 0 {
		end = len(p.source)
	} else {
		end += start
	}
	raw := p.source[start:end]
	if p.open == nil {
		if i := bytes.IndexFunc(raw, func(c rune) bool { return !isSpace(c) }); i >= 0 {
			p.pos += i
			return p.fail(ErrSyntax, "text outside the root element")
		}
		p.pos = end
		return nil
	}
	if i := bytes.Index(raw, []byte("]]>")); i >= 0 {
		p.pos += i
		return p.fail(ErrSyntax, "]]> in text")
	}
	value, err := p.resolve(end, false)
	if err != nil {
		return err
	}
	return p.add(&Node{Kind: Text, Start: start, End: end, Value: value})
}

func (p *parser) cdata() error {
	if p.open == nil {
		return p.fail(ErrSyntax, "text outside the root element")
	}
	start := p.pos
	raw, err := p.between("<![CDATA[", "]]>")
	if err != nil {
		return err
	}
	return p.add(&Node{Kind: Text, Start: start, End: p.pos, Value: lineEnds(raw)})
}

func (p *parser) comment() error {
	start := p.pos
	raw, err := p.between("<!--", "--")
	if err != nil {
		return err
	}
	if !p.skip(">") {
		return p.fail(ErrSyntax, "-- in a comment")
	}
	return p.add(&Node{Kind: Comment, Start: start, End: p.pos, Value: lineEnds(raw)})
}

func (p *parser) instruction() error {
	start := p.pos
	p.pos += len("<?")
	target, err := p.name()
	if err != nil {
		return err
	}
	if strings.EqualFold(target, "xml") {
		return p.fail(ErrSyntax, "an XML declaration that is not at the beginning")
	}
	if strings.Contains(target, ":") {
		return p.fail(ErrNamespace, "a colon in the target of a processing instruction")
	}
	separated := p.space()
	raw, err := p.between("", "?>")
	if err != nil {
		return err
	}
	if len(raw) > 0 && !separated {
		return p.fail(ErrSyntax, "no space after the target of a processing instruction")
	}
	return p.add(&Node{Kind: Instruction, Start: start, End: p.pos, Local: target, Value: lineEnds(raw)})
}

// declaration reads the XML declaration where there is one (XML 1.0 §2.8).
func (p *parser) declaration() error {
	rest := p.source[p.pos:]
	if !bytes.HasPrefix(rest, []byte("<?xml")) || len(rest) < 6 || !isSpace(rune(rest[5])) {
		return nil
	}
	p.pos += len("<?xml")
	version, found, err := p.pseudoAttribute("version")
	if err != nil {
		return err
	}
	if !found || version != "1.0" {
		return p.fail(ErrVersion, "")
	}
	encoding, found, err := p.pseudoAttribute("encoding")
	if err != nil {
		return err
	}
	if found && !strings.EqualFold(encoding, "UTF-8") {
		return p.fail(ErrEncoding, "it declares another encoding")
	}
	standalone, found, err := p.pseudoAttribute("standalone")
	if err != nil {
		return err
	}
	if found && standalone != "yes" && standalone != "no" {
		return p.fail(ErrSyntax, "standalone is neither yes nor no")
	}
	p.space()
	if !p.skip("?>") {
		return p.fail(ErrSyntax, "an XML declaration that does not end")
	}
	p.doc.DeclarationEnd = p.pos
	return nil
}

// pseudoAttribute reads one part of the XML declaration, if it comes next.
func (p *parser) pseudoAttribute(name string) (value string, found bool, err error) {
	before := p.pos
	if !p.space() || !p.skip(name) {
		p.pos = before
		return "", false, nil
	}
	raw, err := p.quoted()
	return string(raw), true, err
}

// startTag reads a start tag or an empty-element tag.
func (p *parser) startTag() error {
	if p.open == nil && p.doc.Root != nil {
		return p.fail(ErrSyntax, "a second root element")
	}
	n := &Node{Kind: Element, Start: p.pos}
	p.pos++
	name, err := p.name()
	if err != nil {
		return err
	}
	for {
		separated := p.space()
		if p.skip("/>") {
			n.ContentStart, n.ContentEnd, n.End = p.pos, p.pos, p.pos
			break
		}
		if p.skip(">") {
			n.ContentStart = p.pos
			break
		}
		if !separated {
			return p.fail(ErrSyntax, "a start tag that does not end")
		}
		if err := p.attribute(n); err != nil {
			return err
		}
	}
	if err := p.bind(n, name); err != nil {
		return err
	}
	if p.open == nil {
		p.doc.Root = n
	}
	if err := p.add(n); err != nil {
		return err
	}
	if p.depth++; p.depth > MaxDepth {
		return p.fail(ErrDepth, "")
	}
	p.open = n
	if n.End != 0 {
		p.close()
	}
	return nil
}

// attribute reads one attribute or namespace declaration, which bind tells apart. Until then Local is its whole name.
func (p *parser) attribute(n *Node) error {
	if err := p.count(1); err != nil {
		return err
	}
	name, err := p.name()
	if err != nil {
		return err
	}
	raw, err := p.quoted()
	if err != nil {
		return err
	}
	if bytes.IndexByte(raw, '<') >= 0 {
		return p.fail(ErrSyntax, "< in the value of an attribute")
	}
	after := p.pos
	p.pos -= len(raw) + 1
	value, err := p.resolve(after-1, true)
	if err != nil {
		return err
	}
	p.pos = after
	n.Attributes = append(n.Attributes, Attribute{Local: name, Value: string(value)})
	return nil
}

func (p *parser) endTag() error {
	if p.open == nil {
		return p.fail(ErrSyntax, "an end tag without a start tag")
	}
	start := p.pos
	p.pos += len("</")
	name, err := p.name()
	if err != nil {
		return err
	}
	if name != p.open.QName() {
		return p.fail(ErrSyntax, "an end tag of another name")
	}
	p.space()
	if !p.skip(">") {
		return p.fail(ErrSyntax, "an end tag that does not end")
	}
	p.open.ContentEnd, p.open.End = start, p.pos
	p.close()
	return nil
}

// close ends the innermost element, and what its declarations bound.
func (p *parser) close() {
	for _, d := range p.open.Namespaces {
		p.scope[d.Prefix] = p.scope[d.Prefix][:len(p.scope[d.Prefix])-1]
	}
	p.open.Attributes = slices.Clip(p.open.Attributes)
	p.open = p.open.Parent
	p.depth--
}
