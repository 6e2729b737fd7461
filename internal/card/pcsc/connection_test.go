//go:build linux && cgo

package pcsc

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ebfe/scard"
	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/e2e/reader"
	"github.com/natsuin/natsuin/internal/card"
)

// The commands of a signature, jpki-card.md §10.
var (
	selectApplication = []byte{0x00, 0xA4, 0x04, 0x0C, 0x0A, 0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01}
	selectPIN         = []byte{0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x18}
	verify            = []byte{0x00, 0x20, 0x00, 0x80, 0x04, '1', '2', '3', '4'}
	selectKey         = []byte{0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x17}
	sign              = []byte{0x80, 0x2A, 0x00, 0x80, 0x01, 0xAB, 0x00}

	done = []byte{0x90, 0x00}
)

// connect opens the card in the test reader for the length of the test.
func connect(t *testing.T, s *Service) *connection {
	t.Helper()
	c, err := s.Connect(expect(t), reader.Name)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c.(*connection)
}

// transmit requires that the card does each of the commands.
func transmit(t *testing.T, c *connection, commands ...[]byte) {
	t.Helper()
	for _, command := range commands {
		response, err := c.Transmit(command)
		require.NoError(t, err)
		require.Equal(t, done, response)
	}
}

func testTransmit(t *testing.T, b bench) {
	c := connect(t, b.withCard(t))
	require.NoError(t, c.Begin(expect(t)))
	sent := bytes.Clone(verify)
	transmit(t, c, selectApplication, selectPIN, sent, selectKey)
	require.Equal(t, verify, sent, "the caller's slice")
	response, err := c.Transmit(sign)
	require.NoError(t, err)
	require.Len(t, response, 256+2)
	require.Equal(t, done, response[256:])
	require.NoError(t, c.End())
	require.NoError(t, c.End(), "a second time")

	for _, short := range [][]byte{nil, {}, {0x00}, {0x00, 0x20, 0x00}} {
		_, err := c.Transmit(short)
		require.Error(t, err)
	}
}

func testConnectFails(t *testing.T, b bench) {
	s := b.withCard(t)
	_, err := s.Connect(expect(t), reader.EmptyName)
	require.ErrorIs(t, err, card.ErrNoCard)
	_, err = s.Connect(expect(t), "No Such Reader")
	require.ErrorIs(t, err, card.ErrNoReader)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.Connect(ctx, reader.Name)
	require.ErrorIs(t, err, context.Canceled)
}

func testPowerOff(t *testing.T, b bench) {
	for name, begin := range map[string]bool{"in a transaction": true, "outside": false} {
		t.Run(name, func(t *testing.T) {
			c := connect(t, b.withCard(t))
			if begin {
				require.NoError(t, c.Begin(expect(t)))
				transmit(t, c, selectApplication)
			}
			before := b.count("# power off")
			require.NoError(t, c.PowerOff())
			// The card is told, and not asked: the message may still be on its way.
			require.Eventually(t, func() bool { return b.count("# power off") > before }, soon, 10*time.Millisecond)
			require.Error(t, c.Begin(expect(t)))
			_, err := c.Transmit(selectApplication)
			require.Error(t, err)
			require.NoError(t, c.PowerOff(), "a second time")
			require.NoError(t, c.Close())
		})
	}
}

// Another program finds a reset, and after that a card that answers, although it brings it no power.
func testPowerOffBesideOthers(t *testing.T, b bench) {
	for name, begin := range map[string]bool{"in a transaction": true, "outside": false} {
		t.Run(name, func(t *testing.T) {
			c := connect(t, b.withCard(t))
			other, err := scard.EstablishContext()
			require.NoError(t, err)
			defer func() { require.NoError(t, other.Release()) }()
			handle, err := other.Connect(reader.Name, scard.ShareShared, protocols)
			require.NoError(t, err)
			defer func() { require.NoError(t, handle.Disconnect(scard.LeaveCard)) }()
			require.NoError(t, c.Begin(expect(t)))
			transmit(t, c, selectApplication, selectPIN, verify)
			if !begin {
				require.NoError(t, c.End())
			}
			require.NoError(t, c.PowerOff())

			require.ErrorIs(t, handle.BeginTransaction(), scard.ErrResetCard)
			require.NoError(t, handle.Reconnect(scard.ShareShared, protocols, scard.LeaveCard))
			response, err := handle.Transmit(selectKey)
			require.NoError(t, err)
			require.NotEqual(t, []byte{0x90, 0x00}, response, "the application is not selected any more")
		})
	}
}

