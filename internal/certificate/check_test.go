package certificate_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/certificate/certtest"
)

func anchorsOf(t testing.TB, cas ...*certtest.CA) certificate.Anchors {
	t.Helper()
	anchors := certificate.JLIS()
	for _, ca := range cas {
		more, err := certificate.ParseAnchors(ca.Certificate.Raw)
		require.NoError(t, err)
		anchors = anchors.With(more)
	}
	return anchors
}

func validity(from, to time.Time) func(*x509.Certificate) {
	return func(template *x509.Certificate) { template.NotBefore, template.NotAfter = from, to }
}

// withoutKeyID returns the CA as one whose leaves do not name its key.
func withoutKeyID(ca *certtest.CA) *certtest.CA {
	bare := *ca.Certificate
	bare.SubjectKeyId = nil
	return &certtest.CA{Certificate: &bare, Key: ca.Key}
}

// TestCheck goes through every finding, and through certificates to which two apply: the first wins.
func TestCheck(t *testing.T) {
	now, day := certtest.Now, 24*time.Hour
	key := certtest.Key(t, "card")
	auth1, auth2 := authCA(t), certtest.NewCA(t, certtest.Organization, certtest.AuthenticationUnit, "2")
	sign := signCA(t)
	stranger := certtest.NewCA(t, certtest.Organization, certtest.AuthenticationUnit, "stranger")
	likeJLIS := certtest.NewCA(t, "JPKI", certtest.AuthenticationUnit, "2019")
	old := certtest.NewCA(t, certtest.Organization, certtest.AuthenticationUnit, "old", validity(now.AddDate(-10, 0, 0), now.Add(-day)))
	unnamed := certtest.NewCA(t, "Example", "Example unit", "1")
	anchors := anchorsOf(t, auth1, auth2, sign, old)

	damaged := auth1.Authentication(t, key)
	flipped := append([]byte(nil), damaged.Raw...)
	flipped[len(flipped)-1] ^= 1
	damaged, err := x509.ParseCertificate(flipped)
	require.NoError(t, err)

	expired := validity(now.AddDate(-2, 0, 0), now.Add(-time.Second))
	future := validity(now.Add(time.Second), now.AddDate(1, 0, 0))
	critical := func(template *x509.Certificate) {
		template.ExtraExtensions = append(template.ExtraExtensions, pkix.Extension{
			Id: asn1.ObjectIdentifier{1, 2, 3, 4}, Critical: true, Value: []byte{5, 0},
		})
	}
	const auth, signature = certificate.Authentication, certificate.Signature

	for name, test := range map[string]struct {
		cert *x509.Certificate
		as   certificate.Hierarchy
		want error
	}{
		"authentication":                          {auth1.Authentication(t, key), auth, nil},
		"second generation of one name":           {auth2.Authentication(t, key), auth, nil},
		"issuer's key not named":                  {withoutKeyID(auth2).Authentication(t, key), auth, nil},
		"signature":                               {sign.Signature(t, key), signature, nil},
		"signature certificate to log in":         {sign.Signature(t, key), auth, certificate.ErrWrongHierarchy},
		"authentication certificate to sign":      {auth1.Authentication(t, key), signature, certificate.ErrWrongHierarchy},
		"right root, usage of the other":          {auth1.Signature(t, key), auth, certificate.ErrKeyUsage},
		"right root, usage lacks nonRepudiation":  {sign.Authentication(t, key), signature, certificate.ErrKeyUsage},
		"the root itself":                         {auth1.Certificate, auth, certificate.ErrKeyUsage},
		"not among the anchors":                   {stranger.Authentication(t, key), auth, certificate.ErrIssuerForeign},
		"not among the anchors, key not named":    {withoutKeyID(stranger).Authentication(t, key), auth, certificate.ErrIssuerForeign},
		"another name altogether":                 {unnamed.Authentication(t, key), auth, certificate.ErrIssuerForeign},
		"J-LIS's name, unknown key":               {likeJLIS.Authentication(t, key), auth, certificate.ErrIssuerNotShipped},
		"J-LIS's name, key not named":             {withoutKeyID(likeJLIS).Authentication(t, key), auth, certificate.ErrIssuerNotShipped},
		"a bit flipped":                           {damaged, auth, certificate.ErrIssuerSignature},
		"unknown critical extension":              {auth1.Authentication(t, key, critical), auth, certificate.ErrCriticalExtension},
		"expired":                                 {auth1.Authentication(t, key, expired), auth, certificate.ErrExpired},
		"not yet valid":                           {auth1.Authentication(t, key, future), auth, certificate.ErrNotYetValid},
		"last second":                             {auth1.Authentication(t, key, validity(now.Add(-day), now)), auth, nil},
		"first second":                            {auth1.Authentication(t, key, validity(now, now.Add(day))), auth, nil},
		"root expired":                            {old.Authentication(t, key), auth, certificate.ErrAnchorExpired},
		"foreign before expired":                  {stranger.Authentication(t, key, expired), auth, certificate.ErrIssuerForeign},
		"not shipped before expired":              {likeJLIS.Authentication(t, key, expired), auth, certificate.ErrIssuerNotShipped},
		"hierarchy before foreign":                {stranger.Authentication(t, key), signature, certificate.ErrWrongHierarchy},
		"hierarchy before not shipped":            {likeJLIS.Authentication(t, key), signature, certificate.ErrWrongHierarchy},
		"hierarchy before expired":                {sign.Signature(t, key, expired), auth, certificate.ErrWrongHierarchy},
		"certificate's own end before the root's": {old.Authentication(t, key, expired), auth, certificate.ErrExpired},
	} {
		t.Run(name, func(t *testing.T) {
			cert := parse(t, test.cert)
			anchor, err := certificate.Check(cert, test.as, now, anchors)
			require.ErrorIs(t, err, test.want)
			if test.want == nil {
				require.Equal(t, certificate.OriginAdded, anchor.Origin)
				require.NoError(t, cert.X509.CheckSignatureFrom(anchor.Certificate))
			}
		})
	}
}

