//go:build linux || darwin

package prompt

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func TestAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		sent string
		data string
		err  error
	}{
		"done":                  {"OK\n", "", nil},
		"done, with a word":     {"OK Pleased to meet you\n", "", nil},
		"data":                  {"D 1234\nOK\n", "1234", nil},
		"data in two lines":     {"D 12\nD 34\nOK\n", "1234", nil},
		"encoded data":          {"D %31%0a%25%C3%bF\nOK\n", "1\n%\xc3\xbf", nil},
		"blanks are data":       {"D  1 \nOK\n", " 1 ", nil},
		"no data":               {"D \nOK\n", "", nil},
		"comment and status":    {"# hello\n#\nS BUTTON_INFO close\nOK\n", "", nil},
		"longest line":          {"D " + strings.Repeat("1", maxAnswerLine-2) + "\nOK\n", strings.Repeat("1", maxAnswerLine-2), nil},
		"refused":               {"ERR 83886179 Operation cancelled <Pinentry>\n", "", &assuanError{83886179}},
		"refused, briefly":      {"ERR 99\n", "", &assuanError{99}},
		"from a cache":          {"S PASSWORD_FROM_CACHE\nD 1234\nOK\n", "", errCached},
		"line too long":         {"D " + strings.Repeat("1", maxAnswerLine-1) + "\nOK\n", "", errLongLine},
		"line without end":      {strings.Repeat("1", 1<<16), "", errLongLine},
		"answer without end":    {strings.Repeat("S x\n", maxAnswerLines) + "OK\n", "", errNoEnd},
		"data without end":      {strings.Repeat("D 1\n", maxAnswerLines+1), strings.Repeat("1", maxAnswerLines), errNoEnd},
		"cut before the answer": {"", "", io.ErrUnexpectedEOF},
		"cut after data":        {"D 1234\n", "1234", io.ErrUnexpectedEOF},
		"cut in a line":         {"D 1234\nO", "1234", io.ErrUnexpectedEOF},
		"junk":                  {"hello\nOK\n", "", errJunk},
		"empty line":            {"\nOK\n", "", errJunk},
		"lower case":            {"ok\n", "", errJunk},
		"inquiry":               {"INQUIRE QUALITY 1234\nOK\n", "", errJunk},
		"percent at the end":    {"D 1%\nOK\n", "1", errJunk},
		"percent and one digit": {"D 1%2\nOK\n", "1", errJunk},
		"percent and no digits": {"D %zz\nOK\n", "", errJunk},
		"error without code":    {"ERR\n", "", errJunk},
		"error with a word":     {"ERR no\n", "", errJunk},
		"error code too large":  {"ERR 4294967296\n", "", errJunk},
		"error code far too":    {"ERR 00000000000000000001\n", "", errJunk},
	} {
		t.Run(name, func(t *testing.T) {
			for _, wrap := range []func(io.Reader) io.Reader{identity, iotest.OneByteReader, iotest.HalfReader, iotest.DataErrReader} {
				var data []byte
				server := newAssuan(wrap(strings.NewReader(test.sent)), io.Discard)
				err := server.answer(func(c byte) { data = append(data, c) })
				require.Equal(t, test.data, string(data))
				require.Equal(t, test.err, err)
				server.wipe()
			}
		})
	}
}

func identity(r io.Reader) io.Reader { return r }

func TestAnswerWhereNoDataBelongs(t *testing.T) {
	require.Equal(t, errJunk, newAssuan(strings.NewReader("D 1\nOK\n"), io.Discard).answer(nil))
}

func TestAnswerGivesUpOnAReaderThatReadsNothing(t *testing.T) {
	require.Equal(t, io.ErrNoProgress, newAssuan(idle{}, io.Discard).answer(nil))
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

func TestCommand(t *testing.T) {
	var sent bytes.Buffer
	server := newAssuan(strings.NewReader("OK\nERR 1\n"), &sent)
	require.NoError(t, server.command("SETDESC "+encode("100%\r\n"), nil))
	require.Equal(t, &assuanError{1}, server.command("GETPIN", nil))
	require.Equal(t, "SETDESC 100%25%0D%0A\nGETPIN\n", sent.String())

	sent.Reset()
	require.Equal(t, errLongLine, server.command(strings.Repeat("x", maxCommandLine+1), nil))
	require.Empty(t, sent.String())
}

// After a PIN has passed, none of it is left in the connection's memory.
func TestAssuanMemoryIsCleared(t *testing.T) {
	const secret = "739151"
	stream := iotest.HalfReader(strings.NewReader("D " + secret + "\nS next\nS next\nOK\n"))
	server := newAssuan(stream, io.Discard)
	page := server.page
	require.NoError(t, server.answer(func(byte) {}))
	require.NotContains(t, string(page), secret[:3])
	server.wipe()
	require.Equal(t, make([]byte, len(page)), page)
}

// However the stream is cut into reads, the answers are the same; and what is encoded comes back.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte("OK Pleased to meet you\nD 1%323\nS x\n# y\nOK\nERR 83886179 cancelled\n"))
	f.Add([]byte(strings.Repeat("D 1\n", 70)))
	f.Add([]byte("D %zz\nOK\n"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		data, errs := answers(bytes.NewReader(sent))
		for _, wrap := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.DataErrReader} {
			slowData, slowErrs := answers(wrap(bytes.NewReader(sent)))
			require.Equal(t, data, slowData)
			require.Equal(t, errs, slowErrs)
		}
		if len(sent) < 300 && !bytes.ContainsRune(sent, 0) {
			got, errs := answers(strings.NewReader("D " + encode(string(sent)) + "\nOK\n"))
			require.Equal(t, string(sent), got)
			require.Equal(t, []error{nil, io.ErrUnexpectedEOF}, errs)
		}
	})
}

// answers reads until nothing can be read any more.
func answers(r io.Reader) (data string, errs []error) {
	server := newAssuan(r, io.Discard)
	defer server.wipe()
	var bytes []byte
	for {
		err := server.answer(func(c byte) { bytes = append(bytes, c) })
		errs = append(errs, err)
		var refused *assuanError
		if err != nil && !errors.As(err, &refused) {
			return string(bytes), errs
		}
	}
}