func testEndLeavesTheCard(t *testing.T, b bench) {
	c := connect(t, b.withCard(t))
	require.NoError(t, c.Begin(expect(t)))
	transmit(t, c, selectApplication, selectPIN, verify)
	require.NoError(t, c.End())
	require.NoError(t, c.Begin(expect(t)))
	transmit(t, c, selectKey)
	response, err := c.Transmit(sign)
	require.NoError(t, err)
	require.Len(t, response, 256+2, "application and PIN state are as they were")
}

func testCloseLeavesTheCard(t *testing.T, b bench) {
	s := b.withCard(t)
	other := connect(t, s)
	c := connect(t, s)
	require.NoError(t, c.Begin(expect(t)))
	transmit(t, c, selectApplication)
	require.NoError(t, c.Close())
	require.NoError(t, other.Begin(expect(t)), "no reset: what another program did with the card stands")
}

func testRemoval(t *testing.T, b bench) {
	t.Run("between transactions", func(t *testing.T) {
		s := b.withCard(t)
		c := connect(t, s)
		require.NoError(t, c.Begin(expect(t)))
		require.NoError(t, c.End())
		b.Order("remove")
		require.NoError(t, s.Watch(expect(t), reader.Name))
		require.ErrorIs(t, c.Begin(expect(t)), card.ErrRemoved)

		b.Order("insert")
		awaitCard(t, s)
		require.ErrorIs(t, c.Begin(expect(t)), card.ErrRemoved, "another card may be there now")
		_, err := c.Transmit(selectApplication)
		require.ErrorIs(t, err, card.ErrRemoved)
		require.NoError(t, c.Close())
	})
	t.Run("in a transaction", func(t *testing.T) {
		s := b.withCard(t)
		c := connect(t, s)
		require.NoError(t, c.Begin(expect(t)))
		b.Order("remove")
		_, err := c.Transmit(selectApplication)
		require.ErrorIs(t, err, card.ErrRemoved, "before pcscd has seen it")
		require.NoError(t, s.Watch(expect(t), reader.Name))
		_, err = c.Transmit(selectApplication)
		require.ErrorIs(t, err, card.ErrRemoved, "after")
		require.NoError(t, c.Close())
	})
}

func testRemovalInsteadOfResponse(t *testing.T, b bench) {
	for _, fault := range []string{"remove-at-verify", "remove-before=3"} {
		t.Run(fault, func(t *testing.T) {
			c := connect(t, b.withCard(t))
			require.NoError(t, c.Begin(expect(t)))
			b.Order("fault " + fault)
			transmit(t, c, selectApplication, selectPIN)
			_, err := c.Transmit(verify)
			require.ErrorIs(t, err, card.ErrRemoved)
			require.NoError(t, c.Close())
			b.Order("counter auth 3")
		})
	}
}

func testContention(t *testing.T, b bench) {
	s := b.withCard(t)
	holder, waiting := connect(t, s), connect(t, s)
	require.NoError(t, holder.Begin(expect(t)))
	transmit(t, holder, selectApplication, selectPIN, verify)
	require.ErrorIs(t, waiting.Begin(expect(t)), card.ErrBusy)
	require.ErrorIs(t, waiting.Begin(expect(t)), card.ErrBusy, "given up for good")
	_, err := waiting.Transmit(selectKey)
	require.ErrorIs(t, err, card.ErrBusy)
	transmit(t, holder, selectKey)
	require.NoError(t, holder.End())

	// What was given up gets the card now, and must let go of it without disturbing anybody.
	third := connect(t, s)
	require.NoError(t, third.Begin(expect(t)))
	response, err := third.Transmit(sign)
	require.NoError(t, err)
	require.Len(t, response, 256+2)
	require.NoError(t, third.End())
}

func testContentionCancelled(t *testing.T, b bench) {
	s := b.withCard(t)
	holder, waiting := connect(t, s), connect(t, s)
	require.NoError(t, holder.Begin(expect(t)))

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, waiting.Begin(cancelled), context.Canceled)
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, waiting.Begin(short), context.DeadlineExceeded)
}

// pcsclite lets nobody connect while another program holds a transaction.
func testConnectDuringTransaction(t *testing.T, b bench) {
	s := b.withCard(t)
	holder := connect(t, s)
	require.NoError(t, holder.Begin(expect(t)))
	_, err := s.Connect(expect(t), reader.Name)
	require.ErrorIs(t, err, card.ErrBusy)

	require.NoError(t, holder.End())
	require.NoError(t, connect(t, s).Begin(expect(t)))
}

