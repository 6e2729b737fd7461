package jpki_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/card/simcard"
)

var pins = map[jpki.Slot][]byte{jpki.Authentication: []byte("1234"), jpki.Signature: []byte("ABC123")}

// simulated makes a card with faults, in words, and opens a transaction with it.
func simulated(t *testing.T, faults string) (*simcard.Card, card.Connection) {
	t.Helper()
	parsed, err := simcard.ParseFaults(faults)
	require.NoError(t, err)
	c, err := simcard.New(simcard.Options{Faults: parsed})
	require.NoError(t, err)
	readers := simcard.NewReaders(c)
	t.Cleanup(func() { require.NoError(t, readers.Close()) })
	connection, err := readers.Connect(t.Context(), simcard.ReaderName)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, connection.Close()) })
	require.NoError(t, connection.Begin(t.Context()))
	return c, connection
}

// publicKey is the key of a slot's certificate.
func publicKey(t *testing.T, c *simcard.Card, s jpki.Slot) *rsa.PublicKey {
	t.Helper()
	der := c.Certificates().Auth
	if s == jpki.Signature {
		der = c.Certificates().Sign
	}
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return certificate.PublicKey.(*rsa.PublicKey)
}

// TestSimulatedCard does all that can be done with a card, on a sound one and on ones that answer in
// every roundabout way that a sound card may.
func TestSimulatedCard(t *testing.T) {
	for _, faults := range []string{"none", "padding", "short-reads", "61xx", "6cxx", "61xx,short-reads,padding", "6f00", "keep-on-reset"} {
		t.Run(faults, func(t *testing.T) {
			c, connection := simulated(t, faults)
			a, err := jpki.Select(connection)
			require.NoError(t, err)

			token, err := a.Token()
			require.NoError(t, err)
			require.Equal(t, jpki.Token{Label: "JPKIAPICCTOKEN2", Kind: jpki.Card}, token)

			certificates := c.Certificates()
			cas := map[jpki.Slot][]byte{
				jpki.Authentication: certificates.AuthCA[certificates.Issuing],
				jpki.Signature:      certificates.SignCA[certificates.Issuing],
			}
			own := map[jpki.Slot][]byte{jpki.Authentication: certificates.Auth, jpki.Signature: certificates.Sign}

			for _, slot := range []jpki.Slot{jpki.Authentication, jpki.Signature} {
				left, err := a.PIN(slot).TriesLeft()
				require.NoError(t, err)
				require.Equal(t, slot.MaxTries, left)
				ca, err := a.CACertificate(slot)
				require.NoError(t, err)
				require.Equal(t, cas[slot], ca)

				require.NoError(t, a.PIN(slot).Verify(pins[slot]))
				der, err := a.Certificate(slot)
				require.NoError(t, err)
				require.Equal(t, own[slot], der)

				signer := a.Signer(slot, publicKey(t, c, slot))
				for _, document := range []string{"一", "二", "三"} {
					digest := sha256.Sum256([]byte(document))
					signature, err := signer.Sign(nil, digest[:], crypto.SHA256)
					require.NoError(t, err)
					requireOpenSSL(t, publicKey(t, c, slot), signature, []byte(document))
				}
				require.NoError(t, a.PIN(slot).Drop())
				digest := sha256.Sum256(nil)
				_, err = signer.Sign(nil, digest[:], crypto.SHA256)
				require.ErrorIs(t, err, application.ErrPINRequired)
			}
		})
	}
}

func TestSimulatedPIN(t *testing.T) {
	for _, faults := range []string{"none", "6983"} {
		for slot, pin := range pins {
			t.Run(faults+", "+slot.String(), func(t *testing.T) {
				_, connection := simulated(t, faults)
				a, err := jpki.Select(connection)
				require.NoError(t, err)

				// A right PIN between wrong ones sets the counter back.
				require.Equal(t, &application.WrongPIN{TriesLeft: slot.MaxTries - 1}, a.PIN(slot).Verify([]byte("0000")))
				require.NoError(t, a.PIN(slot).Verify(pin))
				for left := slot.MaxTries - 1; left > 0; left-- {
					require.Equal(t, &application.WrongPIN{TriesLeft: left}, a.PIN(slot).Verify([]byte("0000")))
					counted, err := a.PIN(slot).TriesLeft()
					require.NoError(t, err)
					require.Equal(t, left, counted)
				}
				require.ErrorIs(t, a.PIN(slot).Verify([]byte("0000")), application.ErrBlocked)
				require.ErrorIs(t, a.PIN(slot).Verify(pin), application.ErrBlocked)
				left, err := a.PIN(slot).TriesLeft()
				require.NoError(t, err)
				require.Zero(t, left)
			})
		}
	}
}

