package verify

import (
	"errors"
	"io"

	"github.com/natsuin/natsuin/internal/signature/pdf"
)

// A Mark is where a signature shows on a page of a PDF.
type Mark struct {
	// Page is the page's number, from 1 up.
	Page int `json:"page"`
	// Rect is left, lower, right and upper edge in the page's own units, before it is cropped and turned; all
	// zero where the file does not clearly say.
	Rect [4]float64 `json:"rect"`
}

// VerifyIssued tells whether a signed PDF of size bytes is the one that was issued for signing: it begins with the
// issued bytes, and what follows them adds what may be added to a signed document (docs/verify.md). It returns every
// mark of every signature on every page, since a mark can hide what stands below it; at most 4096, beyond which the
// file is refused as DocumentTooLarge.
//
// A site that has its own PDF signed needs this beside VerifyDocument, which checks the signatures. A signature that
// covers the whole file covers what the signer's program made of the document first, and that may show something else.
//
// The error is a *Refusal, with the reason DocumentChanged where the document is another; or it comes from reading
// the file; or the issued bytes are no PDF that can be read.
func VerifyIssued(file io.ReaderAt, size int64, issued []byte) ([]Mark, error) {
	err := pdf.CheckIssued(file, size, issued)
	var problem *pdf.Problem
	if errors.As(err, &problem) {
		var r report
		return nil, r.fail(RuleDocument, DocumentChanged, problem)
	}
	if err != nil {
		return nil, refusePDF(err)
	}
	found, err := pdf.Verify(file, size)
	if err != nil {
		return nil, refusePDF(err)
	}
	var marks []Mark
	for _, s := range found.Signatures {
		marks = append(marks, marksOf(s)...)
	}
	return marks, nil
}

func marksOf(s *pdf.Signature) []Mark {
	var marks []Mark
	for _, m := range s.Marks {
		marks = append(marks, Mark(m))
	}
	return marks
}
