package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/natsuin/natsuin/internal/protocol"
)

// outputs are the files that results go to. Each is made under another name before anybody is asked for a
// PIN, so that no try and no signature is spent on a place that cannot be written, and takes its own name
// when it is whole. Files are for their owner alone: signatures and certificates carry personal data.
type outputs struct {
	paths []string // "" is standard output
	force bool
	files []*os.File // nil where the result goes to standard output
}

// openOutputs prepares the files. The caller closes the outputs.
func openOutputs(paths []string, force bool) (*outputs, error) {
	o := &outputs{paths: paths, force: force}
	for _, path := range paths {
		f, err := o.open(path)
		if err != nil {
			o.close()
			return nil, protocol.Fail(protocol.FileFailed, err)
		}
		o.files = append(o.files, f)
	}
	return o, nil
}

func (o *outputs) open(path string) (*os.File, error) {
	if path == "" {
		return nil, nil
	}
	switch info, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case !o.force:
		return nil, fmt.Errorf("%s is there already; --force overwrites it", path)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	return os.CreateTemp(filepath.Dir(path), ".natsuin-*")
}

// write writes one result for each path, and gives the files their names.
func (o *outputs) write(stdout io.Writer, results []io.WriterTo) error {
	for i, result := range results {
		err := o.writeOne(stdout, i, result)
		var refused *protocol.Error
		if err != nil && !errors.As(err, &refused) {
			err = protocol.Fail(protocol.FileFailed, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (o *outputs) writeOne(stdout io.Writer, i int, result io.WriterTo) error {
	f := o.files[i]
	if f == nil {
		_, err := result.WriteTo(stdout)
		return err
	}
	if _, err := result.WriteTo(f); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if o.force {
		return os.Rename(f.Name(), o.paths[i])
	}
	// A link does not replace what somebody made there meanwhile, but some file systems, such as those of
	// memory sticks, have none.
	err := os.Link(f.Name(), o.paths[i])
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, err := os.Lstat(o.paths[i]); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there now", o.paths[i])
	}
	return os.Rename(f.Name(), o.paths[i])
}

// close removes what did not become an output.
func (o *outputs) close() {
	for _, f := range o.files {
		if f != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}
}

// signOutputs decides where each signature goes.
func (c *commandLine) signOutputs() ([]string, error) {
	format := protocol.Format(c.format)
	switch {
	case format != protocol.CMS && format != protocol.Raw && !c.signsInside():
		return nil, misused("--format", text{"cms、pdf、xml、rawのどれかを指定してください。", "is none of cms, pdf, xml and raw"})
	case c.profile != "" && !c.signsInside():
		return nil, misused("--profile", text{"pdfとxmlだけに使えます。", "goes with pdf and xml only"})
	case len(c.in) == 0 || len(c.in) > protocol.MaxDocuments:
		return nil, misused("--in", text{"1回以上%d回以内で指定してください。", "must be given 1 to %d times"}, protocol.MaxDocuments)
	case c.attached && c.detached:
		return nil, misused("--attached", text{"--detachedとは一緒に使えません。", "and --detached exclude each other"})
	case c.attached && format != protocol.CMS:
		return nil, misused("--attached", text{"cmsだけに使えます。", "goes with cms only"})
	case c.out == "-":
		return nil, misused("--out", text{"ファイル名（入力が複数のときはフォルダー名）を指定してください。rawの署名は、指定しなければ標準出力に書きます。", "is a file, or a folder for several inputs; raw signatures go to standard output without it"})
	case c.out == "" && format != protocol.Raw:
		return nil, misused("--out", missingText)
	case c.out == "":
		return make([]string, len(c.in)), nil
	case len(c.in) == 1:
		return []string{c.out}, nil
	}
	var paths []string
	seen := map[string]bool{}
	for _, in := range c.in {
		name := c.outputName(filepath.Base(in))
		if seen[name] {
			return nil, misused("--in", text{"%sが2つあり、署名が同じ名前になります。", "%s stands for two files: their signatures would have one name"}, name)
		}
		seen[name] = true
		paths = append(paths, filepath.Join(c.out, name))
	}
	return paths, nil
}

// signsInside reports whether the signature stands in the document.
func (c *commandLine) signsInside() bool { return c.format == "pdf" || c.format == "xml" }

// outputName is the name of the signature, or of the signed copy, of one of several inputs.
func (c *commandLine) outputName(in string) string {
	switch c.format {
	case string(protocol.CMS):
		return in + ".p7s"
	case string(protocol.Raw):
		return in + ".sig"
	}
	return strings.TrimSuffix(in, filepath.Ext(in)) + ".signed." + c.format
}
