package nativemsg

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// A Reader takes frames from a stream. It reads ahead by no byte and keeps no copy of a payload, because
// a payload may hold a PIN.
type Reader struct {
	r      io.Reader
	max    int
	header [headerSize]byte
}

// NewReader reads frames of at most max bytes of payload from r.
func NewReader(r io.Reader, max int) *Reader {
	return &Reader{r: r, max: max}
}

// Next returns the payload of the next frame. The slice is the caller's own, to wipe where it must be.
//
// The error is io.EOF only where the stream ends between two frames, and ErrCut where it ends inside one.
// After a *TooLongError, ErrEmpty or ErrNotUTF8 the frame is gone and the following one can be read; after
// any other error nothing can.
func (r *Reader) Next() ([]byte, error) {
	if _, err := io.ReadFull(r.r, r.header[:]); err != nil {
		if err == io.EOF {
			return nil, io.EOF
		}
		return nil, readError("header", err)
	}
	length := int64(binary.NativeEndian.Uint32(r.header[:]))
	switch {
	case length == 0:
		return nil, ErrEmpty
	case length > int64(r.max):
		if err := r.skip(length); err != nil {
			return nil, err
		}
		return nil, &TooLongError{Length: length, Max: r.max}
	}

	payload := make([]byte, length)
	if _, err := io.ReadFull(r.r, payload); err != nil {
		clear(payload)
		return nil, readError("payload", err)
	}
	if !utf8.Valid(payload) {
		clear(payload)
		return nil, ErrNotUTF8
	}
	return payload, nil
}

// skip reads n bytes and forgets them. io.Discard would leave the last of them in a pool shared by the
// whole program.
func (r *Reader) skip(n int64) error {
	var scratch [4096]byte
	defer clear(scratch[:])
	for n > 0 {
		part := scratch[:min(n, int64(len(scratch)))]
		if _, err := io.ReadFull(r.r, part); err != nil {
			return readError("payload", err)
		}
		n -= int64(len(part))
	}
	return nil
}

// readError names the part of the frame in which reading failed.
func readError(part string, err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %s", ErrCut, part)
	}
	return fmt.Errorf("nativemsg: reading the %s: %w", part, err)
}
