package manifests

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A HostManifest is a native messaging host manifest: Chrome's "Native messaging", MDN's "Native manifests".
type HostManifest struct {
	Name              string   `json:"name"`
	Description       string   `json:"description"`
	Path              string   `json:"path"`
	Type              string   `json:"type"`
	AllowedOrigins    []string `json:"allowed_origins,omitempty"`    // Chromium
	AllowedExtensions []string `json:"allowed_extensions,omitempty"` // Firefox
}

// Host returns the manifest that tells a browser of that family to start the program at path, which
// must be absolute, or, on Windows, relative to the manifest's folder.
func Host(f Family, path string, further ...string) []byte {
	m := HostManifest{Name: HostName, Description: "Natsuin: My Number Card bridge", Path: path, Type: "stdio"}
	m.setAllowed(f, IDs(f, further...))
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		panic("manifests: " + err.Error()) // strings always encode
	}
	return append(text, '\n')
}

func (m *HostManifest) setAllowed(f Family, ids []string) {
	if f == Firefox {
		m.AllowedExtensions = ids
		return
	}
	for _, id := range ids {
		m.AllowedOrigins = append(m.AllowedOrigins, ChromiumOrigin(id))
	}
}

// ReadHost reads a manifest as browsers do: keys that they do not know are passed over, among them those that they know in
// other letters, which encoding/json would take.
func ReadHost(text []byte) (m HostManifest, err error) {
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(text, &whole); err != nil {
		return m, err
	}
	for key, into := range map[string]any{
		"name": &m.Name, "description": &m.Description, "path": &m.Path, "type": &m.Type,
		"allowed_origins": &m.AllowedOrigins, "allowed_extensions": &m.AllowedExtensions,
	} {
		if value, ok := whole[key]; ok && json.Unmarshal(value, into) != nil {
			return HostManifest{}, json.Unmarshal(text, new(HostManifest)) // which tells where in the text
		}
	}
	return m, nil
}

// relative is a path that Windows looks up in a folder: neither from a drive's top nor in another drive's folder.
var relative = regexp.MustCompile(`^[^\\/:][^:]*$`)

// In returns the manifest as browsers understand it in a file of an operating system, named as runtime.GOOS does: on
// Windows, the program may be named relative to the file's folder (Chrome's "Native messaging", MDN's "Native
// manifests").
func (m HostManifest) In(goos, file string) HostManifest {
	if end := strings.LastIndexAny(file, `\/`); goos == "windows" && end >= 0 && relative.MatchString(m.Path) {
		m.Path = file[:end+1] + strings.ReplaceAll(m.Path, "/", `\`)
	}
	return m
}

// Allowed is who may start the host, as a browser of that family reads it: origins or add-on ids.
func (m HostManifest) Allowed(f Family) []string {
	if f == Firefox {
		return m.AllowedExtensions
	}
	return m.AllowedOrigins
}

// Ours lists what stands in Allowed of a manifest of Natsuin's, with further ids of the extension.
func Ours(f Family, further ...string) []string {
	var m HostManifest
	m.setAllowed(f, IDs(f, further...))
	return m.Allowed(f)
}

// A Rule is one that browsers have for a manifest.
type Rule string

// The rules, in the order in which Check looks at them.
const (
	RuleName    Rule = "name"         // it is HostName, by which the extension asks
	RuleType    Rule = "type"         // "stdio" is the only one there is
	RulePath    Rule = "path"         // absolute, once In has been asked
	RuleAllowed Rule = "allowed"      // somebody is
	RuleForm    Rule = "allowed-form" // an origin with its slash, an add-on's id; no wildcards
)

// A BrokenRule is the first rule that a manifest breaks, and the value that does.
type BrokenRule struct {
	Rule  Rule
	Value string
}

func (e *BrokenRule) Error() string {
	return fmt.Sprintf("a browser does not take this host manifest: %s: %q", e.Rule, e.Value)
}

var (
	chromiumOrigin = regexp.MustCompile(`^chrome-extension://[a-p]{32}/$`)
	// Firefox's extension ids: like an address, or a GUID in braces (MDN, "browser_specific_settings").
	firefoxID = regexp.MustCompile(`^([a-zA-Z0-9-._]*@[a-zA-Z0-9-._]+|\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\})$`)
)

// Check holds the manifest against the rules of a family's browsers on an operating system, named as
// runtime.GOOS does. The error is a *BrokenRule.
func (m HostManifest) Check(f Family, goos string) error {
	allowed, form := m.Allowed(f), chromiumOrigin
	if f == Firefox {
		form = firefoxID
	}
	switch {
	case m.Name != HostName:
		return &BrokenRule{RuleName, m.Name}
	case m.Type != "stdio":
		return &BrokenRule{RuleType, m.Type}
	case !IsAbs(goos, m.Path):
		return &BrokenRule{RulePath, m.Path}
	case len(allowed) == 0:
		return &BrokenRule{RuleAllowed, ""}
	}
	if at := slices.IndexFunc(allowed, func(id string) bool { return !form.MatchString(id) }); at >= 0 {
		return &BrokenRule{RuleForm, allowed[at]}
	}
	return nil
}

var windowsAbs = regexp.MustCompile(`^([A-Za-z]:[\\/]|\\\\[^\\/]+[\\/][^\\/]+)`)

// IsAbs says whether a path is absolute on an operating system, which need not be this one.
func IsAbs(goos, path string) bool {
	if goos == "windows" {
		return windowsAbs.MatchString(path)
	}
	return strings.HasPrefix(path, "/")
}
