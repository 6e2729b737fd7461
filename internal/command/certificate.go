package command

import (
	"context"
	"errors"

	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
)

// certificates names the four certificates on a card as the command line does.
var certificates = map[string]struct {
	lock
	read func(*jpki.Application, jpki.Slot) ([]byte, error)
}{
	"auth":    {authenticationLock, (*jpki.Application).Certificate},
	"sign":    {signatureLock, (*jpki.Application).Certificate},
	"auth-ca": {authenticationLock, (*jpki.Application).CACertificate},
	"sign-ca": {signatureLock, (*jpki.Application).CACertificate},
}

// Certificate reads one of the certificates "auth", "sign", "auth-ca" and "sign-ca" as DER. The card shows
// the signature certificate, and a smartphone the authentication certificate, only after its PIN. A CA's
// certificate from a card is information, never a trust anchor.
func Certificate(ctx context.Context, e Environment, lang, name string) ([]byte, error) {
	c, ok := certificates[name]
	if !ok {
		return nil, protocol.Invalid("certificate", "%q is not one of the four certificates", name)
	}
	o, err := e.open(ctx, c.slot)
	if err != nil {
		return nil, err
	}
	defer o.close()

	var der []byte
	err = o.transaction(ctx, func(app *jpki.Application) (err error) {
		der, err = c.read(app, c.slot)
		return err
	})
	if errors.Is(err, jpki.ErrPINRequired) {
		ask := prompt.Request{Operation: prompt.ReadCertificate, Lang: prompt.Lang(lang)}
		err = o.unlock(ctx, c.lock, ask, func(u *unlocked) (err error) {
			der, err = c.read(u.app, c.slot)
			return err
		})
	}
	return der, coded(err)
}
