package pdf

import (
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
	// ReasonShared: more than one field of the signed revision holds the dictionary.
	ReasonShared Reason = "shared"
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
	// ReasonForbidden: a later revision adds what this signature's certification or locks forbid.
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
	// Metadata tells that the document's information or its metadata were.
	Metadata bool
	// Version tells that the PDF version or the extensions that the catalog names were (ISO 32000-1 §7.7.2,
	// §7.12), as goes with validation data.
	Version bool
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
	// Marks are where it shows, in the order of the pages.
	Marks []Mark

	// Message is the CMS of /Contents without its padding, nil where none can be read.
	Message []byte
	// TimeStamp tells that Message is a time-stamp token about the signed bytes (ETSI EN 319 142-1 §5.4.3).
	// The token is not checked here.
	TimeStamp bool
	// CMS is what the signed message says, nil where it is not correct and for a time stamp. Whether its
	// certificate is to be trusted is the caller's to decide.
	CMS *cms.Signature
	// Later is what was added since. A later signature may have put its mark on a page: whoever trusts
	// this signer but not that one looks at that one's Marks.
	Later Additions
	// Problem is nil for a signature that is correct and stands for the document as it is now. Of a time
	// stamp it says the same but for the token.
	Problem *Problem

	identity
	held  bool // by a field of the document as it is now, whatever its name
	dict  syntax.Dict
	spans map[syntax.Name]syntax.Span
	end   int64 // of the revision, 0 where unknown
}

// An identity says which dictionary of which revision a signature is.
type identity struct {
	ref      syntax.Ref
	location syntax.Location
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
		s := &Signature{Field: f.name, held: true}
		if ref, ok := f.value.(syntax.Ref); ok {
			if held[ref] {
				continue // one signature: holder sees to it
			}
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
		if err := v.add(&Signature{identity: identity{ref, at}}); err != nil {
			return err
		}
	}
	return nil
}

// find returns a signature, nil where it is not there.
func (v *verifier) find(which identity) *Signature {
	i := slices.IndexFunc(v.signatures, func(s *Signature) bool { return s.identity == which })
	if i < 0 {
		return nil
	}
	return v.signatures[i]
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

// checkAlone does all that needs no other signature.
func (v *verifier) checkAlone(s *Signature) {
	if v.checkPlace(s) {
		v.checkMessage(s)
	}
	v.checkRevision(s)
}

// checkPlaces does all that needs no message and no digest: what more may be wrong no later revision changes.
func (v *verifier) checkPlaces() error {
	for _, s := range v.signatures {
		v.checkPlace(s)
		v.checkRevision(s)
	}
	return v.checkLater()
}
