package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/natsuin/natsuin/internal/printable"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/verify"
)

// documentOptions are the flags of verify and check.
type documentOptions struct {
	content        string
	files          string
	crls           stringList
	ocsps          stringList
	withAttributes bool
}

func (c *commandLine) verifyFlags(fs *flag.FlagSet) {
	fs.StringVar(&c.content, "content", "", "")
	fs.StringVar(&c.files, "files", "", "")
	fs.Var(&c.crls, "crl", "")
	fs.Var(&c.ocsps, "ocsp", "")
	fs.BoolVar(&c.withAttributes, "attributes", false, "")
}

// verify checks every signature of a file. What it found is the result also where it accepts nothing.
func (c *commandLine) verify(ctx context.Context, args []string) error {
	options, err := c.verifyOptions()
	if err != nil {
		return err
	}
	return c.withSigned(args, func(d signedFile) error {
		if c.content != "" {
			content, err := openRegular(c.content)
			if err != nil {
				return protocol.Fail(protocol.FileFailed, err)
			}
			defer content.Close()
			options.Content = content
		}
		options.Files = d.files
		document, err := verify.VerifyDocument(ctx, d, d.size, options)
		if err != nil {
			return unjudged(err)
		}
		service, err := d.conformance(ctx, document.Service())
		if err != nil {
			return err
		}
		j := c.judged(document, service)
		if d.archive != nil {
			j.Unsigned = d.archive.unsigned(document)
		}
		return c.tell(j, document.Accepted, func() {
			c.printDocument(d.name, document)
			for _, name := range j.Unsigned {
				fmt.Fprintf(c.stdout, unsignedFileText.in(c.lang)+"\n", printable.Text(name))
			}
			c.printService(service)
		})
	})
}

// A judgement is what verify prints as JSON: what was found, and the rules of the service that the file is made for.
type judgement struct {
	*verify.Document
	Service *conformance `json:"service,omitempty"`
	// Unsigned names the files of an archive that nothing signs.
	Unsigned []string `json:"unsignedFiles,omitempty"`
}

func (c *commandLine) judged(document *verify.Document, service *verify.ConformanceReport) judgement {
	j := judgement{Document: document}
	if service != nil {
		said := c.inWords(service)
		j.Service = &said
	}
	return j
}

// printService names the rules of the service that the file breaks, each with its remedy. They decide nothing about the
// signatures.
func (c *commandLine) printService(report *verify.ConformanceReport) {
	if report == nil {
		return
	}
	profile := profileTexts[report.Profile].in(c.lang)
	if report.Conforms {
		fmt.Fprintf(c.stdout, serviceConformsText.in(c.lang)+"\n", profile)
		return
	}
	fmt.Fprintf(c.stdout, serviceBrokenText.in(c.lang)+"\n", profile)
	for _, check := range report.Checks {
		if check.Outcome == verify.Failed {
			c.item(text{"%s [%s]", "%s [%s]"}, conformanceTexts[check.Rule].in(c.lang), check.Rule)
			c.item(remedyText, c.whatHelps(check))
		}
	}
}

// verifyOptions takes what does not depend on the file.
func (c *commandLine) verifyOptions() (o verify.DocumentOptions, err error) {
	o.Attributes = c.withAttributes
	if o.Trust, o.At, err = c.readTrust(); err != nil {
		return o, err
	}
	if o.TimeStampRoots, err = c.timeStampRoots(); err != nil {
		return o, err
	}
	var statements verify.Statements
	for _, given := range []struct {
		flag  string
		paths []string
	}{{"--crl", c.crls}, {"--ocsp", c.ocsps}} {
		for _, path := range given.paths {
			text, err := readSmall(path, maxStatement)
			if err != nil {
				return o, protocol.Fail(protocol.FileFailed, err)
			}
			if statements, err = statements.With(text); err != nil {
				return o, misusedFor(err, given.flag, statementText, printable.Text(path))
			}
			o.Revocation = statements
		}
	}
	return o, nil
}

// maxStatement is more than any CRL has, also in PEM; verify knows the real limits.
const maxStatement = 32 << 20

// readSmall reads the beginning of a regular file, of that many bytes at most: whoever reads it knows less.
func readSmall(path string, most int64) ([]byte, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}

// withDocument runs f with the one file that is named.
func (c *commandLine) withDocument(args []string, f func(file *os.File, size int64) error) error {
	if len(args) == 0 {
		return misused("FILE", missingText)
	}
	if err := noArguments(args[1:]); err != nil {
		return err
	}
	file, err := openRegular(args[0])
	if err != nil {
		return protocol.Fail(protocol.FileFailed, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return protocol.Fail(protocol.FileFailed, err)
	}
	return f(file, info.Size())
}

// A signedFile is a document to be judged.
type signedFile struct {
	io.ReaderAt
	size    int64
	name    string   // as people are told it
	file    *os.File // what was named on the command line
	archive *archive // what that is, where it holds the document and its files
	files   fs.FS    // that the document may name, nil for none
}

// withSigned runs f with the one file that is named and the files of --files, or with what is in it where it is an
// archive.
func (c *commandLine) withSigned(args []string, f func(signedFile) error) error {
	return c.withDocument(args, func(file *os.File, size int64) (err error) {
		d := signedFile{ReaderAt: file, size: size, name: filepath.Base(args[0]), file: file}
		switch {
		case isArchive(file) && c.files != "":
			return misused("--files", text{"zipファイルには使えません。中のファイルが使われます。", "does not go with a zip archive, which brings its own"})
		case isArchive(file):
			if d.archive, err = openArchive(file, size); err != nil {
				return err
			}
			d.ReaderAt, d.size, d.files = bytes.NewReader(d.archive.document), int64(len(d.archive.document)), d.archive
			d.name += ": " + path.Join(d.archive.folder, d.archive.name)
		case c.files != "":
			root, err := os.OpenRoot(c.files)
			if err != nil {
				return protocol.Fail(protocol.FileFailed, err)
			}
			defer root.Close()
			d.files = root.FS()
		}
		return f(d)
	})
}

// openRegular opens a regular file: others have no size, and opening a named pipe may never end.
func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	switch {
	case info.IsDir():
		return nil, unfit(path, folderText, otherFileText)
	case !info.Mode().IsRegular():
		return nil, unfit(path, notFileText, otherFileText)
	}
	return os.Open(path)
}

// unjudged tells that a file cannot be judged at all: for what is wrong with it, or because it cannot be read.
func unjudged(err error) error {
	var refusal *verify.Refusal
	if !errors.As(err, &refusal) {
		return protocol.Fail(protocol.FileFailed, err)
	}
	failure := protocol.Fail(protocol.VerificationFailed, err)
	failure.Reason = string(refusal.Reason)
	return failure
}

// tell writes a result, as JSON or for people, and fails where it is not good. It then says why itself.
func (c *commandLine) tell(result any, good bool, print func()) error {
	if c.json {
		if err := c.printJSON(result); err != nil {
			return err
		}
	} else {
		print()
	}
	if good {
		return nil
	}
	c.told = true
	return protocol.Fail(protocol.VerificationFailed, nil)
}
