package timestamp

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
)

// value is what is stamped in tests, as if it were a signature's.
var value = []byte("signature")

var (
	testPolicy  = asn1.ObjectIdentifier{1, 2, 3, 4, 1}
	otherPolicy = asn1.ObjectIdentifier{1, 2, 3, 4, 5}

	attributeTypes = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9} // and one arc more
	oidTSTInfo     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidRSA         = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
)

// An authority is a TSA made up for a test. It is valid for so long that OpenSSL's clock does not matter.
type authority struct {
	root, cert *x509.Certificate
	key        *rsa.PrivateKey
}

func newAuthority(t testing.TB, edit ...func(*x509.Certificate)) *authority {
	t.Helper()
	rootKey, key := certtest.Key(t, "root"), certtest.Key(t, "tsa")
	template := func(serial int64, name string) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber:          big.NewInt(serial),
			Subject:               pkix.Name{CommonName: name},
			NotBefore:             time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC),
			NotAfter:              time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC),
			BasicConstraintsValid: true,
		}
	}
	create := func(template, parent *x509.Certificate, key *rsa.PrivateKey) *x509.Certificate {
		der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, rootKey)
		require.NoError(t, err)
		cert, err := x509.ParseCertificate(der)
		require.NoError(t, err)
		return cert
	}
	root := template(1, "Root of test time stamps")
	root.IsCA, root.KeyUsage = true, x509.KeyUsageCertSign
	leaf := template(2, "Test time stamps")
	leaf.KeyUsage = x509.KeyUsageDigitalSignature
	leaf.DNSNames = []string{"tsa.example"}
	leaf.ExtraExtensions = []pkix.Extension{usage(t, true, 8)}
	for _, change := range edit {
		change(leaf)
	}
	return &authority{create(root, root, rootKey), create(leaf, root, key), key}
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.root)
	return pool
}

// usage is an extended key usage of the purposes with those last arcs; 8 is timeStamping.
func usage(t testing.TB, critical bool, arcs ...int) pkix.Extension {
	t.Helper()
	var purposes []asn1.ObjectIdentifier
	for _, arc := range arcs {
		purposes = append(purposes, asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, arc})
	}
	return pkix.Extension{Id: oidExtendedKeyUsage, Critical: critical, Value: marshal(t, purposes)}
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	der, err := asn1.Marshal(v)
	require.NoError(t, err)
	return der
}

// A forgery is a token to be made, signed by the right key and wrong in one place.
type forgery struct {
	*authority
	info        tstInfo
	contentType asn1.ObjectIdentifier
	raw         []byte // in place of the encoded info
	binding     []byte // an attribute, nil for none
	detached    bool
	signers     int
	certs       []*x509.Certificate
}

func generalized(text string) asn1.RawValue {
	return asn1.RawValue{Tag: asn1.TagGeneralizedTime, Bytes: []byte(text)}
}

func newForgery(t testing.TB, a *authority) *forgery {
	t.Helper()
	imprint, err := newImprint(crypto.SHA256, bytes.NewReader(value))
	require.NoError(t, err)
	hash := sha256.Sum256(a.cert.Raw)
	return &forgery{
		authority: a,
		info: tstInfo{Version: 1, Policy: testPolicy, Imprint: imprint.encode(), Serial: big.NewInt(7),
			Time: generalized("20261123030000Z"), Nonce: big.NewInt(42)},
		contentType: oidTSTInfo,
		binding:     attribute(t, [][][][]byte{{{hash[:]}}}, 16, 2, 47),
		signers:     1,
		certs:       []*x509.Certificate{a.cert},
	}
}

// bindSHA1 binds the certificate by a signing-certificate of version 1.
func (f *forgery) bindSHA1(t testing.TB, cert *x509.Certificate) {
	hash := sha1.Sum(cert.Raw)
	f.binding = attribute(t, [][][][]byte{{{hash[:]}}}, 16, 2, 12)
}

// attribute encodes an attribute with one value.
func attribute(t testing.TB, v any, arcs ...int) []byte {
	t.Helper()
	return marshal(t, struct {
		Type   asn1.ObjectIdentifier
		Values []any `asn1:"set"`
	}{slices.Concat(attributeTypes, arcs), []any{v}})
}

func wrap(class, tag int, parts ...[]byte) asn1.RawValue {
	return asn1.RawValue{Class: class, Tag: tag, IsCompound: true, Bytes: bytes.Join(parts, nil)}
}

func (f *forgery) token(t testing.TB) []byte {
	t.Helper()
	content := f.raw
	if content == nil {
		content = marshal(t, f.info)
	}
	digest := sha256.Sum256(content)
	attributes := [][]byte{attribute(t, f.contentType, 3), attribute(t, digest[:], 4)}
	if f.binding != nil {
		attributes = append(attributes, f.binding)
	}
	slices.SortFunc(attributes, bytes.Compare)
	signed := sha256.Sum256(marshal(t, wrap(asn1.ClassUniversal, asn1.TagSet, attributes...)))
	signature, err := f.key.Sign(rand.Reader, signed[:], crypto.SHA256)
	require.NoError(t, err)

	hashing := pkix.AlgorithmIdentifier{Algorithm: imprints[0].oid}
	signer := marshal(t, struct {
		Version    int
		SID        any
		Digest     pkix.AlgorithmIdentifier
		Attributes asn1.RawValue
		Signature  pkix.AlgorithmIdentifier
		Value      []byte
	}{1, struct {
		Issuer asn1.RawValue
		Serial *big.Int
	}{asn1.RawValue{FullBytes: f.cert.RawIssuer}, f.cert.SerialNumber}, hashing,
		wrap(asn1.ClassContextSpecific, 0, attributes...), pkix.AlgorithmIdentifier{Algorithm: oidRSA, Parameters: asn1.NullRawValue}, signature})
	inner := [][]byte{marshal(t, f.contentType)}
	if !f.detached {
		inner = append(inner, marshal(t, wrap(asn1.ClassContextSpecific, 0, marshal(t, content))))
	}
	var certs [][]byte
	for _, c := range f.certs {
		certs = append(certs, c.Raw)
	}
	return marshal(t, []any{
		asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2},
		wrap(asn1.ClassContextSpecific, 0, marshal(t, []any{
			3,
			wrap(asn1.ClassUniversal, asn1.TagSet, marshal(t, hashing)),
			wrap(asn1.ClassUniversal, asn1.TagSequence, inner...),
			wrap(asn1.ClassContextSpecific, 0, certs...),
			wrap(asn1.ClassUniversal, asn1.TagSet, slices.Repeat([][]byte{signer}, f.signers)...),
		})),
	})
}
