package command_test

import (
	"bytes"
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/rules"
)

// A deed is a command, with what is typed for it.
type deed struct {
	pins []string
	do   func(context.Context, command.Environment) error
}

var deeds = map[string]deed{
	"log in": {[]string{rightPIN}, func(ctx context.Context, e command.Environment) error {
		_, err := command.Authenticate(ctx, e, "ja", origin, challenge)
		return err
	}},
	"sign": {[]string{signPIN}, func(ctx context.Context, e command.Environment) error {
		_, err := command.Sign(ctx, e, command.SignRequest{Lang: "ja", Origin: origin, Documents: []command.Document{document("a", "a")}})
		return err
	}},
	"change a PIN": {[]string{surfacePIN, "7351", "7351"}, func(ctx context.Context, e command.Environment) error {
		_, err := command.ChangePIN(ctx, e, "ja", protocol.CardSurfacePIN, rules.Date{})
		return err
	}},
}

// Whichever command the card executes when the operation is called off, it is the last one, but for the SELECT
// that locks the card. A PIN that was not sent is not said to have been, and a new one that holds is told.
func TestCancelAtEveryCommand(t *testing.T) {
	for name, deed := range deeds {
		t.Run(name, func(t *testing.T) {
			cancelAt := func(number int) (sent int) {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				d := newDesk(t, "", simcard.Options{}, &human{pins: deed.pins})
				var after [][]byte
				d.instead = func(command []byte) []byte {
					if ctx.Err() != nil {
						after = append(after, bytes.Clone(command))
					}
					if sent++; sent == number {
						cancel()
					}
					return nil
				}
				err := deed.do(ctx, d.environment())
				if number == 0 {
					require.NoError(t, err)
					return sent
				}
				require.LessOrEqual(t, len(after), 1, "command %d: %X", number, after)
				for _, command := range after {
					require.Equal(t, selecting, command[:4])
				}
				require.Empty(t, d.card.Verified())
				require.LessOrEqual(t, d.verified(), 1)
				if d.card.Tally(simcard.PINAttributes).Changed > 0 {
					require.NoError(t, err)
				} else {
					require.Empty(t, requireCode(t, protocol.Cancelled, err).Reason)
				}
				return sent
			}
			for number := range cancelAt(0) {
				cancelAt(number + 1)
			}
		})
	}
}

func TestCancelWhileStatusLooks(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	d := newDesk(t, "", simcard.Options{}, &human{})
	sent := 0
	d.instead = func([]byte) []byte {
		sent++
		cancel()
		return nil
	}
	status, err := command.Status(ctx, d.environment())
	require.NoError(t, err)
	require.Equal(t, protocol.Cancelled, status.Readers[0].Error.Code)
	require.Equal(t, 1, sent)
}

// today is what a command takes for now in a bubble, whose own clock begins long before the card was made.
func today() func() time.Time {
	now := time.Now()
	return func() time.Time { return now }
}

// A card that takes its time with everything it is asked is given up after a minute, and locked.
func TestCardThatTakesTooLong(t *testing.T) {
	now := today()
	for name, deed := range deeds {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t, "", simcard.Options{}, &human{pins: deed.pins})
				opened := false
				d.instead = func(command []byte) []byte {
					if opened = opened || command[1] == 0x20 && len(command) > 4; opened {
						time.Sleep(30 * time.Second) // of the bubble's clock
					}
					return nil
				}
				e := d.environment()
				e.Now = now
				start := time.Now()
				err := deed.do(context.Background(), e)
				require.Empty(t, requireCode(t, protocol.CardFault, err).Reason)
				require.Equal(t, 1, d.verified())
				require.Zero(t, d.card.Tally(simcard.PINAttributes).Changes)
				require.Empty(t, d.card.Verified())
				require.Equal(t, 90*time.Second, time.Since(start), "a minute, and the SELECT that locks it")
			})
		})
	}
	t.Run("before anybody is asked", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(t, "short-reads,slow=5s", simcard.Options{}, &human{pins: []string{rightPIN}})
			start := time.Now()
			_, err := authenticate(d)
			requireCode(t, protocol.CardFault, err)
			require.Empty(t, d.human.asked)
			require.LessOrEqual(t, time.Since(start), 65*time.Second)
		})
	})
}

// Signatures are what a slow card may take its time for.
func TestManySlowSignatures(t *testing.T) {
	now := today()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "slow-sign=30s", simcard.Options{}, &human{pins: []string{signPIN}})
		e := d.environment()
		e.Now = now
		signed, err := command.Sign(context.Background(), e, command.SignRequest{Lang: "ja", Origin: origin,
			Documents: []command.Document{document("a", "a"), document("b", "b"), document("c", "c")}})
		require.NoError(t, err)
		require.Len(t, signed.Signatures, 3)
	})
}
