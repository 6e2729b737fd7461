package main

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// clock is a time that tests move.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

func TestSessionEnds(t *testing.T) {
	c := &clock{today}
	s := newSessions(c.now)
	visitor, err := s.start(nil)
	require.NoError(t, err)

	c.Time = c.Add(sessionLifetime - time.Second)
	require.Same(t, visitor, s.find(visitor.id), "a request keeps it alive")
	c.Time = c.Add(sessionLifetime - time.Second)
	require.Same(t, visitor, s.find(visitor.id))
	c.Time = c.Add(sessionLifetime)
	require.Nil(t, s.find(visitor.id))
}

func TestSessionsAreBounded(t *testing.T) {
	c := &clock{today}
	s := newSessions(c.now)
	for range maxSessions {
		_, err := s.start(nil)
		require.NoError(t, err)
	}
	_, err := s.start(nil)
	require.ErrorIs(t, err, errTooManySessions)

	c.Time = c.Add(sessionLifetime)
	visitor, err := s.start(nil)
	require.NoError(t, err, "ended sessions make room")
	require.Same(t, visitor, s.find(visitor.id))
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
