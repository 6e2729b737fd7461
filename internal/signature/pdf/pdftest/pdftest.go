// Package pdftest writes small PDF files for tests, of every shape in which real ones come and of
// shapes in which they should not, and calls the programs that judge ours.
package pdftest

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Objects are the bodies of objects by number: what stands between obj and endobj.
type Objects map[int]string

// Document returns a document of that many pages: catalog 1, page tree 2, pages from 3 up, each
// followed by its content.
func Document(pages int) Objects {
	o := Objects{1: "<</Type/Catalog/Pages 2 0 R>>"}
	var kids []string
	for i := range pages {
		page := 3 + 2*i
		kids = append(kids, fmt.Sprintf("%d 0 R", page))
		o[page] = fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents %d 0 R>>", page+1)
		o[page+1] = Stream("", fmt.Sprintf("0.5 g %d 100 200 300 re f\n", 50+i))
	}
	o[2] = fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", pages, strings.Join(kids, " "))
	return o
}

// With returns a copy with other bodies in it.
func (o Objects) With(others Objects) Objects {
	out := maps.Clone(o)
	maps.Copy(out, others)
	return out
}

// Stream returns the body of a stream; the entries stand in its dictionary.
func Stream(entries, data string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", entries, len(data), data)
}

// File writes a file with a cross-reference table. The entries stand in the trailer, beside /Root 1 0 R.
func File(o Objects, entries string) []byte {
	return appendRevision([]byte("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"), o, 0, "/Root 1 0 R"+entries)
}

// Update appends an incremental update with a cross-reference table.
func Update(file []byte, o Objects, entries string) []byte {
	return appendRevision(append(bytes.Clone(file), '\n'), o, LastXref(file), "/Root 1 0 R"+entries)
}

// LastXref returns the offset that the last startxref of a file names.
func LastXref(file []byte) int {
	var n int
	tail := file[bytes.LastIndex(file, []byte("startxref")):]
	if _, err := fmt.Sscanf(string(tail), "startxref\n%d", &n); err != nil {
		panic(err)
	}
	return n
}

// appendRevision writes objects, table and trailer; previous is 0 for the first revision.
func appendRevision(out []byte, o Objects, previous int, entries string) []byte {
	out, offsets := appendBodies(out, o)
	return appendTable(out, offsets, previous, entries)
}

func appendBodies(out []byte, o Objects) ([]byte, map[int]int) {
	offsets := map[int]int{}
	for _, number := range slices.Sorted(maps.Keys(o)) {
		offsets[number] = len(out)
		out = fmt.Appendf(out, "%d 0 obj\n%s\nendobj\n", number, o[number])
	}
	return out, offsets
}

// appendTable writes the section and the end. An offset of 0 stands for a free object.
func appendTable(out []byte, offsets map[int]int, previous int, entries string) []byte {
	start, size := len(out), 1
	if i := bytes.LastIndex(out, []byte("/Size ")); i >= 0 {
		_, _ = fmt.Sscanf(string(out[i:]), "/Size %d", &size)
	}
	out = append(out, "xref\n"...)
	if previous == 0 {
		out = append(out, "0 1\n0000000000 65535 f \n"...)
	}
	for _, number := range slices.Sorted(maps.Keys(offsets)) {
		kind := 'n'
		if offsets[number] == 0 {
			kind = 'f'
		}
		out = fmt.Appendf(out, "%d 1\n%010d 00000 %c \n", number, offsets[number], kind)
		size = max(size, number+1)
	}
	if previous != 0 {
		entries += fmt.Sprintf("/Prev %d", previous)
	}
	return fmt.Appendf(out, "trailer\n<</Size %d%s>>\nstartxref\n%d\n%%%%EOF\n", size, entries, start)
}

