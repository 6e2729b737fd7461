//go:build cgo || windows

package pcsc

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ebfe/scard"

	"github.com/natsuin/natsuin/internal/card"
)

// openBudget is how long the service may take to say which readers there are.
const openBudget = 5 * time.Second

var (
	errNotAsked = errors.New("pcsc: the readers have not been asked yet")
	errClosed   = fmt.Errorf("%w: closed by this program", card.ErrNoService)
)

// A Service is the machine's PC/SC service. Its methods may be called from several goroutines.
type Service struct {
	closing   chan struct{} // closed by Close
	ended     chan struct{} // closed when the monitor has returned
	closeOnce sync.Once

	mu      sync.Mutex
	now     *snapshot
	context *scard.Context // the monitor's, there to be cancelled by Close
}

var _ card.Readers = (*Service)(nil)

// Open connects to the PC/SC service. It fails with card.ErrNoService where none is running; once
// open, a Service follows one that is stopped and started again.
func Open() (*Service, error) {
	s := &Service{
		closing: make(chan struct{}),
		ended:   make(chan struct{}),
		now:     &snapshot{err: errNotAsked, replaced: make(chan struct{})},
	}
	asked := s.now.replaced
	go s.monitor()
	select {
	case <-asked:
	case <-time.After(openBudget):
		s.Close()
		return nil, fmt.Errorf("%w: no answer within %v", card.ErrNoService, openBudget)
	}
	if err := s.snapshot().err; err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// List returns every reader under the name that PC/SC gives it, with the ATR of the card in it. It
// does not touch the cards.
func (s *Service) List() ([]card.Reader, error) {
	now := s.snapshot()
	if now.err != nil {
		return nil, now.err
	}
	list := make([]card.Reader, len(now.readers))
	for i, r := range now.readers {
		list[i] = r.Reader
	}
	return list, nil
}

// Wait implements card.Readers. It ends with card.ErrNoService when the service is not running or
// stops meanwhile.
func (s *Service) Wait(ctx context.Context, reader string, report func(card.Presence)) (string, error) {
	const unreported card.Presence = -1
	last := unreported
	for {
		now := s.snapshot()
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case now.err != nil:
			return "", now.err
		}
		name, presence := now.find(reader)
		if presence != last {
			report(presence)
			last = presence
		}
		if presence == card.Present {
			return name, nil
		}
		select {
		case <-now.replaced:
		case <-ctx.Done():
		}
	}
}

// Watch implements card.Readers. A card that is taken away and put back counts as gone, however
// quickly it happens. It ends with card.ErrNoService when the service stops.
func (s *Service) Watch(ctx context.Context, reader string) error {
	first, present := s.snapshot().card(reader)
	for {
		now := s.snapshot()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case now.err != nil:
			return now.err
		}
		r, still := now.card(reader)
		if !present || !still || r.events != first.events {
			return nil
		}
		select {
		case <-now.replaced:
		case <-ctx.Done():
		}
	}
}

// Close ends whatever waits on s and releases it. Connections stay open.
func (s *Service) Close() error {
	s.closeOnce.Do(func() {
		close(s.closing)
		s.mu.Lock()
		if s.context != nil {
			// Shortens the slice under way; the monitor ends at the slice's own end otherwise.
			_ = s.context.Cancel()
		}
		s.mu.Unlock()
	})
	select {
	case <-s.ended:
	case <-time.After(4 * slice):
		// A service that hangs does not answer the monitor either. Its goroutine is left behind.
	}
	return nil
}

// A snapshot is what the monitor saw last. It is never changed; the next one replaces it.
type snapshot struct {
	readers  []observed
	err      error
	replaced chan struct{} // closed when there is a newer snapshot
}

// An observed reader is a card.Reader with the service's count of insertions and removals, where it
// keeps one.
type observed struct {
	card.Reader
	events uint16
}

// find returns the first reader with a card in it, among those called name, or all for "".
func (s *snapshot) find(name string) (string, card.Presence) {
	presence := card.NoReader
	for _, r := range s.readers {
		if name != "" && r.Name != name {
			continue
		}
		if r.Card {
			return r.Name, card.Present
		}
		presence = card.NoCard
	}
	return "", presence
}

// card returns the named reader, if there is a card in it.
func (s *snapshot) card(name string) (observed, bool) {
	for _, r := range s.readers {
		if r.Name == name && r.Card {
			return r, true
		}
	}
	return observed{}, false
}

func (s *Service) snapshot() *snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}
