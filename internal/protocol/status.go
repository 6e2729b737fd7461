package protocol

import "time"

// CardStatus is the result of status: what can be said without a PIN and without spending a try.
type CardStatus struct {
	Readers []ReaderStatus `json:"readers"`
}

// ReaderStatus is one reader and the card in it.
type ReaderStatus struct {
	Name  string `json:"name"`
	Card  bool   `json:"card"`
	Token string `json:"token,omitempty"` // "card", "juki-card", "android", "iphone" or "unknown"
	Label string `json:"label,omitempty"` // the token's own label
	// Authentication and Signature are nil where the card could not be asked.
	Authentication *PINStatus `json:"authentication,omitempty"`
	Signature      *PINStatus `json:"signature,omitempty"`
	Error          *Error     `json:"error,omitempty"`
}

// PINStatus is one PIN and, where it can be read without a PIN, the certificate behind it.
type PINStatus struct {
	TriesLeft int        `json:"triesLeft"`
	MaxTries  int        `json:"maxTries"`
	NotBefore *time.Time `json:"notBefore,omitempty"`
	NotAfter  *time.Time `json:"notAfter,omitempty"`
	Issuer    string     `json:"issuer,omitempty"` // "j-lis", "not-shipped" or "foreign"
}
