package command

import (
	"bytes"
	"crypto"
	"fmt"
	"io"
	"time"

	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/signature/cms"
)

// CMSOptions say what a CMS message holds beside the signature.
type CMSOptions struct {
	// Content is the document, of Size bytes, where the message shall hold it; nil for a detached message. It is read
	// again when the signature is made and written.
	Content io.ReaderAt
	Size    int64
	// Message is a SignedData over the same document, which gets one more signer; nil for a new one.
	Message []byte
}

// maxWhole is how large a content may be for its message to be made, read back and verified as one. The digest of a
// larger one is compared while the message is written.
const maxWhole = protocol.MaxAttached

// CMSDocument is signed by its digest, in a CMS message with the attributes of CAdES-BES.
//
// An existing message that cannot take this signer is refused as the reasons NotCMS, TooLarge and OtherDocument say.
func CMSDocument(name string, digest []byte, hash protocol.Hash, o CMSOptions) (Document, error) {
	d := Document{Name: name, Digest: digest, Hash: hash}
	if o.Message != nil {
		r, err := rehearsal()
		if err != nil {
			return Document{}, err
		}
		if _, err := cms.AddSigner(o.Message, r.key, r.cert, digest, cms.Options{}); err != nil {
			return Document{}, refused(name, err, messageRefusals)
		}
	}
	d.sign = func(signer crypto.Signer, c *certificate.Certificate, at time.Time) (Signature, error) {
		made, err := o.make(signer, c, digest, at)
		if err != nil {
			return Signature{}, refused(name, err, contentRefusals)
		}
		s := Signature{Bytes: made}
		if o.Content != nil {
			s.write = func(w io.Writer, made []byte) error {
				err := cms.Enclose(w, made, io.NewSectionReader(o.Content, 0, o.Size+1), o.Size)
				return refused(name, err, contentRefusals)
			}
		}
		return s, nil
	}
	return d, nil
}

// make returns the message without a content that is to be attached.
func (o CMSOptions) make(signer crypto.Signer, c *certificate.Certificate, digest []byte, at time.Time) ([]byte, error) {
	options := cms.Options{SigningTime: at}
	switch {
	case o.Message != nil:
		return cms.AddSigner(o.Message, signer, c.X509, digest, options)
	case o.Content == nil || o.Size > maxWhole:
		return cms.Sign(signer, c.X509, cms.Document{Digest: digest}, options)
	}
	content := make([]byte, o.Size)
	if _, err := io.ReadFull(io.NewSectionReader(o.Content, 0, o.Size), content); err != nil {
		return nil, fmt.Errorf("%w: %w", cms.ErrDocument, err)
	}
	whole, err := cms.Sign(signer, c.X509, cms.Document{Digest: digest, Content: content}, options)
	if err != nil {
		return nil, err
	}
	return cms.Detach(io.Discard, bytes.NewReader(whole))
}
