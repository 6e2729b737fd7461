package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/printable"
	"github.com/natsuin/natsuin/internal/protocol"
)

// inputs are the files to be signed, and those to be signed along. They stay open until the outputs are written, for
// which some are read again.
type inputs struct{ files []*input }

// An input is one of them.
type input struct {
	*os.File
	path   string
	info   fs.FileInfo // as it was when the file was opened
	hash   protocol.Hash
	digest []byte // of what was read; nil where the output is written from the file and compares by itself
}

// open opens a file. One that is read again must be regular, and has a size.
func (in *inputs) open(flag, path string, again bool) (*input, error) {
	if err := protocol.CheckName(filepath.Base(path)); err != nil {
		return nil, misused(flag, text{"ファイル名「%s」に改行などの制御文字があるか、名前が長すぎます。名前を変えてください。", "names %q, which holds control characters such as a new line, or is too long: rename it"}, printable.Text(filepath.Base(path)))
	}
	open := os.Open
	if again {
		open = openRegular
	}
	f, err := open(path)
	if err != nil {
		return nil, protocol.Fail(protocol.FileFailed, err)
	}
	i := &input{File: f, path: path}
	in.files = append(in.files, i)
	if i.info, err = f.Stat(); err != nil {
		return nil, protocol.Fail(protocol.FileFailed, err)
	}
	if i.info.IsDir() {
		return nil, unfit(path, folderText, otherFileText)
	}
	return i, nil
}

// read hashes the file to its end while it goes to w. Nothing at all, and a file that changes meanwhile, is refused.
func (i *input) read(w io.Writer, hash protocol.Hash) error {
	h := hash.Crypto().New()
	n, err := io.Copy(io.MultiWriter(w, h), i.File)
	if err != nil {
		return protocol.Fail(protocol.FileFailed, err)
	}
	if n == 0 {
		return refuse(i.path, protocol.Empty, errors.New("the file is empty"))
	}
	i.hash, i.digest = hash, h.Sum(nil)
	now, err := i.Stat()
	if err != nil {
		return protocol.Fail(protocol.FileFailed, err)
	}
	if i.info.Mode().IsRegular() && (n != i.info.Size() || !same(i.info, now)) {
		return refuse(i.path, protocol.Changed, errors.New("it changed while it was read"))
	}
	return nil
}

// copyTo writes the file as it was read.
func (i *input) copyTo(w io.Writer) error {
	h := i.hash.Crypto().New()
	if _, err := io.Copy(io.MultiWriter(w, h), io.NewSectionReader(i, 0, i.info.Size())); err != nil {
		return protocol.Fail(protocol.FileFailed, err)
	}
	if !bytes.Equal(h.Sum(nil), i.digest) {
		return refuse(i.path, protocol.Changed, errors.New("it is not what was signed"))
	}
	return nil
}

// unchanged asks whether the files are still what was signed. Only what looks touched is read again.
func (in *inputs) unchanged() error {
	for _, i := range in.files {
		if i.digest == nil || !i.info.Mode().IsRegular() {
			continue
		}
		now, err := os.Stat(i.path)
		if err == nil && same(i.info, now) {
			continue
		}
		if err != nil || !i.isStill() {
			return refuse(i.path, protocol.Changed, errors.New("it is not what was signed"))
		}
	}
	return nil
}

// isStill reads what now has the file's name.
func (i *input) isStill() bool {
	f, err := openRegular(i.path)
	if err != nil {
		return false
	}
	defer f.Close()
	h := i.hash.Crypto().New()
	_, err = io.Copy(h, io.LimitReader(f, i.info.Size()+1))
	return err == nil && bytes.Equal(h.Sum(nil), i.digest)
}

