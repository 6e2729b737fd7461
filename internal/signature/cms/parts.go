package cms

import (
	"bytes"
	"crypto"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"hash"
	"io"
	"slices"
)

// Limits of the parts of a message.
const (
	maxSigners          = 16
	maxDigestAlgorithms = 16
	maxRevocations      = 64
)

// parts is a SignedData taken apart, of any size, without its content. Everything is in DER, and a
// signer or certificate is the very bytes of the message unless rewritten says otherwise.
type parts struct {
	kind         []byte   // OBJECT IDENTIFIER of SignedData
	version      []byte   // INTEGER
	digests      [][]byte // AlgorithmIdentifier
	contentType  []byte   // OBJECT IDENTIFIER
	detached     bool
	size         int64    // of the content, in bytes
	certificates [][]byte // CertificateChoices
	revocations  [][]byte // RevocationInfoChoice
	signers      [][]byte // SignerInfo
	rewritten    bool
}

// takeApart reads a message, in BER or DER, to the end of in. The content goes to out and through the
// hashes of the digest algorithms, which stand before it.
func takeApart(in io.Reader, out io.Writer) (*parts, hashing, error) {
	r := newBERReader(in)
	p := &parts{}
	if err := r.open(0x30); err != nil {
		return nil, nil, err
	}
	var err error
	if p.kind, err = r.value(); err != nil {
		return nil, nil, err
	}
	var oid asn1.ObjectIdentifier
	if err := unmarshal(p.kind, &oid); err != nil || !oid.Equal(oidSignedData) {
		return nil, nil, fmt.Errorf("%w: no SignedData", ErrMalformed)
	}
	if err := r.open(0xA0); err != nil {
		return nil, nil, err
	}
	sums, err := p.read(r, out)
	if err != nil {
		return nil, nil, err
	}
	if err := r.close(); err != nil { // the [0]
		return nil, nil, err
	}
	if err := r.close(); err != nil { // ContentInfo
		return nil, nil, err
	}
	p.rewritten = r.rewritten
	return p, sums, r.finish()
}

// read reads SignedData (RFC 5652 §5.1).
func (p *parts) read(r *berReader, out io.Writer) (hashing, error) {
	if err := r.open(0x30); err != nil {
		return nil, err
	}
	var err error
	var version int
	if p.version, err = r.value(); err != nil {
		return nil, err
	}
	if err := unmarshal(p.version, &version); err != nil {
		return nil, fmt.Errorf("%w: version: %v", ErrMalformed, err)
	}
	if p.digests, err = r.values(0x31, maxDigestAlgorithms); err != nil {
		return nil, err
	}
	sums := p.hashes()
	if err := p.readContent(r, io.MultiWriter(sums, out)); err != nil {
		return nil, err
	}
	for _, choice := range []struct {
		identifier byte
		limit      int
		into       *[][]byte
	}{{0xA0, maxCertificates, &p.certificates}, {0xA1, maxRevocations, &p.revocations}} {
		next, err := r.next()
		if err != nil {
			return nil, err
		}
		if next == choice.identifier {
			if *choice.into, err = r.values(choice.identifier, choice.limit); err != nil {
				return nil, err
			}
		}
	}
	if p.signers, err = r.values(0x31, maxSigners); err != nil {
		return nil, err
	}
	return sums, r.close()
}

// readContent reads EncapsulatedContentInfo (RFC 5652 §5.2).
func (p *parts) readContent(r *berReader, out io.Writer) error {
	if err := r.open(0x30); err != nil {
		return err
	}
	var err error
	var oid asn1.ObjectIdentifier
	if p.contentType, err = r.value(); err != nil {
		return err
	}
	if err := unmarshal(p.contentType, &oid); err != nil {
		return fmt.Errorf("%w: content type: %v", ErrMalformed, err)
	}
	next, err := r.next()
	if err != nil {
		return err
	}
	if p.detached = next == 0; p.detached {
		return r.close()
	}
	if err := r.open(0xA0); err != nil {
		return err
	}
	if p.size, err = r.octets(out, 0); err != nil {
		return err
	}
	if err := r.close(); err != nil {
		return err
	}
	return r.close()
}

