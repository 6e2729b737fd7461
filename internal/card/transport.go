// Package card speaks ISO/IEC 7816-4 to a smart card: command and response APDUs, status words as
// errors, and the interfaces behind which a reader, or a card in software, stands.
package card

import (
	"context"
	"errors"
)

// A Transport carries one command APDU to the card and one response APDU back: data ‖ SW1 ‖ SW2.
// It knows nothing of what the bytes mean, and it does not keep either slice.
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

// Presence says what a wait for a card is waiting for.
type Presence int

const (
	// NoReader: no reader is attached, or not the one asked for.
	NoReader Presence = iota
	// NoCard: there is a reader, and no card in it.
	NoCard
	// Present: a card is there.
	Present
)

// Readers is the service that knows the machine's readers: PC/SC, or a simulated one.
type Readers interface {
	// List returns the readers' names; none is not an error.
	List() ([]Reader, error)

	// Wait blocks until a card is in the named reader, or in any reader for "", and returns that
	// reader's name. It calls report at the start and whenever what it waits for changes, and ends with
	// ctx's error when ctx ends.
	Wait(ctx context.Context, reader string, report func(Presence)) (string, error)

	// Watch blocks until the card leaves the named reader (nil), or until ctx ends.
	Watch(ctx context.Context, reader string) error

	// Connect opens the card in the named reader.
	Connect(ctx context.Context, reader string) (Connection, error)

	// Close releases the service. A Wait or Watch under way ends.
	Close() error
}

// A Reader is one card reader and whether a card is in it.
type Reader struct {
	Name string
	Card bool
	ATR  []byte
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
)
