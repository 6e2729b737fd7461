package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// forbiddenPackages must not be among those that natsuin is linked from.
var forbiddenPackages = []string{
	"net/http/...", "net/rpc/...", "net/smtp", "crypto/tls", "golang.org/x/net/...", "plugin",
	module + "/verify/online", module + "/internal/card/simcard/...", module + "/demo/...", module + "/e2e/...",
}

// forbiddenSymbols are the starts of the names of all Go functions by which a program reaches a
// network or a socket. The package net itself cannot be avoided, because crypto/x509 parses addresses
// with it; the linker drops whatever nothing calls, so that these names are missing from a program
// in which no code can dial.
//
// What this does not prove: raw system calls by number, and libpcsclite, which speaks to pcscd over
// the Unix socket of that service.
var forbiddenSymbols = []string{
	"net.Dial", "net.(*Dialer).", "net.(*sysDialer).", "net.Listen", "net.(*ListenConfig).", "net.(*Resolver).",
	"net.socket", "net.internetSocket", "net.unixSocket", "net.FileConn",
	"syscall.Socket", "syscall.socket", "syscall.Connect", "syscall.connect", "syscall.Bind", "syscall.bind",
	"golang.org/x/sys/unix.Socket", "golang.org/x/sys/unix.Connect", "golang.org/x/sys/unix.connect",
	"net/http.",
}

// simulatedMark is in the name of every CA of the simulated card, and therefore in every program that
// holds one.
var simulatedMark = []byte("JPKI" + "-SIM")

// checkProgram builds natsuin and looks at what came out.
func checkProgram() (string, []string, error) {
	pkgs, err := goList(native, "./host")
	if err != nil {
		return "", nil, err
	}
	var broken []string
	for _, p := range pkgs {
		for _, f := range forbiddenPackages {
			if covers(f, p.ImportPath) {
				broken = append(broken, "natsuin is linked with "+p.ImportPath)
			}
		}
	}

	dir, err := os.MkdirTemp("", "natsuin-check-")
	if err != nil {
		return "", nil, err
	}
	defer os.RemoveAll(dir)
	production, err := buildProgram(native, filepath.Join(dir, "production"), "./host")
	if err != nil {
		return "", nil, err
	}
	for _, s := range production.calls(forbiddenSymbols) {
		broken = append(broken, "natsuin can reach a network: it holds "+s)
	}
	if production.simulated() {
		broken = append(broken, "the production natsuin holds the simulated card")
	}
	// The same look at the demo build must find the card, or looking proves nothing.
	withCard, err := buildProgram(demo, filepath.Join(dir, "demo"), "./host")
	if err != nil {
		return "", nil, err
	}
	if !withCard.simulated() {
		broken = append(broken, "the demo build of natsuin does not hold the simulated card, so that its absence elsewhere means nothing")
	}
	return "natsuin links no HTTP and no TLS, holds no function that dials or listens, and no simulated card", broken, nil
}

// A program is an executable and the names of the symbols in it.
type program struct {
	image   []byte
	symbols []string
}

// buildProgram compiles one main package into the file out and reads it.
func buildProgram(b build, out, path string) (program, error) {
	args := append([]string{"build", "-trimpath", "-o", out}, b.args...)
	if _, err := run(b.env, "go", append(args, path)...); err != nil {
		return program{}, err
	}
	image, err := os.ReadFile(out)
	if err != nil {
		return program{}, err
	}
	table, err := run(nil, "go", "tool", "nm", out)
	if err != nil {
		return program{}, err
	}
	p := program{image: image}
	for line := range strings.Lines(string(table)) {
		// address, kind, name; an undefined symbol has no address.
		if fields := strings.Fields(line); len(fields) >= 2 {
			p.symbols = append(p.symbols, fields[len(fields)-1])
		}
	}
	if len(p.calls([]string{"main.main"})) == 0 {
		return program{}, fmt.Errorf("%s: no symbol main.main: a stripped program tells nothing", path)
	}
	return p, nil
}

// calls returns the symbols that start with one of the names.
func (p program) calls(names []string) []string {
	var found []string
	for _, symbol := range p.symbols {
		for _, name := range names {
			if strings.HasPrefix(symbol, name) {
				found = append(found, symbol)
				break
			}
		}
	}
	return found
}

// simulated says whether the simulated card is in the program: its code, or its mark.
func (p program) simulated() bool {
	return bytes.Contains(p.image, simulatedMark) || len(p.calls([]string{module + "/internal/card/simcard."})) > 0
}
