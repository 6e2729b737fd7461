package command

import (
	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/card/surface"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
)

// A lock is one of the card's PINs.
type lock struct {
	policy   prompt.Policy
	maxTries int
	slot     jpki.Slot // whose PIN it is; the zero Slot for the 券面事項入力補助AP's
}

var (
	authenticationLock = lock{prompt.AuthenticationPIN, jpki.Authentication.MaxTries, jpki.Authentication}
	signatureLock      = lock{prompt.SignaturePIN, jpki.Signature.MaxTries, jpki.Signature}
	cardSurfaceLock    = lock{policy: prompt.CardSurfacePIN, maxTries: surface.MaxTries}
)

// locks names the PINs as the protocol does.
var locks = map[protocol.PINName]lock{
	protocol.AuthenticationPIN: authenticationLock,
	protocol.SignaturePIN:      signatureLock,
	protocol.CardSurfacePIN:    cardSurfaceLock,
}

// A keyhole is where a PIN goes: the application that the PIN belongs to, selected. What each method does
// and returns stands at jpki.Application's.
type keyhole interface {
	TriesLeft() (int, error)
	Verify(pin *prompt.PIN) error
	VerifyOnPad(present func() error) error
	ChangePIN(pin *prompt.PIN) error
	ChangePINOnPad(present func() error) error
	Drop() error
}

// slotPIN is the keyhole of a slot.
type slotPIN struct {
	*jpki.Application
	slot jpki.Slot
}

func (k slotPIN) TriesLeft() (int, error)      { return k.Application.TriesLeft(k.slot) }
func (k slotPIN) Verify(pin *prompt.PIN) error { return k.Application.Verify(k.slot, pin.Bytes()) }
func (k slotPIN) VerifyOnPad(present func() error) error {
	return k.Application.VerifyOnPad(k.slot, present)
}
func (k slotPIN) ChangePIN(pin *prompt.PIN) error {
	return k.Application.ChangePIN(k.slot, pin.Bytes())
}
func (k slotPIN) ChangePINOnPad(present func() error) error {
	return k.Application.ChangePINOnPad(k.slot, present)
}

// surfacePIN is the keyhole of the 券面事項入力補助AP.
type surfacePIN struct{ *surface.Application }

func (k surfacePIN) Verify(pin *prompt.PIN) error    { return k.Application.Verify(pin.Bytes()) }
func (k surfacePIN) ChangePIN(pin *prompt.PIN) error { return k.Application.ChangePIN(pin.Bytes()) }

// An opened application is what a lock leads to; unlock hands it out when the PIN was right. Either app or
// surface is set.
type opened struct {
	keyhole
	app     *jpki.Application
	surface *surface.Application
	pin     *prompt.PIN // nil when it was typed on the reader's pad
}

// openLock selects the application that the PIN belongs to. app is the JPKI application, selected, and is not
// any more when the lock is another application's.
func (o *operation) openLock(app *jpki.Application) (*opened, error) {
	if o.lock.policy.Kind != prompt.CardSurface {
		return &opened{keyhole: slotPIN{app, o.lock.slot}, app: app}, nil
	}
	s, err := surface.Select(o.card)
	if err != nil {
		return nil, err
	}
	return &opened{keyhole: surfacePIN{s}, surface: s}, nil
}
