package command_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/seal"
	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
	xmldsig "github.com/natsuin/natsuin/internal/signature/xml"
)

// What the protocol says of profiles and limits is what the packages below do.
func TestProtocolKnowsThePackagesBelow(t *testing.T) {
	var names []string
	for _, p := range pdf.Profiles() {
		names = append(names, p.ID)
		for _, hash := range []protocol.Hash{protocol.SHA256, protocol.SHA384, protocol.SHA512} {
			_, err := protocol.Shape{Profile: p.ID, Hash: hash}.Complete(protocol.PDF)
			require.Equal(t, slices.Contains(p.Hashes, hash.Crypto()), err == nil, "%s with %s", p.ID, hash)
		}
	}
	require.ElementsMatch(t, names, protocol.Profiles(protocol.PDF))
	names = nil
	for _, p := range xmldsig.Profiles() {
		names = append(names, p.Name)
	}
	require.ElementsMatch(t, names, protocol.Profiles(protocol.XML))
	require.Equal(t, xmldsig.MaxDocument, protocol.MaxXML)
	require.LessOrEqual(t, protocol.MaxElements+protocol.MaxFiles+1, xmldsig.MaxReferences, "with the properties of XAdES")
	require.Equal(t, []int{pdf.MinSeal, pdf.MaxSeal}, []int{protocol.MinSeal, protocol.MaxSeal})
	require.Equal(t, seal.MaxText, protocol.MaxSealText)
	require.LessOrEqual(t, protocol.MaxAttached, cms.MaxContent)
}

// small is a document for each profile of XML, and etax and egov have to have theirs.
var small = map[string]string{
	"enveloped": `<契約 id="K1"><甲 Id="a">見本　太郎</甲><乙 Id="b"/></契約>`,
	"detached":  `anything`,
	"etax":      `<DATA xmlns="http://xml.e-tax.nta.go.jp/XSD/kyotsu"><PTE0010 id="PTE0010"><IT id="IT">見本　太郎</IT></PTE0010></DATA>`,
	"egov":      `<DataRoot><構成情報 ID="構成情報"><氏名>見本　太郎</氏名></構成情報><署名情報/></DataRoot>`,
}

// What the protocol lets through, package xmldsig does not refuse as a request that cannot be; what it does not let
// through names its field.
func TestXMLOptions(t *testing.T) {
	digest := func(h crypto.Hash) []byte { return make([]byte, h.Size()) }
	for _, profile := range protocol.Profiles(protocol.XML) {
		for _, hash := range []protocol.Hash{"", protocol.SHA384, protocol.SHA512} {
			for _, xades := range []bool{false, true} {
				for _, elements := range [][]string{nil, {"IT"}, {"a", "b"}} {
					for _, files := range [][]command.File{nil, {{Name: "図面.pdf", Digest: digest(max(crypto.SHA256, hash.Crypto()))}}} {
						o := command.XMLOptions{Profile: profile, Hash: hash, XAdES: xades, Elements: elements, Files: files}
						_, err := command.XMLDocument("kousei.xml", []byte(small[profile]), o)
						if err == nil {
							continue
						}
						var e *protocol.Error
						require.ErrorAs(t, err, &e, "%+v", o)
						require.NotEqual(t, string(protocol.Unsupported), e.Reason, "%+v: %v", o, err)
						require.Contains(t, []string{"xades", "elements", "files", ""}, e.Field, "%+v: %v", o, err)
					}
				}
			}
		}
	}
	for name, c := range map[string]struct {
		o     command.XMLOptions
		field string
	}{
		"unknown profile":   {command.XMLOptions{Profile: "pades"}, "profile"},
		"file in a folder":  {command.XMLOptions{Files: []command.File{{Name: "a/b", Digest: digest(crypto.SHA256)}}}, "files"},
		"file given twice":  {command.XMLOptions{Files: []command.File{{Name: "a", Digest: digest(crypto.SHA256)}, {Name: "a", Digest: digest(crypto.SHA256)}}}, "files"},
		"the document's":    {command.XMLOptions{Profile: "detached", Files: []command.File{{Name: "x.xml", Digest: digest(crypto.SHA256)}}}, "files"},
		"of PDF, unknown":   {command.XMLOptions{Hash: "MD5"}, "hash"},
		"elements for etax": {command.XMLOptions{Profile: "etax", Elements: []string{"a", "b"}}, "elements"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := command.XMLDocument("x.xml", []byte(small["enveloped"]), c.o)
			require.Equal(t, c.field, requireCode(t, protocol.InvalidRequest, err).Field)
		})
	}
}

