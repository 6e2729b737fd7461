package main

import (
	"crypto/x509"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/natsuin/natsuin/verify"
)

// A receipt is what the page of a filing shows.
type receipt struct {
	*filing
	Attributes          []attribute
	Checks, LoginChecks []row
}

// A row is what came of one rule. Detail is data, with dates in the page's language: what package verify says in English
// of a rule that was not checked, the page says in its own words.
type row struct {
	Rule    string
	Outcome verify.Outcome
	Detail  string
}

// An attribute is one of the four facts that a signature certificate states about its holder. Comparison is same
// or different, or "" for what the application does not ask.
type attribute struct {
	Name, Value, Comparison string
	Substituted             bool
}

func newReceipt(f *filing, login *verify.Login, origin, language string) receipt {
	certified, typed := f.Proof.Attributes, f.Application
	birthDate := certified.BirthDate.Date()
	details := certificateDetails(f.Proof.Certificate, language)
	if !f.Proof.Claimed.IsZero() {
		details[verify.RuleSigningTime] = moment(f.Proof.Claimed, language)
	}
	loginDetails := certificateDetails(login.Certificate, language)
	loginDetails[verify.RuleOriginAndChallenge] = origin
	return receipt{
		filing: f, Checks: rows(f.Proof.Checks, details), LoginChecks: rows(login.Checks, loginDetails),
		Attributes: []attribute{
			{"name", certified.Name, compare(certified.Name, typed.Name), certified.NameSubstitutes.Any()},
			{"address", certified.Address, compare(certified.Address, typed.Address), certified.AddressSubstitutes.Any()},
			{"birthDate", birthDate, compare(birthDate, typed.BirthDate), false},
			{"sex", string(certified.Sex), "", false},
		},
	}
}

// certificateDetails holds what a certificate says that the rules about it, by which they go, have looked at.
func certificateDetails(c *x509.Certificate, language string) map[string]string {
	return map[string]string{
		verify.RuleIssuer:              issuer(c),
		verify.RuleCertificateValidity: period(c.NotBefore, c.NotAfter, language),
	}
}

func rows(checks []verify.Check, details map[string]string) []row {
	var list []row
	for _, c := range checks {
		list = append(list, row{c.Rule, c.Outcome, details[c.Rule]})
	}
	return list
}

// compare holds what the certificate says against what was typed. White space and the width of letters and digits do
// not count: people type both ways. A difference is for a clerk to judge, not a reason to refuse.
func compare(certified, typed string) string {
	if fold(certified) == fold(typed) {
		return "same"
	}
	return "different"
}

func fold(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case r >= '！' && r <= '～': // the full-width forms of '!' to '~'
			return r - '！' + '!'
		}
		return r
	}, text)
}

// simulator is the organization under which Natsuin's simulated cards are issued.
const simulator = "JPKI-SIM"

// Added tells that the issuer is not among the roots of J-LIS that Natsuin ships.
func (r receipt) Added() bool { return r.Proof.Anchor != "j-lis" }

// Simulated tells that the card is a simulated one.
func (r receipt) Simulated() bool {
	return slices.Contains(r.Proof.Certificate.Issuer.Organization, simulator)
}

// Issuer names the organization that issued the certificate.
func (r receipt) Issuer() string { return issuer(r.Proof.Certificate) }

func issuer(c *x509.Certificate) string { return strings.Join(c.Issuer.Organization, ", ") }

// Commands are what a citizen types to check the files that the receipt offers, without this site.
func (r receipt) Commands() []string {
	if r.Way == wayPDF {
		return []string{"natsuin verify " + signedPDFName, "pdfsig " + signedPDFName}
	}
	return []string{"natsuin verify " + signatureName + " --content " + documentName}
}

// ReceivedISO is when the filing came, for programs.
func (r receipt) ReceivedISO() string { return r.Received.In(japan).Format(time.RFC3339) }
