package main

import (
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"
)

// missing names what a step cannot do without and this machine does not have. The compiler for the other architecture is not
// among them: without it, one kind of package is left out.
func (s step) missing() (names []string) {
	for _, name := range s.needs {
		if _, err := exec.LookPath(name); err != nil {
			names = append(names, name)
		}
	}
	if s.links && runtime.GOOS == "linux" && exec.Command("pkg-config", "--exists", "libpcsclite").Run() != nil {
		names = append(names, "libpcsclite (pkg-config does not know it)")
	}
	return names
}

// prepared looks for what the steps need before the first of them is run, so that none ends in the middle.
func prepared(chosen []step) error {
	var names []string
	for _, s := range chosen {
		names = append(names, s.missing()...)
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	return fmt.Errorf("nothing was built, because something is missing: %s\n"+
		"On Debian and Ubuntu, `scripts/deps build dist` installs it; elsewhere it names the packages. With -steps, what needs none of it is made alone",
		strings.Join(slices.Compact(names), ", "))
}
