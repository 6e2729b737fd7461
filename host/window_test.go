package main

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
)

// changePIN asks for a change of the authentication PIN.
func (e *extension) changePIN(id, more string) {
	e.t.Helper()
	e.send(`{"type":"request","id":"%s","command":"change-pin","lang":"ja","pin":"authentication"%s}`, id, more)
}

// requirePrompt receives messages up to a prompt of that kind.
func (e *extension) requirePrompt(kind string) object {
	e.t.Helper()
	p := e.until("prompt")
	require.Equal(e.t, kind, p["kind"])
	return p
}

// typeFor answers the next prompt for a PIN, which is for that purpose, with that problem.
func (e *extension) typeFor(purpose, problem, pin string) {
	e.t.Helper()
	p := e.requirePrompt("pin")
	require.Equal(e.t, purpose, p["purpose"])
	if problem == "" {
		require.NotContains(e.t, p, "problem")
	} else {
		require.Equal(e.t, problem, p["problem"])
	}
	e.typePIN(p, pin)
}

func (e *extension) choose(p object, reader string) {
	e.send(`{"type":"answer","id":"%s","prompt":%.0f,"accept":true,"reader":"%s"}`, p["id"], p["prompt"], reader)
}

func TestChangePINInTheWindow(t *testing.T) {
	e := connect(t, "", nil)
	e.changePIN("r", "")
	e.typeFor("current", "", "9999")
	e.typeFor("new", "", "73")
	e.typeFor("new", "too-short", "9999")
	e.typeFor("new", "same", "7351")
	e.typeFor("repeat", "", "7352")
	e.typeFor("new", "different", "7351")
	e.typeFor("repeat", "", "7351")
	e.typeFor("current", "wrong", "1234")
	require.Equal(t, object{"pin": "authentication", "triesLeft": 3.0, "maxTries": 3.0}, e.until("result")["result"])
	require.Equal(t, simcard.Tally{Verifies: 2, Wrong: 1, Changes: 1, Changed: 1}, e.card.Tally(simcard.PINAuth))
	require.Empty(t, e.card.Verified())
}

func TestChangePINInTheSystemDialog(t *testing.T) {
	e := connect(t, "", &dialog{pins: []string{"1234", "7351", "7351"}})
	e.changePIN("r", "")
	for _, purpose := range []string{"current", "new", "repeat"} {
		d := e.until("dialog")
		require.Equal(t, purpose, d["purpose"])
		require.Equal(t, "authentication", d["pin"])
		require.EqualValues(t, 3, d["maxTries"])
	}
	e.until("result")
}

func TestWeakPINInTheWindow(t *testing.T) {
	e := connect(t, "", nil)
	for _, id := range []string{"no", "cancel", "pin", "yes"} {
		e.changePIN(id, `,"birthDate":"1980-05-05"`)
		e.typeFor("current", "", "1234")
		e.typeFor("new", "", "0505")
		p := e.requirePrompt("weak-pin")
		require.Equal(t, []any{"repeated", "birth-date"}, p["reasons"])
		require.Equal(t, "new", p["purpose"])
		require.NotContains(t, p, "readers")
		require.Zero(t, e.verify())
		switch id {
		case "no": // another PIN is wished for, and no end
			e.answer(p, false)
			e.requirePrompt("pin")
			e.send(`{"type":"cancel","id":"no"}`)
			code, _ := e.untilError()
			require.Equal(t, "CANCELLED", code)
		case "cancel":
			e.send(`{"type":"cancel","id":"cancel"}`)
			require.Equal(t, p["prompt"], e.until("gone")["prompt"])
			code, _ := e.untilError()
			require.Equal(t, "CANCELLED", code)
		case "pin": // no answer to a question
			e.typePIN(p, "0505")
			code, field := e.untilError()
			require.Equal(t, []string{"INVALID_REQUEST", "pin"}, []string{code, field})
		case "yes":
			e.answer(p, true)
			e.typeFor("repeat", "", "0505")
			e.until("result")
		}
	}
	require.Equal(t, simcard.Tally{Verifies: 1, Changes: 1, Changed: 1}, e.card.Tally(simcard.PINAuth))
}

func TestForgottenWarningEnds(t *testing.T) {
	w := newWindow(func(any) error { return nil }, &protocol.Request{ID: "r"}, nil)
	w.patience = time.Millisecond
	_, err := w.WeakPIN(context.Background(), prompt.Request{}, command.CardInfo{}, []prompt.Weakness{prompt.Common})
	require.ErrorIs(t, err, prompt.ErrTimeout, "nobody's answer is no wish for another PIN")
}

