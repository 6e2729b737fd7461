package command

import (
	"context"
	"errors"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
)

// codes maps what the rooms below report to the closed list. The first match wins.
var codes = []struct {
	err  error
	code protocol.Code
}{
	{card.ErrNoService, protocol.NoService},
	{card.ErrNoReader, protocol.NoReader},
	{card.ErrNoCard, protocol.NoCard},
	{card.ErrRemoved, protocol.CardLost},
	{card.ErrReset, protocol.CardLost},
	{card.ErrBusy, protocol.CardBusy},
	{card.ErrUnresponsive, protocol.CardFault},
	{jpki.ErrNotJPKI, protocol.NotJPKI},
	{jpki.ErrBlocked, protocol.PINBlocked},
	{jpki.ErrAbsent, protocol.CertificateAbsent},
	{certificate.ErrUnsupportedKey, protocol.KeyUnsupported},
	{certificate.ErrExpired, protocol.CertificateExpired},
	{certificate.ErrNotYetValid, protocol.CertificateNotYetValid},
	{prompt.ErrCancelled, protocol.Cancelled},
	{prompt.ErrTimeout, protocol.Timeout},
	{prompt.ErrUnavailable, protocol.PromptUnavailable},
	{prompt.ErrBroken, protocol.PromptUnavailable},
	{context.Canceled, protocol.Cancelled},
	{context.DeadlineExceeded, protocol.Timeout},
}

// TryMayBeSpent is the reason of a failure after which only the card's counter tells whether the PIN
// cost a try: the card went while it was being checked.
const TryMayBeSpent = "try-may-be-spent"

// coded turns any error into a *protocol.Error.
func coded(err error) error {
	if err == nil {
		return nil
	}
	var e *protocol.Error
	if errors.As(err, &e) {
		return e
	}
	for _, c := range codes {
		if errors.Is(err, c.err) {
			failure := protocol.Fail(c.code, err)
			if c.code == protocol.PINBlocked {
				failure = failure.WithTries(0)
			}
			if errors.Is(err, jpki.ErrTryMayBeSpent) {
				failure.Reason = TryMayBeSpent
			}
			return failure
		}
	}
	var fault *cardError
	if errors.As(err, &fault) {
		return protocol.Fail(protocol.CardFault, err)
	}
	return protocol.Fail(protocol.Internal, err)
}
