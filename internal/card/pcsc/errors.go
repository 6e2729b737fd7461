//go:build cgo || windows

package pcsc

import (
	"errors"
	"fmt"

	"github.com/ebfe/scard"

	"github.com/natsuin/natsuin/internal/card"
)

// meanings translates what PC/SC answers. The same code means one thing while a card is being looked
// for or connected to, and another on a connection that worked before.
var meanings = []struct {
	code       scard.Error
	connecting error
	connected  error
}{
	{scard.ErrNoService, card.ErrNoService, card.ErrNoService},
	{scard.ErrServiceStopped, card.ErrNoService, card.ErrNoService},
	{scard.ErrCommError, card.ErrNoService, card.ErrNoService}, // pcsclite: the line to pcscd broke
	// pcsclite: pcscd closed the line, because it ends or because its policy (polkit) is against this user.
	{scard.ErrSecurityViolation, card.ErrNoService, card.ErrNoService},

	// A context becomes invalid with its service, a card handle with its reader.
	{scard.ErrInvalidHandle, card.ErrNoService, card.ErrRemoved},

	{scard.ErrNoReadersAvailable, card.ErrNoReader, card.ErrRemoved},
	{scard.ErrUnknownReader, card.ErrNoReader, card.ErrRemoved},
	{scard.ErrReaderUnavailable, card.ErrNoReader, card.ErrRemoved},

	{scard.ErrNoSmartcard, card.ErrNoCard, card.ErrRemoved},
	{scard.ErrRemovedCard, card.ErrNoCard, card.ErrRemoved},
	// The reader's driver could not carry the APDU: the card left the field or the slot before the
	// service noticed.
	{scard.ErrNotTransacted, card.ErrUnresponsive, card.ErrRemoved},

	{scard.ErrResetCard, card.ErrReset, card.ErrReset},
	{scard.ErrUnpoweredCard, card.ErrUnresponsive, card.ErrReset}, // another program cut the power
	{scard.ErrSharingViolation, card.ErrBusy, card.ErrBusy},

	{scard.ErrUnresponsiveCard, card.ErrUnresponsive, card.ErrUnresponsive},
	{scard.ErrUnsupportedCard, card.ErrUnresponsive, card.ErrUnresponsive},
	{scard.ErrProtoMismatch, card.ErrUnresponsive, card.ErrUnresponsive},
	{scard.ErrTimeout, card.ErrUnresponsive, card.ErrUnresponsive},
}

// whileConnecting gives an error of looking for a reader or a card its meaning.
func whileConnecting(what string, err error) error {
	for _, m := range meanings {
		if errors.Is(err, m.code) {
			return fmt.Errorf("%s: %w (%v)", what, m.connecting, err)
		}
	}
	return wrap(what, err)
}

// whileConnected gives an error on an existing connection its meaning.
func whileConnected(what string, err error) error {
	for _, m := range meanings {
		if errors.Is(err, m.code) {
			return fmt.Errorf("%s: %w (%v)", what, m.connected, err)
		}
	}
	return wrap(what, err)
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// isAny reports whether err is one of codes.
func isAny(err error, codes ...scard.Error) bool {
	for _, code := range codes {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}
