//go:build install && linux

package install

import (
	"archive/zip"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/manifests"
)

// windowsKeys are the keys below HKLM\Software where browsers look for hosts (Chrome's and Edge's "Native messaging", MDN's
// "Native manifests"; Opera's by report), and whose manifest each wants.
var windowsKeys = map[string]manifests.Family{
	`Google\Chrome`:  manifests.Chromium,
	`Microsoft\Edge`: manifests.Chromium,
	`Chromium`:       manifests.Chromium,
	`Opera Software`: manifests.Chromium,
	`Mozilla`:        manifests.Firefox,
}

const (
	windowsProgram = `C:\Program Files\Natsuin\natsuin.exe`
	olderVersion   = "0.0.9"
)

// The package for Windows from its first installation to its removal: in Wine, which has an installer service of its own
// and no smart card service.
func TestWindowsPackage(t *testing.T) {
	t.Parallel()
	newer, older := onePackage(t, windowsDist, ".msi"), onePackage(t, olderWindowsDist, ".msi")
	w := newWindows(t, "")
	w.file(`C:\Program Files\Google\Chrome\Application\chrome.exe`)
	w.file(`C:\Program Files\Mozilla Firefox\firefox.exe`)
	before := w.state()

	_, exit := w.run("msiexec", "/i", older, "/qn")
	require.NotZero(t, exit, "Wine begins as Windows 7, on which Go's programs do not start")
	require.Empty(t, changes(before, w.state()))
	w.must("reg", "add", `HKCU\Software\Wine`, "/v", "Version", "/d", "win10", "/f")
	before = w.state()

	w.must("msiexec", "/i", older, "/qn")
	installed := w.state()
	w.registered(installed)
	require.Contains(t, w.must(windowsProgram, "version"), "natsuin "+olderVersion)
	require.Equal(t, []string{olderVersion}, w.products(installed))
	require.Contains(t, installed[`HKLM\System\CurrentControlSet\Control\Session Manager\Environment`], `;C:\\Program Files\\Natsuin\\"`)
	require.Contains(t, w.must("cmd", "/c", "natsuin", "version"), "natsuin "+olderVersion, "it is a command")

	w.must("msiexec", "/i", newer, "/qn")
	upgraded := w.state()
	w.registered(upgraded)
	version := strings.Fields(w.must(windowsProgram, "version"))[1]
	require.NotContains(t, version, olderVersion)
	require.Len(t, w.products(upgraded), 1, "the older one is gone")
	require.NotContains(t, w.products(upgraded), olderVersion)
	require.Equal(t, programFiles(installed), programFiles(upgraded))

	_, exit = w.run("msiexec", "/i", older, "/qn")
	require.NotZero(t, exit, "an older one does not take its place")
	require.Contains(t, w.must(windowsProgram, "version"), version)

	w.doctor()
	w.must(windowsProgram, "install", "--system", "--browser", "all") // as somebody may do all the same
	w.must("msiexec", "/x", newer, "/qn")
	require.Empty(t, changes(before, w.state()))
}

