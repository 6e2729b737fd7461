package policy_test

import (
	"encoding/json"
	"encoding/xml"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/manifests"
	"github.com/natsuin/natsuin/manifests/policy"
)

const (
	chromiumID  = "ponmlkjihgfedcbaponmlkjihgfedcba"
	edgeID      = "abcdefghijklmnopabcdefghijklmnop"
	firefoxID   = "natsuin@example.jp"
	address     = "https://dist.example.jp/natsuin/updates.xml"
	edgeAddress = "https://edge.example.jp/natsuin/updates.xml"
)

// settings are the keys of the extension's own schema, with the type of each.
func settings(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../extension/static/managed_schema.json")
	require.NoError(t, err)
	var schema struct {
		Properties map[string]struct{ Title, Description, Type string }
	}
	require.NoError(t, json.Unmarshal(text, &schema))
	types := map[string]string{}
	for key, p := range schema.Properties {
		require.NotEmpty(t, p.Title, key)
		require.NotEmpty(t, p.Description, key)
		types[key] = p.Type
	}
	require.GreaterOrEqual(t, len(types), 6)
	return types
}

// fits holds settings against the schema: every key is there, of its type, and no other is.
func fits(t *testing.T, values map[string]any) {
	t.Helper()
	types := settings(t)
	require.ElementsMatch(t, slices.Collect(maps.Keys(types)), slices.Collect(maps.Keys(values)))
	for key, value := range values {
		switch types[key] {
		case "boolean":
			require.IsType(t, false, value, key)
		case "array":
			require.IsType(t, []any{}, value, key)
		case "object":
			require.IsType(t, map[string]any{}, value, key)
		default:
			require.Fail(t, "a type that no template has", key)
		}
	}
}

// word matches what an administrator puts values in the place of. No such word holds another.
var word = regexp.MustCompile(`[A-Z]+_(ID|URL)`)

// fill returns a template with the values that an administrator writes into it.
func fill(t *testing.T, name, id string) []byte {
	t.Helper()
	text, err := policy.Files.ReadFile(name)
	require.NoError(t, err)
	filled := strings.NewReplacer("EXTENSION_ID", id, "UPDATE_URL", address, "EDGE_ID", edgeID, "EDGE_URL", edgeAddress, "INSTALL_URL", address).Replace(string(text))
	require.NotRegexp(t, word, filled)
	return []byte(filled)
}

// names lists the templates.
func names(t *testing.T) (names []string) {
	t.Helper()
	require.NoError(t, fs.WalkDir(policy.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	}))
	return names
}

type object = map[string]any

func at(t *testing.T, o object, path ...string) any {
	t.Helper()
	var value any = o
	for _, key := range path {
		require.Contains(t, value, key)
		value = value.(object)[key]
	}
	return value
}

func TestJSONTemplates(t *testing.T) {
	read := func(name, id string) (o object) {
		require.NoError(t, json.Unmarshal(fill(t, name, id), &o))
		return o
	}
	chromium := read("chromium.json", chromiumID)
	require.Equal(t, object{"installation_mode": "force_installed", "update_url": address, "toolbar_pin": "force_pinned"}, at(t, chromium, "ExtensionSettings", chromiumID))
	require.Equal(t, []any{manifests.HostName}, chromium["NativeMessagingAllowlist"])
	fits(t, at(t, chromium, "3rdparty", "extensions", chromiumID).(object))

	firefox := read("firefox.json", firefoxID)
	require.Equal(t, object{"installation_mode": "force_installed", "install_url": address, "default_area": "navbar"}, at(t, firefox, "policies", "ExtensionSettings", firefoxID))
	fits(t, at(t, firefox, "policies", "3rdparty", "Extensions", firefoxID).(object))

	storage := read("firefox-managed-storage.json", firefoxID)
	require.Equal(t, []any{firefoxID, "storage"}, []any{storage["name"], storage["type"]})
	fits(t, storage["data"].(object))
}

func TestPropertyLists(t *testing.T) {
	read := func(name, id string) object { return plist(t, fill(t, name, id)) }
	chromium := read("macos-chromium.plist", chromiumID)
	require.Equal(t, "force_installed", at(t, chromium, "ExtensionSettings", chromiumID, "installation_mode"))
	require.Equal(t, address, at(t, chromium, "ExtensionSettings", chromiumID, "update_url"))
	require.Equal(t, []any{manifests.HostName}, chromium["NativeMessagingAllowlist"])
	fits(t, read("macos-chromium-extension.plist", chromiumID))
	firefox := read("macos-firefox.plist", firefoxID)
	require.Equal(t, true, firefox["EnterprisePoliciesEnabled"])
	require.Equal(t, address, at(t, firefox, "ExtensionSettings", firefoxID, "install_url"))
	fits(t, at(t, firefox, "3rdparty", "Extensions", firefoxID).(object))
}

// plist reads the parts of a property list that the templates use.
func plist(t *testing.T, text []byte) object {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(string(text)))
	for {
		token, err := d.Token()
		require.NoError(t, err)
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "dict" {
			return value(t, d, start).(object)
		}
	}
}

func value(t *testing.T, d *xml.Decoder, start xml.StartElement) any {
	t.Helper()
	switch start.Name.Local {
	case "true", "false":
		require.NoError(t, d.Skip())
		return start.Name.Local == "true"
	case "string", "key":
		var s string
		require.NoError(t, d.DecodeElement(&s, &start))
		return s
	}
	list, keyed, key := []any{}, object{}, ""
	for {
		token, err := d.Token()
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			inner := value(t, d, token)
			switch {
			case token.Name.Local == "key":
				key = inner.(string)
			case start.Name.Local == "dict":
				require.NotContains(t, keyed, key)
				keyed[key] = inner
			default:
				list = append(list, inner)
			}
		case xml.EndElement:
			if start.Name.Local == "dict" {
				return keyed
			}
			return list
		}
	}
}
