package verify_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/verify"
)

const (
	origin    = "https://shinsei.example.jp"
	challenge = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
)

// makeToken answers a challenge as the host does.
func makeToken(t testing.TB, cert *x509.Certificate, key *rsa.PrivateKey, origin, challenge string) verify.Token {
	t.Helper()
	digest := sha256.Sum256(verify.SignedValue(origin, challenge))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	require.NoError(t, err)
	return verify.Token{
		UnverifiedCertificate: base64.StdEncoding.EncodeToString(cert.Raw),
		Algorithm:             "RS256",
		Signature:             base64.StdEncoding.EncodeToString(signature),
		Format:                verify.TokenFormat,
		AppVersion:            "https://github.com/natsuin/natsuin/releases/0.1.0",
	}
}

func toJSON(t testing.TB, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return text
}

func trust(t testing.TB, cas ...*certtest.CA) verify.Trust {
	t.Helper()
	var trust verify.Trust
	for _, ca := range cas {
		var err error
		trust, err = trust.With(ca.Certificate.Raw)
		require.NoError(t, err)
	}
	return trust
}

func authCA(t testing.TB) *certtest.CA {
	return certtest.NewCA(t, certtest.Organization, certtest.AuthenticationUnit, "1")
}

func signCA(t testing.TB) *certtest.CA {
	return certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1")
}

func validity(from, to time.Time) func(*x509.Certificate) {
	return func(template *x509.Certificate) { template.NotBefore, template.NotAfter = from, to }
}

// refused asserts that an error is a Refusal for the reason whose list of checks ends with what failed.
func refused(t testing.TB, reason verify.Reason, err error) *verify.Refusal {
	t.Helper()
	var refusal *verify.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, reason, refusal.Reason)
	require.NotEmpty(t, refusal.Checks)
	for i, check := range refusal.Checks {
		want := verify.Passed
		if i == len(refusal.Checks)-1 {
			want = verify.Failed
		}
		require.Equal(t, want, check.Outcome, check.Rule)
	}
	return refusal
}

// rules lists the rules of checks with their outcomes.
func rules(checks []verify.Check) []string {
	var list []string
	for _, check := range checks {
		list = append(list, check.Rule+": "+string(check.Outcome))
	}
	return list
}

// TestSignedValue holds the signed value against hashes that sha256sum made.
func TestSignedValue(t *testing.T) {
	require.Equal(t,
		"100680ad546ce6a577f42f52df33b4cfdca756859e664b8d7de329b150d09ce9"+
			"2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6",
		hex.EncodeToString(verify.SignedValue("https://example.com", "c")))
}

func TestVerifyToken(t *testing.T) {
	key := certtest.Key(t, "card")
	cert := authCA(t).Authentication(t, key)
	login, err := verify.VerifyToken(toJSON(t, makeToken(t, cert, key, origin, challenge)), verify.TokenOptions{
		Origin: origin, Challenge: challenge, At: certtest.Now, Trust: trust(t, authCA(t)),
	})
	require.NoError(t, err)
	require.Equal(t, cert.Raw, login.Certificate.Raw)
	require.Equal(t, "added", login.Anchor)
	require.Equal(t, []string{
		"token: passed", "certificate: passed", "issuer: passed", "key-usage: passed", "certificate-validity: passed",
		"issuer-validity: passed", "signature: passed", "origin-and-challenge: passed", "revocation: not-checked",
	}, rules(login.Checks))
}

