package command_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/rules"
)

// typist is the human at the pad: the keys of each time that it asks, one after the other.
type typist struct {
	keys  []simcard.Keys
	asked []simcard.PadPrompt
}

func (p *typist) press(_ context.Context, asked simcard.PadPrompt) simcard.Keys {
	p.asked = append(p.asked, asked)
	keys := p.keys[0]
	p.keys = p.keys[1:]
	return keys
}

// newPadDesk is a desk whose reader has a pad, on which those keys are typed.
func newPadDesk(t *testing.T, faults string, h *human, keys ...simcard.Keys) (*desk, *typist) {
	t.Helper()
	d := newDesk(t, faults, simcard.Options{}, h)
	p := &typist{keys: keys}
	d.card.SetPad(p.press)
	return d, p
}

func (d *desk) padEnvironment() command.Environment {
	e := d.environment()
	e.PINPad = true
	return e
}

func padAuthenticate(ctx context.Context, d *desk) error {
	_, err := command.Authenticate(ctx, d.padEnvironment(), "ja", origin, challenge)
	return err
}

func typed(pin string) simcard.Keys { return simcard.Keys{PIN: pin} }

func twice(pin string) simcard.Keys { return simcard.Keys{PIN: pin, Repeat: pin} }

func TestLogInOnThePad(t *testing.T) {
	d, pad := newPadDesk(t, "", &human{}, typed(rightPIN))
	d.human.meanwhile = func() { require.Empty(t, pad.asked, "the human agrees first") }
	require.NoError(t, padAuthenticate(context.Background(), d))
	require.Equal(t, 1, d.human.pads)
	require.Empty(t, d.human.asked, "no dialog")
	require.Len(t, d.human.onPad, 1)
	require.Equal(t, prompt.Authentication, d.human.onPad[0].PIN)
	require.Equal(t, 3, d.human.onPad[0].TriesLeft)
	require.Len(t, pad.asked, 1)
	require.Equal(t, time.Minute, pad.asked[0].Timeout)
	require.Equal(t, time.Minute, command.PadTimeout(d.human.onPad[0]))
	require.Equal(t, simcard.Tally{Verifies: 1}, d.card.Tally(simcard.PINAuth))
	require.Empty(t, d.card.Verified())
	require.Equal(t, 1, d.powerOff)
}

func TestPadWithoutConsent(t *testing.T) {
	d, pad := newPadDesk(t, "", &human{refuse: true}, typed(rightPIN))
	requireCode(t, protocol.Cancelled, padAuthenticate(context.Background(), d))
	require.Empty(t, pad.asked)
	require.Zero(t, d.verified())
}

func TestPadIsAskedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		first    simcard.Keys
		left     int
		verifies int
		problem  func(*testing.T, prompt.Request)
	}{
		"wrong": {typed("9999"), 2, 2, func(t *testing.T, r prompt.Request) { require.True(t, r.Wrong) }},
		"too short": {typed("12"), 3, 1, func(t *testing.T, r prompt.Request) {
			require.False(t, r.Wrong)
			require.Equal(t, prompt.TooShort, r.Malformed)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			d, pad := newPadDesk(t, "", &human{}, c.first, typed(rightPIN))
			require.NoError(t, padAuthenticate(context.Background(), d))
			require.Equal(t, 2, d.human.pads, "consent each time: the card is kept from others meanwhile")
			require.Len(t, pad.asked, 2)
			require.Equal(t, c.left, d.human.onPad[1].TriesLeft)
			c.problem(t, d.human.onPad[1])
			require.Equal(t, c.verifies, d.verified())
			require.Empty(t, d.card.Verified())
		})
	}
}

func TestNothingTypedOnThePad(t *testing.T) {
	for code, keys := range map[protocol.Code]simcard.Keys{protocol.Cancelled: {Cancel: true}, protocol.Timeout: {}} {
		d, _ := newPadDesk(t, "", &human{}, keys)
		err := padAuthenticate(context.Background(), d)
		require.Empty(t, requireCode(t, code, err).Reason, "the pad says that no try is spent")
		require.Zero(t, d.verified())
		d.requireTries(t, simcard.PINAuth, 3)
	}
}

