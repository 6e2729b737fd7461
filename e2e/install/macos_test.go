//go:build install && linux

package install

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// macTools stand in for what only a Mac has, and for the compiler: each notes how it was called, and makes what the next one
// wants. What Apple's programs would have said to it, no test here knows.
var macTools = map[string]string{
	"go": `case "$1" in
build) echo "go build $GOOS $GOARCH $CC" >>"$CALLS"; while [ "$1" != -o ]; do shift; done; echo "$GOARCH" >"$2" ;;
run) mkdir -p "$6"; echo others >"$6/THIRD-PARTY-LICENSES" ;;
esac`,
	"make":     ``,
	"lipo":     `echo "lipo" >>"$CALLS"; cat "$4" "$5" >"$3"; chmod 755 "$3"`,
	"codesign": `echo "codesign $1 $2 $3" >>"$CALLS"`,
	"pkgbuild": `(cd "$2"; echo "pkgbuild $4 ${10}: $(stat -c '%A %n' . *)") >>"$CALLS"; ls -l "${12}" | grep -q '^-rwxr-xr-x.* postinstall$'; touch "${13}"`,
	"productbuild": `grep -q "version=\"[0-9.]*\"" "$2"; echo "productbuild${7:+ $5 $6}" >>"$CALLS"; ls "$4/natsuin-component.pkg" >/dev/null
while [ $# -gt 1 ]; do shift; done; touch "$1"`,
}

// The script that builds the package for macOS, on Linux, with programs that stand in for Apple's.
func TestMacPackageIsPutTogether(t *testing.T) {
	for name, c := range map[string]struct{ env, signedBy, by string }{
		"signed":  {"MACOS_APPLICATION_IDENTITY=A MACOS_INSTALLER_IDENTITY=I", "A", " --sign I"},
		"not yet": {"", "-", ""},
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "出力 先")
			calls := standIns(t, macTools)
			env := append(strings.Fields(c.env), "CALLS="+calls, "PATH="+filepath.Dir(calls)+":"+os.Getenv("PATH"))
			_, err := output(env, "../..", "bash", "-c", `umask 077 && exec installer/packages/macos/build "$1"`, "bash", out) // as scripts/release/macos calls it
			require.NoError(t, err)
			packages, err := filepath.Glob(filepath.Join(out, "natsuin-*-macos-universal.pkg"))
			require.NoError(t, err)
			require.Len(t, packages, 1)
			noted, err := os.ReadFile(calls)
			require.NoError(t, err)
			lines := strings.Split(string(noted), "\n")
			require.Equal(t, []string{"go build darwin arm64 clang -arch arm64", "go build darwin amd64 clang -arch x86_64", "lipo",
				"codesign --force --sign " + c.signedBy, "codesign --verify --strict " + strings.Fields(lines[4])[3]}, lines[:5])
			require.Regexp(t, `^pkgbuild /Library/Application Support/Natsuin [0-9]+\.[0-9]+\.[0-9]+: drwxr-xr-x \.$`, lines[5])
			require.Equal(t, "-rw-r--r-- LICENSE\n-rw-r--r-- NOTICE\n-rw-r--r-- THIRD-PARTY-LICENSES\n-rwxr-xr-x natsuin\n-rwxr-xr-x uninstall\nproductbuild"+c.by, strings.Join(lines[6:12], "\n"))
		})
	}
}

// The script that signs and notarises, with a keychain list that is empty and one that is not: afterwards the list is as it
// was, and no key is left, whatever fails.
func TestMacReleaseLeavesNoKey(t *testing.T) {
	for name, c := range map[string]struct {
		kept, failing string
		succeeds      bool
	}{
		"no keychain before":       {"", "", true},
		"two before":               {"/Users/a b/login.keychain-db\n/Library/System.keychain", "", true},
		"the import fails":         {"/Library/System.keychain", "import", false},
		"the keychain does not go": {"", "delete-keychain", true},
		"notarisation is refused":  {"", "notarytool", false},
		"the list cannot be set":   {"/Library/System.keychain", "list-keychains -d user -s", false},
	} {
		t.Run(name, func(t *testing.T) {
			temporary := t.TempDir()
			tools := map[string]string{
				"security": `echo "security $*" >>"$CALLS"
case "$*" in ("${FAILING:-nothing} "*) exit 1 ;; esac
case "$*" in
"list-keychains -d user") [ -z "$KEPT" ] || printf '    "%s"\n' "$KEPT" | sed 's/^\([^ ]\)/    "\1/; s/\([^"]\)$/\1"/' ;;
create-keychain*) touch "$4" ;;
find-identity*) printf '  1) AAAA "Developer ID Application: N"\n  2) BBBB "Developer ID Installer: N"\n' ;;
esac`,
				"xcrun": `echo "xcrun $1" >>"$CALLS"; [ "$1" != "$FAILING" ]`,
				"spctl": ``,
			}
			maps.Copy(tools, macTools)
			calls := standIns(t, tools)
			env := []string{"CALLS=" + calls, "PATH=" + filepath.Dir(calls) + ":" + os.Getenv("PATH"), "TMPDIR=" + temporary, "KEPT=" + c.kept, "FAILING=" + c.failing,
				"CERTIFICATES=c2VjcmV0", "CERTIFICATES_PASSPHRASE=p", "NOTARY_KEY=k", "NOTARY_KEY_ID=i", "NOTARY_ISSUER=u"}
			_, err := output(env, "../..", "scripts/release/macos", filepath.Join(t.TempDir(), "out"))
			require.Equal(t, c.succeeds, err == nil, "%v", err)
			left, err := os.ReadDir(temporary)
			require.NoError(t, err)
			require.Empty(t, left)
			noted, err := os.ReadFile(calls)
			require.NoError(t, err)
			said := strings.Split(strings.TrimSpace(string(noted)), "\n")
			require.Equal(t, strings.TrimSpace("security list-keychains -d user -s "+strings.ReplaceAll(c.kept, "\n", " ")), strings.TrimSpace(said[len(said)-1]))
		})
	}
}

