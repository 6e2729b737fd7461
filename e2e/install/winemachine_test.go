//go:build install && linux

package install

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/manifests"
)

const (
	wine       = "/usr/lib/wine/wine64"
	wineServer = "/usr/lib/wine/wineserver64"
)

// randomness is the one function that Go's programs want of a library that Wine 8 does not have.
const randomness = `#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE to, SIZE_T size) { return SystemFunction036(to, (ULONG)size); }
`

// freshRegistry gives the dialog's fonts, which Wine does not have, characters of ours. Windows Installer's own lists are
// there, empty, as on a machine on which something was installed before: it keeps them.
const freshRegistry = `REGEDIT4

[HKEY_CURRENT_USER\Software\Wine\Fonts\Replacements]
"Yu Gothic UI"="Noto Sans CJK JP"
"Segoe UI"="Noto Sans CJK JP"

[HKEY_LOCAL_MACHINE\Software\Classes\Installer\Features]
[HKEY_LOCAL_MACHINE\Software\Classes\Installer\Products]
[HKEY_LOCAL_MACHINE\Software\Classes\Installer\UpgradeCodes]
[HKEY_LOCAL_MACHINE\Software\Microsoft\Windows\CurrentVersion\Installer\UpgradeCodes]
[HKEY_LOCAL_MACHINE\Software\Microsoft\Windows\CurrentVersion\Installer\UserData\S-1-5-18\Components]
[HKEY_LOCAL_MACHINE\Software\Microsoft\Windows\CurrentVersion\Installer\UserData\S-1-5-18\Products]
`

// freshWindows is the folder of a machine on which nothing is installed. It is made once; each machine is a copy.
var freshWindows = sync.OnceValues(func() (string, error) {
	for _, program := range []string{wine, wineServer, "x86_64-w64-mingw32-gcc"} {
		if _, err := exec.LookPath(program); err != nil {
			return "", fmt.Errorf("%w: run `scripts/deps install`", err)
		}
	}
	prefix, err := filepath.Abs("../../build/e2e/wine")
	if err != nil {
		return "", err
	}
	if err := os.RemoveAll(prefix); err != nil {
		return "", err
	}
	if err := os.MkdirAll(prefix, 0o755); err != nil {
		return "", err
	}
	source, registry := filepath.Join(prefix, "random.c"), filepath.Join(prefix, "fresh.reg")
	if err := errors.Join(os.WriteFile(source, []byte(randomness), 0o600), os.WriteFile(registry, []byte(freshRegistry), 0o600)); err != nil {
		return "", err
	}
	for _, command := range [][]string{
		{wine, "wineboot", "--init"},
		{"x86_64-w64-mingw32-gcc", "-shared", "-o", filepath.Join(prefix, "drive_c/windows/system32/bcryptprimitives.dll"), source, "-ladvapi32"},
		{wine, "regedit", "/S", registry},
		{wineServer, "-w"}, // it writes the registry at its end
		{"mkdir", "-p", filepath.Join(prefix, "drive_c/windows/Installer")},
	} {
		if _, err := output(wineEnvironment(prefix, ""), "", command[0], command[1:]...); err != nil {
			return "", err
		}
	}
	return prefix, nil
})

// wineEnvironment is for Wine's programs, on a display, "" being none. They offer no downloads.
func wineEnvironment(prefix, display string) []string {
	return []string{"WINEPREFIX=" + prefix, "WINEDEBUG=-all", "WINEDLLOVERRIDES=mscoree,mshtml=", "DISPLAY=" + display, "LC_ALL=C.UTF-8"}
}

// A windows is a machine of its own in Wine.
type windows struct {
	t       *testing.T
	prefix  string
	env     []string
	running bool
}

// newWindows is a machine on which nothing is installed, with a display, "" being none.
func newWindows(t *testing.T, display string) *windows {
	t.Helper()
	fresh, err := freshWindows()
	require.NoError(t, err)
	w := &windows{t: t, prefix: filepath.Join(t.TempDir(), "prefix")}
	call(t, nil, "cp", "-a", fresh, w.prefix)
	w.env = wineEnvironment(w.prefix, display)
	t.Cleanup(w.stop)
	return w
}

// start starts the services of this machine. They stay between two programs: a program that had to start them would hand
// them the pipe that we read, and they would hold it open. After five minutes without one they end, also where a test was
// killed before it could stop them.
func (w *windows) start() {
	w.t.Helper()
	w.running = true
	server := exec.Command(wineServer, "--persistent=300")
	server.Env = append(os.Environ(), w.env...)
	require.NoError(w.t, server.Run())
	require.NoError(w.t, w.command("cmd", "/c", "exit").Run())
}

