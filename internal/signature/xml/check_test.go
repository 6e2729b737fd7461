package xmldsig

import (
	"crypto"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/xml/c14n"
)

// A mutation breaks one rule of a checklist and no other.
type mutation struct {
	rule   Rule
	change func(t *testing.T, document string) string
	resign bool
	names  []string // of the files that are there, where not as usual
	proof  string   // a regular expression that the bytes which prove it begin with
}

// moving takes the Signature out and puts it before a text.
func moving(before string) func(*testing.T, string) string {
	return func(t *testing.T, document string) string {
		_, n := firstSignature(t, document)
		rest := document[:n.Start] + document[n.End:]
		return replaced(t, rest, before, document[n.Start:n.End]+before)
	}
}

var usual = []string{"添付 書類(1).pdf", "form.xml"}

// common are the mutations that fit every profile but for the prefix, given with its colon.
func common(prefix string) []mutation {
	return []mutation{
		{RuleWellFormed, edits("</"+prefix+"SignedInfo>", ""), false, nil, ""},
		{RuleWellFormed, func(t *testing.T, d string) string { return d + "x" }, false, nil, ""},
		{RuleEncoding, edits(`encoding="UTF-8"`, `encoding="Shift_JIS"`), false, nil, ""},
		{RuleEncoding, func(t *testing.T, d string) string { return d + "\x93\xfa" }, false, nil, ""},
		{RuleDoctype, edits(`encoding="UTF-8"?>`, `encoding="UTF-8"?><!DOCTYPE x>`), false, nil, ""},
		{RuleStructure, edits("<"+prefix+"SignedInfo>", "<"+prefix+"SignedInfo>x"), true, nil, "<" + prefix + "Signature "},
		{RuleCanonicalization, edits("<"+prefix+`CanonicalizationMethod Algorithm="`+string(c14n.Inclusive10), "<"+prefix+
			`CanonicalizationMethod Algorithm="http://www.w3.org/2000/09/xmldsig#`), true, nil, "<" + prefix + "CanonicalizationMethod"},
		{RuleSignatureMethod, edits("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
			"http://www.w3.org/2000/09/xmldsig#rsa-sha1"), true, nil,
			"<" + prefix + "SignatureMethod"},
		{RuleSignatureMethod, edits("#rsa-sha256", "#hmac-sha256"), true, nil, "<" + prefix + "SignatureMethod"},
		{RuleDigestMethod, func(t *testing.T, d string) string {
			return strings.Replace(d, "http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1", 1)
		}, true, nil, "<" + prefix + "DigestMethod"},
		{RuleCertificate, cutting("<"+prefix+"KeyInfo>", "</"+prefix+"KeyInfo>"), false, nil, "<" + prefix + "Signature "},
		{RuleCertificate, edits("<"+prefix+"X509Certificate>M", "<"+prefix+"X509Certificate>A"), false, nil, "<" + prefix + "Signature "},
		{RuleSignatureValue, changeValue, false, nil, "<" + prefix + "Signature "},
		{RuleSignatureValue, edits("</"+prefix+"SignatureMethod>\n", "</"+prefix+"SignatureMethod>"), false, nil, "<" + prefix + "Signature "},
	}
}

// dated are those that the profiles of authorities share.
func dated(prefix string) []mutation {
	return []mutation{
		{RuleCanonicalization, edits("<"+prefix+`CanonicalizationMethod Algorithm="`+string(c14n.Inclusive10), "<"+prefix+
			`CanonicalizationMethod Algorithm="`+string(c14n.Inclusive11)), true, nil, "<" + prefix + "CanonicalizationMethod"},
		{RuleSignatureMethod, edits("#rsa-sha256", "#rsa-sha512"), true, nil, "<" + prefix + "SignatureMethod"},
		{RuleTransforms, edits("<"+prefix+`Transform Algorithm="`+string(c14n.Inclusive10), "<"+prefix+
			`Transform Algorithm="`+string(c14n.Exclusive)), true, nil, "<" + prefix + "Reference"},
		{RuleTransforms, edits("<"+prefix+`Transform Algorithm="`+string(c14n.Inclusive10), "<"+prefix+
			`Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116`), true, nil, "<" + prefix + "Reference"},
	}
}

