package verify_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/natsuin/natsuin/verify"
)

// A site's own: the visitor's session, as its cookie says.
func sessionOf(*http.Request) string { return "session" }

// Login over HTTP: one handler issues challenges, one takes tokens.
func Example_login() {
	const origin = "https://shinsei.example.jp"
	var challenges verify.Challenges

	http.HandleFunc("POST /challenge", func(w http.ResponseWriter, r *http.Request) {
		challenge, err := challenges.Issue(sessionOf(r))
		if err != nil {
			http.Error(w, "try again later", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, challenge)
	})

	http.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		challenge, err := challenges.Redeem(sessionOf(r))
		if err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		token, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<10))
		if err != nil {
			http.Error(w, "too long", http.StatusBadRequest)
			return
		}
		login, err := verify.VerifyToken(token, verify.TokenOptions{
			Origin:          origin,
			Challenge:       challenge,
			OtherChallenges: challenges.All(),
		})
		if err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		fmt.Fprintln(w, "logged in with certificate", login.Certificate.SerialNumber)
	})
}

// What is refused says why, in a word for programs.
func ExampleVerifyCMS() {
	document := []byte("<application/>")
	message := []byte("this is no signature")

	_, err := verify.VerifyCMS(message, bytes.NewReader(document), verify.CMSOptions{})
	var refusal *verify.Refusal
	if errors.As(err, &refusal) {
		fmt.Println(refusal.Reason)
		for _, check := range refusal.Checks {
			fmt.Println(check.Rule, check.Outcome)
		}
	}
	// Output:
	// MESSAGE_MALFORMED
	// message failed
}
