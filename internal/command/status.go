package command

import (
	"context"
	"errors"

	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/card/pinpad"
	"github.com/natsuin/natsuin/internal/card/surface"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/rules"
)

// Status tells what can be said of every reader and card without a PIN; it spends no try.
func Status(ctx context.Context, e Environment) (*protocol.CardStatus, error) {
	readers, _, err := e.Readers.List()
	if err != nil {
		return nil, coded(err)
	}
	meant, err := named(readers, e.Reader)
	if err != nil {
		return nil, coded(err)
	}
	if len(meant) == 0 {
		return nil, e.noReader(readers)
	}
	status := &protocol.CardStatus{}
	for _, r := range meant {
		entry := protocol.ReaderStatus{Name: r.Name, Card: r.Card}
		if r.Card {
			if err := e.describe(ctx, &entry); err != nil {
				entry.Error = coded(err).(*protocol.Error)
			}
		}
		status.Readers = append(status.Readers, entry)
	}
	return status, nil
}

// describe fills in what the card in one reader says of itself.
func (e Environment) describe(ctx context.Context, r *protocol.ReaderStatus) error {
	connection, err := e.Readers.Connect(ctx, r.Name)
	if err != nil {
		return err
	}
	o := &operation{Environment: e, reader: r.Name, card: connection, lock: authenticationLock}
	defer o.close()
	return o.transaction(ctx, func(app *jpki.Application) error {
		_, r.PINPad = pinpad.Find(ctx, connection)
		if err := o.look(app); err != nil {
			return err
		}
		r.Token, r.Label = string(o.token.Kind), o.token.Label
		r.Authentication = o.describeSlot(app, jpki.Authentication)
		r.Authentication.TriesLeft = o.tries
		if c := o.authentication; c != nil {
			standing := rules.StandingAt(c.X509.NotBefore, c.X509.NotAfter, o.Now())
			r.Authentication.NotBefore, r.Authentication.NotAfter = &c.X509.NotBefore, &c.X509.NotAfter
			r.Authentication.Issuer, r.Authentication.Standing = o.issuer, &standing
		}
		r.Signature = o.describeSlot(app, jpki.Signature)
		if r.Signature.TriesLeft, err = app.PIN(jpki.Signature).TriesLeft(); err != nil {
			return err
		}
		r.CardSurface, err = o.describeSurface()
		return err
	})
}

// describeSlot says whether the slot has a certificate. What the card says of that is a hint.
func (o *operation) describeSlot(app *jpki.Application, s jpki.Slot) *protocol.SlotStatus {
	return &protocol.SlotStatus{PINStatus: protocol.PINStatus{MaxTries: s.MaxTries}, Present: string(app.Presence(s))}
}

// describeSurface returns nil where the token has no such application. It is the last that is asked: the JPKI
// application is not selected any more.
func (o *operation) describeSurface() (*protocol.PINStatus, error) {
	app, err := surface.Select(o.card)
	if errors.Is(err, application.ErrNoApplication) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	left, err := app.PIN().TriesLeft()
	return &protocol.PINStatus{TriesLeft: left, MaxTries: surface.MaxTries}, err
}

// AwaitStatus is Status for those who wait for a card first, as long as the environment says.
func AwaitStatus(ctx context.Context, e Environment) (*protocol.CardStatus, error) {
	if e.Wait > 0 {
		found, err := e.find(ctx, authenticationLock)
		if err != nil {
			return nil, err
		}
		for _, o := range found {
			o.close()
		}
	}
	return Status(ctx, e)
}
