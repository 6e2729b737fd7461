package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// nobody is who installs where the tests run as root: somebody without rights.
const nobody = 64123

// hostOnce builds the host once for all tests that need it.
var hostOnce = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "natsuin-dist-test-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "natsuin")
	if out, err := exec.Command("go", "build", "-o", path, "../../host").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	return os.ReadFile(path)
})

// A household is a person's home, and the unpacked archive that they downloaded.
type household struct {
	*testing.T
	home, unpacked, browsers string
}

// newHousehold has Firefox, and nothing else that the installer looks for.
func newHousehold(t *testing.T, program []byte) household {
	t.Helper()
	base := t.TempDir()
	h := household{t, filepath.Join(base, "home/見本 太郎"), filepath.Join(base, "ダウンロード/natsuin 0.1.0"), filepath.Join(base, "bin")}
	for _, folder := range []string{h.home, h.unpacked, h.browsers} {
		require.NoError(t, os.MkdirAll(folder, 0o755))
	}
	require.NoError(t, os.WriteFile(filepath.Join(h.browsers, "firefox"), []byte("#!/bin/sh\n"), 0o755))
	script, err := os.ReadFile("../../installer/packages/linux/install.sh")
	require.NoError(t, err)
	for name, content := range map[string][]byte{"natsuin": program, "install.sh": script, "README.txt": nil, "LICENSE": nil, "NOTICE": nil, "THIRD-PARTY-LICENSES": nil} {
		require.NoError(t, os.WriteFile(filepath.Join(h.unpacked, name), content, 0o755))
	}
	h.own()
	require.NoError(t, os.Chmod(filepath.Dir(base), 0o755)) // t.TempDir keeps others out
	return h
}

// own gives the home to the person, where that is not us.
func (h household) own() {
	h.Helper()
	if os.Getuid() != 0 {
		return
	}
	require.NoError(h, filepath.WalkDir(h.home, func(path string, _ fs.DirEntry, err error) error {
		require.NoError(h, err)
		return os.Lchown(path, nobody, nobody)
	}))
}

// command returns a command of the person's.
func (h household) command(name string, args ...string) *exec.Cmd {
	h.Helper()
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	h.Cleanup(stop)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = "/"
	cmd.Env = []string{"HOME=" + h.home, "PATH=" + h.browsers + ":/usr/bin:/bin", "LANG=ja_JP.UTF-8"}
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	return cmd
}

func (h household) install(args ...string) (string, error) {
	out, err := h.command("sh", append([]string{filepath.Join(h.unpacked, "install.sh")}, args...)...).CombinedOutput()
	return string(out), err
}

// list is everything in the home: modes, names and where links lead.
func (h household) list() (all []string) {
	h.Helper()
	require.NoError(h, filepath.WalkDir(h.home, func(path string, e fs.DirEntry, err error) error {
		require.NoError(h, err)
		info, err := e.Info()
		require.NoError(h, err)
		to, _ := os.Readlink(path)
		content, _ := os.ReadFile(path)
		all = append(all, fmt.Sprint(info.Mode(), " ", strings.TrimPrefix(path, h.home), " ", to, " ", len(content)))
		return nil
	}))
	return all
}

func (h household) write(name, content string) {
	h.Helper()
	path := filepath.Join(h.home, name)
	require.NoError(h, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(h, os.WriteFile(path, []byte(content), 0o644))
	h.own()
}

func TestInstallScript(t *testing.T) {
	program, err := hostOnce()
	require.NoError(t, err)
	for name, prepare := range map[string]func(h household){
		"empty home":          func(household) {},
		"with a .local":       func(h household) { h.write(".local/share/x", "x") },
		"with programs there": func(h household) { h.write(".local/bin/x", "x"); h.write(".local/lib/x", "x") },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHousehold(t, program)
			prepare(h)
			before := h.list()

			out, err := h.install()
			require.NoError(t, err, out)
			require.Contains(t, out, "インストールしました")
			var manifest struct {
				Path              string   `json:"path"`
				AllowedExtensions []string `json:"allowed_extensions"`
			}
			content, err := os.ReadFile(filepath.Join(h.home, ".mozilla/native-messaging-hosts/io.github.natsuin.json"))
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(content, &manifest))
			require.Equal(t, filepath.Join(h.home, ".local/lib/natsuin/natsuin"), manifest.Path)
			require.NoError(t, h.command(manifest.Path, "version").Run())
			require.NoError(t, h.command(filepath.Join(h.home, ".local/bin/natsuin"), "version").Run())

			// A second time, as when a newer version is installed over it, changes nothing.
			installed := h.list()
			out, err = h.install()
			require.NoError(t, err, out)
			require.Equal(t, installed, h.list())

			// What was downloaded may be gone: the installed copy of the script removes itself.
			removal, err := h.command("sh", filepath.Join(h.home, ".local/lib/natsuin/install.sh"), "--uninstall").CombinedOutput()
			require.NoError(t, err, string(removal))
			require.Equal(t, before, h.list())

			out, err = h.install("--uninstall")
			require.NoError(t, err)
			require.Contains(t, out, "インストールされていません")
		})
	}
}

