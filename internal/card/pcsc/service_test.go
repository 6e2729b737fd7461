//go:build linux && cgo

package pcsc

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/e2e/reader"
	"github.com/natsuin/natsuin/internal/card"
)

func testList(t *testing.T, b bench) {
	s := b.withCard(t)
	require.Equal(t, []card.Reader{{Name: reader.Name, Card: true}, {Name: reader.EmptyName}}, listed(t, s))

	b.Order("remove")
	require.NoError(t, s.Watch(expect(t), reader.Name))
	require.Equal(t, []card.Reader{{Name: reader.Name}, {Name: reader.EmptyName}}, listed(t, s))
}

// listed is List without the count of events, which is pcscd's own.
func listed(t *testing.T, s *Service) []card.Reader {
	t.Helper()
	list, _, err := s.List()
	require.NoError(t, err)
	for i := range list {
		list[i].Events = 0
	}
	return list
}

func testListTellsOfChanges(t *testing.T, b bench) {
	s := b.withoutCard(t)
	before, changed, err := s.List()
	require.NoError(t, err)
	select {
	case <-changed:
		require.Fail(t, "nothing has changed")
	case <-time.After(2 * slice):
	}
	b.Order("insert")
	<-changed
	awaitCard(t, s)

	after, changed, err := s.List()
	require.NoError(t, err)
	require.NotEqual(t, before[0].Events, after[0].Events)
	b.Order("remove")
	b.Order("insert")
	<-changed
	require.Eventually(t, func() bool {
		now, _, err := s.List()
		return err == nil && now[0].Card && now[0].Events != after[0].Events
	}, soon, 10*time.Millisecond, "a card that was exchanged is another one")
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
	_, changed, err := s.List()
	require.NoError(t, err)
	ended := make(chan error)
	go func() { ended <- s.Watch(expect(t), reader.Name) }()
	require.NoError(t, s.Close())
	<-changed
	require.ErrorIs(t, <-ended, card.ErrNoService)
	_, _, err = s.List()
	require.ErrorIs(t, err, card.ErrNoService)
	require.NoError(t, s.Close(), "a second time")
}

func testServiceStopsAndStarts(t *testing.T, b bench) {
	s := b.withCard(t)
	_, changed, err := s.List()
	require.NoError(t, err)

	b.Order("pcscd stop")
	<-changed
	require.Eventually(t, func() bool {
		_, _, err := s.List()
		return errors.Is(err, card.ErrNoService)
	}, soon, 10*time.Millisecond)
	require.ErrorIs(t, s.Watch(expect(t), reader.Name), card.ErrNoService)
	_, err = s.Connect(expect(t), reader.Name)
	require.ErrorIs(t, err, card.ErrNoService)
	_, err = Open()
	require.ErrorIs(t, err, card.ErrNoService)

	b.Order("pcscd start")
	awaitCard(t, s)
}
