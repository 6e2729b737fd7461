package command_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/verify"
)

// requireLogin lets the relying party's package judge a token: foreign by default, and good for this
// origin and challenge alone once the simulated CAs are trusted.
func requireLogin(t *testing.T, d *desk, token []byte) {
	t.Helper()
	_, err := verify.VerifyToken(token, verify.TokenOptions{Origin: origin, Challenge: challenge})
	requireReason(t, verify.IssuerForeign, err)

	var trust verify.Trust
	dir := t.TempDir()
	require.NoError(t, d.card.WriteTrust(dir))
	trust, err = trust.WithDir(dir + "/trust")
	require.NoError(t, err)
	_, err = verify.VerifyToken(token, verify.TokenOptions{Origin: origin, Challenge: challenge, Trust: trust})
	require.NoError(t, err)
	_, err = verify.VerifyToken(token, verify.TokenOptions{Origin: "https://other.example", Challenge: challenge, Trust: trust, OtherOrigins: []string{origin}})
	requireReason(t, verify.OriginMismatch, err)
}

func requireReason(t *testing.T, want verify.Reason, err error) {
	t.Helper()
	var refusal *verify.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, want, refusal.Reason)
}
