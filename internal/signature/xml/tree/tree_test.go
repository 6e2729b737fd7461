package tree_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/signature/xml/tree"
)

const limit = 1 << 20

func parse(t testing.TB, source string) *tree.Document {
	t.Helper()
	d, err := tree.Parse([]byte(source), limit)
	require.NoError(t, err)
	return d
}

// refused are documents with one fault each. libxml2, asked by TestLibxml2Refuses, refuses those that are not
// well-formed too; a fault of namespaces it only tells, and what else it takes is marked.
var refused = map[string]struct {
	source string
	want   error
	takes  bool // libxml2 takes it
}{
	"nothing":                      {"", tree.ErrSyntax, false},
	"white space":                  {" \n", tree.ErrSyntax, false},
	"text alone":                   {"x", tree.ErrSyntax, false},
	"comment alone":                {"<!---->", tree.ErrSyntax, false},
	"text before the root":         {"x<a/>", tree.ErrSyntax, false},
	"text after the root":          {"<a/>x", tree.ErrSyntax, false},
	"reference after the root":     {"<a/>&#32;", tree.ErrSyntax, false},
	"CDATA after the root":         {"<a/><![CDATA[]]>", tree.ErrSyntax, false},
	"two roots":                    {"<a/><b/>", tree.ErrSyntax, false},
	"no end":                       {"<a>", tree.ErrSyntax, false},
	"no start":                     {"</a>", tree.ErrSyntax, false},
	"end after the root":           {"<a/></a>", tree.ErrSyntax, false},
	"wrong end":                    {"<a><b></a></b>", tree.ErrSyntax, false},
	"end of another prefix":        {`<p:a xmlns:p="urn:p" xmlns:q="urn:p"></q:a>`, tree.ErrSyntax, false},
	"end with an attribute":        {"<a></a b='1'>", tree.ErrSyntax, false},
	"cut tag":                      {"<a", tree.ErrSyntax, false},
	"cut attribute":                {"<a b='1", tree.ErrSyntax, false},
	"cut end tag":                  {"<a></a", tree.ErrSyntax, false},
	"cut comment":                  {"<a><!--", tree.ErrSyntax, false},
	"cut CDATA":                    {"<a><![CDATA[]]", tree.ErrSyntax, false},
	"cut instruction":              {"<a><?p ", tree.ErrSyntax, false},
	"space before a name":          {"< a/>", tree.ErrSyntax, false},
	"name with a digit first":      {"<1a/>", tree.ErrSyntax, false},
	"no space between attributes":  {`<a b="1"c="2"/>`, tree.ErrSyntax, false},
	"reference in an attribute":    {"<a b='&'/>", tree.ErrSyntax, false},
	"attribute without a value":    {"<a b/>", tree.ErrSyntax, false},
	"attribute without quotes":     {"<a b=1/>", tree.ErrSyntax, false},
	"attribute given twice":        {"<a b='1' b='2'/>", tree.ErrSyntax, false},
	"attribute given twice by URI": {"<a xmlns:p='urn:x' xmlns:q='urn:x' p:b='1' q:b='2'/>", tree.ErrSyntax, true},
	"declaration given twice":      {"<a xmlns:p='urn:x' xmlns:p='urn:y'/>", tree.ErrSyntax, false},
	"default given twice":          {"<a xmlns='urn:x' xmlns='urn:x'/>", tree.ErrSyntax, false},
	"less-than in an attribute":    {"<a b='<'/>", tree.ErrSyntax, false},
	"]]> in text":                  {"<a>]]></a>", tree.ErrSyntax, false},
	"-- in a comment":              {"<a><!-- -- --></a>", tree.ErrSyntax, false},
	"---> in a comment":            {"<a><!-- ---></a>", tree.ErrSyntax, false},
	"bare ampersand":               {"<a>&</a>", tree.ErrSyntax, false},
	"ampersand and space":          {"<a>& amp;</a>", tree.ErrSyntax, false},
	"reference without end":        {"<a>&amp</a>", tree.ErrSyntax, false},
	"unknown entity":               {"<a>&nbsp;</a>", tree.ErrSyntax, false},
	"reference to NUL":             {"<a>&#0;</a>", tree.ErrSyntax, false},
	"reference to a control":       {"<a>&#x1;</a>", tree.ErrSyntax, false},
	"reference to a surrogate":     {"<a>&#xD800;</a>", tree.ErrSyntax, false},
	"reference beyond Unicode":     {"<a>&#x110000;</a>", tree.ErrSyntax, false},
	"reference to too much":        {"<a>&#99999999999999999999;</a>", tree.ErrSyntax, false},
	"reference with a sign":        {"<a>&#+65;</a>", tree.ErrSyntax, false},
	"reference with a capital X":   {"<a>&#X41;</a>", tree.ErrSyntax, false},
	"reference without digits":     {"<a>&#x;&#;</a>", tree.ErrSyntax, false},
	"control character":            {"<a>\x01</a>", tree.ErrSyntax, false},
	"control in a comment":         {"<a><!--\x01--></a>", tree.ErrSyntax, false},
	"U+FFFE":                       {"<a>\uFFFE</a>", tree.ErrSyntax, false},
	"late declaration":             {"<!-- x --><?xml version='1.0'?><a/>", tree.ErrSyntax, false},
	"declaration after space":      {" <?xml version='1.0'?><a/>", tree.ErrSyntax, false},
	"declaration in capitals":      {"<?XML version='1.0'?><a/>", tree.ErrSyntax, false},
	"declaration without end":      {"<?xml version='1.0'><a/>", tree.ErrSyntax, false},
	"declaration, no version":      {"<?xml encoding='UTF-8'?><a/>", tree.ErrVersion, false},
	"declaration out of order":     {"<?xml version='1.0' standalone='no' encoding='UTF-8'?><a/>", tree.ErrSyntax, false},
	"encoding without quotes":      {"<?xml version='1.0' encoding=UTF-8?><a/>", tree.ErrSyntax, false},
	"version without a value":      {"<?xml version?><a/>", tree.ErrSyntax, false},
	"end tag of no name":           {"<a></></a>", tree.ErrSyntax, false},
	"end tag that does not end":    {"<a></a <b/>", tree.ErrSyntax, false},
	"standalone without quotes":    {"<?xml version='1.0' standalone=yes?><a/>", tree.ErrSyntax, false},
	"standalone maybe":             {"<?xml version='1.0' standalone='maybe'?><a/>", tree.ErrSyntax, false},
	"instruction without a target": {"<a><? p?></a>", tree.ErrSyntax, false},
	"instruction without space":    {"<a><?p+?></a>", tree.ErrSyntax, false},
	"a conditional section":        {"<a><![IGNORE[]]></a>", tree.ErrSyntax, false},
	"small doctype":                {"<!doctype a><a/>", tree.ErrSyntax, false},
	"XML 1.1":                      {"<?xml version='1.1'?><a/>", tree.ErrVersion, true},
	"doctype":                      {"<!DOCTYPE a><a/>", tree.ErrDoctype, true},
	"billion laughs": {"<!DOCTYPE a [<!ENTITY b 'ha'><!ENTITY c '&b;&b;&b;&b;'>]><a>&c;</a>",
		tree.ErrDoctype, true},
	"Shift_JIS declared":      {"<?xml version='1.0' encoding='Shift_JIS'?><a/>", tree.ErrEncoding, true},
	"Shift_JIS":               {"<a>\x93\xfa</a>", tree.ErrEncoding, false},
	"overlong UTF-8":          {"<a>\xC0\x80</a>", tree.ErrEncoding, false},
	"UTF-16LE without a mark": {"<\x00a\x00/\x00>\x00", tree.ErrEncoding, true},
	"UTF-16BE without a mark": {"\x00<\x00a\x00/\x00>", tree.ErrEncoding, true},
	"UTF-16 with a mark":      {"\xFF\xFE<\x00a\x00/\x00>\x00", tree.ErrEncoding, true},

	"undeclared prefix":              {"<p:a/>", tree.ErrNamespace, true},
	"undeclared prefix of attribute": {"<a p:b='1'/>", tree.ErrNamespace, true},
	"prefix out of scope":            {"<a><b xmlns:p='urn:p'/><p:c/></a>", tree.ErrNamespace, true},
	"prefix bound to nothing":        {"<a xmlns:p=''/>", tree.ErrNamespace, true},
	"declaration of no prefix":       {"<a xmlns:='urn:p'/>", tree.ErrNamespace, true},
	"two colons":                     {"<a xmlns:p='urn:p'><p:b:c/></a>", tree.ErrNamespace, true},
	"colon first":                    {"<:a/>", tree.ErrNamespace, true},
	"colon last":                     {"<a xmlns:p='urn:p' p:='1'/>", tree.ErrNamespace, true},
	"digit after a colon":            {"<a xmlns:p='urn:p' p:1='1'/>", tree.ErrNamespace, true},
	"xmlns as a prefix":              {"<xmlns:a/>", tree.ErrNamespace, true},
	"xmlns declared":                 {"<a xmlns:xmlns='urn:p'/>", tree.ErrNamespace, true},
	"xml declared as another":        {"<a xmlns:xml='urn:p'/>", tree.ErrNamespace, true},
	"another declared as xml":        {"<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>", tree.ErrNamespace, true},
	"xml by default":                 {"<a xmlns='http://www.w3.org/XML/1998/namespace'/>", tree.ErrNamespace, true},
	"xmlns' namespace declared":      {"<a xmlns:p='http://www.w3.org/2000/xmlns/'/>", tree.ErrNamespace, true},
	"instruction with a colon":       {"<a><?p:q?></a>", tree.ErrNamespace, true},
}

