package cms

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCut cuts messages off at every byte: none is read, and none is taken for a fault of reading.
func TestCut(t *testing.T) {
	for _, seed := range messageSeeds(t) {
		for n := range seed {
			_, _, err := takeApart(bytes.NewReader(seed[:n]), io.Discard)
			require.ErrorIs(t, err, ErrMalformed, "%d of %d bytes", n, len(seed))
		}
	}
}

// TestSpoiled puts other bytes into every place of a message's frames. What can still be read encodes to
// DER, and everything else is malformed or too large.
func TestSpoiled(t *testing.T) {
	for _, seed := range messageSeeds(t)[:2] {
		for i := range seed {
			for _, b := range []byte{0x00, 0x1F, 0x24, 0x30, 0x80, 0x88, 0xFF} {
				spoiled := bytes.Clone(seed)
				spoiled[i] = b
				var content bytes.Buffer
				p, _, err := takeApart(bytes.NewReader(spoiled), &content)
				if err != nil {
					require.True(t, errors.Is(err, ErrMalformed) || errors.Is(err, ErrTooLarge), "%v", err)
					continue
				}
				der, err := p.encode(content.Bytes())
				require.NoError(t, err)
				require.NoError(t, scan(der))
			}
		}
	}
}

// TestParts reads messages with parts that ours do not have, and too many of those that they have.
func TestParts(t *testing.T) {
	list := func(n int, v []byte) asn1.RawValue {
		return asn1.RawValue{Tag: asn1.TagSet, IsCompound: true, Bytes: bytes.Repeat(v, n)}
	}
	crl := []byte{0x30, 3, 2, 1, 7}
	null := []byte{5, 0}
	another := value(t, pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 3}})
	for name, test := range map[string]struct {
		edit    func(sd *signedData)
		want    error // of VerifyStream
		problem error // of the one signer
	}{
		"revocation lists":       {func(sd *signedData) { sd.CRLs = tagged(1, crl) }, nil, nil},
		"another kind of digest": {func(sd *signedData) { sd.DigestAlgorithms = set(sd.DigestAlgorithms.Bytes, another) }, nil, nil},
		"digest that is none":    {func(sd *signedData) { sd.DigestAlgorithms = set(sd.DigestAlgorithms.Bytes, null) }, nil, nil},
		"digest not listed":      {func(sd *signedData) { sd.DigestAlgorithms = set(another) }, nil, ErrAlgorithm},
		"no certificates":        {func(sd *signedData) { sd.Certificates = asn1.RawValue{} }, nil, ErrNoCertificate},
		"other content type":     {func(sd *signedData) { sd.Content.Type = oidTSTInfo }, nil, ErrContentType},
		"no signer":              {func(sd *signedData) { sd.SignerInfos = set() }, ErrSigners, nil},
		"17 signers":             {func(sd *signedData) { sd.SignerInfos = list(maxSigners+1, sd.SignerInfos.Bytes) }, ErrTooLarge, nil},
		"17 digests":             {func(sd *signedData) { sd.DigestAlgorithms = list(maxDigestAlgorithms+1, another) }, ErrTooLarge, nil},
		"65 revocation lists":    {func(sd *signedData) { sd.CRLs = tagged(1, list(maxRevocations+1, crl).Bytes) }, ErrTooLarge, nil},
		"65 certificates":        {func(sd *signedData) { sd.Certificates = tagged(0, list(maxCertificates+1, crl).Bytes) }, ErrTooLarge, nil},
		"signer is nothing":      {func(sd *signedData) { sd.SignerInfos = set(null) }, ErrMalformed, nil},
		"certificate is nothing": {func(sd *signedData) { sd.Certificates = tagged(0, crl) }, ErrMalformed, nil},
		"content is a number":    {func(sd *signedData) { sd.Content.Content = tagged(0, []byte{2, 1, 7}) }, ErrMalformed, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForger(t)
			f.data = test.edit
			message := f.message(t)
			report, err := VerifyStream(bytes.NewReader(message), nil)
			require.ErrorIs(t, err, test.want)
			if test.want != nil {
				_, err := SignerInfos(bytes.NewReader(message))
				require.Error(t, err)
				return
			}
			require.Len(t, report.Signers, 1)
			require.ErrorIs(t, report.Signers[0].Problem, test.problem)

			p, content, err := open(message)
			require.NoError(t, err)
			again, err := p.encode(content)
			require.NoError(t, err)
			require.Equal(t, message, again)
		})
	}
}

// TestUnsignedAttributes reads what nobody signed with the same care.
func TestUnsignedAttributes(t *testing.T) {
	for name, test := range map[string]struct {
		attributes []byte
		tokens     int
		want       error
	}{
		"another":                 {value(t, attr(t, oidSigningTime, 7)), 0, nil},
		"two in one":              {value(t, attr(t, oidSignatureTimestamp, 7, 8)), 2, nil},
		"no attribute":            {[]byte{5, 0}, 0, ErrMalformed},
		"values are no SET":       {value(t, attribute{oidSignatureTimestamp, asn1.RawValue{FullBytes: []byte{0x30, 2, 5, 0}}}), 0, ErrMalformed},
		"values are no attribute": {[]byte{0x30, 1}, 0, ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForger(t)
			f.info = func(i *signerInfo) { i.UnsignedAttributes = tagged(1, test.attributes) }
			message := f.message(t)
			infos, err := SignerInfos(bytes.NewReader(message))
			require.ErrorIs(t, err, test.want)
			_, err = AttachTimestamp(message, 0, []byte{0x30, 0})
			require.ErrorIs(t, err, test.want)
			_, err = VerifyForeign(message, nil)
			require.ErrorIs(t, err, test.want)
			if test.want == nil {
				require.Len(t, infos[0].Timestamps, test.tokens)
			}
		})
	}
}
