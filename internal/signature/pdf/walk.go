package pdf

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// A visit is an object that is to be compared. The key is the one that led to it where it may be a list of
// references back, "" elsewhere.
type visit struct {
	number uint32
	key    syntax.Name
}

// follow puts an object that a key leads to into the queue, once. It leaves out references back.
func (c *comparison) follow(number uint32, key syntax.Name) {
	if c.alone || slices.Contains(c.special[number], key) {
		return
	}
	if !slices.Contains(listKeys, key) {
		key = ""
	}
	if c.seen[key] == nil {
		c.seen[key] = &bitmap{}
	}
	if c.seen[key].add(number) {
		c.queue = append(c.queue, visit{number, key})
	}
}

// drain compares what was put aside, and everything that can be reached from it.
func (c *comparison) drain() {
	for _, p := range c.pairs {
		c.equal(p.a, p.b, p.key)
	}
	for len(c.queue) > 0 && c.problem == nil {
		next := c.queue[len(c.queue)-1]
		c.queue = c.queue[:len(c.queue)-1]
		c.object(next)
	}
}

// rest compares what neither a role nor the walk came upon, each object by itself.
func (c *comparison) rest() {
	c.alone = true
	for ref := range c.a.Objects() {
		if c.problem != nil {
			return
		}
		if !c.met(ref.Number) && !c.free.has(ref.Number) && !c.unmoved(ref.Number) {
			c.object(visit{number: ref.Number})
		}
	}
}

// met reports whether an object has a role or was walked through.
func (c *comparison) met(number uint32) bool {
	if _, ok := c.special[number]; ok {
		return true
	}
	for _, seen := range c.seen {
		if seen.has(number) {
			return true
		}
	}
	return false
}

// equal compares two values that a key leads to. References it follows later.
func (c *comparison) equal(a, b syntax.Object, key syntax.Name) {
	switch a := a.(type) {
	case syntax.Dict:
		b, ok := b.(syntax.Dict)
		if !ok || len(a) != len(b) {
			c.changed("a dictionary differs")
			return
		}
		for key := range a {
			c.equal(a[key], b[key], key)
		}
	case syntax.Array:
		b, ok := b.(syntax.Array)
		if !ok || len(a) != len(b) {
			c.changed("an array differs")
			return
		}
		for i := range a {
			if i == 0 && isDestination(a) {
				c.equal(a[i], b[i], destination)
				continue
			}
			c.equal(a[i], b[i], key)
		}
	case syntax.Ref:
		if syntax.Object(a) != b {
			c.changed("%v is now %s", a, syntax.Append(nil, flat(b)))
			return
		}
		c.follow(a.Number, key)
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

// object compares what a number stands for in both, whatever generation a reference to it names: programs differ about
// whether they look at it.
func (c *comparison) object(v visit) {
	refA, _ := c.a.Current(v.number)
	refB, _ := c.b.Current(v.number)
	if refA != refB {
		c.changed("object %v is now %v", refA, refB)
		return
	}
	a, errA := c.a.Get(refA)
	b, errB := a, error(nil)
	unmoved := c.unmoved(v.number)
	if !unmoved {
		b, errB = c.b.Get(refB)
	}
	if err := cmp.Or(errA, errB); err != nil {
		c.failed(fmt.Errorf("object %v: %w", refA, err))
		return
	}
	if _, isList := a.(syntax.Array); !isList && v.key != "" {
		c.follow(v.number, "") // no list, so an object as any other
		return
	}
	before := c.problem
	streamA, okA := a.(*syntax.Stream)
	streamB, okB := b.(*syntax.Stream)
	switch {
	case okA != okB:
		c.changed("it is another")
	case okA:
		c.equal(streamA.Dict, streamB.Dict, "")
		if !unmoved && c.problem == nil {
			c.equalData(streamA, streamB)
		}
	default:
		c.equal(a, b, v.key)
	}
	if before == nil && c.problem != nil {
		c.problem = problem(ReasonChanged, "object %v: %w", refA, c.problem.Err)
	}
}

// unmoved reports whether an object stands where it stood, its object stream, if it has one, included.
func (c *comparison) unmoved(number uint32) bool {
	refA, atA := c.a.Current(number)
	refB, atB := c.b.Current(number)
	if refA != refB || atA != atB {
		return false
	}
	container, ok := atA.Container()
	stream := syntax.Ref{Number: container}
	return !ok || c.a.Locate(stream) == c.b.Locate(stream)
}

// equalData compares the data of two streams as they are in the file.
func (c *comparison) equalData(a, b *syntax.Stream) {
	if a.Length != b.Length {
		c.changed("its data is another")
		return
	}
	if c.failed(errors.Join(c.a.Spend(a.Length), c.b.Spend(b.Length))) {
		return
	}
	var blockA, blockB [32 << 10]byte
	readA, readB := c.a.Reader(a), c.b.Reader(b)
	for left := a.Length; left > 0; {
		n := min(left, int64(len(blockA)))
		_, errA := io.ReadFull(readA, blockA[:n])
		_, errB := io.ReadFull(readB, blockB[:n])
		if c.failed(errors.Join(errA, errB)) {
			return
		}
		if !bytes.Equal(blockA[:n], blockB[:n]) {
			c.changed("its data is another")
			return
		}
		left -= n
	}
}
