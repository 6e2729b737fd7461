// Package policy holds templates of browsers' policies, for administrators: they install the extension, let it start the
// host, and settle what static/managed_schema.json of the extension describes. docs/administrators.md says where each
// belongs.
package policy

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/natsuin/natsuin/manifests"
)

//go:embed *.json *.plist *.admx en-US ja-JP
var files embed.FS

// Placeholders stand in the templates for what differs from place to place.
const (
	PlaceholderID      = "EXTENSION_ID" // the extension's id
	PlaceholderUpdate  = "UPDATE_URL"   // Chromium: the address of the update manifest
	PlaceholderInstall = "INSTALL_URL"  // Firefox: the address of the add-on
)

// Values are put in the place of the placeholders.
type Values struct {
	ExtensionID string
	// URL is where the browser gets the extension from: https, http or file. It holds nothing that JSON or XML would have
	// to write in another way.
	URL string
}

// Names lists the templates: paths with slashes.
func Names() (names []string) {
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		panic("policy: " + err.Error()) // the files are in the program
	}
	return names
}

// Template returns a template as it stands.
func Template(name string) ([]byte, error) { return files.ReadFile(name) }

var urlForm = regexp.MustCompile(`^(https?|file)://[A-Za-z0-9._~:/?#@!$()*+,=%-]*$`)

// Fill returns a template with the values in it.
func Fill(name string, v Values) ([]byte, error) {
	if !manifests.IsID(manifests.Chromium, v.ExtensionID) && !manifests.IsID(manifests.Firefox, v.ExtensionID) {
		return nil, fmt.Errorf("%q is no id of an extension", v.ExtensionID)
	}
	if !urlForm.MatchString(v.URL) {
		return nil, fmt.Errorf("%q is no address of an extension", v.URL)
	}
	text, err := Template(name)
	if err != nil {
		return nil, err
	}
	values := strings.NewReplacer(PlaceholderID, v.ExtensionID, PlaceholderUpdate, v.URL, PlaceholderInstall, v.URL)
	return []byte(values.Replace(string(text))), nil
}