// TestCheckAtTheTime looks at a certificate of a root that has ended since, as of when both were valid.
func TestCheckAtTheTime(t *testing.T) {
	then := certtest.Now.AddDate(-1, 0, 0)
	old := certtest.NewCA(t, certtest.Organization, certtest.AuthenticationUnit, "past", validity(then.AddDate(-5, 0, 0), then.AddDate(0, 1, 0)))
	cert := parse(t, old.Authentication(t, certtest.Key(t, "card"), validity(then.AddDate(-1, 0, 0), then.AddDate(0, 1, 0))))

	_, err := certificate.Check(cert, certificate.Authentication, then, anchorsOf(t, old))
	require.NoError(t, err)
	_, err = certificate.Check(cert, certificate.Authentication, certtest.Now, anchorsOf(t, old))
	require.ErrorIs(t, err, certificate.ErrExpired)
}

// TestCheckAgreesWithX509 lets the standard library judge the same chains of roots with one name.
func TestCheckAgreesWithX509(t *testing.T) {
	var cas []*certtest.CA
	for _, generation := range []string{"1", "2", "stranger"} {
		cas = append(cas, certtest.NewCA(t, certtest.Organization, certtest.AuthenticationUnit, generation))
	}
	for trusted := range len(cas) + 1 {
		pool := x509.NewCertPool()
		for _, ca := range cas[:trusted] {
			pool.AddCert(ca.Certificate)
		}
		for issuer, ca := range cas {
			cert := ca.Authentication(t, certtest.Key(t, "card"))
			_, judged := cert.Verify(x509.VerifyOptions{
				Roots: pool, CurrentTime: certtest.Now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
			})
			_, err := certificate.Check(parse(t, cert), certificate.Authentication, certtest.Now, anchorsOf(t, cas[:trusted]...))
			require.Equal(t, judged == nil, err == nil, "issuer %d of %d trusted: %v, %v", issuer, trusted, judged, err)
		}
	}
}
