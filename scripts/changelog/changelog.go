// Package changelog reads CHANGELOG.md, where a version gets its number, its date and its notes.
package changelog

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// An Entry is what the changelog says of one version.
type Entry struct {
	Version string    // X.Y.Z, without leading zeros
	Date    time.Time // of the release, at midnight UTC; zero while the version is not released
	Notes   string    // Markdown, without the heading
}

// Day is the day of the release, or while there is none that of the last commit, in UTC as AppStream and winget have it:
// YYYY-MM-DD. Everything that is published takes it from here.
func (e Entry) Day(committed time.Time) string {
	if e.Date.IsZero() {
		return committed.UTC().Format(time.DateOnly)
	}
	return e.Date.Format(time.DateOnly)
}

// heading is "## 1.2.3 (2026-12-01)" or "## 1.2.3 (unreleased)". Three plain numbers are what Chrome's
// manifests, Debian, RPM and Windows Installer all take for a version.
var heading = regexp.MustCompile(`^## ((?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)) \((unreleased|\d{4}-\d{2}-\d{2})\)$`)

// Newest returns the first entry. Every heading of the second level must be a version's.
func Newest(text string) (Entry, error) {
	var newest Entry
	var notes []string
	entries := 0
	for n, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "## ") {
			version, date, err := parseHeading(line)
			if err != nil {
				return Entry{}, fmt.Errorf("line %d: %w", n+1, err)
			}
			if entries++; entries == 1 {
				newest = Entry{Version: version, Date: date}
			} else if date.IsZero() {
				return Entry{}, fmt.Errorf("line %d: only the newest version may be unreleased", n+1)
			}
			continue
		}
		if entries == 1 {
			notes = append(notes, line)
		}
	}
	if entries == 0 {
		return Entry{}, errors.New("no version has an entry")
	}
	newest.Notes = strings.TrimSpace(strings.Join(notes, "\n"))
	return newest, nil
}

func parseHeading(line string) (string, time.Time, error) {
	m := heading.FindStringSubmatch(line)
	if m == nil {
		return "", time.Time{}, fmt.Errorf(`%q is neither "## X.Y.Z (YYYY-MM-DD)" nor "## X.Y.Z (unreleased)"`, line)
	}
	if m[2] == "unreleased" {
		return m[1], time.Time{}, nil
	}
	date, err := time.Parse(time.DateOnly, m[2])
	return m[1], date, err
}
