package command

import (
	"context"

	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/protocol"
)

// Status tells what can be said of every reader and card without a PIN; it spends no try.
func Status(ctx context.Context, e Environment) (*protocol.CardStatus, error) {
	readers, _, err := e.Readers.List()
	if err != nil {
		return nil, coded(err)
	}
	if readers, err = named(readers, e.Reader); err != nil {
		return nil, coded(err)
	}
	status := &protocol.CardStatus{Readers: []protocol.ReaderStatus{}}
	for _, r := range readers {
		entry := protocol.ReaderStatus{Name: r.Name, Card: r.Card}
		if r.Card {
			if err := e.describe(ctx, &entry); err != nil {
				entry.Error = coded(err).(*protocol.Error)
			}
		}
		status.Readers = append(status.Readers, entry)
	}
	if len(status.Readers) == 0 {
		return nil, protocol.Fail(protocol.NoReader, nil)
	}
	return status, nil
}

// describe fills in what the card in one reader says of itself.
func (e Environment) describe(ctx context.Context, r *protocol.ReaderStatus) error {
	connection, err := e.Readers.Connect(ctx, r.Name)
	if err != nil {
		return err
	}
	o := &operation{Environment: e, reader: r.Name, card: connection, slot: jpki.Authentication}
	defer o.close()
	return o.transaction(ctx, func(app *jpki.Application) error {
		if err := o.look(app); err != nil {
			return err
		}
		r.Token, r.Label = string(o.token.Kind), o.token.Label
		r.Authentication = &protocol.PINStatus{TriesLeft: o.tries, MaxTries: o.slot.MaxTries}
		if c := o.authentication; c != nil {
			r.Authentication.NotBefore, r.Authentication.NotAfter = &c.X509.NotBefore, &c.X509.NotAfter
			r.Authentication.Issuer = o.issuer
		}
		left, err := app.TriesLeft(jpki.Signature)
		if err != nil {
			return err
		}
		r.Signature = &protocol.PINStatus{TriesLeft: left, MaxTries: jpki.Signature.MaxTries}
		return nil
	})
}

// AwaitStatus is Status for those who wait for a card first, as long as the environment says.
func AwaitStatus(ctx context.Context, e Environment) (*protocol.CardStatus, error) {
	if e.Wait > 0 {
		found, err := e.find(ctx, jpki.Authentication)
		if err != nil {
			return nil, err
		}
		for _, o := range found {
			o.close()
		}
	}
	return Status(ctx, e)
}
