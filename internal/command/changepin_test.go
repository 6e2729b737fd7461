package command_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/rules"
)

// changeables are the card's PINs: what a human calls them, and an operation that needs each.
var changeables = []struct {
	name          protocol.PINName
	pin           simcard.PIN
	current, next string
	maxTries      int
	use           func(*desk) error
}{
	{protocol.AuthenticationPIN, simcard.PINAuth, rightPIN, "7351", 3, func(d *desk) error {
		_, err := authenticate(d)
		return err
	}},
	{protocol.SignaturePIN, simcard.PINSign, signPIN, "KX72B9", 5, func(d *desk) error {
		_, err := sign(d, document("a", "a"))
		return err
	}},
	{protocol.CardSurfacePIN, simcard.PINAttributes, surfacePIN, "7351", 3, func(d *desk) error {
		_, err := attributes(d, false)
		return err
	}},
}

func changePIN(d *desk, name protocol.PINName) (*protocol.PINChanged, error) {
	return command.ChangePIN(context.Background(), d.environment(), "ja", name, rules.Date{})
}

func TestChangeOfEachPIN(t *testing.T) {
	for _, c := range changeables {
		t.Run(string(c.name), func(t *testing.T) {
			d := newDesk(t, "", simcard.Options{}, &human{pins: []string{c.current, c.next, c.next}})
			d.human.meanwhile = func() { require.Zero(t, d.verified(), "nothing is sent before all is agreed") }
			require.NoError(t, d.card.SetTries(c.pin, c.maxTries-1))
			changed, err := changePIN(d, c.name)
			require.NoError(t, err)
			require.Equal(t, &protocol.PINChanged{PIN: c.name, PINStatus: protocol.PINStatus{TriesLeft: c.maxTries, MaxTries: c.maxTries}}, changed)
			require.Equal(t, []string{"current", "new", "repeat"}, d.human.purposes())
			for _, r := range d.human.asked {
				require.Equal(t, prompt.ChangePIN, r.Operation)
				require.Equal(t, string(c.name), r.PIN.String())
				require.Equal(t, c.maxTries-1, r.TriesLeft)
				require.True(t, r.Foreign)
			}
			require.Empty(t, d.human.weaknesses)
			require.Equal(t, simcard.Tally{Verifies: 1, Changes: 1, Changed: 1}, d.card.Tally(c.pin))
			require.Empty(t, d.card.Verified())
			require.Equal(t, 1, d.powerOff)

			d.human.meanwhile = nil
			d.human.pins = []string{c.current, c.next}
			require.NoError(t, c.use(d))
			require.Equal(t, simcard.Tally{Verifies: 3, Wrong: 1, Changes: 1, Changed: 1}, d.card.Tally(c.pin), "the old one is wrong, the new one is right")
		})
	}
}

func TestChangeOfTheSignaturePINInSmallLetters(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{"abc123", "kx72b9", "KX72b9"}})
	_, err := changePIN(d, protocol.SignaturePIN)
	require.NoError(t, err, "the card knows capital letters only")
	d.human.pins = []string{"KX72B9"}
	_, err = sign(d, document("a", "a"))
	require.NoError(t, err)
}

