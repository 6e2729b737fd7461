package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"
)

// The parts of CycloneDX 1.6 that are used (cyclonedx.org/docs/1.6/json).
type (
	bom struct {
		Schema       string       `json:"$schema"`
		Format       string       `json:"bomFormat"`
		SpecVersion  string       `json:"specVersion"`
		Serial       string       `json:"serialNumber"`
		Version      int          `json:"version"`
		Metadata     bomMetadata  `json:"metadata"`
		Components   []bomPart    `json:"components"`
		Dependencies []bomDepends `json:"dependencies"`
	}
	bomMetadata struct {
		Timestamp string  `json:"timestamp"`
		Component bomPart `json:"component"`
	}
	bomPart struct {
		Type     string       `json:"type"`
		Ref      string       `json:"bom-ref"`
		Name     string       `json:"name"`
		Version  string       `json:"version"`
		Hashes   []bomHash    `json:"hashes,omitempty"`
		Licences []bomLicence `json:"licenses"`
		PURL     string       `json:"purl,omitempty"`
	}
	bomHash struct {
		Algorithm string `json:"alg"`
		Content   string `json:"content"`
	}
	bomLicence struct {
		Licence struct {
			ID string `json:"id"`
		} `json:"license"`
	}
	bomDepends struct {
		Ref string   `json:"ref"`
		On  []string `json:"dependsOn"`
	}
)

func licensed(id string) []bomLicence {
	var l bomLicence
	l.Licence.ID = id
	return []bomLicence{l}
}

// billOfMaterials says of every program what the compiler wrote into it, and of the extension what was bundled.
func billOfMaterials(d *dist) error {
	known, err := d.components()
	if err != nil {
		return err
	}
	content, err := d.materials(known)
	if err != nil {
		return err
	}
	return d.publish("natsuin.cdx.json", content)
}

// materials writes the bill. What the compiler names and the licences do not is an error.
func (d *dist) materials(known []component) ([]byte, error) {
	const product = "pkg:golang/github.com/natsuin/natsuin"
	root := bomPart{Type: "application", Ref: "natsuin", Name: "natsuin", Version: d.version, Licences: licensed("Apache-2.0"), PURL: product + "@v" + d.number}
	b := bom{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Metadata: bomMetadata{d.epoch.Format(time.RFC3339), root},
	}
	depends := []bomDepends{{Ref: root.Ref}}
	for _, p := range slices.SortedFunc(maps.Keys(d.programs), platform.compare) {
		part, needs, err := programPart(p, d.programs[p], d.version, known)
		if err != nil {
			return nil, err
		}
		b.Components = append(b.Components, part)
		depends[0].On = append(depends[0].On, part.Ref)
		depends = append(depends, bomDepends{part.Ref, needs})
	}
	bundled, err := d.bundledPackages()
	if err != nil {
		return nil, err
	}
	libraries, inExtension := []bomPart{}, []string{}
	for _, c := range known {
		libraries = append(libraries, bomPart{Type: "library", Ref: c.purl, Name: c.name, Version: c.version, Licences: licensed(c.licence), PURL: c.purl})
		if slices.Contains(bundled, c.name) {
			inExtension = append(inExtension, c.purl)
		}
	}
	packages, err := d.extensionArchives()
	if err != nil {
		return nil, err
	}
	for _, p := range packages {
		part := application(p.name, d.number, p.content)
		b.Components = append(b.Components, part)
		depends[0].On = append(depends[0].On, part.Ref)
		depends = append(depends, bomDepends{part.Ref, inExtension})
	}
	b.Components = append(b.Components, libraries...)
	b.Dependencies = depends
	b.Serial = serial(b)
	content, err := json.MarshalIndent(b, "", "  ")
	return append(content, '\n'), err
}

// programPart describes one program, and names what it is made of.
func programPart(p platform, path, version string, known []component) (part bomPart, needs []string, err error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return part, nil, err
	}
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return part, nil, err
	}
	needs = append(needs, "pkg:golang/std@"+info.GoVersion[len("go"):])
	for _, m := range info.Deps {
		needs = append(needs, "pkg:golang/"+m.Path+"@"+m.Version)
	}
	for _, purl := range needs {
		if !slices.ContainsFunc(known, func(c component) bool { return c.purl == purl }) {
			return part, nil, fmt.Errorf("%s is linked with %s, which THIRD-PARTY-LICENSES does not name", path, purl)
		}
	}
	slices.Sort(needs)
	return application("natsuin-"+p.String(), version, content), needs, nil
}

// application describes something of ours by its bytes.
func application(name, version string, content []byte) bomPart {
	sum := sha256.Sum256(content)
	return bomPart{
		Type: "application", Ref: name, Name: name, Version: version,
		Hashes: []bomHash{{"SHA-256", hex.EncodeToString(sum[:])}}, Licences: licensed("Apache-2.0"),
	}
}

// serial is a UUID (RFC 9562, version 8) made from the bill itself, so that the same bill has the same.
func serial(b bom) string {
	content, err := json.Marshal(b)
	if err != nil {
		panic("dist: " + err.Error()) // strings always encode
	}
	u := sha256.Sum256(content)
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", u[0:4], u[4:6], u[6:8], u[8:10], u[10:16])
}
