// Package doctor goes through everything between a browser and a card and says of each part whether it
// is in order, what was seen, and what to do. It looks and never changes anything: it spends no try of a
// PIN, starts no other program, and of a browser's profile it reads only what it says of Natsuin's own
// extension.
//
// A failure is a set-up in which Natsuin cannot work. What is the card's own state, such as a blocked
// PIN, is a warning at most: the way to the card is in order then.
package doctor

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/natsuin/natsuin/internal/rules"
)

// A Verdict is what a check came to.
type Verdict string

// The verdicts.
const (
	OK      Verdict = "ok"
	Info    Verdict = "info"    // neither good nor bad
	Warning Verdict = "warning" // Natsuin works, but not in every case or not as well as it could
	Failure Verdict = "failure" // Natsuin cannot work like this
	Unknown Verdict = "unknown" // it could not be told
)

// say formats both texts with the same arguments.
func say(ja, en string, args ...any) rules.Text {
	return rules.Text{JA: fmt.Sprintf(ja, args...), EN: fmt.Sprintf(en, args...)}
}

// same is what reads alike in both languages: a path, a version, a name.
func same(s string) rules.Text { return rules.Text{JA: s, EN: s} }

// A Check is one thing that was looked at.
type Check struct {
	ID       string // of the closed list in docs/doctor.md; several checks can share one
	Verdict  Verdict
	Cause    string     // a closed word that tells the causes of one ID apart; "" where nothing is wrong
	Title    rules.Text // what was looked at
	Evidence rules.Text // what was seen
	Remedy   rules.Text // what to do; empty when there is nothing
}

// A Line is a check in one language, as it is printed.
type Line struct {
	ID       string  `json:"id"`
	Verdict  Verdict `json:"verdict"`
	Cause    string  `json:"cause,omitempty"`
	Title    string  `json:"title"`
	Evidence string  `json:"evidence"`
	Remedy   string  `json:"remedy,omitempty"`
}

// Lines puts checks into one language.
func Lines(checks []Check, lang string) []Line {
	lines := make([]Line, len(checks))
	for i, c := range checks {
		lines[i] = Line{c.ID, c.Verdict, c.Cause, c.Title.In(lang), c.Evidence.In(lang), c.Remedy.In(lang)}
	}
	return lines
}

// A System is the machine that is looked at, from where this program and this person stand.
type System struct {
	Root string              // put before every absolute path that is looked up; "" on a real machine
	OS   string              // as runtime.GOOS has it
	Home string              // the person's home; below Root like every other path
	Env  func(string) string // os.Getenv

	Program  string // this program's absolute path, links resolved
	Version  string // this program's
	Protocol int    // the version of the protocol that it speaks with the extension
	Build    string // compiler and architecture

	// Service is why the PC/SC service did not answer; nil where it did, and listed Readers.
	Service error
	Readers []Reader

	Now time.Time
}

// A Reader is one that the PC/SC service lists, and what the card in it said without a PIN. Of the card nothing
// comes here that tells one holder from another: no day, no serial number, no text that the card is free to choose.
type Reader struct {
	Name   string
	PINPad bool // it has keys of its own for a PIN
	Card   bool
	// Problem is the protocol's code for why the card could not be asked: "NOT_JPKI", "CARD_BUSY" and the
	// like. What follows is empty then, whatever the card had said before.
	Problem   string
	Token     string     // the protocol's word for the kind of token
	TokenName rules.Text // the same for people
	PINs      []PIN
	// Certificate is the authentication certificate; nil where it cannot be read without a PIN.
	Certificate *Certificate
	// Signature tells whether there is a signature certificate: the protocol's "yes", "no" or "unknown".
	Signature string
}

// A PIN is what is left of one PIN's tries.
type PIN struct {
	Name  string // the protocol's: "authentication", "signature" or "card-surface"
	Title rules.Text
	Left  int
	Tries rules.Text // what is left, and of how many
}

// A Certificate is what a doctor needs to know of one. It ends on its holder's birthday, so that of its dates only
// the year comes here.
type Certificate struct {
	Standing   string // where it stands between its dates: a state of rules
	EndYear    int    // the year, in Japan, of its last day
	Issuer     string // the protocol's word: "j-lis", "not-shipped" or "foreign"
	IssuerName rules.Text
}

// Run makes all checks, from the program to the card.
func Run(s System) []Check {
	var checks []Check
	for _, check := range []func(System) []Check{
		checkProgram,
		checkBrowsers, checkManifests, checkPolicies, checkExtensions,
		checkPrompt,
		checkService, checkReaders, checkUSB,
		checkCards,
		checkAnchors,
	} {
		checks = append(checks, check(s)...)
	}
	return checks
}

// Failed says whether a check found that Natsuin cannot work.
func Failed(checks []Check) bool {
	for _, c := range checks {
		if c.Verdict == Failure {
			return true
		}
	}
	return false
}

// at is where a path of the machine is looked up.
func (s System) at(path string) string { return filepath.Join(s.Root, path) }

// shown is the path as the machine has it, for a path that at returned or that was found below one.
func (s System) shown(path string) string {
	if s.Root == "" {
		return path
	}
	return "/" + strings.TrimPrefix(strings.TrimPrefix(path, filepath.Clean(s.Root)), "/")
}

// exists says whether something is at a path of the machine.
func (s System) exists(path string) bool {
	_, err := os.Stat(s.at(path))
	return err == nil
}

// first returns the first of the paths at which there is something.
func (s System) first(paths ...string) (string, bool) {
	for _, path := range paths {
		if s.exists(path) {
			return path, true
		}
	}
	return "", false
}

// glob returns the machine's paths that match any of the patterns.
func (s System) glob(patterns ...string) (found []string) {
	for _, pattern := range patterns {
		matches, _ := filepath.Glob(s.at(pattern)) // the patterns are ours
		for _, m := range matches {
			found = append(found, s.shown(m))
		}
	}
	return found
}

// commands are the folders in which the machine's commands are: those of PATH, then the usual ones,
// which a browser's or a service's own PATH has even where this one lacks them.
func (s System) commands() []string {
	var folders []string
	for _, folder := range filepath.SplitList(s.Env("PATH")) {
		if filepath.IsAbs(folder) {
			folders = append(folders, folder)
		}
	}
	return append(folders, "/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin", "/run/current-system/sw/bin")
}

// command returns where a command is.
func (s System) command(name string) (string, bool) {
	for _, folder := range s.commands() {
		if place := filepath.Join(folder, name); s.exists(place) {
			return place, true
		}
	}
	return "", false
}

// maxFile is more than any file that is read has, but for a browser's list of extensions.
const maxFile = 1 << 20

// read returns a file of the machine, unless it is longer than limit bytes or no regular file.
func (s System) read(path string, limit int64) ([]byte, error) {
	// The look before opening keeps a named pipe from blocking the open.
	info, err := os.Stat(s.at(path))
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > limit {
		return nil, fmt.Errorf("%s is no regular file of at most %d bytes", path, limit)
	}
	return os.ReadFile(s.at(path))
}
