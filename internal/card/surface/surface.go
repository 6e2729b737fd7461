// Package surface speaks to the 券面事項入力補助AP of a My Number Card: its PIN, and the four attributes
// (基本4情報) as text. Phones do not have it.
//
// The application also holds the 個人番号, in EF 0001. This package has no code that reads it, and a test
// proves that no command selects that file.
//
// Access discipline is the caller's: everything from Select to Drop happens inside one transaction,
// because another program could otherwise use the PIN that was verified here (jpki-card.md §3.8). An
// Application is used by one goroutine at a time.
//
// The facts come from jpki-card.md §4.1.
package surface

import (
	"errors"
	"fmt"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/application"
)

// ErrAbsent: the card, or phone, does not have the application.
var ErrAbsent = errors.New("no 券面事項入力補助 application")

// MaxTries is how many wrong PINs in a row the card takes before it blocks the PIN (jpki-card.md §3.3).
const MaxTries = 3

// aid is the application's name (jpki-card.md §1).
var aid = []byte{0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08}

// The elementary files that are used.
const (
	fileAttributes = 0x0002
	filePIN        = 0x0011
)

// An Application is the card's 券面事項入力補助AP, selected.
type Application struct {
	card *application.Application
}

// Select selects the application on the card behind t. Whatever PIN was verified before, also in another
// application, is forgotten by the card. It fails with ErrAbsent when the card answers that it has no
// such application.
func Select(t card.Transport) (*Application, error) {
	selected, err := application.Select(t, aid)
	switch {
	case errors.Is(err, application.ErrAbsent):
		return nil, fmt.Errorf("%w: %w", ErrAbsent, err)
	case err != nil:
		return nil, fmt.Errorf("券面事項入力補助AP: %w", err)
	}
	return &Application{selected}, nil
}

// Drop makes the card forget the PIN that was verified.
func (a *Application) Drop() error { return a.card.Drop() }

// TriesLeft returns how many wrong PINs the card still takes; 0 means blocked. Asking costs no try.
func (a *Application) TriesLeft() (int, error) { return a.card.TriesLeft(filePIN) }

// Verify presents the PIN (券面事項入力補助用の暗証番号, four digits), once, whatever happens. Its errors are
// those of application.Application.Verify.
func (a *Application) Verify(pin []byte) error { return a.card.Verify(filePIN, pin) }

// VerifyOnPad is Verify with a PIN that is typed on the reader's own pad: see
// application.Application.VerifyOnPad.
func (a *Application) VerifyOnPad(present func() error) error {
	return a.card.VerifyOnPad(filePIN, present)
}

// ChangePIN puts a new PIN in the place of the one that was verified, once, whatever happens. Its errors
// are those of application.Application.ChangePIN.
func (a *Application) ChangePIN(pin []byte) error { return a.card.ChangePIN(filePIN, pin) }

// ChangePINOnPad is ChangePIN with a PIN that is typed on the reader's own pad: see
// application.Application.ChangePINOnPad.
func (a *Application) ChangePINOnPad(present func() error) error {
	return a.card.ChangePINOnPad(filePIN, present)
}

// Attributes reads the four attributes. It fails with application.ErrPINRequired when the PIN is not
// verified, and says what is wrong with a file that is not as the card's makers laid it down. No error
// holds any of the attributes.
func (a *Application) Attributes() (Attributes, error) {
	file, err := a.card.ReadObject(fileAttributes, maxHeader, objectLength)
	if err != nil {
		return Attributes{}, fmt.Errorf("read the attributes: %w", err)
	}
	attributes, err := parse(file)
	if err != nil {
		return Attributes{}, fmt.Errorf("the file of the attributes: %w", err)
	}
	return attributes, nil
}
