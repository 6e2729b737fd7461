//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/printable"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/settings"
)

// A shell runs the command line in this process, with a simulated card.
type shell struct {
	t              *testing.T
	card           *simcard.Card
	others         []readerWith
	noService      bool
	lent           bool // root's rights are, as far as the program knows
	settled        settings.Settings
	env            map[string]string
	stdout, stderr bytes.Buffer
}

// A readerWith is a further reader and what is in it: nil for nothing.
type readerWith struct {
	name string
	card *simcard.Card
}

func newShell(t *testing.T, faults string, options simcard.Options) *shell {
	t.Helper()
	var err error
	options.Faults, err = simcard.ParseFaults(faults)
	require.NoError(t, err)
	c, err := simcard.New(options)
	require.NoError(t, err)
	return &shell{t: t, card: c}
}

// run runs one command with pin, if it is not empty, behind --pin-fd, and returns the exit code.
func (s *shell) run(pin string, args ...string) int {
	s.t.Helper()
	s.stdout.Reset()
	s.stderr.Reset()
	stdin, err := os.Open(os.DevNull)
	require.NoError(s.t, err)
	defer stdin.Close()
	if pin != "" {
		args = append(slices.Clone(args), "--pin-fd", s.descriptor(pin+"\n"))
	}
	c := &commandLine{stdin: stdin, stdout: &s.stdout, stderr: &s.stderr, getenv: func(name string) string { return s.env[name] }, lent: s.lent, settled: settings.File{Settings: s.settled},
		openReaders: func() (card.Readers, error) {
			if s.noService {
				return nil, card.ErrNoService
			}
			readers := simcard.NewReaders(s.card)
			for _, other := range s.others {
				readers.Attach(other.name, other.card)
			}
			return readers, nil
		}}
	return c.run(context.Background(), args)
}

// descriptor returns the number of a descriptor with that content to read. The program closes it.
func (s *shell) descriptor(content string) string {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "pins")
	require.NoError(s.t, os.WriteFile(path, []byte(content), 0o600))
	f, err := os.Open(path)
	require.NoError(s.t, err)
	defer f.Close()
	fd, err := unix.Dup(int(f.Fd()))
	require.NoError(s.t, err)
	return strconv.Itoa(fd)
}

func (s *shell) trust() string {
	dir := s.t.TempDir()
	require.NoError(s.t, s.card.WriteTrust(dir))
	return filepath.Join(dir, "trust")
}

var authArgs = []string{"auth", "--origin", "https://shinsei.example", "--challenge", challenge}

