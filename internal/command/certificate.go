package command

import (
	"context"
	"crypto/x509"
	"errors"

	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/rules"
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
// certificate from a card is information, never a trust anchor. What is no certificate is the card's fault; a key of
// any kind is not.
func Certificate(ctx context.Context, e Environment, lang, name string) ([]byte, error) {
	c, ok := certificates[name]
	if !ok {
		return nil, protocol.Invalid("certificate", "%q is not one of the four certificates", name)
	}
	o, err := e.open(ctx, c.lock)
	if err != nil {
		return nil, err
	}
	defer o.close()
	der, err := o.readCertificate(ctx, lang, c.read)
	if err != nil {
		return nil, coded(err)
	}
	if _, err := x509.ParseCertificate(der); err != nil {
		return nil, coded(&cardError{err})
	}
	return der, nil
}

// readCertificate reads a certificate of the lock's slot, with the PIN where the card wants it.
func (o *operation) readCertificate(ctx context.Context, lang string, read func(*jpki.Application, jpki.Slot) ([]byte, error)) (der []byte, err error) {
	err = o.transaction(ctx, func(app *jpki.Application) error {
		der, err = read(app, o.lock.slot)
		return err
	})
	if !errors.Is(err, jpki.ErrPINRequired) {
		return der, err
	}
	ask := prompt.Request{Operation: prompt.ReadCertificate, Lang: prompt.Lang(lang)}
	err = o.unlock(ctx, unlocking{ask: ask, use: func(_ context.Context, k *opened) error {
		der, err = read(k.app, o.lock.slot)
		return err
	}})
	return der, err
}

// hierarchies says which of the two CAs issues for a slot.
var hierarchies = map[jpki.Slot]certificate.Hierarchy{
	jpki.Authentication: certificate.Authentication,
	jpki.Signature:      certificate.Signature,
}

// ReadCertificate tells what stands in the certificate of a slot, for the extension's own page. An expired one is
// read as well.
func ReadCertificate(ctx context.Context, e Environment, lang string, slot protocol.PINName) (*protocol.CertificateDetails, error) {
	l := locks[slot]
	o, err := e.open(ctx, l)
	if err != nil {
		return nil, err
	}
	defer o.close()
	der, err := o.readCertificate(ctx, lang, (*jpki.Application).Certificate)
	if err != nil {
		return nil, coded(err)
	}
	c, err := certificate.Parse(der)
	if err != nil {
		return nil, coded(&cardError{err})
	}
	details := &protocol.CertificateDetails{
		Certificate: der, Slot: slot, Issuer: issuer(c, hierarchies[l.slot]), Serial: c.X509.SerialNumber.Text(16),
		NotBefore: c.X509.NotBefore, NotAfter: c.X509.NotAfter,
		Standing: rules.StandingAt(c.X509.NotBefore, c.X509.NotAfter, o.Now()),
	}
	if l.slot == jpki.Signature {
		if details.Attributes, err = certifiedAttributes(c); err != nil {
			return nil, coded(&cardError{err})
		}
	}
	return details, nil
}

// signatureCertificate reads the certificate that only the PIN shows.
func signatureCertificate(app *jpki.Application) (*certificate.Certificate, error) {
	der, err := app.Certificate(jpki.Signature)
	if err != nil {
		return nil, err
	}
	return certificate.Parse(der)
}
