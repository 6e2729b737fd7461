package pdf

import (
	"maps"
	"slices"
	"strings"

	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// maxNewFonts bounds the fonts that a signer may bring. Programs bring one or two.
const maxNewFonts = 16

// defaults compares what the form says of the text in fields (§12.7.3.3): the style of those that have none of their
// own, and the fonts. Programs draw the text of a field anew with these. Signers write a style and fonts along with
// the first text that they draw; they must be none that another field could be drawn with.
func (c *comparison) defaults(fields *fieldWalk) {
	fields.note(c.a.form)
	if c.a.form["DA"] != nil || fields.text {
		c.same("DA", c.a.form["DA"], c.b.form["DA"])
	} else {
		c.may(isString, "DA", nil, c.b.form["DA"], nil)
	}
	before, after, ok := c.dicts("the form's resources", c.a.form["DR"], c.b.form["DR"])
	if !ok {
		return
	}
	c.sameBut(before, after, "Font", "Encoding")
	for _, kind := range []syntax.Name{"Font", "Encoding"} {
		had, has, ok := c.dicts("the form's fonts", before[kind], after[kind])
		if !ok {
			return
		}
		unused := slices.DeleteFunc(slices.Collect(maps.Keys(has)), func(name syntax.Name) bool { return had[name] != nil })
		if len(unused) > maxNewFonts || slices.ContainsFunc(unused, fields.mentions) {
			unused = nil
		}
		for _, name := range unused {
			c.may(isDict, name, nil, has[name], nil)
		}
		c.sameBut(had, has, unused...)
	}
}

// dicts reads two dictionaries that stand in the same place and of which some parts may differ.
func (c *comparison) dicts(what string, a, b syntax.Object) (before, after syntax.Dict, ok bool) {
	c.inSamePlace(what, a, b)
	before, errA := c.a.Dict(a)
	after, errB := c.b.Dict(b)
	return before, after, !c.failed(errA) && !c.failed(errB)
}

// mentions reports whether the style of a field's text may name a font. One that is written with escapes may name any.
func (w *fieldWalk) mentions(font syntax.Name) bool {
	for style := range w.styles {
		if strings.Contains(style, "#") || strings.Contains(style, "/"+string(font)) {
			return true
		}
	}
	return false
}
