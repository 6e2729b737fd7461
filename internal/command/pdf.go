package command

import (
	"bytes"
	"crypto"
	"io"
	"slices"
	"time"

	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/signature/pdf"
)

// PDFOptions say how a PDF is signed.
type PDFOptions struct {
	Profile string        // "pades" or "moj"; "" is the first
	Hash    protocol.Hash // "" is SHA-256
	Seal    *Seal         // nil for a signature that is not seen
}

// PDFDocument is signed by an update that is appended to it. Everything that can be wrong with the file is found
// here: a *protocol.Error of DocumentRefused, or of InvalidRequest for an option, or the error of reading. The file is
// read again when it is signed, and when the output is written.
func PDFDocument(name string, file io.ReaderAt, size int64, o PDFOptions) (Document, error) {
	shape, err := protocol.Shape{Profile: o.Profile, Hash: o.Hash}.Complete(protocol.PDF)
	if err != nil {
		return Document{}, err
	}
	options, err := o.forPDF(shape)
	if err != nil {
		return Document{}, err
	}
	if size == 0 {
		return Document{}, refuse(protocol.Empty, errEmpty)
	}
	update, err := pdf.Prepare(file, size, options)
	if err != nil {
		return Document{}, refused(name, err, pdfRefusals)
	}
	d := Document{Name: name, Digest: update.Digest(), Hash: shape.Hash, Pages: update.Pages(), Seal: o.Seal}
	d.sign = func(signer crypto.Signer, c *certificate.Certificate, at time.Time) (Signature, error) {
		holder, err := c.Attributes()
		if err != nil {
			return Signature{}, err
		}
		appended, err := update.Sign(pdf.Signer{Signer: signer, Certificate: c.X509, Name: holder.Name, Time: at.In(japan)})
		if err != nil {
			return Signature{}, refused(name, err, pdfRefusals)
		}
		return Signature{Bytes: appended, write: d.appendTo(file, size)}, nil
	}
	return d, nil
}

// forPDF puts the options as package pdf has them.
func (o PDFOptions) forPDF(shape protocol.Shape) (options pdf.Options, err error) {
	profiles := pdf.Profiles()
	i := slices.IndexFunc(profiles, func(p pdf.Profile) bool { return p.ID == shape.Profile })
	options = pdf.Options{Profile: profiles[i], Hash: shape.Hash.Crypto()}
	if o.Seal != nil {
		options.Seal, err = o.Seal.forPDF()
	}
	return options, err
}

// appendTo returns how the whole output is written: the file, if it is still the one that was signed, and behind it
// what was made.
func (d Document) appendTo(file io.ReaderAt, size int64) func(io.Writer, []byte) error {
	return func(w io.Writer, made []byte) error {
		h := d.Hash.Crypto().New()
		n, err := io.Copy(io.MultiWriter(w, h), io.NewSectionReader(file, 0, size))
		if err != nil {
			return err
		}
		if n != size || !bytes.Equal(h.Sum(nil), d.Digest) {
			return refused(d.Name, pdf.ErrChanged, pdfRefusals)
		}
		_, err = w.Write(made)
		return err
	}
}
