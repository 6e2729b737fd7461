package doctor

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// A Person is what must not stand in a report that goes to others.
type Person struct {
	Home string // the folder
	User string // the name by which the system knows the person
	Host string // the machine's name
}

// serial matches what makes one device of a kind known again: what stands in round brackets before the two
// hexadecimal numbers that end a reader's name, as pcscd composes it.
var serial = regexp.MustCompile(`\([^()]*\)( [0-9A-F]{2} [0-9A-F]{2})`)

// Redact takes the person, the machine and the serial numbers of readers out of lines, which it returns anew.
func Redact(lines []Line, p Person) []Line {
	clean := p.cleaner()
	redacted := make([]Line, len(lines))
	for i, l := range lines {
		l.Title, l.Evidence, l.Remedy = clean(l.Title), clean(l.Evidence), clean(l.Remedy)
		redacted[i] = l
	}
	return redacted
}

func (p Person) cleaner() func(string) string {
	homes := []string{p.Home}
	if resolved, err := filepath.EvalSymlinks(p.Home); err == nil && resolved != p.Home {
		homes = append(homes, resolved)
	}
	type rule struct {
		pattern *regexp.Regexp
		by      string
	}
	rules := []rule{{serial, "(…)$1"}}
	for _, home := range homes {
		if home != "" && home != string(os.PathSeparator) {
			rules = append(rules, rule{regexp.MustCompile(regexp.QuoteMeta(strings.TrimSuffix(home, "/"))), "~"})
		}
	}
	for name, by := range map[string]string{p.User: "<user>", p.Host: "<host>"} {
		if name != "" && name != "root" { // which names nobody
			rules = append(rules, rule{regexp.MustCompile(`(^|[^\pL\pN_])` + regexp.QuoteMeta(name) + `([^\pL\pN_]|$)`), "${1}" + by + "${2}"})
		}
	}
	return func(s string) string {
		for _, r := range rules {
			// Two names with one character between them share it: the second is found in another round.
			for range 2 {
				s = r.pattern.ReplaceAllString(s, r.by)
			}
		}
		return s
	}
}