// TestInstallScriptRefuses holds that whatever is in the way is named, and nothing is changed.
func TestInstallScriptRefuses(t *testing.T) {
	const works = "#!/bin/sh\nexit 0\n"
	for name, c := range map[string]struct {
		program string
		args    []string
		prepare func(h household)
		says    string
	}{
		"a program that does not start": {program: "#!/bin/sh\nexit 127\n", says: "pcscd"},
		"a registration that fails":     {program: "#!/bin/sh\n[ \"$1\" = version ] || exit 1\n"},
		"an unknown argument":           {program: works, args: []string{"--purge"}, says: "install.sh [--uninstall]"},
		"a link for a folder": {program: works, says: "~/.local/lib", prepare: func(h household) {
			h.write(".local/share/x", "x")
			require.NoError(h, os.Symlink(h.browsers, filepath.Join(h.home, ".local/lib")))
		}},
		"a link that leads nowhere": {program: works, says: "~/.local", prepare: func(h household) {
			require.NoError(h, os.Symlink("nowhere", filepath.Join(h.home, ".local")))
		}},
		"a folder of somebody else's": {program: works, says: "~/.local/lib/natsuin", prepare: func(h household) { h.write(".local/lib/natsuin/natsuin", "x") }},
		"a command of somebody else's": {program: works, says: "~/.local/bin/natsuin", prepare: func(h household) {
			h.write(".local/bin/natsuin", "x")
		}},
		"a link for the list of folders": {program: works, says: "~/.local/lib/natsuin/made", prepare: func(h household) {
			h.write("made", "")
			require.NoError(h, os.MkdirAll(filepath.Join(h.home, ".local/lib/natsuin"), 0o755))
			require.NoError(h, os.Symlink("../../../made", filepath.Join(h.home, ".local/lib/natsuin/made")))
		}},
		"removal by a list that is a link": {program: works, args: []string{"--uninstall"}, says: "~/.local/lib/natsuin", prepare: func(h household) {
			h.write("made", "")
			require.NoError(h, os.MkdirAll(filepath.Join(h.home, ".local/lib/natsuin"), 0o755))
			require.NoError(h, os.Symlink("../../../made", filepath.Join(h.home, ".local/lib/natsuin/made")))
		}},
		"a home that cannot be written": {program: works, prepare: func(h household) { require.NoError(h, os.Chmod(h.home, 0o555)) }},
		"removal of somebody else's folder": {program: works, args: []string{"--uninstall"}, says: "~/.local/lib/natsuin", prepare: func(h household) {
			h.write(".local/lib/natsuin/natsuin", "x")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHousehold(t, []byte(c.program))
			if c.prepare != nil {
				c.prepare(h)
			}
			before := h.list()
			out, err := h.install(c.args...)
			require.Error(t, err, out)
			require.Contains(t, out, c.says)
			require.Equal(t, before, h.list())
		})
	}
}

// TestInstallScriptOnFullDisk stops it where it writes the program: no file may grow as large.
func TestInstallScriptOnFullDisk(t *testing.T) {
	h := newHousehold(t, []byte("#!/bin/sh\nexit 0\n"+strings.Repeat("#", 1<<20)))
	before := h.list()
	out, err := h.command("sh", "-c", `ulimit -f 16; exec sh "$0"`, filepath.Join(h.unpacked, "install.sh")).CombinedOutput()
	require.Error(t, err, string(out))
	require.Equal(t, before, h.list())
}

