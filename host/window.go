package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
)

// A window is the extension's window, and beside it the system's dialog, as a command reaches them.
type window struct {
	send     func(any) error
	id       string
	pinentry prompt.Asker // nil where no graphical dialog can start
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
}

func (r reply) wipe() {
	if r.pin != nil {
		r.pin.Wipe()
	}
}

var _ command.Human = (*window)(nil)

func newWindow(send func(any) error, r *protocol.Request, pinentry prompt.Asker) *window {
	return &window{send: send, id: r.ID, pinentry: pinentry, takesPIN: r.WindowPIN, patience: answerWithin}
}

// Waiting implements command.Human.
func (w *window) Waiting(p card.Presence, reader string) {
	presence := map[card.Presence]string{card.NoReader: "no-reader", card.NoCard: "no-card", card.Present: "present"}[p]
	_ = w.send(protocol.CardPresence{ID: w.id, Presence: presence, Reader: reader})
}

// Progress implements command.Human.
func (w *window) Progress(done, total int) {
	_ = w.send(protocol.Progress{ID: w.id, Done: done, Total: total})
}

// Consent implements command.Human.
func (w *window) Consent(ctx context.Context, c command.Consent) error {
	hidden := 0
	for _, d := range c.Documents {
		if d.Hidden {
			hidden++
		}
	}
	p := protocol.Prompt{Kind: "consent", Digest: c.Request.Digest, Hidden: &hidden, PINState: state(c.Request, c.Card)}
	return w.agree(ctx, p)
}

// LastTry implements command.Human.
func (w *window) LastTry(ctx context.Context, r prompt.Request, info command.CardInfo) error {
	return w.agree(ctx, protocol.Prompt{Kind: "last-try", PINState: state(r, info)})
}

// PIN implements command.Human: the system's dialog takes the PIN, and the window only where no dialog can
// start.
func (w *window) PIN(ctx context.Context, r prompt.Request, info command.CardInfo) (*prompt.PIN, error) {
	if w.pinentry != nil {
		_ = w.send(protocol.Dialog{ID: w.id, PINState: state(r, info)})
		pin, err := w.pinentry.Ask(ctx, r)
		if !errors.Is(err, prompt.ErrUnavailable) {
			return pin, err
		}
	}
	if !w.takesPIN {
		return nil, prompt.ErrUnavailable
	}
	pin, err := w.ask(ctx, protocol.Prompt{Kind: "pin", PINState: state(r, info)})
	if err == nil && pin == nil {
		return nil, protocol.Invalid("accept", "is no answer to a prompt for a PIN")
	}
	return pin, err
}

// agree asks a question that takes a yes or a no.
func (w *window) agree(ctx context.Context, p protocol.Prompt) error {
	pin, err := w.ask(ctx, p)
	if pin != nil {
		pin.Wipe()
		return protocol.Invalid("pin", "is no answer to this prompt")
	}
	return err
}

func state(r prompt.Request, info command.CardInfo) protocol.PINState {
	problem := ""
	if r.Wrong {
		problem = "wrong"
	} else if r.Malformed != 0 {
		problem = r.Malformed.String()
	}
	return protocol.PINState{PIN: r.PIN.String(), TriesLeft: r.TriesLeft, MaxTries: r.MaxTries, Problem: problem,
		Card: protocol.CardInfo{Token: info.Token, Issuer: info.Issuer}}
}

// ask opens a prompt in the extension's window and waits for its answer: the PIN, nil for a mere yes, and for a no
// prompt.ErrCancelled. Nobody's answer is prompt.ErrTimeout.
func (w *window) ask(ctx context.Context, p protocol.Prompt) (*prompt.PIN, error) {
	answers := make(chan reply, 1)
	w.mu.Lock()
	w.prompts++
	p.ID, p.Prompt = w.id, w.prompts
	w.waiting = answers
	w.mu.Unlock()

	if err := w.send(p); err != nil {
		return nil, err
	}
	select {
	case answer := <-answers:
		if !answer.accept {
			return nil, prompt.ErrCancelled
		}
		return answer.pin, nil
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
		return nil, prompt.ErrTimeout
	}
	return nil, ctx.Err()
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
