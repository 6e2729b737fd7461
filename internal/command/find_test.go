package command_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/protocol"
)

func newCard(t *testing.T, faults string, options simcard.Options) *simcard.Card {
	t.Helper()
	var err error
	options.Faults, err = simcard.ParseFaults(faults)
	require.NoError(t, err)
	c, err := simcard.New(options)
	require.NoError(t, err)
	return c
}

// newTable is a desk without any reader: tests attach what they need.
func newTable(t *testing.T, h *human) *desk {
	t.Helper()
	d := newDesk(t, "", simcard.Options{}, h)
	d.Detach(simcard.ReaderName)
	return d
}

func logIn(e command.Environment) error {
	_, err := command.Authenticate(context.Background(), e, "ja", origin, challenge)
	return err
}

// requireUsed fails unless this card took a PIN, and the others none.
func requireUsed(t *testing.T, used *simcard.Card, others ...*simcard.Card) {
	t.Helper()
	require.Equal(t, simcard.Tally{Verifies: 1}, used.Tally(simcard.PINAuth))
	require.Empty(t, used.Verified())
	for _, c := range others {
		require.Zero(t, c.Tally(simcard.PINAuth))
		require.Zero(t, c.Tally(simcard.PINForeign), "a PIN went to a stranger's card")
	}
}

func TestCardsOfOtherKindsArePassedOver(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{rightPIN}})
	others := []*simcard.Card{}
	for _, kind := range []simcard.Foreign{simcard.SecurityKey, simcard.SIM, simcard.OldSIM, simcard.Mute} {
		c := newCard(t, "", simcard.Options{Foreign: kind})
		d.Attach(string(kind), c)
		others = append(others, c)
	}
	d.Attach("empty", nil)
	require.NoError(t, logIn(d.environment()))
	require.Empty(t, d.human.choices, "there is one card to choose")
	require.Equal(t, []command.Waiting{{Presence: command.Present, Reader: simcard.ReaderName}}, d.human.waiting)
	requireUsed(t, d.card, others...)
}

// While it waits, the human is told of cards of other kinds; each is asked once, however often something else
// changes.
func TestCardsOfOtherKindsWhileWaiting(t *testing.T) {
	d := newTable(t, &human{pins: []string{rightPIN}})
	asked := 0
	key := newCard(t, "", simcard.Options{Foreign: simcard.SecurityKey, Trace: func(_, _ []byte) { asked++ }})
	d.Attach("key", key)
	sim := newCard(t, "", simcard.Options{Foreign: simcard.SIM})
	d.human.told = func(command.Waiting) {
		switch len(d.human.waiting) {
		case 1:
			require.NotZero(t, asked)
			asked = 0
			d.Attach("empty", nil)
			d.Attach("SIM", sim)
		case 2:
			d.Attach(simcard.ReaderName, d.card)
		}
	}
	require.NoError(t, logIn(d.environment()))
	require.Equal(t, []command.Waiting{
		{Presence: command.NoCard, Other: []string{"key"}},
		{Presence: command.NoCard, Other: []string{"SIM", "key"}},
		{Presence: command.Present, Reader: simcard.ReaderName},
	}, d.human.waiting)
	require.Zero(t, asked, "the key was asked before")
	requireUsed(t, d.card, key, sim)
}

// A card that is put in where one of another kind was is looked at.
func TestCardInThePlaceOfAnotherKind(t *testing.T) {
	d := newTable(t, &human{pins: []string{rightPIN}})
	key := newCard(t, "", simcard.Options{Foreign: simcard.SecurityKey})
	d.Attach("reader", key)
	d.human.told = func(w command.Waiting) {
		if w.Presence == command.NoCard {
			d.Put("reader", d.card)
		}
	}
	require.NoError(t, logIn(d.environment()))
	requireUsed(t, d.card, key)
}

