package card

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// script is a Transport that expects commands and answers them, both written in hexadecimal.
type script struct {
	t     *testing.T
	steps []step
	sent  [][]byte // the slices as they were handed over, not copies
}

type step struct{ command, response string }

func (s *script) Transmit(command []byte) ([]byte, error) {
	require.NotEmpty(s.t, s.steps, "unexpected command")
	next := s.steps[0]
	s.steps = s.steps[1:]
	require.Equal(s.t, unhex(s.t, next.command), command)
	s.sent = append(s.sent, command)
	return unhex(s.t, next.response), nil
}

func unhex(t *testing.T, text string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	require.NoError(t, err)
	return b
}

func TestSend(t *testing.T) {
	read := Command{INS: 0xB0, Le: 256}
	verify := Command{INS: 0x20, P2: 0x80, Data: []byte("1234")}
	for _, test := range []struct {
		name    string
		command Command
		steps   []step
		data    string
		err     error
	}{
		{"data and 9000", read, []step{{"00B0000000", "0102 9000"}}, "0102", nil},
		{"a status word is the error", read, []step{{"00B0000000", "6982"}}, "", SecurityNotSatisfied},
		{"data with an error is dropped", read, []step{{"00B0000000", "0102 6281"}}, "", DataMayBeCorrupted},
		{"READ BINARY past the end", read, []step{{"00B0000000", "0102 6282"}}, "0102", nil},
		{"6282 elsewhere", Command{INS: 0xB2, Le: 256}, []step{{"00B2000000", "0102 6282"}}, "", EndOfFile},
		{"wrong Le", read, []step{{"00B0000000", "6C02"}, {"00B0000002", "0102 9000"}}, "0102", nil},
		{"wrong Le twice", read, []step{{"00B0000000", "6C02"}, {"00B0000002", "6C01"}}, "", Status(0x6C01)},
		{"more data", read,
			[]step{{"00B0000000", "01 6102"}, {"00C0000002", "0203 6100"}, {"00C0000000", "04 9000"}}, "01020304", nil},
		{"more data, then an error", read, []step{{"00B0000000", "6102"}, {"00C0000002", "6F00"}}, "", NoPreciseDiagnosis},
		{"verify", verify, []step{{"0020008004 31323334", "9000"}}, "", nil},
		{"wrong PIN", verify, []step{{"0020008004 31323334", "63C2"}}, "", Status(0x63C2)},
		{"a PIN is never sent twice", verify, []step{{"0020008004 31323334", "6C00"}}, "", Status(0x6C00)},
		{"a new PIN is never sent twice", Command{INS: 0x24, P1: 1, P2: 0x80, Data: []byte("1234")},
			[]step{{"0024018004 31323334", "6C04"}}, "", Status(0x6C04)},
		{"the status query stays four bytes", Command{INS: 0x20, P2: 0x80}, []step{{"00200080", "63C3"}}, "", Status(0x63C3)},
		{"the status query is never corrected", Command{INS: 0x20, P2: 0x80}, []step{{"00200080", "6C01"}}, "", Status(0x6C01)},
		{"no status word", read, []step{{"00B0000000", "90"}}, "", errShortResponse},
		{"empty response", read, []step{{"00B0000000", ""}}, "", errShortResponse},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &script{t: t, steps: test.steps}
			data, err := Send(s, test.command)
			require.Empty(t, s.steps, "commands not sent")
			if test.err != nil {
				require.ErrorIs(t, err, test.err)
				require.Nil(t, data)
				return
			}
			require.NoError(t, err)
			require.True(t, bytes.Equal(unhex(t, test.data), data), "%X", data)
		})
	}
}

func TestSendWipesThePIN(t *testing.T) {
	for _, ins := range []byte{0x20, 0x24} {
		s := &script{t: t, steps: []step{{hex.EncodeToString([]byte{0, ins, 0, 0x80, 4}) + "31323334", "9000"}}}
		pin := []byte("1234")
		_, err := Send(s, Command{INS: ins, P2: 0x80, Data: pin})
		require.NoError(t, err)
		require.Equal(t, make([]byte, 9), s.sent[0])
		require.Equal(t, []byte("1234"), pin, "the caller's PIN is the caller's to wipe")
	}
}

// chatty always has more data.
type chatty struct{ sent int }

func (c *chatty) Transmit([]byte) ([]byte, error) { c.sent++; return []byte{0x00, 0x61, 0x01}, nil }

func TestSendEndsAnEndlessResponse(t *testing.T) {
	card := &chatty{}
	_, err := Send(card, Command{INS: 0xB0, Le: 256})
	require.ErrorIs(t, err, Status(0x6101))
	require.Equal(t, 1+maxGetResponse, card.sent)
}

// broken loses every command.
type broken struct{ err error }

func (b broken) Transmit([]byte) ([]byte, error) { return nil, b.err }

func TestSendKeepsTheTransportError(t *testing.T) {
	lost := errors.New("lost")
	_, err := Send(broken{lost}, Command{INS: 0x20, P2: 0x80, Data: []byte("1234")})
	require.ErrorIs(t, err, lost)
	require.NotContains(t, err.Error(), "1234")
	require.NotContains(t, err.Error(), "31323334")
}
