package command

import (
	"context"
	"fmt"
	"time"

	"github.com/natsuin/natsuin/internal/card"
)

// patience is how long a card may take in one transaction, for everything together up to the first signature,
// and then from one signature to the next. A card that tells its files byte by byte keeps the human and every
// other program waiting no longer than that.
const patience = time.Minute

// A line carries commands to the card within one transaction, for as long as somebody waits for what comes of
// them: until ctx ends, or the card used its time up. What it does not carry fails with card.ErrNotSent.
type line struct {
	card.Transport
	ctx  context.Context // the operation's: commands have none of their own
	left time.Duration
	// closing is whether all that follows is to lock the card, and to know how it was left: that is sent whatever
	// happened.
	closing bool
}

func newLine(ctx context.Context, t card.Transport) *line {
	return &line{Transport: t, ctx: ctx, left: patience}
}

// Transmit implements card.Transport.
func (l *line) Transmit(command []byte) ([]byte, error) {
	switch {
	case l.closing:
	case l.ctx.Err() != nil:
		return nil, fmt.Errorf("%w: %w", card.ErrNotSent, l.ctx.Err())
	case l.left <= 0:
		return nil, fmt.Errorf("%w: %w within %v", card.ErrNotSent, card.ErrUnresponsive, patience)
	}
	sent := time.Now()
	defer func() { l.left -= time.Since(sent) }()
	return l.Transport.Transmit(command)
}

// renew gives the card its time anew.
func (l *line) renew() { l.left = patience }