// An upgrade for which the disk is too small, at the first file or at the last, leaves the old version whole.
func TestInstallScriptUpgradesOnFullDisk(t *testing.T) {
	for _, large := range []string{"natsuin", "THIRD-PARTY-LICENSES"} {
		t.Run(large, func(t *testing.T) {
			h := newHousehold(t, []byte("#!/bin/sh\nexit 0\n"))
			out, err := h.install()
			require.NoError(t, err, out)
			before := h.list()
			for _, file := range []string{"natsuin", "README.txt", "THIRD-PARTY-LICENSES"} {
				content := "#!/bin/sh\nexit 0 # newer\n"
				if file == large {
					content += strings.Repeat("#", 1<<20)
				}
				require.NoError(t, os.WriteFile(filepath.Join(h.unpacked, file), []byte(content), 0o755))
			}
			upgrade, err := h.command("sh", "-c", `ulimit -f 16; exec sh "$0"`, filepath.Join(h.unpacked, "install.sh")).CombinedOutput()
			require.Error(t, err, string(upgrade))
			require.Equal(t, before, h.list())
			out, err = h.install()
			require.NoError(t, err, out)
			require.NotEqual(t, before, h.list())
		})
	}
}

// An upgrade writes through no link that somebody put where it writes.
func TestInstallScriptFollowsNoPlantedLink(t *testing.T) {
	for _, file := range []string{"natsuin", "install.sh", "README.txt", "LICENSE", "NOTICE", "THIRD-PARTY-LICENSES", "made"} {
		t.Run(file, func(t *testing.T) {
			h := newHousehold(t, []byte("#!/bin/sh\nexit 0\n"))
			out, err := h.install()
			require.NoError(t, err, out)
			h.write("victim", "precious")
			require.NoError(t, os.Symlink("../../../victim", filepath.Join(h.home, ".local/lib/natsuin", file+".new")))
			before := h.list()
			out, err = h.install()
			require.Error(t, err, out)
			require.Contains(t, out, "~/.local/lib/natsuin/"+file+".new")
			require.Equal(t, before, h.list())
		})
	}
}

// An installation that was killed is done again, or removed.
func TestInstallScriptKilled(t *testing.T) {
	for name, at := range map[string]string{
		"mkdir": `[ "$1" != .local/lib/natsuin ]`,
		"mv":    `[ "$3" != .local/lib/natsuin/made ]`,
		"cp":    `[ "$2" != .local/lib/natsuin/LICENSE.new ]`,
	} {
		for _, again := range []bool{true, false} {
			t.Run(fmt.Sprint(name, " again: ", again), func(t *testing.T) {
				h := newHousehold(t, []byte("#!/bin/sh\nexit 0\n"))
				h.write(".local/bin/x", "x")
				h.write(".local/lib/x", "x")
				before := h.list()
				killer := filepath.Join(h.browsers, name)
				script := "#!/bin/sh\n" + at + " || { [ " + name + " != mkdir ] || /bin/mkdir \"$@\"; kill -9 $PPID; exit; }\nexec /bin/" + name + " \"$@\"\n"
				require.NoError(t, os.WriteFile(killer, []byte(script), 0o755))
				out, err := h.install()
				require.Error(t, err, out)
				require.NotEqual(t, before, h.list(), "it left something")
				require.NoError(t, os.Remove(killer))
				if again {
					out, err = h.install()
					require.NoError(t, err, out)
				}
				out, err = h.install("--uninstall")
				require.NoError(t, err, out)
				require.Equal(t, before, h.list())
			})
		}
	}
}

// TestInstallScriptKeepsWhatCannotBeUnregistered holds that a browser is not led to a program that is gone.
func TestInstallScriptKeepsWhatCannotBeUnregistered(t *testing.T) {
	h := newHousehold(t, []byte("#!/bin/sh\n[ \"$1\" != uninstall ] || { echo some of it; exit 1; }\n"))
	out, err := h.install()
	require.NoError(t, err, out)
	before := h.list()
	out, err = h.install("--uninstall")
	require.Error(t, err, out)
	require.Contains(t, out, "some of it\n")
	require.Equal(t, before, h.list())
}

