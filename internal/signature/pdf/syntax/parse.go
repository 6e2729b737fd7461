package syntax

import (
	"fmt"
	"strconv"
)

// Limits of one object.
const (
	// MaxDepth bounds how deep arrays and dictionaries nest.
	MaxDepth = 64
	// MaxItems bounds the objects in an object, itself included.
	MaxItems = 1 << 20
	// MaxString bounds the text of all strings and names in an object, in bytes.
	MaxString = 4 << 20
)

// A parser reads one object, which may hold others.
type parser struct {
	*lexer
	items, text int
	// spans, where not nil, takes the places of the values of the outermost dictionary.
	spans map[Name]Span
}

// object reads the object that follows.
func (p *parser) object(depth int) (Object, error) {
	if p.items++; p.items > MaxItems {
		return nil, fmt.Errorf("%w: an object with more than %d others", ErrTooLarge, MaxItems)
	}
	if depth > MaxDepth {
		return nil, fmt.Errorf("%w: objects nest more than %d deep", ErrTooLarge, MaxDepth)
	}
	p.skip()
	at := p.pos
	c, ok := p.peek(0)
	if !ok {
		return nil, p.broken(at, "an object is missing")
	}
	switch c {
	case '/':
		p.pos++
		return p.name()
	case '(':
		p.pos++
		return p.literal()
	case '[':
		p.pos++
		return p.array(depth)
	case '<':
		p.pos++
		if second, _ := p.peek(0); second != '<' {
			return p.hexadecimal()
		}
		p.pos++
		return p.dict(depth)
	}
	if !isRegular(c) {
		return nil, p.broken(at, "%q begins no object", c)
	}
	return p.atom()
}

// atom reads a number, a reference or a word.
func (p *parser) atom() (Object, error) {
	at := p.pos
	word := p.word(64)
	switch word {
	case "null":
		return nil, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	if n, err := strconv.ParseInt(word, 10, 64); err == nil {
		if ref, ok := p.reference(word, n); ok {
			return ref, nil
		}
		return Integer(n), nil
	}
	if isReal(word) {
		return Real(word), nil
	}
	return nil, p.broken(at, "%q is no object", word)
}

// isReal allows a sign, digits and one point (§7.3.3): no exponent, no infinity.
func isReal(word string) bool {
	digits, points := 0, 0
	for i, c := range []byte(word) {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '.':
			points++
		case i > 0 || c != '+' && c != '-':
			return false
		}
	}
	return digits > 0 && points == 1 && len(word) <= 64
}

// reference looks whether a number of digits alone is followed by a generation and an R (§7.3.10).
func (p *parser) reference(word string, n int64) (Ref, bool) {
	if n < 0 || n > MaxNumber || word[0] < '0' {
		return Ref{}, false
	}
	back := p.pos
	p.skip()
	generation, err := strconv.ParseUint(p.word(5), 10, 16)
	if err == nil {
		p.skip()
		if c, ok := p.peek(0); ok && c == 'R' {
			if after, ok := p.peek(1); !ok || !isRegular(after) {
				p.pos++
				return Ref{uint32(n), uint16(generation)}, true
			}
		}
	}
	p.pos = back
	return Ref{}, false
}

func (p *parser) array(depth int) (Object, error) {
	array := Array{}
	for {
		p.skip()
		c, ok := p.peek(0)
		if ok && c == ']' {
			p.pos++
			return array, nil
		}
		item, err := p.object(depth + 1)
		if err != nil {
			return nil, err
		}
		array = append(array, item)
	}
}

