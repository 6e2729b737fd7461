//go:build unix

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/rules"
)

// requireOutput runs a command that ends well and returns what it printed.
func (s *shell) requireOutput(pin string, args ...string) string {
	s.t.Helper()
	require.Zero(s.t, s.run(pin, args...), "%s", s.stderr.String())
	return s.stdout.String()
}

// requireJSON is requireOutput for --json, read into v.
func (s *shell) requireJSON(v any, pin string, args ...string) {
	s.t.Helper()
	require.NoError(s.t, json.Unmarshal([]byte(s.requireOutput(pin, append(args, "--json")...)), v))
}

func TestAttributes(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	require.Equal(t, "氏名: 見本　太郎\n住所: 東京都千代田区見本一丁目２番３号\n生年月日: 1980年5月5日\n性別: 男\n",
		s.requireOutput("4321", "attributes", "--lang", "ja"))
	require.Equal(t, "Name: 見本　太郎\nAddress: 東京都千代田区見本一丁目２番３号\nDate of birth: 1980-05-05\nSex: male\n",
		s.requireOutput("4321", "attributes", "--lang", "en"))

	var result protocol.AttributesResult
	s.requireJSON(&result, "4321", "attributes")
	require.Equal(t, protocol.AttributesResult{Attributes: protocol.FourAttributes{Name: "見本　太郎", Address: "東京都千代田区見本一丁目２番３号",
		BirthDate: "1980-05-05", Sex: "male", SexCode: "1"}}, result)
	require.Empty(t, s.card.Verified())
}

// Both PINs stand in one descriptor, a line each.
func TestAttributesCompared(t *testing.T) {
	s := newShell(t, "", simcard.Options{Person: simcard.Hanako})
	out := s.requireOutput("4321\nabc123", "attributes", "--compare", "--lang", "ja")
	require.Contains(t, out, "署名用電子証明書の記載:\n  氏名: 高見本　花子\n")
	require.Contains(t, out, "  ※電子証明書では、一部の文字が別の文字に置き換えられています（代替文字）: 氏名、住所\n")
	require.Contains(t, out, "記載は同じです。\n")
	require.Contains(t, s.requireOutput("4321\nABC123", "attributes", "--compare", "--lang", "en"), "agree.\n")

	var result protocol.AttributesResult
	s.requireJSON(&result, "4321\nABC123", "attributes", "--compare")
	require.Equal(t, []string{"name", "address"}, result.Certificate.Substitutes)
	require.Equal(t, &[]string{}, result.Differences)
	require.Contains(t, s.stdout.String(), `"differences": []`)

	require.Equal(t, 6, s.run("4321\nWRONG1", "attributes", "--compare"))
	require.Contains(t, s.stderr.String(), "Tries left: 4.")
	require.Empty(t, s.stdout.String(), "half a comparison is none")
	require.Equal(t, 11, s.run("4321", "attributes", "--compare"), "the second PIN is missing")
	require.Contains(t, s.stderr.String(), "The second line of --pin-fd")
	require.Empty(t, s.card.Verified())
}

func TestDifferencesAreNamed(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	for lang, text := range map[string]string{"ja": "次の記載が違います: 氏名、住所。", "en": "These differ: Name, Address."} {
		c := &commandLine{stdout: &s.stdout, options: options{lang: lang}}
		c.printDifferences([]string{"name", "address"})
		require.Contains(t, s.stdout.String(), text)
	}
}

func TestUnusualAttributes(t *testing.T) {
	for fault, text := range map[string]string{
		"unknown-sex": "Sex: code 3\n", "zero-date": "Date of birth: unknown\n", "zero-day": "Date of birth: 1980-05 (day unknown)\n",
	} {
		s := newShell(t, "attributes="+fault, simcard.Options{})
		require.Contains(t, s.requireOutput("4321", "attributes"), text)
	}
}

