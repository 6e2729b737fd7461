package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/natsuin/natsuin/scripts/changelog"
)

// versionPlaces are the files that state the version, apart from the changelog, and how.
var versionPlaces = []struct {
	path    string
	pattern *regexp.Regexp
}{
	{"extension/manifest.mjs", regexp.MustCompile(`(?m)^\s*version: "([^"]*)",$`)},
	{"host/main.go", regexp.MustCompile(`(?m)^var version = "([^"]*)"$`)},
}

// checkVersion proves that every place that states the version states that of the changelog's newest
// entry, and that a commit tagged as a release is one: the same version, with a date.
func checkVersion() (string, []string, error) {
	raw, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		return "", nil, err
	}
	newest, err := changelog.Newest(string(raw))
	if err != nil {
		return "", []string{"CHANGELOG.md: " + err.Error()}, nil
	}
	var broken []string
	for _, place := range versionPlaces {
		content, err := os.ReadFile(place.path)
		if err != nil {
			return "", nil, err
		}
		if problem := versionProblem(string(content), place.pattern, newest.Version); problem != "" {
			broken = append(broken, place.path+": "+problem)
		}
	}
	tags, err := run(nil, "git", "tag", "--points-at", "HEAD", "v[0-9]*")
	if err != nil {
		return "", nil, err
	}
	broken = append(broken, tagProblems(strings.Fields(string(tags)), newest)...)
	return "version " + newest.Version + " everywhere", broken, nil
}

// versionProblem says what is wrong with the version that a file states exactly once.
func versionProblem(content string, pattern *regexp.Regexp, want string) string {
	stated := pattern.FindAllStringSubmatch(content, -1)
	switch {
	case len(stated) != 1:
		return fmt.Sprintf("states a version in %d places; expected one", len(stated))
	case stated[0][1] != want:
		return fmt.Sprintf("states version %s; the newest in CHANGELOG.md is %s", stated[0][1], want)
	}
	return ""
}

// tagProblems holds the release tags of this commit against the changelog.
func tagProblems(tags []string, newest changelog.Entry) []string {
	var problems []string
	for _, tag := range tags {
		if tag != "v"+newest.Version {
			problems = append(problems, fmt.Sprintf("the commit is tagged %s; the newest version in CHANGELOG.md is %s", tag, newest.Version))
		}
	}
	if len(tags) > 0 && newest.Date.IsZero() {
		problems = append(problems, "the commit is tagged as a release; CHANGELOG.md calls it unreleased")
	}
	return problems
}
