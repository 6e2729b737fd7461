//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/manifests"
)

// A person's home has spaces and Japanese characters in its path, and nothing in it.
func newHome(t *testing.T) string {
	t.Helper()
	home := filepath.Join(t.TempDir(), "見本 太郎のホーム")
	require.NoError(t, os.Mkdir(home, 0o700))
	t.Setenv("HOME", home)
	return home
}

func listed(t *testing.T, dir string) (names []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		names = append(names, strings.TrimPrefix(path, dir))
		return err
	}))
	return names
}

func TestInstallAndUninstall(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	home := newHome(t)
	s.tells(0, []string{"install", "--browser", "firefox", "--browser", "edge"}, "Firefox: registered (", "Microsoft Edge: registered (")
	s.tells(0, []string{"install", "--browser", "firefox", "--lang", "ja"}, "Firefox: すでに登録されています（")
	s.tells(0, []string{"list", "--browser", "firefox"}, "registered (this person): "+home, ", by natsuin install")
	s.tells(0, []string{"list", "--browser", "firefox", "--lang", "ja"}, "登録済み（本人）: "+home, "（natsuin installによる）")
	s.tells(0, []string{"list", "--browser", "librewolf"}, "LibreWolf (librewolf): ")

	require.Zero(t, s.run("", "list", "--json", "--user"))
	var list struct {
		Browsers []struct {
			Name          string
			Registrations []struct{ Scope, Path, State, Program, By string }
		}
	}
	require.NoError(t, json.Unmarshal(s.stdout.Bytes(), &list))
	states := map[string]string{}
	for _, b := range list.Browsers {
		require.NotEmpty(t, b.Registrations)
		states[b.Name] = b.Registrations[0].State + b.Registrations[0].By
		require.Equal(t, "user", b.Registrations[0].Scope)
	}
	require.Equal(t, "registerednatsuin", states["firefox"])
	require.Equal(t, "absent", states["librewolf"])

	require.Zero(t, s.run("", "uninstall", "--json"))
	var report struct {
		Actions []struct{ Browser, Outcome, Path, Message string }
		Notes   []any
	}
	require.NoError(t, json.Unmarshal(s.stdout.Bytes(), &report))
	require.Len(t, report.Actions, 2)
	require.Equal(t, "removed", report.Actions[0].Outcome)
	require.Equal(t, []string{""}, listed(t, home), "nothing is left")
	for _, args := range [][]string{{"uninstall"}, {"uninstall", "--system", "--root", t.TempDir()}} {
		s.tells(0, args, "There is no registration to remove. --user removes one for oneself, --system one for everybody.")
	}
	s.tells(0, []string{"uninstall", "--browser", "edge"}, "Microsoft Edge: was not registered.")
}

// What packagers get: everything below the root, for every browser, leading to where the program will be.
func TestInstallBelowARoot(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	home, root := newHome(t), t.TempDir()
	s.tells(0, []string{"install", "--root", root, "--program", "/usr/bin/natsuin"}, "Vivaldi: registered (/")
	registered := 0
	for _, path := range listed(t, root) {
		if filepath.Ext(path) == ".json" && !strings.HasSuffix(path, "registered.json") {
			text, err := os.ReadFile(root + path)
			require.NoError(t, err)
			m, err := manifests.ReadHost(text)
			require.NoError(t, err)
			require.Equal(t, "/usr/bin/natsuin", m.Path)
			registered++
		}
	}
	require.Greater(t, registered, 5)
	require.Equal(t, []string{""}, listed(t, home))
	s.tells(0, []string{"list", "--root", root, "--browser", "edge"}, "registered, but the program is not there (everybody): /etc/opt/edge/")
	require.NoError(t, os.MkdirAll(filepath.Join(root, "usr/bin"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, "usr/bin/natsuin"), nil, 0o755))
	s.tells(0, []string{"list", "--root", root, "--browser", "edge"}, "registered to a program that is not Natsuin (everybody): /etc/opt/edge/") // by what is below the root
	require.NoError(t, os.RemoveAll(filepath.Join(root, "usr")))
	s.tells(0, []string{"uninstall", "--root", root, "--program", "/usr/bin/natsuin"}, "registration removed")
	require.Equal(t, []string{""}, listed(t, root))

	s.tells(0, []string{"install", "--root", root, "--browser", "edge", "--program", "//usr/lib/../bin/natsuin"}, "Microsoft Edge: registered (/")
	s.tells(0, []string{"list", "--root", root, "--browser", "edge"}, "→ /usr/bin/natsuin")
}

