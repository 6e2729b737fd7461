package main

import (
	"errors"
	"sync"
	"time"

	"github.com/natsuin/natsuin/internal/nativemsg"
	"github.com/natsuin/natsuin/internal/protocol"
)

// readWithin is how long a browser may leave what was sent to it unread. Browsers read at once.
const readWithin = 5 * time.Second

// waitingFrames is how many frames may wait for the browser to read them.
const waitingFrames = 16

var errNobodyReads = errors.New("the browser no longer reads what it is sent")

// An outbox sends messages to the extension, in order. It never keeps its caller waiting for long: a browser
// that stopped reading must not hold up signals, the end of the stream, or a card in a transaction.
type outbox struct {
	frames  chan []byte   // nil is the last one
	written chan struct{} // closed when the last one was written, or none can be any more
	broken  chan struct{} // closed when nobody reads
	once    sync.Once     // closes broken
}

func newOutbox(w *nativemsg.Writer) *outbox {
	o := &outbox{frames: make(chan []byte, waitingFrames), written: make(chan struct{}), broken: make(chan struct{})}
	go func() {
		defer close(o.written)
		for frame := range o.frames {
			if frame == nil {
				return
			}
			if w.Write(frame) != nil {
				o.breakOff()
				return
			}
		}
	}()
	return o
}

// errTooLong: no browser takes a frame of that size. Nothing was sent, and what is sent after it arrives.
var errTooLong = errors.New("the message is longer than a frame can be")

// send puts a message on its way. An error other than errTooLong means that no message will arrive any more.
func (o *outbox) send(message any) error {
	payload, err := protocol.Encode(message)
	if err != nil {
		return err
	}
	if len(payload) > nativemsg.MaxToBrowser {
		return errTooLong
	}
	return o.put(payload)
}

func (o *outbox) put(frame []byte) error {
	select {
	case <-o.broken:
		return errNobodyReads
	default:
	}
	patience := time.NewTimer(readWithin)
	defer patience.Stop()
	select {
	case o.frames <- frame:
		return nil
	case <-o.broken:
	case <-patience.C:
		o.breakOff()
	}
	return errNobodyReads
}

func (o *outbox) breakOff() { o.once.Do(func() { close(o.broken) }) }

// flush waits, for a moment, until what was sent is written.
func (o *outbox) flush() {
	moment := time.NewTimer(time.Second)
	defer moment.Stop()
	select {
	case o.frames <- nil:
	case <-o.broken:
		return
	case <-moment.C:
		return
	}
	select {
	case <-o.written:
	case <-moment.C:
	}
}