// TestInstallScriptKeepsWhatNoRecordKnows holds the same where the record is elsewhere: with it, everything goes.
func TestInstallScriptKeepsWhatNoRecordKnows(t *testing.T) {
	program, err := hostOnce()
	require.NoError(t, err)
	for _, name := range []string{"見本 太郎", `見本 "太郎" \ <&>`} {
		t.Run(name, func(t *testing.T) {
			h := newHousehold(t, program)
			h.home = filepath.Join(filepath.Dir(h.home), name)
			require.NoError(t, os.MkdirAll(h.home, 0o755))
			h.own()
			before := h.list()
			elsewhere := "XDG_STATE_HOME=" + filepath.Join(h.home, "state")
			script := func(args ...string) *exec.Cmd {
				return h.command("sh", append([]string{filepath.Join(h.unpacked, "install.sh")}, args...)...)
			}
			install, remove := script(), script("--uninstall")
			install.Env, remove.Env = append(install.Env, elsewhere), append(remove.Env, elsewhere)
			out, err := install.CombinedOutput()
			require.NoError(t, err, string(out))
			installed := h.list()
			told, err := h.install("--uninstall")
			require.Error(t, err, told)
			require.Equal(t, 1, strings.Count(told, "Firefox: Natsuinの登録がありますが"), told)
			require.Contains(t, told, "プログラムも残しました")
			require.Equal(t, installed, h.list())
			out, err = remove.CombinedOutput()
			require.NoError(t, err, string(out))
			require.Equal(t, before, h.list())
		})
	}
}

// TestInstallScriptBesideAnotherCopy holds that only a registration which leads to the program keeps it, and is named.
func TestInstallScriptBesideAnotherCopy(t *testing.T) {
	program, err := hostOnce()
	require.NoError(t, err)
	h := newHousehold(t, program)
	h.write(".config/x", "x") // of a folder that both need, the first to go does not say who made it
	before := h.list()
	other := filepath.Join(h.unpacked, "natsuin")
	elsewhere := func(args ...string) {
		cmd := h.command(other, append(args, "--user", "--browser", "edge")...)
		cmd.Env = append(cmd.Env, "XDG_STATE_HOME="+filepath.Join(h.home, "state"))
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
	}
	out, err := h.install()
	require.NoError(t, err, out)

	elsewhere("install", "--program", filepath.Join(h.home, ".local/lib/natsuin/natsuin"))
	out, err = h.install("--uninstall")
	require.Error(t, err, out)
	require.Contains(t, out, "Microsoft Edge: Natsuinの登録がありますが")
	require.Contains(t, out, "プログラムも残しました")

	elsewhere("install")
	removal, err := h.command("sh", filepath.Join(h.home, ".local/lib/natsuin/install.sh"), "--uninstall").CombinedOutput()
	require.NoError(t, err, string(removal))
	elsewhere("uninstall")
	require.Equal(t, before, h.list())
}

// TestInstallScriptAtOnce holds that several installations at the same time end as one does.
func TestInstallScriptAtOnce(t *testing.T) {
	h := newHousehold(t, []byte("#!/bin/sh\nexit 0\n"))
	before := h.list()
	var both sync.WaitGroup
	var failures [4]error
	for n := range failures {
		both.Go(func() { _, failures[n] = h.install() })
	}
	both.Wait()
	require.NoError(t, errors.Join(failures[:]...))
	out, err := h.install("--uninstall")
	require.NoError(t, err, out)
	require.Equal(t, before, h.list())
}

func TestInstallScriptIsForPeople(t *testing.T) {
	h := newHousehold(t, []byte("#!/bin/sh\nexit 0\n"))
	require.NoError(t, os.WriteFile(filepath.Join(h.browsers, "id"), []byte("#!/bin/sh\necho 0\n"), 0o755))
	before := h.list()
	out, err := h.install()
	require.Error(t, err)
	require.Contains(t, out, "deb")
	require.Equal(t, before, h.list())
}
