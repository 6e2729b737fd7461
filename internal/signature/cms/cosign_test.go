package cms_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/signtest"
)

// An opensslSigner is the program with a signer's key, and a root for all that tests sign.
type opensslSigner struct {
	dir, cert, key, root string
}

func newOpenSSLSigner(t *testing.T) opensslSigner {
	t.Helper()
	dir := t.TempDir()
	key, cert, ca := signer(t)
	return opensslSigner{
		dir:  dir,
		cert: signtest.WriteCertificates(t, dir, "card.pem", cert),
		key:  signtest.WriteKey(t, dir, "key.pem", key.PrivateKey),
		root: signtest.WriteCertificates(t, dir, "ca.pem", ca.Certificate),
	}
}

func (s opensslSigner) sign(t *testing.T, content []byte, args ...string) []byte {
	t.Helper()
	path := filepath.Join(s.dir, "signed")
	signtest.OpenSSL(t, append([]string{"cms", "-sign", "-binary", "-outform", "DER", "-signer", s.cert, "-inkey", s.key,
		"-in", signtest.Write(t, s.dir, "to-sign", content), "-out", path}, args...)...)
	message, err := os.ReadFile(path)
	require.NoError(t, err)
	return message
}

// verify checks every signer and chain; content is nil for what is attached.
func (s opensslSigner) verify(t *testing.T, message, content []byte) {
	t.Helper()
	args := []string{"cms", "-verify", "-binary", "-inform", "DER", "-CAfile", s.root, "-attime", fmt.Sprint(certtest.Now.Unix()),
		"-in", signtest.Write(t, s.dir, "message", message), "-out", os.DevNull}
	if content != nil {
		args = append(args, "-content", signtest.Write(t, s.dir, "content", content))
	}
	signtest.OpenSSL(t, args...)
}

// second returns another person's key and certificate, of the same CA.
func second(t testing.TB) (*signtest.Key, *x509.Certificate) {
	t.Helper()
	_, _, ca := signer(t)
	key := certtest.Key(t, "second")
	return &signtest.Key{PrivateKey: key}, ca.Signature(t, key, func(c *x509.Certificate) { c.SerialNumber = big.NewInt(2) })
}

// TestAddSigner has a second person sign what the first signed, in every form: both signatures verify,
// here and by OpenSSL, and the first is there byte for byte.
func TestAddSigner(t *testing.T) {
	s := newOpenSSLSigner(t)
	_, first, _ := signer(t)
	for name, test := range map[string]struct {
		message  []byte
		attached bool
		hash     crypto.Hash
	}{
		"detached":             {sign(t, detached(text)), false, crypto.SHA256},
		"attached":             {sign(t, attached(text)), true, crypto.SHA256},
		"attached empty":       {sign(t, attached([]byte{})), true, crypto.SHA256},
		"another hash":         {sign(t, detached(text)), false, crypto.SHA512},
		"of OpenSSL":           {s.sign(t, text, "-md", "sha384"), false, crypto.SHA256},
		"of OpenSSL by key id": {s.sign(t, text, "-md", "sha256", "-keyid"), false, crypto.SHA256},
		"of OpenSSL in BER":    {s.sign(t, text, "-md", "sha256", "-nodetach", "-indef", "-stream"), true, crypto.SHA384},
	} {
		t.Run(name, func(t *testing.T) {
			key, cert := second(t)
			content := text
			if name == "attached empty" {
				content = []byte{}
			}
			before, err := cms.SignerInfos(bytes.NewReader(test.message))
			require.NoError(t, err)
			both, err := cms.AddSigner(test.message, key, cert, detachedBy(test.hash, content).Digest, cms.Options{SigningTime: certtest.Now})
			require.NoError(t, err)
			require.Equal(t, 1, key.Calls)

			reader, judged := func() io.Reader { return bytes.NewReader(content) }, content
			if test.attached {
				reader, judged = func() io.Reader { return nil }, nil
			}
			report := requireSigners(t, 2, both, reader())
			var signers [][]byte
			for _, one := range report.Signers {
				signers = append(signers, one.Signature.Certificate.Raw)
			}
			require.ElementsMatch(t, [][]byte{first.Raw, cert.Raw}, signers)
			require.True(t, bytes.Contains(both, before[0].Value))
			require.True(t, bytes.Contains(both, infoOf(t, test.message)))
			s.verify(t, both, judged)

			_, err = cms.VerifyForeign(both, reader())
			require.ErrorIs(t, err, cms.ErrSigners)
			third, err := cms.AddSigner(both, key, cert, detachedBy(test.hash, content).Digest, cms.Options{})
			require.NoError(t, err)
			requireSigners(t, 3, third, reader())
			require.Len(t, report.Signers[0].Signature.Certificates, 2)
			s.verify(t, third, judged)
		})
	}
}

// infoOf returns the SignerInfo at the end of a message with one signer, as OpenSSL finds it: the last
// constructed value that is four levels deep.
func infoOf(t *testing.T, message []byte) []byte {
	t.Helper()
	listing := signtest.OpenSSL(t, "asn1parse", "-inform", "DER", "-in", signtest.Write(t, t.TempDir(), "m", message))
	offset, head, length := -1, 0, 0
	for _, line := range bytes.Split([]byte(listing), []byte("\n")) {
		var at, depth, hl, l int
		if n, _ := fmt.Sscanf(string(line), "%d:d=%d hl=%d l=%d cons: SEQUENCE", &at, &depth, &hl, &l); n == 4 && depth == 4 && bytes.Contains(line, []byte("SEQUENCE")) {
			offset, head, length = at, hl, l
		}
	}
	require.NotEqual(t, -1, offset)
	return message[offset : offset+head+length]
}