func TestReadersAndCardsThatComeAndGoWhileWaiting(t *testing.T) {
	d := newTable(t, &human{pins: []string{rightPIN}})
	step := 0
	d.human.told = func(command.Waiting) {
		step++
		switch step {
		case 1: // no reader
			d.Attach("first", nil)
		case 2: // no card
			d.Detach("first")
		case 3: // no reader
			d.Attach("second", nil)
		case 4: // no card
			d.Put("second", d.card)
		}
	}
	require.NoError(t, logIn(d.environment()))
	require.Equal(t, []command.Waiting{
		{Presence: command.NoReader}, {Presence: command.NoCard}, {Presence: command.NoReader}, {Presence: command.NoCard},
		{Presence: command.Present, Reader: "second"},
	}, d.human.waiting)
	requireUsed(t, d.card)
}

// A card that leaves while it is looked at was not there: the wait goes on.
func TestCardThatLeavesWhileItIsLookedAt(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{rightPIN}})
	left := false
	d.instead = func([]byte) []byte {
		if !left {
			left = true
			d.card.Remove()
		}
		return nil
	}
	d.human.told = func(w command.Waiting) {
		if w.Presence == command.NoCard {
			d.card.Insert()
		}
	}
	require.NoError(t, logIn(d.environment()))
	require.Equal(t, command.NoCard, d.human.waiting[0].Presence)
	requireUsed(t, d.card)
}

func TestServiceThatEndsWhileWaiting(t *testing.T) {
	d := newTable(t, &human{})
	d.human.told = func(command.Waiting) { require.NoError(t, d.Close()) }
	requireCode(t, protocol.NoService, logIn(d.environment()))
}

// newChoice is a desk with 見本太郎's card, another person's and a smartphone.
func newChoice(t *testing.T, h *human) (d *desk, other, phone *simcard.Card) {
	t.Helper()
	d = newDesk(t, "", simcard.Options{}, h)
	other = newCard(t, "", simcard.Options{Person: simcard.Hanako})
	phone = newCard(t, "phone", simcard.Options{})
	d.Attach("Second Reader", other)
	d.Attach("NFC Reader", phone)
	return d, other, phone
}

func TestHumanChoosesAmongCards(t *testing.T) {
	for choice, reader := range []string{simcard.ReaderName, "Second Reader", "NFC Reader"} {
		d, other, phone := newChoice(t, &human{pins: []string{rightPIN}, choice: choice})
		require.NoError(t, logIn(d.environment()))
		require.Equal(t, [][]command.Candidate{{{Reader: simcard.ReaderName, Token: "card"}, {Reader: "Second Reader", Token: "card"},
			{Reader: "NFC Reader", Token: "android"}}}, d.human.choices)
		require.Equal(t, []command.Waiting{{Presence: command.Present, Reader: reader}}, d.human.waiting)
		cards := []*simcard.Card{d.card, other, phone}
		used := cards[choice]
		cards[choice] = cards[2]
		requireUsed(t, used, cards[:2]...)
	}
}

func TestHumanWhoDoesNotChoose(t *testing.T) {
	d, other, phone := newChoice(t, &human{pins: []string{rightPIN}, refuse: true})
	requireCode(t, protocol.Cancelled, logIn(d.environment()))
	require.Empty(t, d.human.asked)
	for _, c := range []*simcard.Card{d.card, other, phone} {
		require.Zero(t, c.Tally(simcard.PINAuth))
	}
}

// What the human chose before settles the choice, and nothing else.
func TestPreferredReader(t *testing.T) {
	d, other, phone := newChoice(t, &human{pins: []string{rightPIN, rightPIN}})
	e := d.environment()
	e.Preferred = "Second Reader"
	require.NoError(t, logIn(e))
	require.Empty(t, d.human.choices)
	requireUsed(t, other, d.card, phone)

	d.Put("Second Reader", nil)
	require.NoError(t, logIn(e))
	require.Len(t, d.human.choices, 1, "the preferred reader is empty")
	require.Len(t, d.human.choices[0], 2)

	d.Detach("NFC Reader")
	d.human.pins = []string{rightPIN}
	require.NoError(t, logIn(e))
	require.Len(t, d.human.choices, 1, "one card is no choice")
}

