package jpki

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/natsuin/natsuin/internal/card"
)

const (
	// maxCertificate is the longest certificate that is read. Real ones are below 1,700 bytes.
	maxCertificate = 8192

	// maxReads is the most READ BINARY commands spent on one file: 32 carry the longest certificate,
	// and a card that returns an eighth of what it is asked for is still read.
	maxReads = 256

	// lenHeader is the length of a DER header in the only form that a certificate of this size has:
	// SEQUENCE, length in two bytes.
	lenHeader = 4
)

// Certificate returns the holder's certificate, DER, without what follows it in the file. It fails
// with ErrAbsent when the card has none, and with ErrPINRequired when s's PIN must be verified first:
// always for Signature, on phones for Authentication too.
func (a *Application) Certificate(s Slot) ([]byte, error) {
	der, err := a.readCertificate(s.Certificate)
	if err != nil {
		return nil, fmt.Errorf("read the %v certificate: %w", s, err)
	}
	return der, nil
}

// CACertificate returns the certificate of the CA that the card names as issuer of s's certificate.
// It is the card's word only: it is no trust anchor.
func (a *Application) CACertificate(s Slot) ([]byte, error) {
	der, err := a.readCertificate(s.CA)
	if err != nil {
		return nil, fmt.Errorf("read the %v CA certificate: %w", s, err)
	}
	return der, nil
}

// readCertificate reads the DER object at the start of a file (jpki-card.md §3.2). A file may be
// longer than that, padded, or hold no object at all.
func (a *Application) readCertificate(file uint16) ([]byte, error) {
	header, err := a.openCertificate(file)
	switch {
	case errors.Is(err, card.SecurityNotSatisfied):
		return nil, ErrPINRequired
	case errors.Is(err, card.NotFound), errors.Is(err, card.RecordNotFound):
		return nil, fmt.Errorf("%w (%w)", ErrAbsent, err)
	case err != nil:
		return nil, err
	}
	length, err := certificateLength(header)
	if err != nil {
		return nil, err
	}
	der, err := a.read(length)
	switch {
	case err != nil:
		return nil, err
	case len(der) < length:
		return nil, fmt.Errorf("the file ends after %d of %d bytes", len(der), length)
	case !bytes.HasPrefix(der, header):
		return nil, errors.New("the file changed while it was read")
	}
	return der, nil
}

func (a *Application) openCertificate(file uint16) ([]byte, error) {
	if err := a.selectFile(file); err != nil {
		return nil, err
	}
	return a.read(lenHeader)
}

// certificateLength returns the length of the certificate that begins with header, header included.
// What does not begin like a certificate counts as none: what the file holds when there is none is
// not documented (jpki-card.md §2).
func certificateLength(header []byte) (int, error) {
	if len(header) != lenHeader || header[0] != 0x30 || header[1] != 0x82 {
		return 0, ErrAbsent
	}
	length := lenHeader + (int(header[2])<<8 | int(header[3]))
	if length > maxCertificate {
		return 0, fmt.Errorf("a certificate of %d bytes is not believed", length)
	}
	return length, nil
}

// read returns the first n bytes of the current file, or all of it when it is shorter. n is at most
// maxCertificate, so that every offset fits READ BINARY's fifteen bits (ISO/IEC 7816-4 §11.3.3).
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
			return nil, err
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
