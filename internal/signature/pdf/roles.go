package pdf

import (
	"errors"
	"slices"

	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// destination stands for a key where an array is a destination: its first item is a page (§12.3.2.2).
const destination syntax.Name = "destination"

// The keys that lead back, to a page and to a field (§7.7.3, §12.5.2, §12.6.4.10, §12.7.2, §12.7.3, §14.7.4.3, §14.10.4,
// §14.11.4), and to the catalog (§12.8.1, table 253). What is there shows nothing by being referred to.
var (
	backToPage    = []syntax.Name{"P", "Parent", "Pg", "Kids", "O", "Pages", destination}
	backToField   = []syntax.Name{"Parent", "Kids", "Fields", "Annots", "CO", "Obj", "T"}
	backToCatalog = []syntax.Name{"Data"}
	// listKeys are those of them whose value may be an array that is an object of its own.
	listKeys = []syntax.Name{"Kids", "O", "Pages", "Fields", "Annots", "CO", "T"}
)

// isDestination knows a destination by its second item.
func isDestination(a syntax.Array) bool {
	if len(a) < 2 {
		return false
	}
	fit, _ := a[1].(syntax.Name)
	return slices.Contains([]syntax.Name{"XYZ", "Fit", "FitH", "FitV", "FitR", "FitB", "FitBH", "FitBV"}, fit)
}

// give gives an object a role, with the keys that lead back to it. One of two roles has no such keys, and may differ
// only as either allows.
func (c *comparison) give(ref syntax.Ref, back []syntax.Name) {
	if now, _ := c.b.Current(ref.Number); !c.fresh(ref) && now != ref {
		c.changed("object %v is now %v", ref, now)
		return
	}
	if _, twice := c.special[ref.Number]; twice {
		back = nil
	}
	c.special[ref.Number] = back
}

// inSamePlace looks at a place of which only some parts may differ. Where it is an object of its own, that must be
// the same object, which gets a role, or a new one where nothing was: other objects may be used elsewhere.
func (c *comparison) inSamePlace(what string, a, b syntax.Object) {
	ref, ok := b.(syntax.Ref)
	if !ok {
		return
	}
	was, err := c.a.Resolve(a)
	switch {
	case c.failed(err):
	case a == b:
		c.give(ref, nil)
	case was != nil:
		c.changed("%s is another object", what)
	case !c.fresh(ref):
		c.changed("%s is an object that was there before", what)
	}
}

// fresh reports whether the number of an object was not in use.
func (c *comparison) fresh(ref syntax.Ref) bool {
	_, at := c.a.Current(ref.Number)
	return at == (syntax.Location{})
}

// A kind says whether a value is of the type that a key has.
type kind func(d *document, o syntax.Object) bool

// fits takes null as well, direct or not.
func (k kind) fits(d *document, o syntax.Object) bool {
	value, err := d.Resolve(o)
	return err == nil && (value == nil || k(d, o))
}

func isName(_ *document, o syntax.Object) bool    { _, ok := o.(syntax.Name); return ok }
func isInteger(_ *document, o syntax.Object) bool { _, ok := o.(syntax.Integer); return ok }
func isString(_ *document, o syntax.Object) bool  { _, ok := o.(syntax.String); return ok }

func isDict(d *document, o syntax.Object) bool {
	_, err := d.Dict(o)
	return err == nil
}

func isArray(d *document, o syntax.Object) bool {
	_, err := d.Array(o)
	return err == nil
}

// isMetadata knows a metadata stream (§14.3.2), which no program draws.
func isMetadata(d *document, o syntax.Object) bool {
	o, err := d.Resolve(o)
	stream, ok := o.(*syntax.Stream)
	return err == nil && ok && stream.Dict["Type"] == syntax.Name("Metadata") && stream.Dict["Subtype"] == syntax.Name("XML")
}

// may compares the values of a key that may differ, come and go as long as they are of its kind. It tells added, where
// not nil, of a difference, in what the value leads to as well.
func (c *comparison) may(k kind, key syntax.Name, a, b syntax.Object, added *bool) {
	if !k.fits(c.a, a) || !k.fits(c.b, b) {
		c.same(key, a, b)
		return
	}
	if added != nil && c.differ(a, b) {
		*added = true
	}
	if a != nil {
		c.freed = append(c.freed, freed{a, added})
	}
}

// A freed value is one that may differ, come and go with what it leads to, unless something else leads there as well.
type freed struct {
	value syntax.Object
	added *bool
}

// release goes through the freed values, when everything else was walked through. What cannot be read there leads
// nowhere.
func (c *comparison) release() {
	for _, f := range c.freed {
		r := reach{document: c.a, enter: func(number uint32) bool {
			if c.met(number) || !c.free.add(number) {
				return false
			}
			if f.added != nil && !c.unmoved(number) {
				*f.added = true
			}
			return true
		}}
		r.note(f.value)
		if err := r.walk(); errors.Is(err, syntax.ErrTooLarge) {
			c.failed(err)
		}
	}
}
