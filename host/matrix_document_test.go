//go:build unix

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// document returns docs/fault-matrix.md.
func document() string {
	var b strings.Builder
	b.WriteString(introduction)
	section(&b, "## In a browser", inWindow, func(row) bool { return true })
	b.WriteString(commandLineIntroduction)
	section(&b, "", onCommandLine, func(r row) bool { return r.commandLine != nil && !maps.Equal(r.commandLine, none) })
	return b.String()
}

// section writes the rows that are to be shown, and those of the removals, as one table.
func section(b *strings.Builder, title string, m mode, shown func(row) bool) {
	if title != "" {
		fmt.Fprintf(b, "\n%s\n", title)
	}
	columns := slices.DeleteFunc(slices.Clone(deeds), func(d deed) bool { return !d.in(m) })
	b.WriteString("\n| fault |")
	for _, d := range columns {
		fmt.Fprintf(b, " %s |", d.name)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(columns)) + "\n")
	for _, r := range documentRows() {
		if !shown(r) {
			continue
		}
		fmt.Fprintf(b, "| %s |", r.title)
		for _, d := range columns {
			fmt.Fprintf(b, " %s |", r.wanted(m).of(d))
		}
		b.WriteString("\n")
	}
}

// documentRows are the rows, and behind them those of the removals.
func documentRows() []row {
	all := append([]row{}, rows...)
	for _, r := range removals {
		all = append(all, row{title: "the card goes " + r.title, want: r.want, commandLine: r.commandLine})
	}
	all = append(all, row{title: "the card goes at the VERIFY of a wrong PIN", want: lostWrong})
	for _, o := range others {
		for _, p := range otherRemovals {
			all = append(all, row{title: o.title + " goes " + removals[p].title, want: none.but(removals[p].want[""], o.commands...)})
		}
	}
	return all
}

const introduction = `# Every command, every fault

What each command ends with when the card, or somebody at it, does what it should not. The tables are generated, and proved, by the tests: ` + "`go test ./host -run Matrix`" + ` carries out every cell with the simulated card and fails where
the outcome is another one, or where this page is out of date (` + "`go test ./host -run Matrix -update`" + ` writes it anew).

A cell is ` + "`ok`" + `, or the error code ([protocol.md](protocol.md) lists them) with its reason in brackets.

* † No PIN was asked for: what is wrong was found before.
* – Does not apply: the command asks for no PIN, or has no such moment.
* ` + "`status`" + ` never fails because of a card: its outcome is the error in the reader's entry.
* ` + "`sign (cms)`" + ` is about three documents, ` + "`sign (pdf)`" + ` about two, ` + "`sign (raw)`" + ` and ` + "`sign (xml)`" + ` about one. ` + "`portal-sign`" + ` is about three digests, and ` + "`portal-attributes`" + ` makes a combination code as well.
* *Meanwhile* is while the citizen reads or types: each such row is tried at every prompt of the command for a consent or a PIN.
* *The card goes*, and what begins like it, is tried before and after each single command to the card. While the card is still looked for, the host waits and says so; the citizen puts it back, and the operation goes on as if nothing had been. When the result is complete
  before the card goes, the citizen gets it.

Whatever the outcome, the test requires for each cell:

* The card was sent the PINs that the citizen typed, each once, and no others. There is one exception: a card that wants the PIN before every signature gets the one that was typed again for each, while its counter stands at the maximum. Where the card
  was changed, reset or used by another program meanwhile, or gone, a PIN that was typed for it is not sent.
* The tries spent are the wrong PINs typed, exactly. Where the card went at a VERIFY the reason says that a try may be spent; what the card counted is what counts.
* A PIN is changed as the outcome says: ` + "`ok`" + ` is the new one, ` + "`pin-may-be-changed`" + ` is either, anything else is the old one.
* When a transaction ends no PIN stands as verified, nor when the card is put back, nor after a reset, on cards that keep their state over one, too.
* Every connection to the card is closed, and one over which a PIN went cuts the card's power.
* The same host carries out the next request.

Each cell is run with the PIN typed in the extension's window and again in the system's dialog.
`

const commandLineIntroduction = `
## On the command line

With ` + "`--pin-fd`" + ` there is nobody to ask again, ` + "`--last-try`" + ` is the agreement to use the last try, and without ` + "`--wait`" + ` nothing is waited for. These rows differ; all others were run and end as above. The exit codes stand in
[protocol.md](protocol.md).
`
