package settings

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A link on the way to a program is a place to warn of. Settings behind one cannot be read.
func TestLinks(t *testing.T) {
	folder := t.TempDir()
	link, target := filepath.Join(folder, "link"), filepath.Join(folder, "target")
	require.NoError(t, os.Mkdir(target, 0o755))
	said, err := exec.Command("cmd", "/c", "mklink", "/J", link, target).CombinedOutput() // a symbolic link takes a right of its own
	require.NoError(t, err, string(said))
	place, err := Loose("", link)
	require.NoError(t, err)
	require.Equal(t, link, place)
	_, err = machine{}.guard(link, open)
	require.ErrorIs(t, err, errLink)
}