// TestTokenRefused has one case for each reason, all with a token that is right but for one thing.
func TestTokenRefused(t *testing.T) {
	now := certtest.Now
	key := certtest.Key(t, "card")
	auth, sign := authCA(t), signCA(t)
	stranger := certtest.NewCA(t, certtest.Organization, certtest.AuthenticationUnit, "stranger")
	likeJLIS := certtest.NewCA(t, "JPKI", certtest.AuthenticationUnit, "2019")
	ended := certtest.NewCA(t, certtest.Organization, certtest.AuthenticationUnit, "ended", validity(now.AddDate(-10, 0, 0), now.AddDate(0, 0, -1)))
	good := makeToken(t, auth.Authentication(t, key), key, origin, challenge)

	otherOrigin := "https://shinsei.example.jp:8443"
	otherChallenge := strings.Replace(challenge, "M", "N", 1)
	by := func(ca *certtest.CA, edit ...func(*x509.Certificate)) verify.Token {
		return makeToken(t, ca.Authentication(t, key, edit...), key, origin, challenge)
	}
	with := func(change func(*verify.Token)) verify.Token {
		token := good
		change(&token)
		return token
	}
	flip := func(text string, at int) string {
		raw, err := base64.StdEncoding.DecodeString(text)
		require.NoError(t, err)
		raw[(at+len(raw))%len(raw)] ^= 1
		return base64.StdEncoding.EncodeToString(raw)
	}
	small := selfSigned1024(t)

	for name, test := range map[string]struct {
		token verify.Token
		want  verify.Reason
	}{
		"another of our origins":           {makeToken(t, auth.Authentication(t, key), key, otherOrigin, challenge), verify.OriginMismatch},
		"another of our challenges":        {makeToken(t, auth.Authentication(t, key), key, origin, otherChallenge), verify.ChallengeMismatch},
		"an origin that is not ours":       {makeToken(t, auth.Authentication(t, key), key, "https://phish.example", challenge), verify.OriginOrChallengeMismatch},
		"a challenge that is not ours":     {makeToken(t, auth.Authentication(t, key), key, origin, "another"), verify.OriginOrChallengeMismatch},
		"signature certificate":            {makeToken(t, sign.Signature(t, key), key, origin, challenge), verify.WrongHierarchy},
		"root's own certificate":           {makeToken(t, auth.Certificate, auth.Key, origin, challenge), verify.WrongHierarchy},
		"unknown issuer":                   {by(stranger), verify.IssuerForeign},
		"J-LIS's name":                     {by(likeJLIS), verify.IssuerNotShipped},
		"expired":                          {by(auth, validity(now.AddDate(-1, 0, 0), now.AddDate(0, 0, -1))), verify.CertificateExpired},
		"not yet valid":                    {by(auth, validity(now.AddDate(0, 0, 1), now.AddDate(1, 0, 0))), verify.CertificateNotYetValid},
		"root expired":                     {by(ended), verify.IssuerExpired},
		"another's key":                    {makeToken(t, auth.Authentication(t, key), certtest.Key(t, "other"), origin, challenge), verify.SignatureInvalid},
		"bit of the signature flipped":     {with(func(k *verify.Token) { k.Signature = flip(k.Signature, 100) }), verify.SignatureInvalid},
		"signature cut":                    {with(func(k *verify.Token) { k.Signature = "AAAA" }), verify.SignatureInvalid},
		"bit of the certificate flipped":   {with(func(k *verify.Token) { k.UnverifiedCertificate = flip(k.UnverifiedCertificate, -1) }), verify.CertificateForged},
		"no certificate":                   {with(func(k *verify.Token) { k.UnverifiedCertificate = base64.StdEncoding.EncodeToString([]byte("no")) }), verify.CertificateMalformed},
		"RSA-1024":                         {with(func(k *verify.Token) { k.UnverifiedCertificate = base64.StdEncoding.EncodeToString(small) }), verify.KeyUnsupported},
		"another algorithm":                {with(func(k *verify.Token) { k.Algorithm = "ES384" }), verify.AlgorithmUnsupported},
		"another format":                   {with(func(k *verify.Token) { k.Format = "web-eid:10" }), verify.FormatUnsupported},
		"certificate not base64":           {with(func(k *verify.Token) { k.UnverifiedCertificate = "%" + k.UnverifiedCertificate }), verify.TokenMalformed},
		"signature in base64 with a break": {with(func(k *verify.Token) { k.Signature = k.Signature[:76] + "\n" + k.Signature[76:] }), verify.TokenMalformed},
		"no signature":                     {with(func(k *verify.Token) { k.Signature = "" }), verify.TokenMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			login, err := verify.VerifyToken(toJSON(t, test.token), verify.TokenOptions{
				Origin: origin, Challenge: challenge, At: now, Trust: trust(t, auth, sign, ended),
				OtherOrigins:    []string{"https://www.example.jp", otherOrigin},
				OtherChallenges: slices.Values([]string{challenge, otherChallenge}),
			})
			require.Nil(t, login)
			refusal := refused(t, test.want, err)
			require.Error(t, refusal.Unwrap())
		})
	}
}

