package command

import (
	"context"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/card/surface"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
)

// A lock is one of the card's PINs.
type lock struct {
	policy   prompt.Policy
	maxTries int
	// find returns the PIN, with its application selected. app is the JPKI application, selected, and is not
	// any more when the PIN is another application's.
	find func(t card.Transport, app *jpki.Application) (application.PIN, error)
}

var (
	authenticationLock = newSlotLock(jpki.Authentication, prompt.AuthenticationPIN)
	signatureLock      = newSlotLock(jpki.Signature, prompt.SignaturePIN)
	cardSurfaceLock    = lock{prompt.CardSurfacePIN, surface.MaxTries, func(t card.Transport, _ *jpki.Application) (application.PIN, error) {
		s, err := surface.Select(t)
		if err != nil {
			return application.PIN{}, err
		}
		return s.PIN(), nil
	}}
)

func newSlotLock(s jpki.Slot, policy prompt.Policy) lock {
	return lock{policy, s.MaxTries, func(_ card.Transport, app *jpki.Application) (application.PIN, error) { return app.PIN(s), nil }}
}

// locks names the PINs as the protocol does.
var locks = map[protocol.PINName]lock{
	protocol.AuthenticationPIN: authenticationLock,
	protocol.SignaturePIN:      signatureLock,
	protocol.CardSurfacePIN:    cardSurfaceLock,
}

// slotLocks are the locks of the JPKI application.
var slotLocks = map[jpki.Slot]lock{
	jpki.Authentication: authenticationLock,
	jpki.Signature:      signatureLock,
}

// A slotOperation is an operation about one of the two slots. What its PIN opens is the JPKI application.
type slotOperation struct {
	*operation
	slot jpki.Slot
}

// openSlot is open for a slot.
func (e Environment) openSlot(ctx context.Context, s jpki.Slot) (slotOperation, error) {
	o, err := e.open(ctx, slotLocks[s])
	return slotOperation{o, s}, err
}

// unlock asks for the slot's PIN until the card takes one, and then has use do its work. typed is the PIN,
// or nil when it was typed on the reader's pad.
func (o slotOperation) unlock(ctx context.Context, ask prompt.Request, use func(ctx context.Context, app *jpki.Application, typed *prompt.PIN) error) error {
	return o.operation.unlock(ctx, unlocking{ask: ask, open: o.opening(use)})
}

// opening is the open of an unlocking with the slot's PIN, for use.
func (o slotOperation) opening(use func(ctx context.Context, app *jpki.Application, typed *prompt.PIN) error) func(*jpki.Application) (opened, error) {
	return func(app *jpki.Application) (opened, error) {
		return opened{app.PIN(o.slot), func(ctx context.Context, typed *prompt.PIN) error { return use(ctx, app, typed) }}, nil
	}
}

// A surfaceOperation is an operation about the 券面事項入力補助AP.
type surfaceOperation struct{ *operation }

// openSurface is open for the 券面事項入力補助AP.
func (e Environment) openSurface(ctx context.Context) (surfaceOperation, error) {
	o, err := e.open(ctx, cardSurfaceLock)
	return surfaceOperation{o}, err
}

// unlock asks for the application's PIN until the card takes one, and then has use do its work.
func (o surfaceOperation) unlock(ctx context.Context, ask prompt.Request, use func(*surface.Application) error) error {
	return o.operation.unlock(ctx, unlocking{ask: ask, open: o.opening(use)})
}

// opening is the open of an unlocking with the application's PIN, for use.
func (o surfaceOperation) opening(use func(*surface.Application) error) func(*jpki.Application) (opened, error) {
	return func(*jpki.Application) (opened, error) {
		s, err := surface.Select(o.line)
		if err != nil {
			return opened{}, err
		}
		return opened{s.PIN(), func(context.Context, *prompt.PIN) error { return use(s) }}, nil
	}
}
