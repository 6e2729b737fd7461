package syntax

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
)

// Why a file is not read. Each error of this package wraps one of these, or is that of reading.
var (
	ErrNotPDF    = errors.New("not a PDF file")
	ErrBroken    = errors.New("the PDF file is broken")
	ErrTooLarge  = errors.New("the PDF file goes beyond what is read here")
	ErrRevisions = errors.New("the PDF file has too many revisions")
	ErrEncrypted = errors.New("the PDF file is encrypted")
)

// Limits of a file.
const (
	// MaxNumber is the greatest number of an object (ISO 32000-1 annex C).
	MaxNumber = 8388607
	// MaxEntries bounds the cross-reference entries of all revisions together.
	MaxEntries = 1 << 20
	// MaxSections bounds the cross-reference sections, of which every revision has one or two.
	MaxSections = 1000
	// tail is where the end-of-file marker has to be, counted from the end (ISO 32000-1 annex H.3.18).
	tail = 1024
)

// A Section is one cross-reference section, table or stream, with its trailer (§7.5.4, §7.5.8).
type Section struct {
	Offset  int64
	Stream  bool
	Trailer Dict // of a stream: its dictionary
}

// A File is a PDF file of which the cross-reference sections were read. It is not safe for use by
// several goroutines.
type File struct {
	source   io.ReaderAt
	size     int64
	end      int64     // behind the last end-of-file marker and its end of line
	sections []Section // newest first
	entries  []entry   // by number, newest first
	work     int64     // bytes that were read as objects
	streams  objectStreams
}

// Open reads the cross-reference sections of the size bytes in source. A prefix of a file that ends
// where a revision ends is a file: the document as it was then.
func Open(source io.ReaderAt, size int64) (*File, error) {
	f := &File{source: source, size: size}
	head := make([]byte, min(size, 8))
	if err := readFull(source, head, 0); err != nil {
		return nil, err
	}
	if len(head) < 8 || !bytes.HasPrefix(head, []byte("%PDF-")) || head[5] != '1' && head[5] != '2' || head[6] != '.' {
		return nil, fmt.Errorf("%w: it does not begin with %%PDF-1 or %%PDF-2", ErrNotPDF)
	}
	start, err := f.findStart()
	if err != nil {
		return nil, err
	}
	if err := f.readSections(start); err != nil {
		return nil, err
	}
	for _, s := range f.sections {
		if s.Trailer["Encrypt"] != nil {
			return nil, ErrEncrypted
		}
	}
	if _, ok := f.sections[0].Trailer["Root"].(Ref); !ok {
		return nil, fmt.Errorf("%w: the trailer names no catalog", ErrBroken)
	}
	return f, f.sortEntries()
}

// findStart returns the offset of the last cross-reference section (§7.5.5).
func (f *File) findStart() (int64, error) {
	last := make([]byte, min(f.size, tail))
	base := f.size - int64(len(last))
	if err := readFull(f.source, last, base); err != nil {
		return 0, err
	}
	i := bytes.LastIndex(last, []byte("startxref"))
	if i < 0 {
		return 0, fmt.Errorf("%w: no startxref at its end", ErrBroken)
	}
	l := newLexer(f.source, base+int64(i)+9, f.size)
	start, err := l.unsigned(f.size)
	if err != nil {
		return 0, err
	}
	marker := bytes.TrimLeft(last[l.pos-base:], "\x00\t\n\f\r ")
	if !bytes.HasPrefix(marker, []byte("%%EOF")) {
		return 0, fmt.Errorf("%w: no %%%%EOF at its end", ErrBroken)
	}
	rest := marker[5:]
	f.end = f.size - int64(len(rest))
	for _, eol := range []string{"\r\n", "\n", "\r"} {
		if bytes.HasPrefix(rest, []byte(eol)) {
			f.end += int64(len(eol))
			break
		}
	}
	return start, nil
}

// Size returns the length of the file in bytes.
func (f *File) Size() int64 { return f.size }

// End returns the offset behind the last end-of-file marker and its end of line.
func (f *File) End() int64 { return f.end }

// Sections returns the cross-reference sections, newest first. They are not to be changed.
func (f *File) Sections() []Section { return f.sections }

// Trailer returns the newest trailer. It is not to be changed.
func (f *File) Trailer() Dict { return f.sections[0].Trailer }

// Revisions returns how often the file was written: once, and once more for each incremental update.
// A linearized file has two sections for its first revision, of which one points forward (annex F).
func (f *File) Revisions() int {
	n := len(f.sections)
	for _, s := range f.sections {
		if previous, ok := s.Trailer["Prev"].(Integer); ok && int64(previous) > s.Offset {
			n--
		}
	}
	return max(n, 1)
}

// NextNumber returns the lowest number that no object has and that no trailer counts among its own.
func (f *File) NextNumber() uint32 {
	next := uint32(1)
	if n := len(f.entries); n > 0 {
		next = f.entries[n-1].number + 1
	}
	if size, ok := f.Trailer()["Size"].(Integer); ok && size <= MaxNumber {
		next = max(next, uint32(max(size, 0)))
	}
	return next
}

// History yields the location of every object of every revision that stands in the file itself.
func (f *File) History() iter.Seq2[Ref, Location] {
	return func(yield func(Ref, Location) bool) {
		for _, e := range f.entries {
			if e.kind == inFile && !yield(Ref{e.number, e.generation}, e.Location) {
				return
			}
		}
	}
}