// withFile are those of the profiles that sign files.
func withFile() []mutation {
	return []mutation{
		{RuleFileTransforms, edits(`URI="form.xml">`, `URI="form.xml"><ds:Transforms>`+c14n10+`</ds:Transforms>`), true, nil,
			`<ds:Reference .*URI="form.xml"`},
		{RuleFilesGiven, edits(), false, []string{"form.xml"}, `<ds:Reference .*URI="%E6%B7`},
		{RuleFilesSigned, edits(), false, append([]string{"changed.xml"}, usual...), "<ds:SignedInfo"},
		{RuleFileDigest, func(t *testing.T, d string) string {
			_, n := firstSignature(t, d)
			for r := range first(n, spaceDSig, "SignedInfo").Elements() {
				if uri, _ := r.Attribute("", "URI"); uri == "form.xml" {
					d = content(d, first(r, spaceDSig, "DigestValue"), encode(make([]byte, 32)))
				}
			}
			return fitValue(t, d)
		}, false, nil, `<ds:Reference .*URI="form.xml"`},
		{RuleEscaped, edits(`"form.xml"`, `"../form.xml"`), true, []string{"添付 書類(1).pdf"}, `<ds:Reference .*URI="../form.xml"`},
	}
}

func TestCheck(t *testing.T) {
	etax := string(sign(t, Request{Profile: ETax, Document: []byte(xtx)}))
	egov := string(sign(t, Request{Profile: EGov, Document: []byte(kousei), Files: files(), Time: certtest.Now}))
	plainDeclared := `<?xml version="1.0" encoding="UTF-8"?>` + plain
	enveloped := string(sign(t, Request{Profile: Enveloped, Document: []byte(plainDeclared), Files: files(), XAdES: true, Time: certtest.Now}))
	detached := string(sign(t, Request{Profile: Detached, Files: files(), XAdES: true, Time: certtest.Now}))

	for _, test := range []struct {
		profile   Profile
		document  string
		names     []string
		mutations []mutation
	}{
		{ETax, etax, nil, slices.Concat(common("dsig:"), dated("dsig:"), []mutation{
			{RuleRoot, edits("<DATA ", "<DAT ", "</DATA>", "</DAT>"), true, nil, "<DAT "},
			{RuleRoot, edits(`<DATA xmlns="http://xml.e-tax.nta.go.jp/XSD/kyotsu"`, `<DATA xmlns="http://xml.e-tax.nta.example/XSD/kyotsu"`), true, nil, "<DATA "},
			{RuleTarget, edits(` id="PTE0010"`, ` ID="PTE0010"`), true, nil, "<DATA "},
			{RuleTarget, edits("</DATA>", `<X id="X"/></DATA>`), true, nil, "<DATA "},
			{RuleID, edits(` id="CONTENTS"`, ` id="PTE0010"`), true, nil, "<PTE0010 "},
			{RuleID, edits(` ID="NOZEISHA_NM"`, ` ID="PTE0010"`), true, nil, "<PTE0010 "},
			{RuleSignature, cutting("<dsig:Signature ", "</dsig:Signature>"), false, nil, ""},
			{RulePlace, moving("<PTE0010"), true, nil, "<dsig:Signature "},
			{RulePlace, func(t *testing.T, d string) string {
				d = moving("\n</DATA>")(t, d)
				return strings.Replace(strings.Replace(d, "<dsig:Signature ", "<W><dsig:Signature ", 1), "</dsig:Signature>",
					"</dsig:Signature></W>", 1)
			}, true, nil, "<dsig:Signature "},
			{RuleReference, edits(`URI="#PTE0010"`, `URI="#IT"`), true, nil, "<dsig:Reference "},
			{RuleReferences, func(t *testing.T, d string) string {
				return twice(t, d, "<dsig:Reference", "</dsig:Reference>")
			}, true, nil, "<dsig:Reference "},
			{RuleDigest, edits("太郎", "花子"), false, nil, "<dsig:Reference "},
			{RuleDigest, edits(`<CATALOG`, "\n  <CATALOG"), false, nil, "<dsig:Reference "},
		})},
		{EGov, egov, usual, slices.Concat(common("ds:"), dated("ds:"), withFile(), []mutation{
			{RuleDeclaration, edits(`<?xml version="1.0" encoding="UTF-8"?>`, ""), false, nil, ""},
			{RuleRoot, edits("<DataRoot>", "<Data>", "</DataRoot>", "</Data>"), false, nil, "<Data>"},
			{RuleTarget, edits(`ID="構成情報"`, `Id="構成情報"`), true, nil, "<DataRoot>"},
			{RuleTarget, edits(`<構成情報`, `<構成`, `</構成情報`, `</構成`), true, nil, "<DataRoot>"},
			{RuleID, edits("<提出先/>", `<提出先 ID="構成情報"/>`), true, nil, "<構成情報 "},
			{RuleSignature, cutting("<ds:Signature ", "</ds:Signature>"), false, nil, ""},
			{RulePlace, edits("<署名情報>", "<署名>", "</署名情報>", "</署名>"), false, nil, "<ds:Signature "},
			{RulePlace, moving("</DataRoot>"), true, nil, "<ds:Signature "},
			{RuleSignatureID, edits(` Id="20261123030000"`, ""), false, nil, "<ds:Signature "},
			{RuleSignatureID, edits(` Id="20261123030000"`, ` Id="S1"`), false, nil, "<ds:Signature "},
			{RuleReference, func(t *testing.T, d string) string {
				r := between(t, d, "<ds:Reference URI=\"#", "</ds:Reference>")
				return replaced(t, replaced(t, d, r, ""), "</ds:SignedInfo>", r+"</ds:SignedInfo>")
			}, true, nil, "<ds:Reference "},
			{RuleReference, edits("#%E6%A7%8B%E6%88%90%E6%83%85%E5%A0%B1", "#%E"), true, nil, "<ds:Reference "},
			{RuleReferences, edits("<申請者>", `<申請者 ID="x">`, "</ds:SignedInfo>", `<ds:Reference URI="#x"><ds:DigestMethod Algorithm="`+
				suites[0].digest+`"/><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference></ds:SignedInfo>`), true, nil,
				`<ds:Reference URI="#x"`},
			{RuleEscaped, edits("#%E6%A7%8B%E6%88%90%E6%83%85%E5%A0%B1", "#構成情報"), true, nil, "<ds:Reference "},
			{RuleDigest, edits("太郎", "花子"), false, nil, "<ds:Reference "},
		})},
		{Enveloped, enveloped, usual, slices.Concat(common("ds:"), withFile(), []mutation{
			{RuleSignature, cutting("<ds:Signature ", "</ds:Signature>"), false, nil, ""},
			{RulePlace, func(t *testing.T, d string) string {
				return strings.Replace(strings.Replace(d, "<ds:Signature ", "<W><ds:Signature ", 1), "</ds:Signature>", "</ds:Signature></W>", 1)
			}, true, nil, "<ds:Signature "},
			{RuleReference, edits(`URI=""`, `URI="#Signature1"`), true, nil, "<ds:Reference "},
			{RuleTransforms, edits(enveloping, transform("http://www.w3.org/TR/1999/REC-xslt-19991116")), true, nil, "<ds:Reference "},
			{RuleDigest, edits("太郎", "花子"), false, nil, "<ds:Reference "},
			{RuleDigest, edits("2026-11-23T", "2025-11-23T"), false, nil, "<ds:Reference "},
		})},
		{Detached, detached, usual, slices.Concat(common("ds:"), withFile(), []mutation{
			{RuleSignature, edits("<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" ", "<a xmlns:ds=\"urn:ds\" ",
				"</ds:Signature>", "</a>"), false, nil, ""},
			{RuleReferences, edits(`URI="form.xml"`, `URI="#x"`), true, []string{"添付 書類(1).pdf"}, `<ds:Reference Id="Signature1-Reference2"`},
		})},
	} {
		t.Run(test.profile.Name, func(t *testing.T) {
			for _, f := range findings(t, test.profile, test.document, test.names) {
				require.Equal(t, Pass, f.Verdict, "%+v", f)
			}
			broken := map[Rule]bool{}
			for _, m := range test.mutations {
				t.Run(string(m.rule), func(t *testing.T) { check(t, test.profile, test.document, test.names, m) })
				broken[m.rule] = true
			}
			for _, id := range Rules(test.profile) {
				require.True(t, broken[id], "no document breaks %s", id)
			}
		})
	}
}

