package cms_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/signtest"
)

// TestOptions makes each message that can be chosen, of the size that was foretold, and has OpenSSL
// check it.
func TestOptions(t *testing.T) {
	key, cert, ca := signer(t)
	dir := t.TempDir()
	root := signtest.WriteCertificates(t, dir, "ca.pem", ca.Certificate)
	content := signtest.Write(t, dir, "document.xml", text)
	for name, test := range map[string]struct {
		options cms.Options
		oids    int // signed attributes
	}{
		"time, not bound": {cms.Options{SigningTime: certtest.Now, Unbound: true}, 3},
		"bound, no time":  {cms.Options{}, 3},
		"time, bound":     {cms.Options{SigningTime: certtest.Now}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			size, err := cms.Size(cert, detached(text), test.options)
			require.NoError(t, err)
			der, err := cms.Sign(key, cert, detached(text), test.options)
			require.NoError(t, err)
			require.Len(t, der, size)

			message := signtest.Write(t, t.TempDir(), "m.p7s", der)
			signtest.OpenSSL(t, "cms", "-verify", "-binary", "-inform", "DER", "-CAfile", root, "-attime", "1795402800",
				"-out", os.DevNull, "-in", message, "-content", content)
			require.Contains(t, signtest.OpenSSL(t, "asn1parse", "-inform", "DER", "-in", message), ":sha256WithRSAEncryption")

			got, err := cms.VerifyForeign(der, bytes.NewReader(text))
			require.NoError(t, err)
			require.Equal(t, test.options.SigningTime, got.SigningTime)
			require.Equal(t, !test.options.Unbound, got.Bound)
			s, err := cms.Inspect(der)
			require.NoError(t, err)
			require.True(t, s.DER && s.Detached && s.ByIssuer)
			require.Equal(t, !test.options.SigningTime.IsZero(), s.UTCTime)
			require.Len(t, s.SignedAttributes, test.oids)
			require.Len(t, s.Certificates, 1)
			require.Equal(t, cert.Raw, s.Certificate.Raw)
		})
	}
}

// TestVerifiesForeign reads what OpenSSL signs in its own ways, and refuses what is not enough.
func TestVerifiesForeign(t *testing.T) {
	key, cert, _ := signer(t)
	dir := t.TempDir()
	common := []string{
		"cms", "-sign", "-binary", "-outform", "DER",
		"-signer", signtest.WriteCertificates(t, dir, "card.pem", cert),
		"-inkey", signtest.WriteKey(t, dir, "key.pem", key.PrivateKey),
		"-in", signtest.Write(t, dir, "document.xml", text),
	}
	for name, test := range map[string]struct {
		args     []string
		attached bool
		der      bool
		want     error
	}{
		"bound":                {[]string{"-cades", "-md", "sha256"}, false, true, nil},
		"not bound":            {[]string{"-md", "sha384"}, false, true, nil},
		"by key identifier":    {[]string{"-md", "sha256", "-keyid"}, false, true, nil},
		"indefinite lengths":   {[]string{"-md", "sha256", "-nodetach", "-indef", "-stream"}, true, false, nil},
		"no certificate":       {[]string{"-md", "sha256", "-nocerts"}, false, true, cms.ErrNoCertificate},
		"no signed attributes": {[]string{"-md", "sha256", "-noattr"}, false, true, cms.ErrSignedAttributes},
		"SHA-1":                {[]string{"-md", "sha1"}, false, true, cms.ErrAlgorithm},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "m.p7m")
			signtest.OpenSSL(t, append(append([]string{}, common...), append(test.args, "-out", path)...)...)
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			reader := func() io.Reader {
				if test.attached {
					return nil
				}
				return bytes.NewReader(text)
			}
			s, err := cms.Inspect(data)
			require.NoError(t, err)
			require.Equal(t, test.der, s.DER)

			padded := append(bytes.Clone(data), make([]byte, 100)...)
			got, err := cms.VerifyForeign(padded, reader())
			require.ErrorIs(t, err, test.want)
			if test.want == nil {
				require.Equal(t, cert.Raw, got.Certificate.Raw)
				require.WithinRange(t, got.SigningTime, time.Unix(0, 0), time.Unix(1<<40, 0))
			}
			_, err = cms.VerifyForeign(append(bytes.Clone(data), 1), reader())
			require.Error(t, err)
		})
	}
	_, err := cms.VerifyForeign(sign(t, detached(text)), bytes.NewReader([]byte("another")))
	require.ErrorIs(t, err, cms.ErrMessageDigest)
	_, err = cms.VerifyForeign(nil, nil)
	require.ErrorIs(t, err, cms.ErrMalformed)
}
