package verify_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"encoding/base64"
	"hash"
	"io"
	"io/fs"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/xml/c14n"
	"github.com/natsuin/natsuin/internal/signature/xml/tree"
	"github.com/natsuin/natsuin/verify"
)

// Documents of the services' shapes, with signatures to fill in.
const (
	spaceDSig    = "http://www.w3.org/2000/09/xmldsig#"
	inclusive    = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
	digestMethod = `<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue></DigestValue></Reference>`
	transforms   = `<Transforms><Transform Algorithm="` + inclusive + `"/></Transforms>`
	toProcedure  = `<Reference URI="#PTE0010">` + transforms + digestMethod
	toComposed   = `<Reference URI="#%E6%A7%8B%E6%88%90%E6%83%85%E5%A0%B1">` + transforms + digestMethod
	toFile       = `<Reference URI="%E6%B7%BB%E4%BB%98.pdf">` + digestMethod
	keyInfo      = `<KeyInfo><X509Data><X509Certificate></X509Certificate></X509Data></KeyInfo>`
	beginning    = `<Signature xmlns="` + spaceDSig + `" Id="20261123030000"><SignedInfo><CanonicalizationMethod Algorithm="` + inclusive +
		`"/><SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>`
	end = `</SignedInfo><SignatureValue></SignatureValue>` + keyInfo + `</Signature>`

	procedure   = `<?xml version="1.0" encoding="UTF-8"?><DATA xmlns="http://xml.e-tax.nta.go.jp/XSD/kyotsu" id="DATA"><PTE0010 id="PTE0010"><b id="B">甲</b></PTE0010>` + beginning + toProcedure + end + `</DATA>`
	composition = `<?xml version="1.0" encoding="UTF-8"?><DataRoot><構成情報 ID="構成情報"><b>甲</b></構成情報><署名情報>` + beginning + toComposed + toFile + end + `</署名情報></DataRoot>`
)

// beside is what stands beside the composition.
var beside fs.FS = attached()

// fill puts digests, a value of the key "card" and its certificate into the signature of a document, as its algorithms
// say. What it does not understand, it leaves to be found out.
func fill(t *testing.T, document string) []byte {
	t.Helper()
	cert := base64.StdEncoding.EncodeToString(cardCert(t).Raw)
	document = strings.Replace(document, "<X509Certificate></", "<X509Certificate>"+cert+"</", 1)
	put := func(n *tree.Node, value []byte) {
		document = document[:n.ContentStart] + base64.StdEncoding.EncodeToString(value) + document[n.ContentEnd:]
	}
	for i := range strings.Count(document, "<Reference ") {
		d, info := signedInfo(t, document)
		reference := children(info, "Reference")[i]
		put(children(reference, "DigestValue")[0], digestOf(t, d, reference))
	}
	d, info := signedInfo(t, document)
	method := children(info, "SignatureMethod")[0]
	h, algorithm := hashOf(method)
	canonical(t, h, d, info, children(info, "CanonicalizationMethod"))
	value, err := certtest.Key(t, "card").Sign(rand.Reader, h.Sum(nil), algorithm)
	require.NoError(t, err)
	put(children(info.Parent, "SignatureValue")[0], value)
	return []byte(document)
}

func signedInfo(t *testing.T, document string) (*tree.Document, *tree.Node) {
	t.Helper()
	d, err := tree.Parse([]byte(document), 1<<20)
	require.NoError(t, err)
	for n := range d.Root.All() {
		if n.Is(spaceDSig, "SignedInfo") {
			return d, n
		}
	}
	require.Fail(t, "no SignedInfo")
	return nil, nil
}

func children(n *tree.Node, local string) []*tree.Node {
	var found []*tree.Node
	for child := range n.Elements() {
		if child.Is(spaceDSig, local) {
			found = append(found, child)
		}
	}
	return found
}

// hashOf is that of an algorithm's name: SHA-512 or else SHA-256.
func hashOf(method *tree.Node) (hash.Hash, crypto.Hash) {
	algorithm := crypto.SHA256
	if uri, _ := method.Attribute("", "Algorithm"); strings.HasSuffix(uri, "sha512") {
		algorithm = crypto.SHA512
	}
	return algorithm.New(), algorithm
}

// canonical writes an element in the form of the last method.
func canonical(t *testing.T, to io.Writer, d *tree.Document, n *tree.Node, methods []*tree.Node) {
	t.Helper()
	form := c14n.Form{Algorithm: c14n.Inclusive10}
	for _, m := range methods {
		uri, _ := m.Attribute("", "Algorithm")
		form.Algorithm = c14n.Algorithm(uri)
	}
	require.NoError(t, form.Write(to, c14n.Selection{Document: d, Apex: n, NoComments: true}))
}

func digestOf(t *testing.T, d *tree.Document, reference *tree.Node) []byte {
	t.Helper()
	h, _ := hashOf(children(reference, "DigestMethod")[0])
	uri, _ := reference.Attribute("", "URI")
	name, err := url.PathUnescape(uri)
	require.NoError(t, err)
	id, within := strings.CutPrefix(name, "#")
	if !within {
		content, err := fs.ReadFile(beside, name)
		require.NoError(t, err)
		_, _ = h.Write(content)
		return h.Sum(nil)
	}
	var methods []*tree.Node
	for _, list := range children(reference, "Transforms") {
		methods = children(list, "Transform")
	}
	for n := range d.Root.All() {
		for _, a := range n.Attributes {
			if strings.EqualFold(a.Local, "id") && a.Value == id {
				canonical(t, h, d, n, methods)
				return h.Sum(nil)
			}
		}
	}
	require.Fail(t, "no element", id)
	return nil
}

