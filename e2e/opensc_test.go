//go:build linux

// Package e2e tests the programs as their users meet them: through pcscd, in browsers, beside other
// software.
package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/e2e/reader"
)

// opensc runs one of OpenSC's programs on the reader.
func opensc(t *testing.T, r *reader.Reader, program string, args ...string) string {
	return tool(t, append(os.Environ(), r.Env(), "LC_ALL=C.UTF-8"), program, args...)
}

func tool(t *testing.T, env []string, program string, args ...string) string {
	path, err := exec.LookPath(program)
	require.NoError(t, err, "%s is not installed: run `make deps`", program)
	cmd := exec.Command(path, args...)
	cmd.Env = env
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s %q:\n%s", program, args, output)
	return string(output)
}

// OpenSC knows real My Number Cards since 2016. It must not be able to tell that this one is not.
func TestOpenSC(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	certificate := func(name string) string { return filepath.Join(r.Certificates(), name) }

	require.Equal(t, "jpki\n", opensc(t, r, "opensc-tool", "--reader", reader.Name, "--name"))

	listing := opensc(t, r, "pkcs15-tool", "--reader", reader.Name, "--dump")
	for _, object := range []string{
		"PIN [User Authentication PIN]", "PIN [Digital Signature PIN]",
		"Private RSA Key [User Authentication Key]", "Private RSA Key [Digital Signature Key]",
		"X.509 Certificate [User Authentication Certificate]", "X.509 Certificate [Digital Signature Certificate]",
		"X.509 Certificate [User Authentication Certificate CA]", "X.509 Certificate [Digital Signature Certificate CA]",
	} {
		require.Contains(t, listing, object)
	}
	require.Regexp(t, `(?s)User Authentication PIN.*?Tries left\s+: 3`, listing)
	require.Regexp(t, `(?s)Digital Signature PIN.*?Tries left\s+: 5`, listing)

	for _, test := range []struct{ id, file string }{
		{"1", "auth-cert.pem"}, {"3", "auth-ca.pem"}, {"4", "sign-ca.pem"},
	} {
		read := filepath.Join(t.TempDir(), "read.pem")
		opensc(t, r, "pkcs15-tool", "--reader", reader.Name, "--read-certificate", test.id, "--output", read)
		require.Equal(t, x509Text(t, certificate(test.file)), x509Text(t, read), test.file)
	}

	// The numbers are the card's two tokens in PKCS #11.
	for _, test := range []struct{ name, slot, id, pin, certificate string }{
		{"authentication", "0", "01", "1234", "auth-cert.pem"},
		{"signature", "1", "02", "ABC123", "sign-cert.pem"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			data, signature, key := filepath.Join(dir, "data"), filepath.Join(dir, "signature"), filepath.Join(dir, "key.pem")
			require.NoError(t, os.WriteFile(data, []byte("捺印"), 0o600))
			opensc(t, r, "pkcs11-tool", "--slot-index", test.slot, "--login", "--pin", test.pin,
				"--sign", "--id", test.id, "--mechanism", "SHA256-RSA-PKCS", "--input-file", data, "--output-file", signature)
			require.NoError(t, os.WriteFile(key, []byte(tool(t, nil, "openssl", "x509",
				"-in", certificate(test.certificate), "-noout", "-pubkey")), 0o600))
			require.Equal(t, "Verified OK\n", tool(t, nil, "openssl", "dgst", "-sha256",
				"-verify", key, "-signature", signature, data))
		})
	}
}

// A contactless reader builds another ATR, and certificate files are longer than their certificates.
func TestOpenSCContactless(t *testing.T) {
	t.Parallel()
	r := reader.Start(t, "--atr", "3B 88 80 01 00 00 05 E0 B3 81 A1 00 7F", "--fault", "padding")
	require.Equal(t, "jpki\n", opensc(t, r, "opensc-tool", "--reader", reader.Name, "--name"))

	read := filepath.Join(t.TempDir(), "read.pem")
	opensc(t, r, "pkcs15-tool", "--reader", reader.Name, "--read-certificate", "1", "--output", read)
	require.Equal(t, x509Text(t, filepath.Join(r.Certificates(), "auth-cert.pem")), x509Text(t, read))
}

// x509Text prints every octet of a certificate, whatever its PEM looks like.
func x509Text(t *testing.T, path string) string {
	return tool(t, nil, "openssl", "asn1parse", "-in", path, "-dump")
}
