// Package pins asks for the bytes of a PIN in the one way that is allowed, and in some that are not.
package pins

import (
	"fmt"

	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/prompt"
)

func verify(app *jpki.Application, pin *prompt.PIN) error {
	return app.Verify(jpki.Authentication, pin.Bytes()) // allowed
}

func print(pin *prompt.PIN) {
	fmt.Println(pin)         // asterisks
	fmt.Println(pin.Bytes()) // leaks
}

func text(pin *prompt.PIN) string {
	return string(pin.Bytes()) // leaks
}

func converted(app *jpki.Application, pin *prompt.PIN) error {
	kept := pin.Bytes() // leaks: whoever holds it may do anything
	return app.Verify(jpki.Authentication, kept)
}

func method(pin *prompt.PIN) func() []byte {
	return pin.Bytes // leaks
}

var _ = []any{verify, print, text, converted, method}
