package jpki

import (
	"errors"
	"fmt"

	"github.com/natsuin/natsuin/internal/card/application"
)

// lenHeader is the length of a DER header in the only form that a certificate has: SEQUENCE, length in
// two bytes.
const lenHeader = 4

// Certificate returns the holder's certificate, DER, without what follows it in the file. It fails with
// ErrNoCertificate when the card has none, and with application.ErrPINRequired when s's PIN must be
// verified first: always for Signature, on phones for Authentication too.
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
	der, err := a.card.ReadObject(file, lenHeader, certificateLength)
	if errors.Is(err, application.ErrNoFile) {
		return nil, fmt.Errorf("%w: %w", ErrNoCertificate, err)
	}
	return der, err
}

// certificateLength returns the length of the certificate that begins with header, header included.
// What does not begin like a certificate counts as none: what the file holds when there is none is
// not documented (jpki-card.md §2).
func certificateLength(header []byte) (int, error) {
	if len(header) != lenHeader || header[0] != 0x30 || header[1] != 0x82 {
		return 0, ErrNoCertificate
	}
	return lenHeader + (int(header[2])<<8 | int(header[3])), nil
}
