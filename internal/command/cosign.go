package command

import (
	"crypto"
	"errors"
	"io"
	"time"

	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/signature/cms"
)

// CosignedDocument is a CMS message of size bytes that holds its document, of any size, and gets one more signer: the
// message is read here, when the signature is made and when it is written, each time as a stream. Its name is what the
// human is shown, with the digest of the document in it.
//
// It fails as CMSDocument does, and with InvalidRequest in the field "documents" where the message is detached.
func CosignedDocument(name string, message io.ReaderAt, size int64, hash protocol.Hash) (Document, error) {
	h := hash.Crypto().New()
	attached, err := cms.OpenAttached(h, message, size)
	switch {
	case errors.Is(err, cms.ErrContentMissing):
		return Document{}, protocol.Invalid("documents", "%w", err)
	case err != nil:
		return Document{}, refused(name, err, messageRefusals)
	}
	d, err := CMSDocument(name, h.Sum(nil), hash, CMSOptions{Message: attached.Detached})
	if err != nil {
		return Document{}, err
	}
	sign := d.sign
	d.sign = func(signer crypto.Signer, c *certificate.Certificate, at time.Time) (Signature, error) {
		s, err := sign(signer, c, at)
		s.write = func(w io.Writer, made []byte) error {
			return refused(name, attached.Enclose(w, made), holderRefusals)
		}
		return s, err
	}
	return d, nil
}

// holderRefusals are why a message that could be read before cannot be written anew.
var holderRefusals = append([]refusal{
	{cms.ErrMalformed, protocol.Changed},
	{cms.ErrTooLarge, protocol.Changed},
	{cms.ErrRewritten, protocol.Changed},
	{cms.ErrContentMissing, protocol.Changed},
}, contentRefusals...)
