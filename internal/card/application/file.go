package application

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/natsuin/natsuin/internal/card"
)

const (
	// MaxObject is the length of the longest object that is read, and well within the 32,767 bytes that
	// READ BINARY reaches. A certificate has less than 1,700 bytes.
	MaxObject = 8192

	// maxReads is the most READ BINARY commands spent on one file: 32 carry the longest object, and a
	// card that returns an eighth of what it is asked for is still read.
	maxReads = 256
)

// SelectFile makes the elementary file the current one (jpki-card.md §3.1; ISO/IEC 7816-4 §11.2.2). PINs
// that were verified stay so. It fails with ErrNoFile when there is no such file.
func (a *Application) SelectFile(id uint16) error {
	_, err := card.Send(a.transport, card.Command{INS: 0xA4, P1: 0x02, P2: 0x0C, Data: []byte{byte(id >> 8), byte(id)}})
	return inWords(err)
}

// ReadFile returns the first n bytes of the file, n at most MaxObject, or all of it when it is shorter.
// It fails with ErrNoFile when there is no such file, and with ErrPINRequired when a PIN must be verified
// first.
func (a *Application) ReadFile(id uint16, n int) ([]byte, error) {
	if err := a.SelectFile(id); err != nil {
		return nil, err
	}
	return a.read(n)
}

// ReadObject returns the object at the start of the file: a certificate, or a structure of TLVs. What
// follows it is filler and is not read. The first bytes of the file, header of them or all that it has,
// go to length, which says how long the object is, with them, or that it is none. It fails as ReadFile
// does, and when the file does not hold what its header promises.
func (a *Application) ReadObject(id uint16, header int, length func([]byte) (int, error)) ([]byte, error) {
	start, err := a.ReadFile(id, header)
	if err != nil {
		return nil, err
	}
	n, err := length(start)
	switch {
	case err != nil:
		return nil, err
	case n > MaxObject:
		return nil, fmt.Errorf("an object of %d bytes is not believed", n)
	}
	object, err := a.read(n)
	switch {
	case err != nil:
		return nil, err
	case len(object) < n:
		return nil, fmt.Errorf("the file ends after %d of %d bytes", len(object), n)
	case !bytes.Equal(object[:min(n, len(start))], start[:min(n, len(start))]):
		return nil, errors.New("the file changed while it was read")
	}
	return object, nil
}

// read returns the first n bytes of the current file, or all of it when it is shorter (jpki-card.md §3.2).
// n is at most MaxObject, so that every offset fits READ BINARY's fifteen bits (ISO/IEC 7816-4 §11.3.3).
func (a *Application) read(n int) ([]byte, error) {
	data := make([]byte, 0, n)
	for range maxReads {
		offset := len(data)
		le := min(n-offset, card.MaxLe)
		chunk, err := card.Send(a.transport, card.Command{INS: 0xB0, P1: byte(offset >> 8), P2: byte(offset), Le: le})
		switch {
		case errors.Is(err, card.OffsetOutsideFile):
			return data, nil
		case err != nil:
			return nil, inWords(err)
		case len(chunk) > le:
			return nil, fmt.Errorf("the card returned %d bytes where %d were asked for", len(chunk), le)
		}
		data = append(data, chunk...)
		if len(chunk) == 0 || len(data) == n {
			return data, nil
		}
	}
	return nil, fmt.Errorf("the card returned %d of %d bytes to %d commands", len(data), n, maxReads)
}
