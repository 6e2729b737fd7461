package timestamp

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/cms"
)

func TestParseToken(t *testing.T) {
	name := func(tag int, compound bool, inner []byte) asn1.RawValue {
		general := marshal(t, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, IsCompound: compound, Bytes: inner})
		return wrap(asn1.ClassContextSpecific, 0, general)
	}
	extension := func(critical bool) []pkix.Extension {
		return []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: critical, Value: []byte{5, 0}}}
	}
	for what, test := range map[string]struct {
		forge func(f *forgery)
		want  error
	}{
		"as it should be": {func(f *forgery) {}, nil},
		"everything that can be there": {func(f *forgery) {
			f.info.Time = generalized("20261123030000.125Z")
			f.info.Accuracy = accuracy{big.NewInt(0), big.NewInt(999), big.NewInt(1)}
			f.info.Ordering = true
			f.info.TSA = name(4, true, f.cert.RawSubject)
			f.info.Extensions = extension(false)
		}, nil},
		"TSA by another of its names":     {func(f *forgery) { f.info.TSA = name(2, false, []byte("tsa.example")) }, nil},
		"bound by SHA-1":                  {func(f *forgery) { f.bindSHA1(t, f.cert) }, nil},
		"parameters of the hash NULL":     {func(f *forgery) { f.info.Imprint.Algorithm.Parameters = asn1.NullRawValue }, nil},
		"of another version":              {func(f *forgery) { f.info.Version = 2 }, ErrMalformed},
		"imprint by SHA-1":                {func(f *forgery) { f.info.Imprint.Algorithm.Algorithm = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26} }, ErrHash},
		"imprint too short":               {func(f *forgery) { f.info.Imprint.Digest = make([]byte, 31) }, ErrMalformed},
		"imprint with parameters":         {func(f *forgery) { f.info.Imprint.Algorithm.Parameters = wrap(0, asn1.TagSequence) }, ErrMalformed},
		"time without seconds":            {func(f *forgery) { f.info.Time = generalized("202611230300Z") }, ErrMalformed},
		"time of a place":                 {func(f *forgery) { f.info.Time = generalized("20261123120000+0900") }, ErrMalformed},
		"time with zeros at the end":      {func(f *forgery) { f.info.Time = generalized("20261123030000.10Z") }, ErrMalformed},
		"time of two digits":              {func(f *forgery) { f.info.Time = asn1.RawValue{Tag: asn1.TagUTCTime, Bytes: []byte("261123030000Z")} }, ErrMalformed},
		"1000 milliseconds":               {func(f *forgery) { f.info.Accuracy.Millis = big.NewInt(1000) }, ErrMalformed},
		"0 microseconds":                  {func(f *forgery) { f.info.Accuracy.Micros = big.NewInt(0) }, ErrMalformed},
		"accuracy less than nothing":      {func(f *forgery) { f.info.Accuracy.Seconds = big.NewInt(-1) }, ErrMalformed},
		"accuracy of ages":                {func(f *forgery) { f.info.Accuracy.Seconds = new(big.Int).Lsh(big.NewInt(1), 70) }, ErrMalformed},
		"critical extension":              {func(f *forgery) { f.info.Extensions = extension(true) }, ErrExtension},
		"TSA by the issuer's name":        {func(f *forgery) { f.info.TSA = name(4, true, f.cert.RawIssuer) }, ErrMalformed},
		"something behind":                {func(f *forgery) { f.raw = append(marshal(t, f.info), 5, 0) }, ErrMalformed},
		"not in DER":                      {func(f *forgery) { f.raw = append([]byte{0x30, 0x81}, marshal(t, f.info)[1:]...) }, ErrMalformed},
		"false said":                      {func(f *forgery) { f.raw = withFalse(t, f.info) }, ErrMalformed},
		"no TSTInfo":                      {func(f *forgery) { f.raw = []byte("time") }, ErrMalformed},
		"of another type":                 {func(f *forgery) { f.contentType = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1} }, cms.ErrContentType},
		"without content":                 {func(f *forgery) { f.detached = true }, cms.ErrContentMissing},
		"no certificate":                  {func(f *forgery) { f.certs = nil }, cms.ErrNoCertificate},
		"certificate not bound":           {func(f *forgery) { f.binding = nil }, cms.ErrSigningCertificate},
		"bound to another":                {func(f *forgery) { f.binding = attribute(t, [][][][]byte{{{make([]byte, 32)}}}, 16, 2, 47) }, cms.ErrSigningCertificate},
		"bound to another by SHA-1":       {func(f *forgery) { f.bindSHA1(t, f.root) }, cms.ErrSigningCertificate},
		"bound by something else":         {func(f *forgery) { f.binding = attribute(t, 7, 16, 2, 12) }, cms.ErrSigningCertificate},
		"two signers":                     {func(f *forgery) { f.signers = 2 }, cms.ErrSigners},
		"no signer":                       {func(f *forgery) { f.signers = 0 }, cms.ErrSigners},
		"signed by another's key":         {func(f *forgery) { f.key = certtest.Key(t, "root") }, cms.ErrSignature},
		"certificates without the signer": {func(f *forgery) { f.certs = []*x509.Certificate{f.root} }, cms.ErrNoCertificate},
	} {
		t.Run(what, func(t *testing.T) {
			f := newForgery(t, newAuthority(t))
			test.forge(f)
			der := f.token(t)
			token, err := ParseToken(der)
			require.ErrorIs(t, err, test.want)
			if test.want != nil {
				return
			}
			require.Equal(t, der, token.Raw)
			require.Equal(t, f.cert.Raw, token.Certificate.Raw)
			require.Equal(t, f.info.Serial, token.Serial)
			require.NoError(t, token.Covers(value))
			require.NoError(t, token.Verify(f.pool(), token.Time))
			if f.info.Ordering {
				require.Equal(t, 999*time.Millisecond+time.Microsecond, token.Accuracy)
				require.Equal(t, certtest.Now.Add(125*time.Millisecond), token.Time)
				require.True(t, token.Ordering)
			}
		})
	}
	f := newForgery(t, newAuthority(t))
	_, err := ParseToken(append(f.token(t), 0))
	require.ErrorIs(t, err, cms.ErrMalformed)
	_, err = ParseToken(make([]byte, cms.MaxStructure+1))
	require.ErrorIs(t, err, ErrTooLarge)
}

