package command_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
)

const surfacePIN = "4321"

func attributes(d *desk, compare bool) (*protocol.AttributesResult, error) {
	return command.Attributes(context.Background(), d.environment(), "ja", compare)
}

func TestAttributesOfEveryPerson(t *testing.T) {
	for _, c := range []struct {
		person     simcard.Person
		attributes protocol.FourAttributes
		substitute []string // in the signature certificate
	}{
		{simcard.Taro, protocol.FourAttributes{Name: "見本　太郎", Address: "東京都千代田区見本一丁目２番３号",
			BirthDate: "1980-05-05", Sex: "male", SexCode: "1"}, nil},
		{simcard.Hanako, protocol.FourAttributes{Name: "高見本　花子", Address: "大阪府大阪市北区辻見本町４番５－６０１号",
			BirthDate: "1992-02-29", Sex: "female", SexCode: "2"}, []string{"name", "address"}},
		{simcard.John, protocol.FourAttributes{Name: "ＭＩＨＯＮ　ＪＯＨＮ　ＡＬＥＸＡＮＤＥＲ", Address: "神奈川県横浜市中区見本通７番地",
			BirthDate: "1975-12-24", Sex: "male", SexCode: "1"}, nil},
	} {
		t.Run(c.person.ID, func(t *testing.T) {
			d := newDesk(t, "", simcard.Options{Person: c.person}, &human{pins: []string{surfacePIN, surfacePIN, signPIN}})
			result, err := attributes(d, false)
			require.NoError(t, err)
			require.Equal(t, &protocol.AttributesResult{Attributes: c.attributes}, result)
			require.Equal(t, 1, d.verified())
			require.Empty(t, d.card.Verified())

			result, err = attributes(d, true)
			require.NoError(t, err)
			require.Equal(t, c.attributes, result.Attributes)
			certified := c.attributes
			certified.Substitutes = c.substitute
			require.Equal(t, &certified, result.Certificate)
			require.Equal(t, &[]string{}, result.Differences)
		})
	}
}

func TestCompareOpensEachApplicationOnce(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{surfacePIN, "abc123"}})
	d.human.meanwhile = func() { require.Empty(t, d.card.Verified(), "nothing is open while the human types") }
	_, err := attributes(d, true)
	require.NoError(t, err)
	require.Equal(t, simcard.Tally{Verifies: 1}, d.card.Tally(simcard.PINAttributes))
	require.Equal(t, simcard.Tally{Verifies: 1}, d.card.Tally(simcard.PINSign))
	require.Equal(t, 2, d.verified())
	require.Empty(t, d.card.Verified())
	require.Equal(t, 1, d.powerOff)

	require.Len(t, d.human.asked, 2)
	first, second := d.human.asked[0], d.human.asked[1]
	require.Equal(t, []any{prompt.CardSurface, prompt.ReadAttributes, 3}, []any{first.PIN, first.Operation, first.MaxTries})
	require.Equal(t, []any{prompt.Signature, prompt.ReadCertificate, 5}, []any{second.PIN, second.Operation, second.MaxTries})
}

// A wrong second PIN costs a try of its own counter alone.
func TestCompareCountsEachPINApart(t *testing.T) {
	d := newDesk(t, "attributes-tries=2", simcard.Options{}, &human{pins: []string{"9999", surfacePIN, "WRONG1", signPIN}})
	_, err := attributes(d, true)
	require.NoError(t, err)
	var left []int
	for _, r := range d.human.asked {
		left = append(left, r.TriesLeft)
	}
	require.Equal(t, []int{2, 1, 5, 4}, left)
	require.Equal(t, 1, d.human.lastTry)
	d.requireTries(t, simcard.PINAttributes, 3)
	d.requireTries(t, simcard.PINSign, 5)
	d.requireTries(t, simcard.PINAuth, 3)
}

