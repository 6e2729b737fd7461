package policy_test

import (
	"encoding/xml"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/manifests"
)

// The parts of an .admx file that Group Policy resolves (Microsoft, "ADMX schema").
type admx struct {
	Target struct {
		Namespace string `xml:"namespace,attr"`
	} `xml:"policyNamespaces>target"`
	Supported  []named    `xml:"supportedOn>definitions>definition"`
	Categories []category `xml:"categories>category"`
	Policies   []setting  `xml:"policies>policy"`
}

type named struct {
	Name        string `xml:"name,attr"`
	DisplayName string `xml:"displayName,attr"`
}

type ref struct {
	Ref string `xml:"ref,attr"`
}

type category struct {
	named
	Parent *ref `xml:"parentCategory"`
}

type setting struct {
	named
	ExplainText  string    `xml:"explainText,attr"`
	Presentation string    `xml:"presentation,attr"`
	Key          string    `xml:"key,attr"`
	ValueName    string    `xml:"valueName,attr"`
	Class        string    `xml:"class,attr"`
	Parent       ref       `xml:"parentCategory"`
	SupportedOn  ref       `xml:"supportedOn"`
	Enabled      *constant `xml:"enabledValue"`
	Disabled     *constant `xml:"disabledValue"`
	Elements     struct {
		Inner []element `xml:",any"`
	} `xml:"elements"`
}

type constant struct {
	String  string `xml:"string"`
	Decimal *struct {
		Value int `xml:"value,attr"`
	} `xml:"decimal"`
}

type element struct {
	XMLName   xml.Name
	ID        string `xml:"id,attr"`
	ValueName string `xml:"valueName,attr"`
}

// The parts of an .adml file.
type adml struct {
	Strings []struct {
		ID   string `xml:"id,attr"`
		Text string `xml:",chardata"`
	} `xml:"resources>stringTable>string"`
	Presentations []struct {
		ID    string `xml:"id,attr"`
		Inner []struct {
			XMLName xml.Name
			RefID   string `xml:"refId,attr"`
		} `xml:",any"`
	} `xml:"resources>presentationTable>presentation"`
}

var reference = regexp.MustCompile(`^\$\((string|presentation)\.(\w+)\)$`)

// boxes are the elements of an .adml file that show those of an .admx file.
var boxes = map[string]string{"text": "textBox", "multiText": "multiTextBox", "list": "listBox"}

