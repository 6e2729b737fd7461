package surface_test

import (
	"bytes"
	"encoding/hex"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/cardtest"
	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/card/surface"
)

var rightPIN = []byte("4321")

// simulated makes a card with faults, in words, and opens a transaction with it.
func simulated(t *testing.T, faults string, options simcard.Options) (*simcard.Card, card.Connection) {
	t.Helper()
	var err error
	options.Faults, err = simcard.ParseFaults(faults)
	require.NoError(t, err)
	c, err := simcard.New(options)
	require.NoError(t, err)
	readers := simcard.NewReaders(c)
	t.Cleanup(func() { require.NoError(t, readers.Close()) })
	connection, err := readers.Connect(t.Context(), simcard.ReaderName)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, connection.Close()) })
	require.NoError(t, connection.Begin(t.Context()))
	return c, connection
}

func TestAttributes(t *testing.T) {
	for _, faults := range []string{"none", "padding", "short-reads", "61xx", "6cxx", "61xx,short-reads,padding", "6f00"} {
		for _, person := range simcard.Persons {
			t.Run(faults+", "+person.ID, func(t *testing.T) {
				_, connection := simulated(t, faults, simcard.Options{Person: person})
				a, err := surface.Select(connection)
				require.NoError(t, err)
				left, err := a.PIN().TriesLeft()
				require.NoError(t, err)
				require.Equal(t, surface.MaxTries, left)
				_, err = a.Attributes()
				require.ErrorIs(t, err, application.ErrPINRequired)

				require.NoError(t, a.PIN().Verify(rightPIN))
				attributes, err := a.Attributes()
				require.NoError(t, err)
				require.Equal(t, surface.Attributes{
					Name: person.Name, Address: person.Address,
					BirthDate: surface.BirthDate(person.Birth), Sex: surface.Sex(person.Sex),
				}, attributes)
				require.NoError(t, a.PIN().Drop())
				_, err = a.Attributes()
				require.ErrorIs(t, err, application.ErrPINRequired)
			})
		}
	}
}

// TestUnusualAttributes gives every answer that the simulated card knows for the file of the attributes.
func TestUnusualAttributes(t *testing.T) {
	refused := map[string]string{
		"absent":      "does not have this file",
		"blank":       "a tag that has not two bytes",
		"cut":         "the file ends after",
		"overlong":    "an object of 65540 bytes",
		"more":        "the file ends after",
		"less":        "the sex: a length of 1 with 0 bytes",
		"inner":       "the address: a length of 127",
		"offset":      "the address: at offset",
		"duplicate":   "the address: tag DF22",
		"unknown-tag": "the address: tag DF2A",
		"surplus":     "4 bytes behind the last attribute",
		"not-utf8":    "the name: not UTF-8",
		"control":     "the name: a control character",
		"byte-sex":    "the sex: not one printable character",
		"bad-date":    "the birth date: not a date",
	}
	taken := map[string]struct {
		date string
		sex  surface.Sex
	}{
		"unknown-sex": {"1980-05-05", "3"},
		"zero-date":   {"0000-00-00", surface.Male},
		"zero-day":    {"1980-05-00", surface.Male},
	}
	for _, fault := range simcard.AttributeFaults() {
		t.Run(fault, func(t *testing.T) {
			_, connection := simulated(t, "attributes="+fault, simcard.Options{})
			a, err := surface.Select(connection)
			require.NoError(t, err)
			require.NoError(t, a.PIN().Verify(rightPIN))
			attributes, err := a.Attributes()
			if want, ok := taken[fault]; ok {
				require.NoError(t, err)
				require.Equal(t, want.date, attributes.BirthDate.Date())
				require.Equal(t, want.sex, attributes.Sex)
				return
			}
			require.Contains(t, refused, fault, "an answer that this test does not know")
			require.ErrorContains(t, err, refused[fault])
			for _, secret := range []string{simcard.Taro.Name, simcard.Taro.Address, simcard.Taro.Birth} {
				require.NotContains(t, err.Error(), secret)
			}
		})
	}
}

func TestPIN(t *testing.T) {
	_, connection := simulated(t, "none", simcard.Options{})
	a, err := surface.Select(connection)
	require.NoError(t, err)
	require.ErrorIs(t, a.PIN().Change([]byte("9182")), application.ErrPINRequired)
	require.Equal(t, &application.WrongPIN{TriesLeft: 2}, a.PIN().Verify([]byte("0000")))
	require.NoError(t, a.PIN().Verify(rightPIN))
	require.ErrorIs(t, a.PIN().Change([]byte("91A2")), application.ErrPINRefused)
	require.NoError(t, a.PIN().Change([]byte("9182")))
	require.Equal(t, &application.WrongPIN{TriesLeft: 2}, a.PIN().Verify(rightPIN))
	require.NoError(t, a.PIN().Verify([]byte("9182")))
	for range surface.MaxTries - 1 {
		require.Error(t, a.PIN().Verify(rightPIN))
	}
	require.ErrorIs(t, a.PIN().Verify(rightPIN), application.ErrBlocked)
	left, err := a.PIN().TriesLeft()
	require.NoError(t, err)
	require.Zero(t, left)
}

