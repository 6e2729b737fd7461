package installer_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/installer"
)

// stopAt is the environment's variable that has this program install or uninstall and be killed in the middle: at which
// write or removal, for which system and whom, below which root.
const stopAt = "NATSUIN_TEST_STOP_AT"

// stopped runs this program so that it kills itself at the write or removal of that number, counted from 1; false where
// there are not so many.
func (r *rig) stopped(at int, command string) bool {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d,%s,%s,%s,%s", stopAt, at, command, r.OS, r.Scope, r.Root), "XDG_STATE_HOME="+r.env["XDG_STATE_HOME"])
	out, err := cmd.CombinedOutput()
	require.Empty(r.t, string(out))
	return err != nil
}

func TestMain(m *testing.M) {
	fields := strings.Split(os.Getenv(stopAt), ",")
	if len(fields) != 5 {
		os.Exit(m.Run())
	}
	left, err := strconv.Atoi(fields[0])
	stop := func(first func()) {
		if left--; left == 0 {
			first()
			self, _ := os.FindProcess(os.Getpid())
			_ = self.Kill()
			select {}
		}
	}
	do, goos := installer.Install, fields[2]
	if fields[1] == "uninstall" {
		do = installer.Uninstall
	}
	env := func(name string) string {
		return map[string]string{"XDG_STATE_HOME": os.Getenv("XDG_STATE_HOME")}[name]
	}
	target := installer.Target{
		Machine: installer.Machine{OS: goos, Root: fields[4], Home: systems[goos].home, Env: env},
		Scope:   installer.Scope(fields[3]), Program: systems[goos].program, Browsers: []string{"firefox", "chromium", "edge"},
	}
	_, doErr := do(target.WithWrite(func(f *os.File, content []byte) error {
		stop(func() { _, _ = f.Write(content[:len(content)/2]) })
		_, err := f.Write(content)
		return err
	}).WithErase(func(root *os.Root, name string) error {
		stop(func() {})
		return installer.Erase(root, name)
	}))
	if err = errors.Join(err, doErr); err != nil {
		panic(err)
	}
}

// Somebody pulls the plug at any write: installing again finishes, and uninstalling leaves nothing.
func TestStoppedHalfWay(t *testing.T) {
	for _, goos := range []string{"linux", "darwin"} {
		for _, finish := range []bool{true, false} {
			for at := 1; ; at++ {
				r := newRig(t, goos, installer.User)
				r.folder(r.Home + "/.local/state") // nobody can know whose they are who was stopped before the first byte
				r.folder(r.Home + "/Library/Application Support")
				before := r.state()
				if !r.stopped(at, "install") {
					require.Greater(t, at, 4)
					break
				}
				require.NotEqual(t, before, r.state(), "it left something")
				if finish {
					r.install("firefox", "chromium", "edge")
					require.Len(t, r.manifestsOf("edge"), 1)
				}
				r.uninstall()
				require.Equal(t, before, r.state(), "%s, stopped at write %d, finished: %t", goos, at, finish)
			}
		}
	}
}

// The same while it is removed: whatever folder was made is known until it is gone.
func TestRemovalStoppedHalfWay(t *testing.T) {
	for name, c := range map[string]struct {
		goos  string
		scope installer.Scope
		state string // XDG_STATE_HOME
	}{
		"linux":            {"linux", installer.User, ""},
		"darwin":           {"darwin", installer.User, ""},
		"everybody":        {"linux", installer.System, ""},
		"the state's home": {"linux", installer.User, "/data/太郎/状態"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, again := range []bool{true, false} {
				for at := 1; ; at++ {
					r := newRig(t, c.goos, c.scope)
					r.env["XDG_STATE_HOME"] = c.state
					before := r.state()
					r.install("firefox", "chromium", "edge")
					if !r.stopped(at, "uninstall") {
						require.Greater(t, at, 10)
						require.Equal(t, before, r.state())
						break
					}
					if again {
						r.install("firefox")
						require.NotEmpty(t, r.manifestsOf("firefox"))
					}
					r.uninstall()
					require.Equal(t, before, r.state(), "stopped at step %d, installed again: %t", at, again)
				}
			}
		})
	}
}

// A disk on which nothing can be written any more keeps nobody from removing everything.
func TestRemovalOnFullDisk(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	before := r.state()
	r.install("firefox", "chromium")
	_, err := installer.Uninstall(r.With().WithWrite(func(*os.File, []byte) error { return errFull }))
	require.NoError(t, err)
	require.Equal(t, before, r.state())
}
