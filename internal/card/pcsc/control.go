//go:build cgo || windows

package pcsc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ebfe/scard"

	"github.com/natsuin/natsuin/internal/card"
)

const (
	driverBudget = 5 * time.Second  // for what a driver answers by itself
	humanBudget  = 75 * time.Second // for a human with 60 seconds at a PIN pad, and a driver that is late
)

var _ card.Controller = (*connection)(nil)

// Features implements card.Controller. pcsclite and macOS number their control codes in one way, Windows
// in another; the codes in the answer are the driver's own.
func (c *connection) Features(ctx context.Context) ([]byte, error) {
	const getFeatureRequest = 3400 // CM_IOCTL_GET_FEATURE_REQUEST
	return c.control(ctx, driverBudget, scard.LeaveCard, func() ([]byte, error) {
		return c.handle.Control(scard.CtlCode(getFeatureRequest), nil)
	})
}

// Control implements card.Controller. SCardControl cannot be cancelled: an abandoned request goes on in
// the reader, and holds the card, until the human or the reader's own clock ends it.
func (c *connection) Control(ctx context.Context, code uint32, request []byte) ([]byte, error) {
	own := bytes.Clone(request) // the call may outlive this function
	return c.control(ctx, humanBudget, scard.UnpowerCard, func() ([]byte, error) { return c.handle.Control(code, own) })
}

// control runs call, which speaks to the reader, and returns its answer. When call is abandoned the card is left
// with that disposition, once it comes back.
func (c *connection) control(ctx context.Context, budget time.Duration, abandoned scard.Disposition, call func() ([]byte, error)) ([]byte, error) {
	if c.gone != nil {
		return nil, c.gone
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var answer []byte
	err := bounded(ctx, budget,
		func() error {
			// scard answers in a buffer of 64 KiB: only what came is kept.
			buffer, err := call()
			answer = bytes.Clone(buffer)
			return err
		},
		func(error) { _ = c.release(abandoned) })
	switch {
	case errors.Is(err, errBudget):
		c.gone = fmt.Errorf("control the reader: %w within %v", card.ErrUnresponsive, budget)
		return nil, c.gone
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		c.gone = err
		return nil, err
	case err != nil:
		return nil, c.result("control the reader", err)
	}
	return answer, nil
}