// Whatever is wrong with a new PIN is found before the card hears of it.
func TestNewPINThatCannotBe(t *testing.T) {
	for name, c := range map[string]struct {
		pin   protocol.PINName
		typed []string
		asked []string
	}{
		"different": {protocol.AuthenticationPIN, []string{rightPIN, "7351", "7352", "7351", "7351"},
			[]string{"current", "new", "repeat", "new different", "repeat"}},
		"a repetition that is malformed": {protocol.AuthenticationPIN, []string{rightPIN, "7351", "７３５１", "7351", "7351"},
			[]string{"current", "new", "repeat", "new different", "repeat"}},
		"the current one": {protocol.AuthenticationPIN, []string{rightPIN, rightPIN, "7351", "7351"},
			[]string{"current", "new", "new same", "repeat"}},
		"the current one in small letters": {protocol.SignaturePIN, []string{signPIN, "abc123", "KX72B9", "KX72B9"},
			[]string{"current", "new", "new same", "repeat"}},
		"malformed": {protocol.CardSurfacePIN, []string{surfacePIN, "735", "73511", "735a", "７３５１", "", "7351", "7351"},
			[]string{"current", "new", "new too-short", "new too-long", "new bad-character", "new full-width", "new too-short", "repeat"}},
		"letters or digits alone": {protocol.SignaturePIN, []string{signPIN, "KXQBWV", "729416", "kx72b", "KX72B94KX72B94KX7", "KX72-9", "KX72B9", "KX72B9"},
			[]string{"current", "new", "new no-digit", "new no-letter", "new too-short", "new too-long", "new bad-character", "repeat"}},
		"a current one that is malformed": {protocol.AuthenticationPIN, []string{"123", rightPIN, "7351", "7351"},
			[]string{"current", "current too-short", "new", "repeat"}},
		"wrong twice over": {protocol.AuthenticationPIN, []string{rightPIN, rightPIN, "735", "7351", "7352", rightPIN, "7351", "7351"},
			[]string{"current", "new", "new same", "new too-short", "repeat", "new different", "new same", "repeat"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, "", simcard.Options{}, &human{pins: c.typed})
			d.human.meanwhile = func() { require.Zero(t, d.verified()) }
			_, err := changePIN(d, c.pin)
			require.NoError(t, err)
			require.Equal(t, c.asked, d.human.purposes())
			require.Equal(t, 1, d.verified())
		})
	}
}

func TestWeakNewPINIsAdvisedAgainst(t *testing.T) {
	birth := rules.Date{Year: 1980, Month: time.May, Day: 5}
	change := func(d *desk) error {
		_, err := command.ChangePIN(context.Background(), d.environment(), "ja", protocol.CardSurfacePIN, birth)
		return err
	}

	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{surfacePIN, "0000", "1234", "2580", "1980", "0505", "7351", "7351"}})
	require.NoError(t, change(d))
	require.Equal(t, [][]prompt.Weakness{{prompt.Repeated}, {prompt.Sequence}, {prompt.Common}, {prompt.BirthDate}, {prompt.Repeated, prompt.BirthDate}}, d.human.weaknesses)
	require.Equal(t, []string{"current", "new", "new", "new", "new", "new", "new", "repeat"}, d.human.purposes())
	require.Equal(t, 1, d.verified())

	d = newDesk(t, "", simcard.Options{}, &human{pins: []string{surfacePIN, "0000", "0000"}, keepWeak: true})
	require.NoError(t, change(d))
	require.Equal(t, [][]prompt.Weakness{{prompt.Repeated}}, d.human.weaknesses, "once")
	d.human.pins = []string{"0000"}
	_, err := attributes(d, false)
	require.NoError(t, err, "the human's choice holds")

	d = newDesk(t, "", simcard.Options{}, &human{pins: []string{surfacePIN, "0000"}, refuse: true})
	requireCode(t, protocol.Cancelled, change(d))
	require.Zero(t, d.verified())

	d = newDesk(t, "", simcard.Options{}, &human{pins: []string{surfacePIN, "1980", "1980"}})
	_, err = changePIN(d, protocol.CardSurfacePIN)
	require.NoError(t, err)
	require.Empty(t, d.human.weaknesses, "nobody knows the birth date here")
}

func TestWrongCurrentPINKeepsTheNewOne(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{"9999", "7351", "7351", rightPIN}})
	changed, err := changePIN(d, protocol.AuthenticationPIN)
	require.NoError(t, err)
	require.Equal(t, 3, changed.TriesLeft)
	require.Equal(t, []string{"current", "new", "repeat", "current wrong"}, d.human.purposes())
	require.Equal(t, 2, d.human.asked[3].TriesLeft)
	require.Equal(t, simcard.Tally{Verifies: 2, Wrong: 1, Changes: 1, Changed: 1}, d.card.Tally(simcard.PINAuth))
}

