package main

import (
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/natsuin/natsuin/manifests/policy"
)

// policyTemplates makes an archive of what administrators fill in: the templates of browsers' policies for all systems, with
// the page that explains them.
func policyTemplates(d *dist) error {
	members, err := d.policies()
	if err != nil {
		return err
	}
	archive, err := zipped(below("natsuin-policies", members), d.epoch)
	if err != nil {
		return err
	}
	return d.publish("natsuin-policies.zip", archive)
}

// policies are the templates, and the page in both languages.
func (d *dist) policies() (members []member, err error) {
	err = fs.WalkDir(policy.Files, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := policy.Files.ReadFile(name)
		members = append(members, member{name, 0o644, content})
		return err
	})
	if err != nil {
		return nil, err
	}
	pages := []string{"docs/administrators.md", "docs/administrators.ja.md"}
	for _, name := range pages {
		content, err := os.ReadFile(d.file(name))
		if err != nil {
			return nil, err
		}
		content = d.page(name, content, func(target string) bool { return slices.Contains(pages, target) })
		members = append(members, member{path.Base(name), 0o644, content})
	}
	return members, nil
}

// linuxPolicies are those of them that are of use on Linux. They are examples: what a browser obeys, an administrator puts in
// place.
func (d *dist) linuxPolicies() (files []packaged, err error) {
	members, err := d.policies()
	for _, m := range members {
		if !strings.Contains(m.name, "/") && (path.Ext(m.name) == ".json" || path.Ext(m.name) == ".md") {
			m.name = "usr/share/doc/natsuin/" + map[string]string{".json": "policy/"}[path.Ext(m.name)] + m.name
			files = append(files, packaged{m, ""})
		}
	}
	return files, err
}
