package certificate_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/certificate/certtest"
)

func authCA(t testing.TB) *certtest.CA {
	return certtest.NewCA(t, certtest.Organization, certtest.AuthenticationUnit, "1")
}

func signCA(t testing.TB) *certtest.CA {
	return certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1")
}

func parse(t testing.TB, cert *x509.Certificate) *certificate.Certificate {
	t.Helper()
	parsed, err := certificate.Parse(cert.Raw)
	require.NoError(t, err)
	return parsed
}

// selfSigned returns the DER of a small self-signed certificate for any kind of key.
func selfSigned(t *testing.T, public, private any) []byte {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: certtest.Now, NotAfter: certtest.Now}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	require.NoError(t, err)
	return der
}

func TestParse(t *testing.T) {
	good := authCA(t).Authentication(t, certtest.Key(t, "card")).Raw
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	cubic := *certtest.Key(t, "card")
	cubic.E = 3

	for name, test := range map[string]struct {
		der  []byte
		want error
	}{
		"good":          {good, nil},
		"empty":         {nil, certificate.ErrMalformed},
		"trailing byte": {append(good[:len(good):len(good)], 0), certificate.ErrMalformed},
		"cut":           {good[:len(good)-1], certificate.ErrMalformed},
		"filler":        {make([]byte, 100), certificate.ErrMalformed},
		"too long":      {make([]byte, 8193), certificate.ErrMalformed},
		"RSA-1024":      {selfSigned(t, &small.PublicKey, small), certificate.ErrUnsupportedKey},
		"ECDSA P-384":   {selfSigned(t, &p384.PublicKey, p384), certificate.ErrUnsupportedKey},
		"exponent 3":    {selfSigned(t, &cubic.PublicKey, certtest.Key(t, "card")), certificate.ErrUnsupportedKey},
	} {
		t.Run(name, func(t *testing.T) {
			cert, err := certificate.Parse(test.der)
			require.ErrorIs(t, err, test.want)
			if test.want == nil {
				require.Equal(t, test.der, cert.X509.Raw)
			}
		})
	}
}

func TestPolicies(t *testing.T) {
	key := certtest.Key(t, "card")
	require.Equal(t, []string{"1.2.392.200149.8.5.1.3.30"}, parse(t, authCA(t).Authentication(t, key)).Policies())
	require.Empty(t, parse(t, authCA(t).Certificate).Policies())
}

func TestAttributes(t *testing.T) {
	cert := parse(t, signCA(t).Signature(t, certtest.Key(t, "card")))
	got, err := cert.Attributes()
	require.NoError(t, err)
	require.Equal(t, certificate.Attributes{
		Name:               "見本　太郎",
		BirthDate:          "319800217",
		Sex:                "1",
		Address:            "東京都見本市中央一丁目１番１号",
		NameSubstitutes:    "00000",
		AddressSubstitutes: "000000000000000",
	}, got)
	require.Equal(t, "1980-02-17", got.BirthDate.Date())
	require.False(t, got.NameSubstitutes.Any())
}