func TestPINChange(t *testing.T) {
	for name, c := range map[string]struct {
		current, next string
		tries         int
		use           []string
	}{
		"auth":       {"1234", "7351", 3, authArgs},
		"sign":       {"abc123", "kx72b9", 5, []string{"cert", "sign"}},
		"attributes": {"4321", "7351", 3, []string{"attributes"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShell(t, "", simcard.Options{})
			out := s.requireOutput(c.current, "pin", "change", name, "--new-pin-fd", s.descriptor(c.next), "--lang", "ja")
			require.Regexp(t, fmt.Sprintf(`^暗証番号を変更しました。\n  .*の暗証番号（.*）: 残り%d回（最大%d回）\n$`, c.tries, c.tries), out)
			require.Empty(t, s.stderr.String())
			require.Equal(t, 6, s.run(c.current, c.use...), "the old one")
			require.Zero(t, s.run(c.next, c.use...), "the new one")

			// Both in one descriptor: the present one in the first line.
			fd := s.descriptor(c.next + "\r\n" + c.current + "\r\n")
			var changed protocol.PINChanged
			s.requireJSON(&changed, "", "pin", "change", name, "--pin-fd", fd, "--new-pin-fd", fd)
			require.Equal(t, protocol.PINStatus{TriesLeft: c.tries, MaxTries: c.tries}, changed.PINStatus)
			require.Equal(t, changeable[name], changed.PIN)
			require.Zero(t, s.run(c.current, c.use...))
			require.Empty(t, s.card.Verified())
		})
	}
}

func TestPINChangeThatFails(t *testing.T) {
	for name, c := range map[string]struct {
		faults, pin, next string
		args              []string
		exit              int
		code, field, text string
		reason            string
		left              int
		spent             simcard.Tally
	}{
		"malformed":        {pin: "1234", next: "735", exit: 11, code: "PIN_MALFORMED", field: "--new-pin-fd", reason: "too-short", left: 3},
		"full-width":       {pin: "1234", next: "７３５１", exit: 11, code: "PIN_MALFORMED", field: "--new-pin-fd", reason: "full-width", text: "full-width characters", left: 3},
		"empty":            {pin: "1234", next: "", exit: 11, code: "PIN_MALFORMED", field: "--new-pin-fd", reason: "too-short", left: 3},
		"the present one":  {pin: "1234", next: "1234", exit: 11, code: "PIN_MALFORMED", field: "--new-pin-fd", reason: "same", text: "It is the present PIN.", left: 3},
		"malformed, old":   {pin: "12a4", next: "7351", exit: 11, code: "PIN_MALFORMED", field: "--pin-fd", reason: "bad-character", left: 3},
		"wrong":            {pin: "9999", next: "7351", exit: 6, code: "PIN_WRONG", left: 2, spent: simcard.Tally{Verifies: 1, Wrong: 1}},
		"blocked":          {faults: "auth-tries=0", pin: "1234", next: "7351", exit: 7, code: "PIN_BLOCKED", text: "municipality"},
		"last try":         {faults: "auth-tries=1", pin: "1234", next: "7351", exit: 13, code: "LAST_TRY", left: 1},
		"last try, wasted": {faults: "auth-tries=1", pin: "9999", next: "7351", args: []string{"--last-try"}, exit: 7, code: "PIN_BLOCKED", spent: simcard.Tally{Verifies: 1, Wrong: 1}},
		"refused":          {faults: "refuse-change", pin: "1234", next: "7351", exit: 1, code: "PIN_REFUSED", text: "The old one still holds.", left: 3, spent: simcard.Tally{Verifies: 1, Changes: 1}},
		"card lost":        {faults: "remove-at-change", pin: "1234", next: "7351", exit: 12, code: "CARD_LOST", reason: "pin-may-be-changed", text: "Try the new one first", left: 3, spent: simcard.Tally{Verifies: 1, Changes: 1, Changed: 1}},
		"pad and fd":       {next: "7351", args: []string{"--pin-pad"}, exit: 2, code: "INVALID_REQUEST", field: "--new-pin-fd", left: 3},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShell(t, c.faults, simcard.Options{})
			args := append([]string{"pin", "change", "auth", "--json", "--new-pin-fd", s.descriptor(c.next + "\n")}, c.args...)
			require.Equal(t, c.exit, s.run(c.pin, args...), "%s", s.stderr.String())
			var failure struct {
				Error struct{ Code, Field, Reason, Message, Remedy string }
			}
			require.NoError(t, json.Unmarshal(s.stdout.Bytes(), &failure))
			require.Equal(t, []string{c.code, c.field, c.reason}, []string{failure.Error.Code, failure.Error.Field, failure.Error.Reason})
			require.Contains(t, s.stderr.String(), c.text)
			require.Contains(t, s.stderr.String(), c.field)
			for _, pin := range []string{c.pin, c.next} {
				if len(pin) > 2 {
					require.NotContains(t, s.stderr.String()+s.stdout.String(), pin, "no PIN in a message")
				}
			}
			left, err := s.card.Tries(simcard.PINAuth)
			require.NoError(t, err)
			require.Equal(t, c.left, left)
			require.Equal(t, c.spent, s.card.Tally(simcard.PINAuth))
			require.Empty(t, s.card.Verified())
		})
	}
	s := newShell(t, "", simcard.Options{})
	for _, args := range [][]string{{}, {"unlock"}, {"auth", "sign"}} {
		require.Equal(t, 2, s.run("1234", append([]string{"pin", "change"}, args...)...))
	}
}

