package doctor

import (
	"encoding/json"
	"errors"
	"io/fs"
	"slices"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/internal/settings"
	"github.com/natsuin/natsuin/internal/way"
	"github.com/natsuin/natsuin/manifests"
)

// checkManifests looks at the file by which each browser finds the host.
func checkManifests(s System) []Check {
	var checks []Check
	sound := false
	for _, i := range s.browsers() {
		if i.Reach.StartsHosts() {
			c := s.manifest(i)
			sound = sound || c.Verdict != Failure
			checks = append(checks, c)
		}
	}
	for n, c := range checks {
		if c.Cause == "absent" && sound {
			checks[n].Verdict = Warning // registered with another browser, perhaps on purpose
		}
	}
	return checks
}

// manifest looks at the first manifest there is, where policies let the browser look: it takes no other.
func (s System) manifest(i installer.Found) Check {
	c := Check{ID: "manifest", Title: say("%sへの登録", "Registration with %s", i.Title)}
	places, err := s.machine().Registrations(i.Browser, s.Program)
	if err != nil {
		c.Verdict, c.Cause = Unknown, "unreadable"
		c.Evidence = say("登録の場所を読めません（%v）", "the places of registrations cannot be read (%v)", plain(err))
		return c
	}
	scope := installer.User
	if s.policyOf(i).forbidsPersons() {
		scope = installer.System
		places = slices.DeleteFunc(places, func(r installer.Registration) bool { return r.Scope == installer.User })
	}
	at := slices.IndexFunc(places, func(r installer.Registration) bool { return r.State != installer.NothingThere })
	if at < 0 {
		c.Verdict, c.Cause = Failure, "absent"
		c.Evidence = say("登録ファイルがありません（%s）", "there is no host manifest (%s)", filePath(placeOf(places)))
		c.Remedy = s.anew(scope)
		return c
	}
	c.Verdict, c.Cause, c.Evidence, c.Remedy = s.judge(i, places[at])
	return c
}

// placeOf is where the browser looks first: on Windows a key of the registry.
func placeOf(places []installer.Registration) string {
	switch {
	case len(places) == 0:
		return ""
	case places[0].Key != "":
		return places[0].Key
	}
	return places[0].Path
}

var (
	registerRemedy = say("「natsuin install」を実行してください。", "Run natsuin install.")
	ownerRemedy    = say("これをrootのものにして、ほかのだれにも書けないようにし（sudo chown root、sudo chmod go-w）、プログラムを入れなおしてください。", "Let it belong to root, and nobody else write to it (sudo chown root, sudo chmod go-w), and install the program anew.")
	modeRemedy     = say("「chmod o-w」で書き込みを禁じ、プログラムを入れなおしてください。", "Forbid it with chmod o-w, and install the program anew.")
)

// anew says how what is registered in a place is registered anew: for everybody it takes an administrator's rights.
func (s System) anew(scope installer.Scope) Text {
	switch {
	case scope == installer.User:
		return registerRemedy
	case s.OS == "windows":
		return say("管理者として「natsuin install --system」を実行してください。", "Run natsuin install --system as an administrator.")
	}
	return say("「sudo natsuin install --system」を実行してください。", "Run sudo natsuin install --system.")
}

