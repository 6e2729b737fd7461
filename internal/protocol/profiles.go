package protocol

import (
	"fmt"
	"slices"
	"strings"
)

// Limits of what an XML signature names.
const (
	MaxElements = 64
	MaxFiles    = 256
)

// Detached is the profile of XML in which the document is signed by its name, like the files along with it.
const Detached = "detached"

// A profile is what goes with it.
type profile struct {
	name     string
	hashes   []Hash
	elements int  // that may be named
	files    bool // may be signed along
	xades    bool // may be asked for
}

var anyHash = []Hash{SHA256, SHA384, SHA512}

// profiles lists those of each format, the usual one first.
var profiles = map[Format][]profile{
	PDF: {
		{name: "pades", hashes: anyHash},
		{name: "moj", hashes: []Hash{SHA256}},
	},
	XML: {
		{name: "enveloped", hashes: anyHash, elements: MaxElements, files: true, xades: true},
		{name: "etax", hashes: anyHash, elements: 1},
		{name: "egov", hashes: anyHash, elements: 1, files: true},
		{name: Detached, hashes: anyHash, files: true, xades: true},
	},
}

// Profiles names the profiles of a format, the usual one first; formats without any have none.
func Profiles(f Format) []string {
	var names []string
	for _, p := range profiles[f] {
		names = append(names, p.name)
	}
	return names
}

// A Shape is what of a signature its profile may forbid.
type Shape struct {
	Profile         string
	Hash            Hash
	XAdES           bool
	Elements, Files int // how many are named
}

// Complete fills in the usual profile and hash, and checks that everything goes with the profile. Its error is
// Invalid in the field profile, hash, xades, elements or files.
func (s Shape) Complete(f Format) (Shape, error) {
	known := profiles[f]
	if s.Profile == "" {
		s.Profile = known[0].name
	}
	if s.Hash == "" {
		s.Hash = SHA256
	}
	i := slices.IndexFunc(known, func(p profile) bool { return p.name == s.Profile })
	if i < 0 {
		return s, Invalid("profile", "is none of %s", strings.Join(Profiles(f), ", "))
	}
	p := known[i]
	switch {
	case !slices.Contains(p.hashes, s.Hash):
		return s, Invalid("hash", "%s does not go with the profile %s", s.Hash, p.name)
	case s.XAdES && !p.xades:
		return s, Invalid("xades", "does not go with the profile %s", p.name)
	case s.Elements > p.elements:
		return s, Invalid("elements", "are more than %d, as many as the profile %s signs", p.elements, p.name)
	case s.Files > 0 && !p.files:
		return s, Invalid("files", "do not go with the profile %s", p.name)
	case s.Files > MaxFiles:
		return s, Invalid("files", "are more than %d", MaxFiles)
	}
	return s, nil
}

// CheckFileName refuses a name by which no file can be signed along: it must be that of a file in the folder of the
// document.
func CheckFileName(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	if name == "." || name == ".." || strings.ContainsAny(name, "/\\\uFFFD") {
		return fmt.Errorf("is not the name of a file beside the document")
	}
	return nil
}