// connectSeveral starts a host with two cards, in the reader of connect's card and in "Second Reader".
func connectSeveral(t *testing.T) (e *extension, first, second *simcard.Card) {
	t.Helper()
	first, err := simcard.New(simcard.Options{})
	require.NoError(t, err)
	second, err = simcard.New(simcard.Options{Person: simcard.Hanako})
	require.NoError(t, err)
	phone, err := simcard.New(simcard.Options{Faults: simcard.Faults{Phone: true}})
	require.NoError(t, err)
	key, err := simcard.New(simcard.Options{Foreign: simcard.SecurityKey})
	require.NoError(t, err)
	open := func() (card.Readers, error) {
		readers := simcard.NewReaders(first)
		readers.Attach("Second Reader", second)
		readers.Attach("NFC Reader", phone)
		readers.Attach("Key", key)
		readers.Attach("Empty", nil)
		return readers, nil
	}
	return serve(t, open, nil), first, second
}

func TestChooseReaderInTheWindow(t *testing.T) {
	e, first, second := connectSeveral(t)
	ask := func(id, reader string) {
		e.send(`{"type":"request","id":"%s","command":"attributes","lang":"ja","reader":"%s"}`, id, reader)
	}
	ask("a", "Empty")
	p := e.requirePrompt("choose-reader")
	require.Equal(t, []any{object{"name": simcard.ReaderName, "token": "card"}, object{"name": "Second Reader", "token": "card"}}, p["readers"],
		"neither a smartphone, which has no attributes, nor a key")
	for _, key := range []string{"pin", "triesLeft", "maxTries", "card", "purpose"} {
		require.NotContains(t, p, key, "no PIN is asked for yet")
	}
	e.choose(p, "Second Reader")
	require.Equal(t, object{"type": "card", "id": "a", "presence": "present", "reader": "Second Reader"}, e.receive())
	e.typePIN(e.requirePrompt("pin"), "4321")
	require.Equal(t, "高見本　花子", e.until("result")["result"].(object)["attributes"].(object)["name"])

	// The choice is the extension's to remember, and then nobody is asked.
	ask("b", "Second Reader")
	e.typePIN(e.requirePrompt("pin"), "4321")
	e.until("result")
	require.Equal(t, simcard.Tally{}, first.Tally(simcard.PINAttributes))
	require.Equal(t, simcard.Tally{Verifies: 2}, second.Tally(simcard.PINAttributes))

	for id, answer := range map[string]func(object){
		"CANCELLED":       func(p object) { e.answer(p, false) },
		"INVALID_REQUEST": func(p object) { e.choose(p, "NFC Reader") },
	} {
		ask("c", "")
		answer(e.requirePrompt("choose-reader"))
		code, _ := e.untilError()
		require.Equal(t, id, code)
	}
	// A card that comes or goes is another choice.
	ask("exchanged", "")
	p = e.requirePrompt("choose-reader")
	first.Remove()
	require.Equal(t, p["prompt"], e.until("gone")["prompt"])
	e.typePIN(e.requirePrompt("pin"), "4321")
	require.Equal(t, "高見本　花子", e.until("result")["result"].(object)["attributes"].(object)["name"], "one card is no choice")
	first.Insert()

	ask("d", "")
	p = e.requirePrompt("choose-reader")
	e.typePIN(p, "4321")
	code, field := e.untilError()
	require.Equal(t, []string{"INVALID_REQUEST", "reader"}, []string{code, field}, "a PIN chooses nothing")
	ask("e", "")
	e.requirePrompt("choose-reader")
	e.send(`{"type":"cancel","id":"e"}`)
	code, _ = e.untilError()
	require.Equal(t, "CANCELLED", code)
	require.Equal(t, simcard.Tally{}, first.Tally(simcard.PINAttributes))
}

