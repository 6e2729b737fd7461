package main

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/natsuin/natsuin/verify"
)

// A receipt is what the page of a filing shows.
type receipt struct {
	*filing
	Attributes  []attribute
	LoginChecks []verify.Check
}

// An attribute is one of the four facts that a signature certificate states about its holder. Comparison is same
// or different, or "" for what the application does not ask.
type attribute struct {
	Name, Value, Comparison string
	Substituted             bool
}

func newReceipt(f *filing, login *verify.Login) receipt {
	certified, typed := f.Signature.Attributes, f.Application
	birthDate := certified.BirthDate.Date()
	return receipt{
		filing: f, LoginChecks: login.Checks,
		Attributes: []attribute{
			{"name", certified.Name, compare(certified.Name, typed.Name), certified.NameSubstitutes.Any()},
			{"address", certified.Address, compare(certified.Address, typed.Address), certified.AddressSubstitutes.Any()},
			{"birthDate", birthDate, compare(birthDate, typed.BirthDate), false},
			{"sex", string(certified.Sex), "", false},
		},
	}
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
func (r receipt) Added() bool { return r.Signature.Anchor != "j-lis" }

// Simulated tells that the card is a simulated one.
func (r receipt) Simulated() bool {
	return slices.Contains(r.Signature.Certificate.Issuer.Organization, simulator)
}

// Issuer names the organization that issued the certificate.
func (r receipt) Issuer() string {
	return strings.Join(r.Signature.Certificate.Issuer.Organization, ", ")
}

func (r receipt) Checks() []verify.Check { return r.Signature.Checks }
func (r receipt) ReceivedISO() string    { return r.Received.In(japan).Format(time.RFC3339) }
func (r receipt) ReceivedJapan() string {
	return r.Received.In(japan).Format("2006-01-02 15:04:05 JST")
}
