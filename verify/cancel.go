package verify

import (
	"context"
	"io"
	"io/fs"
)

// What is read while a document is judged cannot be read any more once ctx has ended: reading is what a large
// document takes its time with, however it is judged.

type readerAtUntil struct {
	io.ReaderAt
	ctx context.Context
}

func (r readerAtUntil) ReadAt(p []byte, off int64) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.ReaderAt.ReadAt(p, off)
}

type readerUntil struct {
	io.Reader
	ctx context.Context
}

func (r readerUntil) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

type filesUntil struct {
	fs.FS
	ctx context.Context
}

func (f filesUntil) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	if err != nil {
		return nil, err
	}
	return fileUntil{file, f.ctx}, nil
}

// Stat asks the files themselves, so that nothing is opened for it that could block.
func (f filesUntil) Stat(name string) (fs.FileInfo, error) { return fs.Stat(f.FS, name) }

type fileUntil struct {
	fs.File
	ctx context.Context
}

func (f fileUntil) Read(p []byte) (int, error) { return readerUntil{f.File, f.ctx}.Read(p) }

// until has files end with ctx; none stay none.
func until(ctx context.Context, files fs.FS) fs.FS {
	if files == nil {
		return nil
	}
	return filesUntil{files, ctx}
}
