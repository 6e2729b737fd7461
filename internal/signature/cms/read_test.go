package cms

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
)

var document = []byte("document")

// A forger makes messages that are signed by the right key and wrong in one place.
type forger struct {
	cert       *x509.Certificate
	content    asn1.ObjectIdentifier // eContentType
	attributes []attribute
	info       func(*signerInfo)
	data       func(*signedData)
	sold       []byte // content that is there in the place of the document
}

func value(t testing.TB, v any) []byte {
	t.Helper()
	der, err := asn1.Marshal(v)
	require.NoError(t, err)
	return der
}

func attr(t testing.TB, oid asn1.ObjectIdentifier, values ...any) attribute {
	t.Helper()
	var encoded [][]byte
	for _, v := range values {
		encoded = append(encoded, value(t, v))
	}
	return attribute{Type: oid, Values: set(encoded...)}
}

func binding(hash []byte) signingCertificateV2 {
	return signingCertificateV2{Certs: []essCertIDv2{{Hash: hash}}}
}

func newForger(t testing.TB) *forger {
	t.Helper()
	ca := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1")
	cert := ca.Signature(t, certtest.Key(t, "card"))
	digest, hash := sha256.Sum256(document), sha256.Sum256(cert.Raw)
	return &forger{
		cert:    cert,
		content: oidData,
		attributes: []attribute{
			attr(t, oidContentType, oidData),
			attr(t, oidSigningTime, certtest.Now),
			attr(t, oidMessageDigest, digest[:]),
			attr(t, oidSigningCertificateV2, binding(hash[:])),
		},
		info: func(*signerInfo) {},
		data: func(*signedData) {},
	}
}

// replace puts an attribute in the place of the one of its type.
func (f *forger) replace(a attribute) {
	i := slices.IndexFunc(f.attributes, func(b attribute) bool { return a.Type.Equal(b.Type) })
	f.attributes[i] = a
}

func (f *forger) remove(oid asn1.ObjectIdentifier) {
	f.attributes = slices.DeleteFunc(f.attributes, func(a attribute) bool { return a.Type.Equal(oid) })
}

func (f *forger) message(t testing.TB) []byte {
	t.Helper()
	signed, err := attributeSet(0, f.attributes)
	require.NoError(t, err)
	digest := sha256.Sum256(value(t, asn1.RawValue{Tag: asn1.TagSet, IsCompound: true, Bytes: signed.Bytes}))
	signature, err := certtest.Key(t, "card").Sign(rand.Reader, digest[:], crypto.SHA256)
	require.NoError(t, err)

	info := signerInfo{
		Version:            1,
		SID:                issuerAndSerial{Issuer: asn1.RawValue{FullBytes: f.cert.RawIssuer}, Serial: f.cert.SerialNumber},
		DigestAlgorithm:    pkix.AlgorithmIdentifier{Algorithm: oidSHA256},
		SignedAttributes:   signed,
		SignatureAlgorithm: pkix.AlgorithmIdentifier{Algorithm: algorithms[0].signature, Parameters: asn1.NullRawValue},
		Signature:          signature,
	}
	f.info(&info)
	content := document
	if f.sold != nil {
		content = f.sold
	}
	sd := signedData{
		Version:          1,
		DigestAlgorithms: set(value(t, pkix.AlgorithmIdentifier{Algorithm: oidSHA256})),
		Content:          encapsulated{Type: f.content, Content: tagged(0, value(t, content))},
		Certificates:     tagged(0, f.cert.Raw),
		SignerInfos:      set(value(t, info)),
	}
	f.data(&sd)
	der, err := sd.marshal()
	require.NoError(t, err)
	return der
}

// withKey returns a certificate with an RSA key of that modulus, which nobody has.
func withKey(t testing.TB, modulus *big.Int) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &rsa.PublicKey{N: modulus, E: 1<<31 - 1}, certtest.Key(t, "card"))
	require.NoError(t, err)
	c, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return c
}

// A forgery is one thing that is wrong with a message, and why Verify refuses it; nil where it does not.
type forgery struct {
	forge func(t *testing.T, f *forger)
	want  error
}

