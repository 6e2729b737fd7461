package main

import (
	"fmt"
	"slices"
	"strings"
)

// A room is a package, or with "/..." a folder of packages, and what its production code may import:
// rooms of ours, and packages of others by path. The standard library is free to all; tests may
// import more. The reasons are in docs/decisions/0001-layout.md.
type room struct {
	path    string
	imports []string
}

const (
	scard  = "github.com/ebfe/scard"
	pkcs7  = "github.com/digitorus/pkcs7"
	sys    = "golang.org/x/sys/..."
	term   = "golang.org/x/term"
	drawn  = "golang.org/x/image/..."
	names  = "golang.org/x/text/..."
	assert = "github.com/stretchr/testify/require"
)

var rooms = []room{
	{"host", []string{"internal/nativemsg", "internal/protocol", "internal/command", "internal/prompt", "internal/card",
		"internal/card/pcsc", "internal/doctor", "internal/printable", "internal/rules", "internal/settings", "installer", "verify", sys, term, names}},
	{"internal/nativemsg", []string{sys}},
	{"internal/protocol", []string{"internal/digestinfo", "internal/rules", "verify"}},
	{"internal/command", []string{"internal/protocol", "internal/prompt", "internal/rules", "internal/digestinfo", "internal/certificate", "internal/signature/cms", "internal/signature/pdf",
		"internal/signature/xml", "internal/seal", "verify", "internal/card", "internal/card/application", "internal/card/jpki", "internal/card/surface", "internal/card/manufacture", "internal/card/pinpad"}},
	{"internal/prompt", []string{sys, term}},
	{"internal/card", nil},
	{"internal/card/pcsc", []string{"internal/card", scard}},
	{"internal/card/pinpad", []string{"internal/card"}},
	{"internal/card/application", []string{"internal/card"}},
	{"internal/card/jpki", []string{"internal/card", "internal/card/application", "internal/digestinfo"}},
	{"internal/card/surface", []string{"internal/card", "internal/card/application"}},
	{"internal/card/manufacture", []string{"internal/card", "internal/card/application"}},
	{"internal/card/cardtest", []string{assert}},
	{"internal/card/simcard", []string{"internal/card"}},
	{"internal/card/simcard/natsuin-simcard", []string{"internal/card", "internal/card/simcard"}},
	{"internal/digestinfo", nil},
	{"internal/printable", nil},
	{"internal/rules", nil},
	{"internal/seal", []string{drawn}},
	{"internal/settings", []string{"internal/way", "manifests", sys}},
	{"internal/way", nil},
	{"internal/certificate", nil},
	{"internal/doctor", []string{"internal/prompt", "internal/certificate", "internal/rules", "internal/settings", "internal/way", "installer", "manifests"}},
	{"internal/certificate/certtest", []string{"internal/certificate", assert}},
	{"internal/signature/...", []string{pkcs7}},
	{"internal/signature/signtest", []string{assert}},
	{"internal/signature/xml", []string{"internal/signature/xml/tree", "internal/signature/xml/c14n"}},
	{"internal/signature/xml/c14n", []string{"internal/signature/xml/tree"}},
	{"internal/signature/pdf", []string{"internal/signature/cms", "internal/signature/pdf/syntax"}},
	{"internal/signature/pdf/pdftest", []string{assert}},
	{"internal/signature/timestamp", []string{"internal/signature/cms"}},
	{"internal/signature/timestamp/tsatest", []string{"internal/certificate/certtest", assert}},
	{"internal/revocation", nil},
	{"verify", []string{"internal/certificate", "internal/printable", "internal/revocation", "internal/signature/cms", "internal/signature/pdf", "internal/signature/timestamp", "internal/signature/xml"}},
	{"verify/online", []string{"internal/revocation", "verify"}},
	{"manifests", nil},
	{"manifests/policy", nil},
	{"installer", []string{"internal/way", "manifests", sys}},
	{"demo", []string{"verify"}},
	{"e2e/...", []string{"e2e/...", "internal/card", "internal/card/simcard", "internal/card/pcsc", "internal/card/jpki", sys, assert}},
	{"scripts/check", []string{"scripts/changelog"}},
	{"scripts/changelog", nil},
	{"scripts/dist", []string{"installer", "manifests", "manifests/policy", "scripts/changelog"}},
	{"scripts/templates", []string{"scripts/changelog"}},
}

// demoRooms adds what only the build with the tag "demo" may import.
var demoRooms = []room{
	{"host", []string{"internal/card/simcard"}},
}

// checkArrows proves that no package imports another against the list, in any build.
func checkArrows() (string, []string, error) {
	var order []string
	in := map[string][]string{} // problem → names of the builds that have it
	for _, b := range builds {
		pkgs, err := goList(b, "./...")
		if err != nil {
			return "", nil, err
		}
		allowed := rooms
		if b.name == demo.name {
			allowed = slices.Concat(rooms, demoRooms)
		}
		for _, problem := range badImports(pkgs, allowed) {
			if in[problem] == nil {
				order = append(order, problem)
			}
			in[problem] = append(in[problem], b.name)
		}
	}
	var broken []string
	for _, problem := range order {
		broken = append(broken, fmt.Sprintf("%s (build: %s)", problem, strings.Join(in[problem], ", ")))
	}
	return fmt.Sprintf("every import of our packages is on the list, in %d builds", len(builds)), broken, nil
}

// badImports returns the imports that no room allows, and the packages that stand in no room.
func badImports(pkgs []pkg, rooms []room) []string {
	standard := map[string]bool{"C": true}
	for _, p := range pkgs {
		standard[p.ImportPath] = p.Standard
	}
	var bad []string
	for _, p := range pkgs {
		from, ours := p.ours()
		if !ours {
			continue
		}
		allowed, housed := importsOf(from, rooms)
		if !housed {
			bad = append(bad, from+" stands in no room: say in docs/decisions/ and in arrows.go what it may import")
			continue
		}
		for _, path := range p.Imports {
			to, isOurs := inModule(path)
			if !isOurs {
				to = path
			}
			if !standard[path] && !slices.ContainsFunc(allowed, func(a string) bool { return covers(a, to) }) {
				bad = append(bad, fmt.Sprintf("%s → %s is not an arrow of ours", from, to))
			}
		}
	}
	return bad
}

// importsOf joins what all the rooms with that package allow.
func importsOf(path string, rooms []room) (allowed []string, housed bool) {
	for _, r := range rooms {
		if covers(r.path, path) {
			allowed, housed = append(allowed, r.imports...), true
		}
	}
	return allowed, housed
}

// covers says whether path is what the pattern names: itself, or with "/..." all below it as well.
func covers(pattern, path string) bool {
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return path == base || strings.HasPrefix(path, base+"/")
	}
	return path == pattern
}
