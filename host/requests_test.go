package main

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/nativemsg"
	"github.com/natsuin/natsuin/internal/protocol"
)

// connectNowhere starts a host on a machine without the PC/SC service.
func connectNowhere(t *testing.T) *extension {
	t.Helper()
	return serve(t, func() (card.Readers, error) { return nil, card.ErrNoService }, nil)
}

// What is reckoned from dates needs neither a card nor the service.
func TestValidityWithoutACard(t *testing.T) {
	e := connectNowhere(t)
	e.send(`{"type":"request","id":"r","command":"validity","lang":"ja","birth":"1990-01-31","issued":"2024-05-01"}`)
	validity := e.until("result")["result"].(object)
	require.Equal(t, "2034-01-31", validity["card"].(object)["until"])
	for _, certificate := range []string{"authentication", "signature"} {
		require.Equal(t, "2029-01-31", validity[certificate].(object)["until"], "the fifth birthday")
	}

	e.send(`{"type":"request","id":"r","command":"validity","lang":"ja","birth":"2015-06-01","issued":"2024-05-01"}`)
	require.Equal(t, true, e.until("result")["result"].(object)["signature"].(object)["never"], "under 15")

	e.send(`{"type":"request","id":"r","command":"validity","lang":"ja","birth":"1990-01-31","issued":"2024-05-01","foreign":true}`)
	require.Equal(t, true, e.until("result")["result"].(object)["card"].(object)["byResidence"])
	e.send(`{"type":"request","id":"r","command":"validity","lang":"ja","birth":"1990-01-31","issued":"2024-05-01","foreign":true,"stayUntil":"2027-03-31"}`)
	require.Equal(t, "2027-03-31", e.until("result")["result"].(object)["card"].(object)["until"])

	for field, dates := range map[string]string{
		"issued":    `"birth":"1990-01-31","issued":"1980-05-01"`,
		"birth":     `"birth":"1990-02-30","issued":"2024-05-01"`,
		"stayUntil": `"birth":"1990-01-31","issued":"2024-05-01","stayUntil":"2027-03-31"`,
	} {
		e.send(`{"type":"request","id":"r","command":"validity","lang":"ja",%s}`, dates)
		code, got := e.untilError()
		require.Equal(t, []string{"INVALID_REQUEST", field}, []string{code, got})
	}
}

func TestDesksWithoutACard(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	e := connectNowhere(t)
	e.send(`{"type":"request","id":"r","command":"desks","lang":"ja"}`)
	desks := e.until("result")["result"].(object)["desks"].([]any)
	require.GreaterOrEqual(t, len(desks), 7)
	require.Equal(t, "北九州市", desks[0].(object)["municipality"].(object)["ja"])

	// What has to do with a card says what is missing, and the host goes on.
	for _, request := range []string{
		`"command":"status"`, `"command":"attributes"`, `"command":"change-pin","pin":"signature"`, `"command":"certificate","slot":"authentication"`,
	} {
		e.send(`{"type":"request","id":"r","lang":"ja",%s}`, request)
		code, _ := e.untilError()
		require.Equal(t, "NO_SERVICE", code)
	}
	e.send(`{"type":"request","id":"r","command":"desks","lang":"ja"}`)
	e.until("result")
}

// The extension's own requests, each with what comes of it.
func TestOwnPageReadsTheCard(t *testing.T) {
	e := connect(t, "", &dialog{pins: []string{"ABC123", "4321", "ABC123"}})
	e.send(`{"type":"request","id":"a","command":"certificate","lang":"ja","slot":"authentication"}`)
	details := e.until("result")["result"].(object)
	require.Equal(t, []any{"authentication", "foreign"}, []any{details["slot"], details["issuer"]})
	require.NotContains(t, details, "attributes")
	require.Equal(t, "valid", details["standing"].(object)["state"])

	e.send(`{"type":"request","id":"b","command":"certificate","lang":"ja","slot":"signature"}`)
	four := object{"name": "見本　太郎", "address": "東京都千代田区見本一丁目２番３号", "birthDate": "1980-05-05", "sex": "male", "sexCode": "1"}
	require.Equal(t, four, e.until("result")["result"].(object)["attributes"])

	e.send(`{"type":"request","id":"c","command":"attributes","lang":"ja","compare":true}`)
	compared := e.until("result")["result"].(object)
	require.Equal(t, "signature", compared["signatureCertificate"].(object)["slot"])
	delete(compared, "signatureCertificate")
	require.Equal(t, object{"attributes": four, "certificate": four, "differences": []any{}}, compared)
	require.Equal(t, 3, e.verify())
	require.Empty(t, e.card.Verified())
}

func TestPhoneInTheBrowser(t *testing.T) {
	e := connect(t, "phone", &dialog{pins: []string{"1234"}})
	for _, request := range []string{`"command":"attributes"`, `"command":"change-pin","pin":"card-surface"`} {
		e.send(`{"type":"request","id":"r","lang":"ja",%s}`, request)
		code, _ := e.untilError()
		require.Equal(t, "APPLICATION_ABSENT", code)
	}
	e.send(`{"type":"request","id":"r","command":"certificate","lang":"ja","slot":"authentication"}`)
	require.Equal(t, object{"token": "android", "issuer": "unknown"}, e.until("dialog")["card"])
	e.until("result")
	e.send(`{"type":"request","id":"r","command":"status","lang":"ja"}`)
	reader := e.until("result")["result"].(object)["readers"].([]any)[0].(object)
	require.NotContains(t, reader, "cardSurface")
	require.NotContains(t, reader["authentication"], "standing")
}

// A result that no frame can carry ends its request, and nothing else.
func TestResultThatIsTooLong(t *testing.T) {
	in, out := io.Pipe()
	b := newBrowser(nil, out, nil, func(string) string { return "" }, 0)
	b.current = &conversation{request: &protocol.Request{ID: "r"}}
	b.end([]any{protocol.Result{ID: "r", Result: strings.Repeat("x", nativemsg.MaxToBrowser)}})
	frame, err := nativemsg.NewReader(in, nativemsg.MaxToBrowser).Next()
	require.NoError(t, err)
	require.JSONEq(t, `{"type":"error","id":"r","error":{"code":"INTERNAL"}}`, string(frame))
	require.NoError(t, b.out.send(protocol.Gone{ID: "r", Prompt: 1}), "the stream goes on")
}
