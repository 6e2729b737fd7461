package simcard

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestForeign(t *testing.T) {
	for kind, steps := range map[Foreign][]string{
		SecurityKey: {selectJPKI, "6A82", selectAttributes, "6A82", "00A4020C020018", "6A82", "80CA000000", "6E00", "00CA000000", "6D00",
			"00A4040C05A000000308", "9000", "00200080", "63C3", "0020008004 31323334", "63C2"},
		SIM:    {selectJPKI, "6A82", "A0A40000023F00", "9F17", "A0B0000000", "6E00", "00B0000000", "6D00", "0020000104 31323334", "63C2"},
		OldSIM: {selectJPKI, "9F17", "A0A40000023F00", "9F17", "0020008004 31323334", "6E00"},
	} {
		t.Run(string(kind), func(t *testing.T) {
			c := newCard(t, Options{Foreign: kind})
			conversation(t, c, steps...)
			spent := Tally{Verifies: 1, Wrong: 1}
			if kind == OldSIM {
				spent = Tally{}
			}
			require.Equal(t, spent, c.Tally(PINForeign))
			require.Empty(t, c.Certificates())
		})
	}
}

// An ATR that offers another protocol than T=0 ends with a byte that makes the exclusive or of all but the
// first zero (ISO/IEC 7816-3 §8.2.5).
func TestForeignATR(t *testing.T) {
	var sum byte
	for _, b := range foreignATRs[SecurityKey][1:] {
		sum ^= b
	}
	require.Zero(t, sum)
}
