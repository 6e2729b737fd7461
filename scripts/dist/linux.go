package main

import (
	"bytes"
	"cmp"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/natsuin/natsuin/manifests"
	"github.com/natsuin/natsuin/scripts/changelog"
)

// linuxPackages makes a .deb and an .rpm for every architecture there is a compiler for.
func linuxPackages(d *dist) error {
	for _, p := range d.linuxPlatforms() {
		program, err := d.linuxProgram(p)
		if err != nil {
			return err
		}
		needs, err := needsOf(program)
		if err != nil {
			return err
		}
		files, err := d.systemFiles(program)
		if err != nil {
			return err
		}
		for _, format := range []string{"deb", "rpm"} {
			if err := d.pack(format, p, needs, files); err != nil {
				return err
			}
		}
	}
	return nil
}

// A packaged file is for one kind of package, or with format "" for both.
type packaged struct {
	member
	format string
}

// systemFiles are the files of a package, named from the root.
func (d *dist) systemFiles(program string) ([]packaged, error) {
	content, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	files := []packaged{{member{"usr/bin/natsuin", 0o755, content}, ""}}
	for _, collect := range []func() ([]packaged, error){d.hostManifests, d.manualPages, d.documents, d.linuxPolicies, d.metadata} {
		more, err := collect()
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	}
	slices.SortFunc(files, func(a, b packaged) int { return byName(a.member, b.member) })
	return files, nil
}

// hostManifests are the manifests for every browser of Linux, as the program itself registers them. Its record is not
// among them: what a package installed, the package manager removes.
func (d *dist) hostManifests() (files []packaged, err error) {
	program, err := d.nativeProgram()
	if err != nil {
		return nil, err
	}
	root := filepath.Join(d.work, "root")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, err
	}
	defer os.RemoveAll(root)
	if err := d.run(root, nil, program, "install", "--root", root, "--system", "--browser", "all", "--program", "/usr/bin/natsuin"); err != nil {
		return nil, err
	}
	all, err := tree(root)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		if path.Dir(m.name) != "var/lib/natsuin" {
			files = append(files, packaged{m, ""})
		}
	}
	if len(files) == len(all) {
		return nil, errors.New("natsuin install left no record in var/lib/natsuin: where is it now?")
	}
	return files, nil
}

// documents are what each kind of package has in its own places.
func (d *dist) documents() ([]packaged, error) {
	third, err := d.licenceTexts()
	if err != nil {
		return nil, err
	}
	licence, err := os.ReadFile(d.file("LICENSE"))
	if err != nil {
		return nil, err
	}
	notice, err := os.ReadFile(d.file("NOTICE"))
	if err != nil {
		return nil, err
	}
	overrides, err := os.ReadFile(d.file("installer/packages/linux/lintian-overrides"))
	if err != nil {
		return nil, err
	}
	changelog, err := compressed([]byte(d.debianChangelog()))
	if err != nil {
		return nil, err
	}
	rights := fmt.Sprintf("%s\nNatsuin is under the Apache License, Version 2.0; on Debian systems its text is in\n/usr/share/common-licenses/Apache-2.0. Source: %s\n\n%s", notice, homepage, third)
	return []packaged{
		{member{"usr/share/doc/natsuin/copyright", 0o644, []byte(rights)}, "deb"},
		{member{"usr/share/doc/natsuin/changelog.gz", 0o644, changelog}, "deb"},
		{member{"usr/share/lintian/overrides/natsuin", 0o644, overrides}, "deb"},
		{member{"usr/share/licenses/natsuin/LICENSE", 0o644, licence}, "rpm"},
		{member{"usr/share/licenses/natsuin/NOTICE", 0o644, notice}, "rpm"},
		{member{"usr/share/licenses/natsuin/THIRD-PARTY-LICENSES", 0o644, third}, "rpm"},
	}, nil
}

// appStream is the template of the metadata by which software centres show Natsuin.
const appStream = "installer/packages/templates/flathub/io.github.natsuin.natsuin.metainfo.xml.tmpl"

// metadata is AppStream's, of a program without a window of its own.
func (d *dist) metadata() ([]packaged, error) {
	day, err := d.day()
	if err != nil {
		return nil, err
	}
	text, err := d.fill(appStream, map[string]string{"Version": d.number, "Date": day})
	name := "usr/share/metainfo/" + strings.TrimSuffix(path.Base(appStream), ".tmpl")
	return []packaged{{member{name, 0o644, text}, ""}}, err
}

// day is the one that the changelog has for this version. What is packed between two releases, of which the changelog's
// newest is the next one, is of its commit's day.
func (d *dist) day() (string, error) {
	text, err := os.ReadFile(d.file("CHANGELOG.md"))
	if err != nil {
		return "", err
	}
	newest, err := changelog.Newest(string(text))
	if err != nil {
		return "", fmt.Errorf("CHANGELOG.md: %w", err)
	}
	if newest.Version != d.number {
		newest = changelog.Entry{}
	}
	return newest.Day(d.epoch), nil
}

