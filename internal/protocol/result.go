package protocol

import (
	"slices"
	"time"

	"github.com/natsuin/natsuin/internal/rules"
	"github.com/natsuin/natsuin/verify"
)

// CardStatus is the result of status: what can be said without a PIN and without spending a try.
type CardStatus struct {
	Readers []ReaderStatus `json:"readers"`
}

// Answered reports whether some card could be asked.
func (s *CardStatus) Answered() bool {
	return slices.ContainsFunc(s.Readers, func(r ReaderStatus) bool { return r.Card && r.Error == nil })
}

// ReaderStatus is one reader and the card in it.
type ReaderStatus struct {
	Name   string `json:"name"`
	Card   bool   `json:"card"`
	Token  string `json:"token,omitempty"` // "card", "juki-card", "android", "iphone" or "unknown"
	Label  string `json:"label,omitempty"` // the token's own label
	PINPad bool   `json:"pinPad,omitempty"`
	// Authentication and Signature are nil where the card could not be asked, and CardSurface also where
	// the token has no 券面事項入力補助AP.
	Authentication *SlotStatus `json:"authentication,omitempty"`
	Signature      *SlotStatus `json:"signature,omitempty"`
	CardSurface    *PINStatus  `json:"cardSurface,omitempty"`
	Error          *Error      `json:"error,omitempty"`
}

// PINStatus is what is left of one PIN's tries.
type PINStatus struct {
	TriesLeft int `json:"triesLeft"`
	MaxTries  int `json:"maxTries"`
}

// SlotStatus is a slot's PIN and what can be said of its certificate without the PIN.
type SlotStatus struct {
	PINStatus
	Present   string          `json:"present"` // "yes", "no" or "unknown"
	NotBefore *time.Time      `json:"notBefore,omitempty"`
	NotAfter  *time.Time      `json:"notAfter,omitempty"`
	Issuer    string          `json:"issuer,omitempty"` // "j-lis", "not-shipped" or "foreign"
	Standing  *rules.Standing `json:"standing,omitempty"`
}

// Signed is the result of sign; the signatures came before it.
type Signed struct {
	Certificate []byte `json:"certificate"`
	Algorithm   string `json:"algorithm"`
	Issuer      string `json:"issuer"`
}

// CertificateDetails is the result of certificate.
type CertificateDetails struct {
	Slot      PINName        `json:"slot"`
	Issuer    string         `json:"issuer"` // as in SlotStatus
	Serial    string         `json:"serial"` // hexadecimal
	NotBefore time.Time      `json:"notBefore"`
	NotAfter  time.Time      `json:"notAfter"`
	Standing  rules.Standing `json:"standing"`
	// Token is the kind of card that it is on, as in ReaderStatus. It stays in the host, as that of an Error does.
	Token string `json:"-"`
	// Attributes are nil for the authentication certificate, which has none.
	Attributes *FourAttributes `json:"attributes,omitempty"`
}

// FourAttributes are the 基本4情報.
type FourAttributes struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	// BirthDate is YYYY-MM-DD, with zeros for what the register does not know.
	BirthDate string `json:"birthDate"`
	Sex       string `json:"sex"` // "male", "female", "not-applicable", "unknown" or "other"
	SexCode   string `json:"sexCode"`
	// Substitutes names the attributes in which the certificate has other characters than the register:
	// "name", "address".
	Substitutes []string `json:"substitutes,omitempty"`
}

// AttributesResult is the result of attributes.
type AttributesResult struct {
	Attributes FourAttributes `json:"attributes"`
	// Certificate holds those of the signature certificate, and Differences the keys in which the two
	// differ; all three are absent without compare.
	Certificate *FourAttributes `json:"certificate,omitempty"`
	Differences *[]string       `json:"differences,omitempty"`
	// SignatureCertificate is what else is to be said of it; its own Attributes are nil.
	SignatureCertificate *CertificateDetails `json:"signatureCertificate,omitempty"`
}

// PINChanged is the result of change-pin.
type PINChanged struct {
	PIN PINName `json:"pin"`
	PINStatus
}

// DeskList is the result of desks.
type DeskList struct {
	Desks []rules.Desk `json:"desks"`
}

// Verified is the result of verify: what was found in the file, or why nothing can be said of it.
type Verified struct {
	Document *verify.Document `json:"document,omitempty"`
	// Entry is the path in a zip archive of the one file in it that was checked, "" of a file that is no archive.
	Entry string `json:"entry,omitempty"`
	// UnsignedFiles are the others in the archive that no signature that passed signs.
	UnsignedFiles []string `json:"unsignedFiles,omitempty"`
	// Service holds the document against the rules of the service that it is made for, nil for none.
	Service *verify.ConformanceReport `json:"service,omitempty"`
	Refusal *Unjudged                 `json:"refusal,omitempty"`
	// Words are texts in the language of the request for the words in the result, by kind: "rule/issuer".
	Words map[string]string `json:"words"`
}

// Unjudged is why a file cannot be judged at all.
type Unjudged struct {
	Reason verify.Reason `json:"reason"`
	Detail string        `json:"detail,omitempty"` // English, for people
}

// PortalLoggedIn is the result of portal-login.
type PortalLoggedIn struct {
	Signature   []byte `json:"signature"`
	Certificate []byte `json:"certificate"` // DER
}

// PortalSigned is the result of portal-sign: the signatures in the order of the request.
type PortalSigned struct {
	Signatures      [][]byte `json:"signatures"`
	Certificate     []byte   `json:"certificate"`
	CombinationCode string   `json:"combinationCode,omitempty"` // hexadecimal, where it was asked for
}

// PortalDisclosed is the result of portal-attributes: the 基本4情報 as the card has them.
type PortalDisclosed struct {
	Name            string `json:"name"`
	Sex             string `json:"sex"` // a code of JIS X 0303, as a digit
	Address         string `json:"address"`
	Birthday        string `json:"birthday"` // YYYYMMDD
	CombinationCode string `json:"combinationCode,omitempty"`
}
