package command

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/protocol"
)

func TestDifferences(t *testing.T) {
	card := protocol.FourAttributes{Name: "見本　太郎", Address: "東京都千代田区見本一丁目２番３号", BirthDate: "1980-05-05", SexCode: "1"}
	certified := certificate.Attributes{
		Name: "見本　太郎", NameSubstitutes: "00000",
		Address: "東京都千代田区見本一丁目２番３号", AddressSubstitutes: "0000000000000000",
		BirthDate: "319800505", Sex: "1",
	}
	for name, c := range map[string]struct {
		change func(*protocol.FourAttributes, *certificate.Attributes)
		differ []string
	}{
		"the same": {func(*protocol.FourAttributes, *certificate.Attributes) {}, []string{}},
		"moved": {func(card *protocol.FourAttributes, _ *certificate.Attributes) {
			card.Address = "福岡県北九州市門司区見本町１番１号"
		}, []string{"address"}},
		"married": {func(card *protocol.FourAttributes, _ *certificate.Attributes) {
			card.Name = "高見本　太郎"
		}, []string{"name"}},
		"half-width digits": {func(card *protocol.FourAttributes, _ *certificate.Attributes) {
			card.Address = "東京都千代田区見本一丁目2番3号"
		}, []string{}},
		"spaces": {func(card *protocol.FourAttributes, c *certificate.Attributes) {
			card.Name, c.Address = " 見本 太郎", "東京都　千代田区　見本一丁目２番３号"
		}, []string{}},
		"a substitute": {func(card *protocol.FourAttributes, c *certificate.Attributes) {
			card.Name, c.NameSubstitutes = "見夲　太郎", "01000"
		}, []string{}},
		"a substitute behind a space": {func(card *protocol.FourAttributes, c *certificate.Attributes) {
			card.Name, c.NameSubstitutes = "見本太𠮷", "00001"
		}, []string{}},
		"another character beside a substitute": {func(card *protocol.FourAttributes, c *certificate.Attributes) {
			card.Name, c.NameSubstitutes = "見夲　次郎", "01000"
		}, []string{"name"}},
		"a character more beside a substitute": {func(card *protocol.FourAttributes, c *certificate.Attributes) {
			card.Name, c.NameSubstitutes = "見夲　太郎丸", "01000"
		}, []string{"name"}},
		"a replacement character is no substitute": {func(_ *protocol.FourAttributes, c *certificate.Attributes) {
			c.Name = "見\uFFFD　太郎"
		}, []string{"name"}},
		"more flags than characters": {func(_ *protocol.FourAttributes, c *certificate.Attributes) {
			c.NameSubstitutes = "0000011111"
		}, []string{}},
		"no flags": {func(_ *protocol.FourAttributes, c *certificate.Attributes) {
			c.NameSubstitutes, c.AddressSubstitutes = "", ""
		}, []string{}},
		"another birth date": {func(card *protocol.FourAttributes, _ *certificate.Attributes) {
			card.BirthDate = "1980-05-00"
		}, []string{"birthDate"}},
		"a birth date that is none": {func(_ *protocol.FourAttributes, c *certificate.Attributes) {
			c.BirthDate = "1980"
		}, []string{"birthDate"}},
		"everything": {func(card *protocol.FourAttributes, _ *certificate.Attributes) {
			*card = protocol.FourAttributes{SexCode: "2"}
		}, []string{"name", "address", "birthDate", "sex"}},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := card, certified
			c.change(&a, &b)
			require.Equal(t, c.differ, differences(a, b))
		})
	}
}

// widen turns ASCII into its full-width forms.
func widen(s string) string {
	return strings.Map(func(r rune) rune {
		if '!' <= r && r <= '~' {
			return r - '!' + '\uff01'
		}
		return r
	}, s)
}

// Whatever the text: it equals itself, in any width, with spaces anywhere, and whatever stands where a
// substitute is flagged. Another character where none is flagged is a difference.
func FuzzSameText(f *testing.F) {
	f.Add("見本　太郎", "00000", uint8(0))
	f.Add("高見本　花子", "100000", uint8(0))
	f.Add("MIHON JOHN", "0000010000", uint8(5))
	f.Add("\uFFFD", "1", uint8(0))
	f.Fuzz(func(t *testing.T, text, flags string, at uint8) {
		text = strings.ToValidUTF8(text, "")
		substitutes := certificate.SubstitutePositions(flags)
		require.True(t, sameText(text, text, substitutes), "itself")
		require.True(t, sameText(widen(text), text, substitutes), "in another width")
		require.True(t, sameText(text, widen(text), substitutes), "in another width")
		require.True(t, sameText("　"+strings.Join(strings.Split(text, ""), " "), text, substitutes), "with spaces")

		characters := []rune(text)
		if int(at) >= len(characters) || len(bare(characters[at:at+1])) == 0 {
			return
		}
		flagged := int(at) < len(flags) && flags[at] != '0'
		other := append([]rune{}, characters...)
		other[at] = '辻'
		same := flagged || characters[at] == '辻'
		require.Equal(t, same, sameText(string(other), text, substitutes), "another character at %d", at)
		require.False(t, sameText(text+"辻", text, substitutes), "a character more")
	})
}

// Four attributes that were written from one person never differ.
func FuzzDifferences(f *testing.F) {
	f.Add("見本　太郎", "東京都千代田区見本一丁目２番３号", "319800505", "1", "00000", "")
	f.Add("", "", "", "", "", "")
	f.Fuzz(func(t *testing.T, name, address, birth, sex, nameFlags, addressFlags string) {
		certified := certificate.Attributes{
			Name: strings.ToValidUTF8(name, ""), NameSubstitutes: certificate.SubstitutePositions(nameFlags),
			Address: strings.ToValidUTF8(address, ""), AddressSubstitutes: certificate.SubstitutePositions(addressFlags),
			BirthDate: certificate.BirthDate(birth), Sex: certificate.Sex(sex),
		}
		card := *FourAttributes(certified)
		require.Empty(t, differences(card, certified))
		card.SexCode += "?"
		require.Equal(t, []string{"sex"}, differences(card, certified))
	})
}
