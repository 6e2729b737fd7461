package verify_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/verify"
)

// clock is a clock that tests set.
type clock struct{ now time.Time }

func (c *clock) read() time.Time { return c.now }

func redeemFails(t *testing.T, c *verify.Challenges, session string, want verify.Reason) {
	t.Helper()
	challenge, err := c.Redeem(session)
	require.Empty(t, challenge)
	var refusal *verify.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, want, refusal.Reason)
}

func TestChallenges(t *testing.T) {
	clock := &clock{time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
	challenges := &verify.Challenges{Now: clock.read}

	redeemFails(t, challenges, "alice", verify.ChallengeUnknown)
	first, err := challenges.Issue("alice")
	require.NoError(t, err)
	require.Len(t, first, 44)
	require.NoError(t, verify.ValidChallenge(first))

	redeemFails(t, challenges, "bob", verify.ChallengeUnknown)
	got, err := challenges.Redeem("alice")
	require.NoError(t, err)
	require.Equal(t, first, got)
	redeemFails(t, challenges, "alice", verify.ChallengeUsed)

	second, err := challenges.Issue("alice")
	require.NoError(t, err)
	require.NotEqual(t, first, second)
	require.ElementsMatch(t, []string{first, second}, slices.Collect(challenges.All()))

	clock.now = clock.now.Add(verify.DefaultLifetime)
	redeemFails(t, challenges, "alice", verify.ChallengeExpired)
	redeemFails(t, challenges, "alice", verify.ChallengeUsed)

	clock.now = clock.now.Add(verify.DefaultLifetime)
	redeemFails(t, challenges, "alice", verify.ChallengeUnknown)
	require.Empty(t, slices.Collect(challenges.All()))
}

func TestChallengesLastMoment(t *testing.T) {
	clock := &clock{time.Unix(0, 0)}
	challenges := &verify.Challenges{Now: clock.read, Lifetime: time.Minute}
	issued, err := challenges.Issue("alice")
	require.NoError(t, err)
	clock.now = clock.now.Add(time.Minute - 1)
	got, err := challenges.Redeem("alice")
	require.NoError(t, err)
	require.Equal(t, issued, got)
}

// TestChallengesFull: in a full store the oldest challenge gives way, and a new one of the same session
// is no session more.
func TestChallengesFull(t *testing.T) {
	challenges := &verify.Challenges{Capacity: 2}
	for _, session := range []string{"alice", "bob", "alice", "alice", "carol"} {
		_, err := challenges.Issue(session)
		require.NoError(t, err)
	}
	redeemFails(t, challenges, "bob", verify.ChallengeUnknown)
	for _, session := range []string{"alice", "carol"} {
		_, err := challenges.Redeem(session)
		require.NoError(t, err)
	}
}

func TestChallengesNeedSessions(t *testing.T) {
	_, err := new(verify.Challenges).Issue("")
	require.Error(t, err)
}

// TestChallengesAtOnce lets many requests redeem one challenge: one gets it.
func TestChallengesAtOnce(t *testing.T) {
	var challenges verify.Challenges
	_, err := challenges.Issue("alice")
	require.NoError(t, err)

	var wait sync.WaitGroup
	got := make(chan string, 50)
	for range cap(got) {
		wait.Go(func() {
			if challenge, err := challenges.Redeem("alice"); err == nil {
				got <- challenge
			}
		})
	}
	wait.Wait()
	require.Len(t, got, 1)
}

func TestValidChallenge(t *testing.T) {
	of := func(n int) string { return base64.StdEncoding.EncodeToString(make([]byte, n)) }
	for challenge, fine := range map[string]bool{
		of(32): true, of(33): true, of(96): true, challenge: true,
		"":                          false,
		of(30):                      false, // 40 characters
		of(97):                      false, // 132 characters
		of(32)[:43]:                 false, // no padding
		of(32)[:42] + "B=":          false, // bits beyond the last byte
		of(48)[:50] + "\n\n\n\n":    false,
		strings.Repeat("-_", 24):    false, // the URL alphabet
		strings.Repeat("あ", 16):     false,
		" " + of(48)[:46] + " ":     false,
		of(48)[:20] + "\n" + of(33): false,
	} {
		require.Equal(t, fine, verify.ValidChallenge(challenge) == nil, "%q", challenge)
	}
}

// FuzzValidChallenge asks that what is taken is the one encoding of what it decodes to.
func FuzzValidChallenge(f *testing.F) {
	f.Add(challenge)
	f.Add(strings.Repeat("A", 44))
	f.Fuzz(func(t *testing.T, challenge string) {
		if verify.ValidChallenge(challenge) != nil {
			return
		}
		decoded, err := base64.StdEncoding.DecodeString(challenge)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(decoded), 31)
		require.Equal(t, challenge, base64.StdEncoding.EncodeToString(decoded))
	})
}
