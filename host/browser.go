package main

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/nativemsg"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/settings"
)

// waitForCard is how long a request from a page waits for a reader and a card. The window shows what is
// missing all the while and can be closed.
const waitForCard = 5 * time.Minute

// releaseWithin is how long the host stays after its browser has gone, for a card that is in the middle of a
// command to answer and be locked again. Otherwise it ends at once.
const releaseWithin = 10 * time.Second

// A browser is the host's side of the conversation with the extension. One goroutine, serve, takes the
// frames and owns the fields below; an operation runs in a goroutine of its own and reaches the
// extension through its window.
type browser struct {
	in          *nativemsg.Reader
	out         *outbox
	openReaders func() (card.Readers, error)
	desktop     prompt.Asker      // nil where no graphical dialog can start
	settled     settings.Settings // what an administrator has settled

	// heard is whether the extension has said anything yet.
	heard   bool
	current *conversation
	done    chan []any // the messages that end an operation
}

// A conversation is one request under way.
type conversation struct {
	request *protocol.Request
	intake  *command.Intake
	window  *window // nil while documents still arrive
	stop    context.CancelFunc
	// cancelled is whether the extension called it off: no result leaves any more.
	cancelled bool
}

// newBrowser speaks with the extension over these streams. parent is the browser's window, or 0: see parentWindow.
func newBrowser(in io.Reader, out io.Writer, open func() (card.Readers, error), getenv func(string) string, parent uintptr) *browser {
	b := &browser{
		in:          nativemsg.NewReader(in, nativemsg.MaxFromBrowser),
		out:         newOutbox(nativemsg.NewWriter(out, nativemsg.MaxToBrowser)),
		openReaders: open,
		done:        make(chan []any),
	}
	if dialogs := prompt.FindDialogs(getenv); len(dialogs) > 0 {
		b.desktop = prompt.Desktop{Dialogs: dialogs, Env: getenv, Browser: parent}
	}
	return b
}

// serve answers requests until the stream ends, which cancels what is under way, or until the extension
// greets as one of another time. It returns nil at a clean end.
func (b *browser) serve(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer b.out.flush()
	defer b.finish()
	defer cancel()

	where := "window"
	if b.desktop != nil {
		where = "dialog"
	}
	if err := b.out.send(protocol.NewHello(version, where)); err != nil {
		return err
	}
	frames := b.read(ctx)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-b.out.broken:
			return errNobodyReads
		case last := <-b.done:
			b.end(last)
		case f := <-frames:
			if f.err != nil && !skipped(f.err) {
				if errors.Is(f.err, io.EOF) {
					return nil
				}
				return f.err
			}
			err := b.handle(ctx, f)
			clear(f.payload)
			if err != nil {
				return err
			}
		}
	}
}

// finish waits for the operation under way, whose context has ended, to release the card.
func (b *browser) finish() {
	if b.current == nil || b.current.window == nil {
		return
	}
	select {
	case <-b.done:
	case <-time.After(releaseWithin):
	}
}

type frame struct {
	payload []byte
	err     error
}

// read takes frames one by one, the next when the one before was handled. The goroutine ends with the
// stream; on ctx's end the process does.
func (b *browser) read(ctx context.Context) <-chan frame {
	frames := make(chan frame)
	go func() {
		for {
			payload, err := b.in.Next()
			select {
			case frames <- frame{payload, err}:
			case <-ctx.Done():
				clear(payload)
				return
			}
			if err != nil && !skipped(err) {
				return
			}
		}
	}()
	return frames
}

// skipped says that only one frame was unusable and the stream goes on.
func skipped(err error) bool {
	var long *nativemsg.TooLongError
	return errors.As(err, &long) || errors.Is(err, nativemsg.ErrEmpty) || errors.Is(err, nativemsg.ErrNotUTF8)
}

