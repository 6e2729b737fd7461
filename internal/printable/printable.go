// Package printable makes what strangers wrote safe to show: names of files, and what documents, certificates and
// programs say of themselves. Such a text may hold control characters, which command a terminal, and marks that turn the
// direction of writing, which make one name look like another.
package printable

import (
	"strings"
	"unicode"
)

// Text returns s with every character that is not graphic replaced by U+FFFD. A space of U+3000 stays: it stands
// between a citizen's names.
func Text(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
