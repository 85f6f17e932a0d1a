package rules

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"iter"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// module is the import path of the repository's root.
const module = "github.com/vcenterstream/vcenterstreamreceiver"

// source is one Go file of the repository.
type source struct {
	path string // from the repository's root, with slashes
	text string
	fset *token.FileSet
	file *ast.File
}

// load parses every Go file below the root of fsys, those of the nested modules included. Hidden folders, testdata and
// what make builds are left out; links are not followed.
func load(t *testing.T, fsys fs.FS) []source {
	t.Helper()
	var sources []source
	require.NoError(t, fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && skipped(name) {
			return fs.SkipDir
		}
		if entry.IsDir() || path.Ext(name) != ".go" {
			return nil
		}
		s, err := parse(fsys, name)
		sources = append(sources, s)
		return err
	}))
	return sources
}

func skipped(dir string) bool {
	base := path.Base(dir)
	return dir != "." && (strings.HasPrefix(base, ".") || base == "testdata" || dir == "bin")
}

func parse(fsys fs.FS, name string) (source, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return source{}, err
	}
	s := source{path: name, text: string(text), fset: token.NewFileSet()}
	s.file, err = parser.ParseFile(s.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	return s, err
}

func (s source) dir() string     { return path.Dir(s.path) }
func (s source) test() bool      { return strings.HasSuffix(s.path, "_test.go") }
func (s source) generated() bool { return ast.IsGenerated(s.file) }

// nested tells the files of the modules below ours: the build tools and what ocb generates.
func (s source) nested() bool {
	return strings.HasPrefix(s.path, "tools/") || strings.HasPrefix(s.path, "cmd/otelcol-vcenter/")
}

// support tells the packages that serve tests: the simulated vCenter, and those that are called sometest.
func (s source) support() bool {
	return within(s.dir(), "internal/simulator/...", "cmd/vcenter-sim") || strings.HasSuffix(s.dir(), "test")
}

// production tells the files that we have written for users to run.
func (s source) production() bool { return !s.test() && !s.generated() && !s.support() }

// imports yields each import with its path.
func (s source) imports() iter.Seq2[string, *ast.ImportSpec] {
	return func(yield func(string, *ast.ImportSpec) bool) {
		for _, spec := range s.file.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			if !yield(imported, spec) {
				return
			}
		}
	}
}

// own yields each import of one of our packages, by its folder.
func (s source) own() iter.Seq2[string, *ast.ImportSpec] {
	return func(yield func(string, *ast.ImportSpec) bool) {
		for imported, spec := range s.imports() {
			if dir, ours := folder(imported); ours && !yield(dir, spec) {
				return
			}
		}
	}
}

// folder turns an import path of ours into the package's folder.
func folder(imported string) (string, bool) {
	if imported == module {
		return ".", true
	}
	return strings.CutPrefix(imported, module+"/")
}

// calls yields each call of a function or method that is selected from a name, as in time.Now or t.Helper.
func (s source) calls() iter.Seq2[string, ast.Node] {
	return func(yield func(string, ast.Node) bool) {
		done := false
		ast.Inspect(s.file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && !done {
				if name := selected(call.Fun); name != "" {
					done = !yield(name, call)
				}
			}
			return !done
		})
	}
}

// selected names x.Sel where x is a plain name; "" for anything else.
func selected(e ast.Expr) string {
	if selector, ok := e.(*ast.SelectorExpr); ok {
		if x, ok := selector.X.(*ast.Ident); ok {
			return x.Name + "." + selector.Sel.Name
		}
	}
	return ""
}

// breach says what is wrong at a place of the source.
func (s source) breach(n ast.Node, format string, args ...any) string {
	return s.at(s.line(n.Pos()), format, args...)
}

func (s source) at(line int, format string, args ...any) string {
	return fmt.Sprintf("%s:%d: %s", s.path, line, fmt.Sprintf(format, args...))
}

func (s source) line(pos token.Pos) int { return s.fset.Position(pos).Line }

// within tells whether a name is one of the patterns; "x/..." is x and everything below it.
func within(name string, patterns ...string) bool {
	for _, pattern := range patterns {
		below, open := strings.CutSuffix(pattern, "/...")
		if name == below || open && strings.HasPrefix(name, below+"/") {
			return true
		}
	}
	return false
}
