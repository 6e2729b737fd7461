package command

import (
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"

	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
)

// signer returns the key of the slot that was opened.
func (o *operation) signer(k *opened, public crypto.PublicKey) (crypto.Signer, error) {
	key, ok := public.(*rsa.PublicKey)
	if !ok {
		return nil, protocol.Fail(protocol.KeyUnsupported, fmt.Errorf("%T", public))
	}
	slot := o.lock.slot
	return &insistentSigner{Signer: k.app.Signer(slot, key), app: k.app, slot: slot, pin: k.pin}, nil
}

// An insistentSigner serves cards that want the PIN before every signature: on 6982 it presents the same PIN
// once more and repeats the signature. The counter stands at its maximum after the success before,
// so that a card that says otherwise is not asked.
type insistentSigner struct {
	crypto.Signer
	app  *jpki.Application
	slot jpki.Slot
	pin  *prompt.PIN // nil when it was typed on the reader's pad: nobody can repeat it
}

func (s *insistentSigner) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	signature, err := s.Signer.Sign(random, digest, opts)
	if !errors.Is(err, jpki.ErrPINRequired) || s.pin == nil {
		return signature, err
	}
	left, err := s.app.TriesLeft(s.slot)
	if err != nil {
		return nil, err
	}
	if left != s.slot.MaxTries {
		return nil, fmt.Errorf("the card wants the PIN again with %d tries left: %w", left, jpki.ErrPINRequired)
	}
	if err := s.app.Verify(s.slot, s.pin.Bytes()); err != nil {
		// Nobody typed this PIN now: that the card refuses what it just took is its fault.
		return nil, protocol.Fail(protocol.CardFault, err)
	}
	return s.Signer.Sign(random, digest, opts)
}
