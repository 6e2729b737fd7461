package main

import (
	"crypto/rand"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/natsuin/natsuin/verify"
)

// How long a session lives without a request. Before the login it holds a challenge and nothing else, and
// lives as long as verify.Challenges can tell that one has expired.
const (
	sessionLifetime   = 30 * time.Minute
	anonymousLifetime = 2 * verify.DefaultLifetime
)

const (
	maxSessions = 1000
	maxFilings  = 20 // receipts kept in one session; the oldest goes first
)

// errTooManySessions refuses newcomers when the store is full of visitors who are logged in, so that they stay so.
var errTooManySessions = errors.New("too many sessions")

// A session is one visitor. Its id and login never change: logging in starts a new session, so that an id
// which was planted in a browser before the login is worth nothing after it.
type session struct {
	id    string
	login *verify.Login // nil before the login

	mu      sync.Mutex
	expires time.Time
	draft   *draft
	filings []*filing
}

// sessions holds all sessions in memory: a demo forgets everything when it ends.
type sessions struct {
	now func() time.Time

	mu   sync.Mutex
	byID map[string]*session
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, byID: make(map[string]*session)}
}

// start makes a session; login is nil for a visitor who has not logged in. In a full store it takes the
// place of the visitor who has not logged in and was not heard of for longest: requests without a
// cookie keep nobody out.
func (s *sessions) start(login *verify.Login) (*session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.byID) >= maxSessions {
		s.makeRoom()
	}
	if len(s.byID) >= maxSessions {
		return nil, errTooManySessions
	}
	visitor := &session{id: rand.Text(), login: login}
	visitor.expires = s.now().Add(visitor.lifetime())
	s.byID[visitor.id] = visitor
	return visitor, nil
}

// find returns the live session with that id, or nil, and prolongs its life.
func (s *sessions) find(id string) *session {
	s.mu.Lock()
	visitor := s.byID[id]
	s.mu.Unlock()
	if visitor == nil || !visitor.prolong(s.now()) {
		return nil
	}
	return visitor
}

func (s *sessions) end(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, id)
}

// makeRoom drops the sessions that have ended or, where none has, the oldest without a login.
func (s *sessions) makeRoom() {
	now := s.now()
	var oldest *session
	for id, visitor := range s.byID {
		switch {
		case !now.Before(visitor.end()):
			delete(s.byID, id)
		case visitor.login == nil && (oldest == nil || visitor.end().Before(oldest.end())):
			oldest = visitor
		}
	}
	if len(s.byID) >= maxSessions && oldest != nil {
		delete(s.byID, oldest.id)
	}
}

// lifetime is how long the session lives without a request.
func (v *session) lifetime() time.Duration {
	if v.login == nil {
		return anonymousLifetime
	}
	return sessionLifetime
}

// end is when the session ends unless a request comes before.
func (v *session) end() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.expires
}

// prolong reports whether the session was still alive.
func (v *session) prolong(now time.Time) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !now.Before(v.expires) {
		return false
	}
	v.expires = now.Add(v.lifetime())
	return true
}

func (v *session) setDraft(d *draft) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.draft = d
}

func (v *session) currentDraft() *draft {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.draft
}

// file turns the draft into a filing. It reports false when the draft is no longer the session's: it was filed
// already, or written anew.
func (v *session) file(d *draft, f *filing) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.draft != d {
		return false
	}
	v.draft = nil
	v.filings = append(v.filings, f)
	if len(v.filings) > maxFilings {
		v.filings = v.filings[1:]
	}
	return true
}

// filing returns this session's filing with that receipt number, or nil.
func (v *session) filing(number string) *filing {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, f := range v.filings {
		if f.Number == number {
			return f
		}
	}
	return nil
}

// sessionCookie names the cookie; the prefix makes a browser insist on Secure, Path=/ and no Domain.
func (s *site) sessionCookie() string {
	if s.secure {
		return "__Host-session"
	}
	return "session"
}

// visitor returns the session of a request, or nil.
func (s *site) visitor(r *http.Request) *session {
	cookie, err := r.Cookie(s.sessionCookie())
	if err != nil {
		return nil
	}
	return s.sessions.find(cookie.Value)
}

func (s *site) setSession(w http.ResponseWriter, id string) {
	cookie := &http.Cookie{
		Name: s.sessionCookie(), Value: id, Path: "/",
		HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteStrictMode,
	}
	if id == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
}
