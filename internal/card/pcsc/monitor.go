//go:build cgo || windows

package pcsc

import (
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/ebfe/scard"

	"github.com/natsuin/natsuin/internal/card"
)

const (
	// slice is the longest single wait: SCardCancel is known to be lost or refused in places
	// (ecosystem.md §1.2), so that no wait may depend on it.
	slice = 500 * time.Millisecond

	// breath is the pause before a question that failed is asked again.
	breath = 50 * time.Millisecond

	// plugAndPlay is the pseudo reader that changes when a reader is attached or detached. It only
	// shortens a slice; the list of readers is compared after each one all the same.
	plugAndPlay = `\\?PnP?\Notification`
)

// statusCall serialises GetStatusChange in this process: scard keeps the readers' names alive in a
// map by name, so that a second call for the same reader would let go of the first one's memory.
var statusCall sync.Mutex

// monitor publishes snapshots until Close. It alone owns the context in which readers are watched,
// and establishes a new one whenever the service was lost.
func (s *Service) monitor() {
	defer close(s.ended)
	defer s.publish(nil, errClosed)
	for !s.isClosing() {
		context, err := scard.EstablishContext()
		if err != nil {
			s.publish(withoutService(err))
			s.pause(slice)
			continue
		}
		s.setContext(context)
		err = s.observe(context)
		s.setContext(nil)
		_ = context.Release() // fails when the service is gone, and the context with it
		if err != nil && !isAny(err, scard.ErrNoService, scard.ErrServiceStopped, scard.ErrInvalidHandle, scard.ErrCommError) {
			s.publish(nil, whileConnecting("watch readers", err))
		}
		s.pause(breath)
	}
}

// withoutService says what it means that no context can be had. Windows runs its service only while
// a reader is attached, so there it means that none is.
func withoutService(err error) ([]card.Reader, error) {
	if runtime.GOOS == "windows" && isAny(err, scard.ErrNoService, scard.ErrServiceStopped) {
		return nil, nil
	}
	return nil, whileConnecting("connect to the smart card service", err)
}

// observe publishes what happens to the readers until Close (nil) or until the service is lost.
func (s *Service) observe(context *scard.Context) error {
	var states []scard.ReaderState
	timeout := time.Duration(0) // the first answer is wanted at once, even without a reader
	for !s.isClosing() {
		names, err := listReaders(context)
		if err != nil {
			return err
		}
		states = follow(states, names)
		if len(states) == 0 { // no plugAndPlay here, and nothing to ask GetStatusChange about
			s.publish(nil, nil)
			s.pause(slice)
			continue
		}
		err = statusChange(context, states, timeout)
		switch {
		case err == nil, isAny(err, scard.ErrTimeout, scard.ErrCancelled):
		case isAny(err, scard.ErrUnknownReader, scard.ErrReaderUnavailable):
			s.pause(breath) // detached since it was listed
			continue
		default:
			return err
		}
		if !s.publish(readers(states), nil) && err == nil {
			s.pause(breath) // a driver that reports changes which are none must not make this spin
		}
		timeout = slice
	}
	return nil
}

// listReaders returns the names of the readers; none is not an error.
func listReaders(context *scard.Context) ([]string, error) {
	for {
		names, err := context.ListReaders()
		switch {
		case isAny(err, scard.ErrNoReadersAvailable):
			return nil, nil
		case isAny(err, scard.ErrInsufficientBuffer):
			// A reader was attached between asking for the length and for the names.
		default:
			return names, err
		}
	}
}

// follow returns the states to ask about for the readers called names: those already known go on
// from where they are, new ones start unaware, which makes the service answer at once.
func follow(known []scard.ReaderState, names []string) []scard.ReaderState {
	if runtime.GOOS != "darwin" { // which does not have it
		names = append([]string{plugAndPlay}, names...)
	}
	states := make([]scard.ReaderState, len(names))
	for i, name := range names {
		states[i] = scard.ReaderState{Reader: name, CurrentState: scard.StateUnaware}
		for _, k := range known {
			if k.Reader == name {
				states[i] = k
			}
		}
	}
	return states
}

// statusChange waits until a reader is in another state than states say, and writes the new ones into
// states, which must not be empty. The upper half of a state counts events: it stays in, so that the
// service can tell a card that was quickly exchanged.
func statusChange(context *scard.Context, states []scard.ReaderState, timeout time.Duration) error {
	statusCall.Lock()
	defer statusCall.Unlock()
	if err := context.GetStatusChange(states, timeout); err != nil {
		return err
	}
	for i := range states {
		states[i].CurrentState = states[i].EventState &^ scard.StateChanged
	}
	return nil
}

// readers turns states into what is published.
func readers(states []scard.ReaderState) []card.Reader {
	var list []card.Reader
	for _, state := range states {
		if state.Reader == plugAndPlay {
			continue
		}
		list = append(list, card.Reader{
			Name:   state.Reader,
			Card:   state.CurrentState&scard.StatePresent != 0,
			Events: uint16(state.CurrentState >> 16),
		})
	}
	return list
}

// publish replaces the snapshot, and reports whether anything changed.
func (s *Service) publish(readers []card.Reader, err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sameError(s.now.err, err) && slices.Equal(s.now.readers, readers) {
		return false
	}
	old := s.now
	s.now = &snapshot{readers: readers, err: err, replaced: make(chan struct{})}
	close(old.replaced)
	return true
}

func sameError(a, b error) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Error() == b.Error()
}

func (s *Service) setContext(context *scard.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.context = context
}

func (s *Service) isClosing() bool {
	select {
	case <-s.closing:
		return true
	default:
		return false
	}
}

func (s *Service) pause(d time.Duration) {
	select {
	case <-s.closing:
	case <-time.After(d):
	}
}
