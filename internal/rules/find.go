package rules

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Find returns the topic with that id; otherwise every topic in which each of the words stands, in
// either language, best first: a title or a search word counts more than the text. Where there is none, it
// returns those whose title or search word stands in what was asked (引越 in 引越し, "move" in "What if I
// move?"), the longest first. Letter case and width (ＰＩＮ, ﾛｯｸ) make no difference. Without words there is
// nothing to find. testdata/queries.json has examples, which the extension's search is held against too.
func Find(words string) []Topic {
	query := strings.Fields(fold(words))
	if len(query) == 0 {
		return nil
	}
	var scored, known []scoredTopic
	for _, t := range Topics() {
		if strings.Join(query, " ") == t.ID {
			return []Topic{t}
		}
		if score := t.match(query); score > 0 {
			scored = append(scored, scoredTopic{t, score})
		}
		if length := t.longestNameIn(strings.Join(query, " ")); length > 0 {
			known = append(known, scoredTopic{t, float64(length)})
		}
	}
	if len(scored) == 0 {
		scored = known
	}
	return best(scored)
}

// FindDesks returns the desks in whose names each of the words stands, in either language, and those whose
// telephone number it is; where there are none, those whose place stands in what was asked (戸畑区 in
// 戸畑区の電話番号).
func FindDesks(desks []Desk, words string) []Desk {
	query := fold(words)
	var found, known []Desk
	for _, d := range desks {
		names := fold(strings.Join([]string{d.Municipality.JA, d.Municipality.EN, d.Office.JA, d.Office.EN}, "\n"))
		missing := func(word string) bool { return !strings.Contains(names, word) }
		switch {
		case isNumberOf(d, query), strings.TrimSpace(query) != "" && !slices.ContainsFunc(strings.Fields(query), missing):
			found = append(found, d)
		case stands(placeOf(d.Office.JA), query), stands(placeOf(d.Office.EN), query):
			known = append(known, d)
		}
	}
	if len(found) == 0 {
		return known
	}
	return found
}

// placeOf is the beginning of an office's name that tells it from others: 戸畑区 of 戸畑区役所 市民課, tobata of Tobata
// Ward Office.
func placeOf(office string) string {
	return strings.TrimSuffix(strings.Fields(fold(office))[0], "役所")
}

var notDigits = regexp.MustCompile("[^0-9]")

// isNumberOf says whether a query is the desk's telephone number, or a good part of it, with or without hyphens.
func isNumberOf(d Desk, query string) bool {
	const enough = 6 // digits
	digits := notDigits.ReplaceAllString(query, "")
	return len(digits) >= enough && strings.Trim(query, "0123456789-() ") == "" &&
		strings.Contains(notDigits.ReplaceAllString(d.Telephone, ""), digits)
}

// longestNameIn is how many characters the topic's longest name has that stands in a query, or 0.
func (t Topic) longestNameIn(query string) int {
	longest := 0
	for _, name := range t.names() {
		if stands(name, query) {
			longest = max(longest, utf8.RuneCountInString(name))
		}
	}
	return longest
}

var (
	asciiOnly = regexp.MustCompile(`^[ -~]*$`)
	notWord   = regexp.MustCompile(`[^\p{L}\p{N}]+`)
)

// stands says whether a name stands in a query, both folded: a name in Latin letters as whole words, another
// one anywhere, because Japanese puts no spaces between words. One character is too little to tell.
func stands(name, query string) bool {
	if utf8.RuneCountInString(name) < 2 {
		return false
	}
	if !asciiOnly.MatchString(name) {
		return strings.Contains(query, name)
	}
	words := func(s string) string { return " " + strings.TrimSpace(notWord.ReplaceAllString(s, " ")) + " " }
	return strings.Contains(words(query), words(name))
}

