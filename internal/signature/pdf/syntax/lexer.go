package syntax

import (
	"fmt"
	"io"
)

// Character classes (ISO 32000-1 §7.2.2).
func isSpace(c byte) bool {
	return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' '
}

func isDelimiter(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

func isRegular(c byte) bool { return !isSpace(c) && !isDelimiter(c) }

// firstWindow is what is read for an object at first, in bytes; most are shorter.
const firstWindow, maxWindow = 512, 64 << 10

// A lexer reads bytes one after the other from a place in a file or in a decoded stream.
type lexer struct {
	source io.ReaderAt
	first  int64 // where it began
	pos    int64 // of the next byte
	end    int64 // of the source
	window []byte
	start  int64 // of the window
	err    error // of reading
}

func newLexer(source io.ReaderAt, pos, end int64) *lexer {
	return &lexer{source: source, first: pos, pos: pos, end: end, start: pos}
}

// peek returns the byte at n bytes after the next one, and false behind the end or after an error.
func (l *lexer) peek(n int64) (byte, bool) {
	at := l.pos + n
	if at < l.start || at >= l.start+int64(len(l.window)) {
		if !l.fill(at) {
			return 0, false
		}
	}
	return l.window[at-l.start], true
}

// fill moves the window so that it begins at the next byte and holds the one at the offset.
func (l *lexer) fill(at int64) bool {
	if l.err != nil || at < l.pos || at >= l.end {
		return false
	}
	size := min(max(firstWindow, 2*int64(cap(l.window))), maxWindow, l.end-l.pos)
	if at-l.pos >= size {
		return false // nothing looks that far ahead
	}
	if int64(cap(l.window)) < size {
		l.window = make([]byte, size)
	}
	l.window = l.window[:size]
	l.start = l.pos
	if err := readFull(l.source, l.window, l.start); err != nil {
		l.err, l.window = err, l.window[:0]
		return false
	}
	return true
}

// readFull reads exactly len(p) bytes at an offset. A short read means that the file shrank.
func readFull(r io.ReaderAt, p []byte, at int64) error {
	n, err := r.ReadAt(p, at)
	if n == len(p) {
		return nil
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("read the file: %w", err)
}

// next returns the next byte and goes past it.
func (l *lexer) next() (byte, bool) {
	c, ok := l.peek(0)
	if ok {
		l.pos++
	}
	return c, ok
}

// skip goes past white space and comments.
func (l *lexer) skip() {
	comment := false
	for {
		c, ok := l.peek(0)
		switch {
		case !ok:
			return
		case comment:
			comment = c != '\n' && c != '\r'
		case c == '%':
			comment = true
		case !isSpace(c):
			return
		}
		l.pos++
	}
}

// word returns the regular characters that follow, at most limit and one.
func (l *lexer) word(limit int) string {
	var word []byte
	for len(word) <= limit {
		c, ok := l.peek(0)
		if !ok || !isRegular(c) {
			break
		}
		word = append(word, c)
		l.pos++
	}
	return string(word)
}

// keyword goes past white space and the word, which must follow.
func (l *lexer) keyword(want string) error {
	l.skip()
	at := l.pos
	if got := l.word(len(want)); got != want {
		return l.broken(at, "%q instead of %q", got, want)
	}
	return nil
}

// unsigned goes past white space and a number of decimal digits alone.
func (l *lexer) unsigned(limit int64) (int64, error) {
	l.skip()
	at := l.pos
	word := l.word(20)
	n := int64(0)
	for _, c := range []byte(word) {
		if c < '0' || c > '9' || n > (limit-int64(c-'0'))/10 {
			return 0, l.broken(at, "%q is no number up to %d", word, limit)
		}
		n = n*10 + int64(c-'0')
	}
	if word == "" || len(word) > 20 {
		return 0, l.broken(at, "no number")
	}
	return n, nil
}

// identity goes past white space and what an object is called by: number and generation (§7.3.10).
func (l *lexer) identity() (Ref, error) {
	number, err := l.unsigned(MaxNumber)
	if err != nil {
		return Ref{}, err
	}
	generation, err := l.unsigned(1<<16 - 1)
	return Ref{uint32(number), uint16(generation)}, err
}

// broken returns the error of reading, if there was one, and else that the file is broken.
func (l *lexer) broken(at int64, format string, args ...any) error {
	if l.err != nil {
		return l.err
	}
	return fmt.Errorf("%w: at byte %d: %s", ErrBroken, at, fmt.Sprintf(format, args...))
}
