package rules

import "fmt"

// A Holder is what the rules on validity depend on.
type Holder struct {
	Birth     Date
	Issued    Date // when card and certificates were issued
	Applied   Date // when the card was applied for; zero where not told
	Foreign   bool // a foreign resident
	StayUntil Date // the end of a foreign resident's period of stay (在留期間); zero where not known
}

// An End says until when the card or a certificate lasts. One of Until, Never and ByResidence is set.
type End struct {
	Until Date `json:"until,omitzero"` // its last day
	// UntilIf20 is its last day instead if it was applied for up to 2022-03-31, when one came of age at 20; zero
	// where that is told, or makes no difference.
	UntilIf20   Date   `json:"untilIf20,omitzero"`
	Never       bool   `json:"never,omitempty"`       // it is not issued
	ByResidence bool   `json:"byResidence,omitempty"` // status of residence and period of stay decide
	Topic       string `json:"topic"`                 // id of the Topic that explains it
}

// A Validity is how long the card and the two certificates of a holder last.
type Validity struct {
	Card           End `json:"card"`
	Authentication End `json:"authentication"`
	Signature      End `json:"signature"`
}

// A FieldError says which field of a Holder is wrong, by its JSON name, and why.
type FieldError struct {
	Field   string
	Problem *Problem
}

func (e *FieldError) Error() string { return e.Field + " " + e.Problem.EN }

var (
	// firstCards: applications for My Number Cards began in October 2015, and the registry's first keys
	// are of that month (jpki-card.md §5.2).
	firstCards = Date{2015, 10, 1}
	// lastOf20 is the last day of application on which one came of age at 20.
	lastOf20 = Date{2022, 3, 31}
	// lastDoubtful is the last day of issue for which the day of application is asked: cards are handed out
	// within some months of it.
	lastDoubtful = Date{2023, 3, 31}

	tooOld = problem(fmt.Sprintf("発行の日より%d年以上前です。", oldestHolder),
		fmt.Sprintf("is more than %d years before the day of issue", oldestHolder))
	beforeFirstCards = problem("最初のマイナンバーカード（2015年10月）より前です。", "is before the first My Number Cards (2015-10-01)")
)

const (
	signatureAge = 15  // the signature certificate equals a registered seal (実印)
	oldestHolder = 130 // years; nobody has lived longer
	lastYear     = 2199
)

// Validity applies the rules to certificates that were issued together with the card.
//
// Adults (18 years; 20 for cards applied for up to 2022-03-31): card to the 10th birthday after issue,
// certificates to the 5th. From 15: everything to the 5th. Under 15: likewise, and no signature
// certificate. Foreign residents: by status of residence and period of stay; where the end of the stay
// is given, the rules above, but not beyond it. No certificate outlasts the card.
//
// A certificate renewed in the three months before its end lasts to the 6th birthday: that is the rule
// above applied to the end of the old one, and not asked for here.
//
// What the sources leave open is settled thus. A birthday on the day of issue does not count ("the 5th
// birthday after issue"). A birthday on 29 February is 28 February in common years. Age is
// counted in birthdays reached on the day itself; 年齢計算ニ関する法律 has one come of age at the end of the
// day before, which no source says of issue, so the day before a birthday is the one on which a counter
// could decide otherwise.
//
// The error is a *FieldError.
func (h Holder) Validity() (Validity, error) {
	told := !h.Applied.IsZero()
	if !told {
		h.Applied = h.Issued
	}
	if err := h.check(); err != nil {
		return Validity{}, err
	}
	age := h.age()
	topic := h.topic(age)
	if h.Foreign && h.StayUntil.IsZero() {
		stay := End{ByResidence: true, Topic: topic}
		return h.withSignature(age, Validity{Card: stay, Authentication: stay, Signature: stay}), nil
	}
	card := End{Until: h.cardUntil(age >= h.majority()), Topic: topic}
	if !told && age >= 18 && age < 20 && lastOf20.Before(h.Issued) && !lastDoubtful.Before(h.Issued) {
		if until := h.cardUntil(false); until != card.Until {
			card.UntilIf20, card.Topic = until, "validity-20-for-18"
		}
	}
	certificate := End{Until: earlier(h.birthdayAfterIssue(5), card.Until), Topic: topic}
	return h.withSignature(age, Validity{Card: card, Authentication: certificate, Signature: certificate}), nil
}

