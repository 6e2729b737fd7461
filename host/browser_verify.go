package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"time"

	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/nativemsg"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/verify"
)

// verifyDocument judges a signed document as of now, with J-LIS's roots, and adds the words for what is said of it.
func verifyDocument(ctx context.Context, r *protocol.Request, in *command.Intake) (any, error) {
	file, size, files := in.Contents(ctx)
	document, err := judge(ctx, file, size, files, verify.DocumentOptions{Attributes: r.WithAttributes})
	var refusal *verify.Refusal
	switch {
	case err == nil:
		result := protocol.Verified{Document: document, Words: documentWords(document, r.Lang)}
		if fits(r.ID, result) {
			return result, nil
		}
		return unjudgedResult(verify.DocumentTooLarge, "what is to be said of it does not fit into one message", r.Lang), nil
	case errors.Is(err, errOneContent):
		return unjudgedResult(verify.ContentUnexpected, err.Error(), r.Lang), nil
	case errors.As(err, &refusal):
		return unjudgedResult(refusal.Reason, refusal.Error(), r.Lang), nil
	case ctx.Err() != nil:
		return nil, protocol.Fail(protocol.Cancelled, ctx.Err())
	}
	return nil, protocol.Fail(protocol.Internal, err)
}

func unjudgedResult(reason verify.Reason, detail, lang string) protocol.Verified {
	return protocol.Verified{Refusal: &protocol.Unjudged{Reason: reason, Detail: printable(detail)}, Words: refusalWords(reason, lang)}
}

// fits reports whether a result goes into one frame.
func fits(id string, result any) bool {
	frame, err := protocol.Encode(protocol.Result{ID: id, Result: result})
	return err == nil && len(frame) <= nativemsg.MaxToBrowser
}

var errOneContent = errors.New("only XML names several files; another signed file goes with one content at most")

// judge verifies a file together with those that were given along: an XML document names them, and with everything
// else the one is the content, which is refused where the signed file holds its own.
func judge(ctx context.Context, file io.ReaderAt, size int64, files memory, o verify.DocumentOptions) (*verify.Document, error) {
	o.Files = files
	document, err := verify.VerifyDocument(ctx, file, size, o)
	var refusal *verify.Refusal
	lacksContent := errors.As(err, &refusal) && refusal.Reason == verify.ContentMissing
	if len(files) == 0 || !lacksContent && (err != nil || document.Format == verify.XML) {
		return document, err
	}
	if len(files) > 1 {
		return nil, errOneContent
	}
	for _, content := range files {
		o.Content = bytes.NewReader(content)
	}
	return verify.VerifyDocument(ctx, file, size, o)
}

// memory holds files that stand in no folder.
type memory map[string][]byte

// Open implements fs.FS.
func (m memory) Open(name string) (fs.File, error) {
	content, ok := m[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &memoryFile{Reader: bytes.NewReader(content), name: name}, nil
}

// A memoryFile is a regular file, and tells of itself what it can.
type memoryFile struct {
	*bytes.Reader
	name string
}

func (f *memoryFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f *memoryFile) Close() error               { return nil }
func (f *memoryFile) Name() string               { return f.name }
func (f *memoryFile) Mode() fs.FileMode          { return 0o400 }
func (f *memoryFile) ModTime() time.Time         { return time.Time{} }
func (f *memoryFile) IsDir() bool                { return false }
func (f *memoryFile) Sys() any                   { return nil }
