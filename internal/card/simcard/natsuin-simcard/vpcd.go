package main

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"time"

	"github.com/natsuin/natsuin/internal/card/simcard"
)

// Orders of vpcd, each a message of one byte (jpki-card.md §7.1). Longer messages are commands.
const (
	vpcdPowerOff = 0x00
	vpcdPowerOn  = 0x01
	vpcdReset    = 0x02
	vpcdATR      = 0x04
)

const (
	// redial is the pause between attempts to reach vpcd.
	redial = 100 * time.Millisecond

	// changeover is how long the slot stays empty at least. pcscd looks at the slot every 400 ms, and a
	// card put back faster than that would be used without power.
	changeover = time.Second
)

// A reader is the virtual reader of vpcd, which the card program connects to: being connected is being
// in the slot.
type reader struct {
	address string
	card    *simcard.Card
	event   func(string) // told of power, resets and movements of the card

	mu      sync.Mutex
	ready   bool // the reader has powered the card and read its ATR
	changed chan struct{}
}

func newReader(address string, c *simcard.Card, event func(string)) *reader {
	return &reader{address: address, card: c, event: event, changed: make(chan struct{})}
}

func (r *reader) setReady(ready bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ready != ready {
		r.ready = ready
		close(r.changed)
		r.changed = make(chan struct{})
	}
}

// await waits until the card is ready in the reader, or until it is not.
func (r *reader) await(ctx context.Context, ready bool) error {
	for {
		r.mu.Lock()
		is, changed := r.ready, r.changed
		r.mu.Unlock()
		if is == ready {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// serve keeps the card in the reader whenever it is inserted and vpcd runs, until ctx ends.
func (r *reader) serve(ctx context.Context) {
	for ctx.Err() == nil {
		in, moved := r.card.Presence()
		if !in {
			select {
			case <-moved:
			case <-ctx.Done():
			}
			continue
		}
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", r.address)
		if err != nil {
			pause(ctx, redial)
			continue
		}
		r.event("in")
		r.session(ctx, conn, moved)
		r.card.PowerOff()
		r.setReady(false)
		r.event("out")
		pause(ctx, changeover)
	}
}

// session answers vpcd until the connection breaks, the card has left or ctx ends.
func (r *reader) session(ctx context.Context, conn net.Conn, left <-chan struct{}) {
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-left:
		case <-ctx.Done():
		case <-done:
		}
		conn.Close()
	}()

	powered := false
	for {
		message, err := receive(conn)
		if err != nil {
			return
		}
		if len(message) != 1 {
			response := r.card.Transmit(message)
			if response == nil || respond(conn, response) != nil {
				return
			}
			continue
		}
		switch message[0] {
		case vpcdPowerOff:
			r.event("power off")
			r.card.PowerOff()
			powered = false
		case vpcdPowerOn:
			r.event("power on")
			r.card.PowerOn()
			powered = true
		case vpcdReset:
			r.event("reset")
			r.card.Reset()
		case vpcdATR:
			if respond(conn, r.card.ATR()) != nil {
				return
			}
			if powered {
				r.setReady(true)
			}
		}
	}
}

// receive reads one message: its length in two bytes, most significant first, and the bytes.
func receive(conn net.Conn) ([]byte, error) {
	var length [2]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return nil, err
	}
	acknowledge(conn)
	message := make([]byte, binary.BigEndian.Uint16(length[:]))
	_, err := io.ReadFull(conn, message)
	acknowledge(conn)
	return message, err
}

func respond(conn net.Conn, message []byte) error {
	b := binary.BigEndian.AppendUint16(nil, uint16(len(message)))
	_, err := conn.Write(append(b, message...))
	return err
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
