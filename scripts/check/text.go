package main

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"
)

// A text is one file of the repository that people can read.
type text struct {
	path    string
	content string
}

// repositoryTexts returns the files that git keeps or would keep, without the binary ones.
func repositoryTexts() ([]text, map[string]bool, error) {
	out, err := run(nil, "git", "ls-files", "-co", "--exclude-standard", "-z")
	if err != nil {
		return nil, nil, err
	}
	var texts []text
	there := map[string]bool{}
	for _, name := range strings.FieldsFunc(string(out), func(r rune) bool { return r == 0 }) {
		content, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			continue // deleted, and not yet committed so
		}
		if err != nil {
			return nil, nil, err
		}
		for p := name; p != "." && !there[p]; p = path.Dir(p) {
			there[p] = true
		}
		if !bytes.Contains(content[:min(len(content), 8000)], []byte{0}) {
			texts = append(texts, text{name, string(content)})
		}
	}
	return texts, there, nil
}

// local matches what is true on one machine only: a folder of whoever wrote the line, or a place that
// packages came from (a lock file names none: `omit-lockfile-registry-resolved=true` in .npmrc).
var local = regexp.MustCompile(`(?:^|[^\w.\-])/(?:work|root)\b|\b(?:proxy\.golang|registry\.npmjs|deb\.debian)\.org\b`)

// checkPaths proves that the repository means the same on every machine.
func checkPaths() (string, []string, error) {
	texts, _, err := repositoryTexts()
	if err != nil {
		return "", nil, err
	}
	var broken []string
	for _, t := range texts {
		broken = append(broken, localPlaces(t)...)
	}
	return fmt.Sprintf("no machine's own path and no registry's host in %d files", len(texts)), broken, nil
}

func localPlaces(t text) []string {
	var found []string
	number := 0
	for line := range strings.Lines(t.content) {
		number++
		if place := local.FindString(line); place != "" {
			found = append(found, fmt.Sprintf("%s:%d: %s", t.path, number, strings.TrimSpace(place)))
		}
	}
	return found
}

var (
	fence    = regexp.MustCompile("(?ms)^```.*?^```$")
	linked   = regexp.MustCompile(`\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)|\b(?:src|href)="([^"]+)"`)
	mentions = regexp.MustCompile(`\bdocs/[\w./\-]*\w\.md\b`)
)

// checkLinks proves that what the documents and the comments point to is in the repository.
func checkLinks() (string, []string, error) {
	texts, there, err := repositoryTexts()
	if err != nil {
		return "", nil, err
	}
	var broken []string
	count := 0
	for _, t := range texts {
		for _, target := range targets(t) {
			count++
			if !there[target] {
				broken = append(broken, fmt.Sprintf("%s points to %s, which is not in the repository", t.path, target))
			}
		}
	}
	return fmt.Sprintf("%d links inside the repository lead somewhere", count), broken, nil
}

// targets returns the files that a text points to, from the repository's root: the relative links of
// a Markdown page, and mentions like docs/protocol.md in anything else.
func targets(t text) []string {
	var found []string
	if !strings.HasSuffix(t.path, ".md") {
		return mentions.FindAllString(t.content, -1)
	}
	for _, m := range linked.FindAllStringSubmatch(fence.ReplaceAllString(t.content, ""), -1) {
		target, _, _ := strings.Cut(m[1]+m[2], "#")
		if target == "" || strings.Contains(target, ":") {
			continue // a place on the same page, or an address
		}
		found = append(found, path.Join(path.Dir(t.path), target))
	}
	return found
}
