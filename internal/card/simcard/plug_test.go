package simcard

import (
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
)

// inReaders maps the names of the readers to whether there is a card.
func inReaders(t *testing.T, r *Readers) map[string]bool {
	list, _, err := r.List()
	require.NoError(t, err)
	m := map[string]bool{}
	for _, reader := range list {
		m[reader.Name] = reader.Card
	}
	return m
}

func made(t *testing.T, o Options) *Card {
	c, err := New(o)
	require.NoError(t, err)
	return c
}

func TestPlugging(t *testing.T) {
	c := made(t, Options{})
	r := NewReaders(c)
	defer r.Close()

	r.Attach("empty", nil)
	r.Attach("key", made(t, Options{Foreign: SecurityKey}))
	require.Equal(t, map[string]bool{ReaderName: true, "empty": false, "key": true}, inReaders(t, r))
	_, err := r.Connect(t.Context(), "empty")
	require.ErrorIs(t, err, card.ErrNoCard)
	key, err := r.Connect(t.Context(), "key")
	require.NoError(t, err)
	_, err = card.Send(key, selecting)
	require.ErrorIs(t, err, card.NotFound)

	// The card goes from one reader to the other.
	before := connect(t, r)
	transmit(t, before, selecting.Bytes()...)
	r.Put(ReaderName, nil)
	require.Equal(t, map[string]bool{ReaderName: false, "empty": false, "key": true}, inReaders(t, r))
	_, err = before.Transmit(selecting.Bytes())
	require.ErrorIs(t, err, card.ErrRemoved)
	r.Put("empty", c)
	require.Equal(t, map[string]bool{ReaderName: false, "empty": true, "key": true}, inReaders(t, r))
	_, err = before.Transmit(selecting.Bytes())
	require.ErrorIs(t, err, card.ErrRemoved, "the connection was to another reader")
	after, err := r.Connect(t.Context(), "empty")
	require.NoError(t, err)
	transmit(t, after, selecting.Bytes()...)

	r.Detach("key")
	require.Equal(t, map[string]bool{ReaderName: false, "empty": true}, inReaders(t, r))
	_, err = card.Send(key, selecting)
	require.ErrorIs(t, err, card.ErrRemoved)
	_, err = r.Connect(t.Context(), "key")
	require.ErrorIs(t, err, card.ErrNoReader)
	r.Detach("key")
	r.Put("key", c)
	require.Equal(t, map[string]bool{ReaderName: false, "empty": true}, inReaders(t, r), "there is no such reader")

	r.Attach("mute", made(t, Options{Foreign: Mute}))
	_, err = r.Connect(t.Context(), "mute")
	require.ErrorIs(t, err, card.ErrUnresponsive)
}

// Whatever happens in a reader, what it counts changes, so that no card passes for another.
func TestEventsOnlyChange(t *testing.T) {
	taro, hanako := made(t, Options{}), made(t, Options{Person: Hanako})
	hanako.Remove()
	hanako.Insert() // its own count is ahead
	r := NewReaders(taro)
	defer r.Close()
	seen := map[uint16]bool{}
	for name, change := range map[string]func(){
		"as it was":        func() {},
		"in again":         func() { taro.Remove(); taro.Insert() },
		"another":          func() { r.Put(ReaderName, hanako) },
		"the same again":   func() { r.Put(ReaderName, hanako) },
		"another person's": func() { require.NoError(t, hanako.Swap(John)) },
		"plugged in again": func() { r.Detach(ReaderName); r.Attach(ReaderName, taro) },
	} {
		r.Put(ReaderName, taro)
		change()
		list, _, err := r.List()
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.True(t, list[0].Card)
		require.False(t, seen[list[0].Events], name)
		seen[list[0].Events] = true
	}
}

func TestChangesAreTold(t *testing.T) {
	c := made(t, Options{})
	r := NewReaders(c)
	defer r.Close()
	for name, change := range map[string]func(){
		"out":         c.Remove,
		"in":          func() { c.Remove(); c.Insert() },
		"attached":    func() { r.Attach("second", nil) },
		"put":         func() { r.Put(ReaderName, c) },
		"detached":    func() { r.Detach("second") },
		"the other's": func() { r.Attach("third", made(t, Options{Foreign: SIM})) },
	} {
		c.Insert()
		_, changed, err := r.List()
		require.NoError(t, err)
		change()
		select {
		case <-changed:
		default:
			require.Fail(t, "nobody was told", name)
		}
	}
}

func TestWatchEnds(t *testing.T) {
	for name, change := range map[string]func(r *Readers, c *Card){
		"taken out":               func(_ *Readers, c *Card) { c.Remove() },
		"exchanged":               func(r *Readers, c *Card) { r.Put(ReaderName, c) },
		"unplugged":               func(r *Readers, _ *Card) { r.Detach(ReaderName) },
		"unplugged and back":      func(r *Readers, c *Card) { r.Detach(ReaderName); r.Attach(ReaderName, c) },
		"taken out, and back too": func(_ *Readers, c *Card) { c.Remove(); c.Insert() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := made(t, Options{})
				r := NewReaders(c)
				defer r.Close()
				ended := make(chan error, 1)
				go func() { ended <- r.Watch(t.Context(), ReaderName) }()
				synctest.Wait()
				r.Attach("another", nil)
				synctest.Wait()
				require.Empty(t, ended, "the card is still there")
				change(r, c)
				require.NoError(t, <-ended)
			})
		})
	}
}

// Readers and cards come and go while programs use them; the race detector and the end of the test are
// the judges.
func TestPluggingWhileUsed(t *testing.T) {
	c, key := made(t, Options{}), made(t, Options{Foreign: SecurityKey})
	r := NewReaders(c)
	var users sync.WaitGroup
	for range 4 {
		users.Go(func() {
			for range 50 {
				list, _, err := r.List()
				require.NoError(t, err)
				for _, reader := range list {
					connection, err := r.Connect(t.Context(), reader.Name)
					if err != nil {
						continue
					}
					if connection.Begin(t.Context()) == nil {
						_, _ = card.Send(connection, selecting)
					}
					require.NoError(t, connection.PowerOff())
				}
			}
		})
	}
	for range 50 {
		r.Attach("second", key)
		r.Put(ReaderName, nil)
		r.Detach("second")
		r.Put(ReaderName, c)
	}
	users.Wait()
	require.NoError(t, r.Close())
}
