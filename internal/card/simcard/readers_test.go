package simcard

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
)

func connect(t *testing.T, r *Readers) card.Connection {
	connection, err := r.Connect(t.Context(), ReaderName)
	require.NoError(t, err)
	return connection
}

func transmit(t *testing.T, c card.Connection, command ...byte) []byte {
	response, err := c.Transmit(command)
	require.NoError(t, err)
	return response
}

// selecting is the SELECT of the JPKI application.
var selecting = card.Command{INS: 0xA4, P1: 0x04, P2: 0x0C, Data: aidJPKI}

func TestReaders(t *testing.T) {
	c, err := New(Options{})
	require.NoError(t, err)
	r := NewReaders(c)
	defer r.Close()

	list, _, err := r.List()
	require.NoError(t, err)
	require.Equal(t, []card.Reader{{Name: ReaderName, Card: true, Events: 1}}, list)
	_, err = r.Connect(t.Context(), "another reader")
	require.ErrorIs(t, err, card.ErrNoReader)
	require.NoError(t, r.Watch(t.Context(), "another reader"), "it has no card")

	connection := connect(t, r)
	require.NoError(t, connection.Begin(t.Context()))
	_, err = card.Send(connection, selecting)
	require.NoError(t, err)
	_, err = card.Send(connection, card.Command{INS: 0x20, P2: 0x98, Data: []byte("1234")})
	require.NoError(t, err)
	require.NoError(t, connection.PowerOff())
	_, err = connection.Transmit(selecting.Bytes())
	require.ErrorIs(t, err, card.ErrReset)

	connection = connect(t, r)
	defer connection.Close()
	_, err = card.Send(connection, card.Command{INS: 0xA4, P1: 0x02, P2: 0x0C, Data: []byte{0x00, 0x17}})
	require.ErrorIs(t, err, card.NotFound, "there was no power in between")
}

func TestConnectionsSeeEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := New(Options{})
		require.NoError(t, err)
		r := NewReaders(c)
		first, second := connect(t, r), connect(t, r)

		require.NoError(t, first.Begin(t.Context()))
		start := time.Now()
		require.ErrorIs(t, second.Begin(t.Context()), card.ErrBusy)
		require.Equal(t, patience, time.Since(start))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, second.Begin(ctx), context.DeadlineExceeded)
		_, err = second.Transmit(selecting.Bytes())
		require.ErrorIs(t, err, card.ErrBusy)
		require.NoError(t, second.PowerOff(), "a stranger's transaction keeps its power")
		transmit(t, first, selecting.Bytes()...)
		require.NoError(t, first.End())
		require.NoError(t, first.End(), "ending twice is harmless")

		third := connect(t, r)
		require.NoError(t, third.Begin(t.Context()))
		require.NoError(t, third.Close())
		require.NoError(t, first.Begin(t.Context()), "closing leaves the card as it is")
		require.NoError(t, first.End())
		require.NoError(t, third.PowerOff())
		require.ErrorIs(t, first.Begin(t.Context()), card.ErrReset)
		require.NoError(t, first.Begin(t.Context()), "usable again")
		require.NoError(t, first.End())
		c.Reset()
		_, err = first.Transmit(selecting.Bytes())
		require.ErrorIs(t, err, card.ErrReset)
	})
}

func TestRemovalAndReturn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := New(Options{})
		require.NoError(t, err)
		r := NewReaders(c)
		connection := connect(t, r)

		watched := make(chan error, 1)
		go func() { watched <- r.Watch(t.Context(), ReaderName) }()
		synctest.Wait()
		require.Empty(t, watched)
		c.Remove()
		require.NoError(t, <-watched)

		list, changed, err := r.List()
		require.NoError(t, err)
		require.Equal(t, []card.Reader{{Name: ReaderName, Events: 1}}, list)
		_, err = connection.Transmit(selecting.Bytes())
		require.ErrorIs(t, err, card.ErrRemoved)
		_, err = r.Connect(t.Context(), ReaderName)
		require.ErrorIs(t, err, card.ErrNoCard)

		select {
		case <-changed:
			require.Fail(t, "nothing has changed")
		default:
		}
		taro := c.Certificates().Auth
		require.NoError(t, c.Swap(Hanako))
		require.NotEqual(t, taro, c.Certificates().Auth)
		<-changed
		list, _, err = r.List()
		require.NoError(t, err)
		require.Equal(t, []card.Reader{{Name: ReaderName, Card: true, Events: 2}}, list, "another card")

		require.ErrorIs(t, connection.Begin(t.Context()), card.ErrRemoved, "another insertion is another card")
		require.NoError(t, connection.Close())
		transmit(t, connect(t, r), selecting.Bytes()...)
	})
}

func TestRemovalFaultInProcess(t *testing.T) {
	faults, err := ParseFaults("remove-after=1")
	require.NoError(t, err)
	c, err := New(Options{Faults: faults})
	require.NoError(t, err)
	_, err = connect(t, NewReaders(c)).Transmit(selecting.Bytes())
	require.ErrorIs(t, err, card.ErrRemoved)
}

func TestClosedReaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := New(Options{})
		require.NoError(t, err)
		r := NewReaders(c)

		ended := make(chan error, 1)
		go func() { ended <- r.Watch(t.Context(), ReaderName) }()
		synctest.Wait()
		_, changed, err := r.List()
		require.NoError(t, err)
		require.NoError(t, r.Close())
		require.NoError(t, r.Close())
		<-changed
		require.ErrorIs(t, <-ended, card.ErrNoService)

		_, _, err = r.List()
		require.ErrorIs(t, err, card.ErrNoService)
		_, err = r.Connect(t.Context(), ReaderName)
		require.ErrorIs(t, err, card.ErrNoService)
	})
}