// The archive for Windows, for one person, in a folder with spaces and Japanese characters.
func TestWindowsArchive(t *testing.T) {
	t.Parallel()
	w := newWindows(t, "")
	w.must("reg", "add", `HKCU\Software\Wine`, "/v", "Version", "/d", "win10", "/f")
	w.file(`C:\Program Files\Google\Chrome\Application\chrome.exe`)
	w.file(`C:\Program Files\Mozilla Firefox\firefox.exe`)
	program := w.unpack(onePackage(t, windowsDist, "-amd64.zip"), `C:\道具 箱`)
	before := w.state()
	w.must(program, "install")
	installed := w.state()
	for key, family := range map[string]manifests.Family{`Google\Chrome`: manifests.Chromium, `Mozilla`: manifests.Firefox} {
		w.starts(installed, `HKCU\Software\`+key, family, program)
	}
	require.Contains(t, w.must(program, "install", "--lang", "en"), "already", "a second time changes nothing")
	require.Empty(t, changes(installed, w.state()))
	w.must(program, "uninstall")
	require.Empty(t, changes(before, w.state()))
}

// Wine's loader and Explorer read a program's resources the same way: this one says what they find.
const resourcesReader = `#include <windows.h>
#include <stdio.h>
int wmain(int argc, wchar_t **argv) {
	static char version[8192]; VS_FIXEDFILEINFO *fixed; UINT size; wchar_t *name;
	HMODULE m = LoadLibraryExW(argv[1], NULL, LOAD_LIBRARY_AS_DATAFILE);
	HRSRC r = FindResourceW(m, MAKEINTRESOURCEW(1), (LPCWSTR)RT_MANIFEST);
	if (!m || !r || !FindResourceW(m, MAKEINTRESOURCEW(1), (LPCWSTR)RT_GROUP_ICON)) return 1;
	printf("%.*s\n", (int)SizeofResource(m, r), (char *)LockResource(LoadResource(m, r)));
	if (!GetFileVersionInfoW(argv[1], 0, sizeof version, version)) return 2;
	if (!VerQueryValueW(version, L"\\", (void **)&fixed, &size)) return 3;
	printf("%d.%d.%d\n", HIWORD(fixed->dwFileVersionMS), LOWORD(fixed->dwFileVersionMS), HIWORD(fixed->dwFileVersionLS));
	if (!VerQueryValueW(version, L"\\StringFileInfo\\040904b0\\ProductVersion", (void **)&name, &size)) return 4;
	printf("%ls\n", name);
	if (!(r = FindResourceExW(m, (LPCWSTR)RT_VERSION, MAKEINTRESOURCEW(1), 0x0411))) return 5;
	name = LockResource(LoadResource(m, r));
	for (size = SizeofResource(m, r) / sizeof *name; size > 0 && *name != 0x637a; size--) name++; // 捺
	return size > 0 ? 0 : 6;
}
`

// The programs for both kinds of processor bear their version, an icon and what Windows is to know before it starts them.
func TestWindowsResources(t *testing.T) {
	t.Parallel()
	w := newWindows(t, "")
	reader := w.compile(resourcesReader, "resources.exe", "-municode", "-lversion")
	for _, processor := range []string{"amd64", "arm64"} {
		out := w.must(reader, w.unpack(onePackage(t, olderWindowsDist, "-"+processor+".zip"), `C:\`+processor))
		for _, wanted := range []string{olderVersion, `level="asInvoker"`, "Microsoft.Windows.Common-Controls", "PerMonitorV2", ">true</longPathAware>", ">UTF-8</activeCodePage>"} {
			require.Contains(t, out, wanted, processor)
		}
	}
}

// Signed with a certificate that is made here, as a release is with a real one. The same key, the same bytes.
func TestAuthenticode(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	certificate, key := filepath.Join(folder, "certificate.pem"), filepath.Join(folder, "key.pem")
	call(t, nil, "openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-keyout", key, "-out", certificate, "-days", "2",
		"-subj", "/CN=Natsuin test", "-addext", "keyUsage=digitalSignature", "-addext", "extendedKeyUsage=codeSigning")
	signed := func() (string, error) { return folder + "/dist", nil }
	_, err := runDist(folder+"/dist", "windows,sums", "AUTHENTICODE_CERTIFICATES="+certificate, "AUTHENTICODE_KEY="+key)
	require.NoError(t, err)
	unpacked := t.TempDir()
	for _, path := range []string{
		onePackage(t, signed, ".msi"),
		extract(t, onePackage(t, signed, "-amd64.zip"), filepath.Join(unpacked, "amd64")),
		extract(t, onePackage(t, signed, "-arm64.zip"), filepath.Join(unpacked, "arm64")),
	} {
		require.Contains(t, call(t, nil, "osslsigncode", "verify", "-CAfile", certificate, path), "Number of verified signatures: 1", path)
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		content[len(content)/2] ^= 1
		changed := filepath.Join(folder, "changed"+filepath.Ext(path))
		require.NoError(t, os.WriteFile(changed, content, 0o600))
		require.Error(t, exec.Command("osslsigncode", "verify", "-CAfile", certificate, changed).Run(), path)
	}
	require.Error(t, exec.Command("osslsigncode", "verify", "-CAfile", certificate, onePackage(t, windowsDist, ".msi")).Run(), "an unsigned one")
}

// windowsDist are the packages for Windows of what is in the repository, olderWindowsDist those of an older version.
var (
	windowsDist      = sync.OnceValues(func() (string, error) { return runDist("../../build/e2e/windows", "windows,sums") })
	olderWindowsDist = sync.OnceValues(func() (string, error) { return olderDist("../../build/e2e/windows-older", "windows,sums") })
)

// olderDist is runDist, of an older version.
func olderDist(folder, steps string) (string, error) {
	git, err := olderRepository()
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(git)
	return runDist(folder, steps, "GIT_DIR="+git)
}

// runDist makes packages by some of the steps, with further environment variables, and returns the folder that they are in.
func runDist(folder, steps string, env ...string) (string, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	_, err = output(env, "../..", "go", "run", "-buildvcs=false", "./scripts/dist", "-steps", steps, "-out", folder)
	return folder, err
}

// olderRepository is what git knows of this repository, with a commit more, between two releases of which the first one
// was the older version. Its files are this repository's.
func olderRepository() (string, error) {
	git, err := os.MkdirTemp("", "natsuin-older-")
	if err != nil {
		return "", err
	}
	if _, err := output(nil, "../..", "git", "clone", "--quiet", "--bare", "--shared", ".", git); err != nil {
		return git, err
	}
	id := []string{"GIT_AUTHOR_NAME=見本 太郎", "GIT_AUTHOR_EMAIL=taro@example.jp", "GIT_COMMITTER_NAME=見本 太郎", "GIT_COMMITTER_EMAIL=taro@example.jp"}
	commit, err := output(id, git, "git", "commit-tree", "-p", "HEAD", "-m", "newer", "HEAD^{tree}")
	if err != nil {
		return git, err
	}
	tags, err := output(nil, git, "git", "tag", "--list", "v*")
	if err != nil {
		return git, err
	}
	for _, command := range slices.Concat([][]string{{"tag", "v" + olderVersion, "HEAD"}, {"update-ref", "--no-deref", "HEAD", strings.TrimSpace(commit)}}, deletions(tags)) {
		if _, err := output(nil, git, "git", command...); err != nil {
			return git, err
		}
	}
	return git, nil
}

// deletions take away the tags of releases.
func deletions(tags string) (commands [][]string) {
	for _, tag := range strings.Fields(tags) {
		commands = append(commands, []string{"tag", "--delete", tag})
	}
	return commands
}

// onePackage is the one package of a folder with such an end to its name.
func onePackage(t *testing.T, dist func() (string, error), end string) string {
	t.Helper()
	folder, err := dist()
	require.NoError(t, err)
	found, err := filepath.Glob(filepath.Join(folder, "*"+end))
	require.NoError(t, err)
	require.Len(t, found, 1, end)
	return found[0]
}

// extract unpacks an archive and returns the program in it.
func extract(t *testing.T, archive, folder string) (program string) {
	t.Helper()
	r, err := zip.OpenReader(archive)
	require.NoError(t, err)
	defer r.Close()
	require.NoError(t, os.CopyFS(folder, r))
	found, err := filepath.Glob(filepath.Join(folder, "*", "natsuin.exe"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	return found[0]
}

// call runs a program to a good end.
func call(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	_, err := exec.LookPath(name)
	require.NoError(t, err, "run `scripts/deps install`")
	out, err := output(env, "", name, args...)
	require.NoError(t, err)
	return out
}

func output(env []string, folder, name string, args ...string) (string, error) {
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), env...)
	var messages strings.Builder
	cmd.Stderr = &messages
	out, err := cmd.Output()
	if err != nil {
		return "", &failed{cmd.String(), err, messages.String()}
	}
	return string(out), nil
}

// A failed program, with what it said.
type failed struct {
	command string
	err     error
	said    string
}

func (f *failed) Error() string { return f.command + ": " + f.err.Error() + "\n" + f.said }