// A pad at which nobody is, and that answers by itself, is not asked for ever.
func TestPadThatEntersNothingUsable(t *testing.T) {
	d, pad := newPadDesk(t, "", &human{}, typed("1"), typed("12345"), typed(""), typed("12"))
	d.padAnswer = []byte{0x64, 0x03}
	require.Equal(t, "too-short", requireCode(t, protocol.PINMalformed, padAuthenticate(context.Background(), d)).Reason)
	require.Equal(t, 3, d.human.pads)
	require.Len(t, pad.asked, 3)
	require.Zero(t, d.verified())

	entry := simcard.Keys{PIN: "7351", Repeat: "7352"}
	d, pad = newPadDesk(t, "", &human{}, typed(rightPIN), entry, typed(rightPIN), entry, typed(rightPIN), entry)
	_, err := padChange(d, protocol.AuthenticationPIN)
	require.Equal(t, "different", requireCode(t, protocol.PINMalformed, err).Reason)
	require.Len(t, pad.asked, 6)
	require.Zero(t, d.card.Tally(simcard.PINAuth).Changes)
	d.requireTries(t, simcard.PINAuth, 3)
}

// What a pad says where nothing was entered may be the card's word, or untrue: the counter is what counts.
func TestPadThatSaysThatNothingWasSent(t *testing.T) {
	for _, answer := range [][]byte{{0x64, 0x00}, {0x64, 0x01}, {0x64, 0x02}, {0x64, 0x03}} {
		for _, cancelled := range []bool{false, true} {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			d, pad := newPadDesk(t, "", &human{}, typed("9999"), typed("9999"))
			d.padAnswer = answer
			d.instead = func(command []byte) []byte {
				if cancelled && len(pad.asked) > 0 {
					cancel()
				}
				return nil
			}
			err := padAuthenticate(ctx, d)
			require.Equal(t, command.TryMayBeSpent, requireCode(t, protocol.CardFault, err).Reason)
			require.Equal(t, 1, d.verified(), "and the pad is not asked again")
			require.Empty(t, d.card.Verified())
		}
	}
}

func TestPadThatSaysThatNothingWasSentAndACardThatDoesNotCount(t *testing.T) {
	d, _ := newPadDesk(t, "", &human{}, typed("9999"))
	d.padAnswer = []byte{0x64, 0x01}
	d.instead = func(command []byte) []byte {
		if d.verified() > 0 && command[1] == 0x20 {
			return []byte{0x6F, 0x00}
		}
		return nil
	}
	require.Equal(t, command.TryMayBeSpent, requireCode(t, protocol.CardFault, padAuthenticate(context.Background(), d)).Reason)
}

// The pad's own clock ends what nobody finishes, and so each of the two in a change of PIN: it knows that
// nothing was sent.
func TestPadThatNobodyTouches(t *testing.T) {
	for _, first := range []simcard.Keys{{}, typed(rightPIN)} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(t, "", simcard.Options{}, &human{})
			d.card.SetPad(func(ctx context.Context, asked simcard.PadPrompt) simcard.Keys {
				if !asked.Change && first.PIN != "" {
					time.Sleep(asked.Timeout - time.Second) // of the bubble's clock
					return first
				}
				<-ctx.Done()
				return simcard.Keys{}
			})
			_, err := padChange(d, protocol.AuthenticationPIN)
			require.Empty(t, requireCode(t, protocol.Timeout, err).Reason)
			require.Empty(t, d.card.Verified())
			require.Zero(t, d.card.Tally(simcard.PINAuth).Changes)
		})
	}
}

