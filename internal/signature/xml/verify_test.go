package xmldsig

import (
	"crypto"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/xml/c14n"
	"github.com/natsuin/natsuin/internal/signature/xml/tree"
)

// signedPlain, signedSibling, signedFiles and signedXAdES are documents to be spoiled.
func signedPlain(t testing.TB) string {
	return string(sign(t, Request{Profile: Enveloped, Document: []byte(plain)}))
}

func signedSibling(t testing.TB) string {
	return string(sign(t, Request{Profile: Enveloped, Document: []byte(plain), Elements: []string{"甲"}}))
}

func signedFiles(t testing.TB) string {
	return string(sign(t, Request{Profile: Detached, Files: files()}))
}

func signedXAdES(t testing.TB) string {
	return string(sign(t, Request{Profile: Enveloped, Document: []byte(plain), XAdES: true, Time: certtest.Now}))
}

// one returns the first signature's result.
func one(t testing.TB, document string, open Opener) Signature {
	t.Helper()
	signatures, err := Verify([]byte(document), open)
	require.NoError(t, err)
	return signatures[0]
}

const (
	c14n10     = `<ds:Transform Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"></ds:Transform>`
	rsaSHA256  = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
	xmlencSHA  = "http://www.w3.org/2001/04/xmlenc#sha256"
	enveloping = `<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform>`
)

func transform(uri string) string { return `<ds:Transform Algorithm="` + uri + `"></ds:Transform>` }

