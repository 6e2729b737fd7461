// Package pins asks for the bytes of a PIN in the one way that is allowed, and in some that are not.
package pins

import (
	"fmt"

	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/prompt"
)

func verify(card application.PIN, pin *prompt.PIN) error {
	return card.Verify(pin.Bytes()) // allowed
}

func print(pin *prompt.PIN) {
	fmt.Println(pin)         // asterisks
	fmt.Println(pin.Bytes()) // leaks
}

func text(pin *prompt.PIN) string {
	return string(pin.Bytes()) // leaks
}

func converted(card application.PIN, pin *prompt.PIN) error {
	kept := pin.Bytes() // leaks: whoever holds it may do anything
	return card.Verify(kept)
}

// elsewhere hands the bytes to the same package, and not to a PIN of the card.
func elsewhere(app *application.Application, pin *prompt.PIN) ([]byte, error) {
	return app.ReadFile(0, len(pin.Bytes())) // leaks
}

func method(pin *prompt.PIN) func() []byte {
	return pin.Bytes // leaks
}

var _ = []any{verify, print, text, converted, elsewhere, method}
