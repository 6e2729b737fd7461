//go:build unix

package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
)

var update = flag.Bool("update", false, "rewrite docs/fault-matrix.md")

// A mode is a way to reach the commands.
type mode int

const (
	inWindow mode = iota
	inDialog
	onCommandLine
)

func (m mode) String() string { return [...]string{"window", "dialog", "command line"}[m] }

// A ledger adds up, over the whole matrix, what citizens typed and what cards counted.
type ledger struct {
	mu                                  sync.Mutex
	cells, typed, wrong, arrived, spent int
}

// TestMatrix tries every command with every fault of the simulated card, through the host as a browser speaks to
// it (the PIN in the window, and in the system's dialog) and on the command line. Each cell must end with the
// outcome that its table says. Beyond that, in all of them:
//
//   - the card is sent each PIN that the citizen typed once, or never, and nothing else: no VERIFY of the host's
//     own but the repetition for cards that want the PIN before every signature;
//   - tries spent are wrong PINs typed, exactly;
//   - no PIN stands as verified when a transaction ends, nor when the card is put back;
//   - every connection is closed, with the power cut where a PIN went over it, and the same host carries out
//     the next request.
func TestMatrix(t *testing.T) {
	var book ledger
	t.Run("cells", func(t *testing.T) {
		for _, d := range deeds {
			for _, m := range []mode{inWindow, inDialog, onCommandLine} {
				if !d.in(m) {
					continue
				}
				t.Run(fmt.Sprintf("%s/%v", d.name, m), func(t *testing.T) {
					t.Parallel()
					b := bench{t: t, deed: d, mode: m, book: &book, stations: map[simcard.Validity]*station{}}
					b.runAll()
				})
			}
		}
	})
	t.Logf("%d cells; %d PINs typed, of these %d wrong, of which %d reached the card; tries spent: %d", book.cells, book.typed, book.wrong, book.arrived, book.spent)
	require.Equal(t, book.arrived, book.spent, "tries spent are wrong PINs typed")
}

// A bench tries one command in one mode.
type bench struct {
	t        *testing.T
	deed     deed
	mode     mode
	book     *ledger
	stations map[simcard.Validity]*station
	// What the command does with a sound card:
	apdus   []apdu
	prompts int // for a PIN or a consent; on the command line, PINs
}

func (b *bench) runAll() {
	sound := b.cell("sound card", simcard.Valid, func(s *station) {
		require.Equal(s.t, ok, b.carryOut(s, simcard.Faults{}, conduct{}))
		b.apdus = slices.Clone(s.readers.apdus)
		b.prompts = s.citizen.prompts
		if b.mode == onCommandLine {
			b.prompts = len(b.transactionsWithPIN())
		}
		b.settle(s, nil)
	})
	if !sound {
		return
	}
	for _, r := range rows {
		b.row(r)
	}
	b.removals()
}

// cell runs one cell of the matrix at a station with a card of that validity.
func (b *bench) cell(name string, validity simcard.Validity, f func(*station)) (passed bool) {
	s := b.stations[validity]
	if s == nil {
		s = newStation(b.t, validity)
		b.stations[validity] = s
	}
	b.book.count(func(l *ledger) { l.cells++ })
	passed = b.t.Run(name, func(t *testing.T) {
		s.t = t
		f(s)
	})
	s.t, s.window.t, s.dialog.t = b.t, b.t, b.t
	if !passed {
		delete(b.stations, validity) // nobody knows what state it is in
	}
	return passed
}

// transactionsWithPIN returns the numbers of the transactions in which a PIN goes to a sound card.
func (b *bench) transactionsWithPIN() []int {
	var numbers []int
	for _, a := range b.apdus {
		if a.kind == verifyPIN {
			numbers = append(numbers, a.transaction)
		}
	}
	return numbers
}

// row tries one row, with each of its faults and at each prompt.
func (b *bench) row(r row) {
	want := r.wanted(b.mode).of(b.deed)
	if want == notApplicable {
		return
	}
	prompts := 1
	if r.everyPrompt {
		prompts = b.prompts
		require.Positive(b.t, prompts, "%s: %s", b.deed.name, r.title)
	}
	words := r.faults
	if words == nil {
		words = []string{""}
	}
	for _, w := range words {
		faults, err := simcard.ParseFaults(w)
		require.NoError(b.t, err)
		for at := 1; at <= prompts; at++ {
			b.cell(fmt.Sprintf("%s/%s/%d", r.title, w, at), r.validity, func(s *station) {
				how := r.conduct
				how.at = at
				got := b.carryOut(s, faults, how)
				if got != ok && !b.deed.bare && !r.everyPrompt && total(s.citizen.typed)+total(s.citizen.malformed) == 0 {
					got += unasked
				}
				require.Equal(s.t, want, got)
				b.settle(s, func(pin simcard.PIN) int { return r.sent(&s.citizen, b.deed, pin) })
				if s.citizen.about != "" {
					require.NoError(s.t, s.card.Swap(simcard.Taro))
				}
			})
		}
	}
}

