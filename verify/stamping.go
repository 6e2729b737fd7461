package verify

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/natsuin/natsuin/internal/signature/timestamp"
)

// The reasons of TimeStampQuery and AttachTimeStamp alone.
const (
	// TimeStampUnsupported: no time stamp is put into such a file: XML, or a message whose signers are not in DER.
	TimeStampUnsupported Reason = "TIME_STAMP_UNSUPPORTED"
	// SignatureCovered: a later signature of the PDF covers the place of the time stamp.
	SignatureCovered Reason = "SIGNATURE_COVERED"
	// SignatureRoom: the place of the signature in the PDF is too short for the time stamp.
	SignatureRoom Reason = "SIGNATURE_ROOM"
	// TimeStampQueryMalformed: the query is none, or does not ask for the authority's certificate.
	TimeStampQueryMalformed Reason = "TIME_STAMP_QUERY_MALFORMED"
	// TimeStampResponseMalformed: the response is none: a web page about an error, for example.
	TimeStampResponseMalformed Reason = "TIME_STAMP_RESPONSE_MALFORMED"
	// TimeStampUntrusted: the authority's certificate does not come from one of the roots that were given.
	TimeStampUntrusted Reason = "TIME_STAMP_UNTRUSTED"
	// TimeStampRejected: the authority answered that it made no time stamp.
	TimeStampRejected Reason = "TIME_STAMP_REJECTED"
	// TimeStampMismatch: the time stamp answers another query, or is about no signature of the file.
	TimeStampMismatch Reason = "TIME_STAMP_MISMATCH"
	// TimeStampPresent: the signature has this very time stamp.
	TimeStampPresent Reason = "TIME_STAMP_PRESENT"
)

// What a TimeStampRequest can have wrong.
var (
	ErrTimeStampHash   = errors.New("the hash is not SHA-256, SHA-384 or SHA-512")
	ErrTimeStampPolicy = errors.New("the policy is no object identifier in dotted form")
)

// A WhichSignatureError is a TimeStampRequest's that names no signature of the file.
type WhichSignatureError struct {
	// Number is the one that was asked for, 0 where none was and there are several to choose from.
	Number int
	// Signatures is how many the file has.
	Signatures int
}

func (e *WhichSignatureError) Error() string {
	if e.Number == 0 {
		return fmt.Sprintf("which of the %d signatures? give its number", e.Signatures)
	}
	return fmt.Sprintf("there is no signature %d: the file has %d", e.Number, e.Signatures)
}

// A TimeStampRequest says what an authority shall be asked.
type TimeStampRequest struct {
	// Signature is the number of the signature to be stamped, from 1 up in the order of Document.Signatures.
	// Zero is the only one of a message, and of a PDF the last one that is not a time stamp.
	Signature int
	// Hash is SHA-256, SHA-384 or SHA-512; 0 is SHA-256.
	Hash crypto.Hash
	// Policy is the one that the authority shall follow, in dotted form; "" leaves it to the authority.
	Policy string
}

// TimeStampQuery returns a query (RFC 3161 §2.4.1, in DER) over one signature of a file in CMS or PDF, for an
// HTTP client to post to a time-stamping authority as application/timestamp-query. Its answer is for
// AttachTimeStamp, with the query. Each query is one of its kind, by a random number.
//
// An error is a *Refusal for what is wrong with the file, a *WhichSignatureError or one of those above for the request,
// or that of reading the file. A signature in CMS is not verified, that of a PDF is.
func TimeStampQuery(file io.ReaderAt, size int64, r TimeStampRequest) ([]byte, error) {
	f, err := openStampable(file, size)
	if err != nil {
		return nil, err
	}
	s, err := f.choose(r.Signature)
	if err != nil {
		return nil, err
	}
	hash := r.Hash
	if hash == 0 {
		hash = crypto.SHA256
	}
	query, err := timestamp.NewQuery(hash, s.value, rand.Reader)
	if errors.Is(err, timestamp.ErrHash) {
		return nil, fmt.Errorf("%w: %v", ErrTimeStampHash, hash)
	}
	if err != nil {
		return nil, err
	}
	if r.Policy != "" {
		if query.Policy, err = parsePolicy(r.Policy); err != nil {
			return nil, err
		}
	}
	return query.DER()
}

// parsePolicy reads an object identifier in dotted form that can be written in DER (X.690 §8.19).
func parsePolicy(dotted string) (asn1.ObjectIdentifier, error) {
	var oid asn1.ObjectIdentifier
	for arc := range strings.SplitSeq(dotted, ".") {
		n, err := strconv.ParseUint(arc, 10, 31)
		if err != nil || len(arc) > 1 && arc[0] == '0' {
			return nil, fmt.Errorf("%w: %q", ErrTimeStampPolicy, dotted)
		}
		oid = append(oid, int(n))
	}
	if _, err := asn1.Marshal(oid); err != nil {
		return nil, fmt.Errorf("%w: %q", ErrTimeStampPolicy, dotted)
	}
	return oid, nil
}

