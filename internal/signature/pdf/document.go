package pdf

import (
	"fmt"
	"io"
	"iter"

	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// A document is a file with what signatures need of it: its catalog and its form.
type document struct {
	*syntax.File
	root    syntax.Ref
	catalog syntax.Dict
	form    syntax.Dict // nil where there is none
	fields  syntax.Array
}

// documentIn reads a document from its file.
func documentIn(source io.ReaderAt, size int64) (*document, error) {
	f, err := syntax.Open(source, size)
	if err != nil {
		return nil, err
	}
	return readDocument(f)
}

func readDocument(f *syntax.File) (*document, error) {
	d := &document{File: f, root: f.Trailer()["Root"].(syntax.Ref)} // Open saw to it
	var err error
	if d.catalog, err = f.Dict(d.root); err != nil {
		return nil, err
	}
	if d.catalog == nil || d.catalog["Pages"] == nil {
		return nil, fmt.Errorf("%w: it has no catalog with pages", ErrBroken)
	}
	if d.form, err = f.Dict(d.catalog["AcroForm"]); err != nil {
		return nil, err
	}
	d.fields, err = f.Array(d.form["Fields"])
	return d, err
}

// A page is a leaf of the page tree with what it inherits (§7.7.3.4).
type page struct {
	ref       syntax.Ref
	dict      syntax.Dict
	inherited syntax.Dict
}

// get returns the page's own value of a key, or what it inherits.
func (p page) get(key syntax.Name) syntax.Object {
	if value := p.dict[key]; value != nil {
		return value
	}
	return p.inherited[key]
}

// pages yields the pages in order. An error is yielded last.
func (d *document) pages() iter.Seq2[page, error] {
	return func(yield func(page, error) bool) {
		w := pageWalk{d, map[syntax.Ref]bool{}, yield}
		w.node(d.catalog["Pages"], syntax.Dict{}, 0)
	}
}

type pageWalk struct {
	*document
	seen  map[syntax.Ref]bool
	yield func(page, error) bool
}

// node walks through a node of the page tree and reports whether to go on (§7.7.3.2).
func (w *pageWalk) node(o syntax.Object, inherited syntax.Dict, depth int) bool {
	ref, ok := o.(syntax.Ref)
	if !ok || w.seen[ref] || depth > syntax.MaxDepth {
		return w.fail(fmt.Errorf("%w: the page tree at %v", ErrBroken, o))
	}
	w.seen[ref] = true
	dict, err := w.Dict(ref)
	if err != nil {
		return w.fail(err)
	}
	switch {
	case dict["Type"] == syntax.Name("Page"):
		return w.yield(page{ref, dict, inherited}, nil)
	case dict["Type"] != syntax.Name("Pages"):
		return w.fail(fmt.Errorf("%w: object %v in the page tree is no page", ErrBroken, ref))
	}
	kids, err := w.Array(dict["Kids"])
	if err != nil {
		return w.fail(err)
	}
	handed := syntax.Dict{}
	for _, key := range []syntax.Name{"MediaBox", "CropBox", "Rotate", "Resources"} {
		if handed[key] = inherited[key]; dict[key] != nil {
			handed[key] = dict[key]
		}
	}
	for _, kid := range kids {
		if !w.node(kid, handed, depth+1) {
			return false
		}
	}
	return true
}

func (w *pageWalk) fail(err error) bool {
	w.yield(page{}, err)
	return false
}

// countPages returns how many pages there are, and the one with a number from 1 up.
func (d *document) countPages(number int) (count int, wanted page, err error) {
	for p, err := range d.pages() {
		if err != nil {
			return 0, page{}, err
		}
		if count++; count == number {
			wanted = p
		}
	}
	if wanted.dict == nil {
		return 0, page{}, fmt.Errorf("%w: page %d of %d", ErrPage, number, count)
	}
	return count, wanted, nil
}

// A field is a signature field, often one object with its widget (§12.7.4.5).
type field struct {
	ref   syntax.Ref
	dict  syntax.Dict
	name  string // partial names joined by periods (§12.7.3.2)
	value syntax.Object
}

// maxFields bounds the fields of a form.
const maxFields = 1 << 16

// signatureFields returns the signature fields of the form and those that are loose, signed or not.
func (d *document) signatureFields() ([]field, error) {
	w, err := d.walkFields()
	if err != nil {
		return nil, err
	}
	return w.found, nil
}

// walkFields walks through the form's fields and through what pages have of them.
func (d *document) walkFields() (*fieldWalk, error) {
	w := &fieldWalk{document: d, seen: map[syntax.Ref]bool{}, styles: map[string]bool{}}
	for _, o := range d.fields {
		if err := w.node(o, inheritance{}, 0); err != nil {
			return nil, err
		}
	}
	return w, w.loose()
}

type fieldWalk struct {
	*document
	seen  map[syntax.Ref]bool
	found []field // those of signatures
	// styles are those of text in fields (/DA, §12.7.3.3), and text tells that a field is not a signature's.
	styles map[string]bool
	text   bool
}

// note takes the style of a field's or a widget's text.
func (w *fieldWalk) note(dict syntax.Dict) {
	if style, ok := dict["DA"].(syntax.String); ok {
		w.styles[string(style)] = true
	}
}

// loose finds signature fields that are on a page as their own widgets and that the form does not list. They are
// fields to every program that we know; poppler 22.12 leaves its own out of a form that was there.
func (w *fieldWalk) loose() error {
	for p, err := range w.pages() {
		if err != nil {
			return err
		}
		annotations, err := w.Array(p.dict["Annots"])
		if err != nil {
			return err
		}
		for _, o := range annotations {
			ref, ok := o.(syntax.Ref)
			if !ok || w.seen[ref] {
				continue
			}
			dict, err := w.Dict(ref)
			if err != nil {
				return err
			}
			if dict["Subtype"] != syntax.Name("Widget") || dict["FT"] == nil || dict["Parent"] != nil {
				continue
			}
			if err := w.node(ref, inheritance{}, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// inheritance is what a field has from those above it.
type inheritance struct {
	name        string
	kind, value syntax.Object
}

func (w *fieldWalk) node(o syntax.Object, above inheritance, depth int) error {
	ref, ok := o.(syntax.Ref)
	if !ok {
		return nil // a field in itself cannot be named by its widget; no program writes a signature so
	}
	if w.seen[ref] || depth > syntax.MaxDepth || len(w.seen) > maxFields {
		return fmt.Errorf("%w: the form's fields at %v", ErrBroken, ref)
	}
	w.seen[ref] = true
	dict, err := w.Dict(ref)
	if err != nil || dict == nil {
		return err
	}
	w.note(dict)
	if part, ok := dict["T"].(syntax.String); ok {
		if above.name != "" {
			above.name += "."
		}
		above.name += decodeText(part)
	}
	if dict["FT"] != nil {
		above.kind = dict["FT"]
	}
	if dict["V"] != nil {
		above.value = dict["V"]
	}
	kids, err := w.Array(dict["Kids"])
	if err != nil {
		return err
	}
	descended := false
	for _, kid := range kids {
		below, err := w.Dict(kid)
		if err != nil {
			return err
		}
		if below["T"] == nil {
			w.note(below) // a widget of this field
			continue
		}
		descended = true
		if err := w.node(kid, above, depth+1); err != nil {
			return err
		}
	}
	switch {
	case descended:
	case above.kind == syntax.Name("Sig"):
		w.found = append(w.found, field{ref, dict, above.name, above.value})
	default:
		w.text = true
	}
	return nil
}
