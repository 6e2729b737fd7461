package verify_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
	"github.com/natsuin/natsuin/internal/signature/timestamp"
	"github.com/natsuin/natsuin/internal/signature/timestamp/tsatest"
	"github.com/natsuin/natsuin/verify"
)

// answered has an authority answer a query.
func answered(t *testing.T, a *tsatest.Authority, query []byte) *timestamp.Token {
	t.Helper()
	token, err := timestamp.ParseResponse(a.Reply(t, query))
	require.NoError(t, err)
	return token
}

// tokenOver makes a time stamp over a value.
func tokenOver(t *testing.T, a *tsatest.Authority, value []byte) []byte {
	t.Helper()
	query, err := timestamp.NewQuery(crypto.SHA256, value, rand.Reader)
	require.NoError(t, err)
	der, err := query.DER()
	require.NoError(t, err)
	return answered(t, a, der).Raw
}

// TestTimeStamps: a time stamp is believed for the signature that it is about, by an authority that is trusted;
// one is enough.
func TestTimeStamps(t *testing.T) {
	a := tsatest.New(t)
	long := validity(tsatest.From, tsatest.To)
	ca := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1", long)
	plain := signCMS(t, ca.Signature(t, certtest.Key(t, "card"), long), true, certtest.Now)
	found, err := cms.VerifyForeign(plain, nil)
	require.NoError(t, err)
	good, other := tokenOver(t, a, found.Value), tokenOver(t, a, []byte("another signature"))
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
		"none":                  {plain, a.Pool(), after, "", nil},
		"nobody asks":           {stamped(good), nil, after, "time-stamp: not-checked", nil},
		"good":                  {stamped(good), a.Pool(), after, "time-stamp: passed", []verify.Outcome{verify.Passed}},
		"about another":         {stamped(other), a.Pool(), after, "time-stamp: failed", []verify.Outcome{verify.Failed}},
		"one of each":           {stamped(other, good), a.Pool(), after, "time-stamp: passed", []verify.Outcome{verify.Failed, verify.Passed}},
		"from the future":       {stamped(good), a.Pool(), tsatest.From.AddDate(1, 0, 0), "time-stamp: failed", []verify.Outcome{verify.Failed}},
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
					require.Equal(t, "CN=Test time stamps", stamp.Authority)
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
	got := read(t, stamped(garbage), verify.DocumentOptions{At: after, Trust: trust(t, ca), TimeStampRoots: a.Pool()})
	require.Equal(t, verify.TimeStampInvalid, got.Signatures[0].Reason)
}

