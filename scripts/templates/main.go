// Templates fills the descriptions of Natsuin that others build or publish it by (installer/packages/templates) with the
// version, the date and the checksums of what `make dist` made.
//
//	go run ./scripts/templates [-dist DIR] [-out DIR] [-complete]
//
// It is a program beside scripts/dist, not a step of it, because a release runs it again: signing changes the files, and
// macOS's come from another machine.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/natsuin/natsuin/scripts/changelog"
)

const source = "installer/packages/templates"

func main() {
	dist := flag.String("dist", "build/dist", "folder with the files of the release")
	out := flag.String("out", "build/templates", "folder to fill; what is in it is replaced")
	complete := flag.Bool("complete", false, "fail when a template names a file that the release does not have")
	flag.Parse()
	if err := start(*dist, *out, *complete); err != nil {
		fmt.Fprintln(os.Stderr, "templates:", err)
		os.Exit(1)
	}
}

func start(dist, out string, complete bool) error {
	if flag.NArg() > 0 {
		return fmt.Errorf("unknown argument %q", flag.Arg(0))
	}
	r, err := newRelease(dist)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	made, left, err := r.fill(os.DirFS(source), out)
	if err != nil {
		return err
	}
	for _, name := range made {
		fmt.Println(filepath.Join(out, name))
	}
	for _, l := range left {
		fmt.Fprintln(os.Stderr, "templates: not filled:", l)
	}
	if complete && len(left) > 0 {
		return fmt.Errorf("%d templates could not be filled", len(left))
	}
	return nil
}

// newRelease reads the version from the changelog, and the files from a folder.
func newRelease(dist string) (*release, error) {
	text, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		return nil, err
	}
	newest, err := changelog.Newest(string(text))
	if err != nil {
		return nil, fmt.Errorf("CHANGELOG.md: %w", err)
	}
	last, err := exec.Command("git", "log", "-1", "--format=%cI").Output()
	if err != nil {
		return nil, fmt.Errorf("git log: %w", err)
	}
	committed, err := time.Parse(time.RFC3339, strings.TrimSpace(string(last)))
	if err != nil {
		return nil, err
	}
	r := &release{Version: newest.Version, Date: newest.Day(committed), Notes: newest.Notes}
	r.files, err = readAssets(dist, r.Version)
	return r, err
}
