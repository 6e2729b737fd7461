package pdf

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// maxClassicSize is what ten digits of a cross-reference table can point to.
const maxClassicSize = 9999999999

// An update is an incremental update while it is written (ISO 32000-1 §7.5.6).
type update struct {
	file    *syntax.File
	out     bytes.Buffer
	next    uint32
	written []place
}

// A place is where an object of the update is.
type place struct {
	ref    syntax.Ref
	offset int64
}

// newUpdate begins an update on a line of its own.
func newUpdate(f *syntax.File) *update {
	u := &update{file: f, next: f.NextNumber()}
	u.out.WriteByte('\n')
	return u
}

// at returns the offset in the file of what is written next.
func (u *update) at() int64 { return u.file.Size() + int64(u.out.Len()) }

// number takes the next free number of an object.
func (u *update) number() syntax.Ref {
	ref := syntax.Ref{Number: u.next}
	u.next++
	return ref
}

func (u *update) begin(ref syntax.Ref) {
	u.written = append(u.written, place{ref, u.at()})
	fmt.Fprintf(&u.out, "%d %d obj\n", ref.Number, ref.Generation)
}

// object writes an object, a new one or the next version of an old one.
func (u *update) object(ref syntax.Ref, o syntax.Object) {
	u.begin(ref)
	u.out.Write(syntax.Append(nil, o))
	u.out.WriteString("\nendobj\n")
}

// stream writes a stream with its length.
func (u *update) stream(ref syntax.Ref, dict syntax.Dict, data []byte) {
	dict["Length"] = syntax.Integer(len(data))
	u.begin(ref)
	u.out.Write(syntax.Append(nil, dict))
	u.out.WriteString("\nstream\n")
	u.out.Write(data)
	u.out.WriteString("\nendstream\nendobj\n")
}

// finish writes the cross-reference section, in the form of the file's last one, and the end. The file
// keeps its first identifier and gets id as its second (§14.4).
func (u *update) finish(id []byte) error {
	last := u.file.Sections()[0]
	trailer := syntax.Dict{"Root": last.Trailer["Root"], "Prev": syntax.Integer(last.Offset)}
	if info := last.Trailer["Info"]; info != nil {
		trailer["Info"] = info
	}
	if ids, err := u.file.Array(last.Trailer["ID"]); err == nil && len(ids) == 2 {
		trailer["ID"] = syntax.Array{ids[0], syntax.String(id)}
	}
	if u.next > syntax.MaxNumber {
		return fmt.Errorf("%w: no number is left for an object", ErrTooLarge)
	}
	start := u.at()
	if last.Stream {
		u.finishStream(trailer)
	} else {
		if start > maxClassicSize {
			return fmt.Errorf("%w: more than %d bytes", ErrTooLarge, int64(maxClassicSize))
		}
		u.finishTable(trailer)
	}
	fmt.Fprintf(&u.out, "startxref\n%d\n%%%%EOF\n", start)
	return nil
}

// finishTable writes a table and its trailer (§7.5.4, §7.5.5).
func (u *update) finishTable(trailer syntax.Dict) {
	u.out.WriteString("xref\n")
	for _, run := range runs(u.written) {
		fmt.Fprintf(&u.out, "%d %d\n", run[0].ref.Number, len(run))
		for _, p := range run {
			fmt.Fprintf(&u.out, "%010d %05d n \n", p.offset, p.ref.Generation)
		}
	}
	trailer["Size"] = syntax.Integer(u.next)
	u.out.WriteString("trailer\n")
	u.out.Write(syntax.Append(nil, trailer))
	u.out.WriteByte('\n')
}

// finishStream writes a cross-reference stream, which lists itself as well (§7.5.8).
func (u *update) finishStream(trailer syntax.Dict) {
	self := place{u.number(), u.at()}
	var index syntax.Array
	var rows []byte
	for _, run := range runs(append(u.written, self)) {
		index = append(index, syntax.Integer(run[0].ref.Number), syntax.Integer(len(run)))
		for _, p := range run {
			rows = append(rows, 1)
			for shift := 56; shift >= 0; shift -= 8 {
				rows = append(rows, byte(p.offset>>shift))
			}
			rows = append(rows, byte(p.ref.Generation>>8), byte(p.ref.Generation))
		}
	}
	trailer["Type"] = syntax.Name("XRef")
	trailer["Size"] = syntax.Integer(u.next)
	trailer["W"] = syntax.Array{syntax.Integer(1), syntax.Integer(8), syntax.Integer(2)}
	trailer["Index"] = index
	u.stream(self.ref, trailer, rows)
}

// runs returns places by number, in runs without a gap.
func runs(places []place) [][]place {
	places = slices.SortedFunc(slices.Values(places), func(a, b place) int { return int(a.ref.Number) - int(b.ref.Number) })
	var runs [][]place
	for i, p := range places {
		if i == 0 || p.ref.Number != places[i-1].ref.Number+1 {
			runs = append(runs, nil)
		}
		runs[len(runs)-1] = append(runs[len(runs)-1], p)
	}
	return runs
}