// Hybrid writes a hybrid file (ISO 32000-1 §7.5.8.4): the catalog and the pages stand in the table,
// while the hidden objects are in an object stream that only /XRefStm lists.
func Hybrid(o Objects, hidden Objects) []byte {
	out, offsets := appendBodies([]byte("%PDF-1.5\n%\xE2\xE3\xCF\xD3\n"), o)
	const container, xref = 400, 401
	var header, data bytes.Buffer
	numbers := slices.Sorted(maps.Keys(hidden))
	for _, number := range numbers {
		fmt.Fprintf(&header, "%d %d ", number, data.Len())
		data.WriteString(hidden[number] + " ")
	}
	containerAt := len(out)
	out = fmt.Appendf(out, "%d 0 obj\n%s\nendobj\n", container,
		Stream(fmt.Sprintf("/Type/ObjStm/N %d/First %d", len(hidden), header.Len()), header.String()+data.String()))
	var index []string
	var rows []byte
	for i, number := range numbers {
		index = append(index, fmt.Sprintf("%d 1", number))
		rows = append(rows, 2, byte(container>>24), byte(container>>16&0xFF), byte(container>>8&0xFF), byte(container&0xFF), byte(i))
		offsets[number] = 0
	}
	index = append(index, fmt.Sprintf("%d 1", container))
	rows = append(rows, 1, byte(containerAt>>24), byte(containerAt>>16), byte(containerAt>>8), byte(containerAt), 0)
	xrefAt := len(out)
	out = fmt.Appendf(out, "%d 0 obj\n%s\nendobj\n", xref,
		Stream(fmt.Sprintf("/Type/XRef/Size 402/W[1 4 1]/Index[%s]", strings.Join(index, " ")), string(rows)))
	return appendTable(out, offsets, 0, fmt.Sprintf("/Root 1 0 R/XRefStm %d", xrefAt))
}

// Run calls a program, which must be there, and returns what it prints.
func Run(t testing.TB, program string, args ...string) (string, error) {
	t.Helper()
	path, err := exec.LookPath(program)
	require.NoError(t, err, "%s is needed to judge what this package writes: run make deps", program)
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir()) // pdfsig looks for a browser's certificates there
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Rewrite has qpdf write a file anew.
func Rewrite(t testing.TB, file []byte, args ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
	require.NoError(t, os.WriteFile(in, file, 0o600))
	printed, err := Run(t, "qpdf", append(slices.Clone(args), in, out)...)
	require.NoError(t, err, printed)
	written, err := os.ReadFile(out)
	require.NoError(t, err)
	return written
}

// Check has qpdf check a file, without a warning.
func Check(t testing.TB, file []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "check.pdf")
	require.NoError(t, os.WriteFile(path, file, 0o600))
	printed, err := Run(t, "qpdf", "--check", path)
	require.NoError(t, err, printed)
}

// Signatures has pdfsig look at a file and returns what it prints.
func Signatures(t testing.TB, file []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "signed.pdf")
	require.NoError(t, os.WriteFile(path, file, 0o600))
	printed, err := Run(t, "pdfsig", "-nocert", path)
	require.NoError(t, err, printed)
	return printed
}

// Large writes a file of one page whose content is length zeros, which take no room on a disk, and returns the
// file's size.
func Large(t testing.TB, f *os.File, length int64) int64 {
	t.Helper()
	document := Document(1)
	document[4] = Stream("", strings.Repeat("x", 16))
	small := File(document, "")
	at := bytes.Index(small, []byte("xxxx"))
	head := bytes.Replace(small[:at], []byte("/Length 16"), fmt.Appendf(nil, "/Length %d", length), 1)
	tail := "\nendstream\nendobj\n"
	// The table stands behind the objects, as if the file were written anew: but for the last, none moved.
	start := int64(len(head)) + length + int64(len(tail))
	table := small[LastXref(small):]
	tail += fmt.Sprintf("%sstartxref\n%d\n%%%%EOF\n", table[:bytes.LastIndex(table, []byte("startxref"))], start)
	_, err := f.WriteAt(head, 0)
	require.NoError(t, err)
	_, err = f.WriteAt([]byte(tail), int64(len(head))+length)
	require.NoError(t, err)
	return int64(len(head)) + length + int64(len(tail))
}