const (
	homepage   = "https://github.com/natsuin/natsuin"
	maintainer = "The Natsuin authors <natsuin@natsuin.github.io>"
)

// debianChangelog is the one entry that dpkg's tools want to see.
func (d *dist) debianChangelog() string {
	return fmt.Sprintf("natsuin (%s) unstable; urgency=medium\n\n  * Version %s: see %s/blob/main/CHANGELOG.md\n\n -- %s  %s\n",
		d.number, d.version, homepage, maintainer, d.epoch.Format(time.RFC1123Z))
}

// Needs are the libraries that a program is loaded with.
type needs struct {
	libraries []string
	glibc     string // the oldest that will do: 2.34
}

func needsOf(program string) (n needs, err error) {
	f, err := elf.Open(program)
	if err != nil {
		return n, err
	}
	defer f.Close()
	if n.libraries, err = f.ImportedLibraries(); err != nil {
		return n, err
	}
	symbols, err := f.ImportedSymbols()
	if err != nil {
		return n, err
	}
	for _, s := range symbols {
		if v, ok := strings.CutPrefix(s.Version, "GLIBC_"); ok && newer(v, n.glibc) {
			n.glibc = v
		}
	}
	return n, nil
}

// newer compares versions of glibc: 2.34 is newer than 2.4.
func newer(a, b string) bool {
	number := func(v string) (major, minor int) {
		fmt.Sscanf(v, "%d.%d", &major, &minor)
		return major, minor
	}
	aMajor, aMinor := number(a)
	bMajor, bMinor := number(b)
	return cmp.Or(cmp.Compare(aMajor, bMajor), cmp.Compare(aMinor, bMinor)) > 0
}

// depends lists what a package depends on. A library that no package is known for is an error.
func (n needs) depends(format string) ([]string, error) {
	libraries := map[string]map[string]string{
		"deb": {"libc.so.6": "libc6 (>= " + n.glibc + ")", pcscLibrary: "libpcsclite1"},
		"rpm": {"libc.so.6": "libc.so.6(GLIBC_" + n.glibc + ")(64bit)", pcscLibrary: pcscLibrary + "()(64bit)"},
	}[format]
	all := []string{map[string]string{"deb": "pcscd", "rpm": "pcsc-lite"}[format]}
	for _, l := range n.libraries {
		name, ok := libraries[l]
		if !ok {
			return nil, fmt.Errorf("which package has %s?", l)
		}
		all = append(all, name)
	}
	return all, nil
}

// dialogs are the programs that take a PIN (docs/decisions/0009-dialogs.md): one of the pinentries is to come along, one of
// the others serves where there is none. Distributions with RPM name their packages differently, the programs alike.
func dialogs(format string) (recommends, suggests []string) {
	if format == "deb" {
		return []string{"pinentry-gnome3 | pinentry-qt | pinentry-gtk2 | pinentry-fltk"}, []string{"zenity | kdialog", "fonts-noto-cjk"}
	}
	return []string{"(/usr/bin/pinentry-gnome3 or /usr/bin/pinentry-qt or /usr/bin/pinentry-qt5 or /usr/bin/pinentry-gtk-2 or /usr/bin/pinentry-gtk or /usr/bin/pinentry-fltk)"},
		[]string{"(/usr/bin/zenity or /usr/bin/kdialog)"}
}

// standard are the folders that every system has, and no package of ours owns.
var standard = []string{
	".", "etc", "etc/opt", "usr", "usr/bin", "usr/lib", "usr/lib64", "usr/share", "usr/share/doc", "usr/share/licenses",
	"usr/share/man", "usr/share/man/man1", "usr/share/man/ja", "usr/share/man/ja/man1", "usr/share/metainfo",
}

// owned are the folders that go with the package. Without being told, RPM would leave them behind; dpkg knows.
func owned(files []packaged) (folders []string) {
	for _, f := range files {
		for folder := path.Dir(f.name); !slices.Contains(standard, folder); folder = path.Dir(folder) {
			if !slices.Contains(folders, folder) {
				folders = append(folders, folder)
			}
		}
	}
	slices.Sort(folders)
	return folders
}

