package main

import (
	"testing"
	"time"

	"github.com/natsuin/natsuin/scripts/changelog"
	"github.com/stretchr/testify/require"
)

func TestVersionProblem(t *testing.T) {
	pattern := versionPlaces[0].pattern
	for name, c := range map[string]struct{ content, want string }{
		"the same":  {"  version: \"0.2.0\",\n", ""},
		"an older":  {"  version: \"0.1.0\",\n", "states version 0.1.0; the newest in CHANGELOG.md is 0.2.0"},
		"none":      {"  manifest_version: 3,\n", "states a version in 0 places; expected one"},
		"two":       {"  version: \"0.2.0\",\n  version: \"0.2.0\",\n", "states a version in 2 places; expected one"},
		"elsewhere": {"  minimum_version: \"1\",\n  version: \"0.2.0\",\n", ""},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, versionProblem(c.content, pattern, "0.2.0")) })
	}
}

func TestTagProblems(t *testing.T) {
	released := changelog.Entry{Version: "0.2.0", Date: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}
	for name, c := range map[string]struct {
		tags   []string
		newest changelog.Entry
		says   []string
	}{
		"no tag":            {nil, changelog.Entry{Version: "0.2.0"}, nil},
		"released":          {[]string{"v0.2.0"}, released, nil},
		"of another":        {[]string{"v0.3.0"}, released, []string{"tagged v0.3.0"}},
		"with a suffix":     {[]string{"v0.2.0-rc.1"}, released, []string{"tagged v0.2.0-rc.1"}},
		"not yet dated":     {[]string{"v0.2.0"}, changelog.Entry{Version: "0.2.0"}, []string{"calls it unreleased"}},
		"both, and no date": {[]string{"v0.2.0", "v1.0.0"}, changelog.Entry{Version: "0.2.0"}, []string{"tagged v1.0.0", "calls it unreleased"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := tagProblems(c.tags, c.newest)
			require.Len(t, got, len(c.says))
			for i, says := range c.says {
				require.Contains(t, got[i], says)
			}
		})
	}
}
