package xmldsig

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/natsuin/natsuin/internal/signature/xml/c14n"
	"github.com/natsuin/natsuin/internal/signature/xml/tree"
)

// A plan is a request that has been found to be one that can be signed.
type plan struct {
	request    Request
	cert       *x509.Certificate
	document   *tree.Document // nil for a signature that is a document of its own
	suite      suite
	canonical  c14n.Algorithm
	edit       edit
	id         string // of the Signature; empty for none
	references []plannedReference
	zero       []byte // as long as the signature's value
}

// A plannedReference is one Reference to be written.
type plannedReference struct {
	id, uri, kind string
	transforms    []string
	mediaType     string
}

// newPlan decides everything that does not need a digest.
func newPlan(cert *x509.Certificate, request Request) (*plan, error) {
	p := &plan{request: request, cert: cert, zero: make([]byte, cert.PublicKey.(*rsa.PublicKey).Size())}
	if err := p.options(); err != nil {
		return nil, err
	}
	known := ids{}
	if request.Profile.alone {
		p.edit = edit{before: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", after: "\n"}
	} else {
		var err error
		if p.document, err = parse(request.Document); err != nil {
			return nil, err
		}
		known = idsOf(p.document)
		if err := p.choose(known); err != nil {
			return nil, err
		}
	}
	if err := p.files(); err != nil {
		return nil, err
	}
	if err := p.identify(known); err != nil {
		return nil, err
	}
	if len(p.references) > MaxReferences {
		return nil, fmt.Errorf("%w: too many references", ErrRequest)
	}
	return p, nil
}

// options holds the request's options against its profile.
func (p *plan) options() error {
	profile := p.request.Profile
	hash := p.request.Hash
	if hash == 0 {
		hash = crypto.SHA256
	}
	i := slices.IndexFunc(suites, func(s suite) bool { return s.hash == hash })
	if i < 0 || hash == crypto.SHA1 && !p.request.weak {
		return fmt.Errorf("%w: hash %v", ErrRequest, hash)
	}
	p.suite = suites[i]
	p.canonical = profile.canonical
	if p.request.Canonicalization != "" {
		p.canonical = p.request.Canonicalization
	}
	if !p.canonical.Known() {
		return fmt.Errorf("%w: canonicalization %q", ErrRequest, p.canonical)
	}
	switch {
	case profile.Name == "":
		return fmt.Errorf("%w: no profile", ErrRequest)
	case p.request.XAdES && !profile.xades:
		return fmt.Errorf("%w: the profile %s has no XAdES", ErrRequest, profile.Name)
	case len(p.request.Files) > 0 && !profile.files:
		return fmt.Errorf("%w: the profile %s signs no files", ErrRequest, profile.Name)
	case len(p.request.Elements) > 1 && profile.idName != "":
		return fmt.Errorf("%w: the profile %s signs one element", ErrRequest, profile.Name)
	case profile.alone && (len(p.request.Document) > 0 || len(p.request.Elements) > 0 || len(p.request.Files) == 0):
		return fmt.Errorf("%w: the profile %s signs files alone", ErrRequest, profile.Name)
	case (profile.dated || p.request.XAdES) && p.request.Time.IsZero():
		return fmt.Errorf("%w: the time is missing", ErrRequest)
	}
	return nil
}

// choose finds what of the document is signed, and the place of the signature.
func (p *plan) choose(known ids) error {
	profile, root := p.request.Profile, p.document.Root
	if profile.root != "" && root.Local != profile.root {
		return fmt.Errorf("%w: the root element is %s, not %s", ErrPlace, root.QName(), profile.root)
	}
	if !strings.HasPrefix(root.Space, profile.space) {
		return fmt.Errorf("%w: the namespace of %s is %q, not one of %s", ErrPlace, root.QName(), shortened(root.Space), profile.space)
	}
	if root.Is(spaceDSig, "Signature") {
		return fmt.Errorf("%w: the document is a signature", ErrPlace)
	}
	var targets []target
	for _, id := range p.request.Elements {
		n, err := known.one(id)
		if err != nil {
			return err
		}
		if value, _ := n.Attribute("", profile.idName); profile.idName != "" && (value != id || n.Parent != root) {
			return fmt.Errorf("%w: %q is not the %s of a child of %s", ErrPlace, shortened(id), profile.idName, root.QName())
		}
		targets = append(targets, target{n, id})
	}
	if len(targets) == 0 && profile.idName != "" {
		n, err := profile.find(root)
		if err != nil {
			return err
		}
		id, _ := n.Attribute("", profile.idName)
		if _, err := known.one(id); err != nil {
			return err
		}
		targets = append(targets, target{n, id})
	}
	return p.cover(targets)
}

// A target is an element that is signed, by one of its ids.
type target struct {
	element *tree.Node
	id      string
}

// cover writes down the references to the targets, or to the document where there are none.
func (p *plan) cover(targets []target) error {
	var beside *tree.Node
	if len(targets) > 0 {
		beside = targets[0].element
	}
	var err error
	if p.edit, err = p.request.Profile.place(p.document.Root, beside); err != nil {
		return err
	}
	if len(targets) == 0 {
		p.references = append(p.references, plannedReference{transforms: p.transforms(true), mediaType: "text/xml"})
	}
	for _, t := range targets {
		around := t.element.Start < p.edit.from && p.edit.from < t.element.End
		p.references = append(p.references, plannedReference{
			uri: "#" + escape(t.id), transforms: p.transforms(around), mediaType: "text/xml",
		})
	}
	return nil
}

// transforms lists those of a reference within the document.
func (p *plan) transforms(enveloped bool) []string {
	if enveloped {
		return []string{transformEnveloped, string(p.canonical)}
	}
	return []string{string(p.canonical)}
}

// files writes down the references to files.
func (p *plan) files() error {
	seen := map[string]bool{}
	for _, f := range p.request.Files {
		switch {
		case !plainName(f.Name) || seen[f.Name]:
			return fmt.Errorf("%w: the name of a file, %q", ErrRequest, f.Name)
		case len(f.Digest) != p.suite.hash.Size():
			return fmt.Errorf("%w: the digest of %q has %d bytes", ErrRequest, f.Name, len(f.Digest))
		}
		seen[f.Name] = true
		mediaType := f.MediaType
		if mediaType == "" {
			mediaType = "application/octet-stream"
		}
		p.references = append(p.references, plannedReference{uri: escape(f.Name), mediaType: mediaType})
	}
	return nil
}

// identify gives the signature its Id where it needs one, and its parts theirs.
func (p *plan) identify(known ids) error {
	if p.request.Profile.dated {
		p.id = p.request.Time.Format("20060102150405")
		if len(known[p.id]) > 0 {
			return fmt.Errorf("%w: the id %s is taken", ErrRequest, p.id)
		}
	}
	if !p.request.XAdES {
		return nil
	}
	p.id = freshID(known)
	for i := range p.references {
		p.references[i].id = fmt.Sprintf("%s-Reference%d", p.id, i+1)
	}
	p.references = append(p.references, plannedReference{
		uri: "#" + p.propertiesID(), kind: typeProperties, transforms: p.transforms(false),
	})
	return nil
}

// freshID returns "Signature" with the first number above those that ids of that form have.
func freshID(known ids) string {
	const stem = "Signature"
	last := 0
	for id := range known {
		rest, found := strings.CutPrefix(id, stem)
		digits := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
		if n, err := strconv.ParseInt(digits, 10, 32); found && err == nil {
			last = max(last, int(n))
		}
	}
	return stem + strconv.Itoa(last+1)
}

func (p *plan) propertiesID() string { return p.id + "-SignedProperties" }
