package xmldsig

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/natsuin/natsuin/internal/signature/xml/c14n"
	"github.com/natsuin/natsuin/internal/signature/xml/tree"
)

// An Opener opens a file that a signature names, among those that somebody chose to hold against it. For every other
// name it fails with fs.ErrNotExist: a document must not decide what is read.
type Opener func(name string) (io.ReadCloser, error)

// Verify checks every signature of a document, each for itself, and returns them in document order. Its own error
// tells of a document that cannot be read, or holds no signature or too many. Open may be nil where no file was given.
func Verify(document []byte, open Opener) ([]Signature, error) {
	d, err := parse(document)
	if err != nil {
		return nil, err
	}
	v := newVerifier(d, open.digest)
	nodes, err := signatureElements(d)
	if err != nil {
		return nil, err
	}
	if len(nodes) == 0 {
		return nil, ErrNoSignature
	}
	var signatures []Signature
	for _, n := range nodes {
		signatures = append(signatures, v.signature(n))
	}
	return signatures, nil
}

// digest hashes a file as it is read.
func (o Opener) digest(name string, hash crypto.Hash) ([]byte, error) {
	if o == nil {
		return nil, fmt.Errorf("%w: %q", ErrFile, shortened(name))
	}
	file, err := o(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %q", ErrFile, shortened(name))
	}
	if err != nil {
		return nil, fmt.Errorf("open %q: %w", shortened(name), err)
	}
	defer file.Close()
	h := hash.New()
	if _, err := io.Copy(h, file); err != nil {
		return nil, fmt.Errorf("read %q: %w", shortened(name), err)
	}
	return h.Sum(nil), nil
}

// signatureElements finds every Signature, wherever it stands.
func signatureElements(d *tree.Document) ([]*tree.Node, error) {
	var found []*tree.Node
	for n := range d.Root.All() {
		if n.Is(spaceDSig, "Signature") {
			if len(found) == MaxSignatures {
				return nil, ErrTooMany
			}
			found = append(found, n)
		}
	}
	return found, nil
}

// A verifier checks the signatures of one document.
type verifier struct {
	document *tree.Document
	ids      ids
	files    func(name string, hash crypto.Hash) ([]byte, error)
	digests  map[fileDigest][]byte // of files that were read already
	path     paths
	budget   int  // bytes of canonical forms that may still be written
	within   bool // files are not looked at, and nothing is said of them
	weak     bool // SHA-1 is accepted: in tests alone, for vectors of the past
}

type fileDigest struct {
	name string
	hash crypto.Hash
}

func newVerifier(d *tree.Document, files func(string, crypto.Hash) ([]byte, error)) *verifier {
	return &verifier{
		document: d,
		ids:      idsOf(d),
		files:    files,
		digests:  map[fileDigest][]byte{},
		path:     paths{},
		budget:   work*len(d.Source) + 1<<20,
	}
}

// signature checks one Signature element.
func (v *verifier) signature(n *tree.Node) Signature {
	s := Signature{Start: n.Start, End: n.End, Path: v.path.of(n)}
	s.ID, _ = n.Attribute("", "Id")
	s.read, s.Err = readSignature(v.document, n, v.weak)
	if s.Err == nil {
		s.Hash, s.Certificates = s.read.suite.hash, s.read.certificates
		s.Err = v.check(&s)
	}
	if s.Err != nil {
		s.Certificate = nil
		return s
	}
	s.Unsigned, s.MoreUnsigned = v.unsigned(n, s.References)
	return s
}

// check is the validation of XML Signature 1.1 §3.2, the references first: whoever changed a document shall hear that.
// Of files that were not given all are named at once.
func (v *verifier) check(s *Signature) error {
	var missing error
	for _, r := range s.read.references {
		reference, err := v.reference(s.read, r)
		if errors.Is(err, ErrFile) {
			missing = cmp.Or(missing, err)
			if !slices.Contains(s.Missing, reference.File) {
				s.Missing = append(s.Missing, reference.File)
			}
			continue
		}
		if err != nil {
			return err
		}
		s.References = append(s.References, reference)
	}
	if missing != nil {
		return missing
	}
	h := s.read.suite.hash.New()
	err := v.write(h, s.read.form, c14n.Selection{Document: v.document, Apex: s.read.signedInfo})
	if err != nil {
		return unlessTooMany(err, ErrMalformed)
	}
	if s.Certificate, err = signer(s.read, h.Sum(nil)); err != nil {
		return err
	}
	return v.checkProperties(s)
}

// reference resolves a reference and compares its digest.
func (v *verifier) reference(s *read, r readReference) (Reference, error) {
	reference, err := v.resolve(s, r)
	if err != nil {
		return reference, err
	}
	if reference.Scope == ScopeFile && v.within {
		return reference, nil
	}
	var digest []byte
	if reference.Scope == ScopeFile {
		digest, err = v.file(fileDigest{reference.File, r.suite.hash})
	} else {
		h := r.suite.hash.New()
		err = unlessTooMany(v.write(h, reference.form, reference.selection), ErrTransform)
		digest = h.Sum(nil)
	}
	if err != nil {
		return reference, err
	}
	if !bytes.Equal(digest, r.digest) {
		return reference, fmt.Errorf("%w: %s", ErrDigest, reference.name())
	}
	return reference, nil
}

// file hashes a file once, however often it is referred to.
func (v *verifier) file(f fileDigest) ([]byte, error) {
	digest, known := v.digests[f]
	if !known {
		var err error
		if digest, err = v.files(f.name, f.hash); err != nil {
			return nil, err
		}
		v.digests[f] = digest
	}
	return digest, nil
}