// The new PIN was chosen beside a mistyped current one, and is the real current one.
func TestNewPINThatTurnsOutToBeTheCurrentOne(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{"9999", rightPIN, rightPIN, rightPIN, "7351", "7351"}, keepWeak: true})
	_, err := changePIN(d, protocol.AuthenticationPIN)
	require.NoError(t, err)
	require.Equal(t, []string{"current", "new", "repeat", "current wrong", "new same", "repeat"}, d.human.purposes())
	require.Equal(t, simcard.Tally{Verifies: 2, Wrong: 1, Changes: 1, Changed: 1}, d.card.Tally(simcard.PINAuth))
}

func TestBlockedPINCannotBeChanged(t *testing.T) {
	for _, c := range changeables {
		for _, faults := range []string{"", "6983"} {
			d := newDesk(t, faults, simcard.Options{}, &human{pins: []string{c.current, c.next, c.next}})
			require.NoError(t, d.card.SetTries(c.pin, 0))
			_, err := changePIN(d, c.name)
			require.Equal(t, 0, *requireCode(t, protocol.PINBlocked, err).TriesLeft)
			require.Empty(t, d.human.asked)
			require.Equal(t, simcard.Tally{}, d.card.Tally(c.pin))
		}
	}
}

func TestChangeThatBlocksThePIN(t *testing.T) {
	d := newDesk(t, "auth-tries=1", simcard.Options{}, &human{pins: []string{"9999", "7351", "7351"}})
	_, err := changePIN(d, protocol.AuthenticationPIN)
	requireCode(t, protocol.PINBlocked, err)
	require.Equal(t, 1, d.human.lastTry)
	require.Equal(t, simcard.Tally{Verifies: 1, Wrong: 1}, d.card.Tally(simcard.PINAuth))

	d = newDesk(t, "auth-tries=1", simcard.Options{}, &human{pins: []string{rightPIN, "7351", "7351"}, refuse: true})
	_, err = changePIN(d, protocol.AuthenticationPIN)
	requireCode(t, protocol.Cancelled, err)
	require.Empty(t, d.human.asked)
	d.requireTries(t, simcard.PINAuth, 1)
}

func TestCardThatRefusesTheNewPIN(t *testing.T) {
	for _, c := range changeables {
		d := newDesk(t, "refuse-change", simcard.Options{}, &human{pins: []string{c.current, c.next, c.next}})
		_, err := changePIN(d, c.name)
		requireCode(t, protocol.PINRefused, err)
		require.Empty(t, d.card.Verified())
		require.NoError(t, d.card.SetFaults(simcard.Faults{}))
		d.human.pins = []string{c.current}
		require.NoError(t, c.use(d), "the old one holds")
		d.requireTries(t, c.pin, c.maxTries)
	}
}

func TestCardTakenAwayWhileItsPINIsChanged(t *testing.T) {
	d := newDesk(t, "remove-at-change", simcard.Options{}, &human{pins: []string{rightPIN, "7351", "7351"}})
	_, err := changePIN(d, protocol.AuthenticationPIN)
	require.Equal(t, command.PINMayBeChanged, requireCode(t, protocol.CardLost, err).Reason)
	require.Equal(t, simcard.Tally{Verifies: 1, Changes: 1, Changed: 1}, d.card.Tally(simcard.PINAuth), "never repeated")

	d = newDesk(t, "remove-at-verify", simcard.Options{}, &human{pins: []string{rightPIN, "7351", "7351"}})
	_, err = changePIN(d, protocol.AuthenticationPIN)
	require.Equal(t, command.TryMayBeSpent, requireCode(t, protocol.CardLost, err).Reason)
	require.Zero(t, d.card.Tally(simcard.PINAuth).Changes)
}

func TestCardTakenAwayWhileTheNewPINIsTyped(t *testing.T) {
	for typed := 1; typed <= 2; typed++ {
		pins := []string{rightPIN, "7351"}[:typed] // then waits until the prompt goes
		d := newDesk(t, "", simcard.Options{}, &human{pins: pins})
		d.human.meanwhile = func() {
			if len(d.human.pins) == 0 {
				d.card.Remove()
			}
		}
		_, err := changePIN(d, protocol.AuthenticationPIN)
		requireCode(t, protocol.CardLost, err)
		require.Len(t, d.human.asked, typed+1)
		require.Zero(t, d.verified())
	}
}