// The parts of nfpm's configuration that are used (nfpm.goreleaser.com/configuration).
type (
	nfpmConfig struct {
		Name        string            `json:"name"`
		Arch        string            `json:"arch"`
		Platform    string            `json:"platform"`
		Version     string            `json:"version"`
		Section     string            `json:"section"`
		Priority    string            `json:"priority"`
		Maintainer  string            `json:"maintainer"`
		Description string            `json:"description"`
		Homepage    string            `json:"homepage"`
		License     string            `json:"license,omitempty"`
		Time        time.Time         `json:"mtime"`
		Depends     []string          `json:"depends"`
		Recommends  []string          `json:"recommends"`
		Suggests    []string          `json:"suggests"`
		Contents    []nfpmContent     `json:"contents"`
		Scripts     map[string]string `json:"scripts"`
		Deb         map[string]string `json:"deb"`
		RPM         map[string]string `json:"rpm"`
	}
	nfpmContent struct {
		Source      string    `json:"src,omitempty"`
		Destination string    `json:"dst"`
		Type        string    `json:"type,omitempty"`
		Info        nfpmOwner `json:"file_info"`
	}
	nfpmOwner struct {
		Mode  fs.FileMode `json:"mode"`
		Owner string      `json:"owner"`
		Group string      `json:"group"`
		Time  time.Time   `json:"mtime"`
	}
)

const description = `bridge between Japan's My Number Card and the web
Natsuin lets web sites ask for what a My Number Card (JPKI) can do: log in, and
sign documents. This package holds the program that browsers start and that is
used on the command line, and registers it with the browsers for everybody on
the machine. The browsers' extension is a separate download, in no store yet:
/usr/share/doc/natsuin/administrators.md says how to add it.`

// maintainerScripts are what a package runs, by nfpm's names for the moments.
func (d *dist) maintainerScripts(format, preinstall string) map[string]string {
	scripts := map[string]string{
		"preinstall":  preinstall,
		"postinstall": d.file("installer/packages/linux/after-install.sh"),
		"preremove":   d.file("installer/packages/linux/before-remove.sh"),
	}
	if format == "deb" {
		scripts["postremove"] = d.file("installer/packages/linux/after-remove-deb.sh")
	}
	return scripts
}

// beforeInstall writes the script that runs before a package is unpacked: it looks at the places of the manifests.
func (d *dist) beforeInstall(stage string, files []packaged) (script string, err error) {
	text, err := os.ReadFile(d.file("installer/packages/linux/before-install.sh"))
	if err != nil {
		return "", err
	}
	var places []string
	for _, f := range files {
		if path.Base(f.name) == manifests.HostName+".json" {
			places = append(places, "/"+f.name)
		}
	}
	script = filepath.Join(stage, "before-install.sh")
	return script, os.WriteFile(script, bytes.Replace(text, []byte("@MANIFESTS@"), []byte(strings.Join(places, "\n")), 1), 0o644)
}

// pack writes one package.
func (d *dist) pack(format string, p platform, n needs, files []packaged) error {
	files = slices.DeleteFunc(slices.Clone(files), func(f packaged) bool { return f.format != "" && f.format != format })
	depends, err := n.depends(format)
	if err != nil {
		return err
	}
	stage, err := os.MkdirTemp(d.work, "stage-")
	if err != nil {
		return err
	}
	preinstall, err := d.beforeInstall(stage, files)
	if err != nil {
		return err
	}
	config := nfpmConfig{
		Name: "natsuin", Arch: p.arch, Platform: "linux", Version: d.number, Section: "utils", Priority: "optional",
		Maintainer: maintainer, Description: description, Homepage: homepage, Time: d.epoch,
		Depends: depends,
		Scripts: d.maintainerScripts(format, preinstall),
		Deb:     map[string]string{"compression": "xz"},
		// Otherwise it would be the name of the machine on which it was built.
		RPM: map[string]string{"compression": "xz", "buildhost": "localhost", "summary": strings.SplitN(description, "\n", 2)[0]},
	}
	name := fmt.Sprintf("natsuin_%s_%s.deb", d.number, p.arch)
	config.Recommends, config.Suggests = dialogs(format)
	if format == "rpm" {
		config.License = "Apache-2.0" // of a .deb, the copyright file tells
		name = fmt.Sprintf("natsuin-%s-1.%s.rpm", d.number, map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[p.arch])
		for _, folder := range owned(files) {
			config.Contents = append(config.Contents, nfpmContent{Destination: "/" + folder, Type: "dir", Info: d.rootOwned(0o755)})
		}
	}
	for i, f := range files {
		source := filepath.Join(stage, fmt.Sprint(i))
		if err := os.WriteFile(source, f.content, 0o644); err != nil {
			return err
		}
		config.Contents = append(config.Contents, nfpmContent{Source: source, Destination: "/" + f.name, Info: d.rootOwned(f.mode)})
	}
	written, err := json.Marshal(config)
	if err != nil {
		return err
	}
	described := filepath.Join(stage, "nfpm.json")
	if err := os.WriteFile(described, written, 0o644); err != nil {
		return err
	}
	return d.run(stage, nil, d.nfpm, "package", "--config", described, "--packager", format, "--target", filepath.Join(d.out, name))
}

func (d *dist) rootOwned(mode fs.FileMode) nfpmOwner { return nfpmOwner{mode, "root", "root", d.epoch} }