// What the package runs once it is installed, and what removes it, in folders that stand in for a Mac's.
func TestMacScripts(t *testing.T) {
	root := filepath.Join(t.TempDir(), "Macの 中")
	home, link := filepath.Join(root, "Library/Application Support/Natsuin"), filepath.Join(root, "usr/local/bin/natsuin")
	calls := standIns(t, map[string]string{"pkgutil": `echo "pkgutil $*" >>"$CALLS"`, "id": "echo 0"})
	run := func(script string, args ...string) error {
		text, err := os.ReadFile("../../installer/packages/macos/" + script)
		require.NoError(t, err)
		moved := strings.NewReplacer(`"/Library`, `"`+root+`/Library`, "=/usr/local/bin/natsuin", `="`+link+`"`, "/usr/local/bin", `"`+filepath.Dir(link)+`"`).Replace(string(text))
		file := filepath.Join(t.TempDir(), "script")
		require.NoError(t, os.WriteFile(file, []byte(moved), 0o700))
		cmd := exec.CommandContext(t.Context(), file, args...)
		cmd.Env = append(os.Environ(), "CALLS="+calls, "PATH="+filepath.Dir(calls)+":"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		t.Logf("%s: %s", script, out)
		return err
	}
	unpack := func() {
		require.NoError(t, os.MkdirAll(home, 0o755))
		for _, name := range []string{"natsuin", "uninstall", "LICENSE", "NOTICE", "THIRD-PARTY-LICENSES"} {
			require.NoError(t, os.WriteFile(filepath.Join(home, name), []byte("#!/bin/sh\necho \"natsuin $*\" >>\"$CALLS\"\n"), 0o755))
		}
	}

	unpack()
	require.Error(t, run("scripts/postinstall", "package", "target", "/Volumes/Other"), "another volume than the running system's")
	require.NoError(t, run("scripts/postinstall", "package", "target", "/"))
	require.NoError(t, run("scripts/postinstall", "package", "target", "/"), "an upgrade")
	target, err := os.Readlink(link)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(home, "natsuin"), target)
	require.NoError(t, run("uninstall"))
	require.NoDirExists(t, home)
	require.NoFileExists(t, link)
	require.DirExists(t, filepath.Dir(link), "others have programs there")

	unpack()
	require.NoError(t, os.WriteFile(link, []byte("somebody else's"), 0o755))
	require.NoError(t, run("scripts/postinstall", "package", "target", "/"))
	require.NoError(t, run("uninstall"))
	require.FileExists(t, link)

	noted, err := os.ReadFile(calls)
	require.NoError(t, err)
	install := "natsuin install --system --browser all --program " + home + "/natsuin\n"
	removal := "natsuin uninstall --system\npkgutil --forget io.github.natsuin\n"
	require.Equal(t, install+install+removal+install+removal, string(noted))
}

// The files that Apple's programs read are what they say they are, and the scripts have no fault that shellcheck knows.
func TestMacFiles(t *testing.T) {
	const folder = "../../installer/packages/macos/"
	call(t, nil, "xmllint", "--noout", "--nonet", folder+"distribution.xml", folder+"natsuin.entitlements")
	call(t, nil, "shellcheck", "../../scripts/release/macos", folder+"build", folder+"uninstall", folder+"scripts/postinstall")
}

// standIns puts programs into a folder, and returns the file next to them into which they note what they are asked.
func standIns(t *testing.T, programs map[string]string) (calls string) {
	t.Helper()
	folder := t.TempDir()
	for name, text := range programs {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/bash\nset -e\n"+text+"\n"), 0o700))
	}
	return filepath.Join(folder, "calls")
}