func TestSimulatedWithoutPIN(t *testing.T) {
	c, connection := simulated(t, "none")
	a, err := jpki.Select(connection)
	require.NoError(t, err)
	_, err = a.Certificate(jpki.Signature)
	require.ErrorIs(t, err, application.ErrPINRequired)
	_, err = a.Certificate(jpki.Authentication)
	require.NoError(t, err)
	digest := sha256.Sum256(nil)
	_, err = a.Signer(jpki.Signature, publicKey(t, c, jpki.Signature)).Sign(nil, digest[:], crypto.SHA256)
	require.ErrorIs(t, err, application.ErrPINRequired)
	require.ErrorIs(t, a.PIN(jpki.Signature).Change([]byte("XYZ789")), application.ErrPINRequired)
}

func TestSimulatedPhone(t *testing.T) {
	c, connection := simulated(t, "phone")
	a, err := jpki.Select(connection)
	require.NoError(t, err)
	token, err := a.Token()
	require.NoError(t, err)
	require.Equal(t, jpki.Android, token.Kind)
	_, err = a.Certificate(jpki.Authentication)
	require.ErrorIs(t, err, application.ErrPINRequired)
	require.NoError(t, a.PIN(jpki.Authentication).Verify(pins[jpki.Authentication]))
	der, err := a.Certificate(jpki.Authentication)
	require.NoError(t, err)
	require.Equal(t, c.Certificates().Auth, der)
}

func TestSimulatedCertificateFaults(t *testing.T) {
	t.Run("absent", func(t *testing.T) {
		_, connection := simulated(t, "no-sign-cert")
		a, err := jpki.Select(connection)
		require.NoError(t, err)
		_, err = a.Certificate(jpki.Signature)
		require.ErrorIs(t, err, jpki.ErrNoCertificate)
	})
	t.Run("too long to be true", func(t *testing.T) {
		_, connection := simulated(t, "overlong")
		a, err := jpki.Select(connection)
		require.NoError(t, err)
		_, err = a.Certificate(jpki.Authentication)
		require.Error(t, err)
		require.NotErrorIs(t, err, jpki.ErrNoCertificate)
	})
	t.Run("garbage within a header that holds", func(t *testing.T) {
		_, connection := simulated(t, "garbage-cert")
		a, err := jpki.Select(connection)
		require.NoError(t, err)
		der, err := a.Certificate(jpki.Authentication)
		require.NoError(t, err, "what is in it is for package certificate to judge")
		_, err = x509.ParseCertificate(der)
		require.Error(t, err)
	})
}

func TestSimulatedSignatureFaults(t *testing.T) {
	digest := sha256.Sum256(nil)
	signer := func(t *testing.T, faults string) (*jpki.Application, *jpki.Signer) {
		c, connection := simulated(t, faults)
		a, err := jpki.Select(connection)
		require.NoError(t, err)
		require.NoError(t, a.PIN(jpki.Signature).Verify(pins[jpki.Signature]))
		return a, a.Signer(jpki.Signature, publicKey(t, c, jpki.Signature))
	}
	t.Run("another key", func(t *testing.T) {
		_, s := signer(t, "wrong-key")
		_, err := s.Sign(nil, digest[:], crypto.SHA256)
		require.ErrorIs(t, err, jpki.ErrBadSignature)
	})
	t.Run("a VERIFY for each", func(t *testing.T) {
		a, s := signer(t, "verify-each")
		_, err := s.Sign(nil, digest[:], crypto.SHA256)
		require.NoError(t, err)
		_, err = s.Sign(nil, digest[:], crypto.SHA256)
		require.ErrorIs(t, err, application.ErrPINRequired)
		require.NoError(t, a.PIN(jpki.Signature).Verify(pins[jpki.Signature]))
		_, err = s.Sign(nil, digest[:], crypto.SHA256)
		require.NoError(t, err)
	})
	t.Run("taken away meanwhile", func(t *testing.T) {
		_, s := signer(t, "remove-at-sign")
		_, err := s.Sign(nil, digest[:], crypto.SHA256)
		require.ErrorIs(t, err, card.ErrRemoved)
	})
}