func TestBlockedOnThePad(t *testing.T) {
	d, pad := newPadDesk(t, "auth-tries=1", &human{}, typed("9999"))
	requireCode(t, protocol.PINBlocked, padAuthenticate(context.Background(), d))
	require.Equal(t, 1, d.human.lastTry)
	require.Len(t, pad.asked, 1)

	requireCode(t, protocol.PINBlocked, padAuthenticate(context.Background(), d))
	require.Len(t, pad.asked, 1, "a blocked PIN is not asked for")
}

// Who cancels while the pad takes the PIN does not know whether it still goes to the card. Nothing that it
// opens there stays open.
func TestCancelWhileTypingOnThePad(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	d := newDesk(t, "", simcard.Options{}, &human{})
	released := make(chan struct{})
	d.card.SetPad(func(context.Context, simcard.PadPrompt) simcard.Keys {
		cancel()
		<-released
		return typed(rightPIN)
	})
	err := padAuthenticate(ctx, d)
	require.Equal(t, command.TryMayBeSpent, requireCode(t, protocol.Cancelled, err).Reason)
	close(released)

	// The card is free again when the pad is done with it.
	c, err := d.Readers.Connect(context.Background(), simcard.ReaderName)
	require.NoError(t, err)
	defer c.Close()
	if err := c.Begin(context.Background()); err != nil {
		require.NoError(t, c.Begin(context.Background()), "after the reset")
	}
	require.Empty(t, d.card.Verified())
	require.Equal(t, simcard.Tally{Verifies: 1}, d.card.Tally(simcard.PINAuth))
}

func TestCardTakenAwayWhileTypingOnThePad(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{})
	d.card.SetPad(func(context.Context, simcard.PadPrompt) simcard.Keys {
		d.card.Remove()
		return typed(rightPIN)
	})
	err := padAuthenticate(context.Background(), d)
	require.Equal(t, command.TryMayBeSpent, requireCode(t, protocol.CardLost, err).Reason, "the reader does not say whether the PIN left it")
	require.Zero(t, d.verified())
}

func TestSignaturePINIsNotTypedOnThePad(t *testing.T) {
	d, pad := newPadDesk(t, "", &human{pins: []string{signPIN}})
	_, err := command.Sign(context.Background(), d.padEnvironment(), command.SignRequest{
		Lang: "ja", Origin: origin, Documents: []command.Document{document("a", "a")}})
	require.NoError(t, err)
	require.Empty(t, pad.asked, "it has letters")
	require.Zero(t, d.human.pads)
	require.Len(t, d.human.asked, 1)
	require.False(t, d.human.asked[0].NoPad, "no pad was wanted for it")
}

func TestPadAndDialogInOneComparison(t *testing.T) {
	d, pad := newPadDesk(t, "", &human{pins: []string{signPIN}}, typed(surfacePIN))
	result, err := command.Attributes(context.Background(), d.padEnvironment(), "en", true)
	require.NoError(t, err)
	require.Equal(t, &[]string{}, result.Differences)
	require.Len(t, pad.asked, 1)
	require.Equal(t, uint16(0x0409), pad.asked[0].Language, "English")
	require.Len(t, d.human.asked, 1)
	require.Equal(t, prompt.Signature, d.human.asked[0].PIN)
}

func TestReaderWithoutAPad(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{rightPIN}})
	require.NoError(t, padAuthenticate(context.Background(), d))
	require.Zero(t, d.human.pads)
	require.Len(t, d.human.asked, 1)
	require.True(t, d.human.asked[0].NoPad, "who wants to type on the pad is told before typing elsewhere")
}

func TestPadThatNobodyWants(t *testing.T) {
	d, pad := newPadDesk(t, "", &human{pins: []string{rightPIN}})
	_, err := authenticate(d)
	require.NoError(t, err)
	require.Empty(t, pad.asked)
	require.Len(t, d.human.asked, 1)
	require.False(t, d.human.asked[0].NoPad)
}

func padChange(d *desk, name protocol.PINName) (*protocol.PINChanged, error) {
	return command.ChangePIN(context.Background(), d.padEnvironment(), "ja", name, rules.Date{})
}

