//go:build unix

package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/protocol"
)

// Documents of the shapes that e-Tax and e-Gov take (efiling-pages.md §3.2, §3.3), with invented content, and one of
// nobody's.
const (
	xtxDocument = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" +
		`<DATA xmlns="http://xml.e-tax.nta.go.jp/XSD/kyotsu" id="DATA"><PTE0010 VR="1.0" id="PTE0010"><CONTENTS id="CONTENTS">見本　太郎</CONTENTS></PTE0010></DATA>` + "\n"
	kouseiDocument = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<?xml-stylesheet type=\"text/xsl\" href=\"kousei.xsl\"?>\r\n" +
		"<DataRoot>\r\n<構成情報 ID=\"構成情報\">\r\n<氏名>見本　太郎</氏名>\r\n</構成情報>\r\n<署名情報/>\r\n</DataRoot>\r\n"
	plainDocument = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<契約 xmlns=\"urn:example:mihon\"><甲 Id=\"kou\">見本　太郎</甲><乙 Id=\"otsu\">見本　花子</乙></契約>\n"
)

// attachments are signed along. The name of the one must be escaped in a URI.
var attachments = map[string]string{"図面 (1).pdf": "%PDF-1.7 …", "form.xml": "<a/>"}

// A filingFolder has a document and the attachments.
func filingFolder(t *testing.T, name, document string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(document), 0o600))
	for name, content := range attachments {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600))
	}
	return folder
}

// along are the flags for the attachments of a folder.
func along(folder string) []string {
	return []string{"--file", filepath.Join(folder, "図面 (1).pdf"), "--file", filepath.Join(folder, "form.xml")}
}

// xmlsec1Accepts has xmlsec1 verify the signature of a file in a folder, from which it reads the files that are named.
func xmlsec1Accepts(t *testing.T, s *shell, folder, name string, ids ...string) {
	t.Helper()
	args := append([]string{"--verify", "--trusted-pem", filepath.Join(filepath.Dir(s.trust()), "sign-ca.pem"), "--enabled-key-data", "x509"}, ids...)
	cmd := exec.CommandContext(t.Context(), "xmlsec1", append(args, name)...)
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "xmlsec1 (make deps installs it): %s", out)
}

// xmlsec1AcceptsFiling has xmlsec1 verify the references of e-Gov's kousei.xml. It does not decode the fragment of a
// URI, so that it gets one that is decoded, for which the signature's value cannot be right.
func xmlsec1AcceptsFiling(t *testing.T, s *shell, folder, name string) {
	t.Helper()
	signed, err := os.ReadFile(filepath.Join(folder, name))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "decoded"), bytes.Replace(signed, []byte("#%E6%A7%8B%E6%88%90%E6%83%85%E5%A0%B1"), []byte("#構成情報"), 1), 0o600))
	cmd := exec.CommandContext(t.Context(), "xmlsec1", "--verify", "--trusted-pem", filepath.Join(filepath.Dir(s.trust()), "sign-ca.pem"),
		"--enabled-key-data", "x509", "--id-attr:ID", "構成情報", "decoded")
	cmd.Dir = folder
	out, _ := cmd.CombinedOutput()
	require.Contains(t, string(out), "SignedInfo References (ok/all): 3/3")
	require.NoError(t, os.Remove(filepath.Join(folder, "decoded")))
}

