package main

import (
	"bytes"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/verify"
)

func TestEveryAnswerIsGuarded(t *testing.T) {
	c := newBench(t).browser(t)
	for _, path := range []string{"/", "/natsuin.js", "/static/site.css", "/static/page.js", "/lab", "/nowhere"} {
		response, _ := c.open(path)
		require.Equal(t, contentPolicy, response.Header.Get("Content-Security-Policy"), path)
		require.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"), path)
		require.Equal(t, "same-origin", response.Header.Get("Referrer-Policy"), path)
		require.Equal(t, "no-store", response.Header.Get("Cache-Control"), path)
	}
}

func TestFilesHaveTheirTypes(t *testing.T) {
	c := newBench(t).browser(t)
	for path, kind := range map[string]string{
		"/natsuin.js":       "text/javascript; charset=utf-8",
		"/static/login.js":  "text/javascript; charset=utf-8",
		"/static/site.css":  "text/css; charset=utf-8",
		"/static/seal.svg":  "image/svg+xml",
		"/static/none.js":   "text/plain; charset=utf-8",
		"/static/":          "text/html; charset=utf-8",
		"/assets/texts/":    "text/html; charset=utf-8",
		"/texts/ja.json":    "text/html; charset=utf-8",
		"/static/../ja.txt": "text/html; charset=utf-8",
	} {
		response, _ := c.open(path)
		require.Equal(t, kind, response.Header.Get("Content-Type"), path)
	}
}

func TestPostsFromElsewhereAreRefused(t *testing.T) {
	b := newBench(t)
	for _, origin := range []string{"", "null", "https://evil.example", "http://shinsei.example", testOrigin + ":444"} {
		for _, path := range []string{"/challenge", "/login", "/logout", "/filings/new", "/filings", "/filings/pdf", "/lab/verify", "/lab/verify-raw"} {
			c := b.loggedIn(t)
			c.origin = origin
			c.refused(path, nil, http.StatusForbidden, "CROSS_ORIGIN")

			response, body := c.submit(path, nil)
			require.Equal(t, http.StatusForbidden, response.StatusCode)
			require.Contains(t, body, `data-code="CROSS_ORIGIN"`)

			response, _ = c.open("/filings/new")
			require.Equal(t, http.StatusOK, response.StatusCode, "%s from %q ended the session", path, origin)
		}
	}
}

func TestSessionCookie(t *testing.T) {
	b := newBench(t)
	for origin, want := range map[string]string{
		testOrigin:              "__Host-session",
		"http://localhost:8443": "session",
	} {
		site, err := newSite(options{Origin: origin, Now: b.now})
		require.NoError(t, err)
		r := httptest.NewRequest(http.MethodPost, "/challenge", nil)
		r.Header.Set("Origin", origin)
		recorder := httptest.NewRecorder()
		site.handler().ServeHTTP(recorder, r)

		cookie := recorder.Result().Cookies()[0]
		require.Equal(t, want, cookie.Name)
		require.Equal(t, strings.HasPrefix(origin, "https:"), cookie.Secure)
		require.True(t, cookie.HttpOnly)
		require.Equal(t, http.SameSiteStrictMode, cookie.SameSite)
		require.Equal(t, "/", cookie.Path)
		require.Zero(t, cookie.MaxAge)
	}
}

func TestLogin(t *testing.T) {
	b := newBench(t)
	c := b.browser(t)
	challenge := c.challenge()
	before := c.cookies["__Host-session"]
	status, answer := c.post("/login", token(t, b.authCertificate(t), testOrigin, challenge))
	require.Equal(t, http.StatusOK, status, answer)
	require.NotEqual(t, before, c.cookies["__Host-session"], "the session is a new one")

	_, body := c.open("/")
	require.Contains(t, body, `id="logout"`)

	planted := b.browser(t)
	planted.cookies["__Host-session"] = before
	response, _ := planted.open("/filings/new")
	require.Equal(t, "/", response.Header.Get("Location"), "the old id is worth nothing")

	response, _ = c.submit("/logout", nil)
	require.Equal(t, "/", response.Header.Get("Location"))
	response, _ = c.open("/filings/new")
	require.Equal(t, "/", response.Header.Get("Location"))
}

