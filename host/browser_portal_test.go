package main

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/digestinfo"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
)

// prepared is the DigestInfo that a page hands over for a document, in base64.
func prepared(t *testing.T, document string) string {
	t.Helper()
	digest := sha256.Sum256([]byte(document))
	v, err := digestinfo.New(crypto.SHA256, digest[:])
	require.NoError(t, err)
	return base64.StdEncoding.EncodeToString(v.Bytes())
}

// portal asks as the bridge to a government page does.
func (e *extension) portal(id, command, members string) {
	e.send(`{"type":"request","id":"%s","command":"portal-%s","lang":"ja","origin":"https://myna.go.jp","serviceId":"01"%s}`, id, command, members)
}

// requireSigned checks a signature over a document with a certificate, both in base64.
func requireSigned(t *testing.T, certificate, signature any, document string) {
	t.Helper()
	der, err := base64.StdEncoding.DecodeString(certificate.(string))
	require.NoError(t, err)
	c, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	s, err := base64.StdEncoding.DecodeString(signature.(string))
	require.NoError(t, err)
	digest := sha256.Sum256([]byte(document))
	require.NoError(t, rsa.VerifyPKCS1v15(c.PublicKey.(*rsa.PublicKey), crypto.SHA256, digest[:], s))
}

const (
	identifier = "000102030405060708090a0b0c0d0e0f"
	testCode   = "25fefd1edd16ed47fe1f05a91ae0f7b0d1bde1196c539466e68c3b9acdb2950a" // efiling-pages.md §1.7
)

func TestPortalLogIn(t *testing.T) {
	e := connect(t, "", &dialog{pins: []string{"1234"}})
	e.portal("r", "login", `,"digest":"`+prepared(t, "session")+`","allow":[]`)
	p := e.until("prompt")
	digest := sha256.Sum256([]byte("session"))
	require.Equal(t, object{"type": "prompt", "id": "r", "prompt": 1.0, "kind": "consent", "digests": []any{object{
		"hash": "SHA-256", "first": fmt.Sprintf("%x", digest[:4]), "last": fmt.Sprintf("%x", digest[28:])}},
		"pin": "authentication", "triesLeft": 3.0, "maxTries": 3.0, "card": object{"token": "card", "issuer": "foreign"}}, p)
	require.Zero(t, e.verify())
	e.answer(p, true)
	e.until("dialog")
	result := e.until("result")["result"].(object)
	require.Len(t, result, 2)
	requireSigned(t, result["certificate"], result["signature"], "session")
	require.Equal(t, 1, e.verify())
	require.Empty(t, e.card.Verified())
	e.requireWorks()
}

// One PIN in the window covers the whole array.
func TestPortalSigns(t *testing.T) {
	e := connect(t, "", nil)
	documents := make([]string, 100)
	digests := make([]string, len(documents))
	for i := range documents {
		documents[i] = fmt.Sprint("document ", i)
		digests[i] = prepared(t, documents[i])
	}
	e.portal("r", "sign", `,"digests":["`+strings.Join(digests, `","`)+`"],"identifier":"`+identifier+`","allow":[]`)
	p := e.until("prompt")
	require.Len(t, p["digests"], len(documents))
	require.NotContains(t, p, "digest")
	require.NotContains(t, p, "hidden")
	e.answer(p, true)
	p = e.until("prompt")
	require.Equal(t, "pin", p["kind"])
	e.typePIN(p, "abc123")
	result := e.until("result")["result"].(object)
	require.Equal(t, testCode, result["combinationCode"])
	signatures := result["signatures"].([]any)
	require.Len(t, signatures, len(documents))
	for i, document := range documents {
		requireSigned(t, result["certificate"], signatures[i], document)
	}
	require.Equal(t, 1, e.verify())
	require.Empty(t, e.card.Verified())
}

func TestPortalDiscloses(t *testing.T) {
	e := connect(t, "", &dialog{pins: []string{"4321", "4321"}})
	for _, c := range []struct{ members, code string }{{"", ""}, {`,"identifier":"` + identifier + `"`, testCode}} {
		e.portal("r", "attributes", c.members)
		p := e.until("prompt")
		require.Equal(t, []any{}, p["digests"])
		e.answer(p, true)
		want := object{"name": "見本　太郎", "sex": "1", "address": "東京都千代田区見本一丁目２番３号", "birthday": "19800505"}
		if c.code != "" {
			want["combinationCode"] = c.code
		}
		require.Equal(t, want, e.until("result")["result"])
	}
}

