// Package manifests holds what browsers read about the host, as data: the ids of the extension and the
// native messaging host manifest of each browser family.
package manifests

import (
	_ "embed"
	"encoding/json"
)

// HostName is the name under which browsers know the host. Chromium allows lower-case letters, digits,
// dots and underscores, Firefox words with dots between them.
const HostName = "io.github.natsuin"

// A Family is a kind of browser: its members read the same manifest.
type Family string

// The families.
const (
	Chromium Family = "chromium"
	Firefox  Family = "firefox"
)

//go:embed ids.json
var idsJSON []byte

// IDs returns the ids of the extension in a family: one for each place it is published or built.
func IDs(f Family) []string {
	var ids map[Family][]string
	if err := json.Unmarshal(idsJSON, &ids); err != nil {
		panic("manifests: ids.json: " + err.Error())
	}
	return ids[f]
}

// hostManifest is the native messaging host manifest as Chrome's "Native messaging" and MDN's "Native
// manifests" describe it.
type hostManifest struct {
	Name              string   `json:"name"`
	Description       string   `json:"description"`
	Path              string   `json:"path"`
	Type              string   `json:"type"`
	AllowedOrigins    []string `json:"allowed_origins,omitempty"`    // Chromium
	AllowedExtensions []string `json:"allowed_extensions,omitempty"` // Firefox
}

// Host returns the manifest that tells a browser of that family to start the program at path, which
// must be absolute.
func Host(f Family, path string) []byte {
	m := hostManifest{Name: HostName, Description: "Natsuin: My Number Card bridge", Path: path, Type: "stdio"}
	if f == Firefox {
		m.AllowedExtensions = IDs(f)
	} else {
		for _, id := range IDs(f) {
			m.AllowedOrigins = append(m.AllowedOrigins, ChromiumOrigin(id))
		}
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		panic("manifests: " + err.Error()) // strings always encode
	}
	return append(text, '\n')
}

// ChromiumOrigin is the origin of the extension with that id, as Chromium passes it to the host.
func ChromiumOrigin(id string) string { return "chrome-extension://" + id + "/" }
