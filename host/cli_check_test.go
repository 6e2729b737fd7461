//go:build unix

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
	xmldsig "github.com/natsuin/natsuin/internal/signature/xml"
	"github.com/natsuin/natsuin/verify"
)

// egovFolder is a folder with a signed kousei.xml and a file that it signs.
func egovFolder(t *testing.T) string {
	t.Helper()
	key := certtest.Key(t, "card")
	cert := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1").Signature(t, key)
	attachment := []byte("%PDF-1.7\n")
	digest := sha256.Sum256(attachment)
	signed, err := xmldsig.Sign(key, cert, xmldsig.Request{Profile: xmldsig.EGov, Time: certtest.Now, Files: []xmldsig.File{{Name: "添付.pdf", Digest: digest[:]}},
		Document: []byte(`<?xml version="1.0" encoding="UTF-8"?><DataRoot><構成情報 ID="構成情報"><a/></構成情報></DataRoot>`)})
	require.NoError(t, err)
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "kousei.xml"), signed, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "添付.pdf"), attachment, 0o600))
	return folder
}

func TestCheck(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	plain := pdftest.File(pdftest.Document(1), "")
	moj := s.signedWith("定款.pdf", plain, "--format", "pdf", "--profile", "moj")
	pades := s.signedWith("定款.pdf", plain, "--format", "pdf")
	etax := s.signedWith("申告.xtx", []byte(`<?xml version="1.0" encoding="UTF-8"?><DATA xmlns="urn:x" id="DATA"><PTE0010 id="PTE0010">甲</PTE0010></DATA>`), "--format", "xml", "--profile", "etax")
	folder := egovFolder(t)
	kousei := filepath.Join(folder, "kousei.xml")

	s.tells(0, []string{"check", "--profile", "moj", moj}, "定款.pdf: the registry's rules for PDF (moj)", "pass SHA-256 with RSA [c8-algorithms]", "It meets every rule.")
	s.tells(0, []string{"check", "--profile", "etax", etax}, "[signature-value]")
	s.tells(0, []string{"check", "--profile", "egov", "--files", folder, kousei}, "[files-given]")

	s.tells(10, []string{"check", "--profile", "moj", pades}, "FAIL /SubFilter is /adbe.pkcs7.detached", "/SubFilter /ETSI.CAdES.detached",
		"Remedy: Take the document from before this signature", "Rules that it breaks: 2.")
	s.tells(10, []string{"check", "--profile", "moj", write(t, "plain.pdf", plain), "--lang", "ja"}, "× 1つの改訂に新しい署名が1つだけある", "直し方: この提出先の形式で文書に署名してください。", "－ ")
	s.tells(10, []string{"check", "--profile", "egov", kousei}, "Put every signed file into one folder, and give it with --files.")
	require.NoError(t, os.WriteFile(filepath.Join(folder, "別.pdf"), nil, 0o600))
	require.NoError(t, os.Symlink("別.pdf", filepath.Join(folder, "link")))
	require.NoError(t, os.Mkdir(filepath.Join(folder, "folder"), 0o700))
	s.tells(10, []string{"check", "--profile", "egov", "--files", folder, kousei}, "[files-signed]", "Rules that it breaks: 1.")

	// verify names the broken rules of the service, too, whatever it says of the signature.
	s.tells(10, []string{"verify", moj}, "Filing: it meets all of the registry's rules for PDF (moj).")
	signed, err := os.ReadFile(moj)
	require.NoError(t, err)
	nameless := write(t, "nameless.pdf", bytes.Replace(signed, []byte("/Name "), []byte("/Nome "), 1))
	s.tells(10, []string{"verify", nameless}, "DOCUMENT_CHANGED", "the signer's /Name is there [c3-name]", "Remedy: ")
	s.tells(10, []string{"verify", "--files", folder, kousei, "--lang", "ja"}, "e-Govの署名の形式", "あるファイルがすべて署名されている [files-signed]", "直し方: ")
	require.Equal(t, 10, s.run("", "verify", nameless, "--json"))
	var judged struct {
		Format  string
		Service struct {
			Profile  string
			Conforms bool
		}
	}
	require.NoError(t, json.Unmarshal(s.stdout.Bytes(), &judged))
	require.Equal(t, "pdf moj", judged.Format+" "+judged.Service.Profile)
	require.False(t, judged.Service.Conforms)
	require.Equal(t, 10, s.run("", "verify", pades, "--json"))
	require.NotContains(t, s.stdout.String(), `"service"`)

	// The bytes are where they are said to be.
	require.Equal(t, 10, s.run("", "check", "--profile", "moj", pades, "--json"))
	var report struct {
		Profile  string
		Conforms bool
		Checks   []struct {
			Rule, Outcome, Detail, Remedy, Says, Help string
			Start                                     int
		}
	}
	require.NoError(t, json.Unmarshal(s.stdout.Bytes(), &report))
	require.Equal(t, "moj", report.Profile)
	require.False(t, report.Conforms)
	require.Len(t, report.Checks, 10)
	c := report.Checks[1]
	require.Equal(t, []string{"c2-sub-filter", "failed", "sign-original"}, []string{c.Rule, c.Outcome, c.Remedy})
	require.NotEmpty(t, c.Says)
	require.NotEmpty(t, c.Help)
	file, err := os.ReadFile(pades)
	require.NoError(t, err)
	require.True(t, bytes.HasPrefix(file[c.Start:], []byte("/ETSI.CAdES.detached")) || bytes.HasPrefix(file[c.Start:], []byte("/SubFilter")), "%q", file[c.Start:c.Start+30])

	for name, wrong := range map[string]struct {
		args []string
		exit int
		says string
	}{
		"no profile":       {[]string{moj}, 2, "--profile"},
		"of sign":          {[]string{"--profile", "pades", moj}, 2, "is none of moj, etax and egov"},
		"files of a PDF":   {[]string{"--profile", "moj", "--files", folder, moj}, 2, "--files"},
		"no such folder":   {[]string{"--profile", "egov", "--files", folder + ".absent", kousei}, 1, "no such file"},
		"no file":          {[]string{"--profile", "moj"}, 2, "FILE"},
		"XML for a PDF":    {[]string{"--profile", "moj", etax}, 10, "DOCUMENT_MALFORMED"},
		"no such document": {[]string{"--profile", "moj", moj + ".absent"}, 1, "no such file"},
	} {
		require.Equal(t, wrong.exit, s.run("", append([]string{"check"}, wrong.args...)...), name)
		require.Contains(t, s.stderr.String(), wrong.says, name)
	}
}

