package simcard

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTallies(t *testing.T) {
	c := newCard(t, Options{})
	conversation(t, c, selectJPKI, "9000",
		"00200098", "63C3", // a question is no VERIFY
		"0020009804 30303030", "63C2",
		verify1234, "9000",
		"0020009811 3131313131313131313131313131313131", "6700", // too long: counted, no try spent
		"0024019804 35363741", "6A80",
		"0024019804 35363738", "9000",
		"002000970431323334", "6981") // no PIN
	require.Equal(t, Tally{Verifies: 3, Wrong: 1, Changes: 2, Changed: 1}, c.Tally(PINAuth))
	require.Zero(t, c.Tally(PINSign))

	c.ResetTallies()
	require.Zero(t, c.Tally(PINAuth))
	require.NoError(t, c.SetTries(PINSign, 0))
	conversation(t, c, verifyABC123, "6984")
	require.Equal(t, Tally{Verifies: 1}, c.Tally(PINSign), "a blocked PIN has no try to spend")
	require.NoError(t, c.SetFaults(Faults{RemoveVerify: true}))
	require.Zero(t, c.Tally(PINSign))
	conversation(t, c, "0020009804 30303030", "gone")
	require.Equal(t, Tally{Verifies: 1, Wrong: 1}, c.Tally(PINAuth), "executed, though never answered")
}

func TestVerified(t *testing.T) {
	c := newCard(t, Options{})
	require.Empty(t, c.Verified())
	conversation(t, c, selectJPKI, "9000", verifyABC123, "9000", verify1234, "9000")
	require.Equal(t, []PIN{PINAuth, PINSign}, c.Verified())
	conversation(t, c, "0020009804 30303030", "63C2")
	require.Equal(t, []PIN{PINSign}, c.Verified())
	conversation(t, c, selectAttributes, "9000", "0020009104 34333231", "9000")
	require.Equal(t, []PIN{PINAttributes}, c.Verified())
	c.Remove()
	require.Empty(t, c.Verified())
}
