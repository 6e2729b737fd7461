package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// outputs are the files that results go to. Each is made under another name before anybody is asked for a
// PIN, so that no try and no signature is spent on a place that cannot be written, and takes its own name
// when all are whole. Files are for their owner alone: signatures and certificates carry personal data.
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
			return nil, asFailure(err)
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
		return nil, unfit(path, existsText, forceText)
	case !info.Mode().IsRegular():
		return nil, unfit(path, notFileText, otherFileText)
	}
	return os.CreateTemp(filepath.Dir(path), ".natsuin-*")
}

// makeFolder makes a folder and those above it, and returns the ones that were not there, the innermost first: also
// where it fails, for removeEmpty.
func makeFolder(path string) (made []string, err error) {
	for folder := filepath.Clean(path); folder != filepath.Dir(folder); folder = filepath.Dir(folder) {
		if _, err := os.Lstat(folder); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		made = append(made, folder)
	}
	return made, os.MkdirAll(path, 0o700)
}

// removeEmpty removes the folders that makeFolder made, as long as nothing is in them.
func removeEmpty(folders []string) {
	for _, folder := range folders {
		_ = os.Remove(folder) // fails where there is something
	}
}

// An output writes a result.
type output func(io.Writer) error

// inMemory is a result that is there already.
func inMemory(content []byte) output {
	return func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	}
}

// write writes one result for each path. Those that are files have their names only after commit.
func (o *outputs) write(ctx context.Context, stdout io.Writer, results ...output) error {
	for i, result := range results {
		if err := o.writeOne(ctx, stdout, i, result); err != nil {
			return asFailure(err)
		}
	}
	return nil
}

func (o *outputs) writeOne(ctx context.Context, stdout io.Writer, i int, result output) error {
	f := o.files[i]
	if f == nil {
		return result(stdout)
	}
	if err := result(&endedBy{f, ctx}); err != nil {
		return err
	}
	// What has its name has its content, too, after a loss of power.
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Close()
}

// An endedBy is a writer that fails when somebody ended the program: a large output takes long.
type endedBy struct {
	io.Writer
	ctx context.Context
}

func (w *endedBy) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.Writer.Write(p)
}

// commit gives the files their names.
func (o *outputs) commit() error {
	for i, f := range o.files {
		if f == nil {
			continue
		}
		if err := o.give(f.Name(), o.paths[i]); err != nil {
			return asFailure(err)
		}
	}
	return nil
}

func (o *outputs) give(temporary, path string) error {
	if o.force {
		return os.Rename(temporary, path)
	}
	// A link does not replace what somebody made there meanwhile, but some file systems, such as those of
	// memory sticks, have none.
	err := os.Link(temporary, path)
	if err == nil {
		return nil
	}
	if _, there := os.Lstat(path); errors.Is(err, fs.ErrExist) || !errors.Is(there, fs.ErrNotExist) {
		return unfit(path, existsText, forceText)
	}
	return os.Rename(temporary, path)
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