// What is refused, and how it is said; nothing is changed.
func TestInstallRefused(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	home := newHome(t)
	place, _ := installer.Named("firefox")
	manifest := filepath.Join(home, place.On(runtime.GOOS).User[0], manifests.HostName+".json")
	require.NoError(t, os.MkdirAll(filepath.Dir(manifest), 0o700))
	root, loose := t.TempDir(), looseProgramFile(t)
	machine := filepath.Join(t.TempDir(), "machine")
	require.NoError(t, os.Symlink("/", machine))
	for name, c := range map[string]struct {
		set  func()
		args []string
		exit int
		ja   string
		en   string
	}{
		"somebody else's": {func() { require.NoError(t, os.WriteFile(manifest, []byte(`{"name":"x","path":"/bin/sh"}`), 0o600)) }, []string{"--browser", "firefox"},
			1, "Natsuinの登録ではありません。", "has Natsuin's name, but is no registration of Natsuin's. Nothing was changed."},
		"nobody's": {func() { require.NoError(t, os.WriteFile(manifest, []byte("garbage"), 0o600)) }, []string{"--browser", "firefox"},
			1, "Natsuinの登録ではありません。", "is no registration of Natsuin's. Nothing was changed."},
		"a folder": {func() { require.NoError(t, os.Mkdir(manifest, 0o700)) }, []string{"--browser", "firefox"},
			1, "通常のファイルやフォルダーではないもの", "Look at what it is"},
		"unknown":                  {nil, []string{"--browser", "lynx"}, 2, "「lynx」というブラウザーはありません。次のどれかを指定してください: chromium、chrome、", "cannot be “lynx”: it is one of chromium, chrome, "},
		"both":                     {nil, []string{"--user", "--system"}, 2, "一緒には使えません", "does not go with --system"},
		"an empty root":            {nil, []string{"--root", ""}, 2, "DESTDIRなどの変数", "--root is empty: if it comes from a variable such as DESTDIR, see that it is set"},
		"this machine as a root":   {nil, []string{"--root", "/", "--browser", "lynx", "--program", loose}, 2, "このコンピューターそのものです", "--root is this machine itself: leave it out"},
		"the same by a link":       {nil, []string{"--root", machine, "--browser", "lynx", "--program", loose}, 2, "このコンピューターそのものです", "--root is this machine itself: leave it out"},
		"relative":                 {nil, []string{"--program", "natsuin"}, 2, "絶対パス", "is not an absolute path"},
		"a root not there":         {nil, []string{"--root", filepath.Join(home, "gone")}, 1, "先にフォルダーを作るか", "There is no folder " + home + "/gone.\nMake the folder first"},
		"a root that is a file":    {nil, []string{"--root", loose}, 1, "というフォルダーがありません。", "There is no folder " + loose},
		"no home below the root":   {nil, []string{"--root", root, "--user"}, 1, "--userを付けずに", "There is no folder " + root + home + ".\nWith --user, --root registers in the home folder below it."},
		"a program without UTF-8":  {nil, []string{"--browser", "firefox", "--program", home + "/\xff/natsuin"}, 1, "UTF-8の文字に直して", "Give the folder a name in UTF-8"},
		"a program not there":      {nil, []string{"--browser", "firefox", "--program", filepath.Join(home, "gone")}, 1, "「" + home + "/gone」がないか、", "--program, and at the file's permissions"},
		"no program":               {nil, []string{"--browser", "firefox", "--program", home}, 1, "実行できるファイルではない", home + " is not there, or is no file that can be executed"},
		"everybody's that is none": {nil, []string{"--browser", "lynx", "--system", "--program", "/bin/sh/x"}, 1, "「/bin/sh/x」がないか、", "Look at the path given with --program"},
		// No such browser: were the program not refused, nothing would be written on this machine.
		"everybody's by anybody": {nil, []string{"--browser", "lynx", "--system", "--program", loose}, 1, "「" + loose + "」は、管理者以外が書きかえられる場所にあります（", "Let the place named in brackets belong to root"},
	} {
		t.Run(name, func(t *testing.T) {
			defer s.as(t)()
			if c.set != nil {
				c.set()
				defer os.Remove(manifest)
			}
			before := listed(t, home)
			for lang, says := range map[string]string{"ja": c.ja, "en": c.en} {
				require.Equal(t, c.exit, s.run("", append([]string{"install", "--lang", lang}, c.args...)...))
				require.Contains(t, s.stderr.String(), says)
				require.NotContains(t, s.stderr.String(), "%!")
				require.NotContains(t, s.stderr.String(), "in the way", "the sentence has said it")
				require.NotContains(t, s.stderr.String(), ": Nothing was changed.:")
			}
			require.Equal(t, before, listed(t, home))
		})
	}
}

