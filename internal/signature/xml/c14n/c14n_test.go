package c14n_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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

const limit = 1 << 20

// xmllint asks libxml2 for the canonical form of a file, with comments, as it always writes them.
func xmllint(t testing.TB, option, folder, name string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "xmllint", option, "--nonet", filepath.Join(folder, name))
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "xmllint is needed (make deps): %s", stderr.String())
	return string(out)
}

func canonical(t testing.TB, source string, form c14n.Form) string {
	t.Helper()
	d, err := tree.Parse([]byte(source), limit)
	require.NoError(t, err, source)
	var b bytes.Buffer
	require.NoError(t, form.Write(&b, c14n.Selection{Document: d}), source)
	return b.String()
}

var judged = map[string]c14n.Algorithm{
	"--c14n":     c14n.Inclusive10Comments,
	"--c14n11":   c14n.Inclusive11Comments,
	"--exc-c14n": c14n.ExclusiveComments,
}

func judge(t *testing.T, source string) {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "x.xml"), []byte(source), 0o600))
	for option, algorithm := range judged {
		got := canonical(t, source, c14n.Form{Algorithm: algorithm})
		require.Equal(t, xmllint(t, option, folder, "x.xml"), got, "%s of %q", option, source)
		require.Equal(t, got, canonical(t, got, c14n.Form{Algorithm: algorithm}), "%s of itself, of %q", option, source)
	}
}

func TestCorpusAgainstLibxml2(t *testing.T) {
	require.GreaterOrEqual(t, len(corpus), 40)
	for name, source := range corpus {
		t.Run(name, func(t *testing.T) { judge(t, source) })
	}
}

// TestRandomAgainstLibxml2 holds documents made by chance, always the same ones, against libxml2.
func TestRandomAgainstLibxml2(t *testing.T) {
	for seed := range uint64(60) {
		judge(t, randomDocument(rand.New(rand.NewPCG(seed, 3))))
	}
}

func TestComments(t *testing.T) {
	const source = "<!--1--><a><!--2-->x<?p?></a><!--3-->"
	for algorithm, want := range map[c14n.Algorithm]string{
		c14n.Inclusive10:         "<a>x<?p?></a>",
		c14n.Inclusive10Comments: "<!--1-->\n<a><!--2-->x<?p?></a>\n<!--3-->",
		c14n.Inclusive11:         "<a>x<?p?></a>",
		c14n.Inclusive11Comments: "<!--1-->\n<a><!--2-->x<?p?></a>\n<!--3-->",
		c14n.Exclusive:           "<a>x<?p?></a>",
		c14n.ExclusiveComments:   "<!--1-->\n<a><!--2-->x<?p?></a>\n<!--3-->",
	} {
		require.Equal(t, want, canonical(t, source, c14n.Form{Algorithm: algorithm}))
		d, err := tree.Parse([]byte(source), limit)
		require.NoError(t, err)
		var b bytes.Buffer
		require.NoError(t, c14n.Form{Algorithm: algorithm}.Write(&b, c14n.Selection{Document: d, NoComments: true}))
		require.Equal(t, "<a>x<?p?></a>", b.String())
	}
}

// find returns the first element of that local name.
func find(t testing.TB, d *tree.Document, local string) *tree.Node {
	t.Helper()
	for n := range d.Root.All() {
		if n.Kind == tree.Element && n.Local == local {
			return n
		}
	}
	t.Fatalf("no element %s", local)
	return nil
}

func TestElement(t *testing.T) {
	const source = `<r xmlns="urn:d" xmlns:p="urn:p" xmlns:q="urn:q" xml:lang="ja" xml:space="preserve" xml:id="r" xml:foo="1">` +
		`<m xml:lang="en" xmlns:q="urn:q2"><e p:a="1" xml:space="default"><!--c--><s/><q:f/></e></m></r>`
	for name, test := range map[string]struct {
		form c14n.Form
		want string
	}{
		"1.0": {c14n.Form{Algorithm: c14n.Inclusive10},
			`<e xmlns="urn:d" xmlns:p="urn:p" xmlns:q="urn:q2" xml:foo="1" xml:id="r" xml:lang="en" xml:space="default" p:a="1"><q:f></q:f></e>`},
		"1.1": {c14n.Form{Algorithm: c14n.Inclusive11},
			`<e xmlns="urn:d" xmlns:p="urn:p" xmlns:q="urn:q2" xml:lang="en" xml:space="default" p:a="1"><q:f></q:f></e>`},
		"exclusive": {c14n.Form{Algorithm: c14n.Exclusive},
			`<e xmlns="urn:d" xmlns:p="urn:p" xml:space="default" p:a="1"><q:f xmlns:q="urn:q2"></q:f></e>`},
		"exclusive with a list": {c14n.Form{Algorithm: c14n.Exclusive, Prefixes: []string{"q", "#default", "none"}},
			`<e xmlns="urn:d" xmlns:p="urn:p" xmlns:q="urn:q2" xml:space="default" p:a="1"><q:f></q:f></e>`},
		"exclusive with comments": {c14n.Form{Algorithm: c14n.ExclusiveComments},
			`<e xmlns="urn:d" xmlns:p="urn:p" xml:space="default" p:a="1"><!--c--><q:f xmlns:q="urn:q2"></q:f></e>`},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := tree.Parse([]byte(source), limit)
			require.NoError(t, err)
			var b bytes.Buffer
			require.NoError(t, test.form.Write(&b, c14n.Selection{Document: d, Apex: find(t, d, "e"), Without: find(t, d, "s")}))
			require.Equal(t, test.want, b.String())
		})
	}
}