// What cannot be signed is refused with its reason, by the constructor: nobody is asked for a PIN before.
func TestDocumentsAreRefused(t *testing.T) {
	page := pdftest.Document(1)
	plain := pdftest.File(page, "")
	catalog := func(more string) []byte {
		return pdftest.File(page.With(pdftest.Objects{1: "<</Type/Catalog/Pages 2 0 R" + more + ">>"}), "")
	}
	revisions := plain
	for range 1000 {
		revisions = fmt.Appendf(revisions, "xref\n0 0\ntrailer\n<</Size 5/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", pdftest.LastXref(revisions), len(revisions))
	}
	locked := pdftest.File(page.With(pdftest.Objects{
		1:  "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[20 0 R]>>>>",
		20: "<</FT/Sig/T(Old)/V<</Type/Sig/Reference[<</TransformMethod/FieldMDP/TransformParams<</Action/All>>>>]>>>>",
	}), "")
	inPDF := func(file []byte, s *command.Seal) func() error {
		return func() error {
			_, err := command.PDFDocument("a.pdf", bytes.NewReader(file), int64(len(file)), command.PDFOptions{Seal: s})
			return err
		}
	}
	inXML := func(content string, o command.XMLOptions) func() error {
		return func() error {
			_, err := command.XMLDocument("a.xml", []byte(content), o)
			return err
		}
	}
	joins := func(message []byte, document string) func() error {
		return func() error {
			_, err := command.CMSDocument("a", sum(sha256.New(), document), protocol.SHA256, command.CMSOptions{Message: message})
			return err
		}
	}
	message := existing(t, "content")
	type refused map[string]func() error
	for reason, cases := range map[protocol.Refusal]refused{
		protocol.Empty:            {"PDF": inPDF(nil, nil), "XML": inXML("", command.XMLOptions{}), "detached": inXML("", command.XMLOptions{Profile: "detached"})},
		protocol.NotPDF:           {"text": inPDF([]byte("申請書\n"), nil)},
		protocol.Broken:           {"cut": inPDF(plain[:len(plain)-9], nil)},
		protocol.TooLarge:         {"nested": inPDF(catalog("/D"+string(bytes.Repeat([]byte("["), 70))), nil), "deep XML": inXML(deep(100_000), command.XMLOptions{})},
		protocol.TooManyRevisions: {"1,001": inPDF(revisions, nil)},
		protocol.Encrypted:        {"40 bits": inPDF(pdftest.Encrypted(t)["40 bits"], nil)},
		protocol.Certified:        {"no change": inPDF(catalog("/Perms<</DocMDP<</Reference[<</TransformMethod/DocMDP/TransformParams<</P 1>>>>]>>>>"), nil)},
		protocol.Locked:           {"all fields": inPDF(locked, nil)},
		protocol.XFA:              {"form": inPDF(catalog("/AcroForm<</Fields[]/XFA[(template) 9 0 R]>>"), nil)},
		protocol.NoPage:           {"page 2 of 1": inPDF(plain, &command.Seal{Page: 2, Size: 60, Picture: picture(t, 4, 4)})},
		protocol.BadSeal: {
			"beside the page": inPDF(plain, &command.Seal{Page: 1, X: 5000, Size: 60, Picture: picture(t, 4, 4)}),
			"no PNG":          inPDF(plain, &command.Seal{Page: 1, Size: 60, Picture: []byte("GIF89a")}),
			"huge":            inPDF(plain, &command.Seal{Page: 1, Size: 60, Picture: picture(t, 1025, 1)}),
		},
		protocol.NoFont:  {"a character that no font has": inPDF(plain, &command.Seal{Page: 1, Size: 60, Text: "\U0003134A"})},
		protocol.NotXML:  {"cut": inXML("<a>", command.XMLOptions{}), "UTF-16": inXML("\xFE\xFF\x00<", command.XMLOptions{}), "undeclared": inXML("<p:a/>", command.XMLOptions{}), "XML 1.1": inXML("<?xml version=\"1.1\"?><a/>", command.XMLOptions{})},
		protocol.Doctype: {"billion laughs": inXML(`<!DOCTYPE a [<!ENTITY b "&c;&c;">]><a>&b;</a>`, command.XMLOptions{})},
		protocol.NoPlace: {"etax": inXML("<a/>", command.XMLOptions{Profile: "etax"}),
			"etax, namespace": inXML(`<DATA><P id="P"/></DATA>`, command.XMLOptions{Profile: "etax"}), "egov": inXML("<DataRoot/>", command.XMLOptions{Profile: "egov"})},
		protocol.BadID:           {"absent": inXML("<a/>", command.XMLOptions{Elements: []string{"x"}}), "twice": inXML(`<a><b id="x"/><c id="x"/></a>`, command.XMLOptions{Elements: []string{"x"}})},
		protocol.BreaksSignature: {"over the whole": inXML(signedOnce(t), command.XMLOptions{}), "the form in two roles": inPDF(signedInTwoRoles(t), nil)},
		protocol.Unsupported:     {"relative namespace": inXML(`<a xmlns="rel"/>`, command.XMLOptions{})},
		protocol.NotCMS:          {"text": joins([]byte("hello"), "content"), "cut": joins(message[:len(message)-1], "content")},
		protocol.OtherDocument:   {"another": joins(message, "other")},
	} {
		for name, refuse := range cases {
			t.Run(string(reason)+"/"+name, func(t *testing.T) {
				require.Equal(t, string(reason), requireCode(t, protocol.DocumentRefused, refuse()).Reason)
			})
		}
	}
}

