//go:build unix

package main

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/digestinfo"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
)

// A deed is a column of the matrix: one command.
type deed struct {
	name    string
	request string   // its members besides type, id and lang
	args    []string // the same on the command line, or nil where there is no such thing; OUT and IN1… stand for files
	pins    []simcard.PIN
	// bare says that the command asks for no PIN, but on a telephone.
	bare    bool
	changes simcard.PIN
	signs   int // documents
	// contents are the bytes of the documents, where not their digests are enough: those of IN1 and so on.
	contents [][]byte
}

// in reports whether the command can be reached in that mode.
func (d deed) in(m mode) bool { return m != onCommandLine || d.args != nil }

// The columns.
const (
	doStatus           = "status"
	doAuthenticate     = "authenticate"
	doSignCMS          = "sign (cms)"
	doSignRaw          = "sign (raw)"
	doSignPDF          = "sign (pdf)"
	doSignXML          = "sign (xml)"
	doCertificateSign  = "certificate (signature)"
	doCertificateAuth  = "certificate (authentication)"
	doAttributes       = "attributes"
	doCompare          = "attributes, compare"
	doChangeAuth       = "change-pin (authentication)"
	doChangeSign       = "change-pin (signature)"
	doChangeSurface    = "change-pin (card-surface)"
	doPortalLogin      = "portal-login"
	doPortalSign       = "portal-sign"
	doPortalAttributes = "portal-attributes"
)

var deeds = []deed{
	{name: doStatus, request: `"command":"status"`, args: []string{"status"}, bare: true},
	{name: doAuthenticate, request: `"command":"authenticate","origin":"https://shinsei.example","challenge":"` + challenge + `"`,
		args: []string{"auth", "--origin", "https://shinsei.example", "--challenge", challenge}, pins: []simcard.PIN{simcard.PINAuth}},
	{name: doSignCMS, request: signRequest("cms", 3), args: []string{"sign", "--format", "cms", "--in", "IN1", "--in", "IN2", "--in", "IN3", "--out", "OUT", "--force"},
		pins: []simcard.PIN{simcard.PINSign}, signs: 3},
	{name: doSignRaw, request: signRequest("raw", 1), args: []string{"sign", "--format", "raw", "--in", "IN1"},
		pins: []simcard.PIN{simcard.PINSign}, signs: 1},
	{name: doSignPDF, request: signRequest("pdf", 2, page, page), args: []string{"sign", "--format", "pdf", "--profile", "moj", "--in", "IN1", "--in", "IN2", "--out", "OUT", "--force"},
		pins: []simcard.PIN{simcard.PINSign}, signs: 2, contents: [][]byte{page, page}},
	{name: doSignXML, request: signRequest("xml", 1, []byte(contract)), args: []string{"sign", "--format", "xml", "--in", "IN1", "--out", "OUT", "--force"},
		pins: []simcard.PIN{simcard.PINSign}, signs: 1, contents: [][]byte{[]byte(contract)}},
	{name: doCertificateSign, request: `"command":"certificate","slot":"signature"`, args: []string{"cert", "sign"}, pins: []simcard.PIN{simcard.PINSign}},
	{name: doCertificateAuth, request: `"command":"certificate","slot":"authentication"`, args: []string{"cert", "auth"}, pins: []simcard.PIN{simcard.PINAuth}, bare: true},
	{name: doAttributes, request: `"command":"attributes"`, args: []string{"attributes"}, pins: []simcard.PIN{simcard.PINAttributes}},
	{name: doCompare, request: `"command":"attributes","compare":true`, args: []string{"attributes", "--compare"},
		pins: []simcard.PIN{simcard.PINAttributes, simcard.PINSign}},
	changeDeed(doChangeAuth, "auth", simcard.PINAuth),
	changeDeed(doChangeSign, "sign", simcard.PINSign),
	changeDeed(doChangeSurface, "attributes", simcard.PINAttributes),
	{name: doPortalLogin, request: `"command":"portal-login","origin":"https://myna.go.jp","serviceId":"01","digest":"` + digestInfos(1)[0] + `"`, pins: []simcard.PIN{simcard.PINAuth}},
	{name: doPortalSign, request: `"command":"portal-sign","origin":"https://myna.go.jp","serviceId":"01","digests":["` + strings.Join(digestInfos(3), `","`) + `"]`,
		pins: []simcard.PIN{simcard.PINSign}, signs: 3},
	{name: doPortalAttributes, request: `"command":"portal-attributes","origin":"https://myna.go.jp","serviceId":"01","identifier":"000102030405060708090a0b0c0d0e0f"`,
		pins: []simcard.PIN{simcard.PINAttributes}},
}

// page is a PDF.
var page = pdftest.File(pdftest.Document(1), "")