// TestForged spoils signatures in one way each. Those that are signed again afterwards are what the holder of the right
// key could make.
func TestForged(t *testing.T) {
	for name, test := range map[string]struct {
		document string
		change   func(t *testing.T, document string) string
		resign   bool
		want     error
	}{
		"as it should be":     {signedPlain(t), edits(), false, nil},
		"signed again":        {signedPlain(t), edits(), true, nil},
		"XAdES, signed again": {signedXAdES(t), edits(), true, nil},
		"text changed":        {signedPlain(t), edits("太郎", "花子"), false, ErrDigest},
		"space added":         {signedPlain(t), edits("</甲>", " </甲>"), false, ErrDigest},
		"namespace added":     {signedPlain(t), edits("<甲", "<甲 xmlns:x='urn:x'"), false, ErrDigest},
		"same in other quotes": {signedPlain(t), edits(`p:番号="1"`, `p:番号 = '1'`),
			false, nil},
		"line ends turned": {signedPlain(t), func(t *testing.T, d string) string {
			return strings.ReplaceAll(d, "\r\n", "\n")
		}, false, nil},
		"comment changed": {signedPlain(t), edits("<!-- 注 -->", "<!-- 別 -->"), false, nil},
		"outside the sibling": {signedSibling(t), edits(`p:番号="1"`, `p:番号="2"`),
			false, nil},
		"sibling changed":   {signedSibling(t), edits("太郎", "花子"), false, ErrDigest},
		"value changed":     {signedPlain(t), changeValue, false, ErrSignature},
		"algorithm change":  {signedPlain(t), edits("#rsa-sha256", "#rsa-sha512"), false, ErrSignature},
		"inside SignedInfo": {signedPlain(t), edits("</ds:SignedInfo>", " </ds:SignedInfo>"), false, ErrSignature},

		"HMAC": {signedPlain(t),
			edits(rsaSHA256, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"), true, ErrAlgorithm},
		"ECDSA": {signedPlain(t), edits("#rsa-sha256", "#ecdsa-sha256"), true, ErrAlgorithm},
		"RSA-PSS": {signedPlain(t),
			edits(rsaSHA256, "http://www.w3.org/2007/05/xmldsig-more#rsa-pss"), true, ErrAlgorithm},
		"RSA with MD5":   {signedPlain(t), edits("#rsa-sha256", "#rsa-md5"), true, ErrAlgorithm},
		"RSA with SHA-1": {signedPlain(t), edits(rsaSHA256, "http://www.w3.org/2000/09/xmldsig#rsa-sha1"), true, ErrWeak},
		"digest SHA-1":   {signedPlain(t), edits(xmlencSHA, "http://www.w3.org/2000/09/xmldsig#sha1"), true, ErrWeak},
		"digest MD5":     {signedPlain(t), edits(xmlencSHA, "http://www.w3.org/2001/04/xmldsig-more#md5"), true, ErrAlgorithm},
		"no algorithm":   {signedPlain(t), edits(` Algorithm="`+xmlencSHA+`"`, ""), true, ErrAlgorithm},
		"HMACOutputLength": {signedPlain(t),
			edits("</ds:SignatureMethod>", "<ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>"), true, ErrAlgorithm},
		"unknown canonicalization": {signedPlain(t),
			edits(`<ds:CanonicalizationMethod Algorithm="`+string(c14n.Inclusive10),
				`<ds:CanonicalizationMethod Algorithm="urn:x`), true, ErrAlgorithm},
		"SHA-512, signed again": {signedPlain(t), edits("#rsa-sha256", "#rsa-sha512"), true, nil},

		"XSLT": {signedPlain(t),
			edits(c14n10, transform("http://www.w3.org/TR/1999/REC-xslt-19991116")), true, ErrTransform},
		"XPath": {signedPlain(t),
			edits(c14n10, transform("http://www.w3.org/TR/1999/REC-xpath-19991116")), true, ErrTransform},
		"XPath filter 2": {signedPlain(t),
			edits(enveloping, transform("http://www.w3.org/2002/06/xmldsig-filter2")), true, ErrTransform},
		"decryption":            {signedPlain(t), edits(c14n10, transform("http://www.w3.org/2002/07/decrypt#XML")), true, ErrTransform},
		"base64":                {signedPlain(t), edits(c14n10, transform("http://www.w3.org/2000/09/xmldsig#base64")), true, ErrTransform},
		"two canonicalizations": {signedPlain(t), edits(enveloping, c14n10), true, ErrTransform},
		"three transforms":      {signedPlain(t), edits(c14n10, c14n10+c14n10), true, ErrTransform},
		"enveloped last": {signedPlain(t), func(t *testing.T, d string) string {
			return replaced(t, replaced(t, d, enveloping, ""), c14n10, c14n10+enveloping)
		}, true, ErrTransform},
		"enveloped alone":            {signedPlain(t), edits(c14n10, ""), true, nil},
		"enveloped without being so": {signedSibling(t), edits(c14n10, enveloping+c14n10), true, ErrTransform},
		"not enveloped at all":       {signedPlain(t), edits(enveloping, ""), true, ErrDigest},
		"no transforms": {signedSibling(t),
			edits("<ds:Transforms>\n"+c14n10+"\n</ds:Transforms>", ""), true, nil},
		"empty Transforms": {signedSibling(t), edits(c14n10, ""), true, ErrMalformed},
		"InclusiveNamespaces in an inclusive form": {signedSibling(t),
			edits(c14n10, strings.Replace(c14n10, "></",
				`><x:InclusiveNamespaces xmlns:x="`+string(c14n.Exclusive)+`" PrefixList="p"/></`, 1)), true, ErrMalformed},
		"too many prefixes": {signedSibling(t),
			edits(c14n10, `<ds:Transform Algorithm="`+string(c14n.Exclusive)+`"><x:InclusiveNamespaces xmlns:x="`+string(c14n.Exclusive)+
				`" PrefixList="`+strings.Repeat("p ", maxPrefixes+1)+`"/></ds:Transform>`), true, ErrTooMany},
		"relative namespace": {signedSibling(t), edits("<甲", "<甲 xmlns:x='x'"), false, ErrTransform},

		"no URI":          {signedSibling(t), edits(` URI="#%E7%94%B2"`, ""), true, ErrReference},
		"empty fragment":  {signedSibling(t), edits(`"#%E7%94%B2"`, `"#"`), true, ErrReference},
		"unknown id":      {signedSibling(t), edits(`"#%E7%94%B2"`, `"#x"`), true, ErrReference},
		"bad escape":      {signedSibling(t), edits(`"#%E7%94%B2"`, `"#%E"`), true, ErrReference},
		"not escaped":     {signedSibling(t), edits(`"#%E7%94%B2"`, `"#甲"`), true, nil},
		"XPointer":        {signedSibling(t), edits(`"#%E7%94%B2"`, `"#xpointer(id('甲'))"`), true, ErrReference},
		"XPointer to all": {signedSibling(t), edits(`"#%E7%94%B2"`, `"#xpointer(/)"`), true, ErrReference},
		"duplicate id":    {signedSibling(t), edits("<p:乙", `<p:乙 Id="甲"`), false, ErrDuplicateID},
		"ambiguous id":    {signedSibling(t), edits("<p:乙", `<p:乙 xml:id="甲"`), false, ErrAmbiguousID},
		"ambiguous escape": {signedSibling(t), edits("<p:乙", `<p:乙 Id="%E7%94%B2"`),
			false, ErrAmbiguousID},

		"file changed":      {signedFiles(t), edits(`"form.xml"`, `"changed.xml"`), false, ErrDigest},
		"file not given":    {signedFiles(t), edits(`"form.xml"`, `"x.xml"`), true, ErrFile},
		"file above":        {signedFiles(t), edits(`"form.xml"`, `"../form.xml"`), true, ErrReference},
		"file above, coded": {signedFiles(t), edits(`"form.xml"`, `"..%2Fform.xml"`), true, ErrReference},
		"file by its root":  {signedFiles(t), edits(`"form.xml"`, `"/form.xml"`), true, ErrReference},
		"file from the net": {signedFiles(t), edits(`"form.xml"`, `"http://example.com/"`), true, ErrReference},
		"file with a query": {signedFiles(t), edits(`"form.xml"`, `"form.xml?a"`), true, ErrReference},
		"file with NUL":     {signedFiles(t), edits(`"form.xml"`, `"form.xml%00"`), true, ErrReference},
		"file not in UTF-8": {signedFiles(t), edits(`"form.xml"`, `"%93%fa"`), true, ErrReference},
		"file transformed": {signedFiles(t),
			edits(`"form.xml">`, `"form.xml"><ds:Transforms>`+c14n10+`</ds:Transforms>`), true, ErrTransform},

		"no SignedInfo":   {signedPlain(t), cutting("<ds:SignedInfo>", "</ds:SignedInfo>"), false, ErrMalformed},
		"no value":        {signedPlain(t), cutting("<ds:SignatureValue>", "</ds:SignatureValue>"), false, ErrMalformed},
		"no KeyInfo":      {signedPlain(t), cutting("<ds:KeyInfo>", "</ds:KeyInfo>"), false, ErrCertificate},
		"no Reference":    {signedPlain(t), cutting("<ds:Reference", "</ds:Reference>"), true, ErrMalformed},
		"no DigestValue":  {signedPlain(t), cutting("<ds:DigestValue>", "</ds:DigestValue>"), true, ErrMalformed},
		"no DigestMethod": {signedPlain(t), cutting("<ds:DigestMethod", "</ds:DigestMethod>"), true, ErrMalformed},
		"no method":       {signedPlain(t), cutting("<ds:SignatureMethod", "</ds:SignatureMethod>"), true, ErrMalformed},
		"text in the C14N method": {signedPlain(t), edits("</ds:CanonicalizationMethod>",
			"x</ds:CanonicalizationMethod>"), true, ErrMalformed},
		"SignedInfo without canonical form": {signedSibling(t), edits("<ds:SignedInfo>", "<ds:SignedInfo xmlns:x='y'>"), false, ErrMalformed},
		"no C14N method":                    {signedPlain(t), cutting("<ds:Canon", "</ds:CanonicalizationMethod>"), true, ErrMalformed},
		"SignedInfo twice":                  {signedPlain(t), doubling("<ds:SignedInfo>", "</ds:SignedInfo>"), false, ErrMalformed},
		"value twice":                       {signedPlain(t), doubling("<ds:SignatureValue>", "</ds:SignatureValue>"), false, ErrMalformed},
		"DigestValue twice":                 {signedPlain(t), doubling("<ds:DigestValue>", "</ds:DigestValue>"), true, ErrMalformed},
		"text in between":                   {signedPlain(t), edits("<ds:SignedInfo>", "<ds:SignedInfo>x"), true, ErrMalformed},
		"stranger in it":                    {signedPlain(t), edits("<ds:SignedInfo>", "<ds:SignedInfo><x/>"), true, ErrMalformed},
		"comment in the digest":             {signedPlain(t), edits("<ds:DigestValue>", "<ds:DigestValue><!--AAAA-->"), false, ErrMalformed},
		"element in the digest":             {signedPlain(t), edits("</ds:DigestValue>", "<x/></ds:DigestValue>"), false, ErrMalformed},
		"bad base64":                        {signedPlain(t), edits("<ds:SignatureValue>", "<ds:SignatureValue>!"), false, ErrMalformed},
		"wrapped base64":                    {signedPlain(t), edits("<ds:SignatureValue>", "<ds:SignatureValue>\r\n\t "), false, nil},

		"certificate of another": {signedPlain(t), func(t *testing.T, d string) string {
			return withCertificates(t, d, other(t))
		}, false, ErrSignature},
		"certificates of a chain": {signedPlain(t), func(t *testing.T, d string) string {
			return withCertificates(t, d, authority(t), own(t, d), own(t, d))
		}, false, nil},
		"two certificates of one key": {signedPlain(t), func(t *testing.T, d string) string {
			return withCertificates(t, d, own(t, d), again(t))
		},
			false, ErrCertificate},
		"no RSA certificate": {signedPlain(t), func(t *testing.T, d string) string {
			return withCertificates(t, d, ellipticKey(t))
		}, false, ErrCertificate},
		"short RSA key": {signedPlain(t), func(t *testing.T, d string) string {
			return withCertificates(t, d, weakKey(t))
		}, false, ErrCertificate},
		"BER certificate": {signedPlain(t), func(t *testing.T, d string) string {
			return withCertificates(t, d, indefinite(own(t, d)))
		}, false, ErrCertificate},
		"certificate and more": {signedPlain(t), func(t *testing.T, d string) string {
			return withCertificates(t, d, append(own(t, d), 0))
		}, false, ErrCertificate},
		"no certificate at all": {signedPlain(t), func(t *testing.T, d string) string {
			return withCertificates(t, d, []byte("x"))
		}, false, ErrCertificate},
		"huge certificate": {signedPlain(t), func(t *testing.T, d string) string {
			return withCertificates(t, d, make([]byte, maxCertificate+1))
		}, false, ErrCertificate},
		"too many certificates": {signedPlain(t), func(t *testing.T, d string) string {
			c := own(t, d)
			return withCertificates(t, d, c, c, c, c, c, c, c, c, c)
		}, false, ErrTooMany},
		"too many references": {signedPlain(t), func(t *testing.T, d string) string {
			r := between(t, d, "<ds:Reference", "</ds:Reference>")
			return replaced(t, d, r, strings.Repeat(r, MaxReferences+1))
		}, true, ErrTooMany},

		"XAdES, time changed":   {signedXAdES(t), edits("2026-11-23T", "2025-11-23T"), false, ErrDigest},
		"XAdES, time no time":   {signedXAdES(t), edits("2026-11-23T", "yesterday "), true, ErrMalformed},
		"XAdES, no zone":        {signedXAdES(t), edits("03:00:00Z", "03:00:00"), true, ErrMalformed},
		"XAdES, no digest":      {signedXAdES(t), cutting("<xades:CertDigest>", "</xades:CertDigest>"), true, ErrMalformed},
		"XAdES, no Cert":        {signedXAdES(t), cutting("<xades:Cert>", "</xades:Cert>"), true, ErrMalformed},
		"XAdES, no certificate": {signedXAdES(t), cutting("<xades:SigningCertificateV2>", "</xades:SigningCertificateV2>"), true, nil},
		"XAdES, no digest method": {signedXAdES(t), edits("<xades:CertDigest>\n<ds:DigestMethod", "<xades:CertDigest>\n<ds:Digest",
			"</ds:DigestMethod>\n<ds:DigestValue>"+encode(sum(crypto.SHA256, certificate(t))),
			"</ds:Digest>\n<ds:DigestValue>AAAA"), true, ErrMalformed},
		"XAdES, digest SHA-1": {signedXAdES(t), edits(`<xades:CertDigest>`+"\n"+`<ds:DigestMethod Algorithm="`+xmlencSHA,
			`<xades:CertDigest>`+"\n"+`<ds:DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1`), true, ErrWeak},
		"XAdES, digest no base64": {signedXAdES(t), edits("<ds:DigestValue>"+encode(sum(crypto.SHA256, certificate(t))), "<ds:DigestValue>!"),
			true, ErrMalformed},
		"XAdES, time with markup": {signedXAdES(t), edits("<xades:SigningTime>", "<xades:SigningTime><!-- -->"), true, ErrMalformed},
		"XAdES, unsigned properties": {signedXAdES(t), edits("</xades:QualifyingProperties>",
			"<xades:UnsignedProperties/></xades:QualifyingProperties>"), false, nil},
		"XAdES, another certificate": {signedXAdES(t), func(t *testing.T, d string) string {
			return replaced(t, d, encode(sum(crypto.SHA256, own(t, d))), encode(sum(crypto.SHA256, other(t))))
		}, true, ErrSigningCertificate},
		"XAdES, of another signature": {signedXAdES(t), edits(`Target="#Signature1"`, `Target="#S"`), true, ErrMalformed},
		"XAdES, twice":                {signedXAdES(t), doubling("<ds:Object>", "</ds:Object>"), false, ErrMalformed},
		"XAdES, not signed": {signedXAdES(t), func(t *testing.T, d string) string {
			i := strings.Index(d, `<ds:Reference Type=`)
			return d[:i] + strings.Replace(d[i:], between(t, d[i:], "<ds:Reference", "</ds:Reference>"), "", 1)
		}, true, ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			document := test.change(t, test.document)
			if test.resign {
				document = resign(t, document)
			}
			s := one(t, document, given)
			require.ErrorIs(t, s.Err, test.want)
			require.Equal(t, test.want == nil, s.Certificate != nil)
		})
	}
}

// TestDocumentsRefused are those of which no signature is looked at.
func TestDocumentsRefused(t *testing.T) {
	signature := `<Signature xmlns="` + spaceDSig + `"/>`
	for name, test := range map[string]struct {
		document string
		want     error
	}{
		"empty":               {"", tree.ErrSyntax},
		"no XML":              {"%PDF-1.7", tree.ErrSyntax},
		"doctype":             {"<!DOCTYPE a [<!ENTITY x 'y'>]>" + signature, tree.ErrDoctype},
		"no signature":        {plain, ErrNoSignature},
		"Signature of others": {"<Signature/>", ErrNoSignature},
		"too many signatures": {"<a>" + strings.Repeat(signature, MaxSignatures+1) + "</a>", ErrTooMany},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Verify([]byte(test.document), nil)
			require.ErrorIs(t, err, test.want)
		})
	}
}

