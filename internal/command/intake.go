package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/natsuin/natsuin/internal/protocol"
)

// An Intake takes the bytes of one request's documents and files, which arrive in chunks, in that order: hashed, or
// kept where they are signed or verified inside.
type Intake struct {
	request *protocol.Request
	parts   []*part
	next    int // the part whose bytes come
}

// A part is one document or file.
type part struct {
	protocol.Document
	got     int64
	hash    hash.Hash // nil where the content is kept instead
	content []byte    // of exactly the announced size, once bytes have come
}

// NewIntake prepares for the documents and files of a request.
func NewIntake(r *protocol.Request) *Intake {
	in := &Intake{request: r}
	for _, d := range r.Documents {
		p := &part{Document: d}
		if !in.keeps() {
			p.hash = r.Hash.Crypto().New()
		}
		in.parts = append(in.parts, p)
	}
	for _, d := range r.Files {
		p := &part{Document: d}
		if r.Command != protocol.Verify {
			p.hash = r.Hash.Crypto().New()
		}
		in.parts = append(in.parts, p)
	}
	in.skip()
	return in
}

// keeps reports whether the content of documents is needed, and not only its digest.
func (in *Intake) keeps() bool {
	r := in.request
	return r.Command == protocol.Verify || r.Format == protocol.PDF || r.Format == protocol.XML || r.Attached
}

// Kept returns how many bytes of documents and files are held until the request ends.
func (in *Intake) Kept() (sum int64) {
	for _, p := range in.parts {
		if p.hash == nil {
			sum += p.Size
		}
	}
	return sum
}

// Complete reports whether all bytes have come.
func (in *Intake) Complete() bool { return in.next == len(in.parts) }

// Add takes the next bytes and returns how many of that document or file have come. Bytes of another one than comes
// next, or beyond the announced size, are refused and nothing of them is kept.
func (in *Intake) Add(document int, data []byte) (int64, error) {
	if document != in.next || in.Complete() {
		return 0, protocol.Invalid("document", "is not the one whose bytes come next")
	}
	p := in.parts[in.next]
	if int64(len(data)) > p.Size-p.got {
		return 0, protocol.Invalid("data", "is more than the announced size")
	}
	if p.hash != nil {
		p.hash.Write(data)
	} else {
		if p.content == nil {
			p.content = make([]byte, p.Size)
		}
		copy(p.content[p.got:], data)
	}
	p.got += int64(len(data))
	in.skip()
	return p.got, nil
}

// skip moves on over what is complete: what has no bytes to come, too.
func (in *Intake) skip() {
	for !in.Complete() && in.parts[in.next].got >= in.parts[in.next].Size {
		in.next++
	}
}

// Documents makes what is to be signed out of all that has come, which may take a while: a large PDF is read twice.
// One that cannot be signed is refused with its place in Field.
func (in *Intake) Documents(ctx context.Context) ([]Document, error) {
	r := in.request
	var files []File
	for i, p := range in.parts[len(r.Documents):] {
		if p.Size == 0 {
			return nil, at("files", i, refuse(protocol.Empty, errEmpty))
		}
		digest, _ := p.digest(r.Hash)
		files = append(files, File{Name: p.Name, Digest: digest, Hidden: p.Hidden()})
	}
	seal := sealOf(r.Seal)
	documents := make([]Document, 0, len(r.Documents))
	for i, p := range in.parts[:len(r.Documents)] {
		if err := ctx.Err(); err != nil {
			return nil, coded(err)
		}
		d, err := in.document(ctx, p, files, seal)
		if err != nil {
			return nil, at("documents", i, err)
		}
		documents = append(documents, d)
	}
	return documents, nil
}

// at returns an error of one document of a list.
func at(list string, i int, err error) error {
	var e *protocol.Error
	if errors.As(err, &e) && e.Code == protocol.DocumentRefused {
		e.Field = fmt.Sprintf("%s[%d]", list, i)
	}
	return coded(err)
}

func (in *Intake) document(ctx context.Context, p *part, files []File, seal *Seal) (Document, error) {
	r := in.request
	if p.Size == 0 {
		return Document{}, refuse(protocol.Empty, errEmpty)
	}
	switch r.Format {
	case protocol.PDF:
		file := &cancellable{ReaderAt: bytes.NewReader(p.content), ctx: ctx}
		defer func() { file.ctx = context.WithoutCancel(ctx) }() // whether the signature is still wanted is asked elsewhere
		return PDFDocument(p.Name, file, p.Size, PDFOptions{Profile: r.Profile, Hash: r.Hash, Seal: seal})
	case protocol.XML:
		return XMLDocument(p.Name, p.content, XMLOptions{Profile: r.Profile, Hash: r.Hash, XAdES: r.XAdES, Elements: r.Elements, Files: files})
	}
	digest, h := p.digest(r.Hash)
	d := RawDocument(p.Name, digest, h)
	if r.Format == protocol.CMS {
		o := CMSOptions{Message: p.Message}
		if r.Attached {
			o.Content, o.Size = bytes.NewReader(p.content), p.Size
		}
		var err error
		if d, err = CMSDocument(p.Name, digest, h, o); err != nil {
			return Document{}, err
		}
	}
	d.Hidden = p.Hidden()
	return d, nil
}

// digest returns what is signed of a part by its digest, and the hash that it was made with: h, unless whoever asks
// made it.
func (p *part) digest(h protocol.Hash) ([]byte, protocol.Hash) {
	switch {
	case p.Hidden():
		return p.Digest, p.Hash
	case p.hash != nil:
		return p.hash.Sum(nil), h
	}
	sum := h.Crypto().New()
	sum.Write(p.content)
	return sum.Sum(nil), h
}

// Contents returns the document that a verify request is about, and the files by their names.
func (in *Intake) Contents() (document []byte, files map[string][]byte) {
	files = map[string][]byte{}
	for _, p := range in.parts[1:] {
		files[p.Name] = p.content
	}
	return in.parts[0].content, files
}

// A cancellable file cannot be read any more once ctx has ended.
type cancellable struct {
	io.ReaderAt
	ctx context.Context
}

func (c *cancellable) ReadAt(p []byte, at int64) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.ReaderAt.ReadAt(p, at)
}
