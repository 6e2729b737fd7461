package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// sourceArchive makes what distributions build from: the commit's files, the Go modules in vendor/, so that such a build
// fetches nothing, and the licences that a built program has to bring along.
func sourceArchive(d *dist) error {
	members, err := d.committed()
	if err != nil {
		return err
	}
	vendored := filepath.Join(d.work, "vendor")
	if err := d.run(d.repository, []string{"GOFLAGS="}, "go", "mod", "vendor", "-o", vendored); err != nil {
		return err
	}
	modules, err := tree(vendored)
	if err != nil {
		return err
	}
	others, err := d.licenceTexts()
	if err != nil {
		return err
	}
	members = append(append(members, below("vendor", modules)...), member{"THIRD-PARTY-LICENSES", 0o644, others})
	archive, err := tarred(below("natsuin-"+d.number, members), d.epoch)
	if err != nil {
		return err
	}
	return d.publish("natsuin-"+d.number+"-source.tar.gz", archive)
}

// committed returns the repository's files.
func (d *dist) committed() (members []member, err error) {
	list, err := d.output(d.repository, nil, "git", "ls-files", "-z", "--stage")
	if err != nil {
		return nil, err
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		about, name, _ := strings.Cut(line, "\t") // "mode object stage\tname"
		var mode fs.FileMode
		switch kind, _, _ := strings.Cut(about, " "); kind {
		case "100644":
			mode = 0o644
		case "100755":
			mode = 0o755
		default:
			return nil, fmt.Errorf("%s: an archive of sources holds files only (git's mode %s)", name, kind)
		}
		content, err := os.ReadFile(d.file(name))
		if err != nil {
			return nil, err
		}
		members = append(members, member{name, mode, content})
	}
	return members, nil
}
