package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/natsuin/natsuin/internal/printable"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/rules"
	"github.com/natsuin/natsuin/verify"
)

// report tells a failure: in the citizen's words on standard error, and with --json as an object on
// standard output. Who cancelled knows why.
func (c *commandLine) report(e *protocol.Error) {
	message, remedy := c.messageOf(e), c.remedyOf(e)
	detail := ""
	if e.Code != protocol.Cancelled {
		detail = printable.Text(e.Error())
	}
	if c.json {
		type failure struct {
			*protocol.Error
			Message string `json:"message"`
			Remedy  string `json:"remedy"`
			Detail  string `json:"detail,omitempty"`
		}
		_ = c.printJSON(struct {
			Readers []protocol.ReaderStatus `json:"readers,omitempty"`
			Actions []actionLine            `json:"actions,omitempty"`
			Error   failure                 `json:"error"`
		}{c.readers, c.actions, failure{e, message, remedy, detail}})
	}
	fmt.Fprintf(c.stderr, "natsuin: %s\n%s\n", message, remedy)
	if more := printable.Text(unsaid(e)); detail != "" && more != "" {
		fmt.Fprintf(c.stderr, recordText.in(c.lang)+"\n", more)
	}
}

// unsaid is what a failure says beyond the citizen's words; "" where it is all said in them.
func unsaid(e *protocol.Error) string {
	var u *usage
	if errors.As(e, &u) {
		if u.cause == nil {
			return ""
		}
		return u.cause.Error()
	}
	if _, told := fileTrouble(e); told != nil {
		return ""
	}
	return e.Error()
}

// argumentText names an argument and what is wrong with it; sentenceText is for what is wrong with no single one.
var (
	argumentText = text{"%[1]s: %[2]s", "%[1]s %[2]s."}
	sentenceText = text{"%[2]s", "%[2]s."}
)

// The fields of errors about the arguments as a whole, and about the command.
const (
	wholeArguments = "arguments"
	wholeCommand   = "command"
)

func (c *commandLine) messageOf(e *protocol.Error) string {
	message := errorTexts[e.Code].message.in(c.lang)
	var u *usage
	var problem *rules.Problem
	switch {
	case e.Code == protocol.DocumentRefused && e.Reason == string(protocol.Changed):
		message = tooLateText.in(c.lang)
	case e.Code != protocol.InvalidRequest:
	case errors.As(e, &u):
		form := argumentText
		if e.Field == wholeArguments || e.Field == wholeCommand {
			form = sentenceText
		}
		message = fmt.Sprintf(form.in(c.lang), e.Field, printable.Text(u.in(c.lang)))
	case errors.As(e, &problem):
		message = fmt.Sprintf(argumentText.in(c.lang), e.Field, rules.Text(*problem).In(c.lang))
	}
	if e.Code != protocol.InvalidRequest {
		if what := c.troubleWith(e); what != "" {
			message += spaceText.in(c.lang) + what
		}
	}
	if e.TriesLeft != nil && *e.TriesLeft > 0 {
		message += spaceText.in(c.lang) + fmt.Sprintf(triesLeftText.in(c.lang), *e.TriesLeft)
	}
	if reason, ok := reasonTexts[e.Reason]; ok {
		message += spaceText.in(c.lang) + reason.in(c.lang)
	}
	if reason, ok := documentReasonTexts[verify.Reason(e.Reason)]; ok {
		message += spaceText.in(c.lang) + reason.message.in(c.lang)
	}
	if stamp, ok := stampTexts[verify.Reason(e.Reason)]; ok {
		message += spaceText.in(c.lang) + stamp.message.in(c.lang)
	}
	if refusal, ok := refusalTexts[protocol.Refusal(e.Reason)]; ok {
		message += spaceText.in(c.lang) + refusal.message.in(c.lang)
	}
	return message
}

