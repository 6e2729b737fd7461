package online

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/verify"
)

// TestCache: a full cache drops what ends first, by number and by size, and forgets what was replaced.
func TestCache(t *testing.T) {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	at := func(i int) request { return request{address: fmt.Sprint(i)} }
	kept := func(c *cache, i int) bool { _, ok := c.get(at(i), now); return ok }

	var c cache
	for i := range maxAnswers + 1 {
		c.put(at(i), verify.Statements{}, 1, now.Add(time.Duration(maxAnswers+1-i)*time.Second)) // the last ends first
	}
	require.Len(t, c.answers, maxAnswers)
	require.Equal(t, maxAnswers, c.size)
	require.True(t, kept(&c, 0))
	require.False(t, kept(&c, maxAnswers-1))
	require.True(t, kept(&c, maxAnswers))

	c = cache{}
	for i := range 5 {
		c.put(at(i), verify.Statements{}, maxKept/4, now.Add(time.Duration(i+1)*time.Second))
	}
	require.Equal(t, maxKept, c.size)
	require.False(t, kept(&c, 0))
	require.True(t, kept(&c, 4))
	c.put(at(4), verify.Statements{}, 1, time.Time{})
	require.False(t, kept(&c, 4), "an answer that does not say until when")
	require.Equal(t, maxKept/4*3, c.size)
}
