package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/doctor"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/rules"
)

// answered is the status of a reader with a card whose certificate ends then.
func answered(notAfter, now time.Time) protocol.ReaderStatus {
	notBefore := notAfter.AddDate(-5, 0, 0)
	standing := rules.StandingAt(notBefore, notAfter, now)
	return protocol.ReaderStatus{Name: "PaSoRi 00 00", Card: true, PINPad: true, Token: "card", Label: "見本　太郎",
		Authentication: &protocol.SlotStatus{PINStatus: protocol.PINStatus{TriesLeft: 3, MaxTries: 3}, Present: "yes",
			NotBefore: &notBefore, NotAfter: &notAfter, Issuer: "j-lis", Standing: &standing},
		Signature:   &protocol.SlotStatus{PINStatus: protocol.PINStatus{TriesLeft: 0, MaxTries: 5}, Present: "no"},
		CardSurface: &protocol.PINStatus{TriesLeft: 1, MaxTries: 3}}
}

// The doctor comes to the same result as status where a month has no such day: three months before 31 May is the last of
// February.
func TestDoctorTellsTheStandingOfStatus(t *testing.T) {
	for now, cause := range map[string]string{
		"2029-02-27T14:59:59Z": "",
		"2029-02-27T15:00:00Z": "expires-soon",
		"2029-05-31T14:59:59Z": "expires-soon",
		"2029-05-31T15:00:00Z": "expired",
		"2024-05-31T14:59:58Z": "not-yet-valid",
	} {
		at, err := time.Parse(time.RFC3339, now)
		require.NoError(t, err)
		status := answered(time.Date(2029, 5, 31, 14, 59, 59, 0, time.UTC), at)
		checks := doctor.Run(doctor.System{Root: t.TempDir(), OS: "linux", Home: "/home/taro", Env: func(string) string { return "" }, Now: at,
			Readers: examined(&protocol.CardStatus{Readers: []protocol.ReaderStatus{status}})})
		told := 0
		for _, c := range checks {
			if c.ID == "authentication-certificate" {
				require.Equal(t, cause, c.Cause, now)
				told++
			}
		}
		require.Equal(t, 1, told)
	}
}

// The year is that of the last day in Japan, and the words are those of the other commands.
func TestDoctorIsToldInTheWordsOfStatus(t *testing.T) {
	end := time.Date(2029, 12, 31, 15, 0, 0, 0, time.UTC)
	readers := examined(&protocol.CardStatus{Readers: []protocol.ReaderStatus{answered(end, end.AddDate(-1, 0, 0)), {Name: "empty"}}})
	require.Equal(t, []doctor.Reader{
		{Name: "PaSoRi 00 00", PINPad: true, Card: true, Token: "card", TokenName: rules.Text{JA: "マイナンバーカード", EN: "My Number Card"}, Signature: "no",
			PINs: []doctor.PIN{
				{Name: "authentication", Title: words(authenticationPINText), Left: 3, Tries: rules.Text{JA: "残り3回（最大3回）", EN: "3 of 3 tries left"}},
				{Name: "signature", Title: words(signaturePINText), Left: 0, Tries: words(lockedText)},
				{Name: "card-surface", Title: words(cardSurfacePINText), Left: 1, Tries: rules.Text{JA: "残り1回（最大3回）", EN: "1 of 3 tries left"}},
			},
			Certificate: &doctor.Certificate{Standing: rules.Valid, EndYear: 2030, Issuer: "j-lis", IssuerName: words(issuerTexts["j-lis"])}},
		{Name: "empty"},
	}, readers)
}

// Why there is nothing to say of the authentication certificate: each kind of token has its own reasons.
func TestDoctorIsToldWhyACertificateWasNotRead(t *testing.T) {
	for name, c := range map[string]struct {
		token, present string
		unread         doctor.Unread
	}{
		"a card without one":            {"card", "no", doctor.Absent},
		"a card that gives none":        {"card", "yes", doctor.Damaged},
		"a card that says nothing":      {"card", "unknown", doctor.Damaged},
		"an Android phone":              {"android", "yes", doctor.NeedsPIN},
		"an iPhone":                     {"iphone", "unknown", doctor.NeedsPIN},
		"a phone without one":           {"iphone", "no", doctor.Absent},
		"a card from before the others": {"juki-card", "unknown", ""},
	} {
		t.Run(name, func(t *testing.T) {
			status := answered(time.Time{}, time.Time{})
			status.Token = c.token
			status.Authentication = &protocol.SlotStatus{Present: c.present}
			reader := examined(&protocol.CardStatus{Readers: []protocol.ReaderStatus{status}})[0]
			require.Nil(t, reader.Certificate)
			require.Equal(t, c.unread, reader.Unread)
		})
	}
}

// What a card had said before it failed is not passed on.
func TestDoctorIsToldNothingMoreOfACardThatFailed(t *testing.T) {
	end := time.Date(2029, 5, 31, 14, 59, 59, 0, time.UTC)
	status := answered(end, end)
	status.Error = &protocol.Error{Code: protocol.CardLost}
	require.Equal(t, []doctor.Reader{{Name: "PaSoRi 00 00", PINPad: true, Card: true, Problem: "CARD_LOST"}},
		examined(&protocol.CardStatus{Readers: []protocol.ReaderStatus{status}}))
}
