package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/term"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/settings"
)

// A commandLine is the program as a person or a script uses it. Results go to stdout, messages to
// stderr.
type commandLine struct {
	stdin          *os.File
	stdout, stderr io.Writer
	getenv         func(string) string
	openReaders    func() (card.Readers, error)
	settled        settings.File
	lent           bool                    // root's rights are, to somebody
	busy           atomic.Bool             // with a card or an output: it takes a moment to leave it in order
	readers        []protocol.ReaderStatus // what a failure has to show all the same
	actions        []actionLine            // likewise: what was done before it
	command        string                  // as it is called, for the remedy of a wrong argument
	told           bool                    // the failure stands in the result: only the exit code is left to say
	options
}

// options are all flags of all commands; each command defines the ones it takes.
type options struct {
	lang     string
	json     bool
	reader   string
	pinFD    int
	newPINFD int
	pinPad   bool
	compare  bool
	lastTry  bool
	wait     wait

	out     string
	der     bool
	text    bool
	force   bool
	profile string

	origin    string
	challenge string
	trust     string
	at        string
	bundle    string

	registerOptions
	explainOptions
	signOptions
	documentOptions
	timestampOptions
}

// noFD is the value of --pin-fd where it was not given: nothing that a person would give.
const noFD = math.MinInt

type stringList []string

func (l *stringList) String() string     { return strings.Join(*l, ",") }
func (l *stringList) Set(s string) error { *l = append(*l, s); return nil }

// A subcommand is one row of docs/cli.md.
type subcommand struct {
	name  string // one word or two
	usage string // what follows the name
	does  text
	flags func(*commandLine, *flag.FlagSet)
	run   func(*commandLine, context.Context, []string) error
}

