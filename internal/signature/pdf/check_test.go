package pdf_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/sha512"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
)

// failed returns the rules that a file fails, and holds every finding against its form.
func failed(t *testing.T, file []byte) []pdf.Rule {
	t.Helper()
	findings, err := pdf.Check(bytes.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	require.Len(t, findings, 10)
	var rules []pdf.Rule
	for _, f := range findings {
		require.NotEmpty(t, f.Evidence, f.Rule)
		values, known := pdf.Causes()[f.Cause]
		require.True(t, known, "%+v", f)
		require.Len(t, f.Values, values)
		require.LessOrEqual(t, f.Proof.Start, f.Proof.End)
		require.LessOrEqual(t, f.Proof.End, int64(len(file)))
		require.Equal(t, f.Verdict == pdf.Fail, f.Remedy != pdf.RemedyNone, f.Rule)
		if f.Verdict == pdf.Fail {
			rules = append(rules, f.Rule)
		}
	}
	return rules
}

// TestCheckOurs passes what is signed with profile MOJ, in every kind of file and as the second one.
func TestCheckOurs(t *testing.T) {
	for name, file := range pdftest.Corpus(t) {
		once := sign(t, file, pdf.Options{Profile: pdf.MOJ})
		require.Empty(t, failed(t, once), name)
		require.Empty(t, failed(t, sign(t, once, pdf.Options{Profile: pdf.MOJ})), name)
	}
	require.Equal(t, []pdf.Rule{pdf.RuleSubFilter, pdf.RuleMessage}, failed(t, sign(t, pdftest.File(pdftest.Document(1), ""), pdf.Options{Profile: pdf.PAdES})))
	require.Equal(t, []pdf.Rule{pdf.RuleOneSignature}, failed(t, pdftest.File(pdftest.Document(1), "")))
}

// TestProofs looks at the bytes that prove each verdict.
func TestProofs(t *testing.T) {
	contents := `^<3082[0-9a-f]+0000>$`
	proofs := func(file []byte) []string {
		findings, err := pdf.Check(bytes.NewReader(file), int64(len(file)))
		require.NoError(t, err)
		var found []string
		for _, f := range findings {
			found = append(found, string(file[f.Proof.Start:f.Proof.End]))
		}
		return found
	}
	file := signed(t, pdftest.SignatureDict())
	for i, want := range []string{`^/Sig$`, `^/adbe\.pkcs7\.detached$`, `^\(Mihon\)$`, `^\(D:20261123120000\+09'00'\)$`, `^\[0 +\d+ +\d+ +\d+\]$`,
		contents, contents, contents, `^$`, contents} {
		require.Regexp(t, want, proofs(file)[i])
	}
	require.Equal(t, "%more", proofs(append(file, "%more"...))[4])
}

// TestCheckMutations breaks each rule, alone, in as many ways as it has.
func TestCheckMutations(t *testing.T) {
	s, _, _ := signer(t)
	base := pdftest.File(pdftest.Document(2), "")
	dict := pdftest.SignatureDict()
	update := func(dict string, more pdftest.Objects) []byte {
		return pdftest.Update(base, pdftest.SignatureObjects(dict).With(more), "")
	}
	with := func(old, new string) []byte {
		return pdftest.Complete(update(replaced(old, new), nil), nil, message(t))
	}
	made := func(hash crypto.Hash, o cms.Options, change func([]byte) []byte) []byte {
		return pdftest.Complete(update(dict, nil), nil, func(content []byte) []byte {
			h := hash.New()
			h.Write(content)
			der, err := cms.Sign(s.Signer, s.Certificate, cms.Document{Digest: h.Sum(nil)}, o)
			require.NoError(t, err)
			if change != nil {
				der = change(der)
			}
			return der
		})
	}
	asUsual := cms.Options{SigningTime: certtest.Now, Unbound: true}
	right := made(crypto.SHA256, asUsual, nil)
	require.Equal(t, sha256.Size+sha512.Size, 96) // both hashes are linked in
	later := certtest.Now.AddDate(30, 0, 0)       // a GeneralizedTime

	alone := map[pdf.Rule]bool{}
	for name, test := range map[string]struct {
		file []byte
		want []pdf.Rule
	}{
		"nothing":                   {right, nil},
		"another type":              {with("/Type/Sig", "/Type/DocTimeStamp"), []pdf.Rule{pdf.RuleOneSignature}},
		"no type":                   {with("/Type/Sig", ""), []pdf.Rule{pdf.RuleOneSignature}},
		"two in one revision":       {pdftest.Complete(update(dict, pdftest.Objects{15: "<</Type/Sig/Contents<00>/ByteRange[0 1 2 3]>>"}), nil, message(t)), []pdf.Rule{pdf.RuleOneSignature}},
		"PAdES":                     {with("adbe.pkcs7.detached", "ETSI.CAdES.detached"), []pdf.Rule{pdf.RuleSubFilter}},
		"a certification":           {with(pdftest.ByteRange, "/Reference[]"+pdftest.ByteRange), []pdf.Rule{pdf.RuleSubFilter}},
		"no name":                   {with("/Name(Mihon)", ""), []pdf.Rule{pdf.RuleName}},
		"an empty name":             {with("/Name(Mihon)", "/Name()"), []pdf.Rule{pdf.RuleName}},
		"no time":                   {with("/M(D:20261123120000+09'00')", ""), []pdf.Rule{pdf.RuleTime}},
		"a time without a zone":     {with("/M(D:20261123120000+09'00')", "/M(D:20261123120000)"), []pdf.Rule{pdf.RuleTime}},
		"a month of its own":        {with("/M(D:20261123120000+09'00')", "/M(D:20261323120000Z)"), []pdf.Rule{pdf.RuleTime}},
		"a time in UTC":             {with("/M(D:20261123120000+09'00')", "/M(D:20261123030000Z)"), nil},
		"a line end behind it":      {append(bytes.Clone(right), '\n'), []pdf.Rule{pdf.RuleByteRange}},
		"a later revision":          {pdftest.Update(right, pdftest.Objects{90: "<<>>"}, ""), []pdf.Rule{pdf.RuleByteRange}},
		"a wider gap":               {pdftest.Complete(update(dict, nil), func(r [4]int) [4]int { r[1]--; return r }, message(t)), []pdf.Rule{pdf.RuleByteRange}},
		"padded otherwise":          {made(crypto.SHA256, asUsual, func(der []byte) []byte { return append(der, 0, 1) }), []pdf.Rule{pdf.RuleContents}},
		"white space in it":         {bytes.Replace(right, []byte("000000>"), []byte("00 000>"), 1), []pdf.Rule{pdf.RuleContents}},
		"BER":                       {made(crypto.SHA256, asUsual, indefinite), []pdf.Rule{pdf.RuleContents}},
		"no signing time":           {made(crypto.SHA256, cms.Options{Unbound: true}, nil), []pdf.Rule{pdf.RuleMessage}},
		"a GeneralizedTime":         {made(crypto.SHA256, cms.Options{SigningTime: later, Unbound: true}, nil), []pdf.Rule{pdf.RuleMessage}},
		"SHA-512":                   {made(crypto.SHA512, asUsual, nil), []pdf.Rule{pdf.RuleAlgorithms}},
		"bound, with a certificate": {made(crypto.SHA256, cms.Options{SigningTime: certtest.Now}, nil), nil},
		"written anew": {pdftest.Complete(pdftest.File(pdftest.Document(2).With(pdftest.SignatureObjects(dict)), ""), nil, message(t)),
			[]pdf.Rule{pdf.RuleIncremental}},
		"a byte changed": {bytes.Replace(right, []byte("0.5 g 50"), []byte("0.9 g 50"), 1), []pdf.Rule{pdf.RuleVerifies}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, failed(t, test.file))
		})
		if len(test.want) == 1 {
			alone[test.want[0]] = true
		}
	}
	require.Len(t, alone, 10, "every rule is broken alone")
}

// indefinite writes the outermost length of a message in the indefinite form.
func indefinite(der []byte) []byte {
	out := append([]byte{0x30, 0x80}, der[4:]...) // 30 82 hh ll
	return append(out, 0, 0)
}