// TestManyInherited: an element inherits more attributes than could each be compared with all others.
func TestManyInherited(t *testing.T) {
	const count = 50_000
	var source, want strings.Builder
	source.WriteString("<r")
	want.WriteString("<e")
	for i := range count {
		fmt.Fprintf(&source, ` xml:a%06d=""`, i)
		fmt.Fprintf(&want, ` xml:a%06d=""`, i)
	}
	source.WriteString("><e/></r>")
	want.WriteString("></e>")
	d, err := tree.Parse([]byte(source.String()), limit)
	require.NoError(t, err)
	var b strings.Builder
	require.NoError(t, c14n.Form{Algorithm: c14n.Inclusive10}.Write(&b, c14n.Selection{Document: d, Apex: find(t, d, "e")}))
	require.Equal(t, want.String(), b.String())
}

func TestRefused(t *testing.T) {
	for name, test := range map[string]struct {
		source    string
		algorithm c14n.Algorithm
		apex      string
		want      error
	}{
		"unknown algorithm":          {`<a/>`, "http://www.w3.org/TR/1999/REC-xpath-19991116", "", c14n.ErrAlgorithm},
		"relative namespace":         {`<a xmlns="b/c"/>`, c14n.Inclusive10, "", c14n.ErrRelativeNamespace},
		"relative namespace inside":  {`<a><b><c xmlns:p="1:b"/></b></a>`, c14n.Exclusive, "", c14n.ErrRelativeNamespace},
		"relative namespace above":   {`<a xmlns:p="x"><b/></a>`, c14n.Inclusive11, "b", c14n.ErrRelativeNamespace},
		"xml:base above, 1.1":        {`<a xml:base="http://example.com/"><b/></a>`, c14n.Inclusive11, "b", c14n.ErrBase},
		"xml:base above, 1.0":        {`<a xml:base="http://example.com/"><b/></a>`, c14n.Inclusive10, "b", nil},
		"xml:base above, exclusive":  {`<a xml:base="http://example.com/"><b/></a>`, c14n.Exclusive, "b", nil},
		"xml:base of the apex, 1.1":  {`<a><b xml:base="http://example.com/"/></a>`, c14n.Inclusive11, "b", nil},
		"xml:base of a document 1.1": {`<a xml:base="x"><b xml:base="y"/></a>`, c14n.Inclusive11, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := tree.Parse([]byte(test.source), limit)
			require.NoError(t, err)
			s := c14n.Selection{Document: d}
			if test.apex != "" {
				s.Apex = find(t, d, test.apex)
			}
			require.ErrorIs(t, c14n.Form{Algorithm: test.algorithm}.Write(new(bytes.Buffer), s), test.want)
		})
	}
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriterFails(t *testing.T) {
	d, err := tree.Parse([]byte("<a>"+strings.Repeat("x", 10000)+"</a>"), limit)
	require.NoError(t, err)
	require.ErrorIs(t, c14n.Form{Algorithm: c14n.Inclusive10}.Write(full{}, c14n.Selection{Document: d}), errFull)
}

// FuzzCanonical: what can be read has a canonical form that reads as the same, in every algorithm.
func FuzzCanonical(f *testing.F) {
	for _, source := range corpus {
		f.Add([]byte(source))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		d, err := tree.Parse(source, limit)
		if err != nil {
			return
		}
		for _, algorithm := range judged {
			form := c14n.Form{Algorithm: algorithm}
			var once bytes.Buffer
			if err := form.Write(&once, c14n.Selection{Document: d}); err != nil {
				require.ErrorIs(t, err, c14n.ErrRelativeNamespace)
				return
			}
			require.Equal(t, once.String(), canonical(t, once.String(), form))
		}
	})
}
