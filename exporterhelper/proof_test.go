package exporterhelper

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Nothing but Send makes a proof: not another package, not a test, not another function of this package. An empty literal is
// the zero value, which proves nothing.
func TestNothingButSendBuildsAProof(t *testing.T) {
	root := repository(t)
	var makers []string
	for _, path := range goFiles(t, root) {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, filepath.Join(root, path), nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, maker := range proofs(file) {
			makers = append(makers, fmt.Sprintf("%s: %s", filepath.ToSlash(path), maker))
		}
	}
	assert.Equal(t, []string{"exporterhelper/sender.go: Send makes a Settled"}, makers)
}

func TestABreachOfTheProofIsSeen(t *testing.T) {
	tests := []struct {
		name, code string
		want       []string
	}{
		{"literal", "func f() any { return Settled[int]{position: 1, valid: true} }", []string{"f makes a Settled"}},
		{"literal of another package", "func f() any { return exporterhelper.Settled[int]{1, true} }", []string{"f makes a Settled"}},
		{"literal inferred from its slice", "var x = []Settled[int]{{valid: true}}", []string{"a declaration makes a Settled"}},
		{"pointer", "func f() any { return &Settled[int]{valid: true} }", []string{"f makes a Settled"}},
		{"field set", "func f() (s Settled[int]) { s.valid = true; return s }", []string{"f sets valid"}},
		{"in a method", "func (x T) f() any { return Settled[int]{valid: true} }", []string{"f makes a Settled"}},
		{"in a closure", "var f = func() any { return Settled[int]{valid: true} }", []string{"a declaration makes a Settled"}},
		{"other name", "type T = Settled[int]", []string{"a declaration renames Settled"}},
		{"a type made from it", "type T Settled[int]", []string{"a declaration renames Settled"}},
		{"zero value", "func f() any { return Settled[int]{} }", nil},
		{"variable and field", "var s Settled[int]; type T struct{ s Settled[int] }", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package exporterhelper\n"+tt.code, parser.SkipObjectResolution)
			require.NoError(t, err)
			assert.Equal(t, tt.want, proofs(file))
		})
	}
}

// proofs tells which declarations of a file could make a valid Settled.
func proofs(file *ast.File) []string {
	var found []string
	for _, decl := range file.Decls {
		name := "a declaration"
		if f, ok := decl.(*ast.FuncDecl); ok {
			name = f.Name.Name
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			if what := makes(n); what != "" && (what != setsValid || file.Name.Name == "exporterhelper") {
				found = append(found, name+" "+what)
			}
			return true
		})
	}
	return found
}

// setsValid can be said of this package alone: others cannot reach the field, and may have one of that name.
const setsValid = "sets valid"

func makes(n ast.Node) string {
	switch n := n.(type) {
	case *ast.CompositeLit:
		if len(n.Elts) > 0 && names(n.Type) {
			return "makes a Settled"
		}
	case *ast.AssignStmt:
		if slices.ContainsFunc(n.Lhs, isValidField) {
			return setsValid
		}
	case *ast.TypeSpec:
		if _, isStruct := n.Type.(*ast.StructType); !isStruct && n.Name.Name != "Settled" && renames(n.Type) {
			return "renames Settled"
		}
	}
	return ""
}

// names reports whether a type is Settled, or made of it: the elements of a slice of it need not repeat the name.
func names(expr ast.Expr) bool {
	found := false
	if expr != nil {
		ast.Inspect(expr, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			found = found || ok && id.Name == "Settled"
			return !found
		})
	}
	return found
}

// renames reports whether a declared type is Settled itself; functions and interfaces may speak of it.
func renames(expr ast.Expr) bool {
	switch expr := expr.(type) {
	case *ast.FuncType, *ast.InterfaceType:
		return false
	default:
		return names(expr)
	}
}

func isValidField(expr ast.Expr) bool {
	selector, ok := expr.(*ast.SelectorExpr)
	return ok && selector.Sel.Name == "valid"
}

// repository is the folder of the module's go.mod.
func repository(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("..")
	require.NoError(t, err)
	_, err = os.Stat(filepath.Join(dir, "go.mod"))
	require.NoError(t, err)
	return dir
}

// goFiles is all Go files of the repository. Links are not followed: one leads back to the root.
func goFiles(t *testing.T, root string) []string {
	t.Helper()
	var files []string
	require.NoError(t, fs.WalkDir(os.DirFS(root), ".", func(path string, entry fs.DirEntry, err error) error {
		switch name := entry.Name(); {
		case err != nil:
			return err
		case entry.IsDir() && (name == "testdata" || len(name) > 1 && strings.HasPrefix(name, ".")):
			return fs.SkipDir
		case entry.Type().IsRegular() && strings.HasSuffix(name, ".go"):
			files = append(files, path)
		}
		return nil
	}))
	require.Contains(t, files, "exporterhelper/sender.go")
	return files
}
