package simcard

import (
	"sync"
	"time"
)

// A slot knows whether the card is in the reader, apart from the card's own lock, so that a card can
// be taken away while it works.
type slot struct {
	mu         sync.Mutex
	in         bool
	insertions int
	changed    chan struct{} // closed when in changes; nil while nobody asked
}

func (s *slot) present() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.in
}

// insertion counts how often the card was put in, and reports whether it is in now.
func (s *slot) insertion() (n int, in bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.insertions, s.in
}

func (s *slot) enter() { s.set(true) }
func (s *slot) leave() { s.set(false) }

func (s *slot) set(in bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.in == in {
		return
	}
	s.in = in
	if in {
		s.insertions++
	}
	s.tell()
}

// wake lets whoever waits for a change look again.
func (s *slot) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell()
}

func (s *slot) tell() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

func (s *slot) state() (in bool, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.in, s.changed
}

// wait waits that long, or until the card leaves.
func (s *slot) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	if in, changed := s.state(); in {
		select {
		case <-timer.C:
		case <-changed:
		}
	}
}
