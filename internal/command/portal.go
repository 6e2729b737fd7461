package command

import (
	"context"
	"encoding/hex"

	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/card/manufacture"
	"github.com/natsuin/natsuin/internal/card/surface"
	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/digestinfo"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
)

// A PortalRequest is what a government page asks for through its bridge, which chose what is signed. Nothing of it
// happens before the human consented: a login, too, which with other pages needs no more than the PIN. The first
// wrong PIN ends it (protocol.PINWrong), so that every try that a page can cost takes a consent of its own.
type PortalRequest struct {
	Lang       string
	Origin     string
	Prepared   []digestinfo.Value // one for PortalLogin, none for PortalAttributes
	Identifier *[16]byte          // what the combination code is made for; nil for no code
}

// PortalLogin signs the page's value with the authentication key.
func PortalLogin(ctx context.Context, e Environment, r PortalRequest) (*protocol.PortalLoggedIn, error) {
	o, err := e.openSlot(ctx, jpki.Authentication)
	if err != nil {
		return nil, err
	}
	defer o.close()
	if err := o.mayLogIn(); err != nil {
		return nil, o.coded(err)
	}
	ask := prompt.Request{Operation: prompt.PortalLogin, Origin: r.Origin, Lang: prompt.Lang(r.Lang)}
	if err := o.agreed(ctx, ask, r.Prepared); err != nil {
		return nil, o.coded(err)
	}
	var result *protocol.PortalLoggedIn
	err = o.operation.unlock(ctx, unlocking{ask: ask, once: true, open: func(app *jpki.Application) (opened, error) {
		return opened{app.PIN(o.slot), func(_ context.Context, typed *prompt.PIN) error {
			c, err := o.authenticationCertificate(app)
			if err != nil {
				return err
			}
			signer, err := o.signer(app, c.X509.PublicKey, typed)
			if err != nil {
				return err
			}
			signature, err := signer.SignPrepared(r.Prepared[0])
			if err != nil {
				return err
			}
			result = &protocol.PortalLoggedIn{Signature: signature, Certificate: c.X509.Raw}
			return nil
		}}, nil
	}})
	if err != nil {
		return nil, o.coded(err)
	}
	return result, nil
}

// PortalSign signs all of the page's values with the signature key, under one consent and one PIN.
func PortalSign(ctx context.Context, e Environment, r PortalRequest) (*protocol.PortalSigned, error) {
	o, err := e.openSlot(ctx, jpki.Signature)
	if err != nil {
		return nil, err
	}
	defer o.close()
	ask := prompt.Request{Operation: prompt.PortalSign, Origin: r.Origin, Lang: prompt.Lang(r.Lang), Documents: len(r.Prepared)}
	if err := o.agreed(ctx, ask, r.Prepared); err != nil {
		return nil, o.coded(err)
	}
	var result *protocol.PortalSigned
	err = o.operation.unlock(ctx, unlocking{ask: ask, once: true, open: func(app *jpki.Application) (opened, error) {
		app, code, err := o.combined(app, r.Identifier)
		if err != nil {
			return opened{}, err
		}
		return opened{app.PIN(o.slot), func(ctx context.Context, typed *prompt.PIN) (err error) {
			result, err = o.signPrepared(ctx, app, typed, r.Prepared)
			if err == nil {
				result.CombinationCode = code
			}
			return err
		}}, nil
	}})
	if err != nil {
		return nil, o.coded(err)
	}
	return result, nil
}

// signPrepared reads the certificate, which needs the PIN, and makes the signatures.
func (o slotOperation) signPrepared(ctx context.Context, app *jpki.Application, typed *prompt.PIN, prepared []digestinfo.Value) (*protocol.PortalSigned, error) {
	c, err := signatureCertificate(app)
	if err != nil {
		return nil, err
	}
	if err := certificate.CheckValidity(c, o.Now()); err != nil {
		return nil, err
	}
	signer, err := o.signer(app, c.X509.PublicKey, typed)
	if err != nil {
		return nil, err
	}
	signed := &protocol.PortalSigned{Certificate: c.X509.Raw}
	for i, value := range prepared {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		signature, err := signer.SignPrepared(value)
		if err != nil {
			return nil, err
		}
		signed.Signatures = append(signed.Signatures, signature)
		o.line.renew()
		o.Human.Progress(i+1, len(prepared))
	}
	return signed, nil
}

// PortalAttributes reads the four attributes from the 券面事項入力補助AP, for the page.
func PortalAttributes(ctx context.Context, e Environment, r PortalRequest) (*protocol.PortalDisclosed, error) {
	o, err := e.openSurface(ctx)
	if err != nil {
		return nil, err
	}
	defer o.close()
	ask := prompt.Request{Operation: prompt.PortalAttributes, Origin: r.Origin, Lang: prompt.Lang(r.Lang)}
	if err := o.agreed(ctx, ask, nil); err != nil {
		return nil, o.coded(err)
	}
	var result *protocol.PortalDisclosed
	err = o.operation.unlock(ctx, unlocking{ask: ask, once: true, open: func(app *jpki.Application) (opened, error) {
		_, code, err := o.combined(app, r.Identifier)
		if err != nil {
			return opened{}, err
		}
		s, err := surface.Select(o.line)
		if err != nil {
			return opened{}, err
		}
		return opened{s.PIN(), func(context.Context, *prompt.PIN) error {
			a, err := s.Attributes()
			if err != nil {
				return err
			}
			result = &protocol.PortalDisclosed{
				Name: a.Name, Sex: string(a.Sex), Address: a.Address, Birthday: string(a.BirthDate), CombinationCode: code,
			}
			return nil
		}}, nil
	}})
	if err != nil {
		return nil, o.coded(err)
	}
	return result, nil
}

// agreed asks for consent to what a page wants, unless its PIN is blocked.
func (o *operation) agreed(ctx context.Context, ask prompt.Request, prepared []digestinfo.Value) error {
	if o.tries == 0 {
		return application.ErrBlocked
	}
	return o.attended(ctx, func(ctx context.Context) error {
		return o.Human.Consent(ctx, Consent{Request: o.about(ask), Prepared: prepared, Card: o.info()})
	})
}

// combined returns the combination code, or "" for none, and the application selected again. It comes before the PIN,
// because to select another application ends what a PIN opened, and in the transaction of the PIN, so that the
// code is about the card that signs.
func (o *operation) combined(app *jpki.Application, id *[16]byte) (*jpki.Application, string, error) {
	if id == nil {
		return app, "", nil
	}
	code, err := manufacture.CombinationCode(o.line, *id)
	if err != nil {
		return nil, "", err
	}
	app, err = jpki.Select(o.line)
	return app, hex.EncodeToString(code[:]), err
}
