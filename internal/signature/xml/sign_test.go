package xmldsig

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/signtest"
	"github.com/natsuin/natsuin/internal/signature/xml/c14n"
	"github.com/natsuin/natsuin/internal/signature/xml/tree"
)

// What xmlsec1 is told about ids.
var (
	etaxIDs  = []string{"--id-attr:id", "http://xml.e-tax.nta.go.jp/XSD/kyotsu:PTE0010"}
	xadesIDs = []string{"--id-attr:Id", spaceXAdES + ":SignedProperties"}
	plainIDs = append([]string{"--id-attr:id", "契約", "--id-attr:Id", "甲", "--id-attr:id", "e"}, xadesIDs...)
)

// spliced checks that a signed document is the source with one piece put in, and returns that piece. Of the source
// nothing is gone, but for the slash of an empty-element tag.
func spliced(t testing.TB, source, signed string) string {
	t.Helper()
	start := 0
	for start < len(source) && source[start] == signed[start] {
		start++
	}
	rest := strings.TrimPrefix(source[start:], "/>")
	require.True(t, strings.HasSuffix(signed, rest))
	return signed[start : len(signed)-len(rest)]
}

func TestSign(t *testing.T) {
	time := certtest.Now.In(time.FixedZone("JST", 9*60*60))
	for name, test := range map[string]struct {
		request Request
		ids     []string
		paths   []string // of what is signed, files by name
		place   string
	}{
		"etax": {Request{Profile: ETax, Document: []byte(xtx)}, etaxIDs, []string{"/DATA/PTE0010"}, "/DATA/dsig:Signature"},
		"etax, named": {Request{Profile: ETax, Document: []byte(xtx), Elements: []string{"PTE0010"}}, etaxIDs,
			[]string{"/DATA/PTE0010"}, "/DATA/dsig:Signature"},
		"etax, SHA-512": {Request{Profile: ETax, Document: []byte(xtx), Hash: crypto.SHA512}, etaxIDs,
			[]string{"/DATA/PTE0010"}, "/DATA/dsig:Signature"},
		"enveloped": {Request{Profile: Enveloped, Document: []byte(plain)}, nil, []string{""}, "/契約/ds:Signature"},
		"enveloped, SHA-384": {Request{Profile: Enveloped, Document: []byte(plain), Hash: crypto.SHA384}, nil,
			[]string{""}, "/契約/ds:Signature"},
		"enveloped by the root's id": {Request{Profile: Enveloped, Document: []byte(plain), Elements: []string{"K1"}}, plainIDs,
			[]string{"/契約"}, "/契約/ds:Signature"},
		"sibling": {Request{Profile: Enveloped, Document: []byte(all(t, plain, "甲", "e")), Elements: []string{"e"}},
			[]string{"--id-attr:Id", "e"}, []string{"/契約/e"}, "/契約/ds:Signature"},
		"one id under two names": {Request{Profile: Enveloped, Document: []byte("<a><b Id='x' ID='x'/></a>"), Elements: []string{"x"}},
			[]string{"--id-attr:Id", "b"}, []string{"/a/b"}, "/a/ds:Signature"},
		"with files": {Request{Profile: Enveloped, Document: []byte(plain), Files: files()}, nil,
			[]string{"", "添付 書類(1).pdf", "form.xml"}, "/契約/ds:Signature"},
		"XAdES": {Request{Profile: Enveloped, Document: []byte(plain), Files: files(), XAdES: true, Time: time}, xadesIDs,
			[]string{"", "添付 書類(1).pdf", "form.xml",
				"/契約/ds:Signature/ds:Object/xades:QualifyingProperties/xades:SignedProperties"}, "/契約/ds:Signature"},
		"self-closed root": {Request{Profile: Enveloped, Document: []byte("<?p?><p:a xmlns:p='urn:p' />\n<!-- x -->")}, nil,
			[]string{""}, "/p:a/ds:Signature"},
		"prefix ds taken": {Request{Profile: Enveloped, Document: []byte("<ds:a xmlns:ds='urn:p' ds:b='1'></ds:a>")}, nil,
			[]string{""}, "/ds:a/ds:Signature"},
		"byte order mark": {Request{Profile: Enveloped, Document: []byte("\uFEFF<?xml version='1.0'?>\r\n<a xml:space='preserve'>\r\n</a>")},
			nil, []string{""}, "/a/ds:Signature"},
		"detached": {Request{Profile: Detached, Files: files()}, nil, []string{"添付 書類(1).pdf", "form.xml"}, "/ds:Signature"},
		"detached, XAdES": {Request{Profile: Detached, Files: files(), XAdES: true, Time: time}, xadesIDs, []string{
			"添付 書類(1).pdf", "form.xml", "/ds:Signature/ds:Object/xades:QualifyingProperties/xades:SignedProperties"},
			"/ds:Signature"},
	} {
		t.Run(name, func(t *testing.T) {
			for i := range test.request.Files {
				f := &test.request.Files[i]
				f.Digest = sum(crypto.SHA256, attachments[f.Name])
			}
			out := sign(t, test.request)
			if len(test.request.Document) > 0 {
				spliced(t, string(test.request.Document), string(out))
			}
			require.NoError(t, newBench(t).verify(t, out, test.ids...))

			signatures, err := Verify(out, given)
			require.NoError(t, err)
			require.Len(t, signatures, 1)
			s := signatures[0]
			require.NoError(t, s.Err)
			require.Equal(t, test.place, s.Path)
			require.Regexp(t, `(?s)^<\w+:Signature .*</\w+:Signature>$`, string(out[s.Start:s.End]))
			_, cert, _ := card(t)
			require.Equal(t, cert.PublicKey, s.Certificate.PublicKey)
			var paths []string
			for _, r := range s.References {
				if r.Scope == ScopeFile {
					paths = append(paths, r.File)
					continue
				}
				paths = append(paths, r.Path)
				canonical, err := r.Canonical()
				require.NoError(t, err)
				require.Equal(t, r.Digest, sum(r.Hash, canonical))
			}
			require.Equal(t, test.paths, paths)
			require.Equal(t, test.request.XAdES, !s.SigningTime.IsZero())
			if test.request.XAdES {
				require.True(t, s.SigningTime.Equal(time))
			}
		})
	}
}

