package command

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/protocol"
)

// Presence says what an operation waits for.
type Presence int

const (
	// NoReader: no reader is attached, or not the one asked for.
	NoReader Presence = iota
	// NoCard: there is a reader, and no card with the JPKI application in it.
	NoCard
	// Present: such a card is there.
	Present
)

// Waiting is what an operation waits for, as the human is told.
type Waiting struct {
	Presence Presence
	Reader   string   // the reader with the card, once it is there
	Other    []string // the readers that hold a card of another kind, such as a security key
}

// A Candidate is one of several cards that an operation could be about.
type Candidate struct {
	Reader string
	Token  string // as in CardInfo
}

// open waits for a card with the JPKI application, connects to it and reads what needs no PIN. Where
// several cards could be meant the human chooses.
func (e Environment) open(ctx context.Context, l lock) (*operation, error) {
	found, err := e.find(ctx, l)
	if err != nil {
		return nil, err
	}
	chosen, err := e.choose(ctx, found)
	if err == nil && len(found) > 1 {
		err = found[chosen].still(ctx)
	}
	for i, o := range found {
		if err != nil || i != chosen {
			o.close()
		}
	}
	if err != nil {
		return nil, coded(err)
	}
	e.Human.Waiting(Waiting{Presence: Present, Reader: found[chosen].reader})
	return found[chosen], nil
}

// choose returns the index of the card that is meant.
func (e Environment) choose(ctx context.Context, found []*operation) (int, error) {
	if len(found) == 1 {
		return 0, nil
	}
	candidates := make([]Candidate, len(found))
	for i, o := range found {
		if o.reader == e.Preferred {
			return i, nil
		}
		candidates[i] = Candidate{Reader: o.reader, Token: string(o.token.Kind)}
	}
	return e.Human.Choose(ctx, candidates)
}

// still makes sure that the card is there as it was looked at, before a human who took time to choose it types a
// PIN for it.
func (o *operation) still(ctx context.Context) error {
	return o.transaction(ctx, func(*jpki.Application) error { return nil })
}

// find waits until there is a card that could be meant, and opens all such cards. A wait that ends, by time
// or by the human, is told as what it waited for.
func (e Environment) find(ctx context.Context, l lock) ([]*operation, error) {
	waiting, cancel := context.WithTimeout(ctx, e.Wait)
	defer cancel()
	f := finder{Environment: e, lock: l}
	for {
		readers, changed, err := e.Readers.List()
		if err != nil {
			return nil, coded(err)
		}
		found, err := f.look(ctx, readers)
		if err != nil || len(found) > 0 {
			return found, coded(err)
		}
		if e.Wait > 0 {
			f.report()
		}
		select {
		case <-waiting.Done():
			return nil, f.missing(readers)
		default:
		}
		select {
		case <-changed:
		case <-waiting.Done():
		}
	}
}

// A finder looks for cards with the JPKI application again and again, as readers and cards come and go.
// Cards of other kinds, such as a security key or the SIM of a modem, are asked once and passed over.
type finder struct {
	Environment
	lock     lock
	presence Presence          // NoReader or NoCard
	others   map[string]uint16 // readers with a card of another kind, and its card.Reader.Events
	reported *Waiting
}

// look opens every card that could be meant. Without any it returns the first failure that is not a mere
// absence.
func (f *finder) look(ctx context.Context, readers []card.Reader) (found []*operation, failure error) {
	readers, err := named(readers, f.Reader)
	if err != nil {
		return nil, err
	}
	f.presence = NoReader
	others := map[string]uint16{}
	for _, r := range readers {
		f.presence = NoCard
		if !r.Card {
			continue
		}
		if events, asked := f.others[r.Name]; asked && events == r.Events {
			others[r.Name] = events
			continue
		}
		o, err := f.openReader(ctx, r.Name, f.lock)
		switch {
		case err == nil:
			found = append(found, o)
		case errors.Is(err, jpki.ErrNotJPKI):
			others[r.Name] = r.Events
		case f.Wait > 0 && absent(err):
		case failure == nil:
			failure = err
		}
	}
	f.others = others
	if len(found) > 0 {
		return found, nil
	}
	return nil, failure
}

// absent reports that a card was there when the readers were listed, and is gone. It may come back.
func absent(err error) bool {
	return errors.Is(err, card.ErrNoCard) || errors.Is(err, card.ErrNoReader) || errors.Is(err, card.ErrRemoved)
}

// report tells the human what is missing, when it is not what was told last.
func (f *finder) report() {
	now := Waiting{Presence: f.presence, Other: slices.Sorted(maps.Keys(f.others))}
	if f.reported != nil && f.reported.Presence == now.Presence && slices.Equal(f.reported.Other, now.Other) {
		return
	}
	f.reported = &now
	f.Human.Waiting(now)
}

// missing is the failure of a search that found no card.
func (f *finder) missing(readers []card.Reader) error {
	switch {
	case len(f.others) > 0:
		return protocol.Fail(protocol.NotJPKI, nil)
	case f.presence == NoCard:
		return protocol.Fail(protocol.NoCard, nil)
	}
	return f.noReader(readers)
}

// noReader is the failure where none of the readers is meant.
func (e Environment) noReader(readers []card.Reader) error {
	if e.Reader != "" && len(readers) > 0 {
		return protocol.Fail(protocol.NoReader, fmt.Errorf("none is called %q; there are %s", e.Reader, names(readers)))
	}
	return protocol.Fail(protocol.NoReader, nil)
}

// named returns the readers that name asks for: all for "", otherwise the one called exactly so, or else
// the one whose name holds it, whatever the letter case. Several are a usage error.
func named(readers []card.Reader, name string) ([]card.Reader, error) {
	if name == "" {
		return readers, nil
	}
	var holding []card.Reader
	for _, r := range readers {
		if r.Name == name {
			return []card.Reader{r}, nil
		}
		if strings.Contains(strings.ToLower(r.Name), strings.ToLower(name)) {
			holding = append(holding, r)
		}
	}
	if len(holding) > 1 {
		return nil, protocol.Invalid("reader", "%q could be %s", name, names(holding))
	}
	return holding, nil
}

// names lists readers for an error. A reader may be called anything.
func names(readers []card.Reader) string {
	quoted := make([]string, len(readers))
	for i, r := range readers {
		quoted[i] = fmt.Sprintf("%q", r.Name)
	}
	return strings.Join(quoted, ", ")
}
