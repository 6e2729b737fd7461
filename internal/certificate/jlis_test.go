package certificate

import (
	"crypto/x509"
	"math/big"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestJLIS holds the shipped files against the table: fingerprints, serial numbers and days, and the
// folder, so that none of them changes unnoticed.
func TestJLIS(t *testing.T) {
	shipped := slices.DeleteFunc(Roots(), func(r Root) bool { return r.file == "" })
	anchors := JLIS()
	require.Len(t, anchors, len(shipped))
	for i, root := range shipped {
		cert := anchors[i].Certificate
		require.Equal(t, root.SHA256, anchors[i].Fingerprint(), root.file)
		require.Equal(t, root.Hierarchy, anchors[i].Hierarchy, root.file)
		require.Equal(t, root.Serial, serial(cert), root.file)
		require.Equal(t, root.From, cert.NotBefore.Format(time.DateOnly), root.file)
		require.Equal(t, root.To, cert.NotAfter.Format(time.DateOnly), root.file)
		require.Equal(t, root.Obtained, anchors[i].Obtained)
		require.Equal(t, OriginJLIS, anchors[i].Origin)
		require.NoError(t, cert.CheckSignatureFrom(cert))
	}
	files, err := os.ReadDir("anchors")
	require.NoError(t, err)
	require.Len(t, files, len(shipped))
}

// TestMissing: the root of 2019 is missing until somebody adds it, and a root that only has its serial
// number is not it.
func TestMissing(t *testing.T) {
	missing := JLIS().Missing()
	require.Len(t, missing, 1)
	require.Equal(t, "J-LIS 利用者証明用 02", missing[0].Name())
	require.Equal(t, NotObtained, missing[0].Obtained)
	require.Len(t, Anchors{}.Missing(), len(Roots()))

	number, _ := new(big.Int).SetString("133C349", 16)
	like := func(subject []byte) Anchors {
		return JLIS().With(Anchors{{Hierarchy: Authentication, Certificate: &x509.Certificate{Raw: subject, RawSubject: subject, SerialNumber: number}}})
	}
	require.Empty(t, like(JLIS()[0].Certificate.RawSubject).Missing())
	require.Len(t, like([]byte{0x30, 0}).Missing(), 1)
}

// TestOneNameManyKeys records why an issuer is never chosen by name.
func TestOneNameManyKeys(t *testing.T) {
	names, keys := map[string]bool{}, map[string]bool{}
	for _, anchor := range JLIS() {
		names[string(anchor.Certificate.RawSubject)] = true
		keys[string(anchor.Certificate.SubjectKeyId)] = true
	}
	require.Len(t, names, 2)
	require.Len(t, keys, 5)
}
