package c14n_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/signature/xml/c14n"
	"github.com/natsuin/natsuin/internal/signature/xml/tree"
)

var algorithms = []c14n.Algorithm{c14n.Inclusive10, c14n.Inclusive10Comments, c14n.Inclusive11, c14n.Inclusive11Comments,
	c14n.Exclusive, c14n.ExclusiveComments}

// TestRandomElementsAgainstXmlsec1 lets xmlsec1 digest elements of documents made by chance, in every canonical form, and
// compares the bytes that it says it digested. Such references leave comments out.
func TestRandomElementsAgainstXmlsec1(t *testing.T) {
	judged := 0
	for seed := uint64(0); judged < 25; seed++ {
		require.Less(t, seed, uint64(500), "too few documents have an element to choose")
		r := rand.New(rand.NewPCG(seed, 7))
		source, found := withTarget(t, r, randomDocument(r))
		if !found {
			continue
		}
		judged++
		d, err := tree.Parse([]byte(source), limit)
		require.NoError(t, err)
		var target *tree.Node
		for n := range d.Root.All() {
			if id, _ := n.Attribute("", "Id"); id == "target" {
				target = n
			}
		}
		want := digested(t, source, target)
		require.Len(t, want, len(algorithms))
		for i, algorithm := range algorithms {
			var b bytes.Buffer
			selection := c14n.Selection{Document: d, Apex: target, NoComments: true}
			require.NoError(t, c14n.Form{Algorithm: algorithm, Prefixes: listed(algorithm)}.Write(&b, selection))
			require.Equal(t, want[i], b.String(), "%s of %s", algorithm, source)
		}
	}
}

// listed is the PrefixList that the test gives one of the exclusive forms.
func listed(algorithm c14n.Algorithm) []string {
	if algorithm == c14n.ExclusiveComments {
		return []string{"p", "r", "#default"}
	}
	return nil
}

// withTarget gives an element below the root an Id, and the root a signature that refers to it in every form.
func withTarget(t *testing.T, r *rand.Rand, source string) (string, bool) {
	d, err := tree.Parse([]byte(source), limit)
	require.NoError(t, err)
	var below []*tree.Node
	for n := range d.Root.All() {
		if n.Kind == tree.Element && n != d.Root {
			below = append(below, n)
		}
	}
	if len(below) == 0 {
		return "", false
	}
	const dsig = "http://www.w3.org/2000/09/xmldsig#"
	var signature strings.Builder
	signature.WriteString(`<Signature xmlns="` + dsig + `"><SignedInfo><CanonicalizationMethod Algorithm="` + string(c14n.Inclusive10) +
		`"/><SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"/>`)
	for _, algorithm := range algorithms {
		signature.WriteString(`<Reference URI="#target"><Transforms><Transform Algorithm="` + string(algorithm) + `">`)
		if prefixes := listed(algorithm); prefixes != nil {
			signature.WriteString(`<InclusiveNamespaces xmlns="` + string(c14n.Exclusive) + `" PrefixList="` + strings.Join(prefixes, " ") + `"/>`)
		}
		signature.WriteString(`</Transform></Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference>`)
	}
	signature.WriteString(`</SignedInfo><SignatureValue/></Signature>`)

	n := below[r.IntN(len(below))]
	at := n.Start + len("<") + len(n.QName())
	return source[:at] + ` Id="target"` + source[at:d.Root.ContentEnd] + signature.String() + source[d.Root.ContentEnd:], true
}

// digested returns what xmlsec1 made of each reference before it took the digest.
func digested(t *testing.T, source string, target *tree.Node) []string {
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "x.xml"), []byte(source), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "key"), []byte("0123456789abcdef"), 0o600))
	name := target.Local
	if target.Space != "" {
		name = target.Space + ":" + name
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "xmlsec1", "--sign", "--hmackey", "key", "--store-references", "--id-attr:Id", name,
		"--output", "out.xml", "x.xml")
	cmd.Dir = folder
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	require.NoError(t, err, "xmlsec1 is needed (make deps): %s\n%s", problems.String(), source)

	const begin, end = "== PreDigest data - start buffer:\n", "\n== PreDigest data - end buffer"
	var parts []string
	for _, rest := range strings.Split(string(out), begin)[1:] {
		part, _, found := strings.Cut(rest, end)
		require.True(t, found)
		parts = append(parts, part)
	}
	return parts
}