// handle carries out one message. Its error ends the conversation.
func (b *browser) handle(ctx context.Context, f frame) error {
	first := !b.heard
	b.heard = true
	if f.err != nil {
		b.fail("", protocol.Invalid("frame", "%w", f.err))
		return nil
	}
	message, err := protocol.Decode(f.payload)
	if err != nil {
		b.refuse(protocol.RequestID(f.payload), err)
		return nil
	}
	switch m := message.(type) {
	case *protocol.Greeting:
		return b.greeted(m, first)
	case *protocol.Request:
		b.request(ctx, m)
	case *protocol.Chunk:
		b.chunk(ctx, m)
	case *protocol.Answer:
		if c := b.under(m.ID); c != nil && c.window != nil {
			c.window.answer(m.Prompt, reply{accept: m.Accept, reader: m.Reader})
		}
	case *protocol.PIN:
		pin := prompt.NewPIN(m.Bytes)
		if c := b.under(m.ID); c == nil || c.window == nil || !c.window.answer(m.Prompt, reply{accept: true, pin: pin}) {
			pin.Wipe()
		}
	case *protocol.Cancel:
		if c := b.under(m.ID); c != nil {
			b.cancel(c)
		}
	}
	return nil
}

// greeted takes the extension's greeting. After one that does not fit nothing more is heard: it could mean
// anything.
func (b *browser) greeted(g *protocol.Greeting, first bool) error {
	if !first {
		b.refuse("", protocol.Invalid("type", "hello comes first"))
		return nil
	}
	if unfit := g.Fits(); unfit != nil {
		b.fail("", unfit)
		return unfit
	}
	return nil
}

// under returns the request with that id, if it is the one under way.
func (b *browser) under(id string) *conversation {
	if b.current == nil || b.current.request.ID != id {
		return nil
	}
	return b.current
}

func (b *browser) request(ctx context.Context, r *protocol.Request) {
	if b.current != nil {
		b.refuse(r.ID, protocol.Fail(protocol.Busy, nil))
		return
	}
	b.current = &conversation{request: r, intake: command.NewIntake(r)}
	boundMemory(r, b.current.intake.Kept())
	b.startWhenComplete(ctx)
}

func (b *browser) chunk(ctx context.Context, m *protocol.Chunk) {
	c := b.under(m.ID)
	if c == nil || c.window != nil {
		b.refuse(m.ID, protocol.Invalid("id", "is not a request that waits for documents"))
		return
	}
	got, err := c.intake.Add(m.Document, m.Data)
	if err != nil {
		b.refuse(m.ID, err)
		return
	}
	_ = b.out.send(protocol.Received{ID: m.ID, Document: m.Document, Bytes: got})
	b.startWhenComplete(ctx)
}

// cancel ends a request: the operation answers, or, while documents still arrive, nobody else would.
func (b *browser) cancel(c *conversation) {
	if c.window == nil {
		b.current = nil
		b.fail(c.request.ID, protocol.Fail(protocol.Cancelled, nil))
		return
	}
	c.cancelled = true
	c.stop()
}

// refuse answers a message that breaks the rules. A request that still takes documents ends with it. The
// answer to anything else about an operation under way has no id, because that operation's own answer is
// still to come.
func (b *browser) refuse(id string, err error) {
	if c := b.under(id); c != nil {
		if c.window == nil {
			b.current = nil
		} else {
			id = ""
		}
	}
	b.fail(id, err)
}

// end sends what an operation ended with. The place is free before that: the extension may ask again as soon
// as it has the answer.
func (b *browser) end(last []any) {
	c := b.current
	b.current = nil
	_, failed := last[0].(protocol.Failure)
	if c.cancelled && !failed && c.request.Command != protocol.ChangePIN { // a new PIN that holds must be told
		last = []any{failure(c.request.ID, protocol.Fail(protocol.Cancelled, nil))}
	}
	for _, message := range last {
		err := b.out.send(message)
		if errors.Is(err, errTooLong) {
			b.fail(c.request.ID, protocol.Fail(protocol.Internal, err))
		}
		if err != nil {
			return
		}
	}
}