// TestSignXMLProfiles makes every profile's signature, judged by xmlsec1 and by natsuin itself.
func TestSignXMLProfiles(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	trust := s.trust()
	for name, c := range map[string]struct {
		in, document string
		flags        []string
		along        bool
		ids          []string
		checked      string // by check
	}{
		"etax":                  {"届出.xtx", xtxDocument, []string{"--profile", "etax"}, false, []string{"--id-attr:id", "PTE0010"}, "etax"},
		"etax, SHA-512":         {"届出.xtx", xtxDocument, []string{"--profile", "etax", "--hash", "SHA-512"}, false, []string{"--id-attr:id", "PTE0010"}, ""},
		"etax, by id":           {"届出.xtx", xtxDocument, []string{"--profile", "etax", "--element", "PTE0010"}, false, []string{"--id-attr:id", "PTE0010"}, "etax"},
		"egov":                  {"kousei.xml", kouseiDocument, []string{"--profile", "egov"}, true, nil, "egov"},
		"enveloped":             {"契約書.xml", plainDocument, nil, false, nil, ""},
		"enveloped, SHA-384":    {"契約書.xml", plainDocument, []string{"--hash", "SHA-384"}, false, nil, ""},
		"enveloped, with files": {"契約書.xml", plainDocument, nil, true, nil, ""},
		"enveloped, XAdES":      {"契約書.xml", plainDocument, []string{"--xades"}, true, []string{"--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"}, ""},
		"two elements": {"契約書.xml", plainDocument, []string{"--element", "kou", "--element", "otsu"}, false,
			[]string{"--id-attr:Id", "urn:example:mihon:甲", "--id-attr:Id", "urn:example:mihon:乙"}, ""},
		"detached":        {"契約書.txt", "契約書\n", []string{"--profile", "detached"}, true, nil, ""},
		"detached, XAdES": {"契約書.txt", "契約書\n", []string{"--profile", "detached", "--xades"}, false, []string{"--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			folder := filingFolder(t, c.in, c.document)
			args := append([]string{"sign", "--format", "xml", "--in", filepath.Join(folder, c.in), "--out", filepath.Join(folder, "signed.xml")}, c.flags...)
			if c.along {
				args = append(args, along(folder)...)
			}
			require.Zero(t, s.run("ABC123", args...), s.stderr.String())
			if c.checked == "egov" {
				xmlsec1AcceptsFiling(t, s, folder, "signed.xml")
			} else {
				xmlsec1Accepts(t, s, folder, "signed.xml", c.ids...)
			}
			signed := filepath.Join(folder, "signed.xml")
			s.tells(0, []string{"verify", signed, "--files", folder, "--trust", trust}, "Accepted: ")
			if c.checked == "" {
				return
			}
			if c.along { // the unsigned document is a file too many beside the signed one
				require.NoError(t, os.Rename(signed, filepath.Join(folder, c.in)))
				signed = filepath.Join(folder, c.in)
				s.tells(0, []string{"check", "--profile", c.checked, "--files", folder, signed}, "It meets every rule.")
				return
			}
			s.tells(0, []string{"check", "--profile", c.checked, signed}, "It meets every rule.")
		})
	}
}

// TestSignFiling makes the archive for e-Gov: as it comes it is verified and checked, and unpacked it is what xmlsec1
// accepts.
func TestSignFiling(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	trust := s.trust()
	folder := filingFolder(t, "kousei.xml", kouseiDocument)
	filing := filepath.Join(t.TempDir(), "filing.ZIP")
	require.Zero(t, s.run("ABC123", append([]string{"sign", "--format", "xml", "--profile", "egov", "--in", filepath.Join(folder, "kousei.xml"), "--out", filing},
		along(folder)...)...), s.stderr.String())

	for name, content := range attachments {
		require.Contains(t, s.stderr.String(), fmt.Sprintf("Signed along: SHA-256 %x  %q", sha256.Sum256([]byte(content)), name))
	}

	unpacked := t.TempDir()
	out, err := exec.CommandContext(t.Context(), "unzip", "-d", unpacked, filing).CombinedOutput()
	require.NoError(t, err, "unzip (make deps installs it): %s", out)
	xmlsec1AcceptsFiling(t, s, unpacked, "kousei.xml")
	for name, content := range attachments {
		packed, err := os.ReadFile(filepath.Join(unpacked, name))
		require.NoError(t, err)
		require.Equal(t, content, string(packed))
	}

	s.tells(0, []string{"verify", filing, "--trust", trust}, "filing.ZIP: kousei.xml: XML, ", "form.xml", "Accepted: ")
	s.tells(0, []string{"check", "--profile", "egov", filing}, "It meets every rule.")
	s.tells(0, []string{"check", "--profile", "egov", filing, "--lang", "ja"}, "すべての規則に合っています。")
	require.Equal(t, 2, s.run("", "verify", filing, "--files", folder))
	require.Contains(t, s.stderr.String(), "--files")

	data, err := os.ReadFile(filing)
	require.NoError(t, err)
	a, err := opened(data)
	require.NoError(t, err)
	less := zipped(t, "kousei.xml", string(a.document), "form.xml", "<a/>")
	s.tells(10, []string{"check", "--profile", "egov", write(t, "less.zip", less)}, "[files-given]", "図面 (1).pdf")
	more := zipped(t, "kousei.xml", string(a.document), "form.xml", "<a/>", "図面 (1).pdf", attachments["図面 (1).pdf"], "extra.txt", "x")
	s.tells(10, []string{"check", "--profile", "egov", write(t, "more.zip", more)}, "[files-signed]")
	other := zipped(t, "kousei.xml", string(a.document), "form.xml", "<b/>", "図面 (1).pdf", attachments["図面 (1).pdf"])
	s.tells(10, []string{"verify", write(t, "other.zip", other), "--trust", trust}, "(DOCUMENT_CHANGED)")
	for _, lang := range []string{"ja", "en"} {
		require.Equal(t, 10, s.run("", "verify", "--lang", lang, write(t, "up.zip", zipped(t, "kousei.xml", string(a.document), "../form.xml", "<a/>"))))
		require.Contains(t, s.stderr.String(), map[string]string{"ja": "「../form.xml」は使えません。", "en": `The name "../form.xml" in the archive cannot be used.`}[lang])
	}

	// A signature apart lies in its archive beside what it signs.
	apart := filepath.Join(t.TempDir(), "apart.zip")
	require.Zero(t, s.run("ABC123", "sign", "--format", "xml", "--profile", "detached", "--in", filepath.Join(folder, "図面 (1).pdf"), "--out", apart,
		"--file", filepath.Join(folder, "form.xml")), s.stderr.String())
	s.tells(0, []string{"verify", apart, "--trust", trust}, "apart.zip: 図面 (1).signed.xml: XML, ", "Accepted: ")
}

