package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/signature/pdf"
)

func TestLanguagesSayTheSame(t *testing.T) {
	p, err := loadPages()
	require.NoError(t, err)
	require.Equal(t, slices.Sorted(maps.Keys(p.texts["ja"])), slices.Sorted(maps.Keys(p.texts["en"])))
	japanese := regexp.MustCompile(`[\p{Hiragana}\p{Katakana}\p{Han}]`)
	for key, text := range p.texts["ja"] {
		require.Regexp(t, japanese, text, key)
	}
	for key, text := range p.texts["en"] {
		require.NotEmpty(t, text, key)
		if key != "form.lead" { // which gives the invented person's name as written
			require.NotRegexp(t, japanese, text, key)
		}
	}
}

// Every code that Natsuin can reject a promise with, every reason that package verify or this site can refuse with,
// has its sentence, and no sentence is left over.
func TestEveryFailureHasItsSentence(t *testing.T) {
	p, err := loadPages()
	require.NoError(t, err)

	source, err := os.ReadFile("../internal/protocol/testdata/codes.json")
	require.NoError(t, err)
	var codes []struct {
		Code string
		Own  bool // only for Natsuin's own pages and the command line
	}
	require.NoError(t, json.Unmarshal(source, &codes))
	require.NotEmpty(t, codes)
	commandLine := wordsOf(t, "../docs/protocol.md", "\n\\| `([A-Z_]+)` \\|.*\\| command line: ") // never reach a page
	want := map[string]bool{}
	for _, c := range codes {
		want[c.Code] = !c.Own && !slices.Contains(commandLine, c.Code)
	}
	for file, pattern := range map[string]string{
		"../verify/verify.go":   `Reason = "([A-Z_]+)"`,
		"../verify/reasons.go":  `Reason = "([A-Z_]+)"`,
		"*.go":                  `(?:refuse\(.*, |refusal\()"([A-Z_]+)"\)`,
		"assets/static/page.js": `(?:Refusal\(|\?\? )"([A-Z_]+)"`,
	} {
		for _, word := range wordsOf(t, file, pattern) {
			want[word] = true
		}
	}
	// What the site does not do: ask about revocation, check time stamps, take files that are not built on its own.
	elsewhere := regexp.MustCompile(`^(CERTIFICATE_REVOKED|REVOCATION_.*|TIME_STAMP_.*|FORMAT_UNKNOWN)$`)
	maps.DeleteFunc(want, func(code string, reachesPage bool) bool { return !reachesPage || elsewhere.MatchString(code) })

	var have []string
	for key := range p.texts["ja"] {
		if code, ok := strings.CutPrefix(key, "failure."); ok {
			have = append(have, code)
		}
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(want)), have)
}

// Every rule that a receipt can list has its words, and so has why each was not checked.
func TestEveryRuleHasItsWords(t *testing.T) {
	p, err := loadPages()
	require.NoError(t, err)
	words := map[string]string{}
	for _, constant := range wordsOf(t, "../verify/*.go", `(Rule\w+ += "[a-z-]+")`) {
		name, word, _ := strings.Cut(constant, "=")
		words[strings.TrimSpace(name)] = strings.Trim(word, ` "`)
	}
	delete(words, "RuleFormat") // of refused files alone
	for _, word := range words {
		require.Contains(t, p.texts["ja"], "rule."+word)
	}
	for _, rule := range wordsOf(t, "../verify/*.go", `\.skip\((Rule\w+)`) {
		require.Contains(t, p.texts["ja"], "why."+words[rule])
	}
}

// wordsOf finds the words that the pattern's group matches in the files.
func wordsOf(t *testing.T, files, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(files)
	require.NoError(t, err)
	var words []string
	for _, name := range names {
		source, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(source), -1) {
			words = append(words, match[1])
		}
	}
	require.NotEmpty(t, words, files)
	return words
}

