package syntax

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
)

const (
	// MaxDecoded bounds one decoded stream, in bytes.
	MaxDecoded = 16 << 20
	// maxWork bounds what is decoded for one file, streams that are decoded again included.
	maxWork = 256 << 20
	// maxParsed bounds what is read of decoded object streams as objects, again and again included.
	maxParsed = 512 << 20
	// maxCached bounds the decoded object streams that are kept.
	maxCached = 16 << 20
)

// readStream reads what follows a stream's dictionary (§7.3.8).
func (f *File) readStream(l *lexer, dict Dict) (*Stream, error) {
	if err := l.keyword("stream"); err != nil {
		return nil, err
	}
	at := l.pos
	c, _ := l.next()
	if c == '\r' {
		c, _ = l.next()
	}
	if c != '\n' {
		return nil, l.broken(at, "no end of line after stream")
	}
	length, err := f.streamLength(dict["Length"])
	if err != nil {
		return nil, err
	}
	if length < 0 || length > f.size-l.pos {
		return nil, l.broken(at, "a stream of %d bytes", length)
	}
	s := &Stream{dict, l.pos, length}
	l.pos, l.first = l.pos+length, l.first+length // its data was not read
	return s, l.keyword("endstream")
}

// streamLength returns a /Length, which may be an integer elsewhere in the file.
func (f *File) streamLength(o Object) (int64, error) {
	if ref, ok := o.(Ref); ok {
		at := f.Locate(ref)
		if at.kind != inFile {
			return 0, fmt.Errorf("%w: the length of a stream, %v, is not in the file itself", ErrBroken, ref)
		}
		l, err := f.header(ref, at.position)
		if err != nil {
			return 0, err
		}
		l.end = min(l.pos+maxHeader, f.size)
		return l.unsigned(f.size)
	}
	n, ok := o.(Integer)
	if !ok {
		return 0, fmt.Errorf("%w: a stream has no length", ErrBroken)
	}
	return int64(n), nil
}

// Decode returns the data of a stream that has no filter or FlateDecode, as cross-reference streams and
// object streams have, with PNG predictors undone (§7.4.4).
func (f *File) Decode(s *Stream) ([]byte, error) {
	filter, parameters, err := soleFilter(s.Dict)
	if err != nil {
		return nil, err
	}
	var r io.Reader = f.Reader(s)
	if filter == "FlateDecode" {
		if r, err = zlib.NewReader(r); err != nil {
			return nil, fmt.Errorf("%w: a stream at byte %d: %v", ErrBroken, s.Offset, err)
		}
	}
	data, err := io.ReadAll(io.LimitReader(r, MaxDecoded+1))
	if err != nil {
		return nil, fmt.Errorf("%w: a stream at byte %d: %v", ErrBroken, s.Offset, err)
	}
	if f.streams.work += int64(len(data)); len(data) > MaxDecoded || f.streams.work > maxWork {
		return nil, fmt.Errorf("%w: streams grow too large", ErrTooLarge)
	}
	return unpredict(data, parameters)
}

// soleFilter returns the filter of a stream, "" for none, and its parameters.
func soleFilter(dict Dict) (Name, Dict, error) {
	filter, parameters := dict["Filter"], dict["DecodeParms"]
	if list, ok := filter.(Array); ok && len(list) <= 1 {
		filter = nil
		if len(list) == 1 {
			filter = list[0]
		}
		if list, ok := parameters.(Array); ok && len(list) == 1 {
			parameters = list[0]
		}
	}
	dictionary, ok := parameters.(Dict)
	if !ok && parameters != nil {
		return "", nil, fmt.Errorf("%w: the parameters of a filter", ErrBroken)
	}
	switch filter {
	case nil:
		return "", nil, nil
	case Name("FlateDecode"):
		return "FlateDecode", dictionary, nil
	}
	return "", nil, fmt.Errorf("%w: a stream of the file's structure with the filter %v", ErrBroken, filter)
}

// unpredict undoes a PNG predictor, in place (§7.4.4.4; W3C PNG clause 9).
func unpredict(data []byte, parameters Dict) ([]byte, error) {
	setting := func(key Name, otherwise Integer) Integer {
		if n, ok := parameters[key].(Integer); ok {
			return n
		}
		return otherwise
	}
	predictor := setting("Predictor", 1)
	if predictor == 1 {
		return data, nil
	}
	colors, bits, columns := setting("Colors", 1), setting("BitsPerComponent", 8), setting("Columns", 1)
	if predictor < 10 || predictor > 15 || colors < 1 || colors > 32 || bits < 1 || bits > 16 || columns < 1 || columns > 1<<20 {
		return nil, fmt.Errorf("%w: a predictor %d of %d×%d×%d", ErrBroken, predictor, columns, colors, bits)
	}
	step := int((colors*bits + 7) / 8)
	width := int((colors*bits*columns + 7) / 8)
	out := data[:0]
	above := make([]byte, min(width, len(data))) // no row is longer than what is there
	for len(data) > 0 {
		if len(data) < 1+width {
			return nil, fmt.Errorf("%w: a predicted row is too short", ErrBroken)
		}
		row := data[1 : 1+width]
		if !unfilter(data[0], row, above, step) {
			return nil, fmt.Errorf("%w: a row predicted by %d", ErrBroken, data[0])
		}
		copy(above, row)
		data = data[1+width:]
		out = append(out, above...)
	}
	return out, nil
}

