package xmldsig

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/natsuin/natsuin/internal/signature/xml/c14n"
	"github.com/natsuin/natsuin/internal/signature/xml/tree"
)

// A Request is what Sign signs.
type Request struct {
	Profile Profile
	// Document is signed as the profile says; it is empty for Detached alone.
	Document []byte
	// Elements are the ids of the elements to sign, in the place of what the profile would find. ETax and EGov sign
	// one element at most.
	Elements []string
	// Files are signed along, by their names.
	Files []File
	// Hash is SHA-256, SHA-384 or SHA-512, for the digests and the signature; 0 is SHA-256.
	Hash crypto.Hash
	// Canonicalization is used instead of the profile's. Comments are signed by none of them.
	Canonicalization c14n.Algorithm
	// XAdES adds the properties of XAdES-BES: the time and the certificate, both signed (ETSI EN 319 132-1 §5.2), and
	// the media type of what is signed.
	XAdES bool
	// Time is what XAdES claims, to the second and with its zone, and EGov's Id tells. Others do not use it.
	Time time.Time

	weak bool // SHA-1 is accepted: in tests alone, for vectors of the past
}

// A File is signed by its name and the digest of its bytes.
type File struct {
	// Name stands in the same folder, or archive, as the document: it holds no separator.
	Name string
	// Digest is made with the request's Hash.
	Digest []byte
	// MediaType is told by XAdES; empty is application/octet-stream.
	MediaType string
}

// Sign returns the document with a signature by signer, whose certificate is cert, spliced in.
//
// The signer is called exactly once, with the digest of the SignedInfo, after everything else has been found to be in
// order: Sign fails before with why the document cannot be read, with ErrRequest, ErrPlace, ErrKeyMismatch, ErrBreaks or
// one about the id of an element. The signer's own error is wrapped. The result is checked as Verify does before it is
// returned, so that a card that computed a wrong signature ends in ErrSignature.
func Sign(signer crypto.Signer, cert *x509.Certificate, request Request) ([]byte, error) {
	if key, ok := signer.Public().(*rsa.PublicKey); !ok || !key.Equal(cert.PublicKey) {
		return nil, ErrKeyMismatch
	}
	p, err := newPlan(cert, request)
	if err != nil {
		return nil, err
	}
	digests, err := p.digests()
	if err != nil {
		return nil, err
	}
	signed, err := p.signedInfo(digests)
	if err != nil {
		return nil, err
	}
	value, err := signer.Sign(rand.Reader, sum(p.suite.hash, signed), p.suite.hash)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	out := p.with(digests, value)
	if err := p.check(out); err != nil {
		return nil, fmt.Errorf("check what was signed: %w", err)
	}
	return out, nil
}

// digests makes the digests of all references, in a draft whose own are zero: none of them covers those places. It
// also sees to it that the signature does not break another.
func (p *plan) digests() ([][]byte, error) {
	zero := make([][]byte, len(p.references))
	for i := range zero {
		zero[i] = make([]byte, p.suite.hash.Size())
	}
	v, r, err := p.read(p.with(zero, p.zero))
	if err != nil {
		return nil, err
	}
	if err := p.breaks(v.document); err != nil {
		return nil, err
	}
	var digests [][]byte
	for _, reference := range r.references {
		found, err := v.resolve(r, reference)
		if err != nil {
			return nil, err
		}
		if found.Scope == ScopeFile {
			digest, err := v.files(found.File, found.Hash)
			if err != nil {
				return nil, err
			}
			digests = append(digests, digest)
			continue
		}
		h := p.suite.hash.New()
		if err := found.form.Write(h, found.selection); err != nil {
			return nil, fmt.Errorf("%w: %v", ErrRequest, err)
		}
		digests = append(digests, h.Sum(nil))
	}
	return digests, nil
}

// signedInfo returns the canonical SignedInfo with the digests in it.
func (p *plan) signedInfo(digests [][]byte) ([]byte, error) {
	v, r, err := p.read(p.with(digests, p.zero))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := r.form.Write(&b, c14n.Selection{Document: v.document, Apex: r.signedInfo}); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrRequest, err)
	}
	return b.Bytes(), nil
}

// check verifies the new signature of a result. The certificate in it is the only one, so that its key made it.
func (p *plan) check(out []byte) error {
	v, r, err := p.read(out)
	if err != nil {
		return err
	}
	return v.signature(r.node).Err
}

// with returns the document with the signature that has these digests and this value.
func (p *plan) with(digests [][]byte, value []byte) []byte {
	return p.edit.apply(p.request.Document, p.text(digests, value))
}

// read parses what with made, and takes the new signature apart.
func (p *plan) read(document []byte) (*verifier, *read, error) {
	d, err := parse(document)
	if err != nil {
		return nil, nil, err
	}
	v := newVerifier(d, p.fileDigest)
	v.weak = p.request.weak
	n, err := signatureAt(d, p.edit.at())
	if err != nil {
		return nil, nil, err
	}
	r, err := readSignature(d, n, p.request.weak)
	return v, r, err
}

// signatureAt returns the Signature that begins at an offset.
func signatureAt(d *tree.Document, at int) (*tree.Node, error) {
	nodes, err := signatureElements(d)
	if err != nil {
		return nil, err
	}
	for _, n := range nodes {
		if n.Start == at {
			return n, nil
		}
	}
	return nil, ErrNoSignature
}

// fileDigest returns what the request says of a file.
func (p *plan) fileDigest(name string, hash crypto.Hash) ([]byte, error) {
	for _, f := range p.request.Files {
		if f.Name == name && hash == p.suite.hash {
			return f.Digest, nil
		}
	}
	return nil, fmt.Errorf("%w: %q", ErrFile, name)
}

// breaks looks whether a signature that holds in the document holds no more in the draft. The files that it signs
// need not be there for that.
func (p *plan) breaks(draft *tree.Document) error {
	if p.document == nil {
		return nil
	}
	nodes, err := signatureElements(p.document)
	if err != nil {
		return err
	}
	before, after := newVerifier(p.document, nil), newVerifier(draft, nil)
	before.weak, after.weak = p.request.weak, p.request.weak
	before.within, after.within = true, true
	for _, n := range nodes {
		if before.signature(n).Err != nil {
			continue
		}
		at := n.Start
		if at >= p.edit.to {
			at += len(draft.Source) - len(p.document.Source)
		}
		moved, err := signatureAt(draft, at)
		if err != nil {
			return err
		}
		if err := after.signature(moved).Err; err != nil {
			return fmt.Errorf("%w: %s: %v", ErrBreaks, before.path.of(n), err)
		}
	}
	return nil
}
