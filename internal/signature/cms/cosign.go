package cms

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"fmt"
	"slices"
)

// AddSigner returns the message with one signer more, who signs the document that digest (of SHA-256,
// SHA-384 or SHA-512) is of. It takes a message with its document inside, up to MaxContent, or
// detached; the result is of the same kind, in DER. A larger one goes through Detach and Enclose.
//
// Lists grow by what they lack: digest algorithms, certificates, signers. No byte of a signer or
// certificate that was there changes. Frames around them in BER become DER, which no signature covers;
// a signer or certificate in BER is refused (ErrRewritten). Signatures that are there are not verified,
// and may be of algorithms that this package does not know.
//
// As with Sign, the signer is called exactly once, after everything that can be wrong was looked
// at, and what it signed is checked. ErrDocument says that digest is not that of the message's
// document, as the content or an earlier signer's digest shows.
func AddSigner(message []byte, signer crypto.Signer, cert *x509.Certificate, digest []byte, o Options) ([]byte, error) {
	p, content, err := open(message)
	if err != nil {
		return nil, err
	}
	if err := p.checkDocument(digest, content); err != nil {
		return nil, err
	}
	draft, err := encodeDraft(cert, Document{Digest: digest}, o)
	if err != nil {
		return nil, err
	}
	if joined, err := p.join(draft); err != nil {
		return nil, err
	} else if err := joined.fit(); err != nil {
		return nil, err
	} else if err := p.checkCertificates(joined, cert); err != nil {
		return nil, err
	}

	own, err := Sign(signer, cert, Document{Digest: digest}, o)
	if err != nil {
		return nil, err
	}
	joined, err := p.join(own)
	if err != nil {
		return nil, err
	}
	return joined.encode(content)
}

// checkCertificates asks that in the joined message, too, the certificate that was found for each signer
// is found, and the new signer's. Of two that go by one name the first is, and DER sorts them.
func (p *parts) checkCertificates(joined *parts, cert *x509.Certificate) error {
	before, err := p.decode()
	if err != nil {
		return err
	}
	after, err := joined.decode()
	if err != nil {
		return err
	}
	before = append(before, &foreign{Structure: Structure{Certificate: cert}})
	for i := range before {
		if before[i].Certificate != nil && !before[i].Certificate.Equal(after[i].Certificate) {
			return fmt.Errorf("%w: two certificates go by one name", ErrMalformed)
		}
	}
	return nil
}

// join returns p with the signer of a message that was made here behind its own.
func (p *parts) join(own []byte) (*parts, error) {
	q, _, err := open(own)
	if err != nil {
		return nil, err
	}
	joined := *p
	joined.digests = merge(p.digests, q.digests, func(a, b []byte) bool { return algorithmOf(a).Equal(algorithmOf(b)) })
	joined.certificates = merge(p.certificates, q.certificates, bytes.Equal)
	slices.SortFunc(joined.certificates, bytes.Compare)
	joined.signers = slices.Concat(p.signers, q.signers)
	return &joined, nil
}

// checkDocument asks that digest is that of the message's document, as far as the message tells.
func (p *parts) checkDocument(digest, content []byte) error {
	doc := Document{Digest: digest}
	if !p.detached {
		doc.Content = append([]byte{}, content...) // not nil
	}
	alg, err := checkDocument(doc)
	if err != nil {
		return err
	}
	signers, err := p.decode()
	if err != nil {
		return err
	}
	if !signers[0].ContentType.Equal(oidData) {
		return fmt.Errorf("%w: %v is not data", ErrContentType, signers[0].ContentType)
	}
	if err := checkDigests(signers, digests{alg.hash: digest}); err != nil {
		return fmt.Errorf("%w: %w: for an earlier signer", ErrDocument, err)
	}
	return nil
}

// merge returns a list with what it did not hold yet.
func merge(list, more [][]byte, same func(a, b []byte) bool) [][]byte {
	list = slices.Clone(list)
	for _, m := range more {
		if !slices.ContainsFunc(list, func(l []byte) bool { return same(l, m) }) {
			list = append(list, m)
		}
	}
	return list
}
