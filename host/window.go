package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
)

// A window is the extension's window, and beside it the system's dialog, as a command reaches them.
type window struct {
	send     func(any) error
	id       string
	desktop  prompt.Asker // nil where no graphical dialog can start
	takesPIN bool         // policy lets the window itself take a PIN
	patience time.Duration

	mu      sync.Mutex
	prompts int        // the number of the last prompt
	waiting chan reply // the open prompt's; nil when none is open
}

// answerWithin is how long a prompt waits for an answer, as long as the system's dialog does: a window that was
// forgotten must not keep the card for ever.
const answerWithin = 3 * time.Minute

// A reply is what the human said to a prompt.
type reply struct {
	accept bool
	pin    *prompt.PIN // nil for a yes or a no
	reader string      // "" but for a choice
}

func (r reply) wipe() {
	if r.pin != nil {
		r.pin.Wipe()
	}
}

var _ command.Human = (*window)(nil)

func newWindow(send func(any) error, r *protocol.Request, desktop prompt.Asker) *window {
	return &window{send: send, id: r.ID, desktop: desktop, takesPIN: r.WindowPIN, patience: answerWithin}
}

// presences are what an operation waits for, in the words of docs/protocol.md.
var presences = map[command.Presence]string{
	command.NoReader: "no-reader", command.NoCard: "no-card", command.Present: "present",
}

// Waiting implements command.Human.
func (w *window) Waiting(now command.Waiting) {
	_ = w.send(protocol.CardPresence{ID: w.id, Presence: presences[now.Presence], Reader: now.Reader, Other: now.Other})
}

// Choose implements command.Human.
func (w *window) Choose(ctx context.Context, candidates []command.Candidate) (int, error) {
	p := protocol.Prompt{Kind: "choose-reader"}
	for _, c := range candidates {
		p.Readers = append(p.Readers, protocol.Candidate{Name: c.Reader, Token: c.Token})
	}
	answer, err := w.ask(ctx, p)
	if err != nil {
		return 0, err
	}
	defer answer.wipe()
	for i, c := range candidates {
		if c.Reader == answer.reader {
			return i, nil
		}
	}
	return 0, protocol.Invalid("reader", "is not one of those to choose from")
}

// Progress implements command.Human.
func (w *window) Progress(done, total int) {
	_ = w.send(protocol.Progress{ID: w.id, Done: done, Total: total})
}

// Consent implements command.Human.
func (w *window) Consent(ctx context.Context, c command.Consent) error {
	switch c.Request.Operation {
	case prompt.Sign:
		return w.consentToSign(ctx, c)
	case prompt.PortalLogin, prompt.PortalSign, prompt.PortalAttributes:
		return w.consentToPortal(ctx, c)
	}
	return fmt.Errorf("no window asks for consent to operation %d", c.Request.Operation)
}

// consentToSign asks about documents.
func (w *window) consentToSign(ctx context.Context, c command.Consent) error {
	hidden := 0
	p := protocol.Prompt{Kind: "consent", Digest: c.Request.Digest, Hidden: &hidden, PINState: pinState(c.Request, c.Card)}
	for _, d := range c.Documents {
		if d.Hidden {
			hidden++
		}
		for _, f := range d.Files {
			if f.Hidden {
				hidden++
			}
		}
		if d.Pages > 0 {
			p.Pages = append(p.Pages, d.Pages)
		}
	}
	if seal := c.Documents[0].Seal; seal != nil {
		var err error
		if p.Seal, err = seal.Preview(); err != nil {
			return err
		}
	}
	return w.agree(ctx, p)
}

// consentToPortal asks about what a government page chose.
func (w *window) consentToPortal(ctx context.Context, c command.Consent) error {
	digests := make([]protocol.ChosenDigest, len(c.Prepared))
	for i, value := range c.Prepared {
		digests[i] = protocol.NewChosenDigest(value)
	}
	return w.agree(ctx, protocol.Prompt{Kind: "consent", Digests: &digests, PINState: pinState(c.Request, c.Card)})
}

// LastTry implements command.Human.
func (w *window) LastTry(ctx context.Context, r prompt.Request, info command.CardInfo) error {
	return w.agree(ctx, protocol.Prompt{Kind: "last-try", PINState: pinState(r, info)})
}