// judge goes through what a browser and a careful person would look at. What is somebody else's, install leaves alone.
func (s System) judge(i installer.Found, r installer.Registration) (v Verdict, cause string, evidence, remedy Text) {
	file, again := r.Path, s.anew(r.Scope)
	look := say("このファイルを確かめ、いらなければ取り除いてください。その後で: %s", "Look at this file, and remove it where nobody needs it. Then: %s", again)
	stranger := say("Natsuinの登録ではないため、「natsuin install」では置きかわりません。%s", "It is not Natsuin's registration, and natsuin install leaves it. %s", look)
	if r.State == installer.SomebodyElses {
		again = stranger
	}
	text, err := s.read(file, maxFile)
	if err != nil {
		return Failure, "unreadable", say("%[1]sを読めません（%[2]v）", "%[1]s cannot be read (%[2]v)", filePath(file), plain(err)), look
	}
	m, err := manifests.ReadHost(text)
	if err != nil {
		return Failure, "not-json", say("%[1]sはJSONとして読めません（%[2]dバイト目）", "%[1]s is not JSON that can be read (byte %[2]d)", filePath(file), offset(err)), look
	}
	m = m.In(s.OS, file)
	if cause, evidence := judgeForm(m.Check(i.Family, s.OS), file); cause != "" {
		return Failure, cause, evidence, again
	}
	if cause, evidence := s.judgeProgram(r.Scope, file, m.Path); cause != "" {
		return Failure, cause, evidence, again
	}
	for _, on := range []string{m.Path, file} {
		place, err := s.loose(r.Scope, on)
		switch {
		case err != nil:
			return Failure, "unreachable", say("%[1]sに届きません（%[2]v）", "%[1]s cannot be reached (%[2]v)", filePath(on), plain(err)), look
		case place != "" && r.Scope == installer.System:
			return Failure, "writable", say("全員のための登録なのに、%sを管理者以外が書きかえられます", "others than administrators can change %s, and what is registered for everybody with it", filePath(place)), ownerRemedy
		case place != "":
			return Failure, "world-writable", say("%sはだれでも書きかえられます", "everybody can change %s", filePath(place)), modeRemedy
		}
	}
	if !s.machine().IsNatsuin(m.Path) {
		return Failure, "foreign-program", say("%[1]sの指す%[2]sはNatsuinではありません", "%[1]s points to %[2]s, which is not Natsuin", filePath(file), foreign(m.Path)), stranger
	}
	if cause, evidence := s.judgeAllowed(i.Family, m, file); cause != "" {
		return Failure, cause, evidence, again
	}
	if !s.machine().SameProgram(m.Path, s.Program) {
		return Warning, "other-installation", say("%[1]sは別の場所のNatsuin（%[2]s）を指しています", "%[1]s points to another installation of Natsuin (%[2]s)", filePath(file), filePath(m.Path)),
			say("この登録でよければ、このままでかまいません。このプログラムを使うには: %s", "Leave it if that is meant. To use this program instead: %s", again)
	}
	return OK, "", same(filePath(file)), Text{}
}

// judgeForm tells which rule of the browsers' a manifest breaks. Those about who may start the host are judgeAllowed's, which
// knows who should.
func judgeForm(err error, file string) (cause string, evidence Text) {
	var broken *manifests.BrokenRule
	if !errors.As(err, &broken) {
		return "", Text{}
	}
	switch broken.Rule {
	case manifests.RuleName:
		return "wrong-name", say("%[1]sの名前が「%[2]s」です（正しくは%[3]s）", "%[1]s has the name “%[2]s”, not %[3]s", filePath(file), foreign(broken.Value), manifests.HostName)
	case manifests.RuleType:
		return "wrong-type", say("%[1]sの型が「%[2]s」です（正しくはstdio）", "%[1]s has the type “%[2]s”, not stdio", filePath(file), foreign(broken.Value))
	case manifests.RulePath:
		return "relative-path", say("%[1]sの指すパス「%[2]s」が絶対パスではありません", "%[1]s points to “%[2]s”, which is not an absolute path", filePath(file), foreign(broken.Value))
	}
	return "", Text{}
}

