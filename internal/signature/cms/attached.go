package cms

import (
	"fmt"
	"io"
)

// An Attached is a message with its content inside, of any size, which is read as a stream whenever it is needed.
type Attached struct {
	// Detached is the DER of the same message without its content, for a signer or a time stamp to be added to.
	Detached []byte

	message io.ReaderAt
	length  int64 // of the message, in bytes
	size    int64 // of its content, in bytes
}

// OpenAttached reads a message of length bytes as Detach does, with the same errors: the content is copied to w.
func OpenAttached(w io.Writer, message io.ReaderAt, length int64) (*Attached, error) {
	p, err := detach(w, io.NewSectionReader(message, 0, length))
	if err != nil {
		return nil, err
	}
	detached, err := p.encode(nil)
	return &Attached{Detached: detached, message: message, length: length, size: p.size}, err
}

// Enclose writes to w the DER of a detached message with the content of a, which is read once more. It fails as the
// function Enclose does, and as OpenAttached where the message is no longer what it was.
func (a *Attached) Enclose(w io.Writer, detached []byte) error {
	return enclose(w, detached, a.size, func(w io.Writer) error {
		p, _, err := takeApart(io.NewSectionReader(a.message, 0, a.length), w)
		switch {
		case err != nil:
			return err
		case p.detached:
			return ErrContentMissing
		case p.size != a.size:
			return fmt.Errorf("%w: it has %d bytes, not %d", ErrDocument, p.size, a.size)
		}
		return nil
	})
}
