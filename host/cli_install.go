package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/internal/doctor"
	"github.com/natsuin/natsuin/internal/printable"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/settings"
)

// registerOptions are the flags of install, uninstall and list.
type registerOptions struct {
	browsers     stringList
	user, system bool
	root         string
	program      string
}

func (c *commandLine) browserFlags(fs *flag.FlagSet) {
	fs.Var(&c.browsers, "browser", "")
	fs.BoolVar(&c.user, "user", false, "")
	fs.BoolVar(&c.system, "system", false, "")
	fs.Func("root", "", func(folder string) error {
		if folder == "" { // a packager's $DESTDIR that is not set: nobody meant this machine
			return os.ErrInvalid
		}
		c.root = folder
		return nil
	})
}

func (c *commandLine) programFlags(fs *flag.FlagSet) { fs.StringVar(&c.program, "program", "", "") }

// registering says whether the command is one of these.
func (c *commandLine) registering() bool {
	return c.command == "install" || c.command == "uninstall" || c.command == "list"
}

// turnWithin is how long an installation waits for another.
const turnWithin = 10 * time.Second

func (c *commandLine) install(_ context.Context, args []string) error {
	return c.register(args, c.asSettled(c.guarded(installer.Install)))
}

// A voidSettings is a settings file of which nothing holds: what it says of extensions would go from the registrations.
type voidSettings struct{ settings.File }

func (e *voidSettings) Error() string { return e.Path + " does not hold" }

// asSettled registers nothing for everybody where the ids of the extension that an administrator settled cannot be known. One
// person's registration is theirs, and they are warned.
func (c *commandLine) asSettled(do func(installer.Target) (installer.Report, error)) func(installer.Target) (installer.Report, error) {
	return func(t installer.Target) (installer.Report, error) {
		if c.settled.Void && t.Scope == installer.System {
			return installer.Report{}, &voidSettings{c.settled}
		}
		report, err := do(t)
		if c.settled.Void && err == nil {
			fmt.Fprintln(c.stderr, printable.Text(fmt.Sprintf(voidWarningText.in(c.lang), doctor.WhyVoid(c.settled).In(c.lang))))
		}
		return report, err
	}
}

// A looseProgram is one that others than administrators can change: registered for everybody, it would run as whomever its
// owner likes.
type looseProgram struct{ program, place string }

func (e *looseProgram) Error() string {
	return e.place + " can be changed by others than administrators"
}

// guarded registers for everybody only what is the administrators' alone. On Windows it registers all the same, and then
// warns: the rules there have exceptions of vendors' and domains', which nobody can weigh from here.
func (c *commandLine) guarded(do func(installer.Target) (installer.Report, error)) func(installer.Target) (installer.Report, error) {
	return func(t installer.Target) (installer.Report, error) {
		if t.Scope != installer.System || t.Root != "" {
			return do(t)
		}
		place, err := settings.Loose("", t.Program)
		if err != nil {
			return installer.Report{}, &installer.NoProgram{Program: t.Program, Err: err}
		}
		if place != "" && t.OS != "windows" {
			return installer.Report{}, &looseProgram{t.Program, place}
		}
		report, err := do(t)
		if place != "" && err == nil {
			fmt.Fprintln(c.stderr, printable.Text(fmt.Sprintf(looseWarningText.in(c.lang), t.Program, place)))
		}
		return report, err
	}
}

func (c *commandLine) uninstall(_ context.Context, args []string) error {
	return c.register(args, installer.Uninstall)
}

// register runs one of the installer's functions and tells what it did, even where it failed.
func (c *commandLine) register(args []string, do func(installer.Target) (installer.Report, error)) error {
	target, err := c.target(args)
	if err == nil {
		err = c.forWhom(target)
	}
	if err != nil {
		return err
	}
	defer unstoppable()()
	c.busy.Store(true)
	defer c.busy.Store(false)
	report, err := do(target)
	c.actions = c.actionLines(report.Actions)
	switch {
	case c.json && err != nil:
		return c.registerFailure(err) // which shows the actions
	case c.json:
		return c.printJSON(map[string]any{"actions": c.actions, "notes": c.noteLines(report.Confined)})
	}
	for _, line := range c.actions {
		fmt.Fprintln(c.stdout, line.Message)
	}
	if err != nil {
		return c.registerFailure(err)
	}
	if len(report.Actions) == 0 {
		fmt.Fprintln(c.stdout, nothingTexts[c.command].in(c.lang))
	}
	for _, line := range c.noteLines(report.Confined) {
		fmt.Fprintln(c.stdout, line.Message)
	}
	return nil
}

