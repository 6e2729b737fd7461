package card

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStatusIsAnError(t *testing.T) {
	err := fmt.Errorf("select: %w", Status(0x6A82))
	require.ErrorIs(t, err, NotFound)
	require.NotErrorIs(t, err, RecordNotFound)

	var status Status
	require.True(t, errors.As(err, &status))
	require.Equal(t, NotFound, status)
}

func TestStatusText(t *testing.T) {
	for status, text := range map[Status]string{
		0x6A82: "6A82: file or application not found",
		0x63C2: "63C2: tries left: 2",
		0x6100: "6100: 256 more bytes available",
		0x6C10: "6C10: wrong Le, 16 bytes available",
		0x6B01: "6B01: unknown status word",
	} {
		require.Equal(t, text, status.Error())
	}
}

func TestTriesLeftAndBlocked(t *testing.T) {
	for _, test := range []struct {
		status  Status
		tries   int
		counted bool
		blocked bool
	}{
		{0x63C5, 5, true, false},
		{0x63C1, 1, true, false},
		{0x63C0, 0, true, true},
		{0x6983, 3, false, true},
		{0x6984, 4, false, true},
		{0x6300, 0, false, false},
		{0x9000, 0, false, false},
		{0x6982, 2, false, false},
	} {
		tries, counted := test.status.TriesLeft()
		require.Equal(t, test.counted, counted, "%04X", uint16(test.status))
		if counted {
			require.Equal(t, test.tries, tries)
		}
		require.Equal(t, test.blocked, test.status.Blocked(), "%04X", uint16(test.status))
	}
}
