package xmldsig

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/signtest"
	"github.com/natsuin/natsuin/internal/signature/xml/tree"
)

// The documents that the tests sign: of the shapes of §3.2 and §3.3 of what is known of e-Tax and e-Gov, with invented
// content.
const (
	xtx = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" +
		`<DATA xmlns="http://xml.e-tax.nta.go.jp/XSD/kyotsu" xmlns:gen="http://xml.e-tax.nta.go.jp/XSD/general"` +
		` xmlns:kyo="http://xml.e-tax.nta.go.jp/XSD/kyotsu" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="DATA">` + "\n" +
		`<PTE0010 VR="1.0" id="PTE0010"><CATALOG id="CATALOG"><gen:title>開始届出</gen:title></CATALOG>` +
		"<CONTENTS id=\"CONTENTS\">\r\n<IT VR=\"1.0\" id=\"IT\"><NOZEISHA_NM ID=\"NOZEISHA_NM\" xsi:nil=\"false\">見本　太郎</NOZEISHA_NM></IT>\r\n</CONTENTS></PTE0010>\n" +
		"</DATA>\n"
	kousei = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<?xml-stylesheet type=\"text/xsl\" href=\"kousei.xsl\"?>\r\n" +
		"<DataRoot>\r\n<様式ID>0000</様式ID>\r\n<構成情報 ID=\"構成情報\">\r\n<申請者><氏名>見本　太郎</氏名></申請者><提出先/>\r\n</構成情報>\r\n" +
		"<署名情報/>\r\n</DataRoot>\r\n"
	plain = "<契約 id=\"K1\" xml:lang=\"ja\" xmlns:p=\"urn:p\">\r\n<甲 Id=\"甲\">見本　太郎</甲><!-- 注 --><p:乙 p:番号=\"1\"/>\n</契約>\n"
)

// card is the key that signs, its certificate, and the CA of that.
func card(t testing.TB) (*signtest.Key, *x509.Certificate, *certtest.CA) {
	t.Helper()
	ca := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1")
	key := certtest.Key(t, "card")
	return &signtest.Key{PrivateKey: key}, ca.Signature(t, key), ca
}

// sign signs with the key "card".
func sign(t testing.TB, request Request) []byte {
	t.Helper()
	key, cert, _ := card(t)
	out, err := Sign(key, cert, request)
	require.NoError(t, err)
	require.Equal(t, 1, key.Calls)
	return out
}

// The files that the tests sign along.
var attachments = map[string][]byte{
	"添付 書類(1).pdf": []byte("%PDF-1.7 …"),
	"form.xml":     []byte("<a/>"),
	"changed.xml":  []byte("<b/>"),
}

func files() []File {
	var all []File
	for _, name := range []string{"添付 書類(1).pdf", "form.xml"} {
		digest := sha256.Sum256(attachments[name])
		all = append(all, File{Name: name, Digest: digest[:]})
	}
	return all
}

// given opens the attachments.
func given(name string) (io.ReadCloser, error) {
	folder := fstest.MapFS{}
	for name, data := range attachments {
		folder[name] = &fstest.MapFile{Data: data}
	}
	return folder.Open(name)
}

var _ Opener = given

// A bench is a folder in which xmlsec1 works.
type bench struct {
	folder string
}

// newBench writes the attachments, the signer's key and certificate and its CA's.
func newBench(t testing.TB) bench {
	t.Helper()
	b := bench{t.TempDir()}
	key, cert, ca := card(t)
	for name, data := range attachments {
		b.write(t, name, data)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key.PrivateKey)
	require.NoError(t, err)
	b.write(t, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	b.write(t, "cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}))
	b.write(t, "ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Certificate.Raw}))
	return b
}

func (b bench) write(t testing.TB, name string, data []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(b.folder, name), data, fs.FileMode(0o600)))
}

// xmlsec1 runs that program in the folder, on a document.
func (b bench) xmlsec1(t testing.TB, document []byte, args ...string) (stdout string, err error) {
	t.Helper()
	b.write(t, "document.xml", document)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "xmlsec1", append(args, "document.xml")...)
	cmd.Dir = b.folder
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		_, installed := exec.LookPath("xmlsec1")
		require.NoError(t, installed, "xmlsec1 is needed (make deps)")
		return out.String(), fmt.Errorf("%w: %s", err, problems.String())
	}
	return out.String(), nil
}

// verify lets xmlsec1 verify the first signature; ids are options that tell it what an id is.
func (b bench) verify(t testing.TB, document []byte, ids ...string) error {
	t.Helper()
	args := append([]string{"--verify", "--trusted-pem", "ca.pem", "--verification-time", "2026-11-23 03:00:00",
		"--enabled-key-data", "x509"}, ids...)
	_, err := b.xmlsec1(t, document, args...)
	return err
}

// opensslVerifies lets openssl verify the value of the first signature over the SignedInfo as xmllint canonicalizes it.
func (b bench) opensslVerifies(t testing.TB, document []byte, hash crypto.Hash) {
	t.Helper()
	_, n := firstSignature(t, string(document))
	b.write(t, "canonical", []byte(b.canonical(t, document, first(n, spaceDSig, "SignedInfo"))))
	value, err := binary(first(n, spaceDSig, "SignatureValue"))
	require.NoError(t, err)
	b.write(t, "value", value)
	b.write(t, "key.pub", []byte(b.run(t, "openssl", "x509", "-in", "cert.pem", "-noout", "-pubkey")))
	digest := "-" + strings.ToLower(strings.ReplaceAll(hash.String(), "-", ""))
	require.Contains(t, b.run(t, "openssl", "dgst", digest, "-verify", "key.pub", "-signature", "value", "canonical"), "Verified OK")
}

// canonical lets xmllint canonicalize an element, set apart with the namespaces that hold for it.
func (b bench) canonical(t testing.TB, document []byte, n *tree.Node) string {
	t.Helper()
	start := "<" + n.QName()
	alone := start
	own := map[string]bool{}
	for _, d := range n.Namespaces {
		own[d.Prefix] = true
	}
	for _, d := range n.InScope() {
		if own[d.Prefix] {
			continue
		}
		alone += " xmlns"
		if d.Prefix != "" {
			alone += ":" + d.Prefix
		}
		alone += `="` + d.URI + `"`
	}
	b.write(t, "alone.xml", append([]byte(alone), document[n.Start+len(start):n.End]...))
	return b.run(t, "xmllint", "--c14n", "--nonet", "alone.xml")
}

// run runs a judge in the folder, which must be content.
func (b bench) run(t testing.TB, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = b.folder
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	require.NoError(t, cmd.Run(), "%s is needed (make deps): %s", name, problems.String())
	return out.String()
}