func TestAbsent(t *testing.T) {
	_, connection := simulated(t, "phone", simcard.Options{})
	_, err := surface.Select(connection)
	require.ErrorIs(t, err, application.ErrNoApplication)
	_, err = surface.Select(broken{})
	require.ErrorIs(t, err, card.ErrRemoved)
	require.NotErrorIs(t, err, application.ErrNoApplication)
}

// broken is a card that is gone.
type broken struct{}

func (broken) Transmit([]byte) ([]byte, error) { return nil, card.ErrRemoved }

// A guarded transport fails the test when a command could reach EF 0001, the file of the 個人番号: only the
// two files that are used may be selected, and no command may name a file by a short identifier.
type guarded struct {
	t    *testing.T
	card card.Transport
	sent []card.Command
}

func (g *guarded) Transmit(command []byte) ([]byte, error) {
	c, err := card.ParseCommand(bytes.Clone(command))
	require.NoError(g.t, err)
	g.sent = append(g.sent, c)
	switch {
	case c.CLA != 0x00:
		require.Fail(g.t, "a class of its own", "%v", c)
	case c.INS == 0xA4 && c.P1 == 0x04:
		require.Equal(g.t, unhex("D3921000310001010408"), c.Data, "another application")
	case c.INS == 0xA4:
		require.EqualValues(g.t, 0x02, c.P1, "%v", c)
		require.Contains(g.t, [][]byte{{0x00, 0x02}, {0x00, 0x11}}, c.Data, "%v", c)
	case c.INS == 0xB0:
		require.Zero(g.t, c.P1&0x80, "%v reads by a short identifier", c)
	case c.INS == 0x20 || c.INS == 0x24:
		require.EqualValues(g.t, 0x80, c.P2, "%v", c)
	case c.INS == 0xC0:
	default:
		require.Fail(g.t, "an unexpected instruction", "%v", c)
	}
	return g.card.Transmit(command)
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// calls are all that can be had of an Application, each called as it would be.
var calls = map[string]func(*surface.Application) error{
	"Attributes":      func(a *surface.Application) error { _, err := a.Attributes(); return err },
	"PIN.Drop":        func(a *surface.Application) error { return a.PIN().Drop() },
	"PIN.TriesLeft":   func(a *surface.Application) error { _, err := a.PIN().TriesLeft(); return err },
	"PIN.Verify":      func(a *surface.Application) error { return a.PIN().Verify(rightPIN) },
	"PIN.VerifyOnPad": func(a *surface.Application) error { return a.PIN().VerifyOnPad(func() error { return nil }) },
	"PIN.Change":      func(a *surface.Application) error { return a.PIN().Change(rightPIN) },
	"PIN.ChangeOnPad": func(a *surface.Application) error { return a.PIN().ChangeOnPad(func() error { return nil }) },
}

// TestNeverTheIndividualNumber: no call, before a PIN and after it, on a sound card and on others, sends a command
// that could reach EF 0001.
func TestNeverTheIndividualNumber(t *testing.T) {
	var known []string
	for method := range reflect.TypeFor[*surface.Application]().Methods() {
		if method.Name != "PIN" { // which sends nothing itself
			known = append(known, method.Name)
		}
	}
	for method := range reflect.TypeFor[application.PIN]().Methods() {
		known = append(known, "PIN."+method.Name)
	}
	require.ElementsMatch(t, known, slices.Collect(maps.Keys(calls)), "a call that this test does not know")

	for _, faults := range []string{"none", "padding", "short-reads", "61xx", "6cxx", "6f00", "trailing-sw", "attributes-tries=0"} {
		t.Run(faults, func(t *testing.T) {
			_, connection := simulated(t, faults, simcard.Options{})
			g := &guarded{t: t, card: connection}
			a, err := surface.Select(g)
			require.NoError(t, err)
			for _, verified := range []bool{false, true} {
				for name, call := range calls {
					if verified {
						_ = a.PIN().Verify(rightPIN)
					}
					sent := len(g.sent)
					_ = call(a)
					require.Greater(t, len(g.sent), sent, name)
				}
			}
		})
	}
}

// FuzzHostileCard: whatever a card answers, no command goes where none should, nothing panics, and
// attributes that come out are text.
func FuzzHostileCard(f *testing.F) {
	f.Add([]byte("\x02\x90\x00\x02\x90\x00\x02\x90\x00\x07\xFF\x20\x5F\xDF\x21\x90\x00\x04\xFF\x20\x90\x00"))
	f.Add([]byte("\x02\x90\x00\x02\x90\x00\x02\x61\x05\x02\x6C\x05\x02\x62\x82"))
	f.Fuzz(func(t *testing.T, answers []byte) {
		a, err := surface.Select(&guarded{t: t, card: &cardtest.Hostile{Answers: answers}})
		if err != nil {
			return
		}
		attributes, err := a.Attributes()
		if err != nil {
			require.Empty(t, attributes)
			return
		}
		require.Len(t, attributes.BirthDate, 8)
		require.Len(t, attributes.Sex, 1)
	})
}
