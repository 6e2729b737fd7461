package doctor

import (
	"cmp"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Person is who must not be known again by a report that goes to others.
type Person struct {
	User string // the name by which the system knows the person
	Name string // the person's own name, as the system has it
	Host string // the machine's name
}

// Discreet is Lines for others to read. The sentences are the same; of the values nothing stays that belongs to a
// person: no folder that the person named, no content of files that are not Natsuin's, no serial number of a device,
// and none of the person's names.
func Discreet(s System, checks []Check, lang string, p Person) []Line {
	return lines(checks, lang, discretionOf(s, p).show)
}

// A discretion knows what to leave out.
type discretion struct {
	roots []root
	names []name
}

// A root is a folder of the person's, what is written in its place, and the folders in it that programs named.
type root struct {
	folder, by string
	keeps      []string
}

// A name is what finds one of the person's names, and what is written in its place.
type name struct {
	text, by string
	pattern  *regexp.Regexp
}

// ownFolders are the environment's variables that lead to a person's folders (XDG Base Directory Specification).
var ownFolders = []string{"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"}

func discretionOf(s System, p Person) (d discretion) {
	d.root(s, s.Home, "~", ".config", ".local", ".mozilla", ".librewolf", "snap", "Library")
	for _, variable := range ownFolders {
		d.root(s, s.Env(variable), "$"+variable, "chromium", "google-chrome", "microsoft-edge", "BraveSoftware", "vivaldi", "opera")
	}
	d.name(p.User[strings.LastIndex(p.User, `\`)+1:], "<user>") // on Windows a domain comes before it
	d.name(p.Name, "<name>")
	for _, part := range strings.FieldsFunc(p.Name, func(r rune) bool { return !unicode.IsLetter(r) }) {
		d.name(part, "<name>")
	}
	d.name(p.Host, "<host>")
	first, _, _ := strings.Cut(p.Host, ".")
	d.name(first, "<host>")
	// The longest first: what is a part of something else is looked for after it.
	slices.SortStableFunc(d.roots, func(a, b root) int { return cmp.Compare(len(b.folder), len(a.folder)) })
	slices.SortStableFunc(d.names, func(a, b name) int { return cmp.Compare(len(b.text), len(a.text)) })
	return d
}

// root adds a folder, and what it is a link to.
func (d *discretion) root(s System, folder, by string, keeps ...string) {
	if !filepath.IsAbs(folder) {
		return
	}
	folders := []string{folder}
	if resolved, err := filepath.EvalSymlinks(s.at(folder)); err == nil {
		folders = append(folders, s.shown(resolved))
	}
	for _, f := range folders {
		if f = slashed(f); f != "/" {
			d.roots = append(d.roots, root{f, by, keeps})
		}
	}
}

// nobodys are names of users and machines that name nobody; systems and programs have them, too.
var nobodys = []string{"root", "user", "admin", "localhost", "linux", "debian", "ubuntu", "fedora", "natsuin"}

// name adds a name, in letters of either case. One in Latin letters ends where a letter or a digit does not follow;
// other scripts write words without anything between them.
func (d *discretion) name(text, by string) {
	if utf8.RuneCountInString(text) < 2 && isASCII(text) || slices.Contains(nobodys, strings.ToLower(text)) {
		return
	}
	pattern := `(?i)()` + regexp.QuoteMeta(text) + `()`
	if isASCII(text) {
		pattern = `(?i)(^|[^\pL\pN])` + regexp.QuoteMeta(text) + `($|[^\pL\pN])`
	}
	d.names = append(d.names, name{text, by, regexp.MustCompile(pattern)})
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// show is a value as others may see it.
func (d discretion) show(value any) any {
	switch v := value.(type) {
	case foreign:
		return say("（%d文字、内容は伏せました）", "(%d characters, left out)", utf8.RuneCountInString(string(v)))
	case filePath:
		return clip(d.path(string(v)), maxPath)
	case deviceName:
		return clip(d.nameless(serialless(string(v))), maxValue)
	}
	return clip(d.nameless(fmt.Sprint(value)), maxValue)
}

// nameless takes the person's names out of a text.
func (d discretion) nameless(s string) string {
	for _, n := range d.names {
		// Two names with one character between them share it: the second is found in another round.
		for range 2 {
			s = n.pattern.ReplaceAllString(s, "${1}"+n.by+"${2}")
		}
	}
	return s
}

// serials match what makes one device of a kind known again. pcscd puts it in round brackets before the two numbers
// that end a reader's name; others write it as they like.
var serials = []struct {
	pattern *regexp.Regexp
	by      string
}{
	{regexp.MustCompile(`\(.*\)`), "(…)"},
	{regexp.MustCompile(`\([^)]*$`), "(…"}, // a long name is cut
	{regexp.MustCompile(`[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){3,}`), "…"},
	{regexp.MustCompile(`[0-9A-Za-z]*[0-9]{6,}[0-9A-Za-z]*`), "…"},
}

func serialless(device string) string {
	for _, s := range serials {
		device = s.pattern.ReplaceAllString(device, s.by)
	}
	return device
}

var (
	// systemFolders hold what packages put there, under names that are the same everywhere.
	systemFolders = []string{"/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/snap", "/proc", "/sys", "/var/lib/flatpak", "/var/lib/snapd",
		"/opt/google", "/opt/microsoft", "/opt/brave.com", "/opt/vivaldi", "/opt/firefox", "/Applications", "/Library", "/run/pcscd", "/var/run/pcscd", "/run/current-system"}
	// othersHome is the home of somebody, on Linux, macOS or Windows.
	othersHome = regexp.MustCompile(`^(/home|/var/home|/export/home|/Users|[A-Za-z]:/Users)/[^/]+`)
	// knownNames are the last parts of paths that say what a file is, and nothing of a person.
	knownNames = regexp.MustCompile(`^(natsuin(\.exe)?|io\.github\.natsuin\.json|pcscd|pcscd\.comm|manifest\.json|pinentry(-[a-z0-9-]+)?|zenity|kdialog|osascript|` +
		`chromium(-browser)?|google-chrome(-stable)?|microsoft-edge(-stable)?|firefox(-esr)?|brave(-browser)?(-stable)?|vivaldi(-stable)?|opera(-stable)?|librewolf|NativeMessagingHosts|native-messaging-hosts)$`)
)

// path is a path as others may see it: whole where the system named its folders, from the home or the person's other
// folders on, and otherwise no more than a last part that is known.
func (d discretion) path(p string) string {
	p = slashed(p)
	for _, r := range d.roots {
		rest, ok := below(p, r.folder)
		switch first, _, _ := strings.Cut(rest, "/"); {
		case !ok:
		case rest == "":
			return r.by
		case slices.Contains(r.keeps, first):
			return r.by + "/" + d.nameless(rest)
		default:
			return r.by + "/" + lastPart(rest)
		}
	}
	if home := othersHome.FindString(p); home != "" {
		return "~other/" + lastPart(strings.TrimPrefix(p, home))
	}
	for _, folder := range systemFolders {
		if _, ok := below(p, folder); ok {
			return d.nameless(p)
		}
	}
	return lastPart(p)
}

// below returns what follows a folder in a path.
func below(p, folder string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(p, folder)
	return strings.TrimPrefix(rest, "/"), ok && (rest == "" || rest[0] == '/')
}

// lastPart is "…", and a path's last part where that is known.
func lastPart(p string) string {
	last := path.Base(p)
	switch {
	case !knownNames.MatchString(last):
		return "…"
	case last == p:
		return last
	}
	return "…/" + last
}

// slashed is a path with slashes, as every system but one writes it, and nothing in it twice.
func slashed(p string) string { return path.Clean(filepath.ToSlash(p)) }
