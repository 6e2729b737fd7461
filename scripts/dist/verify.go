package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// verify builds the last commit in two places that have as little in common as can be had on one machine, and compares.
// Then it builds the extension from the archive of its sources, as Mozilla's reviewers do.
func (d *dist) verify() error {
	if err := prepared(steps); err != nil {
		return err
	}
	if err := d.tellUncommitted(os.Stderr); err != nil {
		return err
	}
	first, err := d.elsewhere("one", nil)
	if err != nil {
		return err
	}
	// Nothing that the compiler kept from the first, another time zone and nothing that others may read.
	second, err := d.elsewhere("another folder/二つ目", []string{"GOCACHE=" + filepath.Join(d.work, "cache"), "TZ=Asia/Tokyo"})
	if err != nil {
		return err
	}
	if err := compare(first, second); err != nil {
		return err
	}
	return d.verifyExtension(first)
}

// tellUncommitted says which changes of the working copy are not in what is built, because nobody has committed them.
func (d *dist) tellUncommitted(to io.Writer) error {
	changed, err := d.output(d.repository, nil, "git", "-c", "core.quotePath=false", "status", "--short", "--untracked-files=normal")
	if err != nil || len(changed) == 0 {
		return err
	}
	_, err = fmt.Fprintf(to, "dist: the last commit is built. These changes are not in it:\n%s", changed)
	return err
}

// elsewhere builds the last commit in a folder of that name, and returns where its files are.
func (d *dist) elsewhere(name string, env []string) (string, error) {
	folder := filepath.Join(d.work, name)
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return "", err
	}
	out := folder + " dist"
	for _, c := range []struct {
		folder string
		args   []string
	}{
		{d.work, []string{"git", "clone", "--quiet", "--no-hardlinks", d.repository, folder}},
		{folder + "/extension", npmCI},
		{folder, []string{"go", "run", "./scripts/dist", "-complete", "-nfpm", d.nfpm, "-out", out}},
	} {
		args := c.args
		if env != nil {
			args = append([]string{"sh", "-c", `umask 077; exec "$@"`, "sh"}, args...)
		}
		if err := d.run(c.folder, env, args[0], args[1:]...); err != nil {
			return "", err
		}
	}
	return out, nil
}

var npmCI = []string{"npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"}

// compare says of every file in two folders whether it is the same.
func compare(first, second string) error {
	a, err := tree(first)
	if err != nil {
		return err
	}
	b, err := tree(second)
	if err != nil {
		return err
	}
	contents := map[string][]byte{}
	for _, m := range b {
		contents[m.name] = m.content
	}
	var bad []error
	for _, m := range a {
		other, there := contents[m.name]
		delete(contents, m.name)
		switch {
		case !there:
			bad = append(bad, fmt.Errorf("%s: made once only", m.name))
		case !bytes.Equal(m.content, other):
			bad = append(bad, fmt.Errorf("%s: not the same bytes", m.name))
		default:
			fmt.Println("same bytes twice:", m.name)
		}
	}
	for name := range contents {
		bad = append(bad, fmt.Errorf("%s: made once only", name))
	}
	return errors.Join(bad...)
}

// verifyExtension builds the extension from its sources alone, and compares it with the packages.
func (d *dist) verifyExtension(made string) error {
	folder := filepath.Join(d.work, "sources")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if err := d.run(folder, nil, "tar", "-xzf", filepath.Join(made, "natsuin-extension-source.tar.gz")); err != nil {
		return err
	}
	folder = filepath.Join(folder, "natsuin-extension")
	for _, args := range [][]string{npmCI, {"node", "build.mjs", "built"}} {
		if err := d.run(filepath.Join(folder, "extension"), nil, args[0], args[1:]...); err != nil {
			return err
		}
	}
	built, err := tree(filepath.Join(folder, "extension/built/extension/firefox"))
	if err != nil {
		return err
	}
	packed, err := unzipped(filepath.Join(made, "natsuin-firefox.xpi"))
	if err != nil {
		return err
	}
	if !sameContent(built, packed) {
		return errors.New("natsuin-firefox.xpi: not what its sources give")
	}
	fmt.Println("built from its sources alone: natsuin-firefox.xpi")
	return nil
}

// unzipped reads a zip archive.
func unzipped(path string) (members []member, err error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil {
			return nil, err
		}
		members = append(members, member{f.Name, f.Mode(), content})
	}
	return members, nil
}

// sameContent says whether two lists hold the same files.
func sameContent(a, b []member) bool {
	return slices.EqualFunc(slices.SortedFunc(slices.Values(a), byName), slices.SortedFunc(slices.Values(b), byName),
		func(a, b member) bool { return a.name == b.name && bytes.Equal(a.content, b.content) })
}