// frame returns what stands before and behind a content of size bytes when p is put together again,
// and for a detached message the beginning and the end of the whole.
func (p *parts) frame(size int64) (before, behind []byte) {
	join := func(values [][]byte) []byte { return set(slices.Clone(values)...).Bytes }
	behind = berWrap(0x31, join(p.signers))
	if len(p.revocations) > 0 {
		behind = append(berWrap(0xA1, join(p.revocations)), behind...)
	}
	if len(p.certificates) > 0 {
		behind = append(berWrap(0xA0, join(p.certificates)), behind...)
	}

	// Each header counts what is inside it, the content included, and is put before what there is.
	wrap := func(identifier byte, tail int) {
		before = append(header(identifier, int64(len(before))+size+int64(tail)), before...)
	}
	if p.detached {
		size = 0
	} else {
		wrap(0x04, 0)
		wrap(0xA0, 0)
	}
	before = append(bytes.Clone(p.contentType), before...)
	wrap(0x30, 0)
	before = slices.Concat(p.version, berWrap(0x31, join(p.digests)), before)
	wrap(0x30, len(behind))
	wrap(0xA0, len(behind))
	before = append(bytes.Clone(p.kind), before...)
	wrap(0x30, len(behind))
	return before, behind
}

// encode returns the DER of the whole message.
func (p *parts) encode(content []byte) ([]byte, error) {
	if err := p.fit(); err != nil {
		return nil, err
	}
	before, behind := p.frame(int64(len(content)))
	if p.detached {
		content = nil
	}
	return slices.Concat(before, content, behind), nil
}

// fit asks that a message is within what takeApart reads.
func (p *parts) fit() error {
	before, behind := p.frame(0)
	if len(before)+len(behind) > MaxStructure || len(p.signers) > maxSigners ||
		len(p.certificates) > maxCertificates || len(p.digests) > maxDigestAlgorithms {
		return fmt.Errorf("%w: beside its content", ErrTooLarge)
	}
	return nil
}

// open takes a message apart that is held whole, for something to be added to it.
func open(message []byte) (*parts, []byte, error) {
	if len(message) > MaxStructure+MaxContent {
		return nil, nil, ErrTooLarge
	}
	var content bytes.Buffer
	p, _, err := takeApart(bytes.NewReader(message), &content)
	if err != nil {
		return nil, nil, err
	}
	if p.rewritten {
		return nil, nil, ErrRewritten
	}
	return p, content.Bytes(), nil
}

// decode decodes all signers. None is a message that says nothing.
func (p *parts) decode() ([]*foreign, error) {
	if len(p.signers) == 0 {
		return nil, ErrSigners
	}
	certs, err := certificates(bytes.Join(p.certificates, nil))
	if err != nil {
		return nil, err
	}
	var found []*foreign
	for _, der := range p.signers {
		f, err := decodeSigner(der, certs)
		if err != nil {
			return nil, err
		}
		f.Detached = p.detached
		if err := unmarshal(p.contentType, &f.ContentType); err != nil {
			return nil, fmt.Errorf("%w: content type: %v", ErrMalformed, err)
		}
		found = append(found, f)
	}
	return found, nil
}

// hashing is the hashes under way of one document.
type hashing map[crypto.Hash]hash.Hash

// hashes begins one for each digest algorithm that is listed and known.
func (p *parts) hashes() hashing {
	h := hashing{}
	for _, der := range p.digests {
		if alg, ok := digestAlgorithm(algorithmOf(der)); ok {
			h[alg.hash] = alg.hash.New()
		}
	}
	return h
}

// Write never fails.
func (h hashing) Write(b []byte) (int, error) {
	for _, one := range h {
		one.Write(b)
	}
	return len(b), nil
}

// digests are what is known of one document.
type digests map[crypto.Hash][]byte

func (h hashing) digests() digests {
	d := digests{}
	for algorithm, one := range h {
		d[algorithm] = one.Sum(nil)
	}
	return d
}

// algorithmOf returns the type of an AlgorithmIdentifier, nil for what is none.
func algorithmOf(der []byte) asn1.ObjectIdentifier {
	var id pkix.AlgorithmIdentifier
	if unmarshal(der, &id) != nil {
		return nil
	}
	return id.Algorithm
}

// digestAlgorithm finds the algorithm with that digest.
func digestAlgorithm(oid asn1.ObjectIdentifier) (algorithm, bool) {
	i := slices.IndexFunc(algorithms, func(a algorithm) bool { return a.digest.Equal(oid) })
	if i < 0 {
		return algorithm{}, false
	}
	return algorithms[i], true
}
