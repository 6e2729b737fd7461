package application_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/application"
)

const filePIN = 0x001B

var stepPIN = step{why: "select the PIN", command: "00A4020C02 001B", response: "9000"}

const statusQuery = "00200080"

func TestTriesLeft(t *testing.T) {
	for sw, want := range map[string]int{"63C5": 5, "63C1": 1, "63C0": 0, "6983": 0, "6984": 0} {
		t.Run(sw, func(t *testing.T) {
			a, _ := selected(t, stepPIN, step{why: "four bytes, no more", command: statusQuery, response: sw})
			got, err := a.TriesLeft(filePIN)
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

func TestTriesLeftUnknown(t *testing.T) {
	for name, test := range map[string]struct {
		steps []step
		want  error
	}{
		"no PIN file":  {[]step{{command: stepPIN.command, response: "6A82"}}, application.ErrNoFile},
		"a refusal":    {[]step{stepPIN, {command: statusQuery, response: "6700"}}, card.WrongLength},
		"6Cxx":         {[]step{stepPIN, {command: statusQuery, response: "6C01"}}, card.Status(0x6C01)},
		"a lost card":  {[]step{stepPIN, {command: statusQuery, fail: card.ErrRemoved}}, card.ErrRemoved},
		"an uncounted": {[]step{stepPIN, {command: statusQuery, response: "6300"}}, card.WrongPINUncounted},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := selected(t, test.steps...)
			_, err := a.TriesLeft(filePIN)
			require.ErrorIs(t, err, test.want)
		})
	}
	t.Run("9000, which no card is known to answer", func(t *testing.T) {
		a, _ := selected(t, stepPIN, step{command: statusQuery, response: "9000"})
		_, err := a.TriesLeft(filePIN)
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
		"90":   application.ErrTryMayBeSpent, // no status word
		"":     application.ErrTryMayBeSpent,
	} {
		t.Run(response, func(t *testing.T) {
			a, _ := selected(t, stepPIN, step{why: "the PIN, once", command: verifyPIN, response: response})
			err := a.Verify(filePIN, []byte("ABC123"))
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
			a, _ := selected(t, stepPIN, step{why: "the new PIN, once", command: changePIN, response: response})
			err := a.ChangePIN(filePIN, []byte("XYZ789"))
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
	send    func(a *application.Application, pin []byte) error
	unsure  error
}{
	"verify": {verifyPIN, func(a *application.Application, pin []byte) error { return a.Verify(filePIN, pin) }, application.ErrTryMayBeSpent},
	"change": {"0024018006 414243313233", func(a *application.Application, pin []byte) error { return a.ChangePIN(filePIN, pin) }, application.ErrPINMayBeChanged},
}

func TestPINLost(t *testing.T) {
	for name, p := range presentations {
		t.Run(name+", after the PIN was sent", func(t *testing.T) {
			a, _ := selected(t, stepPIN, step{command: p.command, fail: card.ErrRemoved})
			err := p.send(a, []byte("ABC123"))
			require.ErrorIs(t, err, p.unsure)
			require.ErrorIs(t, err, card.ErrRemoved)
			require.NotContains(t, err.Error(), "ABC123")
			require.NotContains(t, err.Error(), "414243313233")
		})
		t.Run(name+", before", func(t *testing.T) {
			a, _ := selected(t, step{command: stepPIN.command, fail: card.ErrRemoved})
			err := p.send(a, []byte("ABC123"))
			require.NotErrorIs(t, err, p.unsure)
			require.ErrorIs(t, err, card.ErrRemoved)
		})
		t.Run(name+", no PIN file", func(t *testing.T) {
			a, _ := selected(t, step{command: stepPIN.command, response: "6A82"})
			err := p.send(a, []byte("ABC123"))
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
				require.ErrorIs(t, p.send(a, []byte(pin)), application.ErrPINLength)
			})
		}
		t.Run(name+", sixteen", func(t *testing.T) {
			a, _ := selected(t, stepPIN, step{command: p.command[:8] + "10 41424344454647483132333435363738", response: "9000"})
			require.NoError(t, p.send(a, []byte("ABCDEFGH12345678")))
		})
	}
}

func TestPINCommandsAreWiped(t *testing.T) {
	for name, p := range presentations {
		for ending, answer := range map[string]step{
			"taken":   {command: p.command, response: "9000"},
			"refused": {command: p.command, response: "6A80"},
			"lost":    {command: p.command, fail: errors.New("lost")},
		} {
			t.Run(name+", "+ending, func(t *testing.T) {
				a, s := selected(t, stepPIN, answer)
				pin := []byte("ABC123")
				_ = p.send(a, pin)
				require.Equal(t, make([]byte, 11), s.last, "the command that carried the PIN")
				require.Equal(t, "ABC123", string(pin), "the caller's own")
			})
		}
	}
}

// On the pad the PIN is none of ours: what the card answered is read all the same, and what the pad
// itself says is passed on.
func TestOnPad(t *testing.T) {
	cancelled := errors.New("cancelled on the pad")
	for name, onPad := range map[string]func(*application.Application, func() error) error{
		"verify": func(a *application.Application, present func() error) error { return a.VerifyOnPad(filePIN, present) },
		"change": func(a *application.Application, present func() error) error {
			return a.ChangePINOnPad(filePIN, present)
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, want := range []error{nil, cancelled} {
				a, _ := selected(t, stepPIN)
				require.Equal(t, want, onPad(a, func() error { return want }))
			}
			a, _ := selected(t, stepPIN)
			require.ErrorIs(t, onPad(a, func() error { return card.PINBlocked }), application.ErrBlocked)
			a, _ = selected(t, step{command: stepPIN.command, response: "6A82"})
			require.ErrorIs(t, onPad(a, func() error { panic("the PIN's file is not there") }), application.ErrNoFile)
		})
	}
	a, _ := selected(t, stepPIN)
	require.Equal(t, &application.WrongPIN{TriesLeft: 2}, a.VerifyOnPad(filePIN, func() error { return card.Status(0x63C2) }))
	a, _ = selected(t, stepPIN)
	require.ErrorIs(t, a.ChangePINOnPad(filePIN, func() error { return card.WrongData }), application.ErrPINRefused)
}
