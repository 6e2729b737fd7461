package doctor

import (
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/natsuin/natsuin/manifests"
)

// hostPackage is the path of the host's package, as the Go toolchain writes it into the program.
const hostPackage = "github.com/natsuin/natsuin/host"

// checkManifests looks at the file by which each browser finds the host.
func checkManifests(s System) []Check {
	if s.OS != "linux" {
		return nil
	}
	var checks []Check
	sound := false
	for _, i := range s.browsers() {
		if i.startsHosts() {
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

// hostManifest holds what browsers read. Unknown keys are theirs to refuse; they do not.
type hostManifest struct {
	Name              string   `json:"name"`
	Path              string   `json:"path"`
	Type              string   `json:"type"`
	AllowedOrigins    []string `json:"allowed_origins"`
	AllowedExtensions []string `json:"allowed_extensions"`
}

// manifestPaths are the places of a browser's host manifest in the order in which it looks: the person's own first.
func (s System) manifestPaths(i installation) (paths []string) {
	folders := s.personal(i.Manifests)
	if folder, ok := s.profileFolder(i.Manifests); ok && i.Family == manifests.Chromium {
		folders = []string{folder}
	}
	for _, folder := range append(folders, i.system...) {
		paths = append(paths, path.Join(folder, manifests.HostName+".json"))
	}
	return paths
}

// profileFolder is a folder below the home, or, below .config, wherever the environment puts that. The second value is
// false where nobody knows the home.
func (s System) profileFolder(below string) (folder string, ok bool) {
	if config := s.Env("XDG_CONFIG_HOME"); filepath.IsAbs(config) {
		if rest, err := filepath.Rel(".config", below); err == nil && filepath.IsLocal(rest) {
			return path.Join(config, rest), true
		}
	}
	return path.Join(s.Home, below), s.Home != ""
}

// manifest looks at the first manifest there is: the browser takes no other.
func (s System) manifest(i installation) Check {
	c := Check{ID: "manifest", Title: say("%sへの登録", "Registration with %s", i.title)}
	paths := s.manifestPaths(i)
	at := slices.IndexFunc(paths, func(p string) bool {
		_, err := os.Lstat(s.at(p))
		return err == nil
	})
	if at < 0 {
		c.Verdict, c.Cause = Failure, "absent"
		c.Evidence = say("登録ファイルがありません（%s）", "there is no host manifest (%s)", filePath(paths[0]))
		c.Remedy = registerRemedy
		return c
	}
	c.Verdict, c.Cause, c.Evidence, c.Remedy = s.judge(i, paths[at])
	return c
}

var (
	registerRemedy = say("「natsuin install」を実行してください。", "Run natsuin install.")
	removeRemedy   = say("このファイルを確かめ、いらなければ取り除いてから「natsuin install」を実行してください。", "Look at this file; remove it where nobody needs it, and run natsuin install.")
	modeRemedy     = say("「chmod o-w」で書き込みを禁じ、プログラムを入れなおしてください。", "Forbid it with chmod o-w, and install the program anew.")
)

// judge goes through what a browser and a careful person would look at.
func (s System) judge(i installation, file string) (v Verdict, cause string, evidence, remedy Text) {
	text, err := s.read(file, maxFile)
	if err != nil {
		return Failure, "unreadable", say("%[1]sを読めません（%[2]v）", "%[1]s cannot be read (%[2]v)", filePath(file), plain(err)), removeRemedy
	}
	var m hostManifest
	if err := json.Unmarshal(text, &m); err != nil {
		return Failure, "not-json", say("%[1]sはJSONとして読めません（%[2]dバイト目）", "%[1]s is not JSON that can be read (byte %[2]d)", filePath(file), offset(err)), registerRemedy
	}
	switch {
	case m.Name != manifests.HostName:
		return Failure, "wrong-name", say("%[1]sの名前が「%[2]s」です（正しくは%[3]s）", "%[1]s has the name “%[2]s”, not %[3]s", filePath(file), foreign(m.Name), manifests.HostName), registerRemedy
	case m.Type != "stdio":
		return Failure, "wrong-type", say("%[1]sの型が「%[2]s」です（正しくはstdio）", "%[1]s has the type “%[2]s”, not stdio", filePath(file), foreign(m.Type)), registerRemedy
	case !path.IsAbs(m.Path):
		return Failure, "relative-path", say("%[1]sの指すパス「%[2]s」が絶対パスではありません", "%[1]s points to “%[2]s”, which is not an absolute path", filePath(file), foreign(m.Path)), registerRemedy
	}
	if cause, evidence, remedy := s.judgeProgram(file, m.Path); cause != "" {
		return Failure, cause, evidence, remedy
	}
	if cause, evidence := judgeAllowed(i.Family, m, file); cause != "" {
		return Failure, cause, evidence, registerRemedy
	}
	if resolved, err := filepath.EvalSymlinks(s.at(m.Path)); err != nil || s.shown(resolved) != s.Program {
		return Warning, "other-installation", say("%[1]sは別の場所のNatsuin（%[2]s）を指しています", "%[1]s points to another installation of Natsuin (%[2]s)", filePath(file), filePath(m.Path)),
			say("このプログラムを使うには「natsuin install」を実行してください。そうでなければ、このままでかまいません。", "Run natsuin install to use this program instead; otherwise leave it.")
	}
	return OK, "", same(filePath(file)), Text{}
}

// judgeProgram looks at the program that a manifest points to. "" is no fault.
func (s System) judgeProgram(file, program string) (cause string, evidence, remedy Text) {
	info, err := os.Stat(s.at(program))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "dangling", say("%[1]sの指す%[2]sがありません", "%[1]s points to %[2]s, which is not there", filePath(file), foreign(program)), registerRemedy
	case err != nil:
		return "unreachable", say("%[1]sの指す%[2]sに届きません（%[3]v）", "%[1]s points to %[2]s, which cannot be reached (%[3]v)", filePath(file), foreign(program), plain(err)), registerRemedy
	case !info.Mode().IsRegular(), info.Mode().Perm()&0o111 == 0:
		return "not-executable", say("%[1]sの指す%[2]sは実行できません（%[3]v）", "%[1]s points to %[2]s, which cannot be executed (%[3]v)", filePath(file), foreign(program), info.Mode()), registerRemedy
	}
	for _, place := range []string{program, path.Dir(program), file, path.Dir(file)} {
		if s.worldWritable(place) {
			return "world-writable", say("%sはだれでも書きかえられます", "everybody can change %s", filePath(place)), modeRemedy
		}
	}
	built, err := buildinfo.ReadFile(s.at(program))
	if err != nil || built.Path != hostPackage {
		return "foreign-program", say("%[1]sの指す%[2]sはNatsuinではありません", "%[1]s points to %[2]s, which is not Natsuin", filePath(file), foreign(program)), removeRemedy
	}
	return "", Text{}, Text{}
}

// worldWritable says whether anybody can change a file, or replace what is in a folder.
func (s System) worldWritable(place string) bool {
	info, err := os.Stat(s.at(place))
	return err == nil && info.Mode().Perm()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0
}

// judgeAllowed compares the extensions that may start the host with ours.
func judgeAllowed(family manifests.Family, m hostManifest, file string) (cause string, evidence Text) {
	have := m.AllowedExtensions
	var want []string
	for _, id := range manifests.IDs(family) {
		if family == manifests.Chromium {
			have, id = m.AllowedOrigins, manifests.ChromiumOrigin(id)
		}
		want = append(want, id)
	}
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

// plain takes the path out of a file's error: it stands beside it.
func plain(err error) error {
	var e *fs.PathError
	if errors.As(err, &e) {
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
