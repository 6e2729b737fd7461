package doctor

import (
	"fmt"
	"strings"

	"github.com/natsuin/natsuin/internal/rules"
)

// A Text is a sentence in both languages with the values that were seen. The values stay apart from the sentence until
// it is shown: a screen shows them whole, as far as they are not excessive, and a report for others as far as they are
// nobody's own.
type Text struct {
	ja, en string // formats of package fmt
	values []any
}

// What a value is decides how it is shown. A plain string is a word of this program or of the system.
type (
	filePath   string // a path of this machine
	filePaths  []filePath
	foreign    string // what stands in a file that somebody else wrote
	deviceName string // what a reader or a USB device calls itself
	names      []string
)

// comma stands between the parts of a list.
var comma = say("、", ", ")

// say makes a text of two formats for the same values.
func say(ja, en string, values ...any) Text { return Text{ja, en, values} }

// same is what reads alike in both languages: a path, a version, a name.
func same(value any) Text { return say("%s", "%s", value) }

// In returns the text in a language, as on a screen.
func (t Text) In(lang string) string { return t.in(lang, onScreen) }

// in returns the text with each value as show has it: a string, or a Text in its place.
func (t Text) in(lang string, show func(any) any) string {
	values := make([]any, len(t.values))
	for n, v := range t.values {
		values[n] = inLanguage(v, lang, show)
	}
	return fmt.Sprintf(rules.Text{JA: t.ja, EN: t.en}.In(lang), values...)
}

func inLanguage(value any, lang string, show func(any) any) any {
	switch v := value.(type) {
	case Text:
		return v.in(lang, show)
	case rules.Text:
		return v.In(lang)
	case int:
		return v
	case filePaths:
		paths := make([]string, len(v))
		for n, p := range v {
			paths[n] = fmt.Sprint(inLanguage(p, lang, show))
		}
		return strings.Join(paths, comma.In(lang))
	case names:
		shown := make([]string, len(v))
		for n, name := range v {
			shown[n] = fmt.Sprint(inLanguage(name, lang, show))
		}
		return strings.Join(shown, comma.In(lang))
	}
	shown := show(value)
	if t, ok := shown.(Text); ok {
		return t.in(lang, show)
	}
	return shown
}

// No value is longer on a screen, in characters. Whoever wrote a file chooses how long a name is that stands in it.
const (
	maxValue = 100
	maxPath  = 400
)

// onScreen is a value as on a screen.
func onScreen(value any) any {
	if p, ok := value.(filePath); ok {
		return clip(string(p), maxPath)
	}
	return clip(fmt.Sprint(value), maxValue)
}

// clip cuts a text in its middle: a path's end says the most, and a name's beginning.
func clip(s string, most int) string {
	characters := []rune(s)
	if len(characters) <= most {
		return s
	}
	half := (most - 1) / 2
	return string(characters[:half]) + "…" + string(characters[len(characters)-(most-1-half):])
}
