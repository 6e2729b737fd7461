package application_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/cardtest"
)

func TestSelect(t *testing.T) {
	answer := func(response string) cardtest.Step { return cardtest.Step{Command: selectCommand, Response: response} }
	lost := cardtest.Step{Command: selectCommand, Fail: card.ErrRemoved}
	for name, test := range map[string]struct {
		steps []cardtest.Step
		want  error
	}{
		"there":                           {[]cardtest.Step{answer("9000")}, nil},
		"6F00 to the first command":       {[]cardtest.Step{answer("6F00"), answer("9000")}, nil},
		"6F00 for good":                   {[]cardtest.Step{answer("6F00"), answer("6F00")}, card.NoPreciseDiagnosis},
		"no such application":             {[]cardtest.Step{answer("6A82")}, application.ErrNoApplication},
		"no such application, after 6F00": {[]cardtest.Step{answer("6F00"), answer("6A82")}, application.ErrNoApplication},
		"a card without SELECT":           {[]cardtest.Step{answer("6D00")}, application.ErrNoApplication},
		"a card of another class":         {[]cardtest.Step{answer("6E00")}, application.ErrNoApplication},
		"a card without SELECT by name":   {[]cardtest.Step{answer("6A86")}, application.ErrNoApplication},
		"a card without this SELECT":      {[]cardtest.Step{answer("6A81")}, application.ErrNoApplication},
		"a failing card":                  {[]cardtest.Step{answer("6581")}, card.MemoryFailure},
		"a SIM of the old class":          {[]cardtest.Step{answer("9F17")}, application.ErrNoApplication},
		"a SIM without this file":         {[]cardtest.Step{answer("9404")}, application.ErrNoApplication},
		"a Java Card":                     {[]cardtest.Step{answer("6999")}, application.ErrNoApplication},
		"a card without such lengths":     {[]cardtest.Step{answer("6700")}, application.ErrNoApplication},
		"taken away":                      {[]cardtest.Step{lost}, card.ErrRemoved},
		"taken away after a 6F00":         {[]cardtest.Step{answer("6F00"), lost}, card.ErrRemoved},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := application.Select(cardtest.Play(t, test.steps...), []byte{0xF0, 0x01, 0x02})
			if test.want == nil {
				require.NoError(t, err)
				require.NotNil(t, a)
				return
			}
			require.ErrorIs(t, err, test.want)
			require.Nil(t, a)
		})
	}
}

func TestDrop(t *testing.T) {
	a, _ := selected(t, cardtest.Step{Why: "select again", Command: selectCommand, Response: "9000"})
	require.NoError(t, a.PIN(filePIN, maxTries).Drop())
	a, _ = selected(t, cardtest.Step{Command: selectCommand, Fail: card.ErrRemoved})
	require.ErrorIs(t, a.PIN(filePIN, maxTries).Drop(), card.ErrRemoved)
}

func TestSend(t *testing.T) {
	own := card.Command{CLA: 0x80, INS: 0x2A, P2: 0x80, Data: []byte{1}, Le: card.MaxLe}
	for response, want := range map[string]error{"6982": application.ErrPINRequired, "6985": card.ConditionsNotSatisfied} {
		a, _ := selected(t, cardtest.Step{Command: "802A0080 01 01 00", Response: response})
		_, err := a.Send(own)
		require.ErrorIs(t, err, want)
	}
	a, _ := selected(t, cardtest.Step{Command: "802A0080 01 01 00", Response: "0203 9000"})
	data, err := a.Send(own)
	require.NoError(t, err)
	require.Equal(t, []byte{2, 3}, data)
}
