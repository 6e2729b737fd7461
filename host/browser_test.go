package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/nativemsg"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/settings"
	"github.com/natsuin/natsuin/verify"
)

const challenge = "dGhpcyBpcyBhIGNoYWxsZW5nZSBvZiB0aGlydHktdHdv"

// A dialog is the system's dialog from a script: each Ask takes the next PIN, and an empty one waits
// until the dialog is closed.
type dialog struct {
	mu   sync.Mutex
	pins []string
}

func (d *dialog) Ask(ctx context.Context, _ prompt.Request) (*prompt.PIN, error) {
	d.mu.Lock()
	pin := d.pins[0]
	d.pins = d.pins[1:]
	d.mu.Unlock()
	if pin == "" {
		<-ctx.Done()
		return nil, prompt.ErrCancelled
	}
	return prompt.NewPIN([]byte(pin)), nil
}

// An extension is the browser's end of a host under test.
type extension struct {
	t       *testing.T
	card    *simcard.Card
	verify  func() int
	in      *io.PipeWriter
	frames  *nativemsg.Reader
	writer  *nativemsg.Writer
	stopped chan error
}

// connect starts a host with a simulated card of those faults; asker is its system dialog, or nil.
func connect(t *testing.T, faults string, asker prompt.Asker) *extension {
	t.Helper()
	f, err := simcard.ParseFaults(faults)
	require.NoError(t, err)
	var mu sync.Mutex
	verifies := 0
	c, err := simcard.New(simcard.Options{Faults: f, Trace: func(sent, _ []byte) {
		if command, err := card.ParseCommand(sent); err == nil && command.INS == 0x20 && len(command.Data) > 0 {
			mu.Lock()
			verifies++
			mu.Unlock()
		}
	}})
	require.NoError(t, err)
	e := serve(t, func() (card.Readers, error) { return simcard.NewReaders(c), nil }, asker)
	e.card = c
	e.verify = func() int { mu.Lock(); defer mu.Unlock(); return verifies }
	return e
}

// serve starts a host for that service; asker is its system dialog, or nil.
func serve(t *testing.T, open func() (card.Readers, error), asker prompt.Asker, settled ...settings.Settings) *extension {
	t.Helper()
	in, toHost := io.Pipe()
	fromHost, out := io.Pipe()
	b := newBrowser(in, out, open, func(string) string { return "" }, 0)
	b.desktop = asker
	for _, s := range settled {
		b.settled = s
	}
	e := &extension{t: t, in: toHost, stopped: make(chan error, 1),
		frames: nativemsg.NewReader(fromHost, nativemsg.MaxToBrowser), writer: nativemsg.NewWriter(toHost, nativemsg.MaxFromBrowser)}
	go func() {
		err := b.serve(context.Background())
		_ = out.Close()
		e.stopped <- err
	}()
	t.Cleanup(e.disconnect)
	hello := e.receive()
	require.Equal(t, "hello", hello["type"])
	return e
}

// disconnect closes the host's standard input, takes what it still says, and waits for its end.
func (e *extension) disconnect() {
	e.t.Helper()
	_ = e.in.Close()
	for {
		if _, err := e.frames.Next(); err != nil {
			break
		}
	}
	select {
	case err := <-e.stopped:
		require.NoError(e.t, err)
		e.stopped <- nil
	case <-time.After(10 * time.Second):
		e.t.Fatal("the host goes on without a browser")
	}
}

func (e *extension) send(format string, args ...any) {
	e.t.Helper()
	require.NoError(e.t, e.writer.Write(fmt.Appendf(nil, format, args...)))
}

type object = map[string]any

func (e *extension) receive() object {
	e.t.Helper()
	payload, err := e.frames.Next()
	require.NoError(e.t, err)
	var m object
	require.NoError(e.t, json.Unmarshal(payload, &m))
	return m
}

// until receives messages up to one of that type.
func (e *extension) until(kind string) object {
	e.t.Helper()
	for {
		m := e.receive()
		if m["type"] == kind {
			return m
		}
		if m["type"] == "error" || m["type"] == "result" {
			require.Equal(e.t, kind, m["type"], "%v", m)
		}
	}
}

func (e *extension) untilError() (code, field string) {
	e.t.Helper()
	failure := e.until("error")["error"].(object)
	field, _ = failure["field"].(string)
	return failure["code"].(string), field
}

func (e *extension) authenticate(id string) {
	e.send(`{"type":"request","id":"%s","command":"authenticate","lang":"ja","origin":"https://shinsei.example","challenge":"%s"}`, id, challenge)
}

func (e *extension) sign(id, documents string) {
	e.send(`{"type":"request","id":"%s","command":"sign","lang":"ja","origin":"https://shinsei.example","format":"cms","documents":%s}`, id, documents)
}

