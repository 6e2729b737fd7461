//go:build unix

package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/signature/cms"
)

// signed has the card sign, and returns the output.
func (s *shell) signed(args ...string) string {
	s.t.Helper()
	out := filepath.Join(s.t.TempDir(), "out")
	require.Zero(s.t, s.run("ABC123", append([]string{"sign", "--out", out}, args...)...), s.stderr.String())
	return out
}

// opensslAccepts has openssl verify every signature of a message, by the CAs of the shells' cards, and returns what it
// says.
func opensslAccepts(t *testing.T, message, content string, shells ...*shell) string {
	t.Helper()
	var roots []byte
	for _, s := range shells {
		ca, err := os.ReadFile(filepath.Join(filepath.Dir(s.trust()), "sign-ca.pem"))
		require.NoError(t, err)
		roots = append(roots, ca...)
	}
	args := []string{"cms", "-verify", "-cades", "-inform", "DER", "-binary", "-purpose", "any", "-in", message,
		"-CAfile", write(t, "ca.pem", roots), "-out", os.DevNull}
	if content != "" {
		args = append(args, "-content", content)
	}
	out, err := exec.CommandContext(t.Context(), "openssl", args...).CombinedOutput()
	require.NoError(t, err, "openssl (make deps installs it): %s", out)
	return string(out)
}

// signers counts those of a message.
func signers(t *testing.T, message string) int {
	t.Helper()
	der, err := os.ReadFile(message)
	require.NoError(t, err)
	infos, err := cms.SignerInfos(bytes.NewReader(der))
	require.NoError(t, err)
	return len(infos)
}

func TestSignHashes(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	in := write(t, "申請書.txt", []byte("申請書\n"))
	c, err := x509.ParseCertificate(s.card.Certificates().Sign)
	require.NoError(t, err)
	for name, hash := range map[string]crypto.Hash{"SHA-256": crypto.SHA256, "sha-384": crypto.SHA384, "SHA-512": crypto.SHA512} {
		opensslAccepts(t, s.signed("--format", "cms", "--hash", name, "--in", in), in, s)
		opensslAccepts(t, s.signed("--format", "cms", "--attached", "--hash", name, "--in", in), "", s)

		require.Zero(t, s.run("ABC123", "sign", "--format", "raw", "--hash", name, "--in", in), s.stderr.String())
		value, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s.stdout.String()))
		require.NoError(t, err)
		h := hash.New()
		h.Write([]byte("申請書\n"))
		require.NoError(t, rsa.VerifyPKCS1v15(c.PublicKey.(*rsa.PublicKey), hash, h.Sum(nil), value))
	}
}

// A second person signs what the first one did: detached, attached, attached in pieces as openssl streams it, and with
// another hash.
func TestCosign(t *testing.T) {
	first, second := newShell(t, "", simcard.Options{}), newShell(t, "", simcard.Options{})
	content := []byte(strings.Repeat("契約書\n", 10_000))
	in := write(t, "契約書.txt", content)

	detached := first.signed("--format", "cms", "--in", in)
	both := second.signed("--format", "cms", "--in", in, "--cosign", detached, "--hash", "SHA-512")
	opensslAccepts(t, both, in, first, second)
	require.Equal(t, 2, signers(t, both))
	third := first.signed("--format", "cms", "--in", in, "--cosign", both)
	opensslAccepts(t, third, in, first, second)
	require.Equal(t, 3, signers(t, third))

	attached := first.signed("--format", "cms", "--attached", "--in", in)
	both = second.signed("--format", "cms", "--cosign", attached, "--hash", "SHA-384")
	opensslAccepts(t, both, "", first, second)
	require.Equal(t, 2, signers(t, both))
	both = second.signed("--format", "cms", "--in", in, "--cosign", attached)
	opensslAccepts(t, both, "", first, second)

	key, ca := opensslIdentity(t)
	streamed := filepath.Join(t.TempDir(), "streamed.p7m")
	out, err := exec.CommandContext(t.Context(), "openssl", "cms", "-sign", "-binary", "-nodetach", "-indef", "-stream", "-cades", "-outform", "DER",
		"-signer", ca, "-inkey", key, "-in", in, "-out", streamed).CombinedOutput()
	require.NoError(t, err, string(out))
	both = second.signed("--format", "cms", "--cosign", streamed)
	require.Equal(t, 2, signers(t, both))
	roots, err := os.ReadFile(ca)
	require.NoError(t, err)
	own, err := os.ReadFile(filepath.Join(filepath.Dir(second.trust()), "sign-ca.pem"))
	require.NoError(t, err)
	extracted := filepath.Join(t.TempDir(), "content")
	out, err = exec.CommandContext(t.Context(), "openssl", "cms", "-verify", "-inform", "DER", "-binary", "-purpose", "any", "-in", both,
		"-CAfile", write(t, "ca.pem", append(roots, own...)), "-out", extracted).CombinedOutput()
	require.NoError(t, err, string(out))
	again, err := os.ReadFile(extracted)
	require.NoError(t, err)
	require.True(t, bytes.Equal(content, again))

	// In its own place, which --force permits.
	require.Zero(t, second.run("ABC123", "sign", "--format", "cms", "--cosign", attached, "--out", attached, "--force"), second.stderr.String())
	opensslAccepts(t, attached, "", first, second)
	require.Equal(t, 2, signers(t, attached))
}

