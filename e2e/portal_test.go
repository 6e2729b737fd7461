//go:build linux

package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/e2e/reader"
	"github.com/natsuin/natsuin/internal/card/simcard"
)

// The PINs of these tests. Nothing else looks like them.
const (
	portalLoginPIN      = "8317"
	portalAttributesPIN = "6052"
	portalWrongPIN      = "2967"
	portalSignPIN       = "RIGHT4HQ2N8TBC6Y"
	portalWrongSignPIN  = "WRONG7ZKX93WVJ5P"
)

// efiling-pages.md §1.7: what its test value is made for, and the value, with the number of simulated cards.
const (
	portalIdentifier = "000102030405060708090a0b0c0d0e0f"
	portalCode       = "25fefd1edd16ed47fe1f05a91ae0f7b0d1bde1196c539466e68c3b9acdb2950a"
)

// portalDocuments are what a page's values are about.
var portalDocuments = []string{"申請書", "添付書類"}

// portalValue is a DigestInfo of SHA-256 (RFC 8017 §9.2, note 1).
func portalValue(document string) []byte {
	digest := sha256.Sum256([]byte(document))
	return append([]byte("\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"), digest[:]...)
}

func inBase64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// portalRequests are sound requests.
func portalRequests() map[string]object {
	request := func(command string, members object) object {
		r := object{"type": "request", "id": "r", "command": "portal-" + command, "lang": "ja",
			"origin": "https://myna.go.jp", "serviceId": "01"}
		maps.Copy(r, members)
		return r
	}
	values := []string{inBase64(portalValue(portalDocuments[0])), inBase64(portalValue(portalDocuments[1]))}
	return map[string]object{
		"login":      request("login", object{"digest": values[0], "allow": []string{}}),
		"sign":       request("sign", object{"digests": values, "allow": []string{}, "identifier": portalIdentifier}),
		"attributes": request("attributes", object{"identifier": portalIdentifier}),
	}
}

// spellings are the ways in which a log would show a secret.
func spellings(secret []byte) []string {
	digits := hex.EncodeToString(secret)
	return []string{
		string(secret), strings.Trim(strconv.QuoteToASCII(string(secret)), `"`), digits, strings.ToUpper(digits),
		strings.TrimRight(inBase64(secret), "="), strings.Trim(fmt.Sprint(secret), "[]"),
	}
}

// portalSecrets are what only a result may tell, by name. The fourth attribute, the sex, is one digit, which no
// search can find: that standard error stays empty is what covers it.
func portalSecrets(t *testing.T, r *reader.Reader) map[string][]byte {
	t.Helper()
	secrets := map[string][]byte{
		"the PIN of a login": []byte(portalLoginPIN), "the PIN of a signature": []byte(portalSignPIN),
		"the PIN of the attributes": []byte(portalAttributesPIN),
		"a wrong PIN":               []byte(portalWrongPIN), "a wrong PIN of a signature": []byte(portalWrongSignPIN),
		"the name": []byte(simcard.Taro.Name), "the address": []byte(simcard.Taro.Address), "the birth date": []byte(simcard.Taro.Birth),
		"the manufacture number": []byte(simcard.ManufactureNumber),
	}
	for name, digits := range map[string]string{"the combination code": portalCode, "the identifier": portalIdentifier} {
		secret, err := hex.DecodeString(digits)
		require.NoError(t, err)
		secrets[name] = secret
	}
	for _, document := range portalDocuments {
		digest := sha256.Sum256([]byte(document))
		secrets["the digest of "+document], secrets["the value of "+document] = digest[:], portalValue(document)
	}
	for _, slot := range []string{"auth", "sign"} {
		text, err := os.ReadFile(filepath.Join(r.Certificates(), slot+"-cert.pem"))
		require.NoError(t, err)
		block, _ := pem.Decode(text)
		require.NotNil(t, block)
		secrets["the certificate "+slot] = block.Bytes[:48] // a line of PEM, and no CA's
	}
	return secrets
}

