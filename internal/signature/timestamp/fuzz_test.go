package timestamp

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
)

// tokenSeeds are tokens of every form that verify.
func tokenSeeds(t testing.TB) [][]byte {
	t.Helper()
	a := newAuthority(t)
	plain, full, old := newForgery(t, a), newForgery(t, a), newForgery(t, a)
	full.info.Accuracy = accuracy{big.NewInt(1), big.NewInt(500), big.NewInt(100)}
	full.info.Ordering = true
	old.bindSHA1(t, a.cert)
	old.info.Nonce = nil
	return [][]byte{plain.token(t), full.token(t), old.token(t)}
}

func querySeeds(t testing.TB) [][]byte {
	t.Helper()
	var seeds [][]byte
	for _, hash := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		q, err := NewQuery(hash, value, strings.NewReader("\xff2345678"))
		require.NoError(t, err)
		der, err := q.DER()
		require.NoError(t, err)
		q.Policy = testPolicy
		with, err := q.DER()
		require.NoError(t, err)
		seeds = append(seeds, der, with)
	}
	return seeds
}

// responseSeeds are answers with each of the tokens.
func responseSeeds(t testing.TB) [][]byte {
	t.Helper()
	var seeds [][]byte
	for _, token := range tokenSeeds(t) {
		seeds = append(seeds, marshal(t, response{Token: asn1.RawValue{FullBytes: token}}))
	}
	return seeds
}

// infoSeeds are TSTInfos of every form.
func infoSeeds(t testing.TB, a *authority) [][]byte {
	t.Helper()
	var seeds [][]byte
	for _, edit := range []func(*tstInfo){
		func(*tstInfo) {},
		func(i *tstInfo) { i.Accuracy = accuracy{big.NewInt(1), big.NewInt(500), big.NewInt(100)} },
		func(i *tstInfo) { i.Ordering, i.Nonce = true, nil },
		func(i *tstInfo) { i.Time = generalized("20261123030000.5Z") },
	} {
		forgery := newForgery(t, a)
		edit(&forgery.info)
		seeds = append(seeds, marshal(t, forgery.info))
	}
	return seeds
}

// TestSeeds asks that what fuzzing begins with passes.
func TestSeeds(t *testing.T) {
	a := newAuthority(t)
	tokens, queries, responses, infos := tokenSeeds(t), querySeeds(t), responseSeeds(t), infoSeeds(t, a)
	require.Equal(t, []int{3, 6, 3, 4}, []int{len(tokens), len(queries), len(responses), len(infos)})
	for _, seed := range tokens {
		_, err := ParseToken(seed)
		require.NoError(t, err)
	}
	for _, seed := range queries {
		_, err := ParseQuery(seed)
		require.NoError(t, err)
	}
	for _, seed := range responses {
		_, err := ParseResponse(seed)
		require.NoError(t, err)
	}
	for _, seed := range infos {
		_, err := parseInfo(seed, a.cert)
		require.NoError(t, err)
	}
}

// FuzzParseToken asks that parsing ends without a panic, and that a token that verifies does not any
// more when a bit of its TSTInfo or of its signature is another.
func FuzzParseToken(f *testing.F) {
	for _, seed := range tokenSeeds(f) {
		f.Add(seed, uint(100))
	}
	f.Fuzz(func(t *testing.T, der []byte, bit uint) {
		token, err := ParseToken(der)
		if err != nil {
			return
		}
		require.Equal(t, der, token.Raw)
		require.Equal(t, certtest.Now, token.Time)
		require.NoError(t, token.Covers(value))
		at := bytes.Index(der, token.Imprint.Digest)
		require.Positive(t, at)
		other := bytes.Clone(der)
		i := bit % uint(8*len(token.Imprint.Digest))
		other[at+int(i/8)] ^= 1 << (i % 8)
		_, err = ParseToken(other)
		require.Error(t, err)
	})
}

// FuzzParseInfo asks that what is understood of a TSTInfo encodes to the very bytes that were read. It
// looks behind the signature, which keeps a fuzzer of tokens from ever changing one.
func FuzzParseInfo(f *testing.F) {
	a := newAuthority(f)
	for _, seed := range infoSeeds(f, a) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		token, err := parseInfo(der, a.cert)
		if err != nil {
			return
		}
		info := tstInfo{Version: 1, Policy: token.Policy, Serial: token.Serial, Ordering: token.Ordering, Nonce: token.Nonce}
		var read tstInfo
		require.NoError(t, decode(der, &read, func() ([]byte, error) { return marshal(t, read), nil }))
		info.Imprint, info.Time, info.Accuracy, info.TSA, info.Extensions = read.Imprint, read.Time, read.Accuracy, read.TSA, read.Extensions
		require.Equal(t, der, marshal(t, info))
		require.GreaterOrEqual(t, token.Accuracy, time.Duration(0))
		require.Len(t, token.Imprint.Digest, token.Imprint.Hash.Size())
	})
}

// FuzzParseQuery asks that what was read is written the same, up to the parameters of the hash, which
// are never written.
func FuzzParseQuery(f *testing.F) {
	for _, seed := range querySeeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		q, err := ParseQuery(der)
		if err != nil {
			return
		}
		again, err := q.DER()
		require.NoError(t, err)
		if !bytes.Equal(der, again) {
			require.Equal(t, len(der), len(again)+2, "NULL")
		}
		same, err := ParseQuery(again)
		require.NoError(t, err)
		require.Equal(t, q, same)
	})
}

// FuzzParseResponse asks that parsing ends without a panic, and in a token only if that token is there.
func FuzzParseResponse(f *testing.F) {
	for _, seed := range responseSeeds(f) {
		f.Add(seed)
	}
	f.Add([]byte{0x30, 9, 0x30, 7, 2, 1, 2, 3, 2, 5, 0x20})
	f.Fuzz(func(t *testing.T, der []byte) {
		token, err := ParseResponse(der)
		require.Equal(t, token == nil, err != nil)
		if err == nil {
			require.True(t, bytes.HasSuffix(der, token.Raw))
		}
	})
}
