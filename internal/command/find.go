package command

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/application"
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
	Other    []string // the readers with a card that is passed over: a security key, or one that cannot be read
}

// A Candidate is one of several cards that an operation could be about.
type Candidate struct {
	Reader string
	Token  string // as in CardInfo
}

// open waits for a card with the JPKI application, connects to it and reads what needs no PIN. Where
// several cards could be meant the human chooses.
func (e Environment) open(ctx context.Context, l lock) (*operation, error) {
	for {
		found, changed, err := e.find(ctx, l)
		if err != nil {
			return nil, err
		}
		chosen, err := e.choose(ctx, changed, found)
		for i, o := range found {
			if err != nil || i != chosen {
				o.close()
			}
		}
		if errors.Is(err, errReadersChanged) {
			continue
		}
		if err != nil {
			return nil, coded(err)
		}
		e.Human.Waiting(Waiting{Presence: Present, Reader: found[chosen].reader})
		return found[chosen], nil
	}
}

// errReadersChanged: what there was to choose from is not what there is.
var errReadersChanged = errors.New("a reader or a card came or went")

// choose returns the index of the card that is meant. A human who is asked is asked anew when a reader or a
// card comes or goes.
func (e Environment) choose(ctx context.Context, changed <-chan struct{}, found []*operation) (int, error) {
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
	asking, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-changed:
			cancel(errReadersChanged)
		case <-asking.Done():
		}
	}()
	chosen, err := e.Human.Choose(asking, candidates)
	select {
	case <-changed: // also when the answer came at the same moment: it was about other cards
		if ctx.Err() == nil {
			return 0, errReadersChanged
		}
	default:
	}
	if err != nil {
		return 0, err
	}
	return chosen, found[chosen].still(ctx)
}

// still makes sure that the card is there as it was looked at, before a human who took time to choose it types a
// PIN for it.
func (o *operation) still(ctx context.Context) error {
	return o.transaction(ctx, func(*jpki.Application) error { return nil })
}

// retryAfter is how soon a card that could not be read is asked again while one is waited for: another program
// may have let go of it.
const retryAfter = 3 * time.Second

// find waits until there is a card that could be meant, and opens all such cards. changed is closed once
// there may be others. A wait that ends, by time or by the human, is told as what it waited for.
func (e Environment) find(ctx context.Context, l lock) (found []*operation, changed <-chan struct{}, err error) {
	waiting, cancel := context.WithTimeout(ctx, e.Wait)
	defer cancel()
	f := finder{Environment: e, lock: l}
	for {
		readers, changed, err := e.Readers.List()
		if err != nil {
			return nil, nil, coded(err)
		}
		found, err := f.look(ctx, readers)
		if err != nil || len(found) > 0 {
			return found, changed, coded(err)
		}
		if e.Wait > 0 {
			f.report()
		}
		select {
		case <-waiting.Done():
			return nil, nil, f.missing(readers)
		default:
		}
		select {
		case <-changed:
		case <-f.retry():
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
	failed   map[string]error  // readers with a card that could not be read
	reported *Waiting
}

// look opens every card that could be meant. A card that cannot be read is an error where nothing else is to
// be waited for: where one waits, and there are other readers, the right card may yet come. A token without the
// application that is asked for, a smartphone, is what the human means, and is told at once.
func (f *finder) look(ctx context.Context, readers []card.Reader) (found []*operation, failure error) {
	readers, err := named(readers, f.Reader)
	if err != nil {
		return nil, err
	}
	others, asked, before := map[string]uint16{}, f.others, f.failed
	f.presence, f.others, f.failed = NoReader, others, map[string]error{}
	for _, r := range readers {
		f.presence = NoCard
		if !r.Card {
			continue
		}
		if events, ok := asked[r.Name]; ok && events == r.Events {
			others[r.Name] = events
			continue
		}
		o, err := f.openReader(ctx, r, f.lock)
		switch {
		case err == nil:
			found = append(found, o)
		case errors.Is(err, jpki.ErrNotJPKI):
			others[r.Name] = r.Events
		case ctx.Err() != nil && before[r.Name] != nil:
			f.failed[r.Name] = before[r.Name] // what it waited for, and not that nobody waits any more
		case f.Wait == 0 || !absent(err):
			f.failed[r.Name] = err
		}
	}
	if len(found) == 0 && (f.Wait == 0 || len(readers) == 1 || ctx.Err() != nil || errors.Is(f.failure(), application.ErrNoApplication)) {
		return nil, f.failure()
	}
	return found, nil
}

// failure is why a card could not be read, of the first reader by name, or nil.
func (f *finder) failure() error {
	for _, name := range slices.Sorted(maps.Keys(f.failed)) {
		return f.failed[name]
	}
	return nil
}

// retry returns a channel that tells when to look again at what failed; nil, which never does, without any.
func (f *finder) retry() <-chan time.Time {
	if len(f.failed) == 0 {
		return nil
	}
	return time.After(retryAfter)
}

// absent reports that a card was there when the readers were listed, and is gone. It may come back.
func absent(err error) bool {
	return errors.Is(err, card.ErrNoCard) || errors.Is(err, card.ErrNoReader) || errors.Is(err, card.ErrRemoved)
}

// report tells the human what is missing, when it is not what was told last.
func (f *finder) report() {
	passedOver := slices.AppendSeq(slices.Collect(maps.Keys(f.others)), maps.Keys(f.failed))
	slices.Sort(passedOver)
	now := Waiting{Presence: f.presence, Other: passedOver}
	if f.reported != nil && f.reported.Presence == now.Presence && slices.Equal(f.reported.Other, now.Other) {
		return
	}
	f.reported = &now
	f.Human.Waiting(now)
}

// missing is the failure of a search that found no card.
func (f *finder) missing(readers []card.Reader) error {
	switch {
	case len(f.failed) > 0:
		return coded(f.failure())
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