// blockedTexts say how to get out of a blocked PIN.
var blockedTexts = map[protocol.PINName]text{
	protocol.AuthenticationPIN: {"お住まいの市区町村の窓口で、本人がカードを持って再設定してください。署名用の暗証番号（英数字6〜16桁）が分かるときは、スマートフォンのアプリとコンビニの端末でも再設定できます。時間がたっても解除されません。くわしくは「natsuin explain locked-pin」、窓口は「natsuin explain desks」をご覧ください。",
		"Have it reset at your municipality, in person and with the card; if you know the signature PIN (6 to 16 letters and digits), also with the smartphone app and a convenience-store kiosk. It never recovers by itself. See natsuin explain locked-pin, and natsuin explain desks for the counters."},
	protocol.SignaturePIN: {"お住まいの市区町村の窓口で、本人がカードを持って再設定してください。利用者証明用の暗証番号（数字4桁）が分かるときは、スマートフォンのアプリとコンビニの端末でも再設定できます。時間がたっても解除されません。くわしくは「natsuin explain locked-pin」、窓口は「natsuin explain desks」をご覧ください。",
		"Have it reset at your municipality, in person and with the card; if you know the authentication PIN (4 digits), also with the smartphone app and a convenience-store kiosk. It never recovers by itself. See natsuin explain locked-pin, and natsuin explain desks for the counters."},
	protocol.CardSurfacePIN: counterOnlyText,
}

var (
	counterOnlyText = text{"お住まいの市区町村の窓口でだけ再設定できます。本人がカードを持って行ってください。時間がたっても解除されません。くわしくは「natsuin explain locked-pin」、窓口は「natsuin explain desks」をご覧ください。",
		"Only the counter of your municipality can reset it, for the holder in person, with the card. It never recovers by itself. See natsuin explain locked-pin, and natsuin explain desks for the counters."}
	phoneText = text{"スマートフォンの電子証明書では、カードと手続きが違います。「natsuin explain smartphone」をご覧ください。",
		"For a smartphone's certificates other rules hold than for the card's; see natsuin explain smartphone."}
	jukiCardText = text{"住民基本台帳カードの電子証明書は、もう使えません。「natsuin explain juki-card」をご覧ください。",
		"The certificates of a Basic Resident Registration Card can no longer be used; see natsuin explain juki-card."}
	otherPINText = text{"別の暗証番号を選んでください。", "Choose another PIN."}
	allHelpText  = text{"「natsuin help」でコマンドの一覧を表示します。", "natsuin help lists the commands."}
	helpText     = text{"「natsuin help %s」で使い方を確かめてください。", "See natsuin help %s."}
)

// onPhone says whether a kind of card is a smartphone.
func onPhone(token string) bool { return token == "android" || token == "iphone" }

func (c *commandLine) remedyOf(e *protocol.Error) string {
	remedy := errorTexts[e.Code].remedy
	switch {
	case e.Code == protocol.InvalidRequest && e.Field == wholeCommand:
		remedy = allHelpText
	case e.Code == protocol.InvalidRequest && c.command != "":
		return fmt.Sprintf(helpText.in(c.lang), c.command)
	case e.Code == protocol.FileFailed && c.registering():
		remedy = registerRemedy(e)
	case e.Code == protocol.PINMalformed && e.Reason == prompt.Same.String():
		remedy = otherPINText
	case e.Code == protocol.VerificationFailed:
		return c.unjudgedRemedy(verify.Reason(e.Reason)).in(c.lang)
	case e.Code == protocol.FileFailed:
		return fileRemedy(e).in(c.lang)
	case e.Code == protocol.DocumentRefused:
		remedy = refusalTexts[protocol.Refusal(e.Reason)].remedy
	case e.Code != protocol.PINBlocked && e.Code != protocol.CertificateExpired && e.Code != protocol.CertificateAbsent:
	case onPhone(e.Token):
		remedy = phoneText
	case e.Token == "juki-card":
		remedy = jukiCardText
	case e.Code == protocol.PINBlocked && e.PIN != "":
		remedy = blockedTexts[e.PIN]
	}
	return remedy.in(c.lang)
}

// unjudgedRemedy says what helps where a file cannot be judged, or gets no time stamp. Most of what helps with documents
// does not with tokens.
func (c *commandLine) unjudgedRemedy(reason verify.Reason) text {
	if reason == verify.FormatOther {
		return otherProfileText
	}
	if told, ok := stampTexts[reason]; ok {
		return told.remedy
	}
	if told, ok := documentReasonTexts[reason]; ok && (c.command != "verify-token" || reason == verify.IssuerNotShipped) {
		return told.remedy
	}
	return errorTexts[protocol.VerificationFailed].remedy
}

// printJSON prints an object for programs that a person may see all the same: what turns, hides or commands
// text stands there escaped.
func (c *commandLine) printJSON(v any) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return err
	}
	_, err := c.stdout.Write([]byte(escaped(text.String())))
	return err
}

// escaped writes the control and format characters that encoding/json lets stand, all of them within strings,
// as RFC 8259 §7 does.
func escaped(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n' || !unicode.In(r, unicode.Cc, unicode.Cf):
			b.WriteRune(r)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