// subcommands is a function because help lists it and stands in it.
func subcommands() []subcommand {
	return []subcommand{
		{"status", "[--json]", text{"カードリーダーとカードの状態、暗証番号の残り回数を表示します（回数は減りません）", "show readers, card and tries left of each PIN (costs no try)"},
			(*commandLine).cardFlags, (*commandLine).status},
		{"cert", "auth|sign|auth-ca|sign-ca [--text] [--out FILE] [--der] [--force]", text{"電子証明書を読み出します（既定はPEM、--textは内容と有効期限、signは署名用の暗証番号が必要）", "read a certificate (PEM by default; --text: what stands in it, and until when); sign needs the signature PIN"},
			withFlags((*commandLine).cardFlags, (*commandLine).pinFlags, (*commandLine).padFlags, (*commandLine).certFlags), (*commandLine).cert},
		{"auth", "--origin URL --challenge BASE64", text{"そのオリジンへのログイン用トークン（JSON）を作ります", "make an authentication token for that origin, as JSON"},
			withFlags((*commandLine).cardFlags, (*commandLine).pinFlags, (*commandLine).padFlags, (*commandLine).tokenFlags), (*commandLine).auth},
		{"sign", "--format cms|pdf|xml|raw --in FILE… [--out FILE] [--attached|--detached] [--profile NAME] [--hash NAME] [--cosign FILE] [--file FILE]… [--element ID]… [--xades] [--seal-text TEXT|--seal-picture FILE] [--seal-at PAGE,X,Y,SIZE] [--seal-ring] [--force]", text{"文書に署名します（--inを繰り返すと、1回の暗証番号で複数の文書）", "sign documents; --in repeated: one PIN, one signature each"},
			withFlags((*commandLine).cardFlags, (*commandLine).pinFlags, (*commandLine).signFlags), (*commandLine).sign},
		{"verify", "FILE [--content FILE] [--files DIR] [--trust DIR] [--at RFC3339] [--crl FILE]… [--ocsp FILE]… [--tsa-trust DIR] [--attributes] [--json]", text{"署名された文書（CMS、PDF、XML）を検証します", "check a signed document (CMS, PDF or XML)"},
			withFlags((*commandLine).verifyFlags, (*commandLine).trustFlags, (*commandLine).tsaFlags), (*commandLine).verify},
		{"check", "--profile moj|etax|egov [--files DIR] [--json] FILE", text{"署名された文書が提出先の形式に合っているかを調べ、直し方を示します", "hold a signed document against the rules of a service, each with a verdict and a remedy"},
			(*commandLine).checkFlags, (*commandLine).check},
		{"timestamp query", "--in FILE --out FILE [--signature N] [--hash NAME] [--policy OID] [--force]", text{"署名された文書（CMS、PDF）の署名に付けるタイムスタンプの要求を作ります（Natsuinは送信しません）", "ask for a time stamp of a signature in CMS or PDF: writes the query, which you send to an authority yourself"},
			withFlags((*commandLine).stampableFlags, (*commandLine).timestampQueryFlags), (*commandLine).timestampQuery},
		{"timestamp attach", "--in FILE --query FILE --response FILE --out FILE [--tsa-trust DIR] [--force] [--json]", text{"時刻認証局の応答を確かめ、タイムスタンプを署名に付けた文書を作ります", "check an authority's response, and write the document with the time stamp at its signature"},
			withFlags((*commandLine).stampableFlags, (*commandLine).timestampAttachFlags, (*commandLine).tsaFlags), (*commandLine).timestampAttach},
		{"verify-token", "--origin URL --challenge BASE64 [--trust DIR] [--at RFC3339] [--json] FILE", text{"ログイン用トークンを検証します", "check an authentication token"},
			withFlags((*commandLine).tokenFlags, (*commandLine).trustFlags), (*commandLine).verifyToken},
		{"pin status", "[--json]", text{"暗証番号の残り回数を表示します（回数は減りません）", "show the tries left of each PIN (costs no try)"},
			(*commandLine).cardFlags, (*commandLine).pinStatus},
		{"pin change", "auth|sign|attributes [--new-pin-fd N] [--json]", text{"暗証番号を変更します（今の暗証番号が必要、ロックの解除はできません）", "change a PIN; needs the present one, and cannot unblock"},
			withFlags((*commandLine).cardFlags, (*commandLine).pinFlags, (*commandLine).padFlags, (*commandLine).newPINFlags), (*commandLine).pinChange},
		{"attributes", "[--compare] [--json]", text{"基本4情報（氏名・住所・生年月日・性別）を読み出します（券面事項入力補助用の暗証番号が必要、--compareで署名用電子証明書と比べる）", "read name, address, birth date and sex (card-surface PIN); --compare: with the signature certificate"},
			withFlags((*commandLine).cardFlags, (*commandLine).pinFlags, (*commandLine).padFlags, (*commandLine).attributesFlags), (*commandLine).attributes},
		{"explain", "[TOPIC…] [--birth D --issued D [--applied D] [--foreign] [--stay-until D]] [--desks FILE] [--json]", text{"電子証明書のきまりを説明します（日付を指定すると有効期限を計算、desksで相談窓口の一覧）", "explain the rules; with dates, reckon until when a certificate lasts; desks: list help desks"},
			(*commandLine).explainFlags, (*commandLine).explain},
		{"doctor", "[--json] [--bundle FILE] [--force]", text{"ブラウザーからカードまでの全部を調べ、直し方を示します", "look at everything between a browser and a card, each with a verdict and a remedy"},
			(*commandLine).doctorFlags, (*commandLine).doctor},
		{"install", "[--browser NAME]… [--user|--system] [--root DIR] [--program PATH] [--json]", text{"パソコンにあるブラウザーに、このプログラムを登録します", "register this program with the browsers that are there"},
			withFlags((*commandLine).browserFlags, (*commandLine).programFlags), (*commandLine).install},
		{"uninstall", "[--browser NAME]… [--user|--system] [--root DIR] [--program PATH] [--json]", text{"ブラウザーへの登録を取り消し、installが書いたものをすべて取り除きます", "remove the registration again, and all that install wrote"},
			withFlags((*commandLine).browserFlags, (*commandLine).programFlags), (*commandLine).uninstall},
		{"list", "[--browser NAME]… [--user|--system] [--root DIR] [--json]", text{"ブラウザーごとに、どこにあり、だれによって登録されているかを表示します", "show each browser: where it is, whether the program is registered with it, and by whom"},
			(*commandLine).browserFlags, (*commandLine).list},
		{"version", "[--json]", text{"バージョンを表示します", "show version, protocol and build"},
			func(*commandLine, *flag.FlagSet) {}, (*commandLine).version},
		{"help", "[COMMAND]", text{"使い方を表示します", "show how to use a command"},
			func(*commandLine, *flag.FlagSet) {}, (*commandLine).help},
	}
}

