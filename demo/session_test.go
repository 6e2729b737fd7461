package main

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/verify"
)

// clock is a time that tests move.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

func begin(t *testing.T, s *sessions, login *verify.Login) *session {
	t.Helper()
	visitor, err := s.start(login)
	require.NoError(t, err)
	return visitor
}

func TestSessionEnds(t *testing.T) {
	for name, test := range map[string]struct {
		login    *verify.Login
		lifetime time.Duration
	}{
		"not logged in": {nil, anonymousLifetime},
		"logged in":     {&verify.Login{}, sessionLifetime},
	} {
		t.Run(name, func(t *testing.T) {
			c := &clock{today}
			s := newSessions(c.now)
			visitor := begin(t, s, test.login)
			c.Time = c.Add(test.lifetime - time.Second)
			require.Same(t, visitor, s.find(visitor.id), "a request keeps it alive")
			c.Time = c.Add(test.lifetime - time.Second)
			require.Same(t, visitor, s.find(visitor.id))
			c.Time = c.Add(test.lifetime)
			require.Nil(t, s.find(visitor.id))
		})
	}
}

// TestNewcomersGiveWay: in a full store the one who was silent longest goes, and never one who is logged in.
func TestNewcomersGiveWay(t *testing.T) {
	c := &clock{today}
	s := newSessions(c.now)
	citizen := begin(t, s, &verify.Login{})
	var newcomers []*session
	for range maxSessions - 1 {
		c.Time = c.Add(time.Millisecond)
		newcomers = append(newcomers, begin(t, s, nil))
	}
	c.Time = c.Add(time.Millisecond)
	require.NotNil(t, s.find(newcomers[0].id), "was heard of just now")

	more := begin(t, s, nil)
	require.Nil(t, s.find(newcomers[1].id))
	for _, visitor := range []*session{citizen, newcomers[0], newcomers[2], more} {
		require.Same(t, visitor, s.find(visitor.id))
	}
	another := begin(t, s, &verify.Login{})
	require.Nil(t, s.find(newcomers[3].id), "a login makes room for itself, too")
	require.Same(t, another, s.find(another.id))
	require.Len(t, s.byID, maxSessions)
}

func TestLoginsAreBounded(t *testing.T) {
	c := &clock{today}
	s := newSessions(c.now)
	for range maxSessions {
		begin(t, s, &verify.Login{})
	}
	for _, login := range []*verify.Login{nil, {}} {
		_, err := s.start(login)
		require.ErrorIs(t, err, errTooManySessions)
	}
	c.Time = c.Add(sessionLifetime)
	visitor := begin(t, s, nil)
	require.Same(t, visitor, s.find(visitor.id), "ended sessions make room")
	require.Len(t, s.byID, 1)
}

func TestEndedSessionIsGone(t *testing.T) {
	s := newSessions((&clock{today}).now)
	visitor, err := s.start(nil)
	require.NoError(t, err)
	s.end(visitor.id)
	require.Nil(t, s.find(visitor.id))
	require.Nil(t, s.find(""))
}

func TestDraftIsFiledOnce(t *testing.T) {
	visitor := &session{}
	first, second := &draft{Number: "1"}, &draft{Number: "2"}
	visitor.setDraft(first)
	visitor.setDraft(second)
	require.False(t, visitor.file(first, &filing{draft: *first}), "it was written anew")
	require.True(t, visitor.file(second, &filing{draft: *second}))
	require.False(t, visitor.file(second, &filing{draft: *second}), "it was filed already")
	require.Nil(t, visitor.filing("1"))
	require.Equal(t, "2", visitor.filing("2").Number)
}

func TestReceiptsAreBounded(t *testing.T) {
	visitor := &session{}
	for n := range maxFilings + 1 {
		d := &draft{Number: strconv.Itoa(n)}
		visitor.setDraft(d)
		require.True(t, visitor.file(d, &filing{draft: *d}))
	}
	require.Nil(t, visitor.filing("0"))
	require.NotNil(t, visitor.filing("1"))
	require.NotNil(t, visitor.filing(strconv.Itoa(maxFilings)))
}
