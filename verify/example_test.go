package verify_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"

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

// A signed file of any format, with the files that it may name in its folder and a CRL from J-LIS.
func ExampleVerifyDocument() {
	check := func(folder, name string, crl []byte) error {
		root, err := os.OpenRoot(folder)
		if err != nil {
			return err
		}
		defer root.Close()
		file, err := root.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		info, err := file.Stat()
		if err != nil {
			return err
		}
		statements, err := verify.Statements{}.With(crl)
		if err != nil {
			return err
		}
		found, err := verify.VerifyDocument(context.Background(), file, info.Size(), verify.DocumentOptions{
			Files:      root.FS(),
			Revocation: statements,
			Attributes: true,
		})
		if err != nil {
			return err
		}
		for _, s := range found.Signatures {
			if s.Outcome == verify.Passed {
				fmt.Println(s.Attributes.Name, "signed all of it:", s.Covers.Whole)
			} else {
				fmt.Println(s.Place, s.Outcome, s.Reason)
			}
		}
		return nil
	}
	if err := check("filings", "2026-000123.pdf", nil); err != nil {
		log.Print(err)
	}
}