func TestExitCodes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, []byte("x"), 0o600))
	raw := []string{"sign", "--format", "raw", "--in", file}
	for name, c := range map[string]struct {
		faults  string
		options simcard.Options
		before  func(*shell)
		pin     string
		args    []string
		exit    int
		text    string // on standard error
	}{
		"done":                      {pin: "1234", args: authArgs, exit: 0},
		"unreadable input":          {pin: "ABC123", args: []string{"sign", "--format", "raw", "--in", file + ".absent"}, exit: 1, text: "is not there"},
		"output there":              {args: []string{"cert", "auth", "--out", file}, exit: 1, text: "--force"},
		"unknown command":           {args: []string{"unlock"}, exit: 2},
		"unknown flag":              {args: []string{"status", "--pin", "1234"}, exit: 2},
		"PIN as an argument":        {args: append([]string{"--pin", "1234"}, authArgs...), exit: 2},
		"bad origin":                {args: []string{"auth", "--origin", "http://shinsei.example", "--challenge", challenge}, exit: 2, text: "--origin"},
		"short challenge":           {args: []string{"auth", "--origin", "https://shinsei.example", "--challenge", "c2hvcnQ="}, exit: 2, text: "--challenge"},
		"unknown language":          {args: []string{"version", "--lang", "de"}, exit: 2},
		"unknown certificate":       {args: []string{"cert", "other"}, exit: 2},
		"no format":                 {args: []string{"sign", "--in", file}, exit: 2, text: "--format"},
		"PIN from nowhere":          {args: append([]string{}, append(authArgs, "--pin-fd", "-5")...), exit: 2, text: "--pin-fd"},
		"PIN from standard output":  {args: append([]string{"--pin-fd", "1"}, "status"), exit: 2},
		"no service":                {before: func(s *shell) { s.noService = true }, args: []string{"status"}, exit: 3},
		"no such reader":            {args: []string{"status", "--reader", "other"}, exit: 3},
		"no card":                   {before: func(s *shell) { s.card.Remove() }, args: []string{"status"}, exit: 4},
		"no card in time":           {before: func(s *shell) { s.card.Remove() }, args: append([]string{}, append(authArgs, "--wait", "10ms")...), exit: 4},
		"wrong PIN":                 {pin: "9999", args: authArgs, exit: 6, text: "Tries left: 2."},
		"wrong PIN, one try left":   {faults: "auth-tries=2", pin: "9999", args: authArgs, exit: 6, text: "Tries left: 1."},
		"blocked PIN":               {faults: "auth-tries=0", pin: "1234", args: authArgs, exit: 7},
		"wrong PIN on the last try": {faults: "auth-tries=1", pin: "9999", args: append(authArgs, "--last-try"), exit: 7},
		"expired":                   {options: simcard.Options{Validity: simcard.Expired}, pin: "1234", args: authArgs, exit: 9},
		"no signature certificate":  {faults: "no-sign-cert", pin: "ABC123", args: raw, exit: 9},
		"malformed PIN":             {pin: "12345", args: authArgs, exit: 11},
		"full-width PIN":            {pin: "１２３４", args: authArgs, exit: 11},
		"no PIN at all":             {pin: " ", args: authArgs, exit: 11},
		"card lost":                 {faults: "remove-at-sign", pin: "ABC123", args: raw, exit: 12},
		"last try":                  {faults: "auth-tries=1", pin: "1234", args: authArgs, exit: 13},
		"last try permitted":        {faults: "auth-tries=1", pin: "1234", args: append(authArgs, "--last-try"), exit: 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShell(t, c.faults, c.options)
			if c.before != nil {
				c.before(s)
			}
			require.Equal(t, c.exit, s.run(c.pin, c.args...), "%s", s.stderr.String())
			require.Contains(t, s.stderr.String(), c.text)
			if c.exit != 0 {
				if c.args[0] != "status" { // which lists the readers all the same
					require.Empty(t, s.stdout.String(), "results alone go to standard output")
				}
				require.NotContains(t, s.stderr.String(), "1234", "no PIN in a message")
			}
		})
	}
}

func TestErrorsAsJSONWithEveryCommand(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	require.Equal(t, 6, s.run("9999", append(authArgs, "--json")...))
	var failure struct {
		Error struct {
			Code      string
			TriesLeft int
		}
	}
	require.NoError(t, json.Unmarshal(s.stdout.Bytes(), &failure))
	require.Equal(t, "PIN_WRONG", failure.Error.Code)
	require.Equal(t, 2, failure.Error.TriesLeft)
}

func TestErrorsAsJSON(t *testing.T) {
	s := newShell(t, "auth-tries=1", simcard.Options{})
	s.card.Remove()
	require.Equal(t, 4, s.run("", "status", "--json", "--lang", "ja"))
	var failure struct {
		Error struct{ Code, Message, Remedy string }
	}
	require.NoError(t, json.Unmarshal(s.stdout.Bytes(), &failure))
	require.Equal(t, "NO_CARD", failure.Error.Code)
	require.Contains(t, failure.Error.Message, "カード")
	require.NotEmpty(t, failure.Error.Remedy)
}

func TestTokenIsMadeAndVerified(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	require.Zero(t, s.run("1234", authArgs...), s.stderr.String())
	token := filepath.Join(t.TempDir(), "token.json")
	require.NoError(t, os.WriteFile(token, s.stdout.Bytes(), 0o600))

	check := func(exit int, text string, more ...string) {
		t.Helper()
		args := append([]string{"verify-token", "--origin", "https://shinsei.example", "--challenge", challenge, token}, more...)
		require.Equal(t, exit, s.run("", args...), s.stderr.String())
		require.Contains(t, s.stdout.String()+s.stderr.String(), text)
	}
	trust := s.trust()
	check(0, "not-checked  revocation", "--trust", trust)
	check(0, `"anchor": "added"`, "--trust", trust, "--json")
	check(10, "ISSUER_FOREIGN")
	check(10, "ORIGIN_OR_CHALLENGE_MISMATCH", "--trust", trust, "--origin", "https://other.example")
	check(10, "CERTIFICATE_EXPIRED", "--trust", trust, "--at", "2032-12-01T00:00:00Z")
	check(2, "--at", "--at", "tomorrow")
	check(2, "--trust", "--trust", t.TempDir())
}

