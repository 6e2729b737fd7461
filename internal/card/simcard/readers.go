package simcard

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/natsuin/natsuin/internal/card"
)

// ReaderName is the name of the reader that NewReaders makes.
const ReaderName = "Natsuin Simulated Reader"

// patience is how long Begin waits for another transaction.
const patience = 5 * time.Second

// Readers serves cards in process, as PC/SC would: shared connections, transactions, resets and
// removals seen by every connection, readers that come and go. Its methods may be called from several
// goroutines, at any moment.
type Readers struct {
	changed bell
	closed  chan struct{}
	once    sync.Once // closes closed

	mu      sync.Mutex // guards all below
	readers []*reader
	past    map[string]int // the events of readers that were attached before
}

// A reader is one reader, and the card that is in it whenever that is inserted. card is nil in a reader
// that never held one.
type reader struct {
	name   string
	card   *Card
	events int // before the card's insertions
}

var _ card.Readers = (*Readers)(nil)

// NewReaders makes a service with one reader, ReaderName, for the card.
func NewReaders(c *Card) *Readers {
	r := &Readers{closed: make(chan struct{}), past: map[string]int{}}
	r.readers = []*reader{{name: ReaderName, card: c}}
	c.slot.connect(&r.changed)
	return r
}

// Attach plugs in a reader with a card, or with none for nil.
func (r *Readers) Attach(name string, c *Card) {
	r.mu.Lock()
	r.readers = append(r.readers, &reader{name: name, events: r.past[name]})
	r.mu.Unlock()
	r.Put(name, c)
}

// Detach unplugs the reader. The card in it loses its power.
func (r *Readers) Detach(name string) {
	r.take(name)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.readers = slices.DeleteFunc(r.readers, func(at *reader) bool {
		if at.name == name {
			r.past[name] = at.events + 1
		}
		return at.name == name
	})
	r.changed.ring()
}

// Put takes the card out of the reader, and puts another in, or none for nil.
func (r *Readers) Put(name string, c *Card) {
	r.take(name)
	r.mu.Lock()
	defer r.mu.Unlock()
	if at := r.find(name); at != nil && c != nil {
		n, _ := c.slot.insertion()
		at.card, at.events = c, at.events-n // not what happened to the card elsewhere
		c.slot.connect(&r.changed)
		c.Insert()
	}
	r.changed.ring()
}

// take takes the card out of the reader, also in the middle of a command.
func (r *Readers) take(name string) {
	r.mu.Lock()
	var old *Card
	if at := r.find(name); at != nil && at.card != nil {
		old = at.card
		at.card, at.events = nil, at.eventCount()+1
		old.slot.disconnect(&r.changed)
	}
	r.mu.Unlock()
	r.changed.ring()
	if old != nil {
		old.Remove() // waits for the command that the card executes
	}
}

// find returns the reader of that name, or nil. r.mu is held.
func (r *Readers) find(name string) *reader {
	for _, at := range r.readers {
		if at.name == name {
			return at
		}
	}
	return nil
}

// eventCount counts what happened in the reader.
func (at *reader) eventCount() int {
	if at.card == nil {
		return at.events
	}
	n, _ := at.card.slot.insertion()
	return at.events + n
}

// state describes the reader.
func (at *reader) state() card.Reader {
	return card.Reader{Name: at.name, Card: at.card != nil && at.card.slot.present(), Events: uint16(at.eventCount())}
}

// List returns the readers, in the order in which they were attached.
func (r *Readers) List() ([]card.Reader, <-chan struct{}, error) {
	changed := r.changed.hear() // before anything is looked at
	if r.isClosed() {
		return nil, nil, card.ErrNoService
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []card.Reader
	for _, at := range r.readers {
		list = append(list, at.state())
	}
	return list, changed, nil
}

// Watch waits until the card has left. A reader that is not there has none.
func (r *Readers) Watch(ctx context.Context, name string) error {
	changed := r.changed.hear()
	before := r.state(name)
	for now := before; now.Card && now.Events == before.Events; now = r.state(name) {
		if err := r.await(ctx, changed); err != nil {
			return err
		}
		changed = r.changed.hear()
	}
	return nil
}

// state describes the reader of that name, attached or not.
func (r *Readers) state(name string) card.Reader {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at := r.find(name); at != nil {
		return at.state()
	}
	return card.Reader{}
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
func (r *Readers) Connect(ctx context.Context, name string) (card.Connection, error) {
	if err := r.alive(ctx); err != nil {
		return nil, err
	}
	c, err := r.cardIn(name)
	if err != nil {
		return nil, err
	}
	insertion, in := c.slot.insertion()
	switch {
	case !in:
		return nil, card.ErrNoCard
	case c.options.Foreign == Mute:
		return nil, card.ErrUnresponsive
	}
	return &connection{card: c, insertion: insertion, powerCycle: c.powerUp()}, nil
}

func (r *Readers) cardIn(name string) (*Card, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.find(name)
	switch {
	case at == nil:
		return nil, card.ErrNoReader
	case at.card == nil:
		return nil, card.ErrNoCard
	}
	return at.card, nil
}

// Close ends every Watch. The cards stay in their readers.
func (r *Readers) Close() error {
	r.once.Do(func() {
		close(r.closed)
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, at := range r.readers {
			if at.card != nil {
				at.card.slot.disconnect(&r.changed)
			}
		}
		r.changed.ring()
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
