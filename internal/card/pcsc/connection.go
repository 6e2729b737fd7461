//go:build cgo || windows

package pcsc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/ebfe/scard"

	"github.com/natsuin/natsuin/internal/card"
)

// How long each call may block before the connection is given up.
const (
	shareBudget    = 5 * time.Second  // for what waits until no other program has a transaction
	transmitBudget = 30 * time.Second // a signature takes about a second

	// sharingPatience is how long a sharing violation, the answer where a card is held exclusively,
	// is asked about again.
	sharingPatience = 2 * time.Second
	sharingPause    = 100 * time.Millisecond
)

// protocols are those that a My Number Card may speak. scard panics on any other when it transmits.
const protocols = scard.ProtocolT0 | scard.ProtocolT1

// errProtocol is an answer of the reader that no APDU could follow.
var errProtocol = fmt.Errorf("%w: neither T=0 nor T=1", card.ErrUnresponsive)

// A connection is one shared card handle in a context of its own. It is used by one goroutine at a
// time.
type connection struct {
	context     *scard.Context
	handle      *scard.Card
	patience    time.Duration // transmitBudget
	transaction bool
	gone        error // why the handle may not be used any more, or nil
}

var _ card.Connection = (*connection)(nil)

// Connect implements card.Readers. It fails with card.ErrNoReader, card.ErrNoCard, card.ErrBusy where
// another program holds the card, or card.ErrUnresponsive.
func (s *Service) Connect(ctx context.Context, reader string) (card.Connection, error) {
	c := &connection{patience: transmitBudget}
	err := bounded(ctx, shareBudget,
		func() error { return c.connect(reader) },
		func(err error) {
			if err == nil {
				_ = c.release(scard.LeaveCard)
			}
		})
	if errors.Is(err, errBudget) {
		// pcsclite lets nobody connect during another program's transaction.
		err = scard.ErrSharingViolation
	}
	if err != nil {
		return nil, whileConnecting("connect to the card", err)
	}
	return c, nil
}

func (c *connection) connect(reader string) error {
	var err error
	if c.context, err = scard.EstablishContext(); err != nil {
		return err
	}
	err = patiently(func() error {
		c.handle, err = c.context.Connect(reader, scard.ShareShared, protocols)
		return err
	})
	if err != nil {
		_ = c.context.Release()
		return err
	}
	if err := checkProtocol(c.handle); err != nil {
		_ = c.release(scard.LeaveCard)
		return err
	}
	return nil
}