// TestSignXMLRefused says what does not go together, and what cannot be signed, before a PIN.
func TestSignXMLRefused(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	folder := filingFolder(t, "kousei.xml", kouseiDocument)
	in := func(name string) string { return filepath.Join(folder, name) }
	require.NoError(t, os.Mkdir(in("folder"), 0o700))
	require.NoError(t, os.WriteFile(in("empty"), nil, 0o600))
	require.NoError(t, os.WriteFile(in("new\nline"), []byte("x"), 0o600))
	require.NoError(t, os.WriteFile(in("back\\slash"), []byte("x"), 0o600))
	twin := write(t, "form.xml", []byte("<c/>"))
	for name, c := range map[string]struct {
		args   []string
		exit   int
		reason protocol.Refusal
		says   string
	}{
		"unknown profile":         {[]string{"--profile", "moj", "--in", in("kousei.xml")}, 2, "", "enveloped, etax, egov, detached"},
		"unknown hash":            {[]string{"--hash", "MD5", "--in", in("kousei.xml")}, 2, "", "--hash"},
		"XAdES for e-Tax":         {[]string{"--profile", "etax", "--xades", "--in", in("kousei.xml")}, 2, "", "--xades does not go with the profile etax"},
		"files for e-Tax":         {[]string{"--profile", "etax", "--file", in("form.xml"), "--in", in("kousei.xml")}, 2, "", "--file"},
		"two elements for e-Gov":  {[]string{"--profile", "egov", "--element", "a", "--element", "b", "--in", in("kousei.xml")}, 2, "", "--element"},
		"files for two documents": {[]string{"--in", in("kousei.xml"), "--in", in("form.xml"), "--file", twin}, 2, "", "--file goes with one --in"},
		"an archive of two":       {[]string{"--in", in("kousei.xml"), "--in", in("form.xml"), "--out", in("a.zip")}, 2, "", "--out"},
		"two files of a name":     {[]string{"--in", in("kousei.xml"), "--file", in("form.xml"), "--file", twin}, 2, "", `two files "form.xml"`},
		"the document twice":      {[]string{"--profile", "detached", "--in", in("form.xml"), "--file", twin}, 2, "", `two files "form.xml"`},
		"a new line":              {[]string{"--in", in("kousei.xml"), "--file", in("new\nline")}, 2, "", "rename it"},
		"a new line in --in":      {[]string{"--in", in("new\nline")}, 2, "", "rename it"},
		"a backslash":             {[]string{"--in", in("kousei.xml"), "--file", in("back\\slash")}, 2, "", "rename it"},
		"a folder along":          {[]string{"--in", in("kousei.xml"), "--file", in("folder")}, 1, "", "folder"},
		"a folder":                {[]string{"--in", in("folder")}, 1, "", "folder"},
		"no such file":            {[]string{"--in", in("kousei.xml"), "--file", in("absent")}, 1, "", "is not there"},
		"an empty file":           {[]string{"--in", in("empty")}, 1, protocol.Empty, ""},
		"an empty file along":     {[]string{"--in", in("kousei.xml"), "--file", in("empty")}, 1, protocol.Empty, ""},
		"a DOCTYPE":               {[]string{"--in", write(t, "in.xml", []byte("<!DOCTYPE a><a/>"))}, 1, protocol.Doctype, ""},
		"no XML":                  {[]string{"--in", in("図面 (1).pdf")}, 1, protocol.NotXML, ""},
		"no place":                {[]string{"--profile", "etax", "--in", in("form.xml")}, 1, protocol.NoPlace, ""},
		"no such id":              {[]string{"--element", "x", "--in", in("form.xml")}, 1, protocol.BadID, ""},
		"too deep":                {[]string{"--in", write(t, "deep.xml", []byte(strings.Repeat("<a>", 100_000)))}, 1, protocol.TooLarge, ""},
		"too large":               {[]string{"--in", write(t, "large.xml", bytes.Repeat([]byte(" "), 33<<20))}, 1, protocol.TooLarge, ""},
		"XAdES without XML":       {[]string{"--format", "cms", "--xades", "--in", in("form.xml")}, 2, "", "--xades"},
		"an element of a CMS":     {[]string{"--format", "cms", "--element", "a", "--in", in("form.xml")}, 2, "", "--element"},
		"a file with a CMS":       {[]string{"--format", "cms", "--file", in("form.xml"), "--in", in("kousei.xml")}, 2, "", "--file"},
		"an empty CMS":            {[]string{"--format", "cms", "--in", in("empty")}, 1, protocol.Empty, ""},
		"an empty raw":            {[]string{"--format", "raw", "--in", in("empty")}, 1, protocol.Empty, ""},
		"a detached XML":          {[]string{"--detached", "--in", in("form.xml")}, 2, "", "--detached goes with cms only: for XML it is --profile detached"},
		"a detached PDF":          {[]string{"--format", "pdf", "--detached", "--in", in("form.xml")}, 2, "", "--detached goes with cms only"},
		"a detached raw":          {[]string{"--format", "raw", "--detached", "--in", in("form.xml")}, 2, "", "--detached goes with cms only"},
		"an attached XML":         {[]string{"--attached", "--in", in("form.xml")}, 2, "", "--attached goes with cms only"},
		"a folder as CMS":         {[]string{"--format", "cms", "--in", in("folder")}, 1, "", "folder"},
		"a folder, attached":      {[]string{"--format", "cms", "--attached", "--in", in("folder")}, 1, "", "folder"},
	} {
		t.Run(name, func(t *testing.T) {
			s.refuses(t, c.exit, c.reason, c.says, append([]string{"--format", "xml"}, c.args...)...)
		})
	}
	require.Zero(t, s.card.Tally(simcard.PINSign), "nothing of it reached the card")
}

