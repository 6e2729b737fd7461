// Package jpki speaks to the 公的個人認証AP of a My Number Card, or of a phone that holds the same
// application: which certificates there are, how many tries a PIN has left, VERIFY, a change of PIN, and
// signatures.
//
// Access discipline is the caller's: everything from Select to the PIN's Drop happens inside one
// transaction, because another program could otherwise use a PIN that was verified here, or select another
// file in between (jpki-card.md §3.8). An Application is used by one goroutine at a time.
//
// The facts come from jpki-card.md, sections 1 to 3.
package jpki

import (
	"errors"
	"fmt"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/application"
)

// What can be wrong with a card, besides the errors of package application, compared with errors.Is.
var (
	// ErrNotJPKI: the card does not have the application.
	ErrNotJPKI = errors.New("the card has no JPKI application")
	// ErrNoCertificate: the slot has no certificate.
	ErrNoCertificate = errors.New("the card does not hold this certificate")
	// ErrBadSignature: what the card returned is not a signature by the expected key.
	ErrBadSignature = errors.New("the card returned a signature that its certificate does not confirm")
)

// aid is the application's name (jpki-card.md §1).
var aid = []byte{0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01}

// An Application is the card's JPKI application, selected.
type Application struct {
	card *application.Application
}

// Select selects the application on the card behind t. Whatever PIN was verified before is forgotten
// by the card. It fails with ErrNotJPKI when the card answers with any status word but success: cards of other
// kinds have many ways to say that they do not know the application, and nothing else that they say about it
// means more. Of a card that is known to have it, that is a fault.
func Select(t card.Transport) (*Application, error) {
	selected, err := application.Select(t, aid)
	var status card.Status
	switch {
	case errors.As(err, &status):
		return nil, fmt.Errorf("%w: %w", ErrNotJPKI, err)
	case err != nil:
		return nil, fmt.Errorf("JPKI: %w", err)
	}
	return &Application{selected}, nil
}

// PIN returns the slot's PIN.
func (a *Application) PIN(s Slot) application.PIN { return a.card.PIN(s.PIN, s.MaxTries) }