// requireWorks shows that the host carries out a next request.
func (e *extension) requireWorks() {
	e.t.Helper()
	e.send(`{"type":"request","id":"after","command":"status","lang":"en"}`)
	require.Equal(e.t, "after", e.until("result")["id"])
}

func (e *extension) answer(p object, accept bool) {
	e.send(`{"type":"answer","id":"%s","prompt":%.0f,"accept":%t}`, p["id"], p["prompt"], accept)
}

func (e *extension) typePIN(p object, pin string) {
	numbers := make([]string, 0, len(pin))
	for _, b := range []byte(pin) {
		numbers = append(numbers, fmt.Sprint(b))
	}
	e.send(`{"type":"pin","id":"%s","prompt":%.0f,"pin":[%s]}`, p["id"], p["prompt"], strings.Join(numbers, ","))
}

func TestLogInWithTheSystemDialog(t *testing.T) {
	e := connect(t, "", &dialog{pins: []string{"9999", "1234"}})
	e.authenticate("r")
	require.Equal(t, "present", e.until("card")["presence"])
	first := e.until("dialog")
	require.EqualValues(t, 3, first["triesLeft"])
	require.Equal(t, object{"token": "card", "issuer": "foreign"}, first["card"])
	second := e.until("dialog")
	require.EqualValues(t, 2, second["triesLeft"])
	require.Equal(t, "wrong", second["problem"])
	token, err := json.Marshal(e.until("result")["result"])
	require.NoError(t, err)
	_, err = verify.VerifyToken(token, verify.TokenOptions{Origin: "https://shinsei.example", Challenge: challenge})
	var refusal *verify.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, verify.IssuerForeign, refusal.Reason)
	require.Equal(t, 2, e.verify())
}

func TestLogInWithThePINInTheWindow(t *testing.T) {
	e := connect(t, "", nil)
	e.authenticate("r")
	p := e.until("prompt")
	require.Equal(t, "pin", p["kind"])
	e.typePIN(p, "12")
	p = e.until("prompt")
	require.Equal(t, "too-short", p["problem"])
	e.typePIN(p, "9999")
	p = e.until("prompt")
	require.Equal(t, "wrong", p["problem"])
	e.typePIN(p, "1234")
	e.until("result")
	require.Equal(t, 2, e.verify())
	e.requireWorks()
}

func TestWindowMayBeForbiddenToTakeThePIN(t *testing.T) {
	e := connect(t, "", nil)
	e.send(`{"type":"request","id":"r","command":"authenticate","lang":"ja","origin":"https://shinsei.example","windowPin":false,"challenge":"%s"}`, challenge)
	code, _ := e.untilError()
	require.Equal(t, "PROMPT_UNAVAILABLE", code)
	require.Zero(t, e.verify())
}

func TestLastTryWaitsForAYes(t *testing.T) {
	e := connect(t, "auth-tries=1", &dialog{pins: []string{"1234"}})
	e.authenticate("no")
	p := e.until("prompt")
	require.Equal(t, "last-try", p["kind"])
	e.answer(p, false)
	code, _ := e.untilError()
	require.Equal(t, "CANCELLED", code)
	require.Zero(t, e.verify())

	e.authenticate("yes")
	e.answer(e.until("prompt"), true)
	e.until("result")
}

// hiddenDocument is a list of one document of which nothing has to arrive.
const hiddenDocument = `[{"name":"a","digest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","hash":"SHA-256"}]`

func TestDocumentsArriveInChunks(t *testing.T) {
	e := connect(t, "", &dialog{pins: []string{"abc123"}})
	content := bytes.Repeat([]byte("申請"), 1000)
	digest := sha256.Sum256([]byte("elsewhere"))
	e.sign("r", fmt.Sprintf(`[{"name":"a.xml","size":%d},{"name":"one byte","size":1},{"name":"b","digest":"%x","hash":"SHA-256"}]`, len(content), digest))
	for rest := content; len(rest) > 0; {
		part := rest[:min(len(rest), 2500)]
		rest = rest[len(part):]
		e.send(`{"type":"chunk","id":"r","document":0,"data":"%s"}`, base64.StdEncoding.EncodeToString(part))
		require.EqualValues(t, len(content)-len(rest), e.until("received")["bytes"])
	}
	e.send(`{"type":"chunk","id":"r","document":1,"data":"AA=="}`)
	p := e.until("prompt")
	require.Equal(t, "consent", p["kind"])
	require.EqualValues(t, 1, p["hidden"])
	e.answer(p, true)
	for i := range 3 {
		s := e.until("signature")
		require.EqualValues(t, i, s["document"])
		if i == 0 {
			der, err := base64.StdEncoding.DecodeString(s["data"].(string))
			require.NoError(t, err)
			var trust verify.Trust
			dir := t.TempDir()
			require.NoError(t, e.card.WriteTrust(dir))
			trust, err = trust.WithDir(dir + "/trust")
			require.NoError(t, err)
			_, err = verify.VerifyCMS(der, bytes.NewReader(content), verify.CMSOptions{Trust: trust})
			require.NoError(t, err)
		}
	}
	require.Equal(t, "foreign", e.until("result")["result"].(object)["issuer"])
	require.Equal(t, 1, e.verify())
}