func withFlags(define ...func(*commandLine, *flag.FlagSet)) func(*commandLine, *flag.FlagSet) {
	return func(c *commandLine, fs *flag.FlagSet) {
		for _, d := range define {
			d(c, fs)
		}
	}
}

func (c *commandLine) cardFlags(fs *flag.FlagSet) {
	fs.StringVar(&c.reader, "reader", "", "")
	c.wait = 0
	if term.IsTerminal(int(c.stdin.Fd())) {
		c.wait = wait(time.Minute)
	}
	fs.Var(&c.wait, "wait", "")
}

func (c *commandLine) pinFlags(fs *flag.FlagSet) {
	fs.IntVar(&c.pinFD, "pin-fd", noFD, "")
	fs.BoolVar(&c.lastTry, "last-try", false, "")
}

func (c *commandLine) padFlags(fs *flag.FlagSet) { fs.BoolVar(&c.pinPad, "pin-pad", false, "") }

// noPad refuses --pin-pad for the signature PIN, which has letters.
func (c *commandLine) noPad(name string) error {
	if c.pinPad && name == "sign" {
		return misused("--pin-pad", text{"数字4桁の暗証番号だけに使えます。", "is for PINs of four digits"})
	}
	return nil
}

func (c *commandLine) certFlags(fs *flag.FlagSet) {
	fs.StringVar(&c.out, "out", "", "")
	fs.BoolVar(&c.der, "der", false, "")
	fs.BoolVar(&c.text, "text", false, "")
	fs.BoolVar(&c.force, "force", false, "")
}

func (c *commandLine) tokenFlags(fs *flag.FlagSet) {
	fs.StringVar(&c.origin, "origin", "", "")
	fs.StringVar(&c.challenge, "challenge", "", "")
}

func (c *commandLine) trustFlags(fs *flag.FlagSet) {
	fs.StringVar(&c.trust, "trust", "", "")
	fs.StringVar(&c.at, "at", "", "")
}

// run carries out one command and returns the exit code.
func (c *commandLine) run(ctx context.Context, args []string) int {
	c.lang, c.pinFD, c.newPINFD = systemLanguage(c.getenv), noFD, noFD
	stdout := &faultyWriter{Writer: c.stdout}
	c.stdout = stdout
	c.foresee(args)
	err := c.dispatch(ctx, args)
	if nobodyReads(stdout.err) {
		return 1 // as it is with head: there is nobody to tell
	}
	if err == nil && stdout.err != nil {
		err = protocol.Fail(protocol.FileFailed, stdout.err)
	}
	if err == nil {
		return 0
	}
	var e *protocol.Error
	if !errors.As(err, &e) {
		e = protocol.Fail(protocol.Internal, err)
	}
	if ctx.Err() != nil {
		// Whatever it was waiting for: a person ended it.
		reason := e.Reason
		e = protocol.Fail(protocol.Cancelled, nil)
		e.Reason = reason
	}
	if !c.told {
		c.report(e)
	}
	return e.Code.Exit()
}

