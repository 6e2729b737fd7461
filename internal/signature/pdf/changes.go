package pdf

import (
	"bytes"
	"maps"
	"slices"

	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// additions is what a later revision added: Additions with what an earlier signature may restrict.
type additions struct {
	Additions
	// signatures are the dictionaries, and fields the full names of those that hold them; without the fields that
	// came with a time stamp.
	signatures []syntax.Ref
	fields     []string
	// mark tells that a new field shows on a page.
	mark bool
}

func (a *additions) join(b additions) {
	a.Signatures += b.Signatures
	a.TimeStamps += b.TimeStamps
	a.ValidationData = a.ValidationData || b.ValidationData
	a.Metadata = a.Metadata || b.Metadata
	a.Version = a.Version || b.Version
	a.signatures = append(a.signatures, b.signatures...)
	a.fields = append(a.fields, b.fields...)
	a.mark = a.mark || b.mark
}

// compare returns what a later revision added to an earlier one, or what it changed though it must not.
//
// The rule. Every object of the earlier revision, whichever its number and whatever refers to it, must be in the later
// one what it was: it stands where it stood, or has the same value. And what is referred to and was no object must not
// become one. Because what a program shows comes from the catalog and what that leads to, nothing that was signed is
// then shown otherwise, however the program reads (shadow attacks; Mainka, Mladenov, Rohlmann, NDSS 2021).
//
// The exceptions are few objects, each with a role and a step of its own:
//
//	the catalog            version, extensions, validation data, metadata, and the form where none was
//	the form               its list of fields, its flags, and fonts and a style that no field was drawn with
//	a list of fields       new signature fields
//	an empty signature field, filled   the signature, its appearance, time and flags
//	a page                 its list of annotations
//	a list of annotations  widgets of new signature fields
//
// Of these, the named keys may differ if the earlier and the later value are of the key's type (kind), and the rest
// must be the same. With such a value goes what it alone leads to: a metadata stream may be written anew in its
// place, and so may the document's information.
//
// A role is played alone. Where anything but its role leads to such an object (a page that has the form for its
// XObjects, by a key that may differ), it is compared as any other. What leads back to pages, fields and the catalog,
// such as /P, /Parent or a destination, does not count; those keys are listed (backToPage and its like).
//
// What cannot be read could lead anywhere when another program repairs it. Where the walk comes upon it, nothing may
// have been added at all.
func compare(earlier, later *document) (additions, *Problem) {
	c := &comparison{
		a: earlier, b: later, special: map[uint32][]syntax.Name{}, widgets: map[syntax.Ref]bool{}, seen: map[syntax.Name]*bitmap{},
	}
	c.catalog()
	c.drain()
	c.release()
	c.rest()
	return c.added, c.problem
}

// A comparison is the walk. Its steps set problem, once, and go on with less.
type comparison struct {
	a, b  *document
	added additions
	// special are the numbers of objects with a role, each with the keys that lead back to it.
	special map[uint32][]syntax.Name
	// widgets are those of new fields, with whether they are on a page already.
	widgets map[syntax.Ref]bool

	pairs   []pair
	queue   []visit
	seen    map[syntax.Name]*bitmap // what was in the queue, by the key of the visit
	freed   []freed
	free    bitmap // what freed values alone lead to
	alone   bool   // nothing is followed any more
	problem *Problem
}

// A pair is two values that a key leads to, put aside until all roles are given.
type pair struct {
	key  syntax.Name
	a, b syntax.Object
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

// same puts two values aside that must be the same.
func (c *comparison) same(key syntax.Name, a, b syntax.Object) {
	c.pairs = append(c.pairs, pair{key, a, b})
}

// sameBut does so for all keys of two dictionaries but some.
func (c *comparison) sameBut(a, b syntax.Dict, but ...syntax.Name) {
	keys := maps.Clone(a)
	if keys == nil {
		keys = syntax.Dict{}
	}
	maps.Copy(keys, b)
	for key := range keys {
		if !slices.Contains(but, key) {
			c.same(key, a[key], b[key])
		}
	}
}

// catalog compares the catalogs (ISO 32000-1 §7.7.2).
func (c *comparison) catalog() {
	if c.a.root != c.b.root {
		c.changed("the catalog is another object")
		return
	}
	c.give(c.a.root, backToCatalog)
	c.may(isName, "Version", c.a.catalog["Version"], c.b.catalog["Version"], &c.added.Version)
	c.may(isDict, "Extensions", c.a.catalog["Extensions"], c.b.catalog["Extensions"], &c.added.Version)
	c.may(isDict, "DSS", c.a.catalog["DSS"], c.b.catalog["DSS"], &c.added.ValidationData)
	c.may(isMetadata, "Metadata", c.a.catalog["Metadata"], c.b.catalog["Metadata"], &c.added.Metadata)
	c.may(isDict, "Info", c.a.Trailer()["Info"], c.b.Trailer()["Info"], &c.added.Metadata)
	c.form()
	c.page(c.a.catalog["Pages"], c.b.catalog["Pages"], 0)
	c.sameBut(c.a.catalog, c.b.catalog, "AcroForm", "Pages", "Version", "Extensions", "DSS", "Metadata")
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
	c.may(isInteger, "SigFlags", c.a.form["SigFlags"], c.b.form["SigFlags"], nil)
	c.sameBut(c.a.form, c.b.form, "Fields", "SigFlags", "DA", "DR")
	fields, err := c.a.walkFields()
	if c.failed(err) {
		return
	}
	c.defaults(fields)
	for _, f := range fields.found {
		if f.value == nil {
			c.fill(f)
		}
	}
	c.grown("Fields", c.a.fields, c.b.fields, c.isNewField)
}

// grown compares the arrays of a key, of which the later one may have more items, if they are allowed.
func (c *comparison) grown(key syntax.Name, a, b syntax.Array, allowed func(syntax.Object) bool) {
	for _, item := range b {
		if len(a) > 0 && equalFlat(a[0], item) {
			c.same(key, a[0], item)
			a = a[1:]
			continue
		}
		if !allowed(item) {
			c.changed("/%s has a new item %s", key, syntax.Append(nil, item))
			return
		}
	}
	if len(a) > 0 {
		c.changed("/%s lost an item", key)
	}
}

// equalFlat compares as written.
func equalFlat(a, b syntax.Object) bool {
	return bytes.Equal(syntax.Append(nil, a), syntax.Append(nil, b))
}

// fieldKeys are what a new field may hold (ISO 32000-1 §12.5.2, §12.5.6.19, §12.7.3.1, §12.7.4.5): what signers write.
// Anything else could act, such as /A, or change what is shown, such as /OC.
var fieldKeys = map[syntax.Name]kind{
	"Type": isName, "Subtype": isName, "FT": isName, "T": isString, "TU": isString, "V": isDict, "P": isDict, "F": isInteger,
	"Rect": isArray, "AP": isDict, "AS": isName, "M": isString, "Lock": isDict, "SV": isDict, "MK": isDict, "DA": isString,
	"NM": isString, "Border": isArray,
}

// isNewField accepts a field that is a new object, has a name, holds a new signature, and is its own widget.
func (c *comparison) isNewField(o syntax.Object) bool {
	ref, ok := o.(syntax.Ref)
	if !ok || !c.fresh(ref) {
		return false
	}
	dict, err := c.b.Dict(ref)
	if c.failed(err) || dict["FT"] != syntax.Name("Sig") || dict["Subtype"] != syntax.Name("Widget") ||
		dict["Type"] != nil && dict["Type"] != syntax.Name("Annot") || !noBorder(dict["Border"]) {
		return false
	}
	for key, value := range dict {
		if k, ok := fieldKeys[key]; !ok || !k.fits(c.b, value) {
			return false
		}
	}
	name, _ := dict["T"].(syntax.String)
	if name == "" || !c.isNewSignature(dict["V"]) {
		return false
	}
	if !c.isTimeStamp(dict["V"]) {
		c.added.fields = append(c.added.fields, decodeText(name))
	}
	c.widgets[ref] = false
	return true
}

// noBorder accepts a border without any width, which programs write to say that there is none.
func noBorder(o syntax.Object) bool {
	border, ok := o.(syntax.Array)
	return o == nil || ok && !slices.ContainsFunc(border, func(o syntax.Object) bool { return o != syntax.Integer(0) })
}

// isNewSignature accepts a signature dictionary that is a new object which no other field holds, and counts it.
func (c *comparison) isNewSignature(o syntax.Object) bool {
	ref, ok := o.(syntax.Ref)
	if !ok || !c.fresh(ref) || slices.Contains(c.added.signatures, ref) {
		return false
	}
	dict, err := c.b.Dict(ref)
	if c.failed(err) || dict["ByteRange"] == nil {
		return false
	}
	c.added.signatures = append(c.added.signatures, ref)
	if dict["SubFilter"] == timeStamp {
		c.added.TimeStamps++
	} else {
		c.added.Signatures++
	}
	return true
}

func (c *comparison) isTimeStamp(signature syntax.Object) bool {
	dict, err := c.b.Dict(signature)
	return err == nil && dict["SubFilter"] == timeStamp
}

// fill compares a signature field that was empty and may have been signed.
func (c *comparison) fill(f field) {
	after, err := c.b.Dict(f.ref)
	if c.failed(err) {
		return
	}
	c.give(f.ref, backToField)
	if f.dict["V"] == nil && after["V"] != nil {
		if !c.isNewSignature(after["V"]) {
			c.changed("field %v holds what is no new signature", f.ref)
		}
		c.added.fields = append(c.added.fields, f.name)
		c.may(isDict, "AP", f.dict["AP"], after["AP"], nil)
		c.may(isString, "M", f.dict["M"], after["M"], nil)
		c.may(isInteger, "F", f.dict["F"], after["F"], nil)
		c.sameBut(f.dict, after, "V", "AP", "M", "F")
		return
	}
	c.sameBut(f.dict, after)
}

// page compares a node of the page tree (§7.7.3).
func (c *comparison) page(a, b syntax.Object, depth int) {
	ref, ok := a.(syntax.Ref)
	if _, twice := c.special[ref.Number]; !ok || a != b || twice || depth > syntax.MaxDepth {
		c.changed("the page tree is another")
		return
	}
	c.give(ref, backToPage)
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
	c.grown("Annots", listA, listB, c.isNewWidget)
}

// isNewWidget accepts the widget of a new field, once, on one page. A field that the form does not list may be found
// here first: see fieldWalk.loose.
func (c *comparison) isNewWidget(o syntax.Object) bool {
	ref, ok := o.(syntax.Ref)
	if !ok {
		return false
	}
	placed, known := c.widgets[ref]
	if placed || !known && !c.isNewField(ref) {
		return false
	}
	c.widgets[ref] = true
	_, visible, err := c.b.extent(ref)
	c.added.mark = c.added.mark || visible
	return !c.failed(err)
}
