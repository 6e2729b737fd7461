// Package pinpad has a four-digit PIN typed on the reader's own pad, so that it never enters the
// computer: PC/SC part 10, "IFDs with Secure PIN Entry Capabilities", revision 2.02.09. It finds the
// pad, tells it what to ask for and which command APDU to complete, and reads what came of it.
package pinpad

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/natsuin/natsuin/internal/card"
)

// What Find can answer instead of a pad.
var (
	// ErrNone: the reader has no pad that takes four digits.
	ErrNone = errors.New("the reader has no PIN pad")
	// ErrSilent: the reader's driver did not tell in time whether there is one. The connection is of no
	// further use.
	ErrSilent = errors.New("the reader's driver does not tell whether there is a PIN pad")
)

// What a pad answers instead of the card (PC/SC part 10 §2.5). Nothing was sent to the card,
// no try was spent and no PIN was changed: each of them is ErrNotEntered.
var (
	ErrNotEntered = errors.New("no PIN was entered on the reader")

	ErrTimeout   = fmt.Errorf("%w: the time ran out", ErrNotEntered)           // 6400
	ErrCancelled = fmt.Errorf("%w: cancelled on the reader", ErrNotEntered)    // 6401
	ErrDifferent = fmt.Errorf("%w: the new PINs differ", ErrNotEntered)        // 6402
	ErrLength    = fmt.Errorf("%w: too few or too many digits", ErrNotEntered) // 6403
)

// ErrUncertain wraps what happened where neither the pad nor the card answered, ctx's error among it:
// nobody knows whether the PIN reached the card, or still will.
var ErrUncertain = errors.New("no answer from the PIN pad")

// notEntered translates the words that the standard reserves for the pad.
var notEntered = map[card.Status]error{
	0x6400: ErrTimeout,
	0x6401: ErrCancelled,
	0x6402: ErrDifferent,
	0x6403: ErrLength,
}

// A Pad is a reader's PIN pad, on one connection.
type Pad struct {
	controller card.Controller
	features   map[feature]uint32
	properties properties
}

// Find returns the pad of the connection's reader, if it has one that takes four digits. It asks the
// reader's driver, not the card, and should do so within a transaction; most drivers answer by themselves, at
// once, and ctx must end for those that do not. It fails with ErrSilent when ctx ended, or the driver is known
// to be stuck, and otherwise, whatever goes wrong, with ErrNone.
func Find(ctx context.Context, connection card.Connection) (*Pad, error) {
	controller, ok := connection.(card.Controller)
	if !ok {
		return nil, ErrNone
	}
	list, err := controller.Features(ctx)
	if abandoned(ctx, err) {
		return nil, ErrSilent
	}
	if err != nil {
		return nil, ErrNone
	}
	features, err := parseFeatures(list)
	if err != nil || features[verifyDirect] == 0 {
		return nil, ErrNone
	}
	pad := &Pad{controller: controller, features: features}
	if pad.properties, err = pad.askProperties(ctx); err != nil {
		return nil, err
	}
	if padless[[2]uint16{pad.properties.vendor, pad.properties.product}] || !pad.properties.fits(digits) {
		return nil, ErrNone
	}
	return pad, nil
}

// abandoned reports whether err means that nobody waited for the driver's answer.
func abandoned(ctx context.Context, err error) bool {
	return err != nil && (ctx.Err() != nil || errors.Is(err, card.ErrUnresponsive))
}

// askProperties asks what kind of pad it is. A pad that does not tell is one without a display, which
// every pad can be taken for. It fails with ErrSilent alone.
func (p *Pad) askProperties(ctx context.Context) (properties, error) {
	for _, question := range []struct {
		feature feature
		parse   func([]byte) (properties, error)
	}{
		{getTLVProperties, parseTLVProperties},
		{pinProperties, parsePINProperties},
	} {
		if p.features[question.feature] == 0 {
			continue
		}
		answer, err := p.controller.Control(ctx, p.features[question.feature], nil)
		if abandoned(ctx, err) {
			return properties{}, ErrSilent
		}
		if err != nil {
			continue
		}
		if properties, err := question.parse(answer); err == nil {
			return properties, nil
		}
	}
	return properties{}, nil
}

// CanChange reports whether Change works on this pad.
func (p *Pad) CanChange() bool { return p.features[modifyDirect] != 0 }

// Verify has the human type the PIN that is the card's current file, within that time, whole seconds up to
// 255, and the pad present it to the card, once, within the transaction of the connection.
//
// It returns nil, an ErrNotEntered, the card's answer as a card.Status, or an ErrUncertain: then a try
// may be spent, and the connection may be of no further use.
func (p *Pad) Verify(ctx context.Context, language Language, within time.Duration) error {
	return p.run(ctx, "verify", p.features[verifyDirect], verifyStructure(p.properties, language, within))
}

// Change has the human type a new value twice, each time within half of that time, for the PIN that is the
// card's current file and has been verified, and the pad write it to the card. It returns what Verify does; after an ErrUncertain the PIN
// may be changed. A pad that cannot is an error of its own, before anything is asked.
func (p *Pad) Change(ctx context.Context, language Language, within time.Duration) error {
	if !p.CanChange() {
		return errors.New("pinpad: the pad cannot change a PIN")
	}
	return p.run(ctx, "change", p.features[modifyDirect], modifyStructure(p.properties, language, within))
}

func (p *Pad) run(ctx context.Context, what string, code uint32, structure []byte) error {
	answer, err := p.controller.Control(ctx, code, structure)
	if err != nil {
		return fmt.Errorf("%s a PIN: %w: %w", what, ErrUncertain, err)
	}
	if len(answer) != 2 {
		return fmt.Errorf("%s a PIN: %w: %d bytes instead of a status word", what, ErrUncertain, len(answer))
	}
	status := card.Status(answer[0])<<8 | card.Status(answer[1])
	if err, ok := notEntered[status]; ok {
		return err
	}
	if status != card.OK {
		return status
	}
	return nil
}