// Only the card has the 券面事項入力補助AP: the smartphone beside it could not be meant.
func TestSmartphoneIsNoChoiceForTheAttributes(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{surfacePIN}})
	d.Attach("NFC Reader", newCard(t, "phone", simcard.Options{}))
	_, err := attributes(d, false)
	require.NoError(t, err)
	require.Empty(t, d.human.choices)
}

func TestReaderByName(t *testing.T) {
	for name, c := range map[string]struct {
		reader string
		used   int // of simcard.ReaderName, "Second Reader", "NFC Reader"
		code   protocol.Code
		text   []string
	}{
		"exact":              {reader: "Second Reader", used: 1},
		"part":               {reader: "second", used: 1},
		"part, in capitals":  {reader: "NFC", used: 2},
		"ambiguous":          {reader: "reader", code: protocol.InvalidRequest, text: []string{simcard.ReaderName, "Second Reader", "NFC Reader"}},
		"none":               {reader: "Third Reader", code: protocol.NoReader, text: []string{`"Third Reader"`, simcard.ReaderName, "Second Reader", "NFC Reader"}},
		"a space is no name": {reader: "  ", code: protocol.NoReader},
	} {
		t.Run(name, func(t *testing.T) {
			d, other, phone := newChoice(t, &human{pins: []string{rightPIN}})
			e := d.environment()
			e.Reader, e.Wait = c.reader, 0
			err := logIn(e)
			if c.code != "" {
				failure := requireCode(t, c.code, err)
				for _, text := range c.text {
					require.ErrorContains(t, failure, text)
				}
				require.Empty(t, d.human.asked)
				return
			}
			require.NoError(t, err)
			require.Empty(t, d.human.choices)
			cards := []*simcard.Card{d.card, other, phone}
			used := cards[c.used]
			cards[c.used] = cards[0]
			requireUsed(t, used, cards[1:]...)

			status, err := command.Status(context.Background(), e)
			require.NoError(t, err)
			require.Len(t, status.Readers, 1)
		})
	}
}

// The exact name wins over the names that hold it: "Reader 00" is not "Reader 00 01".
func TestExactNameOfAReader(t *testing.T) {
	d := newTable(t, &human{pins: []string{rightPIN}})
	d.Attach("Reader 00 01", newCard(t, "", simcard.Options{Person: simcard.John}))
	d.Attach("Reader 00", d.card)
	e := d.environment()
	e.Reader = "Reader 00"
	require.NoError(t, logIn(e))
	requireUsed(t, d.card)

	e.Reader = "reader 00"
	requireCode(t, protocol.InvalidRequest, logIn(e))
}

// The reader that was asked for is waited for, whatever lies in others.
func TestReaderByNameIsWaitedFor(t *testing.T) {
	d := newTable(t, &human{pins: []string{rightPIN}})
	other := newCard(t, "", simcard.Options{Person: simcard.Hanako})
	d.Attach("Second Reader", other)
	e := d.environment()
	e.Reader = "Mine"
	d.human.told = func(w command.Waiting) {
		if w.Presence == command.NoReader {
			d.Attach("Mine", d.card)
		}
	}
	require.NoError(t, logIn(e))
	require.Equal(t, []command.Waiting{{Presence: command.NoReader}, {Presence: command.Present, Reader: "Mine"}}, d.human.waiting)
	requireUsed(t, d.card, other)
}

