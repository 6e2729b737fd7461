package command

import (
	"bytes"
	"crypto/sha256"
	"hash"

	"github.com/natsuin/natsuin/internal/protocol"
)

// An Intake hashes the documents of one request as their bytes arrive in chunks.
type Intake struct {
	asked     []protocol.Document
	format    protocol.Format
	attached  bool
	documents []Document
	hash      hash.Hash
	content   *bytes.Buffer
	got       int64 // bytes of the document under way
}

// NewIntake prepares for the documents of a sign request.
func NewIntake(r *protocol.Request) *Intake {
	in := &Intake{asked: r.Documents, format: r.Format, attached: r.Attached}
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
			done := in.document(d.Name, d.Digest, d.Hash, CMSOptions{})
			done.Hidden = true
			in.documents = append(in.documents, done)
			continue
		}
		if in.got < d.Size {
			return
		}
		var o CMSOptions
		if in.attached {
			content := bytes.Clone(in.content.Bytes())
			o = CMSOptions{Content: bytes.NewReader(content), Size: int64(len(content))}
		}
		in.documents = append(in.documents, in.document(d.Name, in.hash.Sum(nil), protocol.SHA256, o))
		in.begin()
	}
}

func (in *Intake) document(name string, digest []byte, hash protocol.Hash, o CMSOptions) Document {
	if in.format == protocol.Raw {
		return RawDocument(name, digest, hash)
	}
	d, _ := CMSDocument(name, digest, hash, o) // which has no message to look at
	return d
}
