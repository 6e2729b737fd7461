// Package doctor goes through everything between a browser and a card and says of each part whether it
// is in order, what was seen, and what to do. It looks and never changes anything: it spends no try of a
// PIN, starts no other program, and of a browser's profile it reads only what it says of Natsuin's own
// extension.
//
// A failure is a set-up in which Natsuin cannot work. What is the card's own state, such as a blocked
// PIN, is a warning at most: the way to the card is in order then.
package doctor

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/internal/rules"
	"github.com/natsuin/natsuin/internal/settings"
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

// A Check is one thing that was looked at.
type Check struct {
	ID       string // of the closed list in docs/doctor.md; several checks can share one
	Verdict  Verdict
	Cause    string // a closed word that tells the causes of one ID apart; "" where nothing is wrong
	Reader   string // the reader that it is about, or whose card; "" where it is about none
	Title    Text   // what was looked at
	Evidence Text   // what was seen
	Remedy   Text   // what to do; empty when there is nothing
}

// A Line is a check in one language, as it is printed.
type Line struct {
	ID       string  `json:"id"`
	Verdict  Verdict `json:"verdict"`
	Cause    string  `json:"cause,omitempty"`
	Reader   string  `json:"reader,omitempty"`
	Title    string  `json:"title"`
	Evidence string  `json:"evidence"`
	Remedy   string  `json:"remedy,omitempty"`
}

// Lines puts checks into one language, for the person who sits there.
func Lines(checks []Check, lang string) []Line { return lines(checks, lang, onScreen) }

// lines puts checks into one language, with each value as show has it.
func lines(checks []Check, lang string, show func(any) any) []Line {
	lines := make([]Line, len(checks))
	for i, c := range checks {
		lines[i] = Line{c.ID, c.Verdict, c.Cause, same(deviceName(c.Reader)).in(lang, show),
			c.Title.in(lang, show), c.Evidence.in(lang, show), c.Remedy.in(lang, show)}
	}
	return lines
}

// A System is the machine that is looked at, from where this program and this person stand.
type System struct {
	Root string              // put before every absolute path that is looked up; "" on a real machine
	OS   string              // as runtime.GOOS has it
	Home string              // the person's home, below Root like every other path; "" where nobody knows it
	Env  func(string) string // os.Getenv
	// Registry is that of Windows; nil elsewhere.
	Registry installer.Registry
	// Settings is the administrator's settings file, as the program found it.
	Settings settings.File

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
	// Certificate is the authentication certificate; nil where it was not read, and Unread tells why.
	Certificate *Certificate
	Unread      Unread
	// Signature tells whether there is a signature certificate: the protocol's "yes", "no" or "unknown".
	Signature string
}

// Unread tells why an authentication certificate was not read.
type Unread string

// The reasons.
const (
	NeedsPIN Unread = "needs-pin" // as on every phone
	Absent   Unread = "absent"    // the card says that it has none
	Damaged  Unread = "damaged"   // the card does not hand it out, or what it hands out is no certificate
)

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
		checkBrowsers, checkManifests, checkPolicies, checkPolicyFiles, checkExtensions,
		checkSettings,
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
func (s System) at(path string) string { return s.machine().Disk(path) }

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

// glob returns the paths in a folder that match any of the patterns. The folder's own name is no pattern, whatever
// characters it has.
func (s System) glob(folder string, patterns ...string) (found []string) {
	for _, pattern := range patterns {
		matches, _ := fs.Glob(os.DirFS(s.at(folder)), pattern) // the patterns are ours
		for _, m := range matches {
			found = append(found, path.Join(folder, m))
		}
	}
	return found
}

// personal returns the folder below the person's home, or none where nobody knows that.
func (s System) personal(below string) []string {
	if s.Home == "" {
		return nil
	}
	return []string{path.Join(s.Home, below)}
}

// command returns where a command is.
func (s System) command(name string) (string, bool) {
	for _, folder := range s.machine().Commands() {
		if place := filepath.Join(folder, name); s.isFile(place) {
			return place, true
		}
	}
	return "", false
}

// isFile says whether a path is that of a regular file. Not everything that has a program's name is one.
func (s System) isFile(path string) bool {
	info, err := os.Stat(s.at(path))
	return err == nil && info.Mode().IsRegular()
}

// maxFile is more than any file that is read has, but for a browser's list of extensions.
const maxFile = 1 << 20

var errNoFile = errors.New("no regular file")

// open opens a regular file of the machine. A named pipe, which would wait for somebody to write, or a device is not
// opened, and one that takes the file's place meanwhile keeps nobody waiting.
func (s System) open(path string) (*os.File, error) {
	if info, err := os.Stat(s.at(path)); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, errNoFile
	}
	f, err := os.OpenFile(s.at(path), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, errNoFile
	}
	return f, nil
}

// A tooLong is a file of more bytes than are read of one.
type tooLong int64

func (limit tooLong) Error() string { return fmt.Sprintf("longer than %d bytes", int64(limit)) }

// read returns a regular file of the machine, unless it is longer than limit bytes, which is a tooLong.
func (s System) read(path string, limit int64) ([]byte, error) {
	f, err := s.open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(text)) > limit {
		err = tooLong(limit)
	}
	return text, err
}
