package application

import (
	"errors"
	"fmt"

	"github.com/natsuin/natsuin/internal/card"
)

// What can happen to a PIN, besides *WrongPIN and ErrPINRequired, compared with errors.Is.
var (
	// ErrBlocked: the PIN has no tries left.
	ErrBlocked = errors.New("the PIN is blocked")
	// ErrPINLength: the PIN is empty or longer than the card takes. Nothing was sent.
	ErrPINLength = errors.New("the PIN is empty or too long")
	// ErrTryMayBeSpent: the PIN was sent, and the card's answer did not arrive or says nothing about it.
	ErrTryMayBeSpent = errors.New("no answer about the PIN: a try may have been spent")
	// ErrPINRefused: the card does not take the new PIN. The old one holds.
	ErrPINRefused = errors.New("the card refuses the new PIN")
	// ErrPINMayBeChanged: the new PIN was sent, and the card's answer did not arrive or does not say
	// whether it took it.
	ErrPINMayBeChanged = errors.New("no answer about the new PIN: it may hold already")
)

// MaxPIN is the longest PIN, in bytes, that the card takes (jpki-card.md §3.3).
const MaxPIN = 16

// UncountedTries is a WrongPIN's TriesLeft where the card does not count (6300).
const UncountedTries = -1

// A WrongPIN is the card's answer to a wrong PIN that leaves further tries.
type WrongPIN struct {
	TriesLeft int
}

func (e *WrongPIN) Error() string {
	if e.TriesLeft == UncountedTries {
		return "wrong PIN"
	}
	return fmt.Sprintf("wrong PIN, tries left: %d", e.TriesLeft)
}

// verify is VERIFY on the current PIN file (jpki-card.md §3.3; ISO/IEC 7816-4 §11.5.6). Without a PIN
// it is the status query, four bytes long: it asks for the counter and leaves it alone.
func verify(pin []byte) card.Command {
	return card.Command{INS: 0x20, P2: 0x80, Data: pin}
}

// A PIN is one of an application's PINs. It is good for as long as its Application.
type PIN struct {
	application *Application
	file        uint16
	maxTries    int
}

// PIN returns the PIN that is kept in that file, and that takes so many wrong values in a row. Nothing is sent.
func (a *Application) PIN(file uint16, maxTries int) PIN { return PIN{a, file, maxTries} }

// triesLeft takes the tries left out of a status word. A card that counts more than there can be says nothing:
// whatever else it counts is worth nothing either.
func (p PIN) triesLeft(s card.Status) (int, bool) {
	left, ok := s.TriesLeft()
	return left, ok && left <= p.maxTries
}

// TriesLeft returns how many wrong values the PIN still takes; 0 means blocked. Asking costs no try. The
// answer does not say whether the PIN is verified at the moment.
func (p PIN) TriesLeft() (int, error) {
	if err := p.application.SelectFile(p.file); err != nil {
		return 0, fmt.Errorf("select the PIN: %w", err)
	}
	_, err := card.Send(p.application.transport, verify(nil))
	var status card.Status
	if errors.As(err, &status) {
		if status.Blocked() {
			return 0, nil
		}
		if left, ok := p.triesLeft(status); ok {
			return left, nil
		}
	}
	if err == nil {
		err = errors.New("the card did not count")
	}
	return 0, fmt.Errorf("ask for the tries left: %w", err)
}

// Verify presents value as the PIN, once, whatever happens. value stays the caller's to wipe.
//
// The answers are nil, a *WrongPIN, and ErrBlocked. ErrPINLength means that nothing was sent.
// ErrTryMayBeSpent wraps what happened where the card gave no such answer, or none at all: only
// TriesLeft can tell then. Any other error comes from before the PIN was sent.
func (p PIN) Verify(value []byte) error {
	// An empty PIN would be a status query, whose answer looks like that to a wrong PIN.
	if len(value) == 0 || len(value) > MaxPIN {
		return ErrPINLength
	}
	return p.VerifyOnPad(func() error {
		return p.present(verify(value), ErrTryMayBeSpent)
	})
}