// TestSelfClosed opens an empty-element tag in which the signature goes, however it is written, and changes nothing else.
func TestSelfClosed(t *testing.T) {
	for source, want := range map[string]string{
		"<a/>":                        "<a>|</a>",
		"<a />":                       "<a >|</a>",
		"<a\n\t/>":                    "<a\n\t>|</a>",
		"<a></a>":                     "<a>|</a>",
		"<a></a  >":                   "<a>|</a  >",
		"<a b='/>' c=\"/\"/>":         "<a b='/>' c=\"/\">|</a>",
		"<?p?><p:a xmlns:p='x:y'/>\n": "<?p?><p:a xmlns:p='x:y'>|</p:a>\n",
		"<甲\r\n/><!-- <a/> -->":       "<甲\r\n>|</甲><!-- <a/> -->",
		"<a>/></a>":                   "<a>/>|</a>",
	} {
		out := string(sign(t, Request{Profile: Enveloped, Document: []byte(source)}))
		_, n := firstSignature(t, out)
		require.Equal(t, want, out[:n.Start]+"|"+out[n.End:])
	}
	for source, want := range map[string]string{
		"<署名情報 />":         "<署名情報 >|</署名情報>",
		"<署名情報 a='/>'/>":   "<署名情報 a='/>'>|</署名情報>",
		"<署名情報>x</署名情報\n>": "<署名情報>x|</署名情報\n>",
	} {
		document := replaced(t, kousei, "<署名情報/>", source)
		out := string(sign(t, Request{Profile: EGov, Document: []byte(document), Time: certtest.Now}))
		_, n := firstSignature(t, out)
		require.Equal(t, replaced(t, kousei, "<署名情報/>", want), out[:n.Start]+"|"+out[n.End:])
	}
}

