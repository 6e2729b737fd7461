//go:build unix

package doctor_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// pipe makes a named pipe to which nobody writes.
func (m *machine) pipe(path string) {
	m.t.Helper()
	m.folder(filepath.Dir(path))
	require.NoError(m.t, unix.Mkfifo(filepath.Join(m.Root, path), 0o755))
}

// Whatever a named pipe stands for, nobody waits for it.
func TestNamedPipes(t *testing.T) {
	m := newMachine(t)
	m.pipe("/usr/bin/chromium")
	m.pipe("/usr/bin/vivaldi")
	m.pipe("/etc/os-release")
	require.Equal(t, []string{"failure no-browser"}, m.found("browsers"))
	require.Empty(t, m.found("browser"))
	m.program("/bin/chromium", "")
	require.Equal(t, []string{"ok"}, m.found("browser"), "the next one is found")

	m = registered(t)
	m.remove(chromiumManifest)
	m.pipe(chromiumManifest)
	require.Equal(t, []string{"failure unreadable"}, m.found("manifest"))

	m = registered(t)
	require.NoError(t, os.Remove(filepath.Join(m.Root, m.Program)))
	m.pipe(m.Program)
	require.Equal(t, []string{"failure not-executable"}, m.found("manifest"))
}
