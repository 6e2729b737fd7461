// Package pdf signs PDF files by an incremental update that leaves every byte of theirs alone, checks
// signed ones, and holds them against the rules of a receiver (ISO 32000-1 §12.8, ETSI EN 319 142-1).
//
// What it knows of files stands in the package syntax below it, what it knows of CMS in the package cms
// beside it. docs/decisions/0006-pdf-reader.md tells why the reader is our own. Text is not drawn here:
// a visible seal is a ring and a picture that the caller gives.
package pdf

import (
	"crypto"
	"errors"
	"slices"

	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// Why a file is not signed. Each error of Prepare wraps one of these, or is that of reading.
var (
	ErrNotPDF    = syntax.ErrNotPDF
	ErrBroken    = syntax.ErrBroken
	ErrTooLarge  = syntax.ErrTooLarge
	ErrRevisions = syntax.ErrRevisions
	ErrEncrypted = syntax.ErrEncrypted

	ErrCertified = errors.New("the document is certified in a way that forbids this change")
	ErrLocked    = errors.New("an earlier signature locks the document's fields")
	ErrXFA       = errors.New("the document is an XFA form")
	ErrPage      = errors.New("the document has no such page")
	ErrSeal      = errors.New("the seal cannot be drawn")
	ErrBreaks    = errors.New("the update would break an earlier signature")
	ErrOptions   = errors.New("the profile does not allow this")
)

// Why Sign fails beside the errors of the package cms.
var (
	ErrPlaceholder = errors.New("the signature is larger than the place kept for it")
	ErrChanged     = errors.New("the file changed while it was read")
	ErrSpent       = errors.New("this update was signed already")
)

// A Profile is a kind of signature, as data.
type Profile struct {
	ID string
	// SubFilter says how /Contents is encoded (ISO 32000-1 §12.8.3.3, ETSI EN 319 142-1 §6.3).
	SubFilter syntax.Name
	// SigningTime and Bound say which signed attributes the CMS holds beside those of RFC 5652.
	SigningTime, Bound bool
	// NameRequired tells that /Name must not be absent.
	NameRequired bool
	// Hashes are the digests that may be used, the usual one first.
	Hashes []crypto.Hash
}

// The profiles. MOJ is what 登記・供託オンライン申請 publishes: PKCS#7 with its keys, SHA-256 as in
// every accepted file that is known. PAdES is baseline level B-B: the time stands in /M alone.
var (
	MOJ   = Profile{ID: "moj", SubFilter: detachedPKCS7, SigningTime: true, NameRequired: true, Hashes: []crypto.Hash{crypto.SHA256}}
	PAdES = Profile{ID: "pades", SubFilter: detachedCAdES, Bound: true, Hashes: []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512}}
)

// Profiles lists them.
func Profiles() []Profile { return []Profile{MOJ, PAdES} }

// Values of /SubFilter.
const (
	detachedPKCS7 = syntax.Name("adbe.pkcs7.detached")
	detachedCAdES = syntax.Name("ETSI.CAdES.detached")
	timeStamp     = syntax.Name("ETSI.RFC3161")
)

func (p Profile) allows(hash crypto.Hash) bool { return slices.Contains(p.Hashes, hash) }
