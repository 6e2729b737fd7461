package command

import (
	"context"
	"encoding/hex"

	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/prompt"
)

// SignRequest is what is to be signed, and for whom.
type SignRequest struct {
	Lang      string
	Origin    string // "" when a person asks on the command line
	Documents []Document
}

// Signed is the result: one signature for each document, in order.
type Signed struct {
	Signatures  []Signature
	Certificate []byte // DER
	Algorithm   string // as RFC 7518 §3.3 names it
	Issuer      string
}

// Sign signs all documents under one consent and one PIN.
func Sign(ctx context.Context, e Environment, r SignRequest) (*Signed, error) {
	o, err := e.openSlot(ctx, jpki.Signature)
	if err != nil {
		return nil, err
	}
	defer o.close()
	if o.tries == 0 {
		return nil, o.coded(application.ErrBlocked)
	}

	ask := prompt.Request{PIN: prompt.Signature, Operation: prompt.Sign, Origin: r.Origin, Lang: prompt.Lang(r.Lang),
		Documents: count(r.Documents), Digest: hex.EncodeToString(listDigest(r.Documents)),
		TriesLeft: o.tries, MaxTries: jpki.Signature.MaxTries}
	err = o.attended(ctx, func(ctx context.Context) error {
		return e.Human.Consent(ctx, Consent{Request: ask, Documents: r.Documents, Card: o.info()})
	})
	if err != nil {
		return nil, o.coded(err)
	}

	var signed *Signed
	err = o.unlock(ctx, ask, func(ctx context.Context, app *jpki.Application, typed *prompt.PIN) (err error) {
		signed, err = o.signAll(ctx, app, typed, r)
		return err
	})
	if err != nil {
		return nil, o.coded(err)
	}
	return signed, nil
}

// signAll makes the signatures.
func (o slotOperation) signAll(ctx context.Context, app *jpki.Application, typed *prompt.PIN, r SignRequest) (*Signed, error) {
	c, signer, err := o.signatureKey(app, typed)
	if err != nil {
		return nil, err
	}
	signed := &Signed{Certificate: c.X509.Raw, Algorithm: r.Documents[0].Hash.Algorithm(),
		Issuer: issuer(c, certificate.Signature)}
	for i, d := range r.Documents {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		signature, err := d.sign(signer, c, o.Now())
		if err != nil {
			return nil, err
		}
		signed.Signatures = append(signed.Signatures, signature)
		o.line.renew()
		o.Human.Progress(i+1, len(r.Documents))
	}
	return signed, nil
}
