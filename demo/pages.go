package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

//go:embed assets
var assets embed.FS

const languageCookie = "language"

// languages lists what the site speaks, its own language first.
var languages = []string{"ja", "en"}

// texts holds one language's texts by key.
type texts map[string]string

// pages renders the site's HTML.
type pages struct {
	templates map[string]*template.Template // by page name
	texts     map[string]texts              // by language
}

// loadPages reads the embedded templates and texts.
func loadPages() (*pages, error) {
	p := &pages{templates: make(map[string]*template.Template), texts: make(map[string]texts)}
	for _, language := range languages {
		source, err := assets.ReadFile("assets/texts/" + language + ".json")
		if err != nil {
			return nil, err
		}
		var t texts
		if err := json.Unmarshal(source, &t); err != nil {
			return nil, fmt.Errorf("texts of %s: %w", language, err)
		}
		p.texts[language] = t
	}
	files, err := fs.Glob(assets, "assets/templates/pages/*.html")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		t, err := template.ParseFS(assets, "assets/templates/*.html", file)
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(file[strings.LastIndexByte(file, '/')+1:], ".html")
		p.templates[name] = t
	}
	return p, nil
}

// A page is what every template gets.
type page struct {
	Language string
	Path     string // of this page, for the way back from the language switch
	LoggedIn bool
	Data     any // the page's own
	texts    texts
}

// T returns a text. A missing key is an error of ours and ends the rendering.
func (p page) T(key string) (string, error) {
	text, ok := p.texts[key]
	if !ok {
		return "", fmt.Errorf("no text %q in %s", key, p.Language)
	}
	return text, nil
}

// Sex returns the word for a code of the certificate, or an unknown code as it is.
func (p page) Sex(code string) string {
	if word, ok := p.texts["sex."+code]; ok {
		return word
	}
	return code
}

// With returns the page with other data, for a part of its template.
func (p page) With(data any) page {
	p.Data = data
	return p
}

// A Failure is one sentence of why something did not work, by the code that a script knows it by.
type Failure struct{ Code, Text string }

// Failures lists all sentences that a script of the page may have to show.
func (p page) Failures() []Failure {
	var list []Failure
	for _, key := range slices.Sorted(maps.Keys(p.texts)) {
		if code, ok := strings.CutPrefix(key, "failure."); ok {
			list = append(list, Failure{code, p.texts[key]})
		}
	}
	return list
}

// show renders a page completely before a byte is sent, so that a defect gives an error and never half a page.
func (s *site) show(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	visitor := s.visitor(r)
	language := languageOf(r)
	var body bytes.Buffer
	err := s.pages.templates[name].ExecuteTemplate(&body, "layout.html", page{
		Language: language, Path: pathOf(r), LoggedIn: visitor != nil && visitor.login != nil,
		Data: data, texts: s.pages.texts[language],
	})
	if err != nil {
		s.fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", language)
	w.WriteHeader(status)
	_, _ = body.WriteTo(w) // the browser has gone: nobody is left to tell
}

// pathOf is where the language switch returns to: this page, or the site's start after a POST.
func pathOf(r *http.Request) string {
	if r.Method == http.MethodGet {
		return r.URL.Path
	}
	return "/filings/new"
}

// setLanguage remembers the language and goes back to a page of this site.
func (s *site) setLanguage(w http.ResponseWriter, r *http.Request) {
	language := r.PathValue("language")
	if !slices.Contains(languages, language) {
		s.missing(w, r)
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: languageCookie, Value: language, Path: "/", MaxAge: 365 * 24 * 60 * 60,
		HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode,
	})
	back := r.URL.Query().Get("back")
	if !localPath(back) {
		back = "/"
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
}

// localPath holds for a path of this site. Browsers read "//host" and "/\host" as another site.
func localPath(path string) bool {
	return strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") && !strings.ContainsAny(path, "\\\r\n\t")
}

// languageOf is the visitor's choice, else what the browser prefers, else Japanese.
func languageOf(r *http.Request) string {
	if cookie, err := r.Cookie(languageCookie); err == nil && slices.Contains(languages, cookie.Value) {
		return cookie.Value
	}
	best, weight := languages[0], 0.0
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, parameter, weighted := strings.Cut(strings.TrimSpace(part), ";")
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		q := 1.0
		if weighted {
			q, _ = strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(parameter), "q="), 64) // unreadable: 0
		}
		if q > weight && slices.Contains(languages, primary) {
			best, weight = primary, q
		}
	}
	return best
}