// resolve finds what a reference names (XML Signature 1.1 §4.4.3).
func (v *verifier) resolve(s *read, r readReference) (Reference, error) {
	reference := Reference{URI: r.uri, Hash: r.suite.hash, Digest: r.digest, Enveloped: r.enveloped}
	fragment, sameDocument := strings.CutPrefix(r.uri, "#")
	switch {
	case r.uri == "":
		reference.Scope, reference.End = ScopeDocument, len(v.document.Source)
	case sameDocument:
		n, err := v.ids.find(fragment)
		if err != nil {
			return reference, err
		}
		reference.Scope, reference.Start, reference.End, reference.Path = ScopeElement, n.Start, n.End, v.path.of(n)
		reference.selection.Apex = n
		if n != s.node && s.node.Contains(n) {
			reference.Scope = ScopeProperties
		} else if within := signatureAbove(n); within != nil {
			return reference, fmt.Errorf("%w: %s", ErrWrapped, reference.Path)
		}
	default:
		name, err := fileName(r.uri)
		if err != nil {
			return reference, err
		}
		reference.Scope, reference.File = ScopeFile, name
		if len(r.transforms) > 0 {
			return reference, fmt.Errorf("%w: a file is signed as it is", ErrTransform)
		}
		return reference, nil
	}
	reference.form = r.form
	if reference.form.Algorithm == "" {
		reference.form.Algorithm = c14n.Inclusive10 // XML Signature 1.1 §4.4.3.2
	}
	reference.selection.Document, reference.selection.NoComments = v.document, true
	if r.enveloped {
		if apex := reference.selection.Apex; apex != nil && (apex == s.node || !apex.Contains(s.node)) {
			return reference, fmt.Errorf("%w: the signature is not within what it is taken from", ErrTransform)
		}
		reference.selection.Without = s.node
	}
	return reference, nil
}

// signatureAbove returns the Signature that an element stands in, itself included, or nil.
func signatureAbove(n *tree.Node) *tree.Node {
	for ; n != nil; n = n.Parent {
		if n.Is(spaceDSig, "Signature") {
			return n
		}
	}
	return nil
}

// name is how an error speaks of what a reference signs.
func (r Reference) name() string {
	switch r.Scope {
	case ScopeDocument:
		return "the document"
	case ScopeFile:
		return "the file " + shortened(r.File)
	default:
		return r.Path
	}
}

// Canonical returns the bytes that were signed for an element or a document: what a caller should work with, instead
// of looking for them again. For a file it returns nothing.
func (r Reference) Canonical() ([]byte, error) {
	if r.Scope == ScopeFile {
		return nil, nil
	}
	var b bytes.Buffer
	err := r.form.Write(&b, r.selection)
	return b.Bytes(), err
}

// limited counts what is written through it against the budget.
type limited struct {
	to     io.Writer
	budget *int
}

func (l limited) Write(p []byte) (int, error) {
	if *l.budget -= len(p); *l.budget < 0 {
		return 0, ErrTooMany
	}
	return l.to.Write(p)
}

// write writes a canonical form as far as the budget goes. What is read for it counts as well, the start tags above an
// apex among it: comments and what is left out are read and not written.
func (v *verifier) write(to io.Writer, f c14n.Form, s c14n.Selection) error {
	if s.Apex == nil {
		v.budget -= len(s.Document.Source)
	} else {
		v.budget -= s.Apex.End - s.Apex.Start
	}
	if v.budget < 0 {
		return ErrTooMany
	}
	for n := s.Apex; n != nil; n = n.Parent {
		v.budget -= n.ContentStart - n.Start
	}
	return f.Write(limited{to, &v.budget}, s)
}

// unlessTooMany gives a failed canonicalization its reason.
func unlessTooMany(err, reason error) error {
	if err == nil || errors.Is(err, ErrTooMany) {
		return err
	}
	return fmt.Errorf("%w: %v", reason, err)
}

// minKey and maxKey bound the signer's RSA key, in bits.
const minKey, maxKey = 2048, 8192

// signer returns the one certificate whose key signed the digest of the SignedInfo.
func signer(r *read, digest []byte) (*x509.Certificate, error) {
	if len(r.certificates) == 0 {
		return nil, fmt.Errorf("%w: there is none", ErrCertificate)
	}
	var found *x509.Certificate
	usable := false
	for _, cert := range r.certificates {
		key, ok := cert.PublicKey.(*rsa.PublicKey)
		if !ok || key.N.BitLen() < minKey || key.N.BitLen() > maxKey {
			continue
		}
		usable = true
		if rsa.VerifyPKCS1v15(key, r.suite.hash, digest, r.value) != nil {
			continue
		}
		if found != nil && !found.Equal(cert) {
			return nil, fmt.Errorf("%w: two certificates have the key", ErrCertificate)
		}
		found = cert
	}
	switch {
	case !usable:
		return nil, fmt.Errorf("%w: none has an RSA key of %d to %d bits", ErrCertificate, minKey, maxKey)
	case found == nil:
		return nil, ErrSignature
	}
	return found, nil
}

// checkProperties takes the claims of XAdES where they are signed.
func (v *verifier) checkProperties(s *Signature) error {
	properties := s.read.properties
	if properties == nil {
		return nil
	}
	signed := false
	for i, r := range s.References {
		signed = signed || s.read.references[i].kind == typeProperties && r.selection.Apex == properties
	}
	if !signed {
		return malformed(properties, "SignedProperties that are not signed")
	}
	c, err := readClaims(properties)
	if err != nil {
		return err
	}
	s.SigningTime, s.Bound = c.time, c.cert != nil
	return c.names(s.Certificate, v.weak)
}
