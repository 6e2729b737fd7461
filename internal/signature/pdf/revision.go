package pdf

import (
	"cmp"
	"slices"

	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// checkRevision looks that the signed bytes are the document at an earlier time: a file of their own,
// which holds this signature in its form, and on whose history the present file builds.
func (v *verifier) checkRevision(s *Signature) {
	if s.dict == nil || v.readByteRange(s) != nil {
		return
	}
	end := s.ByteRange[2] + s.ByteRange[3]
	signed, err := v.documentAt(end)
	if err != nil {
		s.keep(&Problem{ReasonRevision, err})
		return
	}
	if signed.End() != end {
		s.keep(problem(ReasonRevision, "the signed bytes end at %d, not with a revision", end))
		return
	}
	if !buildsOn(v.doc, signed) || signed.Locate(s.ref) != s.location {
		s.keep(problem(ReasonRevision, "the document does not build on the %d bytes that were signed", end))
		return
	}
	if _, p := signed.holder(s.ref); p != nil {
		s.keep(p)
		return
	}
	s.end = end
	s.Revision = signed.Revisions()
	s.Whole = end == v.doc.Size()
}

// documentAt reads the document as it was when the file had that many bytes. It is read each time that
// it is needed, so that many signatures do not mean many documents in memory.
func (v *verifier) documentAt(end int64) (*document, error) {
	return documentIn(v.source, end)
}

// buildsOn reports whether the history of later is that of earlier and then more, all of which stands
// behind the earlier one's end.
func buildsOn(later, earlier *document) bool {
	added := len(later.Sections()) - len(earlier.Sections())
	if added < 0 {
		return false
	}
	for i, s := range earlier.Sections() {
		if later.Sections()[added+i].Offset != s.Offset {
			return false
		}
	}
	return !slices.ContainsFunc(later.Sections()[:added], func(s syntax.Section) bool { return s.Offset < earlier.Size() })
}

// checkLater compares the signed revisions, each with the next one and the last with the present file,
// and tells every signature what came after it. It puts the signatures in the order of their ends.
func (v *verifier) checkLater() error {
	slices.SortStableFunc(v.signatures, func(a, b *Signature) int { return cmp.Compare(a.end, b.end) })
	var later additions
	var first *Problem // of the nearest later revision that is not as it may be
	next, end := v.doc, v.doc.Size()
	for _, s := range slices.Backward(v.signatures) {
		if s.end == 0 {
			continue
		}
		if s.end != end {
			signed, err := v.documentAt(s.end)
			if err != nil {
				return err
			}
			added, p := v.step(signed, next)
			later.join(added)
			if p != nil {
				first = p
			}
			next, end = signed, s.end
		}
		s.Later = later.Additions
		s.keep(first)
		if s.Problem == nil && s.end != v.doc.Size() {
			s.Problem = next.checkAllowed(s, later)
		}
	}
	return nil
}

// checkAllowed holds what was added later against what the signature, in its own revision, allows.
func (d *document) checkAllowed(s *Signature, later additions) *Problem {
	holder, p := d.holder(s.ref)
	if p != nil {
		return p
	}
	r, err := d.restriction(s.dict, holder.dict)
	if err == nil {
		err = r.forbids(later)
	}
	if err != nil {
		return &Problem{ReasonForbidden, err}
	}
	return nil
}

// holder returns the one field that holds a signature.
func (d *document) holder(signature syntax.Ref) (field, *Problem) {
	fields, err := d.signatureFields()
	if err != nil {
		return field{}, &Problem{ReasonRevision, err}
	}
	fields = slices.DeleteFunc(fields, func(f field) bool { return f.value != syntax.Object(signature) })
	switch len(fields) {
	case 0:
		return field{}, problem(ReasonRevision, "no field of the signed revision holds the signature")
	case 1:
		return fields[0], nil
	}
	return field{}, problem(ReasonShared, "the fields %q and %q hold the signature", fields[0].name, fields[1].name)
}

// step judges what happened between two ends. A mark on a page that comes with a signature which is not
// correct, or with a time stamp, is nobody's: it could hide what was signed. The later signatures have
// been judged already.
func (v *verifier) step(earlier, later *document) (additions, *Problem) {
	if len(later.Sections()) == len(earlier.Sections()) || later.End() != later.Size() {
		return additions{}, problem(ReasonAppended, "bytes follow byte %d that belong to no revision", earlier.Size())
	}
	added, p := compare(earlier, later)
	for _, s := range v.signatures {
		if p != nil || len(s.Marks) == 0 || !slices.Contains(added.signatures, s.ref) {
			continue
		}
		switch {
		case s.Problem != nil:
			p = problem(ReasonChanged, "page %d got a mark with a signature that does not stand for it: %w", s.Marks[0].Page, s.Problem)
		case s.SubFilter == string(timeStamp):
			p = problem(ReasonChanged, "page %d got a mark with a time stamp, which nobody signs", s.Marks[0].Page)
		}
	}
	return added, p
}
