package xmldsig

import (
	"fmt"

	"github.com/natsuin/natsuin/internal/signature/xml/c14n"
	"github.com/natsuin/natsuin/internal/signature/xml/tree"
)

// A Profile says what is signed, where the signature stands and how it is written.
type Profile struct {
	Name string

	prefix    string         // of the signature's elements
	canonical c14n.Algorithm // of what is signed and of SignedInfo
	root      string         // the local name that the root element must have; empty for any
	space     string         // what the root element's namespace must begin with
	target    string         // the local name of the root's child that is signed; empty with an idName for any
	idName    string         // the attribute by which the target is referred to; empty where the document is signed
	id        string         // the value that it must have; empty for any
	wrapper   string         // the root's child in which the signature stands; empty with an idName for behind the target
	dated     bool           // the signature's Id is the time's digits
	files     bool           // files may be signed along
	xades     bool           // properties of XAdES may be added
	alone     bool           // the signature is a document of its own
}

// The profiles.
var (
	// ETax is that of e-Tax's XTX: in DATA, the procedure element is signed by its id, written in lower case, and the
	// signature follows it. It is taken from public test data of 2013, with SHA-2 in the place of SHA-1. DATA is in the
	// namespace of the kind of tax: XSD/kyotsu in that data, and XSD/shotoku, XSD/shohi and others in returns. In any
	// other namespace it is none of e-Tax's documents, and neither signed nor passed.
	ETax = Profile{Name: "etax", prefix: "dsig", canonical: c14n.Inclusive10, root: "DATA",
		space: "http://xml.e-tax.nta.go.jp/XSD/", idName: "id"}
	// EGov is that of e-Gov's kousei.xml: 構成情報 is signed by its ID, and files by their names; the signature stands
	// in 署名情報. It is taken from public libraries for e-Gov, which leave the namespace to the form.
	EGov = Profile{Name: "egov", prefix: "ds", canonical: c14n.Inclusive10, root: "DataRoot", target: "構成情報",
		idName: "ID", id: "構成情報", wrapper: "署名情報", dated: true, files: true}
	// Enveloped signs the whole document, or chosen elements of it, and files, if any; the signature is the last thing
	// in the root element.
	Enveloped = Profile{Name: "enveloped", prefix: "ds", canonical: c14n.Inclusive10, files: true, xades: true}
	// Detached signs files alone; the signature is a document of its own.
	Detached = Profile{Name: "detached", prefix: "ds", canonical: c14n.Inclusive10, files: true, xades: true, alone: true}
)

// Profiles returns all profiles.
func Profiles() []Profile { return []Profile{ETax, EGov, Enveloped, Detached} }

// An edit puts a signature between two strings in the place of Source[from:to].
type edit struct {
	from, to      int
	before, after string
}

// apply returns the source with the signature in its place.
func (e edit) apply(source, signature []byte) []byte {
	out := make([]byte, 0, len(source)+len(signature)+len(e.before)+len(e.after))
	out = append(append(out, source[:e.from]...), e.before...)
	out = append(append(out, signature...), e.after...)
	return append(out, source[e.to:]...)
}

// at is where the signature begins in the result.
func (e edit) at() int { return e.from + len(e.before) }

// within returns the edit that puts something last into an element. An empty-element tag is opened for it.
func within(n *tree.Node) edit {
	if n.SelfClosed() {
		return edit{from: n.End - len("/>"), to: n.End, before: ">", after: "</" + n.QName() + ">"}
	}
	return edit{from: n.ContentEnd, to: n.ContentEnd}
}

// behind returns the edit that puts something right after an element.
func behind(n *tree.Node) edit { return edit{from: n.End, to: n.End} }

// find returns the element that a profile with an idName signs.
func (p Profile) find(root *tree.Node) (*tree.Node, error) {
	var found *tree.Node
	for n := range root.Elements() {
		id, named := n.Attribute("", p.idName)
		if n.Is(spaceDSig, "Signature") || p.target != "" && n.Local != p.target || !named || p.id != "" && id != p.id {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("%w: several elements could be the one to sign", ErrPlace)
		}
		found = n
	}
	if found == nil {
		return nil, fmt.Errorf("%w: %s has no element to sign, with the attribute %s", ErrPlace, root.QName(), p.idName)
	}
	return found, nil
}

// place returns where the signature goes; target is the element that is signed, nil where it is the document.
func (p Profile) place(root, target *tree.Node) (edit, error) {
	switch {
	case p.idName == "":
		return within(root), nil
	case p.wrapper == "":
		return behind(target), nil
	}
	var wrapper *tree.Node
	for n := range root.Elements() {
		if n.Local != p.wrapper {
			continue
		}
		if wrapper != nil {
			return edit{}, fmt.Errorf("%w: there is more than one %s", ErrPlace, p.wrapper)
		}
		wrapper = n
	}
	if wrapper != nil {
		return within(wrapper), nil
	}
	name := p.wrapper
	if target.Prefix != "" {
		name = target.Prefix + ":" + name
	}
	e := behind(target)
	e.before, e.after = "<"+name+">", "</"+name+">"
	return e, nil
}
