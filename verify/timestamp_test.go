package verify_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/timestamp"
	"github.com/natsuin/natsuin/verify"
)

// An authority is OpenSSL as one that makes time stamps, by its clock: whatever it says, the certificates are
// valid.
type authority struct {
	dir   string
	roots *x509.CertPool
}

var from, to = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)

func newAuthority(t *testing.T) authority {
	t.Helper()
	key := certtest.Key(t, "authority")
	purpose, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}}) // timeStamping
	require.NoError(t, err)
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Root of test time stamps"},
		NotBefore: from, NotAfter: to, BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Test time stamps"},
		NotBefore: from, NotAfter: to, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: purpose}}}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, &key.PublicKey, key)
	require.NoError(t, err)
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, root, &key.PublicKey, key)
	require.NoError(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	a := authority{roots: x509.NewCertPool(), dir: folder(t, map[string][]byte{
		"tsa.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leafDER}),
		"tsa.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}),
		"serial":  []byte("01\n"),
		"tsa.conf": []byte("[tsa]\ndefault_tsa=this\n[this]\nserial=serial\nsigner_cert=tsa.pem\nsigner_key=tsa.key\n" +
			"signer_digest=sha256\ndefault_policy=1.2.3.4.1\ndigests=sha256\n"),
	})}
	parsed, err := x509.ParseCertificate(rootDER)
	require.NoError(t, err)
	a.roots.AddCert(parsed)
	return a
}

// token makes a time stamp over a value.
func (a authority) token(t *testing.T, value []byte) []byte {
	t.Helper()
	query, err := timestamp.NewQuery(crypto.SHA256, value, rand.Reader)
	require.NoError(t, err)
	der, err := query.DER()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(a.dir, "query"), der, 0o600))
	run(t, a.dir, "openssl", "ts", "-reply", "-config", "tsa.conf", "-queryfile", "query", "-out", "answer")
	answer, err := os.ReadFile(filepath.Join(a.dir, "answer"))
	require.NoError(t, err)
	token, err := timestamp.ParseResponse(answer)
	require.NoError(t, err)
	return token.Raw
}

// TestTimeStamps: a time stamp is believed for the signature that it is about, by an authority that is trusted;
// one is enough.
func TestTimeStamps(t *testing.T) {
	a := newAuthority(t)
	long := validity(from, to)
	ca := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1", long)
	plain := signCMS(t, ca.Signature(t, certtest.Key(t, "card"), long), true, certtest.Now)
	found, err := cms.VerifyForeign(plain, nil)
	require.NoError(t, err)
	good, other := a.token(t, found.Value), a.token(t, []byte("another signature"))
	stamped := func(tokens ...[]byte) []byte {
		message := plain
		for _, token := range tokens {
			message, err = cms.AttachTimestamp(message, 0, token)
			require.NoError(t, err)
		}
		return message
	}
	after := time.Now().Add(time.Hour)
	for name, test := range map[string]struct {
		file  []byte
		roots *x509.CertPool
		at    time.Time
		want  string // of the rule
		each  []verify.Outcome
	}{
		"none":                  {plain, a.roots, after, "", nil},
		"nobody asks":           {stamped(good), nil, after, "time-stamp: not-checked", nil},
		"good":                  {stamped(good), a.roots, after, "time-stamp: passed", []verify.Outcome{verify.Passed}},
		"about another":         {stamped(other), a.roots, after, "time-stamp: failed", []verify.Outcome{verify.Failed}},
		"one of each":           {stamped(other, good), a.roots, after, "time-stamp: passed", []verify.Outcome{verify.Failed, verify.Passed}},
		"from the future":       {stamped(good), a.roots, from.AddDate(1, 0, 0), "time-stamp: failed", []verify.Outcome{verify.Failed}},
		"authority not trusted": {stamped(good), x509.NewCertPool(), after, "time-stamp: failed", []verify.Outcome{verify.Failed}},
	} {
		t.Run(name, func(t *testing.T) {
			o := verify.DocumentOptions{At: test.at, Trust: trust(t, ca), TimeStampRoots: test.roots}
			got := read(t, test.file, o)
			s := got.Signatures[0]
			require.Equal(t, test.want != "time-stamp: failed", got.Accepted, "%v", s.Err)
			if test.want != "" {
				require.Contains(t, rules(s.Checks), test.want)
			}
			if !got.Accepted {
				require.Equal(t, verify.TimeStampInvalid, s.Reason)
			}
			require.Contains(t, rules(s.Checks), "issuer: passed", "the certificate is looked at in any case")
			var each []verify.Outcome
			for _, stamp := range s.TimeStamps {
				each = append(each, stamp.Outcome)
				if stamp.Outcome == verify.Passed {
					require.Equal(t, "1.2.3.4.1", stamp.Policy)
					require.False(t, stamp.Time.IsZero())
				} else {
					require.NotEmpty(t, stamp.Detail)
				}
			}
			require.ElementsMatch(t, test.each, each)
		})
	}

	garbage := bytes.Clone(good)
	garbage[len(garbage)-1] ^= 1
	got := read(t, stamped(garbage), verify.DocumentOptions{At: after, Trust: trust(t, ca), TimeStampRoots: a.roots})
	require.Equal(t, verify.TimeStampInvalid, got.Signatures[0].Reason)
}
