package verify

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"time"

	"github.com/natsuin/natsuin/internal/certificate"
)

// TokenFormat is the version of authentication tokens that Natsuin makes.
const TokenFormat = "web-eid:1.0"

// The length of a token in bytes, as Web eID's own libraries want it.
const (
	minToken = 100
	maxToken = 10_000
)

// A Token is a Web eID authentication token, version 1.0.
type Token struct {
	// UnverifiedCertificate is the DER of the authentication certificate in base64.
	UnverifiedCertificate string `json:"unverifiedCertificate"`
	// Algorithm is RS256: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
	Algorithm string `json:"algorithm"`
	// Signature is that of SignedValue, in base64.
	Signature string `json:"signature"`
	// Format is TokenFormat.
	Format string `json:"format"`
	// AppVersion names the program that made the token, and proves nothing.
	AppVersion string `json:"appVersion"`
}

// SignedValue returns the 64 bytes that a token's signature is made over: the SHA-256 of the origin
// and the SHA-256 of the challenge, both of the strings as they are. RS256 hashes them once more. None of this
// shows in the signature: a page that chooses what a card signs can choose the digest of such a value.
func SignedValue(origin, challenge string) []byte {
	o, c := sha256.Sum256([]byte(origin)), sha256.Sum256([]byte(challenge))
	return append(o[:], c[:]...)
}

// ParseToken decodes the JSON of a token of 100 to 10,000 bytes. Unknown keys are passed over, because
// later versions of the format add some; a key that occurs twice, or a value of another type than
// string, is refused. The error is a *Refusal.
func ParseToken(text []byte) (*Token, error) {
	var r report
	token, err := parseToken(text)
	if err != nil {
		return nil, r.fail(RuleToken, TokenMalformed, err)
	}
	return token, nil
}

func parseToken(text []byte) (*Token, error) {
	if len(text) < minToken || len(text) > maxToken {
		return nil, fmt.Errorf("a token has %d to %d bytes, not %d", minToken, maxToken, len(text))
	}
	var t Token
	fields := map[string]*string{
		"unverifiedCertificate": &t.UnverifiedCertificate,
		"algorithm":             &t.Algorithm,
		"signature":             &t.Signature,
		"format":                &t.Format,
		"appVersion":            &t.AppVersion,
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, errors.New("a token is a JSON object")
	}
	seen := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		name := key.(string) // an object's keys are strings, or Token fails
		if seen[name] {
			return nil, fmt.Errorf("%q occurs twice", name)
		}
		seen[name] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		field, known := fields[name]
		if !known {
			continue
		}
		if value[0] != '"' || json.Unmarshal(value, field) != nil {
			return nil, fmt.Errorf("%q is no string", name)
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows the token")
	}
	for _, name := range []string{"unverifiedCertificate", "algorithm", "signature", "format"} {
		if *fields[name] == "" {
			return nil, fmt.Errorf("%q is missing", name)
		}
	}
	return &t, nil
}

// TokenOptions says what a token must be for.
type TokenOptions struct {
	// Origin is this site's, as ValidOrigin wants it.
	Origin string
	// Challenge is the one that was issued for this login, as Challenges.Redeem returns it.
	Challenge string
	// At is the time to verify at. The zero time is now.
	At time.Time
	// Trust holds the roots. The zero value is J-LIS's.
	Trust Trust

	// OtherOrigins and OtherChallenges serve to say why a token is refused, and never make one
	// accepted. Origin and challenge are under one hash, so that a token made for others than the two
	// above shows only that it was; which of them differs can be told where the other value is among
	// these, and is OriginOrChallengeMismatch otherwise. Both may be nil. Challenges.All serves as
	// OtherChallenges.
	OtherOrigins    []string
	OtherChallenges iter.Seq[string]
}

// A Login is what a token proved.
type Login struct {
	// Certificate is the authentication certificate. Its subject is an opaque id and has no name; that
	// id and the serial number change when the certificate is renewed, so that neither can be the key
	// of a lasting account by itself.
	Certificate *x509.Certificate
	// Issuer is the root. With it a Revocation can be asked about the certificate, by whoever may.
	Issuer *x509.Certificate
	// Anchor is where the root comes from: "j-lis" or "added".
	Anchor string
	Checks []Check
}

// VerifyToken checks an authentication token. The error is a *Refusal, or else is about the options.
//
// A challenge must be used for one login only: take it with Challenges.Redeem before calling.
func VerifyToken(text []byte, o TokenOptions) (*Login, error) {
	if err := checkOptions(o); err != nil {
		return nil, err
	}
	var r report
	token, err := parseToken(text)
	if err != nil {
		return nil, r.fail(RuleToken, TokenMalformed, err)
	}
	if !version1.MatchString(token.Format) {
		return nil, r.fail(RuleToken, FormatUnsupported, fmt.Errorf("format %q", token.Format))
	}
	if token.Algorithm != "RS256" {
		return nil, r.fail(RuleToken, AlgorithmUnsupported, fmt.Errorf("algorithm %q", token.Algorithm))
	}
	der, err := strictBase64(token.UnverifiedCertificate)
	if err != nil {
		return nil, r.fail(RuleToken, TokenMalformed, fmt.Errorf("unverifiedCertificate: %w", err))
	}
	signature, err := strictBase64(token.Signature)
	if err != nil {
		return nil, r.fail(RuleToken, TokenMalformed, fmt.Errorf("signature: %w", err))
	}
	r.pass(RuleToken, token.Format)

	cert, anchor, err := r.checkCertificate(der, certificate.Authentication, timeOr(o.At), o.Trust)
	if err != nil {
		return nil, err
	}
	key := cert.X509.PublicKey.(*rsa.PublicKey) // certificate.Parse takes no other
	digest := sha256.Sum256(SignedValue(o.Origin, o.Challenge))
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) != nil {
		return nil, r.explain(key, signature, o)
	}
	r.pass(RuleSignature, token.Algorithm)
	r.pass(RuleOriginAndChallenge, o.Origin)
	r.revocation()
	return &Login{Certificate: cert.X509, Issuer: anchor.Certificate, Anchor: string(anchor.Origin), Checks: r}, nil
}

// checkOptions finds the mistakes that would refuse every token.
func checkOptions(o TokenOptions) error {
	if err := ValidOrigin(o.Origin); err != nil {
		return err
	}
	return ValidChallenge(o.Challenge)
}

// version1 is version 1 of the format and its minor versions, which add keys only. Nothing signs a
// token's format, and a result repeats it: no other text may pass.
var version1 = regexp.MustCompile(`^web-eid:1(\.[0-9]{1,4})?$`)
