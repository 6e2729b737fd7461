package protocol

import "crypto"

// A Hash is a hash function by the name that WebCrypto gives it.
type Hash string

// The hash functions a document's digest may have been made with.
const (
	SHA256 Hash = "SHA-256"
	SHA384 Hash = "SHA-384"
	SHA512 Hash = "SHA-512"
)

// Crypto returns Go's identifier of h; h is one of the constants.
func (h Hash) Crypto() crypto.Hash {
	switch h {
	case SHA384:
		return crypto.SHA384
	case SHA512:
		return crypto.SHA512
	}
	return crypto.SHA256
}

// Algorithm returns the JWS name of RSASSA-PKCS1-v1_5 with h (RFC 7518 §3.3).
func (h Hash) Algorithm() string {
	return "RS" + string(h[len(h)-3:])
}