// opensslIdentity is a throw-away key with a certificate of its own.
func opensslIdentity(t *testing.T) (key, certificate string) {
	t.Helper()
	dir := t.TempDir()
	key, certificate = filepath.Join(dir, "key.pem"), filepath.Join(dir, "cert.pem")
	out, err := exec.CommandContext(t.Context(), "openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-subj", "/CN=見本 花子", "-utf8",
		"-keyout", key, "-out", certificate, "-days", "2").CombinedOutput()
	require.NoError(t, err, string(out))
	return key, certificate
}

func TestCosignRefused(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	in, other := write(t, "in", []byte("文書")), write(t, "other", []byte("別の文書"))
	detached, attached := s.signed("--format", "cms", "--in", in), s.signed("--format", "cms", "--attached", "--in", in)
	message, err := os.ReadFile(attached)
	require.NoError(t, err)
	s.card.ResetTallies()
	for name, c := range map[string]struct {
		args   []string
		exit   int
		reason protocol.Refusal
		says   string
	}{
		"another document":        {[]string{"--cosign", detached, "--in", other}, 1, protocol.OtherDocument, ""},
		"another, attached":       {[]string{"--cosign", attached, "--in", other}, 1, protocol.OtherDocument, ""},
		"no message":              {[]string{"--cosign", other, "--in", in}, 1, protocol.NotCMS, ""},
		"no attached message":     {[]string{"--cosign", other}, 1, protocol.NotCMS, ""},
		"a detached one alone":    {[]string{"--cosign", detached}, 2, "", "--in is missing"},
		"a message that is cut":   {[]string{"--cosign", write(t, "cut", message[:len(message)-1])}, 1, protocol.NotCMS, ""},
		"bytes after the message": {[]string{"--cosign", write(t, "more", append(bytes.Clone(message), 0))}, 1, protocol.NotCMS, ""},
		"an empty message":        {[]string{"--cosign", write(t, "empty", nil)}, 1, protocol.NotCMS, ""},
		"no such message":         {[]string{"--cosign", in + ".absent", "--in", in}, 1, "", "is not there"},
		"a folder":                {[]string{"--cosign", t.TempDir()}, 1, "", "is a folder"},
		"a large one with --in":   {[]string{"--cosign", write(t, "large", make([]byte, maxDetached+1)), "--in", in}, 2, "", "leave out --in"},
		"two documents":           {[]string{"--cosign", detached, "--in", in, "--in", other}, 2, "", "--cosign"},
		"of a kind":               {[]string{"--cosign", detached, "--in", in, "--attached"}, 2, "", "--cosign"},
	} {
		t.Run(name, func(t *testing.T) {
			s.refuses(t, c.exit, c.reason, c.says, append([]string{"--format", "cms"}, c.args...)...)
		})
	}
	s.refuses(t, 2, "", "--cosign", "--format", "pdf", "--cosign", detached, "--in", in)
	require.Zero(t, s.card.Tally(simcard.PINSign), "nothing of it reached the card")
}

// refuses asks that sign ends so in both languages, and leaves nothing.
func (s *shell) refuses(t *testing.T, exit int, reason protocol.Refusal, says string, args ...string) {
	t.Helper()
	dir := t.TempDir()
	args = append([]string{"sign", "--out", filepath.Join(dir, "out")}, args...)
	require.Equal(t, exit, s.run("ABC123", append(args, "--lang", "ja")...), s.stderr.String())
	require.True(t, strings.ContainsAny(s.stderr.String(), "。"), s.stderr.String())
	if reason != "" {
		require.Contains(t, s.stderr.String(), refusalTexts[reason].message.ja)
		require.Contains(t, s.stderr.String(), refusalTexts[reason].remedy.ja)
	}
	require.Equal(t, exit, s.run("ABC123", append(args, "--lang", "en")...), s.stderr.String())
	require.Contains(t, s.stderr.String(), says)
	if reason != "" {
		require.Contains(t, s.stderr.String(), refusalTexts[reason].message.en)
		require.Contains(t, s.stderr.String(), refusalTexts[reason].remedy.en)
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

// meanwhile runs a command with something that happens while the human is asked: after the files were read.
func (s *shell) meanwhile(t *testing.T, happens func(), args ...string) int {
	t.Helper()
	s.stdout.Reset()
	s.stderr.Reset()
	c := &commandLine{stdin: os.Stdin, stdout: &s.stdout, stderr: &s.stderr, getenv: func(string) string { return "" },
		openReaders: func() (card.Readers, error) {
			happens()
			return simcard.NewReaders(s.card), nil
		}}
	return c.run(context.Background(), append(args, "--pin-fd", s.descriptor("ABC123\n")))
}
