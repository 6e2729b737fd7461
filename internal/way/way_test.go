//go:build !windows

package way_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/way"
)

// What is passed is what the system passes, below a root as on the machine itself.
func TestWalk(t *testing.T) {
	links := map[string]string{
		"/a/program": "/b/middle", "/b/middle": "../c/program", "/a/folder": "/c", "/a/round": "round", "/a/here": ".", "/a/top": "/",
		"/a/nowhere": "/gone/x", "/a/twice": "nowhere", "/a/beside": "/c/gone",
	}
	for file, c := range map[string]struct {
		passed []string
		end    string
		fails  error
		link   string // that dangles
	}{
		"/c/program":         {passed: []string{"/", "/c", "/c/program"}, end: "/c/program"},
		"/c/./x/..//program": {fails: fs.ErrNotExist},
		"/c/../c/program":    {passed: []string{"/", "/c", "/", "/c", "/c/program"}, end: "/c/program"},
		"/a/program":         {passed: []string{"/", "/a", "/a/program", "/b", "/b/middle", "/", "/c", "/c/program"}, end: "/c/program"},
		"/a/folder/program":  {passed: []string{"/", "/a", "/a/folder", "/c", "/c/program"}, end: "/c/program"},
		"/a/here":            {passed: []string{"/", "/a", "/a/here"}, end: "/a"},
		"/a/top":             {passed: []string{"/", "/a", "/a/top"}, end: "/"},
		"/":                  {passed: []string{"/"}, end: "/"},
		"/gone":              {fails: fs.ErrNotExist},
		"/a/folder/gone":     {fails: fs.ErrNotExist},
		"/c/program/x":       {fails: syscall.ENOTDIR},
		"/a/round":           {fails: syscall.ELOOP},
		"/a/nowhere":         {fails: fs.ErrNotExist, link: "/a/nowhere"},
		"/a/nowhere/x":       {fails: fs.ErrNotExist, link: "/a/nowhere"},
		"/a/twice":           {fails: fs.ErrNotExist, link: "/a/nowhere"},
		"/a/beside":          {fails: fs.ErrNotExist, link: "/a/beside"},
	} {
		t.Run(file, func(t *testing.T) {
			root := t.TempDir()
			for _, folder := range []string{"/a", "/b", "/c"} {
				require.NoError(t, os.Mkdir(root+folder, 0o755))
			}
			require.NoError(t, os.WriteFile(root+"/c/program", nil, 0o755))
			for link, target := range links {
				require.NoError(t, os.Symlink(target, root+link))
			}
			var passed []string
			end, err := way.Walk(root, file, func(at string, info fs.FileInfo) error {
				passed = append(passed, at)
				require.Equal(t, links[at] != "", info.Mode()&fs.ModeSymlink != 0, at)
				return nil
			})
			if c.fails == nil {
				require.NoError(t, err)
				require.Equal(t, c.passed, passed)
				require.Equal(t, c.end, end)
				return
			}
			require.ErrorIs(t, err, c.fails)
			var dangling *way.Dangling
			require.Equal(t, c.link != "", errors.As(err, &dangling))
			if c.link != "" {
				require.Equal(t, c.link, dangling.Link)
			}
		})
	}
}

// Where there is no root the end is the system's own, and what the visitor refuses ends the way.
func TestWalkOnTheMachine(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.Symlink("/bin/sh", filepath.Join(folder, "link")))
	want, err := filepath.EvalSymlinks("/bin/sh")
	require.NoError(t, err)
	end, err := way.Walk("", filepath.Join(folder, "link"), func(string, fs.FileInfo) error { return nil })
	require.NoError(t, err)
	require.Equal(t, want, end)

	refused := errors.New("refused")
	_, err = way.Walk("", "/bin/sh", func(at string, _ fs.FileInfo) error {
		if at == "/" {
			return nil
		}
		return refused
	})
	require.ErrorIs(t, err, refused)
}
