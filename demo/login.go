package main

import (
	"errors"
	"net/http"

	"github.com/natsuin/natsuin/verify"
)

// issueChallenge gives the visitor a challenge for one login. A newcomer gets a session, to which it is bound.
func (s *site) issueChallenge(w http.ResponseWriter, r *http.Request) {
	visitor := s.visitor(r)
	if visitor == nil {
		var err error
		if visitor, err = s.start(w, nil); err != nil {
			s.refuseFull(w, r, err)
			return
		}
	}
	challenge, err := s.challenges.Issue(visitor.id)
	if err != nil {
		s.fail(w, err)
		return
	}
	s.answer(w, http.StatusOK, map[string]string{"challenge": challenge})
}

// logIn takes the token that answers this session's challenge. The challenge is gone afterwards, whatever comes of it.
func (s *site) logIn(w http.ResponseWriter, r *http.Request) {
	visitor := s.visitor(r)
	if visitor == nil {
		s.refuse(w, r, http.StatusUnprocessableEntity, string(verify.ChallengeUnknown))
		return
	}
	token, ok := s.body(w, r, maxToken)
	if !ok {
		return
	}
	challenge, err := s.challenges.Redeem(visitor.id)
	if err != nil {
		s.refuseUnverified(w, r, err)
		return
	}
	login, err := verify.VerifyToken(token, verify.TokenOptions{
		Origin: s.origin, Challenge: challenge, At: s.now(), Trust: s.trust, OtherChallenges: s.challenges.All(),
	})
	if err != nil {
		s.refuseUnverified(w, r, err)
		return
	}
	s.sessions.end(visitor.id)
	if _, err := s.start(w, login); err != nil {
		s.refuseFull(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, map[string]string{"next": "/filings/new"})
}

func (s *site) logOut(w http.ResponseWriter, r *http.Request) {
	if visitor := s.visitor(r); visitor != nil {
		s.sessions.end(visitor.id)
	}
	s.setSession(w, "")
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// start begins a session and hands its cookie to the browser.
func (s *site) start(w http.ResponseWriter, login *verify.Login) (*session, error) {
	visitor, err := s.sessions.start(login)
	if err != nil {
		return nil, err
	}
	s.setSession(w, visitor.id)
	return visitor, nil
}

// refuseFull answers where the site has no room for another session.
func (s *site) refuseFull(w http.ResponseWriter, r *http.Request, err error) {
	if !errors.Is(err, errTooManySessions) {
		s.fail(w, err)
		return
	}
	s.refuse(w, r, http.StatusServiceUnavailable, "TOO_MANY_SESSIONS")
}
