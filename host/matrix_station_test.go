//go:build unix

package main

import (
	"context"
	"encoding/base64"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/card/surface"
	"github.com/natsuin/natsuin/internal/prompt"
)

// A station is one simulated card in its reader, the programs that use it, one request at a time, and the
// citizen in front of it.
type station struct {
	t       *testing.T
	card    *simcard.Card
	readers *audit
	citizen citizen
	// Two hosts, which live as long as the station: one has no system dialog and takes the PIN in the window.
	window, dialog *extension
	before         map[simcard.PIN]int // tries left when the request began
	changed        int                 // PINs changed by it
}

func newStation(t *testing.T, validity simcard.Validity) *station {
	t.Helper()
	s := &station{t: t, citizen: citizen{values: map[simcard.PIN]string{}, next: map[simcard.PIN]string{}}}
	for pin, p := range matrixPINs {
		s.citizen.values[pin], s.citizen.next[pin] = p.first, p.second
	}
	var err error
	s.card, err = simcard.New(simcard.Options{Validity: validity, PINs: maps.Clone(s.citizen.values)})
	require.NoError(t, err)
	s.readers = &audit{card: s.card}
	s.window = serve(t, s.readers.open, nil)
	s.dialog = serve(t, s.readers.open, s)
	s.window.card, s.dialog.card = s.card, s.card
	return s
}

// matrixPINs are the three PINs: what the protocol calls them, how many tries they bear, two values that are
// not weak, and a wrong one.
var matrixPINs = map[simcard.PIN]struct {
	name                 string
	tries                int
	first, second, wrong string
}{
	simcard.PINAuth:       {"authentication", 3, "7391", "5208", "3856"},
	simcard.PINSign:       {"signature", 5, "MAT7RIX", "RIX7MAT", "WRONG9"},
	simcard.PINAttributes: {"card-surface", 3, "8264", "6935", "3856"},
}

const malformedPIN = "12"

func pinNamed(name string) simcard.PIN {
	for pin, p := range matrixPINs {
		if p.name == name {
			return pin
		}
	}
	return ""
}

// A conduct is what the citizen does during one request, and what happens around them.
type conduct struct {
	malformed bool // an impossible PIN is typed before each right one
	wrong     int  // so many wrong PINs are typed before each right one
	noLastTry bool // the last try is refused
	// meanwhile happens while the prompt number at, from 1, is open. It is about that PIN, and returns
	// whether the citizen answers the prompt after it.
	meanwhile func(s *station, e *extension, pin simcard.PIN) (answer bool)
	at        int
}

// A citizen answers prompts as a conduct says, and remembers what was typed.
type citizen struct {
	values, next map[simcard.PIN]string // each PIN, and what it is to become

	mu sync.Mutex // guards all below: a system dialog asks from the host's goroutine
	conduct
	prompts   int // opened so far for a PIN or a consent
	malformed map[simcard.PIN]int
	typed     map[simcard.PIN]int // current PINs, of the right form
	wrong     map[simcard.PIN]int // of these, the wrong ones
	others    map[simcard.PIN]int // wrong PINs that another program sent
	about     simcard.PIN         // the PIN of the prompt at which something happened
}

func (c *citizen) begin(how conduct) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conduct, c.prompts, c.about = how, 0, ""
	c.malformed, c.typed, c.wrong, c.others = map[simcard.PIN]int{}, map[simcard.PIN]int{}, map[simcard.PIN]int{}, map[simcard.PIN]int{}
}

// types returns what the citizen types next where the PIN is asked for.
func (c *citizen) types(pin simcard.PIN, purpose string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case purpose == "new" || purpose == "repeat":
		return c.next[pin]
	case c.conduct.malformed && c.malformed[pin] == 0:
		c.malformed[pin]++
		return malformedPIN
	}
	c.typed[pin]++
	if c.wrong[pin] < c.conduct.wrong {
		c.wrong[pin]++
		return matrixPINs[pin].wrong
	}
	return c.values[pin]
}

// meets is told of every prompt for a PIN or a consent, and returns whether the citizen answers it.
func (s *station) meets(e *extension, pin simcard.PIN) bool {
	c := &s.citizen
	c.mu.Lock()
	c.prompts++
	now := c.meanwhile != nil && c.prompts == c.at
	if now {
		c.about = pin
	}
	c.mu.Unlock()
	return !now || c.meanwhile(s, e, pin)
}

// Ask implements prompt.Asker: the system dialog, before the same citizen.
func (s *station) Ask(ctx context.Context, r prompt.Request) (*prompt.PIN, error) {
	pin := pinNamed(r.PIN.String())
	if !s.meets(s.dialog, pin) {
		<-ctx.Done()
		return nil, prompt.ErrCancelled
	}
	return prompt.NewPIN([]byte(s.citizen.types(pin, r.Purpose.String()))), nil
}

