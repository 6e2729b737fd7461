package installer_test

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/installer"
)

// A real disk that is full, and one that is read-only, where this user may make one; TestFullDisk and TestReadOnlyFolder
// are for everybody.
func TestRealDisks(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	home := r.Disk(r.Home)
	if err := syscall.Mount("tmpfs", home, "tmpfs", 0, "size=64k"); err != nil {
		require.ErrorIs(t, err, syscall.EPERM)
		return
	}
	defer func() { require.NoError(t, syscall.Unmount(home, 0)) }()
	r.file(r.Program, "the host")
	before := r.state()
	r.install("firefox")
	r.uninstall()
	require.Equal(t, before, r.state())

	r.install("firefox")
	fill, err := os.Create(filepath.Join(home, "fill"))
	require.NoError(t, err)
	for err == nil {
		_, err = fill.Write(bytes.Repeat([]byte("x"), 4096))
	}
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.NoError(t, fill.Close())
	before = r.state()
	_, err = installer.Install(r.With("firefox", "chromium", "edge"))
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.Equal(t, before, r.state(), "a full disk leaves everything as it was")
	require.Equal(t, []string{"firefox removed"}, outcomes(r.uninstall()), "and does not keep anybody from removing")

	r.remove(r.Home + "/fill")
	r.install("firefox")
	before = r.state()
	require.NoError(t, syscall.Mount("tmpfs", home, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	for _, do := range []func(installer.Target) (installer.Report, error){installer.Install, installer.Uninstall} {
		_, err = do(r.With("firefox", "chromium"))
		require.ErrorIs(t, err, syscall.EROFS)
		require.Equal(t, before, r.state())
	}
}
