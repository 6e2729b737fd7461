package rules

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// day reads a date that the test's author wrote.
func day(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(s + " " + err.Error())
	}
	return d
}

func TestParseDate(t *testing.T) {
	require.Equal(t, Date{2024, time.February, 29}, day("2024-02-29"))
	for _, bad := range []string{"", "2023-02-29", "2024-2-9", "2024-13-01", "2024-00-10", "2024-04-31", "2024-01-00", "0000-01-01",
		"2024-01-01 ", "+024-01-01", "-024-01-01", "20240101", "2024/01/01", "２０２４-01-01", "2024-01-01T00:00:00Z", "12024-01-01"} {
		_, err := ParseDate(bad)
		require.Error(t, err, bad)
	}
}

func TestDateInJSON(t *testing.T) {
	var v struct {
		D Date  `json:"d"`
		O *Date `json:"o,omitempty"`
	}
	require.NoError(t, json.Unmarshal([]byte(`{"d":"2024-02-29"}`), &v))
	text, err := json.Marshal(v)
	require.NoError(t, err)
	require.JSONEq(t, `{"d":"2024-02-29"}`, string(text))
	require.Error(t, json.Unmarshal([]byte(`{"d":"2023-02-29"}`), &v))
	require.Error(t, json.Unmarshal([]byte(`{"d":20240229}`), &v))
	for _, d := range []Date{{}, {2023, 2, 29}, {2023, 13, 1}, {10000, 1, 1}, {-1, 1, 1}} {
		_, err := json.Marshal(d)
		require.Error(t, err, "%v", d)
	}
}

func TestAddMonths(t *testing.T) {
	for _, c := range []struct {
		from string
		n    int
		to   string
	}{
		{"2024-05-15", -3, "2024-02-15"},
		{"2024-05-31", -3, "2024-02-29"},
		{"2023-05-31", -3, "2023-02-28"},
		{"2024-05-29", -3, "2024-02-29"},
		{"2023-05-29", -3, "2023-02-28"},
		{"2024-03-31", -3, "2023-12-31"},
		{"2024-02-29", -3, "2023-11-29"},
		{"2024-01-31", -3, "2023-10-31"},
		{"2024-07-31", -3, "2024-04-30"},
		{"2024-02-29", 12, "2025-02-28"},
		{"2024-02-29", 48, "2028-02-29"},
		{"2096-02-29", 48, "2100-02-28"},
		{"1996-02-29", 48, "2000-02-29"},
		{"2023-12-31", 2, "2024-02-29"},
		{"2024-06-30", 0, "2024-06-30"},
	} {
		require.Equal(t, c.to, day(c.from).AddMonths(c.n).String(), "%s %+d months", c.from, c.n)
	}
}

func TestDaysAndOrder(t *testing.T) {
	require.Equal(t, 366, day("2024-01-01").DaysUntil(day("2025-01-01")))
	require.Equal(t, -1, day("2024-03-01").DaysUntil(day("2024-02-29")))
	require.Equal(t, 3652058, day("0001-01-01").DaysUntil(day("9999-12-31")))
	require.Zero(t, day("2024-03-01").Compare(day("2024-03-01")))
	require.True(t, day("2024-03-01").Before(day("2024-03-02")))
	require.False(t, day("2024-03-01").Before(day("2024-03-01")))
}

func FuzzParseDate(f *testing.F) {
	f.Add("2024-02-29")
	f.Add("2023-02-29")
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDate(s)
		if err != nil {
			require.True(t, d.IsZero())
			return
		}
		require.Equal(t, s, d.String())
		text, err := d.MarshalText()
		require.NoError(t, err)
		require.Equal(t, s, string(text))
		require.Equal(t, 1, d.DaysUntil(dateOf(d.noon().AddDate(0, 0, 1))))
	})
}
