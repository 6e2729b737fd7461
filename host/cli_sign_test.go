//go:build unix

package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
)

// write leaves a file in a folder of its own and returns its path.
func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

// A signed PDF, judged by pdfsig and qpdf. The document's own bytes are its beginning.
func TestSignPDF(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	original := pdftest.File(pdftest.Document(2), "")
	in := write(t, "定款.pdf", original)
	for _, profile := range []string{"moj", "pades"} {
		out := filepath.Join(t.TempDir(), "signed.pdf")
		require.Zero(t, s.run("ABC123", "sign", "--format", "pdf", "--profile", profile, "--in", in, "--out", out), s.stderr.String())
		signed, err := os.ReadFile(out)
		require.NoError(t, err)
		require.Equal(t, original, signed[:len(original)])
		report := pdftest.Signatures(t, signed)
		require.Contains(t, report, "Signature is Valid.")
		require.Contains(t, report, "Total document signed")
		pdftest.Check(t, signed)

		again := filepath.Join(t.TempDir(), "again.pdf")
		require.Zero(t, s.run("ABC123", "sign", "--format", "pdf", "--in", out, "--out", again), "co-signed: %s", s.stderr.String())
		require.Equal(t, 1, s.card.Tally(simcard.PINSign).Wrong+1, "no try is spent")
	}

	folder := filepath.Join(t.TempDir(), "out")
	second := write(t, "second.pdf", original)
	require.Zero(t, s.run("ABC123", "sign", "--format", "pdf", "--in", in, "--in", second, "--out", folder), s.stderr.String())
	require.FileExists(t, filepath.Join(folder, "定款.signed.pdf"))
	require.FileExists(t, filepath.Join(folder, "second.signed.pdf"))
}

// What is signed is told by its digest, and all of it by the one that the dialog for the PIN shows; and then where it is.
func TestSignTells(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	in, second := write(t, "申請.txt", []byte("a")), write(t, "b.txt", []byte("b"))
	folder := filepath.Join(t.TempDir(), "new", "out")
	for lang, says := range map[string][]string{
		"ja": {"文書の確認用ダイジェスト（SHA-256、", "フォルダーを作りました: ", "署名しました: "},
		"en": {"Digest of the documents (SHA-256, ", "Made the folder: ", "Signed: "},
	} {
		folder := filepath.Join(folder, lang)
		require.Zero(t, s.run("ABC123", "sign", "--format", "cms", "--in", in, "--in", second, "--out", folder, "--lang", lang))
		said := s.stderr.String()
		require.Contains(t, said, "SHA-256 ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb  \"申請.txt\"\n")
		require.Regexp(t, regexp.QuoteMeta(says[0])+`[^\n]*:\n[0-9a-f]{8}( [0-9a-f]{8}){3}\n[0-9a-f]{8}( [0-9a-f]{8}){3}\n`, said)
		require.Contains(t, said, says[1]+folder+"\n")
		require.Contains(t, said, says[2]+filepath.Join(folder, "申請.txt.p7s")+"\n"+says[2]+filepath.Join(folder, "b.txt.p7s")+"\n")
	}
	require.Zero(t, s.run("ABC123", "sign", "--format", "raw", "--in", in))
	require.NotContains(t, s.stderr.String(), "Signed: ")
}

// A folder that nothing came into is removed again, with those above it; one that was there stays.
func TestFailedSignLeavesNoFolder(t *testing.T) {
	s := newShell(t, "sign-tries=5", simcard.Options{})
	in, second := write(t, "a", []byte("a")), write(t, "b", []byte("b"))
	dir := t.TempDir()
	args := []string{"sign", "--format", "cms", "--in", in, "--in", second, "--out"}
	require.Equal(t, 6, s.run("WRONG1", append(args, filepath.Join(dir, "new", "out"))...))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
	require.Equal(t, 6, s.run("WRONG1", append(args, dir)...))
	require.DirExists(t, dir)
	require.Equal(t, 1, s.run("ABC123", append(args, filepath.Join(in, "below", "a", "file"))...))
	require.FileExists(t, in)
}

