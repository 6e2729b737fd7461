package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// module is our module's path, and the start of our packages' paths.
const module = "github.com/natsuin/natsuin"

// A build is one way of compiling the repository. Files, and so imports, differ from one to another.
type build struct {
	name string
	args []string
	env  []string
}

var (
	native = build{name: "this system"}
	demo   = build{name: "demo", args: []string{"-tags", "demo"}}
	builds = []build{
		native,
		demo,
		{name: "windows", env: []string{"GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0"}},
		{name: "darwin", env: []string{"GOOS=darwin", "GOARCH=arm64", "CGO_ENABLED=0"}},
	}
)

// A pkg is what `go list -json` says of one package.
type pkg struct {
	ImportPath string
	Dir        string
	Export     string // file with the compiled package's types, with -export
	Standard   bool
	DepOnly    bool // not named by the pattern, only needed by it
	GoFiles    []string
	CgoFiles   []string
	Imports    []string
}

// ours says whether the package belongs to the module, and its path inside it ("" for the root).
func (p pkg) ours() (string, bool) { return inModule(p.ImportPath) }

func inModule(path string) (string, bool) {
	if path == module {
		return "", true
	}
	return strings.CutPrefix(path, module+"/")
}

// goList lists the packages of pattern in that build, and all that they depend on.
func goList(b build, pattern string, args ...string) ([]pkg, error) {
	args = append(append([]string{"list", "-deps", "-json"}, args...), b.args...)
	out, err := run(b.env, "go", append(args, pattern)...)
	if err != nil {
		return nil, err
	}
	var pkgs []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs, nil
		} else if err != nil {
			return nil, err
		}
		pkgs = append(pkgs, p)
	}
}

// run returns a command's standard output; what it wrote to standard error is in the error.
func run(env []string, name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, exit.Stderr)
	}
	return out, err
}