func TestRefused(t *testing.T) {
	for name, test := range refused {
		t.Run(name, func(t *testing.T) {
			d, err := tree.Parse([]byte(test.source), limit)
			require.ErrorIs(t, err, test.want)
			require.Nil(t, d)
			var at *tree.Error
			require.ErrorAs(t, err, &at)
			require.LessOrEqual(t, at.Offset, len(test.source))
		})
	}
}

// TestLibxml2Refuses holds the table above against another's reading.
func TestLibxml2Refuses(t *testing.T) {
	folder := t.TempDir()
	for name, test := range refused {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		file := filepath.Join(folder, "x.xml")
		require.NoError(t, os.WriteFile(file, []byte(test.source), 0o600))
		err := exec.CommandContext(ctx, "xmllint", "--noout", "--nonet", file).Run()
		cancel()
		if test.takes {
			continue // on purpose we are stricter, whatever libxml2 makes of it
		}
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit, "%s: xmllint is needed (make deps), and must refuse", name)
	}
}

func TestLimits(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("<a>", n) + strings.Repeat("</a>", n) }
	for name, test := range map[string]struct {
		source string
		limit  int
		want   error
	}{
		"as large as may be":    {"<a></a>", 7, nil},
		"too large":             {"<a></a>", 6, tree.ErrTooLarge},
		"as deep as may be":     {deep(tree.MaxDepth), limit, nil},
		"too deep":              {deep(tree.MaxDepth + 1), limit, tree.ErrDepth},
		"100,000 levels":        {deep(100_000), limit, tree.ErrDepth},
		"100,000 levels, cut":   {strings.Repeat("<a>", 100_000), limit, tree.ErrDepth},
		"too many elements":     {"<a>" + strings.Repeat("<a/>", tree.MaxNodes) + "</a>", 8 << 20, tree.ErrTooLarge},
		"too many attributes":   {"<a>" + strings.Repeat("<a b='' c=''/>", tree.MaxNodes/3+1) + "</a>", 8 << 20, tree.ErrTooLarge},
		"many siblings":         {"<a>" + strings.Repeat("<a/>", 100_000) + "</a>", limit, nil},
		"many references":       {"<a>" + strings.Repeat("&amp;", 100_000) + "</a>", limit, nil},
		"many lone ampersands":  {"<a>" + strings.Repeat("&", 100_000) + "</a>", limit, tree.ErrSyntax},
		"many unended comments": {"<a>" + strings.Repeat("<!-", 100_000) + "</a>", limit, tree.ErrSyntax},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := tree.Parse([]byte(test.source), test.limit)
			require.ErrorIs(t, err, test.want)
		})
	}
}

