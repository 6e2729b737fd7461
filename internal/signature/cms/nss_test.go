package cms_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/signtest"
)

// TestVerifiesNSS reads what NSS signs, the library of Firefox and poppler: every frame of indefinite length. A second
// signer is put beside it.
func TestVerifiesNSS(t *testing.T) {
	key := certtest.Key(t, "card")
	long := func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = certtest.Now.AddDate(-20, 0, 0), certtest.Now.AddDate(60, 0, 0)
	}
	ca := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1", long)
	cert := ca.Signature(t, key, long)
	dir := t.TempDir()
	signtest.WriteCertificates(t, dir, "card.pem", cert)
	signtest.WriteKey(t, dir, "key.pem", key)
	signtest.WriteCertificates(t, dir, "ca.pem", ca.Certificate)
	signtest.Write(t, dir, "document", text)
	signtest.Write(t, dir, "password", nil)
	run := func(program string, args ...string) {
		t.Helper()
		path, err := exec.LookPath(program)
		require.NoError(t, err, "%s is needed as another signer: run make deps", program)
		cmd := exec.CommandContext(t.Context(), path, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s %v: %s", program, args, out)
	}
	run("openssl", "pkcs12", "-export", "-in", "card.pem", "-inkey", "key.pem", "-name", "card", "-passout", "pass:", "-out", "card.p12")
	run("certutil", "-N", "-d", "sql:.", "--empty-password")
	run("certutil", "-A", "-d", "sql:.", "-n", "ca", "-t", "CT,C,C", "-i", "ca.pem")
	run("pk12util", "-i", "card.p12", "-d", "sql:.", "-W", "")

	second, secondCert := second(t)
	for name, test := range map[string]struct {
		args     []string
		attached bool
		hash     crypto.Hash
	}{
		"attached":          {[]string{"-H", "SHA256"}, true, crypto.SHA256},
		"detached, SHA-512": {[]string{"-H", "SHA512", "-T"}, false, crypto.SHA512},
	} {
		t.Run(name, func(t *testing.T) {
			run("cmsutil", append([]string{"-S", "-G", "-Y", "NONE", "-d", "sql:.", "-f", "password", "-N", "card", "-i", "document", "-o", "signed"}, test.args...)...)
			message, err := os.ReadFile(filepath.Join(dir, "signed"))
			require.NoError(t, err)
			require.Equal(t, []byte{0x30, 0x80}, message[:2])
			content := func() io.Reader {
				if test.attached {
					return nil
				}
				return bytes.NewReader(text)
			}
			report := requireSigners(t, 1, message, content())
			require.Equal(t, cert.Raw, report.Signers[0].Signature.Certificate.Raw)
			require.Equal(t, test.hash, report.Signers[0].Signature.Hash)
			alone, err := cms.VerifyForeign(message, content())
			require.NoError(t, err)
			require.Equal(t, report.Signers[0].Signature.SigningTime, alone.SigningTime)

			both, err := cms.AddSigner(message, second, secondCert, detached(text).Digest, cms.Options{SigningTime: certtest.Now})
			require.NoError(t, err)
			requireSigners(t, 2, both, content())
		})
	}
}
