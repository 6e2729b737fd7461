//go:build unix

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
	etax := s.signedWith("申告.xtx", []byte(`<?xml version="1.0" encoding="UTF-8"?><DATA xmlns="http://xml.e-tax.nta.go.jp/XSD/kyotsu" id="DATA"><PTE0010 id="PTE0010">甲</PTE0010></DATA>`), "--format", "xml", "--profile", "etax")
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
		"no such folder":   {[]string{"--profile", "egov", "--files", folder + ".absent", kousei}, 1, "is not there"},
		"no file":          {[]string{"--profile", "moj"}, 2, "FILE"},
		"XML for a PDF":    {[]string{"--profile", "moj", etax}, 10, "The file is XML; the rules of moj are for PDF.\nGive --profile moj for"},
		"PDF for XML":      {[]string{"--profile", "etax", moj}, 10, "The file is a PDF; the rules of etax are for XML.\n"},
		"CMS for XML":      {[]string{"--profile", "egov", s.signedWith("a.p7m", plain, "--format", "cms", "--attached"), "--lang", "ja"}, 10, "署名メッセージ（CMS）で、egovの形式のものではありません。\n登記・供託オンライン申請のPDFなら"},
		"neither":          {[]string{"--profile", "egov", write(t, "a.txt", []byte("hello"))}, 10, "neither CMS nor PDF nor XML"},
		"no such document": {[]string{"--profile", "moj", moj + ".absent"}, 1, "is not there"},
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
		report, err := verify.Conformance(t.Context(), p, bytes.NewReader(files[p]), int64(len(files[p])), nil, nil)
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

// TestFileRemedies: what helps goes with the cause, in both languages, and --force only with a file that is there.
func TestFileRemedies(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	in, dir := write(t, "in", []byte("a")), t.TempDir()
	locked := filepath.Join(dir, "locked")
	require.NoError(t, os.Mkdir(locked, 0o500))
	sign := []string{"sign", "--format", "cms", "--in", in, "--out"}
	for name, c := range map[string]struct {
		args     []string
		says, ja string
	}{
		"not there":   {[]string{"verify", in + ".absent"}, "is not there.\nLook at the name and at the place.", "がありません。\n名前と場所を"},
		"a folder":    {[]string{"verify", dir}, "is a folder.\nGive a regular file", "はフォルダーです。\nフォルダーや特別なファイルではなく"},
		"no file":     {[]string{"verify", os.DevNull}, "is not a regular file.\nGive a regular file", "は普通のファイルではありません。\n"},
		"output":      {append(sign, in), "is there already.\nChoose another name, or add --force", "はすでにあります。\n別の名前にするか"},
		"no place":    {append(sign, filepath.Join(dir, "absent", "out")), "is not there.\nLook at", "がありません。\n名前と"},
		"not my file": {append(sign, filepath.Join(locked, "out")), "You may not read or write", "権限がありません。\nそのファイルと"},
	} {
		if name == "not my file" && os.Getuid() == 0 {
			continue // root may
		}
		pin := ""
		if c.args[0] == "sign" {
			pin = "ABC123"
		}
		require.Equal(t, 1, s.run(pin, append(c.args, "--lang", "en")...), name)
		require.Contains(t, s.stderr.String(), c.says, name)
		require.Equal(t, name == "output", strings.Contains(s.stderr.String(), "--force"), name)
		require.Equal(t, 1, s.run(pin, append(c.args, "--lang", "ja")...), name)
		require.Contains(t, s.stderr.String(), c.ja, name)
	}
}

// TestBadValuesAreNamed: a flag whose file or folder is of no use says which one, in both languages, and why beside it.
func TestBadValuesAreNamed(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	plain, empty := write(t, "plain", []byte("a")), t.TempDir()
	for flag, value := range map[string]string{"--trust": empty, "--tsa-trust": empty, "--crl": plain, "--ocsp": plain} {
		require.Equal(t, 2, s.run("", "verify", plain, flag, value, "--lang", "ja"))
		require.Regexp(t, "natsuin: "+flag+": 「"+regexp.QuoteMeta(value)+"」.*。\n.*\n（くわしい記録: [^\n]+）\n$", s.stderr.String())
		require.Equal(t, 2, s.run("", "verify", plain, flag, value))
		require.Contains(t, s.stderr.String(), flag+` names "`+value+`", `)
	}
	require.Equal(t, 2, s.run("", "verify", plain, "--at", "tomorrow", "--lang", "ja"))
	require.Contains(t, s.stderr.String(), "--at: 日時は2026-11-23T12:00:00+09:00の形で")
}

