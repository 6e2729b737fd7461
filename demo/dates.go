package main

import (
	"fmt"
	"time"
)

// How the site writes times, dates and from when to when something lasts, by language. All are Japan's.
var (
	moments = map[string]string{"ja": "2006年1月2日 15時04分05秒（日本時間）", "en": "2006-01-02 15:04:05 JST"}
	days    = map[string]string{"ja": "2006年1月2日", "en": time.DateOnly}
	periods = map[string]string{"ja": "%sから%sまで", "en": "%s to %s"}
)

// moment writes a time as all of the site's pages do.
func moment(t time.Time, language string) string { return t.In(japan).Format(moments[language]) }

// period writes the first and the last day of what lasts.
func period(from, to time.Time, language string) string {
	day := func(t time.Time) string { return t.In(japan).Format(days[language]) }
	return fmt.Sprintf(periods[language], day(from), day(to))
}

// Day writes a date in the page's language; one that is none, such as a date of birth of which the register does not know
// the day, stays as it is.
func (p page) Day(date string) string {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return day.Format(days[p.Language])
}

// Moment writes a time in the page's language.
func (p page) Moment(t time.Time) string { return moment(t, p.Language) }
