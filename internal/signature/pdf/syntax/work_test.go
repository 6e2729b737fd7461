package syntax

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
)

// TestSharedTail is a file whose objects all begin in one long comment, so that each costs the whole.
// It is not read to the end of its budget here, which takes a while, but from near to it.
func TestSharedTail(t *testing.T) {
	const n = 2000
	data := []byte("%PDF-1.5\n1 0 obj\n<<>>\nendobj\n")
	var table bytes.Buffer
	for i := 2; i <= n; i++ {
		fmt.Fprintf(&table, "%010d 00000 n \n", len(data))
		data = fmt.Appendf(data, "%d 0 obj%%", i)
	}
	data = append(data, "\nnull\nendobj\n"...)
	data = fmt.Appendf(data, "xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \n2 %d\n%strailer\n<</Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", n-1, table.String(), len(data))
	f, err := Open(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	require.Less(t, f.work, int64(len(data)), "the table alone")

	read := 0
	f.work = f.budget() - int64(len(data))
	for ref, at := range f.History() {
		if _, _, err = f.GetAt(ref, at); err != nil {
			break
		}
		read++
	}
	require.ErrorIs(t, err, ErrTooLarge)
	require.Less(t, read, 10)
}

// TestStreamsTogether decodes one stream until what was decoded is too much.
func TestStreamsTogether(t *testing.T) {
	f := &File{source: bytes.NewReader([]byte("abc")), size: 3}
	s := &Stream{Dict: Dict{}, Length: 3}
	f.streams.work = maxWork - 3
	_, err := f.Decode(s)
	require.NoError(t, err)
	_, err = f.Decode(s)
	require.ErrorIs(t, err, ErrTooLarge)
}

// TestObjectsTogether reads one object of an object stream until what was read is too much.
func TestObjectsTogether(t *testing.T) {
	data := pdftest.Hybrid(pdftest.Document(1), pdftest.Objects{9: "[" + strings.Repeat("0 ", 500) + "]"})
	f, err := Open(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	f.streams.parsed = maxParsed - 1500
	for range 2 {
		_, err = f.Get(Ref{Number: 9})
		require.NoError(t, err)
	}
	_, err = f.Get(Ref{Number: 9})
	require.ErrorIs(t, err, ErrTooLarge)
}

// TestSpend counts what callers go through with what is read.
func TestSpend(t *testing.T) {
	f := &File{size: 100}
	require.NoError(t, f.Spend(f.budget()))
	require.ErrorIs(t, f.Spend(1), ErrTooLarge)
}
