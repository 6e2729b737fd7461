package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/manifests"
)

var (
	windowsAMD64 = platform{"windows", "amd64"}
	windowsARM64 = platform{"windows", "arm64"}
)

// windowsPackages makes an archive for each kind of processor, and for the usual one a package of Windows Installer. wixl
// makes none for ARM, on which Windows runs that of x64, too, though not at its best.
func windowsPackages(d *dist) error {
	signer, err := authenticode(os.Getenv)
	if err != nil {
		return err
	}
	documents, err := d.windowsDocuments()
	if err != nil {
		return err
	}
	icon, err := d.windowsIcon()
	if err != nil {
		return err
	}
	for _, p := range []platform{windowsAMD64, windowsARM64} {
		program, err := d.windowsProgram(p, icon, signer)
		if err != nil {
			return err
		}
		members := append([]member{program}, documents...)
		readme, err := d.fill("installer/packages/windows/README.txt", d.names())
		if err != nil {
			return err
		}
		name := "natsuin-" + d.version + "-" + p.String()
		archive, err := zipped(below(name, append(members, member{"README.txt", 0o644, windowsText(readme)})), d.epoch)
		if err != nil {
			return err
		}
		if err := d.publish(name+".zip", archive); err != nil {
			return err
		}
		if p != windowsAMD64 {
			continue
		}
		path, err := d.makeMSI(append(members, windowsManifests()...), icon)
		if err != nil {
			return err
		}
		if err := signer.sign(d, path); err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := d.publish(name+".msi", content); err != nil {
			return err
		}
	}
	return nil
}

// names is what templates are told of the release.
func (d *dist) names() map[string]string {
	return map[string]string{"Version": d.version, "Number": d.number}
}

// windowsManifests are the host manifests of a package. The program is beside them, wherever Windows has its programs.
func windowsManifests() (members []member) {
	for _, f := range []manifests.Family{manifests.Chromium, manifests.Firefox} {
		members = append(members, member{installer.ManifestName("windows", f), 0o644, manifests.Host(f, msiProgram)})
	}
	return members
}

// windowsProgram builds the host for Windows, where it has not been built: with an icon, with its version for Explorer, and
// with what Windows is to know before it starts it.
func (d *dist) windowsProgram(p platform, icon []byte, signer *signer) (member, error) {
	if d.programs[p] == "" {
		if err := d.compile(p, msiProgram, []string{"CGO_ENABLED=0"}, []string{d.linker("")}); err != nil {
			return member{}, err
		}
		if err := d.addResources(d.programs[p], icon); err != nil {
			return member{}, err
		}
		if err := signer.sign(d, d.programs[p]); err != nil {
			return member{}, err
		}
	}
	content, err := os.ReadFile(d.programs[p])
	return member{msiProgram, 0o755, content}, err
}

// addResources puts resources into a program. They could be linked into it from a .syso file, too, but only from one in the
// folder of the sources, where every other build would find it.
func (d *dist) addResources(program string, icon []byte) error {
	folder := filepath.Join(d.work, "resources")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	manifest, err := os.ReadFile(d.file("installer/packages/windows/natsuin.manifest"))
	if err != nil {
		return err
	}
	description, err := json.Marshal(resources(d.version, d.number))
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{"natsuin.ico": icon, "natsuin.manifest": manifest, "resources.json": description} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			return err
		}
	}
	return d.run(d.file("tools"), []string{"GOFLAGS="}, "go", "tool", "go-winres", "patch", "--no-backup", "--in", filepath.Join(folder, "resources.json"), program)
}

// resources describes a program's resources in the form of go-winres: type, then id, then language.
func resources(version, number string) map[string]any {
	const neutral, english, japanese = "0000", "0409", "0411"
	texts := func(description string) map[string]string {
		return map[string]string{
			"CompanyName": "The Natsuin authors", "ProductName": "Natsuin", "FileDescription": description,
			"InternalName": "natsuin", "OriginalFilename": msiProgram, "FileVersion": number + ".0", "ProductVersion": version,
			"LegalCopyright": "Copyright The Natsuin authors. Apache License 2.0.",
		}
	}
	return map[string]any{
		"RT_GROUP_ICON": map[string]any{"#1": map[string]any{neutral: "natsuin.ico"}},
		"RT_MANIFEST":   map[string]any{"#1": map[string]any{english: "natsuin.manifest"}},
		"RT_VERSION": map[string]any{"#1": map[string]any{neutral: map[string]any{
			"fixed": map[string]string{"file_version": number + ".0", "product_version": number + ".0"},
			"info": map[string]any{
				english:  texts("Natsuin: My Number Card bridge"),
				japanese: texts("Natsuin（捺印）：マイナンバーカードとブラウザーをつなぐプログラム"),
			},
		}}},
	}
}

// windowsIcon is the extension's icon, in its sizes.
func (d *dist) windowsIcon() ([]byte, error) {
	var pictures [][]byte
	for _, size := range []string{"16", "32", "48", "128"} {
		picture, err := os.ReadFile(d.file("extension/static/icons/" + size + ".png"))
		if err != nil {
			return nil, err
		}
		pictures = append(pictures, picture)
	}
	return iconOf(pictures)
}

// windowsDocuments are the licences, under names that open with a click.
func (d *dist) windowsDocuments() (members []member, err error) {
	for _, name := range []string{"LICENSE", "NOTICE"} {
		content, err := os.ReadFile(d.file(name))
		if err != nil {
			return nil, err
		}
		members = append(members, member{name + ".txt", 0o644, windowsText(content)})
	}
	others, err := d.licenceTexts()
	return append(members, member{"THIRD-PARTY-LICENSES.txt", 0o644, windowsText(others)}), err
}

// windowsText has lines that end as those of Windows do, and a mark by which its older programs know UTF-8.
func windowsText(content []byte) []byte {
	return append([]byte("\ufeff"), bytes.ReplaceAll(bytes.TrimPrefix(content, []byte("\ufeff")), []byte("\n"), []byte("\r\n"))...)
}
