package revocation_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/revocation"
)

var now = certtest.Now

func day(n int) time.Time { return now.AddDate(0, 0, n) }

func utc(t time.Time) string { return t.Format("060102150405Z") }

// TestCRL asks CRLs that OpenSSL made.
func TestCRL(t *testing.T) {
	b := newBench(t)
	stranger := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "2") // of the same name
	b.certificate("stranger", stranger.Certificate, stranger.Key)
	from := func(lastUpdate, nextUpdate time.Time) []string {
		return []string{"-crl_lastupdate", utc(lastUpdate), "-crl_nextupdate", utc(nextUpdate)}
	}
	for name, test := range map[string]struct {
		revoked string
		args    []string
		at      time.Time
		want    error
		status  revocation.Status
	}{
		"good":                         {"", nil, now, nil, revocation.Status{}},
		"good, with key id":            {"", []string{"-crlexts", "ext"}, now, nil, revocation.Status{}},
		"good, of users":               {"", []string{"-crlexts", "users"}, now, nil, revocation.Status{}},
		"good, SHA-512":                {"", []string{"-md", "sha512"}, now, nil, revocation.Status{}},
		"revoked":                      {utc(day(-3)) + ",keyCompromise", nil, now, nil, revocation.Status{Revoked: true, RevokedAt: day(-3), Reason: "keyCompromise"}},
		"revoked at this time":         {utc(now), nil, now, nil, revocation.Status{Revoked: true, RevokedAt: now}},
		"on hold":                      {utc(day(-3)) + ",holdInstruction,holdInstructionReject", nil, now, nil, revocation.Status{Revoked: true, RevokedAt: day(-3), Reason: "certificateHold"}},
		"revoked later":                {utc(day(-3)) + ",superseded", nil, day(-10), nil, revocation.Status{RevokedAt: day(-3), Reason: "superseded"}},
		"revoked later, key long gone": {utc(day(-3)) + ",keyTime," + day(-20).Format("20060102150405Z"), nil, day(-10), nil, revocation.Status{Revoked: true, RevokedAt: day(-20), Reason: "keyCompromise"}},
		"later than asked":             {"", nil, day(-10), nil, revocation.Status{}},
		"old":                          {"", nil, day(2), revocation.ErrStale, revocation.Status{}},
		"old and revoked":              {utc(day(-3)), nil, day(20), nil, revocation.Status{Revoked: true, RevokedAt: day(-3)}},
		"from the future":              {"", from(day(3), day(5)), now, revocation.ErrStale, revocation.Status{}},
		"after the certificate's end":  {"", from(now.AddDate(2, 0, 0), now.AddDate(3, 0, 0)), now, revocation.ErrStale, revocation.Status{}},
		"SHA-1":                        {"", []string{"-md", "sha1"}, now, revocation.ErrUnsupported, revocation.Status{}},
		"other key of the same name":   {"", []string{"-cert", "stranger.pem", "-keyfile", "stranger.key"}, now, revocation.ErrUntrusted, revocation.Status{}},
		"other key by its id":          {"", []string{"-cert", "stranger.pem", "-keyfile", "stranger.key", "-crlexts", "ext"}, now, revocation.ErrUnknown, revocation.Status{}},
		"another part":                 {"", []string{"-crlexts", "part"}, now, revocation.ErrUnknown, revocation.Status{}},
		"of CAs":                       {"", []string{"-crlexts", "cas"}, now, revocation.ErrUnknown, revocation.Status{}},
		"of some reasons":              {"", []string{"-crlexts", "some"}, now, revocation.ErrUnsupported, revocation.Status{}},
		"a delta":                      {"", []string{"-crlexts", "delta"}, now, revocation.ErrUnsupported, revocation.Status{}},
	} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			b.revoked(test.revoked)
			asked := now
			if name == "after the certificate's end" {
				asked = now.AddDate(4, 0, 0)
			}
			got, err := b.ask(test.at, asked, b.crl(test.args...))
			require.ErrorIs(t, err, test.want)
			if test.want != nil {
				return
			}
			require.NoError(t, err)
			require.Equal(t, revocation.CRL, got.Source)
			require.Equal(t, test.status, revocation.Status{Revoked: got.Revoked, RevokedAt: got.RevokedAt, Reason: got.Reason})
			require.Equal(t, day(1), got.NextUpdate)
		})
	}
}

// TestPart: a list for one distribution point is about the certificates that name it.
func TestPart(t *testing.T) {
	b := newBench(t)
	b.card = b.ca.Signature(t, certtest.Key(t, "card"), func(c *x509.Certificate) { c.CRLDistributionPoints = []string{"http://crl.example/1"} })
	b.revoked("")
	got, err := b.ask(now, now, b.crl("-crlexts", "part"))
	require.NoError(t, err)
	require.False(t, got.Revoked)
	b.revoked(utc(day(-1)))
	got, err = b.ask(now, now, b.crl("-crlexts", "part"))
	require.NoError(t, err)
	require.True(t, got.Revoked)
}

