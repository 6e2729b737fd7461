package verify

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"
)

// A Format is a kind of signed document.
type Format string

const (
	CMS Format = "cms" // RFC 5652, in DER, BER or PEM
	PDF Format = "pdf" // ISO 32000-1 §12.8, PAdES
	XML Format = "xml" // XML Signature 1.1, XAdES
)

// DocumentOptions says how a file is to be judged.
type DocumentOptions struct {
	// At is the time at which certificates must be valid and not revoked. The zero time is now. For a
	// document from the past give the time at which it was received, which no signer's claim proves.
	At time.Time
	// Trust holds the roots. The zero value is J-LIS's.
	Trust Trust
	// Revocation tells which certificates were revoked. Nil leaves that unchecked, and results say so. With
	// it, a certificate of which it cannot say anything is refused.
	Revocation Revocation
	// TimeStampRoots are the roots of the authorities whose time stamps are believed (TimeStampRoots reads
	// them from a folder). Nil leaves time stamps unchecked, and results say so. A time stamp changes nothing
	// about At: to judge a certificate as of a time that was proven, ask again with that time.
	TimeStampRoots *x509.CertPool
	// Attributes asks for the holders' name, birth date, sex and address in the result.
	Attributes bool
	// Content is what a detached CMS signs, read to its end. Nil where none is given.
	Content io.Reader
	// Files holds the files that an XML signature names, by those names; other files in it are not touched.
	// For a folder use os.Root.FS, which no link leads out of. Nil where none is given.
	Files fs.FS
}

// A Document is what VerifyDocument found in a file.
type Document struct {
	Format Format `json:"format"`
	// Size is the file's, in bytes.
	Size int64 `json:"size"`
	// At is the time that the signatures were judged at.
	At time.Time `json:"at"`
	// Revisions and Pages count those of a PDF.
	Revisions int `json:"revisions,omitempty"`
	Pages     int `json:"pages,omitempty"`
	// Accepted tells that at least one signature passed and none failed, time stamps of a whole PDF not being
	// signatures. It says nothing of what a signature leaves out: see Coverage.
	Accepted bool `json:"accepted"`
	// Signatures are all in the file, at least one: of a PDF the oldest first, else as they stand.
	Signatures []DocumentSignature `json:"signatures"`
	// MissingRoots are the roots of J-LIS that Trust does not hold. Certificates by them are refused as
	// ISSUER_NOT_SHIPPED though they may be genuine.
	MissingRoots []Root `json:"missingRoots"`

	service Profile
}

// Service returns the profile of the service that the file is made for, as far as its shape tells, "" for none. Whether
// it keeps that service's rules, Conformance tells: a signature can be correct and not be what the service takes.
func (d *Document) Service() Profile { return d.service }

// VerifyDocument checks every signature of a file of size bytes, whose format it finds out from how the file
// begins. What is wrong with one signature stands with that signature. An error for the file as a whole
// is a *Refusal, or comes from reading the file, its content or its files; it is ctx's once ctx has ended, after which
// nothing is read any more.
//
// A file must not change while it is read.
func VerifyDocument(ctx context.Context, file io.ReaderAt, size int64, o DocumentOptions) (*Document, error) {
	file, o.Files = readerAtUntil{file, ctx}, until(ctx, o.Files)
	if o.Content != nil {
		o.Content = readerUntil{o.Content, ctx}
	}
	j := &judge{ctx: ctx, options: o, document: &Document{Size: size, At: timeOr(o.At).UTC(), MissingRoots: o.Trust.Missing()}}
	format, armoured, err := recognise(file, size)
	if err != nil {
		return nil, err
	}
	switch {
	case armoured:
		var message []byte
		if message, err = unarmour(file, size); err == nil {
			err = j.cms(bytes.NewReader(message))
		}
	case format == CMS:
		err = j.cms(io.NewSectionReader(file, 0, size))
	case format == PDF:
		err = j.pdf(file)
	default:
		err = j.xml(file)
	}
	if err == nil && o.Content != nil && j.document.Format != CMS {
		err = refuse(ContentUnexpected, errors.New("a PDF or XML file holds what it signs, or names its files"))
	}
	if err != nil {
		return nil, err
	}
	j.document.sum()
	return j.document, nil
}

// recognise tells a file's format by how it begins, and whether a message in CMS is in PEM.
func recognise(file io.ReaderAt, size int64) (format Format, armoured bool, err error) {
	if size < 0 {
		return "", false, fmt.Errorf("a file of %d bytes", size)
	}
	head := make([]byte, min(size, 64))
	if n, err := file.ReadAt(head, 0); n < len(head) {
		return "", false, fmt.Errorf("read the file: %w", err)
	}
	switch head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")), " \t\r\n"); {
	case bytes.HasPrefix(head, []byte("%PDF-")):
		return PDF, false, nil
	case bytes.HasPrefix(head, []byte{0x30}):
		return CMS, false, nil
	case bytes.HasPrefix(head, []byte("-----BEGIN ")):
		return CMS, true, nil
	case bytes.HasPrefix(head, []byte("<")), isUTF16(head):
		return XML, false, nil
	}
	return "", false, refuse(FormatUnknown, errors.New("the file begins neither as CMS nor as PDF nor as XML does"))
}

// isUTF16 knows XML in an encoding that is not read, so that the refusal says so (XML 1.0 appendix F).
func isUTF16(head []byte) bool {
	return bytes.HasPrefix(head, []byte("\xFE\xFF")) || bytes.HasPrefix(head, []byte("\xFF\xFE"))
}

// refuse refuses a file as a whole.
func refuse(reason Reason, cause error) *Refusal {
	var r report
	return r.fail(RuleFormat, reason, cause)
}

// sum decides about the whole. That a document was there at some time does not say that anybody signed it.
func (d *Document) sum() {
	for i := range d.Signatures {
		switch s := &d.Signatures[i]; s.Outcome {
		case Passed:
			d.Accepted = d.Accepted || !s.DocumentTimeStamp
		case Failed:
			d.Accepted = false
			return
		}
	}
}

// maxArmoured bounds a message in PEM, in bytes.
const maxArmoured = 96 << 20

// readAll returns a file of at most that many bytes.
func readAll(file io.ReaderAt, size, most int64) ([]byte, error) {
	if size > most {
		return nil, refuse(DocumentTooLarge, fmt.Errorf("more than %d bytes", most))
	}
	text := make([]byte, size)
	if n, err := file.ReadAt(text, 0); n < len(text) {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	return text, nil
}

// unarmour returns the message in PEM (RFC 7468 §8, and the labels that older programs write): one, and
// nothing else.
func unarmour(file io.ReaderAt, size int64) ([]byte, error) {
	text, err := readAll(file, size, maxArmoured)
	if err != nil {
		return nil, err
	}
	block, rest := pem.Decode(text)
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, refuse(DocumentMalformed, errors.New("not one block of PEM"))
	}
	switch block.Type {
	case "CMS", "PKCS7", "PKCS #7 SIGNED DATA":
		return block.Bytes, nil
	}
	return nil, refuse(FormatUnknown, fmt.Errorf("PEM with the label %q", block.Type))
}
