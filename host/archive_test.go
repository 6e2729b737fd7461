package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/verify"
)

// zipped makes an archive of names and contents in turn.
func zipped(t testing.TB, entries ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := 0; i < len(entries); i += 2 {
		f, err := w.CreateRaw(&zip.FileHeader{Name: entries[i], Method: zip.Store, UncompressedSize64: uint64(len(entries[i+1])), CompressedSize64: uint64(len(entries[i+1]))})
		require.NoError(t, err)
		_, err = io.WriteString(f, entries[i+1])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

func opened(data []byte) (*archive, error) {
	return openArchive(bytes.NewReader(data), int64(len(data)))
}

func TestOpenArchive(t *testing.T) {
	for name, entries := range map[string][]string{
		"in no folder":       {"kousei.xml", "<x/>", "図面 1.pdf", "f1", "b.xml", "f2"},
		"the document last":  {"図面 1.pdf", "f1", "b.xml", "f2", "kousei.xml", "<x/>"},
		"in a folder":        {"申請/", "", "申請/図面 1.pdf", "f1", "申請/kousei.xml", "<x/>", "申請/b.xml", "f2"},
		"under another name": {"署名.xml", "<x/>", "図面 1.pdf", "f1", "b.xml", "f2"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := opened(zipped(t, entries...))
			require.NoError(t, err)
			require.Equal(t, "<x/>", string(a.document))
			require.Equal(t, []string{"図面 1.pdf", "b.xml"}, a.names)
			for file, want := range map[string]string{"図面 1.pdf": "f1", "b.xml": "f2"} {
				info, err := fs.Stat(a, file)
				require.NoError(t, err)
				require.True(t, info.Mode().IsRegular())
				content, err := fs.ReadFile(a, file)
				require.NoError(t, err)
				require.Equal(t, want, string(content))
			}
			for _, absent := range []string{"kousei.xml", "c.xml", "../b.xml", "申請/b.xml", ""} {
				_, err := a.Open(absent)
				require.ErrorIs(t, err, fs.ErrNotExist, absent)
			}
		})
	}
}

// directory changes a field of an archive's first directory entry.
func directory(t *testing.T, data []byte, offset int, value uint32) []byte {
	t.Helper()
	at := bytes.Index(data, []byte("PK\x01\x02"))
	require.Positive(t, at)
	data = bytes.Clone(data)
	binary.LittleEndian.PutUint32(data[at+offset:], value)
	return data
}

func TestArchiveRefused(t *testing.T) {
	many := make([]string, 0, 2*(maxEntries+1))
	for i := range maxEntries + 1 {
		many = append(many, "f"+strings.Repeat("x", i%7)+string(rune('a'+i%26))+string(rune(0x4E00+i)), "")
	}
	var bomb bytes.Buffer
	require.NoError(t, pack(&bomb, []packing{{"kousei.xml", func(w io.Writer) error { return nil }}, {"zeros", func(w io.Writer) error {
		_, err := io.CopyN(w, zeros{}, freely+1)
		return err
	}}}))
	usual := zipped(t, "kousei.xml", "<x/>", "b.xml", "f2")
	for name, c := range map[string]struct {
		data   []byte
		reason verify.Reason
		says   string
	}{
		"cut":                   {usual[:len(usual)-1], verify.DocumentMalformed, "damaged"},
		"nothing behind":        {[]byte("PK\x03\x04"), verify.DocumentMalformed, "damaged"},
		"empty":                 {zipped(t, "folder/", ""), verify.SignatureAbsent, "empty"},
		"too many":              {zipped(t, many...), verify.DocumentTooLarge, "1001 files"},
		"far too many":          {zipped(t, slowly(60_000)...), verify.DocumentTooLarge, "1001 files"},
		"up":                    {zipped(t, "kousei.xml", "", "../b.xml", ""), verify.DocumentMalformed, `"../b.xml"`},
		"the document up":       {zipped(t, "../kousei.xml", ""), verify.DocumentMalformed, "../kousei.xml"},
		"absolute":              {zipped(t, "kousei.xml", "", "/etc/passwd", ""), verify.DocumentMalformed, `"/etc/passwd"`},
		"backslash":             {zipped(t, "kousei.xml", "", `..\b.xml`, ""), verify.DocumentMalformed, "cannot be used"},
		"new line":              {zipped(t, "kousei.xml", "", "b\n.xml", ""), verify.DocumentMalformed, "cannot be used"},
		"no name":               {zipped(t, "kousei.xml", "", "", "x"), verify.DocumentMalformed, "cannot be used"},
		"Shift_JIS":             {zipped(t, "kousei.xml", "", "\x90\x7d.pdf", ""), verify.DocumentMalformed, "UTF-8"},
		"another folder":        {zipped(t, "kousei.xml", "", "files/b.xml", ""), verify.DocumentMalformed, "not in the folder"},
		"twice":                 {zipped(t, "kousei.xml", "", "b.xml", "", "b.xml", ""), verify.DocumentMalformed, "one file"},
		"the document twice":    {zipped(t, "kousei.xml", "1", "kousei.xml", "2"), verify.DocumentMalformed, "one file"},
		"another case":          {zipped(t, "kousei.xml", "", "b.xml", "", "B.XML", ""), verify.DocumentMalformed, "one file"},
		"the document in caps":  {zipped(t, "kousei.xml", "1", "Kousei.XML", "2"), verify.DocumentMalformed, "one file"},
		"decomposed":            {zipped(t, "kousei.xml", "", "が.pdf", "", "が.pdf", ""), verify.DocumentMalformed, "one file"},
		"encrypted":             {directory(t, usual, 8, 1), verify.DocumentMalformed, "encrypted"},
		"another method":        {directory(t, usual, 10, 12), verify.DocumentMalformed, "encrypted"},
		"a link":                {directory(t, directory(t, usual, 4, 3<<8), 38, 0o120777<<16), verify.DocumentMalformed, "encrypted"},
		"says less than it has": {directory(t, usual, 24, 3), verify.DocumentMalformed, "damaged"},
		"says more than it has": {directory(t, usual, 24, 5), verify.DocumentMalformed, "damaged"},
		"a large document":      {directory(t, usual, 24, 40<<20), verify.DocumentTooLarge, "document in the archive"},
		"large in all":          {directory(t, usual, 24, 2<<30), verify.DocumentTooLarge, "too large"},
		"a bomb":                {bomb.Bytes(), verify.DocumentTooLarge, "far more"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := opened(c.data)
			var failure *protocol.Error
			require.True(t, errors.As(err, &failure), "%v", err)
			require.Equal(t, protocol.VerificationFailed, failure.Code)
			require.Equal(t, string(c.reason), failure.Reason)
			require.ErrorContains(t, err, c.says)
			var u *usage
			require.True(t, errors.As(err, &u))
			require.NotEqual(t, u.in("ja"), u.in("en"))
		})
	}
}

