package command

import (
	"context"
	"errors"

	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/card/pinpad"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
)

// errCounterFell: somebody spent a try while the human was typing.
var errCounterFell = errors.New("the number of tries left has fallen meanwhile")

// An unlocking is what a PIN is wanted for.
type unlocking struct {
	ask prompt.Request
	// prepare runs after the PIN was typed and before it goes to the card, while no transaction is open;
	// nil for nothing. It may ask the human for more.
	prepare func(ctx context.Context, typed *prompt.PIN) error
	// once says that the first wrong PIN ends the operation, and nobody is asked for another.
	once bool
	// first runs in the transaction in which the PIN goes to the card, ahead of it, whatever application is
	// selected then and afterwards; nil for nothing.
	first func() error
	// open selects the application of the operation's lock. app is the JPKI application, selected.
	open func(app *jpki.Application) (opened, error)
}

// An opened is a PIN, with its application selected.
type opened struct {
	pin application.PIN
	// use runs in the transaction in which the card took the PIN. typed is what it took, or nil when that was
	// typed on the reader's pad.
	use func(ctx context.Context, typed *prompt.PIN) error
}

// unlock asks for the PIN of the operation's lock until the card takes one, or with once refuses one. It is the
// only place from which a PIN goes to the card.
func (o *operation) unlock(ctx context.Context, u unlocking) error {
	agreed, unusable := false, 0 // entries on the pad
	for {
		if o.tries == 0 {
			return application.ErrBlocked
		}
		u.ask = o.about(u.ask)
		if o.tries == 1 && !agreed {
			if err := o.attended(ctx, func(ctx context.Context) error { return o.Human.LastTry(ctx, u.ask, o.info()) }); err != nil {
				return err
			}
			agreed = true
		}
		err := o.tryOnce(ctx, u)
		u.ask.Wrong, u.ask.Malformed, u.ask.Fallen = false, 0, false

		var malformed *prompt.MalformedError
		var wrong *application.WrongPIN
		switch {
		case errors.As(err, &malformed):
			u.ask.Malformed = malformed.Reason
		case errors.Is(err, pinpad.ErrLength), errors.Is(err, pinpad.ErrDifferent):
			u.ask.Malformed = padReason(err)
			if unusable++; unusable == maxUnusable {
				return unusableOnPad(err)
			}
		case errors.As(err, &wrong):
			u.ask.Wrong, agreed = true, false
			if wrong.TriesLeft != application.UncountedTries {
				o.tries = wrong.TriesLeft
			}
			if u.once {
				return protocol.Fail(protocol.PINWrong, err).WithTries(o.tries)
			}
		case errors.Is(err, errCounterFell):
			u.ask.Fallen, agreed = true, false
		case errors.Is(err, errOtherCard):
			agreed = false
		case err == nil:
			// A no that came while the card worked counts: what was made is not handed out.
			return ctx.Err()
		default:
			return err
		}
	}
}

// about returns a question with what is to be said of the PIN and the card now.
func (o *operation) about(r prompt.Request) prompt.Request {
	r.PIN, r.OwnPage, r.Foreign = o.lock.policy.Kind, o.OwnPage, o.issuer == "foreign"
	r.TriesLeft, r.MaxTries = o.tries, o.lock.maxTries
	r.NoPad = o.lacksPad(r.Operation)
	return r
}

// tryOnce has the human type the PIN once, in the dialog or on the reader's pad, and presents it.
func (o *operation) tryOnce(ctx context.Context, u unlocking) error {
	if o.usesPad(u.ask.Operation) {
		return o.tryOnPad(ctx, u)
	}
	var typed *prompt.PIN
	err := o.attended(ctx, func(ctx context.Context) (err error) {
		typed, err = o.Human.PIN(ctx, u.ask, o.info())
		return err
	})
	if err != nil {
		return err
	}
	defer typed.Wipe()
	if err := o.lock.policy.Normalize(typed); err != nil {
		return err
	}
	if u.prepare != nil {
		if err := o.attended(ctx, func(ctx context.Context) error { return u.prepare(ctx, typed) }); err != nil {
			return err
		}
	}
	return o.present(ctx, u, func(k opened) error {
		if err := k.pin.Verify(typed.Bytes()); err != nil {
			return err
		}
		o.tries = o.lock.maxTries // a right PIN sets the counter back
		return k.use(ctx, typed)
	})
}

// present lets the PIN go to the card, once, by f, in one transaction that leaves no verified state.
func (o *operation) present(ctx context.Context, u unlocking, f func(opened) error) error {
	seen := o.tries
	return o.transactionAfter(ctx, u.first, func(app *jpki.Application) error {
		k, err := u.open(app)
		if err != nil {
			return err
		}
		if o.tries, err = k.pin.TriesLeft(); err != nil {
			return err
		}
		if o.tries < seen {
			return errCounterFell
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		o.presented = true
		defer o.drop(k.pin)
		return f(k)
	})
}

// drop ends the verified state while the transaction still keeps others out. Where the card no longer
// takes a SELECT, cutting its power is what is left.
func (o *operation) drop(pin application.PIN) {
	o.line.closing = true
	if pin.Drop() != nil {
		o.close()
	}
}