// withFalse encodes the default of ordering, which DER leaves out.
func withFalse(t *testing.T, info tstInfo) []byte {
	return marshal(t, []any{info.Version, info.Policy, info.Imprint, info.Serial, info.Time, false, info.Nonce})
}

func TestAnswers(t *testing.T) {
	token, err := ParseToken(newForgery(t, newAuthority(t)).token(t))
	require.NoError(t, err)
	query := func(edit func(q *Query)) *Query {
		imprint, err := newImprint(crypto.SHA256, bytes.NewReader(value))
		require.NoError(t, err)
		q := &Query{Imprint: imprint, Nonce: big.NewInt(42)}
		edit(q)
		return q
	}
	for name, test := range map[string]struct {
		edit func(q *Query)
		want error
	}{
		"as asked":           {func(q *Query) {}, nil},
		"policy as asked":    {func(q *Query) { q.Policy = testPolicy }, nil},
		"another policy":     {func(q *Query) { q.Policy = otherPolicy }, ErrPolicy},
		"another nonce":      {func(q *Query) { q.Nonce = big.NewInt(43) }, ErrNonce},
		"no nonce asked for": {func(q *Query) { q.Nonce = nil }, ErrNonce},
		"another digest":     {func(q *Query) { q.Imprint.Digest = make([]byte, 32) }, ErrImprint},
		"another hash":       {func(q *Query) { q.Imprint.Hash = crypto.SHA512 }, ErrImprint},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, token.Answers(query(test.edit)), test.want)
		})
	}
	require.ErrorIs(t, token.Covers([]byte("another")), ErrImprint)
	token.Nonce = nil
	require.ErrorIs(t, token.Answers(query(func(q *Query) {})), ErrNonce)
	require.NoError(t, token.Answers(query(func(q *Query) { q.Nonce = nil })))
}

