//go:build install && linux

package install

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A root is a Debian of its own, in a folder.
type root struct{ path string }

const (
	suite = "bookworm"
	// Where the root has this repository, and Node.js. Both are gone with the command that uses them.
	repositoryInside = "/tmp/repository"
	nodeInside       = "/tmp/node"
)

// enter starts a command while a root has what a running system has besides files. It runs in namespaces of its own, which
// take all of it away again when the command ends.
const enter = `set -e
root=$1 repository=$2 node=$3
shift 3
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmp "$root/tmp"
mount -t tmpfs run "$root/run"
mkdir "$root` + repositoryInside + `"
mount --bind "$repository" "$root` + repositoryInside + `"
touch "$root` + nodeInside + `"
mount --bind "$node" "$root` + nodeInside + `"
exec "$@"
`

// newRoot is a fresh Debian with browsers, and what drives them, but nothing yet of what a smart card needs. It is made once
// and kept: what it is made from is some 300 MB of packages.
func newRoot(t *testing.T) root {
	t.Helper()
	require.Zero(t, os.Getuid(), "these tests mount and chroot: run them as root")
	kept, err := filepath.Abs("../../build/roots/" + suite + ".tar")
	require.NoError(t, err)
	folder, err := os.MkdirTemp(filepath.Dir(filepath.Dir(kept)), "root-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(folder)) })
	require.NoError(t, os.Chmod(folder, 0o755))
	r := root{folder}
	if _, err := os.Stat(kept); err == nil {
		call(t, nil, "tar", "-C", r.path, "-xf", kept)
		return r
	}
	r.make(t)
	require.NoError(t, os.MkdirAll(filepath.Dir(kept), 0o755))
	call(t, nil, "tar", "-C", r.path, "-cf", kept+".new", ".")
	require.NoError(t, os.Rename(kept+".new", kept))
	return r
}

// make fills the folder, from where this machine's own packages come from.
func (r root) make(t *testing.T) {
	t.Helper()
	var sources strings.Builder
	var mirrors []string
	for _, release := range []string{suite, suite + "-security"} {
		found := strings.Fields(call(t, nil, "apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Origin: Debian", "Release: "+release))
		require.NotEmpty(t, found, "apt knows no %s here: run apt-get update, on Debian", release)
		mirrors = append(mirrors, found[0])
		fmt.Fprintf(&sources, "deb %s %s main\n", found[0], release)
	}
	call(t, nil, "debootstrap", "--variant=minbase", suite, r.path, mirrors[0])
	for name, content := range map[string]string{
		"etc/apt/sources.list":       sources.String(),
		"usr/sbin/policy-rc.d":       "#!/bin/sh\nexit 101\n", // no service is started: this is no running system
		"etc/hosts":                  "127.0.0.1 localhost\n",
		"etc/apt/apt.conf.d/natsuin": "Acquire::Languages \"none\";\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(r.path, name), []byte(content), 0o755))
	}
	resolver, err := os.ReadFile("/etc/resolv.conf")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(r.path, "etc/resolv.conf"), resolver, 0o644))
	r.run(t, "apt-get", "update", "-q")
	r.apt(t, "install", "chromium", "firefox-esr", "openssl", "unzip", "xauth", "xdotool", "xvfb")
	r.run(t, "apt-get", "clean")
	r.apt(t, "install", "--download-only", "pcscd", "vsmartcard-vpcd")
}

// apt runs apt-get to a good end.
func (r root) apt(t *testing.T, command string, args ...string) {
	t.Helper()
	r.run(t, "apt-get", append([]string{command, "-q", "-y", "--no-install-recommends"}, args...)...)
}

// tests runs some of the tests of browsers in the root.
func (r root) tests(t *testing.T, name string) {
	t.Helper()
	t.Log(r.run(t, nodeInside, "--test", "--test-force-exit", repositoryInside+"/e2e/browser/installed/"+name))
}

// run runs a program of the root to a good end and returns what it printed.
func (r root) run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := r.try(t, name, args...)
	require.NoError(t, err, "%s %s\n%s", name, strings.Join(args, " "), out)
	return out
}

// try runs a program of the root and returns what it printed, and how it ended.
func (r root) try(t *testing.T, name string, args ...string) (string, error) {
	t.Helper()
	return r.beside(t, "chroot", append([]string{r.path, name}, args...)...)
}

// beside runs a program of this machine while the root is like a running system.
func (r root) beside(t *testing.T, name string, args ...string) (string, error) {
	t.Helper()
	repository, err := filepath.Abs("../..")
	require.NoError(t, err)
	node, err := exec.LookPath("node")
	require.NoError(t, err)
	node, err = filepath.EvalSymlinks(node)
	require.NoError(t, err)
	ctx, stop := context.WithTimeout(t.Context(), 15*time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, "unshare", append([]string{"--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--",
		"sh", "-c", enter, "enter", r.path, repository, node, name}, args...)...)
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", "HOME=/tmp",
		"NATSUIN_PACKAGES=" + repositoryInside + linuxPackages}
	for _, proxy := range []string{"http_proxy", "https_proxy", "no_proxy"} { // of apt
		if value, ok := os.LookupEnv(proxy); ok {
			cmd.Env = append(cmd.Env, proxy+"="+value)
		}
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Below these lies what nobody's package owns: what package managers and the C library know and did, and the caches of fonts
// and shaders, which browsers and displays fill.
var books = []string{
	"etc/ld.so.cache", "root/.cache", "var/cache/apt", "var/cache/debconf", "var/cache/fontconfig", "var/cache/ldconfig",
	"var/lib/apt", "var/lib/dpkg", "var/lib/rpm", "var/log",
}

// files is what is in the root: names, with modes, owners, and a file's size, or where a link leads. Digests would take
// minutes: the root is large, and is looked at some thirty times.
func (r root) files(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(r.path, func(path string, e fs.DirEntry, err error) error {
		require.NoError(t, err)
		name, err := filepath.Rel(r.path, path)
		require.NoError(t, err)
		if slices.Contains(books, name) {
			if e.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		info, err := e.Info()
		require.NoError(t, err)
		owner := info.Sys().(*syscall.Stat_t)
		all[name] = fmt.Sprint(info.Mode(), " ", owner.Uid, ":", owner.Gid)
		switch {
		case info.Mode().IsRegular():
			all[name] += fmt.Sprint(" ", info.Size())
		case info.Mode()&fs.ModeSymlink != 0:
			to, err := os.Readlink(path)
			require.NoError(t, err)
			all[name] += " " + to
		}
		return nil
	}))
	return all
}