// digestInfos are so many as a government page hands them over.
func digestInfos(n int) []string {
	list := make([]string, n)
	for i := range list {
		v, err := digestinfo.New(crypto.SHA256, bytes.Repeat([]byte{byte(i)}, crypto.SHA256.Size()))
		if err != nil {
			panic(err)
		}
		list[i] = base64.StdEncoding.EncodeToString(v.Bytes())
	}
	return list
}

// signRequest asks for signatures of documents by their digests, or of those whose contents follow.
func signRequest(format string, documents int, contents ...[]byte) string {
	var list []string
	for i := range documents {
		known := fmt.Sprintf(`"digest":"%x","hash":"SHA-256"`, sha256.Sum256([]byte{byte(i)}))
		if contents != nil {
			known = fmt.Sprintf(`"size":%d`, len(contents[i]))
		}
		list = append(list, fmt.Sprintf(`{"name":"%d",%s}`, i, known))
	}
	return fmt.Sprintf(`"command":"sign","origin":"https://shinsei.example","format":"%s","documents":[%s]`, format, strings.Join(list, ","))
}

func changeDeed(name, arg string, pin simcard.PIN) deed {
	return deed{name: name, request: fmt.Sprintf(`"command":"change-pin","pin":"%s"`, matrixPINs[pin].name),
		args: []string{"pin", "change", arg}, pins: []simcard.PIN{pin}, changes: pin}
}

// Groups of columns.
var (
	doSigning = []string{doSignCMS, doSignRaw, doSignPDF, doSignXML, doPortalSign}
	doLogIn   = []string{doAuthenticate, doPortalLogin}
	doRead    = []string{doAttributes, doCompare, doPortalAttributes}
	doChange  = []string{doChangeAuth, doChangeSign, doChangeSurface}
	doSurface = append([]string{doChangeSurface}, doRead...)
	doPortal  = []string{doPortalLogin, doPortalSign, doPortalAttributes}
	// asking commands ask for a PIN.
	doAsking = slices.Concat(doSigning, doChange, doLogIn, doRead, []string{doCertificateSign})
)

// Outcomes are what each command ends with, by its name; "" is every command that is not named.
type outcomes map[string]outcome

const notApplicable outcome = "–"

// but returns other, with o for the commands.
func (other outcomes) but(o outcome, commands ...string) outcomes {
	result := outcomes{}
	for command, was := range other {
		result[command] = was
	}
	for _, command := range commands {
		result[command] = o
	}
	return result
}

func (o outcomes) of(d deed) outcome {
	if is, named := o[d.name]; named {
		return is
	}
	return o[""]
}

var (
	all  = outcomes{"": ok}
	none = outcomes{"": notApplicable}
)

// unasked marks a failure that came before anybody typed a PIN.
const unasked = " †"

// A row is one fault, or a kind of faults with the same outcome.
type row struct {
	title       string
	faults      []string // for simcard.ParseFaults; each is tried. None is a sound card
	validity    simcard.Validity
	conduct     conduct
	everyPrompt bool // tried at each prompt for a PIN or a consent
	want        outcomes
	commandLine outcomes // where it differs; nil where it does not

	// again says that a card which wants the PIN before every signature gets the same one again for each.
	again bool
	// withheld says how many of the PINs typed about which something happened meanwhile are not sent: allOf them,
	// or so many.
	withheld int
}

const allOf = -1

// What happens while a prompt is open.

func meanwhileSwapped(s *station, _ *extension, _ simcard.PIN) bool {
	if err := s.card.Swap(simcard.Hanako); err != nil {
		s.t.Error(err)
	}
	return true
}

// Nobody answers a prompt about a card that is gone: it must go by itself.
func meanwhileRemoved(s *station, _ *extension, _ simcard.PIN) bool { s.card.Remove(); return false }

func meanwhileReinserted(s *station, _ *extension, _ simcard.PIN) bool {
	s.card.Remove()
	s.card.Insert()
	return true
}

func meanwhileSpent(s *station, _ *extension, pin simcard.PIN) bool {
	s.spendElsewhere(pin, 1)
	return true
}

func meanwhileBlocked(s *station, _ *extension, pin simcard.PIN) bool {
	s.spendElsewhere(pin, matrixPINs[pin].tries)
	return true
}

func meanwhileReset(s *station, _ *extension, _ simcard.PIN) bool { s.card.Reset(); return true }

func meanwhileCancelled(s *station, e *extension, _ simcard.PIN) bool {
	e.send(`{"type":"cancel","id":"%s"}`, requestID)
	return false
}

const oneTry, noTry = "auth-tries=1,sign-tries=1,attributes-tries=1", "auth-tries=0,sign-tries=0,attributes-tries=0"

