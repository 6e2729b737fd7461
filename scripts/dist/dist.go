package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"
)

// A dist is one run.
type dist struct {
	repository string // its root; absolute, as all paths here are
	out        string // what is published
	work       string // what is not; removed at the end
	nfpm       string // the program

	// version is what the program says of itself: 0.1.0, or 0.1.0-12-g0123abc between two releases. number is its X.Y.Z,
	// which is all that package managers are told.
	version, number string
	// epoch is the time of the last commit, which every file in a package bears.
	epoch time.Time

	programs map[platform]string // built so far
	bundle   string              // the extension, built; "" before
	left     []string            // what could not be made, and why
}

// mark is the file by which a folder is known as an earlier run's.
const mark = ".made-by-dist"

var (
	released         = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+$`)
	between          = regexp.MustCompile(`^([0-9]+\.[0-9]+\.[0-9]+)-[0-9]+-g[0-9a-f]+$`)
	extensionVersion = regexp.MustCompile(`(?m)^  version: "([0-9]+\.[0-9]+\.[0-9]+)",$`)
)

func newDist(out, nfpm string) (*dist, error) {
	d := &dist{programs: map[platform]string{}}
	var err error
	if d.repository, err = os.Getwd(); err != nil {
		return nil, err
	}
	if d.out, err = filepath.Abs(out); err != nil {
		return nil, err
	}
	if d.nfpm, err = filepath.Abs(nfpm); err != nil {
		return nil, err
	}
	if err := d.identify(); err != nil {
		return nil, err
	}
	d.work, err = os.MkdirTemp("", "natsuin-dist-")
	return d, err
}

// identify finds the version and the time.
func (d *dist) identify() error {
	seconds, err := d.tell("git", "log", "-1", "--format=%ct")
	if err != nil {
		return err
	}
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return err
	}
	d.epoch = time.Unix(unix, 0).UTC()
	manifest, err := os.ReadFile(filepath.Join(d.repository, "extension/manifest.mjs"))
	if err != nil {
		return err
	}
	described, err := d.tell("git", "describe", "--tags", "--match", "v[0-9]*")
	if err != nil {
		described = "" // nothing was released yet
	}
	d.version, d.number, err = versions(described, string(manifest))
	return err
}

// versions reads what git describes, which is "" before the first release, and the extension's manifest: the next
// release is of the version that stands there.
func versions(described, manifest string) (version, number string, err error) {
	m := extensionVersion.FindStringSubmatch(manifest)
	if m == nil {
		return "", "", errors.New("extension/manifest.mjs names no version X.Y.Z")
	}
	version = strings.TrimPrefix(described, "v")
	switch b := between.FindStringSubmatch(version); {
	case version == "":
		return m[1], m[1], nil
	case b != nil:
		return version, b[1], nil
	case !released.MatchString(version):
		return "", "", fmt.Errorf("the tag %s is not of the form vX.Y.Z", described)
	case version != m[1]:
		return "", "", fmt.Errorf("the tag is %s, the extension's version %s", described, m[1])
	}
	return version, version, nil
}

// limit is for the longest of the programs that are run: Go's compiler, with nothing in its cache.
const limit = 20 * time.Minute

// run runs a program in a folder, with environment variables on top of ours. What it prints is shown when it fails.
func (d *dist) run(folder string, env []string, name string, args ...string) error {
	_, err := d.output(folder, env, name, args...)
	return err
}

// output is run, and returns what the program wrote to its standard output.
func (d *dist) output(folder string, env []string, name string, args ...string) ([]byte, error) {
	ctx, stop := context.WithTimeout(context.Background(), limit)
	defer stop()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = folder
	cmd.Env = slices.Concat(os.Environ(), []string{fmt.Sprintf("SOURCE_DATE_EPOCH=%d", d.epoch.Unix()), "LC_ALL=C.UTF-8", "TZ=UTC"}, env)
	var out, messages bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &messages
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s%s", strings.Join(cmd.Args, " "), err, messages.Bytes(), out.Bytes())
	}
	return out.Bytes(), nil
}

// tell returns the one line that a program prints in the repository.
func (d *dist) tell(name string, args ...string) (string, error) {
	out, err := d.output(d.repository, nil, name, args...)
	return strings.TrimSpace(string(out)), err
}

// leaveOut notes that something cannot be made on this machine.
func (d *dist) leaveOut(what, why string) { d.left = append(d.left, what+": "+why) }

// file is a path of the repository.
func (d *dist) file(name string) string { return filepath.Join(d.repository, filepath.FromSlash(name)) }

// fill fills in a template of the repository.
func (d *dist) fill(name string, data any) ([]byte, error) {
	text, err := os.ReadFile(d.file(name))
	if err != nil {
		return nil, err
	}
	t, err := template.New(name).Option("missingkey=error").Parse(string(text))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, data)
	return b.Bytes(), err
}

// made returns the names of the files that are published, in order.
func (d *dist) made() (names []string, err error) {
	entries, err := os.ReadDir(d.out)
	for _, e := range entries {
		if e.Name() != mark {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// publish writes a file into the folder.
func (d *dist) publish(name string, content []byte) error {
	return os.WriteFile(filepath.Join(d.out, name), content, 0o644)
}
