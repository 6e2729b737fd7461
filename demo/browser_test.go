package main

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/verify"
)

const testOrigin = "https://shinsei.example"

// A bench is a site under test with the CAs that it trusts.
type bench struct {
	*clock
	site       *site
	auth, sign *certtest.CA
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{
		clock: &clock{certtest.Now},
		auth:  certtest.NewCA(t, certtest.Organization, certtest.AuthenticationUnit, "1"),
		sign:  certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1"),
	}
	trust := t.TempDir()
	writePEM(t, filepath.Join(trust, "auth.pem"), b.auth.Certificate)
	writePEM(t, filepath.Join(trust, "sign.pem"), b.sign.Certificate)
	b.site = b.open(t, trust)
	return b
}

// open makes a site with the bench's clock; a defect of the site fails the test.
func (b *bench) open(t testing.TB, trustDir string) *site {
	t.Helper()
	s, err := newSite(options{
		Origin: testOrigin, TrustDir: trustDir, Library: []byte("export {};"), Lab: true,
		Now: b.now, Log: log.New(failing{t}, "", 0),
	})
	require.NoError(t, err)
	return s
}

// failing is a log in which nothing may be written.
type failing struct{ t testing.TB }

func (f failing) Write(line []byte) (int, error) {
	f.t.Errorf("the site reports a defect: %s", line)
	return len(line), nil
}

func writePEM(t testing.TB, file string, certificate *x509.Certificate) {
	t.Helper()
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})
	require.NoError(t, os.WriteFile(file, block, 0o600))
}

// A browser keeps cookies and states its origin, as the real ones do.
type browser struct {
	t       testing.TB
	site    *site
	origin  string
	cookies map[string]string
	header  http.Header
}

func (b *bench) browser(t testing.TB) *browser {
	return &browser{t: t, site: b.site, origin: testOrigin, cookies: map[string]string{}, header: http.Header{}}
}

func (c *browser) do(r *http.Request) *http.Response {
	for key, values := range c.header {
		r.Header[key] = values
	}
	if r.Method == http.MethodPost && c.origin != "" {
		r.Header.Set("Origin", c.origin)
	}
	for name, value := range c.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	recorder := httptest.NewRecorder()
	c.site.handler().ServeHTTP(recorder, r)
	response := recorder.Result()
	for _, cookie := range response.Cookies() {
		c.cookies[cookie.Name] = cookie.Value
		if cookie.MaxAge < 0 {
			delete(c.cookies, cookie.Name)
		}
	}
	return response
}

// open goes to a page.
func (c *browser) open(path string) (*http.Response, string) {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept", "text/html,application/xhtml+xml")
	return c.read(c.do(r))
}

// submit sends a form.
func (c *browser) submit(path string, form url.Values) (*http.Response, string) {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Accept", "text/html,application/xhtml+xml")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.read(c.do(r))
}

// post sends what a script sends, and returns the status and the answer.
func (c *browser) post(path string, body []byte) (int, map[string]string) {
	response, text := c.read(c.do(httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))))
	var answer map[string]string
	require.NoError(c.t, json.Unmarshal([]byte(text), &answer), text)
	return response.StatusCode, answer
}

// refused asserts that a script's request is answered with a reason.
func (c *browser) refused(path string, body []byte, status int, reason string) {
	c.t.Helper()
	got, answer := c.post(path, body)
	require.Equal(c.t, map[string]string{"reason": reason}, answer)
	require.Equal(c.t, status, got)
}

func (c *browser) read(response *http.Response) (*http.Response, string) {
	body, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	return response, string(body)
}

func (c *browser) challenge() string {
	status, answer := c.post("/challenge", nil)
	require.Equal(c.t, http.StatusOK, status)
	return answer["challenge"]
}

// token answers a challenge as Natsuin does, with the key that certtest knows as "card".
func token(t testing.TB, certificate *x509.Certificate, origin, challenge string) []byte {
	t.Helper()
	digest := sha256.Sum256(verify.SignedValue(origin, challenge))
	signature, err := rsa.SignPKCS1v15(rand.Reader, certtest.Key(t, "card"), crypto.SHA256, digest[:])
	require.NoError(t, err)
	text, err := json.Marshal(verify.Token{
		UnverifiedCertificate: base64.StdEncoding.EncodeToString(certificate.Raw),
		Algorithm:             "RS256",
		Signature:             base64.StdEncoding.EncodeToString(signature),
		Format:                verify.TokenFormat,
		AppVersion:            "https://github.com/natsuin/natsuin/releases/0.1.0",
	})
	require.NoError(t, err)
	return text
}

func (b *bench) authCertificate(t testing.TB, edit ...func(*x509.Certificate)) *x509.Certificate {
	return b.auth.Authentication(t, certtest.Key(t, "card"), edit...)
}

func (b *bench) signCertificate(t testing.TB, edit ...func(*x509.Certificate)) *x509.Certificate {
	return b.sign.Signature(t, certtest.Key(t, "card"), edit...)
}

// loggedIn returns a browser that has logged in.
func (b *bench) loggedIn(t testing.TB) *browser {
	t.Helper()
	c := b.browser(t)
	status, answer := c.post("/login", token(t, b.authCertificate(t), testOrigin, c.challenge()))
	require.Equal(t, http.StatusOK, status, answer)
	require.Equal(t, "/filings/new", answer["next"])
	return c
}

// sign makes a CMS as Natsuin does.
func sign(t testing.TB, certificate *x509.Certificate, document []byte, attached bool, at time.Time) []byte {
	t.Helper()
	digest := sha256.Sum256(document)
	d := cms.Document{Digest: digest[:]}
	if attached {
		d.Content = document
	}
	message, err := cms.Sign(certtest.Key(t, "card"), certificate, d, cms.Options{SigningTime: at})
	require.NoError(t, err)
	return message
}

// draft fills in the form and returns the draft's number and the document that the server issued.
func (c *browser) draft(form url.Values) (number string, document []byte) {
	c.t.Helper()
	response, _ := c.submit("/filings/new", form)
	require.Equal(c.t, http.StatusSeeOther, response.StatusCode)
	number, found := strings.CutPrefix(response.Header.Get("Location"), "/drafts/")
	require.True(c.t, found)
	response, text := c.open("/drafts/" + number + "/document")
	require.Equal(c.t, http.StatusOK, response.StatusCode)
	require.Equal(c.t, "application/xml", response.Header.Get("Content-Type"))
	return number, []byte(text)
}
