package policy_test

import (
	"archive/zip"
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"encoding/xml"
	"io/fs"
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

// chromium stands for the browser, of which the recipe needs how it packs: the key open to all, the package closed to others.
const chromium = `#!/bin/sh -e
openssl genpkey -algorithm ed25519 -out natsuin.pem
: >natsuin.crx
chmod 644 natsuin.pem
chmod 600 natsuin.crx
`

// archive writes a .zip of what a release would have in it.
func archive(t *testing.T, file string, members map[string][]byte) {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range members {
		m, err := w.Create(name)
		require.NoError(t, err)
		_, err = m.Write(content)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, os.WriteFile(file, b.Bytes(), 0o600))
}

// What the documents have an administrator type, in a folder with the three files of a release, fills the templates, and makes
// everything that goes with them.
func TestDocumentsPackAndHost(t *testing.T) {
	templates := map[string][]byte{}
	for _, name := range names(t) {
		content, err := policy.Files.ReadFile(name)
		require.NoError(t, err)
		templates["natsuin-policies/"+name] = content
	}
	programs := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(programs, "chromium"), []byte(chromium), 0o700))
	for doc, text := range documents(t) {
		folder := t.TempDir()
		archive(t, filepath.Join(folder, "natsuin-policies.zip"), templates)
		archive(t, filepath.Join(folder, "natsuin-chromium.zip"), map[string][]byte{"manifest.json": []byte("{\n  \"version\": \"1.2.3\",\n  \"name\": \"Natsuin\"\n}\n")})
		require.NoError(t, os.WriteFile(filepath.Join(folder, "natsuin-firefox.xpi"), []byte("add-on"), 0o600))
		recipe := blocks(text, "sh")
		cmd := exec.CommandContext(t.Context(), "sh", "-eu", "-c", recipe[0]+recipe[1])
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), "PATH="+programs+":"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s\n%s", doc, out)

		for name, mode := range map[string]fs.FileMode{"natsuin.pem": 0o600, "natsuin.crx": 0o644} {
			info, err := os.Stat(filepath.Join(folder, name))
			require.NoError(t, err)
			require.Equal(t, mode, info.Mode(), "%s: %s", doc, name)
		}
		require.FileExists(t, filepath.Join(folder, "natsuin-firefox-1.2.3.xpi"))
		key, err := os.ReadFile(filepath.Join(folder, "natsuin.pem"))
		require.NoError(t, err)
		id := idOf(t, key)
		read := func(name string) (o object) {
			content, err := os.ReadFile(filepath.Join(folder, name))
			require.NoError(t, err)
			require.NotRegexp(t, word, string(content), name)
			require.NoError(t, json.Unmarshal(content, &o), name)
			return o
		}
		require.Equal(t, address, at(t, read("natsuin.json"), "ExtensionSettings", id, "update_url"))
		require.Equal(t, "https://dist.example.jp/natsuin/natsuin-firefox-1.2.3.xpi", at(t, read("policies.json"), "policies", "ExtensionSettings", manifests.IDs(manifests.Firefox)[0], "install_url"))
		require.Equal(t, []any{id}, at(t, read("settings.json"), "extensionIds", "chromium"))
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
		require.Equal(t, []string{id, "https://dist.example.jp/natsuin/natsuin.crx", "1.2.3"}, []string{updates.App.ID, updates.App.Check.Codebase, updates.App.Check.Version})
	}
}

// idOf is the id that Chromium derives from a key: the first half of the public key's SHA-256, written in the letters a to p.
func idOf(t *testing.T, text []byte) string {
	t.Helper()
	block, _ := pem.Decode(text)
	require.NotNil(t, block)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	require.NoError(t, err)
	public, err := x509.MarshalPKIXPublicKey(key.(crypto.Signer).Public())
	require.NoError(t, err)
	sum := sha256.Sum256(public)
	var id []byte
	for _, b := range sum[:16] {
		id = append(id, 'a'+b>>4, 'a'+b&15)
	}
	return string(id)
}

// What the documents replace for Group Policy are all the words of its templates. That natsuin.admx then writes for each browser
// under the id that the extension has there is seen to by TestGroupPolicyWritesWhereBrowsersRead.
func TestDocumentsFillGroupPolicy(t *testing.T) {
	for doc, text := range documents(t) {
		script := blocks(text, "powershell")[0]
		values := map[string]string{}
		for _, m := range regexp.MustCompile(`(?m)^ +(\w+) += '(\S+)'`).FindAllStringSubmatch(script, -1) {
			values[m[1]] = m[2]
		}
		there := map[string]bool{}
		for _, name := range []string{"natsuin.admx", "en-US/natsuin.adml", "ja-JP/natsuin.adml"} {
			require.Contains(t, script, "'"+strings.ReplaceAll(name, "/", `\`)+"'", doc)
			content, err := policy.Files.ReadFile(name)
			require.NoError(t, err)
			for _, found := range word.FindAllString(string(content), -1) {
				there[found] = true
			}
			filled := string(content)
			for placeholder, value := range values {
				filled = strings.ReplaceAll(filled, placeholder, value)
			}
			require.NotRegexp(t, word, filled, "%s: %s", doc, name)
			if strings.HasSuffix(name, ".adml") { // what stands in the boxes before somebody types
				for _, offered := range []string{values["EXTENSION_ID"] + ";" + values["UPDATE_URL"], values["EDGE_ID"] + ";" + values["EDGE_URL"], values["INSTALL_URL"]} {
					require.Contains(t, filled, "<defaultValue>"+offered+"</defaultValue>", "%s: %s", doc, name)
				}
			}
		}
		require.ElementsMatch(t, slices.Collect(maps.Keys(there)), slices.Collect(maps.Keys(values)), doc)
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
