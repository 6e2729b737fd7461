package pdf

import (
	"fmt"

	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// MaxMarks bounds the visible marks of a file's signatures.
const MaxMarks = 4096

// A Mark is where a signature shows on a page.
type Mark struct {
	// Page is the page's number, from 1 up.
	Page int
	// Rect is left, lower, right and upper edge in the page's own units, before it is cropped and turned; all
	// zero where the file does not clearly say.
	Rect [4]float64
}

// findMarks looks for the signatures' widgets on all pages: one widget may be on several, and one field may have
// several widgets.
func (v *verifier) findMarks() error {
	widgets, err := v.widgets()
	if err != nil || len(widgets) == 0 {
		return err
	}
	number, count := 0, 0
	for p, err := range v.doc.pages() {
		if err != nil {
			return err
		}
		number++
		annotations, err := v.doc.Array(p.dict["Annots"])
		if err != nil {
			return err
		}
		for _, o := range annotations {
			ref, _ := o.(syntax.Ref)
			s := widgets[ref]
			if s == nil {
				continue
			}
			rect, visible, err := v.doc.extent(ref)
			if err != nil {
				return err
			}
			if !visible {
				continue
			}
			if count++; count > MaxMarks {
				return fmt.Errorf("%w: more than %d marks of signatures", ErrTooLarge, MaxMarks)
			}
			s.Marks = append(s.Marks, Mark{number, rect})
		}
	}
	return nil
}

// widgets returns the widgets of all fields that hold a signature: the field itself or its kids.
func (v *verifier) widgets() (map[syntax.Ref]*Signature, error) {
	fields, err := v.doc.signatureFields()
	if err != nil {
		return nil, err
	}
	holding := map[syntax.Ref]*Signature{}
	for _, s := range v.signatures {
		if s.held {
			holding[s.ref] = s
		}
	}
	widgets := map[syntax.Ref]*Signature{}
	for _, f := range fields {
		ref, ok := f.value.(syntax.Ref)
		if !ok || holding[ref] == nil {
			continue
		}
		widgets[f.ref] = holding[ref]
		kids, err := v.doc.Array(f.dict["Kids"])
		if err != nil {
			return nil, err
		}
		for _, kid := range kids {
			if kid, ok := kid.(syntax.Ref); ok {
				widgets[kid] = holding[ref]
			}
		}
	}
	return widgets, nil
}

// extent returns the rectangle of a widget, and whether it shows: it does unless it certainly has no extent.
func (d *document) extent(widget syntax.Ref) (rect [4]float64, visible bool, err error) {
	dict, err := d.Dict(widget)
	if err != nil {
		return rect, false, err
	}
	corners, err := d.Array(dict["Rect"])
	if err != nil {
		return rect, false, err
	}
	if len(corners) != len(rect) {
		return rect, true, nil
	}
	var r [4]float64
	for i, corner := range corners {
		o, err := d.Resolve(corner)
		if err != nil {
			return rect, false, err
		}
		n, ok := syntax.Number(o)
		if !ok {
			return rect, true, nil
		}
		r[i] = n
	}
	// Any two opposite corners may be given (ISO 32000-1 §7.9.5).
	rect = [4]float64{min(r[0], r[2]), min(r[1], r[3]), max(r[0], r[2]), max(r[1], r[3])}
	return rect, rect[0] != rect[2] && rect[1] != rect[3], nil
}