// TestSignEGov has two judges, because xmlsec1 does not decode the fragment of a URI: with the fragment written as it is
// not in the file, it finds the digests right; and its canonical SignedInfo, of the file as it is, openssl verifies.
func TestSignEGov(t *testing.T) {
	for name, document := range map[string]string{
		"prefixed": strings.NewReplacer("<DataRoot", "<g:DataRoot xmlns:g='urn:g'", "</DataRoot", "</g:DataRoot", "<構成情報", "<g:構成情報",
			"</構成情報", "</g:構成情報", "<署名情報/>", "").Replace(kousei),
		"empty 署名情報":      kousei,
		"署名情報 with space": replaced(t, kousei, "<署名情報/>", "<署名情報>\r\n</署名情報>"),
		"no 署名情報":         replaced(t, kousei, "<署名情報/>\r\n", ""),
	} {
		t.Run(name, func(t *testing.T) {
			out := sign(t, Request{Profile: EGov, Document: []byte(document), Files: files(), Time: certtest.Now})
			spliced(t, document, string(out))
			require.Contains(t, string(out), `URI="#%E6%A7%8B%E6%88%90%E6%83%85%E5%A0%B1"`)
			require.Contains(t, string(out), `URI="%E6%B7%BB%E4%BB%98%20%E6%9B%B8%E9%A1%9E%281%29.pdf"`)
			require.Contains(t, string(out), `Id="20261123030000"`)

			b := newBench(t)
			decoded := replaced(t, string(out), "#%E6%A7%8B%E6%88%90%E6%83%85%E5%A0%B1", "#構成情報")
			require.ErrorContains(t, b.verify(t, []byte(decoded), "--id-attr:ID", "構成情報", "--id-attr:ID", "urn:g:構成情報"),
				"References (ok/all): 3/3")
			b.opensslVerifies(t, out, crypto.SHA256)

			signatures, err := Verify(out, given)
			require.NoError(t, err)
			require.Len(t, signatures, 1)
			require.NoError(t, signatures[0].Err)
			require.Equal(t, "/DataRoot/署名情報/ds:Signature", strings.ReplaceAll(signatures[0].Path, "g:", ""))
			require.Equal(t, "/DataRoot/構成情報", strings.ReplaceAll(signatures[0].References[0].Path, "g:", ""))
		})
	}
}

// TestCanonicalizations signs elements at several depths of a document full of namespaces in every canonical form, and
// lets xmlsec1 judge.
func TestCanonicalizations(t *testing.T) {
	const document = `<r xmlns="urn:d" xmlns:p="urn:p" xmlns:q="urn:q" xml:lang="ja" p:z="1" xml:space="preserve">` + "\r\n" +
		`<m xmlns="" xmlns:q="urn:q2" xml:lang="en"><e id="e1" q:b="&#9;&quot;" p:a="	2" a="3"><q:f/><g xmlns="urn:d" p:x="y"/>` +
		`<!-- c --><?p  q?><![CDATA[<&>]]>&#13;</e></m><e xmlns="" id="e2" xmlns:p="urn:p2"><p:h xmlns:p="urn:p"/></e></r>`
	b := newBench(t)
	for _, algorithm := range []c14n.Algorithm{c14n.Inclusive10, c14n.Inclusive10Comments, c14n.Inclusive11,
		c14n.Inclusive11Comments, c14n.Exclusive, c14n.ExclusiveComments} {
		out := sign(t, Request{Profile: Enveloped, Document: []byte(document), Elements: []string{"e1", "e2"}, Canonicalization: algorithm})
		require.NoError(t, b.verify(t, out, "--id-attr:id", "e"), algorithm)
		out = sign(t, Request{Profile: Enveloped, Document: []byte(document), Canonicalization: algorithm})
		require.NoError(t, b.verify(t, out), algorithm)

		list := `<ds:Transform Algorithm="` + string(algorithm) + `"><x:InclusiveNamespaces xmlns:x="` + string(c14n.Exclusive) +
			`" PrefixList="q #default	none"/></ds:Transform>`
		if algorithm.Exclusive() {
			out = sign(t, Request{Profile: Enveloped, Document: []byte(document), Elements: []string{"e1"}, Canonicalization: algorithm})
			listed := resign(t, replaced(t, string(out), `<ds:Transform Algorithm="`+string(algorithm)+`"></ds:Transform>`, list))
			require.NoError(t, b.verify(t, []byte(listed), "--id-attr:id", "e"), algorithm)
		}
	}
}

