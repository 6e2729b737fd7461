package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// AppStream's metadata has the day of the release, whenever its last commit was made; what is no release, its commit's.
func TestMetadataHasTheDayOfTheRelease(t *testing.T) {
	template, err := os.ReadFile("../../" + appStream)
	require.NoError(t, err)
	for heading, day := range map[string]string{
		"## 0.1.0 (2026-12-01)": "2026-12-01",
		"## 0.1.0 (unreleased)": "2027-01-15",
		"## 0.2.0 (2027-02-01)": "2027-01-15",
	} {
		d := ours(t)
		d.repository = t.TempDir()
		require.NoError(t, os.MkdirAll(filepath.Dir(d.file(appStream)), 0o755))
		require.NoError(t, os.WriteFile(d.file(appStream), template, 0o644))
		require.NoError(t, os.WriteFile(d.file("CHANGELOG.md"), []byte(heading+"\n"), 0o644))
		files, err := d.metadata()
		require.NoError(t, err)
		require.Len(t, files, 1)
		require.Contains(t, string(files[0].content), `<release version="0.1.0" date="`+day+`">`, heading)
	}
}
