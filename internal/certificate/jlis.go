package certificate

import (
	"embed"
	"encoding/pem"
	"fmt"
	"sync"
)

//go:embed anchors/*.pem
var jlisFiles embed.FS

// A shipped root is one row of the table of J-LIS's roots.
type shipped struct {
	File       string
	Hierarchy  Hierarchy
	Generation string
	SHA256     string // of the DER, upper-case hex
}

// jlisRoots lists the roots of the JPKI that this repository carries, with the fingerprints that the
// bytes must have (jpki-card.md §5.2, §9). Provenance: sign 01 and sign 03 are the same in two unrelated
// public repositories; sign 02 and sign 03 have the fingerprints that J-LIS publishes, as pinned by a
// third. auth 01 and auth 03 come from one repository alone: compare them with J-LIS's list
// (https://www.jpki.go.jp/ca/) before relying on them. auth 02 (2019) is in no public source, so that
// cards certified by it cannot be confirmed until an administrator adds it; see ErrIssuerNotShipped.
var jlisRoots = []shipped{
	{"jpki-authca01-2015.pem", Authentication, "01", "4DCFC4CA0AAF9FB2A3081B3F0C991C320B3ACC008667A341EEAEC5AF1D58CA7D"},
	{"jpki-authca03-2023.pem", Authentication, "03", "64114F29620C24ED2631D46476A040E7EE740D956089C00B036A6A8118C322B5"},
	{"jpki-signca01-2015.pem", Signature, "01", "19645405A1FE14377434BD55957628AC4038557C542403A2243F21C706FC9355"},
	{"jpki-signca02-2019.pem", Signature, "02", "79679C33E4CC9319440F1AD120A597FF1844E2EF217063ADB176966FD5E6FBEB"},
	{"jpki-signca03-2023.pem", Signature, "03", "D227F6CDE11D35C5252178F106F843D24651944975413B539FA2FB68DBFA365F"},
}

// JLIS returns the roots that are shipped with the program.
func JLIS() Anchors { return append(Anchors(nil), jlis()...) }

// jlis reads the table once. A file that is missing or is no root is a mistake in this repository,
// which the tests find, so that it panics.
var jlis = sync.OnceValue(func() Anchors {
	var anchors Anchors
	for _, root := range jlisRoots {
		text, err := jlisFiles.ReadFile("anchors/" + root.File)
		if err != nil {
			panic(fmt.Sprintf("certificate: %v", err))
		}
		block, _ := pem.Decode(text)
		anchor, err := parseAnchor(block.Bytes)
		if err != nil {
			panic(fmt.Sprintf("certificate: %s: %v", root.File, err))
		}
		anchor.Origin = OriginJLIS
		anchor.Name = "J-LIS " + anchor.Hierarchy.Japanese() + " " + root.Generation
		anchors = append(anchors, anchor)
	}
	return anchors
})
