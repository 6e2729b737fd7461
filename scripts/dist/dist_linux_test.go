package main

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestVersions(t *testing.T) {
	const manifest = "const common = {\n  version: \"0.2.0\",\n}"
	for name, c := range map[string]struct {
		described, manifest, version, number, fails string
	}{
		"before the first release": {"", manifest, "0.2.0", "0.2.0", ""},
		"a release":                {"v0.2.0", manifest, "0.2.0", "0.2.0", ""},
		"between releases":         {"v0.1.0-12-g0123abc", manifest, "0.1.0-12-g0123abc", "0.1.0", ""},
		"another tag":              {"v0.1.0", manifest, "", "", "extension's version 0.2.0"},
		"no version":               {"v1.0-beta", manifest, "", "", "vX.Y.Z"},
		"no manifest":              {"", "", "", "", "manifest.mjs"},
	} {
		t.Run(name, func(t *testing.T) {
			version, number, err := versions(c.described, c.manifest)
			if c.fails != "" {
				require.ErrorContains(t, err, c.fails)
				return
			}
			require.NoError(t, err)
			require.Equal(t, []string{c.version, c.number}, []string{version, number})
		})
	}
}

// TestArchives holds that the same members give the same bytes in whatever order they were found, and nothing else.
func TestArchives(t *testing.T) {
	at := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	members := []member{{"a/run.sh", 0o755, []byte("#!/bin/sh\n")}, {"a/日本.txt", 0o644, []byte("x")}, {"b", 0o644, []byte{}}}
	backwards := []member{members[2], members[1], members[0]}

	archive, err := tarred(members, at)
	require.NoError(t, err)
	again, err := tarred(backwards, at)
	require.NoError(t, err)
	require.Equal(t, archive, again)
	list := exec.Command("tar", "-tvzf", "-", "--utc", "--quoting-style=literal")
	list.Stdin = bytes.NewReader(archive)
	out, err := list.Output()
	require.NoError(t, err)
	require.Equal(t, `-rwxr-xr-x 0/0              10 2026-04-01 12:00 a/run.sh
-rw-r--r-- 0/0               1 2026-04-01 12:00 a/日本.txt
-rw-r--r-- 0/0               0 2026-04-01 12:00 b
`, string(out))

	archive, err = zipped(members, at)
	require.NoError(t, err)
	again, err = zipped(backwards, at)
	require.NoError(t, err)
	require.Equal(t, archive, again)
	path := filepath.Join(t.TempDir(), "x.zip")
	require.NoError(t, os.WriteFile(path, archive, 0o644))
	back, err := unzipped(path)
	require.NoError(t, err)
	require.Equal(t, members, back)
	require.True(t, sameContent(backwards, back))
	require.False(t, sameContent(members[1:], back))
}

func TestWithoutKey(t *testing.T) {
	members := []member{{"a.js", 0o644, nil}, {"manifest.json", 0o644, []byte("{\n  \"a\": 1,\n  \"key\": \"MIIB+/=\",\n  \"b\": 2\n}\n")}}
	store, err := withoutKey(members)
	require.NoError(t, err)
	require.Equal(t, "{\n  \"a\": 1,\n  \"b\": 2\n}\n", string(store[1].content))
	require.Contains(t, string(members[1].content), "key", "the other package keeps its own")
	_, err = withoutKey(store)
	require.Error(t, err)
	_, err = withoutKey(members[:1])
	require.Error(t, err)
}

func TestPackageOf(t *testing.T) {
	for path, want := range map[string]string{
		"src/page/natsuin.ts":                        "",
		"node_modules/ajv/lib/a.js":                  "ajv",
		"node_modules/@types/chrome/index.js":        "@types/chrome",
		"node_modules/a/node_modules/b/c.js":         "b",
		"../internal/rules/topics.json":              "",
		"../node_modules/happy-dom/lib/index.js":     "happy-dom",
		"node_modules/@eslint/js/src/configs/all.js": "@eslint/js",
	} {
		got, ok := packageOf(path)
		require.Equal(t, want, got, path)
		require.Equal(t, want != "", ok, path)
	}
}