// cardUntil is the last day of the card of one who was of age at issue, or was not.
func (h Holder) cardUntil(ofAge bool) Date {
	birthdays := 5
	if ofAge {
		birthdays = 10
	}
	until := h.birthdayAfterIssue(birthdays)
	if h.Foreign {
		until = earlier(until, h.StayUntil)
	}
	return until
}

// withSignature takes the signature certificate from those who are too young for one.
func (h Holder) withSignature(age int, v Validity) Validity {
	if age < signatureAge {
		v.Signature = End{Never: true, Topic: "under-15"}
	}
	return v
}

// check finds dates that cannot be.
func (h Holder) check() error {
	for _, d := range []struct {
		field string
		Date
		missing bool
	}{
		{"birth", h.Birth, h.Birth.IsZero()},
		{"issued", h.Issued, h.Issued.IsZero()},
		{"applied", h.Applied, false},
		{"stayUntil", h.StayUntil, false},
	} {
		if d.missing {
			return &FieldError{d.field, problem("指定されていません。", "is missing")}
		}
		if _, err := d.MarshalText(); err != nil && !d.IsZero() {
			return &FieldError{d.field, notInCalendar}
		}
	}
	switch {
	case h.Issued.Before(firstCards):
		return &FieldError{"issued", beforeFirstCards}
	case h.Issued.Year > lastYear:
		return &FieldError{"issued", problem("遠い先の日付です。", "is too far in the future")}
	case h.Issued.Before(h.Birth):
		return &FieldError{"birth", problem("発行の日より後です。", "is after the day of issue")}
	case h.Issued.Year-h.Birth.Year > oldestHolder:
		return &FieldError{"birth", tooOld}
	case h.Issued.Before(h.Applied):
		return &FieldError{"applied", problem("発行の日より後です。", "is after the day of issue")}
	case h.Applied.Before(firstCards):
		return &FieldError{"applied", beforeFirstCards}
	case !h.StayUntil.IsZero() && !h.Foreign:
		return &FieldError{"stayUntil", problem("外国人住民の方だけの指定です（--foreignと一緒に使います）。", "is for foreign residents only")}
	case !h.StayUntil.IsZero() && h.StayUntil.Before(h.Issued):
		return &FieldError{"stayUntil", problem("発行の日より前です。", "is before the day of issue")}
	}
	return nil
}

// majority is the age from which the card lasts ten birthdays.
func (h Holder) majority() int {
	if lastOf20.Before(h.Applied) {
		return 18
	}
	return 20
}

// age is the number of birthdays that the holder had, the day of issue included.
func (h Holder) age() int {
	age := h.Issued.Year - h.Birth.Year
	if h.Issued.Before(h.birthday(h.Issued.Year)) {
		age--
	}
	return age
}

// birthday is the holder's birthday in that year.
func (h Holder) birthday(year int) Date { return h.Birth.AddMonths(12 * (year - h.Birth.Year)) }

// birthdayAfterIssue is the nth birthday after the day of issue.
func (h Holder) birthdayAfterIssue(n int) Date {
	year := h.Issued.Year + n
	if h.Issued.Before(h.birthday(h.Issued.Year)) {
		year--
	}
	return h.birthday(year)
}

// topic names what explains the result.
func (h Holder) topic(age int) string {
	switch {
	case h.Foreign:
		return "foreign-residents"
	case age < signatureAge:
		return "validity-under-15"
	case age < 18:
		return "validity-15-17"
	case age < h.majority():
		return "validity-20-for-18"
	}
	return "validity-adult"
}

func earlier(a, b Date) Date {
	if b.Before(a) {
		return b
	}
	return a
}