func TestSignWritesFilesThatOpenSSLAccepts(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	dir := t.TempDir()
	in := filepath.Join(dir, "申請書.xml")
	require.NoError(t, os.WriteFile(in, []byte("<申請/>\n"), 0o600))
	ca := filepath.Join(filepath.Dir(s.trust()), "sign-ca.pem")
	accept := func(signature string, more ...string) {
		t.Helper()
		args := append([]string{"cms", "-verify", "-cades", "-inform", "DER", "-binary", "-purpose", "any", "-in", signature, "-CAfile", ca, "-out", os.DevNull}, more...)
		out, err := exec.Command("openssl", args...).CombinedOutput()
		require.NoError(t, err, "openssl (make deps installs it): %s", out)
	}

	detached := filepath.Join(dir, "detached")
	require.Zero(t, s.run("abc123", "sign", "--format", "cms", "--in", in, "--out", detached), s.stderr.String())
	accept(detached, "-content", in)
	require.Equal(t, 1, s.run("ABC123", "sign", "--format", "cms", "--in", in, "--out", detached), "an output that is there")
	require.Zero(t, s.run("ABC123", "sign", "--format", "cms", "--attached", "--force", "--in", in, "--out", detached))
	accept(detached)

	other := filepath.Join(dir, "other")
	require.NoError(t, os.WriteFile(other, []byte("other"), 0o600))
	require.Zero(t, s.run("ABC123", "sign", "--format", "cms", "--in", in, "--in", other, "--out", filepath.Join(dir, "all")))
	accept(filepath.Join(dir, "all", "申請書.xml.p7s"), "-content", in)
	accept(filepath.Join(dir, "all", "other.p7s"), "-content", other)
	require.Equal(t, 2, s.run("ABC123", "sign", "--format", "cms", "--in", in, "--in", in, "--out", filepath.Join(dir, "twice")))

	require.Zero(t, s.run("ABC123", "sign", "--format", "raw", "--in", in))
	signature, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s.stdout.String()))
	require.NoError(t, err)
	require.Len(t, signature, 256)
}

// A place that cannot be written costs no PIN and no signature, and what is half done leaves nothing.
func TestImpossibleOutputSpendsNothing(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	require.NoError(t, os.WriteFile(in, []byte("x"), 0o600))
	s := newShell(t, "sign-tries=2", simcard.Options{})
	for _, out := range [][]string{
		{"--out", filepath.Join(dir, "absent", "out")},
		{"--out", dir, "--force"},
		{"--out", os.DevNull, "--force"},
		{"--out", in},
	} {
		require.Equal(t, 1, s.run("ABC123", append([]string{"sign", "--format", "cms", "--in", in}, out...)...))
		left, err := s.card.Tries(simcard.PINSign)
		require.NoError(t, err)
		require.Equal(t, 2, left, "a right PIN would have set it back to 5")
	}
	require.Equal(t, 6, s.run("WRONG1", "sign", "--format", "cms", "--in", in, "--out", filepath.Join(dir, "out")))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing but the input")

	mine := filepath.Join(dir, "mine")
	require.NoError(t, os.WriteFile(mine, nil, 0o644))
	require.Zero(t, s.run("ABC123", "sign", "--format", "cms", "--in", in, "--out", mine, "--force", "--last-try"))
	info, err := os.Stat(mine)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "for its owner alone")
}

func TestPINFromADescriptorThatNobodyPassed(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	for _, fd := range []string{"1", "2", "-1", "-5", "999"} {
		require.Equal(t, 2, s.run("", append(authArgs, "--pin-fd", fd)...), fd)
	}
}