func TestSimulatedRemovalAtVerify(t *testing.T) {
	c, connection := simulated(t, "remove-at-verify")
	a, err := jpki.Select(connection)
	require.NoError(t, err)
	err = a.PIN(jpki.Signature).Verify([]byte("WRONG1"))
	require.ErrorIs(t, err, application.ErrTryMayBeSpent)
	require.ErrorIs(t, err, card.ErrRemoved)
	left, err := c.Tries(simcard.PINSign)
	require.NoError(t, err)
	require.Equal(t, jpki.Signature.MaxTries-1, left, "one VERIFY, and no second")
}

// A status word too many at the end of a response must not pass for data, nor for another answer.
func TestSimulatedTrailingStatus(t *testing.T) {
	c, connection := simulated(t, "trailing-sw")
	a, err := jpki.Select(connection)
	require.NoError(t, err)
	_, err = a.Certificate(jpki.Authentication)
	require.Error(t, err)
	_ = a.PIN(jpki.Authentication).Verify(pins[jpki.Authentication])
	digest := sha256.Sum256(nil)
	_, err = a.Signer(jpki.Authentication, publicKey(t, c, jpki.Authentication)).Sign(nil, digest[:], crypto.SHA256)
	require.Error(t, err)
}

func TestSimulatedTokens(t *testing.T) {
	for faults, want := range map[string]jpki.Token{
		"iphone":        {Label: "JPKIAPIOSTOKEN", Kind: jpki.IPhone},
		"old-card":      {Label: "JPKIAPICCTOKEN", Kind: jpki.JukiCard},
		"label=2028":    {Label: "2028", Kind: jpki.UnknownKind},
		"control-label": {Label: "JPKI?[2J??TOKEN?", Kind: jpki.UnknownKind},
	} {
		_, connection := simulated(t, faults)
		a, err := jpki.Select(connection)
		require.NoError(t, err)
		token, err := a.Token()
		require.NoError(t, err)
		require.Equal(t, want, token)
	}
}

func TestSimulatedPresence(t *testing.T) {
	for faults, want := range map[string][2]jpki.Presence{
		"none":            {jpki.Present, jpki.Present},
		"no-sign-cert":    {jpki.Absent, jpki.Present},
		"blank-sign-cert": {jpki.Absent, jpki.Present},
		"no-auth-cert":    {jpki.Present, jpki.Absent},
		"hint=55AA00":     {jpki.UnknownPresence, jpki.UnknownPresence},
	} {
		_, connection := simulated(t, faults)
		a, err := jpki.Select(connection)
		require.NoError(t, err)
		require.Equal(t, want, [2]jpki.Presence{a.Presence(jpki.Signature), a.Presence(jpki.Authentication)}, faults)
	}
}

func TestSimulatedChange(t *testing.T) {
	const otherPIN = "9182"
	for name, test := range map[string]struct {
		faults, pin string
		want        error
		holds       string // the PIN that the card takes afterwards
	}{
		"taken":           {"none", otherPIN, nil, otherPIN},
		"not digits":      {"none", "91A2", application.ErrPINRefused, "1234"},
		"refused":         {"refuse-change", otherPIN, application.ErrPINRefused, "1234"},
		"gone too early":  {"remove-before=4", otherPIN, card.ErrRemoved, "1234"},
		"lost before":     {"remove-before=5", otherPIN, application.ErrPINMayBeChanged, "1234"},
		"lost after":      {"remove-at-change", otherPIN, application.ErrPINMayBeChanged, otherPIN},
		"a second status": {"trailing-sw", otherPIN, nil, otherPIN},
	} {
		t.Run(name, func(t *testing.T) {
			c, connection := simulated(t, test.faults)
			a, err := jpki.Select(connection)
			require.NoError(t, err)
			require.NoError(t, a.PIN(jpki.Authentication).Verify(pins[jpki.Authentication]))
			err = a.PIN(jpki.Authentication).Change([]byte(test.pin))
			require.ErrorIs(t, err, test.want)
			if test.want != application.ErrPINMayBeChanged {
				require.NotErrorIs(t, err, application.ErrPINMayBeChanged)
			}
			require.NoError(t, connection.Close())

			require.NoError(t, c.SetFaults(simcard.Faults{}))
			c.Insert()
			again, err := simcard.NewReaders(c).Connect(t.Context(), simcard.ReaderName)
			require.NoError(t, err)
			a, err = jpki.Select(again)
			require.NoError(t, err)
			require.NoError(t, a.PIN(jpki.Authentication).Verify([]byte(test.holds)))
		})
	}
}