// interruptible runs a command until it ends, or until ctx does: what has to do with the card ends by itself
// then and leaves the card in order, but a read from a file or a pipe would never notice.
func (c *commandLine) interruptible(ctx context.Context, command func() error) error {
	done := make(chan error, 1)
	go func() { done <- command() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	if c.busy.Load() {
		select {
		case err := <-done:
			return err
		case <-time.After(releaseWithin):
		}
	}
	return ctx.Err()
}

// A faultyWriter remembers the first error, for those who print without looking.
type faultyWriter struct {
	io.Writer
	err error
}

func (w *faultyWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if err != nil && w.err == nil {
		w.err = err
	}
	return n, err
}

func (c *commandLine) dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] == "--help" || args[0] == "-h" {
		return c.help(ctx, nil)
	}
	if args[0] == "--version" { // as most programs have it
		args = append([]string{"version"}, args[1:]...)
	}
	s, rest, ok := find(args)
	if !ok {
		return unknownCommand(args[:1])
	}
	c.command = s.name
	positional, err := parse(c.flagSet(s), rest)
	if errors.Is(err, flag.ErrHelp) {
		return c.help(ctx, strings.Fields(s.name))
	}
	if err != nil {
		return err
	}
	if c.lang != "ja" && c.lang != "en" {
		return misused("--lang", languageText, c.lang)
	}
	return c.interruptible(ctx, func() error { return s.run(c, ctx, positional) })
}

// flagSet defines the flags that a command takes.
func (c *commandLine) flagSet(s subcommand) *flag.FlagSet {
	fs := flag.NewFlagSet(s.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&c.lang, "lang", c.lang, "")
	fs.BoolVar(&c.json, "json", c.json, "")
	s.flags(c, fs)
	return fs
}

// find returns the command that args begin with, and the arguments after its name.
func find(args []string) (subcommand, []string, bool) {
	for _, s := range subcommands() {
		name := strings.Fields(s.name)
		if len(args) >= len(name) && strings.Join(args[:len(name)], " ") == s.name {
			return s, args[len(name):], true
		}
	}
	return subcommand{}, nil, false
}

// withCard runs f with the machine's readers and the terminal as the human.
func (c *commandLine) withCard(f func(command.Environment) error) error {
	human := &terminal{stderr: c.stderr, lang: c.lang, lastTry: c.lastTry, used: map[prompt.Kind]bool{}}
	defer human.forget()
	supplied := map[int]*os.File{} // one descriptor may carry both PINs
	for _, supply := range []struct {
		flag string
		fd   int
		to   *io.Reader
	}{{"--pin-fd", c.pinFD, &human.supplied}, {"--new-pin-fd", c.newPINFD, &human.suppliedNew}} {
		if supply.fd == noFD {
			continue
		}
		if supplied[supply.fd] == nil {
			file, err := pinFile(supply.flag, supply.fd)
			if err != nil {
				return err
			}
			defer file.Close()
			supplied[supply.fd] = file
		}
		*supply.to = supplied[supply.fd]
	}
	if dialogs := prompt.FindDialogs(c.getenv); len(dialogs) > 0 {
		human.askers = append(human.askers, prompt.Desktop{Dialogs: dialogs, Env: c.getenv})
	}
	human.askers = append(human.askers, prompt.Terminal{})
	readers, err := c.openReaders()
	if err != nil {
		return protocol.Fail(protocol.NoService, err)
	}
	defer readers.Close()
	defer unstoppable()()
	c.busy.Store(true)
	defer c.busy.Store(false)
	defer func() { c.readers = append(c.readers, human.candidates...) }()
	return f(command.Environment{
		Readers: readers, Human: human, Now: time.Now, Version: version, Reader: c.reader, Wait: time.Duration(c.wait), PINPad: c.pinPad,
	})
}

// pinFile returns the descriptor from which a PIN is to be read.
func pinFile(flag string, fd int) (*os.File, error) {
	if fd == 1 || fd == 2 {
		return nil, misused(flag, text{"標準出力と標準エラー出力は指定できません。", "is standard output or standard error"})
	}
	supplied, err := suppliedFile(fd)
	if err != nil {
		return nil, protocol.Invalid(flag, "%w", err)
	}
	return supplied, nil
}
