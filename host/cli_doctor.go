package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/doctor"
	"github.com/natsuin/natsuin/internal/printable"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/rules"
)

func (c *commandLine) doctorFlags(fs *flag.FlagSet) {
	fs.StringVar(&c.bundle, "bundle", "", "")
	fs.BoolVar(&c.force, "force", false, "")
}

// doctor looks at everything between a browser and a card. Its exit code is 10 when something there cannot work, and
// that is then said in the report, not once more as an error.
func (c *commandLine) doctor(ctx context.Context, args []string) error {
	if err := noArguments(args); err != nil {
		return err
	}
	system, err := c.examine(ctx)
	if err != nil {
		return err
	}
	checks := doctor.Run(system)
	if c.bundle != "" {
		if err := c.writeBundle(ctx, system, checks); err != nil {
			return err
		}
	}
	lines := doctor.Lines(checks, c.lang)
	if c.json {
		err = c.printJSON(map[string]any{"checks": lines})
	} else {
		c.printLines(lines)
	}
	if err == nil && doctor.Failed(checks) {
		c.told = true
		return protocol.Fail(protocol.VerificationFailed, nil)
	}
	return err
}

// examine gathers what the doctor is told. That the readers cannot be asked is a finding, and no error.
func (c *commandLine) examine(ctx context.Context) (doctor.System, error) {
	program, err := thisProgram()
	if err != nil {
		return doctor.System{}, err
	}
	s := doctor.System{
		OS: runtime.GOOS, Home: homeFolder(), Env: c.getenv, Registry: installer.SystemRegistry(), Settings: c.settled, Now: time.Now(),
		Program: program, Version: version, Protocol: protocol.Version, Build: build(),
	}
	err = c.withCard(func(e command.Environment) error {
		status, err := command.Status(ctx, e)
		if err == nil {
			s.Readers = examined(status)
		}
		return err
	})
	var failure *protocol.Error
	if errors.As(err, &failure) && failure.Code == protocol.NoReader {
		err = nil
	}
	s.Service = err
	return s, ctx.Err()
}

// homeFolder is the person's home: by HOME, as browsers find it, or by the system's list of users. "" is unknown.
func homeFolder() string {
	if home, err := os.UserHomeDir(); err == nil && filepath.IsAbs(home) {
		return home
	}
	if u, err := user.Current(); err == nil && filepath.IsAbs(u.HomeDir) {
		return u.HomeDir
	}
	return ""
}

// examined takes out of the status what the doctor is to know, in the words of this program. Of a certificate's dates
// it passes the year and where they stand: the day is its holder's birthday.
func examined(status *protocol.CardStatus) (readers []doctor.Reader) {
	for _, r := range status.Readers {
		reader := doctor.Reader{Name: r.Name, Card: r.Card, PINPad: r.PINPad}
		switch {
		case r.Error != nil:
			reader.Problem = string(r.Error.Code)
		case r.Card:
			describe(&reader, r)
		}
		readers = append(readers, reader)
	}
	return readers
}

// describe fills in what a card that could be asked has said.
func describe(reader *doctor.Reader, r protocol.ReaderStatus) {
	reader.Token, reader.TokenName = r.Token, words(tokenTexts[r.Token])
	reader.Signature = r.Signature.Present
	reader.PINs = []doctor.PIN{
		examinedPIN("authentication", authenticationPINText, r.Authentication.PINStatus),
		examinedPIN("signature", signaturePINText, r.Signature.PINStatus),
	}
	if p := r.CardSurface; p != nil {
		reader.PINs = append(reader.PINs, examinedPIN("card-surface", cardSurfacePINText, *p))
	}
	switch a := r.Authentication; {
	case a.Standing != nil:
		reader.Certificate = &doctor.Certificate{Standing: a.Standing.State, EndYear: rules.DateIn(*a.NotAfter).Year,
			Issuer: a.Issuer, IssuerName: words(issuerTexts[a.Issuer])}
	case r.Token == "juki-card": // whose certificates are of no use anyway
	case a.Present == "no":
		reader.Unread = doctor.Absent
	case r.Token == "android", r.Token == "iphone":
		reader.Unread = doctor.NeedsPIN
	default:
		reader.Unread = doctor.Damaged
	}
}