func TestPadInTheWindow(t *testing.T) {
	e := connect(t, "", nil)
	keys := make(chan simcard.Keys, 8)
	e.card.SetPad(func(context.Context, simcard.PadPrompt) simcard.Keys { return <-keys })
	state := object{"pin": "authentication", "triesLeft": 3.0, "maxTries": 3.0, "card": object{"token": "card", "issuer": "foreign"}}
	with := func(more object) object {
		m := object{}
		for _, part := range []object{state, more} {
			for key, value := range part {
				m[key] = value
			}
		}
		return m
	}

	e.changePIN("yes", `,"pinPad":true`)
	p := e.until("prompt")
	require.Equal(t, with(object{"type": "prompt", "id": "yes", "prompt": 1.0, "kind": "pad", "purpose": "current"}), p)
	keys <- simcard.Keys{PIN: "1234"}
	keys <- simcard.Keys{PIN: "7351", Repeat: "7351"}
	e.answer(p, true)
	require.Equal(t, with(object{"type": "pad", "id": "yes", "purpose": "current", "seconds": 20.0}), e.until("pad"))
	require.Equal(t, with(object{"type": "pad", "id": "yes", "purpose": "new", "seconds": 40.0}), e.until("pad"))
	e.until("result")

	e.changePIN("no", `,"pinPad":true`)
	e.answer(e.requirePrompt("pad"), false)
	code, _ := e.untilError()
	require.Equal(t, "CANCELLED", code)
	require.Equal(t, 1, e.verify())

	e.changePIN("red-key", `,"pinPad":true`)
	keys <- simcard.Keys{Cancel: true}
	e.answer(e.requirePrompt("pad"), true)
	code, _ = e.untilError()
	require.Equal(t, "CANCELLED", code)
	require.Equal(t, 1, e.verify())

	// A PIN with letters is typed in the window all the same.
	e.send(`{"type":"request","id":"letters","command":"certificate","lang":"ja","slot":"signature","pinPad":true}`)
	p = e.requirePrompt("pin")
	require.NotContains(t, p, "noPad", "no pad was wanted for it")
	e.typePIN(p, "ABC123")
	e.until("result")
}

// Whoever wanted to type the PIN on a pad is told that there is none, and why it is asked for once more.
func TestNoPadAndFallenCounterInTheWindow(t *testing.T) {
	e := connect(t, "", nil)
	e.changePIN("r", `,"pinPad":true`)
	p := e.requirePrompt("pin")
	require.Equal(t, true, p["noPad"])
	require.NotContains(t, p, "problem")
	require.NoError(t, e.card.SetTries(simcard.PINAuth, 2))
	e.typePIN(p, "1234")
	for range 2 {
		e.typePIN(e.requirePrompt("pin"), "7351")
	}
	p = e.requirePrompt("pin")
	require.Equal(t, "counter-fell", p["problem"])
	require.Equal(t, "current", p["purpose"])
	require.Equal(t, 2.0, p["triesLeft"])
	e.typePIN(p, "1234")
	e.until("result")
	require.Equal(t, 1, e.verify())
}

// Whoever closes the window while the pad takes the PIN learns that it may go to the card.
func TestCancelWhileThePadIsOn(t *testing.T) {
	e := connect(t, "", nil)
	asked, done := make(chan struct{}), make(chan simcard.Keys)
	e.card.SetPad(func(context.Context, simcard.PadPrompt) simcard.Keys {
		close(asked)
		return <-done
	})
	e.changePIN("r", `,"pinPad":true`)
	e.answer(e.requirePrompt("pad"), true)
	e.until("pad")
	<-asked // the event comes before the pad asks
	e.send(`{"type":"cancel","id":"r"}`)
	failure := e.until("error")["error"].(object)
	require.Equal(t, object{"code": "CANCELLED", "reason": "try-may-be-spent"}, failure)
	done <- simcard.Keys{Cancel: true}
	e.requireWorks()
}

// heldReaders hold each change of a PIN up, on its way to the card.
type heldReaders struct {
	card.Readers
	changing, resume chan struct{}
}

func (r heldReaders) Connect(ctx context.Context, reader string) (card.Connection, error) {
	c, err := r.Readers.Connect(ctx, reader)
	return heldConnection{c, r}, err
}

type heldConnection struct {
	card.Connection
	readers heldReaders
}

func (c heldConnection) Transmit(sent []byte) ([]byte, error) {
	if command, err := card.ParseCommand(sent); err == nil && command.INS == 0x24 {
		close(c.readers.changing)
		<-c.readers.resume
	}
	return c.Connection.Transmit(sent)
}

// A cancel that comes while the card takes the new PIN changes nothing: the citizen must know.
func TestCancelWhileTheCardTakesTheNewPIN(t *testing.T) {
	c, err := simcard.New(simcard.Options{})
	require.NoError(t, err)
	held := heldReaders{simcard.NewReaders(c), make(chan struct{}), make(chan struct{})}
	e := serve(t, func() (card.Readers, error) { return held, nil }, &dialog{pins: []string{"1234", "7351", "7351"}})
	e.changePIN("r", "")
	for range 3 {
		e.until("dialog")
	}
	<-held.changing
	e.send(`{"type":"cancel","id":"r"}`)
	e.send(`{"type":"request","id":"other","command":"status","lang":"ja"}`)
	require.Equal(t, "other", e.until("error")["id"], "the cancel was read")
	close(held.resume)
	require.Equal(t, object{"pin": "authentication", "triesLeft": 3.0, "maxTries": 3.0}, e.until("result")["result"], "the new PIN holds")
	require.Equal(t, 1, c.Tally(simcard.PINAuth).Changed)
}