func TestLongSignaturesTakeSeveralFrames(t *testing.T) {
	e := connect(t, "", &dialog{pins: []string{"ABC123"}})
	content := bytes.Repeat([]byte{7}, 1_200_000)
	e.send(`{"type":"request","id":"r","command":"sign","lang":"ja","origin":"https://shinsei.example","format":"cms","attached":true,"documents":[{"name":"a","size":%d}]}`, len(content))
	e.send(`{"type":"chunk","id":"r","document":0,"data":"%s"}`, base64.StdEncoding.EncodeToString(content))
	e.answer(e.until("prompt"), true)
	var der []byte
	frames := 0
	for last := false; !last; frames++ {
		s := e.until("signature")
		part, err := base64.StdEncoding.DecodeString(s["data"].(string))
		require.NoError(t, err)
		der = append(der, part...)
		last = s["last"].(bool)
	}
	e.until("result")
	require.Equal(t, 3, frames)
	require.Contains(t, string(der), string(content))
}

func TestCancelAtEachStage(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(e *extension)
		code    string
	}{
		"while documents arrive": {func(e *extension) {
			e.sign("r", `[{"name":"a","size":5}]`)
		}, "CANCELLED"},
		"while waiting for the card": {func(e *extension) {
			e.card.Remove()
			e.authenticate("r")
			require.Equal(e.t, "no-card", e.until("card")["presence"])
		}, "NO_CARD"},
		"at the consent": {func(e *extension) {
			e.sign("r", hiddenDocument)
			e.until("prompt")
		}, "CANCELLED"},
		"at the system dialog": {func(e *extension) {
			e.authenticate("r")
			e.until("dialog")
		}, "CANCELLED"},
	} {
		t.Run(name, func(t *testing.T) {
			e := connect(t, "", &dialog{pins: []string{""}})
			c.prepare(e)
			e.send(`{"type":"cancel","id":"r"}`)
			code, _ := e.untilError()
			require.Equal(t, c.code, code)
			require.Zero(t, e.verify())
			e.card.Insert()
			e.requireWorks()
		})
	}
}

func TestCancelWhileTheCardSigns(t *testing.T) {
	e := connect(t, "slow-sign=300ms", &dialog{pins: []string{"1234"}})
	e.authenticate("r")
	e.until("dialog")
	require.Eventually(t, func() bool { return e.verify() == 1 }, 5*time.Second, time.Millisecond)
	e.send(`{"type":"cancel","id":"r"}`)
	code, _ := e.untilError()
	require.Equal(t, "CANCELLED", code)
	e.requireWorks()
}

func TestForgottenPromptEnds(t *testing.T) {
	w := newWindow(func(any) error { return nil }, &protocol.Request{ID: "r", WindowPIN: true}, nil)
	w.patience = time.Millisecond
	require.ErrorIs(t, w.LastTry(context.Background(), prompt.Request{}, command.CardInfo{}), prompt.ErrTimeout)
}

func TestWrongMessageEndsOnlyARequestThatTakesDocuments(t *testing.T) {
	e := connect(t, "", &dialog{pins: []string{""}})
	e.sign("r", `[{"name":"a","size":5}]`)
	e.send(`{"type":"chunk","id":"r","document":0,"data":""}`)
	require.Equal(t, "r", e.until("error")["id"])
	e.requireWorks()

	e.authenticate("r")
	e.until("dialog")
	for _, frame := range []string{
		`{"type":"chunk","id":"r","document":0,"data":"AA=="}`,
		`{"type":"answer","id":"r","prompt":1}`,
		`{"type":"request","id":"r","command":"status","lang":"ja"}`,
	} {
		e.send("%s", frame)
		require.NotContains(t, e.until("error"), "id", "the operation's own answer is still to come")
	}
	e.send(`{"type":"cancel","id":"r"}`)
	require.Equal(t, "r", e.until("error")["id"])
	e.requireWorks()
}

func TestWithdrawnPromptTakesNoAnswer(t *testing.T) {
	e := connect(t, "", nil)
	e.authenticate("r")
	p := e.until("prompt")
	e.card.Remove()
	require.Equal(t, p["prompt"], e.until("gone")["prompt"])
	code, _ := e.untilError()
	require.Equal(t, "CARD_LOST", code)
	e.typePIN(p, "1234")
	e.card.Insert()
	e.requireWorks()
	require.Zero(t, e.verify())
}