// Whoever chose a card types its PIN for no other.
func TestCardExchangedWhileTheHumanChooses(t *testing.T) {
	for name, exchange := range map[string]func(*testing.T, *desk){
		"another person's":  func(t *testing.T, d *desk) { require.NoError(t, d.card.Swap(simcard.John)) },
		"out and in":        func(_ *testing.T, d *desk) { d.card.Remove(); d.card.Insert() },
		"out":               func(_ *testing.T, d *desk) { d.card.Remove() },
		"its reader":        func(_ *testing.T, d *desk) { d.Detach(simcard.ReaderName) },
		"its reader, twice": func(_ *testing.T, d *desk) { d.Detach(simcard.ReaderName); d.Attach(simcard.ReaderName, d.card) },
	} {
		t.Run(name, func(t *testing.T) {
			d, other, phone := newChoice(t, &human{pins: []string{rightPIN}})
			var once sync.Once
			d.human.meanwhile = func() { once.Do(func() { exchange(t, d) }) }
			require.NoError(t, logIn(d.environment()))
			require.Len(t, d.human.choices, 2, "asked anew, about the cards that are there then")
			require.Len(t, d.human.asked, 1, "no PIN is asked for a card that is gone")
			verifies := 0
			for _, c := range []*simcard.Card{d.card, other, phone} {
				verifies += c.Tally(simcard.PINAuth).Verifies
			}
			require.Equal(t, 1, verifies)
		})
	}
}

// What happens to the cards that were not chosen concerns nobody.
func TestOtherCardTakenAwayWhileTheHumanChooses(t *testing.T) {
	d, other, phone := newChoice(t, &human{pins: []string{rightPIN}})
	d.human.meanwhile = func() { other.Remove(); d.Detach("NFC Reader") }
	require.NoError(t, logIn(d.environment()))
	requireUsed(t, d.card, other, phone)
}

// A reset by another program while the human chooses is no loss: it is the same card.
func TestResetWhileTheHumanChooses(t *testing.T) {
	d, other, phone := newChoice(t, &human{pins: []string{rightPIN}})
	d.human.meanwhile = d.card.Reset
	require.NoError(t, logIn(d.environment()))
	requireUsed(t, d.card, other, phone)
}

func TestStatusOfSeveralReaders(t *testing.T) {
	d, _, _ := newChoice(t, &human{})
	d.Attach("empty", nil)
	d.Attach("key", newCard(t, "", simcard.Options{Foreign: simcard.SecurityKey}))
	d.Attach("mute", newCard(t, "", simcard.Options{Foreign: simcard.Mute}))
	status, err := command.Status(context.Background(), d.environment())
	require.NoError(t, err)
	require.Len(t, status.Readers, 6)
	tokens, errors := []string{}, map[string]protocol.Code{}
	for _, r := range status.Readers {
		tokens = append(tokens, r.Token)
		if r.Error != nil {
			errors[r.Name] = r.Error.Code
		}
	}
	require.Equal(t, []string{"card", "card", "android", "", "", ""}, tokens)
	require.Equal(t, map[string]protocol.Code{"key": protocol.NotJPKI, "mute": protocol.CardFault}, errors)
	require.Nil(t, status.Readers[2].CardSurface)
	require.Equal(t, &protocol.PINStatus{TriesLeft: 3, MaxTries: 3}, status.Readers[0].CardSurface)
	require.Equal(t, []string{"yes", "yes"}, []string{status.Readers[0].Authentication.Present, status.Readers[0].Signature.Present})
	require.False(t, status.Readers[3].Card)
}

func TestStatusWaitsForACard(t *testing.T) {
	d := newTable(t, &human{})
	d.Attach("reader", nil)
	d.human.told = func(w command.Waiting) {
		if w.Presence == command.NoCard {
			d.Put("reader", d.card)
		}
	}
	status, err := command.AwaitStatus(context.Background(), d.environment())
	require.NoError(t, err)
	require.Equal(t, "card", status.Readers[0].Token)
}

// A card whose reader another program keeps to itself.
func TestCardInUse(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{rightPIN}})
	e := d.environment()
	e.Readers = busyReaders{d}
	requireCode(t, protocol.CardBusy, logIn(e))
	require.Empty(t, d.human.asked)
}

// busyReaders are those whose cards another program uses, for longer than anybody waits.
type busyReaders struct{ *desk }

func (r busyReaders) Connect(ctx context.Context, reader string) (card.Connection, error) {
	c, err := r.desk.Connect(ctx, reader)
	return busyConnection{c}, err
}

type busyConnection struct{ card.Connection }

func (busyConnection) Begin(context.Context) error { return card.ErrBusy }
