package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// A component is something of others that is in what is published.
type component struct {
	name, version string
	purl          string // as package-url.github.io has it
	home          string // where it comes from, for people
	licence       string // its SPDX identifier
	texts         []text // its licence and what else it wants to be passed on
}

// A text is one file of a component.
type text struct{ name, content string }

// systems are those for which the program is published. On each it is linked with other packages, and they are all named.
var systems = []string{"linux", "windows", "darwin"}

// licences writes the licences of everything of others in the program and the extension.
func licences(d *dist) error {
	content, err := d.licenceTexts()
	if err != nil {
		return err
	}
	return d.publish("THIRD-PARTY-LICENSES", content)
}

func (d *dist) licenceTexts() ([]byte, error) {
	all, err := d.components()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("Natsuin is under the Apache License, Version 2.0. Published programs hold parts of the following works,\neach under the terms below.\n")
	for _, c := range all {
		fmt.Fprintf(&b, "\n%s\n%s %s (%s)\n%s\n", strings.Repeat("=", 80), c.name, c.version, c.licence, c.home)
		for _, t := range c.texts {
			fmt.Fprintf(&b, "\n--- %s\n\n%s\n", t.name, strings.Trim(t.content, "\n"))
		}
	}
	return b.Bytes(), nil
}

// components are what of others the program and the extension hold, in order of their names.
func (d *dist) components() ([]component, error) {
	all, err := d.goModules()
	if err != nil {
		return nil, err
	}
	standard, err := d.standardLibrary()
	if err != nil {
		return nil, err
	}
	all = append(all, standard)
	names, err := d.bundledPackages()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		c, err := npmPackage(name, d.file("extension/node_modules/"+name))
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b component) int { return cmp.Compare(a.name, b.name) })
	return all, nil
}

// goModules are the modules of which a package is linked into the host, on any of the systems.
func (d *dist) goModules() (found []component, err error) {
	seen := map[string]bool{}
	for _, system := range systems {
		out, err := d.output(d.repository, []string{"GOOS=" + system, "CGO_ENABLED=1"}, "go", "list", "-deps", "-json=Module", "./host")
		if err != nil {
			return nil, err
		}
		for packages := json.NewDecoder(bytes.NewReader(out)); packages.More(); {
			var p struct {
				Module struct {
					Path, Version, Dir string
					Main               bool
				}
			}
			if err := packages.Decode(&p); err != nil {
				return nil, err
			}
			m := p.Module
			if m.Path == "" || m.Main || seen[m.Path] { // no module: the standard library
				continue
			}
			seen[m.Path] = true
			c := component{name: m.Path, version: m.Version, purl: "pkg:golang/" + m.Path + "@" + m.Version, home: "https://pkg.go.dev/" + m.Path + "@" + m.Version}
			if err := c.read(m.Dir); err != nil {
				return nil, err
			}
			found = append(found, c)
		}
	}
	return found, nil
}

// standardLibrary is Go's own part of the program.
func (d *dist) standardLibrary() (component, error) {
	root, err := d.tell("go", "env", "GOROOT")
	if err != nil {
		return component{}, err
	}
	version := strings.TrimPrefix(runtime.Version(), "go")
	c := component{name: "Go standard library", version: version, purl: "pkg:golang/std@" + version, home: "https://go.dev"}
	err = c.read(root)
	return c, err
}

// npmPackage reads what an installed package says of itself.
func npmPackage(name, folder string) (component, error) {
	content, err := os.ReadFile(filepath.Join(folder, "package.json"))
	if err != nil {
		return component{}, err
	}
	var p struct{ Version string }
	if err := json.Unmarshal(content, &p); err != nil {
		return component{}, err
	}
	purl := "pkg:npm/" + strings.Replace(name, "@", "%40", 1) + "@" + p.Version
	c := component{name: name, version: p.Version, purl: purl, home: "https://www.npmjs.com/package/" + name + "/v/" + p.Version}
	err = c.read(folder)
	return c, err
}

// passedOn matches the names of files that go along with a component.
var passedOn = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([.-].*)?$`)

// read reads a component's licence files. One without a licence that is known here cannot be published.
func (c *component) read(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() || !passedOn.MatchString(e.Name()) {
			continue
		}
		content, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return err
		}
		c.texts = append(c.texts, text{e.Name(), string(content)})
		if id := licenceOf(string(content)); c.licence == "" {
			c.licence = id
		}
	}
	if c.licence == "" {
		return fmt.Errorf("%s: no licence that is known here in %s", c.name, folder)
	}
	return nil
}

// words are the spaces of a text that do not tell it from another.
var words = regexp.MustCompile(`\s+`)

// licenceOf returns the SPDX identifier of a licence by the words that no other has, "" for another text.
func licenceOf(content string) string {
	has := func(phrase string) bool {
		return strings.Contains(words.ReplaceAllString(content, " "), phrase)
	}
	const bsd = "Redistribution and use in source and binary forms, with or without modification, are permitted"
	switch {
	case has("Apache License Version 2.0, January 2004"):
		return "Apache-2.0"
	case has("Permission is hereby granted, free of charge, to any person obtaining a copy"):
		return "MIT"
	case has("Permission to use, copy, modify, and/or distribute this software for any purpose"):
		return "ISC"
	case has(bsd) && has("Neither the name"):
		return "BSD-3-Clause"
	case has(bsd):
		return "BSD-2-Clause"
	}
	return ""
}