// A signed XML document, judged by xmlsec1.
func TestSignXML(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	in := write(t, "申請.xml", []byte("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<申請 xmlns=\"urn:example:mihon\"><氏名>見本　太郎</氏名></申請>\n"))
	out := filepath.Join(t.TempDir(), "signed.xml")
	require.Zero(t, s.run("ABC123", "sign", "--format", "xml", "--in", in, "--out", out), s.stderr.String())

	key := s.card.Certificates().Sign
	c, err := x509.ParseCertificate(key)
	require.NoError(t, err)
	public, err := x509.MarshalPKIXPublicKey(c.PublicKey)
	require.NoError(t, err)
	pub := write(t, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
	verdict, err := exec.CommandContext(t.Context(), "xmlsec1", "--verify", "--enabled-key-data", "rsa", "--pubkey-pem", pub, out).CombinedOutput()
	require.NoError(t, err, string(verdict))
}

// What cannot be signed is said before a PIN is asked for.
func TestSignInsideRefused(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	plain := pdftest.File(pdftest.Document(1), "")
	encrypted := pdftest.Encrypted(t)
	for name, c := range map[string]struct {
		format, profile string
		content         []byte
		exit            int
		text            string
	}{
		"not a PDF":         {"pdf", "moj", []byte("hello"), 1, ""},
		"empty":             {"pdf", "moj", nil, 1, ""},
		"unknown profile":   {"pdf", "etax", plain, 2, "--profile"},
		"profile of XML":    {"xml", "moj", []byte("<a/>"), 2, "--profile"},
		"not XML":           {"xml", "", []byte("<a>"), 1, ""},
		"a DOCTYPE":         {"xml", "", []byte("<!DOCTYPE a><a/>"), 1, ""},
		"no place for etax": {"xml", "etax", []byte("<a/>"), 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			in, out := write(t, "in", c.content), filepath.Join(t.TempDir(), "out")
			args := []string{"sign", "--format", c.format, "--in", in, "--out", out}
			if c.profile != "" {
				args = append(args, "--profile", c.profile)
			}
			require.Equal(t, c.exit, s.run("ABC123", args...), s.stderr.String())
			require.Contains(t, s.stderr.String(), c.text)
			require.NoFileExists(t, out)
		})
	}
	for name, content := range encrypted {
		require.Equal(t, 1, s.run("ABC123", "sign", "--format", "pdf", "--in", write(t, "in.pdf", content), "--out", filepath.Join(t.TempDir(), "out")), name)
	}
	require.Equal(t, 2, s.run("ABC123", "sign", "--format", "pdf", "--attached", "--in", write(t, "in.pdf", plain), "--out", "x"))
	require.Equal(t, 2, s.run("ABC123", "sign", "--format", "cms", "--profile", "moj", "--in", write(t, "in.pdf", plain), "--out", "x"))
	require.Zero(t, s.card.Tally(simcard.PINSign), "nothing of it reached the card")
}

// An output takes the place of its own input where --force says so, in every format, and only then.
func TestSignInPlace(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	original := pdftest.File(pdftest.Document(1), "")
	for format, content := range map[string][]byte{"pdf": original, "xml": []byte("<a>甲</a>"), "cms": []byte("申請書")} {
		in := write(t, "in."+format, content)
		args := []string{"sign", "--format", format, "--in", in, "--out", in}
		if format == "cms" {
			args = append(args, "--attached")
		}
		for lang, says := range map[string]string{"ja": "はすでにあります。", "en": "is there already"} {
			require.Equal(t, 1, s.run("ABC123", append(args, "--lang", lang)...))
			require.Contains(t, s.stderr.String(), says)
		}
		same, err := os.ReadFile(in)
		require.NoError(t, err)
		require.Equal(t, content, same)
		require.Zero(t, s.run("ABC123", append(args, "--force")...), s.stderr.String())
		s.tells(0, []string{"verify", in, "--trust", s.trust()}, "Accepted: ")
		left, err := os.ReadDir(filepath.Dir(in))
		require.NoError(t, err)
		require.Len(t, left, 1)
		if format == "pdf" {
			signed, err := os.ReadFile(in)
			require.NoError(t, err)
			require.Equal(t, original, signed[:len(original)])
			pdftest.Check(t, signed)
		}
	}
}

// A program that is ended while it writes leaves nothing.
func TestWritingEnds(t *testing.T) {
	dir := t.TempDir()
	out, err := openOutputs([]string{filepath.Join(dir, "out")}, false)
	require.NoError(t, err)
	ctx, end := context.WithCancel(t.Context())
	err = out.write(ctx, nil, func(w io.Writer) error {
		_, err := w.Write([]byte("begun"))
		require.NoError(t, err)
		end()
		_, err = w.Write([]byte("more"))
		return err
	})
	require.ErrorIs(t, err, context.Canceled)
	out.close()
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

// Of two outputs neither has its name before both are whole, and what somebody put there meanwhile stays.
func TestOutputsAreNamedTogether(t *testing.T) {
	dir := t.TempDir()
	paths := []string{filepath.Join(dir, "a"), filepath.Join(dir, "b")}
	out, err := openOutputs(paths, false)
	require.NoError(t, err)
	defer out.close()
	require.NoError(t, out.write(t.Context(), nil, inMemory([]byte("1")), inMemory([]byte("2"))))
	require.NoFileExists(t, paths[0])
	require.NoError(t, os.WriteFile(paths[1], []byte("other"), 0o600))
	require.ErrorContains(t, out.commit(), "is there already")
	other, err := os.ReadFile(paths[1])
	require.NoError(t, err)
	require.Equal(t, "other", string(other))
}
