package command

import (
	"context"
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"

	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
)

// errCounterFell: somebody spent a try while the human was typing.
var errCounterFell = errors.New("the number of tries left has fallen meanwhile")

// A lock is a slot of the card and the form of the PIN that opens it.
type lock struct {
	slot   jpki.Slot
	policy prompt.Policy
}

var (
	authenticationLock = lock{jpki.Authentication, prompt.AuthenticationPIN}
	signatureLock      = lock{jpki.Signature, prompt.SignaturePIN}
)

// unlock asks for the slot's PIN until the card takes one, and runs use in the same transaction. It
// is the only place where a PIN goes to the card.
func (o *operation) unlock(ctx context.Context, l lock, ask prompt.Request, use func(*unlocked) error) error {
	ask.PIN, ask.MaxTries = l.policy.Kind, l.slot.MaxTries
	agreed := false
	for {
		if o.tries == 0 {
			return protocol.Fail(protocol.PINBlocked, nil).WithTries(0)
		}
		ask.TriesLeft, ask.Foreign = o.tries, o.issuer == "foreign"
		if o.tries == 1 && !agreed {
			if err := o.attended(ctx, func(ctx context.Context) error { return o.Human.LastTry(ctx, ask, o.info()) }); err != nil {
				return err
			}
			agreed = true
		}
		var pin *prompt.PIN
		err := o.attended(ctx, func(ctx context.Context) (err error) {
			pin, err = o.Human.PIN(ctx, ask, o.info())
			return err
		})
		if err != nil {
			return err
		}
		ask.Wrong, ask.Malformed = false, 0

		var malformed *prompt.MalformedError
		var wrong *jpki.WrongPIN
		switch err := o.present(ctx, l, pin, use); {
		case errors.As(err, &malformed):
			ask.Malformed = malformed.Reason
		case errors.As(err, &wrong):
			ask.Wrong, agreed = true, false
			if wrong.TriesLeft != jpki.UncountedTries {
				o.tries = wrong.TriesLeft
			}
		case errors.Is(err, errCounterFell), errors.Is(err, errOtherCard):
			agreed = false
		case err == nil:
			// A no that came while the card worked counts: what was made is not handed out.
			return ctx.Err()
		default:
			return err
		}
	}
}

// present sends one typed PIN to the card, once, and runs use if the card takes it. It wipes the PIN.
func (o *operation) present(ctx context.Context, l lock, pin *prompt.PIN, use func(*unlocked) error) error {
	defer pin.Wipe()
	if err := l.policy.Normalize(pin); err != nil {
		return err
	}
	seen := o.tries
	return o.transaction(ctx, func(app *jpki.Application) (err error) {
		if o.tries, err = app.TriesLeft(l.slot); err != nil {
			return err
		}
		if o.tries < seen {
			return errCounterFell
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		o.presented = true
		defer o.drop(app)
		if err := app.Verify(l.slot, pin.Bytes()); err != nil {
			return err
		}
		return use(&unlocked{app: app, slot: l.slot, pin: pin})
	})
}

// drop ends the verified state while the transaction still keeps others out. Where the card no longer
// takes a SELECT, cutting its power is what is left.
func (o *operation) drop(app *jpki.Application) {
	if app.Drop() != nil {
		o.close()
	}
}

// unlocked is a card that took the slot's PIN, within the transaction.
type unlocked struct {
	app  *jpki.Application
	slot jpki.Slot
	pin  *prompt.PIN
}

// signer returns the slot's key.
func (u *unlocked) signer(public crypto.PublicKey) (crypto.Signer, error) {
	key, ok := public.(*rsa.PublicKey)
	if !ok {
		return nil, protocol.Fail(protocol.KeyUnsupported, fmt.Errorf("%T", public))
	}
	return &insistentSigner{Signer: u.app.Signer(u.slot, key), unlocked: u}, nil
}

// An insistentSigner serves cards that want the PIN before every signature: on 6982 it presents the same PIN
// once more and repeats the signature. The counter stands at its maximum after the success before,
// so that a card that says otherwise is not asked.
type insistentSigner struct {
	crypto.Signer
	unlocked *unlocked
}

func (s *insistentSigner) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	signature, err := s.Signer.Sign(random, digest, opts)
	if !errors.Is(err, jpki.ErrPINRequired) {
		return signature, err
	}
	u := s.unlocked
	left, err := u.app.TriesLeft(u.slot)
	if err != nil {
		return nil, err
	}
	if left != u.slot.MaxTries {
		return nil, fmt.Errorf("the card wants the PIN again with %d tries left: %w", left, jpki.ErrPINRequired)
	}
	if err := u.app.Verify(u.slot, u.pin.Bytes()); err != nil {
		// Nobody typed this PIN now: that the card refuses what it just took is its fault.
		return nil, protocol.Fail(protocol.CardFault, err)
	}
	return s.Signer.Sign(random, digest, opts)
}
