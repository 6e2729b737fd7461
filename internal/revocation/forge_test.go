package revocation

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
)

var (
	critical = pkix.Extension{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}}
	known    = pkix.Extension{Id: asn1.ObjectIdentifier{1, 2, 3}, Value: []byte{5, 0}}
)

// A forger holds a CA and a certificate of it, and signs what no responder would.
type forger struct {
	ca   *certtest.CA
	card *x509.Certificate
}

func newForger(t testing.TB) forger {
	ca := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1")
	return forger{ca, ca.Signature(t, certtest.Key(t, "card"))}
}

func (f forger) query() Query {
	return Query{Certificate: f.card, Issuer: f.ca.Certificate, At: certtest.Now, Now: certtest.Now}
}

// answer is a good answer about the card.
func (f forger) answer() singleResponse {
	return singleResponse{
		ID: certID{Hash: pkix.AlgorithmIdentifier{Algorithm: hashAlgorithms[1].oid}, Name: sum(crypto.SHA256, f.ca.Certificate.RawSubject),
			Key: sum(crypto.SHA256, publicKey(f.ca.Certificate)), Serial: f.card.SerialNumber},
		Status:     asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: statusGood},
		ThisUpdate: certtest.Now.Add(-time.Hour),
		NextUpdate: certtest.Now.Add(time.Hour),
	}
}

// sign encodes a response with those answers, changed by edit, and has key sign it.
func (f forger) sign(t testing.TB, key *rsa.PrivateKey, edit func(*basicResponse), answers ...singleResponse) []byte {
	t.Helper()
	name := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: responderName, IsCompound: true, Bytes: f.ca.Certificate.RawSubject}
	b := basicResponse{
		Data:      responseData{Responder: name, ProducedAt: certtest.Now, Responses: answers},
		Algorithm: pkix.AlgorithmIdentifier{Algorithm: signatureAlgorithms[0].oid, Parameters: asn1.NullRawValue},
	}
	if edit != nil {
		edit(&b)
	}
	signed, err := asn1.Marshal(b.Data)
	require.NoError(t, err)
	digest := sha256.Sum256(signed)
	value, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	require.NoError(t, err)
	b.Signature = asn1.BitString{Bytes: value, BitLength: 8 * len(value)}
	inner, err := asn1.Marshal(b)
	require.NoError(t, err)
	return outer(t, 0, oidBasicResponse, inner)
}

func outer(t testing.TB, status asn1.Enumerated, kind asn1.ObjectIdentifier, inner []byte) []byte {
	t.Helper()
	der, err := asn1.Marshal(ocspResponse{Status: status, Bytes: responseBytes{Type: kind, Response: inner}})
	require.NoError(t, err)
	return der
}

// TestForgedResponses holds responses against every rule that OpenSSL's keep.
func TestForgedResponses(t *testing.T) {
	f := newForger(t)
	with := func(edit func(*singleResponse)) singleResponse {
		a := f.answer()
		edit(&a)
		return a
	}
	status := func(raw asn1.RawValue) singleResponse {
		return with(func(a *singleResponse) { a.Status = raw })
	}
	context := func(tag int, content ...byte) asn1.RawValue {
		return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, IsCompound: len(content) > 0, Bytes: content}
	}
	of := func(edit func(*basicResponse), answers ...singleResponse) []byte {
		return f.sign(t, f.ca.Key, edit, answers...)
	}
	many := make([]singleResponse, maxResponses+1)
	for i := range many {
		many[i] = f.answer()
	}
	for name, test := range map[string]struct {
		der  []byte
		want error
	}{
		"as it should be":     {of(nil, f.answer()), nil},
		"beside another":      {of(nil, with(func(a *singleResponse) { a.ID.Serial = big.NewInt(7) }), f.answer()), nil},
		"more extensions":     {of(func(b *basicResponse) { b.Data.Extensions = []pkix.Extension{known} }, with(func(a *singleResponse) { a.Extensions = []pkix.Extension{known} })), nil},
		"wrong key":           {f.sign(t, certtest.Key(t, "card"), nil, f.answer()), ErrUntrusted},
		"version 2":           {of(func(b *basicResponse) { b.Data.Version = 1 }, f.answer()), ErrUnsupported},
		"critical extension":  {of(func(b *basicResponse) { b.Data.Extensions = []pkix.Extension{critical} }, f.answer()), ErrUnsupported},
		"critical, of one":    {of(nil, with(func(a *singleResponse) { a.Extensions = []pkix.Extension{critical} })), ErrUnsupported},
		"no answers":          {of(nil), ErrMalformed},
		"too many answers":    {of(nil, many...), ErrMalformed},
		"two answers":         {of(nil, f.answer(), f.answer()), ErrMalformed},
		"other algorithm":     {of(func(b *basicResponse) { b.Algorithm.Algorithm = signatureAlgorithms[1].oid }, f.answer()), ErrUntrusted},
		"unknown algorithm":   {of(func(b *basicResponse) { b.Algorithm.Algorithm = asn1.ObjectIdentifier{1, 2} }, f.answer()), ErrUnsupported},
		"no certificate":      {of(func(b *basicResponse) { b.Certificates = []asn1.RawValue{{FullBytes: []byte{0x30, 0}}} }, f.answer()), ErrMalformed},
		"responder of no tag": {of(func(b *basicResponse) { b.Data.Responder.Tag = 3 }, f.answer()), ErrUntrusted},
		"responder of class":  {of(func(b *basicResponse) { b.Data.Responder.Class = asn1.ClassApplication }, f.answer()), ErrUntrusted},
		"name hash":           {of(nil, with(func(a *singleResponse) { a.ID.Name = sum(crypto.SHA256, nil) })), ErrOther},
		"key hash":            {of(nil, with(func(a *singleResponse) { a.ID.Key = sum(crypto.SHA256, nil) })), ErrOther},
		"unknown hash":        {of(nil, with(func(a *singleResponse) { a.ID.Hash.Algorithm = asn1.ObjectIdentifier{1, 2} })), ErrOther},
		"status of no tag":    {of(nil, status(context(3))), ErrMalformed},
		"status of no class":  {of(nil, status(asn1.RawValue{Tag: asn1.TagNull})), ErrMalformed},
		"revoked, no date":    {of(nil, status(context(statusRevoked, 5, 0))), ErrMalformed},
		"status unknown":      {of(nil, status(context(statusUnknown))), ErrUnknown},
		"from the future":     {of(nil, with(func(a *singleResponse) { a.ThisUpdate = certtest.Now.Add(time.Minute + skew) })), ErrStale},
		"another type":        {outer(t, 0, asn1.ObjectIdentifier{1, 2}, []byte{0x30, 0}), ErrUnsupported},
		"not a response":      {outer(t, 0, oidBasicResponse, []byte{0x30, 0}), ErrMalformed},
		"try later":           {outer(t, 3, oidBasicResponse, nil), ErrMalformed},
		"too long":            {of(nil, with(func(a *singleResponse) { a.ID.Name = make([]byte, MaxOCSP) })), ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decide(test.der, f.query())
			require.ErrorIs(t, err, test.want)
		})
	}
}

