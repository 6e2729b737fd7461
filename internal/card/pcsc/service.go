//go:build cgo || windows

package pcsc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
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
// open, a Service follows one that is stopped and started again. One that runs and never answers is also an
// os.ErrDeadlineExceeded.
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
		return nil, fmt.Errorf("%w: %w: no answer in %v", card.ErrNoService, os.ErrDeadlineExceeded, openBudget)
	}
	if err := s.snapshot().err; err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// List returns every reader under the name that PC/SC gives it. It does not touch the cards.
func (s *Service) List() ([]card.Reader, <-chan struct{}, error) {
	now := s.snapshot()
	if now.err != nil {
		return nil, nil, now.err
	}
	return slices.Clone(now.readers), now.replaced, nil
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
		if !present || !still || r.Events != first.Events {
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
	readers  []card.Reader
	err      error
	replaced chan struct{} // closed when there is a newer snapshot
}

// card returns the named reader, if there is a card in it.
func (s *snapshot) card(name string) (card.Reader, bool) {
	for _, r := range s.readers {
		if r.Name == name && r.Card {
			return r, true
		}
	}
	return card.Reader{}, false
}

func (s *Service) snapshot() *snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}
