package command

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"hash"
	"time"

	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/signature/cms"
)

// MaxContent is the most bytes of content that a signature can hold.
const MaxContent = cms.MaxContent

// A Document is what is signed: its digest, under a name that whoever asks gave it.
type Document struct {
	Name   string
	Digest []byte
	Hash   protocol.Hash
	// Hidden says that only the digest is known: nobody here saw the content.
	Hidden bool
	// Content goes into the signature; nil for a detached one.
	Content []byte
	// signed makes a signed copy of the document, for formats in which the signature stands inside; nil for a
	// signature apart.
	signed func(signer crypto.Signer, c *certificate.Certificate, at time.Time) ([]byte, error)
}

// listDigest returns one SHA-256 over the list: for each document in order, SHA-256(name) ‖ digest
// (docs/protocol.md). Window and system dialog both show it.
func listDigest(documents []Document) []byte {
	list := sha256.New()
	for _, d := range documents {
		name := sha256.Sum256([]byte(d.Name))
		list.Write(name[:])
		list.Write(d.Digest)
	}
	return list.Sum(nil)
}

// An Intake hashes the documents of one request as their bytes arrive in chunks.
type Intake struct {
	asked     []protocol.Document
	attached  bool
	documents []Document
	hash      hash.Hash
	content   *bytes.Buffer
	got       int64 // bytes of the document under way
}

// NewIntake prepares for the documents of a sign request.
func NewIntake(r *protocol.Request) *Intake {
	in := &Intake{asked: r.Documents, attached: r.Attached}
	in.begin()
	in.finish()
	return in
}

// Documents returns the documents once all their bytes have come.
func (in *Intake) Documents() (documents []Document, complete bool) {
	return in.documents, len(in.documents) == len(in.asked)
}

// Add takes the next bytes and returns how many of that document have come. Bytes of another document
// than the one under way, or beyond the announced size, are refused and nothing of them is kept.
func (in *Intake) Add(document int, data []byte) (int64, error) {
	if document != len(in.documents) || document == len(in.asked) {
		return 0, protocol.Invalid("document", "is not the one whose bytes come next")
	}
	if int64(len(data)) > in.asked[document].Size-in.got {
		return 0, protocol.Invalid("data", "is more than the announced size")
	}
	in.hash.Write(data)
	if in.attached {
		in.content.Write(data)
	}
	in.got += int64(len(data))
	got := in.got
	in.finish()
	return got, nil
}

func (in *Intake) begin() {
	in.hash, in.content, in.got = sha256.New(), new(bytes.Buffer), 0
}

// finish moves on over every document that is complete: those without bytes to come, too.
func (in *Intake) finish() {
	for len(in.documents) < len(in.asked) {
		d := in.asked[len(in.documents)]
		if d.Hidden() {
			in.documents = append(in.documents, Document{Name: d.Name, Digest: d.Digest, Hash: d.Hash, Hidden: true})
			continue
		}
		if in.got < d.Size {
			return
		}
		done := Document{Name: d.Name, Digest: in.hash.Sum(nil), Hash: protocol.SHA256}
		if in.attached {
			done.Content = append([]byte{}, in.content.Bytes()...)
		}
		in.documents = append(in.documents, done)
		in.begin()
	}
}
