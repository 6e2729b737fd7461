package doctor_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// docs/doctor.md names every id and every cause that stands in the source.
func TestDocumentationNamesEveryWord(t *testing.T) {
	doc, err := os.ReadFile("../../docs/doctor.md")
	require.NoError(t, err)
	sources, err := filepath.Glob("*.go")
	require.NoError(t, err)
	words := 0
	for _, source := range sources {
		text, err := os.ReadFile(source)
		require.NoError(t, err)
		for _, found := range regexp.MustCompile(`ID: "([a-z-]+)"|Cause(?:: |, c\.Verdict = | = |, \w+\.Cause = )"([a-z-]+)"|Cause = (?:Failure|Warning|Info), "([a-z-]+)"|return (?:Failure, |Warning, )?"([a-z-]+)", say|warn\("([a-z-]+)", say`).FindAllSubmatch(text, -1) {
			for _, word := range found[1:] {
				if len(word) > 0 && !strings.HasSuffix(source, "_test.go") {
					words++
					require.Contains(t, string(doc), "`"+string(word)+"`", source)
				}
			}
		}
	}
	require.Greater(t, words, 50, "the words are found")
}
