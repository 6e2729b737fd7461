package prompt

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The citizen is told to stop where the dialog names another operation than the extension's window: both use the
// same words.
func TestDialogAndWindowAgree(t *testing.T) {
	for _, lang := range []Lang{Japanese, English} {
		window := windowTexts(t, lang)
		texts := lang.texts()
		for _, c := range []struct {
			dialog string
			key    string
		}{
			{Request{Operation: Login, Lang: lang}.operation(), "purpose_authenticate"},
			{Request{Operation: Sign, Lang: lang}.operation(), "purpose_sign"},
			{Request{Operation: ReadCertificate, PIN: Signature, Lang: lang}.operation(), "purpose_certificate_signature"},
			{Request{Operation: ReadCertificate, PIN: Authentication, Lang: lang}.operation(), "purpose_certificate_authentication"},
			{Request{Operation: ReadAttributes, Lang: lang}.operation(), "purpose_attributes"},
			{Request{Operation: PortalLogin, Lang: lang}.operation(), "purpose_portal_login"},
			{Request{Operation: PortalSign, Values: 2, Lang: lang}.operation(), "purpose_portal_sign"},
			{Request{Operation: PortalAttributes, Lang: lang}.operation(), "purpose_portal_attributes"},
			{texts.prompt[Current], "pin_current"},
			{texts.prompt[New], "pin_new"},
			{Request{TriesLeft: 2, MaxTries: 3, Lang: lang}.costLine(), "tries"},
		} {
			said := strings.TrimRight(c.dialog, "：:")
			if lang == English { // "To: read" is "to read"
				said = strings.Replace(strings.Replace(said, "To: ", "to ", 1), "For: ", "for ", 1)
			}
			require.Equal(t, window[c.key], strings.TrimPrefix(said, "操作："), c.key)
		}
		require.Contains(t, texts.ownPage, window["own_page"])
		change := strings.TrimPrefix(strings.Replace(texts.operation[ChangePIN], "To: ", "to ", 1), "操作：")
		require.True(t, strings.HasPrefix(window["purpose_change"], change), "the window names the PIN too")
	}
}

// windowTexts are the extension's, with 2 for what they take.
func windowTexts(t *testing.T, lang Lang) map[string]string {
	file, err := os.ReadFile("../../extension/_locales/" + string(lang) + "/messages.json")
	require.NoError(t, err)
	var messages map[string]struct{ Message string }
	require.NoError(t, json.Unmarshal(file, &messages))
	texts := map[string]string{}
	for key, m := range messages {
		texts[key] = strings.ReplaceAll(m.Message, "$1", "2")
	}
	return texts
}
