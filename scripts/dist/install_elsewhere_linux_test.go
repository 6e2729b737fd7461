package main

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// A program of another kind of machine is told from one that lacks a library.
func TestInstallScriptOnAnotherMachine(t *testing.T) {
	program, err := hostOnce()
	require.NoError(t, err)
	h := newHousehold(t, program)
	before := h.list()
	unpacked := filepath.Join(h.unpacked, "natsuin")
	require.NoError(t, patch(unpacked, 18, 0xb7)) // ELF's e_machine: AArch64
	for lang, says := range map[string]string{"ja_JP.UTF-8": "このnatsuinはaarch64用で、x86_64のこのパソコンでは起動しません", "C": "for aarch64 and does not start on this machine, which is x86_64"} {
		cmd := h.command("sh", filepath.Join(h.unpacked, "install.sh"))
		cmd.Env = append(cmd.Env, "LANG="+lang)
		out, err := cmd.CombinedOutput()
		require.Error(t, err, string(out))
		require.Contains(t, string(out), says)
		require.NotContains(t, string(out), "pcscd")
		require.Equal(t, before, h.list())
	}

	require.NoError(t, os.WriteFile(unpacked, program, 0o755))
	out, err := h.install()
	require.NoError(t, err, out)
	require.NoError(t, os.Truncate(filepath.Join(h.home, ".local/lib/natsuin/natsuin"), 4096))
	require.NoError(t, patch(unpacked, 18, 0xb7))
	before = h.list()
	out, err = h.install("--uninstall")
	require.Error(t, err, out)
	require.Contains(t, out, "このnatsuinはaarch64用で")
	require.Equal(t, before, h.list())
}

// A program that may not be executed, in the folder where it was unpacked or in the home, is told from one that lacks a
// library, and nothing is left.
func TestInstallScriptWhereNothingMayRun(t *testing.T) {
	program, err := hostOnce()
	require.NoError(t, err)
	in := func(h household, lang, script string, args ...string) string {
		cmd := h.command("sh", append([]string{"-c", script, "sh", filepath.Join(h.unpacked, "install.sh")}, args...)...)
		cmd.Env = append(cmd.Env, "LANG="+lang)
		if len(args) > 0 { // what only root may do
			cmd.SysProcAttr = nil
		}
		before := h.list()
		out, err := cmd.CombinedOutput()
		require.Error(t, err, string(out))
		require.NotContains(t, string(out), "pcscd")
		require.Equal(t, before, h.list())
		return string(out)
	}
	const installs = `exec sh "$1"`
	const withoutRunning = `exec unshare --mount --propagation private sh -c '
		mount --bind "$2" "$2" && mount -o remount,bind,noexec "$2" && exec setpriv --reuid "$3" --regid "$3" --clear-groups sh "$1"' sh "$@"`

	h := newHousehold(t, program)
	unpacked := filepath.Join(h.unpacked, "natsuin")
	require.NoError(t, os.Chmod(unpacked, 0o644))
	require.Contains(t, in(h, "ja_JP.UTF-8", installs), unpacked+" を実行できません。")
	require.Contains(t, in(h, "C", installs), unpacked+" cannot be executed: ")
	require.NoError(t, os.Chmod(unpacked, 0o755))
	t.Run("mounted so", func(t *testing.T) {
		if os.Getuid() != 0 {
			t.Skip("root is missing: nothing can be mounted")
		}
		user := strconv.Itoa(nobody)
		require.Contains(t, in(h, "ja_JP.UTF-8", withoutRunning, h.unpacked, user), "別の場所に展開しなおしてください")
		require.Contains(t, in(h, "C", withoutRunning, h.unpacked, user), "Unpack the archive again, elsewhere")
		require.Contains(t, in(h, "ja_JP.UTF-8", withoutRunning, h.home, user), "~/.local/lib/natsuin/natsuin を実行できません。")
		require.Contains(t, in(h, "C", withoutRunning, h.home, user), "the deb or rpm package puts it elsewhere.")
	})
}

// Where a folder became a link, the removal waits until somebody names where it leads.
func TestInstallScriptWithAFolderThatBecameALink(t *testing.T) {
	program, err := hostOnce()
	require.NoError(t, err)
	h := newHousehold(t, program)
	require.NoError(t, os.Rename(filepath.Join(h.browsers, "firefox"), filepath.Join(h.browsers, "chromium")))
	require.NoError(t, os.Mkdir(filepath.Join(h.home, ".config"), 0o755))
	h.own()
	out, err := h.install()
	require.NoError(t, err, out)
	disk := filepath.Join(filepath.Dir(h.home), "disk")
	require.NoError(t, os.Rename(filepath.Join(h.home, ".config"), disk))
	require.NoError(t, os.Symlink(disk, filepath.Join(h.home, ".config")))
	for range 2 {
		out, err = h.install("--uninstall")
		require.Error(t, err, out)
		require.Contains(t, out, "XDG_CONFIG_HOMEなどにリンク先を設定して")
		require.FileExists(t, filepath.Join(h.home, ".local/lib/natsuin/natsuin"))
	}
	cmd := h.command("sh", filepath.Join(h.unpacked, "install.sh"), "--uninstall")
	cmd.Env = append(cmd.Env, "XDG_CONFIG_HOME="+disk)
	removal, err := cmd.CombinedOutput()
	require.NoError(t, err, string(removal))
	for _, folder := range []string{disk, h.home} {
		left, err := os.ReadDir(folder)
		require.NoError(t, err)
		if folder == h.home {
			require.Len(t, left, 1, ".config, which is the person's")
		} else {
			require.Empty(t, left)
		}
	}
}

// Where a natsuin from elsewhere registered itself first, and made folders for it, they go with the last of both; a person's
// own folder stays, an empty one, too.
func TestInstallScriptAfterARegistration(t *testing.T) {
	program, err := hostOnce()
	require.NoError(t, err)
	for name, prepare := range map[string]func(h household){
		"empty home":  func(household) {},
		"own folder":  func(h household) { require.NoError(h, os.Mkdir(filepath.Join(h.home, ".local"), 0o755)) },
		"own folders": func(h household) { require.NoError(h, os.MkdirAll(filepath.Join(h.home, ".local/state"), 0o755)) },
		"other state": func(h household) { h.write(".local/state/x", "x") },
	} {
		for _, state := range []string{"", "/.local/state", "/state"} {
			t.Run(name+", state in "+state, func(t *testing.T) {
				h := newHousehold(t, program)
				prepare(h)
				h.own()
				before := h.list()
				run := func(name string, args ...string) {
					cmd := h.command(name, args...)
					if state != "" {
						cmd.Env = append(cmd.Env, "XDG_STATE_HOME="+h.home+state)
					}
					out, err := cmd.CombinedOutput()
					require.NoError(t, err, string(out))
				}
				run(filepath.Join(h.unpacked, "natsuin"), "install", "--user")
				run("sh", filepath.Join(h.unpacked, "install.sh"))
				run("sh", filepath.Join(h.home, ".local/lib/natsuin/install.sh"), "--uninstall")
				require.Equal(t, before, h.list())
			})
		}
	}
}