// decide parses and asks one statement.
func decide(der []byte, q Query) (Status, error) {
	statements, err := Parse(der)
	if err != nil {
		return Status{}, err
	}
	return statements[0].Status(q)
}

// TestForgedLists holds lists against rules that OpenSSL's keep.
func TestForgedLists(t *testing.T) {
	f := newForger(t)
	list := func(edit func(*x509.RevocationList)) []byte {
		template := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: certtest.Now.Add(-time.Hour), NextUpdate: certtest.Now.Add(time.Hour)}
		edit(template)
		der, err := x509.CreateRevocationList(rand.Reader, template, f.ca.Certificate, f.ca.Key)
		require.NoError(t, err)
		return der
	}
	entries := func(extension pkix.Extension, serials ...*big.Int) func(*x509.RevocationList) {
		return func(l *x509.RevocationList) {
			for _, serial := range serials {
				l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, x509.RevocationListEntry{
					SerialNumber: serial, RevocationTime: certtest.Now.AddDate(0, 0, -1), ExtraExtensions: []pkix.Extension{extension}})
			}
		}
	}
	extended := func(id asn1.ObjectIdentifier, value []byte) func(*x509.RevocationList) {
		return func(l *x509.RevocationList) {
			l.ExtraExtensions = []pkix.Extension{{Id: id, Critical: true, Value: value}}
		}
	}
	point := func(p issuingPoint) func(*x509.RevocationList) {
		value, err := asn1.Marshal(p)
		require.NoError(t, err)
		return extended(oidIssuingPoint, value)
	}
	for name, test := range map[string]struct {
		der     []byte
		want    error
		revoked bool
	}{
		"as it should be":          {list(entries(known, big.NewInt(7))), nil, false},
		"revoked":                  {list(entries(known, big.NewInt(7), f.card.SerialNumber)), nil, true},
		"revoked twice":            {list(entries(known, f.card.SerialNumber, f.card.SerialNumber)), nil, true},
		"another's critical":       {list(entries(critical, big.NewInt(7))), ErrUnsupported, false},
		"critical":                 {list(extended(critical.Id, critical.Value)), ErrUnsupported, false},
		"date that is none":        {list(entries(pkix.Extension{Id: oidInvalidityDate, Value: []byte{5, 0}}, f.card.SerialNumber)), ErrMalformed, false},
		"point that is none":       {list(extended(oidIssuingPoint, []byte{5, 0})), ErrMalformed, false},
		"indirect":                 {list(point(issuingPoint{Indirect: true})), ErrUnsupported, false},
		"of attribute authorities": {list(point(issuingPoint{OnlyAttributes: true})), ErrOther, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := decide(test.der, f.query())
			require.ErrorIs(t, err, test.want)
			require.Equal(t, test.revoked, got.Revoked)
		})
	}

	statements, err := Parse(list(func(*x509.RevocationList) {}))
	require.NoError(t, err)
	require.Equal(t, certtest.Now.Add(time.Hour), statements[0].NextUpdate())
	q := f.query()
	issuer := *q.Issuer
	issuer.KeyUsage = x509.KeyUsageCertSign
	q.Issuer = &issuer
	_, err = statements[0].Status(q)
	require.ErrorIs(t, err, ErrUntrusted, "a key that is not for CRLs")
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	issuer.KeyUsage, issuer.PublicKey = 0, &weak.PublicKey
	_, err = statements[0].Status(q)
	require.ErrorIs(t, err, ErrUnsupported, "a key that is too short")
}

// TestNextUpdate: of several answers the earliest counts, and one that does not say counts most.
func TestNextUpdate(t *testing.T) {
	f := newForger(t)
	early, silent := f.answer(), f.answer()
	early.NextUpdate = certtest.Now
	silent.NextUpdate = time.Time{}
	for _, test := range []struct {
		answers []singleResponse
		want    time.Time
	}{
		{[]singleResponse{f.answer(), early}, certtest.Now},
		{[]singleResponse{early, f.answer()}, certtest.Now},
		{[]singleResponse{f.answer(), silent}, time.Time{}},
	} {
		statements, err := Parse(f.sign(t, f.ca.Key, nil, test.answers...))
		require.NoError(t, err)
		require.Equal(t, test.want, statements[0].NextUpdate())
	}
}