// wanted returns the outcomes of the row in that mode.
func (r row) wanted(m mode) outcomes {
	if m == onCommandLine && r.commandLine != nil {
		return r.commandLine
	}
	return r.want
}

// sent returns how many VERIFYs with that PIN the card must have seen.
func (r row) sent(c *citizen, d deed, pin simcard.PIN) int {
	n := c.typed[pin]
	switch {
	case r.again && n > 0 && d.signs > 0:
		return n + d.signs - 1
	case pin != c.about:
		return n
	case r.withheld == allOf:
		return 0
	}
	return n - r.withheld
}

func total(counts map[simcard.PIN]int) (sum int) {
	for _, n := range counts {
		sum += n
	}
	return sum
}

// carryOut has the command carried out once, with those faults and that conduct.
func (b *bench) carryOut(s *station, f simcard.Faults, how conduct) outcome {
	require.NoError(s.t, s.card.SetFaults(f))
	s.before = map[simcard.PIN]int{}
	for pin := range matrixPINs {
		left, err := s.card.Tries(pin)
		require.NoError(s.t, err)
		s.before[pin] = left
	}
	s.citizen.begin(how)
	s.readers.begin(nil)
	switch b.mode {
	case inWindow:
		return s.ask(s.window, b.deed)
	case inDialog:
		return s.ask(s.dialog, b.deed)
	}
	if how.meanwhile != nil {
		// Nobody sees when a PIN is read from a descriptor: before the transaction in which it is used.
		meanwhile := b.transactionsWithPIN()[how.at-1]
		s.readers.begin(func(transaction int) {
			if transaction == meanwhile {
				s.citizen.about = b.deed.pins[how.at-1]
				how.meanwhile(s, nil, s.citizen.about)
			}
		})
	}
	return s.run(b.deed)
}

// settle requires what must be so after every cell. sent tells how many VERIFYs the card must have seen; nil is
// one for each PIN that was typed.
func (b *bench) settle(s *station, sent func(simcard.PIN) int) {
	c := &s.citizen
	require.Zero(s.t, s.readers.connections, "connections left open")
	require.Zero(s.t, s.readers.services, "services left open")
	require.Empty(s.t, s.readers.left, "PINs that stood as verified when a transaction ended")
	require.Zero(s.t, s.readers.powered, "connections over which a PIN went and that left the card its power")
	changed := 0
	for pin, p := range matrixPINs {
		tally := s.card.Tally(pin)
		want := c.typed[pin]
		if sent != nil {
			want = sent(pin)
		}
		require.Equal(s.t, want+c.others[pin], tally.Verifies, "VERIFYs, %s", pin)
		wrong := min(c.wrong[pin], want)
		require.Equal(s.t, wrong+c.others[pin], tally.Wrong, "tries spent, %s", pin)
		tries := s.before[pin] - wrong - c.others[pin]
		if want > wrong {
			tries = p.tries
		}
		left, err := s.card.Tries(pin)
		require.NoError(s.t, err)
		require.Equal(s.t, tries, left, "tries left, %s", pin)
		require.LessOrEqual(s.t, tally.Changes, tally.Verifies-tally.Wrong, "a new PIN follows the right one, once")
		if pin != b.deed.changes {
			require.Zero(s.t, tally.Changes, "%s", pin)
		} else if changed = tally.Changed; changed > 0 {
			c.values[pin], c.next[pin] = c.next[pin], c.values[pin]
		}
		b.book.count(func(l *ledger) {
			l.typed += c.typed[pin]
			l.wrong += c.wrong[pin]
			l.arrived += wrong
			l.spent += tally.Wrong - c.others[pin]
		})
	}
	s.changed = changed

	require.Empty(s.t, s.card.Verified())
	s.card.Insert()
	s.card.PowerOn()
	require.Empty(s.t, s.card.Verified(), "after the card was put back")
	s.card.Reset()
	require.Empty(s.t, s.card.Verified(), "after a reset")

	require.NoError(s.t, s.card.SetFaults(simcard.Faults{}))
	s.requireReady(s.window)
	s.requireReady(s.dialog)
	for pin := range matrixPINs {
		require.Zero(s.t, s.card.Tally(pin).Verifies, "a status sends no PIN")
	}
	s.restore()
}

func (l *ledger) count(f func(*ledger)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(l)
}

// docs/fault-matrix.md shows the tables that TestMatrix proves.
func TestMatrixDocument(t *testing.T) {
	const path = "../docs/fault-matrix.md"
	want := document()
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
	}
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, want, string(got), "out of date: go test ./host -run Matrix -update")
}
