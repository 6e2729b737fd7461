package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestDates: times and dates are Japan's, in the page's language; what is no date stays.
func TestDates(t *testing.T) {
	late := time.Date(2024, 4, 30, 23, 4, 5, 0, time.UTC)
	for language, want := range map[string][]string{
		"ja": {"2024年5月1日 08時04分05秒（日本時間）", "2024年5月1日から2029年2月1日まで", "1980年5月5日", "1980-00-00"},
		"en": {"2024-05-01 08:04:05 JST", "2024-05-01 to 2029-02-01", "1980-05-05", "1980-00-00"},
	} {
		p := page{Language: language}
		require.Equal(t, want, []string{p.Moment(late), period(late, time.Date(2029, 1, 31, 15, 0, 0, 0, time.UTC), language), p.Day("1980-05-05"), p.Day("1980-00-00")})
	}
	for _, language := range languages {
		for _, forms := range []map[string]string{moments, days, periods} {
			require.Contains(t, forms, language)
		}
	}
}
