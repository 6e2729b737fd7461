package command

import (
	"context"
	"errors"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/card/surface"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/rules"
)

// Status tells what can be said of every reader and card without a PIN; it spends no try.
func Status(ctx context.Context, e Environment) (*protocol.CardStatus, error) {
	e.Wait = 0
	return AwaitStatus(ctx, e)
}

// AwaitStatus is Status for those who wait, as long as the environment says, for a card that can be asked. It
// returns the readers that there are all the same when none comes.
func AwaitStatus(ctx context.Context, e Environment) (*protocol.CardStatus, error) {
	waiting, cancel := context.WithTimeout(ctx, e.Wait)
	defer cancel()
	told := Present
	for {
		readers, changed, err := e.Readers.List()
		if err != nil {
			return nil, coded(err)
		}
		meant, err := named(readers, e.Reader)
		if err != nil {
			return nil, coded(err)
		}
		status := e.statusOf(ctx, meant)
		if status.Answered() || waiting.Err() != nil {
			if len(meant) == 0 {
				return nil, e.noReader(readers)
			}
			return status, nil
		}
		missing := NoCard
		if len(meant) == 0 {
			missing = NoReader
		}
		if missing != told {
			e.Human.Waiting(Waiting{Presence: missing})
			told = missing
		}
		select {
		case <-changed:
		case <-waiting.Done():
		}
	}
}

func (e Environment) statusOf(ctx context.Context, readers []card.Reader) *protocol.CardStatus {
	status := &protocol.CardStatus{}
	for _, r := range readers {
		entry := protocol.ReaderStatus{Name: r.Name, Card: r.Card}
		if r.Card {
			if err := e.describe(ctx, r, &entry); err != nil {
				entry = protocol.ReaderStatus{Name: r.Name, Card: true, Error: coded(err).(*protocol.Error)}
			}
		}
		status.Readers = append(status.Readers, entry)
	}
	return status
}

// describe fills in what the card in one reader says of itself.
func (e Environment) describe(ctx context.Context, reader card.Reader, r *protocol.ReaderStatus) error {
	o, err := e.connect(ctx, reader, authenticationLock)
	if err != nil {
		return err
	}
	defer o.close()
	return o.transaction(ctx, func(app *jpki.Application) error {
		if err := o.look(app); err != nil {
			return err
		}
		r.Token, r.Label = string(o.token.Kind), o.token.Label
		r.Authentication = o.describeSlot(app, jpki.Authentication)
		r.Authentication.TriesLeft = o.tries
		if errors.Is(o.unreadable, jpki.ErrNoCertificate) {
			r.Authentication.Present = string(jpki.Absent) // it was looked for
		}
		if c := o.authentication; c != nil {
			standing := rules.StandingAt(c.X509.NotBefore, c.X509.NotAfter, o.Now())
			r.Authentication.NotBefore, r.Authentication.NotAfter = &c.X509.NotBefore, &c.X509.NotAfter
			r.Authentication.Issuer, r.Authentication.Standing = o.issuer, &standing
		}
		r.Signature = o.describeSlot(app, jpki.Signature)
		if r.Signature.TriesLeft, err = app.PIN(jpki.Signature).TriesLeft(); err != nil {
			return err
		}
		if r.CardSurface, err = o.describeSurface(); err != nil {
			return err
		}
		o.findPad(ctx, padGlance) // which the connection may not outlive
		r.PINPad = o.pad != nil
		return nil
	})
}

// describeSlot says whether the slot has a certificate. What the card says of that is a hint.
func (o *operation) describeSlot(app *jpki.Application, s jpki.Slot) *protocol.SlotStatus {
	return &protocol.SlotStatus{PINStatus: protocol.PINStatus{MaxTries: s.MaxTries}, Present: string(app.Presence(s))}
}

// describeSurface returns nil where the token has no such application. It is the last that is asked: the JPKI
// application is not selected any more.
func (o *operation) describeSurface() (*protocol.PINStatus, error) {
	app, err := surface.Select(o.line)
	if errors.Is(err, application.ErrNoApplication) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	left, err := app.PIN().TriesLeft()
	if err != nil {
		return nil, err
	}
	return &protocol.PINStatus{TriesLeft: left, MaxTries: surface.MaxTries}, nil
}
