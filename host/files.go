package main

import (
	"crypto/sha256"
	"errors"
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

// readToSignInside reads the documents that carry their signature, and finds what is wrong with them before a PIN
// is asked for.
func (c *commandLine) readToSignInside() ([]command.Document, error) {
	profile, most, prepare := c.profile, int64(command.MaxPDF), command.PDFDocument
	usual := "pades"
	if c.format == "xml" {
		most, prepare, usual = command.MaxXML, command.XMLDocument, "enveloped"
	}
	if profile == "" {
		profile = usual
	}
	var documents []command.Document
	for _, path := range c.in {
		content, err := readAtMost(path, most)
		if err != nil {
			return nil, protocol.Fail(protocol.FileFailed, err)
		}
		d, err := prepare(filepath.Base(path), content, profile)
		var invalid *protocol.Error
		switch {
		case errors.As(err, &invalid):
			return nil, protocol.Invalid("--profile", "%w", errors.Unwrap(invalid))
		case err != nil:
			return nil, protocol.Fail(protocol.FileFailed, err)
		}
		documents = append(documents, d)
	}
	return documents, nil
}

// readAtMost reads a regular file that is no longer than most.
func readAtMost(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > most {
		return nil, fmt.Errorf("%s: more than %d bytes", path, most)
	}
	return content, nil
}
