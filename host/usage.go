package main

import (
	"errors"
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/natsuin/natsuin/internal/protocol"
)

// A usage is what is wrong with an argument, or with a file, in both languages. As an error it is English, and goes on
// where the argument's name ends.
type usage struct {
	text
	args   []any
	cause  error // what the system or a package says of it, nil where the text says all
	remedy text  // what helps with a file
}

func (u *usage) Error() string {
	if u.cause != nil {
		return u.in("en") + ": " + u.cause.Error()
	}
	return u.in("en")
}

func (u *usage) Unwrap() error { return u.cause }

func (u *usage) in(lang string) string {
	args := slices.Clone(u.args)
	for i := range args {
		if l, ok := args[i].(listing); ok {
			args[i] = l.in(lang)
		}
	}
	return fmt.Sprintf(u.text.in(lang), args...)
}

// A listing is told as a list.
type listing []string

func (l listing) in(lang string) string { return strings.Join(l, commaText.in(lang)) }

// misused is the error for an argument. The verbs of t take args.
func misused(argument string, t text, args ...any) error {
	return protocol.Invalid(argument, "%w", &usage{text: t, args: args})
}

// misusedFor is misused with the cause, which is told to those who look closely.
func misusedFor(cause error, argument string, t text, args ...any) error {
	return protocol.Invalid(argument, "%w", &usage{text: t, args: args, cause: cause})
}

var (
	missingText      = text{"指定されていません。", "is missing"}
	tooManyText      = text{"余分な引数があります。", "There are too many arguments"}
	unreadText       = text{"引数を読み取れません。", "The arguments cannot be read"}
	noCommandText    = text{"「%s」というコマンドはありません。", "There is no command “%s”"}
	commandFirstText = text{"「%s」は、コマンドの後に指定してください（例: natsuin list --lang ja）。", "%s comes after the command, as in natsuin list --lang ja"}
	moreNeededText   = text{"「natsuin %[1]s」の後にもう1語が必要です: %[2]s", "natsuin %[1]s needs one more word: %[2]s"}
	languageText     = text{"「%s」は使えません。jaかenを指定してください。", "cannot be “%s”: it is ja or en"}
	noFlagText       = text{"このコマンドにはない指定です。", "is no flag of this command"}
	needsValueText   = text{"値が必要です。", "needs a value"}
	otherValueText   = text{"この値は使えません。", "cannot have this value"}
	durationText     = text{"時間は60sや2mの形か、秒数で指定してください。", "is neither a duration such as 60s or 2m nor a number of seconds"}
	descriptorText   = text{"ファイル記述子の番号を指定してください（0は標準入力）。", "is not the number of a file descriptor"}
	emptyRootText    = text{"空です。DESTDIRなどの変数から指定した場合は、設定されているか確かめてください。", "is empty: if it comes from a variable such as DESTDIR, see that it is set"}
	valueTexts       = map[string]text{"wait": durationText, "pin-fd": descriptorText, "new-pin-fd": descriptorText, "root": emptyRootText}
	rootsText        = text{"「%s」から、J-LISなどのルート証明書を読み取れません。PEMかDERのルート証明書を入れたフォルダーを指定してください。", "names %q, from which no roots can be read: it is a folder with root certificates in PEM or DER"}
	tsaRootsText     = text{"「%s」から、時刻認証局のルート証明書を読み取れません。PEMかDERのルート証明書を入れたフォルダーを指定してください。", "names %q, from which no roots of time-stamping authorities can be read: it is a folder with root certificates in PEM or DER"}
	statementText    = text{"「%s」は、失効リスト（CRL）またはOCSPの応答として読み取れません。", "names %q, which cannot be read as a CRL or an OCSP response"}
	atTimeText       = text{"日時は2026-11-23T12:00:00+09:00の形で、時差まで指定してください。", "is no time such as 2026-11-23T12:00:00+09:00, with its offset"}
	severalCardsText = text{"カードが複数あります。--readerで選んでください。", "There are several cards. Choose one with --reader."}
	chooseText       = text{"カードが%d枚あるため、選ぶ必要があります。", "is needed: there are %d cards"}
)

// flagFailures are what the package flag says of arguments; its errors have no types.
var flagFailures = []struct {
	form *regexp.Regexp // its group is the flag's name
	text func(name string) text
}{
	{regexp.MustCompile(`^flag provided but not defined: -(.*)$`), func(string) text { return noFlagText }},
	{regexp.MustCompile(`^flag needs an argument: -(.*)$`), func(string) text { return needsValueText }},
	{regexp.MustCompile(`^invalid (?:boolean )?value .* for (?:flag )?-([a-z-]+): `), func(name string) text {
		if t, ok := valueTexts[name]; ok {
			return t
		}
		return otherValueText
	}},
}

// misusedFlag is the error for what the package flag refused. It does not repeat a value: somebody may have
// typed a PIN there.
func misusedFlag(err error) error {
	for _, f := range flagFailures {
		if found := f.form.FindStringSubmatch(err.Error()); found != nil {
			return misused("--"+found[1], f.text(found[1]))
		}
	}
	return misused(wholeArguments, unreadText)
}

// parse takes flags before, between and behind the other arguments.
func parse(fs *flag.FlagSet, args []string) (positional []string, err error) {
	for {
		if err := fs.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, misusedFlag(err)
		}
		if fs.NArg() == 0 {
			return positional, nil
		}
		positional = append(positional, fs.Arg(0))
		args = fs.Args()[1:]
	}
}

// foresee takes --lang and --json from the arguments before they are parsed, for what is said of arguments that
// cannot be.
func (c *commandLine) foresee(args []string) {
	for i, arg := range args {
		name, value, inline := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if !inline && i+1 < len(args) {
			value = args[i+1]
		}
		switch {
		case name == arg:
		case name == "lang" && (value == "ja" || value == "en"):
			c.lang = value
		case name == "json" && !inline:
			c.json = true
		}
	}
}

// unknownCommand is the error for words that begin no command. It names those that go on.
func unknownCommand(args []string) error {
	var longer listing
	for _, s := range beginningWith(args[0]) {
		longer = append(longer, "natsuin "+s.name)
	}
	if len(longer) > 0 {
		return misused(wholeCommand, moreNeededText, args[0], longer)
	}
	if strings.HasPrefix(args[0], "-") {
		name, _, _ := strings.Cut(args[0], "=") // without a value, which may be a PIN
		return misused(wholeCommand, commandFirstText, name)
	}
	return misused(wholeCommand, noCommandText, strings.Join(args, " "))
}

// beginningWith returns the commands of several words of which this is the first.
func beginningWith(word string) []subcommand {
	return slices.DeleteFunc(subcommands(), func(s subcommand) bool { return !strings.HasPrefix(s.name, word+" ") })
}

func noArguments(args []string) error {
	if len(args) > 0 {
		return misused(wholeArguments, tooManyText)
	}
	return nil
}

// A wait is a length of time as a flag: with a unit, or in seconds.
type wait time.Duration

func (w *wait) String() string { return time.Duration(*w).String() }

func (w *wait) Set(s string) error {
	if seconds, err := strconv.ParseUint(s, 10, 31); err == nil {
		*w = wait(time.Duration(seconds) * time.Second)
		return nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return errors.New("no duration")
	}
	*w = wait(d)
	return nil
}
