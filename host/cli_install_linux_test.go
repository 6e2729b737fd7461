package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
)

// A link in the way is told of once, with what helps against it, and the same helps uninstall.
func TestLinkInTheWay(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	home, disk, root := newHome(t), t.TempDir(), t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(home, ".config"), 0o700))
	s.tells(0, []string{"install", "--browser", "chromium", "--browser", "edge"}, "Chromium: registered (")
	require.NoError(t, os.Rename(filepath.Join(home, ".config"), filepath.Join(disk, "config")))
	require.NoError(t, os.Symlink(filepath.Join(disk, "config"), filepath.Join(home, ".config")))
	for lang, says := range map[string]string{"ja": "XDG_CONFIG_HOMEなどにリンク先を設定して", "en": "set XDG_CONFIG_HOME or the like to where it leads"} {
		for _, command := range []string{"install", "uninstall"} {
			require.Equal(t, 1, s.run("", command, "--browser", "chromium", "--browser", "edge", "--lang", lang))
			require.Contains(t, s.stderr.String(), says)
			require.Equal(t, 1, strings.Count(s.stderr.String(), home+"/.config"))
		}
	}
	s.env = map[string]string{"XDG_CONFIG_HOME": filepath.Join(disk, "config")}
	s.tells(0, []string{"install", "--browser", "edge"}, "Microsoft Edge: registered already (")
	s.tells(0, []string{"uninstall"}, "Chromium: registration removed (", "Microsoft Edge: registration removed (")
	require.Equal(t, []string{"", "/config"}, listed(t, disk))

	require.NoError(t, os.MkdirAll(filepath.Join(root, "etc"), 0o755))
	require.NoError(t, os.Symlink("/opt/srv", filepath.Join(root, "etc/chromium")))
	for lang, says := range map[string]string{"ja": "相対パスのリンクに置きかえて", "en": "put a relative one in its place"} {
		require.Equal(t, 1, s.run("", "install", "--root", root, "--program", "/usr/bin/natsuin", "--browser", "chromium", "--lang", lang))
		require.Contains(t, s.stderr.String(), says)
		require.NotContains(t, s.stderr.String(), "XDG")
	}
}
