package certificate

import (
	"crypto/x509"
	"embed"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed anchors/*.pem
var jlisFiles embed.FS

// A Root is what is known of one root of the JPKI, whether or not this repository carries it.
type Root struct {
	Hierarchy  Hierarchy `json:"hierarchy"`
	Generation string    `json:"generation"`
	// Serial is the serial number in upper-case hex, without leading zeros.
	Serial string `json:"serial"`
	// From and To are the days, in UTC, on which its validity begins and ends.
	From string `json:"from"`
	To   string `json:"to"`
	// SHA256 is that of the DER, in upper-case hex, and empty where it is not known.
	SHA256 string `json:"sha256,omitempty"`
	// Obtained says how the certificate came here, or that it did not.
	Obtained Obtained `json:"obtained"`

	file string // empty where the root is not shipped
}

// An Obtained says how a root came here: a word for programs, stable, never translated.
type Obtained string

// How the roots were obtained.
const (
	// ObtainedOnce: from one public repository. Compare it with J-LIS's list, https://www.jpki.go.jp/ca/, before
	// relying on it.
	ObtainedOnce Obtained = "one-repository"
	// ObtainedTwice: the same from two unrelated public repositories.
	ObtainedTwice Obtained = "two-repositories"
	// ObtainedOnceConfirmed: from one public repository, with the fingerprint that J-LIS publishes.
	ObtainedOnceConfirmed Obtained = "one-repository-fingerprint"
	// ObtainedTwiceConfirmed: the same from two unrelated public repositories, with the fingerprint that J-LIS
	// publishes.
	ObtainedTwiceConfirmed Obtained = "two-repositories-fingerprint"
	// NotObtained: it is in no public source, and not shipped. J-LIS has it, at https://www.jpki.go.jp/ca/.
	NotObtained Obtained = "not-shipped"
)

// jlisRoots lists the roots of the JPKI, with the fingerprints that the bytes carried here must have
// (jpki-card.md §5.2, §9). Of the missing one, serial number and days are known from cards certified by
// it; see ErrIssuerNotShipped.
var jlisRoots = []Root{
	{Authentication, "01", "1", "2015-10-20", "2025-10-19", "4DCFC4CA0AAF9FB2A3081B3F0C991C320B3ACC008667A341EEAEC5AF1D58CA7D", ObtainedOnce, "jpki-authca01-2015.pem"},
	{Authentication, "02", "133C349", "2019-09-14", "2029-09-14", "", NotObtained, ""},
	{Authentication, "03", "6D18006", "2023-07-16", "2033-07-15", "64114F29620C24ED2631D46476A040E7EE740D956089C00B036A6A8118C322B5", ObtainedOnce, "jpki-authca03-2023.pem"},
	{Signature, "01", "1", "2015-10-20", "2025-10-19", "19645405A1FE14377434BD55957628AC4038557C542403A2243F21C706FC9355", ObtainedTwice, "jpki-signca01-2015.pem"},
	{Signature, "02", "132C4AB", "2019-09-14", "2029-09-14", "79679C33E4CC9319440F1AD120A597FF1844E2EF217063ADB176966FD5E6FBEB", ObtainedOnceConfirmed, "jpki-signca02-2019.pem"},
	{Signature, "03", "67C6A21", "2023-07-16", "2033-07-15", "D227F6CDE11D35C5252178F106F843D24651944975413B539FA2FB68DBFA365F", ObtainedTwiceConfirmed, "jpki-signca03-2023.pem"},
}

// Roots lists every root of the JPKI that is known, the ones that are not shipped included.
func Roots() []Root { return slices.Clone(jlisRoots) }

// Name returns how results speak of the root.
func (r Root) Name() string { return "J-LIS " + r.Hierarchy.Japanese() + " " + r.Generation }

// Missing returns the known roots of J-LIS that are not among the anchors. A root without a fingerprint is
// recognised by its name and serial number.
func (a Anchors) Missing() []Root {
	return slices.DeleteFunc(Roots(), func(r Root) bool {
		return slices.ContainsFunc(a, func(anchor Anchor) bool {
			return anchor.Hierarchy == r.Hierarchy && serial(anchor.Certificate) == r.Serial && hasJLISName(anchor.Certificate.RawSubject)
		})
	})
}

func serial(cert *x509.Certificate) string { return strings.ToUpper(cert.SerialNumber.Text(16)) }

// JLIS returns the roots that are shipped with the program.
func JLIS() Anchors { return append(Anchors(nil), jlis()...) }

// jlis reads the table once. A file that is missing or is no root is a mistake in this repository,
// which the tests find, so that it panics.
var jlis = sync.OnceValue(func() Anchors {
	var anchors Anchors
	for _, root := range jlisRoots {
		if root.file == "" {
			continue
		}
		text, err := jlisFiles.ReadFile("anchors/" + root.file)
		if err != nil {
			panic(fmt.Sprintf("certificate: %v", err))
		}
		block, _ := pem.Decode(text)
		anchor, err := parseAnchor(block.Bytes)
		if err != nil {
			panic(fmt.Sprintf("certificate: %s: %v", root.file, err))
		}
		anchor.Origin = OriginJLIS
		anchor.Name, anchor.Obtained = root.Name(), root.Obtained
		anchors = append(anchors, anchor)
	}
	return anchors
})
