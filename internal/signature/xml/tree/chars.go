package tree

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// skip steps over a text if it comes next.
func (p *parser) skip(text string) bool {
	if !bytes.HasPrefix(p.source[p.pos:], []byte(text)) {
		return false
	}
	p.pos += len(text)
	return true
}

// space steps over white space and reports whether there was any.
func (p *parser) space() bool {
	start := p.pos
	for p.pos < len(p.source) && isSpace(rune(p.source[p.pos])) {
		p.pos++
	}
	return p.pos > start
}

// between steps over begin, then over what ends with end, and returns what stands between.
func (p *parser) between(begin, end string) ([]byte, error) {
	p.pos += len(begin)
	i := bytes.Index(p.source[p.pos:], []byte(end))
	if i < 0 {
		return nil, p.fail(ErrSyntax, "no "+end+" to its end")
	}
	raw := p.source[p.pos : p.pos+i]
	p.pos += i + len(end)
	return raw, nil
}

// name reads a Name (XML 1.0 §2.3).
func (p *parser) name() (string, error) {
	start := p.pos
	for p.pos < len(p.source) {
		c, size := utf8.DecodeRune(p.source[p.pos:])
		if !isNameStart(c) && (p.pos == start || !isNamePart(c)) {
			break
		}
		p.pos += size
	}
	if p.pos == start {
		return "", p.fail(ErrSyntax, "a name is missing")
	}
	raw := p.source[start:p.pos]
	name, known := p.names[string(raw)]
	if !known {
		name = string(raw)
		p.names[name] = name
	}
	return name, nil
}

// quoted reads an equals sign and a value in quotes, and returns it as it is written.
func (p *parser) quoted() ([]byte, error) {
	p.space()
	if !p.skip("=") {
		return nil, p.fail(ErrSyntax, "an attribute without a value")
	}
	p.space()
	for _, quote := range []string{`"`, `'`} {
		if p.skip(quote) {
			return p.between("", quote)
		}
	}
	return nil, p.fail(ErrSyntax, "the value of an attribute is not in quotes")
}

// resolve reads up to end, replaces references and normalises line ends (XML 1.0 §2.11, §4.1). In the value of an
// attribute, white space that is not written as a reference becomes a space (§3.3.3).
func (p *parser) resolve(end int, attribute bool) ([]byte, error) {
	special := "&\r"
	if attribute {
		special = "&\r\n\t"
	}
	raw := p.source[p.pos:end]
	if !bytes.ContainsAny(raw, special) {
		p.pos = end
		return raw, nil
	}
	value := make([]byte, 0, len(raw))
	for p.pos < end {
		c := p.source[p.pos]
		switch {
		case c == '&':
			r, err := p.reference(end)
			if err != nil {
				return nil, err
			}
			value = utf8.AppendRune(value, r)
			continue
		case c == '\r':
			if p.pos+1 < end && p.source[p.pos+1] == '\n' {
				p.pos++
			}
			c = '\n'
		}
		if attribute && (c == '\n' || c == '\t') {
			c = ' '
		}
		value = append(value, c)
		p.pos++
	}
	return value, nil
}

var entities = map[string]rune{"amp": '&', "lt": '<', "gt": '>', "quot": '"', "apos": '\''}

// maxReference bounds what is searched for the end of a reference: leading zeros may make one longer, but nobody
// writes them.
const maxReference = 32

// reference reads one reference, to a character or a predefined entity (XML 1.0 §4.1, §4.6).
func (p *parser) reference(end int) (rune, error) {
	length := bytes.IndexByte(p.source[p.pos:min(end, p.pos+maxReference)], ';')
	if length < 0 {
		return 0, p.fail(ErrSyntax, "& that begins no reference")
	}
	name := string(p.source[p.pos+1 : p.pos+length])
	c, known := entities[name]
	if !known {
		if c, known = character(name); !known {
			return 0, p.fail(ErrSyntax, "a reference to no character")
		}
	}
	p.pos += length + 1
	return c, nil
}

// character reads what stands between & and ; in a character reference.
func character(name string) (rune, bool) {
	digits, base := name, 10
	if len(name) > 1 && name[0] == '#' {
		digits = name[1:]
	} else {
		return 0, false
	}
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	for _, d := range []byte(digits) {
		if d == '+' || d == '-' || d == '_' {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n > utf8.MaxRune || !isChar(rune(n)) {
		return 0, false
	}
	return rune(n), true
}

// lineEnds turns CR LF and CR into LF.
func lineEnds(raw []byte) []byte {
	if bytes.IndexByte(raw, '\r') < 0 {
		return raw
	}
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
}

// first returns the first character, 0 where there is none.
func first(s string) rune {
	for _, c := range s {
		return c
	}
	return 0
}

func isSpace(c rune) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// isChar is the production Char (XML 1.0 §2.2).
func isChar(c rune) bool {
	return c >= 0x20 && c <= 0xD7FF || c == '\n' || c == '\t' || c == '\r' || c >= 0xE000 && c <= 0xFFFD || c >= 0x10000 && c <= 0x10FFFF
}

// isNameStart is the production NameStartChar (XML 1.0 §2.3).
func isNameStart(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == ':' || in(c, nameStart)
}

// isNamePart is what the production NameChar adds to NameStartChar.
func isNamePart(c rune) bool {
	return c >= '0' && c <= '9' || c == '-' || c == '.' || c == 0xB7 || c >= 0x300 && c <= 0x36F || c == 0x203F || c == 0x2040
}

var nameStart = [][2]rune{
	{0xC0, 0xD6}, {0xD8, 0xF6}, {0xF8, 0x2FF}, {0x370, 0x37D}, {0x37F, 0x1FFF}, {0x200C, 0x200D}, {0x2070, 0x218F},
	{0x2C00, 0x2FEF}, {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
}

func in(c rune, ranges [][2]rune) bool {
	for _, r := range ranges {
		if c >= r[0] && c <= r[1] {
			return true
		}
	}
	return false
}
