package certificate_test

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/certificate/certtest"
)

func toPEM(certs ...*x509.Certificate) []byte {
	var text []byte
	for _, cert := range certs {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})...)
	}
	return text
}

// folder writes the files into a new folder.
func folder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	return dir
}

func TestLoadDir(t *testing.T) {
	auth, sign := authCA(t), signCA(t)
	dir := folder(t, map[string][]byte{
		"auth.pem":    append([]byte("text before\n"), toPEM(auth.Certificate)...),
		"both.crt":    toPEM(auth.Certificate, sign.Certificate),
		"leaf.cer":    toPEM(auth.Authentication(t, certtest.Key(t, "card"))),
		"sign.DER":    sign.Certificate.Raw,
		"README.txt":  []byte("not looked at"),
		".hidden.pem": []byte("nor this"),
	})
	require.NoError(t, os.Symlink("sign.DER", filepath.Join(dir, "link.der")))

	anchors, err := certificate.LoadDir(dir)
	require.NoError(t, err)
	require.Len(t, anchors, 2)
	require.Equal(t, certificate.Authentication, anchors[0].Hierarchy)
	require.Equal(t, "auth.pem", anchors[0].Name)
	require.Equal(t, certificate.Signature, anchors[1].Hierarchy)
	require.Equal(t, certificate.OriginAdded, anchors[1].Origin)
	require.Len(t, anchors[1].Fingerprint(), 64)
}

func TestLoadDirRefused(t *testing.T) {
	foreign := certtest.NewCA(t, "Example", "Example unit", "1").Certificate
	forged := *authCA(t).Certificate
	forged.Raw = append([]byte(nil), forged.Raw...)
	forged.Raw[len(forged.Raw)-1] ^= 1
	outside := folder(t, map[string][]byte{"auth.pem": toPEM(authCA(t).Certificate)})

	for name, test := range map[string]struct {
		files map[string][]byte
		link  string
		want  string
	}{
		"root of neither hierarchy": {map[string][]byte{"foreign.pem": toPEM(foreign)}, "", `foreign.pem: trust anchor refused: a root of neither hierarchy: its first OU is "Example unit"`},
		"not signed by itself":      {map[string][]byte{"forged.der": forged.Raw}, "", "forged.der: trust anchor refused: not a root"},
		"no certificate":            {map[string][]byte{"key.pem": []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")}, "", "neither DER nor PEM"},
		"damaged":                   {map[string][]byte{"cut.der": {0x30, 0x82}}, "", "not a certificate"},
		"too long":                  {map[string][]byte{"long.pem": make([]byte, 65<<10)}, "", "longer than"},
		"empty folder":              {nil, "", "no root certificate"},
		"link out of the folder":    {nil, filepath.Join(outside, "auth.pem"), "escapes"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, test.files)
			if test.link != "" {
				require.NoError(t, os.Symlink(test.link, filepath.Join(dir, "link.pem")))
			}
			_, err := certificate.LoadDir(dir)
			require.ErrorIs(t, err, certificate.ErrAnchor)
			require.ErrorContains(t, err, test.want)
		})
	}

	_, err := certificate.LoadDir(filepath.Join(t.TempDir(), "absent"))
	require.ErrorIs(t, err, certificate.ErrAnchor)

	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder.pem"), 0o700))
	_, err = certificate.LoadDir(dir)
	require.ErrorContains(t, err, "not a regular file")
}

func TestWith(t *testing.T) {
	jlis := certificate.JLIS()
	again, err := certificate.ParseAnchors(jlis[0].Certificate.Raw)
	require.NoError(t, err)
	require.Equal(t, certificate.OriginAdded, again[0].Origin)

	union := jlis.With(again)
	require.Len(t, union, len(jlis))
	require.Equal(t, certificate.OriginJLIS, union[0].Origin)
}

// FuzzParseAnchors asks that whatever is taken as a set of anchors is taken again from its own PEM.
func FuzzParseAnchors(f *testing.F) {
	for _, anchor := range certificate.JLIS() {
		f.Add(anchor.Certificate.Raw)
		f.Add(toPEM(anchor.Certificate))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		anchors, err := certificate.ParseAnchors(text)
		if err != nil || len(anchors) == 0 {
			return
		}
		var certs []*x509.Certificate
		for _, anchor := range anchors {
			certs = append(certs, anchor.Certificate)
		}
		again, err := certificate.ParseAnchors(toPEM(certs...))
		require.NoError(t, err)
		require.Equal(t, len(anchors), len(again))
		for i := range anchors {
			require.Equal(t, anchors[i].Fingerprint(), again[i].Fingerprint())
			require.True(t, strings.HasPrefix(again[i].Certificate.Subject.OrganizationalUnit[0], "JPKI for "))
		}
	})
}