// TestWithoutCandidates: where nothing is known of other origins and challenges, which one differs is
// not claimed.
func TestWithoutCandidates(t *testing.T) {
	key := certtest.Key(t, "card")
	for _, token := range []verify.Token{
		makeToken(t, authCA(t).Authentication(t, key), key, "https://phish.example", challenge),
		makeToken(t, authCA(t).Authentication(t, key), key, origin, challenge+"AAAA"),
	} {
		_, err := verify.VerifyToken(toJSON(t, token), verify.TokenOptions{
			Origin: origin, Challenge: challenge, At: certtest.Now, Trust: trust(t, authCA(t)),
		})
		refused(t, verify.OriginOrChallengeMismatch, err)
	}
}

// TestFormats: version 1 and its minor versions, and no text besides.
func TestFormats(t *testing.T) {
	key := certtest.Key(t, "card")
	token := makeToken(t, authCA(t).Authentication(t, key), key, origin, challenge)
	for format, fine := range map[string]bool{
		"web-eid:1": true, "web-eid:1.0": true, "web-eid:1.1": true, "web-eid:1.2024": true,
		"web-eid:1.":          false,
		"web-eid:1.12345":     false,
		"web-eid:1.0.1":       false,
		"web-eid:1.0\n":       false,
		"\nweb-eid:1.0":       false,
		"web-eid:1.0 ":        false,
		"web-eid:1.x":         false,
		"web-eid:1.１":         false,
		"WEB-EID:1.0":         false,
		"web-eid:2.0":         false,
		"xweb-eid:1.0":        false,
		"web-eid:1.0\x1b[2J":  false,
		"web-eid:1.0\nissuer": false,
	} {
		token.Format = format
		login, err := verify.VerifyToken(toJSON(t, token), verify.TokenOptions{
			Origin: origin, Challenge: challenge, At: certtest.Now, Trust: trust(t, authCA(t)),
		})
		if !fine {
			requirePlain(t, refused(t, verify.FormatUnsupported, err).Error())
			continue
		}
		require.NoError(t, err, "%q", format)
		require.Equal(t, format, login.Checks[0].Detail)
	}
}

// requirePlain asserts that a terminal shows text as it is, on one line.
func requirePlain(t *testing.T, text string) {
	t.Helper()
	for _, r := range text {
		require.True(t, strconv.IsPrint(r), "%q", text)
	}
}

// TestDetailsArePlain puts a root into a file whose name would clear a terminal, begin a line and turn it round.
func TestDetailsArePlain(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a\u009b2J\u2028issuer passed\u202e.der"), authCA(t).Certificate.Raw, 0o600))
	trust, err := verify.Trust{}.WithDir(dir)
	require.NoError(t, err)

	key := certtest.Key(t, "card")
	token := makeToken(t, authCA(t).Authentication(t, key), key, origin, challenge)
	login, err := verify.VerifyToken(toJSON(t, token), verify.TokenOptions{
		Origin: origin, Challenge: challenge, At: certtest.Now, Trust: trust,
	})
	require.NoError(t, err)
	details := ""
	for _, check := range login.Checks {
		requirePlain(t, check.Detail)
		details += check.Detail
	}
	require.Contains(t, details, `"a\u009b2J\u2028issuer passed\u202e.der"`)
}

