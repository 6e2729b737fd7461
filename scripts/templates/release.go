package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"
)

// A release is what a template is filled with.
type release struct {
	Version string // X.Y.Z
	Date    string // YYYY-MM-DD
	Notes   string // Markdown, from the changelog
	files   []asset
}

// An asset is one file of the release.
type asset struct {
	Name   string
	URL    string // where it will be downloaded from
	SHA256 string // lower-case hexadecimal
	path   string // where it is now
}

const downloads = "https://github.com/natsuin/natsuin/releases/download/v"

// readAssets returns the files of a folder with their checksums.
func readAssets(dist, version string) (assets []asset, err error) {
	entries, err := os.ReadDir(dist)
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		path := filepath.Join(dist, e.Name())
		sum, err := digest(path)
		if err != nil {
			return nil, err
		}
		assets = append(assets, asset{e.Name(), downloads + version + "/" + e.Name(), sum, path})
	}
	return assets, err
}

func digest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// errAbsent is wrapped where a template names a file that the release does not have.
var errAbsent = errors.New("the release has no such file")

// assets returns the files whose names end so.
func (r *release) assets(suffix string) (found []asset) {
	for _, a := range r.files {
		if strings.HasSuffix(a.Name, suffix) {
			found = append(found, a)
		}
	}
	return found
}

// asset returns the one file whose name ends so.
func (r *release) asset(suffix string) (asset, error) {
	found := r.assets(suffix)
	switch len(found) {
	case 0:
		return asset{}, fmt.Errorf("*%s: %w", suffix, errAbsent)
	case 1:
		return found[0], nil
	}
	return asset{}, fmt.Errorf("*%s: the release has %d of them", suffix, len(found))
}

// productCode is a line of what msiinfo prints of a package's table "Property".
var productCode = regexp.MustCompile(`(?m)^ProductCode\t(\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\})\r?$`)

// ProductCode is the GUID by which Windows knows this version's installation, in braces.
func (r *release) ProductCode() (string, error) {
	msi, err := r.asset(".msi")
	if err != nil {
		return "", err
	}
	properties, err := exec.Command("msiinfo", "export", msi.path, "Property").Output()
	if err != nil {
		return "", fmt.Errorf("msiinfo export %s: %w", msi.Name, err)
	}
	m := productCode.FindSubmatch(properties)
	if m == nil {
		return "", fmt.Errorf("%s has no ProductCode", msi.Name)
	}
	return string(m[1]), nil
}

// integrity turns a checksum into the form of the W3C's Subresource Integrity, which Nix takes.
func integrity(sum string) (string, error) {
	raw, err := hex.DecodeString(sum)
	return "sha256-" + base64.StdEncoding.EncodeToString(raw), err
}

// fill writes every *.tmpl below from to the same place below to, without that ending. What names a file that the release
// does not have is left out, and told with the reason.
func (r *release) fill(from fs.FS, to string) (made, left []string, err error) {
	functions := template.FuncMap{"asset": r.asset, "assets": r.assets, "sri": integrity, "upper": strings.ToUpper}
	err = fs.WalkDir(from, ".", func(path string, entry fs.DirEntry, err error) error {
		name, isTemplate := strings.CutSuffix(path, ".tmpl")
		if err != nil || !isTemplate {
			return err
		}
		text, err := fs.ReadFile(from, path)
		if err != nil {
			return err
		}
		filled, err := r.fillOne(path, string(text), functions)
		if errors.Is(err, errAbsent) {
			left = append(left, err.Error())
			return nil
		}
		if err != nil {
			return err
		}
		target := filepath.Join(to, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		made = append(made, name)
		return os.WriteFile(target, filled, 0o644)
	})
	return made, left, err
}

func (r *release) fillOne(name, text string, functions template.FuncMap) ([]byte, error) {
	t, err := template.New(name).Option("missingkey=error").Funcs(functions).Parse(text)
	if err != nil {
		return nil, err
	}
	var filled bytes.Buffer
	err = t.Execute(&filled, r)
	return filled.Bytes(), err
}
