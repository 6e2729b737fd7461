package jpki_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/jpki"
)

// A step is one command that the card expects next and what it answers: hexadecimal, blanks allowed.
// fail is returned by the transport instead of an answer.
type step struct {
	why      string
	command  string
	response string
	fail     error
}

// A script is a card that takes exactly its steps, in their order.
type script struct {
	t     *testing.T
	steps []step
	next  int
	last  []byte // the slice that the last command came in, as the caller keeps it
}

func (s *script) Transmit(command []byte) ([]byte, error) {
	s.t.Helper()
	require.Less(s.t, s.next, len(s.steps), "unexpected command %X", command)
	step := s.steps[s.next]
	s.next++
	require.Equal(s.t, unhex(s.t, step.command), bytes.Clone(command), step.why)
	s.last = command
	if step.fail != nil {
		return nil, step.fail
	}
	return unhex(s.t, step.response), nil
}

// play makes a card of steps, and requires at the end of the test that all of them were taken.
func play(t *testing.T, steps ...step) *script {
	s := &script{t: t, steps: steps}
	t.Cleanup(func() { require.Equal(t, len(steps), s.next, "steps taken") })
	return s
}

var stepSelect = step{why: "select the JPKI application", command: "00A4040C0A D392F000260100000001", response: "9000"}

// selected returns an application on a card that takes steps after the SELECT.
func selected(t *testing.T, steps ...step) (*jpki.Application, *script) {
	s := play(t, append([]step{stepSelect}, steps...)...)
	a, err := jpki.Select(s)
	require.NoError(t, err)
	return a, s
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	require.NoError(t, err)
	return b
}
