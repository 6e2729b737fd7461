package protocol

import (
	"fmt"
	"maps"
	"slices"
)

// A Code names one way to fail. The list is closed and append only; docs/protocol.md gives each
// code's cause, and testdata/codes.json holds the table that the extension's tests read too.
type Code string

// The codes that the host itself reports.
const (
	Internal               Code = "INTERNAL"
	InvalidRequest         Code = "INVALID_REQUEST"
	Busy                   Code = "BUSY"
	VersionMismatch        Code = "VERSION_MISMATCH"
	NoService              Code = "NO_SERVICE"
	NoReader               Code = "NO_READER"
	NoCard                 Code = "NO_CARD"
	NotJPKI                Code = "NOT_JPKI"
	PINWrong               Code = "PIN_WRONG"
	PINBlocked             Code = "PIN_BLOCKED"
	Cancelled              Code = "CANCELLED"
	Timeout                Code = "TIMEOUT"
	CertificateAbsent      Code = "CERTIFICATE_ABSENT"
	CertificateExpired     Code = "CERTIFICATE_EXPIRED"
	CertificateNotYetValid Code = "CERTIFICATE_NOT_YET_VALID"
	VerificationFailed     Code = "VERIFICATION_FAILED"
	PINMalformed           Code = "PIN_MALFORMED"
	CardLost               Code = "CARD_LOST"
	LastTry                Code = "LAST_TRY"
	CardBusy               Code = "CARD_BUSY"
	CardFault              Code = "CARD_FAULT"
	KeyUnsupported         Code = "KEY_UNSUPPORTED"
	PromptUnavailable      Code = "PROMPT_UNAVAILABLE"
	FileFailed             Code = "FILE_FAILED"
	ApplicationAbsent      Code = "APPLICATION_ABSENT"
	PINRefused             Code = "PIN_REFUSED"
	DocumentRefused        Code = "DOCUMENT_REFUSED"
)

// exits maps every code of the host to the exit code of the command line.
var exits = map[Code]int{
	Internal: 1, CardBusy: 1, CardFault: 1, KeyUnsupported: 1, PromptUnavailable: 1, FileFailed: 1, Busy: 1, PINRefused: 1, DocumentRefused: 1, VersionMismatch: 1,
	InvalidRequest: 2,
	NoService:      3, NoReader: 3,
	NoCard:  4,
	NotJPKI: 5, ApplicationAbsent: 5,
	PINWrong:   6,
	PINBlocked: 7,
	Cancelled:  8, Timeout: 8,
	CertificateAbsent: 9, CertificateExpired: 9, CertificateNotYetValid: 9,
	VerificationFailed: 10,
	PINMalformed:       11,
	CardLost:           12,
	LastTry:            13,
}

// Codes returns every code that the host reports.
func Codes() []Code { return slices.Sorted(maps.Keys(exits)) }

// Exit returns the exit code that the command line ends with for c.
func (c Code) Exit() int {
	if exit, ok := exits[c]; ok {
		return exit
	}
	return 1
}

// An Error is a failure as it crosses the border to the extension or to the terminal. It never
// holds a secret.
type Error struct {
	Code Code `json:"code"`
	// Field is the path of the key that broke a rule, for InvalidRequest, or of the document, for DocumentRefused.
	Field string `json:"field,omitempty"`
	// TriesLeft is what the card says of the PIN concerned, where that matters.
	TriesLeft *int `json:"triesLeft,omitempty"`
	// PIN is the one that is blocked: which ways lead out depends on it. Set with PINBlocked.
	PIN PINName `json:"pin,omitempty"`
	// Reason is a closed word that tells causes of one code apart.
	Reason string `json:"reason,omitempty"`
	// Update is which of the two is too old, "extension" or "host". Set with VersionMismatch.
	Update string `json:"update,omitempty"`
	// Token is the kind of card that it happened with, as in ReaderStatus, or "". It stays in the host, for the
	// command line's remedies: a site need not know.
	Token string `json:"-"`

	cause error
}

// Fail returns an error of code c that wraps its cause, which may be nil.
func Fail(c Code, cause error) *Error { return &Error{Code: c, cause: cause} }

// Invalid returns the error for the key at path field.
func Invalid(field, rule string, args ...any) *Error {
	return &Error{Code: InvalidRequest, Field: field, cause: fmt.Errorf(rule, args...)}
}

// WithTries returns e with the number of tries that are left.
func (e *Error) WithTries(left int) *Error {
	e.TriesLeft = &left
	return e
}

func (e *Error) Error() string {
	text := string(e.Code)
	if e.Field != "" {
		text += " in " + e.Field
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.cause }