func TestVerify(t *testing.T) {
	at := certtest.Now
	for name, test := range map[string]struct {
		edit  func(c *x509.Certificate)
		forge func(f *forgery)
		at    time.Time
		want  error
	}{
		"as it should be":          {nil, nil, at, nil},
		"years later":              {nil, nil, at.AddDate(9, 0, 0), nil},
		"no key usage":             {func(c *x509.Certificate) { c.KeyUsage = 0 }, nil, at, nil},
		"earlier than stamped":     {nil, nil, at.Add(-time.Second), ErrTime},
		"earlier within accuracy":  {nil, func(f *forgery) { f.info.Accuracy.Seconds = big.NewInt(1) }, at.Add(-time.Second), nil},
		"usage not critical":       {func(c *x509.Certificate) { c.ExtraExtensions[0] = usage(t, false, 8) }, nil, at, ErrUsage},
		"usage for more":           {func(c *x509.Certificate) { c.ExtraExtensions[0] = usage(t, true, 8, 3) }, nil, at, ErrUsage},
		"usage for something new":  {func(c *x509.Certificate) { c.ExtraExtensions[0] = usage(t, true, 8, 99) }, nil, at, ErrUsage},
		"usage for code":           {func(c *x509.Certificate) { c.ExtraExtensions[0] = usage(t, true, 3) }, nil, at, ErrUsage},
		"no usage":                 {func(c *x509.Certificate) { c.ExtraExtensions = nil }, nil, at, ErrUsage},
		"key for certificates too": {func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageCertSign }, nil, at, ErrUsage},
		"expired when stamped":     {func(c *x509.Certificate) { c.NotAfter = at.Add(-time.Hour) }, nil, at, ErrTime},
		"not yet valid":            {func(c *x509.Certificate) { c.NotBefore = at.Add(time.Hour) }, nil, at, ErrTime},
		"expired since":            {func(c *x509.Certificate) { c.NotAfter = at.Add(time.Hour) }, nil, at.Add(2 * time.Hour), ErrUntrusted},
	} {
		t.Run(name, func(t *testing.T) {
			var edits []func(*x509.Certificate)
			if test.edit != nil {
				edits = append(edits, test.edit)
			}
			f := newForgery(t, newAuthority(t, edits...))
			if test.forge != nil {
				test.forge(f)
			}
			token, err := ParseToken(f.token(t))
			require.NoError(t, err)
			require.ErrorIs(t, token.Verify(f.pool(), test.at), test.want)
		})
	}
	token, err := ParseToken(newForgery(t, newAuthority(t)).token(t))
	require.NoError(t, err)
	require.ErrorIs(t, token.Verify(x509.NewCertPool(), at), ErrUntrusted)
}

