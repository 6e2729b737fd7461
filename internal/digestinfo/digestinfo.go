// Package digestinfo reads what a government page wants signed as it stands: a DigestInfo (RFC 8017 §9.2), which
// the card would pad and sign without a look at it. Whatever is not exactly one of a closed list of forms is refused,
// so that no page has the card sign bytes of its own making (efiling-pages.md §1.6).
package digestinfo

import (
	"bytes"
	"crypto"
	"fmt"
)

// headers holds what stands before the digest in a DER DigestInfo with NULL parameters, by hash (RFC 8017 §9.2, note 1).
var headers = map[crypto.Hash][]byte{
	crypto.SHA1:   {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A, 0x05, 0x00, 0x04, 0x14},
	crypto.SHA256: {0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20},
	crypto.SHA384: {0x30, 0x41, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30},
	crypto.SHA512: {0x30, 0x51, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40},
}

// A Policy says what is taken beside a DigestInfo of SHA-256, SHA-384 or SHA-512. The zero value is nothing.
type Policy struct {
	Bare bool // 32, 48 or 64 bytes without an algorithm: what comes of them is no RSASSA-PKCS1-v1_5 signature
	SHA1 bool // a DigestInfo of SHA-1
}

// A Value is what a card may be given to sign: a digest, and the hash function that its DigestInfo names. The zero
// Value is none.
type Value struct {
	hash   crypto.Hash // 0 for a bare digest
	digest []byte
}

// New returns the Value for a digest that was made with SHA-256, SHA-384 or SHA-512 here.
func New(hash crypto.Hash, digest []byte) (Value, error) {
	switch _, known := headers[hash]; {
	case !known || hash == crypto.SHA1:
		return Value{}, fmt.Errorf("hash %v is not supported", hash)
	case len(digest) != hash.Size():
		return Value{}, fmt.Errorf("a digest of %d bytes is not %v", len(digest), hash)
	}
	return Value{hash, bytes.Clone(digest)}, nil
}

// Parse reads what is to be signed: a DigestInfo in DER with NULL parameters and nothing behind it, or, where the policy
// has it, a bare digest. Its error says what the bytes are instead, and holds none of them.
func Parse(b []byte, p Policy) (Value, error) {
	for hash, header := range headers {
		digest, found := bytes.CutPrefix(b, header)
		switch {
		case !found:
		case hash == crypto.SHA1 && !p.SHA1:
			return Value{}, fmt.Errorf("a DigestInfo of SHA-1, which is not allowed")
		case len(digest) != hash.Size():
			return Value{}, fmt.Errorf("a DigestInfo of %v with %d bytes where %d belong", hash, len(digest), hash.Size())
		default:
			return Value{hash, bytes.Clone(digest)}, nil
		}
	}
	switch len(b) {
	case crypto.SHA256.Size(), crypto.SHA384.Size(), crypto.SHA512.Size():
		if p.Bare {
			return Value{digest: bytes.Clone(b)}, nil
		}
		return Value{}, fmt.Errorf("%d bytes without the name of a hash function, which are not allowed", len(b))
	}
	return Value{}, fmt.Errorf("%d bytes that are no DigestInfo", len(b))
}

// Bytes returns what the card is given: the very bytes that Parse read.
func (v Value) Bytes() []byte { return append(bytes.Clone(headers[v.hash]), v.digest...) }

// Hash returns the hash function that the DigestInfo names, or 0 for a bare digest.
func (v Value) Hash() crypto.Hash { return v.hash }

// Digest returns the digest alone.
func (v Value) Digest() []byte { return bytes.Clone(v.digest) }