// toldIn returns the names of the secrets that a text tells.
func toldIn(text string, secrets map[string][]byte) (told []string) {
	for name, secret := range secrets {
		if slices.ContainsFunc(spellings(secret), func(s string) bool { return strings.Contains(text, s) }) {
			told = append(told, name)
		}
	}
	return told
}

// filesIn returns the names and the contents of all files in a folder.
func filesIn(t *testing.T, folder string) string {
	t.Helper()
	var all strings.Builder
	require.NoError(t, fs.WalkDir(os.DirFS(folder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(folder, path))
		fmt.Fprintf(&all, "%s\n%s\n", path, content)
		return err
	}))
	return all.String()
}

// A portalSituation is what comes between a government page's request and its end.
type portalSituation struct {
	change  object // of the request
	faults  string
	answers []string // the dialog's
	refused bool     // no consent
	gone    bool     // the page is closed while the dialog stands open
	code    string   // "" for a result
}

// portalSituations are those of every request, by name.
func portalSituations(right, wrong string) map[string]portalSituation {
	return map[string]portalSituation{
		"success":            {answers: []string{"pin " + right}},
		"no consent":         {refused: true, code: "CANCELLED"},
		"no PIN":             {answers: []string{"cancel"}, code: "CANCELLED"},
		"nobody there":       {answers: []string{"timeout"}, code: "TIMEOUT"},
		"the dialog crashes": {answers: []string{"crash"}, code: "PROMPT_UNAVAILABLE"},
		"a PIN of no form":   {answers: []string{"pin " + wrong[:3], "cancel"}, code: "CANCELLED"},
		"a wrong PIN":        {answers: []string{"pin " + wrong}, code: "PIN_WRONG"},
		"a blocked PIN":      {faults: "auth-tries=0,sign-tries=0,attributes-tries=0", code: "PIN_BLOCKED"},
		"the page is closed": {answers: []string{"wait"}, gone: true, code: "CANCELLED"},
		"lost with its PIN":  {faults: "remove-at-verify", answers: []string{"pin " + right}, code: "CARD_LOST"},
		"another site":       {change: object{"origin": "https://myna.example"}, code: "INVALID_REQUEST"},
	}
}

// Whatever becomes of a government page's request, what it is about and what the card gives stand in its result
// alone: not on standard error, which stays empty, not in a file, in no other message to the browser, and
// not in what the dialog is told.
func TestPortalLogsNoPersonalData(t *testing.T) {
	t.Parallel()
	r := reader.Start(t, "--pins", "auth:"+portalLoginPIN+",sign:"+portalSignPIN+",attributes:"+portalAttributesPIN)
	secrets := portalSecrets(t, r)
	value := portalValue(portalDocuments[0])
	long, cut := inBase64(append(bytes.Clone(value), 0)), inBase64(bytes.Repeat(value, 5)[:245])
	login, sign, attributes := []string{"pin " + portalLoginPIN}, []string{"pin " + portalSignPIN}, []string{"pin " + portalAttributesPIN}
	for command, c := range map[string]struct {
		right, wrong string
		told         []string // by the result
		more         map[string]portalSituation
	}{
		"login": {portalLoginPIN, portalWrongPIN, []string{"the certificate auth"}, map[string]portalSituation{
			"another key":       {faults: "wrong-key", answers: login, code: "CARD_FAULT"},
			"the card leaves":   {faults: "remove-at-sign", answers: login, code: "CARD_LOST"},
			"no DigestInfo":     {change: object{"digest": cut}, code: "INVALID_REQUEST"},
			"trailing bytes":    {change: object{"digest": long}, code: "INVALID_REQUEST"},
			"with a code":       {change: object{"identifier": portalIdentifier}, code: "INVALID_REQUEST"},
			"no certificate":    {faults: "no-auth-cert", code: "CERTIFICATE_ABSENT"},
			"half certificates": {faults: "truncated", code: "CARD_FAULT"},
		}},
		"sign": {portalSignPIN, portalWrongSignPIN, []string{"the certificate sign", "the combination code"}, map[string]portalSituation{
			"another key":       {faults: "wrong-key", answers: sign, code: "CARD_FAULT"},
			"the card leaves":   {faults: "remove-at-sign", answers: sign, code: "CARD_LOST"},
			"too many values":   {change: object{"digests": slices.Repeat([]string{inBase64(value)}, 101)}, code: "INVALID_REQUEST"},
			"no DigestInfo":     {change: object{"digests": []string{inBase64(value), cut}}, code: "INVALID_REQUEST"},
			"no number":         {faults: "phone", answers: sign, code: "APPLICATION_ABSENT"},
			"half certificates": {faults: "truncated", answers: sign, code: "CARD_FAULT"},
		}},
		"attributes": {portalAttributesPIN, portalWrongPIN, []string{"the name", "the address", "the birth date", "the combination code"}, map[string]portalSituation{
			"a control character": {faults: "attributes=control", answers: attributes, code: "CARD_FAULT"},
			"no application":      {faults: "no-surface", code: "APPLICATION_ABSENT"},
			"a long identifier":   {change: object{"identifier": portalIdentifier + "00"}, code: "INVALID_REQUEST"},
		}},
	} {
		situations := portalSituations(c.right, c.wrong)
		maps.Copy(situations, c.more)
		for name, s := range situations {
			t.Run(command+"/"+name, func(t *testing.T) {
				request := portalRequests()[command]
				maps.Copy(request, s.change)
				s.requireSilence(t, r, request, secrets, c.told)
			})
		}
	}
}

