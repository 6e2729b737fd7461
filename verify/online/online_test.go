package online_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/revocation"
	"github.com/natsuin/natsuin/verify"
	"github.com/natsuin/natsuin/verify/online"
)

var clock = time.Now().UTC().Truncate(time.Second)

func ca(t testing.TB) *certtest.CA {
	return certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1")
}

// card is a certificate of the same key, in force now.
func card(t testing.TB, edit ...func(*x509.Certificate)) *x509.Certificate {
	valid := func(c *x509.Certificate) { c.NotBefore, c.NotAfter = clock.AddDate(-1, 0, 0), clock.AddDate(1, 0, 0) }
	return ca(t).Signature(t, certtest.Key(t, "card"), append([]func(*x509.Certificate){valid}, edit...)...)
}

func query(t testing.TB, cert *x509.Certificate) verify.RevocationQuery {
	return verify.RevocationQuery{Certificate: cert, Issuer: ca(t).Certificate, At: clock, Now: clock}
}

// list is a CRL of an hour ago, good for a time.
func list(t testing.TB, good time.Duration, revoked ...x509.RevocationListEntry) []byte {
	t.Helper()
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(1), ThisUpdate: clock.Add(-time.Hour), NextUpdate: clock.Add(good), RevokedCertificateEntries: revoked,
	}, ca(t).Certificate, ca(t).Key)
	require.NoError(t, err)
	return der
}

// A service serves bytes over HTTP and counts who asks.
type service struct {
	*httptest.Server
	asked atomic.Int32
	body  atomic.Value
}

func serve(t testing.TB, body []byte) *service {
	t.Helper()
	s := &service{}
	s.body.Store(body)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.asked.Add(1)
		w.Write(s.body.Load().([]byte))
	}))
	t.Cleanup(s.Close)
	return s
}

// TestOpenSSL asks OpenSSL's responder, which listens on loopback, of a certificate that is good, one that was
// revoked, and one that it does not know.
func TestOpenSSL(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, content []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	good := card(t)
	revoked := card(t, func(c *x509.Certificate) { c.SerialNumber = big.NewInt(0x77) })
	unknown := card(t, func(c *x509.Certificate) { c.SerialNumber = big.NewInt(0x88) })
	const stamp = "060102150405Z"
	write("index.txt", fmt.Appendf(nil, "V\t%s\t\t%02X\tunknown\t/CN=good\nR\t%s\t%s,keyCompromise\t77\tunknown\t/CN=revoked\n",
		good.NotAfter.Format(stamp), good.SerialNumber.Bytes(), revoked.NotAfter.Format(stamp), clock.AddDate(0, 0, -2).Format(stamp)))
	write("ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca(t).Certificate.Raw}))
	key := certtest.Key(t, "responder")
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	write("responder.key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	responder := ca(t).Authentication(t, key, func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
		c.NotBefore, c.NotAfter = clock.AddDate(-1, 0, 0), clock.AddDate(1, 0, 0)
	})
	write("responder.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: responder.Raw}))

	f := &online.Fetcher{OCSP: []string{startOpenSSL(t, dir)}}
	status, err := f.Status(t.Context(), query(t, good))
	require.NoError(t, err)
	require.Equal(t, revocation.OCSP, status.Source)
	require.False(t, status.Revoked)

	status, err = f.Status(t.Context(), query(t, revoked))
	require.NoError(t, err)
	require.True(t, status.Revoked)
	require.Equal(t, clock.AddDate(0, 0, -2), status.RevokedAt)
	require.Equal(t, "keyCompromise", status.Reason)

	_, err = f.Status(t.Context(), query(t, unknown))
	require.ErrorIs(t, err, verify.ErrStatementUnknown)
	f.CRLs = []string{serve(t, list(t, time.Hour)).URL}
	status, err = f.Status(t.Context(), query(t, unknown))
	require.NoError(t, err, "the CRL knows")
	require.Equal(t, revocation.CRL, status.Source)
}

// startOpenSSL starts the responder on a port that is free and waits until it says which.
func startOpenSSL(t *testing.T, dir string) string {
	t.Helper()
	path, err := exec.LookPath("openssl")
	require.NoError(t, err, "openssl is the responder that is asked here: run make deps")
	cmd := exec.CommandContext(t.Context(), path, "ocsp", "-port", "0", "-index", "index.txt", "-CA", "ca.pem",
		"-rsigner", "responder.pem", "-rkey", "responder.key", "-nmin", "60")
	cmd.Dir = dir
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 && fields[0] == "ACCEPT" {
			_, port, err := net.SplitHostPort(fields[1])
			require.NoError(t, err)
			return "http://127.0.0.1:" + port
		}
	}
	require.Fail(t, "the responder does not listen")
	return ""
}

// TestFromCertificate asks what the certificate names, and only if it may.
func TestFromCertificate(t *testing.T) {
	s := serve(t, list(t, time.Hour))
	cert := card(t, func(c *x509.Certificate) {
		c.CRLDistributionPoints = []string{"ldap://directory.example/cn", "ftp://x", "http://user@" + s.Listener.Addr().String(), s.URL}
	})
	_, err := new(online.Fetcher).Status(t.Context(), query(t, cert))
	require.ErrorIs(t, err, online.ErrUnavailable)
	require.Zero(t, s.asked.Load())

	status, err := (&online.Fetcher{FromCertificate: true}).Status(t.Context(), query(t, cert))
	require.NoError(t, err)
	require.False(t, status.Revoked)
	require.EqualValues(t, 1, s.asked.Load())
}