// VerifyOnPad is Verify with a PIN that is typed on the reader's own pad and never comes here: with the
// PIN's file selected, present has the pad send VERIFY, once. It returns nil, the card's answer as a
// card.Status, or another error, which is returned as it is: only the pad can tell whether it sent the
// PIN.
func (p PIN) VerifyOnPad(present func() error) error {
	if err := p.application.SelectFile(p.file); err != nil {
		return fmt.Errorf("select the PIN: %w", err)
	}
	err := present()
	var status card.Status
	if !errors.As(err, &status) {
		return err
	}
	if status.Blocked() {
		return ErrBlocked
	}
	if status == card.WrongPINUncounted {
		return &WrongPIN{TriesLeft: UncountedTries}
	}
	if left, ok := p.triesLeft(status); ok {
		return &WrongPIN{TriesLeft: left}
	}
	return fmt.Errorf("%w: %w", ErrTryMayBeSpent, status)
}

// present sends a command with a PIN, once. Where it was sent and no answer comes, the error is unsure.
func (p PIN) present(c card.Command, unsure error) error {
	_, err := card.Send(p.application.transport, c)
	var status card.Status
	if err == nil || errors.As(err, &status) || errors.Is(err, card.ErrNotSent) {
		return err
	}
	return fmt.Errorf("%w: %w", unsure, err)
}

// Change gives the PIN, which must have been verified, a new value. It sends that once, whatever happens:
// CHANGE REFERENCE DATA with P1 = 01, the new value only (jpki-card.md §3.4; ISO/IEC 7816-4 §11.5.7). value
// stays the caller's to wipe.
//
// Where the old PIN holds for certain, the errors are ErrPINRefused, ErrPINRequired, ErrPINLength, with
// which nothing was sent, and any error from before the PIN was sent; ErrBlocked is a PIN that nobody
// can use. ErrPINMayBeChanged wraps what happened where the card did not say, or not clearly: only a
// VERIFY can tell then.
func (p PIN) Change(value []byte) error {
	// Without data the command would be another one.
	if len(value) == 0 || len(value) > MaxPIN {
		return ErrPINLength
	}
	return p.ChangeOnPad(func() error {
		return p.present(card.Command{INS: 0x24, P1: 0x01, P2: 0x80, Data: value}, ErrPINMayBeChanged)
	})
}

// ChangeOnPad is Change with a PIN that is typed on the reader's own pad and never comes here: with
// the PIN's file selected, present has the pad send CHANGE REFERENCE DATA, once. It returns nil, the
// card's answer as a card.Status, or another error, which is returned as it is: only the pad can tell
// whether it sent the PIN.
func (p PIN) ChangeOnPad(present func() error) error {
	if err := p.application.SelectFile(p.file); err != nil {
		return fmt.Errorf("select the PIN: %w", err)
	}
	err := present()
	var status card.Status
	switch {
	case !errors.As(err, &status):
		return err
	case status == card.SecurityNotSatisfied:
		return fmt.Errorf("%w (%w)", ErrPINRequired, status)
	case status.Blocked():
		return ErrBlocked
	case leftUndone(status):
		return fmt.Errorf("%w (%w)", ErrPINRefused, status)
	}
	return fmt.Errorf("%w: %w", ErrPINMayBeChanged, status)
}

// leftUndone reports whether the word says for certain that the command changed nothing: SW1 64, and the
// checking errors 67 to 6E (ISO/IEC 7816-4 §5.6). 6F, no precise diagnosis, is of them too, and says
// nothing for certain.
func leftUndone(s card.Status) bool {
	sw1 := s >> 8
	return sw1 == 0x64 || sw1 >= 0x67 && sw1 <= 0x6E
}

// Drop makes the card forget the PINs that were verified, by selecting the application again; a warm
// reset, or leaving, does not do that on every card (jpki-card.md §3.8).
func (p PIN) Drop() error { return p.application.selectItself() }
