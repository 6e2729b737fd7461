package jpki_test

import (
	"testing"

	"github.com/stretchr/testify/require"

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
			pin := step{why: "the slot's PIN", command: test.file, response: "9000"}
			a, _ := selected(t,
				pin, step{why: "four bytes, no more", command: "00200080", response: "63C2"},
				pin, step{why: "the PIN, once", command: "0020008004 31323334", response: "63C1"},
				pin, step{why: "the PIN, once", command: "0020008004 34333231", response: "9000"},
				pin, step{why: "the new PIN, once", command: "0024018004 39383736", response: "9000"},
				pin, step{why: "the new PIN, once", command: "0024018004 39383736", response: "6A80"})
			left, err := a.TriesLeft(test.slot)
			require.NoError(t, err)
			require.Equal(t, 2, left)
			require.Equal(t, &jpki.WrongPIN{TriesLeft: 1}, a.Verify(test.slot, []byte("1234")))
			require.NoError(t, a.Verify(test.slot, []byte("4321")))
			require.NoError(t, a.ChangePIN(test.slot, []byte("9876")))
			require.ErrorIs(t, a.ChangePIN(test.slot, []byte("9876")), jpki.ErrPINRefused)
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
			a, err := jpki.Select(&file{content: unhex(t, test.content)})
			require.NoError(t, err)
			require.Equal(t, test.signature, a.Presence(jpki.Signature))
			require.Equal(t, test.authentication, a.Presence(jpki.Authentication))
		})
	}
	for _, sw := range []string{"6A82", "6982", "6F00", ""} {
		a, _ := selected(t, step{command: "00A4020C02 0008", response: sw})
		require.Equal(t, jpki.UnknownPresence, a.Presence(jpki.Signature))
	}
}
