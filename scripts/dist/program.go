package main

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// A platform is what Go compiles for.
type platform struct{ os, arch string }

func (p platform) String() string { return p.os + "-" + p.arch }

func (p platform) compare(q platform) int { return strings.Compare(p.String(), q.String()) }

var (
	linuxAMD64 = platform{"linux", "amd64"}
	linuxARM64 = platform{"linux", "arm64"}
)

// linker sets what only a published program has: its version, and no table that only a debugger reads. It has no build
// id: one is made of more than the program, such as what the compiler kept from earlier.
func (d *dist) linker(more string) string {
	return "-ldflags=-s -w -buildid= -X main.version=" + d.version + more
}

// compile builds the host with further environment variables and flags for `go build`, and remembers it as the
// platform's program.
func (d *dist) compile(p platform, name string, env, flags []string) error {
	path := filepath.Join(d.work, "programs", p.String(), name)
	args := append([]string{"build", "-trimpath", "-buildvcs=false", "-o", path}, flags...)
	env = append([]string{"GOOS=" + p.os, "GOARCH=" + p.arch, "GOAMD64=v1", "GOARM64=v8.0", "CGO_CFLAGS=-O2 -g0", "GOFLAGS="}, env...)
	if err := d.run(d.repository, env, "go", append(args, "./host")...); err != nil {
		return err
	}
	d.programs[p] = path
	return nil
}

// linuxProgram builds the host for Linux, where it has not been built: it is linked with the system's PC/SC library, loaded
// at a random address, and its table of functions is read-only before it starts.
func (d *dist) linuxProgram(p platform) (path string, err error) {
	if path := d.programs[p]; path != "" {
		return path, nil
	}
	env, extra := []string{"CGO_ENABLED=1"}, ""
	if p.arch != runtime.GOARCH {
		cross, more, err := d.crossTools(p.arch)
		if err != nil {
			return "", err
		}
		env, extra = append(env, cross...), more
	}
	flags := []string{"-buildmode=pie", d.linker(` -linkmode=external -B none "-extldflags=-Wl,-z,relro,-z,now,--build-id=none` + extra + `"`)}
	err = d.compile(p, "natsuin", env, flags)
	return d.programs[p], err
}

// linuxPlatforms are those for which there is a compiler here.
func (d *dist) linuxPlatforms() (found []platform) {
	for _, p := range []platform{linuxAMD64, linuxARM64} {
		if _, err := exec.LookPath(compilers[p.arch]); err != nil && p.arch != runtime.GOARCH {
			d.leaveOut(p.String(), compilers[p.arch]+" is not installed (scripts/deps dist)")
			continue
		}
		found = append(found, p)
	}
	return found
}

// nativeProgram is the host for the machine that this runs on.
func (d *dist) nativeProgram() (string, error) {
	return d.linuxProgram(platform{"linux", runtime.GOARCH})
}
