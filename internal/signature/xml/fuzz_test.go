package xmldsig

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
)

// seeds are signed documents of every profile, and what is none.
func seeds(t testing.TB) [][]byte {
	t.Helper()
	return [][]byte{
		sign(t, Request{Profile: ETax, Document: []byte(xtx)}),
		sign(t, Request{Profile: EGov, Document: []byte(kousei), Files: files(), Time: certtest.Now}),
		sign(t, Request{Profile: Enveloped, Document: []byte(plain)}),
		sign(t, Request{Profile: Enveloped, Document: []byte(plain), Elements: []string{"甲"}}),
		sign(t, Request{Profile: Enveloped, Document: []byte(plain), Files: files(), XAdES: true, Time: certtest.Now}),
		sign(t, Request{Profile: Detached, Files: files(), XAdES: true, Time: certtest.Now}),
	}
}

func TestSeeds(t *testing.T) {
	require.NotEmpty(t, seeds(t))
	for _, document := range seeds(t) {
		signatures, err := Verify(document, given)
		require.NoError(t, err)
		require.Equal(t, []error{nil}, errorsOf(signatures))
	}
}

// TestEveryBit flips every bit of what is signed, one after the other.
func TestEveryBit(t *testing.T) {
	for _, document := range seeds(t)[:4] {
		for _, r := range one(t, string(document), given).References {
			for at := r.Start; at < r.End; at++ {
				flipped(t, document, at, at&7)
			}
		}
	}
}

// flipped verifies a document, of which every signature is correct, with one bit turned: either a signature does not
// hold any more, or all of them sign exactly what they signed before.
func flipped(t testing.TB, document []byte, at, bit int) {
	t.Helper()
	before, err := Verify(document, given)
	require.NoError(t, err)
	changed := bytes.Clone(document)
	changed[at] ^= 1 << bit
	after, err := Verify(changed, given)
	if err != nil || len(after) != len(before) {
		return
	}
	for i, s := range after {
		if s.Err != nil {
			return
		}
		require.Len(t, s.References, len(before[i].References))
		for j, r := range s.References {
			want, err := before[i].References[j].Canonical()
			require.NoError(t, err)
			got, err := r.Canonical()
			require.NoError(t, err)
			require.Equal(t, want, got, "bit %d of byte %d", bit, at)
			require.Equal(t, before[i].References[j].File, r.File)
		}
	}
}

// FuzzVerify: a signature that is found correct signs what its digests say, within the document, and does not survive
// a turned bit in it. The checklists say something of every document.
func FuzzVerify(f *testing.F) {
	for _, document := range seeds(f) {
		f.Add(document, uint(len(document)/3), byte(3))
	}
	f.Add([]byte("<a><Signature xmlns='"+spaceDSig+"'/></a>"), uint(0), byte(0))
	f.Fuzz(func(t *testing.T, document []byte, at uint, bit byte) {
		for _, p := range Profiles() {
			findings(t, p, string(document), []string{"form.xml"})
		}
		signatures, err := Verify(document, given)
		if err != nil {
			return
		}
		correct := true
		for _, s := range signatures {
			require.LessOrEqual(t, s.End, len(document))
			correct = correct && s.Err == nil
			if s.Err != nil {
				require.Nil(t, s.Certificate)
				continue
			}
			require.NotNil(t, s.Certificate)
			for _, r := range s.References {
				require.LessOrEqual(t, r.End, len(document))
				if r.Scope == ScopeFile {
					continue
				}
				canonical, err := r.Canonical()
				require.NoError(t, err)
				require.Equal(t, r.Digest, sum(r.Hash, canonical))
			}
		}
		if correct {
			flipped(t, document, int(at%uint(len(document))), int(bit&7))
		}
	})
}

// FuzzSign: of a document that can be signed nothing is gone or moved, what was put in is the signature, and it holds.
func FuzzSign(f *testing.F) {
	documents := []string{plain, xtx, kousei, "<a/>", "<p:a xmlns:p='urn:p' />", "<ds:a xmlns:ds='urn:p'/>", "\uFEFF<?xml version='1.0'?><a>\r</a>\n<!-- -->"}
	for _, document := range append(seeds(f), []byte(billionLaughs())) {
		documents = append(documents, string(document))
	}
	for _, document := range documents {
		for i := range Profiles() {
			f.Add([]byte(document), i)
		}
	}
	key, cert, _ := card(f)
	f.Fuzz(func(t *testing.T, document []byte, i int) {
		if i < 0 || i >= len(Profiles()) {
			return
		}
		before := bytes.Clone(document)
		out, err := Sign(key, cert, Request{Profile: Profiles()[i], Document: document, Time: certtest.Now})
		require.Equal(t, before, document)
		if err != nil {
			return
		}
		put := spliced(t, string(document), string(out))
		require.Equal(t, 2, strings.Count(put, ":SignedInfo>"), "its start and its end")
		old, err := Verify(document, given)
		if err != nil {
			require.ErrorIs(t, err, ErrNoSignature)
		}
		now, err := Verify(out, given)
		require.NoError(t, err)
		require.Len(t, now, len(old)+1)
		require.GreaterOrEqual(t, held(now), held(old)+1)
	})
}

// held counts the signatures that hold.
func held(signatures []Signature) (n int) {
	for _, err := range errorsOf(signatures) {
		if err == nil {
			n++
		}
	}
	return n
}