func TestCoSign(t *testing.T) {
	b := newBench(t)
	document := all(t, plain, "甲", "e")
	first := sign(t, Request{Profile: Enveloped, Document: []byte(document), Elements: []string{"e"}, XAdES: true, Time: certtest.Now})
	second := sign(t, Request{Profile: Enveloped, Document: first, Elements: []string{"e"}, XAdES: true, Time: certtest.Now})
	signatures, err := Verify(second, nil)
	require.NoError(t, err)
	require.Equal(t, []error{nil, nil}, errorsOf(signatures))
	require.Equal(t, []string{"Signature1", "Signature2"}, []string{signatures[0].ID, signatures[1].ID})
	for i := range signatures {
		ids := append([]string{"--node-xpath", fmt.Sprintf("(//*[local-name()='Signature'])[%d]", i+1), "--id-attr:Id", "e"}, xadesIDs...)
		require.NoError(t, b.verify(t, second, ids...))
	}

	// One that signs the whole document is broken by a second, and seen to be although its files are not there.
	for _, along := range [][]File{nil, files()} {
		whole := sign(t, Request{Profile: Enveloped, Document: []byte(plain), Files: along})
		key, cert, _ := card(t)
		_, err = Sign(key, cert, Request{Profile: Enveloped, Document: whole})
		require.ErrorIs(t, err, ErrBreaks)
		require.Zero(t, key.Calls)
	}
}

// billionLaughs is a document whose entities stand for 10⁹ words.
func billionLaughs() string {
	declared := "<!ENTITY l0 'ha'>"
	for i := 1; i < 10; i++ {
		declared += fmt.Sprintf("<!ENTITY l%d '%s'>", i, strings.Repeat(fmt.Sprintf("&l%d;", i-1), 10))
	}
	return "<?xml version='1.0'?><!DOCTYPE a [" + declared + "]><a>&l9;</a>"
}

