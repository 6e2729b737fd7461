package main

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/printable"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/verify"
)

const (
	// maxEntries bounds an archive: its document and the files that go with it.
	maxEntries = 1 + maxFilesBeside
	// maxDirectory is what may be read to list the entries: a thousand of them with long names.
	maxDirectory = 4 << 20
	// maxUnpacked bounds the entries together. Beyond freely, an archive may hold no more than maxRatio times its
	// own size: that is what documents are packed to, and what bombs exceed.
	maxUnpacked = 1 << 30
	freely      = 64 << 20
	maxRatio    = 100
	// filing is the document in an archive for e-Gov (efiling-pages.md §3.3).
	filing = "kousei.xml"
)

// An archive is a zip file that holds a signed document and the files that it names, all in one folder. It is the
// fs.FS of these files.
type archive struct {
	document []byte
	folder   string   // in the archive
	name     string   // of the document, within the folder
	names    []string // of the files
	files    map[string]*zip.File
	taken    map[string]string // names by what they are where case and composition make no difference
}

// isArchive tells a zip file by its beginning.
func isArchive(file io.ReaderAt) bool {
	head := make([]byte, 4)
	n, _ := file.ReadAt(head, 0)
	return n == len(head) && string(head) == "PK\x03\x04"
}

// openArchive reads the list of entries and the document: kousei.xml or, where there is none, the first entry. It
// fails with a VerificationFailed that says what is wrong in both languages.
func openArchive(file io.ReaderAt, size int64) (*archive, error) {
	source := &rationed{ReaderAt: file, left: maxDirectory}
	r, err := zip.NewReader(source, size)
	switch {
	case source.left < 0:
		return nil, unpackable(verify.DocumentTooLarge, text{"zipファイルの中のファイルが多すぎます（%d個まで）。", "The archive has more than %d files."}, maxEntries)
	case err != nil:
		return nil, unpackable(verify.DocumentMalformed, text{"zipファイルが壊れています。", "The archive is damaged."})
	}
	source.left = math.MaxInt
	entries, err := entriesOf(r)
	if err != nil {
		return nil, err
	}
	if err := checkSizes(entries, size); err != nil {
		return nil, err
	}
	document := entries[0]
	for _, f := range entries {
		if path.Base(f.Name) == filing {
			document = f
			break
		}
	}
	a := &archive{folder: path.Dir(document.Name), name: path.Base(document.Name), files: map[string]*zip.File{}, taken: map[string]string{}}
	for _, f := range entries {
		if err := a.add(f, f == document); err != nil {
			return nil, err
		}
	}
	if err := a.read(document); err != nil {
		return nil, err
	}
	return a, nil
}

// entriesOf lists the files of an archive, of which there is at least one.
func entriesOf(r *zip.Reader) ([]*zip.File, error) {
	var entries []*zip.File
	for _, f := range r.File {
		if strings.HasSuffix(f.Name, "/") && f.UncompressedSize64 == 0 {
			continue // a folder
		}
		entries = append(entries, f)
	}
	switch {
	case len(entries) == 0:
		return nil, unpackable(verify.SignatureAbsent, text{"zipファイルの中にファイルがありません。", "The archive is empty."})
	case len(entries) > maxEntries:
		return nil, unpackable(verify.DocumentTooLarge, text{"zipファイルの中のファイルが多すぎます（%d個まで）。", "The archive has more than %d files."}, maxEntries)
	}
	return entries, nil
}

// checkSizes adds up what the entries say of themselves; reading them holds them to it.
func checkSizes(entries []*zip.File, size int64) error {
	var sum uint64
	for _, f := range entries {
		if f.UncompressedSize64 > maxUnpacked || sum+f.UncompressedSize64 > maxUnpacked {
			return unpackable(verify.DocumentTooLarge, text{"zipファイルの中身が大きすぎます。", "What is in the archive is too large."})
		}
		sum += f.UncompressedSize64
	}
	if sum > freely && sum/maxRatio > uint64(size) {
		return unpackable(verify.DocumentTooLarge, text{"zipファイルの中身が、異常に高い割合で圧縮されています。", "The archive holds far more than documents are packed to."})
	}
	return nil
}

