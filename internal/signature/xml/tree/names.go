package tree

import "strings"

// bind gives an element and its attributes their namespaces, after its declarations have been set apart, and holds
// them against Namespaces in XML 1.0 §3, §5 and §6.
func (p *parser) bind(n *Node, name string) error {
	attributes := n.Attributes[:0]
	clear(p.seen)
	for _, a := range n.Attributes {
		prefix, declared := strings.CutPrefix(a.Local, "xmlns:")
		if !declared && a.Local != "xmlns" {
			attributes = append(attributes, a)
			continue
		}
		if !declared {
			prefix = ""
		}
		if err := p.declare(n, Namespace{prefix, a.Value}, declared); err != nil {
			return err
		}
	}
	n.Attributes = attributes

	var err error
	if n.Prefix, n.Local, n.Space, err = p.expand(name, true); err != nil {
		return err
	}
	for i := range n.Attributes {
		a := &n.Attributes[i]
		if a.Prefix, a.Local, a.Space, err = p.expand(a.Local, false); err != nil {
			return err
		}
		if err := p.once(a.Local, a.Space); err != nil {
			return err
		}
	}
	return nil
}

// declare puts one declaration into effect.
func (p *parser) declare(n *Node, d Namespace, prefixed bool) error {
	switch {
	case strings.Contains(d.Prefix, ":"), prefixed && !isNameStart(first(d.Prefix)):
		return p.fail(ErrNamespace, "a declaration of what is no prefix")
	case prefixed && d.URI == "":
		return p.fail(ErrNamespace, "a prefix bound to nothing")
	case d.Prefix == "xmlns", d.URI == SpaceXMLNS, (d.Prefix == "xml") != (d.URI == SpaceXML):
		return p.fail(ErrNamespace, "a reserved prefix or namespace declared")
	}
	if err := p.once(d.Prefix, SpaceXMLNS); err != nil {
		return err
	}
	n.Namespaces = append(n.Namespaces, d)
	p.scope[d.Prefix] = append(p.scope[d.Prefix], d.URI)
	return nil
}

// expand takes a name apart. The default namespace is that of elements alone.
func (p *parser) expand(name string, element bool) (prefix, local, space string, err error) {
	prefix, local, prefixed := strings.Cut(name, ":")
	if !prefixed {
		if element {
			bound := p.scope[""]
			space = bound[len(bound)-1]
		}
		return "", name, space, nil
	}
	if prefix == "" || strings.Contains(local, ":") || !isNameStart(first(local)) {
		return "", "", "", p.fail(ErrNamespace, "a name with a colon out of place")
	}
	bound := p.scope[prefix]
	if len(bound) == 0 {
		return "", "", "", p.fail(ErrNamespace, "a prefix that is not declared")
	}
	return prefix, local, bound[len(bound)-1], nil
}

// once refuses the second attribute, or declaration, of one name.
func (p *parser) once(local, space string) error {
	key := Namespace{local, space}
	if p.seen[key] {
		return p.fail(ErrSyntax, "an attribute given twice")
	}
	p.seen[key] = true
	return nil
}
