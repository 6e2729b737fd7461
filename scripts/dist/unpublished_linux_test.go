package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// unpublished matches what is true only until the extension is in the stores.
var unpublished = regexp.MustCompile(`(?i)in\s+no\s+store\s+yet|no store (?:yet )?has|not in the stores yet|まだストアに`)

// TestUnpublishedIsListed holds that the playbook names every text that publishing the extension makes untrue, and that nothing
// that is handed out speaks of a store as if the extension were there.
func TestUnpublishedIsListed(t *testing.T) {
	d := ours(t)
	list, err := d.output(d.repository, nil, "git", "ls-files", "-z", "--", "*.md", "*.txt", "*.tmpl", "*.sh", "scripts/dist/*.go", ":!*_test.go")
	require.NoError(t, err)
	playbook, err := os.ReadFile(d.file("docs/releasing.md"))
	require.NoError(t, err)
	found := 0
	for name := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		text, err := os.ReadFile(d.file(name))
		require.NoError(t, err)
		if unpublished.Match(text) && name != "docs/releasing.md" {
			found++
			require.True(t, bytes.Contains(playbook, []byte("`"+name+"`")), "docs/releasing.md, \"Stores\", does not name %s", name)
		}
	}
	require.GreaterOrEqual(t, found, 9)
	for _, name := range []string{"installer/packages/linux/README.txt", "installer/packages/windows/README.txt", "installer/packages/templates/release.md.tmpl", "README.md", "README.ja.md"} {
		text, err := os.ReadFile(d.file(name))
		require.NoError(t, err)
		for _, phrase := range []string{"natsuin-chromium-unpacked.zip", "natsuin-firefox.xpi", "about:debugging"} {
			require.Contains(t, string(text), phrase, name)
		}
	}
	require.Regexp(t, unpublished, description)
}
