package manufacture_test

import (
	"encoding/hex"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/cardtest"
	"github.com/natsuin/natsuin/internal/card/manufacture"
	"github.com/natsuin/natsuin/internal/card/simcard"
)

var identifier = [16]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}

const (
	selectCommand = "00A4040C0A D3921000310001010100"
	readCommand   = "00B2010C 00"
)

// simulated makes a card with faults, in words, and opens a transaction with it.
func simulated(t *testing.T, faults string) card.Connection {
	t.Helper()
	f, err := simcard.ParseFaults(faults)
	require.NoError(t, err)
	c, err := simcard.New(simcard.Options{Faults: f})
	require.NoError(t, err)
	readers := simcard.NewReaders(c)
	t.Cleanup(func() { require.NoError(t, readers.Close()) })
	connection, err := readers.Connect(t.Context(), simcard.ReaderName)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, connection.Close()) })
	require.NoError(t, connection.Begin(t.Context()))
	return connection
}

// The simulated card has the number of the test value of efiling-pages.md §1.7.
func TestCombinationCode(t *testing.T) {
	for _, faults := range []string{"none", "short-reads", "61xx", "6cxx", "6f00", "trailing-sw"} {
		t.Run(faults, func(t *testing.T) {
			g := &guarded{t: t, card: simulated(t, faults)}
			code, err := manufacture.CombinationCode(g, identifier)
			require.NoError(t, err)
			require.Equal(t, "25fefd1edd16ed47fe1f05a91ae0f7b0d1bde1196c539466e68c3b9acdb2950a", hex.EncodeToString(code[:]))

			other := identifier
			other[15]++
			another, err := manufacture.CombinationCode(g, other)
			require.NoError(t, err)
			require.NotEqual(t, code, another)
		})
	}
}

// The number does not stay in the memory that the card's answer came in.
func TestNumberIsWiped(t *testing.T) {
	k := &keeping{card: simulated(t, "none")}
	_, err := manufacture.CombinationCode(k, identifier)
	require.NoError(t, err)
	require.Len(t, k.answers, 2)
	require.NotContains(t, string(slices.Concat(k.answers...)), simcard.ManufactureNumber)
	require.Greater(t, len(k.answers[1]), len(simcard.ManufactureNumber))
}

// keeping keeps the very slices that a card's answers are handed out in.
type keeping struct {
	card    card.Transport
	answers [][]byte
}

func (k *keeping) Transmit(command []byte) ([]byte, error) {
	answer, err := k.card.Transmit(command)
	k.answers = append(k.answers, answer)
	return answer, err
}

func TestAbsent(t *testing.T) {
	_, err := manufacture.CombinationCode(simulated(t, "phone"), identifier)
	require.ErrorIs(t, err, application.ErrNoApplication)
}

func TestFails(t *testing.T) {
	chosen := cardtest.Step{Why: "select the application", Command: selectCommand, Response: "9000"}
	for name, test := range map[string]struct {
		response string
		fail     error
		want     error
		text     string
	}{
		"no record":             {"6A83", nil, application.ErrNoFile, ""},
		"no such command":       {"6D00", nil, card.InstructionNotSupported, ""},
		"a PIN is wanted":       {"6982", nil, application.ErrPINRequired, ""},
		"nothing":               {"9000", nil, nil, "no element"},
		"a record cut short":    {"01 1C 3030 9000", nil, nil, "no element"},
		"letters":               {"01 0F 3030 3132333435363738393031 3241 9000", nil, nil, "something else than digits"},
		"the card is taken off": {"", card.ErrRemoved, card.ErrRemoved, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := cardtest.Play(t, chosen, cardtest.Step{Why: "read the record", Command: readCommand, Response: test.response, Fail: test.fail})
			code, err := manufacture.CombinationCode(s, identifier)
			require.Error(t, err)
			require.Zero(t, code)
			if test.want != nil {
				require.ErrorIs(t, err, test.want)
			}
			require.ErrorContains(t, err, test.text)
			require.NotContains(t, err.Error(), "1234")
		})
	}
}

// A guarded transport fails the test when a command could reach anything but record 1 of the application's first file.
type guarded struct {
	t    *testing.T
	card card.Transport
}

func (g *guarded) Transmit(command []byte) ([]byte, error) {
	allowed := []string{selectCommand, readCommand, "00B2010C 1E", "00B2010C 20"} // with the length that the card wants
	for i, known := range allowed {
		allowed[i] = strings.ReplaceAll(known, " ", "")
	}
	if command[1] != 0xC0 { // GET RESPONSE fetches what was read
		require.Contains(g.t, allowed, strings.ToUpper(hex.EncodeToString(command)))
	}
	return g.card.Transmit(command)
}

// TestNothingElse: the package has one function, and whatever a card answers to it, no command is sent that reads something
// else than the number. Whoever adds a function drives it here.
func TestNothingElse(t *testing.T) {
	sources, err := os.ReadDir(".")
	require.NoError(t, err)
	var exported []string
	for _, source := range sources {
		if strings.HasSuffix(source.Name(), "_test.go") || !strings.HasSuffix(source.Name(), ".go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), source.Name(), nil, 0)
		require.NoError(t, err)
		for _, declared := range file.Decls {
			if f, ok := declared.(*ast.FuncDecl); ok && f.Name.IsExported() {
				exported = append(exported, f.Name.Name)
			}
		}
	}
	require.Equal(t, []string{"CombinationCode"}, exported)

	for _, faults := range []string{"none", "padding", "short-reads", "61xx", "6cxx", "6f00", "trailing-sw", "phone", "no-surface"} {
		t.Run(faults, func(t *testing.T) {
			_, _ = manufacture.CombinationCode(&guarded{t: t, card: simulated(t, faults)}, identifier)
		})
	}
}

// FuzzHostileCard: whatever a card answers, nothing panics, and an error tells none of it.
func FuzzHostileCard(f *testing.F) {
	f.Add([]byte("\x02\x90\x00\x20\x01\x1c0012345678901231310120351231\x90\x00"))
	f.Add([]byte("\x02\x90\x00\x02\x61\x05\x02\x6c\x05\x02\x62\x82"))
	f.Fuzz(func(t *testing.T, answers []byte) {
		hostile := &cardtest.Hostile{Answers: answers}
		code, err := manufacture.CombinationCode(hostile, identifier)
		if err != nil {
			require.Zero(t, code)
			require.NotContains(t, err.Error(), "1234567890123")
			return
		}
		require.GreaterOrEqual(t, hostile.Commands, 2)
		require.NotZero(t, code)
	})
}
