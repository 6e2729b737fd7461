package timestamp

import (
	"encoding/asn1"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Rejection is the answer of a TSA that made no time stamp (RFC 3161 §2.4.2).
type Rejection struct {
	// Status is 2 for rejection, 3 for waiting, 4 for a revocation that is near and 5 for one that was.
	Status int
	// Text is what the TSA says, as it says it: it can be anything.
	Text []string
	// Failures are the reasons it names, as RFC 3161 calls them.
	Failures []string
}

// Error quotes the beginning of what the TSA says.
func (r *Rejection) Error() string {
	return fmt.Sprintf("the time-stamping authority refused: status %d, %s, %.200q", r.Status, strings.Join(r.Failures, " "), strings.Join(r.Text, " "))
}

// failures names the bits of PKIFailureInfo.
var failures = []struct {
	bit  int
	name string
}{
	{0, "badAlg"}, {2, "badRequest"}, {5, "badDataFormat"}, {14, "timeNotAvailable"}, {15, "unacceptedPolicy"},
	{16, "unacceptedExtension"}, {17, "addInfoNotAvailable"}, {25, "systemFailure"},
}

// response is TimeStampResp. Token is a ContentInfo.
type response struct {
	Status statusInfo
	Token  asn1.RawValue `asn1:"optional"`
}

// statusInfo is PKIStatusInfo. Text is of UTF8Strings.
type statusInfo struct {
	Status  int
	Text    []asn1.RawValue `asn1:"optional"`
	Failure asn1.BitString  `asn1:"optional"`
}

// grantedWithMods is the last status of those with a token. What was modified shows when the token is
// held against the query.
const grantedWithMods = 1

// ParseResponse reads the answer of a TSA in DER and returns its token as ParseToken does, or a
// *Rejection. What is no answer at all is ErrResponse.
func ParseResponse(der []byte) (*Token, error) {
	var r response
	switch err := decode(der, &r, func() ([]byte, error) { return asn1.Marshal(r) }); {
	case errors.Is(err, ErrTooLarge):
		return nil, fmt.Errorf("%w: %w", ErrResponse, err)
	case err != nil: // its beginning tells more than ASN.1 does: it may be a web page
		return nil, fmt.Errorf("%w: it begins with %.20q", ErrResponse, der)
	}
	granted := r.Status.Status >= 0 && r.Status.Status <= grantedWithMods
	if granted != (len(r.Token.FullBytes) > 0) {
		return nil, fmt.Errorf("%w: status %d and the token do not go together", ErrResponse, r.Status.Status)
	}
	if granted {
		return ParseToken(r.Token.FullBytes)
	}
	rejection := &Rejection{Status: r.Status.Status}
	for _, text := range r.Status.Text {
		if text.Class != asn1.ClassUniversal || text.Tag != asn1.TagUTF8String || !utf8.Valid(text.Bytes) {
			return nil, fmt.Errorf("%w: statusString", ErrResponse)
		}
		rejection.Text = append(rejection.Text, string(text.Bytes))
	}
	for _, f := range failures {
		if r.Status.Failure.At(f.bit) == 1 {
			rejection.Failures = append(rejection.Failures, f.name)
		}
	}
	return nil, rejection
}
