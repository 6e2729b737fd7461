package cms_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/digitorus/pkcs7"
	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/signtest"
)

// enclose returns a detached message with its content inside.
func enclose(t testing.TB, message, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, cms.Enclose(&out, message, bytes.NewReader(content), int64(len(content))))
	return out.Bytes()
}

// requireSigners asks that every signature verifies, and how many there are.
func requireSigners(t testing.TB, n int, message []byte, content io.Reader) *cms.Report {
	t.Helper()
	report, err := cms.VerifyStream(bytes.NewReader(message), content)
	require.NoError(t, err)
	require.Len(t, report.Signers, n)
	for _, s := range report.Signers {
		require.NoError(t, s.Problem)
		require.NotNil(t, s.Signature)
	}
	return report
}

// TestEnclose puts content of many lengths into messages of every algorithm: what comes out is what Sign
// makes of content in memory, pkcs7 verifies it, and it can be taken out again.
func TestEnclose(t *testing.T) {
	judge := newOpenSSLSigner(t)
	for _, hash := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		for _, length := range []int{0, 1, 100, 127, 128, 255, 256, 65535, 65536, 8 << 20} {
			t.Run(fmt.Sprint(hash, " ", length), func(t *testing.T) {
				content := bytes.Repeat([]byte{7}, length)
				doc := detachedBy(hash, content)
				bare := sign(t, doc)
				whole := enclose(t, bare, content)

				got, err := cms.Verify(whole, nil)
				require.NoError(t, err)
				require.Equal(t, content, got.Content)
				require.Equal(t, hash, got.Hash)
				doc.Content = content
				require.Equal(t, sign(t, doc), whole)
				p7, err := pkcs7.Parse(whole)
				require.NoError(t, err)
				require.NoError(t, p7.Verify())

				judge.verify(t, whole, nil)
				judge.verify(t, bare, content)
				report := requireSigners(t, 1, whole, nil)
				require.EqualValues(t, length, report.Size)
				require.False(t, report.Detached)
				require.Equal(t, hash, report.Signers[0].Signature.Hash)
				require.True(t, requireSigners(t, 1, bare, bytes.NewReader(content)).Detached)

				var out bytes.Buffer
				again, err := cms.Detach(&out, iotest.HalfReader(bytes.NewReader(whole)))
				require.NoError(t, err)
				require.Equal(t, bare, again)
				require.True(t, bytes.Equal(content, out.Bytes()))
			})
		}
	}
}

func TestEncloseRefused(t *testing.T) {
	broken := errors.New("disk removed")
	bare := sign(t, detached(text))
	for name, test := range map[string]struct {
		message []byte
		content io.Reader
		size    int64
		want    error
	}{
		"another document":  {bare, bytes.NewReader(bytes.ToUpper(append([]byte{'x'}, text[1:]...))), int64(len(text)), cms.ErrMessageDigest},
		"shorter than said": {bare, bytes.NewReader(text), int64(len(text)) + 1, cms.ErrDocument},
		"longer than said":  {bare, bytes.NewReader(text), int64(len(text)) - 1, cms.ErrDocument},
		"content inside":    {sign(t, attached(text)), bytes.NewReader(text), int64(len(text)), cms.ErrContentAttached},
		"no message":        {text, bytes.NewReader(text), int64(len(text)), cms.ErrMalformed},
		"cannot be read":    {bare, iotest.ErrReader(broken), int64(len(text)), broken},
		"no end":            {bare, io.MultiReader(bytes.NewReader(text), iotest.ErrReader(broken)), int64(len(text)), broken},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, cms.Enclose(io.Discard, test.message, test.content, test.size), test.want)
		})
	}
	_, err := cms.Detach(io.Discard, bytes.NewReader(bare))
	require.ErrorIs(t, err, cms.ErrContentMissing)
}

func TestVerifyStreamRefused(t *testing.T) {
	broken := errors.New("disk removed")
	bare, whole := sign(t, detached(text)), sign(t, attached(text))
	for name, test := range map[string]struct {
		message io.Reader
		content io.Reader
		want    error
	}{
		"nothing":             {bytes.NewReader(nil), nil, cms.ErrMalformed},
		"cut":                 {bytes.NewReader(whole[:len(whole)-1]), nil, cms.ErrMalformed},
		"cut in the content":  {bytes.NewReader(whole[:60]), nil, cms.ErrMalformed},
		"something behind":    {bytes.NewReader(append(bytes.Clone(whole), 0)), nil, cms.ErrMalformed},
		"document missing":    {bytes.NewReader(bare), nil, cms.ErrContentMissing},
		"document given":      {bytes.NewReader(whole), bytes.NewReader(text), cms.ErrContentAttached},
		"message not read":    {io.MultiReader(bytes.NewReader(whole[:100]), iotest.ErrReader(broken)), nil, broken},
		"end not read":        {io.MultiReader(bytes.NewReader(whole), iotest.ErrReader(broken)), nil, broken},
		"document not read":   {bytes.NewReader(bare), iotest.ErrReader(broken), broken},
		"endless length":      {strings.NewReader("\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff\x06\x00"), nil, cms.ErrMalformed},
		"endless certificate": {io.MultiReader(bytes.NewReader([]byte{0x30, 0x80, 0x06, 0x84, 0x7F, 0xFF, 0xFF, 0xFF}), endless{}), nil, cms.ErrTooLarge},
		"endless nesting":     {io.MultiReader(bytes.NewReader([]byte{0x30, 0x80}), &repeated{data: []byte{0x30, 0x80}}), nil, cms.ErrMalformed},
		"endless siblings":    {io.MultiReader(bytes.NewReader([]byte{0x30, 0x80, 0x30, 0x80}), &repeated{data: []byte{0x30, 0x80, 0, 0}}), nil, cms.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := cms.VerifyStream(test.message, test.content)
			require.ErrorIs(t, err, test.want)
		})
	}
	report, err := cms.VerifyStream(bytes.NewReader(bare), strings.NewReader("another"))
	require.NoError(t, err)
	require.ErrorIs(t, report.Signers[0].Problem, cms.ErrMessageDigest)
}