// deep is a document of elements that nest.
func deep(n int) string {
	return string(bytes.Repeat([]byte("<a>"), n)) + string(bytes.Repeat([]byte("</a>"), n))
}

// signedOnce is an XML document with a signature over the whole of it.
func signedOnce(t *testing.T) string {
	d, err := command.XMLDocument("a.xml", []byte(small["enveloped"]), command.XMLOptions{})
	require.NoError(t, err)
	signed, err := sign(newDesk(t, "", simcard.Options{}, &human{pins: []string{signPIN}}), d)
	require.NoError(t, err)
	return string(signed.Signatures[0].Bytes)
}

// signedInTwoRoles is a signed PDF whose page uses the form for something else: another form could be another page.
func signedInTwoRoles(t *testing.T) []byte {
	file := pdftest.File(pdftest.Document(1).With(pdftest.Objects{
		1: "<</Type/Catalog/Pages 2 0 R/AcroForm 8 0 R>>", 8: "<</Fields[]>>",
		3: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</XObject 8 0 R>>/Contents 4 0 R>>",
	}), "")
	d, err := command.PDFDocument("a.pdf", bytes.NewReader(file), int64(len(file)), command.PDFOptions{})
	require.NoError(t, err)
	signed, err := sign(newDesk(t, "", simcard.Options{}, &human{pins: []string{signPIN}}), d)
	require.NoError(t, err)
	return append(file, signed.Signatures[0].Bytes...)
}

// existing is a detached message over a document, by a card of its own.
func existing(t *testing.T, content string) []byte {
	signed, err := sign(newDesk(t, "", simcard.Options{}, &human{pins: []string{signPIN}}), document("a", content))
	require.NoError(t, err)
	return signed.Signatures[0].Bytes
}

// output is what is written for a signature.
func output(t *testing.T, s command.Signature) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, s.Write(&out))
	return out.Bytes()
}

// An attached message holds its content, below and above the size up to which it is made whole; one that changed
// meanwhile is refused.
func TestSignAttached(t *testing.T) {
	for name, size := range map[string]int{"one byte": 1, "at the limit": protocol.MaxAttached, "above it": protocol.MaxAttached + 1} {
		t.Run(name, func(t *testing.T) {
			content := bytes.Repeat([]byte{7}, size)
			d := newDesk(t, "", simcard.Options{}, &human{pins: []string{signPIN}})
			digest := sha512.Sum384(content)
			attached, err := command.CMSDocument("a", digest[:], protocol.SHA384, command.CMSOptions{Content: bytes.NewReader(content), Size: int64(size)})
			require.NoError(t, err)
			signed, err := sign(d, attached)
			require.NoError(t, err)
			require.Equal(t, "RS384", signed.Algorithm)
			requireOpenSSLAttached(t, d, output(t, signed.Signatures[0]), content)

			content[0] = 8
			err = signed.Signatures[0].Write(new(bytes.Buffer))
			require.Equal(t, string(protocol.Changed), requireCode(t, protocol.DocumentRefused, err).Reason)
		})
	}
}

