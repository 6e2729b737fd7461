package pdf

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// ErrCovered: a later signature covers this one, down to what is not signed of it.
var ErrCovered = errors.New("a later signature covers this one")

// Exchangeable asks that the message of a signature of the report can be exchanged: that the signature is
// correct and stands for the document, and that no later one covers it (ErrCovered).
func (r *Report) Exchangeable(s *Signature) error {
	if s.Problem != nil {
		return s.Problem
	}
	if s.TimeStamp {
		return problem(ReasonSubFilter, "it is a time stamp of the document")
	}
	for _, other := range r.Signatures {
		if other != s && other.ByteRange[2]+other.ByteRange[3] > s.ByteRange[1] {
			return fmt.Errorf("%w: %s, field %q", ErrCovered, other.Object, other.Field)
		}
	}
	return nil
}

// Exchange returns the file of the report with another message in the place of a signature's: the same one
// with more of what nobody signs, such as a time stamp. No other byte changes, and as many there are.
//
// It fails as Exchangeable does, with ErrPlaceholder where the place is too short, and with ErrChanged where
// the result, which it reads whole, does not hold the same signature.
func (r *Report) Exchange(file io.ReaderAt, s *Signature, message []byte) (io.ReaderAt, error) {
	if err := r.Exchangeable(s); err != nil {
		return nil, err
	}
	start, end := s.ByteRange[1]+1, s.ByteRange[2]-1
	place := bytes.Repeat([]byte("0"), int(end-start))
	if hex.EncodedLen(len(message)) > len(place) {
		return nil, fmt.Errorf("%w: %d bytes, and %d are kept", ErrPlaceholder, len(message), len(place)/2)
	}
	hex.Encode(place, message)
	exchanged := &patched{file: file, at: start, patch: place}
	if err := checkExchanged(exchanged, r.Size, s); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrChanged, err)
	}
	return exchanged, nil
}

// checkExchanged verifies the signature where it was, by its value the same one.
func checkExchanged(file io.ReaderAt, size int64, was *Signature) error {
	v, err := newVerifier(file, size)
	if err != nil {
		return err
	}
	now := v.find(was.identity)
	if now == nil {
		return errors.New("the signature is not found")
	}
	v.checkAlone(now)
	if now.Problem != nil {
		return now.Problem
	}
	if !bytes.Equal(now.CMS.Value, was.CMS.Value) {
		return errors.New("it is another signature")
	}
	return nil
}

// patched is a file with some of its bytes exchanged for others.
type patched struct {
	file  io.ReaderAt
	at    int64
	patch []byte
}

func (p *patched) ReadAt(b []byte, at int64) (int, error) {
	n, err := p.file.ReadAt(b, at)
	if from := at - p.at; from < 0 {
		if -from < int64(n) {
			copy(b[-from:n], p.patch)
		}
	} else if from < int64(len(p.patch)) {
		copy(b[:n], p.patch[from:])
	}
	return n, err
}
