package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A member is a file of an archive, or of a package.
type member struct {
	name    string // with slashes, relative
	mode    fs.FileMode
	content []byte
}

// byName orders members, so that an archive does not depend on the order in which they were found.
func byName(a, b member) int { return strings.Compare(a.name, b.name) }

// zipped writes a zip archive in which everything is of one time.
func zipped(members []member, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range slices.SortedFunc(slices.Values(members), byName) {
		h := &zip.FileHeader{Name: m.name, Method: zip.Deflate, Modified: at}
		h.SetMode(m.mode)
		f, err := w.CreateHeader(h)
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(m.content); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

// tarred writes a .tar.gz in which everything is of one time and belongs to nobody in particular.
func tarred(members []member, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, m := range slices.SortedFunc(slices.Values(members), byName) {
		h := &tar.Header{Name: m.name, Mode: int64(m.mode), Size: int64(len(m.content)), ModTime: at, Format: tar.FormatPAX}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write(m.content); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	err := z.Close()
	return b.Bytes(), err
}

// compressed is what gzip writes at its best, without name and time.
func compressed(content []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(content); err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}

// tree reads the files below a folder. They are named from there, and for everybody to read.
func tree(folder string) (members []member, err error) {
	err = filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		members = append(members, member{filepath.ToSlash(name), 0o644, content})
		return err
	})
	return members, err
}

// below moves members into a folder.
func below(folder string, members []member) []member {
	moved := slices.Clone(members)
	for n := range moved {
		moved[n].name = folder + "/" + moved[n].name
	}
	return moved
}
