package pdf

import (
	"bytes"
	"maps"
	"slices"

	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// compare returns what a later revision added to an earlier one, or what it changed though it must not.
//
// It walks through everything that can be reached from the catalog, in both, side by side. Allowed are
// differences at few places, each looked at by itself: new signature fields in the form, an empty one
// filled, their widgets on a page, validation data and metadata. Elsewhere everything must be the same,
// objects that were null included, because a later revision can bring to light what was hidden (shadow
// attacks; Mainka, Mladenov, Rohlmann, NDSS 2021).
//
// The third result names the signature dictionaries that were added.
func compare(earlier, later *document) (Additions, *Problem, []syntax.Ref) {
	c := &comparison{a: earlier, b: later, special: map[syntax.Ref]bool{}, new: map[syntax.Ref]bool{}}
	c.catalog()
	c.drain()
	return c.added, c.problem, c.signatures
}

// A comparison is the walk. Its steps set problem, once, and go on with less.
type comparison struct {
	a, b  *document
	added Additions
	// special are the objects of which only some parts may differ, which their own step looks at.
	special map[syntax.Ref]bool
	// new are the widgets that may have been added, and signatures the dictionaries.
	new        map[syntax.Ref]bool
	signatures []syntax.Ref

	pairs   [][2]syntax.Object
	queue   []syntax.Ref
	seen    bitmap
	problem *Problem
}

func (c *comparison) changed(format string, args ...any) {
	if c.problem == nil {
		c.problem = problem(ReasonChanged, format, args...)
	}
}

// failed takes an error of reading as a change: what cannot be read cannot be compared.
func (c *comparison) failed(err error) bool {
	if err != nil && c.problem == nil {
		c.problem = &Problem{ReasonChanged, err}
	}
	return err != nil
}

// same puts two values aside to be compared when all special objects are known.
func (c *comparison) same(a, b syntax.Object) { c.pairs = append(c.pairs, [2]syntax.Object{a, b}) }

// sameBut does so for all keys of two dictionaries but some.
func (c *comparison) sameBut(a, b syntax.Dict, but ...syntax.Name) {
	keys := maps.Clone(a)
	if keys == nil {
		keys = syntax.Dict{}
	}
	maps.Copy(keys, b)
	for key := range keys {
		if !slices.Contains(but, key) {
			c.same(a[key], b[key])
		}
	}
}

// inSamePlace notes that two values are the same reference, or none of them is one, and marks its
// object as special. A value that was absent may have become anything new.
func (c *comparison) inSamePlace(what string, a, b syntax.Object) {
	ref, isRef := b.(syntax.Ref)
	switch {
	case a == nil && isRef:
		if c.a.Locate(ref) != (syntax.Location{}) {
			c.changed("%s is an object that was there before", what)
		}
	case isRef && a == b:
		c.special[ref] = true
	case a != nil && (isRef || isReference(a)):
		c.changed("%s is another object", what)
	}
}

func isReference(o syntax.Object) bool {
	_, ok := o.(syntax.Ref)
	return ok
}

// catalog compares the catalogs (ISO 32000-1 §7.7.2).
func (c *comparison) catalog() {
	if c.a.root != c.b.root {
		c.changed("the catalog is another object")
		return
	}
	c.special[c.a.root] = true
	before, after := c.a.Trailer(), c.b.Trailer()
	for key, added := range map[syntax.Name]*bool{"DSS": &c.added.ValidationData, "Metadata": &c.added.Metadata, "Extensions": &c.added.Metadata, "Version": &c.added.Metadata} {
		*added = *added || c.differ(c.a.catalog[key], c.b.catalog[key])
	}
	c.added.Metadata = c.added.Metadata || c.differ(before["Info"], after["Info"])
	c.form()
	c.page(c.a.catalog["Pages"], c.b.catalog["Pages"], 0)
	c.sameBut(c.a.catalog, c.b.catalog, "AcroForm", "Pages", "DSS", "Metadata", "Extensions", "Version")
}

// differ compares two values at places where a difference is allowed: by where their objects are.
func (c *comparison) differ(a, b syntax.Object) bool {
	refA, okA := a.(syntax.Ref)
	refB, okB := b.(syntax.Ref)
	if okA && okB {
		return refA != refB || c.a.Locate(refA) != c.b.Locate(refB)
	}
	return okA != okB || !bytes.Equal(syntax.Append(nil, a), syntax.Append(nil, b))
}

// form compares the forms (§12.7.2).
func (c *comparison) form() {
	if c.b.form == nil {
		if c.a.form != nil {
			c.changed("the form is gone")
		}
		return
	}
	c.inSamePlace("the form", c.a.catalog["AcroForm"], c.b.catalog["AcroForm"])
	c.inSamePlace("the list of fields", c.a.form["Fields"], c.b.form["Fields"])
	c.sameBut(c.a.form, c.b.form, "Fields", "SigFlags", "DA", "DR")
	fields, err := c.a.walkFields()
	if c.failed(err) {
		return
	}
	c.defaults(fields)
	for _, f := range fields.found {
		if f.value == nil {
			c.fill(f.ref)
		}
	}
	c.grown("the list of fields", c.a.fields, c.b.fields, c.isNewField)
}

// grown compares two arrays of which the later one may have more items, if they are allowed.
func (c *comparison) grown(what string, a, b syntax.Array, allowed func(syntax.Object) bool) {
	for _, item := range b {
		if len(a) > 0 && equalFlat(a[0], item) {
			c.same(a[0], item)
			a = a[1:]
			continue
		}
		if !allowed(item) {
			c.changed("%s has a new item %s", what, syntax.Append(nil, item))
			return
		}
	}
	if len(a) > 0 {
		c.changed("%s lost an item", what)
	}
}

// equalFlat compares as written.
func equalFlat(a, b syntax.Object) bool {
	return bytes.Equal(syntax.Append(nil, a), syntax.Append(nil, b))
}

// isNewField accepts a field that is a new object, holds a new signature, is its own widget, and does nothing:
// an action could change what is shown.
func (c *comparison) isNewField(o syntax.Object) bool {
	ref, ok := o.(syntax.Ref)
	if !ok || c.a.Locate(ref) != (syntax.Location{}) {
		return false
	}
	dict, err := c.b.Dict(ref)
	if c.failed(err) || dict["FT"] != syntax.Name("Sig") || dict["Kids"] != nil || dict["Parent"] != nil ||
		dict["A"] != nil || dict["AA"] != nil ||
		dict["Type"] != nil && dict["Type"] != syntax.Name("Annot") || dict["Subtype"] != syntax.Name("Widget") {
		return false
	}
	if !c.isNewSignature(dict["V"]) {
		return false
	}
	c.new[ref] = true
	return true
}

// isNewSignature accepts a signature dictionary that is a new object, and counts it.
func (c *comparison) isNewSignature(o syntax.Object) bool {
	ref, ok := o.(syntax.Ref)
	if !ok || c.a.Locate(ref) != (syntax.Location{}) {
		return false
	}
	dict, err := c.b.Dict(ref)
	if c.failed(err) || dict["ByteRange"] == nil {
		return false
	}
	c.signatures = append(c.signatures, ref)
	if dict["SubFilter"] == timeStamp {
		c.added.TimeStamps++
	} else {
		c.added.Signatures++
	}
	return true
}

// fill compares a signature field that was empty and may have been signed.
func (c *comparison) fill(ref syntax.Ref) {
	before, errA := c.a.Dict(ref)
	after, errB := c.b.Dict(ref)
	if c.failed(errA) || c.failed(errB) {
		return
	}
	c.special[ref] = true
	if before["V"] == nil && after["V"] != nil {
		if !c.isNewSignature(after["V"]) {
			c.changed("field %v holds what is no new signature", ref)
		}
		c.sameBut(before, after, "V", "AP", "M", "F")
		return
	}
	c.sameBut(before, after)
}

// page compares a node of the page tree (§7.7.3).
func (c *comparison) page(a, b syntax.Object, depth int) {
	ref, ok := a.(syntax.Ref)
	if !ok || a != b || c.special[ref] || depth > syntax.MaxDepth {
		c.changed("the page tree is another")
		return
	}
	c.special[ref] = true
	before, errA := c.a.Dict(ref)
	after, errB := c.b.Dict(ref)
	if c.failed(errA) || c.failed(errB) {
		return
	}
	if before["Kids"] == nil && after["Kids"] == nil {
		c.annotations(before, after)
		c.sameBut(before, after, "Annots")
		return
	}
	kidsA, errA := c.a.Array(before["Kids"])
	kidsB, errB := c.b.Array(after["Kids"])
	if c.failed(errA) || c.failed(errB) {
		return
	}
	if len(kidsA) != len(kidsB) {
		c.changed("the page tree has %d branches at %v instead of %d", len(kidsB), ref, len(kidsA))
		return
	}
	for i := range kidsA {
		c.page(kidsA[i], kidsB[i], depth+1)
	}
	c.sameBut(before, after)
}

// annotations compares those of a page, which may have got widgets of new signatures.
func (c *comparison) annotations(before, after syntax.Dict) {
	listA, errA := c.a.Array(before["Annots"])
	listB, errB := c.b.Array(after["Annots"])
	if c.failed(errA) || c.failed(errB) {
		return
	}
	c.inSamePlace("a page's list of annotations", before["Annots"], after["Annots"])
	c.grown("a page's list of annotations", listA, listB, func(o syntax.Object) bool {
		ref, ok := o.(syntax.Ref)
		return ok && (c.new[ref] || c.isNewField(ref)) // the latter: see document.loose
	})
}