func TestQuery(t *testing.T) {
	q, err := NewQuery(crypto.SHA384, value, strings.NewReader("12345678"))
	require.NoError(t, err)
	q.Policy = testPolicy
	der, err := q.DER()
	require.NoError(t, err)
	again, err := ParseQuery(der)
	require.NoError(t, err)
	require.Equal(t, q, again)

	_, err = NewQuery(crypto.SHA1, value, strings.NewReader("12345678"))
	require.ErrorIs(t, err, ErrHash)
	_, err = NewQuery(crypto.SHA256, value, strings.NewReader("1234567"))
	require.Error(t, err)

	good := request{Version: 1, Imprint: q.Imprint.encode(), Certificate: true}
	for name, test := range map[string]struct {
		edit func(r *request)
		want error
	}{
		"as it should be": {func(r *request) {}, nil},
		"version 2":       {func(r *request) { r.Version = 2 }, ErrMalformed},
		"no certificate":  {func(r *request) { r.Certificate = false }, ErrMalformed},
		"extensions":      {func(r *request) { r.Extensions = wrap(asn1.ClassContextSpecific, 0) }, ErrMalformed},
		"MD5":             {func(r *request) { r.Imprint.Algorithm.Algorithm = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 5} }, ErrHash},
		"too short":       {func(r *request) { r.Imprint.Digest = nil }, ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			r := good
			test.edit(&r)
			_, err := ParseQuery(marshal(t, r))
			require.ErrorIs(t, err, test.want)
		})
	}
	_, err = ParseQuery(append(der, 0))
	require.ErrorIs(t, err, ErrMalformed)
	_, err = ParseQuery(nil)
	require.ErrorIs(t, err, ErrMalformed)
	_, err = ParseQuery(make([]byte, cms.MaxStructure+1))
	require.ErrorIs(t, err, ErrTooLarge)
}

func TestResponse(t *testing.T) {
	f := newForgery(t, newAuthority(t))
	token := asn1.RawValue{FullBytes: f.token(t)}
	utf8 := func(s string) []asn1.RawValue { return []asn1.RawValue{{Tag: asn1.TagUTF8String, Bytes: []byte(s)}} }
	for name, test := range map[string]struct {
		r    response
		want error
	}{
		"granted":             {response{statusInfo{Status: 0}, token}, nil},
		"granted with mods":   {response{statusInfo{Status: 1, Text: utf8("another policy")}, token}, nil},
		"granted nothing":     {response{statusInfo{Status: 0}, asn1.RawValue{}}, ErrMalformed},
		"refused with token":  {response{statusInfo{Status: 2}, token}, ErrMalformed},
		"negative":            {response{statusInfo{Status: -1}, token}, ErrMalformed},
		"text is a number":    {response{statusInfo{Status: 2, Text: []asn1.RawValue{{Tag: asn1.TagInteger, Bytes: []byte{1}}}}, asn1.RawValue{}}, ErrMalformed},
		"text is no UTF-8":    {response{statusInfo{Status: 2, Text: utf8("\xff")}, asn1.RawValue{}}, ErrMalformed},
		"token is no message": {response{statusInfo{Status: 0}, asn1.RawValue{FullBytes: []byte{5, 0}}}, cms.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseResponse(marshal(t, test.r))
			require.ErrorIs(t, err, test.want)
			if test.want == nil {
				require.Equal(t, token.FullBytes, got.Raw)
			}
		})
	}
	_, err := ParseResponse([]byte("HTTP/1.1 404 Not Found"))
	require.ErrorIs(t, err, ErrMalformed)

	_, err = ParseResponse(marshal(t, response{Status: statusInfo{Status: 2, Text: utf8("no\nclock"), Failure: asn1.BitString{Bytes: []byte{0x20, 2}, BitLength: 15}}}))
	var rejection *Rejection
	require.ErrorAs(t, err, &rejection)
	require.Equal(t, &Rejection{Status: 2, Text: []string{"no\nclock"}, Failures: []string{"badRequest", "timeNotAvailable"}}, rejection)
	require.Equal(t, `the time-stamping authority refused: status 2, badRequest timeNotAvailable, "no\nclock"`, err.Error())
}

// TestFlippedBits flips every bit of what a token's signature covers: none verifies.
func TestFlippedBits(t *testing.T) {
	f := newForgery(t, newAuthority(t))
	der := f.token(t)
	info := marshal(t, f.info)
	at := bytes.Index(der, info)
	require.Positive(t, at)
	for i := at; i < at+len(info); i++ {
		for bit := range 8 {
			der[i] ^= 1 << bit
			_, err := ParseToken(der)
			require.Error(t, err, "byte %d, bit %d", i, bit)
			der[i] ^= 1 << bit
		}
	}
	_, err := ParseToken(der)
	require.NoError(t, err)
}
