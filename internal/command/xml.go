package command

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"slices"
	"sync"
	"time"

	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/protocol"
	xmldsig "github.com/natsuin/natsuin/internal/signature/xml"
)

// MaxXML is the most bytes of an XML document.
const MaxXML = xmldsig.MaxDocument

// XMLOptions say how an XML document is signed.
type XMLOptions struct {
	Profile  string        // of protocol.Profiles(protocol.XML); "" is the first
	Hash     protocol.Hash // of everything; "" is SHA-256
	XAdES    bool
	Elements []string // ids of the elements to sign instead of what the profile signs
	// Files are signed along, by names without a folder and digests of Hash.
	Files []File
}

// XMLDocument is signed by a signature that is spliced into it, or, with the profile "detached", by a document of its
// own that names it; content may be anything then. Everything that can be wrong with the document is found here, by a
// rehearsal with a key of no worth: a *protocol.Error of DocumentRefused, or of InvalidRequest for an option.
func XMLDocument(name string, content []byte, o XMLOptions) (Document, error) {
	shape, err := protocol.Shape{Profile: o.Profile, Hash: o.Hash, XAdES: o.XAdES, Elements: len(o.Elements), Files: len(o.Files)}.Complete(protocol.XML)
	if err != nil {
		return Document{}, err
	}
	h := shape.Hash.Crypto().New()
	h.Write(content)
	d := Document{Name: name, Digest: h.Sum(nil), Hash: shape.Hash, Files: o.Files}
	request, err := d.request(content, shape.Profile, o)
	if err != nil {
		return Document{}, err
	}
	if len(content) == 0 {
		return Document{}, refuse(protocol.Empty, errEmpty)
	}
	r, err := rehearsal()
	if err != nil {
		return Document{}, err
	}
	if _, err := xmldsig.Sign(r.key, r.cert, request(time.Now())); err != nil {
		return Document{}, refused(name, err, xmlRefusals)
	}
	d.sign = func(signer crypto.Signer, c *certificate.Certificate, at time.Time) (Signature, error) {
		signed, err := xmldsig.Sign(signer, c.X509, request(at))
		if err != nil {
			return Signature{}, refused(name, err, xmlRefusals)
		}
		return Signature{Bytes: signed}, nil
	}
	return d, nil
}

// request returns what package xmldsig is asked for at a time.
func (d Document) request(content []byte, profile string, o XMLOptions) (func(at time.Time) xmldsig.Request, error) {
	profiles := xmldsig.Profiles()
	i := slices.IndexFunc(profiles, func(p xmldsig.Profile) bool { return p.Name == profile })
	request := xmldsig.Request{Profile: profiles[i], Document: content, Elements: o.Elements, Hash: d.Hash.Crypto(), XAdES: o.XAdES}
	files := o.Files
	if profile == xmldsig.Detached.Name {
		request.Document = nil
		files = slices.Concat([]File{{Name: d.Name, Digest: d.Digest}}, files)
	}
	names := map[string]bool{}
	for _, f := range files {
		if err := protocol.CheckFileName(f.Name); err != nil {
			return nil, protocol.Invalid("files", "%q: %w", f.Name, err)
		}
		if names[f.Name] {
			return nil, protocol.Invalid("files", "%q stands twice", f.Name)
		}
		names[f.Name] = true
		request.Files = append(request.Files, xmldsig.File{Name: f.Name, Digest: f.Digest})
	}
	return func(at time.Time) xmldsig.Request {
		dated := request
		dated.Time = at.In(japan)
		return dated
	}, nil
}

// A rehearser signs what nobody will see: a key of the card's kind, and a certificate of it.
type rehearser struct {
	key  *rsa.PrivateKey
	cert *x509.Certificate
}

// rehearsal is made once: what is signed with it proves nothing to anybody.
var rehearsal = sync.OnceValues(func() (*rehearser, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &rehearser{key, cert}, err
})