func validity(from, to time.Time) func(*x509.Certificate) {
	return func(template *x509.Certificate) { template.NotBefore, template.NotAfter = from, to }
}

func TestLoginIsRefused(t *testing.T) {
	b := newBench(t)
	stranger := certtest.NewCA(t, certtest.Organization, certtest.AuthenticationUnit, "stranger")
	likeJLIS := certtest.NewCA(t, "JPKI", certtest.AuthenticationUnit, "2019")
	key := certtest.Key(t, "card")
	now := certtest.Now
	changed := func(token []byte) []byte {
		at := bytes.Index(token, []byte(`"signature":"`)) + 100
		if token[at] == 'A' {
			token[at] = 'B'
		} else {
			token[at] = 'A'
		}
		return token
	}
	tests := []struct {
		name, reason string
		token        func(challenge string) []byte
	}{
		{"another origin", "ORIGIN_OR_CHALLENGE_MISMATCH", func(c string) []byte {
			return token(t, b.authCertificate(t), "https://evil.example", c)
		}},
		{"another session's challenge", "CHALLENGE_MISMATCH", func(string) []byte {
			return token(t, b.authCertificate(t), testOrigin, b.browser(t).challenge())
		}},
		{"a challenge of nobody", "ORIGIN_OR_CHALLENGE_MISMATCH", func(string) []byte {
			return token(t, b.authCertificate(t), testOrigin, "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
		}},
		{"a signature certificate", "WRONG_HIERARCHY", func(c string) []byte {
			return token(t, b.signCertificate(t), testOrigin, c)
		}},
		{"a foreign issuer", "ISSUER_FOREIGN", func(c string) []byte {
			return token(t, stranger.Authentication(t, key), testOrigin, c)
		}},
		{"J-LIS's name", "ISSUER_NOT_SHIPPED", func(c string) []byte {
			return token(t, likeJLIS.Authentication(t, key), testOrigin, c)
		}},
		{"an expired certificate", "CERTIFICATE_EXPIRED", func(c string) []byte {
			return token(t, b.authCertificate(t, validity(now.AddDate(-1, 0, 0), now.Add(-time.Second))), testOrigin, c)
		}},
		{"a certificate of tomorrow", "CERTIFICATE_NOT_YET_VALID", func(c string) []byte {
			return token(t, b.authCertificate(t, validity(now.Add(time.Second), now.AddDate(1, 0, 0))), testOrigin, c)
		}},
		{"another signature", "SIGNATURE_INVALID", func(c string) []byte {
			return changed(token(t, b.authCertificate(t), testOrigin, c))
		}},
		{"no token", "TOKEN_MALFORMED", func(string) []byte { return []byte("{}") }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := b.browser(t)
			challenge := c.challenge()
			body := test.token(challenge)
			c.refused("/login", body, http.StatusUnprocessableEntity, test.reason)
			response, _ := c.open("/filings/new")
			require.Equal(t, "/", response.Header.Get("Location"), "nobody is logged in")

			good := token(t, b.authCertificate(t), testOrigin, challenge)
			c.refused("/login", good, http.StatusUnprocessableEntity, "CHALLENGE_USED")
		})
	}
}

func TestSimulatedCardNeedsTrust(t *testing.T) {
	b := newBench(t)
	b.site = b.open(t, "")
	c := b.browser(t)
	c.refused("/login", token(t, b.authCertificate(t), testOrigin, c.challenge()), http.StatusUnprocessableEntity, "ISSUER_FOREIGN")
}

func TestReplayedLoginIsRefused(t *testing.T) {
	b := newBench(t)
	c := b.browser(t)
	used := token(t, b.authCertificate(t), testOrigin, c.challenge())
	before := c.cookies["__Host-session"]
	status, _ := c.post("/login", used)
	require.Equal(t, http.StatusOK, status)

	c.refused("/login", used, http.StatusUnprocessableEntity, "CHALLENGE_UNKNOWN")
	c.challenge()
	c.refused("/login", used, http.StatusUnprocessableEntity, "CHALLENGE_MISMATCH")

	thief := b.browser(t)
	thief.refused("/login", used, http.StatusUnprocessableEntity, "CHALLENGE_UNKNOWN")
	thief.cookies["__Host-session"] = before
	thief.refused("/login", used, http.StatusUnprocessableEntity, "CHALLENGE_UNKNOWN")
	thief.challenge()
	thief.refused("/login", used, http.StatusUnprocessableEntity, "CHALLENGE_MISMATCH")
}

