package timestamp

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"fmt"
	"io"
	"math/big"
)

// A Query is a TimeStampReq (RFC 3161 §2.4.1) that asks for the TSA's certificate too.
type Query struct {
	Imprint Imprint
	// Policy is the one that the TSA shall follow, nil for its own choice.
	Policy asn1.ObjectIdentifier
	// Nonce is what makes the query one of its kind, nil for none.
	Nonce *big.Int
}

// nonceSize is the length of a nonce in bytes, which cannot be guessed and does not repeat itself.
const nonceSize = 8

// NewQuery asks for a time stamp over data, such as a signature's value (cms.SignerInfo), with a nonce
// of 64 bits from random.
func NewQuery(hash crypto.Hash, data []byte, random io.Reader) (*Query, error) {
	imprint, err := newImprint(hash, bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, nonceSize)
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, fmt.Errorf("nonce: %w", err)
	}
	return &Query{Imprint: imprint, Nonce: new(big.Int).SetBytes(nonce)}, nil
}

// request is TimeStampReq.
type request struct {
	Version     int
	Imprint     messageImprint
	Policy      asn1.ObjectIdentifier `asn1:"optional"`
	Nonce       *big.Int              `asn1:"optional"`
	Certificate bool                  `asn1:"optional"`
	Extensions  asn1.RawValue         `asn1:"optional,tag:0"`
}

// DER returns the query as a TSA reads it.
func (q *Query) DER() ([]byte, error) {
	der, err := asn1.Marshal(request{Version: 1, Imprint: q.Imprint.encode(), Policy: q.Policy, Nonce: q.Nonce, Certificate: true})
	if err != nil {
		return nil, fmt.Errorf("encode query: %w", err)
	}
	return der, nil
}

// ParseQuery reads a query in DER. One that has extensions, or does not ask for the certificate, is
// none of ours and is refused: the token could not be checked by itself.
func ParseQuery(der []byte) (*Query, error) {
	var r request
	if err := decode(der, &r, func() ([]byte, error) { return asn1.Marshal(r) }); err != nil {
		return nil, err
	}
	if r.Version != 1 || !r.Certificate || len(r.Extensions.FullBytes) > 0 {
		return nil, fmt.Errorf("%w: a query of version %d without certificate or with extensions", ErrMalformed, r.Version)
	}
	imprint, err := r.Imprint.decode()
	if err != nil {
		return nil, err
	}
	return &Query{Imprint: imprint, Policy: r.Policy, Nonce: r.Nonce}, nil
}
