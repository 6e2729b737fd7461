// Package timestamp asks for time stamps and checks them, as the Time-Stamp Protocol writes both (RFC
// 3161, RFC 5816): a query over a signature's value, the answer of a time-stamping authority (TSA), the
// token in it, and the token in the signature that it is about (CAdES-T, RFC 5126 §4.4.1).
//
// It reaches no network: queries and answers are bytes that others carry.
//
//	q, err := timestamp.NewQuery(crypto.SHA256, value, rand.Reader)
//	der, err := q.DER()                       // to the TSA, as application/timestamp-query
//	token, err := timestamp.ParseResponse(answer)
//	err = token.Answers(q)                    // it is about this, and new
//	err = token.Verify(roots, at)             // its TSA is to be trusted
//	message, err = timestamp.Attach(message, token)
package timestamp

import (
	"bytes"
	"crypto"
	_ "crypto/sha256" // for crypto.SHA256
	_ "crypto/sha512" // for crypto.SHA384 and crypto.SHA512
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/natsuin/natsuin/internal/signature/cms"
)

// Why something is refused. What package cms finds in a token is wrapped as well.
var (
	ErrMalformed = errors.New("not as RFC 3161 has it")
	ErrResponse  = fmt.Errorf("no answer of a time-stamping authority: %w", ErrMalformed)
	ErrTooLarge  = errors.New("it is too large")
	ErrHash      = errors.New("the hash algorithm is not SHA-256, SHA-384 or SHA-512")
	ErrImprint   = errors.New("the time stamp is about something else")
	ErrNonce     = errors.New("the time stamp answers another query")
	ErrPolicy    = errors.New("the time stamp is of another policy than asked for")
	ErrExtension = errors.New("a critical extension is not understood")
	ErrUsage     = errors.New("the certificate is not one for time stamps alone")
	ErrTime      = errors.New("the time does not fit")
	ErrUntrusted = errors.New("the certificate of the time-stamping authority is not trusted")
)

// imprints are the hash algorithms of queries and tokens (RFC 5754 §2).
var imprints = []struct {
	hash crypto.Hash
	oid  asn1.ObjectIdentifier
}{
	{crypto.SHA256, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}},
	{crypto.SHA384, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}},
	{crypto.SHA512, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}},
}

// An Imprint is what a time stamp is about.
type Imprint struct {
	Hash   crypto.Hash
	Digest []byte
}

// newImprint hashes content, which is read to its end.
func newImprint(hash crypto.Hash, content io.Reader) (Imprint, error) {
	if !slices.Contains([]crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512}, hash) {
		return Imprint{}, fmt.Errorf("%w: %v", ErrHash, hash)
	}
	h := hash.New()
	if _, err := io.Copy(h, content); err != nil {
		return Imprint{}, fmt.Errorf("read what is stamped: %w", err)
	}
	return Imprint{hash, h.Sum(nil)}, nil
}

func (i Imprint) equal(j Imprint) bool { return i.Hash == j.Hash && bytes.Equal(i.Digest, j.Digest) }

// messageImprint is MessageImprint (RFC 3161 §2.4.1).
type messageImprint struct {
	Algorithm pkix.AlgorithmIdentifier
	Digest    []byte
}

// encode leaves the parameters of the algorithm out (RFC 5754 §2).
func (i Imprint) encode() messageImprint {
	for _, known := range imprints {
		if known.hash == i.Hash {
			return messageImprint{pkix.AlgorithmIdentifier{Algorithm: known.oid}, i.Digest}
		}
	}
	return messageImprint{Digest: i.Digest}
}

func (m messageImprint) decode() (Imprint, error) {
	for _, known := range imprints {
		if !known.oid.Equal(m.Algorithm.Algorithm) {
			continue
		}
		if p := m.Algorithm.Parameters.FullBytes; len(p) > 0 && !bytes.Equal(p, asn1.NullBytes) || len(m.Digest) != known.hash.Size() {
			return Imprint{}, fmt.Errorf("%w: messageImprint", ErrMalformed)
		}
		return Imprint{known.hash, m.Digest}, nil
	}
	return Imprint{}, fmt.Errorf("%w: %v", ErrHash, m.Algorithm.Algorithm)
}

// decode reads exactly one value, of which every byte must be where DER puts it.
func decode(der []byte, into any, encoded func() ([]byte, error)) error {
	if len(der) > cms.MaxStructure {
		return ErrTooLarge
	}
	rest, err := asn1.Unmarshal(der, into)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	if again, err := encoded(); err != nil || len(rest) > 0 || !bytes.Equal(again, der) {
		return fmt.Errorf("%w: not in DER", ErrMalformed)
	}
	return nil
}

// Attach returns the message with the token at the signer whose signature it is about, in DER. Where
// none of the signers is meant it fails with ErrImprint. Neither signatures nor token are verified.
func Attach(message []byte, t *Token) ([]byte, error) {
	signers, err := cms.SignerInfos(bytes.NewReader(message))
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(signers, func(s cms.SignerInfo) bool { return t.Covers(s.Value) == nil })
	if i < 0 {
		return nil, ErrImprint
	}
	return cms.AttachTimestamp(message, i, t.Raw)
}
