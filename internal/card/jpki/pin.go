package jpki

import (
	"errors"
	"fmt"

	"github.com/natsuin/natsuin/internal/card"
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

// TriesLeft returns how many wrong PINs the slot still takes; 0 means blocked. Asking costs no try. The
// answer does not say whether the PIN is verified at the moment.
func (a *Application) TriesLeft(s Slot) (int, error) {
	if err := a.selectFile(s.PIN); err != nil {
		return 0, fmt.Errorf("select the %v PIN: %w", s, err)
	}
	_, err := card.Send(a.transport, verify(nil))
	var status card.Status
	if errors.As(err, &status) {
		if status.Blocked() {
			return 0, nil
		}
		if left, ok := status.TriesLeft(); ok {
			return left, nil
		}
	}
	if err == nil {
		err = errors.New("the card did not count")
	}
	return 0, fmt.Errorf("ask for the tries left of the %v PIN: %w", s, err)
}

// Verify presents the PIN, once, whatever happens. pin stays the caller's to wipe.
//
// The answers are nil, a *WrongPIN, and ErrBlocked. ErrPINLength means that nothing was sent.
// ErrTryMayBeSpent wraps what happened where the card gave no such answer, or none at all: only
// TriesLeft can tell then. Any other error comes from before the PIN was sent.
func (a *Application) Verify(s Slot, pin []byte) error {
	// An empty PIN would be a status query, whose answer looks like that to a wrong PIN.
	if len(pin) == 0 || len(pin) > MaxPIN {
		return ErrPINLength
	}
	if err := a.selectFile(s.PIN); err != nil {
		return fmt.Errorf("select the %v PIN: %w", s, err)
	}
	_, err := card.Send(a.transport, verify(pin))
	if err == nil {
		return nil
	}
	var status card.Status
	if errors.As(err, &status) {
		if status.Blocked() {
			return ErrBlocked
		}
		if left, ok := status.TriesLeft(); ok {
			return &WrongPIN{TriesLeft: left}
		}
		if status == card.WrongPINUncounted {
			return &WrongPIN{TriesLeft: UncountedTries}
		}
	}
	return fmt.Errorf("verify the %v PIN: %w: %w", s, ErrTryMayBeSpent, err)
}
