package rules

import "time"

// States of a certificate in time. They say nothing of revocation.
const (
	Valid       = "valid"
	ExpiresSoon = "expires-soon" // renewal is open
	Expired     = "expired"
	NotYetValid = "not-yet-valid"
)

// renewalMonths before the end, renewal opens (jpki-card.md §6).
const renewalMonths = 3

// A Standing is where a certificate stands between its two dates.
type Standing struct {
	State        string `json:"state"`
	DaysLeft     int    `json:"daysLeft"` // days in Japan from today to the last day: 0 on the last day, and when it has expired
	RenewalOpens Date   `json:"renewalOpens"`
}

// StandingAt compares a certificate's dates (RFC 5280 §4.1.2.5: both moments belong to its validity)
// with now. It counts in days of Japan. A certificate ends with the last second of such a day;
// municipalities renew it from the day three months before, and from then on it "expires soon". The
// month's last day stands for one that it does not have.
func StandingAt(notBefore, notAfter, now time.Time) Standing {
	today, last := DateIn(now), DateIn(notAfter)
	s := Standing{State: Valid, DaysLeft: max(0, today.DaysUntil(last)), RenewalOpens: last.AddMonths(-renewalMonths)}
	if s.RenewalOpens.Year < 1 { // a certificate may claim the year 0 (X.680 §46), a Date may not
		s.RenewalOpens = Date{1, time.January, 1}
	}
	switch {
	case now.After(notAfter):
		s.State, s.DaysLeft = Expired, 0
	case now.Before(notBefore):
		s.State = NotYetValid
	case !today.Before(s.RenewalOpens):
		s.State = ExpiresSoon
	}
	return s
}
