package jpki_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/jpki"
)

func TestSelect(t *testing.T) {
	answer := func(response string) step {
		return step{why: "select", command: stepSelect.command, response: response}
	}
	for name, test := range map[string]struct {
		steps []step
		want  error
	}{
		"a JPKI card":                    {[]step{answer("9000")}, nil},
		"6F00 to the first command":      {[]step{answer("6F00"), answer("9000")}, nil},
		"6F00 for good":                  {[]step{answer("6F00"), answer("6F00")}, card.NoPreciseDiagnosis},
		"no such application":            {[]step{answer("6A82")}, jpki.ErrNotJPKI},
		"a card without SELECT":          {[]step{answer("6D00")}, jpki.ErrNotJPKI},
		"a card without SELECT by name":  {[]step{answer("6A86")}, jpki.ErrNotJPKI},
		"a failing card":                 {[]step{answer("6581")}, card.MemoryFailure},
		"a card that is taken away":      {[]step{{command: stepSelect.command, fail: card.ErrRemoved}}, card.ErrRemoved},
		"a card taken away after a 6F00": {[]step{answer("6F00"), {command: stepSelect.command, fail: card.ErrRemoved}}, card.ErrRemoved},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := jpki.Select(play(t, test.steps...))
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

func TestDropSelectsAgain(t *testing.T) {
	a, _ := selected(t, stepSelect)
	require.NoError(t, a.Drop())
}

func TestDropFails(t *testing.T) {
	a, _ := selected(t, step{command: stepSelect.command, fail: card.ErrRemoved})
	require.ErrorIs(t, a.Drop(), card.ErrRemoved)
}

func TestToken(t *testing.T) {
	label := func(text string) string {
		padded := make([]byte, 32)
		copy(padded, "                                ")
		copy(padded, text)
		return string(padded)
	}
	for name, test := range map[string]struct {
		info string
		want jpki.Token
	}{
		"card":             {label("JPKIAPICCTOKEN2"), jpki.Token{Label: "JPKIAPICCTOKEN2", Kind: jpki.Card}},
		"old card":         {label("JPKIAPICCTOKEN"), jpki.Token{Label: "JPKIAPICCTOKEN", Kind: jpki.JukiCard}},
		"Android":          {label("JPKIAPGPSETOKEN"), jpki.Token{Label: "JPKIAPGPSETOKEN", Kind: jpki.Android}},
		"iPhone":           {label("JPKIAPIOSTOKEN"), jpki.Token{Label: "JPKIAPIOSTOKEN", Kind: jpki.IPhone}},
		"padded with NULs": {"JPKIAPICCTOKEN2" + string(make([]byte, 17)), jpki.Token{Label: "JPKIAPICCTOKEN2", Kind: jpki.Card}},
		"not heard of":     {label("JPKIAP2028"), jpki.Token{Label: "JPKIAP2028", Kind: jpki.UnknownKind}},
		"short":            {"JPKI", jpki.Token{Label: "JPKI", Kind: jpki.UnknownKind}},
		"empty":            {"", jpki.Token{Kind: jpki.UnknownKind}},
		"not text":         {label("JPKI\x1b[2J\xff\x00x"), jpki.Token{Label: "JPKI?[2J??x", Kind: jpki.UnknownKind}},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := jpki.Select(&file{content: []byte(test.info)})
			require.NoError(t, err)
			got, err := a.Token()
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

func TestTokenRefused(t *testing.T) {
	a, _ := selected(t, step{why: "select the token information", command: "00A4020C02 0006", response: "6A82"})
	got, err := a.Token()
	require.NoError(t, err)
	require.Equal(t, jpki.Token{Kind: jpki.UnknownKind}, got)
}

func TestTokenLost(t *testing.T) {
	a, _ := selected(t, step{command: "00A4020C02 0006", fail: card.ErrRemoved})
	_, err := a.Token()
	require.ErrorIs(t, err, card.ErrRemoved)
}

// FuzzToken: whatever the card says about itself, the label can be printed, and the kind is one of
// those listed.
func FuzzToken(f *testing.F) {
	f.Add([]byte("JPKIAPICCTOKEN2                 00000000000000000000000000000001"))
	f.Add([]byte("JPKIAPGPSETOKEN\x00\x00"))
	f.Add([]byte("\x00 \x00"))
	f.Fuzz(func(t *testing.T, info []byte) {
		a, err := jpki.Select(&file{content: info})
		require.NoError(t, err)
		token, err := a.Token()
		require.NoError(t, err)
		require.LessOrEqual(t, len(token.Label), 32)
		require.Regexp(t, `^([!-~]([ -~]*[!-~])?)?$`, token.Label)
		require.Contains(t, []jpki.Kind{jpki.Card, jpki.JukiCard, jpki.Android, jpki.IPhone, jpki.UnknownKind}, token.Kind)
	})
}
