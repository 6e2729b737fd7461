package prompt

import (
	"fmt"
	"sort"
	"strings"
)

// unmeasured lets a description be as long as it likes.
func unmeasured(string) int { return 0 }

// description says in several lines who asks for which PIN and what for. It is at most room long, as length
// measures it: when it would be longer, the origin is cut visibly.
func (r Request) description(room int, length func(string) int) string {
	t := r.Lang.texts()
	after := []string{r.operation()}
	if r.Documents > 0 {
		after = append(after, fmt.Sprintf(t.documents, r.Documents))
	}
	if r.Digest != "" {
		after = append(after, fmt.Sprintf(t.digest, Grouped(r.Digest)))
	}
	if r.Foreign {
		after = append(after, t.foreign)
	}
	if r.NoPad && r.spendsTry() {
		after = append(after, t.noPad)
	}
	after = append(after, "", fmt.Sprintf(t.enter[r.Purpose], t.owner[r.PIN], t.form[r.PIN]))
	if r.Purpose == New {
		if r.PIN == Signature {
			after = append(after, t.mixed)
		}
		after = append(after, t.avoid)
	}
	after = append(after, r.costLine())
	return r.withRequester(strings.Join(after, "\n"), room, length)
}

func (r Request) operation() string {
	t := r.Lang.texts()
	switch r.Operation {
	case ReadCertificate:
		return fmt.Sprintf(t.operation[r.Operation], t.owner[r.PIN])
	case PortalSign:
		return fmt.Sprintf(t.operation[r.Operation], r.Values)
	}
	return t.operation[r.Operation]
}

// accept is what the button says.
func (r Request) accept() string {
	t := r.Lang.texts()
	if r.Purpose == Current || r.Purpose == New {
		return t.next
	}
	return t.accept[r.Operation]
}

// problem says why the same PIN is asked for again; "" for the first time.
func (r Request) problem() string {
	t := r.Lang.texts()
	switch {
	case r.Wrong:
		return fmt.Sprintf(t.wrong, r.TriesLeft)
	case r.Fallen:
		return fmt.Sprintf(t.fallen, r.TriesLeft)
	case r.Malformed != 0 && r.spendsTry():
		return t.malformed[r.Malformed] + "\n" + t.notSent
	case r.Malformed != 0:
		return t.malformed[r.Malformed]
	}
	return ""
}

// costLine says what a wrong answer costs.
func (r Request) costLine() string {
	t := r.Lang.texts()
	switch {
	case !r.spendsTry():
		return t.nothingSent
	case r.TriesLeft == 1:
		return t.lastTry
	}
	return fmt.Sprintf(t.tries, r.TriesLeft, r.TriesLeft)
}

// withRequester puts the line that names who asks before text.
func (r Request) withRequester(text string, room int, length func(string) int) string {
	t := r.Lang.texts()
	switch {
	case r.OwnPage:
		return t.ownPage + "\n" + text
	case r.Origin == "":
		return t.commandLine + "\n" + text
	}
	line := func(origin string) string { return fmt.Sprintf(t.origin, folded(origin)) + "\n" + text }
	origin := percentEncoded(r.Origin)
	if whole := line(origin); length(whole) <= room {
		return whole
	}
	tooMuch := sort.Search(len(origin), func(tail int) bool { return length(line(shortened(origin, tail))) > room })
	return line(shortened(origin, max(tooMuch-1, 0)))
}

// percentEncoded keeps the characters that the serialization of an origin can have (RFC 6454 §6.2: the host in
// its ASCII form) and percent-encodes every other byte. So nothing in an origin can break a line, turn the
// direction of the text, or mean something to a dialog that takes markup.
func percentEncoded(origin string) string {
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

// shortened cuts an origin. The scheme stays, a mark shows the cut, and the last bytes of the host, as many
// as tail says, stay, because whom a name belongs to stands at its end. The start of the host goes: there
// anybody can write what he likes.
func shortened(origin string, tail int) string {
	scheme, host := "", origin
	for _, known := range []string{"https://", "http://"} {
		if rest, ok := strings.CutPrefix(origin, known); ok {
			scheme, host = known, rest
		}
	}
	return scheme + "[…]" + host[len(host)-min(tail, len(host)):]
}

// folded breaks a long origin into lines, because dialogs cut off a word that is wider than their window.
func folded(origin string) string {
	const width = 48
	var b strings.Builder
	for len(origin) > width {
		b.WriteString(origin[:width] + "\n")
		origin = origin[width:]
	}
	b.WriteString(origin)
	return b.String()
}

// Grouped sets a SHA-256 in hexadecimal in two lines of four groups of eight digits, to be compared by eye.
func Grouped(digest string) string {
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