// TestAttributesTolerated holds what may differ from the known shape without failing.
func TestAttributesTolerated(t *testing.T) {
	for name, test := range map[string]struct {
		attributes []certtest.Attribute
		want       certificate.Attributes
	}{
		"another order, unknown OIDs": {
			[]certtest.Attribute{{Arc: 99, Text: "旧氏"}, {Arc: 2, Text: "01"}, {Arc: 1, Text: "髙橋"}},
			certificate.Attributes{Name: "髙橋", NameSubstitutes: "01"},
		},
		"unknown codes": {
			[]certtest.Attribute{{Arc: 3, Text: "9"}, {Arc: 4, Text: "000000000"}, {Arc: 6, Text: "0X"}},
			certificate.Attributes{Sex: "9", BirthDate: "000000000", AddressSubstitutes: "0X"},
		},
		"foreign resident": {
			[]certtest.Attribute{{Arc: 1, Text: "SAMPLE ALEX"}, {Arc: 4, Text: "019900000"}},
			certificate.Attributes{Name: "SAMPLE ALEX", BirthDate: "019900000"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			cert := parse(t, signCA(t).Signature(t, certtest.Key(t, "card"), withSAN(certtest.SAN(t, test.attributes...))))
			got, err := cert.Attributes()
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

func TestAttributesRefused(t *testing.T) {
	san := func(value []byte) pkix.Extension {
		return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: value}
	}
	oid := []byte{0x06, 0x0A, 0x2A, 0x83, 0x08, 0x8C, 0x9B, 0x55, 0x08, 0x05, 0x05, 0x01} // 氏名
	number := append(append([]byte{0x30, 0x13, 0xA0, 0x11}, oid...), 0xA0, 0x03, 0x02, 0x01, 0x07)

	for name, test := range map[string]struct {
		san  pkix.Extension
		want error
	}{
		"twice the same":  {certtest.SAN(t, certtest.Attribute{Arc: 1, Text: "見本"}, certtest.Attribute{Arc: 1, Text: "太郎"}), certificate.ErrMalformed},
		"not a string":    {san(number), certificate.ErrMalformed},
		"no OID":          {san([]byte{0x30, 0x04, 0xA0, 0x02, 0x05, 0x00}), certificate.ErrMalformed},
		"none of the six": {certtest.SAN(t, certtest.Attribute{Arc: 99, Text: "旧氏"}), certificate.ErrNoAttributes},
	} {
		t.Run(name, func(t *testing.T) {
			cert := parse(t, signCA(t).Signature(t, certtest.Key(t, "card"), withSAN(test.san)))
			_, err := cert.Attributes()
			require.ErrorIs(t, err, test.want)
		})
	}

	_, err := parse(t, authCA(t).Authentication(t, certtest.Key(t, "card"))).Attributes()
	require.ErrorIs(t, err, certificate.ErrNoAttributes)
}

func withSAN(san pkix.Extension) func(*x509.Certificate) {
	return func(template *x509.Certificate) { template.ExtraExtensions = []pkix.Extension{san} }
}

func TestSubstitutePositions(t *testing.T) {
	for flags, want := range map[certificate.SubstitutePositions]bool{
		"": false, "000": false, "010": true, "1X0": true, "０": true,
	} {
		require.Equal(t, want, flags.Any(), "%q", flags)
	}
}

func TestBirthDate(t *testing.T) {
	for read, want := range map[certificate.BirthDate]string{
		"319800217": "1980-02-17", "319800000": "1980-00-00", "19800217": "", "3198002１": "", "": "",
	} {
		require.Equal(t, want, read.Date(), "%q", read)
	}
}

// FuzzAttributes asks that whatever the subjectAltName holds, decoding ends, and that what was decoded
// from a certificate is decoded again from a certificate made of it.
func FuzzAttributes(f *testing.F) {
	f.Add(certtest.SAN(f, certtest.Taro()...).Value)
	f.Add([]byte{0x30, 0x00})
	f.Fuzz(func(t *testing.T, value []byte) {
		cert := &certificate.Certificate{X509: &x509.Certificate{
			Extensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: value}},
		}}
		got, err := cert.Attributes()
		if err != nil {
			require.Zero(t, got)
			return
		}
		cert.X509.Extensions[0] = certtest.SAN(t,
			certtest.Attribute{Arc: 1, Text: got.Name},
			certtest.Attribute{Arc: 2, Text: string(got.NameSubstitutes)},
			certtest.Attribute{Arc: 3, Text: string(got.Sex)},
			certtest.Attribute{Arc: 4, Text: string(got.BirthDate)},
			certtest.Attribute{Arc: 5, Text: got.Address},
			certtest.Attribute{Arc: 6, Text: string(got.AddressSubstitutes)})
		again, err := cert.Attributes()
		require.NoError(t, err)
		require.Equal(t, got, again)
	})
}