// TestDocumentTimeStamp: a time stamp of the whole file is believed when it is about the bytes that it covers, by
// an authority that is trusted. It is no signature, and by itself no file is accepted for it.
func TestDocumentTimeStamp(t *testing.T) {
	a := tsatest.New(t)
	long := validity(tsatest.From, tsatest.To)
	ca := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1", long)
	signed := signPDF(t, onePage(), ca.Signature(t, certtest.Key(t, "card"), long), pdf.Options{Profile: pdf.PAdES})
	dict := strings.Replace(pdftest.SignatureDict(), "/Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached", "/Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161", 1)
	stampedWith := func(token func(covered []byte) []byte) []byte {
		return pdftest.Complete(pdftest.Update(onePage(), pdftest.SignatureObjects(dict), ""), nil, token)
	}
	good := func(covered []byte) []byte { return tokenOver(t, a, covered) }
	alone := stampedWith(good)
	spoiled := bytes.Clone(alone)
	spoiled[bytes.Index(spoiled, []byte("0.5 g"))+2] ^= 1
	later := pdftest.Update(alone, pdftest.Objects{4: pdftest.Stream("", "0 g")}, "")
	elsewhere := stampedWith(func([]byte) []byte { return tokenOver(t, a, []byte("another")) })
	signature := stampedWith(func([]byte) []byte { return signCMS(t, cardCert(t), false, certtest.Now) })

	for name, test := range map[string]struct {
		file    []byte
		roots   *x509.CertPool
		outcome verify.Outcome
		reason  verify.Reason
		rules   []string
	}{
		"good":                           {alone, a.Pool(), verify.Passed, "", []string{"coverage: passed", "unchanged: passed", "message: passed", "signature: passed", "document: passed", "time-stamp: passed"}},
		"nobody asks":                    {alone, nil, verify.NotChecked, "", []string{"coverage: passed", "unchanged: passed", "message: passed", "signature: passed", "document: passed", "time-stamp: not-checked"}},
		"not trusted":                    {alone, x509.NewCertPool(), verify.Failed, verify.TimeStampInvalid, []string{"time-stamp: failed"}},
		"another document":               {spoiled, a.Pool(), verify.Failed, verify.DocumentChanged, []string{"document: failed"}},
		"about another":                  {elsewhere, a.Pool(), verify.Failed, verify.DocumentChanged, []string{"document: failed"}},
		"about another, and nobody asks": {elsewhere, nil, verify.Failed, verify.DocumentChanged, []string{"document: failed"}},
		"a signature":                    {signature, a.Pool(), verify.Failed, verify.TimeStampInvalid, []string{"time-stamp: failed"}},
		"a signature, and nobody asks":   {signature, nil, verify.Failed, verify.TimeStampInvalid, []string{"time-stamp: failed"}},
		"nothing":                        {stampedWith(func([]byte) []byte { return []byte{0x30, 0, 1} }), nil, verify.Failed, verify.MessageMalformed, []string{"message: failed"}},
		"changed later":                  {later, nil, verify.Failed, verify.ChangedAfterSigning, []string{"unchanged: failed"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := verify.DocumentOptions{At: time.Now().Add(time.Hour), Trust: trust(t, ca), TimeStampRoots: test.roots}
			got := read(t, test.file, o)
			require.False(t, got.Accepted, "nobody signed it")
			require.Len(t, got.Signatures, 1)
			s := got.Signatures[0]
			require.Equal(t, test.outcome, s.Outcome, "%v", s.Err)
			require.Equal(t, test.reason, s.Reason)
			require.Subset(t, rules(s.Checks), test.rules)
			require.Nil(t, s.Signer)
			for _, stamp := range s.TimeStamps {
				require.Equal(t, test.outcome, stamp.Outcome)
				require.Equal(t, test.outcome == verify.Failed, stamp.Detail != "")
			}
		})
	}
	require.True(t, read(t, alone, verify.DocumentOptions{}).Signatures[0].DocumentTimeStamp)

	// Over a signature: the file is accepted for that one, unless the time stamp is not to be believed.
	both := pdftest.Complete(pdftest.Update(signed, timeStampObjects(t, signed, dict), ""), nil, good)
	for _, roots := range []*x509.CertPool{nil, a.Pool(), x509.NewCertPool()} {
		got := read(t, both, verify.DocumentOptions{At: time.Now().Add(time.Hour), Trust: trust(t, ca), TimeStampRoots: roots})
		require.Len(t, got.Signatures, 2)
		require.Equal(t, verify.Passed, got.Signatures[0].Outcome, "%v", got.Signatures[0].Err)
		require.Equal(t, &verify.Later{TimeStamps: 1}, got.Signatures[0].Covers.Later)
		require.True(t, got.Signatures[1].DocumentTimeStamp)
		require.Equal(t, roots == nil || roots.Equal(a.Pool()), got.Accepted)
	}
	none := pdftest.Complete(pdftest.Update(signed, timeStampObjects(t, signed, dict), ""), nil, func([]byte) []byte { return signCMS(t, cardCert(t), false, certtest.Now) })
	require.False(t, read(t, none, verify.DocumentOptions{At: time.Now().Add(time.Hour), Trust: trust(t, ca)}).Accepted, "a time stamp that is none")
}

// timeStampObjects is what has to be written behind a signed file of one page for a time stamp of it.
func timeStampObjects(t *testing.T, signed []byte, dict string) pdftest.Objects {
	t.Helper()
	field := regexp.MustCompile(`/Fields \[(\d+ 0 R)\]`).FindSubmatch(signed)
	require.NotNil(t, field)
	return pdftest.Objects{
		1:  "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[" + string(field[1]) + " 40 0 R]/SigFlags 3>>>>",
		40: "<</Type/Annot/Subtype/Widget/FT/Sig/T(Stamp)/Rect[0 0 0 0]/F 132/V 41 0 R>>",
		41: dict,
	}
}