func TestFiles(t *testing.T) {
	broken := errors.New("disk on fire")
	document := signedFiles(t)
	nothing := one(t, document, nil)
	require.ErrorIs(t, nothing.Err, ErrFile)
	require.Equal(t, []string{"添付 書類(1).pdf", "form.xml"}, nothing.Missing)
	changed := one(t, replaced(t, document, `"form.xml"`, `"changed.xml"`), func(name string) (io.ReadCloser, error) {
		if name != "changed.xml" {
			return nil, fs.ErrNotExist
		}
		return given(name)
	})
	require.ErrorIs(t, changed.Err, ErrDigest, "a change is worse than what is missing")
	require.ErrorIs(t, one(t, document, func(string) (io.ReadCloser, error) { return nil, broken }).Err, broken)
	require.ErrorIs(t, one(t, document, func(string) (io.ReadCloser, error) { return nil, &fs.PathError{Err: fs.ErrNotExist} }).Err, ErrFile)
	require.ErrorIs(t, one(t, document, func(string) (io.ReadCloser, error) { return io.NopCloser(iotest.ErrReader(broken)), nil }).Err, broken)

	opened := map[string]int{}
	r := between(t, document, `<ds:Reference URI="form.xml">`, "</ds:Reference>")
	many := resign(t, replaced(t, document, r, strings.Repeat(r, 20)))
	require.Equal(t, []string{"添付 書類(1).pdf", "form.xml"}, one(t, many, nil).Missing)
	require.NoError(t, one(t, many, func(name string) (io.ReadCloser, error) {
		opened[name]++
		return given(name)
	}).Err)
	require.Equal(t, map[string]int{"添付 書類(1).pdf": 1, "form.xml": 1}, opened)
}

