package verify

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/timestamp"
)

// stampable is a file whose signatures may get time stamps.
type stampable struct {
	format     Format
	signatures []stampableSignature
	// attach returns what writes the file with a token at one of the signatures, and the number that this
	// signature then has.
	attach func(i int, t *timestamp.Token) (number int, write func(io.Writer) error, err error)
}

// A stampableSignature is one of them, or err says why not.
type stampableSignature struct {
	value  []byte   // what a time stamp is about, nil where it is not known
	stamps [][]byte // those that it has
	err    error
}

func openStampable(file io.ReaderAt, size int64) (*stampable, error) {
	format, armoured, err := recognise(file, size)
	switch {
	case err != nil:
		return nil, err
	case format == XML:
		return nil, refuseStamp(TimeStampUnsupported, errors.New("an XML signature (XAdES-T)"))
	case format == PDF:
		return openStampablePDF(file, size)
	case armoured:
		message, err := unarmour(file, size)
		if err != nil {
			return nil, err
		}
		return openStampableCMS(bytes.NewReader(message), int64(len(message)))
	}
	return openStampableCMS(file, size)
}

// choose returns the signature of a number, or the one that is meant without a number.
func (f *stampable) choose(number int) (stampableSignature, error) {
	if number == 0 && len(f.signatures) == 1 {
		number = 1
	}
	if number == 0 && f.format == PDF {
		number = len(f.signatures)
		for number > 1 && errors.Is(f.signatures[number-1].err, errDocumentTimeStamp) {
			number--
		}
	}
	if number < 1 || number > len(f.signatures) {
		return stampableSignature{}, &WhichSignatureError{number, len(f.signatures)}
	}
	s := f.signatures[number-1]
	return s, s.err
}

func openStampableCMS(file io.ReaderAt, size int64) (*stampable, error) {
	signers, err := cms.SignerInfos(io.NewSectionReader(file, 0, size))
	if err != nil {
		return nil, refuseMessage(err)
	}
	f := &stampable{format: CMS}
	for _, s := range signers {
		f.signatures = append(f.signatures, stampableSignature{value: s.Value, stamps: s.Timestamps})
	}
	f.attach = func(_ int, t *timestamp.Token) (int, func(io.Writer) error, error) {
		attached, err := cms.OpenAttached(io.Discard, file, size)
		detached := errors.Is(err, cms.ErrContentMissing)
		var message []byte
		switch {
		case detached:
			message, err = readAll(file, size, cms.MaxStructure)
		case err == nil:
			message = attached.Detached
		}
		if err != nil {
			return 0, nil, refuseMessage(err)
		}
		if message, err = timestamp.Attach(message, t); err != nil {
			return 0, nil, refuseMessage(err)
		}
		number, err := numberOf(message, t)
		return number, func(w io.Writer) error {
			if detached {
				_, err := w.Write(message)
				return err
			}
			return refuseMessage(attached.Enclose(w, message))
		}, err
	}
	return f, nil
}

// numberOf returns the number of the signer of a message that has a token about its signature.
func numberOf(message []byte, t *timestamp.Token) (int, error) {
	signers, err := cms.SignerInfos(bytes.NewReader(message))
	if err != nil {
		return 0, refuseMessage(err)
	}
	return 1 + slices.IndexFunc(signers, func(s cms.SignerInfo) bool { return t.Covers(s.Value) == nil && holds(s.Timestamps, t) }), nil
}

// holds reports whether a token is among others.
func holds(stamps [][]byte, t *timestamp.Token) bool {
	return slices.ContainsFunc(stamps, func(der []byte) bool { return bytes.Equal(der, t.Raw) })
}

// refuseMessage refuses a message for an error of package cms, and returns others, nil too.
func refuseMessage(err error) error {
	switch {
	case errors.Is(err, cms.ErrRewritten):
		return refuseStamp(TimeStampUnsupported, err)
	case errors.Is(err, cms.ErrSigners):
		return refuse(SignatureAbsent, err)
	}
	var r report
	return r.failFinding(cmsFindings, err)
}

var errDocumentTimeStamp = errors.New("a time stamp of the document")

func openStampablePDF(file io.ReaderAt, size int64) (*stampable, error) {
	found, err := pdf.Verify(file, size)
	if err != nil {
		return nil, refusePDF(err)
	}
	if len(found.Signatures) == 0 {
		return nil, refuse(SignatureAbsent, errors.New("the file has no signature"))
	}
	f := &stampable{format: PDF}
	for _, s := range found.Signatures {
		one := stampableSignature{err: refuseExchange(s, found.Exchangeable(s))}
		if s.CMS != nil {
			one.value, one.stamps = s.CMS.Value, s.CMS.Timestamps
		}
		f.signatures = append(f.signatures, one)
	}
	f.attach = func(i int, t *timestamp.Token) (int, func(io.Writer) error, error) {
		s := found.Signatures[i]
		message, err := timestamp.Attach(s.Message, t)
		if err != nil {
			return 0, nil, refuseMessage(err)
		}
		exchanged, err := found.Exchange(file, s, message)
		if err != nil {
			return 0, nil, refuseExchange(s, err)
		}
		return i + 1, func(w io.Writer) error {
			_, err := io.Copy(w, io.NewSectionReader(exchanged, 0, size))
			return err
		}, nil
	}
	return f, nil
}

// refuseExchange says why the message of a PDF's signature cannot be exchanged.
func refuseExchange(s *pdf.Signature, err error) error {
	var problem *pdf.Problem
	switch {
	case err == nil:
		return nil
	case s.TimeStamp:
		return refuseStamp(TimeStampUnsupported, errDocumentTimeStamp)
	case errors.Is(err, pdf.ErrCovered):
		return refuseStamp(SignatureCovered, err)
	case errors.Is(err, pdf.ErrPlaceholder):
		return refuseStamp(SignatureRoom, err)
	case errors.As(err, &problem):
		var r report
		return r.failPDF(problem)
	}
	return err
}
