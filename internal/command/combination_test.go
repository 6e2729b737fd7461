package command_test

import (
	"bytes"
	"context"
	"crypto"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/digestinfo"
	"github.com/natsuin/natsuin/internal/protocol"
)

// coded returns r with an identifier, that of the test value of efiling-pages.md §1.7.
func coded(r command.PortalRequest) command.PortalRequest {
	r.Identifier = &[16]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	return r
}

const testCode = "25fefd1edd16ed47fe1f05a91ae0f7b0d1bde1196c539466e68c3b9acdb2950a"

// READ RECORD in the application that has the card's number, and the SELECT before it.
var (
	selectsCommon = []byte{0x00, 0xA4, 0x04, 0x0C, 0x0A, 0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x01, 0x00}
	readsNumber   = []byte{0x00, 0xB2, 0x01, 0x0C, 0x00}
)

// counted counts the commands that reach for the card's number.
func (d *desk) counted() *int {
	n := 0
	d.instead = func(command []byte) []byte {
		if bytes.Equal(command, selectsCommon) || bytes.Equal(command, readsNumber) {
			n++
		}
		return nil
	}
	return &n
}

// The card's number is read where a code is asked for, once, before the PIN is sent, and never else. A wrong PIN
// gives no code.
func TestCombinationCode(t *testing.T) {
	sign := func(d *desk, r command.PortalRequest) (string, error) {
		r.Prepared = []digestinfo.Value{chosen(t, crypto.SHA256, false, "a"), chosen(t, crypto.SHA256, false, "b")}
		result, err := command.PortalSign(context.Background(), d.environment(), r)
		if err != nil {
			return "", err
		}
		requireSignature(t, result.Certificate, result.Signatures[1], crypto.SHA256, "b")
		return result.CombinationCode, nil
	}
	attributes := func(d *desk, r command.PortalRequest) (string, error) {
		result, err := command.PortalAttributes(context.Background(), d.environment(), r)
		if err != nil {
			return "", err
		}
		require.Equal(t, simcard.Taro.Name, result.Name)
		return result.CombinationCode, nil
	}
	for name, c := range map[string]struct {
		carryOut   func(*desk, command.PortalRequest) (string, error)
		pin, wrong string
	}{
		"signatures": {sign, signPIN, "WRONG1"},
		"attributes": {attributes, surfacePIN, "9999"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, "", simcard.Options{}, &human{pins: []string{c.pin}})
			read := d.counted()
			code, err := c.carryOut(d, portalRequest())
			require.NoError(t, err)
			require.Empty(t, code)
			require.Zero(t, *read)

			for _, faults := range []string{"", "61xx", "6cxx", "verify-each", "short-reads"} {
				d := newDesk(t, faults, simcard.Options{}, &human{pins: []string{c.pin}})
				read := d.counted()
				code, err := c.carryOut(d, coded(portalRequest()))
				require.NoError(t, err)
				require.Equal(t, testCode, code)
				require.GreaterOrEqual(t, *read, 2)
				require.LessOrEqual(t, *read, 3, "READ RECORD again with the length that the card wants")
				d.requireLocked(t)
			}

			d = newDesk(t, "", simcard.Options{}, &human{pins: []string{c.wrong, c.pin}})
			code, err = c.carryOut(d, coded(portalRequest()))
			requireCode(t, protocol.PINWrong, err)
			require.Empty(t, code)
		})
	}
	t.Run("the same card has one code for a site, and others for others", func(t *testing.T) {
		d := newDesk(t, "", simcard.Options{}, &human{pins: []string{surfacePIN}})
		r := coded(portalRequest())
		r.Identifier[0]++
		other, err := attributes(d, r)
		require.NoError(t, err)
		require.Len(t, other, len(testCode))
		require.NotEqual(t, testCode, other)
	})
}

