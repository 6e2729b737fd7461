package certificate

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestJLIS holds the shipped files against the fingerprints of the table, and the folder against the
// table, so that neither changes unnoticed.
func TestJLIS(t *testing.T) {
	anchors := JLIS()
	require.Len(t, anchors, len(jlisRoots))
	for i, root := range jlisRoots {
		require.Equal(t, root.SHA256, anchors[i].Fingerprint(), root.File)
		require.Equal(t, root.Hierarchy, anchors[i].Hierarchy, root.File)
		require.Equal(t, OriginJLIS, anchors[i].Origin)
		require.NoError(t, anchors[i].Certificate.CheckSignatureFrom(anchors[i].Certificate))
	}
	files, err := os.ReadDir("anchors")
	require.NoError(t, err)
	require.Len(t, files, len(jlisRoots))
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
