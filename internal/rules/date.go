package rules

import (
	"fmt"
	"regexp"
	"time"
)

// japan is the time zone in which cards and certificates begin and end. It has no summer time.
var japan = time.FixedZone("JST", 9*60*60)

// A Date is a day of the Gregorian calendar, without a time or a zone. As text and in JSON it is
// YYYY-MM-DD. The zero Date is no day.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

var dateForm = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)

// A Problem is what is wrong with something that a person gave, in both languages. As an error it is English.
type Problem Text

func (p *Problem) Error() string { return p.EN }

func problem(ja, en string) *Problem { return &Problem{ja, en} }

var notInCalendar = problem("暦にない日付です。", "is not a day of the calendar")

// ParseDate reads exactly YYYY-MM-DD, and only days that the calendar has. The error is a *Problem.
func ParseDate(s string) (Date, error) {
	if !dateForm.MatchString(s) {
		return Date{}, problem("日付はYYYY-MM-DDの形で指定してください（例: 1990-01-31）。", "is not a date of the form YYYY-MM-DD")
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() == 0 {
		return Date{}, notInCalendar
	}
	return dateOf(t), nil
}

// DateIn returns the day that it is in Japan at that moment.
func DateIn(t time.Time) Date { return dateOf(t.In(japan)) }

func dateOf(t time.Time) Date {
	var d Date
	d.Year, d.Month, d.Day = t.Date()
	return d
}

// noon is a moment of that day by which days can be counted.
func (d Date) noon() time.Time { return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC) }

// String returns YYYY-MM-DD.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// IsZero says whether d is no day at all.
func (d Date) IsZero() bool { return d == Date{} }

// Compare is -1, 0 or 1 where d is before, the same as or after other.
func (d Date) Compare(other Date) int { return d.noon().Compare(other.noon()) }

// Before says whether d is an earlier day than other.
func (d Date) Before(other Date) bool { return d.Compare(other) < 0 }

// DaysUntil counts the days from d to other: 1 from a day to the next, negative backwards.
func (d Date) DaysUntil(other Date) int {
	return int((other.noon().Unix() - d.noon().Unix()) / (24 * 60 * 60)) // a time.Duration ends at 292 years
}

// AddMonths returns the day of the same number n months later (earlier, if n is negative), or the last
// day of that month where it has no such day, as 民法 article 143 counts months.
func (d Date) AddMonths(n int) Date {
	first := time.Date(d.Year, d.Month+time.Month(n), 1, 12, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return Date{first.Year(), first.Month(), min(d.Day, last)}
}

// MarshalText writes YYYY-MM-DD, so that JSON shows a string.
func (d Date) MarshalText() ([]byte, error) {
	if read, err := ParseDate(d.String()); err != nil || read != d {
		return nil, fmt.Errorf("rules: %v is not a date", d)
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what MarshalText writes, and nothing else.
func (d *Date) UnmarshalText(text []byte) error {
	read, err := ParseDate(string(text))
	if err != nil {
		return fmt.Errorf("rules: %q %w", text, err)
	}
	*d = read
	return nil
}
