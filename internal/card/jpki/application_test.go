package jpki_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/cardtest"
	"github.com/natsuin/natsuin/internal/card/jpki"
)

// What else a card can answer to a SELECT is tested in package application.
func TestSelect(t *testing.T) {
	for _, word := range []string{"6A82", "6D00", "6985", "6A83", "6982", "6A80", "6A88", "6283", "6581", "9F17", "4E61"} {
		a, err := jpki.Select(cardtest.Play(t, cardtest.Step{Command: stepSelect.Command, Response: word}))
		require.ErrorIs(t, err, jpki.ErrNotJPKI)
		require.Nil(t, a)
	}
	again := cardtest.Step{Command: stepSelect.Command, Response: "6F00"}
	_, err := jpki.Select(cardtest.Play(t, again, again))
	require.ErrorIs(t, err, jpki.ErrNotJPKI)
	_, err = jpki.Select(cardtest.Play(t, cardtest.Step{Command: stepSelect.Command, Fail: card.ErrRemoved}))
	require.ErrorIs(t, err, card.ErrRemoved)
	require.NotErrorIs(t, err, jpki.ErrNotJPKI)
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
	a, _ := selected(t, cardtest.Step{Why: "select the token information", Command: "00A4020C02 0006", Response: "6A82"})
	got, err := a.Token()
	require.NoError(t, err)
	require.Equal(t, jpki.Token{Kind: jpki.UnknownKind}, got)
}

func TestTokenLost(t *testing.T) {
	a, _ := selected(t, cardtest.Step{Command: "00A4020C02 0006", Fail: card.ErrRemoved})
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
