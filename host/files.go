package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/protocol"
)

// readDocuments hashes the files to be signed, and keeps their content where it goes into the
// signature.
func readDocuments(paths []string, attached bool) ([]command.Document, error) {
	documents := make([]command.Document, 0, len(paths))
	for _, path := range paths {
		d, err := readDocument(path, attached)
		if err != nil {
			return nil, protocol.Fail(protocol.FileFailed, err)
		}
		documents = append(documents, d)
	}
	return documents, nil
}

func readDocument(path string, attached bool) (command.Document, error) {
	d := command.Document{Name: filepath.Base(path), Hash: protocol.SHA256}
	f, err := os.Open(path)
	if err != nil {
		return d, err
	}
	defer f.Close()
	hash := sha256.New()
	if attached {
		content, err := io.ReadAll(io.LimitReader(f, command.MaxContent+1))
		if err != nil {
			return d, err
		}
		if len(content) > command.MaxContent {
			return d, fmt.Errorf("%s: more than %d bytes to attach; sign it detached", path, command.MaxContent)
		}
		d.Content = content
		hash.Write(content)
	} else if _, err := io.Copy(hash, f); err != nil {
		return d, err
	}
	d.Digest = hash.Sum(nil)
	return d, nil
}

// outputs are the files that results go to; a path of "" is standard output.
type outputs struct {
	paths []string
	force bool
}

// signOutputs decides where each signature goes, before anybody is asked for a PIN.
func (c *commandLine) signOutputs() (outputs, error) {
	out := outputs{force: c.force}
	format := protocol.Format(c.format)
	switch {
	case format != protocol.CMS && format != protocol.Raw:
		return out, protocol.Invalid("--format", "is neither cms nor raw")
	case len(c.in) == 0 || len(c.in) > protocol.MaxDocuments:
		return out, protocol.Invalid("--in", "must be given 1 to %d times", protocol.MaxDocuments)
	case c.attached && c.detached:
		return out, protocol.Invalid("--attached", "and --detached exclude each other")
	case c.attached && format == protocol.Raw:
		return out, protocol.Invalid("--attached", "goes with cms only")
	case c.out == "" && format == protocol.CMS:
		return out, protocol.Invalid("--out", "is missing")
	}
	if c.out == "" || len(c.in) == 1 {
		for range c.in {
			out.paths = append(out.paths, c.out)
		}
		return out, out.check()
	}
	extension := map[protocol.Format]string{protocol.CMS: ".p7s", protocol.Raw: ".sig"}[format]
	seen := map[string]bool{}
	for _, in := range c.in {
		name := filepath.Base(in) + extension
		if seen[name] {
			return out, protocol.Invalid("--in", "%s stands for two files: their signatures would have one name", name)
		}
		seen[name] = true
		out.paths = append(out.paths, filepath.Join(c.out, name))
	}
	if err := os.MkdirAll(c.out, 0o700); err != nil {
		return out, protocol.Fail(protocol.FileFailed, err)
	}
	return out, out.check()
}

// check refuses to overwrite what is there, unless forced to.
func (o outputs) check() error {
	if o.force {
		return nil
	}
	for _, path := range o.paths {
		if path == "" {
			continue
		}
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return protocol.Fail(protocol.FileFailed, fmt.Errorf("%s is there already; --force overwrites it", path))
		}
	}
	return nil
}

// write puts each result where it belongs.
func (o outputs) write(stdout io.Writer, results [][]byte) error {
	for i, result := range results {
		var err error
		if o.paths[i] == "" {
			_, err = stdout.Write(result)
		} else {
			err = o.writeFile(o.paths[i], result)
		}
		if err != nil {
			return protocol.Fail(protocol.FileFailed, err)
		}
	}
	return nil
}

// writeFile writes a file for its owner alone: signatures and certificates carry personal data.
func (o outputs) writeFile(path string, content []byte) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if o.force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}