func forgeries() map[string]forgery {
	otherType := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	unknown := asn1.ObjectIdentifier{1, 2, 3}
	garbage := asn1.RawValue{FullBytes: []byte{0x05, 0x00}}

	return map[string]forgery{
		"as it should be": {func(t *testing.T, f *forger) {}, nil},
		"an attribute more": {func(t *testing.T, f *forger) {
			f.attributes = append(f.attributes, attr(t, unknown, 7))
		}, nil},
		"no signing time": {func(t *testing.T, f *forger) { f.remove(oidSigningTime) }, nil},
		"plain rsaEncryption, parameters absent": {func(t *testing.T, f *forger) {
			f.info = func(i *signerInfo) { i.SignatureAlgorithm = pkix.AlgorithmIdentifier{Algorithm: oidRSA} }
		}, nil},
		"digest parameters NULL": {func(t *testing.T, f *forger) {
			f.info = func(i *signerInfo) { i.DigestAlgorithm.Parameters = asn1.NullRawValue }
		}, nil},
		"NULL parameters in the list of digest algorithms": {func(t *testing.T, f *forger) {
			f.data = func(sd *signedData) {
				sd.DigestAlgorithms = set(value(t, pkix.AlgorithmIdentifier{Algorithm: oidSHA256, Parameters: asn1.NullRawValue}))
			}
		}, nil},
		"unsigned attribute": {func(t *testing.T, f *forger) {
			f.info = func(i *signerInfo) {
				i.UnsignedAttributes = tagged(1, value(t, attr(t, unknown, 7)))
			}
		}, nil},
		"certificate bound by SHA-512, issuer and serial": {func(t *testing.T, f *forger) {
			hash := sha512.Sum512(f.cert.Raw)
			f.replace(attr(t, oidSigningCertificateV2, signingCertificateV2{Certs: []essCertIDv2{{
				HashAlgorithm: pkix.AlgorithmIdentifier{Algorithm: algorithms[2].digest},
				Hash:          hash[:],
				IssuerSerial:  issuerSerial{Issuer: []asn1.RawValue{tagged(4, f.cert.RawIssuer)}, Serial: f.cert.SerialNumber},
			}}}))
		}, nil},

		"content type differs from the signed one": {func(t *testing.T, f *forger) { f.content = otherType }, ErrContentType},
		"content type is not data": {func(t *testing.T, f *forger) {
			f.content = otherType
			f.replace(attr(t, oidContentType, otherType))
		}, ErrContentType},
		"content type missing":         {func(t *testing.T, f *forger) { f.remove(oidContentType) }, ErrSignedAttributes},
		"message digest missing":       {func(t *testing.T, f *forger) { f.remove(oidMessageDigest) }, ErrSignedAttributes},
		"message digest of two values": {func(t *testing.T, f *forger) { f.replace(attr(t, oidMessageDigest, []byte{1}, []byte{2})) }, ErrSignedAttributes},
		"message digest twice": {func(t *testing.T, f *forger) {
			f.attributes = append(f.attributes, attr(t, oidMessageDigest, []byte{1}))
		}, ErrSignedAttributes},
		"message digest of another": {func(t *testing.T, f *forger) { f.replace(attr(t, oidMessageDigest, make([]byte, 32))) }, ErrMessageDigest},
		"signing time is no time":   {func(t *testing.T, f *forger) { f.replace(attr(t, oidSigningTime, "today")) }, ErrSignedAttributes},
		"attribute values are no SET": {func(t *testing.T, f *forger) {
			f.attributes = append(f.attributes, attribute{Type: unknown, Values: garbage})
		}, ErrSignedAttributes},
		"certificate not bound":         {func(t *testing.T, f *forger) { f.remove(oidSigningCertificateV2) }, ErrSigningCertificate},
		"another certificate bound":     {func(t *testing.T, f *forger) { f.replace(attr(t, oidSigningCertificateV2, binding(make([]byte, 32)))) }, ErrSigningCertificate},
		"empty list of certificates":    {func(t *testing.T, f *forger) { f.replace(attr(t, oidSigningCertificateV2, signingCertificateV2{})) }, ErrSigningCertificate},
		"signing-certificate is a text": {func(t *testing.T, f *forger) { f.replace(attr(t, oidSigningCertificateV2, "mine")) }, ErrSigningCertificate},
		"certificate bound by SHA-1": {func(t *testing.T, f *forger) {
			f.replace(attr(t, oidSigningCertificateV2, signingCertificateV2{Certs: []essCertIDv2{{
				HashAlgorithm: pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}}, Hash: make([]byte, 20),
			}}}))
		}, ErrSigningCertificate},
		"another serial number bound": {func(t *testing.T, f *forger) {
			hash := sha256.Sum256(f.cert.Raw)
			f.replace(attr(t, oidSigningCertificateV2, signingCertificateV2{Certs: []essCertIDv2{{
				Hash:         hash[:],
				IssuerSerial: issuerSerial{Issuer: []asn1.RawValue{tagged(4, f.cert.RawIssuer)}, Serial: big.NewInt(1)},
			}}}))
		}, ErrSigningCertificate},

		"signature of nothing": {func(t *testing.T, f *forger) {
			f.info = func(i *signerInfo) { i.Signature = make([]byte, 256) }
		}, ErrSignature},
		"digest algorithm not the signature's": {func(t *testing.T, f *forger) {
			f.info = func(i *signerInfo) { i.DigestAlgorithm.Algorithm = algorithms[2].digest }
		}, ErrAlgorithm},
		"algorithm with parameters": {func(t *testing.T, f *forger) {
			f.info = func(i *signerInfo) { i.SignatureAlgorithm.Parameters = asn1.RawValue{FullBytes: []byte{0x30, 0x00}} }
		}, ErrAlgorithm},
		"no signed attributes": {func(t *testing.T, f *forger) {
			f.info = func(i *signerInfo) { i.SignedAttributes = asn1.RawValue{} }
		}, ErrSignedAttributes},
		"signed attributes not in order": {func(t *testing.T, f *forger) {
			f.info = func(i *signerInfo) {
				reversed := []byte{}
				for rest := i.SignedAttributes.Bytes; len(rest) > 0; {
					next, err := scanValue(rest, 0)
					require.NoError(t, err)
					reversed = append(bytes.Clone(rest[:len(rest)-len(next)]), reversed...)
					rest = next
				}
				i.SignedAttributes = tagged(0, reversed)
			}
		}, ErrMalformed},
		"signed attributes sold as the content": {func(t *testing.T, f *forger) {
			signed, err := attributeSet(0, f.attributes)
			require.NoError(t, err)
			content := value(t, asn1.RawValue{Tag: asn1.TagSet, IsCompound: true, Bytes: signed.Bytes})
			f.info = func(i *signerInfo) { i.SignedAttributes = asn1.RawValue{} }
			f.sold = content
		}, ErrSignedAttributes},
		"SignedData of version 3": {func(t *testing.T, f *forger) {
			f.data = func(sd *signedData) { sd.Version = 3 }
		}, ErrMalformed},
		"SignerInfo of version 3": {func(t *testing.T, f *forger) {
			f.info = func(i *signerInfo) { i.Version = 3 }
		}, ErrMalformed},
		"no digest algorithm": {func(t *testing.T, f *forger) {
			f.data = func(sd *signedData) { sd.DigestAlgorithms = set() }
		}, ErrMalformed},
		"a digest algorithm more": {func(t *testing.T, f *forger) {
			f.data = func(sd *signedData) {
				sd.DigestAlgorithms = set(sd.DigestAlgorithms.Bytes, value(t, pkix.AlgorithmIdentifier{Algorithm: algorithms[2].digest}))
			}
		}, ErrMalformed},
		"the signer's digest algorithm twice": {func(t *testing.T, f *forger) {
			f.data = func(sd *signedData) { sd.DigestAlgorithms = set(sd.DigestAlgorithms.Bytes, sd.DigestAlgorithms.Bytes) }
		}, ErrMalformed},
		"another digest algorithm": {func(t *testing.T, f *forger) {
			f.data = func(sd *signedData) {
				sd.DigestAlgorithms = set(value(t, pkix.AlgorithmIdentifier{Algorithm: algorithms[2].digest}))
			}
		}, ErrMalformed},
		"digest algorithm with parameters": {func(t *testing.T, f *forger) {
			f.data = func(sd *signedData) {
				sd.DigestAlgorithms = set(value(t, pkix.AlgorithmIdentifier{Algorithm: oidSHA256, Parameters: asn1.RawValue{FullBytes: []byte{0x30, 0x00}}}))
			}
		}, ErrMalformed},
		"a key that takes minutes": {func(t *testing.T, f *forger) {
			f.cert = withKey(t, new(big.Int).SetBit(big.NewInt(1), 1<<20, 1))
			hash := sha256.Sum256(f.cert.Raw)
			f.replace(attr(t, oidSigningCertificateV2, binding(hash[:])))
		}, ErrAlgorithm},
		"signer's certificate not there": {func(t *testing.T, f *forger) {
			f.data = func(sd *signedData) { sd.Certificates = asn1.RawValue{} }
		}, ErrNoCertificate},
		"certificate is garbage": {func(t *testing.T, f *forger) {
			f.data = func(sd *signedData) { sd.Certificates = tagged(0, garbage.FullBytes) }
		}, ErrMalformed},
		"no signer": {func(t *testing.T, f *forger) {
			f.data = func(sd *signedData) { sd.SignerInfos = set() }
		}, ErrSigners},
		"two signers": {func(t *testing.T, f *forger) {
			f.data = func(sd *signedData) { sd.SignerInfos = set(sd.SignerInfos.Bytes, sd.SignerInfos.Bytes) }
		}, ErrSigners},
		"signers are no SET": {func(t *testing.T, f *forger) {
			f.data = func(sd *signedData) { sd.SignerInfos = garbage }
		}, ErrMalformed},
		"something behind the SignerInfo's end": {func(t *testing.T, f *forger) {
			f.data = func(sd *signedData) {
				info := sd.SignerInfos.Bytes
				var raw asn1.RawValue
				require.NoError(t, unmarshal(info, &raw))
				raw = asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: append(bytes.Clone(raw.Bytes), 0x05, 0x00)}
				sd.SignerInfos = set(value(t, raw))
			}
		}, ErrMalformed},
		"content is no OCTET STRING": {func(t *testing.T, f *forger) {
			f.data = func(sd *signedData) { sd.Content.Content = tagged(0, garbage.FullBytes) }
		}, ErrMalformed},
		"content under a primitive tag": {func(t *testing.T, f *forger) {
			f.data = func(sd *signedData) { sd.Content.Content.IsCompound = false }
		}, ErrMalformed},
		"content in two": {func(t *testing.T, f *forger) {
			f.data = func(sd *signedData) {
				sd.Content.Content = tagged(0, append(value(t, document), value(t, document)...))
			}
		}, ErrMalformed},
		"structure too large": {func(t *testing.T, f *forger) {
			f.data = func(sd *signedData) {
				sd.Certificates = tagged(0, bytes.Repeat(f.cert.Raw, MaxStructure/len(f.cert.Raw)+1))
			}
		}, ErrTooLarge},
	}
}

