package jpki_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/cardtest"
	"github.com/natsuin/natsuin/internal/card/jpki"
)

// What a card can answer about a PIN is tested in package application; here, which PIN is meant.
func TestPINsBySlot(t *testing.T) {
	for _, test := range []struct {
		slot jpki.Slot
		file string
	}{
		{jpki.Authentication, "00A4020C02 0018"},
		{jpki.Signature, "00A4020C02 001B"},
	} {
		t.Run(test.slot.String(), func(t *testing.T) {
			pin := cardtest.Step{Why: "the slot's PIN", Command: test.file, Response: "9000"}
			a, _ := selected(t,
				pin, cardtest.Step{Why: "four bytes, no more", Command: "00200080", Response: "63C2"},
				pin, cardtest.Step{Why: "the PIN, once", Command: "0020008004 31323334", Response: "63C1"},
				pin, cardtest.Step{Why: "the PIN, once", Command: "0020008004 34333231", Response: "9000"},
				pin, cardtest.Step{Why: "the new PIN, once", Command: "0024018004 39383736", Response: "9000"},
				pin, cardtest.Step{Why: "the new PIN, once", Command: "0024018004 39383736", Response: "6A80"}, stepSelect)
			left, err := a.PIN(test.slot).TriesLeft()
			require.NoError(t, err)
			require.Equal(t, 2, left)
			require.Equal(t, &application.WrongPIN{TriesLeft: 1}, a.PIN(test.slot).Verify([]byte("1234")))
			require.NoError(t, a.PIN(test.slot).Verify([]byte("4321")))
			require.NoError(t, a.PIN(test.slot).Change([]byte("9876")))
			require.ErrorIs(t, a.PIN(test.slot).Change([]byte("9876")), application.ErrPINRefused)
			require.NoError(t, a.PIN(test.slot).Drop())
		})
	}
}

func TestPresence(t *testing.T) {
	for name, test := range map[string]struct {
		content                   string
		signature, authentication jpki.Presence
	}{
		"both":              {"8F8F00", jpki.Present, jpki.Present},
		"no signature":      {"008F00", jpki.Absent, jpki.Present},
		"no authentication": {"8F0000", jpki.Present, jpki.Absent},
		"neither":           {"000000", jpki.Absent, jpki.Absent},
		"not heard of":      {"8FFF00", jpki.Present, jpki.UnknownPresence},
		"short":             {"8F8F", jpki.UnknownPresence, jpki.UnknownPresence},
		"empty":             {"", jpki.UnknownPresence, jpki.UnknownPresence},
		"longer":            {"8F8F00FFFF", jpki.Present, jpki.Present},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := jpki.Select(&file{content: cardtest.Unhex(t, test.content)})
			require.NoError(t, err)
			require.Equal(t, test.signature, a.Presence(jpki.Signature))
			require.Equal(t, test.authentication, a.Presence(jpki.Authentication))
		})
	}
	for _, sw := range []string{"6A82", "6982", "6F00", ""} {
		a, _ := selected(t, cardtest.Step{Command: "00A4020C02 0008", Response: sw})
		require.Equal(t, jpki.UnknownPresence, a.Presence(jpki.Signature))
	}
}