func TestChangeOnThePad(t *testing.T) {
	for name, pin := range map[protocol.PINName]simcard.PIN{protocol.AuthenticationPIN: simcard.PINAuth, protocol.CardSurfacePIN: simcard.PINAttributes} {
		current := map[simcard.PIN]string{simcard.PINAuth: rightPIN, simcard.PINAttributes: surfacePIN}[pin]
		d, pad := newPadDesk(t, "", &human{}, typed(current), twice("7351"))
		changed, err := padChange(d, name)
		require.NoError(t, err)
		require.Equal(t, &protocol.PINChanged{PIN: name, PINStatus: protocol.PINStatus{TriesLeft: 3, MaxTries: 3}}, changed)
		require.Equal(t, []bool{false, true}, []bool{pad.asked[0].Change, pad.asked[1].Change})
		var whole time.Duration
		for i, asked := range pad.asked {
			require.Equal(t, command.PadTimeout(d.human.onPad[i]), asked.Timeout, "the human is told the pad's own time")
			whole += asked.Timeout
		}
		require.Equal(t, time.Minute, whole, "how long others wait for the card at most")
		require.Equal(t, 1, d.human.pads)
		require.Equal(t, []prompt.Purpose{prompt.Current, prompt.New}, []prompt.Purpose{d.human.onPad[0].Purpose, d.human.onPad[1].Purpose})
		for _, r := range d.human.onPad {
			require.Equal(t, string(name), r.PIN.String())
			require.Equal(t, []int{3, 3}, []int{r.TriesLeft, r.MaxTries})
		}
		require.Equal(t, simcard.Tally{Verifies: 1, Changes: 1, Changed: 1}, d.card.Tally(pin))
		require.Empty(t, d.card.Verified())
	}
}

func TestChangeOnThePadWithDifferentPINs(t *testing.T) {
	d, pad := newPadDesk(t, "auth-tries=2", &human{}, typed(rightPIN), simcard.Keys{PIN: "7351", Repeat: "7352"}, typed(rightPIN), twice("7351"))
	_, err := padChange(d, protocol.AuthenticationPIN)
	require.NoError(t, err)
	require.Len(t, pad.asked, 4)
	require.Equal(t, prompt.Different, d.human.onPad[2].Malformed)
	require.Equal(t, 3, d.human.onPad[2].TriesLeft, "the right one set it back")
	require.Equal(t, simcard.Tally{Verifies: 2, Changes: 1, Changed: 1}, d.card.Tally(simcard.PINAuth))
}

func TestNothingNewTypedOnThePad(t *testing.T) {
	for code, keys := range map[protocol.Code]simcard.Keys{protocol.Cancelled: {Cancel: true}, protocol.Timeout: {}} {
		d, _ := newPadDesk(t, "", &human{}, typed(rightPIN), keys, typed(rightPIN))
		_, err := padChange(d, protocol.AuthenticationPIN)
		require.Empty(t, requireCode(t, code, err).Reason)
		require.Empty(t, d.card.Verified())
		require.NoError(t, padAuthenticate(context.Background(), d), "the old one holds")
	}
}

func TestCardThatRefusesThePadsNewPIN(t *testing.T) {
	d, _ := newPadDesk(t, "refuse-change", &human{}, typed(rightPIN), twice("7351"))
	_, err := padChange(d, protocol.AuthenticationPIN)
	requireCode(t, protocol.PINRefused, err)
	require.Empty(t, d.card.Verified())
}

func TestCardTakenAwayWhileThePadChangesItsPIN(t *testing.T) {
	d, _ := newPadDesk(t, "remove-at-change", &human{}, typed(rightPIN), twice("7351"))
	_, err := padChange(d, protocol.AuthenticationPIN)
	require.Equal(t, command.PINMayBeChanged, requireCode(t, protocol.CardLost, err).Reason)
}