// rightsAreLent tells root from somebody with root's rights, by what sudo, doas and pkexec leave in the environment.
func rightsAreLent(getenv func(string) string) bool {
	return getenv("SUDO_UID") != "" || getenv("DOAS_USER") != "" || getenv("PKEXEC_UID") != ""
}

// forWhom refuses to guess whom somebody with root's rights means, because root's browsers are nobody's; and to write into a
// home for somebody else: what root makes there its owner cannot remove.
func (c *commandLine) forWhom(t installer.Target) error {
	if c.lent && !c.user && !c.system && t.Root == "" {
		return misused("--user", forWhomText)
	}
	if t.Scope == installer.System {
		return nil
	}
	homes := []string{t.Home}
	if os.Geteuid() == 0 { // the system keeps the others out of what is not theirs
		homes = t.Homes()
	}
	for _, home := range homes {
		if isAnothersHome(t.Disk(home)) {
			return misused("--user", notOwnHomeText, home)
		}
	}
	return nil
}

// target reads the flags.
func (c *commandLine) target(args []string) (t installer.Target, err error) {
	if err := noArguments(args); err != nil {
		return t, err
	}
	t = installer.Target{Machine: c.machine(), Scope: installer.User, Browsers: c.browsers, Wait: turnWithin, Program: c.program}
	switch {
	case c.user && c.system:
		return t, misused("--user", text{"--systemと一緒には使えません。", "does not go with --system"})
	case c.root != "" && runtime.GOOS == "windows":
		return t, misused("--root", text{"Windowsでは使えません。", "is not for Windows"})
	case c.system, c.root != "" && !c.user:
		t.Scope = installer.System
	}
	if c.root != "" {
		if t.Root, err = filepath.Abs(c.root); err != nil {
			return t, protocol.Fail(protocol.FileFailed, err)
		}
		if isThisMachine(t.Root) {
			return t, misused("--root", text{"このコンピューターそのものです。--rootを付けずに実行してください。", "is this machine itself: leave it out"})
		}
		if err := rootIsThere(t); err != nil {
			return t, err
		}
		c.settled = settings.Load(t.Root) // of the machine that is prepared
	}
	t.ExtensionIDs = c.settled.ExtensionIDs
	if c.program != "" && !filepath.IsAbs(c.program) {
		return t, misused("--program", text{"絶対パスを指定してください。", "is not an absolute path"})
	}
	if plain := filepath.Clean(c.program); c.program != "" && (t.Root != "" || t.SameProgram(plain, c.program)) {
		t.Program = plain // but not where .. stands behind a link, and leads elsewhere
	}
	if c.program == "" {
		if t.Program, err = thisProgram(); err != nil {
			return t, err
		}
		if inside, ok := strings.CutPrefix(t.Program, t.Root+"/"); ok {
			t.Program = "/" + inside
		}
	}
	return t, nil
}

// isThisMachine says whether a root is the machine's own, by whatever name: what holds on the machine would not hold there.
func isThisMachine(root string) bool {
	named, err := os.Stat(root)
	own, ownErr := os.Stat("/")
	return err == nil && ownErr == nil && os.SameFile(named, own)
}

// rootIsThere refuses a root that is not there: it may be mistyped, and what is made from nothing is in nobody's package. A
// person's registration is in the home below it.
func rootIsThere(t installer.Target) error {
	for _, folder := range []struct {
		path   string
		needed bool
		remedy text
	}{{t.Root, true, noRootRemedy}, {t.Disk(t.Home), t.Scope == installer.User && t.Home != "", noRootHomeRemedy}} {
		if info, err := os.Stat(folder.path); folder.needed && (err != nil || !info.IsDir()) {
			return protocol.Fail(protocol.FileFailed, &usage{text: noRootText, args: []any{folder.path}, remedy: folder.remedy})
		}
	}
	return nil
}

// machine is this one.
func (c *commandLine) machine() installer.Machine {
	return installer.Machine{OS: runtime.GOOS, Home: homeFolder(), Env: c.getenv, Registry: installer.SystemRegistry()}
}

