package syntax

import (
	"bytes"
	"fmt"
	"slices"
)

// kind is what an entry says of its object.
type kind uint8

const (
	free     kind = iota // no object
	inFile               // position is its offset
	inStream             // position is the number of the object stream, index the place in it
)

// A Location is where an object is. Two equal locations in one file hold the same bytes, provided that
// an object stream's own location is the same as well (Container).
type Location struct {
	kind     kind
	index    uint32
	position int64
}

// Offset returns where in the file an object begins that stands there itself.
func (l Location) Offset() (int64, bool) { return l.position, l.kind == inFile }

// Container returns the number of the object stream that holds the object, if one does.
func (l Location) Container() (uint32, bool) { return uint32(l.position), l.kind == inStream }

// An entry is what one section says of one number. Of several the one with the lowest order counts.
type entry struct {
	Location
	number     uint32
	order      uint32
	generation uint16
}

// Within a section what stands in a hybrid file's stream comes before the table's free entries, which
// hide it from older readers (§7.5.8.4).
const (
	orderUsed = iota
	orderHybrid
	orderFree
	ordersOfSection
)

// readSections follows the chain of sections from the newest back (§7.5.6).
func (f *File) readSections(start int64) error {
	seen := map[int64]bool{}
	for {
		if seen[start] {
			return fmt.Errorf("%w: the cross-reference sections go round in a circle", ErrBroken)
		}
		if seen[start] = true; len(seen) > MaxSections {
			return fmt.Errorf("%w: more than %d", ErrRevisions, MaxSections)
		}
		if err := f.readSection(start); err != nil {
			return err
		}
		previous, ok := f.sections[len(f.sections)-1].Trailer["Prev"]
		if !ok {
			return nil
		}
		n, ok := previous.(Integer)
		if !ok || n < 0 || int64(n) >= f.size {
			return fmt.Errorf("%w: /Prev is %v", ErrBroken, previous)
		}
		start = int64(n)
	}
}

// readSection reads the section at an offset, table or stream, and the stream beside a table.
func (f *File) readSection(at int64) error {
	l := newLexer(f.source, at, f.size)
	defer f.charge(l)
	if f.work > f.budget() {
		return errWork
	}
	l.skip()
	order := uint32(len(f.sections) * ordersOfSection)
	if c, _ := l.peek(0); c != 'x' {
		stream, err := f.readXRefStream(at, order)
		if err != nil {
			return err
		}
		f.sections = append(f.sections, Section{at, true, stream.Dict})
		return nil
	}
	trailer, err := f.readTable(l, order)
	if err != nil {
		return err
	}
	f.sections = append(f.sections, Section{at, false, trailer})
	if hidden, ok := trailer["XRefStm"]; ok {
		n, ok := hidden.(Integer)
		if !ok || n < 0 || int64(n) >= f.size {
			return fmt.Errorf("%w: /XRefStm is %v", ErrBroken, hidden)
		}
		_, err := f.readXRefStream(int64(n), order+orderHybrid)
		return err
	}
	return nil
}

// readTable reads a table and its trailer (§7.5.4, §7.5.5).
func (f *File) readTable(l *lexer, order uint32) (Dict, error) {
	if err := l.keyword("xref"); err != nil {
		return nil, err
	}
	for {
		l.skip()
		if c, _ := l.peek(0); c == 't' {
			break
		}
		first, err := l.unsigned(MaxNumber)
		if err != nil {
			return nil, err
		}
		count, err := l.unsigned(MaxNumber + 1)
		if err != nil {
			return nil, err
		}
		for i := range count {
			if err := f.readTableEntry(l, first+i, order); err != nil {
				return nil, err
			}
		}
	}
	at := l.pos
	if err := l.keyword("trailer"); err != nil {
		return nil, err
	}
	o, err := (&parser{lexer: l}).object(0)
	if err != nil {
		return nil, err
	}
	trailer, ok := o.(Dict)
	if !ok {
		return nil, l.broken(at, "the trailer is no dictionary")
	}
	return trailer, nil
}

func (f *File) readTableEntry(l *lexer, number int64, order uint32) error {
	position, err := l.unsigned(9999999999)
	if err != nil {
		return err
	}
	generation, err := l.unsigned(1<<16 - 1)
	if err != nil {
		return err
	}
	l.skip()
	at := l.pos
	e := entry{number: uint32(number), generation: uint16(generation), order: order + orderFree}
	switch word := l.word(1); {
	case word == "f" || word == "n" && position == 0: // some writers mark free objects so
	case word == "n" && position < f.size:
		e.order, e.Location = order+orderUsed, Location{kind: inFile, position: position}
	default:
		return l.broken(at, "a cross-reference entry of kind %q at %d", word, position)
	}
	return f.add(number, e)
}

