package command_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/protocol"
)

// Behind a reset by another program stands another card: where nobody can be asked anew, it is a loss.
func TestAnotherCardBehindAReset(t *testing.T) {
	exchange := func(t *testing.T, c *simcard.Card) {
		faults, err := simcard.ParseFaults("label=JPKIAP2099")
		require.NoError(t, err)
		require.NoError(t, c.SetFaults(faults))
		c.Reset()
	}
	t.Run("after a choice", func(t *testing.T) {
		d, _, _ := newChoice(t, &human{pins: []string{rightPIN}})
		d.human.meanwhile = func() { exchange(t, d.card) }
		requireCode(t, protocol.CardLost, logIn(d.environment()))
		require.Empty(t, d.human.asked)
	})
	t.Run("while a PIN is typed", func(t *testing.T) {
		d := newDesk(t, "", simcard.Options{}, &human{pins: []string{rightPIN, rightPIN}})
		exchanged := false
		d.human.meanwhile = func() {
			if !exchanged {
				exchanged = true
				exchange(t, d.card)
			}
		}
		_, err := authenticate(d)
		require.NoError(t, err)
		require.Len(t, d.human.asked, 2, "the human is asked for the PIN of this one")
		require.Equal(t, 1, d.verified())
	})
	t.Run("between the PINs of a comparison", func(t *testing.T) {
		d := newDesk(t, "", simcard.Options{}, &human{pins: []string{surfacePIN, signPIN}})
		d.ended = func(transaction int) {
			if transaction == 2 { // in which the attributes were read
				exchange(t, d.card)
			}
		}
		_, err := attributes(d, true)
		requireCode(t, protocol.CardLost, err)
		require.Len(t, d.human.asked, 1)
	})
}

// A smartphone shows nothing that tells it from another before its PIN. Behind a reset it is the same one where
// none came or went in the reader.
func TestSmartphoneBehindAReset(t *testing.T) {
	for events, asked := range map[uint16]int{0: 1, 2: 2} {
		d := newDesk(t, "phone", simcard.Options{}, &human{pins: []string{rightPIN, rightPIN}})
		reset := false
		d.human.meanwhile = func() {
			if !reset {
				reset = true
				d.events += events
				d.card.Reset()
			}
		}
		_, err := authenticate(d)
		require.NoError(t, err)
		require.Len(t, d.human.asked, asked)
		require.Equal(t, 1, d.verified(), "what was typed for one is not sent to another")
	}
}

// hasty readers have another program reset each card before it can be looked at.
type hasty struct{ *desk }

func (h hasty) Connect(ctx context.Context, reader string) (card.Connection, error) {
	c, err := h.desk.Connect(ctx, reader)
	h.card.Reset()
	return c, err
}

func TestResetBeforeTheCardIsLookedAt(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{rightPIN}})
	e := d.environment()
	e.Readers = hasty{d}
	require.NoError(t, logIn(e))
	require.Len(t, d.human.asked, 1)
}

// selecting is how SELECT by name begins.
var selecting = []byte{0x00, 0xA4, 0x04, 0x0C}

// Cards of other kinds say in many ways that they do not know the application. Once a card has known it, the
// same words are its fault.
func TestWordsForAnUnknownApplication(t *testing.T) {
	for _, word := range [][]byte{{0x6A, 0x82}, {0x69, 0x85}, {0x69, 0x82}, {0x6A, 0x80}, {0x6A, 0x88}, {0x62, 0x83}, {0x6F, 0x00}} {
		d := newDesk(t, "", simcard.Options{}, &human{pins: []string{rightPIN}})
		e := d.environment()
		e.Wait = 0
		refuse := func(command []byte) []byte {
			if bytes.HasPrefix(command, selecting) {
				return word
			}
			return nil
		}
		d.instead = refuse
		requireCode(t, protocol.NotJPKI, logIn(e))
		status, err := command.Status(context.Background(), e)
		require.NoError(t, err)
		require.Equal(t, protocol.NotJPKI, status.Readers[0].Error.Code)
		require.Empty(t, d.human.asked)

		d.instead = nil
		d.human.meanwhile = func() { d.instead = refuse }
		requireCode(t, protocol.CardFault, logIn(e))
		require.Zero(t, d.verified())
	}
}

// A card that counts more tries than there are is not believed, and nobody is shown it.
func TestCounterThatLies(t *testing.T) {
	lie := func(toPIN bool) func([]byte) []byte {
		return func(command []byte) []byte {
			if command[1] == 0x20 && len(command) > 4 == toPIN {
				return []byte{0x63, 0xCF}
			}
			return nil
		}
	}
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{rightPIN}})
	d.instead = lie(false)
	_, err := authenticate(d)
	require.Empty(t, requireCode(t, protocol.CardFault, err).Reason)
	require.Empty(t, d.human.asked)
	status, err := command.Status(context.Background(), d.environment())
	require.NoError(t, err)
	require.Equal(t, protocol.CardFault, status.Readers[0].Error.Code)
	require.Nil(t, status.Readers[0].Authentication)

	d.instead = lie(true)
	_, err = authenticate(d)
	require.Equal(t, command.TryMayBeSpent, requireCode(t, protocol.CardFault, err).Reason)
	require.Len(t, d.human.asked, 1, "and not asked again")
}
