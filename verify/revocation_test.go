package verify_test

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/verify"
)

// crl is a list by a CA, in force for the two days around a time.
func crl(t testing.TB, ca *certtest.CA, around time.Time, revoked ...x509.RevocationListEntry) []byte {
	t.Helper()
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(1), ThisUpdate: around.AddDate(0, 0, -1), NextUpdate: around.AddDate(0, 0, 1), RevokedCertificateEntries: revoked,
	}, ca.Certificate, ca.Key)
	require.NoError(t, err)
	return der
}

func statements(t testing.TB, texts ...[]byte) verify.Statements {
	t.Helper()
	var s verify.Statements
	for _, text := range texts {
		var err error
		s, err = s.With(text)
		require.NoError(t, err)
	}
	return s
}

// mute is a Revocation that nobody can reach.
type mute struct{ err error }

func (m mute) Status(context.Context, verify.RevocationQuery) (verify.RevocationStatus, error) {
	return verify.RevocationStatus{}, m.err
}

// TestRevocation: whoever gives CRLs gets an answer from them, or a refusal.
func TestRevocation(t *testing.T) {
	now := certtest.Now
	cert := cardCert(t)
	revokedAt := func(at time.Time) x509.RevocationListEntry {
		return x509.RevocationListEntry{SerialNumber: cert.SerialNumber, RevocationTime: at, ReasonCode: 4}
	}
	// The other CA of the same name has a list, too.
	other := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "2")
	for name, test := range map[string]struct {
		source verify.Revocation
		want   verify.Reason
		detail string
	}{
		"good":         {statements(t, crl(t, signCA(t), now)), "", "crl of 2026-11-22T03:00:00Z"},
		"revoked":      {statements(t, crl(t, signCA(t), now, revokedAt(now.AddDate(0, 0, -1)))), verify.CertificateRevoked, "CERTIFICATE_REVOKED"},
		"stale":        {statements(t, crl(t, signCA(t), now.AddDate(0, 0, -3))), verify.RevocationStale, "REVOCATION_STALE"},
		"of the other": {statements(t, crl(t, other, now)), verify.RevocationUnknown, "REVOCATION_UNKNOWN"},
		"forged":       {statements(t, crl(t, &certtest.CA{Certificate: signCA(t).Certificate, Key: other.Key}, now)), verify.RevocationUntrusted, "REVOCATION_UNTRUSTED"},
		"none":         {verify.Statements{}, verify.RevocationUnknown, "REVOCATION_UNKNOWN"},
		"nobody there": {mute{errors.New("no route")}, verify.RevocationUnavailable, "REVOCATION_UNAVAILABLE"},
		"unsupported":  {mute{verify.ErrStatementUnsupported}, verify.RevocationUnknown, "REVOCATION_UNKNOWN"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			o.Revocation = test.source
			got := read(t, signCMS(t, cert, true, now), o)
			s := got.Signatures[0]
			require.Equal(t, test.want == "", got.Accepted)
			require.Equal(t, test.want, s.Reason, "%v", s.Err)
			last := s.Checks[len(s.Checks)-1]
			require.Equal(t, verify.Check{Rule: verify.RuleRevocation, Outcome: s.Outcome, Detail: test.detail}, last)
			if test.want == "" || test.want == verify.CertificateRevoked {
				require.Equal(t, test.want == verify.CertificateRevoked, s.Revocation.Revoked)
				text, err := json.Marshal(s.Revocation)
				require.NoError(t, err)
				require.Contains(t, string(text), `"source":"crl"`)
			} else {
				require.Nil(t, s.Revocation)
			}
		})
	}
}

// TestRevokedLater: a certificate was in force when the document was received, and its revocation since is told.
func TestRevokedLater(t *testing.T) {
	received := certtest.Now.AddDate(-1, 0, 1) // long ago, so that no clock takes the list to be from the future
	cert := cardCert(t)
	o := options(t)
	o.At = received
	o.Revocation = statements(t, crl(t, signCA(t), received.AddDate(0, 0, 5), x509.RevocationListEntry{
		SerialNumber: cert.SerialNumber, RevocationTime: received.AddDate(0, 0, 3), ReasonCode: 4}))
	got := read(t, signCMS(t, cert, true, received), o)
	require.True(t, got.Accepted, "%v", got.Signatures[0].Err)
	require.Equal(t, received.AddDate(0, 0, 3), got.Signatures[0].Revocation.RevokedAt)
	require.False(t, got.Signatures[0].Revocation.Revoked)
	require.Equal(t, "crl of 2025-11-28T03:00:00Z, revoked later, since 2025-11-27T03:00:00Z: superseded",
		got.Signatures[0].Checks[len(got.Signatures[0].Checks)-1].Detail)

	o.At = received.AddDate(0, 0, 3)
	require.Equal(t, verify.CertificateRevoked, read(t, signCMS(t, cert, true, received), o).Signatures[0].Reason)
}

// TestRevokedLogin: with what VerifyToken returns, a Revocation can be asked.
func TestRevokedLogin(t *testing.T) {
	now, key := certtest.Now, certtest.Key(t, "card")
	cert := authCA(t).Authentication(t, key)
	login, err := verify.VerifyToken(toJSON(t, makeToken(t, cert, key, origin, challenge)), verify.TokenOptions{
		Origin: origin, Challenge: challenge, At: now, Trust: trust(t, authCA(t))})
	require.NoError(t, err)
	lost := crl(t, authCA(t), now, x509.RevocationListEntry{SerialNumber: cert.SerialNumber, RevocationTime: now.AddDate(0, 0, -1), ReasonCode: 6})
	status, err := statements(t, lost).Status(t.Context(), verify.RevocationQuery{Certificate: login.Certificate, Issuer: login.Issuer, At: now, Now: now})
	require.NoError(t, err)
	require.True(t, status.Revoked)
	require.Equal(t, "certificateHold", status.Reason)
}

// TestRevocationAfterChain: nobody is asked about a certificate whose chain is not right: it could name a
// service of the attacker's.
func TestRevocationAfterChain(t *testing.T) {
	stranger := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "stranger")
	o := options(t)
	o.Revocation = asked{t}
	got := read(t, signCMS(t, stranger.Signature(t, certtest.Key(t, "card")), true, certtest.Now), o)
	require.Equal(t, verify.IssuerForeign, got.Signatures[0].Reason)
}

// asked fails the test when it is asked.
type asked struct{ t *testing.T }

func (a asked) Status(context.Context, verify.RevocationQuery) (verify.RevocationStatus, error) {
	a.t.Error("asked about a certificate that is not to be trusted")
	return verify.RevocationStatus{}, nil
}

func TestStatements(t *testing.T) {
	_, err := verify.Statements{}.With([]byte("x"))
	require.ErrorIs(t, err, verify.ErrStatementMalformed)
	require.Zero(t, verify.Statements{}.NextUpdate())

	one, two := crl(t, signCA(t), certtest.Now), crl(t, signCA(t), certtest.Now.AddDate(0, 0, -9))
	first := statements(t, one)
	require.Equal(t, certtest.Now.AddDate(0, 0, 1), first.NextUpdate())
	both, err := first.With(two)
	require.NoError(t, err)
	require.Equal(t, certtest.Now.AddDate(0, 0, -8), both.NextUpdate())
	require.Equal(t, certtest.Now.AddDate(0, 0, 1), first.NextUpdate(), "With changes a copy")

	for range 1023 {
		first, err = first.With(two)
		require.NoError(t, err)
	}
	_, err = first.With(two)
	require.ErrorIs(t, err, verify.ErrStatementMalformed)
}
