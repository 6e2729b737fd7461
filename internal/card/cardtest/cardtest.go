// Package cardtest has cards for tests that answer from a script, or with whatever a fuzzer made up.
package cardtest

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A Step is one command that a Script expects next and what it answers: hexadecimal, blanks allowed.
type Step struct {
	Why      string // what the step is for, when it fails
	Command  string
	Response string
	Fail     error // returned by the transport instead of an answer
}

// A Script is a card, a card.Transport, that takes exactly its steps, in their order.
type Script struct {
	// Last is the slice that the last command came in, as the caller keeps it.
	Last []byte

	t     *testing.T
	steps []Step
	next  int
}

// Play makes a card of steps, and requires at the end of the test that all of them were taken.
func Play(t *testing.T, steps ...Step) *Script {
	s := &Script{t: t, steps: steps}
	t.Cleanup(func() { require.Equal(t, len(steps), s.next, "steps taken") })
	return s
}

// Transmit implements card.Transport.
func (s *Script) Transmit(command []byte) ([]byte, error) {
	s.t.Helper()
	require.Less(s.t, s.next, len(s.steps), "unexpected command %X", command)
	step := s.steps[s.next]
	s.next++
	require.Equal(s.t, Unhex(s.t, step.Command), bytes.Clone(command), step.Why)
	s.Last = command
	if step.Fail != nil {
		return nil, step.Fail
	}
	return Unhex(s.t, step.Response), nil
}

// Unhex decodes hexadecimal with blanks in it.
func Unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	require.NoError(t, err)
	return b
}

// A Hostile card answers each command with the next piece of Answers: a length in one byte, and so many
// bytes. When there are none left it agrees to everything and tells nothing.
type Hostile struct {
	Answers  []byte
	Commands int // counted
}

// Transmit implements card.Transport.
func (h *Hostile) Transmit([]byte) ([]byte, error) {
	h.Commands++
	if len(h.Answers) == 0 {
		return []byte{0x90, 0x00}, nil
	}
	n := min(int(h.Answers[0]), len(h.Answers)-1)
	answer := h.Answers[1 : 1+n]
	h.Answers = h.Answers[1+n:]
	return slices.Clone(answer), nil
}
