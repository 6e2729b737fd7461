package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// lacking sets PATH to a folder with these programs alone, each of which says that it failed.
func lacking(t *testing.T, programs ...string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for _, name := range programs {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\nexit 1\n"), 0o755))
	}
	t.Setenv("PATH", folder)
	return folder
}

// TestPrepared holds that a run names everything that is missing, and how to have it, before it builds or removes anything.
func TestPrepared(t *testing.T) {
	folder := lacking(t, "git", "node", "gcc", "pkg-config")
	err := prepared(steps)
	require.ErrorContains(t, err, "nothing was built")
	require.ErrorContains(t, err, "libpcsclite (pkg-config does not know it), msibuild, msiinfo, wixl\n")
	require.ErrorContains(t, err, "scripts/deps build dist")

	require.NoError(t, os.WriteFile(filepath.Join(folder, "pkg-config"), []byte("#!/bin/sh\n"), 0o755))
	some, err := choose("extension,policies,archives")
	require.NoError(t, err)
	require.NoError(t, prepared(some))
	require.NoError(t, os.Remove(filepath.Join(folder, "node")))
	require.ErrorContains(t, prepared(some), "is missing: node\n")
}

// TestStepsStopAtOnce holds that a run for which something is missing leaves what an earlier one made.
func TestStepsStopAtOnce(t *testing.T) {
	d := &dist{out: filepath.Join(t.TempDir(), "dist")}
	require.NoError(t, d.clear())
	require.NoError(t, d.publish("earlier", nil))
	require.ErrorContains(t, d.make([]step{{name: "x", needs: []string{"no-such-program"}}}), "no-such-program")
	names, err := d.made()
	require.NoError(t, err)
	require.Equal(t, []string{"earlier"}, names)
}

// TestMakeNamesTheLibrary holds that `make build` says which library is missing, and what brings it, before the compiler does.
func TestMakeNamesTheLibrary(t *testing.T) {
	search := os.Getenv("PATH")
	folder := lacking(t, "pkg-config")
	require.NoError(t, os.WriteFile(filepath.Join(folder, "go"), []byte("#!/bin/sh\necho compiled\n"), 0o755))
	t.Setenv("PATH", folder+":"+search)
	cmd := exec.CommandContext(t.Context(), "make", "-C", "../..", "build/natsuin")
	out, err := cmd.CombinedOutput()
	require.Error(t, err, string(out))
	require.Contains(t, string(out), "libpcsclite-dev")
	require.Contains(t, string(out), "scripts/deps build")
	require.NotContains(t, string(out), "compiled")
}
