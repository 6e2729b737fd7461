//go:build unix

package policy_test

import (
	"encoding/json"
	"encoding/xml"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/manifests"
	"github.com/natsuin/natsuin/manifests/policy"
)

// documents returns the pages for administrators, in each language.
func documents(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	for _, name := range []string{"../../docs/administrators.md", "../../docs/administrators.ja.md"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		pages[name] = string(text)
	}
	return pages
}

// blocks returns what stands between the fences of a language.
func blocks(page, language string) (found []string) {
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(page, -1) {
		found = append(found, m[1])
	}
	return found
}

// The documents for administrators name every key, of the extension and of the host, every template and every id of the
// extension: also the one that a store gives it one day.
func TestDocumentsNameEverything(t *testing.T) {
	for doc, text := range documents(t) {
		keys := slices.AppendSeq([]string{"extensionIds", "trust", "helpDesks", "prompt"}, maps.Keys(settings(t)))
		keys = append(keys, names(t)...)
		for _, family := range []manifests.Family{manifests.Chromium, manifests.Firefox} {
			keys = append(keys, manifests.IDs(family)...)
		}
		for _, key := range keys {
			require.Contains(t, text, "`"+key+"`", doc)
		}
	}
}

// What the documents have an administrator type fills the templates, and everything that goes with them.
func TestDocumentsFillTheTemplates(t *testing.T) {
	for doc, text := range documents(t) {
		folder := t.TempDir()
		for _, name := range []string{"chromium.json", "firefox.json"} {
			template, err := policy.Files.ReadFile(name)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(folder, name), template, 0o644))
		}
		cmd := exec.CommandContext(t.Context(), "sh", "-eu", "-c", blocks(text, "sh")[1])
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), "id="+chromiumID, "version=1.2.3", "address=https://dist.example.jp/natsuin")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s\n%s", doc, out)

		read := func(name string) (o object) {
			content, err := os.ReadFile(filepath.Join(folder, name))
			require.NoError(t, err)
			require.NotRegexp(t, `[A-Z]+_(ID|URL)`, string(content), name)
			require.NoError(t, json.Unmarshal(content, &o), name)
			return o
		}
		require.Equal(t, address, at(t, read("natsuin.json"), "ExtensionSettings", chromiumID, "update_url"))
		require.Equal(t, "https://dist.example.jp/natsuin/natsuin-firefox.xpi", at(t, read("policies.json"), "policies", "ExtensionSettings", "natsuin@natsuin.github.io", "install_url"))
		require.Equal(t, []any{chromiumID}, at(t, read("settings.json"), "extensionIds", "chromium"))
		var updates struct {
			XMLName xml.Name `xml:"http://www.google.com/update2/response gupdate"`
			App     struct {
				ID    string `xml:"appid,attr"`
				Check struct {
					Codebase string `xml:"codebase,attr"`
					Version  string `xml:"version,attr"`
				} `xml:"updatecheck"`
			} `xml:"app"`
		}
		content, err := os.ReadFile(filepath.Join(folder, "updates.xml"))
		require.NoError(t, err)
		require.NoError(t, xml.Unmarshal(content, &updates))
		require.Equal(t, []string{chromiumID, "https://dist.example.jp/natsuin/natsuin.crx", "1.2.3"}, []string{updates.App.ID, updates.App.Check.Codebase, updates.App.Check.Version})
	}
}

// The examples for Puppet and Ansible make the folders into which they write, both browsers' policies go out, and the program is
// registered with browsers that come later, too.
func TestExamplesMakeTheirFolders(t *testing.T) {
	for doc, text := range documents(t) {
		for language, example := range map[string]struct {
			file  *regexp.Regexp
			quote string // what stands around a folder
		}{
			"puppet": {regexp.MustCompile(`file \{ '(/\S+\.json)'`), "'"},
			"yaml":   {regexp.MustCompile(`dest: (/\S+\.json)`), ""},
		} {
			found := blocks(text, language)
			require.Len(t, found, 1, doc)
			made, files, _ := strings.Cut(found[0], "/etc/natsuin/settings.json")
			targets := example.file.FindAllStringSubmatch(found[0], -1)
			require.Len(t, targets, 3, "%s: %s", doc, language)
			for _, target := range targets {
				require.Regexp(t, `[\[ ]`+example.quote+regexp.QuoteMeta(path.Dir(target[1]))+example.quote+`[,\]]`, made, "%s: %s", doc, target[1])
			}
			require.Contains(t, files, "natsuin install --system --browser all")
		}
	}
}
