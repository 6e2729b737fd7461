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
	// TimeStampRoots are the roots of the authorities whose time stamps of signatures are believed. Nil leaves
	// time stamps unchecked, and results say so. A time stamp changes nothing about At: to judge a
	// certificate as of a time that was proven, ask again with that time.
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
	// Accepted tells that at least one signature passed and none failed. It says nothing of what a signature
	// leaves out: see Coverage.
	Accepted bool `json:"accepted"`
	// Signatures are all in the file, at least one: of a PDF the oldest first, else as they stand.
	Signatures []DocumentSignature `json:"signatures"`
	// MissingRoots are the roots of J-LIS that Trust does not hold. Certificates by them are refused as
	// ISSUER_NOT_SHIPPED though they may be genuine.
	MissingRoots []Root `json:"missingRoots"`
}

// VerifyDocument checks every signature of a file of size bytes, whose format it finds out from how the file
// begins. What is wrong with one signature stands with that signature. An error for the file as a whole
// is a *Refusal, or comes from reading the file, its content or its files.
//
// A file must not change while it is read.
func VerifyDocument(ctx context.Context, file io.ReaderAt, size int64, o DocumentOptions) (*Document, error) {
	j := &judge{ctx: ctx, options: o, document: &Document{Size: size, At: timeOr(o.At).UTC(), MissingRoots: o.Trust.Missing()}}
	if size < 0 {
		return nil, fmt.Errorf("a file of %d bytes", size)
	}
	head := make([]byte, min(size, 64))
	if n, err := file.ReadAt(head, 0); n < len(head) {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	var err error
	switch head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")), " \t\r\n"); {
	case bytes.HasPrefix(head, []byte("%PDF-")):
		err = j.pdf(file)
	case bytes.HasPrefix(head, []byte{0x30}):
		err = j.cms(io.NewSectionReader(file, 0, size))
	case bytes.HasPrefix(head, []byte("-----BEGIN ")):
		err = j.armoured(file)
	case bytes.HasPrefix(head, []byte("<")), isUTF16(head):
		err = j.xml(file)
	default:
		err = refuse(FormatUnknown, errors.New("the file begins neither as CMS nor as PDF nor as XML does"))
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

// isUTF16 knows XML in an encoding that is not read, so that the refusal says so (XML 1.0 appendix F).
func isUTF16(head []byte) bool {
	return bytes.HasPrefix(head, []byte("\xFE\xFF")) || bytes.HasPrefix(head, []byte("\xFF\xFE"))
}

// refuse refuses a file as a whole.
func refuse(reason Reason, cause error) *Refusal {
	var r report
	return r.fail(RuleFormat, reason, cause)
}

// sum decides about the whole.
func (d *Document) sum() {
	for i := range d.Signatures {
		switch d.Signatures[i].Outcome {
		case Passed:
			d.Accepted = true
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

// armoured reads a message in PEM (RFC 7468 §8, and the labels that older programs write): one, and nothing
// else.
func (j *judge) armoured(file io.ReaderAt) error {
	text, err := readAll(file, j.document.Size, maxArmoured)
	if err != nil {
		return err
	}
	block, rest := pem.Decode(text)
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return refuse(DocumentMalformed, errors.New("not one block of PEM"))
	}
	switch block.Type {
	case "CMS", "PKCS7", "PKCS #7 SIGNED DATA":
		return j.cms(bytes.NewReader(block.Bytes))
	}
	return refuse(FormatUnknown, fmt.Errorf("PEM with the label %q", block.Type))
}
