package pdf

import (
	"slices"

	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// checkRevision looks that the signed bytes are the document at an earlier time: a file of their own,
// which holds this signature in its form, and on whose history the present file builds.
func (v *verifier) checkRevision(s *Signature) {
	if s.dict == nil || s.Problem != nil && s.Problem.Reason == ReasonByteRange {
		return
	}
	keep := func(p *Problem) {
		if s.Problem == nil {
			s.Problem = p
		}
	}
	end := s.ByteRange[2] + s.ByteRange[3]
	signed, err := v.documentAt(end)
	if err != nil {
		keep(&Problem{ReasonRevision, err})
		return
	}
	if signed.End() != end {
		keep(problem(ReasonRevision, "the signed bytes end at %d, not with a revision", end))
		return
	}
	if !buildsOn(v.doc, signed) || signed.Locate(s.ref) != s.location {
		keep(problem(ReasonRevision, "the document does not build on the %d bytes that were signed", end))
		return
	}
	fields, err := signed.signatureFields()
	if err != nil || !slices.ContainsFunc(fields, func(f field) bool { return f.value == syntax.Object(s.ref) }) {
		keep(problem(ReasonRevision, "no field of the signed revision holds the signature"))
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
// and tells every signature what came after it. The signatures are in the order of their ends.
func (v *verifier) checkLater() error {
	var later Additions
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
		s.Later = later
		if s.Problem == nil {
			s.Problem = first
		}
		if s.Problem == nil && later.Signatures > 0 {
			if permission, err := next.permission(s.dict); err != nil || permission == permitNothing {
				s.Problem = problem(ReasonForbidden, "it allows no change, and a signature was added")
			}
		}
	}
	return nil
}

// step judges what happened between two ends. A mark on a page that comes with a signature which is not
// correct, or with a time stamp, is nobody's: it could hide what was signed. The later signatures have
// been judged already.
func (v *verifier) step(earlier, later *document) (Additions, *Problem) {
	if len(later.Sections()) == len(earlier.Sections()) || later.End() != later.Size() {
		return Additions{}, problem(ReasonAppended, "bytes follow byte %d that belong to no revision", earlier.Size())
	}
	added, p, refs := compare(earlier, later)
	for _, s := range v.signatures {
		if p != nil || s.Page == 0 || !slices.Contains(refs, s.ref) {
			continue
		}
		switch {
		case s.Problem != nil:
			p = problem(ReasonChanged, "page %d got a mark with a signature that does not stand for it: %w", s.Page, s.Problem)
		case s.TimeStamp:
			p = problem(ReasonChanged, "page %d got a mark with a time stamp, which nobody signs", s.Page)
		}
	}
	return added, p
}
