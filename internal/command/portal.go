package command

import (
	"context"
	"encoding/hex"

	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/card/manufacture"
	"github.com/natsuin/natsuin/internal/card/surface"
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
	Identifier *[16]byte          // what the combination code is made for; nil for no code, and for PortalLogin
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
	r.Identifier = nil
	var result *protocol.PortalLoggedIn
	open := o.opening(func(_ context.Context, app *jpki.Application, typed *prompt.PIN) (err error) {
		result, err = o.logInPrepared(app, typed, r.Prepared[0])
		return err
	})
	_, err = o.unlockForPage(ctx, prompt.PortalLogin, r, open)
	if err != nil {
		return nil, o.coded(err)
	}
	return result, nil
}

// logInPrepared makes the signature of a login.
func (o slotOperation) logInPrepared(app *jpki.Application, typed *prompt.PIN, value digestinfo.Value) (*protocol.PortalLoggedIn, error) {
	c, err := o.authenticationCertificate(app)
	if err != nil {
		return nil, err
	}
	signer, err := o.signer(app, c.X509.PublicKey, typed)
	if err != nil {
		return nil, err
	}
	signature, err := signer.SignPrepared(value)
	if err != nil {
		return nil, err
	}
	return &protocol.PortalLoggedIn{Signature: signature, Certificate: c.X509.Raw}, nil
}

// PortalSign signs all of the page's values with the signature key, under one consent and one PIN.
func PortalSign(ctx context.Context, e Environment, r PortalRequest) (*protocol.PortalSigned, error) {
	o, err := e.openSlot(ctx, jpki.Signature)
	if err != nil {
		return nil, err
	}
	defer o.close()
	var result *protocol.PortalSigned
	open := o.opening(func(ctx context.Context, app *jpki.Application, typed *prompt.PIN) (err error) {
		result, err = o.signPrepared(ctx, app, typed, r.Prepared)
		return err
	})
	code, err := o.unlockForPage(ctx, prompt.PortalSign, r, open)
	if err != nil {
		return nil, o.coded(err)
	}
	result.CombinationCode = code
	return result, nil
}

// signPrepared makes the signatures.
func (o slotOperation) signPrepared(ctx context.Context, app *jpki.Application, typed *prompt.PIN, prepared []digestinfo.Value) (*protocol.PortalSigned, error) {
	c, signer, err := o.signatureKey(app, typed)
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
	var read surface.Attributes
	open := o.opening(func(s *surface.Application) (err error) {
		read, err = s.Attributes()
		return err
	})
	code, err := o.unlockForPage(ctx, prompt.PortalAttributes, r, open)
	if err != nil {
		return nil, o.coded(err)
	}
	return &protocol.PortalDisclosed{
		Name: read.Name, Sex: string(read.Sex), Address: read.Address, Birthday: string(read.BirthDate), CombinationCode: code,
	}, nil
}

// unlockForPage is the one way from a page's wish to a PIN: the human consents, unless the PIN is blocked, and
// then the card sees the PIN once. It returns the combination code, or "" where the page wants none.
//
// The code is made in the transaction of the PIN, so that it is about the card that signs, and ahead of the PIN,
// because to select another application ends what a PIN opened.
func (o *operation) unlockForPage(ctx context.Context, what prompt.Operation, r PortalRequest, open func(*jpki.Application) (opened, error)) (code string, err error) {
	if o.tries == 0 {
		return "", application.ErrBlocked
	}
	ask := prompt.Request{Operation: what, Origin: r.Origin, Lang: prompt.Lang(r.Lang), Values: len(r.Prepared)}
	err = o.attended(ctx, func(ctx context.Context) error {
		return o.Human.Consent(ctx, Consent{Request: o.about(ask), Prepared: r.Prepared, Card: o.info()})
	})
	if err != nil {
		return "", err
	}
	u := unlocking{ask: ask, once: true, open: open}
	if r.Identifier != nil {
		u.first = func() error {
			made, err := manufacture.CombinationCode(o.line, *r.Identifier)
			code = hex.EncodeToString(made[:])
			return err
		}
	}
	if err := o.unlock(ctx, u); err != nil {
		return "", err
	}
	return code, nil
}
