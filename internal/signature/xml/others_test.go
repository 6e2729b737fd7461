package xmldsig

import (
	"crypto"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/signature/xml/c14n"
)

// template is a signature for xmlsec1 to fill in.
func template(signatureMethod, canonicalization string, references ...string) string {
	return `<Signature xmlns="` + spaceDSig + `"><SignedInfo>` + "\n" +
		`  <CanonicalizationMethod Algorithm="` + canonicalization + `"/><SignatureMethod Algorithm="` + signatureMethod + `"/>` +
		strings.Join(references, "") + `</SignedInfo><SignatureValue/><KeyInfo><KeyName/><X509Data><X509Certificate/>` +
		`<X509SubjectName/></X509Data><KeyValue/></KeyInfo></Signature>`
}

func templateReference(uri, digest string, transforms ...string) string {
	all := ""
	for _, t := range transforms {
		all += `<Transform Algorithm="` + t + `"/>`
	}
	if all != "" {
		all = "<Transforms>" + all + "</Transforms>"
	}
	return `<Reference URI="` + uri + `">` + all + `<DigestMethod Algorithm="` + digest + `"/><DigestValue/></Reference>`
}

// TestSignedByXmlsec1 verifies what another program signed.
func TestSignedByXmlsec1(t *testing.T) {
	sha256, sha384, sha512 := suites[0], suites[1], suites[2]
	exclusiveListed := strings.Replace(templateReference("", sha256.digest, transformEnveloped, string(c14n.Exclusive)),
		`Algorithm="`+string(c14n.Exclusive)+`"/>`, `Algorithm="`+string(c14n.Exclusive)+`"><InclusiveNamespaces xmlns="`+
			string(c14n.Exclusive)+`" PrefixList="p #default"/></Transform>`, 1)
	object := `<Object Id="o" xmlns="` + spaceDSig + `"><x xmlns="urn:x">中身</x></Object></Signature>`
	for name, test := range map[string]struct {
		document string
		ids      []string
		scopes   []Scope
		hash     crypto.Hash
	}{
		"enveloped": {replaced(t, plain, "</契約>", template(sha256.signature, string(c14n.Inclusive10),
			templateReference("", sha256.digest, transformEnveloped))+"</契約>"), nil, []Scope{ScopeDocument}, crypto.SHA256},
		"enveloped, exclusive": {replaced(t, plain, "</契約>", template(sha384.signature, string(c14n.Exclusive), exclusiveListed)+"</契約>"),
			nil, []Scope{ScopeDocument}, crypto.SHA384},
		"enveloped, 1.1, SHA-512": {replaced(t, plain, "</契約>", template(sha512.signature, string(c14n.Inclusive11),
			templateReference("", sha512.digest, transformEnveloped, string(c14n.Inclusive11)))+"</契約>"), nil,
			[]Scope{ScopeDocument}, crypto.SHA512},
		"siblings": {replaced(t, strings.ReplaceAll(plain, `"甲"`, `"a"`), "</契約>", template(sha256.signature, string(c14n.Inclusive10Comments),
			templateReference("#a", sha384.digest), templateReference("#K1", sha256.digest, transformEnveloped,
				string(c14n.ExclusiveComments)))+"</契約>"),
			[]string{"--id-attr:Id", "甲", "--id-attr:id", "契約"}, []Scope{ScopeElement, ScopeElement}, crypto.SHA256},
		"files": {template(sha256.signature, string(c14n.Inclusive10), templateReference("form.xml", sha512.digest)),
			nil, []Scope{ScopeFile}, crypto.SHA256},
		"enveloping": {strings.Replace(template(sha256.signature, string(c14n.Exclusive), templateReference("#o", sha256.digest)),
			"</Signature>", object, 1), []string{"--id-attr:Id", spaceDSig + ":Object"}, []Scope{ScopeProperties}, crypto.SHA256},
		"etax": {replaced(t, xtx, "</PTE0010>", "</PTE0010>"+template(sha256.signature, string(c14n.Inclusive10),
			templateReference("#PTE0010", sha256.digest, string(c14n.Inclusive10)))), etaxIDs, []Scope{ScopeElement}, crypto.SHA256},
		"egov, not escaped": {replaced(t, kousei, "<署名情報/>", "<署名情報>"+template(sha256.signature, string(c14n.Inclusive10),
			templateReference("#構成情報", sha256.digest, string(c14n.Inclusive10)), templateReference("form.xml", sha256.digest))+"</署名情報>"),
			[]string{"--id-attr:ID", "構成情報"}, []Scope{ScopeElement, ScopeFile}, crypto.SHA256},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"--sign", "--privkey-pem:card", "key.pem,cert.pem"}, test.ids...)
			signed, err := newBench(t).xmlsec1(t, []byte(test.document), args...)
			require.NoError(t, err)
			s := one(t, signed, given)
			require.NoError(t, s.Err)
			require.Equal(t, test.hash, s.Hash)
			var scopes []Scope
			for _, r := range s.References {
				scopes = append(scopes, r.Scope)
			}
			require.Equal(t, test.scopes, scopes)
		})
	}
}

