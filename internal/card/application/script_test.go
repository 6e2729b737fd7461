package application_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/application"
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

// name is that of an application that no card has.
var name = []byte{0xF0, 0x01, 0x02}

const selectCommand = "00A4040C03 F00102"

// selected returns the application on a card that takes steps after the SELECT.
func selected(t *testing.T, steps ...step) (*application.Application, *script) {
	s := play(t, append([]step{{why: "select the application", command: selectCommand, response: "9000"}}, steps...)...)
	a, err := application.Select(s, name)
	require.NoError(t, err)
	return a, s
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	require.NoError(t, err)
	return b
}
