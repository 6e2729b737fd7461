package application_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/cardtest"
)

const filePIN, maxTries = 0x001B, 5

var stepPIN = cardtest.Step{Why: "select the PIN", Command: "00A4020C02 001B", Response: "9000"}

const statusQuery = "00200080"

func TestTriesLeft(t *testing.T) {
	for sw, want := range map[string]int{"63C5": 5, "63C1": 1, "63C0": 0, "6983": 0, "6984": 0} {
		t.Run(sw, func(t *testing.T) {
			a, _ := selected(t, stepPIN, cardtest.Step{Why: "four bytes, no more", Command: statusQuery, Response: sw})
			got, err := a.PIN(filePIN, maxTries).TriesLeft()
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

func TestTriesLeftUnknown(t *testing.T) {
	for name, test := range map[string]struct {
		steps []cardtest.Step
		want  error
	}{
		"no PIN file":  {[]cardtest.Step{{Command: stepPIN.Command, Response: "6A82"}}, application.ErrNoFile},
		"a refusal":    {[]cardtest.Step{stepPIN, {Command: statusQuery, Response: "6700"}}, card.WrongLength},
		"6Cxx":         {[]cardtest.Step{stepPIN, {Command: statusQuery, Response: "6C01"}}, card.Status(0x6C01)},
		"a lost card":  {[]cardtest.Step{stepPIN, {Command: statusQuery, Fail: card.ErrRemoved}}, card.ErrRemoved},
		"an uncounted": {[]cardtest.Step{stepPIN, {Command: statusQuery, Response: "6300"}}, card.WrongPINUncounted},
		"too many":     {[]cardtest.Step{stepPIN, {Command: statusQuery, Response: "63C6"}}, card.Status(0x63C6)},
		"far too many": {[]cardtest.Step{stepPIN, {Command: statusQuery, Response: "63CF"}}, card.Status(0x63CF)},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := selected(t, test.steps...)
			_, err := a.PIN(filePIN, maxTries).TriesLeft()
			require.ErrorIs(t, err, test.want)
		})
	}
	t.Run("9000, which no card is known to answer", func(t *testing.T) {
		a, _ := selected(t, stepPIN, cardtest.Step{Command: statusQuery, Response: "9000"})
		_, err := a.PIN(filePIN, maxTries).TriesLeft()
		require.Error(t, err)
	})
}

const verifyPIN = "0020008006 414243313233"

func TestVerify(t *testing.T) {
	for response, want := range map[string]error{
		"9000": nil,
		"63C4": &application.WrongPIN{TriesLeft: 4},
		"63C1": &application.WrongPIN{TriesLeft: 1},
		"6300": &application.WrongPIN{TriesLeft: application.UncountedTries},
		"63C0": application.ErrBlocked,
		"6984": application.ErrBlocked,
		"6983": application.ErrBlocked,
		"6C00": application.ErrTryMayBeSpent, // not repeated
		"6F00": application.ErrTryMayBeSpent,
		"6700": application.ErrTryMayBeSpent,
		"6581": application.ErrTryMayBeSpent,
		"63CF": application.ErrTryMayBeSpent, // more than there can be
		"90":   application.ErrTryMayBeSpent, // no status word
		"":     application.ErrTryMayBeSpent,
	} {
		t.Run(response, func(t *testing.T) {
			a, _ := selected(t, stepPIN, cardtest.Step{Why: "the PIN, once", Command: verifyPIN, Response: response})
			err := a.PIN(filePIN, maxTries).Verify([]byte("ABC123"))
			if wrong, ok := want.(*application.WrongPIN); ok {
				require.Equal(t, wrong, err)
				return
			}
			require.ErrorIs(t, err, want)
		})
	}
}

const changePIN = "0024018006 58595A373839"

func TestChangePIN(t *testing.T) {
	for response, want := range map[string]error{
		"9000": nil,
		"6A80": application.ErrPINRefused,
		"6985": application.ErrPINRefused,
		"6700": application.ErrPINRefused,
		"6D00": application.ErrPINRefused,
		"6C06": application.ErrPINRefused, // not repeated
		"6400": application.ErrPINRefused,
		"6982": application.ErrPINRequired,
		"6983": application.ErrBlocked,
		"6984": application.ErrBlocked,
		"6581": application.ErrPINMayBeChanged,
		"6F00": application.ErrPINMayBeChanged,
		"6200": application.ErrPINMayBeChanged,
		"63C2": application.ErrPINMayBeChanged,
		"9100": application.ErrPINMayBeChanged,
		"90":   application.ErrPINMayBeChanged, // no status word
	} {
		t.Run(response, func(t *testing.T) {
			a, _ := selected(t, stepPIN, cardtest.Step{Why: "the new PIN, once", Command: changePIN, Response: response})
			err := a.PIN(filePIN, maxTries).Change([]byte("XYZ789"))
			require.ErrorIs(t, err, want)
			for _, other := range []error{application.ErrPINRefused, application.ErrPINMayBeChanged} {
				require.Equal(t, other == want, errors.Is(err, other), "one or the other, never both")
			}
		})
	}
}

// presentations are the two ways in which a PIN goes to the card.
var presentations = map[string]struct {
	command string // with the PIN ABC123
	send    func(p application.PIN, value []byte) error
	unsure  error
}{
	"verify": {verifyPIN, application.PIN.Verify, application.ErrTryMayBeSpent},
	"change": {"0024018006 414243313233", application.PIN.Change, application.ErrPINMayBeChanged},
}

func TestPINLost(t *testing.T) {
	for name, p := range presentations {
		t.Run(name+", after the PIN was sent", func(t *testing.T) {
			a, _ := selected(t, stepPIN, cardtest.Step{Command: p.command, Fail: card.ErrRemoved})
			err := p.send(a.PIN(filePIN, maxTries), []byte("ABC123"))
			require.ErrorIs(t, err, p.unsure)
			require.ErrorIs(t, err, card.ErrRemoved)
			require.NotContains(t, err.Error(), "ABC123")
			require.NotContains(t, err.Error(), "414243313233")
		})
		t.Run(name+", not sent", func(t *testing.T) {
			a, _ := selected(t, stepPIN, cardtest.Step{Command: p.command, Fail: card.ErrNotSent})
			err := p.send(a.PIN(filePIN, maxTries), []byte("ABC123"))
			require.NotErrorIs(t, err, p.unsure)
			require.ErrorIs(t, err, card.ErrNotSent)
		})
		t.Run(name+", before", func(t *testing.T) {
			a, _ := selected(t, cardtest.Step{Command: stepPIN.Command, Fail: card.ErrRemoved})
			err := p.send(a.PIN(filePIN, maxTries), []byte("ABC123"))
			require.NotErrorIs(t, err, p.unsure)
			require.ErrorIs(t, err, card.ErrRemoved)
		})
		t.Run(name+", no PIN file", func(t *testing.T) {
			a, _ := selected(t, cardtest.Step{Command: stepPIN.Command, Response: "6A82"})
			err := p.send(a.PIN(filePIN, maxTries), []byte("ABC123"))
			require.NotErrorIs(t, err, p.unsure)
			require.ErrorIs(t, err, application.ErrNoFile)
		})
	}
}

func TestPINLengths(t *testing.T) {
	for name, p := range presentations {
		for _, pin := range []string{"", "ABCDEFGH123456789"} {
			t.Run(name+" "+pin, func(t *testing.T) {
				a, _ := selected(t) // no step: nothing may be sent
				require.ErrorIs(t, p.send(a.PIN(filePIN, maxTries), []byte(pin)), application.ErrPINLength)
			})
		}
		t.Run(name+", sixteen", func(t *testing.T) {
			a, _ := selected(t, stepPIN, cardtest.Step{Command: p.command[:8] + "10 41424344454647483132333435363738", Response: "9000"})
			require.NoError(t, p.send(a.PIN(filePIN, maxTries), []byte("ABCDEFGH12345678")))
		})
	}
}

func TestPINCommandsAreWiped(t *testing.T) {
	for name, p := range presentations {
		for ending, answer := range map[string]cardtest.Step{
			"taken":   {Command: p.command, Response: "9000"},
			"refused": {Command: p.command, Response: "6A80"},
			"lost":    {Command: p.command, Fail: errors.New("lost")},
		} {
			t.Run(name+", "+ending, func(t *testing.T) {
				a, s := selected(t, stepPIN, answer)
				pin := []byte("ABC123")
				_ = p.send(a.PIN(filePIN, maxTries), pin)
				require.Equal(t, make([]byte, 11), s.Last, "the command that carried the PIN")
				require.Equal(t, "ABC123", string(pin), "the caller's own")
			})
		}
	}
}

// On the pad the PIN is none of ours: what the card answered is read all the same, and what the pad
// itself says is passed on.
func TestOnPad(t *testing.T) {
	cancelled := errors.New("cancelled on the pad")
	for name, onPad := range map[string]func(application.PIN, func() error) error{
		"verify": application.PIN.VerifyOnPad,
		"change": application.PIN.ChangeOnPad,
	} {
		t.Run(name, func(t *testing.T) {
			for _, want := range []error{nil, cancelled} {
				a, _ := selected(t, stepPIN)
				require.Equal(t, want, onPad(a.PIN(filePIN, maxTries), func() error { return want }))
			}
			a, _ := selected(t, stepPIN)
			require.ErrorIs(t, onPad(a.PIN(filePIN, maxTries), func() error { return card.PINBlocked }), application.ErrBlocked)
			a, _ = selected(t, cardtest.Step{Command: stepPIN.Command, Response: "6A82"})
			require.ErrorIs(t, onPad(a.PIN(filePIN, maxTries), func() error { panic("the PIN's file is not there") }), application.ErrNoFile)
		})
	}
	a, _ := selected(t, stepPIN)
	require.Equal(t, &application.WrongPIN{TriesLeft: 2}, a.PIN(filePIN, maxTries).VerifyOnPad(func() error { return card.Status(0x63C2) }))
	a, _ = selected(t, stepPIN)
	require.ErrorIs(t, a.PIN(filePIN, maxTries).ChangeOnPad(func() error { return card.WrongData }), application.ErrPINRefused)
}
