package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is true only until the first release, and only until the extension is in the stores.
var (
	unreleased  = regexp.MustCompile(`(?i)nothing\s+is\s+published\s+yet|まだ公開していません`)
	unpublished = regexp.MustCompile(`(?i)in\s+no\s+store\s+yet|no store (?:yet )?has|not in the stores yet|まだストアに`)
)

// TestUnpublishedIsListed holds that the playbook names every text that the first release makes untrue, and every one that
// publishing the extension does, each where its turn comes; and that nothing that is handed out speaks of a store as if the
// extension were there.
func TestUnpublishedIsListed(t *testing.T) {
	d := ours(t)
	list, err := d.output(d.repository, nil, "git", "ls-files", "-z", "--", "*.md", "*.txt", "*.tmpl", "*.sh", "scripts/dist/*.go", ":!*_test.go")
	require.NoError(t, err)
	playbook, err := os.ReadFile(d.file("docs/releasing.md"))
	require.NoError(t, err)
	for _, step := range []struct {
		untrue      *regexp.Regexp
		from, until string
		places      int
	}{
		{unreleased, "3. **Date it.**", "\n4. ", 2},
		{unpublished, "\n## Stores\n", "\n**Each time**", 9},
	} {
		_, text, _ := strings.Cut(string(playbook), step.from)
		text, _, ok := strings.Cut(text, step.until)
		require.True(t, ok, "docs/releasing.md has no %q", step.from)
		found := 0
		for name := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
			content, err := os.ReadFile(d.file(name))
			require.NoError(t, err)
			if step.untrue.Match(content) && name != "docs/releasing.md" {
				found++
				require.Contains(t, text, "`"+name+"`", "docs/releasing.md, %q", step.from)
			}
		}
		require.GreaterOrEqual(t, found, step.places)
	}
	for _, name := range []string{"installer/packages/linux/README.txt", "installer/packages/windows/README.txt", "installer/packages/templates/release.md.tmpl", "README.md", "README.ja.md"} {
		text, err := os.ReadFile(d.file(name))
		require.NoError(t, err)
		for _, phrase := range []string{"natsuin-chromium-unpacked.zip", "natsuin-firefox.xpi", "about:debugging"} {
			require.Contains(t, string(text), phrase, name)
		}
	}
	require.Regexp(t, unpublished, description)
}
