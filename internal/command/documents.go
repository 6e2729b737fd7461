package command

import (
	"crypto"
	"crypto/sha256"
	"io"
	"time"

	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/protocol"
)

// A Document is one thing to be signed, read and found fit before anybody is asked for a PIN. RawDocument,
// CMSDocument, PDFDocument and XMLDocument make it.
type Document struct {
	// Name is what whoever asks calls it.
	Name   string
	Digest []byte
	Hash   protocol.Hash
	// Hidden says that only the digest is known: nobody here saw the content.
	Hidden bool
	// Pages counts those of a PDF; 0 for others.
	Pages int
	// Files are signed along by their names, with digests of the same hash: XML only.
	Files []File
	// Seal is the mark that a PDF gets, nil for none.
	Seal *Seal

	// sign makes the signature with one call of the signer.
	sign func(signer crypto.Signer, c *certificate.Certificate, at time.Time) (Signature, error)
}

// A File is signed along with a document.
type File struct {
	Name   string
	Digest []byte
	// Hidden says that only the digest is known.
	Hidden bool
}

// A Signature is what was made for one document.
type Signature struct {
	// Bytes is what is new: the CMS message, without its content; the raw signature; what is to be appended to a
	// PDF; the signed XML document.
	Bytes []byte
	// write writes the whole output, nil where that is Bytes.
	write func(w io.Writer, made []byte) error
}

// Write writes the whole output, which for an attached CMS message and for a PDF is read from the document again: in
// constant memory, whatever its size. One that changed meanwhile is a DocumentRefused; what was written is worth nothing
// then.
func (s Signature) Write(w io.Writer) error {
	if s.write == nil {
		_, err := w.Write(s.Bytes)
		return err
	}
	return s.write(w, s.Bytes)
}

// RawDocument is signed by its digest alone: RSASSA-PKCS1-v1_5, without any frame.
func RawDocument(name string, digest []byte, hash protocol.Hash) Document {
	sign := func(signer crypto.Signer, _ *certificate.Certificate, _ time.Time) (Signature, error) {
		value, err := signer.Sign(nil, digest, hash.Crypto())
		return Signature{Bytes: value}, err
	}
	return Document{Name: name, Digest: digest, Hash: hash, sign: sign}
}

// listDigest returns one SHA-256 over the list: for each document in order, and for the files signed along with it,
// SHA-256(name) ‖ digest (docs/protocol.md). Window and system dialog both show it.
func listDigest(documents []Document) []byte {
	list := sha256.New()
	add := func(name string, digest []byte) {
		sum := sha256.Sum256([]byte(name))
		list.Write(sum[:])
		list.Write(digest)
	}
	for _, d := range documents {
		add(d.Name, d.Digest)
		for _, f := range d.Files {
			add(f.Name, f.Digest)
		}
	}
	return list.Sum(nil)
}

// count returns how many entries that list has.
func count(documents []Document) int {
	n := len(documents)
	for _, d := range documents {
		n += len(d.Files)
	}
	return n
}

// japan is the time zone of the times that a signature claims: the registry's own (efiling-pages.md §3.1).
var japan = time.FixedZone("JST", 9*60*60)
