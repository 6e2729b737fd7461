// Check proves the promises about Natsuin that can be proved by looking at the repository and at what
// is built from it: which package may import which, what the program is linked with, who sees a PIN,
// what the extension may do. It prints what it proved, or every place where a promise is broken.
//
// Run it by `make check`, from the root of the repository, after `make build`.
package main

import (
	"fmt"
	"os"
)

// A check returns what it proved, in words, and the places where that does not hold. The error is for
// a check that could not be made.
type check struct {
	name string
	run  func() (proved string, broken []string, err error)
}

var checks = []check{
	{"arrows", checkArrows},
	{"cgo", checkCgo},
	{"program", checkProgram},
	{"pin", checkPIN},
	{"manifest", checkManifests},
	{"version", checkVersion},
	{"paths", checkPaths},
	{"links", checkLinks},
}

func main() {
	failed := 0
	for _, c := range checks {
		proved, broken, err := c.run()
		switch {
		case err != nil:
			failed++
			fmt.Printf("FAIL %-8s could not be checked: %v\n", c.name, err)
		case len(broken) > 0:
			failed++
			for _, b := range broken {
				fmt.Printf("FAIL %-8s %s\n", c.name, b)
			}
		default:
			fmt.Printf("ok   %-8s %s\n", c.name, proved)
		}
	}
	if failed > 0 {
		fmt.Printf("%d of %d checks failed\n", failed, len(checks))
		os.Exit(1)
	}
}