// stop ends what runs on this machine. It writes the registry then.
func (w *windows) stop() {
	for _, option := range []string{"--kill", "--wait"} {
		cmd := exec.Command(wineServer, option)
		cmd.Env = append(os.Environ(), w.env...)
		_ = cmd.Run() // it may have ended by itself
	}
	w.running = false
}

// command is a program of Windows on this machine, which runs.
func (w *windows) command(name string, args ...string) *exec.Cmd {
	w.t.Helper()
	if !w.running {
		w.start()
	}
	for n, arg := range args {
		if strings.HasPrefix(arg, "/") && strings.Count(arg, "/") > 1 { // a path of this machine, not an option
			args[n] = "Z:" + strings.ReplaceAll(arg, "/", `\`)
		}
	}
	cmd := exec.CommandContext(w.t.Context(), wine, append([]string{name}, args...)...)
	cmd.Env = append(os.Environ(), w.env...)
	return cmd
}

// run runs a program of Windows and returns what it printed, and its exit code.
func (w *windows) run(name string, args ...string) (string, int) {
	w.t.Helper()
	cmd := w.command(name, args...)
	var messages strings.Builder
	cmd.Stderr = &messages
	out, err := cmd.Output()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		require.NoError(w.t, err)
	}
	w.t.Log(cmd.Args[1:], cmd.ProcessState, messages.String())
	return string(out), cmd.ProcessState.ExitCode()
}

func (w *windows) must(name string, args ...string) string {
	w.t.Helper()
	out, exit := w.run(name, args...)
	require.Zero(w.t, exit, out)
	return out
}

// compile builds a program of C onto drive C and returns its path there.
func (w *windows) compile(source, name string, options ...string) string {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), "source.c")
	require.NoError(w.t, os.WriteFile(file, []byte(source), 0o600))
	call(w.t, nil, "x86_64-w64-mingw32-gcc", append([]string{"-o", filepath.Join(w.prefix, "drive_c", name), file}, options...)...)
	return `C:\` + name
}

// disk is where a path of drive C is.
func (w *windows) disk(path string) string {
	w.t.Helper()
	below, ok := strings.CutPrefix(path, `C:\`)
	require.True(w.t, ok, path)
	return filepath.Join(w.prefix, "drive_c", strings.ReplaceAll(below, `\`, "/"))
}

// file makes an empty file, which stands for a browser.
func (w *windows) file(path string) {
	w.t.Helper()
	require.NoError(w.t, os.MkdirAll(filepath.Dir(w.disk(path)), 0o755))
	require.NoError(w.t, os.WriteFile(w.disk(path), nil, 0o644))
}

// unpack unpacks an archive into a folder and returns the program in it.
func (w *windows) unpack(archive, folder string) (program string) {
	w.t.Helper()
	below, err := filepath.Rel(w.prefix+"/drive_c", extract(w.t, archive, w.disk(folder)))
	require.NoError(w.t, err)
	return `C:\` + strings.ReplaceAll(below, "/", `\`)
}

// state is all that is on the machine: files, without content, and keys of the registry, with their values.
func (w *windows) state() map[string]string {
	w.t.Helper()
	w.stop()
	state := map[string]string{}
	drive := filepath.Join(w.prefix, "drive_c")
	require.NoError(w.t, filepath.WalkDir(drive, func(path string, e fs.DirEntry, err error) error {
		state[`C:`+strings.ReplaceAll(strings.TrimPrefix(path, drive), "/", `\`)] = ""
		return err
	}))
	for hive, file := range map[string]string{"HKLM": "system.reg", "HKCU": "user.reg"} {
		text, err := os.ReadFile(filepath.Join(w.prefix, file))
		require.NoError(w.t, err)
		maps.Copy(state, readRegistry(hive, string(text)))
	}
	return state
}

// changes are the differences between two states, a line each.
func changes(before, after map[string]string) (lines []string) {
	for name, value := range before {
		if now, ok := after[name]; !ok {
			lines = append(lines, "- "+name)
		} else if now != value {
			lines = append(lines, "~ "+name+"\n"+value+"=>\n"+now)
		}
	}
	for name := range after {
		if _, ok := before[name]; !ok {
			lines = append(lines, "+ "+name)
		}
	}
	slices.Sort(lines)
	return lines
}

var (
	keyLine = regexp.MustCompile(`^\[(.*)\] \d+$`)
	// Wine's own: the time at which it started, the fonts that go with the code page of the program that was started last,
	// and the separators that it leaves in PATH where Windows takes them out, one each time.
	fontKey  = regexp.MustCompile(`\\Software\\(Wine\\)?Fonts$`)
	started  = regexp.MustCompile(`"DriverDateData"=.*\n`)
	leftover = regexp.MustCompile(`(?m)^("PATH"=.*?);+"$`)
)

// readRegistry reads a file of Wine's registry: a key's line, then lines with its values.
func readRegistry(hive, text string) map[string]string {
	keys, key := map[string]string{}, ""
	for line := range strings.Lines(text) {
		if m := keyLine.FindStringSubmatch(strings.TrimRight(line, "\r\n")); m != nil {
			key = hive + `\` + strings.ReplaceAll(m[1], `\\`, `\`)
			keys[key] = ""
		} else if key != "" && !strings.HasPrefix(line, "#") && line != "\n" {
			keys[key] += line
		}
	}
	for key, values := range keys {
		if fontKey.MatchString(key) {
			values = ""
		}
		keys[key] = leftover.ReplaceAllString(started.ReplaceAllString(values, ""), `$1"`)
	}
	return keys
}

// registered holds what a package put on the machine against what browsers ask for.
func (w *windows) registered(state map[string]string) {
	w.t.Helper()
	for key, family := range windowsKeys {
		w.starts(state, `HKLM\Software\`+key, family, windowsProgram)
	}
}

var defaultValue = regexp.MustCompile(`^@="(.*)"\n$`)

// starts does what a browser does: it looks up the key, reads the manifest to which it leads, and starts the program.
func (w *windows) starts(state map[string]string, below string, family manifests.Family, program string) {
	w.t.Helper()
	key := below + `\NativeMessagingHosts\io.github.natsuin`
	require.Contains(w.t, state, key)
	m := defaultValue.FindStringSubmatch(state[key])
	require.NotNil(w.t, m, "%s has %q", key, state[key])
	path := unescape(m[1])
	text, err := os.ReadFile(w.disk(path))
	require.NoError(w.t, err, key)
	manifest, err := manifests.ReadHost(text)
	require.NoError(w.t, err)
	manifest = manifest.In("windows", path)
	require.NoError(w.t, manifest.Check(family, "windows"))
	require.Equal(w.t, manifests.Ours(family), manifest.Allowed(family))
	require.Equal(w.t, program, manifest.Path)
	require.FileExists(w.t, w.disk(manifest.Path))
	args := []string{manifest.Allowed(family)[0], "--parent-window=0"}
	if family == manifests.Firefox {
		args = []string{path, manifest.Allowed(family)[0]}
	}
	greets(w.t, w.command(manifest.Path, args...))
}

// unescape reads a text of Wine's registry, in which other characters than ASCII's stand as \x and four digits.
func unescape(text string) string {
	text = regexp.MustCompile(`\\x([0-9a-f]{4})`).ReplaceAllString(text, `\u$1`)
	var plain string
	if err := json.Unmarshal([]byte(`"`+text+`"`), &plain); err != nil {
		return text
	}
	return plain
}

var displayed = regexp.MustCompile(`(?s)"DisplayName"="Natsuin"\n"DisplayVersion"="([^"]*)"`)

// products are the versions of Natsuin that stand in the list of installed programs.
func (w *windows) products(state map[string]string) (versions []string) {
	for key, values := range state {
		if m := displayed.FindStringSubmatch(values); m != nil && strings.Contains(key, `\Uninstall\`) {
			versions = append(versions, m[1])
		}
	}
	return versions
}

// doctor finds the two browsers and their manifests in order, and what Wine does not have: a smart card service.
func (w *windows) doctor() {
	w.t.Helper()
	out, _ := w.run(windowsProgram, "doctor", "--json")
	var report struct {
		Checks []struct{ ID, Verdict, Cause string }
	}
	require.NoError(w.t, json.Unmarshal([]byte(out), &report), out)
	var told []string
	for _, c := range report.Checks {
		if c.ID == "manifest" || c.ID == "pcsc-service" {
			told = append(told, strings.TrimSpace(c.ID+" "+c.Verdict+" "+c.Cause))
		}
	}
	require.Equal(w.t, []string{"manifest ok", "manifest ok", "pcsc-service failure not-running"}, told, out)
}

// programFiles are the names of what is in the package's folder.
func programFiles(state map[string]string) (names []string) {
	for path := range state {
		if strings.HasPrefix(path, `C:\Program Files\Natsuin`) {
			names = append(names, path)
		}
	}
	slices.Sort(names)
	return names
}
