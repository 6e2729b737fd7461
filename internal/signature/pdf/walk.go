package pdf

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// drain compares what was put aside, and everything that can be reached from it.
func (c *comparison) drain() {
	for _, pair := range c.pairs {
		c.equal(pair[0], pair[1])
	}
	for len(c.queue) > 0 && c.problem == nil {
		ref := c.queue[len(c.queue)-1]
		c.queue = c.queue[:len(c.queue)-1]
		c.object(ref)
	}
}

// equal compares two values without following references, which it puts into the queue.
func (c *comparison) equal(a, b syntax.Object) {
	switch a := a.(type) {
	case syntax.Dict:
		b, ok := b.(syntax.Dict)
		if !ok || len(a) != len(b) {
			c.changed("a dictionary differs")
			return
		}
		for key := range a {
			c.equal(a[key], b[key])
		}
	case syntax.Array:
		b, ok := b.(syntax.Array)
		if !ok || len(a) != len(b) {
			c.changed("an array differs")
			return
		}
		for i := range a {
			c.equal(a[i], b[i])
		}
	case syntax.Ref:
		if syntax.Object(a) != b {
			c.changed("%v is now %s", a, syntax.Append(nil, flat(b)))
			return
		}
		if !c.special[a] && c.seen.add(a.Number) {
			c.queue = append(c.queue, a)
		}
	default:
		if !isScalar(b) || a != b && !sameNumber(a, b) {
			c.changed("%s is now %s", syntax.Append(nil, a), syntax.Append(nil, flat(b)))
		}
	}
}

// sameNumber reports whether two objects are one number, however it is written: programs that write a dictionary anew
// give .50 a zero in front and take one from its end.
func sameNumber(a, b syntax.Object) bool {
	x, okA := decimal(a)
	y, okB := decimal(b)
	return okA && okB && x == y
}

// decimal writes a number without the zeros and signs that it does not need.
func decimal(o syntax.Object) (string, bool) {
	var text string
	switch n := o.(type) {
	case syntax.Integer:
		text = strconv.FormatInt(int64(n), 10)
	case syntax.Real:
		text = string(n)
	default:
		return "", false
	}
	digits := strings.TrimLeft(text, "+-")
	whole, part, _ := strings.Cut(digits, ".")
	digits = strings.TrimLeft(whole, "0") + "." + strings.TrimRight(part, "0")
	if strings.HasPrefix(text, "-") && digits != "." {
		digits = "-" + digits
	}
	return digits, true
}

func isScalar(o syntax.Object) bool {
	switch o.(type) {
	case syntax.Dict, syntax.Array, *syntax.Stream:
		return false
	}
	return true
}

// flat returns what can be printed in a line.
func flat(o syntax.Object) syntax.Object {
	if isScalar(o) {
		return o
	}
	return syntax.Name("…")
}

// object compares what a reference stands for in both.
func (c *comparison) object(ref syntax.Ref) {
	atA, atB := c.a.Locate(ref), c.b.Locate(ref)
	same := atA == atB && c.sameContainer(atA)
	a, errA := c.a.Get(ref)
	b, errB := a, error(nil)
	if !same {
		b, errB = c.b.Get(ref)
	}
	if same && errA != nil && !errors.Is(errA, syntax.ErrTooLarge) {
		return // the same bytes, which nobody can read
	}
	if c.failed(errA) || c.failed(errB) {
		return
	}
	before := c.problem
	streamA, okA := a.(*syntax.Stream)
	streamB, okB := b.(*syntax.Stream)
	switch {
	case okA != okB:
		c.changed("object %v is another", ref)
	case okA:
		c.equal(streamA.Dict, streamB.Dict)
		if !same && !c.equalData(streamA, streamB) {
			c.changed("the stream %v is another", ref)
		}
	default:
		c.equal(a, b)
	}
	if before == nil && c.problem != nil {
		c.problem = problem(ReasonChanged, "object %v: %w", ref, c.problem.Err)
	}
}

// sameContainer reports whether the object stream of a location, if it has one, is where it was.
func (c *comparison) sameContainer(at syntax.Location) bool {
	number, ok := at.Container()
	container := syntax.Ref{Number: number}
	return !ok || c.a.Locate(container) == c.b.Locate(container)
}

// equalData compares the data of two streams as they are in the file.
func (c *comparison) equalData(a, b *syntax.Stream) bool {
	if a.Length != b.Length {
		return false
	}
	readA, readB := bufio.NewReader(c.a.Reader(a)), bufio.NewReader(c.b.Reader(b))
	for {
		x, errA := readA.ReadByte()
		y, errB := readB.ReadByte()
		if errA != nil || errB != nil {
			return errA == io.EOF && errB == io.EOF
		}
		if x != y {
			return false
		}
	}
}

// A bitmap is a set of objects' numbers.
type bitmap []uint64

// add reports whether the number is new.
func (b *bitmap) add(n uint32) bool {
	for int(n/64) >= len(*b) {
		*b = append(*b, make([]uint64, max(64, len(*b)))...)
	}
	word, bit := &(*b)[n/64], uint64(1)<<(n%64)
	fresh := *word&bit == 0
	*word |= bit
	return fresh
}