// What is wrong with arguments is said in the citizen's language, and a value that may be a PIN is not repeated.
func TestArgumentsInWords(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	for _, c := range []struct {
		args string
		says string
	}{
		{"unlock", "natsuin: 「unlock」というコマンドはありません。\n「natsuin help」でコマンドの一覧を表示します。\n"},
		{"pin", "natsuin pin status、natsuin pin change"},
		{"pin 1234", "natsuin pin status、natsuin pin change"},
		{"status --pin 1234", "--pin: このコマンドにはない指定です。\n「natsuin help status」"},
		{"status --pin=1234", "--pin: このコマンドにはない指定です。"},
		{"status --json=1234", "--json: この値は使えません。"},
		{"status 1234", "natsuin: 余分な引数があります。"},
		{"status --wait 1234x", "--wait: 時間は60sや2mの形か、秒数で指定してください。"},
		{"status --wait -1s", "--wait: 時間は"},
		{"cert auth --pin-fd x1234", "--pin-fd: ファイル記述子の番号を指定してください"},
		{"cert auth --pin-fd 1", "--pin-fd: 標準出力"},
		{"sign --in 1234", "--format: cms、pdf、xml、rawのどれかを指定してください。"},
		{"--pin=1234 status", "natsuin: 「--pin」は、コマンドの後に指定してください（例: natsuin list --lang ja）。"},
		{"help pin unlock", "natsuin pin status、natsuin pin change"},
		{"help unlock", "natsuin: 「unlock」というコマンドはありません。\n「natsuin help」でコマンドの一覧を表示します。\n"},
	} {
		require.Equal(t, 2, s.run("", append(strings.Fields(c.args), "--lang", "ja")...), c.args)
		require.Contains(t, s.stderr.String(), c.says, c.args)
		require.NotContains(t, s.stderr.String(), "1234", c.args)
	}
	require.Equal(t, 2, s.run("", "status", "--lang", "ja", "--reader"))
	require.Contains(t, s.stderr.String(), "--reader: 値が必要です。")
	for args, says := range map[string]string{
		"unlock":              "natsuin: There is no command “unlock”.\nnatsuin help lists the commands.\n",
		"--lang en status":    "natsuin: --lang comes after the command, as in natsuin list --lang ja.\n",
		"status 1234":         "natsuin: There are too many arguments.\nSee natsuin help status.\n",
		"pin":                 "natsuin: natsuin pin needs one more word: natsuin pin status, natsuin pin change.\n",
		"status --lang de":    "natsuin: --lang cannot be “de”: it is ja or en.\n",
		"install --browser x": "natsuin: --browser cannot be “x”: it is one of chromium, chrome, ",
	} {
		require.Equal(t, 2, s.run("", strings.Fields(args)...), args)
		require.Contains(t, s.stderr.String(), says, args)
	}
	require.Zero(t, s.run("", "--version"))
	require.Contains(t, s.stdout.String(), "natsuin "+version)
	require.Equal(t, 2, s.run("", "unlock", "--json"))
	require.Contains(t, s.stdout.String(), `"detail": "INVALID_REQUEST in command: There is no command “unlock”`)
	require.Zero(t, s.run("", "status", "--wait", "1"))
	for _, fd := range []string{"-1", "-5"} {
		require.Equal(t, 2, s.run("", append(authArgs, "--pin-fd", fd)...), fd)
		require.Contains(t, s.stderr.String(), "--pin-fd")
	}
}

// A cancelled command says so, and nothing of how a program hears of it.
func TestCancelledInWords(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	line := &commandLine{stdin: os.Stdin, stdout: &s.stdout, stderr: &s.stderr, getenv: func(string) string { return "" }, settled: settings.File{Settings: s.settled},
		openReaders: func() (card.Readers, error) { return simcard.NewReaders(s.card), nil }}
	require.Equal(t, 8, line.run(ctx, []string{"status"}))
	require.Equal(t, "natsuin: Cancelled.\nStart again when you like.\n", s.stderr.String())
}