func selfSigned1024(t *testing.T) []byte {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: certtest.Now, NotAfter: certtest.Now}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	return der
}

func TestTokenOptions(t *testing.T) {
	for name, o := range map[string]verify.TokenOptions{
		"no origin":             {Challenge: challenge},
		"origin with a path":    {Origin: origin + "/", Challenge: challenge},
		"origin in upper case":  {Origin: strings.ToUpper(origin), Challenge: challenge},
		"origin without scheme": {Origin: "shinsei.example.jp", Challenge: challenge},
		"no challenge":          {Origin: origin},
		"short challenge":       {Origin: origin, Challenge: challenge[4:]},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := verify.VerifyToken(nil, o)
			require.Error(t, err)
			var refusal *verify.Refusal
			require.NotErrorAs(t, err, &refusal)
		})
	}
}

// TestParseToken varies the JSON around the same values.
func TestParseToken(t *testing.T) {
	good := `{"unverifiedCertificate":"QUJD","algorithm":"RS256","signature":"QUJD","format":"web-eid:1.0","appVersion":"` + strings.Repeat("v", 60) + `"}`
	edit := func(old, new string) string {
		require.Contains(t, good, old)
		return strings.Replace(good, old, new, 1)
	}
	for name, test := range map[string]struct {
		text string
		fine bool
	}{
		"good":                {good, true},
		"spaces around":       {" " + good + "\n", true},
		"unknown keys":        {edit("{", `{"unverifiedSigningCertificates":[{"certificate":"x"}],`), true},
		"key in another case": {edit(`{`, `{"Format":7,`), true},
		"key twice":           {edit("{", `{"format":"web-eid:1.0",`), false},
		"unknown key twice":   {edit("{", `{"x":1,"x":2,`), false},
		"number for string":   {edit(`"RS256"`, "256"), false},
		"null for string":     {edit(`"RS256"`, "null"), false},
		"list for string":     {edit(`"RS256"`, `["RS256"]`), false},
		"algorithm missing":   {edit(`"algorithm":"RS256",`, ""), false},
		"two tokens":          {good + good, false},
		"cut":                 {good[:len(good)-1], false},
		"list":                {"[" + good + "]", false},
		"not JSON":            {strings.Repeat("x", 200), false},
		"99 bytes":            {strings.Repeat(" ", 99), false},
		"10,001 bytes":        {good + strings.Repeat(" ", 10_001-len(good)), false},
		"10,000 bytes":        {good + strings.Repeat(" ", 10_000-len(good)), true},
	} {
		t.Run(name, func(t *testing.T) {
			token, err := verify.ParseToken([]byte(test.text))
			if !test.fine {
				refused(t, verify.TokenMalformed, err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, "RS256", token.Algorithm)
			require.Equal(t, "web-eid:1.0", token.Format)
		})
	}
}

// FuzzParseToken asks that a token that was read is read again from its own JSON as the same.
func FuzzParseToken(f *testing.F) {
	key := certtest.Key(f, "card")
	f.Add(toJSON(f, makeToken(f, authCA(f).Authentication(f, key), key, origin, challenge)))
	f.Add([]byte(`{"unverifiedCertificate":"A","algorithm":"RS256","signature":"A","format":"web-eid:1","x":[` + strings.Repeat("1,", 50) + `1]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		token, err := verify.ParseToken(text)
		if err != nil {
			return
		}
		encoded := toJSON(t, token)
		if len(encoded) < 100 || len(encoded) > 10_000 {
			return // what is left out was padding, or escapes are longer than what they stand for
		}
		again, err := verify.ParseToken(encoded)
		require.NoError(t, err)
		require.Equal(t, token, again)
	})
}
