package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"time"

	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/nativemsg"
	"github.com/natsuin/natsuin/internal/printable"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/verify"
)

// verifyDocument judges a signed document as of now, with J-LIS's roots and an administrator's, and holds it against the
// rules of the service that it is made for. The words for what is said of it go along.
func verifyDocument(ctx context.Context, r *protocol.Request, in *command.Intake, trust verify.Trust) (any, error) {
	content, files := in.Contents()
	result, err := examine(ctx, bytes.NewReader(content), int64(len(content)), files, verify.DocumentOptions{Trust: trust, Attributes: r.WithAttributes})
	var refusal *verify.Refusal
	var unopened *protocol.Error
	switch {
	case err == nil:
		result.Words = verifiedWords(result, r.Lang)
		if fits(r.ID, result) {
			return *result, nil
		}
		return unjudgedResult(verify.DocumentTooLarge, "what is to be said of it does not fit into one message", r.Lang), nil
	case ctx.Err() != nil:
		return nil, protocol.Fail(protocol.Cancelled, ctx.Err())
	case errors.Is(err, errOneContent), errors.Is(err, errFilesBeside):
		return unjudgedResult(verify.ContentUnexpected, err.Error(), r.Lang), nil
	case errors.As(err, &refusal):
		return unjudgedResult(refusal.Reason, refusal.Error(), r.Lang), nil
	case errors.As(err, &unopened) && unopened.Code == protocol.VerificationFailed:
		return unopenedResult(unopened, r.Lang), nil
	}
	return nil, protocol.Fail(protocol.Internal, err)
}

func unjudgedResult(reason verify.Reason, detail, lang string) protocol.Verified {
	return protocol.Verified{Refusal: &protocol.Unjudged{Reason: reason, Detail: printable.Text(detail)}, Words: refusalWords(reason, lang)}
}

// unopenedResult is the result for an archive that cannot be opened, with the archive's own sentence for the reason.
func unopenedResult(failure *protocol.Error, lang string) protocol.Verified {
	result := unjudgedResult(verify.Reason(failure.Reason), failure.Error(), lang)
	var u *usage
	if errors.As(failure, &u) {
		result.Words["reason/"+failure.Reason] = printable.Text(u.in(lang))
	}
	return result
}

// fits reports whether a result goes into one frame.
func fits(id string, result any) bool {
	frame, err := protocol.Encode(protocol.Result{ID: id, Result: result})
	return err == nil && len(frame) <= nativemsg.MaxToBrowser
}

var (
	errOneContent  = errors.New("only XML names several files; another signed file goes with one content at most")
	errFilesBeside = errors.New("a zip archive brings its own files")
)

// examine verifies a file, or the document in an archive, and holds it against the rules of its service.
func examine(ctx context.Context, file io.ReaderAt, size int64, given memory, o verify.DocumentOptions) (*protocol.Verified, error) {
	if !isArchive(file) {
		document, err := judge(ctx, file, size, given, o)
		if err != nil {
			return nil, err
		}
		return withService(ctx, &protocol.Verified{Document: document}, file, size, slices.Sorted(maps.Keys(given)), given)
	}
	if len(given) > 0 {
		return nil, errFilesBeside
	}
	a, err := openArchive(file, size)
	if err != nil {
		return nil, err
	}
	file, size, o.Files = bytes.NewReader(a.document), int64(len(a.document)), a
	document, err := verify.VerifyDocument(ctx, file, size, o)
	if err != nil {
		return nil, err
	}
	return withService(ctx, &protocol.Verified{Document: document, Entry: path.Join(a.folder, a.name), UnsignedFiles: a.unsigned(document)}, file, size, a.names, a)
}

// withService adds what the service that a document is made for says of it, which may be none.
func withService(ctx context.Context, v *protocol.Verified, file io.ReaderAt, size int64, names []string, files fs.FS) (_ *protocol.Verified, err error) {
	if profile := v.Document.Service(); profile != "" {
		v.Service, err = verify.Conformance(ctx, profile, file, size, names, files)
	}
	return v, err
}

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