func TestAddSignerRefused(t *testing.T) {
	_, _, ca := signer(t)
	another := detached([]byte("another")).Digest
	crowd := sign(t, detached(text))
	for range 15 {
		key, cert := second(t)
		var err error
		crowd, err = cms.AddSigner(crowd, key, cert, detached(text).Digest, cms.Options{})
		require.NoError(t, err)
	}
	var certificates []*x509.Certificate
	for i := range 64 {
		certificates = append(certificates, ca.Signature(t, certtest.Key(t, "second"), func(c *x509.Certificate) { c.SerialNumber = big.NewInt(int64(i + 3)) }))
	}
	for name, test := range map[string]struct {
		message []byte
		digest  []byte
		want    error
	}{
		"no message":               {text, detached(text).Digest, cms.ErrMalformed},
		"no digest":                {crowd, nil, cms.ErrDocument},
		"another document":         {sign(t, detached(text)), another, cms.ErrDocument},
		"not the content":          {sign(t, attached(text)), another, cms.ErrDocument},
		"not the content, SHA-512": {sign(t, attached(text)), detachedBy(crypto.SHA512, nil).Digest, cms.ErrDocument},
		"too many signers":         {crowd, detached(text).Digest, cms.ErrTooLarge},
		"too many certificates":    {signtest.WithCertificates(t, sign(t, detached(text)), certificates...), detached(text).Digest, cms.ErrTooLarge},
		"too large":                {make([]byte, cms.MaxStructure+cms.MaxContent+1), another, cms.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			key, cert := second(t)
			_, err := cms.AddSigner(test.message, key, cert, test.digest, cms.Options{})
			require.ErrorIs(t, err, test.want)
			require.Zero(t, key.Calls)
		})
	}
	key, _ := second(t)
	_, cert, _ := signer(t)
	_, err := cms.AddSigner(sign(t, detached(text)), key, cert, detached(text).Digest, cms.Options{})
	require.ErrorIs(t, err, cms.ErrKeyMismatch)
	require.Zero(t, key.Calls)
}

// TestAddSignerOneName puts a second certificate of the signer's name into a message: where DER sorts it
// before the signer's, it would be taken for the signer's, and nothing is signed.
func TestAddSignerOneName(t *testing.T) {
	first, mine, ca := signer(t)
	key := certtest.Key(t, "second")
	issue := func(key string, names ...string) *x509.Certificate {
		return ca.Signature(t, certtest.Key(t, key), func(c *x509.Certificate) {
			c.SerialNumber = big.NewInt(2)
			c.OCSPServer = names
		})
	}
	for name, test := range map[string]struct {
		cert, twin *x509.Certificate
		want       error
	}{
		"behind":   {issue("second"), issue("third", "http://longer.example"), nil},
		"before":   {issue("second", "http://longer.example"), issue("third"), cms.ErrMalformed},
		"same key": {issue("second", "http://longer.example"), issue("second"), cms.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			signer := &signtest.Key{PrivateKey: key}
			message, err := cms.Sign(first, mine, detached(text), cms.Options{})
			require.NoError(t, err)
			message = signtest.WithCertificates(t, message, test.twin)
			_, err = cms.AddSigner(message, signer, test.cert, detached(text).Digest, cms.Options{})
			require.ErrorIs(t, err, test.want)
			if test.want != nil {
				require.Zero(t, signer.Calls)
			}
		})
	}
}

// TestRewritten refuses to touch a signer that is not in DER, and a signer's time stamp that is not.
// Verifying takes the first.
func TestRewritten(t *testing.T) {
	key, cert := second(t)
	message := sign(t, attached(text))
	infos, err := cms.SignerInfos(bytes.NewReader(message))
	require.NoError(t, err)
	// The signature's value gets a length of one byte more than it needs, and so does all around it.
	at := bytes.Index(message, infos[0].Value) - 4
	require.Equal(t, []byte{0x04, 0x82, 1, 0}, message[at:at+4])
	ber := slices.Concat(message[:at], []byte{0x04, 0x83, 0}, message[at+2:])
	info := infoOf(t, message)
	for _, start := range []int{0, 15, 19, bytes.Index(message, info) - 4, bytes.Index(message, info)} {
		require.Equal(t, byte(0x82), ber[start+1], "at %d", start)
		binary.BigEndian.PutUint16(ber[start+2:], binary.BigEndian.Uint16(ber[start+2:])+1)
	}
	requireSigners(t, 1, ber, nil)
	_, err = cms.AddSigner(ber, key, cert, detached(text).Digest, cms.Options{})
	require.ErrorIs(t, err, cms.ErrRewritten)
	require.Zero(t, key.Calls)
	_, err = cms.AttachTimestamp(ber, 0, []byte{0x30, 0})
	require.ErrorIs(t, err, cms.ErrRewritten)
	_, err = cms.Detach(io.Discard, bytes.NewReader(ber))
	require.ErrorIs(t, err, cms.ErrRewritten)

	for _, place := range []int{-1, 1} {
		_, err = cms.AttachTimestamp(message, place, []byte{0x30, 0})
		require.ErrorIs(t, err, cms.ErrSigners)
	}
	for _, token := range [][]byte{nil, {0x30, 0x80, 0, 0}, {0x30, 0, 0}, {0x24, 0}} {
		_, err = cms.AttachTimestamp(message, 0, token)
		require.ErrorIs(t, err, cms.ErrMalformed)
	}
	_, err = cms.AttachTimestamp(message, 0, append([]byte{0x04, 0x83, 0x10, 0, 0}, make([]byte, cms.MaxStructure)...))
	require.ErrorIs(t, err, cms.ErrTooLarge)
}