// ask sends one request through a host and answers its prompts until it ends.
func (s *station) ask(e *extension, d deed) outcome {
	e.t = s.t
	guard := time.AfterFunc(hanging, func() { _ = e.in.Close() }) // ends the host, and with it the test
	defer guard.Stop()
	e.send(`{"type":"request","id":"%s","lang":"ja",%s}`, requestID, d.request)
	for i, content := range d.contents {
		e.send(`{"type":"chunk","id":"%s","document":%d,"data":"%s"}`, requestID, i, base64.StdEncoding.EncodeToString(content))
		e.until("received")
	}
	for {
		m := e.receive()
		switch m["type"] {
		case "card":
			if m["presence"] == "no-card" {
				s.card.Insert()
			}
		case "prompt":
			s.answer(e, m)
		case "result":
			return resultOf(m["result"])
		case "error":
			require.Equal(s.t, requestID, m["id"])
			return failureOf(m["error"].(object))
		}
	}
}

const requestID = "cell"

// hanging is how long no cell takes.
const hanging = 20 * time.Second

func (s *station) answer(e *extension, p object) {
	name, _ := p["pin"].(string)
	pin := pinNamed(name)
	switch p["kind"] {
	case "consent":
		if s.meets(e, pin) {
			e.answer(p, true)
		}
	case "pin":
		if s.meets(e, pin) {
			purpose, _ := p["purpose"].(string)
			e.typePIN(p, s.citizen.types(pin, purpose))
		}
	case "last-try":
		e.answer(p, !s.citizen.noLastTry)
	default:
		s.t.Fatalf("unexpected prompt: %v", p)
	}
}

// An outcome is the code of the error that ended a request, with its reason in brackets, or ok.
type outcome string

const ok outcome = "ok"

func failureOf(e object) outcome {
	code := e["code"].(string)
	if reason, is := e["reason"].(string); is {
		return outcome(code + " (" + reason + ")")
	}
	if left, is := e["triesLeft"].(float64); code == "PIN_BLOCKED" && (!is || left != 0) {
		return "PIN_BLOCKED, and not 0 tries left"
	}
	return outcome(code)
}

// resultOf is ok, but for a status, which tells in the reader's entry what is wrong with a card.
func resultOf(result any) outcome {
	entries, _ := result.(object)["readers"].([]any)
	for _, entry := range entries {
		if e, failed := entry.(object)["error"].(object); failed {
			return failureOf(e)
		}
	}
	return ok
}

// otherProgram runs f on a connection of another program's.
func (s *station) otherProgram(f func(card.Connection)) {
	readers := simcard.NewReaders(s.card)
	defer readers.Close()
	c, err := readers.Connect(context.Background(), simcard.ReaderName)
	require.NoError(s.t, err)
	defer c.Close()
	require.NoError(s.t, c.Begin(context.Background()))
	f(c)
}

// spendElsewhere has another program send n wrong PINs.
func (s *station) spendElsewhere(pin simcard.PIN, n int) {
	s.otherProgram(func(c card.Connection) {
		for range n {
			wrong := []byte(matrixPINs[pin].wrong)
			if pin == simcard.PINAttributes {
				a, err := surface.Select(c)
				require.NoError(s.t, err)
				require.Error(s.t, a.PIN().Verify(wrong))
				continue
			}
			a, err := jpki.Select(c)
			require.NoError(s.t, err)
			require.Error(s.t, a.PIN(map[simcard.PIN]jpki.Slot{simcard.PINAuth: jpki.Authentication, simcard.PINSign: jpki.Signature}[pin]).Verify(wrong))
		}
	})
	s.citizen.mu.Lock()
	s.citizen.others[pin] += n
	s.citizen.mu.Unlock()
}

// requireReady shows that the host carries out a next request: it sees the card, and the tries that the card has.
func (s *station) requireReady(e *extension) {
	e.t = s.t
	e.send(`{"type":"request","id":"after","command":"status","lang":"en"}`)
	m := e.until("result")
	require.Equal(s.t, "after", m["id"])
	reader := m["result"].(object)["readers"].([]any)[0].(object)
	require.NotContains(s.t, reader, "error")
	for pin, p := range matrixPINs {
		left, err := s.card.Tries(pin)
		require.NoError(s.t, err)
		key := p.name
		if pin == simcard.PINAttributes {
			key = "cardSurface"
		}
		require.EqualValues(s.t, left, reader[key].(object)["triesLeft"], p.name)
	}
}

// restore makes the card sound again, in the reader and with all its tries.
func (s *station) restore() {
	require.NoError(s.t, s.card.SetFaults(simcard.Faults{}))
	s.card.Insert()
	for pin, p := range matrixPINs {
		require.NoError(s.t, s.card.SetTries(pin, p.tries))
	}
}
