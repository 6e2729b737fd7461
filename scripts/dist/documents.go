package main

import (
	"path"
	"regexp"
	"strings"
)

// linked matches the target of a link in Markdown, as the pages of this repository write them.
var linked = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// page returns a page of the repository, whose path there is name, for those who have it without the repository: its links to
// what is not packed lead to the repository on the web, as it is at this version. packed says of a path in the repository
// whether it is where the page expects it.
func (d *dist) page(name string, content []byte, packed func(name string) bool) []byte {
	return linked.ReplaceAllFunc(content, func(link []byte) []byte {
		to := string(linked.FindSubmatch(link)[1])
		target, place, _ := strings.Cut(to, "#")
		if target == "" || strings.Contains(target, ":") {
			return link // a place on the same page, or an address
		}
		target = path.Join(path.Dir(name), target)
		if packed(target) {
			return link
		}
		to = homepage + "/blob/v" + d.number + "/" + target
		if place != "" {
			to += "#" + place
		}
		return []byte("](" + to + ")")
	})
}