// A TimeStampAnswer is what an authority answered, and how it is to be judged.
type TimeStampAnswer struct {
	// Query is that of TimeStampQuery, and Response what the authority answered to it, both in DER.
	Query, Response []byte
	// Roots are those of the authorities that are believed. With nil it is checked that the answer is right and
	// its certificate one for time stamps, and not whose it is.
	Roots *x509.CertPool
	// At is the time before which the time stamp must have been made, and for Roots that at which certificates
	// must be valid. The zero time is now.
	At time.Time
}

// A Stamped is a file whose signature got a time stamp: CAdES-T, or PAdES B-T.
type Stamped struct {
	// Signature is the number of the signature in the file that was given, and Written its number in the one that
	// is written: DER sorts the signers of a message (X.690 §11.6), so that the time stamp may change the order.
	Signature, Written int
	// TimeStamp says what the authority says. Its Outcome is NotChecked where no Roots were given.
	TimeStamp TimeStamp

	write func(io.Writer) error
}

// AttachTimeStamp checks the answer of an authority and returns the file with the time stamp at the signature
// that it is about. The file must not change until the result is written. Of a PDF nothing changes but what
// stands in the signature's place; a message comes out in DER, without armour, whatever the size of its content.
//
// Nothing is attached that does not answer the query, is not correct, not about a signature of this file or not by
// a certificate for time stamps alone. An error is a *Refusal, or that of reading the file.
func AttachTimeStamp(file io.ReaderAt, size int64, a TimeStampAnswer) (*Stamped, error) {
	token, err := a.token()
	if err != nil {
		return nil, err
	}
	f, err := openStampable(file, size)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(f.signatures, func(s stampableSignature) bool { return token.Covers(s.value) == nil })
	if i < 0 {
		return nil, refuseStamp(TimeStampMismatch, errors.New("the time stamp is about no signature of this file"))
	}
	s := f.signatures[i]
	if s.err != nil {
		return nil, s.err
	}
	if holds(s.stamps, token) {
		return nil, refuseStamp(TimeStampPresent, errors.New("the signature has this time stamp"))
	}
	stamped := &Stamped{Signature: i + 1, TimeStamp: describeToken(token)}
	if a.Roots == nil {
		stamped.TimeStamp.Outcome, stamped.TimeStamp.Detail = NotChecked, "no roots of time-stamping authorities were given"
	}
	stamped.Written, stamped.write, err = f.attach(i, token)
	return stamped, err
}

// WriteTo writes the whole file. An error may come after bytes were written, which must then be thrown away.
func (s *Stamped) WriteTo(w io.Writer) (int64, error) {
	counting := &countingWriter{w: w}
	err := s.write(counting)
	return counting.n, err
}

// token returns the token of the answer when everything about it is right that does not need the file.
func (a TimeStampAnswer) token() (*timestamp.Token, error) {
	query, err := timestamp.ParseQuery(a.Query)
	if err != nil {
		return nil, refuseStamp(TimeStampQueryMalformed, err)
	}
	token, err := timestamp.ParseResponse(a.Response)
	var rejection *timestamp.Rejection
	switch {
	case errors.As(err, &rejection):
		return nil, refuseStamp(TimeStampRejected, err)
	case errors.Is(err, timestamp.ErrResponse):
		return nil, refuseStamp(TimeStampResponseMalformed, err)
	case err != nil:
		return nil, refuseStamp(TimeStampInvalid, err)
	}
	if err := token.Answers(query); err != nil {
		return nil, refuseStamp(TimeStampMismatch, err)
	}
	if a.Roots == nil {
		err = token.CheckCertificate(timeOr(a.At))
	} else {
		err = token.Verify(a.Roots, timeOr(a.At))
	}
	switch {
	case errors.Is(err, timestamp.ErrUntrusted):
		return nil, refuseStamp(TimeStampUntrusted, err)
	case err != nil:
		return nil, refuseStamp(TimeStampInvalid, err)
	}
	return token, nil
}

// refuseStamp refuses a time stamp, or a file as the place for one.
func refuseStamp(reason Reason, cause error) *Refusal {
	var r report
	return r.fail(RuleTimeStamp, reason, cause)
}

// countingWriter counts what it passes on.
type countingWriter struct {
	w io.Writer
	n int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