// dict reads entries up to the closing brackets. A key that is there twice is refused: of its two
// values one reader takes the first and another the last.
func (p *parser) dict(depth int) (Object, error) {
	dict := Dict{}
	seen := map[Name]bool{}
	for {
		p.skip()
		at := p.pos
		c, _ := p.next()
		switch {
		case c == '>':
			if second, _ := p.next(); second != '>' {
				return nil, p.broken(at, "a dictionary does not end")
			}
			return dict, nil
		case c != '/':
			return nil, p.broken(at, "a key of a dictionary is missing")
		}
		key, err := p.name()
		if err != nil {
			return nil, err
		}
		if seen[key] {
			return nil, p.broken(at, "a dictionary has the key %q twice", key)
		}
		seen[key] = true
		p.skip()
		start := p.pos
		value, err := p.object(depth + 1)
		if err != nil {
			return nil, err
		}
		if value != nil {
			dict[key] = value
		}
		if depth == 0 && p.spans != nil {
			p.spans[key] = Span{start, p.pos}
		}
	}
}

// name reads a name after its solidus (§7.3.5).
func (p *parser) name() (Name, error) {
	var name []byte
	for {
		c, ok := p.peek(0)
		if !ok || !isRegular(c) {
			return Name(name), p.count(len(name))
		}
		p.pos++
		if c == '#' {
			high, _ := p.peek(0)
			low, _ := p.peek(1)
			if unhex(high) < 0 || unhex(low) < 0 {
				return "", p.broken(p.pos, "a name has a # without two digits")
			}
			c = byte(unhex(high)<<4 | unhex(low))
			p.pos += 2
		}
		if name = append(name, c); len(name) > MaxString {
			return "", p.count(len(name))
		}
	}
}

// count adds to the text of the object.
func (p *parser) count(n int) error {
	if p.text += n; p.text > MaxString {
		return fmt.Errorf("%w: an object with strings of more than %d bytes", ErrTooLarge, MaxString)
	}
	return nil
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c - 'a' + 10)
	case c >= 'A' && c <= 'F':
		return int(c - 'A' + 10)
	}
	return -1
}

// hexadecimal reads a string after its opening bracket (§7.3.4.3).
func (p *parser) hexadecimal() (Object, error) {
	var out []byte
	half, digits := 0, 0
	for {
		at := p.pos
		c, ok := p.next()
		switch {
		case !ok:
			return nil, p.broken(at, "a string does not end")
		case c == '>':
			if digits%2 == 1 {
				out = append(out, byte(half<<4))
			}
			return String(out), p.count(len(out))
		case isSpace(c):
			continue
		case unhex(c) < 0:
			return nil, p.broken(at, "%q in a hexadecimal string", c)
		}
		if digits++; digits%2 == 0 {
			out = append(out, byte(half<<4|unhex(c)))
		}
		half = unhex(c)
		if len(out) > MaxString {
			return nil, p.count(len(out))
		}
	}
}

// literal reads a string after its opening parenthesis (§7.3.4.2).
func (p *parser) literal() (Object, error) {
	var out []byte
	open := 1
	for {
		at := p.pos
		c, ok := p.next()
		if !ok {
			return nil, p.broken(at, "a string does not end")
		}
		switch c {
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				return String(out), p.count(len(out))
			}
		case '\r': // an end of line is one line feed
			if after, ok := p.peek(0); ok && after == '\n' {
				p.pos++
			}
			c = '\n'
		case '\\':
			if c, ok = p.escape(); !ok {
				continue
			}
		}
		if out = append(out, c); len(out) > MaxString {
			return nil, p.count(len(out))
		}
	}
}

// escape reads what follows a reverse solidus: a byte, or none for a line that goes on.
func (p *parser) escape() (byte, bool) {
	c, _ := p.next()
	switch c {
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case '\n':
		return 0, false
	case '\r':
		if after, ok := p.peek(0); ok && after == '\n' {
			p.pos++
		}
		return 0, false
	}
	if c < '0' || c > '7' {
		return c, true
	}
	n := c - '0'
	for range 2 {
		digit, ok := p.peek(0)
		if !ok || digit < '0' || digit > '7' {
			break
		}
		n = n<<3 | (digit - '0') // beyond one byte the high bits are dropped, as §7.3.4.2 says
		p.pos++
	}
	return n, true
}
