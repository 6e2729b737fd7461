package main

import (
	"crypto/sha256"
	"fmt"
	"io"
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
