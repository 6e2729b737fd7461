package main

import (
	"os"
	"path/filepath"
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