// TestVector makes the signature that is known of e-Tax's public test data again, from a document of its shape: the
// structure of SignedInfo and the namespaces in scope are those of the data; the algorithms were RSA with SHA-1 in 2013,
// which nothing but this test reads or writes.
func TestVector(t *testing.T) {
	for hash, want := range map[crypto.Hash][2]string{
		crypto.SHA1:   {"http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#sha1"},
		crypto.SHA256: {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256"},
	} {
		t.Run(hash.String(), func(t *testing.T) {
			out := sign(t, Request{Profile: ETax, Document: []byte(xtx), Hash: hash, weak: true})
			b := newBench(t)
			judged, err := b.xmlsec1(t, out, append([]string{"--verify", "--trusted-pem", "ca.pem", "--verification-time",
				"2026-11-23 03:00:00", "--store-references", "--store-signatures"}, etaxIDs...)...)
			require.NoError(t, err)

			d, n := firstSignature(t, string(out))
			v := newVerifier(d, nil)
			v.weak = true
			s := v.signature(n)
			require.NoError(t, s.Err)
			require.Equal(t, hash, s.Hash)
			canonical, err := s.References[0].Canonical()
			require.NoError(t, err)
			require.Contains(t, judged, "== PreDigest data - start buffer:\n"+string(canonical)+"\n== PreDigest data - end buffer")
			require.True(t, strings.HasPrefix(string(canonical), `<PTE0010 xmlns="http://xml.e-tax.nta.go.jp/XSD/kyotsu" `+
				`xmlns:gen="http://xml.e-tax.nta.go.jp/XSD/general" xmlns:kyo="http://xml.e-tax.nta.go.jp/XSD/kyotsu" `+
				`xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" VR="1.0" id="PTE0010">`))
			info := `<dsig:SignedInfo xmlns="http://xml.e-tax.nta.go.jp/XSD/kyotsu" xmlns:dsig="http://www.w3.org/2000/09/xmldsig#" ` +
				`xmlns:gen="http://xml.e-tax.nta.go.jp/XSD/general" xmlns:kyo="http://xml.e-tax.nta.go.jp/XSD/kyotsu" ` +
				`xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` + "\n" +
				`<dsig:CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"></dsig:CanonicalizationMethod>` + "\n" +
				`<dsig:SignatureMethod Algorithm="` + want[0] + `"></dsig:SignatureMethod>` + "\n" +
				`<dsig:Reference URI="#PTE0010">` + "\n" + `<dsig:Transforms>` + "\n" +
				`<dsig:Transform Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"></dsig:Transform>` + "\n" + `</dsig:Transforms>` + "\n" +
				`<dsig:DigestMethod Algorithm="` + want[1] + `"></dsig:DigestMethod>` + "\n" +
				`<dsig:DigestValue>` + encode(sum(hash,
				canonical)) + `</dsig:DigestValue>` + "\n" + `</dsig:Reference>` + "\n" + `</dsig:SignedInfo>`
			require.Contains(t, judged, "== PreSigned data - start buffer:\n"+info+"\n== PreSigned data - end buffer")

			b.opensslVerifies(t, out, hash)
			require.Equal(t, b.canonical(t, out, first(d.Root, "http://xml.e-tax.nta.go.jp/XSD/kyotsu", "PTE0010")), string(canonical))

			refused := one(t, string(out), nil)
			if hash == crypto.SHA1 {
				require.ErrorIs(t, refused.Err, ErrWeak)
			} else {
				require.NoError(t, refused.Err)
			}
		})
	}
}