func (f *File) add(number int64, e entry) error {
	if number > MaxNumber {
		return fmt.Errorf("%w: an object has the number %d", ErrTooLarge, number)
	}
	if len(f.entries) == MaxEntries {
		return fmt.Errorf("%w: more than %d cross-reference entries", ErrTooLarge, MaxEntries)
	}
	f.entries = append(f.entries, e)
	return nil
}

// readXRefStream reads a cross-reference stream (§7.5.8).
func (f *File) readXRefStream(at int64, order uint32) (*Stream, error) {
	l := newLexer(f.source, at, min(at+maxHeader, f.size))
	ref, err := l.identity()
	if err != nil {
		return nil, err
	}
	o, err := f.readAt(ref, at, nil)
	if err != nil {
		return nil, err
	}
	stream, ok := o.(*Stream)
	if !ok || stream.Dict["Type"] != Name("XRef") {
		return nil, l.broken(at, "no cross-reference section")
	}
	data, err := f.Decode(stream)
	if err != nil {
		return nil, err
	}
	return stream, f.readRows(stream.Dict, data, order)
}

// readRows decodes the entries of a cross-reference stream.
func (f *File) readRows(dict Dict, data []byte, order uint32) error {
	widths, err := integers(dict["W"], 8)
	if err != nil || len(widths) != 3 {
		return fmt.Errorf("%w: /W of a cross-reference stream", ErrBroken)
	}
	index := []int64{0}
	if dict["Index"] != nil {
		if index, err = integers(dict["Index"], MaxNumber+1); err != nil || len(index)%2 != 0 {
			return fmt.Errorf("%w: /Index of a cross-reference stream", ErrBroken)
		}
	} else {
		size, err := integers(Array{dict["Size"]}, MaxNumber+1)
		if err != nil {
			return fmt.Errorf("%w: /Size of a cross-reference stream", ErrBroken)
		}
		index = append(index, size...)
	}
	rows := bytes.NewReader(data)
	row := make([]byte, widths[0]+widths[1]+widths[2])
	if len(row) == 0 {
		return fmt.Errorf("%w: /W of a cross-reference stream is zero", ErrBroken)
	}
	for ; len(index) > 0; index = index[2:] {
		for i := range index[1] {
			if n, _ := rows.Read(row); n < len(row) {
				return fmt.Errorf("%w: a cross-reference stream is too short", ErrBroken)
			}
			e, err := f.readRow(row, widths)
			if err != nil {
				return err
			}
			e.number, e.order = uint32(index[0]+i), order
			if err := f.add(index[0]+i, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// readRow decodes one entry. A type that is not known means null (§7.5.8.3).
func (f *File) readRow(row []byte, widths []int64) (entry, error) {
	var fields [3]uint64
	for i, width := range widths {
		for _, b := range row[:width] {
			fields[i] = fields[i]<<8 | uint64(b)
		}
		row = row[width:]
	}
	if widths[0] == 0 {
		fields[0] = 1
	}
	switch {
	case fields[0] == 1 && fields[1] < uint64(f.size) && fields[2] < 1<<16:
		return entry{Location: Location{kind: inFile, position: int64(fields[1])}, generation: uint16(fields[2])}, nil
	case fields[0] == 2 && fields[1] <= MaxNumber && fields[2] < MaxEntries:
		return entry{Location: Location{kind: inStream, position: int64(fields[1]), index: uint32(fields[2])}}, nil
	case fields[0] == 1 || fields[0] == 2:
		return entry{}, fmt.Errorf("%w: a cross-reference entry points to %d", ErrBroken, fields[1])
	}
	return entry{}, nil
}

// integers returns an array of direct integers from 0 up to a limit.
func integers(o Object, limit int64) ([]int64, error) {
	array, ok := o.(Array)
	if !ok {
		return nil, ErrBroken
	}
	var out []int64
	for _, item := range array {
		n, ok := item.(Integer)
		if !ok || n < 0 || int64(n) > limit {
			return nil, ErrBroken
		}
		out = append(out, int64(n))
	}
	return out, nil
}

// sortEntries orders the entries for find, and refuses a section that lists a number twice.
func (f *File) sortEntries() error {
	slices.SortFunc(f.entries, func(a, b entry) int {
		if a.number != b.number {
			return int(a.number) - int(b.number)
		}
		return int(a.order) - int(b.order)
	})
	for i := 1; i < len(f.entries); i++ {
		a, b := f.entries[i-1], f.entries[i]
		// A hybrid file's table and its stream may both list a number, of which one says that it is free.
		together := a.order == b.order || a.order/ordersOfSection == b.order/ordersOfSection && a.kind != free && b.kind != free
		if a.number == b.number && together && a.Location != b.Location {
			return fmt.Errorf("%w: a cross-reference section lists object %d twice", ErrBroken, b.number)
		}
	}
	return nil
}
