package command_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/prompt"
)

// A human answers the prompts of a command from a script.
type human struct {
	pins   []string // typed one after the other; an empty list waits until the prompt goes
	refuse bool     // says no to the last try and to documents
	// meanwhile runs while the human reads a prompt, before the answer.
	meanwhile func()
	// told runs when the human is told what is waited for.
	told func(command.Waiting)

	asked    []prompt.Request
	given    []*prompt.PIN // what was typed: wiped when the command is done with it
	lastTry  int
	consents []command.Consent
	info     command.CardInfo
	waiting  []command.Waiting
	choice   int // the index to choose
	choices  [][]command.Candidate
	progress int
	pads     int
	onPad    []prompt.Request
	// keepWeak is the answer to a warning of a weak PIN.
	keepWeak   bool
	weaknesses [][]prompt.Weakness
}

func (h *human) Waiting(w command.Waiting) {
	h.waiting = append(h.waiting, w)
	if h.told != nil {
		h.told(w)
	}
}

func (h *human) Choose(_ context.Context, candidates []command.Candidate) (int, error) {
	h.choices = append(h.choices, candidates)
	return h.choice, h.agree()
}

// Pad types, or does not, on the pad: what happens there is the simulated card's to say.
func (h *human) Pad(context.Context, prompt.Request, command.CardInfo) error {
	h.pads++
	return h.agree()
}

func (h *human) TypeOnPad(r prompt.Request, _ command.CardInfo) { h.onPad = append(h.onPad, r) }

func (h *human) WeakPIN(_ context.Context, _ prompt.Request, _ command.CardInfo, weaknesses []prompt.Weakness) (bool, error) {
	h.weaknesses = append(h.weaknesses, weaknesses)
	if err := h.agree(); err != nil {
		return false, err
	}
	return h.keepWeak, nil
}

func (h *human) Progress(done, _ int) { h.progress = done }

func (h *human) Consent(_ context.Context, c command.Consent) error {
	h.consents = append(h.consents, c)
	return h.agree()
}

func (h *human) LastTry(context.Context, prompt.Request, command.CardInfo) error {
	h.lastTry++
	return h.agree()
}

func (h *human) agree() error {
	if h.meanwhile != nil {
		h.meanwhile()
	}
	if h.refuse {
		return prompt.ErrCancelled
	}
	return nil
}

func (h *human) PIN(ctx context.Context, r prompt.Request, info command.CardInfo) (*prompt.PIN, error) {
	h.asked, h.info = append(h.asked, r), info
	if h.meanwhile != nil {
		h.meanwhile()
	}
	if len(h.pins) == 0 {
		<-ctx.Done()
		return nil, prompt.ErrCancelled
	}
	pin := prompt.NewPIN([]byte(h.pins[0]))
	h.pins = h.pins[1:]
	h.given = append(h.given, pin)
	return pin, nil
}

// purposes are what the human was asked for, in order, with what was wrong before.
func (h *human) purposes() []string {
	var purposes []string
	for _, r := range h.asked {
		purpose := r.Purpose.String()
		if r.Wrong {
			purpose += " wrong"
		}
		if r.Malformed != 0 {
			purpose += " " + r.Malformed.String()
		}
		purposes = append(purposes, purpose)
	}
	return purposes
}

// A desk is a simulated card in its reader, a human before it, and a count of what the card was sent.
type desk struct {
	*simcard.Readers
	card  *simcard.Card
	human *human

	mu       sync.Mutex
	verifies int
	// unlocked is whether a PIN was presented and no SELECT of an application came since.
	unlocked bool
	open     int // connections
	// instead answers a command in the card's place; nil lets the card answer.
	instead  func(command []byte) []byte
	powerOff int // connections that ended with the power cut
	// ended runs after a transaction, with its number from 1; nil for nothing.
	ended        func(transaction int)
	transactions int
	// events are what the readers count besides what the simulated ones do.
	events uint16
	// features is the list of the reader's features instead of its own; nil lets the reader tell.
	features []byte
	// silent is whether the reader's driver does not tell of its features; silences counts how often it was asked.
	silent   bool
	silences int
	// padAnswer is what the pad says in the end, whatever it did; nil is the truth.
	padAnswer []byte
}

// List adds what happened unseen by the simulated readers.
func (d *desk) List() ([]card.Reader, <-chan struct{}, error) {
	readers, changed, err := d.Readers.List()
	for i := range readers {
		readers[i].Events += d.events
	}
	return readers, changed, err
}

// Connect counts connections, and looks at the card's state whenever a transaction ends.
func (d *desk) Connect(ctx context.Context, reader string) (card.Connection, error) {
	c, err := d.Readers.Connect(ctx, reader)
	if err != nil {
		return nil, err
	}
	d.open++
	return &watched{Connection: c, desk: d}, nil
}