// looseProgramFile is a program that anybody can change.
func looseProgramFile(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "natsuin")
	require.NoError(t, os.WriteFile(program, nil, 0o755))
	require.NoError(t, os.Chmod(program, 0o777))
	return program
}

// What others can change is registered for everybody on Windows alone, which is said once it is done; what cannot be looked
// at, nowhere.
func TestGuardedProgram(t *testing.T) {
	folder := t.TempDir()
	failed := errors.New("failed")
	loose := looseProgramFile(t)
	for name, c := range map[string]struct {
		goos    string
		scope   installer.Scope
		root    string
		program string
		result  error // of the installation
		called  bool
		fails   string
		remedy  text
		warns   bool
	}{
		"safe":                        {goos: "linux", scope: installer.System, program: "/bin/sh", called: true},
		"loose":                       {goos: "linux", scope: installer.System, program: loose, fails: "can be changed by others", remedy: looseProgramRemedy},
		"loose on macOS":              {goos: "darwin", scope: installer.System, program: loose, fails: "can be changed by others", remedy: looseProgramRemedy},
		"loose for one person":        {goos: "linux", scope: installer.User, program: loose, called: true},
		"loose below a root":          {goos: "linux", scope: installer.System, root: folder, program: loose, called: true},
		"loose on Windows":            {goos: "windows", scope: installer.System, program: loose, called: true, warns: true},
		"loose on Windows, but fails": {goos: "windows", scope: installer.System, program: loose, result: failed, called: true, fails: "failed"},
		"not there":                   {goos: "linux", scope: installer.System, program: "/bin/sh.gone", fails: "no such file", remedy: noProgramRemedy},
		"below a file":                {goos: "linux", scope: installer.System, program: "/bin/sh/x", fails: "not a directory", remedy: noProgramRemedy},
		"the same on Windows":         {goos: "windows", scope: installer.System, program: "/bin/sh/x", fails: "not a directory", remedy: noProgramRemedy},
	} {
		t.Run(name, func(t *testing.T) {
			for lang, says := range map[string]string{"ja": "警告: プログラム「" + loose + "」は登録しましたが", "en": "Warning: the program " + loose + " was registered all the same"} {
				var stderr strings.Builder
				called := false
				cmd := &commandLine{stderr: &stderr, options: options{lang: lang}}
				_, err := cmd.guarded(func(installer.Target) (installer.Report, error) {
					called = true
					return installer.Report{}, c.result
				})(installer.Target{Machine: installer.Machine{OS: c.goos, Root: c.root}, Scope: c.scope, Program: c.program})
				require.Equal(t, c.called, called)
				if c.fails == "" {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, err, c.fails)
				}
				if c.remedy != (text{}) {
					var failure *protocol.Error
					require.ErrorAs(t, cmd.registerFailure(err), &failure)
					require.Equal(t, c.remedy, registerRemedy(failure))
				}
				if !c.warns {
					require.Empty(t, stderr.String())
					continue
				}
				require.Contains(t, stderr.String(), says)
				require.NotContains(t, stderr.String(), "%!")
			}
		})
	}
}

