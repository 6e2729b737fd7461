//go:build cgo || windows

package pcsc

import (
	"testing"

	"github.com/ebfe/scard"
	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
)

func TestMeanings(t *testing.T) {
	for _, test := range []struct {
		code                  scard.Error
		connecting, connected error
	}{
		{scard.ErrNoService, card.ErrNoService, card.ErrNoService},
		{scard.ErrServiceStopped, card.ErrNoService, card.ErrNoService},
		{scard.ErrSecurityViolation, card.ErrNoService, card.ErrNoService},
		{scard.ErrInvalidHandle, card.ErrNoService, card.ErrRemoved},
		{scard.ErrUnknownReader, card.ErrNoReader, card.ErrRemoved},
		{scard.ErrReaderUnavailable, card.ErrNoReader, card.ErrRemoved},
		{scard.ErrNoSmartcard, card.ErrNoCard, card.ErrRemoved},
		{scard.ErrRemovedCard, card.ErrNoCard, card.ErrRemoved},
		{scard.ErrResetCard, card.ErrReset, card.ErrReset},
		{scard.ErrUnpoweredCard, card.ErrUnresponsive, card.ErrReset},
		{scard.ErrSharingViolation, card.ErrBusy, card.ErrBusy},
		{scard.ErrUnresponsiveCard, card.ErrUnresponsive, card.ErrUnresponsive},
		{scard.ErrNoMemory, scard.ErrNoMemory, scard.ErrNoMemory},
	} {
		require.ErrorIs(t, whileConnecting("connect", test.code), test.connecting)
		require.ErrorIs(t, whileConnected("transmit", test.code), test.connected)
		require.ErrorContains(t, whileConnected("transmit", test.code), test.code.Error(), "the cause stays readable")
	}
	require.NoError(t, whileConnecting("connect", nil))
	require.NoError(t, whileConnected("transmit", nil))
}

func TestFollow(t *testing.T) {
	known := follow(nil, []string{"left", "stays"})
	for i := range known {
		known[i].CurrentState = scard.StatePresent | 3<<16
	}
	states := map[string]scard.StateFlag{}
	for _, state := range follow(known, []string{"new", "stays"}) {
		if state.Reader != plugAndPlay {
			states[state.Reader] = state.CurrentState
		}
	}
	require.Equal(t, map[string]scard.StateFlag{
		"new":   scard.StateUnaware,
		"stays": scard.StatePresent | 3<<16,
	}, states)
}
