// Package application speaks to one application on a card, as ISO/IEC 7816-4 has it: SELECT by name,
// elementary files, and PINs. It knows none of the applications by name.
//
// Access discipline is the caller's: everything from Select to PIN.Drop happens inside one transaction,
// because another program could otherwise use a PIN that was verified here, or select another file in
// between (jpki-card.md §3.8). An Application is used by one goroutine at a time.
package application

import (
	"errors"
	"fmt"

	"github.com/natsuin/natsuin/internal/card"
)

// What a card can answer, compared with errors.Is. A wrong PIN is a *WrongPIN.
var (
	// ErrNoApplication: the card does not have the application.
	ErrNoApplication = errors.New("the card does not have this application")
	// ErrNoFile: the application does not have the file.
	ErrNoFile = errors.New("the application does not have this file")
	// ErrPINRequired: the card wants a PIN first.
	ErrPINRequired = errors.New("the card wants the PIN first")
)

// An Application is an application of the card, selected.
type Application struct {
	transport card.Transport
	name      []byte
}

// Select selects the application of that name (AID, given whole) on the card behind t. Whatever PIN was
// verified before is forgotten by the card. It fails with ErrNoApplication when the card answers that it has no
// such application.
func Select(t card.Transport, name []byte) (*Application, error) {
	a := &Application{transport: t, name: name}
	if err := a.selectItself(); err != nil {
		return nil, err
	}
	return a, nil
}

// selectItself is SELECT by DF name, without asking for file control information (jpki-card.md §3.1).
func (a *Application) selectItself() error {
	command := card.Command{INS: 0xA4, P1: 0x04, P2: 0x0C, Data: a.name}
	_, err := card.Send(a.transport, command)
	if errors.Is(err, card.NoPreciseDiagnosis) {
		// A card was seen to answer so to its first command after power-up (jpki-card.md §8, 18).
		_, err = card.Send(a.transport, command)
	}
	switch {
	case err == nil:
		return nil
	case lacksApplication(err):
		return fmt.Errorf("%w (%w)", ErrNoApplication, err)
	default:
		return fmt.Errorf("select the application: %w", err)
	}
}

// lacksApplication reports whether err is how a card says that it has no such application. Cards of
// other kinds refuse the form of the command, or the command, before they look for the name; Java Cards
// have a word of their own (6999), and so have SIMs (9Fxx, 94xx: GSM 11.11 §9.4).
func lacksApplication(err error) bool {
	var status card.Status
	if !errors.As(err, &status) {
		return false
	}
	switch status {
	case card.NotFound, card.FunctionNotSupported, card.WrongParameters, card.InstructionNotSupported, card.ClassNotSupported,
		card.WrongLength, 0x6999:
		return true
	}
	return status>>8 == 0x9F || status>>8 == 0x94
}

// Send sends the application a command of its own, one that ISO/IEC 7816-4 does not define. It fails with
// ErrPINRequired where the card wants a PIN first.
func (a *Application) Send(c card.Command) ([]byte, error) {
	data, err := card.Send(a.transport, c)
	return data, inWords(err)
}

// inWords names what a card says of a file, and of the use of one, in this package's words.
func inWords(err error) error {
	switch {
	case errors.Is(err, card.SecurityNotSatisfied):
		return fmt.Errorf("%w (%w)", ErrPINRequired, err)
	case errors.Is(err, card.NotFound), errors.Is(err, card.RecordNotFound):
		return fmt.Errorf("%w (%w)", ErrNoFile, err)
	}
	return err
}
