// Package jpki speaks to the 公的個人認証AP of a My Number Card, or of a phone that holds the same
// application: which certificates there are, how many tries a PIN has left, VERIFY, and signatures.
//
// Access discipline is the caller's: everything from Select to Drop happens inside one transaction,
// because another program could otherwise use a PIN that was verified here, or select another file in
// between (jpki-card.md §3.8). An Application is used by one goroutine at a time.
//
// The facts come from jpki-card.md, sections 1 to 3.
package jpki

import (
	"errors"
	"fmt"

	"github.com/natsuin/natsuin/internal/card"
)

// What can be wrong with a card, compared with errors.Is. A wrong PIN is a *WrongPIN.
var (
	// ErrNotJPKI: the card does not have the application.
	ErrNotJPKI = errors.New("the card has no JPKI application")
	// ErrAbsent: the slot has no certificate.
	ErrAbsent = errors.New("the card does not hold this certificate")
	// ErrPINRequired: the card wants the slot's PIN first.
	ErrPINRequired = errors.New("the card wants the PIN first")
	// ErrBlocked: the PIN has no tries left.
	ErrBlocked = errors.New("the PIN is blocked")
	// ErrPINLength: the PIN is empty or longer than the card takes. Nothing was sent.
	ErrPINLength = errors.New("the PIN is empty or too long")
	// ErrTryMayBeSpent: the PIN was sent, and the card's answer did not arrive or says nothing about it.
	ErrTryMayBeSpent = errors.New("no answer about the PIN: a try may have been spent")
	// ErrBadSignature: what the card returned is not a signature by the expected key.
	ErrBadSignature = errors.New("the card returned a signature that its certificate does not confirm")
)

// selectApplication is SELECT by DF name, without asking for file control information
// (jpki-card.md §1 and §3.1).
var selectApplication = card.Command{
	INS: 0xA4, P1: 0x04, P2: 0x0C,
	Data: []byte{0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01},
}

// An Application is the card's JPKI application, selected.
type Application struct {
	transport card.Transport
}

// Select selects the application on the card behind t. Whatever PIN was verified before is forgotten
// by the card. It fails with ErrNotJPKI when the card answers that it has no such application.
func Select(t card.Transport) (*Application, error) {
	a := &Application{transport: t}
	if err := a.selectItself(); err != nil {
		return nil, err
	}
	return a, nil
}

// Drop makes the card forget the PINs that were verified, by selecting the application again; a warm
// reset, or leaving, does not do that on every card (jpki-card.md §3.8).
func (a *Application) Drop() error {
	return a.selectItself()
}

func (a *Application) selectItself() error {
	_, err := card.Send(a.transport, selectApplication)
	if errors.Is(err, card.NoPreciseDiagnosis) {
		// A card was seen to answer so to its first command after power-up (jpki-card.md §8, 18).
		_, err = card.Send(a.transport, selectApplication)
	}
	switch {
	case err == nil:
		return nil
	case lacksApplication(err):
		return fmt.Errorf("%w (%w)", ErrNotJPKI, err)
	default:
		return fmt.Errorf("select the JPKI application: %w", err)
	}
}

// lacksApplication reports whether err is how a card says that it has no such application. Cards of
// other kinds refuse the form of the command, or the command, before they look for the name.
func lacksApplication(err error) bool {
	for _, status := range []card.Status{
		card.NotFound,
		card.FunctionNotSupported,
		card.WrongParameters,
		card.InstructionNotSupported,
		card.ClassNotSupported,
	} {
		if errors.Is(err, status) {
			return true
		}
	}
	return false
}