// The code is made before the application is selected that the PIN opens, which is then selected once.
func TestCombinationCodeSelectsNothingTwice(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{surfacePIN}})
	var selected []string // by its AID, since the PIN was typed
	d.instead = func(command []byte) []byte {
		if bytes.HasPrefix(command, []byte{0x00, 0xA4, 0x04}) && len(d.human.asked) > 0 {
			selected = append(selected, hex.EncodeToString(command[5:]))
		}
		return nil
	}
	_, err := command.PortalAttributes(context.Background(), d.environment(), coded(portalRequest()))
	require.NoError(t, err)
	const jpki, surface = "d392f000260100000001", "d3921000310001010408" // jpki-card.md §3.1, §4.1
	require.Equal(t, []string{hex.EncodeToString(selectsCommon[5:]), jpki, surface, surface}, selected, "the last one drops the PIN")
}

// A human who says no to the PIN has given nothing of the number away, and one who says no to consent nothing at all.
func TestCombinationCodeWaitsForThePIN(t *testing.T) {
	for name, h := range map[string]*human{"no consent": {refuse: true}, "no PIN": {pins: nil}} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, "", simcard.Options{}, h)
			read := d.counted()
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			if !h.refuse {
				h.meanwhile = func() {
					if len(h.asked) > 0 {
						cancel()
					}
				}
			}
			_, err := command.PortalAttributes(ctx, d.environment(), coded(portalRequest()))
			requireCode(t, protocol.Cancelled, err)
			require.Zero(t, *read)
			require.Zero(t, d.verified())
		})
	}
}

// A token without the number says so before the PIN goes to the card. Phones are such.
func TestCombinationCodeOfAPhone(t *testing.T) {
	d := newDesk(t, "phone", simcard.Options{}, &human{pins: []string{signPIN}})
	_, err := command.PortalSign(context.Background(), d.environment(), coded(portalRequest(chosen(t, crypto.SHA256, false, "a"))))
	requireCode(t, protocol.ApplicationAbsent, err)
	require.Zero(t, d.verified())
	d.requireTries(t, simcard.PINSign, 5)
}

// A number that is none is the card's fault, and nothing of it is told.
func TestCombinationCodeOfAFaultyCard(t *testing.T) {
	for name, answer := range map[string][]byte{
		"letters":   append([]byte("\x01\x0f00123456789012A"), 0x90, 0x00),
		"nothing":   {0x90, 0x00},
		"no record": {0x6A, 0x83},
		"a PIN":     {0x69, 0x82},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, "", simcard.Options{}, &human{pins: []string{surfacePIN}})
			d.instead = func(command []byte) []byte {
				if bytes.Equal(command, readsNumber) {
					return answer
				}
				return nil
			}
			_, err := command.PortalAttributes(context.Background(), d.environment(), coded(portalRequest()))
			failure := requireCode(t, protocol.CardFault, err)
			require.NotContains(t, failure.Error(), "1234")
			require.Zero(t, d.verified())
			d.requireTries(t, simcard.PINAttributes, 3)
		})
	}
}

// No other command reads the card's number.
func TestNumberIsReadForNothingElse(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{rightPIN, signPIN, surfacePIN, signPIN, signPIN, rightPIN}})
	read := d.counted()
	_, err := authenticate(d)
	require.NoError(t, err)
	_, err = sign(d, document("a", "a"))
	require.NoError(t, err)
	_, err = command.Attributes(context.Background(), d.environment(), "ja", true)
	require.NoError(t, err)
	_, err = command.ReadCertificate(context.Background(), d.environment(), "ja", protocol.SignaturePIN)
	require.NoError(t, err)
	_, err = command.Status(context.Background(), d.environment())
	require.NoError(t, err)
	_, err = command.PortalLogin(context.Background(), d.environment(), coded(portalRequest(chosen(t, crypto.SHA256, false, "a"))))
	require.NoError(t, err, "a login has no code, whatever it is given")
	require.Zero(t, *read)
}