// TestReasonsHaveRemedies: what helps stands with the reason of a signature, and with that of a file.
func TestReasonsHaveRemedies(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	file := s.signedWith("a.p7m", []byte("a"), "--format", "cms", "--attached")
	s.tells(10, []string{"verify", file}, "(ISSUER_FOREIGN)", "Remedy: Natsuin cannot confirm")
	s.tells(10, []string{"verify", file, "--lang", "ja"}, "対処: マイナンバーカード以外の電子証明書")
	plain := write(t, "plain.pdf", pdftest.File(pdftest.Document(1), ""))
	for _, args := range [][]string{{"verify", plain}, {"timestamp", "query", "--in", plain, "--out", plain + ".tsq"}} {
		require.Equal(t, 10, s.run("", append(args, "--lang", "ja")...))
		require.Contains(t, s.stderr.String(), "署名がありません。\n署名が別のファイル")
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
			requireBoth(t, documentReasonTexts[verify.Reason(word)].message, word)
			requireBoth(t, documentReasonTexts[verify.Reason(word)].remedy, word)
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

// Every cause that a rule of either format can name has a sentence in Japanese, with room for its values.
func TestCausesHaveWords(t *testing.T) {
	all := map[string]bool{}
	for format, sentences := range map[string]string{"pdf": "evidence", "xml": "details"} {
		p := parsePackage(t, filepath.Join("..", "internal", "signature", format))
		english := p.sentences(t, sentences)
		for _, name := range slices.Sorted(maps.Keys(p)) {
			if !strings.HasPrefix(name, "Cause") {
				continue
			}
			cause := p.text(p[name])
			require.NotEmpty(t, causeTexts[cause], name)
			require.Equal(t, strings.Count(english[cause], "%"), strings.Count(causeTexts[cause], "%s"), cause)
			all[cause] = true
		}
	}
	require.Len(t, causeTexts, len(all))
}

// A parsed package is its constants and variables: the expressions by the names.
type parsed map[string]ast.Expr

func parsePackage(t *testing.T, dir string) parsed {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	p := parsed{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
				p[spec.Names[0].Name] = spec.Values[0]
			}
			return true
		})
	}
	require.NotEmpty(t, p)
	return p
}

// text is the text that a constant has, through names of others and conversions.
func (p parsed) text(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		return text
	case *ast.Ident:
		return p.text(p[e.Name])
	case *ast.CallExpr:
		return p.text(e.Args[0])
	}
	return ""
}

// sentences are what a map from constants to texts holds.
func (p parsed) sentences(t *testing.T, name string) map[string]string {
	t.Helper()
	list, ok := p[name].(*ast.CompositeLit)
	require.True(t, ok, name)
	found := map[string]string{}
	for _, e := range list.Elts {
		pair := e.(*ast.KeyValueExpr)
		found[p.text(pair.Key)] = p.text(pair.Value)
	}
	require.NotEmpty(t, found)
	return found
}

// englishProse are words that stand in every English sentence here.
var englishProse = []string{" the ", " is ", " of ", " no ", " not ", " a ", " to ", " that "}

// What verify finds it says in Japanese, but for the record of a failure, which says that it is one.
func TestVerifyInJapanese(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	trust := s.trust()
	for _, path := range []string{
		s.signedWith("a.pdf", pdftest.File(pdftest.Document(1), ""), "--format", "pdf"),
		s.signedWith("b.p7m", []byte("文書"), "--format", "cms", "--attached"),
		s.signedWith("c.xml", []byte(plainDocument), "--format", "xml", "--xades"),
		s.signedWith("d.xml", []byte(plainDocument), "--format", "xml"),
	} {
		for _, args := range [][]string{{"--trust", trust}, {}} {
			s.run("", append([]string{"verify", path, "--lang", "ja"}, args...)...)
			for line := range strings.Lines(s.stdout.String()) {
				for _, word := range englishProse {
					require.False(t, strings.Contains(line, word) && !strings.Contains(line, "くわしい記録: "), line)
				}
				require.NotRegexp(t, `object \d|（tag、|\dT\d\d:\d\d|^ +[A-Z_]+\n`, line, "places, parts, moments and reasons are in Japanese")
			}
		}
	}
}

// What check finds it says in Japanese without a word of English prose: names, keys and algorithms stay as they are.
func TestCheckInJapanese(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	moj := s.signedWith("a.pdf", pdftest.File(pdftest.Document(1), ""), "--format", "pdf", "--profile", "moj")
	pades := s.signedWith("b.pdf", pdftest.File(pdftest.Document(1), ""), "--format", "pdf")
	plain := write(t, "c.pdf", pdftest.File(pdftest.Document(1), ""))
	etax := s.signedWith("d.xtx", []byte(xtxDocument), "--format", "xml", "--profile", "etax")
	enveloped := s.signedWith("e.xml", []byte(plainDocument), "--format", "xml", "--xades")
	for _, c := range []struct {
		profile, path string
		exit          int
		says          string
	}{
		{"moj", moj, 0, ""}, {"moj", pades, 10, "SubFilter /ETSI.CAdES.detached"}, {"moj", plain, 10, "署名がありません"},
		{"etax", etax, 0, ""}, {"etax", enveloped, 10, "ルート要素が契約で、DATAではありません"}, {"egov", etax, 10, "ルート要素がDATAで、DataRootではありません"},
	} {
		require.Equal(t, c.exit, s.run("", "check", "--profile", c.profile, c.path, "--lang", "ja"))
		for _, word := range englishProse {
			require.NotContains(t, s.stdout.String(), word)
		}
		require.Contains(t, s.stdout.String(), c.says)
	}
}
