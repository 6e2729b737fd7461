package verify

import (
	"container/list"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"
)

// The length of a challenge in characters of base64. 44 of them are 32 bytes, too many to guess.
const (
	minChallenge = 44
	maxChallenge = 128
)

// ValidChallenge says whether a string can be a challenge: 44 to 128 characters of standard base64
// with its padding (RFC 4648 §4).
func ValidChallenge(challenge string) error {
	if len(challenge) < minChallenge || len(challenge) > maxChallenge {
		return fmt.Errorf("a challenge has %d to %d characters of base64, not %d", minChallenge, maxChallenge, len(challenge))
	}
	if _, err := strictBase64(challenge); err != nil {
		return errors.New("a challenge is standard base64")
	}
	return nil
}

// strictBase64 decodes standard base64 in its one form. Unlike encoding/base64 it takes no line breaks.
func strictBase64(text string) ([]byte, error) {
	decoded, err := base64.StdEncoding.Strict().DecodeString(text)
	if err == nil && len(text) != base64.StdEncoding.EncodedLen(len(decoded)) {
		err = errors.New("line breaks in base64")
	}
	return decoded, err
}

// The settings of Challenges whose zero value stands for these.
const (
	DefaultLifetime = 5 * time.Minute
	DefaultCapacity = 10_000
)

// Challenges issues challenges, each bound to one session, good for one login and a short time. It
// keeps them in memory; a site of several servers sends a session to the same one, or keeps its own.
// The zero value is ready, its fields may be set before first use, and it is safe for concurrent use.
type Challenges struct {
	// Lifetime is how long a challenge can be answered. 0 stands for DefaultLifetime.
	Lifetime time.Duration
	// Capacity bounds how many sessions have a challenge at a time. Less than 1 stands for
	// DefaultCapacity. A session more takes the place of the one whose challenge is the oldest, so that whoever asks for
	// many challenges and answers none keeps nobody out.
	Capacity int
	// Now tells the time. Nil stands for time.Now.
	Now func() time.Time

	mu       sync.Mutex
	sessions map[string]*list.Element
	byAge    list.List // of *issued, the oldest first
}

// issued is what is known of one session's challenge.
type issued struct {
	session   string
	challenge string
	earlier   string // the session's challenge before this one, to explain a refusal
	at        time.Time
	used      bool
}

// Issue returns a new challenge of 32 random bytes for a session, a secret only the visitor has,
// and forgets the one before. It fails for an empty session only.
func (c *Challenges) Issue(session string) (string, error) {
	if session == "" {
		return "", errors.New("a challenge needs a session")
	}
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails
	next := &issued{session: session, challenge: base64.StdEncoding.EncodeToString(random[:])}

	c.mu.Lock()
	defer c.mu.Unlock()
	next.at = c.now()
	c.forget(next.at)
	if old, ok := c.sessions[session]; ok {
		next.earlier = old.Value.(*issued).challenge
		c.byAge.Remove(old)
	} else if len(c.sessions) >= c.capacity() {
		c.drop(c.byAge.Front())
	}
	if c.sessions == nil {
		c.sessions = map[string]*list.Element{}
	}
	c.sessions[session] = c.byAge.PushBack(next)
	return next.challenge, nil
}

// Redeem takes the session's challenge back, once: whatever then comes of the token, the next login
// needs a new challenge. It fails with a *Refusal: ChallengeUnknown, ChallengeUsed or ChallengeExpired.
func (c *Challenges) Redeem(session string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	c.forget(now)
	element, ok := c.sessions[session]
	if !ok {
		return "", refuseChallenge(ChallengeUnknown, "the session has no challenge")
	}
	i := element.Value.(*issued)
	if i.used {
		return "", refuseChallenge(ChallengeUsed, "the challenge was used before")
	}
	i.used = true
	if !now.Before(i.at.Add(c.lifetime())) {
		return "", refuseChallenge(ChallengeExpired, "the challenge has expired")
	}
	return i.challenge, nil
}

// All returns the challenges that the store remembers, of all sessions, used and expired ones too. It is
// for TokenOptions.OtherChallenges.
func (c *Challenges) All() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, challenge := range c.remembered() {
			if !yield(challenge) {
				return
			}
		}
	}
}

func (c *Challenges) remembered() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []string
	for element := c.byAge.Front(); element != nil; element = element.Next() {
		i := element.Value.(*issued)
		all = append(all, i.challenge)
		if i.earlier != "" {
			all = append(all, i.earlier)
		}
	}
	return all
}

// forget drops what is so old that nobody needs to be told that it has expired.
func (c *Challenges) forget(now time.Time) {
	for element := c.byAge.Front(); element != nil; element = c.byAge.Front() {
		i := element.Value.(*issued)
		if now.Before(i.at.Add(2 * c.lifetime())) {
			return
		}
		c.drop(element)
	}
}

func (c *Challenges) drop(element *list.Element) {
	c.byAge.Remove(element)
	delete(c.sessions, element.Value.(*issued).session)
}

func refuseChallenge(reason Reason, why string) *Refusal {
	return &Refusal{Reason: reason, cause: errors.New(why)}
}

func (c *Challenges) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

func (c *Challenges) lifetime() time.Duration {
	if c.Lifetime == 0 {
		return DefaultLifetime
	}
	return c.Lifetime
}

func (c *Challenges) capacity() int {
	if c.Capacity < 1 {
		return DefaultCapacity
	}
	return c.Capacity
}
