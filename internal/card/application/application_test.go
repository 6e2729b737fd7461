package application_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/application"
)

func TestSelect(t *testing.T) {
	answer := func(response string) step { return step{command: selectCommand, response: response} }
	lost := step{command: selectCommand, fail: card.ErrRemoved}
	for name, test := range map[string]struct {
		steps []step
		want  error
	}{
		"there":                           {[]step{answer("9000")}, nil},
		"6F00 to the first command":       {[]step{answer("6F00"), answer("9000")}, nil},
		"6F00 for good":                   {[]step{answer("6F00"), answer("6F00")}, card.NoPreciseDiagnosis},
		"no such application":             {[]step{answer("6A82")}, application.ErrAbsent},
		"no such application, after 6F00": {[]step{answer("6F00"), answer("6A82")}, application.ErrAbsent},
		"a card without SELECT":           {[]step{answer("6D00")}, application.ErrAbsent},
		"a card of another class":         {[]step{answer("6E00")}, application.ErrAbsent},
		"a card without SELECT by name":   {[]step{answer("6A86")}, application.ErrAbsent},
		"a card without this SELECT":      {[]step{answer("6A81")}, application.ErrAbsent},
		"a failing card":                  {[]step{answer("6581")}, card.MemoryFailure},
		"a SIM of the old class":          {[]step{answer("9F17")}, application.ErrAbsent},
		"a SIM without this file":         {[]step{answer("9404")}, application.ErrAbsent},
		"a Java Card":                     {[]step{answer("6999")}, application.ErrAbsent},
		"a card without such lengths":     {[]step{answer("6700")}, application.ErrAbsent},
		"taken away":                      {[]step{lost}, card.ErrRemoved},
		"taken away after a 6F00":         {[]step{answer("6F00"), lost}, card.ErrRemoved},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := application.Select(play(t, test.steps...), []byte{0xF0, 0x01, 0x02})
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
	a, _ := selected(t, step{why: "select again", command: selectCommand, response: "9000"})
	require.NoError(t, a.Drop())
	a, _ = selected(t, step{command: selectCommand, fail: card.ErrRemoved})
	require.ErrorIs(t, a.Drop(), card.ErrRemoved)
}

func TestSend(t *testing.T) {
	own := card.Command{CLA: 0x80, INS: 0x2A, P2: 0x80, Data: []byte{1}, Le: card.MaxLe}
	for response, want := range map[string]error{"6982": application.ErrPINRequired, "6985": card.ConditionsNotSatisfied} {
		a, _ := selected(t, step{command: "802A0080 01 01 00", response: response})
		_, err := a.Send(own)
		require.ErrorIs(t, err, want)
	}
	a, _ := selected(t, step{command: "802A0080 01 01 00", response: "0203 9000"})
	data, err := a.Send(own)
	require.NoError(t, err)
	require.Equal(t, []byte{2, 3}, data)
}
