package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// extensionBundle builds the extension's packages into a folder of their own, once.
func (d *dist) extensionBundle() (string, error) {
	if d.bundle != "" {
		return d.bundle, nil
	}
	folder := filepath.Join(d.work, "bundle")
	if err := d.run(d.file("extension"), nil, "node", "build.mjs", folder); err != nil {
		return "", err
	}
	d.bundle = filepath.Join(folder, "extension")
	return d.bundle, nil
}

// extensionPackages makes what the stores take, what a person without a store loads, and the sources, for those at Mozilla
// who build the extension again.
func extensionPackages(d *dist) error {
	packages, err := d.extensionArchives()
	if err != nil {
		return err
	}
	for _, p := range packages {
		if err := d.publish(p.name, p.content); err != nil {
			return err
		}
	}
	sources, err := d.extensionSources()
	if err != nil {
		return err
	}
	archive, err := tarred(below("natsuin-extension", sources), d.epoch)
	if err != nil {
		return err
	}
	return d.publish("natsuin-extension-source.tar.gz", archive)
}

// extensionArchives are the extension's packages, in order of their names.
func (d *dist) extensionArchives() (archives []member, err error) {
	bundle, err := d.extensionBundle()
	if err != nil {
		return nil, err
	}
	chromium, err := tree(filepath.Join(bundle, "chromium"))
	if err != nil {
		return nil, err
	}
	store, err := withoutKey(chromium)
	if err != nil {
		return nil, err
	}
	firefox, err := tree(filepath.Join(bundle, "firefox"))
	if err != nil {
		return nil, err
	}
	for _, p := range []struct {
		name    string
		members []member
	}{
		// Whoever loads it by hand gets the id that the host knows.
		{"natsuin-chromium-unpacked.zip", below("natsuin-chromium", chromium)},
		{"natsuin-chromium.zip", store},
		{"natsuin-firefox.xpi", firefox},
	} {
		archive, err := zipped(p.members, d.epoch)
		if err != nil {
			return nil, err
		}
		archives = append(archives, member{p.name, 0o644, archive})
	}
	return archives, nil
}

var keyLine = regexp.MustCompile(`(?m)^  "key": "[A-Za-z0-9+/=]+",\n`)

// withoutKey takes the key out of the manifest. A store gives an extension a key of its own, and refuses a package that has
// another.
func withoutKey(members []member) ([]member, error) {
	members = slices.Clone(members)
	for n, m := range members {
		if m.name != "manifest.json" {
			continue
		}
		if len(keyLine.FindAll(m.content, -1)) != 1 {
			return nil, errors.New("manifest.json: not one line with a key")
		}
		members[n].content = keyLine.ReplaceAll(m.content, nil)
		return members, nil
	}
	return nil, errors.New("no manifest.json")
}

// extensionSources are the files of the repository from which the extension is built, with a README for who does it.
func (d *dist) extensionSources() (members []member, err error) {
	list, err := d.output(d.repository, nil, "git", "ls-files", "-z", "extension", "internal/rules/topics.json", "LICENSE", "NOTICE")
	if err != nil {
		return nil, err
	}
	names := strings.Split(strings.TrimSuffix(string(list), "\x00"), "\x00")
	for _, name := range names {
		content, err := os.ReadFile(d.file(name))
		if err != nil {
			return nil, err
		}
		if path.Ext(name) == ".md" {
			content = d.page(name, content, func(target string) bool { return slices.Contains(names, target) })
		}
		members = append(members, member{name, 0o644, content})
	}
	node, err := os.ReadFile(d.file(".node-version"))
	if err != nil {
		return nil, err
	}
	readme, err := d.fill("installer/packages/extension/README.md.tmpl",
		map[string]string{"Number": d.number, "Node": strings.TrimSpace(string(node)), "Repository": homepage})
	return append(members, member{"README.md", 0o644, readme}), err
}

// origin matches the line that esbuild writes before what it took from a file.
var origin = regexp.MustCompile(`(?m)^ *// (\S+\.(?:ts|mts|js|mjs|cjs|json))$`)

// bundledPackages are the npm packages of which something is in the extension, by their folders below node_modules.
func (d *dist) bundledPackages() (names []string, err error) {
	bundle, err := d.extensionBundle()
	if err != nil {
		return nil, err
	}
	scripts, err := filepath.Glob(filepath.Join(bundle, "*", "*.js"))
	if err != nil {
		return nil, err
	}
	for _, path := range scripts {
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		from := origin.FindAllSubmatch(content, -1)
		if len(from) == 0 {
			return nil, fmt.Errorf("%s does not say what it was made of", path)
		}
		for _, m := range from {
			if name, ok := packageOf(string(m[1])); ok && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names, nil
}

// packageOf returns the npm package that a file belongs to.
func packageOf(path string) (name string, ok bool) {
	_, inside, ok := cutLast(path, "node_modules/")
	if !ok {
		return "", false
	}
	parts := strings.SplitN(inside, "/", 3)
	if strings.HasPrefix(inside, "@") && len(parts) > 1 {
		return parts[0] + "/" + parts[1], true
	}
	return parts[0], true
}

// cutLast is strings.Cut at the last place.
func cutLast(s, separator string) (before, after string, found bool) {
	at := strings.LastIndex(s, separator)
	if at < 0 {
		return s, "", false
	}
	return s[:at], s[at+len(separator):], true
}