// What was removed before something failed is told, and then the failure.
func TestUninstallThatFailsInPart(t *testing.T) {
	home := newHome(t)
	removed := installer.Action{Browser: "edge", Path: "/etc/edge.json", Done: installer.Removed}
	fail := func(installer.Target) (installer.Report, error) {
		return installer.Report{Actions: []installer.Action{removed}}, &fs.PathError{Op: "unlinkat", Path: "/etc/firefox.json", Err: fs.ErrPermission}
	}
	for _, asJSON := range []bool{false, true} {
		var stdout, stderr strings.Builder
		c := &commandLine{stdout: &stdout, stderr: &stderr, getenv: func(string) string { return "" }, command: "uninstall", options: options{lang: "en", json: asJSON}}
		c.program = filepath.Join(home, "natsuin")
		var failure *protocol.Error
		require.ErrorAs(t, c.register(nil, fail), &failure)
		c.report(failure)
		require.Contains(t, stderr.String(), "/etc/firefox.json")
		if !asJSON {
			require.Equal(t, "Microsoft Edge: registration removed (/etc/edge.json).\n", stdout.String())
			continue
		}
		var told struct {
			Actions []struct{ Browser, Outcome, Path string }
			Error   struct{ Code string }
		}
		require.NoError(t, json.Unmarshal([]byte(stdout.String()), &told), "one object")
		require.Equal(t, "removed", told.Actions[0].Outcome)
		require.Equal(t, "FILE_FAILED", told.Error.Code)
	}
}

// Where a link makes one folder of two families', the person is told of the link.
func TestInstallInOneFolder(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	home := newHome(t)
	folder := func(browser string) string {
		b, _ := installer.Named(browser)
		return filepath.Join(home, b.On(runtime.GOOS).User[0])
	}
	require.NoError(t, os.MkdirAll(folder("chrome"), 0o700))
	require.NoError(t, os.MkdirAll(filepath.Dir(folder("firefox")), 0o700))
	to, err := filepath.Rel(filepath.Dir(folder("firefox")), folder("chrome"))
	require.NoError(t, err)
	require.NoError(t, os.Symlink(to, folder("firefox")))
	before := listed(t, home)
	for lang, says := range map[string][]string{
		"ja": {"リンクで一つのフォルダーになっています。", "--browserでどちらかだけを選んでください。"},
		"en": {"A link makes one folder", "choose one of them with --browser."},
	} {
		require.Equal(t, 1, s.run("", "install", "--browser", "firefox", "--browser", "chrome", "--lang", lang))
		for _, part := range says {
			require.Contains(t, s.stderr.String(), part)
		}
		require.Equal(t, before, listed(t, home))
	}
	s.tells(0, []string{"install", "--browser", "firefox"}, "Firefox: registered (")
}

// Whoever has root's rights from sudo says whom they mean.
func TestInstallForWhom(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	home, root := newHome(t), t.TempDir()
	s.lent = true
	for _, command := range []string{"install", "uninstall"} {
		for lang, says := range map[string]string{"ja": "sudoを付けずに", "en": "run this without sudo"} {
			require.Equal(t, 2, s.run("", command, "--browser", "firefox", "--lang", lang))
			for _, part := range []string{"--user", "--system", says} {
				require.Contains(t, s.stderr.String(), part)
			}
		}
	}
	require.Equal(t, []string{""}, listed(t, home))
	for _, left := range []string{"SUDO_UID", "DOAS_USER", "PKEXEC_UID"} {
		require.True(t, rightsAreLent(func(name string) string { return map[string]string{left: "1000"}[name] }), left)
	}
	require.False(t, rightsAreLent(func(string) string { return "" }))
	s.tells(0, []string{"list", "--user", "--browser", "firefox"}, "not registered")
	s.tells(0, []string{"install", "--user", "--browser", "firefox"}, "Firefox: registered (")
	s.tells(0, []string{"uninstall", "--user"}, "Firefox: registration removed")
	s.tells(0, []string{"install", "--root", root, "--browser", "firefox", "--program", "/usr/bin/natsuin"}, "Firefox: registered (")
}

