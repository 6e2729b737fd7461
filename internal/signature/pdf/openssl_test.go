package pdf_test

import (
	"bytes"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
	"github.com/natsuin/natsuin/internal/signature/signtest"
)

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
				var message asn1.RawValue // without the padding, which a signature may end like
				_, err = asn1.Unmarshal(contents, &message)
				require.NoError(t, err)
				dir := t.TempDir()
				args := []string{"cms", "-verify", "-binary", "-inform", "DER", "-attime", fmt.Sprint(certtest.Now.Unix()),
					"-CAfile", signtest.WriteCertificates(t, dir, "ca.pem", root),
					"-in", signtest.Write(t, dir, "m.p7s", message.FullBytes),
					"-content", signtest.Write(t, dir, "content", append(bytes.Clone(file[:r[1]]), file[r[2]:]...)), "-out", os.DevNull}
				if profile.Bound {
					args = append(args, "-cades")
				}
				printed, err := pdftest.Run(t, "openssl", args...)
				require.NoError(t, err, printed)
			})
		}
	}
}

// byOpenSSL returns a file whose CMS OpenSSL makes, told more by args, and change changes where it is not
// nil.
func byOpenSSL(t *testing.T, change func([]byte) []byte, args ...string) []byte {
	t.Helper()
	s, key, _ := signer(t)
	dir := t.TempDir()
	args = append([]string{"cms", "-sign", "-binary", "-outform", "DER", "-out", filepath.Join(dir, "m.p7s"), "-in", filepath.Join(dir, "content"),
		"-signer", signtest.WriteCertificates(t, dir, "card.pem", s.Certificate),
		"-inkey", signtest.WriteKey(t, dir, "key.pem", key.PrivateKey)}, args...)
	file := pdftest.Update(pdftest.File(pdftest.Document(1), ""), pdftest.SignatureObjects(pdftest.SignatureDict()), "")
	return pdftest.Complete(file, nil, func(content []byte) []byte {
		signtest.Write(t, dir, "content", content)
		printed, err := pdftest.Run(t, "openssl", args...)
		require.NoError(t, err, printed)
		message, err := os.ReadFile(filepath.Join(dir, "m.p7s"))
		require.NoError(t, err)
		if change != nil {
			message = change(message)
		}
		return message
	})
}

// TestVerifiesOpenSSL verifies files whose CMS OpenSSL made in its own ways. What pdfsig calls valid we
// do, but for SHA-1.
func TestVerifiesOpenSSL(t *testing.T) {
	for name, test := range map[string]struct {
		args   []string
		change func([]byte) []byte
		want   pdf.Reason
	}{
		"as it comes":          {nil, nil, ""},
		"with CAdES":           {[]string{"-cades"}, nil, ""},
		"SHA-512":              {[]string{"-md", "sha512"}, nil, ""},
		"by key identifier":    {[]string{"-keyid"}, nil, ""},
		"indefinite length":    {nil, indefinite, ""},
		"SHA-1":                {[]string{"-md", "sha1"}, nil, pdf.ReasonCMS},
		"RSASSA-PSS":           {[]string{"-keyopt", "rsa_padding_mode:pss"}, nil, pdf.ReasonCMS},
		"no certificate":       {[]string{"-nocerts"}, nil, pdf.ReasonCMS},
		"no signed attributes": {[]string{"-noattr"}, nil, pdf.ReasonCMS},
		"content inside":       {[]string{"-nodetach"}, nil, pdf.ReasonCMS},
	} {
		t.Run(name, func(t *testing.T) {
			file := byOpenSSL(t, test.change, test.args...)
			requireReason(t, test.want, verify(t, file).Signatures[0])
			if test.want == "" && name != "by key identifier" { // which poppler's NSS does not look for
				require.Equal(t, 1, strings.Count(pdftest.Signatures(t, file), "Signature is Valid."))
			}
		})
	}
}

// TestCheckOpenSSL breaks the rule about the structure of the CMS.
func TestCheckOpenSSL(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		want []pdf.Rule
	}{
		"as it comes":          {nil, nil},
		"by key identifier":    {[]string{"-keyid"}, []pdf.Rule{pdf.RuleMessage}},
		"no certificate":       {[]string{"-nocerts"}, []pdf.Rule{pdf.RuleMessage, pdf.RuleVerifies}},
		"no signed attributes": {[]string{"-noattr"}, []pdf.Rule{pdf.RuleMessage, pdf.RuleVerifies}},
		"content inside":       {[]string{"-nodetach"}, []pdf.Rule{pdf.RuleMessage, pdf.RuleVerifies}},
		"SHA-1":                {[]string{"-md", "sha1"}, []pdf.Rule{pdf.RuleAlgorithms, pdf.RuleVerifies}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, failed(t, byOpenSSL(t, nil, test.args...)))
		})
	}
	broken := byOpenSSL(t, func(message []byte) []byte { return message[:400] })
	require.Equal(t, []pdf.Rule{pdf.RuleContents}, failed(t, broken)) // the rules about the CMS cannot be judged
}
