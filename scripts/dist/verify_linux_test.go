package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTellUncommitted holds that who verifies learns what was not verified.
func TestTellUncommitted(t *testing.T) {
	d := &dist{repository: t.TempDir()}
	for _, args := range [][]string{{"init", "--quiet"}, {"-c", "user.name=x", "-c", "user.email=x@example.jp", "commit", "--quiet", "--allow-empty", "-m", "x"}} {
		require.NoError(t, d.run(d.repository, nil, "git", args...))
	}
	var said strings.Builder
	require.NoError(t, d.tellUncommitted(&said))
	require.Empty(t, said.String())
	require.NoError(t, os.WriteFile(filepath.Join(d.repository, "新しい.txt"), nil, 0o644))
	require.NoError(t, d.tellUncommitted(&said))
	require.Equal(t, "dist: the last commit is built. These changes are not in it:\n?? 新しい.txt\n", said.String())
}

// TestSame holds what scripts/release/same says of two folders, and to whoever names none.
func TestSame(t *testing.T) {
	same := func(args ...string) (code int, said string) {
		cmd := exec.CommandContext(t.Context(), "../release/same", args...)
		out, _ := cmd.CombinedOutput()
		return cmd.ProcessState.ExitCode(), string(out)
	}
	first, second := t.TempDir(), t.TempDir()
	for _, folder := range []string{first, second} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, "signed"), []byte(folder), 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(folder, "same"), nil, 0o644))
	}
	code, said := same(first, second, "sign*")
	require.Zero(t, code, said)
	code, said = same(first, second)
	require.Equal(t, 1, code, said)
	for _, args := range [][]string{nil, {first}, {first, filepath.Join(second, "same")}} {
		code, said = same(args...)
		require.Equal(t, 2, code, said)
		require.Equal(t, "Usage: scripts/release/same DIR DIR [PATTERN]...\n", said)
	}
}