// Every page renders in both languages, has no script or style of its own, and leaves no text out.
func TestPages(t *testing.T) {
	b := newBench(t)
	for _, language := range languages {
		c := b.loggedIn(t)
		c.header.Set("Accept-Language", language)
		number, document := c.draft(exampleForm())
		pages := map[string]string{}
		visit := func(path string) { _, pages[path] = c.open(path) }
		visit("/")
		visit("/filings/new")
		visit("/drafts/" + number)
		status, _ := c.post("/filings?draft="+number, sign(t, b.signCertificate(t), document, false, b.now()))
		require.Equal(t, http.StatusCreated, status)
		visit("/filings/" + number)
		number, _ = c.draft(exampleForm())
		status, _ = c.post("/filings/pdf?draft="+number, signPDF(t, b.signCertificate(t), c.issuedPDF(number), pdf.Options{Profile: pdf.MOJ}, b.now()))
		require.Equal(t, http.StatusCreated, status)
		visit("/filings/" + number)
		visit("/nowhere")
		visit("/lab")
		newcomer := b.browser(t)
		newcomer.header.Set("Accept-Language", language)
		_, pages["login"] = newcomer.open("/")

		for path, body := range pages {
			require.Contains(t, body, `<html lang="`+language+`">`, path)
			require.Contains(t, body, `aria-current="true"`, path)
			require.Equal(t, 1, strings.Count(body, "<h1>"), path)
			require.NotRegexp(t, `(?i)<style|style=| on[a-z]+=|javascript:|ZgotmplZ`, body, path)
			for _, script := range regexp.MustCompile(`<script[^>]*>[^<]*`).FindAllString(body, -1) {
				require.Regexp(t, `^<script type="module" src="/static/[a-z]+\.js">$`, script, path)
			}
			requireUniqueIDs(t, path, body)
			requireReferences(t, path, body)
		}
	}
}

var idPattern = regexp.MustCompile(` id="([^"]*)"`)

func requireUniqueIDs(t *testing.T, path, body string) {
	t.Helper()
	seen := map[string]bool{}
	for _, match := range idPattern.FindAllStringSubmatch(body, -1) {
		require.False(t, seen[match[1]], "%s: id %s occurs twice", path, match[1])
		seen[match[1]] = true
	}
}

// requireReferences finds labels and descriptions that point nowhere.
func requireReferences(t *testing.T, path, body string) {
	t.Helper()
	for _, match := range regexp.MustCompile(` (?:for|aria-labelledby|aria-describedby)="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		for id := range strings.FieldsSeq(match[1]) {
			require.Contains(t, body, ` id="`+id+`"`, path)
		}
	}
}

func TestLanguageOf(t *testing.T) {
	for _, test := range []struct{ accept, cookie, want string }{
		{"", "", "ja"},
		{"ja,en;q=0.9", "", "ja"},
		{"en-US,en;q=0.9,ja;q=0.8", "", "en"},
		{"ja;q=0.5, en-GB;q=0.7", "", "en"},
		{"fr-FR, en;q=0.3", "", "en"},
		{"fr", "", "ja"},
		{"*", "", "ja"},
		{"en;q=x", "", "ja"},
		{"en;q=0", "", "ja"},
		{"ja", "en", "en"},
		{"en", "ja", "ja"},
		{"en", "xx", "en"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Language", test.accept)
		r.AddCookie(&http.Cookie{Name: languageCookie, Value: test.cookie})
		require.Equal(t, test.want, languageOf(r), "%+v", test)
	}
}

func TestLanguageSwitch(t *testing.T) {
	c := newBench(t).browser(t)
	for back, want := range map[string]string{
		"/filings/new":       "/filings/new",
		"":                   "/",
		"//evil.example":     "/",
		`/\evil.example`:     "/",
		"https://evil.test/": "/",
		"/%09/evil.example":  "/",
	} {
		response, _ := c.open("/language/en?back=" + back)
		require.Equal(t, http.StatusSeeOther, response.StatusCode)
		require.Equal(t, want, response.Header.Get("Location"))
	}
	_, body := c.open("/")
	require.Contains(t, body, `<html lang="en">`)
	response, _ := c.open("/language/fr?back=/")
	require.Equal(t, http.StatusNotFound, response.StatusCode)
}
