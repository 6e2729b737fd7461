//go:build unix

package rules

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// A pipe that nobody writes to holds up nobody.
func TestLoadDesksFromAPipe(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, unix.Mkfifo(fifo, 0o600))
	_, err := LoadDesks(fifo)
	require.ErrorContains(t, err, "not a regular file")
}
