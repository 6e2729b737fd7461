package cms

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// A Report is what VerifyStream found in a message of any size.
type Report struct {
	Detached bool
	// Size is the length of the content inside the message, in bytes.
	Size int64
	// Signers are in the order of the message; there is at least one.
	Signers []Signer
}

// A Signer is one signature of a message: either Signature or Problem is nil. The problem wraps one of
// the errors at the top of this package.
type Signer struct {
	Signature *Signature
	Problem   error
}

// VerifyStream checks every signature of a message that is read to its end, in constant memory: the
// message may be in BER, and its signers are held to what VerifyForeign asks, one by one. For a
// detached message the document is read from content; for one with the document inside content is nil.
//
// A message that cannot be read at all, or has no signer, is an error.
func VerifyStream(message, content io.Reader) (*Report, error) {
	p, sums, err := takeApart(message, io.Discard)
	switch {
	case err != nil:
		return nil, err
	case p.detached && content == nil:
		return nil, ErrContentMissing
	case !p.detached && content != nil:
		return nil, ErrContentAttached
	}
	signers, err := p.decode()
	if err != nil {
		return nil, err
	}
	if p.detached {
		if _, err := io.Copy(sums, content); err != nil {
			return nil, fmt.Errorf("read the document: %w", err)
		}
	}
	known := sums.digests()
	report := &Report{Detached: p.detached, Size: p.size}
	for _, f := range signers {
		signature, err := f.verifyWith(known)
		report.Signers = append(report.Signers, Signer{signature, err})
	}
	return report, nil
}

// verifyWith checks one signature over a document whose digests are known.
func (f *foreign) verifyWith(known digests) (*Signature, error) {
	m, err := f.message(oidData)
	if err != nil {
		return nil, err
	}
	digest := known[m.algorithm.hash]
	if digest == nil {
		return nil, fmt.Errorf("%w: the message does not list its digest algorithm", ErrAlgorithm)
	}
	return m.finish(digest)
}

// Enclose writes to w the DER of a detached message with its content inside, which is read once and
// not held: size bytes, neither less nor more. What Sign made of a document's digest becomes an
// attached signature of any size this way.
//
// The content's digest is compared with what each signer signed; ErrMessageDigest, and ErrDocument for
// a content of another size, come after bytes were written, which must then be thrown away.
func Enclose(w io.Writer, detached []byte, content io.Reader, size int64) error {
	return enclose(w, detached, size, func(w io.Writer) error { return copyExactly(w, content, size) })
}

// enclose writes a detached message with a content of size bytes, which copyContent writes to where it is told.
func enclose(w io.Writer, detached []byte, size int64, copyContent func(io.Writer) error) error {
	p, _, err := open(detached)
	if err != nil {
		return err
	}
	if !p.detached {
		return ErrContentAttached
	}
	signers, err := p.decode()
	if err != nil {
		return err
	}
	sums := p.hashes()
	p.detached = false
	before, behind := p.frame(size)
	if _, err := w.Write(before); err != nil {
		return err
	}
	if err := copyContent(io.MultiWriter(w, sums)); err != nil {
		return err
	}
	if err := checkDigests(signers, sums.digests()); err != nil {
		return err
	}
	_, err = w.Write(behind)
	return err
}

// copyExactly copies size bytes, and asks that no more are there.
func copyExactly(w io.Writer, content io.Reader, size int64) error {
	n, err := io.CopyN(w, content, size)
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: it has %d bytes, not %d", ErrDocument, n, size)
	}
	if err != nil {
		return fmt.Errorf("copy the document: %w", err)
	}
	switch n, err := io.ReadFull(content, make([]byte, 1)); {
	case n > 0:
		return fmt.Errorf("%w: it has more than %d bytes", ErrDocument, size)
	case !errors.Is(err, io.EOF):
		return fmt.Errorf("read the document: %w", err)
	}
	return nil
}

// checkDigests asks that the document is the one that each of these signed. A signer with a digest
// algorithm of which nothing is known cannot tell, and is passed over.
func checkDigests(signers []*foreign, known digests) error {
	for _, f := range signers {
		alg, ok := digestAlgorithm(f.DigestAlgorithm)
		if !ok || known[alg.hash] == nil {
			continue
		}
		signed, err := f.messageDigest()
		if err != nil {
			return err
		}
		if !bytes.Equal(signed, known[alg.hash]) {
			return ErrMessageDigest
		}
	}
	return nil
}

// messageDigest returns the value of that attribute (RFC 5652 §11.2).
func (f *foreign) messageDigest() ([]byte, error) {
	for _, a := range f.attributes {
		if a.Type.Equal(oidMessageDigest) {
			var digest []byte
			if err := unmarshal(a.Values.Bytes, &digest); err != nil {
				return nil, fmt.Errorf("%w: messageDigest: %v", ErrSignedAttributes, err)
			}
			return digest, nil
		}
	}
	return nil, fmt.Errorf("%w: messageDigest is missing", ErrSignedAttributes)
}

// Detach reads a message with its content inside, in BER or DER and of any size, copies the content to
// w and returns the DER of the same message without it. No byte of a signer or a certificate changes:
// where that cannot be, because they are not in DER, it fails with ErrRewritten. Nothing is verified;
// bytes may have been written when it fails.
func Detach(w io.Writer, message io.Reader) ([]byte, error) {
	p, err := detach(w, message)
	if err != nil {
		return nil, err
	}
	return p.encode(nil)
}

// detach takes a message apart whose signers and certificates can be written as they stand, without its content.
func detach(w io.Writer, message io.Reader) (*parts, error) {
	p, _, err := takeApart(message, w)
	switch {
	case err != nil:
		return nil, err
	case p.rewritten:
		return nil, ErrRewritten
	case p.detached:
		return nil, ErrContentMissing
	}
	p.detached = true
	return p, nil
}
