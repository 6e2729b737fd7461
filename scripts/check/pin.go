package main

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	pinHome  = module + "/internal/prompt"
	pinBytes = "(*" + pinHome + ".PIN).Bytes"            // the only way to what the human typed
	cardPIN  = module + "/internal/card/application.PIN" // its methods take that to the card
)

// checkPIN proves that the program cannot write a PIN down by a slip: whatever formats or encodes a
// prompt.PIN gets asterisks (the tests of internal/prompt hold that), and its bytes are asked for in
// one place only, as an argument on their way to the card. No package of the program has a logger.
//
// Not proved: what happens to a PIN before it is a prompt.PIN, that is in the frame of the extension's
// window and in the dialog's answer; internal/protocol and internal/prompt test that they wipe those.
func checkPIN() (string, []string, error) {
	pkgs, err := goList(native, "./host", "-export")
	if err != nil {
		return "", nil, err
	}
	files := exportFiles(pkgs)
	var broken []string
	calls := 0
	for _, p := range pkgs {
		path, ours := p.ours()
		if !ours {
			continue
		}
		if p.ImportPath != pinHome {
			for _, logger := range []string{"log", "log/slog", "log/syslog"} {
				if slices.Contains(p.Imports, logger) {
					broken = append(broken, path+" imports "+logger)
				}
			}
		}
		found, escapes, err := pinUses(p, files)
		if err != nil {
			return "", nil, err
		}
		calls += found
		if p.ImportPath != pinHome {
			broken = append(broken, escapes...)
		}
	}
	if calls == 0 {
		return "", nil, fmt.Errorf("nothing calls %s: this check looks at a program that is gone", pinBytes)
	}
	return "a PIN's bytes go to a PIN of the card and nowhere else, and the program has no logger", broken, nil
}

// exportFiles maps each package to the file with its compiled types.
func exportFiles(pkgs []pkg) map[string]string {
	files := map[string]string{}
	for _, p := range pkgs {
		files[p.ImportPath] = p.Export
	}
	return files
}

// pinUses counts the mentions of PIN.Bytes in a package and returns those that are anything but a
// call standing as an argument of a method of cardPIN.
func pinUses(p pkg, exports map[string]string) (count int, escapes []string, err error) {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return 0, nil, err
		}
		files = append(files, file)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})}
	if _, err := config.Check(p.ImportPath, fset, files, info); err != nil {
		return 0, nil, err
	}
	for _, file := range files {
		for place, onItsWay := range pinMentions(file, info) {
			count++
			if !onItsWay {
				escapes = append(escapes, fmt.Sprintf("%v: the bytes of a PIN go elsewhere than to a PIN of the card", fset.Position(place)))
			}
		}
	}
	slices.Sort(escapes)
	return count, escapes, nil
}

// pinMentions finds every mention of PIN.Bytes, and whether it stands in f(…, pin.Bytes(), …) with a
// method f of cardPIN.
func pinMentions(file *ast.File, info *types.Info) map[token.Pos]bool {
	mentions := map[token.Pos]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if calleeName(n, info) == pinBytes {
				mentions[n.Sel.Pos()] = mentions[n.Sel.Pos()]
			}
		case *ast.CallExpr:
			if !strings.HasPrefix(calleeName(n.Fun, info), "("+cardPIN+").") {
				break
			}
			for _, arg := range n.Args {
				if call, ok := arg.(*ast.CallExpr); ok && calleeName(call.Fun, info) == pinBytes {
					mentions[call.Fun.(*ast.SelectorExpr).Sel.Pos()] = true
				}
			}
		}
		return true
	})
	return mentions
}

// callee returns the function that an expression names, or nil.
func callee(e ast.Expr, info *types.Info) *types.Func {
	var name *ast.Ident
	switch e := e.(type) {
	case *ast.Ident:
		name = e
	case *ast.SelectorExpr:
		name = e.Sel
	}
	f, _ := info.Uses[name].(*types.Func)
	return f
}

func calleeName(e ast.Expr, info *types.Info) string {
	if f := callee(e, info); f != nil {
		return f.FullName()
	}
	return ""
}
