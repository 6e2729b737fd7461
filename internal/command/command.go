// Package command carries out one request: it finds the card, reads what needs no PIN, asks the
// human, and then takes the card for one short transaction in which the PIN is presented and used.
// Every failure comes back as a *protocol.Error.
//
// The rules of card access, which all commands share (operation.go and unlock.go):
//
//   - No transaction is open while a human reads or types. The shared handle stays, so that a card
//     that was taken away or reset cannot pass for the same one.
//   - The counter of tries is read again before a PIN is presented. If it fell meanwhile, or the card
//     is another one, nothing is sent and the human is asked anew.
//   - One VERIFY per PIN that was typed. Only a card that answers 6982 to a signature after it took the
//     PIN gets the same PIN once more, and only with its counter at the maximum.
//   - Once the operation was called off, or the card took too long, nothing more is sent within a transaction
//     but what locks the card.
//   - Afterwards the verified state is dropped, whatever happened: SELECT clears it, and the card's power
//     is cut when the handle closes.
package command

import (
	"context"
	"time"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/digestinfo"
	"github.com/natsuin/natsuin/internal/prompt"
)

// Environment is what a request is carried out with.
type Environment struct {
	Readers card.Readers
	Human   Human
	Now     func() time.Time
	// Version is the program's, for the token's appVersion.
	Version string
	// Reader is the name of the reader to use, or a part of it that no other reader's name holds; "" is any.
	Reader string
	// Preferred is the reader that the human chose before, where there is a choice.
	Preferred string
	// Wait is how long to wait for a card; 0 is not at all.
	Wait time.Duration
	// PINPad has PINs of four digits typed on the reader's own pad, where it has one.
	PINPad bool
	// OwnPage says that the extension's own page asks: no site, and no command line.
	OwnPage bool
}

// Human is the citizen, as the host reaches them: a window and a system dialog, or a terminal. Each
// method that waits ends with ctx's error when ctx ends.
type Human interface {
	// Waiting tells what is being waited for, and the reader's name once a card is there.
	Waiting(w Waiting)
	// Choose asks which of several cards is meant and returns its index.
	Choose(ctx context.Context, candidates []Candidate) (int, error)
	// Consent asks whether the documents may be signed, or what a government page asks for may be done. nil is yes.
	Consent(ctx context.Context, c Consent) error
	// LastTry asks whether the last try may be used. nil is yes.
	LastTry(ctx context.Context, r prompt.Request, info CardInfo) error
	// PIN asks for a PIN, which the caller wipes.
	PIN(ctx context.Context, r prompt.Request, info CardInfo) (*prompt.PIN, error)
	// Pad asks whether the PIN may now be typed on the reader's own pad. nil is yes.
	Pad(ctx context.Context, r prompt.Request, info CardInfo) error
	// TypeOnPad tells that the pad takes the PIN now, for PadTimeout at most.
	TypeOnPad(r prompt.Request, info CardInfo)
	// WeakPIN tells what speaks against a new PIN and asks whether it shall be taken all the same.
	WeakPIN(ctx context.Context, r prompt.Request, info CardInfo, weaknesses []prompt.Weakness) (keep bool, err error)
	// Progress counts the signatures that are made.
	Progress(done, total int)
}

// Consent is what a human must know before a signature, or before what a government page asks for.
type Consent struct {
	Request   prompt.Request     // origin, operation, count of documents, digest over the list, tries left
	Documents []Document         // of prompt.Sign
	Prepared  []digestinfo.Value // what a government page chose to have signed
	Card      CardInfo
}

// CardInfo is what can be said of a card without a PIN, in the words of docs/protocol.md.
type CardInfo struct {
	Token  string // "card", "juki-card", "android", "iphone" or "unknown"
	Issuer string // "j-lis", "not-shipped", "foreign" or "unknown"
}