// add takes an entry whose name can only be that of a file beside the document.
func (a *archive) add(f *zip.File, isDocument bool) error {
	name := path.Base(f.Name)
	folded := cases.Fold().String(norm.NFC.String(name))
	other, twice := a.taken[folded]
	switch {
	case !utf8.ValidString(f.Name):
		return unpackable(verify.DocumentMalformed, text{"zipファイルの中に、UTF-8ではないファイル名があります。展開して--filesで指定するか、UTF-8の名前でzipファイルを作りなおしてください。", "A name in the archive is not in UTF-8: unpack it and use --files, or pack it anew with names in UTF-8."})
	case !fs.ValidPath(f.Name) || protocol.CheckFileName(name) != nil || strings.Contains(f.Name, `\`):
		return unpackable(verify.DocumentMalformed, text{"zipファイルの中のファイル名「%s」は使えません。", "The name %q in the archive cannot be used."}, printable.Text(f.Name))
	case path.Dir(f.Name) != a.folder:
		return unpackable(verify.DocumentMalformed, text{"zipファイルの中の「%s」が、署名された文書と同じフォルダーにありません。", "%q in the archive is not in the folder of the signed document."}, printable.Text(f.Name))
	case twice:
		return unpackable(verify.DocumentMalformed, text{"zipファイルの中の「%s」と「%s」は、展開すると同じ名前になることがあります。", "%q and %q in the archive can become one file where it is unpacked."}, printable.Text(other), printable.Text(name))
	case !f.Mode().IsRegular() || f.Flags&1 != 0 || f.Method != zip.Store && f.Method != zip.Deflate:
		return unpackable(verify.DocumentMalformed, text{"zipファイルの中の「%s」は、暗号化されているなど、読み取れない種類のものです。", "%q in the archive is encrypted, or of a kind that is not read."}, printable.Text(name))
	}
	a.taken[folded] = name
	if !isDocument {
		a.files[name] = f
		a.names = append(a.names, name)
	}
	return nil
}

// unsigned names the files that no signature of the document signs, as far as signatures passed.
func (a *archive) unsigned(d *verify.Document) []string {
	signed := map[string]bool{}
	for _, s := range d.Signatures {
		for _, r := range s.Covers.References {
			signed[r.File] = signed[r.File] || s.Outcome == verify.Passed
		}
	}
	return slices.DeleteFunc(slices.Clone(a.names), func(name string) bool { return signed[name] })
}

// read reads the document.
func (a *archive) read(f *zip.File) error {
	if f.UncompressedSize64 > command.MaxXML {
		return unpackable(verify.DocumentTooLarge, text{"zipファイルの中の署名された文書が大きすぎます。", "The signed document in the archive is too large."})
	}
	opened, err := openEntry(f)
	if err == nil {
		a.document, err = io.ReadAll(opened)
	}
	if err != nil {
		return unpackable(verify.DocumentMalformed, text{"zipファイルが壊れています。", "The archive is damaged."})
	}
	return opened.Close()
}

// unpackable is the error for an archive.
func unpackable(reason verify.Reason, t text, args ...any) error {
	failure := protocol.Fail(protocol.VerificationFailed, &usage{text: t, args: args})
	failure.Reason = string(reason)
	return failure
}

// Open opens one of the files.
func (a *archive) Open(name string) (fs.File, error) {
	f, ok := a.files[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return openEntry(f)
}

// An entry is a file of an archive while it is read. Package zip gives no more than the archive says that it has.
type entry struct {
	io.ReadCloser
	info fs.FileInfo
}

func openEntry(f *zip.File) (*entry, error) {
	opened, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	return &entry{opened, f.FileInfo()}, nil
}

func (e *entry) Stat() (fs.FileInfo, error) { return e.info, nil }

// A rationed file fails when more was read of it than was granted.
type rationed struct {
	io.ReaderAt
	left int
}

func (r *rationed) ReadAt(p []byte, offset int64) (int, error) {
	if r.left -= len(p); r.left < 0 {
		return 0, errors.New("too much is read")
	}
	return r.ReaderAt.ReadAt(p, offset)
}

// A packing is one file to be put into an archive.
type packing struct {
	name  string
	write output
}

// packedAt is the time that every entry gets: the same filing makes the same archive.
var packedAt = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// pack writes an archive with the files in their order.
func pack(w io.Writer, files []packing) error {
	z := zip.NewWriter(w)
	for _, f := range files {
		to, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: packedAt})
		if err != nil {
			return err
		}
		if err := f.write(to); err != nil {
			return err
		}
	}
	return z.Close()
}
