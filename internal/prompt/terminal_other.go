//go:build !unix

package prompt

import (
	"context"
	"fmt"
)

// Terminal asks on the terminal that the command line runs on.
type Terminal struct {
	Device string
}

var errNoTerminal = fmt.Errorf("%w: terminals are used on Unix only", ErrUnavailable)

// Ask implements Asker: it answers ErrUnavailable.
func (Terminal) Ask(context.Context, Request) (*PIN, error) { return nil, errNoTerminal }
