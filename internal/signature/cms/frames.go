package cms

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
)

// indefinite is the length of a value that ends with end-of-contents octets (X.690 §8.1.3.6).
const indefinite = -1

var errFrame = fmt.Errorf("%w: it is cut short, or a part is not where it belongs", ErrMalformed)

// A berReader walks through BER that is too long to be held (X.690 §8.1): it opens and closes values,
// keeps the small ones and passes strings on. What it keeps is at most MaxStructure.
type berReader struct {
	in   *bufio.Reader
	at   int64   // bytes read
	ends []int64 // of the open values: where they end, or indefinite
	kept int
	// rewritten tells that a value that was kept is not the bytes that were read, but their DER.
	rewritten bool
}

func newBERReader(in io.Reader) *berReader {
	return &berReader{in: bufio.NewReaderSize(in, 64<<10)}
}

// A head is what stands before a value's body. raw is both identifier and length, as read.
type head struct {
	identifier byte
	length     int64
	raw        []byte
}

// head reads the beginning of a value that must lie within those that are open.
func (r *berReader) head() (head, error) {
	first, err := r.bytes(2)
	if err != nil {
		return head{}, err
	}
	h := head{identifier: first[0], length: int64(first[1]), raw: first}
	switch size := int(first[1] & 0x7F); {
	case first[1] < 0x80:
	case size == 0:
		h.length = indefinite
	case size > 8:
		return head{}, errFrame
	default:
		more, err := r.bytes(size)
		if err != nil {
			return head{}, err
		}
		h.raw, h.length = append(h.raw, more...), 0
		for _, b := range more {
			h.length = h.length<<8 | int64(b)
		}
		if h.length < 0 {
			return head{}, errFrame
		}
	}
	constructed := h.identifier&0x20 != 0
	if h.identifier&0x1F == 0x1F || h.length == indefinite && !constructed || h.length > r.room() {
		return head{}, errFrame
	}
	return h, nil
}

// room is how many bytes the innermost value of definite length has left.
func (r *berReader) room() int64 {
	for i := len(r.ends) - 1; i >= 0; i-- {
		if r.ends[i] != indefinite {
			return r.ends[i] - r.at
		}
	}
	return math.MaxInt64 - r.at
}

// open reads the beginning of a constructed value, in which reading goes on.
func (r *berReader) open(identifier byte) error {
	h, err := r.head()
	if err != nil {
		return err
	}
	if h.identifier != identifier {
		return errFrame
	}
	r.push(h)
	return nil
}

func (r *berReader) push(h head) {
	end := int64(indefinite)
	if h.length != indefinite {
		end = r.at + h.length
	}
	r.ends = append(r.ends, end)
}

// next returns the identifier of what follows in the open value, and 0 at its end: no value has that
// identifier but the end-of-contents octets.
func (r *berReader) next() (byte, error) {
	if end := r.ends[len(r.ends)-1]; end == r.at {
		return 0, nil
	}
	b, err := r.in.Peek(1)
	if err != nil {
		return 0, cut(err)
	}
	return b[0], nil
}

// close leaves the open value, of which everything must have been read.
func (r *berReader) close() error {
	last := len(r.ends) - 1
	if r.ends[last] != indefinite {
		if r.ends[last] != r.at {
			return errFrame
		}
		r.ends = r.ends[:last]
		return nil
	}
	if err := r.endOfContents(); err != nil {
		return err
	}
	r.ends = r.ends[:last]
	return nil
}

func (r *berReader) endOfContents() error {
	b, err := r.bytes(2)
	if err == nil && (b[0] != 0 || b[1] != 0) {
		err = errFrame
	}
	return err
}

// finish asks that nothing is left.
func (r *berReader) finish() error {
	_, err := r.in.ReadByte()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("%w: something follows it", ErrMalformed)
}

// value reads one value whole and returns its DER.
func (r *berReader) value() ([]byte, error) {
	var raw bytes.Buffer
	if err := r.raw(&raw, 0); err != nil {
		return nil, err
	}
	der, rest, err := toDER(raw.Bytes())
	if err != nil || len(rest) > 0 {
		return nil, errFrame
	}
	r.rewritten = r.rewritten || !bytes.Equal(der, raw.Bytes())
	return der, nil
}

// raw copies one value as it is to out.
func (r *berReader) raw(out *bytes.Buffer, depth int) error {
	h, err := r.head()
	if err != nil {
		return err
	}
	if depth > maxDepth {
		return errFrame
	}
	r.kept += len(h.raw)
	if r.kept > MaxStructure || h.length > int64(MaxStructure-r.kept) {
		return fmt.Errorf("%w: more than %d bytes beside the content", ErrTooLarge, MaxStructure)
	}
	out.Write(h.raw)
	if h.length == indefinite {
		return r.rawParts(out, depth)
	}
	r.kept += int(h.length)
	return r.copy(out, h.length)
}

// rawParts copies what is in a value of indefinite length, and its end.
func (r *berReader) rawParts(out *bytes.Buffer, depth int) error {
	for {
		b, err := r.in.Peek(1)
		if err != nil {
			return cut(err)
		}
		if b[0] == 0 {
			out.Write([]byte{0, 0})
			return r.endOfContents()
		}
		if err := r.raw(out, depth+1); err != nil {
			return err
		}
	}
}

// values reads a constructed value with at most limit values in it, and returns these.
func (r *berReader) values(identifier byte, limit int) ([][]byte, error) {
	if err := r.open(identifier); err != nil {
		return nil, err
	}
	var found [][]byte
	for {
		next, err := r.next()
		if err != nil {
			return nil, err
		}
		if next == 0 {
			return found, r.close()
		}
		if len(found) == limit {
			return nil, fmt.Errorf("%w: more than %d parts of one kind", ErrTooLarge, limit)
		}
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		found = append(found, v)
	}
}

// octets copies what is in an OCTET STRING, in one piece or in many (X.690 §8.7), to out, and returns
// how much it was.
func (r *berReader) octets(out io.Writer, depth int) (int64, error) {
	h, err := r.head()
	if err != nil {
		return 0, err
	}
	switch {
	case h.identifier == 0x04:
		return h.length, r.copy(out, h.length)
	case h.identifier != 0x24 || depth > maxDepth:
		return 0, fmt.Errorf("%w: the content is no OCTET STRING", ErrMalformed)
	}
	r.push(h)
	total := int64(0)
	for {
		next, err := r.next()
		if err != nil {
			return 0, err
		}
		if next == 0 {
			return total, r.close()
		}
		n, err := r.octets(out, depth+1)
		if err != nil {
			return 0, err
		}
		total += n
	}
}

// copy passes on n bytes, as they come.
func (r *berReader) copy(out io.Writer, n int64) error {
	for n > 0 {
		b, err := r.in.Peek(int(min(n, int64(r.in.Size()))))
		if err != nil {
			return cut(err)
		}
		if _, err := out.Write(b); err != nil {
			return err
		}
		if _, err := r.in.Discard(len(b)); err != nil {
			return err
		}
		r.at += int64(len(b))
		n -= int64(len(b))
	}
	return nil
}

// bytes reads n bytes that must lie within the open values.
func (r *berReader) bytes(n int) ([]byte, error) {
	if int64(n) > r.room() {
		return nil, errFrame
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r.in, b); err != nil {
		return nil, cut(err)
	}
	r.at += int64(n)
	return b, nil
}

// cut says that the end of the input came too early. Other errors of reading stay what they are.
func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errFrame
	}
	return err
}