func examinedPIN(name string, title text, p protocol.PINStatus) doctor.PIN {
	tries := words(triesOfText, p.TriesLeft, p.MaxTries)
	if p.TriesLeft == 0 {
		tries = words(lockedText)
	}
	return doctor.PIN{Name: name, Title: words(title), Left: p.TriesLeft, Tries: tries}
}

// words formats a text of this program's in both languages.
func words(t text, args ...any) rules.Text {
	return rules.Text{JA: fmt.Sprintf(t.ja, args...), EN: fmt.Sprintf(t.en, args...)}
}

// writeBundle writes the report for others to read, and says on standard error what is in it. Its file is made no
// sooner than there is something to write: nothing stays behind of a doctor that somebody ends.
func (c *commandLine) writeBundle(ctx context.Context, s doctor.System, checks []doctor.Check) error {
	var person doctor.Person
	if u, err := user.Current(); err == nil {
		person.User, person.Name = u.Username, u.Name
	}
	if host, err := os.Hostname(); err == nil {
		person.Host = host
	}
	report, err := json.MarshalIndent(map[string]any{
		"natsuin": s.Version, "protocol": s.Protocol, "build": s.Build, "os": s.OS,
		"checks": doctor.Discreet(s, checks, c.lang, person),
	}, "", "  ")
	if err != nil {
		return protocol.Fail(protocol.Internal, err)
	}
	out, err := openOutputs([]string{c.bundle}, c.force)
	if err != nil {
		return err
	}
	defer out.close()
	if err := out.write(ctx, nil, inMemory(append(report, '\n'))); err != nil {
		return err
	}
	if err := out.commit(); err != nil {
		return err
	}
	fmt.Fprintf(c.stderr, bundleText.in(c.lang)+"\n", c.bundle)
	return nil
}

// printLines writes one line for each check, and under it what to do.
func (c *commandLine) printLines(lines []doctor.Line) {
	counts := map[doctor.Verdict]int{}
	for _, l := range lines {
		counts[l.Verdict]++
		fmt.Fprintf(c.stdout, "%s  %s: %s\n", verdictTexts[l.Verdict].in(c.lang), printable.Text(l.Title), printable.Text(l.Evidence))
		if l.Remedy != "" {
			fmt.Fprintf(c.stdout, "%s→ %s\n", strings.Repeat(" ", remedyIndent), printable.Text(l.Remedy))
		}
	}
	fmt.Fprintf(c.stdout, "\n"+summaryText.in(c.lang)+"\n", len(lines), counts[doctor.Failure], counts[doctor.Warning], counts[doctor.Unknown])
}

// thisProgram is where this program really is.
func thisProgram() (string, error) {
	program, err := os.Executable()
	if err == nil {
		program, err = filepath.EvalSymlinks(program)
	}
	if err != nil {
		return "", protocol.Fail(protocol.FileFailed, err)
	}
	return program, nil
}

// verdictTexts are words of one width, for a column, that tell the verdict without a colour.
var verdictTexts = map[doctor.Verdict]text{
	doctor.OK:      {"[ OK ]", "[ ok ]"},
	doctor.Info:    {"[情報]", "[info]"},
	doctor.Warning: {"[注意]", "[WARN]"},
	doctor.Failure: {"[問題]", "[FAIL]"},
	doctor.Unknown: {"[不明]", "[ ?? ]"},
}

// remedyIndent puts a remedy under its check's title.
const remedyIndent = 8

var (
	lockedText  = text{"ロックされています", "blocked"}
	summaryText = text{"%d項目を調べました。問題 %d、注意 %d、不明 %d。", "Checks: %d. Failures: %d, warnings: %d, not known: %d."}
	bundleText  = text{"%sに診断結果を書きました。中身は、上の各項目と、Natsuin・OSの版です。カードについては、種類、暗証番号の残り回数、署名用電子証明書の有無、利用者証明用電子証明書の発行者・状態・有効期限の年だけが入っています。個人のフォルダー、氏名、利用者名、パソコンの名前、カードリーダーの製造番号、ほかのプログラムのファイルの中身は取り除いてあります。送る前に、中を確かめてください。",
		"The report is in %s. It holds every check, and the versions of Natsuin and of the system; of the card no more than its kind, the tries left, whether a signature certificate is missing, and the authentication certificate's issuer, standing and last year. Your folders, your name, your user name, this machine's name, the readers' serial numbers and what stands in other programs' files were taken out. Look through it before you send it."}
)