// find returns the newest entry of a number.
func (f *File) find(number uint32) (entry, bool) {
	i, ok := slices.BinarySearchFunc(f.entries, number, func(e entry, n uint32) int { return int(e.number) - int(n) })
	if !ok {
		return entry{}, false
	}
	return f.entries[i], true
}

// Objects yields the objects that count, one of each number that is in use, with their locations.
func (f *File) Objects() iter.Seq2[Ref, Location] {
	return func(yield func(Ref, Location) bool) {
		for i, e := range f.entries {
			if e.kind == free || i > 0 && f.entries[i-1].number == e.number {
				continue
			}
			if !yield(Ref{e.number, e.generation}, e.Location) {
				return
			}
		}
	}
}

// Current returns the object that counts of a number, whatever its generation, and where it is. A number that is
// free or unknown has the zero Location.
func (f *File) Current(number uint32) (Ref, Location) {
	e, ok := f.find(number)
	if !ok || e.kind == free {
		return Ref{Number: number}, Location{}
	}
	return Ref{number, e.generation}, e.Location
}

// Locate returns where the object is. An object that is free or unknown has the zero Location: it is
// null (§7.3.10).
func (f *File) Locate(ref Ref) Location {
	current, at := f.Current(ref.Number)
	if current != ref {
		return Location{}
	}
	return at
}

// Get returns the object that a reference stands for.
func (f *File) Get(ref Ref) (Object, error) {
	location := f.Locate(ref)
	switch location.kind {
	case inFile:
		return f.readAt(ref, location.position, nil)
	case inStream:
		return f.readCompressed(ref, location)
	}
	return nil, nil
}

// GetAt returns the object at a location of the history, with the places of the values where it is a
// dictionary.
func (f *File) GetAt(ref Ref, at Location) (Object, map[Name]Span, error) {
	if at.kind != inFile {
		return nil, nil, fmt.Errorf("%w: object %v is not in the file itself", ErrBroken, ref)
	}
	spans := map[Name]Span{}
	o, err := f.readAt(ref, at.position, spans)
	return o, spans, err
}

// Resolve returns what an object stands for: itself, unless it is a reference.
func (f *File) Resolve(o Object) (Object, error) {
	ref, ok := o.(Ref)
	if !ok {
		return o, nil
	}
	o, err := f.Get(ref)
	if _, again := o.(Ref); again {
		return nil, fmt.Errorf("%w: object %v is a reference", ErrBroken, ref)
	}
	return o, err
}

// Dict returns the dictionary that an object stands for, nil for null.
func (f *File) Dict(o Object) (Dict, error) {
	o, err := f.Resolve(o)
	if err != nil || o == nil {
		return nil, err
	}
	dict, ok := o.(Dict)
	if !ok {
		return nil, fmt.Errorf("%w: a %T where a dictionary belongs", ErrBroken, o)
	}
	return dict, nil
}

// Array returns the array that an object stands for, nil for null.
func (f *File) Array(o Object) (Array, error) {
	o, err := f.Resolve(o)
	if err != nil || o == nil {
		return nil, err
	}
	array, ok := o.(Array)
	if !ok {
		return nil, fmt.Errorf("%w: a %T where an array belongs", ErrBroken, o)
	}
	return array, nil
}

// CheckOffsets looks whether each object stands where the newest entry of its number says.
func (f *File) CheckOffsets() error {
	for ref, at := range f.Objects() {
		if at.kind != inFile {
			continue
		}
		if _, err := f.header(ref, at.position); err != nil {
			return err
		}
	}
	return nil
}

// maxHeader bounds the beginning of an object, "8388607 65535 obj" and white space.
const maxHeader = 64

// header reads the beginning of an object (§7.3.10).
func (f *File) header(ref Ref, at int64) (*lexer, error) {
	l := newLexer(f.source, at, min(at+maxHeader, f.size))
	found, err := l.identity()
	if err != nil {
		return nil, err
	}
	if err := l.keyword("obj"); err != nil {
		return nil, err
	}
	if found != ref {
		return nil, l.broken(at, "object %v instead of %v", found, ref)
	}
	l.end = f.size
	return l, nil
}

var errWork = fmt.Errorf("%w: its objects overlap", ErrTooLarge)

// budget bounds the bytes that are read as objects. The objects of an honest file do not overlap, and
// each is read a few times; those of a hostile one may all share one long tail.
func (f *File) budget() int64 { return 4*f.size + 128<<20 }

// charge counts what a lexer went through.
func (f *File) charge(l *lexer) { f.work += l.pos - l.first }

// Spend counts bytes that a caller is about to go through, and fails where they are too many: the streams of a hostile
// file may overlap as its objects may.
func (f *File) Spend(n int64) error {
	if f.work += n; f.work > f.budget() {
		return errWork
	}
	return nil
}

// readAt reads an object that stands in the file itself.
func (f *File) readAt(ref Ref, at int64, spans map[Name]Span) (Object, error) {
	if f.work > f.budget() {
		return nil, errWork
	}
	l, err := f.header(ref, at)
	if err != nil {
		return nil, err
	}
	defer f.charge(l)
	p := &parser{lexer: l, spans: spans}
	o, err := p.object(0)
	if err != nil {
		return nil, err
	}
	l.skip()
	if dict, ok := o.(Dict); ok {
		if c, _ := l.peek(0); c == 's' {
			if o, err = f.readStream(l, dict); err != nil {
				return nil, err
			}
		}
	}
	return o, l.keyword("endobj")
}

// Reader returns the bytes of a stream as they are in the file.
func (f *File) Reader(s *Stream) *io.SectionReader {
	return io.NewSectionReader(f.source, s.Offset, s.Length)
}
