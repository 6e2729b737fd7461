package doctor

import (
	"encoding/json"
	"errors"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/manifests"
)

// maxProfileFile is more than a browser's list of extensions has.
const maxProfileFile = 64 << 20

// An extension is Natsuin's own, as one profile of a browser has it.
type extension struct {
	version  string
	disabled bool
}

// checkExtensions looks for the extension in the browsers' profiles. One that was loaded for a single run, as
// developers do, stands in none of them.
func checkExtensions(s System) []Check {
	if s.OS == "windows" {
		return nil
	}
	var checks []Check
	seen := map[string]bool{}
	found := false
	for _, i := range s.browsers() {
		if seen[i.Name] || !i.Reach.StartsHosts() {
			continue
		}
		seen[i.Name] = true
		c := s.extension(i)
		found = found || c.Cause != "absent"
		checks = append(checks, c)
	}
	for n, c := range checks {
		if c.Cause == "absent" && found {
			checks[n].Verdict = Info // another browser has it
		}
	}
	return checks
}

func (s System) extension(i installer.Found) Check {
	c := Check{ID: "extension", Verdict: OK, Title: say("%sの拡張機能", "Extension in %s", i.Title)}
	extensions := s.chromiumExtensions(i)
	if i.Family == manifests.Firefox {
		extensions = s.firefoxExtensions(i)
	}
	if len(extensions) == 0 {
		c.Verdict, c.Cause = Warning, "absent"
		c.Evidence = say("どのプロファイルにもNatsuinの拡張機能がありません", "no profile has Natsuin's extension")
		c.Remedy = say("拡張機能を入れてください。一時的に読み込んだ拡張機能はここには現れません。", "Install the extension. One that was loaded temporarily does not show here.")
		return c
	}
	// One line for all profiles, and the worst of them decides.
	var versions []string
	for _, e := range extensions {
		if !slices.Contains(versions, e.version) {
			versions = append(versions, e.version)
		}
		switch {
		case !compatible(e.version, s.Version):
			c.Verdict, c.Cause = Warning, "other-version"
			c.Remedy = say("拡張機能とプログラムを同じ版にそろえてください（プログラムは%s）。", "Bring extension and program to one version (the program is %s).", s.Version)
		case e.disabled && c.Verdict == OK:
			c.Verdict, c.Cause = Warning, "disabled"
			c.Remedy = say("ブラウザーの拡張機能の画面で有効にしてください。", "Enable it on the browser's page of extensions.")
		}
	}
	c.Evidence = say("バージョン%[1]s（プロファイル%[2]d個）", "version %[1]s (profiles: %[2]d)", names(versions), len(extensions))
	return c
}

// chromiumExtensions finds the extension where a shop's packages are unpacked, and where a developer's folder is
// remembered. Of the preferences, which hold a person's settings, nothing but our own entry is kept.
func (s System) chromiumExtensions(i installer.Found) (found []extension) {
	for _, folder := range s.profiles(i) {
		for _, id := range s.ids(i.Family) {
			byProfile := map[string]extension{}
			for _, file := range s.glob(folder, path.Join("*", "Extensions", id, "*", "manifest.json")) {
				profile := path.Dir(path.Dir(path.Dir(path.Dir(file))))
				// Of several versions the browser runs the last; the others await removal.
				if v, err := s.manifestVersion(file); err == nil && !older(v, byProfile[profile].version) {
					byProfile[profile] = extension{version: v}
				}
			}
			for _, e := range byProfile {
				found = append(found, e)
			}
			for _, file := range s.glob(folder, "*/Secure Preferences") {
				if e, err := s.unpacked(file, id); err == nil {
					found = append(found, e)
				}
			}
		}
	}
	return found
}

var errNotUnpacked = errors.New("no unpacked extension of ours")

// unpacked reads the entry of an extension that was loaded from a folder.
func (s System) unpacked(preferences, id string) (extension, error) {
	const locationUnpacked = 4
	text, err := s.read(preferences, maxProfileFile)
	if err != nil {
		return extension{}, err
	}
	var p struct {
		Extensions struct {
			Settings map[string]json.RawMessage `json:"settings"`
		} `json:"extensions"`
	}
	if err := json.Unmarshal(text, &p); err != nil {
		return extension{}, err
	}
	var entry struct {
		Path     string          `json:"path"`
		Location int             `json:"location"`
		Disabled json.RawMessage `json:"disable_reasons"` // a number, in newer browsers a list
	}
	if err := json.Unmarshal(p.Extensions.Settings[id], &entry); err != nil || entry.Location != locationUnpacked || !path.IsAbs(entry.Path) {
		return extension{}, errNotUnpacked
	}
	version, err := s.manifestVersion(path.Join(entry.Path, "manifest.json"))
	enabled := []string{"", "0", "[]", "null"}
	return extension{version, !slices.Contains(enabled, string(entry.Disabled))}, err
}

func (s System) manifestVersion(file string) (string, error) {
	text, err := s.read(file, maxFile)
	if err != nil {
		return "", err
	}
	var m struct {
		Version string `json:"version"`
	}
	err = json.Unmarshal(text, &m)
	return versionOf(m.Version), err
}

// firefoxExtensions finds the add-on in the list that each profile keeps of its add-ons.
func (s System) firefoxExtensions(i installer.Found) (found []extension) {
	for _, folder := range s.profiles(i) {
		for _, file := range s.glob(folder, "*/extensions.json") {
			found = append(found, s.addons(file, s.ids(i.Family))...)
		}
	}
	return found
}

// profiles are the folders of a browser's profiles.
func (s System) profiles(i installer.Found) (folders []string) {
	for _, below := range i.On(s.OS).Profiles {
		folders = append(folders, s.machine().Personal(below)...)
	}
	return folders
}

// addons reads those with one of the ids out of a profile's list.
func (s System) addons(file string, ids []string) (found []extension) {
	text, err := s.read(file, maxProfileFile)
	if err != nil {
		return nil
	}
	var list struct {
		Addons []struct {
			ID      string `json:"id"`
			Version string `json:"version"`
			Active  bool   `json:"active"`
		} `json:"addons"`
	}
	if json.Unmarshal(text, &list) != nil {
		return nil
	}
	for _, a := range list.Addons {
		if slices.Contains(ids, a.ID) {
			found = append(found, extension{versionOf(a.Version), !a.Active})
		}
	}
	return found
}

// wellFormed matches what browsers take for an extension's version (Chrome's manifest key "version"; Firefox takes the same).
var wellFormed = regexp.MustCompile(`^\d{1,9}(\.\d{1,9}){0,3}$`)

// versionOf is a version as a file has it, or "?" for what is none.
func versionOf(text string) string {
	if wellFormed.MatchString(text) {
		return text
	}
	return "?"
}

var release = regexp.MustCompile(`^(\d+)\.(\d+)`)

// compatible says whether an extension and a host speak the same protocol, by their versions: until 1.0 one minor
// version does, afterwards one major version.
func compatible(extension, host string) bool {
	e, h := release.FindStringSubmatch(extension), release.FindStringSubmatch(host)
	if e == nil || h == nil {
		return extension == host
	}
	return e[1] == h[1] && (e[1] != "0" || e[2] == h[2])
}

var numbers = regexp.MustCompile(`\d+`)

// older compares versions number by number.
func older(a, b string) bool {
	return slices.CompareFunc(numbers.FindAllString(a, -1), numbers.FindAllString(b, -1), func(x, y string) int {
		if len(x) != len(y) {
			return len(x) - len(y)
		}
		return strings.Compare(x, y)
	}) < 0
}
