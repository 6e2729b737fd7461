package xmldsig

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"
)

// text returns the Signature element, its child elements each on a line of its own and not indented, as e-Tax's are.
func (p *plan) text(digests [][]byte, value []byte) []byte {
	b := &builder{prefix: p.request.Profile.prefix + ":"}
	b.open("Signature", "xmlns:"+p.request.Profile.prefix, spaceDSig, "Id", p.id)
	b.open("SignedInfo")
	b.leaf("CanonicalizationMethod", "", "Algorithm", string(p.canonical))
	b.leaf("SignatureMethod", "", "Algorithm", p.suite.signature)
	for i, r := range p.references {
		b.open("Reference", "Id", r.id, "Type", r.kind, "URI", r.uri)
		if len(r.transforms) > 0 {
			b.open("Transforms")
			for _, uri := range r.transforms {
				b.leaf("Transform", "", "Algorithm", uri)
			}
			b.close("Transforms")
		}
		b.leaf("DigestMethod", "", "Algorithm", p.suite.digest)
		b.leaf("DigestValue", encode(digests[i]))
		b.close("Reference")
	}
	b.close("SignedInfo")
	b.leaf("SignatureValue", encode(value))
	b.open("KeyInfo")
	b.open("X509Data")
	b.leaf("X509Certificate", encode(p.cert.Raw))
	b.close("X509Data")
	b.close("KeyInfo")
	if p.request.XAdES {
		b.open("Object")
		p.properties(b)
		b.close("Object")
	}
	b.close("Signature")
	return bytes.TrimSuffix(b.out.Bytes(), []byte("\n"))
}

// properties writes those of XAdES-BES (ETSI EN 319 132-1 §4.3, §5.2).
func (p *plan) properties(b *builder) {
	digest := sha256.Sum256(p.cert.Raw)
	dsig := b.prefix
	b.prefix = "xades:"
	b.open("QualifyingProperties", "xmlns:xades", spaceXAdES, "Target", "#"+p.id)
	b.open("SignedProperties", "Id", p.propertiesID())
	b.open("SignedSignatureProperties")
	b.leaf("SigningTime", p.request.Time.Format(time.RFC3339))
	b.open("SigningCertificateV2")
	b.open("Cert")
	b.open("CertDigest")
	b.prefix = dsig
	b.leaf("DigestMethod", "", "Algorithm", suites[0].digest)
	b.leaf("DigestValue", encode(digest[:]))
	b.prefix = "xades:"
	b.close("CertDigest")
	b.close("Cert")
	b.close("SigningCertificateV2")
	b.close("SignedSignatureProperties")
	b.open("SignedDataObjectProperties")
	for _, r := range p.references {
		if r.kind == typeProperties {
			continue
		}
		b.open("DataObjectFormat", "ObjectReference", "#"+r.id)
		b.leaf("MimeType", r.mediaType)
		b.close("DataObjectFormat")
	}
	b.close("SignedDataObjectProperties")
	b.close("SignedProperties")
	b.close("QualifyingProperties")
	b.prefix = dsig
}

func encode(data []byte) string { return base64.StdEncoding.EncodeToString(data) }

// A builder writes elements, each tag on a line of its own.
type builder struct {
	out    bytes.Buffer
	prefix string
}

// open writes a start tag; attributes are names and values. Empty ones are left out, but for a URI, which
// then means the document.
func (b *builder) open(name string, attributes ...string) {
	b.tag(name, attributes)
	b.out.WriteByte('\n')
}

// leaf writes an element with a text in it.
func (b *builder) leaf(name, text string, attributes ...string) {
	b.tag(name, attributes)
	b.out.WriteString(escaper.Replace(text))
	b.close(name)
}

func (b *builder) close(name string) { b.out.WriteString("</" + b.prefix + name + ">\n") }

func (b *builder) tag(name string, attributes []string) {
	b.out.WriteString("<" + b.prefix + name)
	for i := 0; i < len(attributes); i += 2 {
		if attributes[i+1] != "" || attributes[i] == "URI" {
			b.out.WriteString(` ` + attributes[i] + `="` + escaper.Replace(attributes[i+1]) + `"`)
		}
	}
	b.out.WriteByte('>')
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")