// unfilter undoes one row by PNG's filter types.
func unfilter(filter byte, row, above []byte, step int) bool {
	if filter > 4 {
		return false
	}
	for i := range row {
		var left, corner byte
		if i >= step {
			left, corner = row[i-step], above[i-step]
		}
		switch filter {
		case 1:
			row[i] += left
		case 2:
			row[i] += above[i]
		case 3:
			row[i] += byte((int(left) + int(above[i])) / 2)
		case 4:
			row[i] += paeth(left, above[i], corner)
		}
	}
	return true
}

func paeth(left, above, corner byte) byte {
	p := int(left) + int(above) - int(corner)
	toLeft, toAbove, toCorner := distance(p, left), distance(p, above), distance(p, corner)
	switch {
	case toLeft <= toAbove && toLeft <= toCorner:
		return left
	case toAbove <= toCorner:
		return above
	}
	return corner
}

func distance(p int, b byte) int { return max(p-int(b), int(b)-p) }

// objectStreams keeps what was decoded.
type objectStreams struct {
	cached map[int64]*objectStream // by the offset in the file
	bytes  int
	work   int64 // bytes that were decoded
	parsed int64 // bytes that were read as objects
}

// An objectStream is decoded objects one after the other (§7.5.7).
type objectStream struct {
	data  []byte
	index []inside
}

type inside struct {
	number uint32
	offset int64
}

// readCompressed reads an object from an object stream.
func (f *File) readCompressed(ref Ref, at Location) (Object, error) {
	container := f.Locate(Ref{Number: uint32(at.position)})
	if container.kind != inFile {
		return nil, fmt.Errorf("%w: object %v is in object stream %d, which is not in the file itself", ErrBroken, ref, at.position)
	}
	s, err := f.objectStream(Ref{Number: uint32(at.position)}, container.position)
	if err != nil {
		return nil, err
	}
	if int(at.index) >= len(s.index) || s.index[at.index].number != ref.Number {
		return nil, fmt.Errorf("%w: object %v is not at its place in object stream %d", ErrBroken, ref, at.position)
	}
	if f.streams.parsed > maxParsed {
		return nil, fmt.Errorf("%w: objects of its object streams are read too often", ErrTooLarge)
	}
	p := &parser{lexer: newLexer(bytes.NewReader(s.data), s.index[at.index].offset, int64(len(s.data)))}
	o, err := p.object(0)
	f.streams.parsed += p.pos - p.first
	return o, err
}

func (f *File) objectStream(ref Ref, at int64) (*objectStream, error) {
	if s := f.streams.cached[at]; s != nil {
		return s, nil
	}
	o, err := f.readAt(ref, at, nil)
	if err != nil {
		return nil, err
	}
	stream, ok := o.(*Stream)
	if !ok || stream.Dict["Type"] != Name("ObjStm") {
		return nil, fmt.Errorf("%w: object %v is no object stream", ErrBroken, ref)
	}
	data, err := f.Decode(stream)
	if err != nil {
		return nil, err
	}
	s, err := parseObjectStream(stream.Dict, data)
	if err != nil {
		return nil, err
	}
	if f.streams.bytes += len(data); f.streams.cached == nil || f.streams.bytes > maxCached {
		f.streams.cached, f.streams.bytes = map[int64]*objectStream{}, len(data)
	}
	f.streams.cached[at] = s
	return s, nil
}

// parseObjectStream reads the numbers and offsets at the beginning.
func parseObjectStream(dict Dict, data []byte) (*objectStream, error) {
	header, err := integers(Array{dict["N"], dict["First"]}, int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("%w: /N and /First of an object stream", ErrBroken)
	}
	s := &objectStream{data: data}
	l := newLexer(bytes.NewReader(data), 0, header[1])
	for range header[0] {
		number, err := l.unsigned(MaxNumber)
		if err != nil {
			return nil, err
		}
		offset, err := l.unsigned(int64(len(data)) - header[1])
		if err != nil {
			return nil, err
		}
		s.index = append(s.index, inside{uint32(number), header[1] + offset})
	}
	return s, nil
}
