package command_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/protocol"
)

// Nobody types the PIN that a card wants again for the next signature, so that nobody is asked about it.
func TestSecondVerifyThatFails(t *testing.T) {
	answer := func(response ...byte) func(*desk) []byte { return func(*desk) []byte { return response } }
	for name, c := range map[string]struct {
		second func(*desk) []byte // the card's answer to it
		code   protocol.Code
		reason string
	}{
		"called wrong":   {answer(0x63, 0xC2), protocol.CardFault, ""},
		"called blocked": {answer(0x69, 0x84), protocol.CardFault, ""},
		"no clear word":  {answer(0x6F, 0x00), protocol.CardFault, command.TryMayBeSpent},
		"no word":        {answer(0x90), protocol.CardFault, command.TryMayBeSpent},
		"the card goes": {func(d *desk) []byte {
			d.card.Remove()
			return nil
		}, protocol.CardLost, command.TryMayBeSpent},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, "verify-each", simcard.Options{}, &human{pins: []string{signPIN, signPIN}})
			sent := 0
			d.instead = func(command []byte) []byte {
				if command[1] != 0x20 || len(command) == 4 {
					return nil
				}
				if sent++; sent < 2 {
					return nil
				}
				return c.second(d)
			}
			_, err := sign(d, document("a", "a"), document("b", "b"))
			failure := requireCode(t, c.code, err)
			require.Equal(t, c.reason, failure.Reason)
			require.Equal(t, 2, sent)
			require.Len(t, d.human.asked, 1)
		})
	}
}

// A card whose counter fell by itself is not given the PIN again, and one that goes before that loses no try.
func TestSecondVerifyThatIsNotSent(t *testing.T) {
	for name, c := range map[string]struct {
		query func(*desk) []byte // the card's answer to the question for its counter, after the first signature
		code  protocol.Code
	}{
		"a counter that fell": {func(*desk) []byte { return []byte{0x63, 0xC4} }, protocol.CardFault},
		"the card goes": {func(d *desk) []byte {
			d.card.Remove()
			return nil
		}, protocol.CardLost},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, "verify-each", simcard.Options{}, &human{pins: []string{signPIN, signPIN}})
			d.instead = func(command []byte) []byte {
				if command[1] == 0x20 && len(command) == 4 && d.verified() > 0 {
					return c.query(d)
				}
				return nil
			}
			_, err := sign(d, document("a", "a"), document("b", "b"))
			require.Empty(t, requireCode(t, c.code, err).Reason)
			require.Equal(t, 1, d.verified())
			require.Len(t, d.human.asked, 1)
		})
	}
}
