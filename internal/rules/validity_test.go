package rules

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestValidity(t *testing.T) {
	const never, stay = "never", "by residence"
	for name, c := range map[string]struct {
		birth, issued, applied, stayUntil  string
		foreign                            bool
		card, auth, sign, topic, signTopic string
	}{
		"adult":                                    {birth: "1990-01-31", issued: "2024-05-01", card: "2034-01-31", auth: "2029-01-31", sign: "2029-01-31", topic: "validity-adult"},
		"adult, birthday still to come":            {birth: "1990-12-24", issued: "2024-05-01", card: "2033-12-24", auth: "2028-12-24", sign: "2028-12-24", topic: "validity-adult"},
		"issued on the birthday":                   {birth: "1990-05-01", issued: "2024-05-01", card: "2034-05-01", auth: "2029-05-01", sign: "2029-05-01", topic: "validity-adult"},
		"issued the day before the birthday":       {birth: "1990-05-02", issued: "2024-05-01", card: "2033-05-02", auth: "2028-05-02", sign: "2028-05-02", topic: "validity-adult"},
		"issued the day after the birthday":        {birth: "1990-04-30", issued: "2024-05-01", card: "2034-04-30", auth: "2029-04-30", sign: "2029-04-30", topic: "validity-adult"},
		"18 today":                                 {birth: "2006-05-01", issued: "2024-05-01", card: "2034-05-01", auth: "2029-05-01", sign: "2029-05-01", topic: "validity-adult"},
		"18 tomorrow":                              {birth: "2006-05-02", issued: "2024-05-01", card: "2028-05-02", auth: "2028-05-02", sign: "2028-05-02", topic: "validity-15-17"},
		"15 today":                                 {birth: "2009-05-01", issued: "2024-05-01", card: "2029-05-01", auth: "2029-05-01", sign: "2029-05-01", topic: "validity-15-17"},
		"15 tomorrow":                              {birth: "2009-05-02", issued: "2024-05-01", card: "2028-05-02", auth: "2028-05-02", sign: never, topic: "validity-under-15", signTopic: "under-15"},
		"newborn":                                  {birth: "2024-05-01", issued: "2024-05-01", card: "2029-05-01", auth: "2029-05-01", sign: never, topic: "validity-under-15", signTopic: "under-15"},
		"19, applied on the last day of 20":        {birth: "2003-01-10", issued: "2022-04-20", applied: "2022-03-31", card: "2027-01-10", auth: "2027-01-10", sign: "2027-01-10", topic: "validity-20-for-18"},
		"19, applied on the first day of 18":       {birth: "2003-01-10", issued: "2022-04-20", applied: "2022-04-01", card: "2032-01-10", auth: "2027-01-10", sign: "2027-01-10", topic: "validity-adult"},
		"18, issued before, not told when applied": {birth: "2003-01-10", issued: "2022-03-31", card: "2027-01-10", auth: "2027-01-10", sign: "2027-01-10", topic: "validity-20-for-18"},
		"20 in the time of 20":                     {birth: "2001-01-10", issued: "2021-04-20", card: "2031-01-10", auth: "2026-01-10", sign: "2026-01-10", topic: "validity-adult"},
		"17 in the time of 20":                     {birth: "2004-01-10", issued: "2021-04-20", card: "2026-01-10", auth: "2026-01-10", sign: "2026-01-10", topic: "validity-15-17"},
		"29 February, to common years":             {birth: "1992-02-29", issued: "2024-05-01", card: "2034-02-28", auth: "2029-02-28", sign: "2029-02-28", topic: "validity-adult"},
		"29 February, to a leap year":              {birth: "1992-02-29", issued: "2023-02-27", card: "2032-02-29", auth: "2027-02-28", sign: "2027-02-28", topic: "validity-adult"},
		"29 February, issued on 28 of a common":    {birth: "1992-02-29", issued: "2023-02-28", card: "2033-02-28", auth: "2028-02-29", sign: "2028-02-29", topic: "validity-adult"},
		"29 February, 18 on 28":                    {birth: "2004-02-29", issued: "2022-02-28", applied: "2022-01-05", card: "2027-02-28", auth: "2027-02-28", sign: "2027-02-28", topic: "validity-20-for-18"},
		"issued on 29 February":                    {birth: "1990-03-01", issued: "2024-02-29", card: "2033-03-01", auth: "2028-03-01", sign: "2028-03-01", topic: "validity-adult"},
		"foreign":                                  {birth: "1990-01-31", issued: "2024-05-01", foreign: true, card: stay, auth: stay, sign: stay, topic: "foreign-residents"},
		"foreign, under 15":                        {birth: "2012-01-31", issued: "2024-05-01", foreign: true, card: stay, auth: stay, sign: never, topic: "foreign-residents", signTopic: "under-15"},
		"foreign, short stay":                      {birth: "1990-01-31", issued: "2024-05-01", foreign: true, stayUntil: "2026-04-30", card: "2026-04-30", auth: "2026-04-30", sign: "2026-04-30", topic: "foreign-residents"},
		"foreign, stay between":                    {birth: "1990-01-31", issued: "2024-05-01", foreign: true, stayUntil: "2031-04-30", card: "2031-04-30", auth: "2029-01-31", sign: "2029-01-31", topic: "foreign-residents"},
		"foreign, long stay":                       {birth: "1990-01-31", issued: "2024-05-01", foreign: true, stayUntil: "2050-04-30", card: "2034-01-31", auth: "2029-01-31", sign: "2029-01-31", topic: "foreign-residents"},
		"foreign, stay ends today":                 {birth: "1990-01-31", issued: "2024-05-01", foreign: true, stayUntil: "2024-05-01", card: "2024-05-01", auth: "2024-05-01", sign: "2024-05-01", topic: "foreign-residents"},
	} {
		t.Run(name, func(t *testing.T) {
			h := Holder{Birth: day(c.birth), Issued: day(c.issued), Foreign: c.foreign}
			if c.applied != "" {
				h.Applied = day(c.applied)
			}
			if c.stayUntil != "" {
				h.StayUntil = day(c.stayUntil)
			}
			v, err := h.Validity()
			require.NoError(t, err)
			end := func(s, topic string) End {
				switch s {
				case never:
					return End{Never: true, Topic: topic}
				case stay:
					return End{ByResidence: true, Topic: topic}
				}
				return End{Until: day(s), Topic: topic}
			}
			if c.signTopic == "" {
				c.signTopic = c.topic
			}
			require.Equal(t, Validity{end(c.card, c.topic), end(c.auth, c.topic), end(c.sign, c.signTopic)}, v)
			require.Len(t, Find(c.topic), 1)
			require.Len(t, Find(c.signTopic), 1)
		})
	}
}

