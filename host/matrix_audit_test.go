//go:build unix

package main

import (
	"context"
	"sync"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/simcard"
)

// An audit is the service of the card's reader, which notes what every program under test does with it.
type audit struct {
	card *simcard.Card

	mu           sync.Mutex
	services     int           // open
	connections  int           // open
	left         []simcard.PIN // stood as verified when a transaction ended
	powered      int           // connections over which a PIN went and that left the card its power
	apdus        []apdu
	transactions int
	// before is called before a transaction begins, with its number from 1; nil for nothing.
	before func(transaction int)
}

// An apdu is a command that went to the card, and what it was for.
type apdu struct {
	transaction int
	kind        apduKind
}

type apduKind int

const (
	otherAPDU apduKind = iota
	selectApplication
	verifyPIN // with a PIN
	changePIN
)

func (a *audit) open() (card.Readers, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.services++
	return &auditedReaders{Readers: simcard.NewReaders(a.card), audit: a}, nil
}

// begin forgets what was noted.
func (a *audit) begin(before func(transaction int)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.left, a.powered, a.apdus, a.transactions, a.before = nil, 0, nil, 0, before
}

// look notes the PINs that stand as verified where a transaction ends.
func (a *audit) look() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.left = append(a.left, a.card.Verified()...)
}

func (a *audit) count(counter *int, by int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	*counter += by
}

type auditedReaders struct {
	card.Readers
	audit *audit
}

func (r *auditedReaders) Connect(ctx context.Context, reader string) (card.Connection, error) {
	c, err := r.Readers.Connect(ctx, reader)
	if err != nil {
		return nil, err
	}
	r.audit.count(&r.audit.connections, 1)
	return &auditedConnection{Connection: c, audit: r.audit}, nil
}

func (r *auditedReaders) Close() error {
	r.audit.count(&r.audit.services, -1)
	return r.Readers.Close()
}

type auditedConnection struct {
	card.Connection
	audit   *audit
	pinSent bool
	closed  sync.Once
}

func (c *auditedConnection) Begin(ctx context.Context) error {
	c.audit.mu.Lock()
	c.audit.transactions++
	n, before := c.audit.transactions, c.audit.before
	c.audit.mu.Unlock()
	if before != nil {
		before(n)
	}
	return c.Connection.Begin(ctx)
}

func (c *auditedConnection) Transmit(command []byte) ([]byte, error) {
	parsed, err := card.ParseCommand(command)
	if err != nil {
		return nil, err
	}
	kind := otherAPDU
	switch {
	case parsed.INS == 0xA4 && parsed.P1 == 0x04:
		kind = selectApplication
	case parsed.INS == 0x20 && len(parsed.Data) > 0:
		kind, c.pinSent = verifyPIN, true
	case parsed.INS == 0x24:
		kind = changePIN
	}
	c.audit.mu.Lock()
	c.audit.apdus = append(c.audit.apdus, apdu{c.audit.transactions, kind})
	c.audit.mu.Unlock()
	return c.Connection.Transmit(command)
}

func (c *auditedConnection) End() error {
	c.audit.look()
	return c.Connection.End()
}

func (c *auditedConnection) Close() error {
	if c.pinSent {
		c.audit.count(&c.audit.powered, 1)
	}
	c.close()
	return c.Connection.Close()
}

func (c *auditedConnection) PowerOff() error {
	c.close()
	return c.Connection.PowerOff()
}

func (c *auditedConnection) close() {
	c.closed.Do(func() { c.audit.count(&c.audit.connections, -1) })
}