// Every text and every box that the definitions name is there in both languages, and nothing is there that they do not
// name.
func TestGroupPolicyResolves(t *testing.T) {
	var definitions admx
	require.NoError(t, xml.Unmarshal(fill(t, "natsuin.admx", chromiumID), &definitions))
	texts, shown := map[string]bool{}, map[string][]string{}
	resolve := func(kind, text string) string {
		found := reference.FindStringSubmatch(text)
		require.NotNil(t, found, text)
		require.Equal(t, kind, found[1])
		if kind == "string" {
			texts[found[2]] = true
		}
		return found[2]
	}
	supported, categories, names := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, s := range definitions.Supported {
		resolve("string", s.DisplayName)
		supported[s.Name] = true
	}
	for _, c := range definitions.Categories {
		resolve("string", c.DisplayName)
		require.True(t, c.Parent == nil || categories[c.Parent.Ref], c.Name)
		categories[c.Name] = true
	}
	for _, p := range definitions.Policies {
		require.False(t, names[p.Name], "%s stands twice", p.Name)
		names[p.Name] = true
		resolve("string", p.DisplayName)
		resolve("string", p.ExplainText)
		require.True(t, categories[p.Parent.Ref] && supported[p.SupportedOn.Ref], p.Name)
		require.Equal(t, "Both", p.Class)
		require.True(t, strings.HasPrefix(p.Key, `Software\Policies\`), p.Key)
		require.Equal(t, p.Presentation != "", len(p.Elements.Inner) > 0, p.Name)
		if p.Presentation == "" {
			continue
		}
		var want []string
		for _, e := range p.Elements.Inner {
			want = append(want, boxes[e.XMLName.Local]+" "+e.ID)
		}
		id := resolve("presentation", p.Presentation)
		if shown[id] != nil {
			require.Equal(t, shown[id], want, p.Name)
		}
		shown[id] = want
	}
	for _, language := range []string{"en-US", "ja-JP"} {
		var resources adml
		require.NoError(t, xml.Unmarshal(fill(t, language+"/natsuin.adml", chromiumID), &resources))
		ids := map[string]bool{}
		for _, s := range resources.Strings {
			require.False(t, ids[s.ID], "%s stands twice in %s", s.ID, language)
			ids[s.ID] = true
			require.NotEmpty(t, strings.TrimSpace(s.Text), s.ID)
		}
		require.Equal(t, texts, ids, language)
		presentations := map[string][]string{}
		for _, p := range resources.Presentations {
			for _, box := range p.Inner {
				presentations[p.ID] = append(presentations[p.ID], box.XMLName.Local+" "+box.RefID)
			}
		}
		require.Equal(t, shown, presentations, language)
	}
}

// For every browser there is a policy for each of the extension's settings, which writes where the browser reads: under the id
// that the extension has there.
func TestGroupPolicyWritesWhereBrowsersRead(t *testing.T) {
	var definitions admx
	require.NoError(t, xml.Unmarshal(fill(t, "natsuin.admx", chromiumID), &definitions))
	policies := map[string]setting{}
	for _, p := range definitions.Policies {
		policies[p.Name] = p
	}
	types, ours := settings(t), manifests.IDs(manifests.Firefox)[0]
	count := 0
	for browser, keys := range map[string]struct{ root, own string }{ // own: where the extension's settings are, below root
		"chrome":  {`Software\Policies\Google\Chrome`, `\3rdparty\extensions\` + chromiumID + `\policy`},
		"edge":    {`Software\Policies\Microsoft\Edge`, `\3rdparty\extensions\` + edgeID + `\policy`},
		"firefox": {`Software\Policies\Mozilla\Firefox`, `\3rdparty\Extensions\` + ours},
	} {
		own := keys.root + keys.own
		for _, key := range slices.Sorted(maps.Keys(types)) {
			p, ok := policies[browser+"_"+key]
			require.True(t, ok, "%s of %s", key, browser)
			count++
			switch types[key] {
			case "boolean":
				require.Equal(t, []string{own, key}, []string{p.Key, p.ValueName})
				require.Equal(t, []int{1, 0}, []int{p.Enabled.Decimal.Value, p.Disabled.Decimal.Value})
			case "array": // the values 1, 2 … of a key of its own
				require.Equal(t, []string{own + `\` + key, "list"}, []string{p.Key, p.Elements.Inner[0].XMLName.Local})
			case "object": // JSON: Firefox reads it in REG_MULTI_SZ, Chromium in REG_SZ
				want := map[bool]string{true: "multiText", false: "text"}[browser == "firefox"]
				require.Equal(t, []string{own, key, want}, []string{p.Key, p.Elements.Inner[0].ValueName, p.Elements.Inner[0].XMLName.Local})
			}
		}
		install := policies[browser+"_install"]
		count++
		if browser == "firefox" {
			require.Equal(t, keys.root+`\ExtensionSettings\`+ours, install.Key)
			continue
		}
		// A number that the lists of other templates, which count from 1, do not come to.
		require.Equal(t, []string{keys.root + `\ExtensionInstallForcelist`, "7301"}, []string{install.Key, install.Elements.Inner[0].ValueName})
		host := policies[browser+"_allowHost"]
		require.Equal(t, []string{keys.root + `\NativeMessagingAllowlist`, "7301", manifests.HostName}, []string{host.Key, host.ValueName, host.Enabled.String})
		count++
	}
	require.Len(t, policies, count, "and there are no others")
}
