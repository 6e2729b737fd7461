//go:build linux && cgo

package pcsc

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/e2e/reader"
	"github.com/natsuin/natsuin/internal/card"
)

var atr = []byte{0x3B, 0xE0, 0x00, 0xFF, 0x81, 0x31, 0xFE, 0x45, 0x14} // jpki-card.md §3.9

func testList(t *testing.T, b bench) {
	s := b.withCard(t)
	list, err := s.List()
	require.NoError(t, err)
	require.Equal(t, []card.Reader{{Name: reader.Name, Card: true, ATR: atr}, {Name: reader.EmptyName}}, list)

	b.Order("remove")
	require.NoError(t, s.Watch(expect(t), reader.Name))
	list, err = s.List()
	require.NoError(t, err)
	require.Equal(t, []card.Reader{{Name: reader.Name}, {Name: reader.EmptyName}}, list)
}

// wait runs Wait in the background. It returns what is reported, and what Wait returns at last.
func wait(ctx context.Context, s *Service, name string) (reports chan card.Presence, found chan string, ended chan error) {
	reports, found, ended = make(chan card.Presence, 10), make(chan string, 1), make(chan error, 1)
	go func() {
		name, err := s.Wait(ctx, name, func(p card.Presence) { reports <- p })
		found <- name
		ended <- err
	}()
	return reports, found, ended
}

func testWaitForInsertion(t *testing.T, b bench) {
	for name, asked := range map[string]string{"in a named reader": reader.Name, "in any reader": ""} {
		t.Run(name, func(t *testing.T) {
			reports, found, ended := wait(expect(t), b.withoutCard(t), asked)
			require.Equal(t, card.NoCard, <-reports)
			b.Order("insert")
			require.Equal(t, reader.Name, <-found)
			require.NoError(t, <-ended)
			require.Equal(t, card.Present, <-reports)
			require.Empty(t, reports)
		})
	}
}

func testWaitCancelled(t *testing.T, b bench) {
	s := b.withCard(t)
	for name, want := range map[string]card.Presence{reader.EmptyName: card.NoCard, "No Such Reader": card.NoReader} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(expect(t))
			reports, _, ended := wait(ctx, s, name)
			require.Equal(t, want, <-reports)
			cancel()
			require.ErrorIs(t, <-ended, context.Canceled)
			require.Empty(t, reports)
		})
	}
}

func testWatch(t *testing.T, b bench) {
	t.Run("no card", func(t *testing.T) {
		require.NoError(t, b.withCard(t).Watch(expect(t), reader.EmptyName))
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		require.ErrorIs(t, b.withCard(t).Watch(ctx, reader.Name), context.DeadlineExceeded)
	})
	t.Run("a reset is no removal", func(t *testing.T) {
		s := b.withCard(t)
		ctx, cancel := context.WithCancel(expect(t))
		ended := make(chan error)
		go func() { ended <- s.Watch(ctx, reader.Name) }()
		for range 3 {
			c, err := s.Connect(expect(t), reader.Name)
			require.NoError(t, err)
			require.NoError(t, c.Begin(expect(t)))
			require.NoError(t, c.PowerOff())
		}
		time.Sleep(2 * slice) // pcscd has noticed by then what there is to notice
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
	})
	t.Run("taken away", func(t *testing.T) {
		s := b.withCard(t)
		ended := make(chan error)
		go func() { ended <- s.Watch(expect(t), reader.Name) }()
		b.Order("remove")
		require.NoError(t, <-ended)
	})
}

func testCloseEndsWaiting(t *testing.T, b bench) {
	s := b.withCard(t)
	reports, _, ended := wait(expect(t), s, reader.EmptyName)
	require.Equal(t, card.NoCard, <-reports)
	require.NoError(t, s.Close())
	require.ErrorIs(t, <-ended, card.ErrNoService)
	_, err := s.List()
	require.ErrorIs(t, err, card.ErrNoService)
	require.NoError(t, s.Close(), "a second time")
}

func testServiceStopsAndStarts(t *testing.T, b bench) {
	s := b.withCard(t)
	reports, _, ended := wait(expect(t), s, reader.EmptyName)
	require.Equal(t, card.NoCard, <-reports)

	b.Order("pcscd stop")
	require.ErrorIs(t, <-ended, card.ErrNoService, "a Wait under way")
	_, err := s.Wait(expect(t), reader.Name, ignore)
	require.ErrorIs(t, err, card.ErrNoService, "a Wait begun without the service")
	require.ErrorIs(t, s.Watch(expect(t), reader.Name), card.ErrNoService)
	_, err = s.List()
	require.ErrorIs(t, err, card.ErrNoService)
	_, err = s.Connect(expect(t), reader.Name)
	require.ErrorIs(t, err, card.ErrNoService)
	_, err = Open()
	require.ErrorIs(t, err, card.ErrNoService)

	b.Order("pcscd start")
	require.Eventually(t, func() bool {
		name, err := s.Wait(expect(t), reader.Name, ignore)
		return err == nil && name == reader.Name
	}, soon, 10*time.Millisecond)
}