// movedIn makes the 券面事項入力補助AP another person's: the municipality writes a new address there, while the
// signature certificate with the old one stays on the card, revoked.
func movedIn(t *testing.T, d *desk, p simcard.Person) {
	t.Helper()
	other, err := simcard.New(simcard.Options{Person: p})
	require.NoError(t, err)
	other.PowerOn()
	aid := []byte{0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08}
	selected := false
	d.instead = func(command []byte) []byte {
		if c, err := card.ParseCommand(command); err == nil && c.INS == 0xA4 && c.P1 == 0x04 {
			selected = bytes.Equal(c.Data, aid)
		}
		if !selected {
			return nil
		}
		return other.Transmit(command)
	}
}

func TestCompareNamesWhatAMoveChanged(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{surfacePIN, signPIN}})
	moved := simcard.Taro
	moved.Address = "福岡県北九州市門司区見本町１番１号"
	movedIn(t, d, moved)
	result, err := attributes(d, true)
	require.NoError(t, err)
	require.Equal(t, moved.Address, result.Attributes.Address)
	require.Equal(t, simcard.Taro.Address, result.Certificate.Address)
	require.Equal(t, &[]string{"address"}, result.Differences)
}

func TestCompareIgnoresSubstitutesAndWidths(t *testing.T) {
	d := newDesk(t, "", simcard.Options{Person: simcard.Hanako}, &human{pins: []string{surfacePIN, signPIN}})
	registered := simcard.Hanako
	registered.Name = "髙見本 花子" // the certificate has 高 and 辻 in the place of these two
	registered.Address = "大阪府大阪市北区逹見本町4番5-601号"
	movedIn(t, d, registered)
	result, err := attributes(d, true)
	require.NoError(t, err)
	require.Equal(t, registered.Name, result.Attributes.Name)
	require.Equal(t, &[]string{}, result.Differences)
}

func TestAttributesThatAreUnusual(t *testing.T) {
	for fault, change := range map[string]func(*protocol.FourAttributes){
		"unknown-sex": func(a *protocol.FourAttributes) { a.Sex, a.SexCode = "other", "3" },
		"zero-date":   func(a *protocol.FourAttributes) { a.BirthDate = "0000-00-00" },
		"zero-day":    func(a *protocol.FourAttributes) { a.BirthDate = "1980-05-00" },
	} {
		d := newDesk(t, "attributes="+fault, simcard.Options{}, &human{pins: []string{surfacePIN}})
		result, err := attributes(d, false)
		require.NoError(t, err, fault)
		want := protocol.FourAttributes{Name: "見本　太郎", Address: "東京都千代田区見本一丁目２番３号", BirthDate: "1980-05-05", Sex: "male", SexCode: "1"}
		change(&want)
		require.Equal(t, want, result.Attributes, fault)
	}
}

func TestPhoneHasNoAttributes(t *testing.T) {
	d := newDesk(t, "phone", simcard.Options{}, &human{pins: []string{surfacePIN}})
	_, err := attributes(d, true)
	requireCode(t, protocol.ApplicationAbsent, err)
	require.Empty(t, d.human.asked)
	require.Zero(t, d.verified())
}

func TestCompareWithoutASignatureCertificate(t *testing.T) {
	d := newDesk(t, "no-sign-cert", simcard.Options{}, &human{pins: []string{surfacePIN, signPIN}})
	_, err := attributes(d, true)
	requireCode(t, protocol.CertificateAbsent, err)
	require.Empty(t, d.card.Verified())

	d = newDesk(t, "sign-tries=0", simcard.Options{}, &human{pins: []string{surfacePIN}})
	_, err = attributes(d, true)
	requireCode(t, protocol.PINBlocked, err)
	require.Len(t, d.human.asked, 1, "nobody is asked for a blocked PIN")
}

