package xmldsig

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/xml/c14n"
	"github.com/natsuin/natsuin/internal/signature/xml/tree"
)

// replaced changes one place of a document, which must be there exactly once.
func replaced(t testing.TB, document, old, new string) string {
	t.Helper()
	require.Equal(t, 1, strings.Count(document, old), "%q in %s", old, document)
	return strings.Replace(document, old, new, 1)
}

// all changes every place of a document, of which there must be one.
func all(t testing.TB, document, old, new string) string {
	t.Helper()
	require.Contains(t, document, old)
	return strings.ReplaceAll(document, old, new)
}

// resign gives the first signature of a document digests and a value that fit, with the key "card", as far as it can
// be understood: so does whoever forges with the right key.
func resign(t testing.TB, document string) string {
	t.Helper()
	for i := range 1 << 20 {
		next, done := fitDigest(t, document, i)
		if done {
			break
		}
		document = next
	}
	return fitValue(t, document)
}

// firstSignature parses and finds the first Signature element.
func firstSignature(t testing.TB, document string) (*tree.Document, *tree.Node) {
	t.Helper()
	d, err := parse([]byte(document))
	require.NoError(t, err)
	nodes, err := signatureElements(d)
	require.NoError(t, err)
	require.NotEmpty(t, nodes)
	return d, nodes[0]
}

// fitDigest corrects the i-th reference.
func fitDigest(t testing.TB, document string, i int) (fitted string, done bool) {
	t.Helper()
	d, n := firstSignature(t, document)
	r, err := readSignature(d, n, true)
	if err != nil || i >= len(r.references) {
		return document, true
	}
	v := newVerifier(d, Opener(given).digest)
	v.weak = true
	r.references[i].digest = nil
	reference, err := v.resolve(r, r.references[i])
	if err != nil {
		return document, false
	}
	hash := r.references[i].suite.hash
	var data []byte
	if reference.Scope == ScopeFile {
		if data, err = v.file(fileDigest{reference.File, hash}); err != nil {
			return document, false
		}
	} else {
		canonical, err := reference.Canonical()
		require.NoError(t, err)
		data = sum(hash, canonical)
	}
	return content(document, first(r.references[i].node, spaceDSig, "DigestValue"), encode(data)), false
}

// fitValue corrects the SignatureValue.
func fitValue(t testing.TB, document string) string {
	t.Helper()
	d, n := firstSignature(t, document)
	info, value := first(n, spaceDSig, "SignedInfo"), first(n, spaceDSig, "SignatureValue")
	if info == nil || value == nil {
		return document
	}
	form, s := c14n.Form{Algorithm: c14n.Inclusive10}, suites[0]
	if method := first(info, spaceDSig, "CanonicalizationMethod"); method != nil {
		if f, err := readForm(method); err == nil {
			form = f
		}
	}
	if method := first(info, spaceDSig, "SignatureMethod"); method != nil {
		if found, err := suiteOf(algorithm(method), signatureURI, true); err == nil {
			s = found
		}
	}
	var b bytes.Buffer
	require.NoError(t, form.Write(&b, c14n.Selection{Document: d, Apex: info}))
	signature, err := certtest.Key(t, "card").Sign(rand.Reader, sum(s.hash, b.Bytes()), crypto.SignerOpts(s.hash))
	require.NoError(t, err)
	return content(document, value, encode(signature))
}

// content puts a text in the place of what an element holds.
func content(document string, n *tree.Node, text string) string {
	return document[:n.ContentStart] + text + document[n.ContentEnd:]
}

// between returns what stands between two texts, the first of them at its first place, with both of them.
func between(t testing.TB, document, from, to string) string {
	t.Helper()
	start := strings.Index(document, from)
	require.GreaterOrEqual(t, start, 0, from)
	length := strings.Index(document[start:], to)
	require.GreaterOrEqual(t, length, 0, to)
	return document[start : start+length+len(to)]
}

func errorsOf(signatures []Signature) []error {
	var found []error
	for s := range slices.Values(signatures) {
		found = append(found, s.Err)
	}
	return found
}