// same reports whether nobody wrote to a file in between, as far as its system tells.
func same(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

func (in *inputs) close() {
	for _, i := range in.files {
		_ = i.Close()
	}
}

// unfit is the error for a file, in both languages and with what helps.
func unfit(path string, t, remedy text) error {
	return protocol.Fail(protocol.FileFailed, &usage{text: t, args: []any{path}, remedy: remedy})
}

// refuse is the error for a file that is not signed.
func refuse(path string, reason protocol.Refusal, cause error) error {
	e := protocol.Fail(protocol.DocumentRefused, fmt.Errorf("%s: %w", filepath.Base(path), cause))
	e.Reason = string(reason)
	return e
}

// readDocuments reads the files to be signed, and finds what is wrong with them before a PIN is asked for.
func (c *commandLine) readDocuments(in *inputs) ([]command.Document, error) {
	if len(c.in) == 0 {
		d, err := c.readMessage(in)
		return []command.Document{d}, asFailure(err)
	}
	seal, err := c.seal()
	if err != nil {
		return nil, err
	}
	documents := make([]command.Document, 0, len(c.in))
	for _, path := range c.in {
		var d command.Document
		switch protocol.Format(c.format) {
		case protocol.PDF:
			d, err = c.readPDF(in, path, seal)
		case protocol.XML:
			d, err = c.readXML(in, path)
		default:
			d, err = c.readHashed(in, path)
		}
		if err != nil {
			return nil, asFailure(err)
		}
		documents = append(documents, d)
	}
	return documents, nil
}

// asFailure is an error of reading or writing as a protocol error; others are that already.
func asFailure(err error) error {
	var known *protocol.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	return protocol.Fail(protocol.FileFailed, err)
}

func (c *commandLine) readPDF(in *inputs, path string, seal *command.Seal) (command.Document, error) {
	i, err := in.open("--in", path, true)
	if err != nil {
		return command.Document{}, err
	}
	d, err := command.PDFDocument(filepath.Base(path), i, i.info.Size(), command.PDFOptions{Profile: c.profile, Hash: c.hashFunction(), Seal: seal})
	if isInvalid(err) { // the rest was looked at before
		return d, misused("--seal-text", text{"1〜8文字で指定してください。空白、改行、結合文字は使えません。", "is not 1 to 8 letters, digits or signs, without spaces and combining characters"})
	}
	return d, err
}

// isInvalid reports whether an error is about an argument.
func isInvalid(err error) bool {
	var invalid *protocol.Error
	return errors.As(err, &invalid) && invalid.Code == protocol.InvalidRequest
}

func (c *commandLine) readXML(in *inputs, path string) (command.Document, error) {
	i, err := in.open("--in", path, true)
	if err != nil {
		return command.Document{}, err
	}
	if i.info.Size() > command.MaxXML {
		return command.Document{}, refuse(path, protocol.TooLarge, fmt.Errorf("more than %d bytes", command.MaxXML))
	}
	var content bytes.Buffer
	if err := i.read(&content, c.hashFunction()); err != nil {
		return command.Document{}, err
	}
	files, err := c.readAlong(in)
	if err != nil {
		return command.Document{}, err
	}
	return command.XMLDocument(filepath.Base(path), content.Bytes(), command.XMLOptions{
		Profile: c.profile, Hash: c.hashFunction(), XAdES: c.xades, Elements: c.elements, Files: files})
}

// readAlong hashes the files to be signed along. Their names go into the signature.
func (c *commandLine) readAlong(in *inputs) ([]command.File, error) {
	seen := map[string]bool{}
	if c.packs() || c.profile == "detached" {
		seen[filepath.Base(c.in[0])] = true
	}
	var files []command.File
	for _, path := range c.along {
		name := filepath.Base(path)
		if err := protocol.CheckFileName(name); err != nil {
			return nil, misused("--file", text{"ファイル名「%s」は使えません。名前を変えてください。", "names %q, by which no file can be signed along: rename it"}, printable.Text(name))
		}
		if seen[name] {
			return nil, misused("--file", text{"「%s」という名前のファイルが2つあります。", "names two files %q"}, printable.Text(name))
		}
		seen[name] = true
		i, err := in.open("--file", path, true)
		if err != nil {
			return nil, err
		}
		if err := i.read(io.Discard, c.hashFunction()); err != nil {
			return nil, err
		}
		files = append(files, command.File{Name: name, Digest: i.digest})
	}
	return files, nil
}

// readHashed reads what is signed by its digest.
func (c *commandLine) readHashed(in *inputs, path string) (command.Document, error) {
	i, err := in.open("--in", path, c.attached)
	if err != nil {
		return command.Document{}, err
	}
	hash, name := c.hashFunction(), filepath.Base(path)
	if err := i.read(io.Discard, hash); err != nil {
		return command.Document{}, err
	}
	if c.format == string(protocol.Raw) {
		return command.RawDocument(name, i.digest, hash), nil
	}
	var o command.CMSOptions
	if c.attached {
		o.Content, o.Size = i, i.info.Size()
	}
	if c.cosign != "" {
		if o.Message, err = c.readDetached(); err != nil {
			return command.Document{}, err
		}
	}
	return command.CMSDocument(name, i.digest, hash, o)
}

// maxDetached is more than any detached message has.
const maxDetached = 2 << 20

// readDetached reads the message that gets one more signer.
func (c *commandLine) readDetached() ([]byte, error) {
	message, err := readSmall(c.cosign, maxDetached+1)
	if err != nil {
		return nil, err
	}
	if len(message) > maxDetached {
		return nil, misused("--cosign", text{"文書の入った署名のようです。その場合は--inを指定しないでください。", "seems to hold its document: leave out --in for such a message"})
	}
	return message, nil
}

// readMessage reads a message that holds its document and gets one more signer.
func (c *commandLine) readMessage(in *inputs) (command.Document, error) {
	i, err := in.open("--cosign", c.cosign, true)
	if err != nil {
		return command.Document{}, err
	}
	d, err := command.CosignedDocument(filepath.Base(c.cosign), i, i.info.Size(), c.hashFunction())
	if isInvalid(err) {
		return d, misused("--in", text{"この署名には文書が入っていません。署名する文書を--inで指定してください。", "is missing: that message does not hold its document"})
	}
	return d, err
}