func TestClosedBrowserEndsTheOperation(t *testing.T) {
	e := connect(t, "", &dialog{pins: []string{""}})
	e.authenticate("r")
	e.until("dialog")
	e.disconnect()
	require.Zero(t, e.verify())
	c, err := simcard.NewReaders(e.card).Connect(context.Background(), simcard.ReaderName)
	require.NoError(t, err)
	require.NoError(t, c.Begin(context.Background()), "the card is free")
	require.NoError(t, c.Close())
}

func TestOneRequestAtATime(t *testing.T) {
	e := connect(t, "", &dialog{pins: []string{""}})
	e.authenticate("first")
	e.until("dialog")
	e.authenticate("second")
	code, _ := e.untilError()
	require.Equal(t, "BUSY", code)
	e.send(`{"type":"cancel","id":"second"}`) // not the one under way
	e.send(`{"type":"cancel","id":"first"}`)
	require.Equal(t, "first", e.until("error")["id"])
}

func TestPINIsNoAnswerToAQuestion(t *testing.T) {
	e := connect(t, "", nil)
	e.sign("r", hiddenDocument)
	e.typePIN(e.until("prompt"), "ABC123")
	code, field := e.untilError()
	require.Equal(t, "INVALID_REQUEST", code)
	require.Equal(t, "pin", field)
	require.Zero(t, e.verify())
}

func TestBadInputLeavesTheHostWorking(t *testing.T) {
	e := connect(t, "", nil)
	long := nativemsg.NewWriter(e.in, 64<<20)
	go func() { _ = long.Write(bytes.Repeat([]byte(" "), nativemsg.MaxFromBrowser+1)) }()
	code, field := e.untilError()
	require.Equal(t, "INVALID_REQUEST", code)
	require.Equal(t, "frame", field)

	for frame, want := range map[string]string{
		`not JSON`: "frame",
		`{"type":"request","id":"r","command":"status","lang":"ja","extra":1}`:                                                      "extra",
		`{"type":"chunk","id":"nobody","document":0,"data":"AA=="}`:                                                                 "id",
		`{"type":"pin","id":"r","prompt":1,"pin":"1234"}`:                                                                           "pin",
		`{"type":"request","id":"r","command":"sign","lang":"ja","origin":"https://shinsei.example","format":"cms","documents":[]}`: "documents",
	} {
		e.send("%s", frame)
		code, field := e.untilError()
		require.Equal(t, "INVALID_REQUEST", code)
		require.Equal(t, want, field)
	}
	e.sign("r", `[{"name":"a","size":1}]`)
	e.send(`{"type":"chunk","id":"r","document":0,"data":"AAAA"}`)
	code, field = e.untilError()
	require.Equal(t, "INVALID_REQUEST", code)
	require.Equal(t, "data", field)
	e.requireWorks()
	require.Zero(t, e.verify())
}

// Every message that the host can send fits the browsers' cap.
func TestLargestMessagesFit(t *testing.T) {
	part, err := protocol.Encode(protocol.Signature{ID: strings.Repeat("r", 64), Document: 999, Data: make([]byte, protocol.MaxSignaturePart)})
	require.NoError(t, err)
	require.LessOrEqual(t, len(part), nativemsg.MaxToBrowser)
	pages := make([]int, protocol.MaxDocuments)
	for i := range pages {
		pages[i] = 1_000_000
	}
	consent, err := protocol.Encode(protocol.Prompt{ID: strings.Repeat("r", 64), Kind: "consent", Digest: strings.Repeat("0", 64), Pages: pages, Seal: make([]byte, protocol.MaxPicture), PINState: &protocol.PINState{}})
	require.NoError(t, err)
	require.LessOrEqual(t, len(consent), nativemsg.MaxToBrowser)
	chunk, err := json.Marshal(object{"type": "chunk", "id": strings.Repeat("r", 64), "document": 999, "data": make([]byte, protocol.MaxChunk)})
	require.NoError(t, err)
	require.LessOrEqual(t, len(chunk), nativemsg.MaxFromBrowser)
}

// Where the window is no window, the dialog does without: the browser's number is not worth an error.
func TestParentWindow(t *testing.T) {
	for want, args := range map[uintptr][]string{
		1311768: {"chrome-extension://abc/", "--parent-window=1311768"},
		0:       {"chrome-extension://abc/", "--parent-window=x"},
	} {
		require.Equal(t, want, parentWindow(args))
	}
	for _, args := range [][]string{nil, {"chrome-extension://abc/"}, {"chrome-extension://abc/", "--parent-window=0"}, {"--parent-window=-1"}, {"--parent-window"}} {
		require.Zero(t, parentWindow(args), args)
	}
}
