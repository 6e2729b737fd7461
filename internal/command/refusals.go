package command

import (
	"errors"
	"fmt"

	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	xmldsig "github.com/natsuin/natsuin/internal/signature/xml"
)

// A refusal says what an error of the rooms below means to those who want a document signed.
type refusal struct {
	err    error
	reason protocol.Refusal
}

// pdfRefusals are why a PDF is not signed. The first match wins.
var pdfRefusals = []refusal{
	{pdf.ErrChanged, protocol.Changed},
	{pdf.ErrNotPDF, protocol.NotPDF},
	{pdf.ErrBroken, protocol.Broken},
	{pdf.ErrTooLarge, protocol.TooLarge},
	{pdf.ErrRevisions, protocol.TooManyRevisions},
	{pdf.ErrEncrypted, protocol.Encrypted},
	{pdf.ErrCertified, protocol.Certified},
	{pdf.ErrLocked, protocol.Locked},
	{pdf.ErrXFA, protocol.XFA},
	{pdf.ErrBreaks, protocol.BreaksSignature},
	{pdf.ErrPage, protocol.NoPage},
	{pdf.ErrSeal, protocol.BadSeal},
}

// xmlRefusals are why an XML document is not signed. ErrRequest is what is left of it once the options are known to
// go together: too many references, and what no canonical form can be made of.
var xmlRefusals = []refusal{
	{xmldsig.ErrTooLarge, protocol.TooLarge},
	{xmldsig.ErrDepth, protocol.TooLarge},
	{xmldsig.ErrTooMany, protocol.TooLarge},
	{xmldsig.ErrDoctype, protocol.Doctype},
	{xmldsig.ErrEncoding, protocol.NotXML},
	{xmldsig.ErrVersion, protocol.NotXML},
	{xmldsig.ErrSyntax, protocol.NotXML},
	{xmldsig.ErrNamespace, protocol.NotXML},
	{xmldsig.ErrPlace, protocol.NoPlace},
	{xmldsig.ErrReference, protocol.BadID},
	{xmldsig.ErrDuplicateID, protocol.BadID},
	{xmldsig.ErrAmbiguousID, protocol.BadID},
	{xmldsig.ErrWrapped, protocol.BadID},
	{xmldsig.ErrBreaks, protocol.BreaksSignature},
	{xmldsig.ErrRequest, protocol.Unsupported},
}

// messageRefusals are why an existing CMS message gets no further signer.
var messageRefusals = []refusal{
	{cms.ErrDocument, protocol.OtherDocument},
	{cms.ErrTooLarge, protocol.TooLarge},
	{cms.ErrMalformed, protocol.NotCMS},
	{cms.ErrRewritten, protocol.NotCMS},
	{cms.ErrContentType, protocol.NotCMS},
	{cms.ErrSigners, protocol.NotCMS},
	{cms.ErrSignedAttributes, protocol.NotCMS},
}

// contentRefusals are why a content that was fit when its digest was made cannot be attached any more.
var contentRefusals = []refusal{
	{cms.ErrDocument, protocol.Changed},
	{cms.ErrMessageDigest, protocol.Changed},
}

// errEmpty: nobody means to sign nothing.
var errEmpty = errors.New("the document is empty")

// refused turns an error on the list into the refusal that it means. Others stay what they are; the document's name
// stands before all of them, for those who read logs.
func refused(name string, err error, list []refusal) error {
	if err == nil {
		return nil
	}
	err = fmt.Errorf("%s: %w", name, err)
	for _, r := range list {
		if errors.Is(err, r.err) {
			return refuse(r.reason, err)
		}
	}
	return err
}

func refuse(reason protocol.Refusal, cause error) *protocol.Error {
	e := protocol.Fail(protocol.DocumentRefused, cause)
	e.Reason = string(reason)
	return e
}