// WeakPIN implements command.Human. A no is a wish for another PIN, and no end.
func (w *window) WeakPIN(ctx context.Context, r prompt.Request, info command.CardInfo, weaknesses []prompt.Weakness) (bool, error) {
	p := protocol.Prompt{Kind: "weak-pin", PINState: pinState(r, info)}
	for _, weakness := range weaknesses {
		p.Reasons = append(p.Reasons, weakness.String())
	}
	err := w.agree(ctx, p)
	if errors.Is(err, prompt.ErrCancelled) && ctx.Err() == nil {
		return false, nil
	}
	return err == nil, err
}

// Pad implements command.Human.
func (w *window) Pad(ctx context.Context, r prompt.Request, info command.CardInfo) error {
	return w.agree(ctx, protocol.Prompt{Kind: "pad", PINState: pinState(r, info)})
}

// TypeOnPad implements command.Human.
func (w *window) TypeOnPad(r prompt.Request, info command.CardInfo) {
	_ = w.send(protocol.Pad{ID: w.id, PINState: *pinState(r, info), Seconds: int(command.PadTimeout(r) / time.Second)})
}

// PIN implements command.Human: the system's dialog takes the PIN, and the window only where no dialog can
// start.
func (w *window) PIN(ctx context.Context, r prompt.Request, info command.CardInfo) (*prompt.PIN, error) {
	if w.desktop != nil {
		_ = w.send(protocol.Dialog{ID: w.id, PINState: *pinState(r, info)})
		pin, err := w.desktop.Ask(ctx, r)
		if !errors.Is(err, prompt.ErrUnavailable) {
			return pin, err
		}
	}
	if !w.takesPIN {
		return nil, prompt.ErrUnavailable
	}
	answer, err := w.ask(ctx, protocol.Prompt{Kind: "pin", PINState: pinState(r, info)})
	if err == nil && answer.pin == nil {
		return nil, protocol.Invalid("accept", "is no answer to a prompt for a PIN")
	}
	return answer.pin, err
}

// agree asks a question that takes a yes or a no.
func (w *window) agree(ctx context.Context, p protocol.Prompt) error {
	answer, err := w.ask(ctx, p)
	if answer.pin != nil {
		answer.wipe()
		return protocol.Invalid("pin", "is no answer to this prompt")
	}
	return err
}

func pinState(r prompt.Request, info command.CardInfo) *protocol.PINState {
	problem := ""
	switch {
	case r.Wrong:
		problem = "wrong"
	case r.Fallen:
		problem = "counter-fell"
	case r.Malformed != 0:
		problem = r.Malformed.String()
	}
	return &protocol.PINState{PIN: protocol.PINName(r.PIN.String()), Purpose: r.Purpose.String(), TriesLeft: r.TriesLeft, MaxTries: r.MaxTries, Problem: problem, NoPad: r.NoPad,
		Card: protocol.CardInfo{Token: info.Token, Issuer: info.Issuer}}
}

// ask opens a prompt in the extension's window and waits for its answer. A no is prompt.ErrCancelled, and
// nobody's answer prompt.ErrTimeout.
func (w *window) ask(ctx context.Context, p protocol.Prompt) (reply, error) {
	answers := make(chan reply, 1)
	w.mu.Lock()
	w.prompts++
	p.ID, p.Prompt = w.id, w.prompts
	w.waiting = answers
	w.mu.Unlock()

	if err := w.send(p); err != nil {
		return reply{}, err
	}
	select {
	case answer := <-answers:
		if !answer.accept {
			return reply{}, prompt.ErrCancelled
		}
		return answer, nil
	case <-time.After(w.patience):
	case <-ctx.Done():
	}
	w.mu.Lock()
	w.waiting = nil
	w.mu.Unlock()
	select {
	case late := <-answers:
		late.wipe()
	default:
	}
	_ = w.send(protocol.Gone{ID: w.id, Prompt: p.Prompt})
	if ctx.Err() == nil {
		return reply{}, prompt.ErrTimeout
	}
	return reply{}, ctx.Err()
}

// answer hands a reply to the open prompt. It reports false when that prompt is not open any more; the
// caller then keeps the PIN.
func (w *window) answer(number int, r reply) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting == nil || number != w.prompts {
		return false
	}
	w.waiting <- r
	w.waiting = nil
	return true
}
