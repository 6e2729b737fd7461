package online

import (
	"sync"
	"time"

	"github.com/natsuin/natsuin/verify"
)

// maxKept bounds what a cache holds, in bytes as they came, and maxAnswers their number.
const (
	maxKept    = 64 << 20
	maxAnswers = 4096
)

// A cache keeps answers by what was asked. The zero value is empty.
type cache struct {
	mu      sync.Mutex
	answers map[request]answer
	size    int
}

// An answer is what a service said, good until a time.
type answer struct {
	statements verify.Statements
	size       int
	until      time.Time
}

func (c *cache) get(r request, now time.Time) (verify.Statements, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.answers[r]
	return a.statements, ok && now.Before(a.until)
}

// put keeps an answer. In a full cache those that end first give way.
func (c *cache) put(r request, s verify.Statements, size int, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(r)
	if until.IsZero() {
		return
	}
	if c.answers == nil {
		c.answers = map[request]answer{}
	}
	for len(c.answers) >= maxAnswers || len(c.answers) > 0 && c.size+size > maxKept {
		c.drop(c.first())
	}
	c.answers[r] = answer{s, size, until}
	c.size += size
}

// first returns what ends first.
func (c *cache) first() request {
	var first request
	var end time.Time
	for r, a := range c.answers {
		if end.IsZero() || a.until.Before(end) {
			first, end = r, a.until
		}
	}
	return first
}

func (c *cache) drop(r request) {
	c.size -= c.answers[r].size
	delete(c.answers, r)
}
