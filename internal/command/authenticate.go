package command

import (
	"context"
	"crypto"
	"encoding/base64"
	"errors"

	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/verify"
)

// appVersion is what a token's appVersion begins with; the program's version follows.
const appVersion = "https://github.com/natsuin/natsuin/releases/"

// Authenticate makes the token that logs the citizen in to origin. What the card signs is made here
// from origin and challenge: no page chooses it.
func Authenticate(ctx context.Context, e Environment, lang, origin, challenge string) (*verify.Token, error) {
	o, err := e.openSlot(ctx, jpki.Authentication)
	if err != nil {
		return nil, err
	}
	defer o.close()
	if err := o.mayLogIn(); err != nil {
		return nil, o.coded(err)
	}

	var token *verify.Token
	ask := prompt.Request{Operation: prompt.Login, Origin: origin, Lang: prompt.Lang(lang)}
	err = o.unlock(ctx, ask, func(_ context.Context, app *jpki.Application, typed *prompt.PIN) error {
		c, err := o.authenticationCertificate(app)
		if err != nil {
			return err
		}
		signer, err := o.signer(app, c.X509.PublicKey, typed)
		if err != nil {
			return err
		}
		digest := crypto.SHA256.New()
		digest.Write(verify.SignedValue(origin, challenge))
		signature, err := signer.Sign(nil, digest.Sum(nil), crypto.SHA256)
		if err != nil {
			return err
		}
		token = &verify.Token{
			UnverifiedCertificate: base64.StdEncoding.EncodeToString(c.X509.Raw),
			Algorithm:             protocol.SHA256.Algorithm(),
			Signature:             base64.StdEncoding.EncodeToString(signature),
			Format:                verify.TokenFormat,
			AppVersion:            appVersion + e.Version,
		}
		return nil
	})
	if err != nil {
		return nil, o.coded(err)
	}
	return token, nil
}

// mayLogIn refuses, before anybody types a PIN, a card that cannot log in. What only the PIN will show is
// left for later.
func (o *operation) mayLogIn() error {
	if errors.Is(o.unreadable, application.ErrPINRequired) {
		return nil
	}
	if o.unreadable != nil {
		return &cardError{o.unreadable}
	}
	return certificate.CheckValidity(o.authentication, o.Now())
}

// authenticationCertificate returns the certificate that was read before the prompt, or reads it now:
// tokens in smartphones show it only after the PIN (jpki-card.md §5.7).
func (o *operation) authenticationCertificate(app *jpki.Application) (*certificate.Certificate, error) {
	c, err := o.authentication, error(nil)
	if c == nil {
		if c, err = readAuthentication(app); err != nil {
			return nil, err
		}
	}
	return c, certificate.CheckValidity(c, o.Now())
}
