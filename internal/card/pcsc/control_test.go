//go:build linux && cgo

package pcsc

import (
	"context"
	"testing"
	"time"

	"github.com/ebfe/scard"
	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
)

// The virtual reader's driver knows no PIN pad, as most do not. Being asked does no harm.
func testFeatures(t *testing.T, b bench) {
	c := connect(t, b.withCard(t))
	require.NoError(t, c.Begin(expect(t)))
	transmit(t, c, selectApplication, selectPIN, verify)
	before := b.count(">")
	for range 3 {
		features, err := c.Features(expect(t))
		require.Error(t, err, "%X", features)
	}
	_, err := c.Control(expect(t), scard.CtlCode(3400+6), []byte{1, 2, 3})
	require.Error(t, err)
	require.Equal(t, before, b.count(">"), "the card has heard nothing of it")

	transmit(t, c, selectKey)
	response, err := c.Transmit(sign)
	require.NoError(t, err)
	require.Len(t, response, 256+2, "application and PIN state are as they were")
	require.NoError(t, c.End())
}

func testControl(t *testing.T, b bench) {
	c := connect(t, b.withCard(t))
	require.NoError(t, c.Begin(expect(t)))
	answer, err := c.control(expect(t), soon, scard.UnpowerCard, func() ([]byte, error) { return []byte{0x90, 0x00}, nil })
	require.NoError(t, err)
	require.Equal(t, done, answer)

	_, err = c.control(expect(t), soon, scard.UnpowerCard, func() ([]byte, error) { return nil, scard.ErrNotTransacted })
	require.ErrorIs(t, err, card.ErrRemoved)
	_, err = c.control(expect(t), soon, scard.UnpowerCard, func() ([]byte, error) { return nil, scard.ErrUnsupportedFeature })
	require.ErrorIs(t, err, scard.ErrUnsupportedFeature)

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Control(ended, 0, nil)
	require.ErrorIs(t, err, context.Canceled, "nothing was asked")
	transmit(t, c, selectApplication)
	require.NoError(t, c.End())
}

// A human who walks away from the pad, or says no in the window: the connection is given up, and what
// the pad does later leaves no verified PIN behind.
func testControlAbandoned(t *testing.T, b bench) {
	for name, test := range map[string]struct {
		patience time.Duration // of the caller
		budget   time.Duration
		want     error
	}{
		"cancelled": {50 * time.Millisecond, soon, context.DeadlineExceeded},
		"too long":  {soon, 50 * time.Millisecond, card.ErrUnresponsive},
	} {
		t.Run(name, func(t *testing.T) {
			s := b.withCard(t)
			c, other := connect(t, s), connect(t, s)
			require.NoError(t, c.Begin(expect(t)))
			transmit(t, c, selectApplication, selectPIN)
			before := b.count("# power off")

			ctx, cancel := context.WithTimeout(t.Context(), test.patience)
			defer cancel()
			typed := make(chan struct{})
			_, err := c.control(ctx, test.budget, scard.UnpowerCard, func() ([]byte, error) {
				<-typed
				return c.handle.Transmit(verify)
			})
			require.ErrorIs(t, err, test.want)
			for name, again := range map[string]error{
				"Begin": c.Begin(expect(t)),
				"End":   c.End(),
			} {
				require.ErrorIs(t, again, test.want, name)
			}
			_, err = c.Transmit(selectKey)
			require.ErrorIs(t, err, test.want)
			_, err = c.Features(expect(t))
			require.ErrorIs(t, err, test.want)
			require.NoError(t, c.Close())
			require.NoError(t, c.PowerOff())
			require.Equal(t, before, b.count("# power off"), "the pad still holds the card")

			close(typed)
			require.Eventually(t, func() bool { return b.count("# power off") > before }, soon, 10*time.Millisecond)
			require.ErrorIs(t, other.Begin(expect(t)), card.ErrReset)
			require.NoError(t, other.Begin(expect(t)), "the reader is free again")
			transmit(t, other, selectApplication, selectKey)
			response, err := other.Transmit(sign)
			require.NoError(t, err)
			require.Equal(t, []byte{0x69, 0x82}, response, "security status not satisfied")
			require.NoError(t, other.End())
		})
	}
}

// A driver that is slow to tell of its features costs the connection, and nobody the card's power.
func testFeaturesAbandoned(t *testing.T, b bench) {
	s := b.withCard(t)
	c := connect(t, s)
	require.NoError(t, c.Begin(expect(t)))
	transmit(t, c, selectApplication)
	before := b.count("# power off")

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	told := make(chan struct{})
	_, err := c.control(ctx, soon, scard.LeaveCard, func() ([]byte, error) {
		<-told
		return nil, nil
	})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NoError(t, c.Close())
	close(told)

	again := connect(t, s)
	require.NoError(t, again.Begin(expect(t)), "the reader is free, and nobody reset the card")
	transmit(t, again, selectKey)
	require.NoError(t, again.End())
	require.Equal(t, before, b.count("# power off"))
}
