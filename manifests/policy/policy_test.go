package policy_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/manifests"
	"github.com/natsuin/natsuin/manifests/policy"
)

const (
	chromiumID = "ponmlkjihgfedcbaponmlkjihgfedcba"
	firefoxID  = "natsuin@example.jp"
	address    = "https://dist.example.jp/natsuin/updates.xml"
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

func fill(t *testing.T, name, id string) []byte {
	t.Helper()
	text, err := policy.Fill(name, policy.Values{ExtensionID: id, URL: address})
	require.NoError(t, err)
	for _, placeholder := range []string{policy.PlaceholderID, policy.PlaceholderUpdate, policy.PlaceholderInstall} {
		require.NotContains(t, string(text), placeholder)
	}
	return text
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

func TestFillRefuses(t *testing.T) {
	for name, v := range map[string]policy.Values{
		"no id":          {"", address},
		"another's form": {"chrome-extension://" + chromiumID, address},
		"no address":     {chromiumID, ""},
		"a program":      {chromiumID, "javascript:alert(1)"},
		"a quote":        {chromiumID, `https://a.example/"`},
		"an element":     {chromiumID, "https://a.example/<x>"},
		"an ampersand":   {chromiumID, "https://a.example/?a&b"},
		"two lines":      {chromiumID, "https://a.example/\n"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := policy.Fill("chromium.json", v)
			require.Error(t, err)
		})
	}
	_, err := policy.Fill("nothing.json", policy.Values{ExtensionID: chromiumID, URL: address})
	require.Error(t, err)
}

// Whatever is taken for a value leaves every template well formed, with the same structure.
func FuzzFill(f *testing.F) {
	f.Add(chromiumID, address)
	f.Add(firefoxID, "file:///srv/natsuin.xpi")
	f.Add("{01234567-89ab-cdef-0123-456789abcdef}", "http://127.0.0.1:8080/a?b=%20#c")
	f.Fuzz(func(t *testing.T, id, url string) {
		for _, name := range policy.Names() {
			text, err := policy.Fill(name, policy.Values{ExtensionID: id, URL: url})
			if err != nil {
				continue
			}
			if strings.HasSuffix(name, ".json") {
				require.True(t, json.Valid(text), name)
				continue
			}
			d := xml.NewDecoder(strings.NewReader(string(text)))
			for err == nil {
				_, err = d.Token()
			}
			require.True(t, errors.Is(err, io.EOF), name)
		}
	})
}

// The documents for administrators name every key, of the extension and of the host, and every template.
func TestDocumentsNameEverything(t *testing.T) {
	for _, doc := range []string{"../../docs/administrators.md", "../../docs/administrators.ja.md"} {
		text, err := os.ReadFile(doc)
		require.NoError(t, err)
		keys := slices.AppendSeq([]string{"extensionIds", "trust", "helpDesks", "prompt"}, maps.Keys(settings(t)))
		for _, key := range append(keys, policy.Names()...) {
			require.Contains(t, string(text), "`"+key+"`", doc)
		}
	}
}
