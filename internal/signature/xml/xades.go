package xmldsig

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"github.com/natsuin/natsuin/internal/signature/xml/tree"
)

// typeProperties is the Type of the reference to SignedProperties (ETSI EN 319 132-1 §4.4.2).
const typeProperties = "http://uri.etsi.org/01903#SignedProperties"

// readObject looks for the properties of XAdES in an Object (ETSI EN 319 132-1 §4.3); other Objects hold what they
// like.
func (r *read) readObject(object *tree.Node) error {
	for qualifying := range object.Elements() {
		if !qualifying.Is(spaceXAdES, "QualifyingProperties") {
			continue
		}
		id, _ := r.node.Attribute("", "Id")
		if target, _ := qualifying.Attribute("", "Target"); id == "" || target != "#"+id {
			return malformed(qualifying, "properties of another signature")
		}
		for properties := range qualifying.Elements() {
			if !properties.Is(spaceXAdES, "SignedProperties") {
				continue
			}
			if r.properties != nil {
				return malformed(properties, "SignedProperties given twice")
			}
			r.properties = properties
		}
	}
	return nil
}

// claims are what SignedProperties say.
type claims struct {
	time time.Time
	cert *tree.Node // the Cert of the signer, or nil
}

// readClaims reads SignedProperties, of which a reference has been seen to hold.
func readClaims(properties *tree.Node) (claims, error) {
	var c claims
	for signature := range properties.Elements() {
		if !signature.Is(spaceXAdES, "SignedSignatureProperties") {
			continue
		}
		for n := range signature.Elements() {
			var err error
			switch {
			case n.Is(spaceXAdES, "SigningTime"):
				c.time, err = time.Parse(time.RFC3339Nano, text(n))
			case n.Is(spaceXAdES, "SigningCertificateV2") || n.Is(spaceXAdES, "SigningCertificate"):
				c.cert = first(n, spaceXAdES, "Cert")
				if c.cert == nil {
					return c, malformed(n, "no Cert")
				}
			}
			if err != nil {
				return c, malformed(n, "no time with a zone")
			}
		}
	}
	return c, nil
}

// names holds a certificate against a Cert element, of which the first is the signer's (ETSI EN 319 132-1 §5.2.2).
// Issuer and serial number add nothing to a digest of the whole.
func (c claims) names(cert *x509.Certificate, weak bool) error {
	if c.cert == nil {
		return nil
	}
	digest := first(c.cert, spaceXAdES, "CertDigest")
	if digest == nil {
		return malformed(c.cert, "no CertDigest")
	}
	method, value := first(digest, spaceDSig, "DigestMethod"), first(digest, spaceDSig, "DigestValue")
	if method == nil || value == nil {
		return malformed(digest, "no digest")
	}
	s, err := suiteOf(algorithm(method), digestURI, weak)
	if err != nil {
		return err
	}
	want, err := binary(value)
	if err != nil {
		return err
	}
	if !bytes.Equal(want, sum(s.hash, cert.Raw)) {
		return fmt.Errorf("%w: the signed properties name another", ErrSigningCertificate)
	}
	return nil
}

// first returns the first child element of that name, or nil.
func first(n *tree.Node, space, local string) *tree.Node {
	for child := range n.Elements() {
		if child.Is(space, local) {
			return child
		}
	}
	return nil
}

// text returns the text of an element that holds nothing else, and otherwise nothing.
func text(n *tree.Node) string {
	var b strings.Builder
	for _, child := range n.Children {
		if child.Kind != tree.Text {
			return ""
		}
		b.Write(child.Value)
	}
	return strings.TrimFunc(b.String(), isSpace)
}