// TestOCSP asks responses that OpenSSL made, which have its clock's time.
func TestOCSP(t *testing.T) {
	b := newBench(t)
	clock := time.Now().UTC().Truncate(time.Second)
	stranger := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "2")
	b.certificate("stranger", stranger.Certificate, stranger.Key)
	noUsage := func(c *x509.Certificate) { c.ExtKeyUsage = nil }
	expired := func(c *x509.Certificate) { c.NotAfter = clock.AddDate(0, 0, -1) }
	critical := func(c *x509.Certificate) {
		c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}})
	}
	b.card = b.ca.Signature(t, certtest.Key(t, "card"), func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = clock.AddDate(-1, 0, 0), clock.AddDate(1, 0, 0)
	})
	for name, test := range map[string]struct {
		revoked string
		args    func() []string
		at      time.Time
		want    error
		reason  string // where it was revoked
	}{
		"good":                     {"", func() []string { return byCA }, clock, nil, ""},
		"good, by key":             {"", func() []string { return append([]string{"-resp_key_id"}, byCA...) }, clock, nil, ""},
		"revoked":                  {utc(clock.AddDate(0, 0, -3)) + ",cessationOfOperation", func() []string { return byCA }, clock, nil, "cessationOfOperation"},
		"revoked, asked old":       {utc(clock.AddDate(0, 0, -3)) + ",superseded", func() []string { return byCA }, clock.AddDate(0, 1, 0), nil, "superseded"},
		"delegated":                {"", func() []string { return b.responder(b.ca) }, clock, nil, ""},
		"delegated, by key":        {"", func() []string { return append(b.responder(b.ca), "-resp_key_id") }, clock, nil, ""},
		"SHA-384":                  {"", func() []string { return append(b.responder(b.ca), "-rmd", "sha384") }, clock, nil, ""},
		"SHA-1":                    {"", func() []string { return append(b.responder(b.ca), "-rmd", "sha1") }, clock, revocation.ErrUnsupported, ""},
		"old":                      {"", func() []string { return byCA }, clock.AddDate(0, 0, 3), revocation.ErrStale, ""},
		"no next":                  {"", func() []string { return byCA[:4] }, clock, nil, ""},
		"no next, old":             {"", func() []string { return byCA[:4] }, clock.Add(time.Hour), revocation.ErrStale, ""},
		"by a stranger":            {"", func() []string { return []string{"-rsigner", "stranger.pem", "-rkey", "stranger.key", "-ndays", "1"} }, clock, revocation.ErrUntrusted, ""},
		"by the card itself":       {"", func() []string { return []string{"-rsigner", "card.pem", "-rkey", "card.key", "-ndays", "1"} }, clock, revocation.ErrUntrusted, ""},
		"delegated by a stranger":  {"", func() []string { return b.responder(stranger) }, clock, revocation.ErrUntrusted, ""},
		"not for OCSP":             {"", func() []string { return b.responder(b.ca, noUsage) }, clock, revocation.ErrUntrusted, ""},
		"responder expired":        {"", func() []string { return b.responder(b.ca, expired) }, clock, revocation.ErrUntrusted, ""},
		"responder not understood": {"", func() []string { return b.responder(b.ca, critical) }, clock, revocation.ErrUnsupported, ""},
		"responder not included":   {"", func() []string { return append(b.responder(b.ca), "-resp_no_certs") }, clock, revocation.ErrUntrusted, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			b.certificate("card", b.card, certtest.Key(t, "card"))
			b.revoked(test.revoked)
			got, err := b.ask(test.at, test.at.Add(time.Minute), b.ocsp(test.args()...))
			require.ErrorIs(t, err, test.want)
			if test.want != nil {
				return
			}
			require.NoError(t, err)
			require.Equal(t, revocation.OCSP, got.Source)
			require.Equal(t, test.reason != "", got.Revoked)
			require.Equal(t, test.reason, got.Reason)
		})
	}
}

// TestOCSPUnknown: the responder has never heard of the certificate, refuses to speak, or speaks of one with
// that number by another key of the same name.
func TestOCSPUnknown(t *testing.T) {
	b := newBench(t)
	clock := time.Now().UTC()
	b.write("index.txt", nil)
	_, err := b.ask(clock, clock, b.ocsp(byCA...))
	require.ErrorIs(t, err, revocation.ErrUnknown)

	_, err = revocation.Parse([]byte{0x30, 3, 0x0A, 1, 6})
	require.ErrorIs(t, err, revocation.ErrMalformed)

	b.revoked("")
	good := b.ocsp(byCA...)
	b.card = b.ca.Signature(t, certtest.Key(t, "card"), func(c *x509.Certificate) { c.SerialNumber = big.NewInt(7) })
	_, err = b.ask(clock, clock, good)
	require.ErrorIs(t, err, revocation.ErrUnknown)

	statements, err := revocation.Parse(good)
	require.NoError(t, err)
	next := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "2")
	_, err = statements[0].Status(revocation.Query{Certificate: newBench(t).card, Issuer: next.Certificate, At: clock, Now: clock})
	require.ErrorIs(t, err, revocation.ErrOther)
}