func TestOffsets(t *testing.T) {
	const source = "\uFEFF<?xml version='1.0'?>\n<!--c--><a b = '1'>x&amp;y<c /><?p q?><![CDATA[z]]></a >\n<?e?>"
	d := parse(t, source)
	require.Equal(t, "\uFEFF<?xml version='1.0'?>", source[:d.DeclarationEnd])
	var got []string
	for _, top := range d.Nodes {
		for n := range top.All() {
			got = append(got, source[n.Start:n.End])
		}
	}
	require.Equal(t, []string{
		"<!--c-->", "<a b = '1'>x&amp;y<c /><?p q?><![CDATA[z]]></a >", "x&amp;y", "<c />", "<?p q?>", "<![CDATA[z]]>", "<?e?>",
	}, got)
	require.Equal(t, "x&amp;y<c /><?p q?><![CDATA[z]]>", source[d.Root.ContentStart:d.Root.ContentEnd])
	c := d.Root.Children[1]
	require.True(t, c.SelfClosed())
	require.False(t, d.Root.SelfClosed())
	require.True(t, d.Root.Contains(c))
	require.False(t, c.Contains(d.Root))
	require.Equal(t, d.Root, c.Parent)
	require.Equal(t, "x&y", string(d.Root.Children[0].Value))
}