// slowly returns that many empty entries of one name, as a hostile directory has them.
func slowly(n int) []string {
	entries := make([]string, 2*n)
	for i := range n {
		entries[2*i] = strings.Repeat("n", 30)
	}
	return entries
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestPack holds that the same files make the same archive, which says that its names are in UTF-8.
func TestPack(t *testing.T) {
	made := func() []byte {
		var out bytes.Buffer
		require.NoError(t, pack(&out, []packing{
			{"kousei.xml", func(w io.Writer) error { _, err := io.WriteString(w, "<x/>"); return err }},
			{"図面 1.pdf", func(w io.Writer) error { _, err := io.CopyN(w, zeros{}, 1<<20); return err }},
		}))
		return out.Bytes()
	}
	require.Equal(t, made(), made())
	a, err := opened(made())
	require.NoError(t, err)
	require.Equal(t, "<x/>", string(a.document))
	require.Equal(t, []string{"図面 1.pdf"}, a.names)
	require.NotZero(t, a.files["図面 1.pdf"].Flags&0x800)
	broken := errors.New("broken")
	require.ErrorIs(t, pack(io.Discard, []packing{{"x", func(io.Writer) error { return broken }}}), broken)
}

// FuzzArchive holds that whatever is opened holds its document and its files under safe names, and no more of
// them than is read.
func FuzzArchive(f *testing.F) {
	f.Add(zipped(f, "kousei.xml", "<x/>", "図面 1.pdf", "f1"))
	f.Add(zipped(f, "申請/b.xml", "<x/>", "申請/", "", "申請/図面 1.pdf", "f1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := opened(data)
		if err != nil {
			require.Nil(t, a)
			return
		}
		require.Len(t, a.names, len(a.files))
		for _, name := range append(a.names, a.name) {
			require.NoError(t, protocol.CheckFileName(name))
		}
		for _, name := range a.names {
			if content, err := fs.ReadFile(a, name); err == nil {
				require.EqualValues(t, a.files[name].UncompressedSize64, len(content))
			}
		}
	})
}