func testExclusiveUse(t *testing.T, b bench) {
	s := b.withCard(t)
	other, err := scard.EstablishContext()
	require.NoError(t, err)
	defer func() { require.NoError(t, other.Release()) }()
	var handle *scard.Card
	require.Eventually(t, func() bool { // a connection that another test gave up may still be on its way back
		handle, err = other.Connect(reader.Name, scard.ShareExclusive, protocols)
		return err == nil
	}, soon, 10*time.Millisecond)

	_, err = s.Connect(expect(t), reader.Name)
	require.ErrorIs(t, err, card.ErrBusy)

	// One that is let go of in time is waited for.
	released := make(chan error)
	go func() {
		time.Sleep(sharingPatience / 4)
		released <- handle.Disconnect(scard.LeaveCard)
	}()
	c, err := s.Connect(expect(t), reader.Name)
	require.NoError(t, <-released)
	require.NoError(t, err)
	require.NoError(t, c.Close())
}

func testReset(t *testing.T, b bench) {
	for name, disposition := range map[string]scard.Disposition{"reset": scard.ResetCard, "power cut": scard.UnpowerCard} {
		t.Run(name, func(t *testing.T) {
			s := b.withCard(t)
			c, third := connect(t, s), connect(t, s)
			other, err := scard.EstablishContext()
			require.NoError(t, err)
			defer func() { require.NoError(t, other.Release()) }()
			handle, err := other.Connect(reader.Name, scard.ShareShared, protocols)
			require.NoError(t, err)
			require.NoError(t, handle.Disconnect(disposition))

			for _, c := range []*connection{c, third} {
				require.ErrorIs(t, c.Begin(expect(t)), card.ErrReset)
			}
			for _, c := range []*connection{c, third} {
				require.NoError(t, c.Begin(expect(t)), "usable again, and not reset by the other's reconnecting")
				transmit(t, c, selectApplication)
				require.NoError(t, c.End())
			}
		})
	}
}

func testResetBeforeTransmit(t *testing.T, b bench) {
	s := b.withCard(t)
	c := connect(t, s)
	require.NoError(t, connect(t, s).PowerOff())

	before := b.count(">")
	_, err := c.Transmit(selectApplication)
	require.ErrorIs(t, err, card.ErrReset)
	require.Equal(t, before, b.count(">"), "the command was not sent again by itself")
	transmit(t, c, selectApplication)
}

func testUnresponsiveCard(t *testing.T, b bench) {
	c := connect(t, b.withCard(t))
	require.NoError(t, c.Begin(expect(t)))
	b.Order("fault slow-sign=1h")
	transmit(t, c, selectApplication, selectPIN, verify, selectKey)
	c.patience = 100 * time.Millisecond
	_, err := c.Transmit(sign)
	require.ErrorIs(t, err, card.ErrUnresponsive)
	_, err = c.Transmit(sign)
	require.ErrorIs(t, err, card.ErrUnresponsive, "given up for good")
	require.ErrorIs(t, c.End(), card.ErrUnresponsive)
	require.NoError(t, c.Close())
	b.Order("remove")
}

func testServiceStopsDuringConnection(t *testing.T, b bench) {
	c := connect(t, b.withCard(t))
	require.NoError(t, c.Begin(expect(t)))
	b.Order("pcscd stop")
	_, err := c.Transmit(selectApplication)
	require.ErrorIs(t, err, card.ErrNoService)
	require.NoError(t, c.Close())
	b.Order("pcscd start")
}

func TestBounded(t *testing.T) {
	fromTheCall := errors.New("from the call")
	t.Run("in time", func(t *testing.T) {
		err := bounded(t.Context(), soon, func() error { return fromTheCall }, func(error) { t.Error("late") })
		require.Equal(t, fromTheCall, err)
	})
	t.Run("too late", func(t *testing.T) {
		goOn, late := make(chan struct{}), make(chan error)
		err := bounded(t.Context(), 0, func() error { <-goOn; return fromTheCall }, func(err error) { late <- err })
		require.Equal(t, errBudget, err)
		close(goOn)
		require.Equal(t, fromTheCall, <-late)
	})
	t.Run("cancelled", func(t *testing.T) {
		goOn, late := make(chan struct{}), make(chan error)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := bounded(ctx, soon, func() error { <-goOn; return nil }, func(err error) { late <- err })
		require.Equal(t, context.Canceled, err)
		close(goOn)
		require.NoError(t, <-late)
	})
}
