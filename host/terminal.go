package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
)

// A terminal is the human on the command line. Whoever typed the command consented to it; the PIN comes
// from a file descriptor, or the first asker that works asks for it.
type terminal struct {
	stderr   io.Writer
	lang     string
	lastTry  bool
	supplied io.Reader // --pin-fd; nil without
	used     bool      // supplied was read
	askers   []prompt.Asker
}

var _ command.Human = (*terminal)(nil)

// Waiting implements command.Human.
func (t *terminal) Waiting(w command.Waiting) {
	for _, reader := range w.Other {
		fmt.Fprintf(t.stderr, otherCardText.in(t.lang)+"\n", printable(reader))
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
	}
	return 0, protocol.Invalid("--reader", "is needed: there are %d cards", len(candidates))
}

// Consent implements command.Human. It says what the signature will disclose.
func (t *terminal) Consent(_ context.Context, c command.Consent) error {
	for _, d := range c.Documents {
		fmt.Fprintf(t.stderr, "%x  %q\n", d.Digest, d.Name) // quoted: a file may be named anything
	}
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
	if t.supplied == nil {
		return t.askPIN(ctx, r)
	}
	switch {
	case r.Wrong:
		return nil, protocol.Fail(protocol.PINWrong, nil).WithTries(r.TriesLeft)
	case r.Malformed != 0:
		e := protocol.Fail(protocol.PINMalformed, nil)
		e.Reason = r.Malformed.String()
		return nil, e
	case t.used:
		return nil, protocol.Fail(protocol.CardLost, errors.New("the card or its counter changed before the PIN was sent"))
	}
	t.used = true
	type answer struct {
		pin *prompt.PIN
		err error
	}
	read := make(chan answer, 1)
	go func() {
		pin, err := prompt.FromReader(t.supplied)
		read <- answer{pin, err}
	}()
	select {
	case a := <-read:
		if a.err != nil {
			return nil, protocol.Invalid("--pin-fd", "%w", a.err)
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

// Progress implements command.Human. Signatures on the command line need none.
func (t *terminal) Progress(int, int) {}
