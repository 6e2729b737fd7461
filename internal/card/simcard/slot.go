package simcard

import (
	"sync"
	"time"
)

// A bell wakes whoever waits for a change.
type bell struct {
	mu   sync.Mutex
	next chan struct{} // closed at the next ring; nil while nobody asked
}

// hear returns a channel that is closed at the next ring.
func (b *bell) hear() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		b.next = make(chan struct{})
	}
	return b.next
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next != nil {
		close(b.next)
		b.next = nil
	}
}

// A slot knows whether the card is in the reader, apart from the card's own lock, so that a card can
// be taken away while it works.
type slot struct {
	moved bell

	mu         sync.Mutex
	in         bool
	insertions int
	bells      map[*bell]bool // rung when in changes, besides moved
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
	s.moved.ring()
	for b := range s.bells {
		b.ring()
	}
}

// connect has a bell rung whenever the card moves, until disconnect.
func (s *slot) connect(b *bell) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bells == nil {
		s.bells = map[*bell]bool{}
	}
	s.bells[b] = true
}

func (s *slot) disconnect(b *bell) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.bells, b)
}

// state reports whether the card is in, and returns a channel that is closed when that changes.
func (s *slot) state() (in bool, changed <-chan struct{}) {
	changed = s.moved.hear()
	return s.present(), changed
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
