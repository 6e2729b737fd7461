// Package signtest is what the tests of the signature formats share: a key that behaves as a card may, OpenSSL as the
// judge, messages in the shape that other programs give them, and a measure of memory.
package signtest

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A Key is a signer that counts its calls, and may spoil what it signs or fail, as a card might.
type Key struct {
	*rsa.PrivateKey
	Calls int
	Spoil bool
	Err   error
}

// Sign is that of crypto.Signer.
func (k *Key) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	k.Calls++
	if k.Err != nil {
		return nil, k.Err
	}
	if len(digest) != opts.HashFunc().Size() {
		return nil, fmt.Errorf("asked to sign %d bytes with %v", len(digest), opts)
	}
	signature, err := k.PrivateKey.Sign(random, digest, opts)
	if k.Spoil && err == nil {
		signature[0] ^= 1
	}
	return signature, err
}

// OpenSSL runs the program, which must be there and succeed, and returns what it prints.
func OpenSSL(t testing.TB, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("openssl")
	require.NoError(t, err, "openssl is needed to judge what these packages write: run make deps")
	out, err := exec.Command(path, args...).CombinedOutput()
	require.NoError(t, err, "openssl %s: %s", strings.Join(args, " "), out)
	return string(out)
}

// Write writes a file and returns its path.
func Write(t testing.TB, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

// WriteCertificates writes certificates in PEM into one file and returns its path.
func WriteCertificates(t testing.TB, dir, name string, certificates ...*x509.Certificate) string {
	t.Helper()
	var text []byte
	for _, c := range certificates {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return Write(t, dir, name, text)
}

// WriteKey writes a key in PEM and returns its path.
func WriteKey(t testing.TB, dir, name string, key *rsa.PrivateKey) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return Write(t, dir, name, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// WithCertificates returns a CMS message with more certificates in it (RFC 5652 §5.1), which its signature does not
// cover. The message is in DER and holds certificates already, and so is what comes out.
func WithCertificates(t testing.TB, message []byte, more ...*x509.Certificate) []byte {
	t.Helper()
	var outer struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}
	unmarshal(t, message, &outer)
	var inner struct {
		Version      int
		Digests      asn1.RawValue
		Content      asn1.RawValue
		Certificates asn1.RawValue
		Signers      asn1.RawValue
	}
	unmarshal(t, outer.Content.Bytes, &inner)
	var set [][]byte
	for rest := inner.Certificates.Bytes; len(rest) > 0; {
		var one asn1.RawValue
		var err error
		rest, err = asn1.Unmarshal(rest, &one)
		require.NoError(t, err)
		set = append(set, one.FullBytes)
	}
	for _, c := range more {
		set = append(set, c.Raw)
	}
	slices.SortFunc(set, bytes.Compare) // as DER sorts a SET OF
	inner.Certificates = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: slices.Concat(set...)}
	outer.Content = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: marshal(t, inner)}
	return marshal(t, outer)
}

func unmarshal(t testing.TB, der []byte, value any) {
	t.Helper()
	rest, err := asn1.Unmarshal(der, value)
	require.NoError(t, err)
	require.Empty(t, rest)
}

func marshal(t testing.TB, value any) []byte {
	t.Helper()
	der, err := asn1.Marshal(value)
	require.NoError(t, err)
	return der
}

// Peak runs work and returns by how many bytes the memory that Go holds grew at most, sampled.
func Peak(work func()) uint64 {
	held := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapSys - m.HeapReleased + m.StackSys
	}
	debug.FreeOSMemory() // what other tests left would hide what this one takes
	before, highest := held(), uint64(0)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			highest = max(highest, held())
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	work()
	close(stop)
	<-done
	return highest - min(before, highest)
}