// TestDecide: one statement that says revoked weighs more than all that do not, and one that may be believed
// more than all that may not.
func TestDecide(t *testing.T) {
	b := newBench(t)
	good := b.crl()
	stale := b.crl("-crl_lastupdate", utc(day(-9)), "-crl_nextupdate", utc(day(-8)))
	sha1 := b.crl("-md", "sha1")
	b.revoked(utc(day(-2)))
	revoked := b.crl("-crl_lastupdate", utc(day(-9)), "-crl_nextupdate", utc(day(-8)))
	newer := b.crl("-crl_lastupdate", utc(now))

	for _, texts := range [][][]byte{{good, revoked}, {revoked, good}, {sha1, good, stale, revoked}, {bytes.Join([][]byte{good, revoked}, nil)}} {
		got, err := b.ask(now, now, texts...)
		require.NoError(t, err)
		require.True(t, got.Revoked)
	}
	got, err := b.ask(now, now, stale, good, sha1)
	require.NoError(t, err)
	require.False(t, got.Revoked)
	require.Equal(t, now.Add(-time.Hour), got.ThisUpdate)

	got, err = b.ask(day(-3), now, good, newer, good)
	require.NoError(t, err)
	require.False(t, got.Revoked)
	require.Equal(t, day(-2), got.RevokedAt)

	_, err = b.ask(now, now, stale, sha1)
	require.ErrorIs(t, err, revocation.ErrStale)
	require.ErrorIs(t, err, revocation.ErrUnsupported)
	_, err = b.ask(now, now)
	require.ErrorIs(t, err, revocation.ErrUnknown)
}

func TestParseRefused(t *testing.T) {
	b := newBench(t)
	block, _ := pem.Decode(b.crl())
	for name, text := range map[string][]byte{
		"nothing":          nil,
		"text":             []byte("revoked"),
		"a certificate":    b.card.Raw,
		"certificate, PEM": b.read("card.pem"),
		"cut":              block.Bytes[:len(block.Bytes)-1],
		"more":             append(bytes.Clone(block.Bytes), 0),
		"empty":            {0x30, 0},
		"no responses":     {0x30, 3, 0x0A, 1, 0},
		"too long":         slices.Repeat([]byte{0x30}, 24<<20),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := revocation.Parse(text)
			require.Error(t, err)
			if name != "no responses" {
				require.ErrorIs(t, err, revocation.ErrMalformed)
			}
		})
	}
}

// TestRequest: OpenSSL reads our request as it would write it.
func TestRequest(t *testing.T) {
	b := newBench(t)
	ours, err := revocation.Request(b.card, b.ca.Certificate)
	require.NoError(t, err)
	b.openssl("ocsp", "-issuer", "ca.pem", "-cert", "card.pem", "-no_nonce", "-reqout", "theirs")
	require.Equal(t, b.read("theirs"), ours)
}

// FuzzStatus changes one byte of statements: what still is believed says the same as before.
func FuzzStatus(f *testing.F) {
	b := newBench(f)
	clock := time.Now().UTC()
	b.card = b.ca.Signature(f, certtest.Key(f, "card"), func(c *x509.Certificate) { c.NotAfter = clock.AddDate(1, 0, 0) })
	good := b.ocsp(b.responder(b.ca)...)
	b.revoked(utc(day(-3)) + ",keyCompromise")
	block, _ := pem.Decode(b.crl())
	texts := [][]byte{good, b.ocsp(byCA...), block.Bytes}
	var want []revocation.Status
	at := []time.Time{clock, clock, now}
	for i, text := range texts {
		status, err := b.ask(at[i], at[i].Add(time.Minute), text)
		require.NoError(f, err)
		want = append(want, status)
		for offset := 0; offset < len(text); offset += 97 {
			f.Add(i, offset, byte(1))
		}
		f.Add(i, len(text)-1, byte(0x80))
	}
	f.Fuzz(func(t *testing.T, i, offset int, change byte) {
		if i < 0 || i >= len(texts) || offset < 0 || change == 0 {
			return
		}
		text := bytes.Clone(texts[i])
		text[offset%len(text)] ^= change
		b.t = t
		if got, err := b.ask(at[i], at[i].Add(time.Minute), text); err == nil {
			require.Equal(t, want[i], got)
		}
	})
}

// FuzzParse: whatever is read answers, and nothing that is not signed is believed.
func FuzzParse(f *testing.F) {
	b := newBench(f)
	block, _ := pem.Decode(b.crl())
	f.Add(block.Bytes)
	f.Add(b.ocsp(byCA...))
	f.Add([]byte{0x30, 3, 0x0A, 1, 6})
	stranger := certtest.NewCA(f, certtest.Organization, certtest.SignatureUnit, "2")
	f.Fuzz(func(t *testing.T, text []byte) {
		statements, err := revocation.Parse(text)
		if err != nil {
			return
		}
		_, err = revocation.Decide(statements, revocation.Query{Certificate: b.card, Issuer: stranger.Certificate, At: now, Now: now})
		require.Error(t, err)
	})
}
