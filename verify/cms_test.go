package verify_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/verify"
)

var document = []byte("<申請/>")

func signCMS(t testing.TB, cert *x509.Certificate, attached bool, at time.Time) []byte {
	t.Helper()
	digest := sha256.Sum256(document)
	doc := cms.Document{Digest: digest[:]}
	if attached {
		doc.Content = document
	}
	der, err := cms.Sign(certtest.Key(t, "card"), cert, doc, cms.Options{SigningTime: at})
	require.NoError(t, err)
	return der
}

func TestVerifyCMS(t *testing.T) {
	cert := signCA(t).Signature(t, certtest.Key(t, "card"))
	for _, attached := range []bool{false, true} {
		var content io.Reader = bytes.NewReader(document)
		if attached {
			content = nil
		}
		got, err := verify.VerifyCMS(signCMS(t, cert, attached, certtest.Now), content, verify.CMSOptions{
			At: certtest.Now, Trust: trust(t, authCA(t), signCA(t)),
		})
		require.NoError(t, err)
		require.Equal(t, cert.Raw, got.Certificate.Raw)
		require.Equal(t, "見本　太郎", got.Attributes.Name)
		require.Equal(t, certtest.Now, got.SigningTime)
		require.Equal(t, attached, got.Content != nil)
		require.Equal(t, "added", got.Anchor)
		require.Equal(t, []string{
			"message: passed", "certificate-bound: passed", "document: passed", "signature: passed",
			"certificate: passed", "issuer: passed", "key-usage: passed", "certificate-validity: passed",
			"issuer-validity: passed", "attributes: passed", "signing-time: passed", "revocation: not-checked",
		}, rules(got.Checks))
	}
}

func TestCMSRefused(t *testing.T) {
	now := certtest.Now
	key := certtest.Key(t, "card")
	auth, sign := authCA(t), signCA(t)
	cert := sign.Signature(t, key)
	good := signCMS(t, cert, false, now)
	inside := signCMS(t, cert, true, now)
	flip := func(der []byte, at int) []byte {
		spoiled := bytes.Clone(der)
		spoiled[(at+len(der))%len(der)] ^= 1
		return spoiled
	}
	stranger := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "stranger")
	likeJLIS := certtest.NewCA(t, "JPKI", certtest.SignatureUnit, "2027")
	noAttributes := func(template *x509.Certificate) { template.ExtraExtensions = []pkix.Extension{} }
	signedBy := func(ca *certtest.CA, edit ...func(*x509.Certificate)) []byte {
		return signCMS(t, ca.Signature(t, key, edit...), false, now)
	}
	text := func(s string) io.Reader { return strings.NewReader(s) }
	const same = "<申請/>"

	for name, test := range map[string]struct {
		der     []byte
		content io.Reader
		want    verify.Reason
		rule    string
	}{
		"another document":           {good, text("<申請></申請>"), verify.DocumentChanged, verify.RuleDocument},
		"document inside changed":    {bytes.Replace(inside, document, []byte("<申告/>"), 1), nil, verify.DocumentChanged, verify.RuleDocument},
		"no document":                {good, nil, verify.ContentMissing, verify.RuleDocument},
		"document twice":             {inside, text(same), verify.ContentUnexpected, verify.RuleDocument},
		"bit of the signature":       {flip(good, -1), text(same), verify.SignatureInvalid, verify.RuleSignature},
		"garbage":                    {[]byte("garbage"), text(same), verify.MessageMalformed, verify.RuleMessage},
		"cut":                        {good[:len(good)-1], text(same), verify.MessageMalformed, verify.RuleMessage},
		"too large":                  {make([]byte, 66<<20), text(same), verify.MessageTooLarge, verify.RuleMessage},
		"authentication certificate": {signCMS(t, auth.Authentication(t, key), false, now), text(same), verify.WrongHierarchy, verify.RuleIssuer},
		"usage for logins":           {signCMS(t, sign.Authentication(t, key), false, now), text(same), verify.WrongHierarchy, verify.RuleKeyUsage},
		"unknown issuer":             {signedBy(stranger), text(same), verify.IssuerForeign, verify.RuleIssuer},
		"J-LIS's name":               {signedBy(likeJLIS), text(same), verify.IssuerNotShipped, verify.RuleIssuer},
		"expired":                    {signedBy(sign, validity(now.AddDate(-1, 0, 0), now.AddDate(0, 0, -1))), text(same), verify.CertificateExpired, verify.RuleCertificateValidity},
		"no attributes":              {signedBy(sign, noAttributes), text(same), verify.CertificateMalformed, verify.RuleAttributes},
		"signed before its validity": {signCMS(t, cert, false, now.AddDate(-2, 0, 0)), text(same), verify.SigningTimeOutside, verify.RuleSigningTime},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := verify.VerifyCMS(test.der, test.content, verify.CMSOptions{At: now, Trust: trust(t, auth, sign)})
			require.Nil(t, got)
			refusal := refused(t, test.want, err)
			require.Equal(t, test.rule, refusal.Checks[len(refusal.Checks)-1].Rule)
		})
	}
}

// TestCMSUnreadable: a document that cannot be read is no fault of the message.
func TestCMSUnreadable(t *testing.T) {
	good := signCMS(t, signCA(t).Signature(t, certtest.Key(t, "card")), false, certtest.Now)
	_, err := verify.VerifyCMS(good, iotest.ErrReader(io.ErrUnexpectedEOF), verify.CMSOptions{})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	var refusal *verify.Refusal
	require.NotErrorAs(t, err, &refusal)
}
