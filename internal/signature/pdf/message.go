package pdf

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// keep takes the first problem.
func (s *Signature) keep(p *Problem) {
	if s.Problem == nil {
		s.Problem = p
	}
}

// checkPlace checks what holds the dictionary and what it leaves out. It reports whether a message can be read.
func (v *verifier) checkPlace(s *Signature) bool {
	if !s.held {
		s.keep(problem(ReasonRemoved, "no field of the document holds object %v", s.ref))
	}
	if s.dict == nil {
		return false
	}
	p := v.readByteRange(s)
	if p == nil {
		p = v.checkGap(s)
	}
	s.keep(p)
	return p == nil
}

// checkMessage checks the contents and the CMS in them.
func (v *verifier) checkMessage(s *Signature) {
	message, structure, p := readContents(s.dict)
	if p != nil {
		s.keep(p)
		return
	}
	s.Message = message[:structure.Length]
	switch subFilter := s.dict["SubFilter"]; subFilter {
	case detachedPKCS7, detachedCAdES:
	case timeStamp:
		s.TimeStamp = true
		return
	default:
		s.keep(problem(ReasonSubFilter, "a signature of the kind %v is not accepted", subFilter))
		return
	}
	signature, err := cms.VerifyForeign(s.Message, s.SignedBytes(v.source))
	if err == nil {
		s.CMS = signature
		return
	}
	reason := ReasonCMS
	if errors.Is(err, cms.ErrMessageDigest) {
		reason = ReasonDigest
	}
	s.keep(&Problem{reason, err})
}

// SignedBytes returns what the byte range covers of the file.
func (s *Signature) SignedBytes(file io.ReaderAt) io.Reader {
	return io.MultiReader(io.NewSectionReader(file, 0, s.ByteRange[1]), io.NewSectionReader(file, s.ByteRange[2], s.ByteRange[3]))
}

// readByteRange takes [0 b c d], four integers in the dictionary itself, within the file and in order.
func (v *verifier) readByteRange(s *Signature) *Problem {
	array, ok := s.dict["ByteRange"].(syntax.Array)
	if !ok || len(array) != 4 {
		return problem(ReasonByteRange, "/ByteRange is no array of four")
	}
	var r [4]int64
	for i, o := range array {
		n, ok := o.(syntax.Integer)
		if !ok {
			return problem(ReasonByteRange, "/ByteRange holds %v", o)
		}
		r[i] = int64(n)
	}
	s.ByteRange = r
	if r[0] != 0 || r[1] <= 0 || r[2] <= r[1] || r[3] <= 0 || r[2] > v.doc.Size() || r[3] > v.doc.Size()-r[2] {
		return problem(ReasonByteRange, "/ByteRange %v does not fit a file of %d bytes", r, v.doc.Size())
	}
	return nil
}

// checkGap holds what the byte range leaves out against where /Contents of this very dictionary is, to
// the byte, and looks that it is a hexadecimal string without anything else in it.
func (v *verifier) checkGap(s *Signature) *Problem {
	span, ok := s.spans["Contents"]
	if !ok {
		return problem(ReasonContents, "/Contents is missing")
	}
	if span.Start != s.ByteRange[1] || span.End != s.ByteRange[2] {
		return problem(ReasonGap, "/ByteRange leaves out %d to %d, and /Contents is at %d to %d", s.ByteRange[1], s.ByteRange[2], span.Start, span.End)
	}
	raw := make([]byte, span.End-span.Start) // its value was held to MaxString
	if n, err := v.source.ReadAt(raw, span.Start); n < len(raw) {
		return &Problem{ReasonGap, fmt.Errorf("read the file: %w", err)}
	}
	if len(raw) < 2 || raw[0] != '<' || raw[len(raw)-1] != '>' {
		return problem(ReasonContents, "/Contents is not in hexadecimal digits")
	}
	if _, err := hex.Decode(make([]byte, len(raw)/2), raw[1:len(raw)-1]); err != nil {
		return problem(ReasonContents, "/Contents is not in hexadecimal digits alone")
	}
	return nil
}

// readContents returns the CMS with its padding, which must be zeros, and how it is built.
func readContents(dict syntax.Dict) ([]byte, *cms.Structure, *Problem) {
	contents, _ := dict["Contents"].(syntax.String)
	message := []byte(contents)
	if !slices.ContainsFunc(message, func(b byte) bool { return b != 0 }) {
		return nil, nil, problem(ReasonContents, "/Contents is empty")
	}
	structure, err := cms.Inspect(message)
	if err != nil {
		return nil, nil, &Problem{ReasonCMS, err}
	}
	if slices.ContainsFunc(message[structure.Length:], func(b byte) bool { return b != 0 }) {
		return nil, nil, problem(ReasonPadding, "more than zeros stands behind the CMS of %d bytes", structure.Length)
	}
	return message, structure, nil
}
