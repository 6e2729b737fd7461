package main

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/natsuin/natsuin/verify"
)

// What a request's body may hold, in bytes.
const (
	maxToken     = 16 << 10
	maxForm      = 16 << 10
	maxSignature = 64 << 10
	maxAppended  = 1 << 20 // to a PDF: the signature and the picture of a seal
)

// contentPolicy lets the pages use this site's own files and nothing else; no script or style stands in a page.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

type options struct {
	Origin   string // of the site, as browsers see it
	TrustDir string // more trust anchors; "" for J-LIS's alone
	Library  []byte // natsuin.js
	Lab      bool
	Now      func() time.Time
	Log      *log.Logger
}

// site is the whole relying party.
type site struct {
	origin     string
	secure     bool // the origin is https
	library    []byte
	lab        bool
	now        func() time.Time
	log        *log.Logger
	pages      *pages
	sessions   *sessions
	trust      verify.Trust
	challenges *verify.Challenges
}

func newSite(o options) (*site, error) {
	var trust verify.Trust // J-LIS's roots
	if o.TrustDir != "" {
		var err error
		if trust, err = trust.WithDir(o.TrustDir); err != nil {
			return nil, err
		}
	}
	pages, err := loadPages()
	if err != nil {
		return nil, err
	}
	return &site{
		origin: o.Origin, secure: strings.HasPrefix(o.Origin, "https:"), library: o.Library, lab: o.Lab,
		now: o.Now, log: o.Log, pages: pages, trust: trust,
		sessions:   newSessions(o.Now),
		challenges: &verify.Challenges{Capacity: maxSessions, Now: o.Now},
	}, nil
}

// handler routes the site's addresses.
func (s *site) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("GET /language/{language}", s.setLanguage)
	mux.HandleFunc("POST /challenge", s.issueChallenge)
	mux.HandleFunc("POST /login", s.logIn)
	mux.HandleFunc("POST /logout", s.logOut)
	mux.HandleFunc("GET /filings/new", s.loggedIn(s.form))
	mux.HandleFunc("POST /filings/new", s.loggedIn(s.fillIn))
	mux.HandleFunc("GET /drafts/{number}", s.loggedIn(s.confirm))
	mux.HandleFunc("GET /drafts/{number}/document", s.loggedIn(s.draftDocument))
	mux.HandleFunc("GET /drafts/{number}/pdf", s.loggedIn(s.draftPDF))
	mux.HandleFunc("POST /filings", s.loggedIn(s.submit(maxSignature, s.verifyData)))
	mux.HandleFunc("POST /filings/pdf", s.loggedIn(s.submit(maxAppended, s.verifyPDF)))
	mux.HandleFunc("GET /filings/{number}", s.loggedIn(s.receipt))
	mux.HandleFunc("GET /filings/{number}/document", s.loggedIn(s.filedDocument))
	mux.HandleFunc("GET /filings/{number}/signature", s.loggedIn(s.filedSignature))
	mux.HandleFunc("GET /natsuin.js", s.pageLibrary)
	mux.Handle("GET /static/{file}", staticFiles())
	if s.lab {
		mux.HandleFunc("GET /lab", s.labPage)
		mux.HandleFunc("POST /lab/verify", s.labVerify)
		mux.HandleFunc("POST /lab/verify-raw", s.labVerifyRaw)
	}
	mux.HandleFunc("GET /", s.missing)
	return s.guard(mux)
}

// guard sets the headers of every answer, and lets a POST through only when the browser says that a page of this
// site sent it. The session cookie is SameSite=Strict besides.
func (s *site) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		// Not no-referrer: browsers would then send "Origin: null" with this site's own forms.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if r.Method == http.MethodPost && r.Header.Get("Origin") != s.origin {
			s.refuse(w, r, http.StatusForbidden, "CROSS_ORIGIN")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// loggedIn hands the visitor's session to a handler that needs a login; others are sent to log in.
func (s *site) loggedIn(next func(http.ResponseWriter, *http.Request, *session)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		visitor := s.visitor(r)
		switch {
		case visitor != nil && visitor.login != nil:
			next(w, r, visitor)
		case wantsPage(r):
			http.Redirect(w, r, "/", http.StatusSeeOther)
		default:
			s.refuse(w, r, http.StatusUnauthorized, "NOT_LOGGED_IN")
		}
	}
}

func (s *site) home(w http.ResponseWriter, r *http.Request) { s.show(w, r, http.StatusOK, "home", nil) }

func (s *site) missing(w http.ResponseWriter, r *http.Request) {
	s.refuse(w, r, http.StatusNotFound, "NOT_FOUND")
}

func (s *site) pageLibrary(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	_, _ = w.Write(s.library) // the browser has gone: nobody is left to tell
}

func staticFiles() http.Handler {
	files, err := fs.Sub(assets, "assets")
	if err != nil {
		panic(err) // the name is a constant
	}
	return http.FileServerFS(files)
}

// wantsPage tells a browser that goes to a page from a script that fetches.
func wantsPage(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

// refuse says why not: as a page to a person, as {"reason": code} to a script.
func (s *site) refuse(w http.ResponseWriter, r *http.Request, status int, code string) {
	if wantsPage(r) {
		s.show(w, r, status, "message", code)
		return
	}
	s.answer(w, status, map[string]string{"reason": code})
}

func (s *site) answer(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		s.fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the browser has gone: nobody is left to tell
}

// fail reports a defect of ours. No error that reaches it carries what a citizen typed or signed.
func (s *site) fail(w http.ResponseWriter, err error) {
	s.log.Print(err)
	http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
}

// body reads a request's body whole. Where it cannot, it has answered the request and returns false.
func (s *site) body(w http.ResponseWriter, r *http.Request, most int64) ([]byte, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if err != nil {
		s.refuseBody(w, r, err)
		return nil, false
	}
	return body, true
}

// refuseUnverified hands on the reason for which a challenge, token or signature was refused.
func (s *site) refuseUnverified(w http.ResponseWriter, r *http.Request, err error) {
	if own, ok := errors.AsType[refusal](err); ok {
		s.refuse(w, r, http.StatusUnprocessableEntity, string(own))
		return
	}
	if theirs, ok := errors.AsType[*verify.Refusal](err); ok {
		s.refuse(w, r, http.StatusUnprocessableEntity, string(theirs.Reason))
		return
	}
	s.fail(w, err)
}

func (s *site) refuseBody(w http.ResponseWriter, r *http.Request, err error) {
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		s.refuse(w, r, http.StatusRequestEntityTooLarge, "TOO_LARGE")
		return
	}
	s.refuse(w, r, http.StatusBadRequest, "UNREADABLE")
}