// TestKept: an answer serves until it is too old for the time asked about, or older than MaxAge.
func TestKept(t *testing.T) {
	now := clock
	s := serve(t, list(t, time.Hour))
	f := &online.Fetcher{CRLs: []string{s.URL}, Now: func() time.Time { return now }}
	ask := func(wantAsked int) {
		t.Helper()
		q := query(t, card(t))
		q.At, q.Now = now, now
		_, err := f.Status(t.Context(), q)
		require.NoError(t, err)
		require.EqualValues(t, wantAsked, s.asked.Load())
	}
	ask(1)
	ask(1)
	now = now.Add(59 * time.Minute)
	ask(1)
	now = now.Add(2 * time.Minute)
	s.body.Store(list(t, 3*time.Hour))
	ask(2)

	f.MaxAge = time.Minute
	now = now.Add(time.Hour)
	ask(2) // it was kept without that bound
	now = now.Add(time.Hour)
	s.body.Store(list(t, 9*time.Hour))
	ask(3)
	now = now.Add(59 * time.Second)
	ask(3)
	now = now.Add(2 * time.Second)
	ask(4)
}

// TestKeptIsOfItsTime: what is kept is not asked about a time that it says nothing of.
func TestKeptIsOfItsTime(t *testing.T) {
	s := serve(t, list(t, time.Hour))
	f := &online.Fetcher{CRLs: []string{s.URL}}
	_, err := f.Status(t.Context(), query(t, card(t)))
	require.NoError(t, err)
	s.body.Store(list(t, 3*time.Hour, x509.RevocationListEntry{SerialNumber: card(t).SerialNumber, RevocationTime: clock.Add(90 * time.Minute)}))
	q := query(t, card(t))
	q.At, q.Now = clock.Add(2*time.Hour), clock.Add(2*time.Hour)
	status, err := f.Status(t.Context(), q)
	require.NoError(t, err)
	require.True(t, status.Revoked)
	require.EqualValues(t, 2, s.asked.Load())
}

// TestNotBelieved: services that do not answer as they should are unavailable or say nothing, and none of it is
// kept.
func TestNotBelieved(t *testing.T) {
	stranger := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "2")
	forger := *ca(t).Certificate // with a key of its own
	forger.PublicKey = &stranger.Key.PublicKey
	forged, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(1), ThisUpdate: clock.Add(-time.Hour), NextUpdate: clock.Add(time.Hour),
	}, &forger, stranger.Key)
	require.NoError(t, err)

	good := list(t, time.Hour)
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    error
	}{
		"not found":     {func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }, online.ErrUnavailable},
		"redirect":      {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, online.ErrUnavailable},
		"cut":           {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "9999"); w.Write(good) }, online.ErrUnavailable},
		"endless":       {func(w http.ResponseWriter, _ *http.Request) { io.Copy(w, endless{}) }, online.ErrUnavailable},
		"another thing": {func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>")) }, verify.ErrStatementMalformed},
		"forged":        {func(w http.ResponseWriter, _ *http.Request) { w.Write(forged) }, verify.ErrStatementUntrusted},
		"stale":         {func(w http.ResponseWriter, _ *http.Request) { w.Write(list(t, -time.Minute)) }, verify.ErrStatementStale},
		"too slow":      {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, online.ErrUnavailable},
		"long headers": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 1<<20))
			w.Write(good)
		}, online.ErrUnavailable},
		"not allowed": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, online.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				test.handler(w, r)
			}))
			defer server.Close()
			f := &online.Fetcher{CRLs: []string{server.URL}}
			if name == "too slow" {
				f.Client = &http.Client{Timeout: 100 * time.Millisecond}
			}
			for range 2 {
				_, err := f.Status(t.Context(), query(t, card(t)))
				require.ErrorIs(t, err, test.want)
			}
			require.EqualValues(t, 2, asked.Load())
		})
	}
}

// endless is a body without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// TestAddresses: only http and https are asked.
func TestAddresses(t *testing.T) {
	for _, address := range []string{"", "x", "file:///etc/passwd", "ftp://crl.example/", "http://", "http://user:pass@crl.example/", "ht tp://x", "//crl.example/"} {
		_, err := (&online.Fetcher{CRLs: []string{address}, OCSP: []string{address}}).Status(t.Context(), query(t, card(t)))
		require.ErrorIs(t, err, online.ErrUnavailable, "%q", address)
	}
}

// TestCancelled: whoever asks can stop waiting.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := (&online.Fetcher{CRLs: []string{serve(t, list(t, time.Hour)).URL}}).Status(ctx, query(t, card(t)))
	require.ErrorIs(t, err, online.ErrUnavailable)
}

// TestNext: where one service does not decide the next is asked, and an error says what each answered.
func TestNext(t *testing.T) {
	bad, good := serve(t, []byte("x")), serve(t, list(t, time.Hour))
	_, err := (&online.Fetcher{OCSP: []string{bad.URL + "/ocsp"}, CRLs: []string{bad.URL, good.URL}}).Status(t.Context(), query(t, card(t)))
	require.NoError(t, err)
	_, err = (&online.Fetcher{OCSP: []string{bad.URL + "/ocsp"}, CRLs: []string{bad.URL + "/crl"}}).Status(t.Context(), query(t, card(t)))
	require.True(t, strings.Contains(err.Error(), "/ocsp") && strings.Contains(err.Error(), "/crl"), err.Error())
}