// A watched connection notices a transaction that ends with the PIN state still standing.
type watched struct {
	card.Connection
	desk   *desk
	closed bool
	gone   bool // used up by a request to the reader that nobody waits for
}

func (w *watched) Transmit(command []byte) ([]byte, error) {
	if w.gone {
		return nil, card.ErrUnresponsive
	}
	if w.desk.instead != nil {
		if response := w.desk.instead(command); response != nil {
			return response, nil
		}
	}
	return w.Connection.Transmit(command)
}

// Features implements card.Controller, as the simulated reader does.
func (w *watched) Features(ctx context.Context) ([]byte, error) {
	if w.desk.features != nil {
		return w.desk.features, nil
	}
	if w.desk.silent {
		w.desk.silences++
		<-ctx.Done()
		w.gone = true
		_ = w.Connection.Close()
		return nil, ctx.Err()
	}
	return w.Connection.(card.Controller).Features(ctx)
}

func (w *watched) Control(ctx context.Context, code uint32, in []byte) ([]byte, error) {
	answer, err := w.Connection.(card.Controller).Control(ctx, code, in)
	if w.desk.padAnswer != nil && len(in) > 0 { // which questions about the pad have not
		answer = w.desk.padAnswer
	}
	return answer, err
}

func (w *watched) End() error {
	w.desk.mu.Lock()
	defer w.desk.mu.Unlock()
	if in, _ := w.desk.card.Presence(); w.desk.unlocked && in && !w.closed {
		panic("a transaction ended with the PIN state standing")
	}
	err := w.Connection.End()
	if w.desk.transactions++; w.desk.ended != nil {
		w.desk.ended(w.desk.transactions)
	}
	return err
}

func (w *watched) Close() error {
	w.close()
	return w.Connection.Close()
}

func (w *watched) PowerOff() error {
	w.close()
	w.desk.powerOff++
	return w.Connection.PowerOff()
}

func (w *watched) close() {
	if !w.closed {
		w.closed = true
		w.desk.open--
	}
}

// newDesk makes a card with those faults, in the words of natsuin-simcard.
func newDesk(t *testing.T, faults string, options simcard.Options, h *human) *desk {
	t.Helper()
	d := &desk{human: h}
	var err error
	options.Faults, err = simcard.ParseFaults(faults)
	require.NoError(t, err)
	options.Trace = func(sent, _ []byte) {
		d.mu.Lock()
		defer d.mu.Unlock()
		c, err := card.ParseCommand(sent)
		if err != nil {
			return
		}
		if c.INS == 0x20 && len(c.Data) > 0 {
			d.verifies++
			d.unlocked = true
		}
		if c.INS == 0xA4 && c.P1 == 0x04 {
			d.unlocked = false
		}
	}
	d.card, err = simcard.New(options)
	require.NoError(t, err)
	d.Readers = simcard.NewReaders(d.card)
	t.Cleanup(func() {
		for _, pin := range h.given {
			require.Empty(t, pin.Bytes(), "a PIN was not wiped")
		}
		require.Zero(t, d.open, "a connection was left open: the card keeps its power")
		_ = d.Readers.Close()
	})
	return d
}

func (d *desk) environment() command.Environment {
	return command.Environment{Readers: d, Human: d.human, Now: time.Now, Version: "0.1.0", Wait: time.Minute}
}

func (d *desk) verified() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.verifies
}

// requireTries fails when the PIN has another number of tries left.
func (d *desk) requireTries(t *testing.T, pin simcard.PIN, want int) {
	t.Helper()
	left, err := d.card.Tries(pin)
	require.NoError(t, err)
	require.Equal(t, want, left)
}

// requireLocked fails when the card still has a PIN verified, or cannot be taken by another program.
func (d *desk) requireLocked(t *testing.T) {
	t.Helper()
	if in, _ := d.card.Presence(); !in {
		return
	}
	require.NoError(t, d.card.SetFaults(simcard.Faults{}))
	c, err := d.Readers.Connect(context.Background(), simcard.ReaderName)
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.Begin(context.Background()))
	for _, key := range []byte{0x17, 0x1A} {
		_, err = card.Send(c, card.Command{INS: 0xA4, P1: 2, P2: 0x0C, Data: []byte{0, key}})
		if err != nil {
			continue // no application is selected: nothing is verified either
		}
		_, err = card.Send(c, card.Command{CLA: 0x80, INS: 0x2A, P2: 0x80, Data: []byte("x"), Le: 256})
		require.Error(t, err, "the card signs for anybody who comes next")
	}
}
