package manifests_test

import (
	"encoding/json"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/manifests"
)

func TestHostNameIsOneThatEveryBrowserTakes(t *testing.T) {
	require.Regexp(t, regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)*$`), manifests.HostName)
}

func TestHostManifestsNameTheExtensionOfTheirFamily(t *testing.T) {
	var chromium, firefox map[string]any
	require.NoError(t, json.Unmarshal(manifests.Host(manifests.Chromium, "/opt/natsuin"), &chromium))
	require.NoError(t, json.Unmarshal(manifests.Host(manifests.Firefox, "/opt/natsuin"), &firefox))
	for _, m := range []map[string]any{chromium, firefox} {
		require.Equal(t, "stdio", m["type"])
		require.Equal(t, "/opt/natsuin", m["path"])
		require.Equal(t, manifests.HostName, m["name"])
	}
	require.NotContains(t, chromium, "allowed_extensions")
	require.NotContains(t, firefox, "allowed_origins")
	for _, origin := range chromium["allowed_origins"].([]any) {
		require.Regexp(t, `^chrome-extension://[a-p]{32}/$`, origin)
	}
	require.Equal(t, []any{"natsuin@natsuin.github.io"}, firefox["allowed_extensions"])
}
