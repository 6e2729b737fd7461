//go:build install

// Package install tests what installs Natsuin from the outside: the built program, and packages.
package install

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/manifests"
)

// This one runs on Linux, macOS and Windows. On Windows the registry is that of whoever runs it, and is left as it was.
func TestRegistersForOnePerson(t *testing.T) {
	place := filepath.Join(t.TempDir(), "見本 太郎", "My Programs")
	home := filepath.Join(t.TempDir(), "見本 太郎")
	require.NoError(t, os.MkdirAll(place, 0o755))
	require.NoError(t, os.MkdirAll(home, 0o755))
	p := person{home: home, program: filepath.Join(place, "natsuin"+suffix())}
	p.run(t, "go", "build", "-o", p.program, "../../host")

	for range 2 { // the second time changes nothing
		p.run(t, p.program, "install", "--user", "--browser", "chrome", "--browser", "firefox")
		require.Equal(t, []string{p.program}, p.registered(t, "chrome"))
		require.Equal(t, []string{p.program}, p.registered(t, "firefox"))
	}
	for _, family := range []manifests.Family{manifests.Chromium, manifests.Firefox} {
		greets(t, p.command(t, p.program, startedWith(family, filepath.Join(home, "io.github.natsuin.json"))...))
	}

	p.run(t, p.program, "uninstall", "--user")
	require.Empty(t, p.registered(t, "chrome"))
	require.Empty(t, p.registered(t, "firefox"))
	require.Empty(t, files(t, home))
}

// suffix ends the name of a program.
func suffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// A person has a home and a program.
type person struct{ home, program string }

// command is a program that this person runs; Go itself keeps the home of whoever tests, for its caches.
func (p person) command(t *testing.T, name string, args ...string) *exec.Cmd {
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(stop)
	cmd := exec.CommandContext(ctx, name, args...)
	if name == p.program {
		cmd.Env = append(os.Environ(), "HOME="+p.home, "USERPROFILE="+p.home, "LOCALAPPDATA="+filepath.Join(p.home, "AppData", "Local"),
			"XDG_CONFIG_HOME=", "XDG_STATE_HOME=", "XDG_DATA_HOME=", "LC_ALL=C.UTF-8")
	}
	return cmd
}

// run runs a program to a good end and returns what it printed.
func (p person) run(t *testing.T, name string, args ...string) string {
	cmd := p.command(t, name, args...)
	var messages strings.Builder
	cmd.Stderr = &messages
	out, err := cmd.Output()
	require.NoError(t, err, "%s\n%s%s", cmd, out, messages.String())
	return string(out)
}

// registered are the programs that a browser finds as this person's host.
func (p person) registered(t *testing.T, browser string) (programs []string) {
	type registration struct{ Scope, State, Program string }
	var list struct {
		Browsers []struct {
			Name          string
			Registrations []registration
		}
	}
	require.NoError(t, json.Unmarshal([]byte(p.run(t, p.program, "list", "--json")), &list))
	for _, b := range list.Browsers {
		for _, r := range b.Registrations {
			if b.Name == browser && r.Scope == "user" && r.State == "registered" {
				programs = append(programs, r.Program)
			}
		}
	}
	return programs
}

// greets starts a host as a browser does, and reads its greeting: a length of four bytes, in this machine's order, and JSON.
func greets(t *testing.T, host *exec.Cmd) {
	host.Stdin = strings.NewReader("")
	out, err := host.Output()
	require.NoError(t, err)
	require.Greater(t, len(out), 4)
	require.Equal(t, len(out)-4, int(binary.NativeEndian.Uint32(out)))
	var greeting struct{ Type, Version string }
	require.NoError(t, json.Unmarshal(out[4:], &greeting))
	require.Equal(t, "hello", greeting.Type)
	require.NotEmpty(t, greeting.Version)
}

// files are all files and folders below a folder.
func files(t *testing.T, folder string) (found []string) {
	require.NoError(t, filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if path != folder {
			found = append(found, path)
		}
		return err
	}))
	return found
}

// startedWith are the arguments that a browser of that family starts a host with, on this system.
func startedWith(family manifests.Family, manifest string) []string {
	id := manifests.Ours(family)[0]
	switch {
	case family == manifests.Firefox:
		return []string{manifest, id}
	case runtime.GOOS == "windows":
		return []string{id, "--parent-window=0"}
	}
	return []string{id}
}