// xmlBreaches break the rules that both services have, of a document of either.
func xmlBreaches(t *testing.T, document string) []breach {
	with := func(old, new string) []byte { return fill(t, string(edited(t, []byte(document), old, new))) }
	right := fill(t, document)
	value := string(right[bytes.Index(right, []byte("<SignatureValue>")):bytes.Index(right, []byte("</SignatureValue>"))])
	refused := func(rule string, file []byte) breach {
		return breach{rule: rule, file: file, reason: verify.DocumentMalformed, of: verify.RuleFormat}
	}
	return []breach{
		refused("well-formed", right[:len(right)-1]),
		refused("encoding", edited(t, right, "UTF-8", "Shift_JIS")),
		refused("doctype", edited(t, right, "?>", "?><!DOCTYPE x>")),
		{rule: "signature", file: []byte(strings.Replace(document, document[strings.Index(document, "<Signature "):strings.Index(document, "</Signature>")+len("</Signature>")], "", 1)),
			reason: verify.SignatureAbsent, of: verify.RuleFormat},
		{rule: "structure", file: with("<SignedInfo>", "<SignedInfo>x"), reason: verify.SignatureMalformed, of: verify.RuleMessage},
		{rule: "canonicalization", file: with(`<CanonicalizationMethod Algorithm="`+inclusive, `<CanonicalizationMethod Algorithm="http://www.w3.org/2006/12/xml-c14n11`)},
		{rule: "transforms", file: with(`<Transform Algorithm="`+inclusive, `<Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#`)},
		{rule: "digest-method", file: with("xmlenc#sha256", "xmlenc#sha512")},
		{rule: "signature-method", file: with("rsa-sha256", "rsa-sha512")},
		{rule: "certificate", file: with(keyInfo, ""), reason: verify.SignerCertificateAbsent, of: verify.RuleMessage},
		{rule: "digest", file: edited(t, right, "甲", "乙"), reason: verify.DocumentChanged, of: verify.RuleDocument},
		{rule: "signature-value", file: edited(t, right, value, "<SignatureValue>"+base64.StdEncoding.EncodeToString(make([]byte, 256))),
			reason: verify.SignatureInvalid, of: verify.RuleSignature},
	}
}

func etaxBreaches(t *testing.T) []breach {
	with := func(pairs ...string) []byte { return filled(t, procedure, pairs) }
	whole := beginning + toProcedure + end
	return []breach{
		{rule: "root", file: with("<DATA ", "<DAT ", "</DATA>", "</DAT>")},
		{rule: "root", file: with("XSD/kyotsu", "xsd/kyotsu")},
		{rule: "target", file: with("</DATA>", `<X id="X"/></DATA>`)},
		{rule: "id", file: with("</DATA>", `<X Id="PTE0010"/></DATA>`), reason: verify.CoverageInvalid, of: verify.RuleCoverage},
		{rule: "place", file: with(whole, "", "<PTE0010", whole+"<PTE0010")},
		{rule: "place", file: with(whole, "<W>"+whole+"</W>")},
		{rule: "reference", file: with("#PTE0010", "#B")},
		{rule: "references", file: with(toProcedure, toProcedure+toProcedure)},
	}
}

func egovBreaches(t *testing.T) []breach {
	with := func(pairs ...string) []byte { return filled(t, composition, pairs) }
	right := fill(t, composition)
	names := []string{attachment}
	return []breach{
		{rule: "xml-declaration", file: with(`<?xml version="1.0" encoding="UTF-8"?>`, "")},
		{rule: "root", file: with("<DataRoot>", "<Data>", "</DataRoot>", "</Data>")},
		{rule: "target", file: with(`ID="構成情報"`, `Id="構成情報"`)},
		{rule: "id", file: with("<b>", `<b ID="構成情報">`), reason: verify.CoverageInvalid, of: verify.RuleCoverage},
		{rule: "place", file: with("<署名情報>", "<署名>", "</署名情報>", "</署名>")},
		{rule: "signature-id", file: with(`Id="20261123030000"`, `Id="S1"`)},
		{rule: "reference", file: with(toComposed+toFile, toFile+toComposed)},
		{rule: "references", file: with("<b>", `<b ID="x">`, toFile, toFile+`<Reference URI="#x">`+digestMethod)},
		{rule: "escaped", file: with("#%E6%A7%8B%E6%88%90%E6%83%85%E5%A0%B1", "#構成情報")},
		{rule: "file-transforms", file: with(toFile, strings.Replace(toFile, "<DigestMethod", transforms+"<DigestMethod", 1)),
			reason: verify.AlgorithmUnsupported, of: verify.RuleMessage},
		{rule: "files-given", file: right, files: fstest.MapFS{}, reason: verify.ContentMissing, of: verify.RuleDocument},
		{rule: "files-signed", file: right, names: append(names, "別"), files: beside},
		{rule: "file-digest", file: right, names: names, files: fstest.MapFS{attachment: {Data: []byte("x")}},
			reason: verify.DocumentChanged, of: verify.RuleDocument},
	}
}

// filled replaces texts, in pairs, and fills the signature in.
func filled(t *testing.T, document string, pairs []string) []byte {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		document = string(edited(t, []byte(document), pairs[i], pairs[i+1]))
	}
	return fill(t, document)
}