// A pad that can verify a PIN and not change it leaves the change to the dialog.
func TestPadThatCannotChange(t *testing.T) {
	d, pad := newPadDesk(t, "", &human{pins: []string{rightPIN, "7351", "7351"}}, typed("7351"))
	d.features = []byte{0x06, 4, 0x42, 0x33, 0x00, 0x06}
	_, err := padChange(d, protocol.AuthenticationPIN)
	require.NoError(t, err)
	require.Empty(t, pad.asked)
	require.Equal(t, []string{"current", "new", "repeat"}, d.human.purposes())
	require.True(t, d.human.asked[0].NoPad)
	require.NoError(t, padAuthenticate(context.Background(), d), "the pad takes the new one")
	require.Len(t, pad.asked, 1)
}

// A reader whose driver lists nonsense has no pad.
func TestReaderThatListsNonsense(t *testing.T) {
	for _, features := range [][]byte{{}, {0x06}, {0x06, 4, 0x42}, {0x06, 4, 0, 0, 0, 0}, {0xFF, 0xFF, 0xFF}} {
		d, pad := newPadDesk(t, "", &human{pins: []string{rightPIN}})
		d.features = features
		require.NoError(t, padAuthenticate(context.Background(), d))
		require.Empty(t, pad.asked)
		require.True(t, d.human.asked[0].NoPad)
		status, err := command.Status(context.Background(), d.environment())
		require.NoError(t, err)
		require.False(t, status.Readers[0].PINPad)
	}
}

// newSilentDesk is a desk with that reader, whose driver does not tell of its features.
func newSilentDesk(t *testing.T, reader string, h *human) *desk {
	d := newTable(t, h)
	d.Attach(reader, d.card)
	d.silent = true
	return d
}

// A driver that does not tell of a pad costs the wanted pad, a moment, and nothing else; and once only.
func TestReaderWithASilentDriver(t *testing.T) {
	now := today()
	synctest.Test(t, func(t *testing.T) {
		d := newSilentDesk(t, "silent to operations", &human{pins: []string{rightPIN, rightPIN}})
		e := d.padEnvironment()
		e.Now = now
		start := time.Now()
		for range 2 {
			require.NoError(t, logIn(e))
			require.Equal(t, 5*time.Second, time.Since(start))
		}
		require.Equal(t, 1, d.silences)
		require.Len(t, d.human.asked, 2)
		require.True(t, d.human.asked[0].NoPad)
		require.True(t, d.human.asked[1].NoPad)
	})
	synctest.Test(t, func(t *testing.T) {
		d := newSilentDesk(t, "silent to status", &human{})
		start := time.Now()
		for range 2 {
			status, err := command.Status(context.Background(), d.environment())
			require.NoError(t, err)
			require.Nil(t, status.Readers[0].Error)
			require.Equal(t, 3, status.Readers[0].CardSurface.TriesLeft)
			require.False(t, status.Readers[0].PINPad)
			require.Equal(t, time.Second, time.Since(start))
		}
		require.Equal(t, 1, d.silences)
	})
}

func TestCancelWhileASilentDriverIsAsked(t *testing.T) {
	now := today()
	synctest.Test(t, func(t *testing.T) {
		d := newSilentDesk(t, "silent, and called off", &human{})
		e := d.padEnvironment()
		e.Now = now
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, err := command.Authenticate(ctx, e, "ja", origin, challenge)
		requireCode(t, protocol.Timeout, err)
		d.silent = false
		d.card.SetPad(func(context.Context, simcard.PadPrompt) simcard.Keys { return simcard.Keys{Cancel: true} })
		requireCode(t, protocol.Cancelled, logIn(e))
		require.Equal(t, 1, d.human.pads, "the reader is not held to be silent")
	})
}

func TestStatusTellsOfThePad(t *testing.T) {
	d, _ := newPadDesk(t, "", &human{})
	status, err := command.Status(context.Background(), d.environment())
	require.NoError(t, err)
	require.True(t, status.Readers[0].PINPad)
	d.card.SetPad(nil)
	status, err = command.Status(context.Background(), d.environment())
	require.NoError(t, err)
	require.False(t, status.Readers[0].PINPad)
}
