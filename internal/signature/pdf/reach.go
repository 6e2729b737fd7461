package pdf

import (
	"fmt"

	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// checkReadable looks that all of the document can be read. What cannot be read here may be read by a program that
// repairs, in a way of its own; then nobody knows what was signed.
func (d *document) checkReadable() error {
	var seen bitmap
	r := reach{document: d, enter: seen.add}
	for _, key := range []syntax.Name{"Root", "Info"} {
		r.note(d.Trailer()[key])
	}
	return r.walk()
}

// A reach goes through all objects that some values lead to.
type reach struct {
	*document
	// enter is asked of every number that is come upon, and tells whether to read on there.
	enter func(number uint32) bool
	queue []uint32
}

// note takes the references in a value.
func (r *reach) note(o syntax.Object) {
	switch o := o.(type) {
	case syntax.Ref:
		if r.enter(o.Number) {
			r.queue = append(r.queue, o.Number)
		}
	case syntax.Array:
		for _, item := range o {
			r.note(item)
		}
	case syntax.Dict:
		for _, value := range o {
			r.note(value)
		}
	case *syntax.Stream:
		r.note(o.Dict)
	}
}

// walk reads what was noted, and all that it leads to, up to the first object that cannot be read.
func (r *reach) walk() error {
	for len(r.queue) > 0 {
		ref, _ := r.Current(r.queue[len(r.queue)-1])
		r.queue = r.queue[:len(r.queue)-1]
		o, err := r.Get(ref)
		if err != nil {
			return fmt.Errorf("object %v: %w", ref, err)
		}
		r.note(o)
	}
	return nil
}

// A bitmap is a set of objects' numbers.
type bitmap []uint64

// add reports whether the number is new.
func (b *bitmap) add(n uint32) bool {
	for int(n/64) >= len(*b) {
		*b = append(*b, make([]uint64, max(64, len(*b)))...)
	}
	fresh := !b.has(n)
	(*b)[n/64] |= 1 << (n % 64)
	return fresh
}

func (b *bitmap) has(n uint32) bool {
	return int(n/64) < len(*b) && (*b)[n/64]&(1<<(n%64)) != 0
}
