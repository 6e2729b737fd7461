package pdf

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// MaxSignatures bounds the signature dictionaries of a file.
const MaxSignatures = 64

// A Reason says, as a closed list, why a signature does not stand for the document.
type Reason string

// The reasons.
const (
	// ReasonPlace: the dictionary is not an object of its own in the file itself.
	ReasonPlace Reason = "place"
	// ReasonByteRange: /ByteRange is missing, no four integers, does not begin at 0, or leads out of the file.
	ReasonByteRange Reason = "byte-range"
	// ReasonGap: what /ByteRange leaves out is not this /Contents, from < to >.
	ReasonGap Reason = "gap"
	// ReasonContents: /Contents is missing, empty, or no CMS in hexadecimal digits.
	ReasonContents Reason = "contents"
	// ReasonPadding: behind the CMS stands more than zeros.
	ReasonPadding Reason = "padding"
	// ReasonSubFilter: the kind of signature is not known, or is not secure.
	ReasonSubFilter Reason = "sub-filter"
	// ReasonDigest: the signed bytes are not those that were signed.
	ReasonDigest Reason = "digest"
	// ReasonCMS: the CMS is refused, or its signature is wrong.
	ReasonCMS Reason = "cms"
	// ReasonRevision: the signed bytes are not a revision that this document builds on.
	ReasonRevision Reason = "revision"
	// ReasonRemoved: no field of the document holds the signature any more.
	ReasonRemoved Reason = "removed"
	// ReasonAppended: bytes follow that belong to no revision.
	ReasonAppended Reason = "appended"
	// ReasonChanged: a later revision changes what was signed.
	ReasonChanged Reason = "changed-after-signing"
	// ReasonForbidden: a later revision adds what the certification forbids.
	ReasonForbidden Reason = "forbidden-by-certification"
)

// A Problem is why a signature does not stand for the document.
type Problem struct {
	Reason Reason
	Err    error
}

func (p *Problem) Error() string { return fmt.Sprintf("%s: %v", p.Reason, p.Err) }
func (p *Problem) Unwrap() error { return p.Err }

func problem(reason Reason, format string, args ...any) *Problem {
	return &Problem{reason, fmt.Errorf(format, args...)}
}

// Additions is what revisions after a signature added and may add.
type Additions struct {
	// Signatures and TimeStamps count new signatures of either kind.
	Signatures, TimeStamps int
	// ValidationData tells that a document security store was added or changed (ETSI EN 319 142-1 §5.4).
	ValidationData bool
	// Metadata tells that the document's information, its metadata or its extensions were.
	Metadata bool
}

func (a *Additions) join(b Additions) {
	a.Signatures += b.Signatures
	a.TimeStamps += b.TimeStamps
	a.ValidationData = a.ValidationData || b.ValidationData
	a.Metadata = a.Metadata || b.Metadata
}

// A Signature is one signature dictionary of a file.
type Signature struct {
	// Object is "number generation R" of the dictionary, and Offset where in the file it is.
	Object string
	Offset int64
	// Field is the name of the field that holds it, "" where none does.
	Field     string
	Type      string
	Filter    string
	SubFilter string

	// Name, Reason, Location and Claimed are what the signer wrote, not more. Claimed is /M, the zero time
	// where it is absent or no date.
	Name, Reason, Location string
	Claimed                time.Time

	// ByteRange is [0 b c d] where the dictionary has four integers.
	ByteRange [4]int64
	// Revision is the revision that the signature covers, from 1 up, and Whole tells that nothing follows
	// it. Both are zero where it covers none.
	Revision int
	Whole    bool
	// Page is the number of the last page with a visible mark, and Rect the mark's rectangle; 0 for none.
	Page int
	Rect [4]float64

	// Message is the CMS of /Contents without its padding, nil where none can be read.
	Message []byte
	// TimeStamp tells that Message is a time-stamp token about the signed bytes (ETSI EN 319 142-1 §5.4.3).
	// The token is not checked here.
	TimeStamp bool
	// CMS is what the signed message says, nil where it is not correct and for a time stamp. Whether its
	// certificate is to be trusted is the caller's to decide.
	CMS *cms.Signature
	// Later is what was added since. A later signature may have put its mark on a page: whoever trusts
	// this signer but not that one looks at that one's Page.
	Later Additions
	// Problem is nil for a signature that is correct and stands for the document as it is now. Of a time
	// stamp it says the same but for the token.
	Problem *Problem

	ref      syntax.Ref
	location syntax.Location
	dict     syntax.Dict
	spans    map[syntax.Name]syntax.Span
	end      int64 // of the revision, 0 where unknown
}

// A Report is what Verify found in a file.
type Report struct {
	// Size is the file's, in bytes; Revisions counts its revisions, and Pages its pages.
	Size      int64
	Revisions int
	Pages     int
	// Signatures are those of every revision, oldest first.
	Signatures []*Signature
}

// Verify looks at every signature dictionary of the size bytes of source. It fails where the file as a
// whole cannot be read; what is wrong with one signature is the signature's Problem.
func Verify(source io.ReaderAt, size int64) (*Report, error) {
	v, err := newVerifier(source, size)
	if err != nil {
		return nil, err
	}
	for _, s := range v.signatures {
		v.checkAlone(s)
	}
	slices.SortStableFunc(v.signatures, func(a, b *Signature) int { return cmp.Compare(a.end, b.end) })
	if err := v.checkLater(); err != nil {
		return nil, err
	}
	count, _, err := v.doc.countPages(1)
	if err != nil {
		return nil, err
	}
	return &Report{Size: size, Revisions: v.doc.Revisions(), Pages: count, Signatures: v.signatures}, nil
}

