package simcard

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/natsuin/natsuin/internal/card"
)

// ReaderName is the name of the one reader that Readers knows.
const ReaderName = "Natsuin Simulated Reader"

// patience is how long Begin waits for another transaction.
const patience = 5 * time.Second

// Readers serves a card in process, as PC/SC would: shared connections, transactions, resets and
// removals seen by every connection.
type Readers struct {
	card   *Card
	closed chan struct{}
	once   sync.Once // closes closed
}

var _ card.Readers = (*Readers)(nil)

// NewReaders puts the card into the simulated reader.
func NewReaders(c *Card) *Readers {
	return &Readers{card: c, closed: make(chan struct{})}
}

// List returns the reader.
func (r *Readers) List() ([]card.Reader, <-chan struct{}, error) {
	in, changed := r.card.Presence()
	if r.isClosed() { // looked at after changed was taken, which Close closes
		return nil, nil, card.ErrNoService
	}
	insertion, _ := r.card.slot.insertion()
	reader := card.Reader{Name: ReaderName, Card: in, Events: uint16(insertion)}
	if in {
		reader.ATR = r.card.ATR()
	}
	return []card.Reader{reader}, changed, nil
}

// Watch waits until the card has left. A reader of another name has none.
func (r *Readers) Watch(ctx context.Context, reader string) error {
	for reader == ReaderName {
		in, changed := r.card.Presence()
		if !in {
			return nil
		}
		if err := r.await(ctx, changed); err != nil {
			return err
		}
	}
	return nil
}

// await waits for the event, and fails when ctx ends or the service is closed.
func (r *Readers) await(ctx context.Context, event <-chan struct{}) error {
	select {
	case <-event:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-r.closed:
		return card.ErrNoService
	}
}

// alive fails when the service is closed already, or ctx has ended.
func (r *Readers) alive(ctx context.Context) error {
	if r.isClosed() {
		return card.ErrNoService
	}
	return ctx.Err()
}

// Connect opens the card and powers it up where nobody has.
func (r *Readers) Connect(ctx context.Context, reader string) (card.Connection, error) {
	if reader != ReaderName {
		return nil, card.ErrNoReader
	}
	if err := r.alive(ctx); err != nil {
		return nil, err
	}
	insertion, in := r.card.slot.insertion()
	if !in {
		return nil, card.ErrNoCard
	}
	return &connection{card: r.card, insertion: insertion, powerCycle: r.card.powerUp()}, nil
}

// Close ends every Watch.
func (r *Readers) Close() error {
	r.once.Do(func() {
		close(r.closed)
		r.card.slot.wake()
	})
	return nil
}

func (r *Readers) isClosed() bool {
	select {
	case <-r.closed:
		return true
	default:
		return false
	}
}

// A connection remembers which insertion and power cycle of the card it was opened in: another
// insertion is another card, another power cycle a card that was reset.
type connection struct {
	card        *Card
	insertion   int
	powerCycle  int
	transaction bool
}

func (c *connection) Begin(ctx context.Context) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case c.card.busy <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return card.ErrBusy
	}
	c.transaction = true

	err := c.check()
	if err != nil {
		_ = c.End()
	}
	if errors.Is(err, card.ErrReset) {
		c.powerCycle = c.card.powerUp()
	}
	return err
}

func (c *connection) End() error {
	if c.transaction {
		<-c.card.busy
		c.transaction = false
	}
	return nil
}

// Transmit fails with card.ErrBusy outside of a transaction while another connection has one open.
func (c *connection) Transmit(command []byte) ([]byte, error) {
	if !c.transaction {
		select {
		case c.card.busy <- struct{}{}:
			defer func() { <-c.card.busy }()
		default:
			return nil, card.ErrBusy
		}
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	response := c.card.Transmit(command)
	if response == nil {
		return nil, card.ErrRemoved
	}
	return response, nil
}

// check reports what happened to the card since the connection last saw it.
func (c *connection) check() error {
	if insertion, in := c.card.slot.insertion(); !in || insertion != c.insertion {
		return card.ErrRemoved
	}
	if c.card.powerCycle() != c.powerCycle {
		return card.ErrReset
	}
	return nil
}

// Close ends the transaction.
func (c *connection) Close() error { return c.End() }

// PowerOff cuts the power, which other connections see as a reset, unless one of them is in a
// transaction.
func (c *connection) PowerOff() error {
	defer c.End()
	if insertion, in := c.card.slot.insertion(); !in || insertion != c.insertion {
		return nil
	}
	if !c.transaction {
		select {
		case c.card.busy <- struct{}{}:
			c.transaction = true
		default:
			return nil
		}
	}
	c.card.PowerOff()
	return nil
}