// TestWork: references that would have the same element written again and again are given up.
func TestWork(t *testing.T) {
	document := all(t, plain, "見本　太郎", strings.Repeat("見本　太郎", 100_000))
	signed := string(sign(t, Request{Profile: Enveloped, Document: []byte(document), Elements: []string{"甲"}}))
	r := between(t, signed, "<ds:Reference", "</ds:Reference>")
	require.ErrorIs(t, one(t, replaced(t, signed, r, strings.Repeat(r, 100)), nil).Err, ErrTooMany)
}

// TestWorkUnseen: what is read and not written counts as work, too.
func TestWorkUnseen(t *testing.T) {
	document := all(t, plain, "見本　太郎", "見本　太郎"+strings.Repeat("<!---->", 300_000))
	signed := string(sign(t, Request{Profile: Enveloped, Document: []byte(document), Elements: []string{"甲"}}))
	require.NoError(t, one(t, signed, nil).Err)
	r := between(t, signed, "<ds:Reference", "</ds:Reference>")
	require.ErrorIs(t, one(t, replaced(t, signed, r, strings.Repeat(r, 100)), nil).Err, ErrTooMany)
}

// TestPlaces: a path stays short, however deep and wide a document is.
func TestPlaces(t *testing.T) {
	deep := strings.Repeat("<"+strings.Repeat("深", 200)+">", 900)
	document := deep + strings.Repeat("<e/>", 1000) + "<e Id='x'/>" + strings.ReplaceAll(deep, "<", "</")
	s := one(t, string(sign(t, Request{Profile: Enveloped, Document: []byte(document), Elements: []string{"x"}})), nil)
	require.NoError(t, s.Err)
	require.Regexp(t, "^….*/e\\[1001\\]$", s.References[0].Path)
	require.Less(t, len(s.References[0].Path), 5000)
	require.True(t, s.MoreUnsigned)
	require.Len(t, s.Unsigned, MaxUnsigned)
	require.Equal(t, PartTag, s.Unsigned[0].Kind)
}