// Nobody writes into somebody else's home, by whatever name.
func TestInstallIntoAnothersHome(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	another := newHome(t)
	if os.Geteuid() == 0 {
		require.NoError(t, os.Chown(another, 64123, 64123))
	} else {
		another = "/" // which is root's
		t.Setenv("HOME", another)
	}
	for lang, says := range map[string]string{"ja": "ほかのユーザーのもの", "en": "the home of another user, " + another} {
		require.Equal(t, 2, s.run("", "install", "--user", "--browser", "firefox", "--lang", lang))
		require.Contains(t, s.stderr.String(), says)
	}
	if os.Geteuid() != 0 {
		return // the system keeps the others out of what is not theirs
	}
	require.Equal(t, []string{""}, listed(t, another))
	for named, refused := range map[string]bool{another: true, filepath.Join(another, "not/there/yet"): true, filepath.Join(t.TempDir(), "not/there/yet"): false} {
		env := func(name string) string { return map[string]string{"XDG_STATE_HOME": named}[name] }
		err := new(commandLine).forWhom(installer.Target{Machine: installer.Machine{OS: "linux", Home: t.TempDir(), Env: env}, Scope: installer.User})
		require.Equal(t, refused, err != nil, named)
	}
}

// Every outcome, state and reason that there is has its words in both languages, with the values in them.
func TestRegisterTexts(t *testing.T) {
	for _, o := range []installer.Outcome{installer.Written, installer.Unchanged, installer.Removed, installer.Restored, installer.Absent, installer.Shared, installer.Kept, installer.Changed, installer.Unrecorded} {
		require.NotEmpty(t, registerTexts[o], o)
	}
	for _, r := range []installer.Reach{installer.Portal, installer.Proxy, installer.ProxyForbidden, installer.NoProxy, installer.Confined} {
		require.NotEmpty(t, reachTexts[r], r)
	}
	for _, r := range []installer.Reason{installer.Foreign, installer.NotFile, installer.Outside, installer.Unfollowed, installer.Damaged} {
		require.NotEmpty(t, conflictTexts[r], r)
		require.NotEmpty(t, conflictRemedies[r], r)
	}
	c := &commandLine{options: options{}}
	for _, lang := range []string{"ja", "en"} {
		c.lang = lang
		for o := range registerTexts {
			line := c.actionLines([]installer.Action{{Browser: "edge", Path: "/path", Done: o, Program: "/program", Sharing: []string{"brave"}}})[0]
			require.Contains(t, line.Message, "Microsoft Edge")
			require.NotContains(t, line.Message, "%!")
		}
		firefox, _ := installer.Named("firefox")
		for reach := range reachTexts {
			line := c.noteLines([]installer.Found{{Browser: firefox, Path: "/snap/bin/firefox", Packaging: installer.Snap, Reach: reach}})[0]
			require.Contains(t, line.Message, "Firefox")
			require.NotContains(t, line.Message, "%!")
		}
	}
	for _, b := range installer.Browsers {
		require.Contains(t, flagNamed("browser").ja, b.Name)
		require.Contains(t, flagNamed("browser").en, b.Name)
	}
}

// What a flag does for one command is not said of another.
func TestHelpOfRegistering(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	for command, says := range map[string][]string{
		"install":   {"登録済みのもの", "本人だけのために登録する（既定）", "those registered already", "for this person (usual)"},
		"uninstall": {"既定: 登録されているものすべて", "本人のための登録を取り消す（既定）", "default: all with which it is registered", "the registration of this person (usual)"},
		"list":      {"既定: すべて", "（既定: 本人と全員）", "; default: all\n", "default: these and everybody's"},
	} {
		require.Zero(t, s.run("", command, "--help", "--lang", "ja"))
		told := s.stdout.String()
		require.Zero(t, s.run("", command, "--help"))
		told += s.stdout.String()
		for _, part := range says {
			require.Contains(t, told, part, command)
		}
		require.Equal(t, 2, strings.Count(told, "  --browser NAME "), "once in each language")
	}
}

func flagNamed(name string) flagText {
	for _, f := range ownFlagTexts {
		if f.name == name {
			return f
		}
	}
	return flagText{}
}
