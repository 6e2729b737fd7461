package command

import (
	"context"
	"crypto/x509"
	"errors"

	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/rules"
)

// certificates names the four certificates on a card as the command line does.
var certificates = map[string]struct {
	slot jpki.Slot
	read func(*jpki.Application, jpki.Slot) ([]byte, error)
}{
	"auth":    {jpki.Authentication, (*jpki.Application).Certificate},
	"sign":    {jpki.Signature, (*jpki.Application).Certificate},
	"auth-ca": {jpki.Authentication, (*jpki.Application).CACertificate},
	"sign-ca": {jpki.Signature, (*jpki.Application).CACertificate},
}

// Certificate reads one of the certificates "auth", "sign", "auth-ca" and "sign-ca" as DER. The card shows
// the signature certificate, and a smartphone the authentication certificate, only after its PIN. A CA's
// certificate from a card is information, never a trust anchor. What is no certificate is the card's fault; a key of
// any kind is not.
func Certificate(ctx context.Context, e Environment, lang, name string) ([]byte, error) {
	c, ok := certificates[name]
	if !ok {
		return nil, protocol.Invalid("certificate", "%q is not one of the four certificates", name)
	}
	o, err := e.openSlot(ctx, c.slot)
	if err != nil {
		return nil, err
	}
	defer o.close()
	der, err := o.readCertificate(ctx, lang, c.read)
	if err != nil {
		return nil, o.coded(err)
	}
	if _, err := x509.ParseCertificate(der); err != nil {
		return nil, o.coded(&cardError{err})
	}
	return der, nil
}

// readCertificate reads a certificate of the slot, with the PIN where the card wants it.
func (o slotOperation) readCertificate(ctx context.Context, lang string, read func(*jpki.Application, jpki.Slot) ([]byte, error)) (der []byte, err error) {
	err = o.transaction(ctx, func(app *jpki.Application) error {
		der, err = read(app, o.slot)
		return err
	})
	if !errors.Is(err, application.ErrPINRequired) {
		return der, err
	}
	ask := prompt.Request{Operation: prompt.ReadCertificate, Lang: prompt.Lang(lang)}
	err = o.unlock(ctx, ask, func(_ context.Context, app *jpki.Application, _ *prompt.PIN) error {
		der, err = read(app, o.slot)
		return err
	})
	return der, err
}

// slots names the slots as the protocol does.
var slots = map[protocol.PINName]jpki.Slot{
	protocol.AuthenticationPIN: jpki.Authentication,
	protocol.SignaturePIN:      jpki.Signature,
}

// hierarchies says which of the two CAs issues for a slot.
var hierarchies = map[jpki.Slot]certificate.Hierarchy{
	jpki.Authentication: certificate.Authentication,
	jpki.Signature:      certificate.Signature,
}

// ReadCertificate tells what stands in the certificate of a slot. An expired one is
// read as well.
func ReadCertificate(ctx context.Context, e Environment, lang string, name protocol.PINName) (*protocol.CertificateDetails, error) {
	slot := slots[name]
	o, err := e.openSlot(ctx, slot)
	if err != nil {
		return nil, err
	}
	defer o.close()
	der, err := o.readCertificate(ctx, lang, (*jpki.Application).Certificate)
	if err != nil {
		return nil, o.coded(err)
	}
	c, err := certificate.Parse(der)
	if err != nil {
		return nil, o.coded(&cardError{err})
	}
	details := o.details(c)
	if slot == jpki.Signature {
		if details.Attributes, err = certifiedAttributes(c); err != nil {
			return nil, o.coded(&cardError{err})
		}
	}
	return details, nil
}

// details tells what stands in a certificate of the operation's slot, without the attributes.
func (o slotOperation) details(c *certificate.Certificate) *protocol.CertificateDetails {
	return &protocol.CertificateDetails{
		Slot: protocol.PINName(o.lock.policy.Kind.String()), Issuer: issuer(c, hierarchies[o.slot]), Serial: c.X509.SerialNumber.Text(16),
		NotBefore: c.X509.NotBefore, NotAfter: c.X509.NotAfter,
		Standing: rules.StandingAt(c.X509.NotBefore, c.X509.NotAfter, o.Now()), Token: string(o.token.Kind),
	}
}

// signatureCertificate reads the certificate that only the PIN shows.
func signatureCertificate(app *jpki.Application) (*certificate.Certificate, error) {
	der, err := app.Certificate(jpki.Signature)
	if err != nil {
		return nil, err
	}
	return certificate.Parse(der)
}
