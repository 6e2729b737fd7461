// Package surface speaks to the 券面事項入力補助AP of a My Number Card: its PIN, and the four attributes
// (基本4情報) as text. Phones do not have it.
//
// The application also holds the 個人番号, in EF 0001. This package has no code that reads it, and a test
// proves that no command selects that file.
//
// Access discipline is the caller's: everything from Select to the PIN's Drop happens inside one
// transaction, because another program could otherwise use the PIN that was verified here (jpki-card.md
// §3.8). An Application is used by one goroutine at a time.
//
// The facts come from jpki-card.md §4.1.
package surface

import (
	"fmt"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/application"
)

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
// application, is forgotten by the card. It fails with application.ErrNoApplication
// when the card, or phone, answers that it has no such application.
func Select(t card.Transport) (*Application, error) {
	selected, err := application.Select(t, aid)
	if err != nil {
		return nil, fmt.Errorf("券面事項入力補助AP: %w", err)
	}
	return &Application{selected}, nil
}

// PIN returns the application's PIN (券面事項入力補助用の暗証番号, four digits).
func (a *Application) PIN() application.PIN { return a.card.PIN(filePIN, MaxTries) }

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