// A script has decided: it is advised, and obeyed.
func TestWeakNewPINFromAScript(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	s.requireOutput("1234", "pin", "change", "auth", "--new-pin-fd", s.descriptor("0000"), "--lang", "ja")
	require.Equal(t, "同じ文字や数字のくり返しは推測されやすい暗証番号です。\n", s.stderr.String())
	require.Zero(t, s.run("0000", authArgs...))
}

// answers is an asker that types these, one after the other.
type answers []string

func (a *answers) Ask(context.Context, prompt.Request) (*prompt.PIN, error) {
	pin := prompt.NewPIN([]byte((*a)[0]))
	*a = (*a)[1:]
	return pin, nil
}

// A person is advised once, and has decided with the next weak one.
func TestWeakNewPINFromAPerson(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	human := &terminal{stderr: &s.stderr, lang: "ja", askers: []prompt.Asker{&answers{"1234", "0000", "1111", "1111"}}}
	readers := simcard.NewReaders(s.card)
	defer readers.Close()
	e := command.Environment{Readers: readers, Human: human, Now: time.Now}
	_, err := command.ChangePIN(context.Background(), e, "ja", protocol.AuthenticationPIN, rules.Date{})
	require.NoError(t, err)
	weak := weaknessTexts[prompt.Repeated].ja + "\n"
	require.Equal(t, weak+weakAgainText.ja+"\n"+weak, s.stderr.String())
}

func TestReaderFlag(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	other, err := simcard.New(simcard.Options{Person: simcard.Hanako})
	require.NoError(t, err)
	s.others = []readerWith{{"NFC Reader 01", other}, {"NFC Reader 02", nil}}

	for _, args := range [][]string{{"attributes"}, {"attributes", "--reader", "NFC"}} {
		require.Equal(t, 2, s.run("4321", args...))
		require.Contains(t, s.stderr.String(), `"NFC Reader 01"`)
	}
	require.Equal(t, 2, s.run("4321", "attributes", "--json"))
	var several struct {
		Readers []protocol.ReaderStatus
		Error   struct{ Detail string }
	}
	require.NoError(t, json.Unmarshal(s.stdout.Bytes(), &several))
	require.Len(t, several.Readers, 2)
	require.Equal(t, "NFC Reader 01", several.Readers[1].Name)
	require.Contains(t, several.Error.Detail, "there are 2 cards")
	require.Regexp(t, `(?s)^Reader: Natsuin Simulated Reader\n.*\nReader: NFC Reader 01\n.*\nReader: NFC Reader 02\n`, s.requireOutput("", "pin", "status"))
	require.Equal(t, 2, s.run("4321", "attributes", "--lang", "ja"))
	require.Contains(t, s.stderr.String(), "カードが複数あります。--readerで選んでください。\n"+
		"  --reader \"Natsuin Simulated Reader\"  (マイナンバーカード)\n  --reader \"NFC Reader 01\"  (マイナンバーカード)\n")

	require.Contains(t, s.requireOutput("4321", "attributes", "--reader", "nfc reader 01"), "花子")
	require.Contains(t, s.requireOutput("4321", "attributes", "--reader", "simulated"), "太郎")
	require.Equal(t, 4, s.run("4321", "attributes", "--reader", "NFC Reader 02"))
	require.Equal(t, 3, s.run("4321", "attributes", "--reader", "Other"))
	for _, name := range []string{`"Other"`, `"Natsuin Simulated Reader"`, `"NFC Reader 01"`, `"NFC Reader 02"`} {
		require.Contains(t, s.stderr.String(), name)
	}

	var status protocol.CardStatus
	s.requireJSON(&status, "", "status")
	require.Len(t, status.Readers, 3)
	s.requireJSON(&status, "", "status", "--reader", "simulated")
	require.Len(t, status.Readers, 1)
	require.Equal(t, 2, s.run("", "status", "--reader", "nfc"))
	require.Equal(t, 3, s.run("", "pin", "status", "--reader", "Other"))
}

