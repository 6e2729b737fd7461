package pdf_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
	"github.com/natsuin/natsuin/internal/signature/signtest"
)

const taro = "見本　太郎"

func signer(t testing.TB) (pdf.Signer, *signtest.Key, *x509.Certificate) {
	t.Helper()
	ca := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1")
	key := &signtest.Key{PrivateKey: certtest.Key(t, "card")}
	return pdf.Signer{Signer: key, Certificate: ca.Signature(t, key.PrivateKey), Name: taro, Time: certtest.Now}, key, ca.Certificate
}

// sign returns the signed file.
func sign(t testing.TB, file []byte, o pdf.Options) []byte {
	t.Helper()
	s, key, _ := signer(t)
	update, err := pdf.Prepare(bytes.NewReader(file), int64(len(file)), o)
	require.NoError(t, err)
	require.Positive(t, update.Pages())
	appended, err := update.Sign(s)
	require.NoError(t, err)
	require.Equal(t, 1, key.Calls)
	_, err = update.Sign(s)
	require.ErrorIs(t, err, pdf.ErrSpent)
	require.Equal(t, 1, key.Calls)
	return append(bytes.Clone(file), appended...)
}

func verify(t testing.TB, file []byte) *pdf.Report {
	t.Helper()
	report, err := pdf.Verify(bytes.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	return report
}

// judge asks the programs of others, and our own verifier, about a file of which the last of n
// signatures was just made.
func judge(t *testing.T, file []byte, n int) *pdf.Report {
	t.Helper()
	pdftest.Check(t, file)
	printed := pdftest.Signatures(t, file)
	require.Equal(t, n, strings.Count(printed, "Signature is Valid."), printed)
	require.Equal(t, 1, strings.Count(printed, "Total document signed"), printed)

	report := verify(t, file)
	require.Len(t, report.Signatures, n)
	for i, s := range report.Signatures {
		require.Nil(t, s.Problem, "%v", s.Problem)
		require.Equal(t, i == n-1, s.Whole)
		require.Equal(t, n-1-i, s.Later.Signatures)
		require.NotNil(t, s.CMS)
	}
	return report
}

// TestSignCorpus signs every kind of file twice, with each profile, and has it judged after each.
func TestSignCorpus(t *testing.T) {
	for name, file := range pdftest.Corpus(t) {
		t.Run(name, func(t *testing.T) {
			once := sign(t, file, pdf.Options{Profile: pdf.MOJ})
			require.True(t, bytes.HasPrefix(once, file))
			judge(t, once, 1)
			twice := sign(t, once, pdf.Options{Profile: pdf.PAdES, Hash: crypto.SHA512})
			require.True(t, bytes.HasPrefix(twice, once))
			report := judge(t, twice, 2)

			first, second := report.Signatures[0], report.Signatures[1]
			require.Equal(t, "adbe.pkcs7.detached", first.SubFilter)
			require.Equal(t, certtest.Now, first.CMS.SigningTime)
			require.False(t, first.CMS.Bound)
			require.Equal(t, "ETSI.CAdES.detached", second.SubFilter)
			require.True(t, second.CMS.SigningTime.IsZero())
			require.True(t, second.CMS.Bound)
			require.Equal(t, crypto.SHA512, second.CMS.Hash)
			for _, s := range report.Signatures {
				require.Equal(t, taro, s.Name)
				require.True(t, certtest.Now.Equal(s.Claimed))
				require.Empty(t, s.Marks)
			}
		})
	}
}