// Near returns at most three topics whose names look most like words in which Find found nothing,
// best first.
func Near(words string) []Topic {
	const (
		most  = 3
		alike = 0.4 // below this, likeness is chance
	)
	query := fold(words)
	var scored []scoredTopic
	for _, t := range Topics() {
		score := 0.0
		for _, name := range t.names() {
			score = max(score, likeness(query, name))
		}
		if score >= alike {
			scored = append(scored, scoredTopic{t, score})
		}
	}
	topics := best(scored)
	return topics[:min(len(topics), most)]
}

type scoredTopic struct {
	Topic
	score float64
}

// best sorts topics by score; equals keep their order.
func best(scored []scoredTopic) []Topic {
	slices.SortStableFunc(scored, func(a, b scoredTopic) int { return cmp.Compare(b.score, a.score) })
	topics := make([]Topic, len(scored))
	for i, s := range scored {
		topics[i] = s.Topic
	}
	return topics
}

// names are what the topic is called, folded.
func (t Topic) names() []string {
	names := append([]string{t.ID, t.Title.JA, t.Title.EN}, t.Words...)
	for i := range names {
		names[i] = fold(names[i])
	}
	return names
}

// match adds up how well each word of the query is met; it is 0 where one is not met at all. The
// whole query as a name comes before all else.
func (t Topic) match(query []string) float64 {
	const (
		isName, inTitle, inNames, inText = 100, 9, 3, 1
	)
	names := t.names()
	titles := strings.Join(names[:3], "\n")
	all := strings.Join(names, "\n")
	text := fold(strings.Join(slices.Concat(t.Text.JA, t.Text.EN), "\n"))
	score := 0.0
	if slices.Contains(names, strings.Join(query, " ")) {
		score = isName
	}
	for _, word := range query {
		switch {
		case strings.Contains(titles, word):
			score += inTitle
		case strings.Contains(all, word):
			score += inNames
		case strings.Contains(text, word):
			score += inText
		default:
			return 0
		}
	}
	return score
}

// likeness is the share of pairs of neighbouring characters that two words have in common (Dice's
// coefficient): 0 for none, 1 for the same word. It needs no notion of a Japanese word's borders.
func likeness(a, b string) float64 {
	pairs := func(s string) map[[2]rune]bool {
		runes, set := []rune(s), map[[2]rune]bool{}
		for i := 1; i < len(runes); i++ {
			set[[2]rune{runes[i-1], runes[i]}] = true
		}
		return set
	}
	inA, inB := pairs(a), pairs(b)
	common := 0
	for pair := range inA {
		if inB[pair] {
			common++
		}
	}
	if len(inA)+len(inB) == 0 {
		return 0
	}
	return 2 * float64(common) / float64(len(inA)+len(inB))
}

// halfWidth are the full-width forms of U+FF61 to U+FF9F, in that order.
var halfWidth = []rune("。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜")

// fold makes words comparable: lower case, and of the compatibility forms of Unicode (NFKC) those that
// Japanese keyboards produce: full-width Latin, half-width kana, the ideographic space, wave dashes.
func fold(s string) string {
	var folded []rune
	for _, r := range s {
		switch {
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		case r >= '｡' && r <= 'ﾟ':
			r = halfWidth[r-'｡']
			if voiced, ok := voice(folded, r); ok {
				folded[len(folded)-1] = voiced
				continue
			}
		case r == '　':
			r = ' '
		case r == '〜':
			r = '~'
		}
		folded = append(folded, unicode.ToLower(r))
	}
	return string(folded)
}

// voice joins a sound mark of its own with the kana before it: カ゛ is ガ, ハ゜ is パ.
func voice(before []rune, mark rune) (rune, bool) {
	if len(before) == 0 {
		return 0, false
	}
	last := before[len(before)-1]
	switch {
	case mark == '゛' && last == 'ウ':
		return 'ヴ', true
	case mark == '゛' && strings.ContainsRune("カキクケコサシスセソタチツテトハヒフヘホ", last):
		return last + 1, true
	case mark == '゜' && strings.ContainsRune("ハヒフヘホ", last):
		return last + 2, true
	}
	return 0, false
}