// A message that was signed gets one more signer, and both are right.
func TestSignJoins(t *testing.T) {
	const content = "契約"
	first := newDesk(t, "", simcard.Options{}, &human{pins: []string{signPIN}})
	signed, err := sign(first, document("a", content))
	require.NoError(t, err)
	message := signed.Signatures[0].Bytes

	second := newDesk(t, "", simcard.Options{}, &human{pins: []string{signPIN}})
	joining, err := command.CMSDocument("a", sum(sha256.New(), content), protocol.SHA256, command.CMSOptions{Message: message})
	require.NoError(t, err)
	signed, err = sign(second, joining)
	require.NoError(t, err)
	report, err := cms.VerifyStream(bytes.NewReader(output(t, signed.Signatures[0])), bytes.NewReader([]byte(content)))
	require.NoError(t, err)
	require.Len(t, report.Signers, 2)
	for _, s := range report.Signers {
		require.NoError(t, s.Problem)
	}
}

// A PDF that was exchanged after it was read is refused: when it is signed, and when the output is written.
func TestSignChangedPDF(t *testing.T) {
	file := pdftest.File(pdftest.Document(3), "")
	original := bytes.Clone(file)
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{signPIN, signPIN}})
	prepared, err := command.PDFDocument("a.pdf", bytes.NewReader(file), int64(len(file)), command.PDFOptions{Profile: "moj"})
	require.NoError(t, err)
	require.Equal(t, 3, prepared.Pages)
	require.Equal(t, sum(sha256.New(), string(file)), prepared.Digest)
	signed, err := sign(d, prepared)
	require.NoError(t, err)
	whole := output(t, signed.Signatures[0])
	require.Equal(t, slices.Concat(original, signed.Signatures[0].Bytes), whole)
	require.Contains(t, pdftest.Signatures(t, whole), "Total document signed")

	file[len("%PDF-1.7\n")+8] ^= 1
	err = signed.Signatures[0].Write(new(bytes.Buffer))
	require.Equal(t, string(protocol.Changed), requireCode(t, protocol.DocumentRefused, err).Reason)

	copy(file, original)
	prepared, err = command.PDFDocument("a.pdf", bytes.NewReader(file), int64(len(file)), command.PDFOptions{})
	require.NoError(t, err)
	file[len(file)/2] ^= 1
	_, err = sign(d, prepared)
	require.Equal(t, string(protocol.Changed), requireCode(t, protocol.DocumentRefused, err).Reason)
}

// The digest that window and dialog show is over names and digests of documents and of the files along with them.
func TestListDigestCoversFiles(t *testing.T) {
	file := sha256.Sum256([]byte("図面"))
	document, err := command.XMLDocument("kousei.xml", []byte(small["egov"]), command.XMLOptions{Profile: "egov", Files: []command.File{{Name: "図面.pdf", Digest: file[:], Hidden: true}}})
	require.NoError(t, err)
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{signPIN}})
	_, err = sign(d, document)
	require.NoError(t, err)
	list := sha256.New()
	for _, entry := range []struct {
		name   string
		digest []byte
	}{{"kousei.xml", sum(sha256.New(), small["egov"])}, {"図面.pdf", file[:]}} {
		list.Write(sum(sha256.New(), entry.name))
		list.Write(entry.digest)
	}
	require.Equal(t, hex.EncodeToString(list.Sum(nil)), d.human.consents[0].Request.Digest)
	require.Equal(t, 2, d.human.asked[0].Documents)
}

// requireOpenSSLAttached lets openssl judge a message and take its content out.
func requireOpenSSLAttached(t *testing.T, d *desk, message, content []byte) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, d.card.WriteTrust(dir))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "signature"), message, 0o600))
	_, err := pdftest.Run(t, "openssl", "cms", "-verify", "-cades", "-inform", "DER", "-binary", "-purpose", "any",
		"-in", filepath.Join(dir, "signature"), "-CAfile", filepath.Join(dir, "sign-ca.pem"), "-out", filepath.Join(dir, "content"))
	require.NoError(t, err)
	found, err := os.ReadFile(filepath.Join(dir, "content"))
	require.NoError(t, err)
	require.True(t, bytes.Equal(content, found))
}
