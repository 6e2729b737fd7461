package pdf_test

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
)

func write(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

// TestOpenSSLVerifies takes the CMS and what it covers out of our files, and has OpenSSL check them.
func TestOpenSSLVerifies(t *testing.T) {
	_, _, root := signer(t)
	for _, profile := range pdf.Profiles() {
		for _, hash := range profile.Hashes {
			t.Run(fmt.Sprint(profile.ID, hash), func(t *testing.T) {
				file := sign(t, pdftest.File(pdftest.Document(1), ""), pdf.Options{Profile: profile, Hash: hash})
				r := verify(t, file).Signatures[0].ByteRange
				contents, err := hex.DecodeString(string(file[r[1]+1 : r[2]-1]))
				require.NoError(t, err)
				dir := t.TempDir()
				args := []string{"cms", "-verify", "-binary", "-inform", "DER", "-attime", fmt.Sprint(certtest.Now.Unix()),
					"-CAfile", write(t, dir, "ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw})),
					"-in", write(t, dir, "m.p7s", bytes.TrimRight(contents, "\x00")),
					"-content", write(t, dir, "content", append(bytes.Clone(file[:r[1]]), file[r[2]:]...)), "-out", os.DevNull}
				if profile.Bound {
					args = append(args, "-cades")
				}
				printed, err := pdftest.Run(t, "openssl", args...)
				require.NoError(t, err, printed)
			})
		}
	}
}

// TestVerifiesOpenSSL verifies files whose CMS OpenSSL made in its own ways. What pdfsig calls valid we
// do, but for SHA-1.
func TestVerifiesOpenSSL(t *testing.T) {
	s, key, _ := signer(t)
	der, err := x509.MarshalPKCS8PrivateKey(key.PrivateKey)
	require.NoError(t, err)
	for name, test := range map[string]struct {
		args []string
		want pdf.Reason
	}{
		"as it comes":          {nil, ""},
		"with CAdES":           {[]string{"-cades"}, ""},
		"SHA-512":              {[]string{"-md", "sha512"}, ""},
		"by key identifier":    {[]string{"-keyid"}, ""},
		"indefinite length":    {[]string{"-md", "sha256"}, ""},
		"SHA-1":                {[]string{"-md", "sha1"}, pdf.ReasonCMS},
		"RSASSA-PSS":           {[]string{"-keyopt", "rsa_padding_mode:pss"}, pdf.ReasonCMS},
		"no certificate":       {[]string{"-nocerts"}, pdf.ReasonCMS},
		"no signed attributes": {[]string{"-noattr"}, pdf.ReasonCMS},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			args := []string{"cms", "-sign", "-binary", "-outform", "DER", "-out", filepath.Join(dir, "m.p7s"),
				"-signer", write(t, dir, "card.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate.Raw})),
				"-inkey", write(t, dir, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))}
			file := pdftest.Complete(pdftest.Update(pdftest.File(pdftest.Document(1), ""), pdftest.SignatureObjects(pdftest.SignatureDict()), ""), nil, func(content []byte) []byte {
				printed, err := pdftest.Run(t, "openssl", append(args, append([]string{"-in", write(t, dir, "content", content)}, test.args...)...)...)
				require.NoError(t, err, printed)
				message, err := os.ReadFile(filepath.Join(dir, "m.p7s"))
				require.NoError(t, err)
				if name == "indefinite length" {
					return indefinite(message)
				}
				return message
			})
			requireReason(t, test.want, verify(t, file).Signatures[0])
			if test.want == "" && name != "by key identifier" { // which poppler's NSS does not look for
				require.Equal(t, 1, strings.Count(pdftest.Signatures(t, file), "Signature is Valid."))
			}
		})
	}
}
