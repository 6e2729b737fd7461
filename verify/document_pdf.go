package verify

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/natsuin/natsuin/internal/printable"
	"github.com/natsuin/natsuin/internal/signature/pdf"
)

// pdfRefusals are why package pdf reads no file.
var pdfRefusals = []struct {
	err    error
	reason Reason
}{
	{pdf.ErrEncrypted, DocumentEncrypted},
	{pdf.ErrTooLarge, DocumentTooLarge},
	{pdf.ErrRevisions, DocumentTooLarge},
	{pdf.ErrNotPDF, DocumentMalformed},
	{pdf.ErrBroken, DocumentMalformed},
}

// pdfFindings say which problem of a signature dictionary breaks which rule. Those of the CMS in it are
// cmsFindings.
var pdfFindings = map[pdf.Reason]struct {
	rule   string
	reason Reason
}{
	pdf.ReasonPlace:     {RuleMessage, SignatureMalformed},
	pdf.ReasonShared:    {RuleMessage, SignatureMalformed},
	pdf.ReasonContents:  {RuleMessage, SignatureMalformed},
	pdf.ReasonPadding:   {RuleMessage, SignatureMalformed},
	pdf.ReasonSubFilter: {RuleMessage, AlgorithmUnsupported},
	pdf.ReasonByteRange: {RuleCoverage, CoverageInvalid},
	pdf.ReasonGap:       {RuleCoverage, CoverageInvalid},
	pdf.ReasonRevision:  {RuleCoverage, CoverageInvalid},
	pdf.ReasonRemoved:   {RuleUnchanged, ChangedAfterSigning},
	pdf.ReasonAppended:  {RuleUnchanged, ChangedAfterSigning},
	pdf.ReasonChanged:   {RuleUnchanged, ChangedAfterSigning},
	pdf.ReasonForbidden: {RuleUnchanged, ChangedAfterSigning},
}

// pdf checks every signature dictionary of a file.
func (j *judge) pdf(file io.ReaderAt) error {
	j.document.Format = PDF
	found, err := pdf.Verify(file, j.document.Size)
	if err != nil {
		return refusePDF(err)
	}
	if len(found.Signatures) == 0 {
		return refuse(SignatureAbsent, errors.New("the file has no signature"))
	}
	j.document.Revisions, j.document.Pages = found.Revisions, found.Pages
	for _, signature := range found.Signatures {
		if err := j.pdfSignature(file, signature); err != nil {
			return err
		}
		if signature.SubFilter == string(pdf.MOJ.SubFilter) {
			j.document.service = MOJ
		}
	}
	j.marks()
	return nil
}

// refusePDF refuses a file that package pdf does not read. Other errors are not the file's fault.
func refusePDF(err error) error {
	for _, known := range pdfRefusals {
		if errors.Is(err, known.err) {
			return refuse(known.reason, err)
		}
	}
	return err
}

// marks fails the signatures behind which one that failed put a mark on a page: the mark could hide what was
// signed, and nobody who is trusted put it there. Package pdf sees to marks of signatures that are not correct;
// these are of signatures that are correct and still not accepted.
func (j *judge) marks() {
	page := 0
	for i := len(j.document.Signatures) - 1; i >= 0; i-- {
		s := &j.document.Signatures[i]
		if s.Outcome == Passed && page != 0 {
			r := report(slices.DeleteFunc(s.Checks, func(c Check) bool { return c.Rule == RuleUnchanged }))
			s.Checks = s.refuse(r.fail(RuleUnchanged, ChangedAfterSigning,
				fmt.Errorf("page %d got a mark with a later signature that is not accepted", page)))
		}
		if s.Outcome == Failed && len(s.Marks) > 0 {
			page = s.Marks[0].Page
		}
	}
}

func (j *judge) pdfSignature(file io.ReaderAt, found *pdf.Signature) error {
	s := DocumentSignature{
		Place:  printable.Text(fmt.Sprintf("field %q, object %s", found.Field, found.Object)),
		Covers: Coverage{Whole: found.Whole, Revision: found.Revision},
		Claims: Claims{
			Time: found.Claimed, Name: found.Name, Reason: found.Reason, Location: found.Location,
		},
		Marks: marksOf(found),
	}
	if found.ByteRange != [4]int64{} {
		s.Covers.ByteRange = slices.Clone(found.ByteRange[:])
	}
	if found.Later != (pdf.Additions{}) {
		s.Covers.Later = (*Later)(&found.Later)
	}
	s.DocumentTimeStamp = found.TimeStamp
	var r report
	m := found.CMS
	if m != nil {
		r.passMessage(m)
		s.Claims.SigningTime = m.SigningTime
	}
	if found.Problem != nil {
		var refusal *Refusal
		if err := r.failPDF(found.Problem); !errors.As(err, &refusal) {
			return err
		}
		r = s.refuse(refusal)
	} else {
		r.pass(RuleCoverage, fmt.Sprintf("revision %d of %d", found.Revision, j.document.Revisions))
		r.pass(RuleUnchanged, "")
	}
	switch {
	case m != nil:
		j.timeStamps(&s, &r, m)
		if err := j.signer(&s, &r, m.Certificate, m.SigningTime, found.Claimed); err != nil {
			return err
		}
	case found.Problem == nil:
		if err := j.documentTimeStamp(&s, &r, found, file); err != nil {
			return err
		}
	}
	j.add(s, r)
	return nil
}

// failPDF refuses a signature dictionary.
func (r *report) failPDF(problem *pdf.Problem) error {
	if known, ok := pdfFindings[problem.Reason]; ok {
		return r.fail(known.rule, known.reason, problem)
	}
	return r.failFinding(cmsFindings, problem)
}
