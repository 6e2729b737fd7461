package command

import (
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"

	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/digestinfo"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
)

// signer returns the slot's key, whose PIN the card took just now.
func (o slotOperation) signer(app *jpki.Application, public crypto.PublicKey, typed *prompt.PIN) (*insistentSigner, error) {
	key, ok := public.(*rsa.PublicKey)
	if !ok {
		return nil, protocol.Fail(protocol.KeyUnsupported, fmt.Errorf("%T", public))
	}
	return &insistentSigner{Signer: app.Signer(o.slot, key), pin: app.PIN(o.slot), maxTries: o.slot.MaxTries, typed: typed}, nil
}

// signatureKey reads the signature certificate, which needs the PIN, and returns it with its key: while it is valid, and no
// sooner or later.
func (o slotOperation) signatureKey(app *jpki.Application, typed *prompt.PIN) (*certificate.Certificate, *insistentSigner, error) {
	c, err := signatureCertificate(app)
	if err != nil {
		return nil, nil, err
	}
	if err := certificate.CheckValidity(c, o.Now()); err != nil {
		return nil, nil, err
	}
	signer, err := o.signer(app, c.X509.PublicKey, typed)
	return c, signer, err
}

// An insistentSigner serves cards that want the PIN before every signature: on 6982 it presents the same PIN
// once more and repeats the signature. The counter stands at its maximum after the success before,
// so that a card that says otherwise is not asked.
type insistentSigner struct {
	*jpki.Signer
	pin      application.PIN
	maxTries int
	typed    *prompt.PIN // nil when it was typed on the reader's pad: nobody can repeat it
}

var _ crypto.Signer = (*insistentSigner)(nil)

// Sign implements crypto.Signer.
func (s *insistentSigner) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return s.insist(func() ([]byte, error) { return s.Signer.Sign(random, digest, opts) })
}

// SignPrepared signs what a government page chose.
func (s *insistentSigner) SignPrepared(input digestinfo.Value) ([]byte, error) {
	return s.insist(func() ([]byte, error) { return s.Signer.SignPrepared(input) })
}

func (s *insistentSigner) insist(sign func() ([]byte, error)) ([]byte, error) {
	signature, err := sign()
	if !errors.Is(err, application.ErrPINRequired) || s.typed == nil {
		return signature, err
	}
	left, err := s.pin.TriesLeft()
	if err != nil {
		return nil, err
	}
	if left != s.maxTries {
		return nil, fmt.Errorf("the card wants the PIN again with %d tries left: %w", left, application.ErrPINRequired)
	}
	if err := s.pin.Verify(s.typed.Bytes()); err != nil {
		return nil, refusedAgain(err)
	}
	return sign()
}

// refusedAgain names what a second VERIFY failed with. Nobody typed this PIN now: that the card refuses what
// it just took is its fault, and no reason to ask the human again.
func refusedAgain(err error) error {
	var wrong *application.WrongPIN
	if errors.As(err, &wrong) || errors.Is(err, application.ErrBlocked) {
		return protocol.Fail(protocol.CardFault, fmt.Errorf("the PIN that the card took before: %v", err))
	}
	return err
}
