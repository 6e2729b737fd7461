//go:build linux || darwin

package prompt

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The client's half of the Assuan protocol, as far as a pinentry needs it ("Developing with Assuan",
// chapter "Implementation", and the pinentry manual, chapter "Protocol"): a line goes out; lines come back,
// and the last of them is OK or ERR.

const (
	// maxAnswerLine is the longest line that the protocol allows, without its end.
	maxAnswerLine = 1000

	// maxCommandLine is shorter than the protocol would allow: pinentry ends when a line comes near the
	// limit.
	maxCommandLine = 900

	// maxAnswerLines bounds the lines of one answer. A pinentry needs five.
	maxAnswerLines = 64
)

var (
	errLongLine = errors.New("a line is longer than Assuan allows")
	errNoEnd    = errors.New("an answer without end")
	errJunk     = errors.New("a line that is not Assuan")
	errCached   = errors.New("it answered from a cache")
)

// An assuanError is the server's ERR. Code is a libgpg-error value: the low 16 bits say what happened, the
// bits above say in which program.
type assuanError struct{ Code uint32 }

func (e *assuanError) Error() string { return fmt.Sprintf("pinentry error %d", e.Code) }

// cause is the code without the program that reported it.
func (e *assuanError) cause() uint32 { return e.Code & 0xffff }

// assuan is a connection to a server. What the server sends passes through one page of locked memory.
type assuan struct {
	r          io.Reader
	w          io.Writer
	page       []byte
	start, end int // the part of page that was read and not yet used
}

func newAssuan(r io.Reader, w io.Writer) *assuan {
	return &assuan{r: r, w: w, page: secretPage()}
}

// wipe clears all that the server sent. The connection cannot be used afterwards.
func (a *assuan) wipe() { releaseSecretPage(a.page) }

// command sends a line and takes its answer.
func (a *assuan) command(line string, data func(byte)) error {
	if len(line) > maxCommandLine {
		return errLongLine
	}
	if _, err := io.WriteString(a.w, line+"\n"); err != nil {
		return err
	}
	return a.answer(data)
}

// answer reads up to OK (nil) or ERR (*assuanError). It hands each byte of data over, decoded; where data is
// nil the server may send none. No error repeats what the server sent.
func (a *assuan) answer(data func(byte)) error {
	for range maxAnswerLines {
		line, err := a.line()
		if err != nil {
			return err
		}
		word, rest, _ := bytes.Cut(line, []byte(" "))
		switch string(word) {
		case "OK":
			return nil
		case "ERR":
			return parseError(rest)
		case "D":
			if data == nil || !decode(rest, data) {
				return errJunk
			}
		case "S":
			if bytes.HasPrefix(rest, []byte("PASSWORD_FROM_CACHE")) {
				return errCached
			}
		default:
			if !bytes.HasPrefix(word, []byte("#")) {
				return errJunk
			}
		}
	}
	return errNoEnd
}

// line returns the next line without its end. It stays valid until the next call, which clears it.
func (a *assuan) line() ([]byte, error) {
	clear(a.page[:a.start])
	for emptyReads := 0; ; {
		unused := a.page[a.start:a.end]
		if n := bytes.IndexByte(unused, '\n'); n >= 0 {
			if n > maxAnswerLine {
				return nil, errLongLine
			}
			a.start += n + 1
			return unused[:n], nil
		}
		if len(unused) > maxAnswerLine {
			return nil, errLongLine
		}
		if a.start > 0 {
			n := copy(a.page, unused)
			clear(a.page[n:a.end])
			a.start, a.end = 0, n
		}
		n, err := a.r.Read(a.page[a.end:])
		a.end += n
		switch {
		case n > 0:
			emptyReads = 0
		case err == io.EOF:
			return nil, io.ErrUnexpectedEOF
		case err != nil:
			return nil, err
		default:
			if emptyReads++; emptyReads == 100 {
				return nil, io.ErrNoProgress
			}
		}
	}
}

// decode undoes the percent-encoding of a D line.
func decode(encoded []byte, data func(byte)) bool {
	for len(encoded) > 0 {
		c, size := encoded[0], 1
		if c == '%' {
			if len(encoded) < 3 {
				return false
			}
			high, low := hexDigit(encoded[1]), hexDigit(encoded[2])
			if high < 0 || low < 0 {
				return false
			}
			c, size = byte(high<<4|low), 3
		}
		data(c)
		encoded = encoded[size:]
	}
	return true
}

// hexDigit is the value of c, or -1.
func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

func parseError(rest []byte) error {
	digits, _, _ := bytes.Cut(rest, []byte(" "))
	if len(digits) > 10 { // of a uint32
		return errJunk
	}
	code, err := strconv.ParseUint(string(digits), 10, 32)
	if err != nil {
		return errJunk
	}
	return &assuanError{Code: uint32(code)}
}

var encoder = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")

// encode percent-encodes the characters that a line cannot hold.
func encode(s string) string { return encoder.Replace(s) }
