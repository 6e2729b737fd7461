package timestamp_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"os"
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
)

var text = []byte("<申請>住民票の写しの交付</申請>\n")

// TestOpenSSL asks OpenSSL for time stamps of many forms, by queries that it understands, and takes the
// answers, of which it thinks the same.
func TestOpenSSL(t *testing.T) {
	a := tsatest.New(t)
	for name, test := range map[string]struct {
		settings []string
		hash     crypto.Hash
		policy   asn1.ObjectIdentifier
		check    func(t *testing.T, token *timestamp.Token)
	}{
		"plain": {[]string{"signer_digest = sha256"}, crypto.SHA256, nil, func(t *testing.T, token *timestamp.Token) {
			require.Equal(t, "1.2.3.4.1", token.Policy.String())
			require.Zero(t, token.Accuracy)
		}},
		"everything": {[]string{"signer_digest = sha512", "accuracy = secs:1, millisecs:500, microsecs:100", "clock_precision_digits = 3",
			"ordering = yes", "tsa_name = yes", "ess_cert_id_chain = yes", "ess_cert_id_alg = sha512"}, crypto.SHA512, asn1.ObjectIdentifier{1, 2, 3, 4, 5},
			func(t *testing.T, token *timestamp.Token) {
				require.Equal(t, "1.2.3.4.5", token.Policy.String())
				require.Equal(t, 1500*time.Millisecond+100*time.Microsecond, token.Accuracy)
				require.True(t, token.Ordering)
				require.Len(t, token.Certificates, 2)
			}},
		"bound by SHA-1": {[]string{"signer_digest = sha256", "ess_cert_id_alg = sha1"}, crypto.SHA256, nil, func(*testing.T, *timestamp.Token) {}},
	} {
		t.Run(name, func(t *testing.T) {
			q, err := timestamp.NewQuery(test.hash, text, rand.Reader)
			require.NoError(t, err)
			q.Policy = test.policy
			query, err := q.DER()
			require.NoError(t, err)
			answer := a.Reply(t, query, test.settings...)
			require.Contains(t, tsatest.OpenSSL(t, "ts", "-query", "-text", "-in", a.Path("query.tsq")), fmt.Sprintf("Nonce: 0x%X", q.Nonce.Bytes()))

			token, err := timestamp.ParseResponse(answer)
			require.NoError(t, err)
			require.NoError(t, token.Answers(q))
			require.NoError(t, token.Covers(text))
			require.NoError(t, token.Verify(a.Pool(), token.Time))
			require.ErrorIs(t, token.Verify(a.Pool(), token.Time.AddDate(-10, 0, 0)), timestamp.ErrTime)
			test.check(t, token)

			tsatest.OpenSSL(t, "ts", "-verify", "-CAfile", a.Path("root.pem"), "-queryfile", a.Path("query.tsq"), "-in", a.Path("reply.tsr"))
			a.Judge(t, token.Raw, text)
		})
	}
}

// TestOpenSSLRefuses takes the answers to what the authority does not want.
func TestOpenSSLRefuses(t *testing.T) {
	a := tsatest.New(t)
	for failure, edit := range map[string]func(q *timestamp.Query){
		"badAlg":           func(q *timestamp.Query) { q.Imprint = imprint(crypto.SHA384) },
		"unacceptedPolicy": func(q *timestamp.Query) { q.Policy = asn1.ObjectIdentifier{1, 2, 3} },
	} {
		t.Run(failure, func(t *testing.T) {
			q, err := timestamp.NewQuery(crypto.SHA256, text, rand.Reader)
			require.NoError(t, err)
			edit(q)
			query, err := q.DER()
			require.NoError(t, err)
			_, err = timestamp.ParseResponse(a.Reply(t, query, "signer_digest = sha256"))
			var rejection *timestamp.Rejection
			require.ErrorAs(t, err, &rejection)
			require.Equal(t, []string{failure}, rejection.Failures)
			require.Equal(t, 2, rejection.Status)
			require.NotEmpty(t, rejection.Text)
		})
	}
}

func imprint(hash crypto.Hash) timestamp.Imprint {
	h := hash.New()
	h.Write(text)
	return timestamp.Imprint{Hash: hash, Digest: h.Sum(nil)}
}

// stampBy has the authority stamp a signature's value.
func stampBy(t *testing.T, a *tsatest.Authority, value []byte) *timestamp.Token {
	t.Helper()
	q, err := timestamp.NewQuery(crypto.SHA256, value, rand.Reader)
	require.NoError(t, err)
	query, err := q.DER()
	require.NoError(t, err)
	token, err := timestamp.ParseResponse(a.Reply(t, query, "signer_digest = sha256"))
	require.NoError(t, err)
	require.NoError(t, token.Answers(q))
	return token
}