// A verifier is a file with its signature dictionaries.
type verifier struct {
	source     io.ReaderAt
	doc        *document
	signatures []*Signature
}

func newVerifier(source io.ReaderAt, size int64) (*verifier, error) {
	doc, err := documentIn(source, size)
	if err != nil {
		return nil, err
	}
	v := &verifier{source: source, doc: doc}
	if err := v.collect(); err != nil {
		return nil, err
	}
	return v, v.findMarks()
}

// collect finds the dictionaries: what the form's signature fields hold, and whatever looks like one in
// any revision, so that a signature that was taken away is still seen. A usage right (§12.8.2.3) is
// none of the signer's.
func (v *verifier) collect() error {
	held := map[syntax.Ref]bool{}
	fields, err := v.doc.signatureFields()
	if err != nil {
		return err
	}
	for _, f := range fields {
		if f.value == nil {
			continue
		}
		s := &Signature{Field: f.name}
		if ref, ok := f.value.(syntax.Ref); ok {
			held[ref] = true
			s.ref, s.location = ref, v.doc.Locate(ref)
		}
		if err := v.add(s); err != nil {
			return err
		}
	}
	rights := map[syntax.Object]bool{}
	permissions, err := v.doc.Dict(v.doc.catalog["Perms"])
	if err != nil {
		return err
	}
	for key, value := range permissions {
		if _, ok := value.(syntax.Ref); ok && key != "DocMDP" {
			rights[value] = true
		}
	}
	for ref, at := range v.doc.History() {
		if rights[ref] || held[ref] && at == v.doc.Locate(ref) {
			continue
		}
		o, _, err := v.doc.GetAt(ref, at)
		if errors.Is(err, syntax.ErrTooLarge) {
			return err
		}
		dict, ok := o.(syntax.Dict)
		if err != nil || !ok || dict["ByteRange"] == nil || dict["Contents"] == nil {
			continue // what cannot be read is no signature to anybody
		}
		if err := v.add(&Signature{ref: ref, location: at}); err != nil {
			return err
		}
	}
	return nil
}

// add reads what a dictionary says.
func (v *verifier) add(s *Signature) error {
	if len(v.signatures) == MaxSignatures {
		return fmt.Errorf("%w: more than %d signatures", ErrTooLarge, MaxSignatures)
	}
	v.signatures = append(v.signatures, s)
	s.Object = s.ref.String()
	var inFile bool
	if s.Offset, inFile = s.location.Offset(); !inFile {
		s.Problem = problem(ReasonPlace, "the signature dictionary is not an object of its own in the file")
		return nil
	}
	o, spans, err := v.doc.GetAt(s.ref, s.location)
	if err != nil {
		s.Problem = &Problem{ReasonPlace, err}
		return nil
	}
	dict, ok := o.(syntax.Dict)
	if !ok {
		s.Problem = problem(ReasonPlace, "object %v is no signature dictionary", s.ref)
		return nil
	}
	s.dict, s.spans = dict, spans
	text := func(key syntax.Name) string {
		value, _ := dict[key].(syntax.String)
		return decodeText(value)
	}
	name := func(key syntax.Name) string {
		value, _ := dict[key].(syntax.Name)
		return string(value)
	}
	s.Type, s.Filter, s.SubFilter = name("Type"), name("Filter"), name("SubFilter")
	s.Name, s.Reason, s.Location = text("Name"), text("Reason"), text("Location")
	if m, ok := dict["M"].(syntax.String); ok {
		s.Claimed, _ = decodeTime(m)
	}
	return nil
}

// findMarks looks for the pages that show the signatures' widgets.
func (v *verifier) findMarks() error {
	fields, err := v.doc.signatureFields()
	if err != nil {
		return err
	}
	widgets := map[syntax.Object]*Signature{}
	for _, f := range fields {
		i := slices.IndexFunc(v.signatures, func(s *Signature) bool { return s.Field == f.name && f.value == syntax.Object(s.ref) })
		if i < 0 {
			continue
		}
		widgets[f.ref] = v.signatures[i]
		kids, err := v.doc.Array(f.dict["Kids"])
		if err != nil {
			return err
		}
		for _, kid := range kids {
			if ref, ok := kid.(syntax.Ref); ok {
				widgets[ref] = v.signatures[i]
			}
		}
	}
	if len(widgets) == 0 {
		return nil
	}
	number := 0
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
			if s := widgets[ref]; s != nil {
				if err := v.mark(s, ref, number); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// mark notes a widget, unless it certainly has no extent.
func (v *verifier) mark(s *Signature, widget syntax.Ref, number int) error {
	dict, err := v.doc.Dict(widget)
	if err != nil {
		return err
	}
	rect, err := v.doc.Array(dict["Rect"])
	if err != nil {
		return err
	}
	var r [4]float64
	known := len(rect) == 4
	for i := range min(len(rect), 4) {
		o, err := v.doc.Resolve(rect[i])
		if err != nil {
			return err
		}
		var ok bool
		r[i], ok = syntax.Number(o)
		known = known && ok
	}
	if !known || r[0] != r[2] && r[1] != r[3] {
		s.Page, s.Rect = number, r
	}
	return nil
}

// checkAlone does all that needs no other signature.
func (v *verifier) checkAlone(s *Signature) {
	if s.Field == "" && s.Problem == nil {
		s.Problem = problem(ReasonRemoved, "no field of the document holds object %v", s.ref)
	}
	v.checkMessage(s)
	v.checkRevision(s)
	if s.end == 0 && s.Problem == nil {
		s.Problem = problem(ReasonRevision, "no revision is signed")
	}
}