// rows are the faults, but for the removal at each command to the card (removals). What they must lead to is
// reasoned from docs/protocol.md and jpki-card.md §3.7 and §8, not recorded.
var rows = []row{
	// A sound card, and cards that answer in another way that the standard allows.
	{title: "none", want: all},
	{title: "6F00 to the first command after power-up", faults: []string{"6f00"}, want: all},
	{title: "6Cxx to an inexact Le", faults: []string{"6cxx"}, want: all},
	{title: "61xx: data to be fetched with GET RESPONSE", faults: []string{"61xx"}, want: all},
	{title: "READ BINARY gives less than asked for", faults: []string{"short-reads"}, want: all},
	{title: "FF after certificates and attributes", faults: []string{"padding"}, want: all},
	{title: "slow signatures", faults: []string{"slow-sign=20ms"}, want: all},
	{title: "the PIN wanted before every signature", faults: []string{"verify-each"}, want: all, again: true},
	{title: "PIN state kept over a reset", faults: []string{"keep-on-reset"}, want: all},
	{title: "a second status word after each response", faults: []string{"trailing-sw"},
		want: outcomes{"": "CARD_FAULT"}.but("CARD_FAULT"+unasked, doAsking...)},
	{title: "more tries left than there are, or no count", faults: []string{"count=63cf", "count=63c6", "count=9000", "count=6300"},
		want: outcomes{"": "CARD_FAULT"}.but("CARD_FAULT"+unasked, doAsking...)},

	// What kind of token it is.
	{title: "a smartphone, Android or iPhone", faults: []string{"phone", "iphone"}, want: all.but("APPLICATION_ABSENT"+unasked, doSurface...)},
	{title: "no 券面事項入力補助AP on a card", faults: []string{"no-surface"}, want: all.but("APPLICATION_ABSENT"+unasked, doSurface...)},
	{title: "the label of an old card, of an unknown token, or with control characters", faults: []string{"old-card", "label=JPKIAP2099", "control-label"}, want: all},

	// Tries.
	{title: "PINs blocked (6984, 6983)", faults: []string{noTry, noTry + ",6983"}, want: all.but("PIN_BLOCKED"+unasked, doAsking...)},
	{title: "one try left, and the citizen does not agree to use it", faults: []string{oneTry}, conduct: conduct{noLastTry: true},
		want: all.but("CANCELLED"+unasked, doAsking...), commandLine: all.but("LAST_TRY"+unasked, doAsking...)},
	{title: "one try left, and the right PIN", faults: []string{oneTry}, want: all},
	{title: "one try left, and a wrong PIN", faults: []string{oneTry, oneTry + ",6983"}, conduct: conduct{wrong: 1}, want: all.but("PIN_BLOCKED", doAsking...)},
	{title: "a PIN of impossible form, then the right one", conduct: conduct{malformed: true}, want: all,
		commandLine: all.but("PIN_MALFORMED (too-short)", doAsking...)},
	{title: "a wrong PIN, then the right one", conduct: conduct{wrong: 1}, want: all.but("PIN_WRONG", doPortal...), commandLine: all.but("PIN_WRONG", doAsking...)},
	{title: "wrong PINs until it is blocked", conduct: conduct{wrong: 5}, want: all.but("PIN_BLOCKED", doAsking...).but("PIN_WRONG", doPortal...),
		commandLine: all.but("PIN_WRONG", doAsking...)},

	// Certificates.
	{title: "certificates: garbage, truncated, or claiming 65,535 bytes", faults: []string{"garbage-cert", "truncated", "overlong"},
		want: all.but("CARD_FAULT"+unasked, doLogIn...).but("CARD_FAULT", doSigning...).but("CARD_FAULT", doCertificateSign, doCertificateAuth, doCompare)},
	{title: "certificates: text in the place of DER", faults: []string{"not-der"},
		want: all.but("CERTIFICATE_ABSENT"+unasked, doLogIn...).but("CERTIFICATE_ABSENT", doSigning...).but("CERTIFICATE_ABSENT", doCertificateSign, doCertificateAuth, doCompare)},
	{title: "no file for the signature certificate", faults: []string{"no-sign-cert"},
		want: all.but("CERTIFICATE_ABSENT", doSigning...).but("CERTIFICATE_ABSENT", doCompare).but("CERTIFICATE_ABSENT"+unasked, doCertificateSign)},
	{title: "FF in the place of the signature certificate", faults: []string{"blank-sign-cert"},
		want: all.but("CERTIFICATE_ABSENT", doSigning...).but("CERTIFICATE_ABSENT", doCertificateSign, doCompare)},
	{title: "no file for the authentication certificate", faults: []string{"no-auth-cert"},
		want: all.but("CERTIFICATE_ABSENT"+unasked, doLogIn...).but("CERTIFICATE_ABSENT", doCertificateAuth)},
	{title: "certificates expired", validity: simcard.Expired,
		want: all.but("CERTIFICATE_EXPIRED"+unasked, doLogIn...).but("CERTIFICATE_EXPIRED", doSigning...)},
	{title: "certificates expired, on a smartphone", faults: []string{"phone"}, validity: simcard.Expired,
		want: all.but("APPLICATION_ABSENT"+unasked, doSurface...).but("CERTIFICATE_EXPIRED", doSigning...).but("CERTIFICATE_EXPIRED", doLogIn...)},
	{title: "certificates not yet valid", validity: simcard.NotYetValid,
		want: all.but("CERTIFICATE_NOT_YET_VALID"+unasked, doLogIn...).but("CERTIFICATE_NOT_YET_VALID", doSigning...)},
	{title: "signatures by another key", faults: []string{"wrong-key"}, want: all.but("CARD_FAULT", doSigning...).but("CARD_FAULT", doLogIn...)},
	{title: "the card goes while it signs", faults: []string{"remove-at-sign"}, want: all.but("CARD_LOST", doSigning...).but("CARD_LOST", doLogIn...)},

	// Attributes.
	{title: "attributes: lengths or offsets that lie", faults: attributeFaults("cut", "overlong", "more", "less", "inner", "offset", "surplus"),
		want: all.but("CARD_FAULT", doRead...)},
	{title: "attributes: no file, FF, tags that are unknown or twice there", faults: attributeFaults("absent", "blank", "unknown-tag", "duplicate"),
		want: all.but("CARD_FAULT", doRead...)},
	{title: "attributes: not UTF-8, control characters, no date, a sex that cannot be shown", faults: attributeFaults("not-utf8", "control", "bad-date", "byte-sex"),
		want: all.but("CARD_FAULT", doRead...)},
	{title: "attributes: an unknown sex code, zeros in the date", faults: attributeFaults("unknown-sex", "zero-date", "zero-day"), want: all},

	// A change.
	{title: "the card refuses the new PIN", faults: []string{"refuse-change"}, want: all.but("PIN_REFUSED", doChange...)},
	{title: "the card takes the new PIN, and says memory failure, no precise diagnosis, a warning, tries left, half a word or nonsense", faults: answersToChange(""),
		want: all.but("CARD_FAULT (pin-may-be-changed)", doChange...)},
	{title: "the card does not take the new PIN, and says the same", faults: answersToChange("refuse-change,"),
		want: all.but("CARD_FAULT (pin-may-be-changed)", doChange...)},

	// While the citizen reads or types.
	{title: "the citizen cancels", conduct: conduct{meanwhile: meanwhileCancelled}, everyPrompt: true, withheld: allOf,
		want: none.but("CANCELLED", doAsking...), commandLine: none},
	{title: "the card is taken away meanwhile", conduct: conduct{meanwhile: meanwhileRemoved}, everyPrompt: true, withheld: allOf,
		want: none.but("CARD_LOST", doAsking...)},
	{title: "the card is taken away and put back meanwhile", conduct: conduct{meanwhile: meanwhileReinserted}, everyPrompt: true, withheld: allOf,
		want: none.but("CARD_LOST", doAsking...)},
	{title: "another card takes its place meanwhile", conduct: conduct{meanwhile: meanwhileSwapped}, everyPrompt: true, withheld: allOf,
		want: none.but("CARD_LOST", doAsking...)},
	{title: "another program spends a try meanwhile", conduct: conduct{meanwhile: meanwhileSpent}, everyPrompt: true, withheld: 1,
		want: none.but(ok, doAsking...), commandLine: none.but("CARD_LOST", doAsking...)},
	{title: "another program blocks the PIN meanwhile", conduct: conduct{meanwhile: meanwhileBlocked}, everyPrompt: true, withheld: allOf,
		want: none.but("PIN_BLOCKED", doAsking...)},
	{title: "another program resets the card meanwhile", faults: []string{"", "keep-on-reset"}, conduct: conduct{meanwhile: meanwhileReset}, everyPrompt: true,
		want: none.but(ok, doAsking...)},
	{title: "another program resets a smartphone meanwhile", faults: []string{"phone", "iphone,keep-on-reset"}, conduct: conduct{meanwhile: meanwhileReset}, everyPrompt: true,
		want: none.but(ok, doSigning...).but(ok, doLogIn...).but(ok, doCertificateSign, doChangeAuth, doChangeSign)},
}

// answersToChange are answers to a new PIN that do not tell what became of it.
func answersToChange(before string) []string {
	var faults []string
	for _, answer := range []string{"6581", "6f00", "6200", "63c2", "90", "4e617473"} {
		faults = append(faults, before+"change-answer="+answer)
	}
	return faults
}

func attributeFaults(words ...string) []string {
	faults := make([]string, len(words))
	for i, word := range words {
		faults[i] = "attributes=" + word
	}
	return faults
}
