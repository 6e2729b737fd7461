// Package card speaks ISO/IEC 7816-4 to a smart card: command and response APDUs, status words as
// errors, and the interfaces behind which a reader, or a card in software, stands.
package card

import (
	"context"
	"errors"
)

// A Transport carries one command APDU to the card and one response APDU back: data ‖ SW1 ‖ SW2.
// It knows nothing of what the bytes mean, and it does not keep either slice. After an error the card may have
// executed the command, unless that is ErrNotSent.
type Transport interface {
	Transmit(command []byte) (response []byte, err error)
}

// A Connection is a shared handle on the card in one reader. Between Begin and End no other program
// reaches the card; outside of them it must not be assumed to be in any state.
type Connection interface {
	Transport

	// Begin starts a transaction. It waits a few seconds at most for other programs, then fails with
	// ErrBusy. It fails with ErrReset when another program reset the card: the connection is then
	// usable again, but the card's state is gone.
	Begin(ctx context.Context) error

	// End ends the transaction and leaves the card as it is.
	End() error

	// Close ends the transaction, if one is open, and releases the handle. The card keeps its power and
	// its state, which may be another program's.
	Close() error

	// PowerOff does what Close does, and cuts the card's power, so that no state of it is left: within
	// the transaction, before another program can have the card.
	PowerOff() error
}

// Readers is the service that knows the machine's readers: PC/SC, or a simulated one.
type Readers interface {
	// List returns the readers as they are now; none is not an error. changed is closed once that may no
	// longer be so: a reader attached or detached, a card put in or taken away, the service closed. It is
	// nil with an error.
	List() (readers []Reader, changed <-chan struct{}, err error)

	// Watch blocks until the card leaves the named reader (nil), or until ctx ends.
	Watch(ctx context.Context, reader string) error

	// Connect opens the card in the named reader.
	Connect(ctx context.Context, reader string) (Connection, error)

	// Close releases the service. A Watch under way ends.
	Close() error
}

// A Reader is one card reader and whether a card is in it.
type Reader struct {
	Name string
	Card bool
	// Events counts what happened in the reader, so that a card that was quickly exchanged does not pass
	// for the one before.
	Events uint16
}

// What a reader or its service can answer instead of a response APDU. They are compared with
// errors.Is; anything else that a Connection returns is a fault without a better name.
var (
	ErrNoService    = errors.New("the smart card service is not running")
	ErrNoReader     = errors.New("the card reader is not there")
	ErrNoCard       = errors.New("no card in the reader")
	ErrRemoved      = errors.New("the card or its reader was taken away")
	ErrReset        = errors.New("another program reset the card")
	ErrBusy         = errors.New("another program is using the card")
	ErrUnresponsive = errors.New("the card does not answer")
	// ErrNotSent comes with its reason: the card has not seen the command.
	ErrNotSent = errors.New("the command was not sent")
)