// Whose majority depends on a day of application that is not told learns both ends of the card.
func TestValidityWithoutTheDayOfApplication(t *testing.T) {
	for name, c := range map[string]struct {
		birth, issued, applied, stayUntil string
		until, if20                       string
	}{
		"19":                         {birth: "2003-04-01", issued: "2022-05-01", until: "2032-04-01", if20: "2027-04-01"},
		"18 today":                   {birth: "2004-05-01", issued: "2022-05-01", until: "2032-05-01", if20: "2027-05-01"},
		"17":                         {birth: "2004-05-02", issued: "2022-05-01", until: "2026-05-02"},
		"20":                         {birth: "2002-05-01", issued: "2022-05-01", until: "2032-05-01"},
		"told":                       {birth: "2003-04-01", issued: "2022-05-01", applied: "2022-04-01", until: "2032-04-01"},
		"the day after the change":   {birth: "2003-04-01", issued: "2022-04-01", until: "2032-04-01", if20: "2027-04-01"},
		"before the change":          {birth: "2003-04-02", issued: "2022-03-31", until: "2026-04-02"},
		"a year after the change":    {birth: "2004-04-01", issued: "2023-03-31", until: "2032-04-01", if20: "2027-04-01"},
		"later":                      {birth: "2004-04-01", issued: "2023-04-01", until: "2033-04-01"},
		"foreign, until the stay is": {birth: "2003-04-01", issued: "2022-05-01", stayUntil: "2025-01-31", until: "2025-01-31"},
		"foreign, a longer stay":     {birth: "2003-04-01", issued: "2022-05-01", stayUntil: "2029-01-31", until: "2029-01-31", if20: "2027-04-01"},
	} {
		t.Run(name, func(t *testing.T) {
			h := Holder{Birth: day(c.birth), Issued: day(c.issued), Foreign: c.stayUntil != ""}
			if c.applied != "" {
				h.Applied = day(c.applied)
			}
			if h.Foreign {
				h.StayUntil = day(c.stayUntil)
			}
			v, err := h.Validity()
			require.NoError(t, err)
			require.Equal(t, day(c.until), v.Card.Until)
			if c.if20 == "" {
				require.True(t, v.Card.UntilIf20.IsZero())
				return
			}
			require.Equal(t, day(c.if20), v.Card.UntilIf20)
			require.Equal(t, "validity-20-for-18", v.Card.Topic)
			require.True(t, v.Authentication.UntilIf20.IsZero(), "the 5th birthday all the same")
			require.Equal(t, v.Authentication, v.Signature)
			require.LessOrEqual(t, v.Authentication.Until.Compare(v.Card.UntilIf20), 0)
		})
	}
}

