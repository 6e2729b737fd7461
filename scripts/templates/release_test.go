package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// The checksum is that of "abc", FIPS 180-4's example; its base64 form is openssl's.
const (
	abcSHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	abcSRI    = "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
)

// someRelease is version 1.2.3 with files of those names, all of which say "abc".
func someRelease(t *testing.T, names ...string) *release {
	dist := t.TempDir()
	for _, name := range names {
		require.NoError(t, os.WriteFile(filepath.Join(dist, name), []byte("abc"), 0o644))
	}
	files, err := readAssets(dist, "1.2.3")
	require.NoError(t, err)
	return &release{Version: "1.2.3", Date: "2026-12-01", Notes: "* new", files: files}
}

func TestFill(t *testing.T) {
	r := someRelease(t, "natsuin-1.2.3-source.tar.gz", "natsuin-extension-source.tar.gz", "a.deb", "b.deb")
	to := t.TempDir()
	made, left, err := r.fill(fstest.MapFS{
		"README.md":        {Data: []byte("{{not a template}}")},
		"a/source.tmpl":    {Data: []byte(`{{with asset (print .Version "-source.tar.gz")}}{{.Name}} {{.URL}} {{.SHA256}} {{upper .SHA256}} {{sri .SHA256}}{{end}}`)},
		"b/.hidden.tmpl":   {Data: []byte(`{{.Version}} {{.Date}} {{.Notes}}{{range assets ".deb"}} {{.Name}}{{end}}`)},
		"c/installer.tmpl": {Data: []byte(`{{(asset ".msi").URL}}`)},
		"c/code.tmpl":      {Data: []byte(`{{.ProductCode}}`)},
	}, to)
	require.NoError(t, err)
	require.Equal(t, []string{"a/source", "b/.hidden"}, made)
	require.Len(t, left, 2)
	for _, l := range left {
		require.Contains(t, l, "*.msi: the release has no such file")
	}
	require.Equal(t, "natsuin-1.2.3-source.tar.gz https://github.com/natsuin/natsuin/releases/download/v1.2.3/natsuin-1.2.3-source.tar.gz "+
		abcSHA256+" BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD "+abcSRI, read(t, to, "a/source"))
	require.Equal(t, "1.2.3 2026-12-01 * new a.deb b.deb", read(t, to, "b/.hidden"))
	require.NoFileExists(t, filepath.Join(to, "README.md"))
}

func TestFillRefuses(t *testing.T) {
	r := someRelease(t, "a.deb", "b.deb")
	for name, c := range map[string]struct{ text, says string }{
		"two files where one is meant": {`{{(asset ".deb").URL}}`, "the release has 2 of them"},
		"an unknown field":             {`{{.Checksum}}`, "Checksum"},
		"not a template":               {`{{`, "unclosed action"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := r.fill(fstest.MapFS{"x.tmpl": {Data: []byte(c.text)}}, t.TempDir())
			require.ErrorContains(t, err, c.says)
		})
	}
}

// The release's text offers every file that somebody installs, and no source archive as one of them.
func TestReleaseTextOffersEverything(t *testing.T) {
	offered := []string{
		"natsuin_1.2.3_amd64.deb", "natsuin_1.2.3_arm64.deb", "natsuin-1.2.3-1.x86_64.rpm", "natsuin-1.2.3-linux-amd64.tar.gz", "natsuin-1.2.3-linux-arm64.tar.gz",
		"natsuin-1.2.3-windows-amd64.msi", "natsuin-1.2.3-windows-amd64.zip", "natsuin-1.2.3-windows-arm64.zip",
		"natsuin-chromium-unpacked.zip", "natsuin-firefox.xpi", "natsuin-policies.zip",
	}
	sources := []string{"natsuin-1.2.3-source.tar.gz", "natsuin-extension-source.tar.gz", "natsuin-chromium.zip"}
	r, to := someRelease(t, append(sources, offered...)...), t.TempDir()
	text, err := os.ReadFile("../../" + source + "/release.md.tmpl")
	require.NoError(t, err)
	_, _, err = r.fill(fstest.MapFS{"release.md.tmpl": {Data: text}}, to)
	require.NoError(t, err)
	written := read(t, to, "release.md")
	for _, name := range offered {
		require.Contains(t, written, "["+name+"]("+downloads+"1.2.3/"+name+")")
	}
	for _, name := range sources {
		require.NotContains(t, written, name)
	}
	require.Equal(t, 1, strings.Count(written, "\n\n|"), "one table")
}

// Nothing of a folder below the release's is a file of it.
func TestReadAssetsPassesFoldersOver(t *testing.T) {
	dist := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dist, "folder"), 0o755))
	files, err := readAssets(dist, "1.2.3")
	require.NoError(t, err)
	require.Empty(t, files)
	_, err = readAssets(filepath.Join(dist, "nowhere"), "1.2.3")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func read(t *testing.T, folder, name string) string {
	content, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
	require.NoError(t, err)
	return string(content)
}