func TestSignRefused(t *testing.T) {
	broken := errors.New("card removed")
	short := files()
	short[0].Digest = short[0].Digest[:20]
	named := func(names ...string) []File {
		var all []File
		for _, name := range names {
			all = append(all, File{Name: name, Digest: make([]byte, 32)})
		}
		return all
	}
	_, _, ca := card(t)
	for name, test := range map[string]struct {
		request Request
		signer  signtest.Key
		cert    *x509.Certificate
		want    error
		calls   int
	}{
		"no profile":  {Request{Document: []byte(plain)}, signtest.Key{}, nil, ErrRequest, 0},
		"no document": {Request{Profile: Enveloped}, signtest.Key{}, nil, tree.ErrSyntax, 0},
		"doctype":     {Request{Profile: Enveloped, Document: []byte("<!DOCTYPE a><a/>")}, signtest.Key{}, nil, tree.ErrDoctype, 0},
		"laughs":      {Request{Profile: Enveloped, Document: []byte(billionLaughs())}, signtest.Key{}, nil, tree.ErrDoctype, 0},
		"deep":        {Request{Profile: Enveloped, Document: []byte(strings.Repeat("<a>", 100_000) + strings.Repeat("</a>", 100_000))}, signtest.Key{}, nil, tree.ErrDepth, 0},
		"SHA-1": {Request{Profile: Enveloped, Document: []byte(plain), Hash: crypto.SHA1},
			signtest.Key{}, nil, ErrRequest, 0},
		"MD5": {Request{Profile: Enveloped, Document: []byte(plain), Hash: crypto.MD5}, signtest.Key{}, nil, ErrRequest, 0},
		"unknown canonical form": {Request{Profile: Enveloped, Document: []byte(plain), Canonicalization: "x"},
			signtest.Key{}, nil, ErrRequest, 0},
		"relative namespace":   {Request{Profile: Enveloped, Document: []byte("<a xmlns='b'/>")}, signtest.Key{}, nil, ErrRequest, 0},
		"XAdES without a time": {Request{Profile: Enveloped, Document: []byte(plain), XAdES: true}, signtest.Key{}, nil, ErrRequest, 0},
		"XAdES for e-Tax": {Request{Profile: ETax, Document: []byte(xtx), XAdES: true, Time: certtest.Now},
			signtest.Key{}, nil, ErrRequest, 0},
		"files for e-Tax": {Request{Profile: ETax, Document: []byte(xtx), Files: files()}, signtest.Key{}, nil, ErrRequest, 0},
		"two elements for e-Tax": {Request{Profile: ETax, Document: []byte(xtx), Elements: []string{"IT", "PTE0010"}},
			signtest.Key{}, nil, ErrRequest, 0},
		"e-Gov without a time":    {Request{Profile: EGov, Document: []byte(kousei)}, signtest.Key{}, nil, ErrRequest, 0},
		"detached from nothing":   {Request{Profile: Detached}, signtest.Key{}, nil, ErrRequest, 0},
		"detached with document":  {Request{Profile: Detached, Document: []byte(plain), Files: files()}, signtest.Key{}, nil, ErrRequest, 0},
		"another root":            {Request{Profile: ETax, Document: []byte(plain)}, signtest.Key{}, nil, ErrPlace, 0},
		"another namespace":       {Request{Profile: ETax, Document: []byte("<DATA xmlns='urn:x'><P id='P'/></DATA>")}, signtest.Key{}, nil, ErrPlace, 0},
		"no namespace":            {Request{Profile: ETax, Document: []byte("<DATA><P id='P'/></DATA>")}, signtest.Key{}, nil, ErrPlace, 0},
		"no procedure":            {Request{Profile: ETax, Document: []byte("<DATA xmlns='http://xml.e-tax.nta.go.jp/XSD/shotoku'/>")}, signtest.Key{}, nil, ErrPlace, 0},
		"procedure without an id": {Request{Profile: ETax, Document: []byte("<DATA xmlns='http://xml.e-tax.nta.go.jp/XSD/shotoku'><P ID='P'/></DATA>")}, signtest.Key{}, nil, ErrPlace, 0},
		"two procedures": {Request{Profile: ETax, Document: []byte("<DATA xmlns='http://xml.e-tax.nta.go.jp/XSD/shotoku'><P id='P'/><Q id='Q'/></DATA>")},
			signtest.Key{}, nil, ErrPlace, 0},
		"procedure too deep": {Request{Profile: ETax, Document: []byte(xtx), Elements: []string{"IT"}}, signtest.Key{}, nil, ErrPlace, 0},
		"procedure by another id": {Request{Profile: ETax, Document: []byte("<DATA xmlns='http://xml.e-tax.nta.go.jp/XSD/shotoku'><P ID='P'/></DATA>"), Elements: []string{"P"}},
			signtest.Key{}, nil, ErrPlace, 0},
		"no 構成情報": {Request{Profile: EGov, Document: []byte("<DataRoot/>"), Time: certtest.Now},
			signtest.Key{}, nil, ErrPlace, 0},
		"構成情報 by another ID": {Request{Profile: EGov, Document: []byte(replaced(t, kousei, `ID="構成情報"`, `ID="x"`)), Time: certtest.Now},
			signtest.Key{}, nil, ErrPlace, 0},
		"two 署名情報": {Request{Profile: EGov, Document: []byte(replaced(t, kousei, `<署名情報/>`, `<署名情報/><署名情報/>`)), Time: certtest.Now},
			signtest.Key{}, nil, ErrPlace, 0},
		"the Id is taken": {Request{Profile: EGov, Document: []byte(replaced(t, kousei, `<提出先/>`, `<提出先 ID="20261123030000"/>`)),
			Time: certtest.Now}, signtest.Key{}, nil, ErrRequest, 0},
		"unknown id": {Request{Profile: Enveloped, Document: []byte(plain), Elements: []string{"K2"}},
			signtest.Key{}, nil, ErrReference, 0},
		"duplicate id": {Request{Profile: Enveloped, Document: []byte("<a><b id='x'/><b id='x'/></a>"), Elements: []string{"x"}},
			signtest.Key{}, nil, ErrDuplicateID, 0},
		"ambiguous id": {Request{Profile: Enveloped, Document: []byte("<a><b id='x'/><b xml:id='x'/></a>"), Elements: []string{"x"}},
			signtest.Key{}, nil, ErrAmbiguousID, 0},
		"duplicate id, e-Tax": {Request{Profile: ETax, Document: []byte("<DATA xmlns='http://xml.e-tax.nta.go.jp/XSD/shotoku'><P id='x'><b id='x'/></P></DATA>")},
			signtest.Key{}, nil, ErrDuplicateID, 0},
		"a signature": {Request{Profile: Enveloped, Document: []byte("<Signature xmlns='" + spaceDSig + "'/>")},
			signtest.Key{}, nil, ErrPlace, 0},
		"inside a signature": {Request{Profile: Enveloped,
			Document: []byte("<a><Signature xmlns='" + spaceDSig + "'><b id='x'/></Signature></a>"), Elements: []string{"x"}},
			signtest.Key{}, nil, ErrWrapped, 0},
		"file without digest": {Request{Profile: Enveloped, Document: []byte(plain), Files: []File{{Name: "x"}}},
			signtest.Key{}, nil, ErrRequest, 0},
		"file of another hash": {Request{Profile: Enveloped, Document: []byte(plain), Files: short}, signtest.Key{}, nil, ErrRequest, 0},
		"file twice": {Request{Profile: Enveloped, Document: []byte(plain), Files: named("x", "x")},
			signtest.Key{}, nil, ErrRequest, 0},
		"file in a folder": {Request{Profile: Enveloped, Document: []byte(plain), Files: named("a/b")}, signtest.Key{}, nil, ErrRequest, 0},
		"file above":       {Request{Profile: Enveloped, Document: []byte(plain), Files: named("..")}, signtest.Key{}, nil, ErrRequest, 0},
		"file with a new line": {Request{Profile: Enveloped, Document: []byte(plain), Files: named("a\nb")},
			signtest.Key{}, nil, ErrRequest, 0},
		"file not in UTF-8": {Request{Profile: Enveloped, Document: []byte(plain), Files: named("\x93\xfa")},
			signtest.Key{}, nil, ErrRequest, 0},
		"too many files": {Request{Profile: Detached, Files: named(strings.Fields(strings.Repeat("x ", MaxReferences+1))...)},
			signtest.Key{}, nil, ErrRequest, 0},
		"another's certificate": {Request{Profile: Enveloped, Document: []byte(plain)},
			signtest.Key{}, ca.Signature(t, certtest.Key(t, "other")), ErrKeyMismatch, 0},
		"signer fails":          {Request{Profile: Enveloped, Document: []byte(plain)}, signtest.Key{Err: broken}, nil, broken, 1},
		"signer signs nonsense": {Request{Profile: Enveloped, Document: []byte(plain)}, signtest.Key{Spoil: true}, nil, ErrSignature, 1},
	} {
		t.Run(name, func(t *testing.T) {
			key, cert, _ := card(t)
			test.signer.PrivateKey = key.PrivateKey
			if test.cert != nil {
				cert = test.cert
			}
			for i := range test.request.Files {
				if test.request.Files[i].Name == "x" && len(test.request.Files) > 2 {
					test.request.Files[i].Name = fmt.Sprint(i)
				}
			}
			out, err := Sign(&test.signer, cert, test.request)
			require.ErrorIs(t, err, test.want)
			require.Nil(t, out)
			require.Equal(t, test.calls, test.signer.Calls)
		})
	}
}
