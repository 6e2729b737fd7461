// Package certtest mints throw-away certificates in the shapes of the JPKI (jpki-card.md §5.2 to
// §5.4) for tests. Keys are made once for each test binary, and every person in it is invented.
package certtest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The first OU of a CA's name.
const (
	AuthenticationUnit = "JPKI for user authentication"
	SignatureUnit      = "JPKI for digital signature"
)

// Organization is the O of the CAs, chosen so that nobody takes them for J-LIS's.
const Organization = "JPKI-SIM"

// Now is the time at which the tests take place. CAs are valid for ten years around it, and leaves for two.
var Now = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)

var keys = map[string]*rsa.PrivateKey{}

// Key returns an RSA-2048 key that stays the same for one name in one test binary. It is not safe for
// parallel tests.
func Key(t testing.TB, name string) *rsa.PrivateKey {
	t.Helper()
	if keys[name] == nil {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		require.NoError(t, err)
		keys[name] = key
	}
	return keys[name]
}

// A CA is a throw-away root.
type CA struct {
	Certificate *x509.Certificate
	Key         *rsa.PrivateKey
}

// NewCA makes a root of the given O and first OU; generation sets its key and serial number apart from
// those of other roots of that name. Its validity, like all else, can be changed by edit.
func NewCA(t testing.TB, organization, unit, generation string, edit ...func(*x509.Certificate)) *CA {
	t.Helper()
	key := Key(t, organization+unit+generation)
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes([]byte(generation)),
		RawSubject: name(t, country(), attribute(oidO, organization), attribute(oidOU, unit),
			attribute(oidOU, "Japan Agency for Local Authority Information Systems")),
		NotBefore:             Now.AddDate(-5, 0, 0),
		NotAfter:              Now.AddDate(5, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		SubjectKeyId:          keyID(&key.PublicKey),
	}
	for _, change := range edit {
		change(template)
	}
	return &CA{Certificate: create(t, template, template, &key.PublicKey, key), Key: key}
}

// Authentication makes a certificate in the shape of §5.3 for the key, changed by edit.
func (ca *CA) Authentication(t testing.TB, key *rsa.PrivateKey, edit ...func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	template := leaf(key, x509.KeyUsageDigitalSignature, "1.2.392.200149.8.5.1.3.30")
	template.RawSubject = name(t, country(), attribute(oidCN, "0000000AAAA00000000000A"))
	return ca.issue(t, template, key, edit)
}

// Signature makes a certificate in the shape of §5.4 for the key and 見本 太郎, changed by edit.
func (ca *CA) Signature(t testing.TB, key *rsa.PrivateKey, edit ...func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	template := leaf(key, x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment, "1.2.392.200149.8.5.1.1.20")
	template.RawSubject = name(t, country(), attribute(oidL, "Tokyo-to"), attribute(oidL, "Mihon-shi"), attribute(oidCN, "20250101000000000"))
	template.ExtraExtensions = append(template.ExtraExtensions, SAN(t, Taro()...))
	return ca.issue(t, template, key, edit)
}

func leaf(key *rsa.PrivateKey, usage x509.KeyUsage, policy string) *x509.Certificate {
	oid, err := x509.ParseOID(policy)
	if err != nil {
		panic(err)
	}
	return &x509.Certificate{
		SerialNumber: big.NewInt(0x0705D990),
		NotBefore:    Now.AddDate(-1, 0, 0),
		NotAfter:     Now.AddDate(1, 0, 0),
		KeyUsage:     usage,
		Policies:     []x509.OID{oid},
		SubjectKeyId: keyID(&key.PublicKey),
	}
}

func (ca *CA) issue(t testing.TB, template *x509.Certificate, key *rsa.PrivateKey, edit []func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	for _, change := range edit {
		change(template)
	}
	return create(t, template, ca.Certificate, &key.PublicKey, ca.Key)
}

func create(t testing.TB, template, parent *x509.Certificate, key *rsa.PublicKey, signer *rsa.PrivateKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key, signer)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return cert
}

// An Attribute is one otherName: the last arc of its OID, and its text.
type Attribute struct {
	Arc  int
	Text string
}

// Taro returns the attributes of 見本 太郎 in the order in which real certificates have them.
func Taro() []Attribute {
	return []Attribute{
		{1, "見本　太郎"},
		{4, "319800217"},
		{3, "1"},
		{5, "東京都見本市中央一丁目１番１号"},
		{2, "00000"},
		{6, "000000000000000"},
	}
}

// SAN returns the subjectAltName extension that holds the attributes.
func SAN(t testing.TB, attributes ...Attribute) pkix.Extension {
	t.Helper()
	var names []asn1.RawValue
	for _, a := range attributes {
		oid := asn1.ObjectIdentifier{1, 2, 392, 200149, 8, 5, 5, a.Arc}
		der, err := asn1.MarshalWithParams(struct {
			Type  asn1.ObjectIdentifier
			Value string `asn1:"explicit,tag:0,utf8"`
		}{oid, a.Text}, "tag:0")
		require.NoError(t, err)
		names = append(names, asn1.RawValue{FullBytes: der})
	}
	value, err := asn1.Marshal(names)
	require.NoError(t, err)
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: value}
}

var (
	oidC  = asn1.ObjectIdentifier{2, 5, 4, 6}
	oidO  = asn1.ObjectIdentifier{2, 5, 4, 10}
	oidOU = asn1.ObjectIdentifier{2, 5, 4, 11}
	oidL  = asn1.ObjectIdentifier{2, 5, 4, 7}
	oidCN = asn1.ObjectIdentifier{2, 5, 4, 3}
)

func country() pkix.AttributeTypeAndValue { return attribute(oidC, "JP") }

func attribute(oid asn1.ObjectIdentifier, value string) pkix.AttributeTypeAndValue {
	return pkix.AttributeTypeAndValue{Type: oid, Value: value}
}

// name encodes a distinguished name of one attribute for each RDN, which pkix.Name cannot: it would
// join the two OUs or Ls in one RDN.
func name(t testing.TB, attributes ...pkix.AttributeTypeAndValue) []byte {
	t.Helper()
	var rdns pkix.RDNSequence
	for _, a := range attributes {
		rdns = append(rdns, pkix.RelativeDistinguishedNameSET{a})
	}
	der, err := asn1.Marshal(rdns)
	require.NoError(t, err)
	return der
}

// keyID is the SHA-1 of the PKCS#1 public key, as in J-LIS's roots (jpki-card.md §5.2).
func keyID(key *rsa.PublicKey) []byte {
	sum := sha1.Sum(x509.MarshalPKCS1PublicKey(key))
	return sum[:]
}
