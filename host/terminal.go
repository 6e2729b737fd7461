package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/printable"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
)

// A terminal is the human on the command line. Whoever typed the command consented to it; a PIN comes
// from a file descriptor, or the first asker that works asks for it.
type terminal struct {
	stderr      io.Writer
	lang        string
	lastTry     bool
	supplied    io.Reader // --pin-fd; nil without
	suppliedNew io.Reader // --new-pin-fd; nil without
	askers      []prompt.Asker

	used   map[prompt.Kind]bool // what was read from supplied
	fresh  *prompt.PIN          // what was read from suppliedNew: it repeats itself
	warned bool                 // a weak PIN was advised against

	candidates []protocol.ReaderStatus // the cards of which none was chosen
}

var _ command.Human = (*terminal)(nil)

// Waiting implements command.Human.
func (t *terminal) Waiting(w command.Waiting) {
	for _, reader := range w.Other {
		fmt.Fprintf(t.stderr, otherCardText.in(t.lang)+"\n", printable.Text(reader))
	}
	switch w.Presence {
	case command.NoReader:
		fmt.Fprintln(t.stderr, waitReaderText.in(t.lang))
	case command.NoCard:
		fmt.Fprintln(t.stderr, waitCardText.in(t.lang))
	}
}

// Choose implements command.Human. A person or a script names the reader and starts again: nothing was done.
func (t *terminal) Choose(_ context.Context, candidates []command.Candidate) (int, error) {
	fmt.Fprintln(t.stderr, severalCardsText.in(t.lang))
	for _, c := range candidates {
		fmt.Fprintf(t.stderr, "  --reader %q  (%s)\n", c.Reader, tokenTexts[c.Token].in(t.lang))
		t.candidates = append(t.candidates, protocol.ReaderStatus{Name: c.Reader, Card: true, Token: c.Token})
	}
	return 0, misused("--reader", chooseText, len(candidates))
}

// Consent implements command.Human. It says what is signed, by the digest of each document
// and by the one over the list that the dialog for the PIN shows, and what the signature will disclose.
func (t *terminal) Consent(_ context.Context, c command.Consent) error {
	if c.Request.Operation != prompt.Sign {
		return fmt.Errorf("no terminal asks for consent to operation %d", c.Request.Operation)
	}
	for _, d := range c.Documents {
		fmt.Fprintf(t.stderr, "%s %x  %q\n", d.Hash, d.Digest, d.Name) // quoted: a file may be named anything
		if d.Pages > 0 {
			fmt.Fprintf(t.stderr, "  "+pagesText.in(t.lang)+"\n", d.Pages)
		}
		if d.Seal != nil {
			fmt.Fprintf(t.stderr, "  "+sealText.in(t.lang)+"\n", d.Seal.Page)
		}
		for _, f := range d.Files {
			fmt.Fprintf(t.stderr, "  "+alongText.in(t.lang)+"\n", d.Hash, f.Digest, f.Name)
		}
	}
	fmt.Fprintf(t.stderr, "%s\n%s\n", listText.in(t.lang), prompt.Grouped(c.Request.Digest))
	fmt.Fprintln(t.stderr, disclosureText.in(t.lang))
	return nil
}

// LastTry implements command.Human.
func (t *terminal) LastTry(_ context.Context, r prompt.Request, _ command.CardInfo) error {
	switch {
	case t.lastTry:
		return nil
	case r.Wrong: // the try before the last one was spent just now
		return protocol.Fail(protocol.PINWrong, nil).WithTries(1)
	}
	return protocol.Fail(protocol.LastTry, nil).WithTries(1)
}

// PIN implements command.Human. A PIN from a file descriptor is used once: asking again would present the
// same one.
func (t *terminal) PIN(ctx context.Context, r prompt.Request, _ command.CardInfo) (*prompt.PIN, error) {
	if r.Purpose == prompt.New || r.Purpose == prompt.Repeat {
		return t.newPIN(ctx, r)
	}
	if t.supplied == nil {
		return t.askPIN(ctx, r)
	}
	if err := refused("--pin-fd", r); err != nil {
		return nil, err
	}
	if t.used[r.PIN] {
		return nil, protocol.Fail(protocol.CardLost, errors.New("the card or its counter changed before the PIN was sent"))
	}
	t.used[r.PIN] = true
	if r.NoPad {
		fmt.Fprintln(t.stderr, noPadText.in(t.lang))
	}
	pin, err := read(ctx, t.supplied, "--pin-fd")
	if err == nil && pin.Len() == 0 && len(t.used) > 1 {
		missing := protocol.Fail(protocol.PINMalformed, nil)
		missing.Field, missing.Reason = "--pin-fd", missingLine
		return nil, missing
	}
	return pin, err
}

