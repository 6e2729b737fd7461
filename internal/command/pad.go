package command

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/pinpad"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
)

// How long the card may be kept from others while a human types on the reader's pad is 60 seconds, for a
// change in three parts.
const (
	padTime  = 60 * time.Second
	padEntry = padTime / 3
)

// PadTimeout returns how long the human has at the reader's pad for what r asks, at most.
func PadTimeout(r prompt.Request) time.Duration {
	switch r.Purpose {
	case prompt.Current:
		return padEntry
	case prompt.New: // twice
		return 2 * padEntry
	}
	return padTime
}

// How long a reader's driver may take to tell of a pad: where the human wants to use one, and where it is only to be
// told of.
const (
	padPatience = 5 * time.Second
	padGlance   = time.Second
)

// silentReaders holds the names of the readers whose driver did not tell. Each costs its users the wait, and the
// connection, once in the life of the process.
var silentReaders sync.Map

// findPad asks the reader's driver for a pad. It reports false where no answer came in time: then the connection is of
// no further use.
func (o *operation) findPad(ctx context.Context, patience time.Duration) bool {
	if _, silent := silentReaders.Load(o.reader); silent {
		return true
	}
	asking, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	pad, err := pinpad.Find(asking, o.card)
	if errors.Is(err, pinpad.ErrSilent) {
		if ctx.Err() == nil {
			silentReaders.Store(o.reader, nil)
		}
		return false
	}
	o.pad = pad
	return true
}

// maxUnusable is how many entries of a pad may come to nothing by their form: a pad that goes on like that is
// broken, or nobody is at it.
const maxUnusable = 3

// padReason says what was wrong with an entry.
func padReason(err error) prompt.Reason {
	if errors.Is(err, pinpad.ErrDifferent) {
		return prompt.Different
	}
	return prompt.TooShort // or too long: the pad does not say
}

func unusableOnPad(err error) error {
	failure := protocol.Fail(protocol.PINMalformed, err)
	failure.Reason = padReason(err).String()
	return failure
}

// usesPad reports whether the PIN is to be typed on the reader's own pad: the human wants it, the reader
// has one, and the PIN has digits only.
func (o *operation) usesPad(what prompt.Operation) bool {
	return o.pad != nil && !o.lock.policy.Letters && (what != prompt.ChangePIN || o.pad.CanChange())
}

// lacksPad reports whether the human wants to type the PIN on a pad, and cannot on this reader's.
func (o *operation) lacksPad(what prompt.Operation) bool {
	return o.PINPad && !o.lock.policy.Letters && !o.usesPad(what)
}

// tryOnPad has the PIN typed on the reader's pad. The transaction stays open while the human types, which it
// never does otherwise: so the human agrees first. The pad's own clock ends all typing, and says
// that nothing was sent; a clock here could only end it without knowing.
func (o *operation) tryOnPad(ctx context.Context, u unlocking) error {
	err := o.attended(ctx, func(ctx context.Context) error { return o.Human.Pad(ctx, u.ask, o.info()) })
	if err != nil {
		return err
	}
	return o.present(ctx, u, func(k opened) error {
		o.Human.TypeOnPad(u.ask, o.info())
		err := k.pin.VerifyOnPad(func() error {
			return inWords(o.pad.Verify(ctx, padLanguage(u.ask.Lang), PadTimeout(u.ask)), application.ErrTryMayBeSpent)
		})
		if errors.Is(err, pinpad.ErrNotEntered) {
			return o.unspent(k.pin, err)
		}
		if err != nil {
			return err
		}
		o.tries = o.lock.maxTries
		return k.use(ctx, nil)
	})
}

// unspent returns err, by which the pad says that nothing was sent to the card. A card may answer the same, and a
// pad may be wrong: the counter tells, even when the operation is called off.
func (o *operation) unspent(pin application.PIN, err error) error {
	o.line.closing = true
	left, failure := pin.TriesLeft()
	switch {
	case failure != nil:
		return fmt.Errorf("%w: %v, and %w", application.ErrTryMayBeSpent, err, failure)
	case left != o.tries:
		return fmt.Errorf("%w: %v, and the card counts %d tries, not %d", application.ErrTryMayBeSpent, err, left, o.tries)
	}
	return err
}

// changeOnPad has the new PIN typed twice on the reader's pad. The words by which a pad says that none was
// entered are a card's for a change that it did not make (ISO/IEC 7816-4 §5.6): either way the old one holds.
func (o *operation) changeOnPad(ctx context.Context, pin application.PIN, ask prompt.Request) error {
	ask.Purpose = prompt.New
	o.Human.TypeOnPad(o.about(ask), o.info())
	return pin.ChangeOnPad(func() error {
		return inWords(o.pad.Change(ctx, padLanguage(ask.Lang), PadTimeout(ask)), application.ErrPINMayBeChanged)
	})
}

// inWords says what an uncertain answer of the pad leaves open.
func inWords(err, doubt error) error {
	if errors.Is(err, pinpad.ErrUncertain) {
		return fmt.Errorf("%w: %w", doubt, err)
	}
	return err
}

func padLanguage(l prompt.Lang) pinpad.Language {
	if l == prompt.English {
		return pinpad.English
	}
	return pinpad.Japanese
}
