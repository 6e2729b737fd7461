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
	"github.com/natsuin/natsuin/manifests"
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
		"the state's home": {"linux", installer.User, stateHome},
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
						r.requireEachOnce(r.RecordFile())
					}
					r.uninstall()
					require.Equal(t, before, r.state(), "stopped at step %d, installed again: %t", at, again)
				}
			}
		})
	}
}

// requireEachOnce holds that a record names nothing twice.
func (r *rig) requireEachOnce(file string) {
	r.t.Helper()
	places, err := installer.RecordPlaces([]byte(r.read(file)))
	require.NoError(r.t, err)
	for n, p := range places {
		require.NotContains(r.t, places[:n], p)
	}
}

const (
	stateHome = "/data/太郎/状態" // somewhere out of the home
	list      = "/.natsuin.folders"
)

// What a removal left over that was stopped is in nobody's way who has another environment, and waits for one who has the
// same.
func TestRemovalStoppedInAnotherEnvironment(t *testing.T) {
	gone := 0 // the first step at which there was the list, and no record any more
	for at := 1; ; at++ {
		r := newRig(t, "linux", installer.User)
		r.env["XDG_STATE_HOME"] = stateHome
		before := r.state()
		r.install("firefox", "chromium", "edge")
		if !r.stopped(at, "uninstall") {
			break
		}
		listed := r.isThere(r.Home + list)
		if gone == 0 && listed && !r.isThere(r.RecordFile()) {
			gone = at
		}
		delete(r.env, "XDG_STATE_HOME")
		if r.install("firefox"); listed {
			require.Contains(t, r.read(r.Home+list), "data")
			require.NotContains(t, r.read(r.Home+list), "見本 太郎", "what is known is in the record")
		}
		r.uninstall()
		r.env["XDG_STATE_HOME"] = stateHome
		r.uninstall()
		require.Equal(t, before, r.state(), "stopped at step %d", at)
	}
	for at, more := 1, true; more; at++ { // the other one is stopped as well
		r := newRig(t, "linux", installer.User)
		r.env["XDG_STATE_HOME"] = stateHome
		before := r.state()
		r.install("firefox", "chromium", "edge")
		require.True(t, r.stopped(gone, "uninstall"))
		delete(r.env, "XDG_STATE_HOME")
		r.install("chromium")
		more = r.stopped(at, "uninstall")
		r.uninstall()
		r.env["XDG_STATE_HOME"] = stateHome
		r.uninstall()
		require.Equal(t, before, r.state(), "the other one stopped at step %d", at)
	}
}

func (r *rig) isThere(path string) bool {
	_, err := os.Stat(r.Disk(path))
	return err == nil
}

// The list loses nothing to an installation that fails, and nothing that no installation can have made is removed by it.
func TestListOfLeftovers(t *testing.T) {
	r := newRig(t, "linux", installer.User)
	r.install("chromium")
	r.folder(r.Home + "/.config/empty")
	r.folder("/etc/empty")
	text := func(folders ...string) string {
		for n, folder := range folders {
			base, below := r.Home, strings.TrimPrefix(folder, r.Home+"/")
			if below == folder {
				base, below = "/", folder[1:]
			}
			folders[n] = fmt.Sprintf(`{"base":%q,"path":%q}`, base, below)
		}
		return `{"version":1,"entries":[],"folders":[` + strings.Join(folders, ",") + `]}`
	}
	r.file(r.Home+list, text(r.Home+"/.config/empty", "/etc/empty"))
	r.file(r.Home+"/.mozilla/native-messaging-hosts/"+manifests.HostName+".json", `{"name":"other","path":"/bin/sh"}`)
	before := r.state()
	_, err := installer.Install(r.With("firefox"))
	require.Len(t, installer.Conflicts(err), 1)
	require.Equal(t, before, r.state())
	r.uninstall()
	require.NoDirExists(t, r.Disk(r.Home+"/.config/empty"))
	require.DirExists(t, r.Disk("/etc/empty"))
	require.NotContains(t, r.read(r.Home+list), "config")

	for name, content := range map[string]string{
		"no list":         "mine",
		"with entries":    `{"version":1,"entries":[{"key":"HKCU","value":"x","program":"/x","browsers":["edge"]}]}`,
		"with keys":       `{"version":1,"entries":[],"keys":["HKCU"]}`,
		"out of the base": `{"version":1,"entries":[],"folders":[{"base":"/","path":"../x"}]}`,
	} {
		r.file(r.Home+list, content)
		before := r.state()
		for _, do := range []func(installer.Target) (installer.Report, error){installer.Install, installer.Uninstall} {
			_, err := do(r.With("chromium"))
			require.Equal(t, []*installer.Conflict{{Path: r.Home + list, Reason: installer.Damaged}}, installer.Conflicts(err), name)
			require.Equal(t, before, r.state(), name)
		}
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