// Somebody who comes between the current PIN and the new one costs a question, not a try.
func TestCounterThatFellWhileTheNewPINWasTyped(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{rightPIN, "7351", "7351", rightPIN}})
	d.human.meanwhile = func() {
		if len(d.human.asked) == 2 {
			require.NoError(t, d.card.SetTries(simcard.PINAuth, 2))
		}
	}
	_, err := changePIN(d, protocol.AuthenticationPIN)
	require.NoError(t, err)
	require.Equal(t, []string{"current", "new", "repeat", "current"}, d.human.purposes())
	require.Equal(t, simcard.Tally{Verifies: 1, Changes: 1, Changed: 1}, d.card.Tally(simcard.PINAuth))
}

func TestChangeOfAPhonesPINs(t *testing.T) {
	d := newDesk(t, "phone", simcard.Options{}, &human{pins: []string{rightPIN, "7351", "7351"}})
	_, err := changePIN(d, protocol.CardSurfacePIN)
	requireCode(t, protocol.ApplicationAbsent, err)
	require.Empty(t, d.human.asked)
	_, err = changePIN(d, protocol.AuthenticationPIN)
	require.NoError(t, err)
}

func TestCancelAtEachStepOfAChange(t *testing.T) {
	for step, typed := range [][]string{{}, {rightPIN}, {rightPIN, "7351"}} {
		ctx, cancel := context.WithCancel(context.Background())
		d := newDesk(t, "", simcard.Options{}, &human{pins: typed})
		d.human.meanwhile = func() {
			if len(d.human.pins) == 0 {
				cancel()
			}
		}
		_, err := command.ChangePIN(ctx, d.environment(), "ja", protocol.AuthenticationPIN, rules.Date{})
		requireCode(t, protocol.Cancelled, err)
		require.LessOrEqual(t, len(d.human.asked), step+1)
		require.Zero(t, d.verified())
		cancel()
	}
}

// A no that comes while the card takes the new PIN is too late: the human must learn that it is changed.
func TestCancelWhileTheCardChangesThePIN(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{rightPIN, "7351", "7351"}})
	d.instead = func(sent []byte) []byte {
		if c, err := card.ParseCommand(sent); err == nil && c.INS == 0x24 {
			cancel()
		}
		return nil
	}
	changed, err := command.ChangePIN(ctx, d.environment(), "ja", protocol.AuthenticationPIN, rules.Date{})
	require.Equal(t, 1, d.card.Tally(simcard.PINAuth).Changed)
	require.NoError(t, err)
	require.Equal(t, 3, changed.TriesLeft)
}

// Likewise the loss of the card behind its yes.
func TestCardTakenAwayBehindTheChange(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{rightPIN, "7351", "7351"}})
	changed := false
	d.instead = func(sent []byte) []byte {
		if changed {
			d.card.Remove()
		}
		c, err := card.ParseCommand(sent)
		changed = err == nil && c.INS == 0x24
		return nil
	}
	result, err := changePIN(d, protocol.AuthenticationPIN)
	require.NoError(t, err)
	require.Equal(t, 3, result.TriesLeft)
	in, _ := d.card.Presence()
	require.False(t, in)
}

func TestCancelWhileTheCardTakesTheCurrentPIN(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{rightPIN, "7351", "7351"}})
	d.instead = func(sent []byte) []byte {
		if c, err := card.ParseCommand(sent); err == nil && c.INS == 0x20 && len(c.Data) > 0 {
			cancel()
		}
		return nil
	}
	_, err := command.ChangePIN(ctx, d.environment(), "ja", protocol.AuthenticationPIN, rules.Date{})
	requireCode(t, protocol.Cancelled, err)
	require.Equal(t, simcard.Tally{Verifies: 1}, d.card.Tally(simcard.PINAuth))
	require.Empty(t, d.card.Verified())
}
