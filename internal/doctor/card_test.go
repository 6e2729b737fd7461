package doctor_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/doctor"
	"github.com/natsuin/natsuin/internal/rules"
)

func TestCards(t *testing.T) {
	standing := func(state string) []doctor.Reader {
		return []doctor.Reader{{Name: "PaSoRi 00 00", Card: true, Token: "card", Certificate: &doctor.Certificate{Standing: state, EndYear: 2029, Issuer: "j-lis"}}}
	}
	sound := func(change func(*doctor.Reader)) []doctor.Reader {
		r := doctor.Reader{Name: "PaSoRi 00 00", Card: true, Token: "card",
			Certificate: &doctor.Certificate{Standing: rules.Valid, EndYear: 2029, Issuer: "j-lis"},
			PINs:        []doctor.PIN{{Name: "authentication", Left: 3}, {Name: "signature", Left: 5}}}
		change(&r)
		return []doctor.Reader{r}
	}
	for name, c := range map[string]struct {
		readers []doctor.Reader
		id      string
		want    []string
	}{
		"sound":            {sound(func(*doctor.Reader) {}), "card", []string{"ok"}},
		"no reader":        {nil, "card", []string{"unknown"}},
		"no card":          {[]doctor.Reader{{Name: "PaSoRi"}}, "card", []string{"warning no-card"}},
		"another card":     {[]doctor.Reader{{Name: "PaSoRi", Card: true, Problem: "NOT_JPKI"}}, "card", []string{"failure not-jpki"}},
		"beside another":   {append(sound(func(*doctor.Reader) {}), doctor.Reader{Name: "ACR39", Card: true, Problem: "NOT_JPKI"}), "card", []string{"ok", "info not-jpki"}},
		"only a key":       {[]doctor.Reader{{Name: "PaSoRi"}, {Name: "YubiKey", Card: true, Problem: "NOT_JPKI"}}, "card", []string{"warning no-card"}},
		"in use":           {[]doctor.Reader{{Name: "PaSoRi", Card: true, Problem: "CARD_BUSY"}}, "card", []string{"failure card-busy"}},
		"silent":           {[]doctor.Reader{{Name: "PaSoRi", Card: true, Problem: "CARD_FAULT"}}, "card", []string{"failure card-fault"}},
		"something else":   {[]doctor.Reader{{Name: "PaSoRi", Card: true, Problem: "KEY_UNSUPPORTED"}}, "card", []string{"failure key-unsupported"}},
		"old card":         {sound(func(r *doctor.Reader) { r.Token = "juki-card" }), "card", []string{"warning old-card"}},
		"PIN sound":        {sound(func(*doctor.Reader) {}), "signature-pin", []string{"ok"}},
		"PIN blocked":      {sound(func(r *doctor.Reader) { r.PINs[1].Left = 0 }), "signature-pin", []string{"warning pin-blocked"}},
		"last try":         {sound(func(r *doctor.Reader) { r.PINs[0].Left = 1 }), "authentication-pin", []string{"warning last-try"}},
		"valid":            {sound(func(*doctor.Reader) {}), "authentication-certificate", []string{"ok"}},
		"expired":          {standing(rules.Expired), "authentication-certificate", []string{"warning expired"}},
		"expires soon":     {standing(rules.ExpiresSoon), "authentication-certificate", []string{"warning expires-soon"}},
		"not yet valid":    {standing(rules.NotYetValid), "authentication-certificate", []string{"warning not-yet-valid"}},
		"phone":            {sound(func(r *doctor.Reader) { r.Certificate, r.Token, r.Unread = nil, "android", doctor.NeedsPIN }), "authentication-certificate", []string{"info"}},
		"none":             {sound(func(r *doctor.Reader) { r.Certificate, r.Unread = nil, doctor.Absent }), "authentication-certificate", []string{"warning absent"}},
		"damaged":          {sound(func(r *doctor.Reader) { r.Certificate, r.Unread = nil, doctor.Damaged }), "authentication-certificate", []string{"warning damaged"}},
		"nothing of old":   {sound(func(r *doctor.Reader) { r.Certificate, r.Token = nil, "juki-card" }), "authentication-certificate", nil},
		"issuer":           {sound(func(*doctor.Reader) {}), "issuer", []string{"ok"}},
		"issuer of 2019":   {sound(func(r *doctor.Reader) { r.Certificate.Issuer = "not-shipped" }), "issuer", []string{"warning issuer-not-shipped"}},
		"issuer foreign":   {sound(func(r *doctor.Reader) { r.Certificate.Issuer = "foreign" }), "issuer", []string{"warning issuer-foreign"}},
		"no signature":     {sound(func(r *doctor.Reader) { r.Signature = "no" }), "signature-certificate", []string{"info absent"}},
		"a signature":      {sound(func(r *doctor.Reader) { r.Signature = "yes" }), "signature-certificate", nil},
		"card surface":     {sound(func(r *doctor.Reader) { r.PINs = append(r.PINs, doctor.PIN{Name: "card-surface"}) }), "card-surface-pin", []string{"warning pin-blocked"}},
		"a card that went": {sound(func(r *doctor.Reader) { r.Problem = "CARD_LOST" }), "card", []string{"failure card-lost"}},
		"and its PINs":     {sound(func(r *doctor.Reader) { r.Problem = "CARD_LOST" }), "signature-pin", nil},
		"issuer of phone":  {sound(func(r *doctor.Reader) { r.Certificate = nil }), "issuer", nil},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.Readers = c.readers
			require.Equal(t, c.want, m.found(c.id))
		})
	}
}