// findings are those of a document whose files can be read.
func findings(t *testing.T, p Profile, document string, names []string) []Finding {
	t.Helper()
	found, err := Check(p, []byte(document), names, given)
	require.NoError(t, err)
	require.Len(t, found, len(Rules(p)))
	return found
}

// check applies a mutation and looks for its one finding.
func check(t *testing.T, p Profile, document string, names []string, m mutation) {
	t.Helper()
	document = m.change(t, document)
	if m.resign {
		document = resign(t, document)
	}
	if m.names != nil {
		names = m.names
	}
	found := findings(t, p, document, names)
	var broken []Rule
	for _, f := range found {
		require.LessOrEqual(t, f.Start, f.End)
		require.LessOrEqual(t, f.End, len(document))
		require.Equal(t, f.Verdict == Pass, f.Detail == "", "%+v", f)
		require.Equal(t, f.Verdict != Pass, f.Cause != "", "%+v", f)
		require.Len(t, f.Values, strings.Count(details[f.Cause], "%"))
		if f.Verdict != Fail {
			continue
		}
		broken = append(broken, f.Rule)
		if f.Rule == m.rule {
			require.Regexp(t, "^"+m.proof, document[f.Start:f.End])
		}
	}
	require.Equal(t, []Rule{m.rule}, broken, "%+v", found)
	for _, f := range found {
		if finder, ok := finders[f.Cause]; f.Verdict == Skipped && ok {
			require.Equal(t, m.rule, finder, "skipped for a want that no rule found: %+v", f)
		}
	}
}