// TestAttach stamps both signatures of a message, the first one twice: both still verify, here and by
// OpenSSL, and the tokens that OpenSSL finds are about the values that it finds.
func TestAttach(t *testing.T) {
	a := tsatest.New(t)
	ca := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1")
	digest := sha256.Sum256(text)
	for _, attached := range []bool{false, true} {
		t.Run(fmt.Sprint("attached ", attached), func(t *testing.T) {
			doc := cms.Document{Digest: digest[:]}
			if attached {
				doc.Content = text
			}
			first, second := certtest.Key(t, "card"), certtest.Key(t, "second")
			message, err := cms.Sign(first, ca.Signature(t, first), doc, cms.Options{SigningTime: certtest.Now})
			require.NoError(t, err)
			before, err := cms.SignerInfos(bytes.NewReader(message))
			require.NoError(t, err)
			token := stampBy(t, a, before[0].Value)
			message, err = timestamp.Attach(message, token)
			require.NoError(t, err)
			requireTimestamps(t, a, message, attached, 1)
			_, err = cms.Verify(message, content(attached))
			require.NoError(t, err)

			cert := ca.Signature(t, second, func(c *x509.Certificate) { c.SerialNumber = big.NewInt(2) })
			message, err = cms.AddSigner(message, second, cert, digest[:], cms.Options{})
			require.NoError(t, err)
			requireTimestamps(t, a, message, attached, 1)
			signers, err := cms.SignerInfos(bytes.NewReader(message))
			require.NoError(t, err)
			for _, s := range signers {
				message, err = timestamp.Attach(message, stampBy(t, a, s.Value))
				require.NoError(t, err)
			}
			requireTimestamps(t, a, message, attached, 3)

			args := []string{"cms", "-verify", "-cades", "-binary", "-inform", "DER", "-attime", fmt.Sprint(certtest.Now.Unix()),
				"-in", a.Write(t, "message", message), "-out", os.DevNull}
			root := a.Write(t, "ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Certificate.Raw}))
			args = append(args, "-CAfile", root)
			if !attached {
				args = append(args, "-content", a.Write(t, "content", text))
			}
			tsatest.OpenSSL(t, args...)
			listing := tsatest.OpenSSL(t, "cms", "-cmsout", "-print", "-noout", "-inform", "DER", "-in", a.Path("message"))
			require.Equal(t, 3, strings.Count(listing, "id-smime-aa-timeStampToken"))

			_, err = timestamp.Attach(message, stampBy(t, a, []byte("another")))
			require.ErrorIs(t, err, timestamp.ErrImprint)
			_, err = timestamp.Attach(text, token)
			require.ErrorIs(t, err, cms.ErrMalformed)
		})
	}
}

// content is what is given to Verify.
func content(attached bool) io.Reader {
	if attached {
		return nil
	}
	return bytes.NewReader(text)
}

// requireTimestamps asks that all signatures verify, with n time stamps in all that are about them, of
// which OpenSSL thinks so too.
func requireTimestamps(t *testing.T, a *tsatest.Authority, message []byte, attached bool, n int) {
	t.Helper()
	report, err := cms.VerifyStream(bytes.NewReader(message), content(attached))
	require.NoError(t, err)
	found := 0
	for _, s := range report.Signers {
		require.NoError(t, s.Problem)
		for _, der := range s.Signature.Timestamps {
			token, err := timestamp.ParseToken(der)
			require.NoError(t, err)
			require.NoError(t, token.Covers(s.Signature.Value))
			require.NoError(t, token.Verify(a.Pool(), token.Time))
			a.Judge(t, der, s.Signature.Value)
			found++
		}
	}
	require.Equal(t, n, found)
}

// TestAttachPDF puts a time stamp into the signature of a PDF file, within its place: PAdES B-T.
func TestAttachPDF(t *testing.T) {
	a := tsatest.New(t)
	ca := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1")
	key := certtest.Key(t, "card")
	file := pdftest.File(pdftest.Document(1), "")
	update, err := pdf.Prepare(bytes.NewReader(file), int64(len(file)), pdf.Options{Profile: pdf.PAdES})
	require.NoError(t, err)
	appended, err := update.Sign(pdf.Signer{Signer: key, Certificate: ca.Signature(t, key), Name: "見本 太郎", Time: certtest.Now})
	require.NoError(t, err)
	file = append(file, appended...)
	verify := func() *pdf.Signature {
		report, err := pdf.Verify(bytes.NewReader(file), int64(len(file)))
		require.NoError(t, err)
		require.Len(t, report.Signatures, 1)
		require.Nil(t, report.Signatures[0].Problem)
		return report.Signatures[0]
	}

	report, err := pdf.Verify(bytes.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	message, err := timestamp.Attach(report.Signatures[0].Message, stampBy(t, a, verify().CMS.Value))
	require.NoError(t, err)
	exchanged, err := report.Exchange(bytes.NewReader(file), report.Signatures[0], message)
	require.NoError(t, err)
	_, err = exchanged.ReadAt(file, 0)
	require.NoError(t, err)

	signed := verify()
	require.True(t, signed.Whole)
	token, err := timestamp.ParseToken(signed.CMS.Timestamps[0])
	require.NoError(t, err)
	require.NoError(t, token.Covers(signed.CMS.Value))
	judged := pdftest.Signatures(t, file)
	require.Contains(t, judged, "Signature is Valid")
	require.Contains(t, judged, "Total document signed")
}
