// Package manifests holds what browsers read about the host, as data: the ids of the extension, and the
// native messaging host manifest of each browser family with the rules that browsers have for one.
package manifests

import (
	_ "embed"
	"encoding/json"
	"slices"
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

// A Source is a place from which the extension comes. Each store gives it an id of its own.
type Source string

// The sources. Firefox has one id for all, which the extension itself names.
const (
	Store     Source = "store"     // the Chrome Web Store, addons.mozilla.org
	Edge      Source = "edge"      // Microsoft Edge Add-ons
	Developer Source = "developer" // built from this repository and loaded as a folder
)

// sources in the order in which manifests name their ids.
var sources = []Source{Store, Edge, Developer}

//go:embed ids.json
var idsJSON []byte

// extensionIDs holds the ids there are: a store in which the extension is not published has none.
var extensionIDs = func() (ids map[Family]map[Source]string) {
	if err := json.Unmarshal(idsJSON, &ids); err != nil {
		panic("manifests: ids.json: " + err.Error())
	}
	return ids
}()

// ID returns the extension's id in a family from a source, or "" where it does not come from there.
func ID(f Family, s Source) string { return extensionIDs[f][s] }

// IDs returns the ids of the extension in a family, from all sources, and then those that an administrator added.
func IDs(f Family, further ...string) (ids []string) {
	var all []string
	for _, s := range sources {
		all = append(all, ID(f, s))
	}
	for _, id := range append(all, further...) {
		if id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// IsID says whether a text is an extension's id in a family of browsers.
func IsID(f Family, id string) bool {
	if f == Firefox {
		return firefoxID.MatchString(id)
	}
	return chromiumOrigin.MatchString(ChromiumOrigin(id))
}

// ChromiumOrigin is the origin of the extension with that id, as Chromium passes it to the host.
func ChromiumOrigin(id string) string { return "chrome-extension://" + id + "/" }
