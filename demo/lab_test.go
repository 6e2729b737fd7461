package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
)

func TestPattern(t *testing.T) {
	document, ok := labDocument("batch-7")
	require.True(t, ok)
	require.NoError(t, iotest.TestReader(document, patternBytes(7, labSmallSize)))

	large, ok := labDocument("large")
	require.True(t, ok)
	hash := sha256.New()
	n, err := io.Copy(hash, large)
	require.NoError(t, err)
	require.EqualValues(t, 50<<20, n)
	require.Equal(t, largeDigest, hex.EncodeToString(hash.Sum(nil)))
}

// largeDigest is what Node makes of the same document by the function pattern of lab.js.
const largeDigest = "294d3b57bcf004b5d9d1a60fd3e2dfdc21f38731b7cac50e1a28332c4bcae1fd"

func patternBytes(seed, size int) []byte {
	content := make([]byte, size)
	for i := range content {
		content[i] = byte(31*i + 17*(i/256) + seed)
	}
	return content
}

func TestLabDocuments(t *testing.T) {
	for name, want := range map[string]bool{
		"large": true, "hidden": true, "raw": true, "batch-0": true, "batch-99": true,
		"": false, "batch-": false, "batch-100": false, "batch--1": false, "batch-07": false, "7": false,
	} {
		_, ok := labDocument(name)
		require.Equal(t, want, ok, name)
	}
}

func TestLabVerifies(t *testing.T) {
	b := newBench(t)
	c := b.browser(t)
	for n := range 3 {
		message := sign(t, b.signCertificate(t), patternBytes(n, labSmallSize), false, b.now())
		status, answer := c.post("/lab/verify?document=batch-"+strconv.Itoa(n), message)
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, map[string]string{"anchor": "added"}, answer)
		c.refused("/lab/verify?document=raw", message, http.StatusUnprocessableEntity, "DOCUMENT_CHANGED")
	}
	c.refused("/lab/verify?document=batch-100", nil, http.StatusNotFound, "NOT_FOUND")
}

func TestLabVerifiesRaw(t *testing.T) {
	b := newBench(t)
	c := b.browser(t)
	digest := sha256.Sum256(patternBytes(203, labSmallSize))
	signature, err := rsa.SignPKCS1v15(rand.Reader, certtest.Key(t, "card"), crypto.SHA256, digest[:])
	require.NoError(t, err)
	body := func(certificate, signature []byte) []byte {
		text, err := json.Marshal(map[string][]byte{"certificate": certificate, "signature": signature})
		require.NoError(t, err)
		return text
	}
	certificate := b.signCertificate(t).Raw
	status, answer := c.post("/lab/verify-raw", body(certificate, signature))
	require.Equal(t, http.StatusOK, status)
	require.Empty(t, answer)

	signature[0] ^= 1
	c.refused("/lab/verify-raw", body(certificate, signature), http.StatusUnprocessableEntity, "SIGNATURE_INVALID")
	c.refused("/lab/verify-raw", body(nil, signature), http.StatusBadRequest, "UNREADABLE")
	c.refused("/lab/verify-raw", []byte("{"), http.StatusBadRequest, "UNREADABLE")
}
