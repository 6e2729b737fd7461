package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestManifestProblems(t *testing.T) {
	tests := []struct {
		name, manifest string
		want           []string
	}{
		{"as it should be", `{"permissions":["storage","nativeMessaging"],"optional_host_permissions":["https://*/*"]}`, nil},
		{"sites by default", `{"host_permissions":[],"optional_host_permissions":["https://*/*"]}`, []string{"has host_permissions"}},
		{"scripts by default", `{"content_scripts":[{}],"optional_host_permissions":["https://*/*"]}`, []string{"has content_scripts"}},
		{"site as a permission", `{"permissions":["<all_urls>"],"optional_host_permissions":["https://*/*"]}`, []string{"asks for <all_urls>"}},
		{"wider option", `{"optional_host_permissions":["*://*/*"]}`,
			[]string{`optional_host_permissions is ["*://*/*"], not https://*/* alone`}},
		{"no option", `{}`, []string{"optional_host_permissions is [], not https://*/* alone"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			problems, err := manifestProblems([]byte(tt.manifest))
			require.NoError(t, err)
			require.Equal(t, tt.want, problems)
		})
	}
	_, err := manifestProblems([]byte(`[]`))
	require.Error(t, err)
}