// missingLine is the reason where a descriptor holds one PIN of two.
const missingLine = "missing-line"

// newPIN is PIN for the new one of a change. From a file descriptor it is read once, and repeats itself.
func (t *terminal) newPIN(ctx context.Context, r prompt.Request) (*prompt.PIN, error) {
	switch {
	case t.suppliedNew == nil:
		return t.askPIN(ctx, r)
	case r.Malformed != 0:
		return nil, malformed("--new-pin-fd", r.Malformed)
	case r.Purpose == prompt.Repeat:
		return t.fresh.Clone(), nil
	}
	pin, err := read(ctx, t.suppliedNew, "--new-pin-fd")
	if err != nil {
		return nil, err
	}
	t.fresh = pin.Clone()
	return pin, nil
}

// forget wipes what is kept of a new PIN.
func (t *terminal) forget() {
	if t.fresh != nil {
		t.fresh.Wipe()
	}
}

// refused is what became of the PIN that was given before, where there is one and nobody to ask again.
func refused(flag string, r prompt.Request) error {
	switch {
	case r.Wrong:
		return protocol.Fail(protocol.PINWrong, nil).WithTries(r.TriesLeft)
	case r.Malformed != 0:
		return malformed(flag, r.Malformed)
	}
	return nil
}

func malformed(flag string, reason prompt.Reason) error {
	e := protocol.Fail(protocol.PINMalformed, nil)
	e.Field, e.Reason = flag, reason.String()
	return e
}

// read takes a PIN from a descriptor that the caller of the program passed.
func read(ctx context.Context, from io.Reader, flag string) (*prompt.PIN, error) {
	type answer struct {
		pin *prompt.PIN
		err error
	}
	read := make(chan answer, 1)
	go func() {
		pin, err := prompt.FromReader(from)
		read <- answer{pin, err}
	}()
	select {
	case a := <-read:
		if a.err != nil {
			return nil, protocol.Invalid(flag, "%w", a.err)
		}
		return a.pin, nil
	case <-ctx.Done(): // the caller's pipe may never say anything; the program ends
		return nil, prompt.ErrCancelled
	}
}

func (t *terminal) askPIN(ctx context.Context, r prompt.Request) (pin *prompt.PIN, err error) {
	for _, asker := range t.askers {
		if pin, err = asker.Ask(ctx, r); !errors.Is(err, prompt.ErrUnavailable) {
			return pin, err
		}
	}
	return nil, err
}

// WeakPIN implements command.Human. It advises once: a script, or a person who types a weak PIN again, has
// decided.
func (t *terminal) WeakPIN(_ context.Context, _ prompt.Request, _ command.CardInfo, weaknesses []prompt.Weakness) (bool, error) {
	for _, w := range weaknesses {
		fmt.Fprintln(t.stderr, weaknessTexts[w].in(t.lang))
	}
	decided := t.warned || t.suppliedNew != nil
	if !decided {
		fmt.Fprintln(t.stderr, weakAgainText.in(t.lang))
	}
	t.warned = true
	return decided, nil
}

// Pad implements command.Human: --pin-pad is the yes, to one entry. Whether anybody is at the pad cannot be
// known, and one that answers by itself must not spend the tries.
func (t *terminal) Pad(_ context.Context, r prompt.Request, _ command.CardInfo) error {
	return refused("--pin-pad", r)
}

// TypeOnPad implements command.Human.
func (t *terminal) TypeOnPad(r prompt.Request, _ command.CardInfo) {
	if r.Fallen {
		fmt.Fprintln(t.stderr, counterFellText.in(t.lang))
	}
	fmt.Fprintf(t.stderr, typeOnPadTexts[r.Purpose].in(t.lang), command.PadTimeout(r)/time.Second, pinTexts[r.PIN].in(t.lang))
	if r.Purpose != prompt.New { // which spends no try
		fmt.Fprintf(t.stderr, " "+triesLeftText.in(t.lang), r.TriesLeft)
	}
	fmt.Fprintln(t.stderr)
}

// Progress implements command.Human. Signatures on the command line need none.
func (t *terminal) Progress(int, int) {}