// requireSilence carries a request out with a new host, whose result tells those secrets, and looks for all of them
// everywhere else.
func (s portalSituation) requireSilence(t *testing.T, r *reader.Reader, request object, secrets map[string][]byte, told []string) {
	t.Helper()
	r.Order("fault auth-tries=3,sign-tries=5,attributes-tries=3")
	if s.faults != "" {
		r.Order("fault " + s.faults)
	}
	defer r.Order("insert")
	d, home := scriptedDialog(t, s.answers...), t.TempDir()
	cmd := hostCommand(t, chromiumArguments()...)
	cmd.Dir = home
	cmd.Env = append(append(cmd.Env, d.env()...), "HOME="+home, "TMPDIR="+home, r.Env())
	h, _ := startHost(t, cmd)

	h.send(request)
	m, before := object{}, 0
	for m["type"] != "result" && m["type"] != "error" {
		before = h.said.Len()
		m = h.receive()
		switch m["type"] {
		case "prompt":
			require.Equal(t, "consent", m["kind"])
			h.send(object{"type": "answer", "id": "r", "prompt": m["prompt"], "accept": !s.refused})
		case "dialog":
			if s.gone {
				d.waitUntilOpen()
				h.send(object{"type": "cancel", "id": "r"})
			}
		}
	}
	if s.code == "" {
		require.Equal(t, "result", m["type"], "%v", m)
		result := toldIn(h.said.String()[before:], secrets)
		require.Subset(t, result, told, "the search finds what is there")
		require.NotContains(t, result, "the manufacture number")
		h.said.Truncate(before)
	} else {
		require.Equal(t, "error", m["type"])
		require.Equal(t, s.code, m["error"].(object)["code"])
	}
	h.disconnect() // and standard error is empty

	for where, text := range map[string]string{
		"standard error": h.stderr.String(), "the files": filesIn(t, home), "a message": h.said.String(), "the dialog": d.log(),
	} {
		require.Empty(t, toldIn(text, secrets), where)
	}
}

// A frame that is no message is told of without its text.
func TestPortalLogsNoBrokenMessage(t *testing.T) {
	t.Parallel()
	h, _ := startHost(t, hostCommand(t, chromiumArguments()...))
	const broken = `{"type":"request","id":"r","command":"portal-login","origin":"https://myna.go.jp","digest":"`
	value := inBase64(portalValue(portalDocuments[0]))
	require.NoError(t, h.writer.Write([]byte(broken+value)))
	require.Equal(t, object{"code": "INVALID_REQUEST", "field": "frame"}, h.untilError())
	h.disconnect() // and standard error is empty
	require.NotContains(t, h.said.String(), value[len(value)-16:])
}
