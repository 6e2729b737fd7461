// Package cms makes and checks signed documents in the Cryptographic Message Syntax (RFC 5652): RSA
// with SHA-2, detached or with the content inside, with the signed attributes of CAdES-BES
// (contentType, messageDigest, signingTime, signing-certificate-v2).
//
// Messages are written by an encoder of our own, because a document is signed by its digest alone,
// and read with github.com/digitorus/pkcs7; docs/decisions/0002-cms-encoder.md tells why. Every
// message is read back and checked before Sign returns it. What other makers write, BER included, is read
// by VerifyForeign and Inspect.
//
// A message whose content is of any size is written by Enclose and read by VerifyStream and Detach, in
// constant memory. AddSigner puts one more signer into a message, and AttachTimestamp a time stamp.
package cms

import (
	"crypto"
	"crypto/x509"
	"errors"
	"time"
)

// Limits of a message, in bytes.
const (
	// MaxStructure bounds everything in a message but its content.
	MaxStructure = 1 << 20
	// MaxContent bounds the content inside a message, which is held in memory several times over while
	// the message is made or checked whole. A detached document, and content that is streamed, have no
	// bound.
	MaxContent = 64 << 20
)

// Why a message is refused. Each error of Verify wraps one of these, or is that of reading the content.
var (
	ErrMalformed          = errors.New("not a CMS SignedData in DER")
	ErrTooLarge           = errors.New("the message is too large")
	ErrSigners            = errors.New("the message has not exactly one signer")
	ErrNoCertificate      = errors.New("the signer's certificate is not in the message")
	ErrAlgorithm          = errors.New("the signature algorithm is not RSA with SHA-2")
	ErrSignedAttributes   = errors.New("the signed attributes are not as required")
	ErrContentMissing     = errors.New("the signature is detached and its document was not given")
	ErrContentAttached    = errors.New("the document is in the message and was given as well")
	ErrContentType        = errors.New("the content types of the message and of the signature differ")
	ErrMessageDigest      = errors.New("the document is not the one that was signed")
	ErrSigningCertificate = errors.New("the signature is not bound to the signer's certificate")
	ErrSignature          = errors.New("the signature does not verify")
)

// Why Sign, and what adds to a message, refuses to begin.
var (
	ErrDocument    = errors.New("not the digest of the document")
	ErrRewritten   = errors.New("a signer or a certificate is not in DER, and cannot be copied as it is")
	ErrKeyMismatch = errors.New("the key is not the certificate's")
)

// A Document is what Sign signs.
type Document struct {
	// Digest is the SHA-256, SHA-384 or SHA-512 of the document: its length says which. The signature
	// is made with the same.
	Digest []byte
	// Content is the document itself where the message shall hold it, nil for a detached signature.
	Content []byte
}

// A Signature is what Verify found in a message whose signature is correct. Whether the certificate
// is to be trusted is not its business.
type Signature struct {
	Certificate *x509.Certificate
	// SigningTime is the time that the signer claims, the zero time when it claims none.
	SigningTime time.Time
	// Hash is the digest algorithm: SHA-256, SHA-384 or SHA-512.
	Hash crypto.Hash
	// Detached tells that the document was outside the message.
	Detached bool
	// Bound tells that a signing-certificate-v2 names the certificate.
	Bound bool
	// Content is the document inside the message, a slice of the message; nil when detached or streamed.
	Content []byte
	// Certificates are all that the message holds. Nothing binds those that are not the signer's.
	Certificates []*x509.Certificate
	// Value is the signature itself, which is what time stamps are about.
	Value []byte
	// Timestamps are the tokens of signature-time-stamp attributes (RFC 5126 §6.1.1), in DER and
	// unchecked: anybody can put them there.
	Timestamps [][]byte
}