// TestChangedMeanwhile changes files after they were read, while a PIN is asked for: no output is left, in any format.
func TestChangedMeanwhile(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	for name, c := range map[string]struct {
		flags  []string
		change string
	}{
		"a detached message":    {[]string{"--format", "cms"}, "kousei.xml"},
		"an attached message":   {[]string{"--format", "cms", "--attached"}, "kousei.xml"},
		"XML":                   {[]string{"--format", "xml"}, "kousei.xml"},
		"a file along":          {[]string{"--format", "xml", "--profile", "egov"}, "form.xml"},
		"a file in an archive":  {[]string{"--format", "xml", "--profile", "egov", "--out", "filing.zip"}, "form.xml"},
		"one of two documents":  {[]string{"--format", "cms", "--in", "form.xml"}, "form.xml"},
		"what is signed beside": {[]string{"--format", "xml", "--profile", "detached"}, "kousei.xml"},
	} {
		for how, change := range map[string]func(path string) error{
			"written": func(path string) error { return os.WriteFile(path, []byte("別の内容"), 0o600) },
			"replaced": func(path string) error {
				if err := os.WriteFile(path+".new", []byte("別の内容"), 0o600); err != nil {
					return err
				}
				return os.Rename(path+".new", path)
			},
			"removed": os.Remove,
		} {
			t.Run(name+", "+how, func(t *testing.T) {
				folder, out := filingFolder(t, "kousei.xml", kouseiDocument), t.TempDir()
				args := []string{"sign", "--in", filepath.Join(folder, "kousei.xml")}
				target := filepath.Join(out, "signed")
				for i := 0; i < len(c.flags); i++ {
					switch c.flags[i] {
					case "--in":
						i++
						args = append(args, "--in", filepath.Join(folder, c.flags[i]))
					case "--out":
						i++
						target = filepath.Join(out, c.flags[i])
					case "egov":
						args = append(args, append([]string{"egov"}, along(folder)...)...)
					default:
						args = append(args, c.flags[i])
					}
				}
				args = append(args, "--out", target)
				require.Equal(t, 1, s.meanwhile(t, func() { require.NoError(t, change(filepath.Join(folder, c.change))) }, args...), s.stderr.String())
				require.Contains(t, s.stderr.String(), refusalTexts[protocol.Changed].message.en)
				require.NotContains(t, s.stderr.String(), "No PIN was used")
				left, err := os.ReadDir(out)
				require.NoError(t, err)
				if len(left) == 1 { // the folder for two results
					left, err = os.ReadDir(filepath.Join(out, left[0].Name()))
					require.NoError(t, err)
				}
				require.Empty(t, left)
			})
		}
	}

	// What was touched, but says the same, is what was signed.
	in := write(t, "in.txt", []byte("文書"))
	out := filepath.Join(t.TempDir(), "out")
	require.Zero(t, s.meanwhile(t, func() { require.NoError(t, os.WriteFile(in, []byte("文書"), 0o600)) },
		"sign", "--format", "cms", "--in", in, "--out", out), s.stderr.String())
	opensslAccepts(t, out, in, s)
}