func TestLateLoginIsRefused(t *testing.T) {
	b := newBench(t)
	c := b.browser(t)
	late := token(t, b.authCertificate(t), testOrigin, c.challenge())
	b.Time = b.Add(5 * time.Minute)
	c.refused("/login", late, http.StatusUnprocessableEntity, "CHALLENGE_EXPIRED")
}

// TestFloodKeepsNobodyOut asks for more challenges than there is room for, each without a cookie.
func TestFloodKeepsNobodyOut(t *testing.T) {
	b := newBench(t)
	citizen := b.loggedIn(t)
	for range 2 * maxSessions {
		b.browser(t).challenge()
	}
	b.loggedIn(t)
	response, _ := citizen.open("/filings/new")
	require.Equal(t, http.StatusOK, response.StatusCode, "who is in stays in")
}

func TestSessionsRunOut(t *testing.T) {
	b := newBench(t)
	for range maxSessions {
		begin(t, b.site.sessions, &verify.Login{})
	}
	b.browser(t).refused("/challenge", nil, http.StatusServiceUnavailable, "TOO_MANY_SESSIONS")
	b.Time = b.Add(sessionLifetime)
	b.browser(t).challenge()
}

func TestOversizedBodiesAreRefused(t *testing.T) {
	b := newBench(t)
	c := b.loggedIn(t)
	number, _ := c.draft(exampleForm())
	tooMuch := func(most int) []byte { return bytes.Repeat([]byte("a"), most+1) }
	c.refused("/login", tooMuch(maxToken), http.StatusRequestEntityTooLarge, "TOO_LARGE")
	c.refused("/filings?draft="+number, tooMuch(maxSignature), http.StatusRequestEntityTooLarge, "TOO_LARGE")
	c.refused("/lab/verify?document=raw", tooMuch(maxSignature), http.StatusRequestEntityTooLarge, "TOO_LARGE")
	c.refused("/lab/verify-raw", tooMuch(maxSignature), http.StatusRequestEntityTooLarge, "TOO_LARGE")

	form := exampleForm()
	form.Set("name", strings.Repeat("a", maxForm))
	response, body := c.submit("/filings/new", form)
	require.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
	require.Contains(t, body, `data-code="TOO_LARGE"`)
}

func TestWithoutLoginThereIsNoFiling(t *testing.T) {
	b := newBench(t)
	visitors := map[string]*browser{"newcomer": b.browser(t), "before the login": b.browser(t)}
	visitors["before the login"].challenge()
	for name, c := range visitors {
		for _, path := range []string{"/filings/new", "/drafts/1", "/drafts/1/document", "/drafts/1/pdf", "/filings/1", "/filings/1/document", "/filings/1/signature"} {
			response, _ := c.open(path)
			require.Equal(t, http.StatusSeeOther, response.StatusCode, "%s: %s", name, path)
			require.Equal(t, "/", response.Header.Get("Location"))
		}
		c.refused("/filings?draft=1", nil, http.StatusUnauthorized, "NOT_LOGGED_IN")
		c.refused("/filings/pdf?draft=1", nil, http.StatusUnauthorized, "NOT_LOGGED_IN")
		c.refused("/filings/new", nil, http.StatusUnauthorized, "NOT_LOGGED_IN")
	}
}

func TestLabIsOff(t *testing.T) {
	b := newBench(t)
	b.site.lab = false
	c := b.browser(t)
	response, _ := c.open("/lab")
	require.Equal(t, http.StatusNotFound, response.StatusCode)
	response, _ = c.submit("/lab/verify?document=raw", nil)
	require.Equal(t, http.StatusMethodNotAllowed, response.StatusCode)
}