// The same reckoned in another way: by walking from the day after issue and counting birthdays.
func TestValidityByWalking(t *testing.T) {
	isBirthday := func(birth, d Date) bool {
		if birth.Month == 2 && birth.Day == 29 && d.Month == 2 && d.Day == 28 {
			return d.noon().AddDate(0, 0, 1).Day() == 1
		}
		return d.Month == birth.Month && d.Day == birth.Day
	}
	walk := func(birth, issued Date, birthdays int) Date {
		d := issued
		for birthdays > 0 {
			d = dateOf(d.noon().AddDate(0, 0, 1))
			if isBirthday(birth, d) {
				birthdays--
			}
		}
		return d
	}
	for _, birth := range []Date{day("1960-02-29"), day("1985-03-01"), day("1971-02-28"), day("1999-12-31"), day("2000-01-01"), day("2004-02-29"), day("2010-06-15")} {
		for issued := day("2022-04-01"); issued.Before(day("2026-04-01")); issued = dateOf(issued.noon().AddDate(0, 0, 5)) {
			v, err := Holder{Birth: birth, Issued: issued}.Validity()
			require.NoError(t, err)
			five, card := walk(birth, issued, 5), 5
			if !issued.Before(birth.AddMonths(12 * 18)) {
				card = 10
			}
			require.Equal(t, five, v.Authentication.Until, "born %v, issued %v", birth, issued)
			require.Equal(t, walk(birth, issued, card), v.Card.Until, "born %v, issued %v", birth, issued)
			require.Equal(t, issued.Before(birth.AddMonths(12*15)), v.Signature.Never, "born %v, issued %v", birth, issued)
		}
	}
}

func TestValidityNamesTheField(t *testing.T) {
	good := Holder{Birth: day("1990-01-31"), Issued: day("2024-05-01")}
	for name, c := range map[string]struct {
		change func(*Holder)
		field  string
	}{
		"no birth":                 {func(h *Holder) { h.Birth = Date{} }, "birth"},
		"no issue":                 {func(h *Holder) { h.Issued = Date{} }, "issued"},
		"no such birth":            {func(h *Holder) { h.Birth = Date{1990, 2, 30} }, "birth"},
		"no such application":      {func(h *Holder) { h.Applied = Date{2024, 4, 31} }, "applied"},
		"no such end of stay":      {func(h *Holder) { h.Foreign, h.StayUntil = true, Date{2024, 13, 1} }, "stayUntil"},
		"birth after issue":        {func(h *Holder) { h.Birth = day("2024-05-02") }, "birth"},
		"birth in the far past":    {func(h *Holder) { h.Birth = day("1890-01-31") }, "birth"},
		"before the first cards":   {func(h *Holder) { h.Issued = day("2015-09-30") }, "issued"},
		"far in the future":        {func(h *Holder) { h.Issued = day("9999-01-01") }, "issued"},
		"applied after issue":      {func(h *Holder) { h.Applied = day("2024-05-02") }, "applied"},
		"applied before all cards": {func(h *Holder) { h.Applied = day("2015-09-30") }, "applied"},
		"a stay without foreign":   {func(h *Holder) { h.StayUntil = day("2026-01-01") }, "stayUntil"},
		"a stay that was over":     {func(h *Holder) { h.Foreign, h.StayUntil = true, day("2024-04-30") }, "stayUntil"},
	} {
		t.Run(name, func(t *testing.T) {
			h := good
			c.change(&h)
			_, err := h.Validity()
			var field *FieldError
			require.True(t, errors.As(err, &field), "%v", err)
			require.Equal(t, c.field, field.Field)
			require.Contains(t, err.Error(), c.field)
		})
	}
}

func TestValidityInJSON(t *testing.T) {
	v, err := Holder{Birth: day("2012-01-31"), Issued: day("2024-05-01")}.Validity()
	require.NoError(t, err)
	text, err := json.Marshal(v)
	require.NoError(t, err)
	require.JSONEq(t, `{"card":{"until":"2029-01-31","topic":"validity-under-15"},
		"authentication":{"until":"2029-01-31","topic":"validity-under-15"},
		"signature":{"never":true,"topic":"under-15"}}`, string(text))
	v, err = Holder{Birth: day("1990-01-31"), Issued: day("2024-05-01"), Foreign: true}.Validity()
	require.NoError(t, err)
	text, err = json.Marshal(v.Card)
	require.NoError(t, err)
	require.JSONEq(t, `{"byResidence":true,"topic":"foreign-residents"}`, string(text))
}
