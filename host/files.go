package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/protocol"
)

// inputs are the files to be signed. They stay open until the outputs are written, for which some are read again.
type inputs struct{ files []*os.File }

// open opens a file. One that is read again must be regular, and has a size.
func (in *inputs) open(path string, again bool) (*os.File, int64, error) {
	open := os.Open
	if again {
		open = openRegular
	}
	f, err := open(path)
	if err != nil {
		return nil, 0, err
	}
	in.files = append(in.files, f)
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	return f, info.Size(), nil
}

func (in *inputs) close() {
	for _, f := range in.files {
		_ = f.Close()
	}
}

// readDocuments reads the files to be signed, and finds what is wrong with them before a PIN is asked for.
func (c *commandLine) readDocuments(in *inputs) ([]command.Document, error) {
	documents := make([]command.Document, 0, len(c.in))
	for _, path := range c.in {
		d, err := c.readDocument(in, path)
		var known *protocol.Error
		switch {
		case errors.As(err, &known) && known.Code == protocol.InvalidRequest:
			return nil, protocol.Invalid("--"+known.Field, "%w", errors.Unwrap(known))
		case err != nil && known == nil:
			return nil, protocol.Fail(protocol.FileFailed, err)
		case err != nil:
			return nil, err
		}
		documents = append(documents, d)
	}
	return documents, nil
}

func (c *commandLine) readDocument(in *inputs, path string) (command.Document, error) {
	f, size, err := in.open(path, c.attached || c.format == string(protocol.PDF))
	if err != nil {
		return command.Document{}, err
	}
	name := filepath.Base(path)
	switch protocol.Format(c.format) {
	case protocol.PDF:
		return command.PDFDocument(name, f, size, command.PDFOptions{Profile: c.profile})
	case protocol.XML:
		content, err := io.ReadAll(io.LimitReader(f, command.MaxXML+1))
		if err != nil {
			return command.Document{}, err
		}
		return command.XMLDocument(name, content, command.XMLOptions{Profile: c.profile})
	}
	hash := protocol.SHA256.Crypto().New()
	if _, err := io.Copy(hash, f); err != nil {
		return command.Document{}, err
	}
	if c.format == string(protocol.Raw) {
		return command.RawDocument(name, hash.Sum(nil), protocol.SHA256), nil
	}
	var o command.CMSOptions
	if c.attached {
		o = command.CMSOptions{Content: f, Size: size}
	}
	return command.CMSDocument(name, hash.Sum(nil), protocol.SHA256, o)
}
