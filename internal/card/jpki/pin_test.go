package jpki_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/jpki"
)

var (
	stepAuthenticationPIN = step{why: "select the authentication PIN", command: "00A4020C02 0018", response: "9000"}
	stepSignaturePIN      = step{why: "select the signature PIN", command: "00A4020C02 001B", response: "9000"}
)

const statusQuery = "00200080"

func TestTriesLeft(t *testing.T) {
	for name, test := range map[string]struct {
		slot jpki.Slot
		file step
		sw   string
		want int
	}{
		"authentication, fresh":   {jpki.Authentication, stepAuthenticationPIN, "63C3", 3},
		"authentication, last":    {jpki.Authentication, stepAuthenticationPIN, "63C1", 1},
		"signature, fresh":        {jpki.Signature, stepSignaturePIN, "63C5", 5},
		"blocked, by its counter": {jpki.Signature, stepSignaturePIN, "63C0", 0},
		"blocked, 6983":           {jpki.Signature, stepSignaturePIN, "6983", 0},
		"blocked, 6984":           {jpki.Signature, stepSignaturePIN, "6984", 0},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := selected(t, test.file, step{why: "four bytes, no more", command: statusQuery, response: test.sw})
			got, err := a.TriesLeft(test.slot)
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

func TestTriesLeftUnknown(t *testing.T) {
	for name, test := range map[string]struct {
		steps []step
		want  error
	}{
		"no PIN file":  {[]step{{command: stepSignaturePIN.command, response: "6A82"}}, card.NotFound},
		"a refusal":    {[]step{stepSignaturePIN, {command: statusQuery, response: "6700"}}, card.WrongLength},
		"a lost card":  {[]step{stepSignaturePIN, {command: statusQuery, fail: card.ErrRemoved}}, card.ErrRemoved},
		"an uncounted": {[]step{stepSignaturePIN, {command: statusQuery, response: "6300"}}, card.WrongPINUncounted},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := selected(t, test.steps...)
			_, err := a.TriesLeft(jpki.Signature)
			require.ErrorIs(t, err, test.want)
		})
	}
	t.Run("9000, which no card is known to answer", func(t *testing.T) {
		a, _ := selected(t, stepSignaturePIN, step{command: statusQuery, response: "9000"})
		_, err := a.TriesLeft(jpki.Signature)
		require.Error(t, err)
	})
}

func TestVerify(t *testing.T) {
	verify := func(sw string) []step {
		return []step{stepSignaturePIN, {why: "the PIN, once", command: "0020008006 414243313233", response: sw}}
	}
	for name, test := range map[string]struct {
		steps []step
		want  error
	}{
		"right":              {verify("9000"), nil},
		"wrong":              {verify("63C4"), &jpki.WrongPIN{TriesLeft: 4}},
		"wrong, one left":    {verify("63C1"), &jpki.WrongPIN{TriesLeft: 1}},
		"wrong, uncounted":   {verify("6300"), &jpki.WrongPIN{TriesLeft: jpki.UncountedTries}},
		"wrong, none left":   {verify("63C0"), jpki.ErrBlocked},
		"blocked before":     {verify("6984"), jpki.ErrBlocked},
		"blocked otherwise":  {verify("6983"), jpki.ErrBlocked},
		"6Cxx, not repeated": {verify("6C00"), jpki.ErrTryMayBeSpent},
		"no diagnosis":       {verify("6F00"), jpki.ErrTryMayBeSpent},
		"no status word":     {verify("90"), jpki.ErrTryMayBeSpent},
		"no PIN file":        {[]step{{command: stepSignaturePIN.command, response: "6A82"}}, card.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := selected(t, test.steps...)
			err := a.Verify(jpki.Signature, []byte("ABC123"))
			if wrong, ok := test.want.(*jpki.WrongPIN); ok {
				require.Equal(t, wrong, err)
				return
			}
			require.ErrorIs(t, err, test.want)
		})
	}
}

func TestVerifyLost(t *testing.T) {
	t.Run("after the PIN was sent", func(t *testing.T) {
		a, _ := selected(t, stepSignaturePIN, step{command: "0020008006 414243313233", fail: card.ErrRemoved})
		err := a.Verify(jpki.Signature, []byte("ABC123"))
		require.ErrorIs(t, err, jpki.ErrTryMayBeSpent)
		require.ErrorIs(t, err, card.ErrRemoved)
		require.NotContains(t, err.Error(), "ABC123")
		require.NotContains(t, err.Error(), "414243313233")
	})
	t.Run("before", func(t *testing.T) {
		a, _ := selected(t, step{command: stepSignaturePIN.command, fail: card.ErrRemoved})
		err := a.Verify(jpki.Signature, []byte("ABC123"))
		require.NotErrorIs(t, err, jpki.ErrTryMayBeSpent)
		require.ErrorIs(t, err, card.ErrRemoved)
	})
}

func TestVerifyLengths(t *testing.T) {
	for name, pin := range map[string][]byte{"nil": nil, "empty": {}, "seventeen": []byte("ABCDEFGH123456789")} {
		t.Run(name, func(t *testing.T) {
			a, _ := selected(t) // no step: nothing may be sent
			require.ErrorIs(t, a.Verify(jpki.Signature, pin), jpki.ErrPINLength)
		})
	}
	t.Run("sixteen", func(t *testing.T) {
		a, _ := selected(t, stepSignaturePIN,
			step{command: "0020008010 41424344454647483132333435363738", response: "9000"})
		require.NoError(t, a.Verify(jpki.Signature, []byte("ABCDEFGH12345678")))
	})
}

func TestVerifyWipesItsCommand(t *testing.T) {
	for name, answer := range map[string]step{
		"right": {command: "0020008004 31323334", response: "9000"},
		"wrong": {command: "0020008004 31323334", response: "63C2"},
		"lost":  {command: "0020008004 31323334", fail: errors.New("lost")},
	} {
		t.Run(name, func(t *testing.T) {
			a, s := selected(t, stepAuthenticationPIN, answer)
			pin := []byte("1234")
			_ = a.Verify(jpki.Authentication, pin)
			require.Equal(t, make([]byte, 9), s.last, "the command that carried the PIN")
			require.Equal(t, "1234", string(pin), "the caller's own")
		})
	}
}
