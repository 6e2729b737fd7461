package installer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/natsuin/natsuin/manifests"
)

// recordName is the record's file.
const recordName = "registered.json"

// A record is the list of all that was written for a scope. It is written before anything else and removed after
// everything else, so that whatever is there is in it, wherever somebody pulls the plug.
type record struct {
	Version int      `json:"version"`
	Entries []entry  `json:"entries"`
	Folders []place  `json:"folders,omitempty"` // those that were made
	Keys    []string `json:"keys,omitempty"`    // of the registry, likewise
}

const recordVersion = 1

// A place is a file or folder, below a base.
type place struct {
	Base string `json:"base"` // an absolute path of the machine
	Path string `json:"path"` // with slashes
}

// isBelow says whether a place is one below its base, as far as the names tell: a record is a file like any other, and
// whoever wrote it may have wanted something else removed.
func (p place) isBelow() bool {
	absolute := path.IsAbs(p.Base) && path.Clean(p.Base) == p.Base || manifests.IsAbs("windows", p.Base)
	up := slices.Contains(strings.FieldsFunc(p.Base, func(r rune) bool { return r == '/' || r == '\\' }), "..")
	return absolute && !up && fs.ValidPath(p.Path) && p.Path != "."
}

// An entry is a file or a key of the registry.
type entry struct {
	File *place `json:"file,omitempty"`
	Key  string `json:"key,omitempty"`
	// Value is the key's, or the SHA-256 of the file's content in hexadecimal digits.
	Value    string   `json:"value"`
	Program  string   `json:"program"` // the host that was registered
	Browsers []string `json:"browsers"`
	// Packaged is the program to which a package's own manifest led that was in the file's place; "" where there was none.
	Packaged string `json:"packaged,omitempty"`
}

var errRecord = errors.New("no record of this form")

// readRecord reads what write wrote, and nothing else.
func readRecord(text []byte) (r record, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return record{}, fmt.Errorf("%w: %w", errRecord, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return record{}, errRecord
	}
	if r.Version != recordVersion {
		return record{}, fmt.Errorf("%w: version %d", errRecord, r.Version)
	}
	for _, e := range r.Entries {
		if (e.File == nil) == (e.Key == "") || len(e.Browsers) == 0 {
			return record{}, errRecord
		}
	}
	for _, p := range slices.Concat(r.Folders, r.files()) {
		if !p.isBelow() {
			return record{}, fmt.Errorf("%w: %q in %q", errRecord, p.Path, p.Base)
		}
	}
	return r, nil
}

// files are those that stand in the record.
func (r record) files() (all []place) {
	for _, e := range r.Entries {
		if e.File != nil {
			all = append(all, *e.File)
		}
	}
	return all
}

// keys are the registry's keys that stand in it.
func (r record) keys() []string {
	all := slices.Clone(r.Keys)
	for _, e := range r.Entries {
		if e.Key != "" {
			all = append(all, e.Key)
		}
	}
	return all
}

// check holds that a record names nothing that cannot have been written for the target's scope.
func (t Target) check(r record) error {
	for _, folder := range r.Folders {
		if !t.canHaveMade(folder) {
			return fmt.Errorf("%w: %q in %q", errRecord, folder.Path, folder.Base)
		}
	}
	for _, file := range r.files() {
		if !t.isInBase(file) || !t.isOurName(path.Base(file.Path)) {
			return fmt.Errorf("%w: %q in %q", errRecord, file.Path, file.Base)
		}
	}
	for _, key := range r.keys() {
		if t.Registry == nil || !strings.HasPrefix(key, hive(t.Scope)) {
			return fmt.Errorf("%w: %q", errRecord, key)
		}
	}
	return nil
}

// canHaveMade says whether a folder is one that an installation for the target's scope can have made: below a base, or one
// that the environment names, or above such a one.
func (t Target) canHaveMade(p place) bool {
	folder := path.Join(p.Base, p.Path)
	return t.isInBase(p) || t.Scope == User && slices.ContainsFunc(t.elsewhere(), func(named string) bool {
		return named == folder || strings.HasPrefix(named, folder+"/")
	})
}

// isInBase says whether a place is below one of the bases of the target's scope.
func (t Target) isInBase(p place) bool {
	return slices.Contains(t.bases(t.Scope), p.Base) && (t.OS != "windows" || !strings.ContainsAny(p.Path, `\:`))
}

// moved is a record with each place named by the base from which it is reached now, without links. A folder may have become a
// link since, out of its base: a home's .config that was put on another disk. Then the place is below the folder that the
// environment names. What is below none of the bases keeps its name, and the link is not followed.
func (t Target) moved(r record) record {
	r = r.clone()
	for n, folder := range r.Folders {
		r.Folders[n] = t.movedPlace(folder)
	}
	for n, e := range r.Entries {
		if e.File != nil {
			file := t.movedPlace(*e.File)
			r.Entries[n].File = &file
		}
	}
	return r
}

func (t Target) movedPlace(p place) place {
	bases := t.bases(t.Scope)
	if t.OS == "windows" || !slices.Contains(bases, p.Base) {
		return p
	}
	slash := func(folder string) string { return strings.TrimSuffix(t.unlinked(folder), "/") + "/" }
	above := slash(path.Join(p.Base, path.Dir(p.Path)))
	for _, base := range append([]string{p.Base}, bases...) {
		if rest, ok := strings.CutPrefix(above, slash(base)); ok {
			return place{base, path.Join(rest, path.Base(p.Path))}
		}
	}
	return p
}

// isOurName says whether files that are written for a target can have that name: those of manifests and of flatpak's overrides.
func (t Target) isOurName(name string) bool {
	return slices.ContainsFunc(Browsers, func(b Browser) bool {
		return name == ManifestName(t.OS, b.Family) || name == b.On(t.OS).Flatpak && name != ""
	})
}

// write returns the record's text.
func (r record) write() []byte {
	r.Version = recordVersion
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		panic("installer: " + err.Error()) // strings always encode
	}
	return append(text, '\n')
}

// of returns the entry of an item, or nil.
func (r *record) of(i item) *entry {
	for n := range r.Entries {
		if e := &r.Entries[n]; e.is(i) {
			return e
		}
	}
	return nil
}

func (e *entry) is(i item) bool {
	if i.key != "" {
		return e.Key == i.key
	}
	return e.File != nil && *e.File == i.place()
}

func (i item) place() place { return place{i.base, i.rel + "/" + i.name} }

// valueOf is what an entry says of an item that is in place.
func valueOf(i item) string {
	if i.key != "" {
		return i.value
	}
	return digest(i.content)
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// add enters an item, for its browsers and those that are entered already.
func (r *record) add(i item, program, packaged string) {
	if e := r.of(i); e != nil {
		e.Value, e.Program, e.Browsers, e.Packaged = valueOf(i), program, union(e.Browsers, i.browsers), packaged
		return
	}
	e := entry{Key: i.key, Value: valueOf(i), Program: program, Browsers: i.browsers, Packaged: packaged}
	if i.key == "" {
		p := i.place()
		e.File = &p
	}
	r.Entries = append(r.Entries, e)
}

// clone copies a record, so that the one can be changed without the other.
func (r record) clone() record {
	r.Entries, r.Folders, r.Keys = slices.Clone(r.Entries), slices.Clone(r.Folders), slices.Clone(r.Keys)
	for n := range r.Entries {
		r.Entries[n].Browsers = slices.Clone(r.Entries[n].Browsers)
	}
	return r
}