func TestLicenceOf(t *testing.T) {
	for want, text := range map[string]string{
		"Apache-2.0":   "  Apache License\n   Version 2.0, January 2004\n",
		"MIT":          "Permission is hereby granted, free of charge, to any person\nobtaining a copy",
		"ISC":          "Permission to use, copy, modify, and/or distribute this\nsoftware for any purpose",
		"BSD-3-Clause": "Redistribution and use in source and binary forms, with or without\nmodification, are permitted. Neither the name of",
		"BSD-2-Clause": "Redistribution and use in source and binary forms, with or without\nmodification, are permitted.",
		"":             "All rights reserved.",
	} {
		require.Equal(t, want, licenceOf(text))
	}
}

// ours returns a run whose programs is the host, built for this machine, without the extension.
func ours(t *testing.T) *dist {
	t.Helper()
	program, err := hostOnce()
	require.NoError(t, err)
	repository, err := filepath.Abs("../..")
	require.NoError(t, err)
	d := &dist{repository: repository, work: t.TempDir(), version: "0.1.0-1-gabc", number: "0.1.0", epoch: time.Unix(1800000000, 0).UTC(), programs: map[platform]string{}}
	path := filepath.Join(d.work, "natsuin")
	require.NoError(t, os.WriteFile(path, program, 0o755))
	d.programs[linuxAMD64], d.programs[linuxARM64] = path, path
	d.bundle = filepath.Join(d.work, "bundle")
	require.NoError(t, os.MkdirAll(filepath.Join(d.bundle, "firefox"), 0o755))
	require.NoError(t, os.MkdirAll(filepath.Join(d.bundle, "chromium"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(d.bundle, "chromium/manifest.json"), []byte("{\n  \"key\": \"AA==\",\n  \"a\": 1\n}\n"), 0o644))
	return d
}

// TestLicencesAreComplete holds that the licence of everything in the program is there, and that of what is bundled.
func TestLicencesAreComplete(t *testing.T) {
	d := ours(t)
	bundled := "// src/a.ts\n// node_modules/esbuild/lib/main.js\n"
	require.NoError(t, os.WriteFile(filepath.Join(d.bundle, "firefox/a.js"), []byte(bundled), 0o644))
	known, err := d.components()
	require.NoError(t, err)
	for _, c := range known {
		require.NotEmpty(t, c.licence, c.name)
		require.NotEmpty(t, c.texts, c.name)
	}
	content, err := d.licenceTexts()
	require.NoError(t, err)
	for _, phrase := range []string{
		"github.com/ebfe/scard v0.0.0-", "Copyright (c) 2016, Michael Gehring", "golang.org/x/text v", "Go standard library 1.",
		"Additional IP Rights Grant (Patents)", "esbuild 0.28.2 (MIT)",
	} {
		require.Contains(t, string(content), phrase)
	}

	require.NoError(t, os.WriteFile(filepath.Join(d.bundle, "firefox/b.js"), []byte("x()\n"), 0o644))
	_, err = d.components()
	require.ErrorContains(t, err, "does not say what it was made of")
}

// TestBillOfMaterials holds the bill to what CycloneDX 1.6 asks of one, and to the program.
func TestBillOfMaterials(t *testing.T) {
	d := ours(t)
	require.NoError(t, os.WriteFile(filepath.Join(d.bundle, "firefox/a.js"), []byte("// src/a.ts\n"), 0o644))
	known, err := d.components()
	require.NoError(t, err)
	content, err := d.materials(known)
	require.NoError(t, err)
	again, err := d.materials(known)
	require.NoError(t, err)
	require.Equal(t, content, again)

	var b bom
	require.NoError(t, json.Unmarshal(content, &b))
	require.Equal(t, []string{"CycloneDX", "1.6"}, []string{b.Format, b.SpecVersion})
	require.Regexp(t, `^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, b.Serial)
	require.Equal(t, "2027-01-15T08:00:00Z", b.Metadata.Timestamp)
	refs := map[string]bool{b.Metadata.Component.Ref: true}
	hashes := map[string]string{}
	purl := regexp.MustCompile(`^pkg:(golang|npm)/[\w./%-]+@v?[\w.-]+$`)
	for _, c := range b.Components {
		require.False(t, refs[c.Ref], "%s stands twice", c.Ref)
		refs[c.Ref] = true
		require.Contains(t, []string{"application", "library"}, c.Type)
		require.NotEmpty(t, c.Licences[0].Licence.ID, c.Name)
		if c.Type == "library" {
			require.Regexp(t, purl, c.PURL)
			continue
		}
		require.Regexp(t, `^[0-9a-f]{64}$`, c.Hashes[0].Content, c.Name)
		hashes[c.Ref] = c.Hashes[0].Content
	}
	on := map[string][]string{}
	for _, dependency := range b.Dependencies {
		require.True(t, refs[dependency.Ref])
		require.NotContains(t, on, dependency.Ref)
		on[dependency.Ref] = dependency.On
		for _, ref := range dependency.On {
			require.True(t, refs[ref], "%s needs %s, which is not there", dependency.Ref, ref)
		}
	}
	require.Equal(t, []string{"natsuin-linux-amd64", "natsuin-linux-arm64", "natsuin-chromium-unpacked.zip", "natsuin-chromium.zip", "natsuin-firefox.xpi"}, on["natsuin"])
	archives, err := d.extensionArchives()
	require.NoError(t, err)
	for _, a := range archives {
		sum := sha256.Sum256(a.content)
		require.Equal(t, hex.EncodeToString(sum[:]), hashes[a.name], a.name)
	}
	linked, err := exec.Command("go", "version", "-m", d.programs[linuxAMD64]).Output()
	require.NoError(t, err)
	for _, m := range regexp.MustCompile(`(?m)^\tdep\t(\S+)\t(\S+)`).FindAllStringSubmatch(string(linked), -1) {
		require.Contains(t, on["natsuin-linux-amd64"], "pkg:golang/"+m[1]+"@"+m[2])
	}

	_, err = d.materials(known[1:])
	require.ErrorContains(t, err, "THIRD-PARTY-LICENSES does not name")
}

func TestNeeds(t *testing.T) {
	require.True(t, newer("2.34", "2.4"))
	require.True(t, newer("2.4", ""))
	require.False(t, newer("2.2.5", "2.34"))
	d := ours(t)
	n, err := needsOf(d.programs[linuxAMD64])
	require.NoError(t, err)
	require.Contains(t, n.libraries, pcscLibrary)
	deb, err := n.depends("deb")
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"pcscd", "libpcsclite1", "libc6 (>= " + n.glibc + ")"}, deb)
	_, err = needs{libraries: []string{"libdbus-1.so.3"}}.depends("rpm")
	require.ErrorContains(t, err, "libdbus-1.so.3")
}

// TestSystemFiles holds what a package puts where: the program's own registration for everybody, and nothing in homes or
// where programs keep what they remember.
func TestSystemFiles(t *testing.T) {
	d := ours(t)
	require.NoError(t, os.WriteFile(filepath.Join(d.bundle, "firefox/a.js"), []byte("// src/a.ts\n"), 0o644))
	files, err := d.systemFiles(d.programs[linuxAMD64])
	require.NoError(t, err)
	manifests := 0
	var names []string
	for _, f := range files {
		names = append(names, f.name)
		require.Regexp(t, `^(usr/|etc/chromium/|etc/opt/)`, f.name)
		if strings.HasSuffix(f.name, "/io.github.natsuin.json") {
			manifests++
			require.Contains(t, string(f.content), `"path": "/usr/bin/natsuin"`)
		}
	}
	require.GreaterOrEqual(t, manifests, 6)
	require.Contains(t, names, "usr/share/doc/natsuin/policy/chromium.json")
	require.Contains(t, names, "usr/share/doc/natsuin/administrators.ja.md")
	require.Contains(t, names, "usr/share/metainfo/io.github.natsuin.natsuin.metainfo.xml")
	folders := owned(files)
	require.Contains(t, folders, "etc/opt/chrome/native-messaging-hosts")
	require.Contains(t, folders, "etc/opt/chrome")
	require.NotContains(t, folders, "etc/opt")
}

// TestPackagesRunWhatIsThere holds that every script of a package is in the repository.
func TestPackagesRunWhatIsThere(t *testing.T) {
	d := ours(t)
	moments := map[string][]string{"deb": {"preinstall", "postinstall", "preremove", "postremove"}, "rpm": {"preinstall", "postinstall", "preremove"}}
	before, err := d.beforeInstall(t.TempDir(), nil)
	require.NoError(t, err)
	for format, want := range moments {
		scripts := d.maintainerScripts(format, before)
		require.ElementsMatch(t, want, slices.Collect(maps.Keys(scripts)), format)
		for moment, path := range scripts {
			require.FileExists(t, path, moment)
		}
	}
}

// TestBeforeInstall holds that a package does not replace a registration that is somebody else's.
func TestBeforeInstall(t *testing.T) {
	d, etc := ours(t), t.TempDir()
	manifest := filepath.Join(etc, "io.github.natsuin.json")
	files := []packaged{{member{strings.TrimPrefix(manifest, "/"), 0o644, nil}, ""}}
	script, err := d.beforeInstall(t.TempDir(), files)
	require.NoError(t, err)
	run := func() (string, error) {
		out, err := exec.CommandContext(t.Context(), "sh", script, "install").CombinedOutput()
		return string(out), err
	}
	out, err := run()
	require.NoError(t, err, out)
	require.NoError(t, os.WriteFile(manifest, []byte(`{"path": "/usr/bin/natsuin"}`), 0o644))
	out, err = run()
	require.NoError(t, err, out)
	for _, foreign := range []string{`{"path": "/opt/other"}`, `{"path": "/opt/other", "note": ["/usr/bin/natsuin"]}`} {
		require.NoError(t, os.WriteFile(manifest, []byte(foreign), 0o644))
		out, err = run()
		require.Error(t, err)
		require.Contains(t, out, manifest+" belongs to no package")
		require.Contains(t, out, "「"+manifest+"」は")
	}
	require.NoError(t, os.Truncate(manifest, 1<<40)) // which nobody reads to its end
	out, err = run()
	require.Error(t, err, out)
	require.NoError(t, os.Remove(manifest))
	require.NoError(t, os.Symlink("nowhere", manifest))
	out, err = run()
	require.Error(t, err, out)
	require.NoError(t, os.Remove(manifest))
	require.NoError(t, syscall.Mkfifo(manifest, 0o644)) // which nobody writes into
	out, err = run()
	require.Error(t, err, out)
}

// TestHollow has the linker of this machine read the library that is made for another.
func TestHollow(t *testing.T) {
	symbols := []elf.Symbol{
		{Name: "call", Info: elf.ST_INFO(elf.STB_GLOBAL, elf.STT_FUNC), Section: 1},
		{Name: "table", Info: elf.ST_INFO(elf.STB_GLOBAL, elf.STT_OBJECT), Section: 2, Size: 16},
		{Name: "elsewhere", Info: elf.ST_INFO(elf.STB_GLOBAL, elf.STT_FUNC), Section: elf.SHN_UNDEF},
	}
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "x.s"), []byte(hollow(symbols)), 0o644))
	cmd := exec.Command("gcc", "-shared", "-nostdlib", "-Wl,-soname,x.so.1", "-o", "x.so", "x.s")
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	f, err := elf.Open(filepath.Join(folder, "x.so"))
	require.NoError(t, err)
	defer f.Close()
	there, err := f.DynamicSymbols()
	require.NoError(t, err)
	sizes := map[string]uint64{}
	for _, s := range there {
		sizes[s.Name] = s.Size
	}
	require.Equal(t, map[string]uint64{"call": 4, "table": 16}, sizes)
}

func TestRoffText(t *testing.T) {
	const text = "usage --a\n\n  --a  what it does\n.x\n"
	require.Equal(t, "usage \\-\\-a\n.br\n.PP\n.TP\n.B \\-\\-a\nwhat it does\n\\&.x\n.br\n", roffText(text))
	require.Equal(t, []string{"pin", "verify-token"}, commandsIn("\n  natsuin pin status  x\n  natsuin pin change  y\n  natsuin verify-token  z\n"))
}

// TestClear holds that a folder of somebody else's is not emptied.
func TestClear(t *testing.T) {
	d := &dist{out: filepath.Join(t.TempDir(), "dist")}
	require.NoError(t, d.clear())
	require.NoError(t, d.publish("x", nil))
	require.NoError(t, checksums(d))
	require.NoError(t, d.clear())
	names, err := d.made()
	require.NoError(t, err)
	require.Empty(t, names)

	d.out = t.TempDir()
	require.NoError(t, d.publish("thesis.txt", nil))
	require.Error(t, d.clear())
}

func TestCompare(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	for _, folder := range []string{first, second} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, "same"), []byte("x"), 0o644))
	}
	require.NoError(t, compare(first, second))
	require.NoError(t, os.WriteFile(filepath.Join(first, "differs"), []byte("x"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(second, "differs"), []byte("y"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(second, "once"), nil, 0o644))
	err := compare(first, second)
	require.ErrorContains(t, err, "differs: not the same bytes")
	require.ErrorContains(t, err, "once: made once only")
}
