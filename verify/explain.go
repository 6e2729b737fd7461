package verify

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"math/big"
	"slices"
)

// explain says why a token's signature is not the one over this origin and challenge: because the
// certificate's key did not make it, or because the key made it for something else, and for what.
func (r *report) explain(key *rsa.PublicKey, signature []byte, o TokenOptions) *Refusal {
	signed := signedDigest(key, signature)
	if signed == nil {
		return r.fail(RuleSignature, SignatureInvalid, errors.New("the certificate's key did not make the signature"))
	}
	r.pass(RuleSignature, "RS256")

	isFor := func(origin, challenge string) bool {
		digest := sha256.Sum256(SignedValue(origin, challenge))
		return bytes.Equal(digest[:], signed)
	}
	if slices.ContainsFunc(o.OtherOrigins, func(origin string) bool { return isFor(origin, o.Challenge) }) {
		return r.fail(RuleOriginAndChallenge, OriginMismatch, errors.New("the challenge was signed for another origin"))
	}
	if o.OtherChallenges != nil {
		for challenge := range o.OtherChallenges {
			if isFor(o.Origin, challenge) {
				return r.fail(RuleOriginAndChallenge, ChallengeMismatch, errors.New("another challenge was signed"))
			}
		}
	}
	return r.fail(RuleOriginAndChallenge, OriginOrChallengeMismatch,
		errors.New("what was signed is another origin, another challenge or both"))
}

// digestInfo is the DER of a DigestInfo for SHA-256 up to the digest itself (RFC 8017 §9.2 note 1).
var digestInfo = []byte{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}

// signedDigest applies the public key to a signature and returns the SHA-256 in it, or nil when what
// comes out is not the encoding that RSASSA-PKCS1-v1_5 signs (RFC 8017 §8.2.2, §9.2). Only the holder
// of the private key can make a value for which it is. It decides nothing: crypto/rsa has refused
// the signature before.
func signedDigest(key *rsa.PublicKey, signature []byte) []byte {
	s := new(big.Int).SetBytes(signature)
	if len(signature) != key.Size() || s.Cmp(key.N) >= 0 {
		return nil
	}
	encoded := s.Exp(s, big.NewInt(int64(key.E)), key.N).FillBytes(make([]byte, key.Size()))

	split := len(encoded) - sha256.Size
	padding := bytes.Repeat([]byte{0xff}, split-len(digestInfo)-3)
	if !bytes.Equal(encoded[:split], slices.Concat([]byte{0, 1}, padding, []byte{0}, digestInfo)) {
		return nil
	}
	return encoded[split:]
}
