package command

import (
	"context"
	"errors"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/card/pinpad"
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
	{errOtherCard, protocol.CardLost},
	{card.ErrBusy, protocol.CardBusy},
	{card.ErrUnresponsive, protocol.CardFault},
	{jpki.ErrNotJPKI, protocol.NotJPKI},
	{application.ErrNoApplication, protocol.ApplicationAbsent},
	{application.ErrBlocked, protocol.PINBlocked},
	{application.ErrPINRefused, protocol.PINRefused},
	{jpki.ErrNoCertificate, protocol.CertificateAbsent},
	{certificate.ErrUnsupportedKey, protocol.KeyUnsupported},
	{certificate.ErrExpired, protocol.CertificateExpired},
	{certificate.ErrNotYetValid, protocol.CertificateNotYetValid},
	{prompt.ErrCancelled, protocol.Cancelled},
	{prompt.ErrTimeout, protocol.Timeout},
	{prompt.ErrUnavailable, protocol.PromptUnavailable},
	{prompt.ErrBroken, protocol.PromptUnavailable},
	{pinpad.ErrCancelled, protocol.Cancelled},
	{pinpad.ErrTimeout, protocol.Timeout},
	{context.Canceled, protocol.Cancelled},
	{context.DeadlineExceeded, protocol.Timeout},
}

// Reasons of failures after which a PIN is not what one would think.
const (
	// TryMayBeSpent: a PIN was on its way to the card, and what became of it is not known: the card went, gave
	// no clear answer, or nobody waited for one. Only its counter tells whether that cost a try.
	TryMayBeSpent = "try-may-be-spent"
	// PINMayBeChanged: likewise with a new PIN. Either of the two may be the right one.
	PINMayBeChanged = "pin-may-be-changed"
)

// reasons maps the doubts that the rooms below report.
var reasons = map[error]string{application.ErrTryMayBeSpent: TryMayBeSpent, application.ErrPINMayBeChanged: PINMayBeChanged}

// coded turns any error into a *protocol.Error.
func coded(err error) error {
	if err == nil {
		return nil
	}
	var e *protocol.Error
	if errors.As(err, &e) {
		return e
	}
	failure := protocol.Fail(codeOf(err), err)
	if failure.Code == protocol.PINBlocked {
		failure = failure.WithTries(0)
	}
	for doubt, reason := range reasons {
		if errors.Is(err, doubt) {
			failure.Reason = reason
		}
	}
	return failure
}

// coded is coded for what happened with the operation's card and PIN.
func (o *operation) coded(err error) error {
	failure, ok := coded(err).(*protocol.Error)
	if !ok {
		return nil
	}
	failure.Token = string(o.token.Kind)
	if failure.Code == protocol.PINBlocked {
		failure.PIN = protocol.PINName(o.lock.policy.Kind.String())
	}
	return failure
}

func codeOf(err error) protocol.Code {
	for _, c := range codes {
		if errors.Is(err, c.err) {
			return c.code
		}
	}
	var fault *cardError
	if errors.As(err, &fault) {
		return protocol.CardFault
	}
	return protocol.Internal
}