// judgeProgram looks at the program that a manifest of that scope points to. "" is no fault.
func (s System) judgeProgram(scope installer.Scope, file, program string) (cause string, evidence Text) {
	err := s.machine().CheckProgram(program, scope)
	var notExecutable *installer.NotExecutable
	switch {
	case installer.IsGone(err):
		return "dangling", say("%[1]sの指す%[2]sがありません", "%[1]s points to %[2]s, which is not there", filePath(file), foreign(program))
	case errors.As(err, &notExecutable) && scope == installer.System:
		return "not-executable", say("%[1]sの指す%[2]sを実行できない人がいます（%[3]s: %[4]v）", "%[1]s points to %[2]s, which not everybody can execute (%[3]s: %[4]v)", filePath(file), foreign(program), foreign(notExecutable.Path), notExecutable.Mode)
	case errors.As(err, &notExecutable):
		return "not-executable", say("%[1]sの指す%[2]sは実行できません（%[3]v）", "%[1]s points to %[2]s, which cannot be executed (%[3]v)", filePath(file), foreign(program), notExecutable.Mode)
	case err != nil:
		return "unreachable", say("%[1]sの指す%[2]sに届きません（%[3]v）", "%[1]s points to %[2]s, which cannot be reached (%[3]v)", filePath(file), foreign(program), plain(err))
	}
	return "", Text{}
}

// loose is what those can change who must not, on the way to a file of a registration: for everybody all but administrators,
// as natsuin install has it; for one person anybody, who could put another file there. What may be done on Windows does not
// show in a file's mode, and its access lists have exceptions that nobody can weigh from here.
func (s System) loose(scope installer.Scope, file string) (place string, err error) {
	switch {
	case s.OS == "windows":
		return "", nil
	case scope == installer.System:
		return settings.Loose(s.Root, file)
	}
	_, err = way.Walk(s.Root, file, func(at string, info fs.FileInfo) error {
		if place == "" && isForAll(info) {
			place = at
		}
		return nil
	})
	return place, err
}

// isForAll says whether everybody can change a file, or put another in the place of what is in a folder. A link's own bits
// mean nothing, and the sticky bit something in folders alone.
func isForAll(info fs.FileInfo) bool {
	mode := info.Mode()
	return mode.Perm()&0o002 != 0 && mode&fs.ModeSymlink == 0 && !(mode.IsDir() && mode&fs.ModeSticky != 0)
}

// judgeAllowed compares the extensions that may start the host with ours.
func (s System) judgeAllowed(family manifests.Family, m manifests.HostManifest, file string) (cause string, evidence Text) {
	have, want := m.Allowed(family), manifests.Ours(family, s.Settings.ExtensionIDs[family]...)
	for _, id := range want {
		if !slices.Contains(have, id) {
			return "wrong-extension", say("%[1]sは拡張機能%[2]sを許可していません", "%[1]s does not allow the extension %[2]s", filePath(file), id)
		}
	}
	for _, id := range have {
		if !slices.Contains(want, id) {
			return "other-extension", say("%[1]sはNatsuinのものでない「%[2]s」にも起動を許可しています", "%[1]s also allows “%[2]s”, which is not Natsuin's", filePath(file), foreign(id))
		}
	}
	return "", Text{}
}

// plain is a file's error without the path, which stands beside it; what occurs often is told in the person's language.
func plain(err error) any {
	var e *fs.PathError
	var dangling *way.Dangling
	var long tooLong
	switch {
	case errors.As(err, &dangling):
		return say("リンク%sの先に何もありません", "the link %s leads nowhere", filePath(dangling.Link))
	case errors.Is(err, fs.ErrPermission):
		return say("権限がありません", "permission denied")
	case errors.Is(err, fs.ErrNotExist):
		return say("ありません", "no such file or directory")
	case errors.As(err, &long):
		return say("%d KiBを超えています", "longer than %d KiB", int(long)>>10)
	case errors.Is(err, errNoFile):
		return say("通常のファイルではありません", "no regular file")
	case errors.As(err, &e):
		return e.Err
	}
	return err
}

// offset is where in a text what is wrong with its JSON stands.
func offset(err error) int {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return int(syntax.Offset)
	case errors.As(err, &kind):
		return int(kind.Offset)
	}
	return 0
}
