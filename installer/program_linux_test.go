package installer_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/natsuin/natsuin/installer"
)

// Where a program is everybody's, everybody can reach and start it.
func TestEverybodysProgram(t *testing.T) {
	for name, c := range map[string]struct {
		at   string // what lacks rights; "" is nothing
		mode os.FileMode
	}{
		"as it should be":   {"", 0},
		"the file":          {"/opt/natsuin/natsuin", 0o700},
		"its folder":        {"/opt/natsuin", 0o750},
		"a folder above it": {"/opt", 0o700},
	} {
		t.Run(name, func(t *testing.T) {
			m := installer.Machine{OS: "linux", Root: t.TempDir()}
			require.NoError(t, os.MkdirAll(m.Disk("/opt/natsuin"), 0o755))
			const program = "/opt/natsuin/natsuin"
			require.NoError(t, os.WriteFile(m.Disk(program), nil, 0o755))
			if c.at == "" {
				require.NoError(t, m.CheckProgram(program, installer.System))
				return
			}
			require.NoError(t, os.Chmod(m.Disk(c.at), c.mode))
			var unfit *installer.NotExecutable
			require.ErrorAs(t, m.CheckProgram(program, installer.System), &unfit)
			require.Equal(t, c.at, unfit.Path)
			require.NoError(t, m.CheckProgram(program, installer.User), "its owner can")
		})
	}
}

// Everybody can also pass every link on the way, which lies in a folder of its own.
func TestEverybodysProgramBehindLinks(t *testing.T) {
	for name, closed := range map[string]string{"all open": "", "the first link": "/first", "a link in the middle": "/middle", "the program": "/last"} {
		t.Run(name, func(t *testing.T) {
			disk := t.TempDir()
			require.NoError(t, os.Chmod(filepath.Dir(disk), 0o755))
			for _, folder := range []string{"/first", "/middle", "/last"} {
				require.NoError(t, os.Mkdir(disk+folder, 0o755))
			}
			require.NoError(t, os.WriteFile(disk+"/last/natsuin", nil, 0o755))
			require.NoError(t, os.Symlink(disk+"/last/natsuin", disk+"/middle/natsuin"))
			require.NoError(t, os.Symlink("../middle/natsuin", disk+"/first/natsuin"))
			m := installer.Machine{OS: "linux"}
			if closed == "" {
				require.NoError(t, m.CheckProgram(disk+"/first/natsuin", installer.System))
				return
			}
			require.NoError(t, os.Chmod(disk+closed, 0o700))
			var unfit *installer.NotExecutable
			require.ErrorAs(t, m.CheckProgram(disk+"/first/natsuin", installer.System), &unfit)
			require.Equal(t, disk+closed, unfit.Path)
		})
	}
}

// A program that only others may start is none for this account.
func TestSomebodyElsesProgram(t *testing.T) {
	program := filepath.Join(t.TempDir(), "natsuin")
	require.NoError(t, os.WriteFile(program, nil, 0o755))
	require.NoError(t, os.Chmod(filepath.Dir(filepath.Dir(program)), 0o755))
	m := installer.Machine{OS: "linux"}
	require.NoError(t, notAsRoot(t, func() error { return m.CheckProgram(program, installer.User) }))
	mode := os.FileMode(0o011)
	if os.Getuid() == 0 {
		mode = 0o700
	}
	require.NoError(t, os.Chmod(program, mode))
	var unfit *installer.NotExecutable
	require.ErrorAs(t, notAsRoot(t, func() error { return m.CheckProgram(program, installer.User) }), &unfit)
}

// notAsRoot runs something as nobody where the test is run by root.
func notAsRoot(t *testing.T, do func() error) error {
	t.Helper()
	if os.Getuid() != 0 {
		return do()
	}
	const nobody = 65534
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread, which alone is nobody's, ends with this function
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, nobody, nobody, nobody); errno != 0 {
			done <- errno
			return
		}
		done <- do()
	}()
	return <-done
}