func TestPINPadFlag(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	keys := []simcard.Keys{{PIN: "1234"}, {PIN: "7351", Repeat: "7351"}}
	s.card.SetPad(func(context.Context, simcard.PadPrompt) simcard.Keys {
		k := keys[0]
		keys = keys[1:]
		return k
	})
	s.requireOutput("", "pin", "change", "auth", "--pin-pad", "--lang", "ja")
	const ask = "カードリーダーのテンキーで、現在の暗証番号を入力してください（20秒以内）: 利用者証明用電子証明書の暗証番号（数字4桁） 残り3回です。\n"
	const askNew = "カードリーダーのテンキーで、新しい暗証番号を2回入力してください（40秒以内）: 利用者証明用電子証明書の暗証番号（数字4桁）\n"
	require.Equal(t, ask+askNew, s.stderr.String())

	// The pad is asked once: nobody may be there, and it may answer by itself.
	for _, c := range []struct {
		args   []string
		keys   []simcard.Keys
		exit   int
		detail string
	}{
		{authArgs, []simcard.Keys{{Cancel: true}}, 8, ""},
		{authArgs, []simcard.Keys{{PIN: "73"}}, 11, "Nothing was sent to the card. It is too short."},
		{authArgs, []simcard.Keys{{PIN: "9999"}}, 6, "Tries left: 2."},
		{[]string{"pin", "change", "auth"}, []simcard.Keys{{PIN: "7351"}, {PIN: "1234", Repeat: "1243"}}, 11, "The new PIN and its repetition differ."},
	} {
		keys = c.keys
		require.Equal(t, c.exit, s.run("", append(c.args, "--pin-pad", "--lang", "en")...))
		require.Contains(t, s.stderr.String(), c.detail)
		require.Empty(t, keys)
	}

	// Only PINs of four digits: the other one comes from the descriptor.
	keys = []simcard.Keys{{PIN: "4321"}}
	require.Contains(t, s.requireOutput("ABC123", "attributes", "--compare", "--pin-pad", "--lang", "en"), "agree.")
	s.card.SetPad(nil)
	s.requireOutput("7351", append(authArgs, "--pin-pad", "--lang", "en")...)
	require.Contains(t, s.stderr.String(), "The reader's own pad cannot take this PIN: the one that was passed is used.\n")
}

func TestBirthDateInWords(t *testing.T) {
	for date, want := range map[string][2]string{
		"1980-05-05": {"1980年5月5日", "1980-05-05"}, "1980-05-00": {"1980年5月（日は不明）", "1980-05 (day unknown)"},
		"1980-00-00": {"1980年（月日は不明）", "1980 (month and day unknown)"}, "0000-05-05": {"5月5日（年は不明）", "05-05 (year unknown)"},
		"0000-00-00": {"不明", "unknown"}, "0000-05-00": {"5月（年と日は不明）", "month 5 (year and day unknown)"},
		"0000-00-05": {"5日（年月は不明）", "day 5 (year and month unknown)"}, "1980-00-05": {"1980年（月は不明）5日", "1980, day 5 (month unknown)"},
		"?": {"?", "?"},
	} {
		require.Equal(t, want[0], (&commandLine{options: options{lang: "ja"}}).birthDate(date))
		require.Equal(t, want[1], (&commandLine{options: options{lang: "en"}}).birthDate(date))
	}
}

// Every reason that can be told of a failure has its words.
func TestReasonsInWords(t *testing.T) {
	for reason := prompt.TooShort; reason <= prompt.Same; reason++ {
		require.NotEmpty(t, reasonTexts[reason.String()].in("ja"), reason)
	}
	for _, reason := range []string{command.TryMayBeSpent, command.PINMayBeChanged} {
		require.NotEmpty(t, reasonTexts[reason].in("en"), reason)
	}
}