// TestFlippedBitsStreamed flips every bit of content, signed attributes and signature, alone: none
// verifies.
func TestFlippedBitsStreamed(t *testing.T) {
	message := enclose(t, sign(t, detached(text)), text)
	infos, err := cms.SignerInfos(bytes.NewReader(message))
	require.NoError(t, err)
	attributes := bytes.LastIndex(message, []byte{0xA0, 0x81}) // the last [0] of more than 127 bytes
	value := bytes.Index(message, infos[0].Value)
	content := bytes.Index(message, text)
	require.Less(t, content, attributes)
	require.Less(t, attributes, value)
	for _, span := range [][2]int{{content, content + len(text)}, {attributes + 3, attributes + 3 + int(message[attributes+2])}, {value, len(message)}} {
		for i := span[0]; i < span[1]; i++ {
			for bit := range 8 {
				message[i] ^= 1 << bit
				report, err := cms.VerifyStream(bytes.NewReader(message), nil)
				if err == nil && report.Signers[0].Problem == nil {
					require.Fail(t, "verifies", "byte %d, bit %d", i, bit)
				}
				message[i] ^= 1 << bit
			}
		}
	}
	requireSigners(t, 1, message, nil)
}

// endless reads zeros for ever, and repeated the same bytes.
type endless struct{}

func (endless) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type repeated struct {
	data []byte
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = r.data[r.at%len(r.data)]
		r.at++
	}
	return len(p), nil
}

// hole returns a file of that length in which nothing is written but its end.
func hole(t *testing.T, dir string, length int64) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "content"))
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	_, err = f.WriteAt(text, length-int64(len(text)))
	require.NoError(t, err)
	return f
}

// signFile signs a file by its digest, which it reads once for.
func signFile(t *testing.T, f *os.File, length int64) []byte {
	t.Helper()
	hash := sha256.New()
	_, err := io.Copy(hash, io.NewSectionReader(f, 0, length))
	require.NoError(t, err)
	return sign(t, cms.Document{Digest: hash.Sum(nil)})
}

// TestMemory signs a file of 1 GiB, puts it into the message, and verifies what comes out while it comes,
// in 32 MiB at most.
func TestMemory(t *testing.T) {
	const length, limit = 1 << 30, 32 << 20
	f := hole(t, t.TempDir(), length)
	grown := signtest.Peak(func() {
		bare := signFile(t, f, length)
		message, w := io.Pipe()
		go func() {
			w.CloseWithError(cms.Enclose(w, bare, io.NewSectionReader(f, 0, length), length))
		}()
		report, err := cms.VerifyStream(message, nil)
		require.NoError(t, err)
		require.EqualValues(t, length, report.Size)
		require.NoError(t, report.Signers[0].Problem)
	})
	require.LessOrEqual(t, grown, uint64(limit))
	t.Logf("signing and verifying: %d KiB", grown>>10)
}

// TestOpenSSLVerifiesLarge has OpenSSL verify 300 MB inside a message, and its content come out the same.
func TestOpenSSLVerifiesLarge(t *testing.T) {
	const length = 300_000_000
	_, _, ca := signer(t)
	dir := t.TempDir()
	f := hole(t, dir, length)
	bare := signFile(t, f, length)
	message, err := os.Create(filepath.Join(dir, "large.p7m"))
	require.NoError(t, err)
	require.NoError(t, cms.Enclose(message, bare, io.NewSectionReader(f, 0, length), length))
	require.NoError(t, message.Close())
	root := signtest.WriteCertificates(t, dir, "ca.pem", ca.Certificate)
	signtest.OpenSSL(t, "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-CAfile", root, "-attime", fmt.Sprint(certtest.Now.Unix()),
		"-in", message.Name(), "-out", os.DevNull)
}

// TestVerifiesStreamed reads what OpenSSL writes while it reads: indefinite lengths, and the content in
// pieces. Detach and Enclose make DER of it, in which every signature is still the one that it was.
func TestVerifiesStreamed(t *testing.T) {
	s := newOpenSSLSigner(t)
	content := bytes.Repeat(text, 1<<16)
	for name, args := range map[string][]string{
		"SHA-256": {"-md", "sha256"},
		"SHA-512": {"-md", "sha512", "-keyid", "-cades"},
	} {
		t.Run(name, func(t *testing.T) {
			message := s.sign(t, content, append(args, "-nodetach", "-indef", "-stream")...)
			report := requireSigners(t, 1, message, nil)
			require.EqualValues(t, len(content), report.Size)

			var out bytes.Buffer
			bare, err := cms.Detach(&out, bytes.NewReader(message))
			require.NoError(t, err)
			require.True(t, bytes.Equal(content, out.Bytes()))
			whole := enclose(t, bare, content)
			structure, err := cms.Inspect(whole)
			require.NoError(t, err)
			require.True(t, structure.DER)
			requireSigners(t, 1, whole, nil)
			s.verify(t, whole, nil)

			message[len(message)/2] ^= 1
			report, err = cms.VerifyStream(bytes.NewReader(message), nil)
			require.NoError(t, err)
			require.ErrorIs(t, report.Signers[0].Problem, cms.ErrMessageDigest)
		})
	}
}