// startWhenComplete starts the operation once all bytes of its documents are here.
func (b *browser) startWhenComplete(ctx context.Context) {
	c := b.current
	if !c.intake.Complete() {
		return
	}
	ctx, c.stop = context.WithCancel(ctx)
	c.window = newWindow(b.out.send, c.request, b.desktop)
	c.window.takesPIN = c.window.takesPIN && b.settled.Prompt != settings.System
	go func() {
		defer c.stop()
		b.done <- b.operate(ctx, c)
	}()
}

// operate carries the request out and returns the messages that end it. Nothing that the card made leaves
// before all of it is there.
func (b *browser) operate(ctx context.Context, c *conversation) []any {
	id := c.request.ID
	if answer, err := b.withoutCard(ctx, c); answer != nil || err != nil {
		return last(id, answer, err)
	}
	documents, err := c.intake.Documents(ctx)
	if err != nil {
		return last(id, nil, err)
	}
	readers, err := b.openReaders()
	if err != nil {
		return []any{failure(id, protocol.Fail(protocol.NoService, err))}
	}
	defer readers.Close()
	r := c.request
	e := command.Environment{
		Readers: readers, Human: c.window, Now: time.Now, Version: version, Wait: waitForCard,
		Preferred: r.Reader, PINPad: r.PINPad, OwnPage: !r.FromPage(),
	}
	if r.Command == protocol.Sign {
		return signDocuments(ctx, e, r, documents)
	}
	result, err := carryOut(ctx, e, r)
	return last(id, result, err)
}

// last returns the message that ends a request.
func last(id string, result any, err error) []any {
	if err != nil {
		return []any{failure(id, err)}
	}
	return []any{protocol.Result{ID: id, Result: result}}
}

// withoutCard answers the requests that have to do with no card; nil for the others.
func (b *browser) withoutCard(ctx context.Context, c *conversation) (any, error) {
	switch c.request.Command {
	case protocol.Validity:
		return validity(c.request.Holder)
	case protocol.Desks:
		desks, err := loadDesks(b.settled.HelpDesks)
		return protocol.DeskList{Desks: desks}, err
	case protocol.Verify:
		trust, err := trustIn(b.settled.Trust)
		if err != nil {
			return nil, err
		}
		return verifyDocument(ctx, c.request, c.intake, trust)
	}
	return nil, nil
}

// carryOut carries out every request with a card but sign, whose result is more than one message.
func carryOut(ctx context.Context, e command.Environment, r *protocol.Request) (any, error) {
	switch r.Command {
	case protocol.Status:
		return command.Status(ctx, e)
	case protocol.Authenticate:
		return command.Authenticate(ctx, e, r.Lang, r.Origin, r.Challenge)
	case protocol.Certificate:
		return command.ReadCertificate(ctx, e, r.Lang, r.PIN)
	case protocol.Attributes:
		return command.Attributes(ctx, e, r.Lang, r.Compare)
	case protocol.ChangePIN:
		return command.ChangePIN(ctx, e, r.Lang, r.PIN, r.BirthDate)
	case protocol.PortalLogin:
		return command.PortalLogin(ctx, e, portal(r))
	case protocol.PortalSign:
		return command.PortalSign(ctx, e, portal(r))
	case protocol.PortalAttributes:
		return command.PortalAttributes(ctx, e, portal(r))
	}
	return nil, protocol.Invalid("command", "is not carried out here")
}

// portal is what a government page asks for.
func portal(r *protocol.Request) command.PortalRequest {
	return command.PortalRequest{Lang: r.Lang, Origin: r.Origin, Prepared: r.Prepared, Identifier: r.Identifier}
}

// fail sends an error frame. Where the stream is broken there is nobody left to tell.
func (b *browser) fail(id string, err error) { _ = b.out.send(failure(id, err)) }

func failure(id string, err error) protocol.Failure {
	var e *protocol.Error
	if !errors.As(err, &e) {
		e = protocol.Fail(protocol.Internal, err)
	}
	return protocol.Failure{ID: id, Error: e}
}
