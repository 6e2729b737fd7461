// Dist makes everything that is published of Natsuin, into build/dist: packages for Linux and Windows, the extension's
// packages, the licences of what is in them, a bill of materials and checksums. The same commit gives the same bytes.
//
//	go run ./scripts/dist [-out DIR] [-steps NAME,...] [-complete]
//	go run ./scripts/dist -verify
//
// Run it by `make dist`, which sees to its tools first, from the root of the repository.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A step makes some of the files. Those before it have been made, unless -steps left them out: a step that needs what an
// earlier one makes calls a function of dist that makes it when it is first asked for.
type step struct {
	name  string
	run   func(d *dist) error
	links bool     // it builds the program for this machine, which is linked with the PC/SC library
	needs []string // programs, besides git and go
}

// steps, in order: the checksums are of everything before them.
var steps = []step{
	{"licences", licences, false, []string{"node"}},
	{"extension", extensionPackages, false, []string{"node"}},
	{"policies", policyTemplates, false, nil},
	{"source", sourceArchive, false, []string{"node"}},
	{"linux", linuxPackages, true, []string{"gcc", "node"}},
	{"archives", linuxArchives, true, []string{"gcc", "node"}},
	{"windows", windowsPackages, false, []string{"msibuild", "msiinfo", "node", "wixl"}},
	{"sbom", billOfMaterials, false, []string{"node"}},
	{"sums", checksums, false, nil},
}

func main() {
	out := flag.String("out", "build/dist", "folder to fill; what an earlier run left there is replaced")
	only := flag.String("steps", "", "names of steps, with commas between them; none is all")
	complete := flag.Bool("complete", false, "fail when something cannot be made on this machine")
	verify := flag.Bool("verify", false, "build the last commit twice, in two places, and compare")
	nfpm := flag.String("nfpm", "build/tools/nfpm", "the program that writes .deb and .rpm")
	flag.Parse()
	if err := start(*out, *nfpm, *only, *complete, *verify); err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

func start(out, nfpm, only string, complete, verify bool) error {
	if flag.NArg() > 0 {
		return fmt.Errorf("unknown argument %q", flag.Arg(0))
	}
	chosen, err := choose(only)
	if err != nil {
		return err
	}
	d, err := newDist(out, nfpm)
	if err != nil {
		return err
	}
	defer os.RemoveAll(d.work)
	if verify {
		return d.verify()
	}
	if err := d.make(chosen); err != nil {
		return err
	}
	return d.finish(complete)
}

// make runs the steps, once everything that they need is there.
func (d *dist) make(chosen []step) error {
	if err := prepared(chosen); err != nil {
		return err
	}
	if err := d.clear(); err != nil {
		return err
	}
	for _, s := range chosen {
		if err := s.run(d); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// choose returns the steps of those names.
func choose(names string) ([]step, error) {
	if names == "" {
		return steps, nil
	}
	var chosen []step
	wanted := strings.Split(names, ",")
	for _, s := range steps {
		if slices.Contains(wanted, s.name) {
			chosen = append(chosen, s)
		}
	}
	if len(chosen) != len(wanted) {
		return nil, fmt.Errorf("-steps %s: not all of them are steps", names)
	}
	return chosen, nil
}

// clear makes the folder empty. One that holds what is not an earlier run's is left alone.
func (d *dist) clear() error {
	entries, err := os.ReadDir(d.out)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	_, err = os.Stat(filepath.Join(d.out, mark))
	if err != nil && len(entries) > 0 {
		return fmt.Errorf("%s holds other things than an earlier run's", d.out)
	}
	if err := os.RemoveAll(d.out); err != nil {
		return err
	}
	if err := os.MkdirAll(d.out, 0o755); err != nil {
		return err
	}
	return d.publish(mark, nil)
}

// finish tells what there is, and what could not be made.
func (d *dist) finish(complete bool) error {
	names, err := d.made()
	if err != nil {
		return err
	}
	for _, name := range names {
		fmt.Println(filepath.Join(d.out, name))
	}
	for _, l := range slices.Compact(slices.Sorted(slices.Values(d.left))) {
		fmt.Fprintln(os.Stderr, "dist: not made:", l)
	}
	if complete && len(d.left) > 0 {
		return errors.New("not everything could be made")
	}
	return nil
}
