//go:build unix

package main

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
)

// A phase is a part of a command, as the commands to the card show it.
type phase int

const (
	finding   phase = iota // the first transaction: whether there is a card, and what it says without a PIN
	opening                // up to the VERIFY
	verifying              // a VERIFY with a PIN
	using                  // up to where the result is complete
	changing               // CHANGE REFERENCE DATA
	leaving                // the result is complete: the PIN state is dropped
	phases
)

// removals say what a card leads to that is taken away before or after each single command to it, by phase.
var removals = [phases]struct {
	title             string
	want, commandLine outcomes // as in a row
}{
	finding: {title: "while it is looked at, before anything is asked",
		// The host waits and the window says so; the citizen puts the card back.
		want: all.but("CARD_LOST", doStatus), commandLine: outcomes{"": "CARD_LOST"}},
	opening: {title: "before VERIFY", want: outcomes{"": "CARD_LOST", doStatus: notApplicable, doCertificateAuth: notApplicable}},
	verifying: {title: "at VERIFY, before the answer",
		want: outcomes{"": "CARD_LOST (try-may-be-spent)", doStatus: notApplicable, doCertificateAuth: notApplicable}},
	using:    {title: "after VERIFY, before the result is complete", want: outcomes{"": "CARD_LOST", doStatus: notApplicable}},
	changing: {title: "at CHANGE REFERENCE DATA, before the answer", want: none.but("CARD_LOST (pin-may-be-changed)", doChange...)},
	leaving:  {title: "when the result is complete", want: outcomes{"": ok, doStatus: notApplicable, doCertificateAuth: notApplicable}},
}

// lostWrong is what a wrong PIN leads to when the card goes at its VERIFY, before or after it counted.
var lostWrong = outcomes{"": "CARD_LOST (try-may-be-spent)", doStatus: notApplicable, doCertificateAuth: notApplicable}

// phasesOf returns the phase of each command to a sound card.
func phasesOf(apdus []apdu) []phase {
	result := make([]phase, len(apdus))
	verified, changed := false, false
	verifies := 0
	for _, a := range apdus {
		if a.kind == verifyPIN {
			verifies++
		}
	}
	for i, a := range apdus {
		switch {
		case a.transaction == 1:
			result[i] = finding
		case a.kind == verifyPIN:
			result[i], verified = verifying, true
		case a.kind == changePIN:
			result[i], changed = changing, true
		case changed, verified && i == len(apdus)-1:
			result[i] = leaving
		case verifies > 0 && !verified:
			result[i] = opening
		default:
			result[i] = using
		}
	}
	return result
}

// removals takes the card away before and after each single command.
func (b *bench) removals() {
	for i, p := range phasesOf(b.apdus) {
		r := row{want: removals[p].want, commandLine: removals[p].commandLine}
		b.removal(i, removals[p].title, conduct{}, r.wanted(b.mode).of(b.deed))
		if p == verifying && b.countBefore(i, verifyPIN) == 0 {
			b.removal(i, "wrong PIN", conduct{wrong: 1}, lostWrong.of(b.deed))
		}
	}
}

// removal takes the card away before, and after, the command with that index.
func (b *bench) removal(i int, title string, how conduct, want outcome) {
	for _, f := range []struct {
		name     string
		faults   simcard.Faults
		executed int // commands
	}{
		{"before", simcard.Faults{RemoveBefore: i + 1}, i},
		{"after", simcard.Faults{RemoveAfter: i + 1}, i + 1},
	} {
		b.cell(fmt.Sprintf("removed/%s/%s %d", title, f.name, i+1), simcard.Valid, func(s *station) {
			require.Equal(s.t, want, b.carryOut(s, f.faults, how))
			if want == ok && b.apdus[i].transaction == 1 {
				b.settle(s, nil) // everything was done again
				return
			}
			verifies := b.countBefore(f.executed, verifyPIN)
			b.settle(s, func(pin simcard.PIN) int {
				sent := 0
				for _, p := range b.deed.pins[:verifies] {
					if p == pin {
						sent++
					}
				}
				return sent
			})
			require.Equal(s.t, b.countBefore(f.executed, changePIN), s.changed, "PINs changed")
		})
	}
}

// countBefore counts commands of that kind among the first n to a sound card.
func (b *bench) countBefore(n int, kind apduKind) (count int) {
	for _, a := range b.apdus[:n] {
		if a.kind == kind {
			count++
		}
	}
	return count
}
