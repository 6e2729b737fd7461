package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/card/pinpad"
	"github.com/natsuin/natsuin/internal/certificate"
)

// An operation is one card, in one reader, for the length of one request.
type operation struct {
	Environment
	reader string
	events uint16 // of the reader, when the card was looked at
	card   card.Connection
	line   *line       // to the card, in the transaction under way
	lock   lock        // of the PIN that the request is about
	pad    *pinpad.Pad // the reader's, where it has one and the human wants to use it

	// recognized is whether the card has selected the JPKI application.
	recognized bool
	token      jpki.Token
	// authentication is the certificate that most cards show without a PIN, or nil: unreadable says why.
	authentication *certificate.Certificate
	unreadable     error
	issuer         string
	tries          int // of the lock's PIN
	// presented is whether a PIN went to the card: it may have been taken.
	presented bool
}

// openReader connects to the card in a reader and reads what needs no PIN.
func (e Environment) openReader(ctx context.Context, r card.Reader, l lock) (*operation, error) {
	o, err := e.connect(ctx, r, l)
	if err != nil {
		return nil, err
	}
	usable := true
	err = o.transaction(ctx, func(app *jpki.Application) error {
		if err := o.look(app); err != nil {
			return err
		}
		usable = !e.PINPad || o.findPad(ctx, padPatience)
		return nil
	})
	if err != nil || !usable {
		o.close()
	}
	switch {
	case err != nil:
		return nil, err
	case !usable:
		return e.openReader(ctx, r, l) // the driver is not asked again
	}
	return o, nil
}

// connect connects to the card in a reader, of which nothing is known then.
func (e Environment) connect(ctx context.Context, r card.Reader, l lock) (*operation, error) {
	connection, err := e.Readers.Connect(ctx, r.Name)
	if err != nil {
		return nil, err
	}
	return &operation{Environment: e, reader: r.Name, events: r.Events, card: connection, lock: l}, nil
}

// look reads what can be said of the card without a PIN.
func (o *operation) look(app *jpki.Application) (err error) {
	if o.token, err = app.Token(); err != nil {
		return err
	}
	o.issuer = "unknown"
	// Signing needs nothing of the authentication certificate: what is wrong with it matters to those who
	// log in, and a card that is gone says so again at once.
	if o.authentication, o.unreadable = readAuthentication(app); o.unreadable == nil {
		o.issuer = issuer(o.authentication, certificate.Authentication)
	}
	pin, err := o.lock.find(o.line, app)
	if err != nil {
		return err
	}
	o.tries, err = pin.TriesLeft()
	return err
}

// turnTo makes the operation go on with a slot's PIN.
func (o *operation) turnTo(ctx context.Context, s jpki.Slot) (slotOperation, error) {
	o.lock = slotLocks[s]
	return slotOperation{o, s}, o.transaction(ctx, o.look)
}

func readAuthentication(app *jpki.Application) (*certificate.Certificate, error) {
	der, err := app.Certificate(jpki.Authentication)
	if err != nil {
		return nil, err
	}
	return certificate.Parse(der)
}

// issuer says who stands behind a certificate, in the protocol's words.
func issuer(c *certificate.Certificate, h certificate.Hierarchy) string {
	_, err := certificate.FindIssuer(c, h, certificate.JLIS())
	switch {
	case err == nil:
		return "j-lis"
	case errors.Is(err, certificate.ErrIssuerNotShipped):
		return "not-shipped"
	}
	return "foreign"
}

func (o *operation) info() CardInfo {
	return CardInfo{Token: string(o.token.Kind), Issuer: o.issuer}
}

// transaction runs f while no other program reaches the card, with the application freshly selected.
// After a reset by another program it first makes sure that this is still the card that was looked at.
func (o *operation) transaction(ctx context.Context, f func(*jpki.Application) error) error {
	return o.transactionAfter(ctx, nil, f)
}

// transactionAfter is a transaction in which first, unless it is nil, runs before the application is selected.
func (o *operation) transactionAfter(ctx context.Context, first func() error, f func(*jpki.Application) error) error {
	err := o.card.Begin(ctx)
	wasReset := errors.Is(err, card.ErrReset)
	if wasReset {
		err = o.card.Begin(ctx)
	}
	if err != nil {
		return err
	}
	defer o.card.End()
	o.line = newLine(ctx, o.card)
	if wasReset && o.recognized {
		if err := o.sameCard(); err != nil {
			return err
		}
	}
	if first != nil {
		if err := first(); err != nil {
			return &cardError{err}
		}
	}
	return o.selected(f)
}

// selected runs f with the JPKI application freshly selected.
func (o *operation) selected(f func(*jpki.Application) error) error {
	app, err := jpki.Select(o.line)
	switch {
	case err == nil:
		o.recognized = true
		err = f(app)
	case o.recognized && errors.Is(err, jpki.ErrNotJPKI):
		err = fmt.Errorf("the card knew the application before: %v", err)
	}
	if err != nil {
		return &cardError{err}
	}
	return nil
}

// A cardError is what went wrong between this program and the card. coded takes one without a better
// name for the card's fault, and any other error for ours.
type cardError struct{ error }

func (e *cardError) Unwrap() error { return e.error }

var errOtherCard = errors.New("another card is in the reader")

// sameCard reads the card anew and compares it with what was read before. Where no certificate tells cards
// apart, as with smartphones, none must have come or gone in the reader.
func (o *operation) sameCard() error {
	token, before, events := o.token, o.authentication, o.events
	if err := o.selected(o.look); err != nil {
		return err
	}
	if err := o.countEvents(); err != nil {
		return err
	}
	switch {
	case token != o.token, (before == nil) != (o.authentication == nil),
		before == nil && events != o.events,
		before != nil && !bytes.Equal(before.X509.Raw, o.authentication.X509.Raw):
		return errOtherCard
	}
	return nil
}

// countEvents asks what the reader counts by now.
func (o *operation) countEvents() error {
	readers, _, err := o.Readers.List()
	if err != nil {
		return err
	}
	for _, r := range readers {
		if r.Name == o.reader {
			o.events = r.Events
			return nil
		}
	}
	return card.ErrRemoved
}

// attended runs f, which waits for a human, and ends it when the card is taken away meanwhile, or can no
// longer be reached: what the human would type then helps nobody.
func (o *operation) attended(ctx context.Context, f func(context.Context) error) error {
	attended, cancel := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		err := o.Readers.Watch(attended, o.reader)
		if err == nil {
			err = card.ErrRemoved
		}
		cancel(err) // without effect where Watch ended because f had
	}()
	err := f(attended)
	if err != nil && attended.Err() != nil && ctx.Err() == nil {
		err = context.Cause(attended)
	}
	cancel(nil)
	<-watched
	return err
}

// close releases the card: without power once it saw a PIN, and otherwise as it is, because what other
// programs did with it is theirs.
func (o *operation) close() {
	if o.presented {
		_ = o.card.PowerOff()
		return
	}
	_ = o.card.Close()
}
