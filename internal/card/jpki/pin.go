package jpki

// TriesLeft returns how many wrong PINs the slot still takes; 0 means blocked. Asking costs no try. The
// answer does not say whether the PIN is verified at the moment.
func (a *Application) TriesLeft(s Slot) (int, error) {
	return a.card.TriesLeft(s.PIN)
}

// Verify presents the slot's PIN, once, whatever happens. pin stays the caller's to wipe.
//
// The answers are nil, a *WrongPIN, and ErrBlocked. ErrPINLength means that nothing was sent.
// ErrTryMayBeSpent wraps what happened where the card gave no such answer, or none at all: only
// TriesLeft can tell then. Any other error comes from before the PIN was sent.
func (a *Application) Verify(s Slot, pin []byte) error {
	return a.card.Verify(s.PIN, pin)
}

// VerifyOnPad is Verify with a PIN that is typed on the reader's own pad: see
// application.Application.VerifyOnPad.
func (a *Application) VerifyOnPad(s Slot, present func() error) error {
	return a.card.VerifyOnPad(s.PIN, present)
}

// ChangePIN puts a new PIN in the place of the slot's, which must have been verified. It sends the new PIN
// once, whatever happens, and looks only at its length. pin stays the caller's to wipe.
//
// Where the old PIN holds for certain, the errors are ErrPINRefused, ErrPINRequired, ErrPINLength, with
// which nothing was sent, and any error from before the PIN was sent; ErrBlocked is a PIN that nobody
// can use. ErrPINMayBeChanged wraps what happened where the card did not say, or not clearly: only a
// VERIFY can tell then.
func (a *Application) ChangePIN(s Slot, pin []byte) error {
	return a.card.ChangePIN(s.PIN, pin)
}

// ChangePINOnPad is ChangePIN with a PIN that is typed on the reader's own pad: see
// application.Application.ChangePINOnPad.
func (a *Application) ChangePINOnPad(s Slot, present func() error) error {
	return a.card.ChangePINOnPad(s.PIN, present)
}
