//go:build unix

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

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

// Cards to which some commands send other APDUs than to a sound one, so that their removals are tried as well.
var others = []struct {
	title, faults string
	commands      []string
}{
	{"a card that wants the PIN before every signature", "verify-each", []string{doSignCMS, doPortalSign}},
	{"a smartphone", "phone", []string{doAuthenticate, doCertificateAuth, doPortalLogin}},
}

// otherRemovals are the phases of those commands in which nobody would put the card back.
var otherRemovals = []phase{opening, verifying, using, leaving}

// removals takes the card away before and after each single command.
func (b *bench) removals() {
	sound := course{apdus: b.apdus}
	for i, p := range phasesOf(sound.apdus) {
		r := row{want: removals[p].want, commandLine: removals[p].commandLine}
		b.removal(sound, i, removals[p].title, conduct{}, r.wanted(b.mode).of(b.deed))
		if p == verifying && sound.countBefore(i, verifyPIN) == 0 {
			b.removal(sound, i, "wrong PIN", conduct{wrong: 1}, lostWrong.of(b.deed))
		}
	}
	for _, o := range others {
		if !slices.Contains(o.commands, b.deed.name) {
			continue
		}
		c := course{faults: o.faults}
		b.cell("removed/"+o.title, simcard.Valid, func(s *station) {
			require.Equal(s.t, ok, b.carryOut(s, c.with(s.t, ""), conduct{}))
			c.apdus = slices.Clone(s.readers.apdus)
			b.settle(s, func(pin simcard.PIN) int { return row{again: true}.sent(&s.citizen, b.deed, pin) })
		})
		for i, p := range phasesOf(c.apdus) {
			if slices.Contains(otherRemovals, p) {
				b.removal(c, i, o.title+"/"+removals[p].title, conduct{}, removals[p].want[""])
			}
		}
	}
}

// A course is what a command sends to a card with those faults.
type course struct {
	faults string
	apdus  []apdu
}

// with returns the faults of the course, and one more.
func (c course) with(t *testing.T, more string) simcard.Faults {
	faults, err := simcard.ParseFaults(strings.Trim(c.faults+","+more, ","))
	require.NoError(t, err)
	return faults
}

// removal takes the card away before, and after, the command with that index.
func (b *bench) removal(c course, i int, title string, how conduct, want outcome) {
	for _, f := range []struct {
		name     string
		executed int // commands
	}{
		{"before", i},
		{"after", i + 1},
	} {
		b.cell(fmt.Sprintf("removed/%s/%s %d", title, f.name, i+1), simcard.Valid, func(s *station) {
			require.Equal(s.t, want, b.carryOut(s, c.with(s.t, fmt.Sprintf("remove-%s=%d", f.name, i+1)), how))
			if want == ok && c.apdus[i].transaction == 1 {
				b.settle(s, nil) // everything was done again
				return
			}
			verifies := c.countBefore(f.executed, verifyPIN)
			b.settle(s, func(pin simcard.PIN) int {
				sent := 0
				for n := range verifies {
					// Beyond the PINs that the command asks for, the last one is sent again.
					if b.deed.pins[min(n, len(b.deed.pins)-1)] == pin {
						sent++
					}
				}
				return sent
			})
			require.Equal(s.t, c.countBefore(f.executed, changePIN), s.changed, "PINs changed")
		})
	}
}

// countBefore counts commands of that kind among the first n to the card.
func (c course) countBefore(n int, kind apduKind) (count int) {
	for _, a := range c.apdus[:n] {
		if a.kind == kind {
			count++
		}
	}
	return count
}
