//go:build unix

package prompt

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Keys as a terminal in raw mode sends them.
const (
	keyCtrlC     = 0x03
	keyCtrlD     = 0x04
	keyBackspace = 0x08
	keyCtrlU     = 0x15
	keyDelete    = 0x7f
)

// onTerminal is what stands on a terminal before the place where the PIN is typed.
func (r Request) onTerminal() string {
	var b strings.Builder
	fmt.Fprintln(&b, r.description(0, unmeasured))
	if problem := r.problem(); problem != "" {
		fmt.Fprintf(&b, "\n%s\n", problem)
	}
	b.WriteString("\n" + r.Lang.texts().prompt[r.Purpose])
	return b.String()
}

// edit applies one typed byte to pin. It reports whether the PIN is complete.
func edit(pin *PIN, c byte) (done bool, err error) {
	switch c {
	case '\r', '\n':
		return true, nil
	case keyCtrlC, keyCtrlD:
		return false, ErrCancelled
	case keyBackspace, keyDelete:
		_, size := utf8.DecodeLastRune(pin.Bytes())
		pin.truncate(pin.Len() - size)
	case keyCtrlU:
		pin.reset()
	default:
		pin.append(c)
	}
	return false, nil
}