func TestNames(t *testing.T) {
	d := parse(t, `<p:a xmlns:p="urn:p" xmlns="urn:d" p:x="1" x="2" xml:lang="ja"><b xmlns=""/></p:a>`)
	require.True(t, d.Root.Is("urn:p", "a"))
	require.Equal(t, "p:a", d.Root.QName())
	value, found := d.Root.Attribute("urn:p", "x")
	require.Equal(t, "1", value)
	require.True(t, found)
	value, _ = d.Root.Attribute("", "x")
	require.Equal(t, "2", value)
	value, _ = d.Root.Attribute(tree.SpaceXML, "lang")
	require.Equal(t, "ja", value)
	_, found = d.Root.Attribute("urn:d", "x")
	require.False(t, found)
	require.ElementsMatch(t, []tree.Namespace{{Prefix: "p", URI: "urn:p"}, {Prefix: "", URI: "urn:d"}}, d.Root.InScope())

	b := d.Root.Children[0]
	require.True(t, b.Is("", "b"))
	require.Equal(t, []tree.Namespace{{Prefix: "p", URI: "urn:p"}}, b.InScope())
}

func TestValues(t *testing.T) {
	d := parse(t, "<a b='x\r\ny\tz&#9;&#xD;&lt;&#x1F5FE;' c=\"'\">1\r2\r\n3&#13;<![CDATA[4\r5&amp;]]><!--6\r\n7--><?p  8\r9?></a>")
	value, _ := d.Root.Attribute("", "b")
	require.Equal(t, "x y z\t\r<\U0001F5FE", value)
	var got []string
	for _, n := range d.Root.Children {
		got = append(got, string(n.Value))
	}
	require.Equal(t, []string{"1\n2\n3\r", "4\n5&amp;", "6\n7", "8\n9"}, got)
	require.Equal(t, "p", d.Root.Children[3].Local)
}

func TestWalk(t *testing.T) {
	d := parse(t, "<a>1<b><c/></b>2<d/></a>")
	var names []string
	for n := range d.Root.Elements() {
		names = append(names, n.Local)
	}
	require.Equal(t, []string{"b", "d"}, names)
	for n := range d.Root.Elements() {
		require.Equal(t, "b", n.Local)
		break
	}
	seen := 0
	for n := range d.Root.All() {
		if seen++; n.Local == "c" {
			break
		}
	}
	require.Equal(t, 4, seen)
}

func TestJapaneseNames(t *testing.T) {
	d := parse(t, "<申請:構成情報 xmlns:申請='urn:x' 申請:番号='1' 𠮟='2'/>")
	require.True(t, d.Root.Is("urn:x", "構成情報"))
	value, _ := d.Root.Attribute("urn:x", "番号")
	require.Equal(t, "1", value)
}

func TestErrorTellsThePlace(t *testing.T) {
	_, err := tree.Parse([]byte("<a>\n<b></a>"), limit)
	require.EqualError(t, err, "the document is not well-formed XML: an end tag of another name (at byte 10)")
	_, err = tree.Parse([]byte("<!DOCTYPE a><a/>"), limit)
	require.EqualError(t, err, "the document has a document type declaration (at byte 0)")
}

func TestLeadingZeros(t *testing.T) {
	require.Equal(t, "A", string(parse(t, "<a>&#0000000065;</a>").Root.Children[0].Value))
}

// seeds are for FuzzParse; every fault of the table is among them.
func seeds() []string {
	all := []string{"<a/>", "<?xml version='1.0'?><a b='&#9;\t'>x<!--y--><?p q?><![CDATA[z]]></a>", "<p:a xmlns:p='urn:p'><p:b/></p:a>"}
	for _, test := range refused {
		all = append(all, test.source)
	}
	return all
}

func TestSeeds(t *testing.T) { require.Greater(t, len(seeds()), 80) }

// FuzzParse: every byte of what was read stands in exactly one leaf, tag or gap, in order, and a part that is put
// into an element of its own reads as the same.
func FuzzParse(f *testing.F) {
	for _, s := range seeds() {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		before := bytes.Clone(source)
		d, err := tree.Parse(source, limit)
		require.Equal(t, before, source)
		if err != nil {
			return
		}
		at := d.DeclarationEnd
		for _, n := range d.Nodes {
			at = inOrder(t, n, at)
		}
		require.LessOrEqual(t, at, len(source))

		wrapped := append(append([]byte("<w>"), source[d.Root.Start:d.Root.End]...), "</w>"...)
		again, err := tree.Parse(wrapped, limit+8)
		if err != nil {
			require.ErrorIs(t, err, tree.ErrDepth)
			return
		}
		require.Equal(t, len(d.Root.Children), len(again.Root.Children[0].Children))
	})
}

// inOrder checks the places of a node and all in it, which begin at or after at, and returns where it ends.
func inOrder(t *testing.T, n *tree.Node, at int) int {
	require.GreaterOrEqual(t, n.Start, at)
	require.Greater(t, n.End, n.Start)
	if n.Kind != tree.Element {
		return n.End
	}
	at = n.ContentStart
	for _, child := range n.Children {
		require.Equal(t, at, child.Start)
		at = inOrder(t, child, at)
	}
	require.Equal(t, n.ContentEnd, at)
	return n.End
}