func TestForgedMessages(t *testing.T) {
	for name, test := range forgeries() {
		t.Run(name, func(t *testing.T) {
			f := newForger(t)
			test.forge(t, f)
			_, err := Verify(f.message(t), nil)
			require.ErrorIs(t, err, test.want)
		})
	}
}

// TestWrapped puts whole messages into what is not quite their frame.
func TestWrapped(t *testing.T) {
	der := newForger(t).message(t)
	var inner contentInfo
	require.NoError(t, unmarshal(der, &inner))
	data := value(t, contentInfo{Type: oidData, Content: inner.Content})
	longer := value(t, struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
		More    int
	}{oidSignedData, inner.Content, 1})

	for name, der := range map[string][]byte{
		"empty":          nil,
		"cut":            der[:len(der)-1],
		"trailing byte":  append(bytes.Clone(der), 0),
		"not SignedData": data,
		"one part more":  longer,
		"PEM":            []byte("-----BEGIN CMS-----"),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Verify(der, nil)
			require.ErrorIs(t, err, ErrMalformed)
		})
	}
	_, err := Verify(make([]byte, MaxStructure+MaxContent+1), nil)
	require.ErrorIs(t, err, ErrTooLarge)
}

// FuzzVerify asks that reading ends without a panic, and that what verifies once carries the document
// and verifies again to the same result.
func FuzzVerify(f *testing.F) {
	f.Add(newForger(f).message(f))
	bare := newForger(f)
	bare.data = func(sd *signedData) { sd.Content.Content = asn1.RawValue{} }
	f.Add(bare.message(f))
	f.Add([]byte{0x30, 0x80, 0x06, 0x00, 0x00, 0x00})
	f.Fuzz(func(t *testing.T, der []byte) {
		if m, err := read(der, true); err == nil && m.detached {
			got, err := Verify(der, bytes.NewReader(document))
			if err == nil {
				require.Nil(t, got.Content)
			}
			return
		}
		got, err := Verify(der, nil)
		if err != nil {
			return
		}
		require.Equal(t, document, got.Content)
		again, err := Verify(bytes.Clone(der), nil)
		require.NoError(t, err)
		require.Equal(t, got, again)
		require.Equal(t, certtest.Now, got.SigningTime)
	})
}
