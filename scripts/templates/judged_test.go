//go:build install

package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// filled is a folder with the templates as a release would have them, and the checksum of its Windows package, which wixl
// wrote.
func filled(t *testing.T) (folder, msi string) {
	dist := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dist, "natsuin-1.2.3-source.tar.gz"), []byte("abc"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dist, "natsuin.wxs"), []byte(smallPackage), 0o644))
	judge(t, dist, "wixl", "-a", "x64", "-o", "natsuin-1.2.3-x64.msi", "natsuin.wxs")
	files, err := readAssets(dist, "1.2.3")
	require.NoError(t, err)
	r := &release{Version: "1.2.3", Date: "2026-12-01", Notes: "* new", files: files}
	to := t.TempDir()
	_, left, err := r.fill(os.DirFS("../../"+source), to)
	require.NoError(t, err)
	require.Empty(t, left)
	installer, err := r.asset(".msi")
	require.NoError(t, err)
	return to, installer.SHA256
}

const smallPackage = `<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Id="01234567-89AB-CDEF-0123-456789ABCDEF" UpgradeCode="11234567-89AB-CDEF-0123-456789ABCDEF" Name="Natsuin" Version="1.2.3" Language="1033" Manufacturer="Natsuin">
    <Package InstallerVersion="500" Platform="x64" Compressed="yes"/>
    <Media Id="1" Cabinet="a.cab" EmbedCab="yes"/>
    <Directory Id="TARGETDIR" Name="SourceDir">
      <Component Id="C" Guid="21234567-89AB-CDEF-0123-456789ABCDEF"><File Id="F" Source="natsuin-1.2.3-source.tar.gz"/></Component>
    </Directory>
    <Feature Id="A" Level="1"><ComponentRef Id="C"/></Feature>
  </Product>
</Wix>
`

// judge runs a program and returns what it prints. Where it is missing, `scripts/deps install` brings it.
func judge(t *testing.T, folder, name string, args ...string) string {
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = folder
	var messages strings.Builder
	cmd.Stderr = &messages
	out, err := cmd.Output()
	require.NoError(t, err, "%s\n%s%s", cmd, out, messages.String())
	return string(out)
}

func TestJudged(t *testing.T) {
	to, msi := filled(t)
	archive := downloads + "1.2.3/natsuin-1.2.3-source.tar.gz"

	t.Run("homebrew", func(t *testing.T) {
		require.Contains(t, judge(t, to, "ruby", "-wc", "homebrew/natsuin.rb"), "Syntax OK")
		formula := read(t, to, "homebrew/natsuin.rb")
		require.Contains(t, formula, `url "`+archive+`"`)
		require.Contains(t, formula, `sha256 "`+abcSHA256+`"`)
	})

	// Nix reads the expression, and works it out with a buildGoModule that hands its argument back.
	t.Run("nix", func(t *testing.T) {
		for _, system := range []string{"Linux", "Darwin"} {
			expression := `let p = import ./package.nix {
			  lib = { optionals = c: l: if c then l else []; optionalString = c: s: if c then s else ""; licenses.asl20 = "asl20"; platforms = { linux = []; darwin = []; }; };
			  stdenv.hostPlatform = { isLinux = ` + map[string]string{"Linux": "true", "Darwin": "false"}[system] + `; };
			  buildGoModule = f: let final = f final; in final;
			  fetchurl = a: a; pkg-config = "pkg-config"; pcsclite = "pcsclite";
			}; in { inherit (p) version src vendorHash buildInputs; }`
			inputs := map[string]string{"Linux": `["pcsclite"]`, "Darwin": `[]`}[system]
			require.JSONEq(t, `{"version": "1.2.3", "vendorHash": null, "buildInputs": `+inputs+`, "src": {"url": "`+archive+`", "hash": "`+abcSRI+`"}}`,
				judge(t, filepath.Join(to, "nix"), "nix-instantiate", "--eval", "--strict", "--json", "-E", expression))
		}
	})

	// makepkg --printsrcinfo is Arch's alone; bash says what the PKGBUILD sets, in the order in which makepkg prints it.
	t.Run("aur", func(t *testing.T) {
		stated := judge(t, filepath.Join(to, "aur"), "bash", "-euc", `. ./PKGBUILD
			echo "pkgbase = $pkgname"
			for field in pkgdesc pkgver pkgrel url arch license makedepends depends optdepends source sha256sums; do
			  declare -n values=$field
			  printf "\t$field = %s\n" "${values[@]}"
			done
			printf "\npkgname = %s\n" "$pkgname"`)
		require.Equal(t, stated, read(t, to, "aur/.SRCINFO"))
		require.Contains(t, stated, "\tsource = "+archive+"\n\tsha256sums = "+abcSHA256+"\n")
	})

	t.Run("flathub", func(t *testing.T) {
		judge(t, to, "appstreamcli", "validate", "--no-net", "--pedantic", "--strict", "flathub/io.github.natsuin.natsuin.metainfo.xml")
	})

	t.Run("winget", func(t *testing.T) {
		for name, want := range wingetManifests {
			require.YAMLEq(t, strings.Replace(want, "MSISUM", strings.ToUpper(msi), 1), read(t, to, "winget/"+name), name)
		}
		for name, want := range wingetLocales {
			text := read(t, to, "winget/"+name)
			require.YAMLEq(t, text, text, name)
			for _, key := range want {
				require.Regexp(t, `(?m)^`+key+`: .`, text, name)
			}
		}
	})
}

// The manifests without prose, whole.
var wingetManifests = map[string]string{
	"Natsuin.Natsuin.yaml": `{"PackageIdentifier": "Natsuin.Natsuin", "PackageVersion": "1.2.3", "DefaultLocale": "en-US", "ManifestType": "version", "ManifestVersion": "1.12.0"}`,
	"Natsuin.Natsuin.installer.yaml": `{"PackageIdentifier": "Natsuin.Natsuin", "PackageVersion": "1.2.3", "Platform": ["Windows.Desktop"], "MinimumOSVersion": "10.0.0.0", "InstallerType": "wix",
		"Scope": "machine", "InstallModes": ["interactive", "silent", "silentWithProgress"], "UpgradeBehavior": "install", "Commands": ["natsuin"], "ReleaseDate": 2026-12-01,
		"Installers": [{"Architecture": "x64", "InstallerUrl": "https://github.com/natsuin/natsuin/releases/download/v1.2.3/natsuin-1.2.3-x64.msi",
			"InstallerSha256": "MSISUM", "ProductCode": "{01234567-89AB-CDEF-0123-456789ABCDEF}"}],
		"ManifestType": "installer", "ManifestVersion": "1.12.0"}`,
}

// What the schemas require of the manifests with prose: "required" of manifest.defaultLocale.1.12.0.json and
// manifest.locale.1.12.0.json (microsoft/winget-cli, schemas/JSON/manifests/v1.12.0).
var wingetLocales = map[string][]string{
	"Natsuin.Natsuin.locale.en-US.yaml": {"PackageIdentifier", "PackageVersion", "PackageLocale", "Publisher", "PackageName", "License", "ShortDescription", "ManifestType", "ManifestVersion"},
	"Natsuin.Natsuin.locale.ja-JP.yaml": {"PackageIdentifier", "PackageVersion", "PackageLocale", "ManifestType", "ManifestVersion"},
}
