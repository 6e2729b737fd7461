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

// mountDisk puts a real disk of 64 KiB in the place of a folder, where this user may.
func mountDisk(t *testing.T, folder string) {
	t.Helper()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=64k"); err != nil {
		require.ErrorIs(t, err, syscall.EPERM)
		t.Skip("this user may not mount a disk: ", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(folder, 0)) })
}

// Into one of the folders nothing can be written, not even by root.
func TestReadOnlyDisk(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	r.folder(r.Home + "/.config/chromium")
	folder := r.Disk(r.Home + "/.config/chromium")
	mountDisk(t, folder)
	require.NoError(t, syscall.Mount("tmpfs", folder, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	before := r.state()
	_, err := installer.Install(r.With("firefox", "chromium"))
	require.ErrorIs(t, err, syscall.EROFS)
	require.Equal(t, before, r.state())
}

// A real disk that is full, and one that is read-only, where this user may make one; TestFullDisk and TestReadOnlyFolder
// are for those who may not.
func TestRealDisks(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	home := r.Disk(r.Home)
	mountDisk(t, home)
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
