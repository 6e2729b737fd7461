package changelog

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNewest(t *testing.T) {
	const older = "\n\n## 0.1.0 (2026-12-01)\n\n* older\n"
	for name, c := range map[string]struct {
		text string
		want Entry
	}{
		"unreleased": {"# Changelog\n\nIntroduction.\n\n## 0.2.0 (unreleased)\n\n* one\n* two\n" + older, Entry{Version: "0.2.0", Notes: "* one\n* two"}},
		"released":   {"## 1.0.12 (2027-02-28)\n### Fixed\n* x" + older, Entry{"1.0.12", time.Date(2027, 2, 28, 0, 0, 0, 0, time.UTC), "### Fixed\n* x"}},
		"no notes":   {"## 0.1.0 (2026-12-01)", Entry{Version: "0.1.0", Date: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Newest(c.text)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}

func TestDay(t *testing.T) {
	committed := time.Date(2027, 3, 1, 8, 0, 0, 0, time.FixedZone("JST", 9*60*60))
	require.Equal(t, "2027-02-28", Entry{}.Day(committed))
	require.Equal(t, "2026-12-01", Entry{Date: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}.Day(committed))
}

func TestNewestRefuses(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"nothing":                  {"# Changelog\n", "no version"},
		"no date":                  {"## 0.1.0\n", "line 1"},
		"prerelease":               {"## 0.1.0-rc.1 (unreleased)\n", "line 1"},
		"leading zero":             {"## 0.01.0 (unreleased)\n", "line 1"},
		"no such day":              {"## 0.1.0 (2026-02-30)\n", "line 1"},
		"an older one, unreleased": {"## 0.2.0 (2026-12-01)\n\n## 0.1.0 (unreleased)\n", "line 3: only the newest"},
		"another heading":          {"## 0.1.0 (unreleased)\n\n## Thanks\n", "line 3"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Newest(c.text)
			require.ErrorContains(t, err, c.says)
		})
	}
}