// finders are the rules that are broken where others are skipped for want of something.
var finders = map[Cause]Rule{CauseNoSignature: RuleSignature, CauseNoElement: RuleTarget, CauseNoReference: RuleSignature}

func TestCheckNothing(t *testing.T) {
	for _, p := range Profiles() {
		for _, document := range []string{"", "x", "<a/>", "<DATA/>", "<DataRoot/>", "\x00", "<Signature xmlns='" + spaceDSig + "'/>"} {
			require.True(t, slices.ContainsFunc(findings(t, p, document, []string{"x"}), func(f Finding) bool { return f.Verdict == Fail }))
		}
	}
}

// TestCheckUnreadable: what a disk does says nothing about the document, and a file that has gone is missing.
func TestCheckUnreadable(t *testing.T) {
	document := sign(t, Request{Profile: EGov, Document: []byte(kousei), Files: files(), Time: certtest.Now})
	broken := errors.New("the disk is broken")
	for name, open := range map[string]Opener{
		"opened": func(string) (io.ReadCloser, error) { return nil, broken },
		"read":   func(string) (io.ReadCloser, error) { return io.NopCloser(iotest.ErrReader(broken)), nil },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Check(EGov, document, usual, open)
			require.ErrorIs(t, err, broken)
		})
	}
	found, err := Check(EGov, document, usual, func(string) (io.ReadCloser, error) { return nil, fs.ErrNotExist })
	require.NoError(t, err)
	for _, f := range found {
		require.Equal(t, f.Rule == RuleFileDigest, f.Verdict == Skipped, "%+v", f)
		require.Equal(t, f.Rule == RuleFileDigest, f.Cause == CauseFileMissing, "%+v", f)
	}
}

// TestCheckSHA2: where nobody has said which SHA-2 is wanted, all are good.
func TestCheckSHA2(t *testing.T) {
	out := sign(t, Request{Profile: Enveloped, Document: []byte(plain), Hash: crypto.SHA512})
	found, err := Check(Enveloped, out, nil, func(string) (io.ReadCloser, error) { panic("no file is named") })
	require.NoError(t, err)
	for _, f := range found {
		require.Equal(t, Pass, f.Verdict, "%+v", f)
	}
}
