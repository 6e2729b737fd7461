package main

import "fmt"

// checkCgo proves that PC/SC is the only C code behind our packages. The standard library has some of
// its own (the resolver, user names), which checkProgram and the Go project answer for.
func checkCgo() (string, []string, error) {
	pkgs, err := goList(native, "./...")
	if err != nil {
		return "", nil, err
	}
	return "only internal/card/pcsc reaches C, through " + scard, cgoOutside(pkgs), nil
}

func cgoOutside(pkgs []pkg) []string {
	var bad []string
	for _, p := range pkgs {
		if path, _ := p.ours(); p.Standard || len(p.CgoFiles) == 0 || p.ImportPath == scard || path == "internal/card/pcsc" {
			continue
		}
		bad = append(bad, fmt.Sprintf("%s uses cgo: %v", p.ImportPath, p.CgoFiles))
	}
	return bad
}