// The counter resets every PIN of a card; an app and a kiosk reset one of the certificates' two by means of the other;
// and none of them anything in a phone.
func TestAdviceOnABlockedPIN(t *testing.T) {
	for name, c := range map[string]struct {
		token        string
		blocked      []string
		of           string
		says, saysNo []string
	}{
		"authentication": {"card", []string{"authentication"}, "authentication", []string{"municipality", "kiosk", "(SIGNATURE)"}, []string{"Only"}},
		"signature":      {"card", []string{"signature"}, "signature", []string{"municipality", "kiosk", "(AUTHENTICATION)"}, []string{"Only"}},
		"card-surface":   {"card", []string{"card-surface"}, "card-surface", []string{"Only your municipality"}, []string{"kiosk"}},
		"both":           {"card", []string{"authentication", "signature"}, "signature", []string{"Only your municipality"}, []string{"kiosk"}},
		"on a phone":     {"iphone", []string{"signature"}, "signature", []string{"explain smartphone"}, []string{"kiosk", "municipality"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := doctor.Reader{Name: "PaSoRi 00 00", Card: true, Token: c.token}
			for _, pin := range []string{"authentication", "signature", "card-surface"} {
				p := doctor.PIN{Name: pin, Title: rules.Text{JA: pin, EN: strings.ToUpper(pin)}, Left: 3}
				if slices.Contains(c.blocked, pin) {
					p.Left = 0
				}
				r.PINs = append(r.PINs, p)
			}
			m := newMachine(t)
			m.Readers = []doctor.Reader{r}
			remedy := m.checks(c.of + "-pin")[0].Remedy.In("en")
			for _, part := range c.says {
				require.Contains(t, remedy, part)
			}
			for _, part := range c.saysNo {
				require.NotContains(t, remedy, part)
			}
		})
	}
}

// Nothing that is said of a phone sends anybody to the counter or to a kiosk.
func TestAdviceOnAPhone(t *testing.T) {
	for _, standing := range []string{rules.Expired, rules.ExpiresSoon, ""} {
		for _, unread := range []doctor.Unread{doctor.Absent, doctor.Damaged, doctor.NeedsPIN} {
			r := doctor.Reader{Name: "PaSoRi", Card: true, Token: "android", Signature: "no", Unread: unread,
				PINs: []doctor.PIN{{Name: "authentication"}, {Name: "signature", Left: 1}}}
			if standing != "" {
				r.Certificate = &doctor.Certificate{Standing: standing, EndYear: 2029, Issuer: "j-lis"}
			}
			m := newMachine(t)
			m.Readers = []doctor.Reader{r}
			for _, c := range doctor.Run(m.System) {
				if c.Reader != "" {
					require.NotContains(t, c.Remedy.In("en"), "municipality", c.ID)
					require.NotContains(t, c.Remedy.In("ja"), "窓口", c.ID)
				}
			}
		}
	}
}

// With one card, the reader stands in the card's line; with two, in each.
func TestSeveralCards(t *testing.T) {
	card := func(reader string) doctor.Reader {
		return doctor.Reader{Name: reader, Card: true, Token: "card", Signature: "no", PINs: []doctor.PIN{{Name: "signature", Title: rules.Text{JA: "PIN", EN: "PIN"}}},
			Certificate: &doctor.Certificate{Standing: rules.Valid, EndYear: 2029, Issuer: "j-lis"}}
	}
	of := []string{"card", "signature-pin", "authentication-certificate", "issuer", "signature-certificate"}
	m := newMachine(t)
	m.Readers = []doctor.Reader{card("PaSoRi 00 00"), {Name: "empty"}}
	for _, id := range of {
		c := m.checks(id)[0]
		require.Equal(t, "PaSoRi 00 00", c.Reader)
		require.Equal(t, id == "card", strings.Contains(c.Title.In("en"), "PaSoRi"), id)
	}
	m.Readers = []doctor.Reader{card("PaSoRi 00 00"), card("ACR39 01 00")}
	for _, id := range of {
		for n, reader := range []string{"PaSoRi 00 00", "ACR39 01 00"} {
			c := m.checks(id)[n]
			require.Equal(t, reader, c.Reader)
			require.Contains(t, c.Title.In("ja"), reader, id)
		}
	}
	require.Equal(t, "ACR39 01 00", m.checks("reader")[1].Reader)
	require.Empty(t, m.checks("program")[0].Reader)
}

// Whoever reads that a certificate is within its dates reads that this is not all that there is to it, and nothing of
// its dates but the year.
func TestCertificateSaysWhatWasNotChecked(t *testing.T) {
	for state, says := range map[string]struct {
		ja, en string
		over   bool // where it is not valid anyway
	}{
		rules.Valid:       {"有効期間内です（2029年まで）", "within its dates, which end in 2029", false},
		rules.ExpiresSoon: {"まもなく有効期限です（2029年）", "which end soon, in 2029", false},
		rules.Expired:     {"有効期限が切れています（2029年まで）", "ended in 2029", true},
		rules.NotYetValid: {"有効期間がまだ始まっていません（2029年まで）", "have not begun; they end in 2029", true},
	} {
		m := newMachine(t)
		m.Readers = []doctor.Reader{{Name: "PaSoRi 00 00", Card: true, Token: "card", Certificate: &doctor.Certificate{Standing: state, EndYear: 2029, Issuer: "j-lis"}}}
		evidence := m.checks("authentication-certificate")[0].Evidence
		require.Contains(t, evidence.In("ja"), says.ja)
		require.Contains(t, evidence.In("en"), says.en)
		require.Equal(t, !says.over, strings.HasSuffix(evidence.In("ja"), "。失効は確認していません"), state)
		require.Equal(t, !says.over, strings.HasSuffix(evidence.In("en"), "; revocation is not checked"), state)
	}
}