// Begin implements card.Connection. After card.ErrBusy, or when ctx ends while it waits, the
// connection is of no further use.
func (c *connection) Begin(ctx context.Context) error {
	if c.gone != nil {
		return c.gone
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	err := bounded(ctx, shareBudget,
		func() error { return patiently(c.handle.BeginTransaction) },
		func(err error) {
			// Nothing was sent to the card, and another program works with it: its power stays on.
			c.transaction = err == nil
			_ = c.release(scard.LeaveCard)
		})
	switch {
	case errors.Is(err, errBudget):
		c.gone = fmt.Errorf("begin a transaction: %w", card.ErrBusy)
		return c.gone
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		c.gone = err
		return err
	}
	c.transaction = err == nil
	return c.result("begin a transaction", err)
}

// Transmit implements card.Transport. After card.ErrUnresponsive the connection is of no further use.
func (c *connection) Transmit(command []byte) ([]byte, error) {
	if c.gone != nil {
		return nil, c.gone
	}
	if len(command) < 4 { // scard indexes the first byte unseen; ISO/IEC 7816-3 §12.1.1 wants four
		return nil, fmt.Errorf("pcsc: %d bytes are no command APDU", len(command))
	}
	// The call may outlive this function, and command is the caller's to wipe.
	own := bytes.Clone(command)
	var response []byte
	err := bounded(context.Background(), c.patience,
		func() error {
			defer clear(own)
			// scard answers in a buffer of 64 KiB: only what came is kept.
			buffer, err := c.handle.Transmit(own)
			response = bytes.Clone(buffer)
			clear(buffer)
			return err
		},
		func(error) {
			clear(response)
			_ = c.release(scard.UnpowerCard)
		})
	if errors.Is(err, errBudget) {
		c.gone = fmt.Errorf("transmit: %w within %v", card.ErrUnresponsive, c.patience)
		return nil, c.gone
	}
	if err != nil {
		return nil, c.result("transmit", err)
	}
	if len(response) < 2 {
		// Some drivers do not call it an error when the card leaves instead of answering.
		return nil, fmt.Errorf("transmit: %w (no status word)", card.ErrRemoved)
	}
	return response, nil
}

// End implements card.Connection.
func (c *connection) End() error {
	if c.gone != nil || !c.transaction {
		return c.gone
	}
	c.transaction = false
	err := bounded(context.Background(), shareBudget,
		func() error { return c.handle.EndTransaction(scard.LeaveCard) },
		func(error) { _ = c.release(scard.UnpowerCard) })
	switch {
	case errors.Is(err, errBudget):
		c.gone = fmt.Errorf("end the transaction: %w", card.ErrUnresponsive)
		return c.gone
	case isAny(err, scard.ErrNotTransacted):
		return nil // Windows ends a transaction by itself when it is idle for too long
	}
	return c.result("end the transaction", err)
}

// Close implements card.Connection. A connection whose card, reader or service is gone has nothing
// left to close, which is not an error.
func (c *connection) Close() error { return c.close(scard.LeaveCard) }

// PowerOff implements card.Connection. As for Close, nothing left to power off is not an error.
func (c *connection) PowerOff() error { return c.close(scard.UnpowerCard) }

func (c *connection) close(disposition scard.Disposition) error {
	if c.gone != nil {
		return nil
	}
	c.gone = errClosed
	err := bounded(context.Background(), shareBudget,
		func() error { return c.release(disposition) },
		func(error) {})
	if errors.Is(err, errBudget) {
		// pcsclite waits for another program's transaction before it cuts the power.
		err = scard.ErrSharingViolation
	}
	err = whileConnected("close the connection", err)
	if errors.Is(err, card.ErrRemoved) || errors.Is(err, card.ErrNoService) {
		return nil
	}
	return err
}

// result gives err its meaning. When another program reset the card or cut its power, the handle is
// made usable again first; what the card knew before, and what the caller sent, is lost.
func (c *connection) result(what string, err error) error {
	if isAny(err, scard.ErrResetCard, scard.ErrUnpoweredCard) {
		again := bounded(context.Background(), shareBudget, c.reconnect, func(error) {
			_ = c.release(scard.LeaveCard)
		})
		if errors.Is(again, errBudget) {
			c.gone = fmt.Errorf("%s: %w", what, card.ErrBusy)
			return c.gone
		}
		if again != nil {
			return whileConnected("reconnect to the card", again)
		}
	}
	return whileConnected(what, err)
}

// reconnect makes the handle usable after another program reset the card, or cut its power. It resets
// the card itself only where there is no power: that would disturb the other programs once more, and
// two such programs would do it to each other for ever.
func (c *connection) reconnect() error {
	err := c.handle.Reconnect(scard.ShareShared, protocols, scard.LeaveCard)
	if err == nil && !c.powered() {
		err = scard.ErrUnpoweredCard
	}
	if isAny(err, scard.ErrUnpoweredCard) {
		err = c.handle.Reconnect(scard.ShareShared, protocols, scard.UnpowerCard)
	}
	if err != nil {
		return err
	}
	return checkProtocol(c.handle)
}

// powered reports whether the card has power. Windows says by ErrUnpoweredCard when it has not, and
// its states are no flags.
func (c *connection) powered() bool {
	if runtime.GOOS == "windows" {
		return true
	}
	status, err := c.handle.Status()
	return err == nil && status.State&scard.Powered != 0
}

// release gives the handle and the context back. Where the power is to be cut inside a transaction,
// it is cut before another program can have the card, and not once more afterwards.
func (c *connection) release(disposition scard.Disposition) error {
	if disposition == scard.UnpowerCard && c.powerCycle() == nil {
		disposition = scard.LeaveCard
	}
	if c.transaction {
		c.transaction = false
		if c.handle.EndTransaction(disposition) == nil {
			disposition = scard.LeaveCard
		}
	}
	err := c.handle.Disconnect(disposition)
	return errors.Join(err, c.context.Release())
}

// powerCycle cuts the card's power and gives it back. Programs that are connected too find the card reset, which
// they know how to live with; pcsclite would let them find one without power, to which most of them go on talking
// in vain (OpenSC 0.23: CKR_GENERAL_ERROR). What the services of Windows and macOS do then is their own business.
func (c *connection) powerCycle() error {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return errors.ErrUnsupported
	}
	return c.handle.Reconnect(scard.ShareShared, protocols, scard.UnpowerCard)
}

func checkProtocol(handle *scard.Card) error {
	switch handle.ActiveProtocol() {
	case scard.ProtocolT0, scard.ProtocolT1:
		return nil
	default:
		return errProtocol
	}
}

// patiently repeats call while it fails with a sharing violation, for sharingPatience.
func patiently(call func() error) error {
	for start := time.Now(); ; time.Sleep(sharingPause) {
		err := call()
		if !isAny(err, scard.ErrSharingViolation) || time.Since(start) > sharingPatience {
			return err
		}
	}
}

// errBudget is bounded's answer for a call that took too long.
var errBudget = errors.New("pcsc: the call did not come back in time")

// bounded runs call and waits for it until the budget is used up or ctx ends. A call that it no
// longer waits for goes on by itself, and late runs with its result when it comes back.
func bounded(ctx context.Context, budget time.Duration, call func() error, late func(error)) error {
	result := make(chan error)
	abandoned := make(chan struct{})
	go func() {
		err := call()
		select {
		case result <- err:
		case <-abandoned:
			late(err)
		}
	}()
	timer := time.NewTimer(budget)
	defer timer.Stop()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		close(abandoned)
		return ctx.Err()
	case <-timer.C:
		close(abandoned)
		return errBudget
	}
}