// Whatever is no well-formed request is refused before anybody looks for a card, and the host goes on.
func TestPortalRefuses(t *testing.T) {
	var opened atomic.Int32
	c, err := simcard.New(simcard.Options{})
	require.NoError(t, err)
	e := serve(t, func() (card.Readers, error) {
		opened.Add(1)
		return simcard.NewReaders(c), nil
	}, nil)
	random := make([]byte, 245)
	_, _ = rand.Read(random)
	encoded := base64.StdEncoding.EncodeToString
	sound, err := base64.StdEncoding.DecodeString(prepared(t, "a"))
	require.NoError(t, err)
	sha1 := append([]byte("\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14"), make([]byte, 20)...)
	digests := func(n int) string { return strings.TrimSuffix(strings.Repeat(`"`+encoded(sound)+`",`, n), ",") }
	for name, r := range map[string]struct{ command, members, field string }{
		"245 random bytes":               {"login", `,"digest":"` + encoded(random) + `","allow":["bare","sha-1"]`, "digest"},
		"trailing bytes":                 {"login", `,"digest":"` + encoded(append(bytes.Clone(sound), 0)) + `","allow":["bare","sha-1"]`, "digest"},
		"a byte short":                   {"login", `,"digest":"` + encoded(sound[:50]) + `","allow":["bare","sha-1"]`, "digest"},
		"SHA-1":                          {"login", `,"digest":"` + encoded(sha1) + `","allow":["bare"]`, "digest"},
		"a bare hash":                    {"login", `,"digest":"` + encoded(sound[19:]) + `","allow":["sha-1"]`, "digest"},
		"random bytes among the others":  {"sign", `,"digests":[` + digests(2) + `,"` + encoded(random) + `"],"allow":[]`, "digests[2]"},
		"101 digests":                    {"sign", `,"digests":[` + digests(101) + `],"allow":[]`, "digests"},
		"no digests":                     {"sign", `,"digests":[],"allow":[]`, "digests"},
		"a login with a code":            {"login", `,"digest":"` + encoded(sound) + `","identifier":"` + identifier + `","allow":[]`, "identifier"},
		"a mode that is the extension's": {"close", ``, "command"},
	} {
		t.Run(name, func(t *testing.T) {
			e.t = t
			e.portal("r", r.command, r.members)
			code, field := e.untilError()
			require.Equal(t, []string{"INVALID_REQUEST", r.field}, []string{code, field})
		})
	}
	e.t = t
	for _, origin := range []string{"https://myna.example", "https://evilgo.jp", "https://myna.go.jp.example", "https://myna.go.jp:8443", "http://myna.go.jp", "https://go.jp", "http://localhost:8080"} {
		e.send(`{"type":"request","id":"r","command":"portal-login","lang":"ja","origin":"%s","serviceId":"01","digest":"%s","allow":[]}`, origin, encoded(sound))
		code, field := e.untilError()
		require.Equal(t, []string{"INVALID_REQUEST", "origin"}, []string{code, field}, origin)
	}
	require.Zero(t, opened.Load(), "a reader was asked")
	e.requireWorks()
}

// A no, and a page that goes while the citizen reads, end a request without a PIN; a second one meanwhile is refused.
func TestPortalEnds(t *testing.T) {
	e := connect(t, "", &dialog{pins: []string{"1234"}})
	ask := func(id string) { e.portal(id, "login", `,"digest":"`+prepared(t, "a")+`","allow":[]`) }
	ask("no")
	e.answer(e.until("prompt"), false)
	code, _ := e.untilError()
	require.Equal(t, "CANCELLED", code)

	ask("closed")
	e.until("prompt")
	ask("second")
	second := e.until("error")
	require.Equal(t, []any{"second", "BUSY"}, []any{second["id"], second["error"].(object)["code"]})
	e.send(`{"type":"cancel","id":"closed"}`)
	require.Equal(t, "closed", e.until("error")["id"])
	require.Zero(t, e.verify())

	ask("yes")
	e.answer(e.until("prompt"), true)
	e.until("result")
	require.Equal(t, 1, e.verify())
}

// What the card tells of its holder, and the code, stand in the result and in no other message; the card's number
// stands in none, nor does a PIN.
func TestPortalTellsOnlyInItsResult(t *testing.T) {
	const coded = `,"identifier":"` + identifier + `"`
	sign := `,"digests":["` + prepared(t, "a") + `"],"allow":[]` + coded
	secrets := []string{"見本", "千代田", "19800505", testCode, simcard.ManufactureNumber, "4321", "9999", "ABC123", "WRONG1"}
	for name, c := range map[string]struct {
		command, members, faults, pin string
		code                          any // nil for a result
	}{
		"attributes":                {"attributes", coded, "", "4321", nil},
		"attributes, a wrong PIN":   {"attributes", coded, "", "9999", "PIN_WRONG"},
		"attributes out of form":    {"attributes", coded, "attributes=control", "4321", "CARD_FAULT"},
		"signatures":                {"sign", sign, "", "ABC123", nil},
		"signatures, a wrong PIN":   {"sign", sign, "", "WRONG1", "PIN_WRONG"},
		"signatures of another key": {"sign", sign, "wrong-key", "ABC123", "CARD_FAULT"},
	} {
		t.Run(name, func(t *testing.T) {
			e := connect(t, c.faults, &dialog{pins: []string{c.pin}})
			e.portal("r", c.command, c.members)
			var m object
			for m["type"] != "result" && m["type"] != "error" {
				frame, err := e.frames.Next()
				require.NoError(t, err)
				m = nil
				require.NoError(t, json.Unmarshal(frame, &m))
				if m["type"] == "result" {
					require.Contains(t, string(frame), testCode)
					require.NotContains(t, string(frame), simcard.ManufactureNumber)
					continue
				}
				for _, secret := range secrets {
					require.NotContains(t, string(frame), secret)
				}
				if m["type"] == "prompt" {
					e.answer(m, true)
				}
			}
			failure, _ := m["error"].(object)
			require.Equal(t, c.code, failure["code"])
			require.Equal(t, 1, e.verify())
		})
	}
}

// Nobody takes silence, or a question about something else, for consent: what a surface has no words for, it refuses.
func TestConsentToNothingElse(t *testing.T) {
	send := func(m any) error {
		t.Errorf("a window was asked: %v", m)
		return nil
	}
	w := newWindow(send, &protocol.Request{}, nil)
	for _, operation := range []prompt.Operation{0, prompt.Login, prompt.ReadAttributes, prompt.ChangePIN, prompt.PortalAttributes + 1} {
		require.Error(t, w.Consent(t.Context(), command.Consent{Request: prompt.Request{Operation: operation}}))
	}
	for operation := prompt.PortalLogin; operation <= prompt.PortalAttributes; operation++ {
		require.Error(t, new(terminal).Consent(t.Context(), command.Consent{Request: prompt.Request{Operation: operation}}))
	}
}
