package doctor_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/manifests"
)

func TestPolicies(t *testing.T) {
	const folder = "/etc/chromium/policies/managed/"
	for name, c := range map[string]struct {
		set  func(*machine)
		want []string
	}{
		"none":            {func(*machine) {}, nil},
		"all blocked":     {func(m *machine) { m.file(folder+"a.json", `{"NativeMessagingBlocklist":["*"]}`) }, []string{"failure blocked"}},
		"Natsuin blocked": {func(m *machine) { m.file(folder+"a.json", `{"NativeMessagingBlocklist":["`+manifests.HostName+`"]}`) }, []string{"failure blocked"}},
		"others blocked":  {func(m *machine) { m.file(folder+"a.json", `{"NativeMessagingBlocklist":["io.github.other"]}`) }, nil},
		"allowed": {func(m *machine) {
			m.file(folder+"a.json", `{"NativeMessagingBlocklist":["*"],"NativeMessagingAllowlist":["`+manifests.HostName+`"]}`)
		}, nil},
		"in two files": {func(m *machine) {
			m.file(folder+"a.json", `{"NativeMessagingBlocklist":["*"]}`)
			m.file(folder+"b.json", `{"NativeMessagingAllowlist":["`+manifests.HostName+`"]}`)
		}, nil},
		"for persons": {func(m *machine) { m.file(folder+"a.json", `{"NativeMessagingUserLevelHosts":false}`) }, []string{"failure user-level"}},
		"for everybody": {func(m *machine) {
			m.file(folder+"a.json", `{"NativeMessagingUserLevelHosts":false}`)
			m.file("/etc/chromium/native-messaging-hosts/"+manifests.HostName+".json", "{}")
		}, nil},
		"of a wrong type": {func(m *machine) {
			m.file(folder+"a.json", `{"3rdparty":{"extensions":{"`+manifests.IDs(manifests.Chromium)[0]+`":{"allowWindowPin":"false","allowRecordings":0,"blockedSites":"a.example","allowedSites":["a.example",5],"bridges":{"myna":[]},"bridgeSites":null}}}}`)
		}, []string{"failure mistyped"}},
		"of the right types": {func(m *machine) {
			m.file(folder+"a.json", `{"3rdparty":{"extensions":{"`+manifests.IDs(manifests.Chromium)[0]+`":{"allowWindowPin":false,"allowRecordings":true,"blockedSites":["a.example"],"allowedSites":[],"bridges":{"myna":{"maxDigests":5}},"bridgeSites":{"myna":["a.lg.jp"]}}}}}`)
		}, nil},
		"of another extension": {func(m *machine) {
			m.file(folder+"a.json", `{"3rdparty":{"extensions":{"ponmlkjihgfedcbaponmlkjihgfedcba":{"allowWindowPin":"false"}}}}`)
		}, nil},
		"not JSON":                     {func(m *machine) { m.file(folder+"a.json", `{`) }, nil},
		"in a place that is not known": {func(m *machine) { m.program("/usr/bin/vivaldi", "") }, []string{"unknown not-looked-at"}},
		"of Firefox, which has none":   {func(m *machine) { m.program("/usr/bin/firefox", "") }, nil},
		"on macOS": {func(m *machine) {
			m.OS = "darwin"
			m.folder("/Applications/Google Chrome.app")
			m.folder("/Applications/Microsoft Edge.app")
		}, []string{"unknown not-looked-at"}},
		"of a browser that starts nothing": {func(m *machine) { m.program("/snap/bin/vivaldi", "") }, nil},
		"another browser's": {func(m *machine) {
			m.file("/etc/opt/chrome/policies/managed/a.json", `{"NativeMessagingBlocklist":["*"]}`)
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.program("/usr/bin/chromium", "")
			c.set(m)
			require.Equal(t, c.want, m.found("policy"))
		})
	}
}

// What Chromium passes over is named, of all the settings that the extension knows.
func TestMistypedPolicies(t *testing.T) {
	text, err := os.ReadFile("../../extension/static/managed_schema.json")
	require.NoError(t, err)
	var schema struct {
		Properties map[string]any `json:"properties"`
	}
	require.NoError(t, json.Unmarshal(text, &schema))
	keys := slices.Sorted(maps.Keys(schema.Properties))
	wrong := map[string]any{}
	for _, key := range keys {
		wrong[key] = 5
	}
	policy, err := json.Marshal(map[string]any{"3rdparty": map[string]any{"extensions": map[string]any{manifests.IDs(manifests.Chromium)[0]: wrong}}})
	require.NoError(t, err)
	m := newMachine(t)
	m.program("/usr/bin/chromium", "")
	m.file("/etc/chromium/policies/managed/a.json", string(policy))
	require.Contains(t, m.checks("policy")[0].Evidence.In("en"), strings.Join(keys, ", "))
}
