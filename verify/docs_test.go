package verify_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDocumented holds docs/verify.md against the constants: each reason and each rule has its row.
func TestDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/verify.md")
	require.NoError(t, err)
	rows := 0
	for _, name := range []string{"verify.go", "reasons.go", "stamping.go", "conformance.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		rows += documented(t, string(page), file)
	}
	require.Equal(t, 18+55, rows, "rules and reasons that were found")
}

// documented asks for the rows of a file's constants and counts them.
func documented(t *testing.T, page string, file *ast.File) int {
	rows := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		typed, _ := spec.Type.(*ast.Ident)
		if !strings.HasPrefix(spec.Names[0].Name, "Rule") && (typed == nil || typed.Name != "Reason") {
			return true
		}
		literal, ok := spec.Values[0].(*ast.BasicLit)
		require.True(t, ok, spec.Names[0].Name)
		word, err := strconv.Unquote(literal.Value)
		require.NoError(t, err)
		require.Contains(t, page, "\n| `"+word+"` |")
		rows++
		return true
	})
	return rows
}
