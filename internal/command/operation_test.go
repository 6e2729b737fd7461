package command_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
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
