// Package prompt asks a human for a PIN of the card: in a dialog of the desktop, on the terminal, or from a file
// descriptor that a script supplies. It knows nothing of cards and signatures.
//
// Its rules:
//   - Every dialog says who asks, what for, which PIN, how many tries are left where one can be spent, and,
//     for a signature, over how many documents and with which digest.
//   - A PIN lives in one piece of memory that is wiped ([PIN]). It is never a string, and no error, log
//     record or encoding shows it.
//   - A PIN comes from a human's hands each time: never from a cache, and never from a terminal that the
//     browser was started from.
//   - What the card could only refuse is refused before it reaches the card ([Policy]).
package prompt

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
)

var (
	// ErrCancelled: the human said no, or the operation was called off while the question was open.
	ErrCancelled = errors.New("prompt: cancelled")

	// ErrTimeout: nobody answered in time.
	ErrTimeout = errors.New("prompt: nobody answered in time")

	// ErrUnavailable: this way of asking does not work here. Nothing was shown to the human.
	ErrUnavailable = errors.New("prompt: no way to ask here")

	// ErrBroken: the dialog failed while it was open. The human may still be typing, so that nothing else
	// asks in its place.
	ErrBroken = errors.New("prompt: the dialog failed while it asked")
)

// An Asker asks the human for a PIN.
type Asker interface {
	// Ask returns what was typed, not yet checked against a Policy. The caller wipes it. Where the human
	// gave nothing, the error is ErrCancelled, ErrTimeout, ErrUnavailable or ErrBroken, as errors.Is sees
	// it. When ctx ends, the question disappears and Ask returns ErrCancelled, or ErrTimeout for a deadline.
	Ask(ctx context.Context, r Request) (*PIN, error)
}

// An Operation is what a PIN is asked for.
type Operation int

const (
	Login           Operation = iota + 1 // sign a challenge with the authentication key
	Sign                                 // sign documents with the signature key
	ReadCertificate                      // read a certificate that the card shows only after its PIN
	ReadAttributes                       // read name, address, birth date and sex
	ChangePIN                            // replace a PIN by a new one

	// What a government page asks for through its bridge. It chose what is signed.
	PortalLogin      // sign with the authentication key
	PortalSign       // sign with the signature key
	PortalAttributes // send name, address, birth date and sex
)

// A Purpose is which of the PINs of a ChangePIN a question is for. It is zero for the other operations.
type Purpose int

const (
	Current Purpose = iota + 1 // the PIN that the card takes now
	New                        // the one that replaces it
	Repeat                     // the new one once more, against slips: nobody sees what he types
)

var purposeNames = map[Purpose]string{
	Current: "current",
	New:     "new",
	Repeat:  "repeat",
}

// String returns the purpose's name in docs/protocol.md; "" for none.
func (p Purpose) String() string { return purposeNames[p] }

// A Lang is the language of a question. Anything but English is asked in Japanese.
type Lang string

const (
	Japanese Lang = "ja"
	English  Lang = "en"
)

// A Request is one question, with all that the human must know to answer it.
type Request struct {
	PIN       Kind
	Operation Operation
	Purpose   Purpose // which PIN of a ChangePIN
	Origin    string  // the web site that asks, as an RFC 6454 §6.2 serialization; "" for none
	OwnPage   bool    // without Origin: a page of the extension asks; false for the command line
	Documents int     // how many documents are to be signed; 0 when none is
	Values    int     // how many values are to be signed that a government page chose; 0 when none is
	Digest    string  // SHA-256 over the list of documents, in hexadecimal; "" when there is none
	TriesLeft int     // how often the card still accepts a wrong PIN, as it said just now; at least 1; unused for New and Repeat
	MaxTries  int     // how many tries it grants after a right PIN; at least 1; unused for New and Repeat
	Wrong     bool    // the card refused the PIN typed before
	Fallen    bool    // the PIN typed before was not sent to the card: meanwhile another program spent a try
	Malformed Reason  // why the PIN typed before was not sent to the card; 0 when it was, or is the first
	NoPad     bool    // the human wants to type it on the reader's own pad, and this reader has none that can take it
	Foreign   bool    // the card is not one of J-LIS, such as a simulated one
	Lang      Lang
}

// check refuses a request that could not be put into words, so that no human reads half a question.
func (r Request) check() error {
	if _, ok := kindNames[r.PIN]; !ok {
		return fmt.Errorf("prompt: no PIN of kind %d", r.PIN)
	}
	if r.Operation < Login || r.Operation > PortalAttributes {
		return fmt.Errorf("prompt: no operation %d", r.Operation)
	}
	if r.Operation == ReadCertificate && r.PIN == CardSurface {
		return errors.New("prompt: the card-surface PIN opens no certificate")
	}
	if changes := r.Operation == ChangePIN; changes && r.Purpose.String() == "" || !changes && r.Purpose != 0 {
		return fmt.Errorf("prompt: operation %d with purpose %d", r.Operation, r.Purpose)
	}
	if r.Origin != "" && r.OwnPage {
		return errors.New("prompt: both a web site and a page of the extension ask")
	}
	if r.spendsTry() && (r.TriesLeft < 1 || r.MaxTries < 1) {
		return fmt.Errorf("prompt: asked for a PIN with %d of %d tries left", r.TriesLeft, r.MaxTries)
	}
	if r.Documents < 0 || r.Values < 0 {
		return fmt.Errorf("prompt: %d documents, %d values", r.Documents, r.Values)
	}
	const sha256Size = 32
	if digest, err := hex.DecodeString(r.Digest); err != nil || len(digest) != 0 && len(digest) != sha256Size {
		return errors.New("prompt: the digest is not a SHA-256 value in hexadecimal")
	}
	return nil
}

// spendsTry reports whether a wrong answer can cost one of the card's tries.
func (r Request) spendsTry() bool { return r.Purpose != New && r.Purpose != Repeat }

// ended is the error of a question whose context has ended.
func ended(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ErrTimeout
	}
	return ErrCancelled
}