func TestTooManyFilesBeside(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	folder := egovFolder(t)
	for i := range maxFilesBeside {
		require.NoError(t, os.WriteFile(filepath.Join(folder, strconv.Itoa(i)), nil, 0o600))
	}
	require.Equal(t, 1, s.run("", "check", "--profile", "egov", "--files", folder, filepath.Join(folder, "kousei.xml")))
	require.Contains(t, s.stderr.String(), "more than 1000 files")
}

// TestConformanceInWords: every rule of every profile has its sentence in both languages, and nothing else has.
func TestConformanceInWords(t *testing.T) {
	rules := map[string]bool{}
	files := map[verify.Profile][]byte{verify.MOJ: pdftest.File(pdftest.Document(1), ""), verify.ETax: []byte("<a/>"), verify.EGov: []byte("<a/>")}
	for _, p := range verify.Profiles() {
		report, err := verify.Conformance(p, bytes.NewReader(files[p]), int64(len(files[p])), nil, nil)
		require.NoError(t, err)
		requireBoth(t, profileTexts[p], string(p))
		for _, c := range report.Checks {
			rules[c.Rule] = true
			requireBoth(t, conformanceTexts[c.Rule], c.Rule)
		}
	}
	require.Len(t, conformanceTexts, len(rules))
	for name := range conformanceTexts {
		require.True(t, rules[name], name)
	}
}

// TestVerifyInWords: so has every remedy, every reason and every rule that verify may give for a document.
func TestVerifyInWords(t *testing.T) {
	remedies := constants(t, "conformance.go", "Remedy")
	require.Len(t, documentRemedyTexts, len(remedies))
	for _, word := range remedies {
		requireBoth(t, documentRemedyTexts[verify.Remedy(word)], word)
	}
	reasons := 0
	for _, word := range append(constants(t, "verify.go", "Reason"), constants(t, "reasons.go", "Reason")...) {
		switch prefix, _, _ := strings.Cut(word, "_"); {
		case prefix == "TOKEN", prefix == "ORIGIN", prefix == "CHALLENGE", word == string(verify.FormatUnsupported): // of logins
		default:
			reasons++
			requireBoth(t, documentReasonTexts[verify.Reason(word)], word)
		}
	}
	require.Len(t, documentReasonTexts, reasons)
	rules := 0
	for _, word := range append(constants(t, "verify.go", ""), constants(t, "reasons.go", "")...) {
		if word != verify.RuleToken && word != verify.RuleOriginAndChallenge {
			rules++
			requireBoth(t, ruleTexts[word], word)
		}
	}
	require.Len(t, ruleTexts, rules)
}

func requireBoth(t *testing.T, words text, of string) {
	t.Helper()
	require.NotEmpty(t, words.ja, of)
	require.NotEmpty(t, words.en, of)
}

// constants returns the values of a type's constants in a file of package verify; those without a type are its
// rules.
func constants(t *testing.T, name, kind string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "verify", name), nil, 0)
	require.NoError(t, err)
	var values []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		typed, _ := spec.Type.(*ast.Ident)
		literal, _ := spec.Values[0].(*ast.BasicLit)
		rule := typed == nil && strings.HasPrefix(spec.Names[0].Name, "Rule")
		if literal != nil && (kind == "" && rule || typed != nil && kind == typed.Name) {
			value, err := strconv.Unquote(literal.Value)
			require.NoError(t, err)
			values = append(values, value)
		}
		return true
	})
	require.NotEmpty(t, values)
	return values
}
