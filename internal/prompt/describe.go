package prompt

import (
	"fmt"
	"strings"
)

// description says in several lines who asks for which PIN and what for. It is at most room long, as length
// measures it: when it would be longer, the origin is cut visibly.
func (r Request) description(room int, length func(string) int) string {
	t := r.Lang.texts()
	after := []string{t.operation[r.Operation]}
	if r.Documents > 0 {
		after = append(after, fmt.Sprintf(t.documents, r.Documents))
	}
	if r.Digest != "" {
		after = append(after, fmt.Sprintf(t.digest, grouped(r.Digest)))
	}
	after = append(after, "", t.enter[r.PIN], r.triesLine())
	return r.withOrigin(strings.Join(after, "\n"), room, length)
}

// lastTryQuestion asks whether the last try may be used.
func (r Request) lastTryQuestion(room int, length func(string) int) string {
	t := r.Lang.texts()
	return r.withOrigin(t.operation[r.Operation]+"\n\n"+t.lastTryAsk[r.PIN], room, length)
}

// problem says why the same PIN is asked for again; "" for the first time.
func (r Request) problem() string {
	t := r.Lang.texts()
	switch {
	case r.Wrong:
		return fmt.Sprintf(t.wrong, r.TriesLeft)
	case r.Malformed != 0:
		return t.malformed[r.Malformed] + "\n" + t.notSent
	}
	return ""
}

func (r Request) triesLine() string {
	t := r.Lang.texts()
	if r.TriesLeft == 1 {
		return t.lastTry
	}
	return fmt.Sprintf(t.tries, r.TriesLeft, r.MaxTries)
}

// withOrigin puts the line that names the origin before text.
func (r Request) withOrigin(text string, room int, length func(string) int) string {
	t := r.Lang.texts()
	if r.Origin == "" {
		return t.commandLine + "\n" + text
	}
	origin := printable(r.Origin)
	whole := fmt.Sprintf(t.origin, folded(origin)) + "\n" + text
	for keep := len(origin); length(whole) > room && keep > 0; {
		keep -= length(whole) - room
		whole = fmt.Sprintf(t.origin, folded(shortened(origin, keep))) + "\n" + text
	}
	return whole
}

// printable keeps the characters that the serialization of an origin can have (RFC 6454 §6.2: the host in
// its ASCII form) and percent-encodes every other byte. So nothing in an origin can break a line, turn the
// direction of the text, or mean something to a dialog that takes markup.
func printable(origin string) string {
	var b strings.Builder
	for _, c := range []byte(origin) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._:/[]", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// shortened cuts origin to about n bytes. The scheme stays, a mark shows the cut, and the end of the host
// stays, because whom a name belongs to stands at its end. The start of the host goes: there anybody can
// write what he likes.
func shortened(origin string, n int) string {
	const mark = "[…]"
	scheme := ""
	if i := strings.Index(origin, "://"); i >= 0 {
		scheme = origin[:i+len("://")]
	}
	tail := max(n-len(scheme)-len(mark), 0)
	return scheme + mark + origin[len(origin)-tail:]
}

// folded breaks a long origin into lines, because dialogs cut off a word that is wider than their window.
func folded(origin string) string {
	const width = 64
	var b strings.Builder
	for len(origin) > width {
		b.WriteString(origin[:width] + "\n")
		origin = origin[width:]
	}
	b.WriteString(origin)
	return b.String()
}

// grouped sets a digest in two lines of four groups of eight digits, to be compared by eye.
func grouped(digest string) string {
	var b strings.Builder
	for i, c := range digest {
		switch {
		case i > 0 && i%32 == 0:
			b.WriteByte('\n')
		case i > 0 && i%8 == 0:
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}
