package jpki

import (
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/digestinfo"
)

// lenSignature is the length of a signature by an RSA-2048 key.
const lenSignature = 256

// A Signer signs with one slot's key, as a crypto.Signer: RSASSA-PKCS1-v1_5 over SHA-256, SHA-384 or
// SHA-512. The slot's PIN must have been verified. How many signatures one PIN is good for is for the
// caller to decide.
type Signer struct {
	card   *application.Application
	slot   Slot
	public *rsa.PublicKey
}

var _ crypto.Signer = (*Signer)(nil)

// Signer returns a signer for the slot's key. public is the key in the slot's certificate; every
// signature is checked against it.
func (a *Application) Signer(s Slot, public *rsa.PublicKey) *Signer {
	return &Signer{card: a.card, slot: s, public: public}
}

// Public returns the *rsa.PublicKey that the signatures are checked against.
func (s *Signer) Public() crypto.PublicKey { return s.public }

// Sign has the card sign digest. It fails with application.ErrPINRequired when the PIN is not verified, and
// with ErrBadSignature when the card's answer does not hold. The random source is not used.
func (s *Signer) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	signature, err := s.sign(digest, opts)
	if err != nil {
		return nil, fmt.Errorf("sign with the %v key: %w", s.slot, err)
	}
	return signature, nil
}

func (s *Signer) sign(digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if _, pss := opts.(*rsa.PSSOptions); pss {
		return nil, errors.New("the card does not sign with PSS")
	}
	input, err := digestinfo.New(opts.HashFunc(), digest)
	if err != nil {
		return nil, err
	}
	return s.compute(input)
}

// SignPrepared has the card sign what somebody else prepared. Only what a government page asks for is signed so: it
// chose the digest itself, or even the form of it. It fails as Sign does.
func (s *Signer) SignPrepared(input digestinfo.Value) ([]byte, error) {
	signature, err := s.compute(input)
	if err != nil {
		return nil, fmt.Errorf("sign with the %v key: %w", s.slot, err)
	}
	return signature, nil
}

// compute is COMPUTE DIGITAL SIGNATURE (jpki-card.md §3.5): the card pads its input after PKCS #1 v1.5
// and applies the key, without a look at what it signs.
func (s *Signer) compute(input digestinfo.Value) ([]byte, error) {
	if err := s.card.SelectFile(s.slot.Key); err != nil {
		return nil, fmt.Errorf("select the key: %w", err)
	}
	signature, err := s.card.Send(card.Command{CLA: 0x80, INS: 0x2A, P2: 0x80, Data: input.Bytes(), Le: card.MaxLe})
	if err != nil {
		return nil, err
	}
	const asItIs = crypto.Hash(0) // the DigestInfo is part of the input
	if len(signature) != lenSignature || rsa.VerifyPKCS1v15(s.public, asItIs, input.Bytes(), signature) != nil {
		return nil, ErrBadSignature
	}
	return signature, nil
}