// registerFailure is the error for what the installer could not do.
func (c *commandLine) registerFailure(err error) error {
	var loose *looseProgram
	var none *installer.NoProgram
	var void *voidSettings
	file := func(u usage) error { return protocol.Fail(protocol.FileFailed, &u) }
	switch conflicts := installer.Conflicts(err); {
	case len(conflicts) > 0:
		return file(inTheWay(conflicts, err))
	case errors.Is(err, installer.ErrUnknownBrowser):
		return misused("--browser", unknownBrowserText, c.unknownBrowser(), browserNames())
	case errors.Is(err, installer.ErrNotHere):
		return misused("--browser", notHereText, c.absentBrowser())
	case errors.Is(err, installer.ErrBusy):
		return protocol.Fail(protocol.Busy, err)
	case errors.Is(err, installer.ErrNoHome):
		return file(usage{text: noHomeText, remedy: noHomeRemedy})
	case errors.As(err, &loose):
		return file(usage{text: looseProgramText, args: []any{loose.program, loose.place}, remedy: looseProgramRemedy})
	case errors.As(err, &void):
		why := doctor.WhyVoid(void.File)
		return file(usage{text: voidSettingsText, args: []any{why.In("ja"), why.In("en")}, remedy: voidSettingsRemedy})
	case errors.As(err, &none):
		return file(usage{text: noProgramText, args: []any{none.Program}, cause: none.Err, remedy: noProgramRemedy})
	case errors.Is(err, installer.ErrNotUTF8):
		return file(usage{text: notUTF8Text, cause: err, remedy: notUTF8Remedy})
	case errors.Is(err, installer.ErrOneFolder):
		return file(usage{text: oneFolderText, cause: err, remedy: oneFolderRemedy})
	}
	return protocol.Fail(protocol.FileFailed, err)
}

// inTheWay tells of everything that is in the way, once. Only of a record that is damaged there is more to know.
func inTheWay(conflicts []*installer.Conflict, err error) usage {
	var ja, en []string
	u := usage{text: text{"%[1]s", "%[2]s"}, remedy: conflictRemedies[conflicts[0].Reason]}
	told := map[installer.Conflict]bool{}
	for _, conflict := range conflicts {
		if told[*conflict] {
			continue
		}
		told[*conflict] = true
		sentence := conflictTexts[conflict.Reason]
		ja = append(ja, fmt.Sprintf(sentence.ja, conflict.Path))
		en = append(en, fmt.Sprintf(sentence.en, conflict.Path))
		if conflict.Reason == installer.Damaged {
			u.cause = err
		}
	}
	u.args = []any{strings.Join(ja, ""), strings.Join(en, " ")}
	return u
}

// unknownBrowser is the first name given with --browser that is not in the table.
func (c *commandLine) unknownBrowser() string {
	for _, name := range c.browsers {
		if _, ok := installer.Named(name); !ok && name != installer.AllBrowsers {
			return name
		}
	}
	return ""
}

// absentBrowser is the first one given with --browser that does not exist on this operating system.
func (c *commandLine) absentBrowser() string {
	for _, name := range c.browsers {
		if b, ok := installer.Named(name); ok && !b.On(runtime.GOOS).Exists() {
			return b.Title
		}
	}
	return ""
}

func browserNames() listing {
	var names listing
	for _, b := range installer.Browsers {
		names = append(names, b.Name)
	}
	return append(names, installer.AllBrowsers)
}

// An actionLine is what became of one file or key, as --json prints it.
type actionLine struct {
	Browser string            `json:"browser"`
	Outcome installer.Outcome `json:"outcome"`
	Path    string            `json:"path,omitempty"`
	Program string            `json:"program,omitempty"`
	Sharing []string          `json:"sharing,omitempty"`
	Message string            `json:"message"`
}

func (c *commandLine) actionLines(actions []installer.Action) []actionLine {
	lines := []actionLine{}
	for _, a := range actions {
		b, _ := installer.Named(a.Browser)
		sharing := make(listing, len(a.Sharing))
		for n, name := range a.Sharing {
			other, _ := installer.Named(name)
			sharing[n] = other.Title
		}
		message := fmt.Sprintf(registerTexts[a.Done].in(c.lang), b.Title, a.Path, a.Program, sharing.in(c.lang))
		lines = append(lines, actionLine{a.Browser, a.Done, a.Path, a.Program, a.Sharing, printable.Text(message)})
	}
	return lines
}

// A noteLine tells of a browser in a sandbox.
type noteLine struct {
	Browser   string              `json:"browser"`
	Path      string              `json:"path"`
	Packaging installer.Packaging `json:"packaging"`
	Reach     installer.Reach     `json:"reach"`
	Message   string              `json:"message"`
}

func (c *commandLine) noteLines(confined []installer.Found) []noteLine {
	lines := []noteLine{}
	for _, f := range confined {
		message := fmt.Sprintf(reachTexts[f.Reach].in(c.lang), f.Title, f.Packaging, f.On("linux").Flatpak)
		lines = append(lines, noteLine{f.Name, f.Path, f.Packaging, f.Reach, printable.Text(message)})
	}
	return lines
}
