package prompt

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNormalize(t *testing.T) {
	for _, test := range []struct {
		policy Policy
		typed  string
		want   string // when malformed is 0
		bad    Reason
	}{
		{AuthenticationPIN, "1234", "1234", 0},
		{AuthenticationPIN, "0000", "0000", 0},
		{AuthenticationPIN, "", "", TooShort},
		{AuthenticationPIN, "123", "", TooShort},
		{AuthenticationPIN, "12345", "", TooLong},
		{AuthenticationPIN, "12a4", "", BadCharacter},
		{AuthenticationPIN, "12 4", "", BadCharacter},
		{AuthenticationPIN, "1234\n", "", BadCharacter},
		{AuthenticationPIN, "12\x004", "", BadCharacter},
		{AuthenticationPIN, "１２３４", "", FullWidth},
		{AuthenticationPIN, "123４", "", FullWidth},
		{AuthenticationPIN, "1234　", "", FullWidth},
		{AuthenticationPIN, "12\xff4", "", BadCharacter},
		{AuthenticationPIN, "一二三四", "", BadCharacter},
		{AuthenticationPIN, "٠١٢٣", "", BadCharacter},
		{SignaturePIN, "ABC123", "ABC123", 0},
		{SignaturePIN, "abcXYZ019", "ABCXYZ019", 0},
		{SignaturePIN, "zzzzzz", "ZZZZZZ", 0},
		{SignaturePIN, "0123456789ABCDEF", "0123456789ABCDEF", 0},
		{SignaturePIN, "0123456789ABCDEFG", "", TooLong},
		{SignaturePIN, "ABC12", "", TooShort},
		{SignaturePIN, "ABC12!", "", BadCharacter},
		{SignaturePIN, "ABC_12", "", BadCharacter},
		{SignaturePIN, "ＡＢＣ123", "", FullWidth},
		{SignaturePIN, "straße1", "", BadCharacter},
		{SignaturePIN, "\u017fabc123", "", BadCharacter}, // which Unicode folds to S
		{SignaturePIN, "\u212aabc123", "", BadCharacter}, // which Unicode folds to k
		{SignaturePIN, "ｱｲｳ123", "", BadCharacter},
		{SignaturePIN, "", "", TooShort},
		{CardSurfacePIN, "0123", "0123", 0},
		{CardSurfacePIN, "012", "", TooShort},
		{CardSurfacePIN, "01234", "", TooLong},
		{CardSurfacePIN, "ABCD", "", BadCharacter},
		{AuthenticationPIN.ForNew(), "1234", "1234", 0},
		{CardSurfacePIN.ForNew(), "0000", "0000", 0},
		{SignaturePIN.ForNew(), "abcde1", "ABCDE1", 0},
		{SignaturePIN.ForNew(), "12345z", "12345Z", 0},
		{SignaturePIN.ForNew(), "123456", "", NoLetter},
		{SignaturePIN.ForNew(), "abcdef", "", NoDigit},
		{SignaturePIN.ForNew(), "12345", "", TooShort},
		{SignaturePIN.ForNew(), "ABCDEFGHIJKLMNOPQ", "", TooLong},
		{SignaturePIN.ForNew(), "ABCDE\u0661", "", BadCharacter},
		{SignaturePIN.ForNew(), "", "", TooShort},
		{Policy{}, "", "", TooShort},
		{Policy{}, "1", "", TooLong},
	} {
		t.Run(fmt.Sprintf("%s %t %s", test.policy.Kind, test.policy.Mixed, test.typed), func(t *testing.T) {
			pin := NewPIN([]byte(test.typed))
			defer pin.Wipe()
			err := test.policy.Normalize(pin)
			if test.bad == 0 {
				require.NoError(t, err)
				require.Equal(t, test.want, string(pin.Bytes()))
				return
			}
			require.Equal(t, &MalformedError{test.policy.Kind, test.bad}, err)
			require.Equal(t, test.typed, string(pin.Bytes()), "unchanged")
			require.NotEmpty(t, test.bad.String())
			if test.typed != "" {
				require.NotContains(t, err.Error(), test.typed+" ")
			}
		})
	}
}

// What passes is of the allowed form, is what was typed but for the case of ASCII letters, and passes again.
func FuzzNormalize(f *testing.F) {
	for _, seed := range []string{"1234", "abc123", "ABCDEF", "１２３４", "\xff", "ABC123ABC123ABC123"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, typed []byte) {
		for _, policy := range []Policy{AuthenticationPIN, SignaturePIN, SignaturePIN.ForNew(), CardSurfacePIN} {
			before := string(typed)
			pin := NewPIN(append([]byte{}, typed...))
			if policy.Normalize(pin) == nil {
				after := string(pin.Bytes())
				require.True(t, strings.EqualFold(before, after))
				require.Len(t, after, len(before))
				require.LessOrEqual(t, policy.Min, len(after))
				require.LessOrEqual(t, len(after), policy.Max)
				alphabet := "0123456789"
				if policy.Letters {
					alphabet += "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				}
				require.Empty(t, strings.Trim(after, alphabet))
				if policy.Mixed {
					require.True(t, strings.ContainsAny(after, alphabet[:10]) && strings.ContainsAny(after, alphabet[10:]))
				}
				require.NoError(t, policy.Normalize(pin))
				require.Equal(t, after, string(pin.Bytes()))
			}
			pin.Wipe()
		}
	})
}
