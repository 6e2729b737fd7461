package command

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	xmldsig "github.com/natsuin/natsuin/internal/signature/xml"
)

// MaxPDF and MaxXML are the most bytes of a document that is signed inside.
const (
	MaxPDF = protocol.MaxTotal
	MaxXML = xmldsig.MaxDocument
)

// japan is the time zone of the times that a signature claims: the registry's own (efiling-pages.md §3.1).
var japan = time.FixedZone("JST", 9*60*60)

// PDFProfiles names the profiles of signatures inside a PDF.
func PDFProfiles() []string {
	return profileNames(pdf.Profiles(), func(p pdf.Profile) string { return p.ID })
}

// XMLProfiles names the profiles of signatures inside an XML document.
func XMLProfiles() []string {
	return profileNames(xmlProfiles, func(p xmldsig.Profile) string { return p.Name })
}

// xmlProfiles are those whose signature stands in the document that it signs, and signs nothing else: e-Gov's
// covers the files of a filing as well.
var xmlProfiles = []xmldsig.Profile{xmldsig.Enveloped, xmldsig.ETax}

func profileNames[P any](profiles []P, name func(P) string) []string {
	names := make([]string, len(profiles))
	for i, p := range profiles {
		names[i] = name(p)
	}
	return names
}

// PDFDocument prepares a PDF for a signature inside it: everything that can be wrong with the file is found
// here, before a PIN is asked for. What Sign returns for it is the whole signed file.
func PDFDocument(name string, content []byte, profile string) (Document, error) {
	profiles := pdf.Profiles()
	i := slices.Index(PDFProfiles(), profile)
	if i < 0 {
		return Document{}, protocol.Invalid("profile", "%q is none of %v", profile, PDFProfiles())
	}
	update, err := pdf.Prepare(bytes.NewReader(content), int64(len(content)), pdf.Options{Profile: profiles[i]})
	if err != nil {
		return Document{}, fmt.Errorf("%s: %w", name, err)
	}
	d := inside(name, content)
	d.signed = func(signer crypto.Signer, c *certificate.Certificate, at time.Time) ([]byte, error) {
		holder, err := c.Attributes()
		if err != nil {
			return nil, err
		}
		appended, err := update.Sign(pdf.Signer{Signer: signer, Certificate: c.X509, Name: holder.Name, Time: at.In(japan)})
		if err != nil {
			return nil, err
		}
		return slices.Concat(content, appended), nil
	}
	return d, nil
}

// XMLDocument prepares an XML document for a signature inside it. What can be wrong with the document is found
// here, by a rehearsal with a key of no worth. What Sign returns for it is the whole signed document.
func XMLDocument(name string, content []byte, profile string) (Document, error) {
	i := slices.Index(XMLProfiles(), profile)
	if i < 0 {
		return Document{}, protocol.Invalid("profile", "%q is none of %v", profile, XMLProfiles())
	}
	sign := func(signer crypto.Signer, c *x509.Certificate, at time.Time) ([]byte, error) {
		return xmldsig.Sign(signer, c, xmldsig.Request{Profile: xmlProfiles[i], Document: content, Time: at.In(japan)})
	}
	key, c, err := rehearsal()
	if err != nil {
		return Document{}, err
	}
	if _, err := sign(key, c, time.Unix(0, 0)); err != nil {
		return Document{}, fmt.Errorf("%s: %w", name, err)
	}
	d := inside(name, content)
	d.signed = func(signer crypto.Signer, c *certificate.Certificate, at time.Time) ([]byte, error) {
		return sign(signer, c.X509, at)
	}
	return d, nil
}

// rehearsal returns a key that is used once and forgotten, of the card's kind, and a certificate of it.
func rehearsal() (crypto.Signer, *x509.Certificate, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, err
	}
	c, err := x509.ParseCertificate(der)
	return key, c, err
}

// inside is a document that carries its signature. Its digest is what the human is shown.
func inside(name string, content []byte) Document {
	digest := sha256.Sum256(content)
	return Document{Name: name, Digest: digest[:], Hash: protocol.SHA256}
}
