package rules

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestStandingAt(t *testing.T) {
	moment := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339, s)
		require.NoError(t, err)
		return at
	}
	for name, c := range map[string]struct {
		notAfter, now string
		want          Standing
	}{
		"long before":              {"2029-01-31T14:59:59Z", "2028-10-01T00:00:00Z", Standing{Valid, 122, day("2028-10-31")}},
		"last second before":       {"2029-01-31T14:59:59Z", "2028-10-30T14:59:59Z", Standing{Valid, 93, day("2028-10-31")}},
		"renewal opens":            {"2029-01-31T14:59:59Z", "2028-10-30T15:00:00Z", Standing{ExpiresSoon, 92, day("2028-10-31")}},
		"the last day begins":      {"2029-01-31T14:59:59Z", "2029-01-30T15:00:00Z", Standing{ExpiresSoon, 0, day("2028-10-31")}},
		"the day before the last":  {"2029-01-31T14:59:59Z", "2029-01-30T14:59:59Z", Standing{ExpiresSoon, 1, day("2028-10-31")}},
		"its last second":          {"2029-01-31T14:59:59Z", "2029-01-31T14:59:59Z", Standing{ExpiresSoon, 0, day("2028-10-31")}},
		"over":                     {"2029-01-31T14:59:59Z", "2029-01-31T15:00:00Z", Standing{Expired, 0, day("2028-10-31")}},
		"long over":                {"2029-01-31T14:59:59Z", "2039-01-31T15:00:00Z", Standing{Expired, 0, day("2028-10-31")}},
		"told in another zone":     {"2029-01-31T09:59:59-05:00", "2029-01-31T23:30:00+09:00", Standing{ExpiresSoon, 0, day("2028-10-31")}},
		"three months to 31 May":   {"2029-05-31T14:59:59Z", "2029-02-27T15:00:00Z", Standing{ExpiresSoon, 92, day("2029-02-28")}},
		"and the day before":       {"2029-05-31T14:59:59Z", "2029-02-27T14:59:59Z", Standing{Valid, 93, day("2029-02-28")}},
		"31 May of a leap year":    {"2028-05-31T14:59:59Z", "2028-02-28T15:00:00Z", Standing{ExpiresSoon, 92, day("2028-02-29")}},
		"end in February":          {"2028-02-29T14:59:59Z", "2027-11-28T15:00:00Z", Standing{ExpiresSoon, 92, day("2027-11-29")}},
		"end in the new year":      {"2029-03-31T14:59:59Z", "2028-12-30T15:00:00Z", Standing{ExpiresSoon, 90, day("2028-12-31")}},
		"not yet valid":            {"2029-01-31T14:59:59Z", "2024-04-30T14:59:59Z", Standing{NotYetValid, 1737, day("2028-10-31")}},
		"its first second":         {"2029-01-31T14:59:59Z", "2024-05-01T00:00:00Z", Standing{Valid, 1736, day("2028-10-31")}},
		"end before the beginning": {"2023-01-31T14:59:59Z", "2024-04-30T00:00:00Z", Standing{Expired, 0, day("2022-10-31")}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, StandingAt(moment("2024-05-01T00:00:00Z"), moment(c.notAfter), moment(c.now)))
		})
	}
}

// A certificate may claim any moment from the year 0 to 9999; a standing can be told all the same.
func FuzzStandingAt(f *testing.F) {
	first, last := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).Unix(), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).Unix()
	f.Add(int64(1714521600), int64(1864565999), int64(1800000000))
	f.Add(first, first, first)
	f.Add(last, last, last)
	f.Add(first, last, int64(0))
	f.Fuzz(func(t *testing.T, notBefore, notAfter, now int64) {
		for _, at := range []int64{notBefore, notAfter, now} {
			if at < first || at > last {
				return
			}
		}
		s := StandingAt(time.Unix(notBefore, 0), time.Unix(notAfter, 0), time.Unix(now, 0))
		text, err := json.Marshal(s)
		require.NoError(t, err)
		var again Standing
		require.NoError(t, json.Unmarshal(text, &again))
		require.Equal(t, s, again)
		require.GreaterOrEqual(t, s.DaysLeft, 0)
		require.Equal(t, now > notAfter, s.State == Expired)
		require.Equal(t, now <= notAfter && now < notBefore, s.State == NotYetValid)
	})
}

func TestStandingInJSON(t *testing.T) {
	text, err := json.Marshal(Standing{Valid, 123, day("2028-10-31")})
	require.NoError(t, err)
	require.JSONEq(t, `{"state":"valid","daysLeft":123,"renewalOpens":"2028-10-31"}`, string(text))
}