func TestCardTakenAwayBetweenTheTwoPINs(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{surfacePIN}}) // then waits until the prompt goes
	d.human.meanwhile = func() {
		if len(d.human.asked) == 2 {
			d.card.Remove()
		}
	}
	_, err := attributes(d, true)
	requireCode(t, protocol.CardLost, err)
	require.Equal(t, 1, d.verified())
}

func TestReadCertificateTellsWhatStandsInIt(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{signPIN}})
	details, err := command.ReadCertificate(context.Background(), d.environment(), "ja", protocol.AuthenticationPIN)
	require.NoError(t, err)
	require.Empty(t, d.human.asked, "most cards show it to anybody")
	require.Nil(t, details.Attributes)
	requireDetails(t, d.card.Certificates().Auth, protocol.AuthenticationPIN, details)

	details, err = command.ReadCertificate(context.Background(), d.environment(), "ja", protocol.SignaturePIN)
	require.NoError(t, err)
	require.Len(t, d.human.asked, 1)
	require.Equal(t, &protocol.FourAttributes{Name: "見本　太郎", Address: "東京都千代田区見本一丁目２番３号",
		BirthDate: "1980-05-05", Sex: "male", SexCode: "1"}, details.Attributes)
	requireDetails(t, d.card.Certificates().Sign, protocol.SignaturePIN, details)
	require.Empty(t, d.card.Verified())
}

func requireDetails(t *testing.T, der []byte, slot protocol.PINName, details *protocol.CertificateDetails) {
	t.Helper()
	c, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	require.Equal(t, slot, details.Slot)
	require.Equal(t, "foreign", details.Issuer)
	require.Equal(t, c.SerialNumber.Text(16), details.Serial)
	require.Equal(t, c.NotBefore, details.NotBefore)
	require.Equal(t, c.NotAfter, details.NotAfter)
	require.Equal(t, "valid", details.Standing.State)
	require.Positive(t, details.Standing.DaysLeft)
}

// Who wants to know why a certificate is refused reads an expired one.
func TestReadCertificateOutsideItsValidity(t *testing.T) {
	for validity, state := range map[simcard.Validity]string{simcard.Expired: "expired", simcard.NotYetValid: "not-yet-valid"} {
		d := newDesk(t, "", simcard.Options{Validity: validity}, &human{pins: []string{signPIN}})
		for _, slot := range []protocol.PINName{protocol.AuthenticationPIN, protocol.SignaturePIN} {
			details, err := command.ReadCertificate(context.Background(), d.environment(), "ja", slot)
			require.NoError(t, err)
			require.Equal(t, state, details.Standing.State)
		}
	}
}

func TestReadCertificateOfAPhone(t *testing.T) {
	d := newDesk(t, "iphone", simcard.Options{}, &human{pins: []string{rightPIN}})
	details, err := command.ReadCertificate(context.Background(), d.environment(), "ja", protocol.AuthenticationPIN)
	require.NoError(t, err)
	requireDetails(t, d.card.Certificates().Auth, protocol.AuthenticationPIN, details)
	require.Equal(t, command.CardInfo{Token: "iphone", Issuer: "unknown"}, d.human.info)
	require.Equal(t, 1, d.verified(), "a smartphone shows it after the PIN")
	require.Empty(t, d.card.Verified())
}

func TestReadCertificateThatCannotBeRead(t *testing.T) {
	for faults, code := range map[string]protocol.Code{
		"no-sign-cert": protocol.CertificateAbsent, "blank-sign-cert": protocol.CertificateAbsent, "garbage-cert": protocol.CardFault,
		"overlong": protocol.CardFault, "truncated": protocol.CardFault, "not-der": protocol.CertificateAbsent, // jpki-card.md §2
	} {
		d := newDesk(t, faults, simcard.Options{}, &human{pins: []string{signPIN}})
		_, err := command.ReadCertificate(context.Background(), d.environment(), "ja", protocol.SignaturePIN)
		requireCode(t, code, err)
		require.Empty(t, d.card.Verified())
	}
}