func TestJSONIsSafeOnATerminal(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	c := &commandLine{stdout: &s.stdout}
	const hostile = "a\u009b2J\u202e\u2066\u200b\u007f\U000E0001見　<é"
	require.NoError(t, c.printJSON(map[string]string{"a": hostile}))
	require.Equal(t, "{\n  \"a\": \"a"+`\u009b2J\u202e\u2066\u200b\u007f\udb40\udc01`+"見　<é\"\n}\n", s.stdout.String())
	var back map[string]string
	require.NoError(t, json.Unmarshal(s.stdout.Bytes(), &back))
	require.Equal(t, hostile, back["a"])

	s.stderr.Reset()
	c.stderr = &s.stderr
	c.report(protocol.Fail(protocol.FileFailed, os.NewSyscallError("open \x1b[2J\u202e", os.ErrNotExist)))
	require.NotContains(t, s.stderr.String(), "\x1b")
	require.NotContains(t, s.stderr.String(), "\u202e")
}

func TestPrintable(t *testing.T) {
	require.Equal(t, "見本　太郎", printable.Text("見本　太郎"))
	require.Equal(t, "a\uFFFDb", printable.Text("a\u202Eb"), "no text turns around")
	require.Equal(t, "見本\uFFFD[2J", strings.ReplaceAll(printable.Text("見本\x1b[2J"), "\n", ""))
}

func TestCertAsPEMAndDER(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	require.Zero(t, s.run("", "cert", "auth"))
	block, _ := pem.Decode(s.stdout.Bytes())
	require.NotNil(t, block)
	out := filepath.Join(t.TempDir(), "auth.der")
	require.Zero(t, s.run("", "cert", "auth", "--der", "--out", out))
	der, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Equal(t, block.Bytes, der)
	require.Zero(t, s.run("ABC123", "cert", "sign"))
}

// Help, docs/cli.md and the commands are one.
func TestHelpAndDocumentationNameEveryCommand(t *testing.T) {
	doc, err := os.ReadFile("../docs/cli.md")
	require.NoError(t, err)
	s := newShell(t, "", simcard.Options{})
	for _, lang := range []string{"ja", "en"} {
		require.Zero(t, s.run("", "help", "--lang", lang))
		all := s.stdout.String()
		for _, c := range subcommands() {
			require.Contains(t, all, c.name)
			require.Contains(t, all, c.does.in(lang))
			usage := strings.TrimSpace("natsuin " + c.name + " " + c.usage)
			require.Contains(t, string(doc), "| `"+strings.ReplaceAll(usage, "|", `\|`)+"` |", "docs/cli.md")
			require.Zero(t, s.run("", append([]string{"help", "--lang", lang}, strings.Fields(c.name)...)...))
			require.Contains(t, s.stdout.String(), usage)
			(&commandLine{stdin: os.Stdin}).flagSet(c).VisitAll(func(f *flag.Flag) {
				if !slices.ContainsFunc(flagTexts, func(common flagText) bool { return common.name == f.Name }) {
					require.Contains(t, usage, "--"+f.Name)
				}
				require.Regexp(t, `(?m)^  --`+f.Name+`\b`, s.stdout.String(), "each flag is explained")
				require.Len(t, regexp.MustCompile(`(?m)^  --`+f.Name+`[ \n]`).FindAllString(s.stdout.String(), -1), 1, "once")
			})
			takesPIN := slices.Contains([]string{"auth", "sign", "cert", "attributes", "pin change"}, c.name)
			require.Equal(t, takesPIN, strings.Contains(s.stdout.String(), "--pin-fd"), c.name)
		}
	}
	require.Equal(t, len(subcommands()), strings.Count(string(doc), "\n| `natsuin"), "rows of docs/cli.md")
}

// The first word of commands of two is enough for help, which explains them all.
func TestHelpOfAFirstWord(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	for word, names := range map[string][]string{"timestamp": {"timestamp query", "timestamp attach"}, "pin": {"pin status", "pin change"}} {
		require.Zero(t, s.run("", "help", word))
		for _, name := range names {
			require.Contains(t, s.stdout.String(), "natsuin "+name+" ")
		}
	}
	require.Zero(t, s.run("", "help", "check"))
	require.NotContains(t, s.stdout.String(), "pades")
}

func TestEveryCodeHasItsSentences(t *testing.T) {
	for _, code := range protocol.Codes() {
		texts, ok := errorTexts[code]
		require.True(t, ok, code)
		for _, text := range []text{texts.message, texts.remedy} {
			require.NotEmpty(t, text.ja, code)
			require.NotEmpty(t, text.en, code)
		}
	}
	require.Len(t, errorTexts, len(protocol.Codes()))
}
