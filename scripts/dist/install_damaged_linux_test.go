package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is installed and does not start any more is removed all the same, by the program beside the script that does.
func TestInstallScriptRemovesWhatDoesNotStart(t *testing.T) {
	program, err := hostOnce()
	require.NoError(t, err)
	for name, damage := range map[string]func(path string) error{
		"damaged":              func(path string) error { return os.Truncate(path, 4096) },
		"of another machine":   func(path string) error { return patch(path, 18, 0xb7) }, // ELF's e_machine: AArch64
		"gone":                 os.Remove,
		"not to be executed":   func(path string) error { return os.Chmod(path, 0o644) },
		"another, which fails": func(path string) error { return os.WriteFile(path, []byte("#!/bin/sh\nexit 127\n"), 0o755) },
		"a link leads nowhere": func(path string) error { return errors.Join(os.Remove(path), os.Symlink("nowhere", path)) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHousehold(t, program)
			before := h.list()
			out, err := h.install()
			require.NoError(t, err, out)
			require.NoError(t, damage(filepath.Join(h.home, ".local/lib/natsuin/natsuin")))
			damaged := h.list()

			alone, err := h.command("sh", filepath.Join(h.home, ".local/lib/natsuin/install.sh"), "--uninstall").CombinedOutput()
			require.Error(t, err, string(alone))
			require.Contains(t, string(alone), "~/.local/lib/natsuin/natsuin が起動しない")
			require.Contains(t, string(alone), "もう一度展開し")
			require.Equal(t, damaged, h.list())

			out, err = h.install("--uninstall")
			require.NoError(t, err, out)
			require.Contains(t, out, "展開した配布ファイルのnatsuinで登録を取り除きます")
			require.Equal(t, before, h.list())
		})
	}
}

// What people removed themselves leaves a registration, which goes all the same, or keeps what is left of the program.
func TestInstallScriptRemovesTheRegistrationOfWhatIsGone(t *testing.T) {
	program, err := hostOnce()
	require.NoError(t, err)
	for name, gone := range map[string][]string{
		"program and command": {".local/lib/natsuin/natsuin", ".local/bin/natsuin"},
		"its folder":          {".local/lib/natsuin"},
		"all of it":           {".local/lib", ".local/bin"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHousehold(t, program)
			for _, folder := range []string{".local/bin", ".local/lib"} { // which were made for it was in the folder
				h.write(folder+"/x", "x")
			}
			out, err := h.install()
			require.NoError(t, err, out)
			for _, path := range gone {
				require.NoError(t, os.RemoveAll(filepath.Join(h.home, path)))
			}
			left := h.list()
			script := filepath.Join(h.home, ".local/lib/natsuin/install.sh")
			if _, err := os.Stat(script); err == nil {
				alone, err := h.command("sh", script, "--uninstall").CombinedOutput()
				require.Error(t, err, string(alone))
				require.Contains(t, string(alone), "もう一度展開し")
				require.Equal(t, left, h.list())
			}
			out, err = h.install("--uninstall")
			require.NoError(t, err, out)
			require.Contains(t, out, "登録を取り消しました")
			require.Contains(t, out, "取り除きました。")
			for _, line := range h.list() {
				require.NotContains(t, line, "natsuin")
			}
			out, err = h.install("--uninstall")
			require.NoError(t, err, out)
			require.Equal(t, "インストールされていません。\n", out)
		})
	}
}

// patch writes one byte into a file.
func patch(path string, at int64, b byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte{b}, at)
	return errors.Join(err, f.Close())
}

// A folder in a file's place is named, and nothing of the rest is removed or replaced.
func TestInstallScriptMeetsAFolder(t *testing.T) {
	for _, place := range []string{"natsuin", "LICENSE", "README.txt.new", "made", "../../bin/natsuin"} {
		t.Run(place, func(t *testing.T) {
			h := newHousehold(t, []byte("#!/bin/sh\nexit 0\n"))
			out, err := h.install()
			require.NoError(t, err, out)
			path := filepath.Join(h.home, ".local/lib/natsuin", place)
			require.NoError(t, os.RemoveAll(path))
			require.NoError(t, os.Mkdir(path, 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(path, "notes"), nil, 0o644))
			h.own()
			named := "~/" + filepath.Join(".local/lib/natsuin", place) + " はフォルダーです"
			before := h.list()
			out, err = h.install()
			require.Error(t, err, out)
			require.Contains(t, out, named)
			require.Equal(t, before, h.list())

			out, err = h.install("--uninstall")
			if place == "../../bin/natsuin" { // that is somebody else's command, and keeps nobody from removing ours
				require.NoError(t, err, out)
				require.FileExists(t, filepath.Join(path, "notes"))
				return
			}
			require.Error(t, err, out)
			require.Contains(t, out, named)
			require.Equal(t, before, h.list())
		})
	}
}

// Nobody is blamed for a lock that cannot be had.
func TestInstallScriptWithoutLock(t *testing.T) {
	for code, says := range map[string]string{"127": "flockコマンド(util-linux)", "1": "ほかのインストールが終わりません"} {
		h := newHousehold(t, []byte("#!/bin/sh\nexit 0\n"))
		require.NoError(t, os.WriteFile(filepath.Join(h.browsers, "flock"), []byte("#!/bin/sh\nexit "+code+"\n"), 0o755))
		before := h.list()
		for _, args := range [][]string{nil, {"--uninstall"}} {
			out, err := h.install(args...)
			require.Error(t, err, out)
			require.Contains(t, out, says)
			require.Equal(t, before, h.list())
		}
	}
}
